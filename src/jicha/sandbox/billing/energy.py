"""The energy charge, day by day: every day has its own kWh and its own price; days of one line are rounded once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jicha.sandbox.arrays import NULL, Array, half_up
from jicha.sandbox.billing.editions import Editions
from jicha.sandbox.billing.files import BANDS, FLAT, Files

_BLOCK = 1_500_000  # days that are laid out at a time


@dataclass
class Market:
    """Customers that buy on the market or pay more to the agency."""

    mode: Array  # [customer] None, agency_1_5, market_retail, fallback
    prices: dict[tuple[int, int], Array]  # (customer, period) -> [band] millionths, NULL: not delivered


@dataclass
class Lines:
    """Lines of energy charges, one entry per point, bill and run of days with one price and one file."""

    point: Array
    period: Array
    version: Array  # number of the file segment
    days: Array
    kwh: Array  # hundredths
    cents: Array
    outside: Array  # cents that the power-factor adjustment leaves out
    faults: list[tuple[int, int, str]]  # point, period, reason

    @property
    def numbers(self) -> tuple[Array, ...]:
        """All columns but the faults."""
        return self.point, self.period, self.version, self.days, self.kwh, self.cents, self.outside

    def by_bill(self, values: Array, shape: tuple[int, int]) -> Array:
        """Sum values of lines per point and period."""
        found = np.zeros(shape, dtype=np.int64)
        np.add.at(found, (self.point, self.period), values)
        return found


def price_days(
    files: Files, editions: Editions, market: Market, own: Array, loss: Array, late: Array, live: Array,
    cuts: dict[tuple[int, int], list[tuple[int, int, Array]]],
) -> Lines:  # fmt: skip
    """Price own and lost energy [point, period, band]; `late` [point, period] is priced with the last days."""
    points, periods = np.nonzero(live & (files.span > 0))
    plain, edition = _unchanged(files, editions, points, periods)
    parts = [_whole(files, editions, market, points[plain], periods[plain], edition[plain], own + loss, late)]
    points, periods = points[~plain], periods[~plain]
    groups = np.cumsum(files.span[points, periods]) // _BLOCK
    parts += [
        _block(files, editions, market, own, loss, late, cuts, points[at], periods[at])
        for at in (np.flatnonzero(groups == number) for number in np.unique(groups))
    ]
    point, period, version, days, kwh, cents, outside = (
        np.concatenate([part.numbers[k] for part in parts]) for k in range(7)
    )
    faults = [fault for part in parts for fault in part.faults]
    return Lines(point, period, version, days, kwh, cents, outside, faults)


def _unchanged(files: Files, editions: Editions, points: Array, periods: Array) -> tuple[Array, Array]:
    """Which bills have one price and one file all through, all days of which make one line; and their edition."""
    code = editions.code(files.facts.today["tariff_code"])[points]
    first, last = (np.clip(day[points, periods], 0, files.days - 1) for day in (files.first, files.last))
    begin, end = editions.on[code, first], editions.on[code, last]
    same = (code >= 0) & (begin == end) & ~np.isin(points, list(files.facts.dated))
    return same, begin


def _whole(
    files: Files, editions: Editions, market: Market, points: Array, periods: Array, edition: Array, kwh: Array,
    late: Array,
) -> Lines:  # fmt: skip
    sums = kwh[points, periods]
    sums[:, FLAT] += late[points, periods]
    timed = files.facts.today["is_time_of_use"][points] == True  # noqa: E712
    bill = np.arange(len(points))
    return _lines(files, editions, market, points, periods, bill, edition, timed, np.zeros_like(bill),
                  files.span[points, periods], sums)  # fmt: skip


def _share(quantity: Array, done: Array, whole: Array) -> Array:
    """What has run after some days of a stretch: hundredths, half up."""
    return half_up(quantity * done[:, None], whole[:, None])


def _daily(quantity: Array, place: Array, whole: Array) -> Array:
    return np.asarray(_share(quantity, place + 1, whole) - _share(quantity, place, whole))


def _block(
    files: Files, editions: Editions, market: Market, own: Array, loss: Array, late: Array,
    cuts: dict[tuple[int, int], list[tuple[int, int, Array]]], points: Array, periods: Array,
) -> Lines:  # fmt: skip
    spans, first = files.span[points, periods], files.first[points, periods]
    bill = np.repeat(np.arange(len(points)), spans)
    place = np.arange(len(bill)) - np.repeat(np.cumsum(spans) - spans, spans)
    day = first[bill] + place
    code = editions.code(files.facts.today["tariff_code"][points])[bill]
    timed = (files.facts.today["is_time_of_use"][points] == True)[bill]  # noqa: E712
    version = np.zeros(len(bill), dtype=np.int64)
    for number in np.flatnonzero(np.isin(points, list(files.facts.dated))).tolist():
        here = slice(int((np.cumsum(spans) - spans)[number]), int(np.cumsum(spans)[number]))
        dated = files.facts.dated[int(points[number])]
        code[here] = editions.code(dated["tariff_code"][day[here]])
        timed[here] = dated["is_time_of_use"][day[here]] == True  # noqa: E712
        version[here] = files.facts.version[int(points[number])][day[here]]
    edition = np.where(code >= 0, editions.on[code, np.clip(day, 0, files.days - 1)], -1)
    new = np.append(True, (bill[1:] != bill[:-1]) | (edition[1:] != edition[:-1]) | (version[1:] != version[:-1]))
    begins = np.flatnonzero(new)
    kwh = _of_days(own[points, periods], bill, place, spans)
    for number in range(len(points)) if cuts else ():
        _cut(kwh, cuts.get((int(points[number]), int(periods[number]))), number, bill, day, new)
    kwh += _of_days(loss[points, periods], bill, place, spans)
    sums = np.add.reduceat(kwh, begins, axis=0)
    last = np.append(bill[begins][1:] != bill[begins][:-1], True)
    sums[last, FLAT] += late[points, periods][bill[begins][last]]
    return _lines(files, editions, market, points, periods, bill[begins], edition[begins], timed[begins],
                  version[begins], np.diff(np.append(begins, len(bill))), sums)  # fmt: skip


def _of_days(quantity: Array, bill: Array, place: Array, spans: Array) -> Array:
    """Split quantities [bill, band] over days; flat is what the other bands leave of the day's total."""
    total = _daily(quantity.sum(axis=1, keepdims=True)[bill], place, spans[bill])
    found = np.zeros((len(bill), BANDS), dtype=np.int64)
    others = [band for band in range(BANDS) if band != FLAT and quantity[:, band].any()]
    if others:
        found[:, others] = _daily(quantity[:, others][bill], place, spans[bill])
    found[:, FLAT] = total[:, 0] - found.sum(axis=1)
    return found


