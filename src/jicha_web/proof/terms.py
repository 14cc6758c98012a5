"""proof.yaml, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from jicha_web import core


@dataclass(frozen=True)
class Terms:
    """How long to wait for what."""

    grace_days: Mapping[str, int]
    event_months: int
    event_months_of: Mapping[str, int]
    unjudged_runs: int
    recurrence_months: int
    tolerance_yuan: Decimal

    def months_of(self, rule: str) -> int:
        """Return how many months without a new event prove a rule's finding."""
        return self.event_months_of.get(rule, self.event_months)


@cache
def terms() -> Terms:
    """Return the terms of the catalog."""
    content = core.application_file("proof")
    return Terms(
        content["grace_days"], content["event_months"], content["event_months_of"] or {}, content["unjudged_runs"],
        content["recurrence_months"], Decimal(content["tolerance_yuan"]),
    )  # fmt: skip


def months_later(day: date, months: int) -> date:
    """Return the day so many months later; the last of the month where that month is shorter."""
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError
