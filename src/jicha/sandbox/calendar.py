"""Days and months of the sandbox: the covered span, public holidays, weather."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from jicha.sandbox.arrays import Array, month_of, stream

# Public holidays and shifted work days as the General Office of the State Council announced them; (first, last) days.
# Compared day by day with the notices as printed: 2024 国办发明电〔2023〕7号 (People's Daily, 26 October 2023),
# 2025 国办发明电〔2024〕12号 (Xinhua, 12 November 2024), 2026 the notice of 4 November 2025 (Xinhua).
_OFF = [
    ("2024-01-01", "2024-01-01"), ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"), ("2024-06-10", "2024-06-10"), ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"), ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"), ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"), ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"), ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"), ("2026-10-01", "2026-10-07"),
]  # fmt: skip
EXTRA_WORKDAYS = [
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28",
    "2026-05-09", "2026-09-20", "2026-10-10",
]  # fmt: skip
_SPRING_FESTIVAL = ["2024-02-10", "2025-01-29", "2026-02-17"]  # first day of the lunar year


def holidays() -> list[date]:
    """Every announced day off."""
    found = []
    for first, last in _OFF:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            found.append(day)
            day += timedelta(days=1)
    return found


_WHOLE_STORY = 80  # days of daily data from which on faults look back to the last reading but two
_ORDINARY_WAIT = 14  # days from the end of P0 to a screening on the fifteenth


def reported_days(as_of: date, days: int) -> int:
    """Days of daily data that a city needs to hold what so many of them hold on the fifteenth of a month.

    P0 may have ended up to forty days ago; the readings that the daily data are compared with move away with it.
    """
    if days < _WHOLE_STORY:
        return days
    waited = (as_of - add_months(Calendar(as_of, 1, 1, 0).p0, 1)).days
    return days + max(waited - _ORDINARY_WAIT, 0)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month some months later, cut to the month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


@dataclass(frozen=True)
class Calendar:
    """The span that the sandbox covers, seen from its screening date."""

    as_of: date
    months: int
    days: int
    seed: int
    settle_day: int = 10

    @functools.cached_property
    def p0(self) -> date:
        """First day of the latest complete billing month."""
        return add_months(self.as_of.replace(day=1), -1 if self.as_of.day >= self.settle_day else -2)

    @functools.cached_property
    def start(self) -> date:
        """First day that anything is simulated for."""
        return min(add_months(self.p0, 1 - self.months), self.as_of - timedelta(days=self.days))

    @functools.cached_property
    def span(self) -> Array:
        """Every simulated day, the last one the day before as_of."""
        return np.arange(np.datetime64(self.start), np.datetime64(self.as_of), dtype="datetime64[D]")

    @functools.cached_property
    def periods(self) -> Array:
        """First days of the billed months, oldest first."""
        last = np.datetime64(self.p0, "M")
        return np.asarray(np.arange(last - self.months + 1, last + 1).astype("datetime64[D]"))

    @functools.cached_property
    def period_edges(self) -> Array:
        """Positions in `span` at which the periods begin, and that after the last one."""
        ends = np.append(self.periods, np.datetime64(add_months(self.p0, 1)))
        return np.asarray((ends.astype("datetime64[D]") - self.span[0]).astype(np.int64))

    @functools.cached_property
    def month_days(self) -> Array:
        """Length of every billed month in days."""
        return np.diff(self.period_edges)

    @functools.cached_property
    def day_off(self) -> Array:
        """True on weekends and holidays, except shifted work days."""
        weekday = (self.span.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        off = (weekday >= 5) & ~np.isin(self.span, np.array(EXTRA_WORKDAYS, dtype="datetime64[D]"))
        return np.asarray(off | np.isin(self.span, np.array(holidays(), dtype="datetime64[D]")))

    @functools.cached_property
    def long_holiday(self) -> Array:
        """1 at the heart of Spring Festival, less around it and on National Day, else 0."""
        near = np.zeros(len(self.span))
        for first in _SPRING_FESTIVAL:
            distance = (self.span - np.datetime64(first)).astype(np.int64)
            near = np.maximum(near, np.clip(1.25 - np.abs(distance - 3) / 10.0, 0, 1))
        october = (month_of(self.span) == 10) & ((self.span - self.span.astype("datetime64[M]")).astype(int) < 7)
        return np.maximum(near, np.where(october, 0.5, 0.0))

    @functools.cached_property
    def temperature(self) -> tuple[Array, Array, Array]:
        """Mean, highest and lowest temperature of the city per day. [°C]"""
        rng = stream(self.seed, "weather")
        of_year = (self.span - self.span.astype("datetime64[Y]")).astype(np.int64)
        noise = np.zeros(len(self.span))
        shocks = rng.normal(0, 1.6, len(noise))
        for day in range(1, len(noise)):  # weather remembers
            noise[day] = 0.72 * noise[day - 1] + shocks[day]
        mean = 17.0 + 11.5 * np.sin(2 * np.pi * (of_year - 112) / 365.25) + noise
        swing = 3.2 + 2.5 * rng.random(len(noise))
        return mean, mean + swing, mean - swing

    @functools.cached_property
    def irradiance(self) -> Array:
        """Hours of full sun per day, clouds included."""
        rng = stream(self.seed, "sun")
        of_year = (self.span - self.span.astype("datetime64[Y]")).astype(np.int64)
        clear = 4.6 + 1.9 * np.sin(2 * np.pi * (of_year - 81) / 365.25)
        return np.asarray(clear * np.clip(rng.beta(2.6, 1.3, len(clear)), 0.08, 1.0))

    @functools.cached_property
    def youngest_mature(self) -> date:
        """The latest opening day of a mature customer: two months later is not after as_of."""
        day = add_months(self.as_of, -2) + timedelta(days=4)
        while add_months(day, 2) > self.as_of:
            day -= timedelta(days=1)
        return day
