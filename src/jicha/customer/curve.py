"""The daily curve of a customer beside its normal band, made of its own days before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

LOOK_BACK_DAYS = 28  # the days before that a band is made of
LEAST_DAYS = 10  # fewer known days make no band
WIDTH = 3.0  # half-width in robust standard deviations
_TO_SIGMA = 1.4826  # median absolute deviation → standard deviation of a normal distribution
_LEAST_SHARE = 0.15  # half-width is at least this share of the median: a customer that never varies has still a band


@dataclass(frozen=True)
class CurveDay:
    """One day: what was used, and between what it normally lies; None: not collected, or too few days before."""

    day: date
    energy_kwh: float | None
    reverse_kwh: float | None
    low_kwh: float | None
    high_kwh: float | None

    @property
    def is_outside(self) -> bool:
        """Whether the day lies outside its band."""
        if self.energy_kwh is None or self.low_kwh is None or self.high_kwh is None:
            return False
        return not self.low_kwh <= self.energy_kwh <= self.high_kwh


@dataclass(frozen=True)
class Curve:
    """The days of a curve, oldest first, without gaps."""

    days: tuple[CurveDay, ...]

    @property
    def collected(self) -> int:
        """Days with an energy."""
        return sum(day.energy_kwh is not None for day in self.days)

    @property
    def outside(self) -> int:
        """Days outside their band."""
        return sum(day.is_outside for day in self.days)


def band_of(known: Sequence[float]) -> tuple[float, float] | None:
    """Return between what the next day normally lies; None with fewer than LEAST_DAYS days.

    known: energies of the days before. [kWh] The centre is their median, the half-width WIDTH robust standard
    deviations, so that a few odd days among them do not widen it.
    """
    if len(known) < LEAST_DAYS:
        return None
    centre = median(known)
    spread = _TO_SIGMA * median(abs(value - centre) for value in known)
    half = max(WIDTH * spread, _LEAST_SHARE * abs(centre))
    return max(0.0, centre - half), centre + half


def curve_of(energy: Mapping[date, float | None], reverse: Mapping[date, float | None], *, shown_from: date) -> Curve:
    """Return the curve from a day on; earlier days only feed the band.

    energy, reverse: per day the sum over the customer's points; None where one of them was not collected. [kWh]
    """
    if not energy:
        return Curve(())
    day, last = max(shown_from, min(energy)), max(energy)
    days = []
    while day <= last:
        before = (energy.get(day - timedelta(days=back)) for back in range(1, LOOK_BACK_DAYS + 1))
        band = band_of([value for value in before if value is not None])
        low, high = band or (None, None)
        days.append(CurveDay(day, energy.get(day), reverse.get(day), low, high))
        day += timedelta(days=1)
    return Curve(tuple(days))


def summed(rows: Sequence[Mapping[str, Any]], column: str) -> dict[date, float | None]:
    """Return the sum over points by day; None where a point has no value between its first and last day."""
    by_point: dict[str, dict[date, float | None]] = {}
    for row in rows:
        by_point.setdefault(row["point_id"], {})[row["day"]] = row[column]
    sums: dict[date, float | None] = {}
    for days in by_point.values():
        day, last = min(days), max(days)
        while day <= last:
            before, value = sums.get(day, 0.0), days.get(day)
            sums[day] = None if before is None or value is None else before + value
            day += timedelta(days=1)
    return sums
