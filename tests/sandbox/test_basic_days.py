"""Days of the basic charge: thirtieths until May 2024, then days of the calendar month."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jicha.sandbox.billing.basic import _days_of_month


def _parts(period: str, kva: list[float], *, reading_day: int = 1, cycle: int = 1) -> list[int]:
    """Parts per day of an interval whose days run with so many kVA."""
    month = np.datetime64(period, "M")
    plain = reading_day == 1
    begin = (month - cycle + plain).astype("datetime64[D]") + (reading_day - 1)
    files: Any = SimpleNamespace(
        day0=begin, cycle=[cycle], reading_day=[reading_day], number=lambda day: (day - begin).astype(np.int64),
        district=SimpleNamespace(calendar=SimpleNamespace(periods=np.array([month.astype("datetime64[D]")]))),
    )  # fmt: skip
    amount = np.array(kva)
    day = np.arange(len(kva))
    months = (begin + day).astype("datetime64[M]")
    calendar = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    return _days_of_month(files, 0, 0, day, amount, np.ones(len(kva), dtype=bool), calendar).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("period", "kva", "expected"),
    [
        ("2024-01", [400.0] * 31, [31] * 31),  # a whole month is one month
        ("2024-01", [900.0] * 8 + [400.0] * 23, [30] * 31),  # changed within it: thirtieths
        ("2024-02", [900.0] * 8 + [400.0] * 21, [30] * 29),
        ("2024-05", [900.0] * 8 + [400.0] * 23, [30] * 31),
        ("2024-06", [900.0] * 8 + [400.0] * 22, [30] * 30),
        ("2024-07", [900.0] * 8 + [400.0] * 23, [31] * 31),  # the rules of 2024: days of the calendar
    ],
)
def test_parts_of_a_month(period: str, kva: list[float], expected: list[int]) -> None:
    assert _parts(period, kva) == expected


def test_billing_months_are_looked_at_one_by_one() -> None:
    assert _parts("2024-02", [400.0] * 31 + [400.0] * 28 + [250.0], cycle=2) == [31] * 31 + [30] * 29
    assert _parts("2024-02", [400.0] * 31, reading_day=16) == [31] * 31  # from 16 January to 15 February
