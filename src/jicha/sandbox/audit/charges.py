"""Charges: basic charge, recomputation, losses, reactive energy: TC006 to TC014, TC018, TC023, BX021 to BX023."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.audit.evidence import Evidence

_DEMAND = ("contract_demand", "actual_demand")
_CAPACITY = {"new_hv", "increase_capacity", "reduce_capacity", "resume_capacity"}  # they change what kWh/kVA stands on
_MOVES = {"suspend", "resume", "reduce_capacity", "resume_capacity", "increase_capacity", "new_hv"}


def judge(e: Evidence) -> None:
    """Judge every customer of the district; the recomputation comes last, for it leaves out what others report."""
    for rule in (_bx021, _bx022, _bx023, _tc006, _tc007, _tc008, _tc009, _tc010, _tc018, _recomputed, _tc023):
        rule(e)


def _modes(e: Evidence, position: int, modes: tuple[str, ...]) -> list[int]:
    return [p for p in e.of(position) if e.fact("basic_charge_mode")[p] in modes]


def _with_modes(e: Evidence, *modes: str) -> list[int]:
    """Mature customers with an S point in one of some modes."""
    rows = e.settles & np.isin(e.fact("basic_charge_mode").astype(str), modes)
    return sorted(set(e.files.owner[rows].tolist()))


def _tc006(e: Evidence) -> None:
    c, parts = e.customer, e.right.books.editions.parts
    basic = e.by_customer(e.billed("basic_yuan"))[:, e.last]
    kwh = e.kwh_of_customer[:, e.last]
    for position in sorted(set(e.files.owner[e.settles].tolist())):
        exempt = c["usage_class"][position] == "ev_charging"  # charging stations pay no basic charge
        if exempt or not c["operating_capacity_kva"][position] > 0:
            continue
        points = [p for p in e.of(position) if e.tariff(p, e.p0) >= 0 and parts[e.tariff(p, e.p0)] == 2]
        if not points:
            continue
        elsewhere = any(e.files.parent[p] >= 0 and e.files.owner[e.files.parent[p]] != position for p in points)
        unset = all(e.fact("basic_charge_mode")[p] in (None, "none") for p in points)
        unpaid = np.nan_to_num(basic[position]) == 0 and np.nan_to_num(kwh[position]) > 0
        if not elsewhere and (unset or unpaid):
            e.report("TC006", customer_id=e.customer_id(position), period=e.p0)


def _tc007(e: Evidence) -> None:
    kva = e.by_customer(e.billed("billed_capacity_kva"))[:, e.last]
    status = e.district.tables["transformer_status"]
    status.settle()
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(status["transformer_id"].tolist()):
        rows.setdefault(name, []).append(row)
    for position in _with_modes(e, "capacity"):
        if np.isnan(kva[position]):
            continue
        running, skipped = [], False
        for unit in e.transformers.get(position, []):
            state = unit["status"]
            for row in rows.get(unit["transformer_id"], []):
                begin, end = status["from_on"][row], status["until_on"][row]
                skipped |= bool(e.p0 <= begin <= e.p0_end) or bool(e.p0 <= end <= e.p0_end)
                if begin <= e.p0 and (np.isnat(end) or end >= e.p0_end):
                    state = status["status"][row]
            built = unit["installed_on"]
            if state in ("running", "hot_standby") and (np.isnat(built) or built < e.p0):
                running.append(unit)
        moved = any(
            o["kind"] in _MOVES and any(e.p0 <= o[n] <= e.p0_end for n in ("effective_from", "effective_to"))
            for o in e.orders.get(position, [])
        )
        if skipped or moved or not running or e.has("BX023", customer_id=e.customer_id(position)):
            continue
        full = e.capacity(running, position)
        if kva[position] < full - max(1.0, 0.01 * full) - 1e-9:
            e.report("TC007", customer_id=e.customer_id(position), period=e.p0)


def _q(e: Evidence, position: int) -> float:
    contract = e.customer["contract_capacity_kva"][position]
    return float(np.nan_to_num(e.kwh_of_customer[position, e.last]) / contract) if contract > 0 else float("nan")


def _entitled(e: Evidence, position: int, row: int) -> bool:
    least = e.right.books.editions.discount_kwh[row]
    return bool(_q(e, position) >= least)


def _daily_demand(e: Evidence, points: list[int]) -> dict[int, float]:
    days = e.days_of(e.electrical, points, ["max_demand_kw"])
    found = {}
    for point, rows in days.items():
        inside = (rows["day"] >= e.p0) & (rows["day"] <= e.p0_end) & ~np.isnan(rows["max_demand_kw"])
        if inside.sum() >= 25:
            found[point] = float(rows["max_demand_kw"][inside].max())
    return found


def _tc008(e: Evidence) -> None:
    kw, basic = e.billed("billed_demand_kw")[:, e.last], e.billed("basic_yuan")[:, e.last]
    mode, agreed = e.fact("basic_charge_mode"), e.fact("contract_demand_kw").astype(float)
    points = np.flatnonzero(e.settles & e.metered & np.isin(mode.astype(str), _DEMAND)).tolist()
    daily = _daily_demand(e, [p for p in points if np.isnan(e.demand[p, e.last])])
    groups: dict[tuple[int, str], list[int]] = {}
    for point in points:
        name = e.files.demand_group[point]
        groups.setdefault((int(e.files.owner[point]), name or f"point {point}"), []).append(point)
    editions = e.right.books.editions
    for (position, _), members in groups.items():
        key = {"point_id": min(e.point_id(p) for p in members), "period": e.p0}
        by_contract = any(mode[p] == "contract_demand" for p in members)
        if by_contract and np.isnan(agreed[members]).any():
            e.report("TC008", **key)
            continue
        measured = [e.demand[p, e.last] if not np.isnan(e.demand[p, e.last]) else daily.get(p, np.nan) for p in members]
        if np.isnan(measured).all() or np.isnan(kw[members]).all():
            continue
        most, billed = float(np.nansum(measured)), float(np.nansum(kw[members]))
        required = most
        if by_contract:
            limit = float(agreed[members].sum())
            required = limit if most <= 1.05 * limit else limit + 2 * (most - 1.05 * limit)
        short = billed < required - max(1.0, 0.01 * required) - 1e-9
        if short and by_contract:
            row = e.tariff(members[0], e.p0)
            factor = float(editions.discount[row]) if _entitled(e, position, row) else 1.0
            price = editions.demand[row] / 1e4
            short = bool(np.nansum(basic[members]) < required * price * factor - 1.0 - 1e-9)
        if short:
            e.report("TC008", **key)


def _months_demand(e: Evidence, position: int, months: range) -> Array:
    points = e.files.of_customer.get(position, [])
    found = np.full(len(months), np.nan)
    for place, m in enumerate(months):
        known = e.demand[points, m][~np.isnan(e.demand[points, m])]
        if len(known):
            found[place] = known.sum()
    return found


def _tc009(e: Evidence) -> None:
    months = range(e.last - 5, e.last + 1)
    if e.last < 5:
        return
    for position in _with_modes(e, "contract_demand"):
        points = _modes(e, position, ("contract_demand",))
        agreed = e.fact("contract_demand_kw")[points].astype(float)
        if np.isnan(agreed).all():
            continue
        total, contract = float(np.nansum(agreed)), float(e.customer["contract_capacity_kva"][position])
        demand = _months_demand(e, position, months)
        if np.isnan(demand).any():
            continue
        floor = 0.4 * contract
        below = total < floor - 1e-9 or (demand > 1.05 * total + 1e-9).sum() >= 4
        above = bool((demand < 0.6 * total - 1e-9).all()) and total > floor + 1e-9
        if below or above:
            e.report("TC009", customer_id=e.customer_id(position))


def _capacity_changed(e: Evidence, position: int) -> bool:
    """Whether an order of another capacity begins or ends within P0."""
    return any(
        order["kind"] in _CAPACITY
        and any(e.p0 <= order[name] <= e.p0_end for name in ("effective_from", "effective_to"))
        for order in e.orders.get(position, [])
    )


def _tc010(e: Evidence) -> None:
    editions = e.right.books.editions
    point, period = e.bill_places
    for position in _with_modes(e, *_DEMAND):
        points = [p for p in _modes(e, position, _DEMAND) if e.tariff(p, e.p0) >= 0]
        rows = [r for p in points for r in np.flatnonzero((point == p) & (period == e.last)).tolist()]
        if not rows:
            continue
        row = e.tariff(points[0], e.p0)
        factor, price = editions.discount[row], editions.demand[row] / 1e4
        kw = sum(int(e.bills["billed_demand_kw"][r]) for r in rows if e.bills["billed_demand_kw"][r] != NULL)
        yuan = sum(int(e.bills["basic_yuan"][r]) for r in rows if e.bills["basic_yuan"][r] != NULL)
        if np.isnan(factor) or kw <= 0 or np.isnan(_q(e, position)) or _capacity_changed(e, position):
            continue
        unit = yuan / kw
        full = abs(unit - price) <= 0.01 * price
        less = abs(unit - price * factor) <= 0.01 * price * factor
        if full if _entitled(e, position, row) else less:

            def order(r: int) -> tuple[int, str]:
                return -int(e.bills["basic_yuan"][r]) if e.bills["basic_yuan"][r] != NULL else 0, str(
                    e.bills["bill_id"][r]
                )

            bill = sorted([r for r in rows if e.regular[r]], key=order)
            if bill:
                e.report("TC010", bill_id=e.bills["bill_id"][bill[0]])


def _recomputed(e: Evidence) -> None:
    """TC011 to TC014: what was issued against what is right."""
    right = e.right
    account = right.account
    energy, tier = right.shown("energy_yuan") - account.energy, right.shown("tier_yuan") - account.tier
    basic, factor = right.shown("basic_yuan") - account.basic.cents, right.shown("pf_yuan") - account.factors.cents
    beyond = np.abs(energy) > np.maximum(500, 0.002 * np.abs(account.energy))
    beyond_basic = np.abs(basic) > np.maximum(5000, 0.01 * np.abs(account.basic.cents))
    follow = np.maximum(np.where(beyond, np.abs(energy), 0), np.where(beyond_basic, np.abs(basic), 0))
    beyond_pf = np.abs(factor) > np.maximum(1000, 0.01 * np.abs(account.factors.cents))
    beyond_pf &= ~((follow > 0) & (np.abs(factor) <= 0.15 * follow))
    periods = e.district.calendar.periods
    for period in range(max(e.last - 2, 0), e.last + 1):
        for point in np.flatnonzero(right.rows[:, period] >= 0).tolist():
            if right.reasons.get((point, period)):
                continue
            row = int(right.rows[point, period])
            bill, position = e.bills["bill_id"][row], int(e.files.owner[point])
            customer, day = e.customer_id(position), periods[period]
            if beyond[point, period] and not e.has("TC003", bill_id=bill):
                e.report("TC011", bill_id=bill)
            if beyond_basic[point, period] and not _basic_elsewhere(e, customer, position, day):
                e.report("TC012", bill_id=bill)
            if abs(int(tier[point, period])) > 100 and not _moving_household(e, point, period):
                e.report("TC013", bill_id=bill)
            if beyond_pf[point, period] and not (
                e.has("TC017", point_id=e.point_id(point)) or e.has("TC016", customer_id=customer)
            ):
                e.report("TC014", bill_id=bill)


def _basic_elsewhere(e: Evidence, customer: str, position: int, day: Any) -> bool:
    """Whether another rule reports the customer's basic charge for the period."""
    if any(e.has(rule, customer_id=customer, period=day) for rule in ("TC006", "TC007")):
        return True
    if any(e.has("TC008", point_id=e.point_id(p), period=day) for p in e.files.of_customer[position]):
        return True
    if day != e.p0:
        return e.has("BX021", customer_id=customer)
    bills = [
        e.bills["bill_id"][r] for p in e.files.of_customer[position] for r in (int(e.right.rows[p, e.last]),) if r >= 0
    ]
    return any(e.has("TC010", bill_id=b) for b in bills) or any(
        e.has(rule, customer_id=customer) for rule in ("BX021", "BX023")
    )


