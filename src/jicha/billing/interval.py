"""Section 2: the days of a bill, and the stretches of equal file and equal prices in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from jicha.billing.facts import Customer, Edition, Order, Point, PointFile, PriceBook

FILE_KINDS = frozenset(
    {"change_class", "change_price_strategy", "change_voltage", "change_demand", "transfer_ownership", "split_account",
     "merge_account", "increase_capacity", "reduce_capacity", "resume_capacity"}
)  # fmt: skip
CAPACITY_KINDS = frozenset({"suspend", "resume", "reduce_capacity", "resume_capacity", "increase_capacity", "new_hv"})
_ONE = timedelta(days=1)


def months_later(day: date, months: int) -> date:
    """Return the first day of the month so many months after the month of a day."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class Interval:
    """The days of a bill, both inclusive.

    uncut_days: before the cut at opening and closing. months: of the reading cycle. starts: first day of each of its
    billing months, uncut.
    """

    first: date
    last: date
    uncut_days: int
    months: int
    starts: tuple[date, ...]

    @property
    def days(self) -> int:
        """Days with power; 0 or less when none is left."""
        return (self.last - self.first).days + 1


def interval_of(
    *, period: date, months: int, reading_day: int | None, opened_on: date | None, closed_on: date | None
) -> Interval:
    """Return the days that a bill of a period covers.

    period: first day of the billing month. months: reading cycle. reading_day: 2 to 28 splits the months there.
    """
    day = reading_day if reading_day is not None and 2 <= reading_day <= 28 else 1
    back = 0 if day == 1 else 1
    starts = tuple(months_later(period, k - back).replace(day=day) for k in range(1 - months, 2))
    first, last = starts[0], starts[-1] - _ONE
    uncut = (last - first).days + 1
    first = max(first, opened_on) if opened_on else first
    last = min(last, closed_on) if closed_on else last
    return Interval(first, last, uncut, months, starts[:-1])


@dataclass(frozen=True)
class FileSegment:
    """A run of days with the same file."""

    first: date
    last: date
    file: PointFile

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class PriceSegment:
    """A run of days with the same file and the same edition; without an edition, `missing` says why."""

    first: date
    last: date
    file_number: int  # which file segment it is part of
    edition: Edition | None
    missing: str | None

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.last - self.first).days + 1


def _file_on(point: Point, day: date) -> PointFile:
    today = replace(point.today, since=None, until=None)
    for item in reversed(point.history):
        if (item.since is None or item.since <= day) and (item.until is None or item.until >= day):
            return replace(
                item,
                since=None,
                until=None,
                multiplier=today.multiplier if item.multiplier is None else item.multiplier,
                mode=today.mode if item.mode is None else item.mode,
            )
    return today


def file_segments(point: Point, interval: Interval) -> tuple[FileSegment, ...]:
    """Return the runs of days with equal file facts; history holds where it covers the day, else today's file."""
    if not point.history:
        return (FileSegment(interval.first, interval.last, _file_on(point, interval.first)),)
    edges = {interval.first}
    for item in point.history:
        edges |= {day for day in (item.since, item.until and item.until + _ONE) if day}
    found: list[FileSegment] = []
    for first in sorted(day for day in edges if interval.first <= day <= interval.last):
        file = _file_on(point, first)
        if found and found[-1].file == file:
            continue
        if found:
            found[-1] = replace(found[-1], last=first - _ONE)
        found.append(FileSegment(first, interval.last, file))
    return tuple(found)


def price_segments(files: tuple[FileSegment, ...], prices: PriceBook) -> tuple[PriceSegment, ...]:
    """Return the file segments cut where the edition in force changes."""
    found: list[PriceSegment] = []
    for number, segment in enumerate(files):
        code = segment.file.tariff_code
        editions = prices.editions.get(code, ()) if code else ()
        edges = {segment.first}
        for item in editions:
            edges |= {day for day in (item.effective_from, item.effective_to and item.effective_to + _ONE) if day}
        start = len(found)
        for first in sorted(day for day in edges if segment.first <= day <= segment.last):
            edition = prices.edition(code, first) if code else None
            if len(found) > start and found[-1].edition is edition:
                continue
            if len(found) > start:
                found[-1] = replace(found[-1], last=first - _ONE)
            missing = None if edition else ("tariff_expired" if editions else "tariff_unknown")
            found.append(PriceSegment(first, segment.last, number, edition, missing))
    return tuple(found)


def doubtful_order(
    customer: Customer, interval: Interval, *, as_of: date, kinds: frozenset[str], capacity: bool
) -> Order | None:
    """Return an order after which the file of the interval's days is not today's; None when there is none.

    capacity: the end of a suspension or reduction counts like its begin.
    """
    for order in customer.orders:
        if order.kind not in kinds:
            continue
        since, until = order.effective_from, order.effective_to
        if since is not None and interval.first < since <= as_of:
            return order
        if (
            capacity
            and order.kind in {"suspend", "reduce_capacity"}
            and until is not None
            and interval.first <= until < as_of
        ):
            return order
    return None
