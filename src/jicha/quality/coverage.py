"""Which periods of a table have rows, which have none, which have few."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median_low

from jicha.quality.figures import Periods
from jicha.quality.settings import Settings


@dataclass(frozen=True)
class Gap:
    """Periods without rows, between two that have some; first and last are of the gap itself."""

    first: date
    last: date
    periods: int


@dataclass(frozen=True)
class Month:
    """One month of a table."""

    month: str  # YYYY-MM
    rows: int
    state: str  # full, thin, partial (some days are missing), missing
    missing_days: int = 0


@dataclass(frozen=True)
class Coverage:
    """The periods of a table."""

    grain: str
    first: date
    last: date
    gaps: list[Gap] = field(default_factory=list)
    thin: dict[str, int] = field(default_factory=dict)  # ISO period -> rows
    thinnest: float = 1.0  # share of the median
    median: int = 0
    sparse: bool = False  # too few rows for a gap to mean anything

    @property
    def missing(self) -> int:
        """Number of periods without rows."""
        return sum(gap.periods for gap in self.gaps)


def following(day: date, grain: str, steps: int = 1) -> date:
    """Return the period some steps later (or earlier)."""
    if grain == "day":
        return day + timedelta(days=steps)
    months = day.year * 12 + day.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)


def _between(first: date, last: date, grain: str) -> int:
    if grain == "day":
        return (last - first).days
    return (last.year - first.year) * 12 + last.month - first.month


def cover(periods: Periods | None, settings: Settings) -> Coverage | None:
    """Return the coverage of a table; None where it has no time or no rows.

    The first and the last period are never thin: they may have begun late or not be over.
    """
    if periods is None or not periods.rows:
        return None
    days = [date.fromisoformat(day) for day in periods.rows]
    middle = median_low(periods.rows.values())
    sparse = middle < settings.least_rows_per_period
    gaps, thin = [], {}
    for before, after in itertools.pairwise(days):
        steps = _between(before, after, periods.grain)
        if steps > 1:
            gaps.append(Gap(following(before, periods.grain), following(after, periods.grain, -1), steps - 1))
    limit = settings.limits["period_share"].watch * middle
    if not sparse:
        thin = {day: rows for day, rows in list(periods.rows.items())[1:-1] if rows < limit}
    return Coverage(
        grain=periods.grain,
        first=days[0],
        last=days[-1],
        gaps=gaps,
        thin=thin,
        thinnest=min((rows / middle for rows in thin.values()), default=1.0),
        median=middle,
        sparse=sparse,
    )


def months_of(periods: Periods, coverage: Coverage, shown: Iterable[str]) -> list[Month | None]:
    """Return the state of some months (YYYY-MM); None outside what the table covers."""
    rows: dict[str, int] = {}
    days: dict[str, int] = {}
    for day, count in periods.rows.items():
        rows[day[:7]] = rows.get(day[:7], 0) + count
        days[day[:7]] = days.get(day[:7], 0) + 1
    thin = {day[:7] for day in coverage.thin}
    found: list[Month | None] = []
    for month in shown:
        start = date.fromisoformat(f"{month}-01")
        end = following(start, "month")
        if not coverage.first < end or start > coverage.last:
            found.append(None)
            continue
        missing = 0
        if coverage.grain == "day":
            covered = min(end, coverage.last + timedelta(days=1)) - max(start, coverage.first)
            missing = covered.days - days.get(month, 0)
        state = "missing" if month not in rows else "partial" if missing else "thin" if month in thin else "full"
        if coverage.sparse:
            state = "full" if month in rows else "none"
        found.append(Month(month, rows.get(month, 0), state, missing))
    return found


def latest_months(last: date, count: int) -> list[str]:
    """Return the latest months (YYYY-MM), ascending."""
    return [following(last, "month", -back).isoformat()[:7] for back in range(count - 1, -1, -1)]
