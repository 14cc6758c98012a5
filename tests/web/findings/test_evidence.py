"""Evidence as people read it."""

from __future__ import annotations

import pytest

from jicha_web.core.rules import evidence_of


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("difference_yuan", "-36.9", "-36.90"), ("billed_energy_yuan", 12444600, "12,444,600.00"),
        ("difference_yuan", None, "—"), ("energy_kwh", "250.50", "250.5"),
        ("started_at", "2026-09-25T08:00:00", "2026-09-25 08:00"),
        ("started_at", "2026-09-25T08:00:07", "2026-09-25 08:00:07"),
    ],
)  # fmt: skip
def test_amounts_have_both_decimals_and_instants_no_letter(column: str, value: object, shown: str) -> None:
    [line] = evidence_of(None, {column: value})
    assert line.text == (shown, shown)
