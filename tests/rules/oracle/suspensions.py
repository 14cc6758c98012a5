"""BX021, BX022, TC007 and UI007: suspended capacity, its charge and its use; TC017: the power-factor standard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from tests.rules.oracle.accounts import in_last
from tests.rules.oracle.terms import Row, World, add_months, capacity, days, exact

RUNNING = {"running", "hot_standby"}


def capacity_customers(world: World) -> dict[str, Row]:
    """Mature customers with an S point charged by capacity."""
    mature = world.mature()
    ids = [p["customer_id"] for p in world.settlement_points() if p.get("basic_charge_mode") == "capacity"]
    return {customer_id: mature[customer_id] for customer_id in ids}


def billed_capacity(world: World, customer_id: str, period: date) -> Decimal | None:
    """Sum over the customer's bills of the period; null when none has one."""
    values = [
        row["billed_capacity_kva"]
        for row in world.rows("bill")
        if row["customer_id"] == customer_id and row["period"] == period and row.get("billed_capacity_kva") is not None
    ]
    return sum(values, Decimal(0)) if values else None


def _later_resumes(orders: Iterable[Row], start: date) -> list[date]:
    return sorted(
        o["effective_from"]
        for o in orders
        if o["kind"] == "resume" and o.get("effective_from") is not None and o["effective_from"] > start
    )


def _suspended_days(world: World, customer_id: str, year: int) -> list[date]:
    orders = world.orders(customer_id)
    union: set[date] = set()
    for order in orders:
        start = order.get("effective_from")
        if order["kind"] != "suspend" or start is None:
            continue
        last = min(order.get("effective_to") or world.as_of, world.as_of)
        for resume in _later_resumes(orders, start)[:1]:
            last = min(last, resume - days(1))
        day = max(start, date(year, 1, 1))
        while day <= min(last, date(year, 12, 31)):
            union.add(day)
            day += days(1)
    return sorted(union)


def bx021(world: World) -> set[str]:
    found = set()
    limit = world.parameters["max_days"]
    for customer_id, customer in capacity_customers(world).items():
        if customer.get("contract_capacity_kva") is None:
            continue
        for year in (world.p0.year, world.p0.year - 1):
            union = _suspended_days(world, customer_id, year)
            if len(union) <= limit:
                continue
            for month in range(1, 13):
                period = date(year, month, 1)
                billed = billed_capacity(world, customer_id, period)
                low = billed is not None and billed < exact(customer["contract_capacity_kva"]) - Decimal("0.5")
                if low and union[limit - 1] < period <= world.p0:
                    found.add(customer_id)
    return found


def bx022(world: World) -> set[str]:
    found = set()
    for row in world.rows("service_order"):
        start, end = row.get("effective_from"), row.get("effective_to")
        if row["kind"] not in {"suspend", "reduce_capacity"} or row.get("status") in {None, "cancelled"}:
            continue
        if start is None or not in_last(world, start, 365):
            continue
        finished = [o for o in world.orders(row["customer_id"]) if o["status"] == "archived"]
        for resume in [r for r in _later_resumes(finished, start) if end is None or r < end][:1]:
            end = resume - days(1)
        short = row["kind"] == "suspend" and end is not None and (end - start).days + 1 < world.parameters["min_days"]
        if short or start < row["applied_at"].date():
            found.add(row["order_id"])
    return found


def _bx023(world: World, customer_id: str, billed: Decimal) -> bool:
    """Whether a suspension or reduction is over and billing did not follow."""
    orders = world.orders(customer_id)
    over = [
        o
        for o in orders
        if o["kind"] in {"suspend", "reduce_capacity"}
        and o["status"] == "archived"
        and o.get("effective_from") is not None
        and o.get("effective_to") is not None
        and o["effective_to"] < world.p0
    ]
    if not over:
        return False
    latest = max(over, key=lambda o: (o["effective_from"], o["order_id"]))
    for o in orders:
        start, end = o.get("effective_from"), o.get("effective_to")
        if (
            o["kind"] in {"suspend", "reduce_capacity", "close_account"}
            and start is not None
            and start <= latest["effective_to"] + days(1)
            and (end is None or end >= world.p0)
        ):
            return False
    if latest.get("capacity_before_kva") is None:
        return False
    before = exact(latest["capacity_before_kva"])
    return billed < before - max(Decimal(1), max(abs(before), abs(billed)) / 100)


_CHANGES = {"suspend", "resume", "reduce_capacity", "resume_capacity", "increase_capacity", "new_hv"}


def tc007(world: World) -> set[str]:
    first, end = world.p0, add_months(world.p0, 1) - days(1)
    found = set()
    for customer_id, customer in capacity_customers(world).items():
        billed = billed_capacity(world, customer_id, first)
        running, changed = [], False
        for transformer in world.transformers(customer_id):
            status = transformer["status"]
            for row in world.rows("transformer_status"):
                if row["transformer_id"] != transformer["transformer_id"]:
                    continue
                begins, until = row["from_on"], row.get("until_on")
                changed |= first <= begins <= end or (until is not None and first <= until <= end)
                if begins <= first and (until is None or until >= end):
                    status = row["status"]
            installed = transformer.get("installed_on")
            if status in RUNNING and (installed is None or installed < first):
                running.append(transformer)
        changed |= any(
            o["kind"] in _CHANGES and any(o.get(c) is not None and first <= o[c] <= end for c in _ENDS)
            for o in world.orders(customer_id)
        )
        if billed is None or not running or changed or _bx023(world, customer_id, billed):
            continue
        kva = capacity(running, customer)
        if billed < kva - max(Decimal(1), kva / 100):
            found.add(customer_id)
    return found


_ENDS = ("effective_from", "effective_to")


def _suspensions(world: World, customer_id: str) -> list[Row]:
    return [
        o
        for o in world.orders(customer_id)
        if o["kind"] in {"suspend", "reduce_capacity"} and o.get("effective_from") is not None
    ]


def _last_day(world: World, order: Row) -> date | None:
    """The last day of a suspension; a resumption ends it, as its near miss says."""
    last: date | None = order.get("effective_to")
    for other in world.orders(order["customer_id"]):
        start = other.get("effective_from")
        ends = other["kind"] == "resume" or {order["kind"], other["kind"]} == {"reduce_capacity", "resume_capacity"}
        if ends and start is not None and start > order["effective_from"] and (last is None or start - days(1) < last):
            last = start - days(1)
    return last


def _inside(world: World, order: Row, day: date) -> bool:
    """Whether the order was effective that day, its first and last day skipped."""
    last = _last_day(world, order)
    return bool(order["effective_from"] < day and (last is None or day < last))


def _counts_in_full(world: World, customer_id: str, day: date) -> bool:
    """A day of a full suspension as the rule's decision has it: the state has no end but a last day or a resumption."""
    orders = _suspensions(world, customer_id)
    if orders and not any(o["effective_from"] < day for o in orders):
        return False
    if any(day in {o["effective_from"], _last_day(world, o)} for o in orders):
        return False
    for resume in world.orders(customer_id):
        start = resume.get("effective_from")
        if resume["kind"] not in {"resume", "resume_capacity"} or start is None or day < start - days(1):
            continue
        # one that ended no suspension on file says nothing of today's state, unless it is of these weeks
        ended = start >= world.as_of - days(30) or any(o["effective_from"] < start for o in orders)
        if ended and not any(start <= o["effective_from"] < day for o in orders):
            return False
    return True


def _metered(world: World, customer_id: str) -> set[str]:
    return {
        p["point_id"]
        for p in world.rows("metering_point")
        if p.get("customer_id") == customer_id
        and p["purpose"] == "settlement"
        and p.get("allocation") in {None, "metered"}
        and p.get("status") in {None, "active"}
    }


def _used_in_full_suspension(world: World, customer_id: str) -> bool:
    points = _metered(world, customer_id)
    rows = [
        row
        for row in world.rows("daily_energy")
        if row["point_id"] in points
        and in_last(world, row["day"], 30)
        and row.get("energy_kwh") is not None
        and _counts_in_full(world, customer_id, row["day"])
    ]
    used = {row["day"] for row in rows if row["energy_kwh"] > 1}
    return len(used) >= 3 and sum(exact(row["energy_kwh"]) for row in rows) > world.parameters["min_kwh"]


def ui007_partly(world: World, customer: Row, over: Decimal) -> bool:
    """UI007 (b)."""
    customer_id = customer["customer_id"]
    installed = [t for t in world.transformers(customer_id) if t["status"] != "removed"]
    suspended = [t for t in installed if t["status"] == "suspended"]
    running = [t for t in installed if t["status"] in RUNNING]
    if not suspended or not running or capacity(running, customer) <= 0:
        return False
    limit, points = over * capacity(running, customer), _metered(world, customer_id)
    above = {
        row["day"]
        for row in world.rows("daily_electrical")
        if row["point_id"] in points
        and in_last(world, row["day"], 30)
        and row.get("max_demand_kw") is not None
        and exact(row["max_demand_kw"]) > limit
        and any(_inside(world, o, row["day"]) for o in _suspensions(world, customer_id))
    }
    return len(above) >= 3


def ui007(world: World) -> set[str]:
    found = set()
    for customer in world.rows("customer"):
        states = {t["status"] for t in world.transformers(customer["customer_id"])} - {"removed"}
        idle = bool(states) and states <= {"suspended", "cold_standby"}
        if customer["status"] == "suspended" or (customer["status"] == "active" and idle):
            hit = _used_in_full_suspension(world, customer["customer_id"])
        else:
            hit = customer["status"] == "active" and ui007_partly(world, customer, world.parameters["over"])
        if hit:
            found.add(customer["customer_id"])
    return found


def _standards_due(customer: Row) -> set[float] | None:
    """The standards that fit; None where none may be set."""
    kva, code, voltage = customer["contract_capacity_kva"], customer.get("industry_code"), customer.get("voltage_v")
    digits = re.sub("^[A-Za-z]", "", code or "")[:2]
    if customer["usage_class"] == "residential" or kva < 100:
        return None
    if digits == "76":
        return {0.90 if kva >= 3200 else 0.85}
    if customer["usage_class"] in {"agricultural", "resale"}:
        return {0.80}
    if not re.match("[0-9]{2}", digits):  # none, or cut short: unknown
        return {0.85, 0.90}
    if 6 <= int(digits) <= 46 and kva > 160:
        if voltage is None:
            return {0.85, 0.90}
        if voltage >= 1000:
            return {0.90}
    return {0.85}


def tc017(world: World) -> set[str] | None:
    table = {row["pf_standard"] for row in world.rows("pf_adjustment")}
    if not table:
        return None
    mature, found = world.mature(), set()
    for point in world.settlement_points():
        standard, customer = point.get("pf_standard"), mature[point["customer_id"]]
        if standard is None:
            continue
        tariff = world.tariff_at(point.get("tariff_code"), world.as_of) or {}
        other_class = tariff.get("usage_class") not in {None, customer["usage_class"]}
        wrong = standard not in table or customer["usage_class"] == "residential"
        if customer.get("contract_capacity_kva") is not None:
            due = _standards_due(customer)
            wrong |= due is None or (
                standard not in due and not (other_class and point.get("parent_point_id") is not None)
            )
        if wrong:
            found.add(point["point_id"])
    return found
