"""Spans of time that figures and reports are about. Both days are included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from jicha_web.core import Text

LABELS = {
    "month": Text("本月", "This month"),
    "quarter": Text("本季", "This quarter"),
    "year": Text("本年", "This year"),
    "all": Text("累计", "All time"),
}


@dataclass(frozen=True)
class Period:
    """A span of days."""

    code: str
    first: date
    last: date

    @property
    def label(self) -> Text:
        """What it is called."""
        span = f"{self.first} – {self.last}"
        return LABELS.get(self.code, Text(span, span))


def present(code: str, today: date) -> Period:
    """Return the running month, quarter or year up to today, or all time; anything else: the year."""
    if code == "month":
        return Period(code, today.replace(day=1), today)
    if code == "quarter":
        return Period(code, date(today.year, (today.month - 1) // 3 * 3 + 1, 1), today)
    if code == "all":
        return Period(code, date(2000, 1, 1), today)
    return Period("year", date(today.year, 1, 1), today)


def last_week(today: date) -> Period:
    """Return the week before today's, Monday to Sunday."""
    monday = today - timedelta(days=today.weekday() + 7)
    return Period("week", monday, monday + timedelta(days=6))


def last_month(today: date) -> Period:
    """Return the month before today's."""
    last = today.replace(day=1) - timedelta(days=1)
    return Period("month_before", last.replace(day=1), last)


def before(period: Period) -> Period:
    """Return the span before, as long: for comparison; months by the calendar."""
    last = period.first - timedelta(days=1)
    if period.code == "month_before":
        return Period(period.code, last.replace(day=1), last)
    return Period(period.code, period.first - (period.last - period.first) - timedelta(days=1), last)
