"""The bill in SQL and the bill in Python are the same, to the cent and to the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from jicha.billing.derivation import REASONS
from tests.billing.compare import compare

_SEEDS = 700
_MANY = 21_000  # more than 100,000 bills
_AT_ONCE = 1_500

# Only ways of saying that a bill names somebody who is not on file; they need no great numbers;
# values beyond measure are those of test_beyond_measure.
_SELDOM = {
    "point_unknown",
    "customer_unknown",
    "capacity_missing",
    "tariff_unknown",
    "tariff_expired",
    "beyond_measure",
}


def test_random_bills_are_equal(tmp_path: Path) -> None:
    found = compare(range(_SEEDS), tmp_path)
    assert [str(item) for item in found.different[:5]] == []
    assert found.bills > 3_000
    assert found.judged > found.bills / 2


def test_the_random_bills_use_the_contract(tmp_path: Path) -> None:
    found = compare(range(_SEEDS, 2 * _SEEDS), tmp_path)
    rare = {name: found.reasons[name] for name in REASONS if found.reasons[name] < 5}
    assert set(rare) <= _SELDOM
    seldom = {name: count for name, count in found.used.items() if count < 5}
    assert set(seldom) <= {"point that does not settle", "bill of an unknown point", "bill of another customer's name"}


def test_a_peak_below_zero_is_not_made_good_by_another_band_without_children(tmp_path: Path) -> None:
    # within the tolerance of section 3 a peak of -1 kWh, which SQL once took off the tip
    found = compare(range(59_174, 59_175), tmp_path)
    assert found.judged > 0
    assert [str(item) for item in found.different] == []


@pytest.mark.slow
def test_a_hundred_thousand_random_bills_are_equal(tmp_path: Path) -> None:
    bills = 0
    for start in range(10_000, 10_000 + _MANY, _AT_ONCE):
        folder = tmp_path / str(start)
        folder.mkdir()
        found = compare(range(start, start + _AT_ONCE), folder)
        assert [str(item) for item in found.different[:5]] == []
        bills += found.bills
    assert bills >= 100_000
