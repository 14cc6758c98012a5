"""Work days, by the lists that runs are given (DATA/run/holidays.csv, extra_workdays.csv)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from jicha.errors import BadInput
from jicha.screening.inputs import read_list

_LISTS = ("holidays", "extra_workdays")


@dataclass(frozen=True)
class Calendar:
    """The days on which people work. A year without any public holiday has no calendar: Monday to Friday stand in."""

    holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    @property
    def years(self) -> frozenset[int]:
        """The years that have a calendar."""
        return frozenset(day.year for day in self.holidays)

    def is_workday(self, day: date) -> bool:
        """Whether people work on a day."""
        if day in self.holidays:
            return False
        return day.weekday() < 5 or day in self.extra_workdays

    def after(self, day: date, work_days: int) -> tuple[date, bool]:
        """Return the n-th work day after a day, and whether a calendar covers the way there."""
        reached, left = day, work_days
        while left > 0:
            reached += timedelta(days=1)
            left -= self.is_workday(reached)
        years = range(day.year, reached.year + 1)
        return reached, all(year in self.years for year in years)

    def between(self, first: date, last: date) -> int:
        """Return the work days after a day up to and with another; negative the other way round."""
        if last < first:
            return -self.between(last, first)
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        return sum(self.is_workday(day) for day in days)


@lru_cache(maxsize=4)
def _read(folder: Path, stamps: tuple[tuple[int, int], ...]) -> Calendar:
    del stamps  # what the lists looked like: a changed list is read anew
    lists = {}
    for name in _LISTS:
        try:
            lists[name] = frozenset(row[0] for row in read_list(folder, name) if row[0] is not None)
        except BadInput:  # a run names it; deadlines go by Monday to Friday meanwhile, and say so
            return Calendar()
    return Calendar(**lists)


def calendar(data: Path) -> Calendar:
    """Return the calendar of a data folder."""
    folder = data / "run"
    files = [folder / f"{name}.csv" for name in _LISTS]
    stats = [path.stat() if path.exists() else None for path in files]
    return _read(folder, tuple((s.st_mtime_ns, s.st_size) if s else (0, 0) for s in stats))
