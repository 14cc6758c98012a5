"""The basic charge, day by day: every day has its own capacity or demand, price and share of its month."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.billing.editions import Editions
from jicha.sandbox.billing.files import Files
from jicha.sandbox.billing.losses import Windings
from jicha.sandbox.billing.quantities import Note, Quantities

_MODES = ("capacity", "contract_demand", "actual_demand")
_OVER, _MULTIPLE = 1.05, 2.0
_CALENDAR_FROM = np.datetime64("2024-06-01")  # a day is one of its calendar month; before, a thirtieth of any month
_EXEMPT_UNTIL = np.datetime64("2030-12-31")  # charging stations pay no basic charge


@dataclass
class Basic:
    """Basic charges per point and period: cents, hundredths of kVA and kW (NULL: none)."""

    cents: Array
    kva: Array
    kw: Array


def charge(
    files: Files, editions: Editions, windings: Windings, quantities: Quantities, billed: Array, note: Note,
    bearer: Array | None = None,
) -> Basic:  # fmt: skip
    """Charge capacity or demand of customers with two-part tariffs; `bearer` marks the bills that carry the charge."""
    shape = quantities.total.shape
    found = Basic(np.zeros(shape, dtype=np.int64), np.full(shape, NULL), np.full(shape, NULL))
    modes = np.array([_has_mode(files, point) for point in range(files.size)], dtype=bool)
    candidates: dict[int, list[int]] = {}
    for point in np.flatnonzero(modes & (files.parent < 0)).tolist():
        candidates.setdefault(int(files.owner[point]), []).append(point)
    axis = files.day0 + np.arange(files.days)
    month = axis.astype("datetime64[M]")
    days = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    for customer, points in candidates.items():
        for group in _groups(files, points):
            _group(files, editions, windings, quantities, billed, note, found, customer, group, points, days, bearer)
    return found


def _has_mode(files: Files, point: int) -> bool:
    dated = files.facts.dated.get(point)
    if dated is not None:
        return bool(np.isin(dated["basic_charge_mode"].astype(str), _MODES).any())
    return files.facts.today["basic_charge_mode"][point] in _MODES


def _groups(files: Files, points: list[int]) -> list[list[int]]:
    """Points whose charge is one: with the same transformer by capacity, of the same demand group by demand."""
    found: dict[tuple[str, Any], list[int]] = {}
    for point in sorted(points, key=lambda p: str(files.point_id[p])):
        by_capacity = files.facts.today["basic_charge_mode"][point] == "capacity"
        key = ("kva", files.transformer[point]) if by_capacity else ("kw", files.demand_group[point])
        found.setdefault(key, []).append(point)
    return list(found.values())


def capacity_by_day(
    files: Files, windings: Windings, customer: int, group: list[int], points: list[int]
) -> Array | None:
    """Ten-thousandths of kVA per day that run behind a group; None: nobody knows."""
    file = files.district.customer
    own = windings.of_customer.get(customer, [])
    if not own:
        for name in ("operating_capacity_kva", "contract_capacity_kva"):
            if not np.isnan(file[name][customer]):
                return np.full(files.days, round(float(file[name][customer]) * 1e4))
        return None
    named = files.transformer[group[0]]
    elsewhere = {files.transformer[p] for p in points if files.transformer[p] is not None and p not in group}
    units = [u for u in own if (windings.name[u] == named if named is not None else windings.name[u] not in elsewhere)]
    total = np.zeros(files.days, dtype=np.int64)
    locked: dict[str, Array] = {}
    for unit in units:
        kva = np.where(windings.on[unit], round(float(windings.capacity[unit]) * 1e4), 0)
        lock = windings.interlock[unit]
        if lock is None:
            total += kva
        else:
            locked[lock] = np.maximum(locked.get(lock, np.zeros_like(kva)), kva)
    for kva in locked.values():
        total += kva
    motor = file["direct_motor_kva"][customer]
    bears_motor = named is None or (group[0] == min(points, key=lambda p: str(files.point_id[p]))
                                    and all(files.transformer[p] is not None for p in points))  # fmt: skip
    if bears_motor and not np.isnan(motor):
        total += round(float(motor) * 1e4)
    return total


def _group(
    files: Files, editions: Editions, windings: Windings, quantities: Quantities, billed: Array, note: Note,
    found: Basic, customer: int, group: list[int], points: list[int], month_days: Array, bearer: Array | None,
) -> None:  # fmt: skip
    head = group[0]
    kva = capacity_by_day(files, windings, customer, group, points)
    everything = billed[files.of_customer[customer]].sum(axis=0)
    contract = float(files.district.customer["contract_capacity_kva"][customer])
    for period in np.flatnonzero(quantities.live[group].any(axis=0) & (files.span[head] > 0)).tolist():
        live = [point for point in group if quantities.live[point, period]]
        bears = live[0]
        if bearer is not None:
            marked = [point for point in live if bearer[point, period]]
            bears = marked[0] if len(marked) == 1 else live[0]
        day = np.arange(files.first[head, period], files.last[head, period] + 1)
        code = np.array([editions.place.get(files.facts.on("tariff_code", head, int(d)), -1) for d in
                         (day if head in files.facts.dated else day[:1])])  # fmt: skip
        edition = editions.on[np.broadcast_to(code, day.shape), day]
        mode = np.array([files.facts.on("basic_charge_mode", head, int(d)) for d in
                         (day if head in files.facts.dated else day[:1])], dtype=object)  # fmt: skip
        mode = np.broadcast_to(mode, day.shape)
        two_part = (edition >= 0) & (editions.parts[edition] == 2)
        exempt = files.district.customer["usage_class"][customer] == "ev_charging"
        exempt = bool(exempt and files.day0 + day[0] <= _EXEMPT_UNTIL)
        demand = _demand(files, quantities, group, period, day, mode, note)
        q = everything[period] / 100.0 / contract if contract > 0 else 0.0
        cents, kva_days, last_kw = 0, 0.0, None
        for kind in ("capacity", "demand"):
            of_kind = two_part & ((mode == "capacity") if kind == "capacity" else np.isin(mode, _MODES[1:]))
            if kind == "capacity" and kva is None and of_kind.any():
                note(bears, period, "capacity_missing")
                continue
            amount = kva[day] / 1e4 if kind == "capacity" and kva is not None else demand
            parts = _days_of_month(files, head, period, day, amount, of_kind, month_days)
            for row in np.unique(edition[of_kind]).tolist():
                those = of_kind & (edition == row)
                price = (editions.capacity if kind == "capacity" else editions.demand)[row]
                if price == NULL:
                    note(bears, period, "price_missing")
                    continue
                charged = float((amount[those] / parts[those]).sum())
                factor = 1.0
                if kind == "demand" and not np.isnan(editions.discount_kwh[row]) and q >= editions.discount_kwh[row]:
                    factor = float(editions.discount[row])
                value = 0.0 if exempt else round(charged * (price / 1e4) * factor, 6)
                cents += _cents(value)
                if kind == "capacity":
                    kva_days += charged
                else:
                    last_kw = float(amount[those][-1])
        found.cents[bears, period] = cents
        if (mode[two_part] == "capacity").any():
            found.kva[bears, period] = _cents(round(kva_days, 6))
        if last_kw is not None:
            found.kw[bears, period] = _cents(round(last_kw, 6))


def _days_of_month(
    files: Files, head: int, period: int, day: Array, amount: Array, charged: Array, month_days: Array
) -> Array:
    """How many parts a month has, of which each day is one.

    Until May 2024 thirty, but for a billing month that is charged for the same on all its days: it counts whole.
    """
    if files.day0 + day[0] >= _CALENDAR_FROM:
        return month_days[day]
    cycle, reading_day = int(files.cycle[head]), int(files.reading_day[head])
    month = files.district.calendar.periods[period].astype("datetime64[M]") - cycle + (reading_day == 1)
    edges = [int(files.number((month + k).astype("datetime64[D]") + (reading_day - 1))) for k in range(cycle + 1)]
    parts = np.full(len(day), 30)
    for begin, end in itertools.pairwise(edges):
        inside = charged & (day >= begin) & (day < end)
        if inside.sum() == end - begin and np.ptp(amount[inside]) == 0:
            parts[inside] = end - begin
    return parts


def _cents(value: float) -> int:
    """Hundredths, half up, of a number with six places."""
    millionths = round(value * 1e6)
    return (abs(millionths) + 5000) // 10_000 * (1 if millionths >= 0 else -1)


def _demand(
    files: Files, quantities: Quantities, group: list[int], period: int, day: Array, mode: Array, note: Note
) -> Array:  # fmt: skip
    """Billed kW per day: the measured demand, or the agreed one and twice what is more than 5 % over it."""
    if not np.isin(mode, _MODES[1:]).any():
        return np.zeros(len(day))
    if not quantities.has_demand[group, period].any():
        for point in group:
            note(point, period, "demand_missing")
    measured = float(quantities.demand[group, period].sum()) / 100.0
    agreed = np.zeros(len(day))
    for point in group:
        values = [files.facts.on("contract_demand_kw", point, int(d)) for d in
                  (day if point in files.facts.dated else day[:1])]  # fmt: skip
        agreed = agreed + np.broadcast_to(np.array(values, dtype=float), day.shape)
    by_contract = mode == "contract_demand"
    if np.isnan(agreed[by_contract]).any():
        note(group[0], period, "contract_demand_missing")
        agreed = np.nan_to_num(agreed)
    over = np.clip(measured - _OVER * agreed, 0, None)
    return np.where(by_contract, agreed + _MULTIPLE * over, measured)