def _moving_household(e: Evidence, point: int, period: int) -> bool:
    """The household changed its validity inside the cycle, or the account is in its first."""
    c, position = e.customer, int(e.files.owner[point])
    first = e.district.calendar.periods[period]
    ladder = e.right.books.ladders.get(e.fact("tariff_code")[point])
    begin = first.astype("datetime64[Y]").astype("datetime64[D]") if ladder is None or ladder.yearly else first
    end = (first.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    whole = (begin.astype("datetime64[Y]") + 1).astype("datetime64[D]") - 1 if ladder is None or ladder.yearly else end
    if begin <= c["opened_on"][position] <= whole:
        return True
    if np.isnan(c["household_size"][position]):
        return False
    return any(bool(begin <= c[n][position] <= whole) for n in ("household_size_from", "household_size_until"))


def _tc018(e: Evidence) -> None:
    months = range(max(e.last - 2, 0), e.last + 1)
    if len(months) < 3:
        return
    reactive = e.billed("reactive_kvarh")
    before, after = e.register("reactive", "previous_index"), e.register("reactive", "current_index")
    standard = e.fact("pf_standard").astype(float)
    for point in np.flatnonzero(e.settles & ~np.isnan(standard)).tolist():
        if all(e.kwh[point, m] >= 1000 for m in months) and all(
            np.nan_to_num(reactive[point, m]) == 0 or before[point, m] == after[point, m] for m in months
        ):
            e.report("TC018", point_id=e.point_id(point))


def _tc023(e: Evidence) -> None:
    if e.last < 1:
        return
    months = (e.last, e.last - 1)
    loss, method, mode = e.billed("loss_kwh"), e.files.loss_method, e.fact("mode")
    bears = ((method != None) & (method != "none")) | ((method == None) & (mode == "hv_supply_lv_metering"))  # noqa: E711
    mains = e.settles & e.metered & ~e.has_parent
    families: dict[tuple[int, Any], list[int]] = {}
    for point in np.flatnonzero(mains & bears).tolist():
        families.setdefault((int(e.files.owner[point]), e.files.transformer[point]), []).append(point)
    for members in families.values():
        for point in members:
            if all(not np.nan_to_num(loss[members, m]).sum() > 0 and e.kwh[point, m] > 0 for m in months):
                e.report("TC023", point_id=e.point_id(point))
    right = e.right.account.losses.active
    for point in np.flatnonzero(mains).tolist():
        judged = all(e.right.rows[point, m] >= 0 and not e.right.reasons.get((point, m)) for m in months)
        if judged and all(
            abs(np.nan_to_num(loss[point, m]) - right[point, m] / 100)
            > max(20.0, 0.05 * max(np.nan_to_num(loss[point, m]), right[point, m] / 100)) for m in months
        ) and not (e.files.line_loss[point] < 0):  # fmt: skip
            e.report("TC023", point_id=e.point_id(point))
        free = (
            mode[point] == "hv_supply_hv_metering" and method[point] in (None, "none") and e.files.line_loss[point] <= 0
        )
        if free and all(loss[point, m] > 0 for m in months):
            e.report("TC023", point_id=e.point_id(point))


def _bx021(e: Evidence) -> None:
    kva = e.by_customer(e.billed("billed_capacity_kva"))
    periods = e.district.calendar.periods
    year0 = e.p0.astype("datetime64[Y]")
    for position in _with_modes(e, "capacity"):
        orders = e.orders.get(position, [])
        for year in (year0, year0 - 1):
            first, last = year.astype("datetime64[D]"), (year + 1).astype("datetime64[D]") - 1
            days: set[Any] = set()
            for order in orders:
                if (
                    order["kind"] != "suspend"
                    or not (order["finished"] or order["in_flight"])
                    or np.isnat(order["effective_from"])
                ):
                    continue
                end = e.as_of if np.isnat(order["effective_to"]) else order["effective_to"]
                resumed = [
                    o["effective_from"]
                    for o in orders
                    if o["kind"] == "resume" and o["effective_from"] > order["effective_from"]
                ]
                if resumed:
                    end = min(end, min(resumed) - 1)
                begin, end = max(order["effective_from"], first), min(end, last, e.as_of)
                days |= set(np.arange(begin, end + 1).tolist()) if end >= begin else set()
            if len(days) <= 184:
                continue
            limit = np.datetime64(sorted(days)[183], "D")
            contract = e.customer["contract_capacity_kva"][position]
            late = [m for m, p in enumerate(periods) if p > limit and p.astype("datetime64[Y]") == year]
            if any(kva[position, m] < contract - 0.5 for m in late):
                e.report("BX021", customer_id=e.customer_id(position))
                break


def _bx022(e: Evidence) -> None:
    for orders in e.orders.values():
        for order in orders:
            begin, end = order["effective_from"], order["effective_to"]
            if order["kind"] not in ("suspend", "reduce_capacity") or not e.as_of - 365 <= begin < e.as_of:
                continue
            resumed = [o["effective_from"] for o in orders if o["kind"] == "resume" and o["finished"]
                       and o["effective_from"] > begin and (np.isnat(end) or o["effective_from"] < end)]  # fmt: skip
            last = min(resumed) - 1 if resumed else end
            short = order["kind"] == "suspend" and not np.isnat(last) and (last - begin).astype(int) + 1 < 15
            if short or begin < order["applied_at"].astype("datetime64[D]"):
                e.report("BX022", order_id=order["order_id"])


def _bx023(e: Evidence) -> None:
    kva = e.by_customer(e.billed("billed_capacity_kva"))[:, e.last]
    for position in _with_modes(e, "capacity"):
        orders = e.orders.get(position, [])
        ended = [o for o in orders if o["finished"] and o["kind"] in ("suspend", "reduce_capacity")
                 and not np.isnat(o["effective_to"]) and o["effective_to"] < e.p0]  # fmt: skip
        if not ended:
            continue
        order = max(ended, key=lambda o: (o["effective_from"], o["order_id"]))
        extended = any(
            o is not order and o["kind"] in ("suspend", "reduce_capacity", "close_account")
            and o["effective_from"] <= order["effective_to"] + 1
            and (np.isnat(o["effective_to"]) or o["effective_to"] >= e.p0)
            for o in orders
        )  # fmt: skip
        before = order["capacity_before_kva"]
        if not extended and kva[position] < before - max(1.0, 0.01 * max(before, kva[position])):
            e.report("BX023", customer_id=e.customer_id(position))