def _cut(
    kwh: Array, cut: list[tuple[int, int, Array]] | None, number: int, bill: Array, day: Array, new: Array
) -> None:
    """Take what was read at the cuts, where every change of the interval has a reading."""
    if not cut:
        return
    here = np.flatnonzero(bill == number)
    changes = set(day[here][1:][new[here][1:]].tolist())
    if not changes or not changes <= {start for start, _, _ in cut}:
        return
    for start, days, quantity in cut:
        inside = here[(day[here] >= start) & (day[here] < start + days)]
        spans = np.array([len(inside)])
        kwh[inside] = _of_days(quantity[None, :], np.zeros(len(inside), dtype=np.int64), np.arange(len(inside)), spans)


def _lines(
    files: Files, editions: Editions, market: Market, points: Array, periods: Array, bill: Array, edition: Array,
    timed: Array, version: Array, days: Array, kwh: Array,
) -> Lines:  # fmt: skip
    single = kwh.sum(axis=1)
    kwh = np.where(timed[:, None], kwh, 0)
    kwh[~timed, FLAT] = single[~timed]
    price = np.where(edition[:, None] >= 0, editions.band[edition], NULL)
    faults: list[tuple[int, int, str]] = []
    _on_market(files, editions, market, points, periods, bill, edition, price, faults)
    for run in np.flatnonzero(edition < 0).tolist():
        known = files.facts.on("tariff_code", int(points[bill[run]]), int(files.last[points, periods][bill[run]]))
        reason = "tariff_expired" if known in editions.place else "tariff_unknown"
        faults.append((int(points[bill[run]]), int(periods[bill[run]]), reason))
    unpriced = ((price == NULL) & (kwh != 0)).any(axis=1) & (edition >= 0)
    faults += [
        (int(points[bill[r]]), int(periods[bill[r]]), "price_missing") for r in np.flatnonzero(unpriced).tolist()
    ]
    cents = half_up(kwh * np.where(price == NULL, 0, price), 10**6).sum(axis=1)
    outside = half_up(kwh * np.where(edition[:, None] >= 0, editions.outside[edition], 0), 10**6).sum(axis=1)
    return Lines(points[bill], periods[bill], version, days, kwh.sum(axis=1), cents, outside, faults)


def _on_market(
    files: Files, editions: Editions, market: Market, points: Array, periods: Array, bill: Array, edition: Array,
    price: Array, faults: list[tuple[int, int, str]],
) -> None:  # fmt: skip
    """Replace the purchase part by the customer's own price, or add half of it."""
    modes = market.mode[files.owner[points[bill]]]
    for run in np.flatnonzero((modes != None) & (edition >= 0)).tolist():  # noqa: E711
        row, known = edition[run], price[run] != NULL
        purchase = editions.purchase[row]
        where = (int(points[bill[run]]), int(periods[bill[run]]))
        if (purchase[known] == NULL).any():
            faults.append((*where, "component_missing"))
            continue
        if modes[run] == "agency_1_5":
            price[run, known] += half_up(purchase[known], 2)
            continue
        own = market.prices.get((int(files.owner[where[0]]), where[1]))
        if own is None or (own[known] == NULL).any():
            faults.append((*where, "customer_price_missing"))
            continue
        price[run, known] += own[known] - purchase[known]
