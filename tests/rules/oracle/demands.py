"""TC001: the tariff's class; TC008 and TC010: billed demand and its discount; UI009: load above the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from tests.rules.oracle.accounts import in_last
from tests.rules.oracle.models import cancelled
from tests.rules.oracle.suspensions import ui007_partly
from tests.rules.oracle.terms import Row, World, add_months, days, exact

DEMAND = {"contract_demand", "actual_demand"}
_COMMERCE = {"large_industrial", "general_industrial_commercial"}


def _known_sum(rows: Sequence[Row], column: str) -> Decimal | None:
    values = [exact(row[column]) for row in rows if row.get(column) is not None]
    return sum(values, Decimal(0)) if values else None


def _bills(world: World, points: set[str], period: date) -> list[Row]:
    return [b for b in world.rows("bill") if b["point_id"] in points and b["period"] == period]


def tc001(world: World) -> set[str]:
    merged, mature = world.parameters["merged"], world.mature()

    def one(kind: str) -> str:
        return "commerce" if merged and kind in _COMMERCE else kind

    allowed = {(one(mine), one(other)) for mine, other in world.parameters["allowed"]}

    def fits(point: Row) -> bool | None:
        tariff = world.tariff_at(point.get("tariff_code"), world.as_of)
        if tariff is None or tariff.get("usage_class") is None:
            return None
        pair = (one(mature[point["customer_id"]]["usage_class"]), one(tariff["usage_class"]))
        return pair[0] == pair[1] or pair in allowed

    by_customer: dict[str, list[Row]] = {}
    for point in world.settlement_points():
        by_customer.setdefault(point["customer_id"], []).append(point)
    found: set[str] = set()
    for points in by_customer.values():
        fit = {p["point_id"]: fits(p) for p in points}
        main = {
            p["point_id"]
            for p in points
            if p.get("parent_point_id") is None and p.get("allocation") in {None, "metered"}
        }
        wrong_main = {point_id for point_id in main if fit[point_id] is False}
        found |= wrong_main
        if wrong_main or any(value is not False for value in fit.values()):
            continue

        def most(point_id: str) -> tuple[Decimal, str]:
            periods = world.window(12)
            kwh = [
                b["billed_kwh"]
                for b in world.rows("bill")
                if b["point_id"] == point_id and b["period"] in periods and b.get("billed_kwh") is not None
            ]
            return -sum(kwh, Decimal(0)), point_id

        found.add(min(fit, key=most))
    return found


def _discount(world: World, customer: Row, points: Sequence[Row]) -> tuple[Row, bool | None] | None:
    """The tariff row at P0 that offers a discount, and whether the customer is entitled; None where none offers it."""
    for point in sorted(points, key=lambda p: str(p["point_id"])):
        tariff = world.tariff_at(point.get("tariff_code"), world.p0)
        if tariff and tariff.get("demand_discount_kwh_per_kva") is not None and tariff.get("demand_discount_factor"):
            bills = [b for b in world.rows("bill") if b["customer_id"] == customer["customer_id"]]
            kwh = _known_sum([b for b in bills if b["period"] == world.p0], "billed_kwh")
            kva = exact(customer.get("contract_capacity_kva"))
            if kwh is None or kva <= 0:
                return tariff, None
            return tariff, kwh >= exact(tariff["demand_discount_kwh_per_kva"]) * kva
    return None


def _capacity_changed(world: World, customer_id: str) -> bool:
    first, end = world.p0, add_months(world.p0, 1) - days(1)
    kinds = {"new_hv", "increase_capacity", "reduce_capacity", "resume_capacity"}
    return any(
        o["kind"] in kinds
        and any(o.get(c) is not None and first <= o[c] <= end for c in ("effective_from", "effective_to"))
        for o in world.orders(customer_id)
    )


def _demand_points(world: World) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for point in world.settlement_points():
        if point.get("basic_charge_mode") in DEMAND:
            found.setdefault(point["customer_id"], []).append(point)
    return found


def tc010(world: World) -> set[str]:
    mature, left_out, found = world.mature(), cancelled(world), set()
    for customer_id, points in _demand_points(world).items():
        offer = _discount(world, mature[customer_id], points)
        bills = _bills(world, {p["point_id"] for p in points}, world.p0)
        basic, demand = _known_sum(bills, "basic_yuan"), _known_sum(bills, "billed_demand_kw")
        if offer is None or offer[1] is None or basic is None or not demand or _capacity_changed(world, customer_id):
            continue
        tariff, entitled = offer
        if tariff.get("demand_price") is None:
            continue
        wrong = tariff["demand_price"] * (1 if entitled else exact(tariff["demand_discount_factor"]))
        regular = [b for b in bills if b.get("kind") in {None, "normal", "part"} and b["bill_id"] not in left_out]
        # within 1 %, without a division
        if regular and abs(basic - wrong * demand) <= abs(wrong * demand) / 100:
            # the sum is the customer's: a regular bill without the amount still names it, after those with one
            found.add(min(regular, key=_greatest_basic)["bill_id"])
    return found


def _greatest_basic(bill: Row) -> tuple[bool, Decimal, str]:
    basic = bill.get("basic_yuan")
    return basic is None, -exact(basic), bill["bill_id"]


def _measured(world: World, point_id: str) -> Decimal | None:
    registers = [
        r["quantity"]
        for r in world.rows("reading")
        if (r["point_id"], r["period"], r["register"]) == (point_id, world.p0, "demand")
        and r.get("quantity") is not None
    ]
    if registers:
        return Decimal(registers[0])
    end = add_months(world.p0, 1)
    daily = [
        exact(r["max_demand_kw"])
        for r in world.rows("daily_electrical")
        if r["point_id"] == point_id and world.p0 <= r["day"] < end and r.get("max_demand_kw") is not None
    ]
    return max(daily) if len(daily) >= 25 else None


def _below(value: Decimal, required: Decimal) -> bool:
    return value < required - max(Decimal(1), required / 100)


def tc008(world: World) -> set[str]:
    mature, found = world.mature(), set()
    for customer_id, all_points in _demand_points(world).items():
        groups: dict[str, list[Row]] = {}
        for p in all_points:
            if p.get("allocation") in {None, "metered"}:
                group = p.get("demand_group")
                groups.setdefault(f"group {group}" if group is not None else f"point {p['point_id']}", []).append(p)
        for group in groups.values():
            points = sorted(group, key=lambda p: str(p["point_id"]))
            if _too_low(world, mature[customer_id], points, all_points):
                found.add(points[0]["point_id"])
    return found


def _too_low(world: World, customer: Row, points: list[Row], all_points: list[Row]) -> bool:
    each = [_measured(world, p["point_id"]) for p in points]
    if any(m is None for m in each):
        return False
    measured = sum((m for m in each if m is not None), Decimal(0))
    bills = _bills(world, {p["point_id"] for p in points}, world.p0)
    billed = _known_sum(bills, "billed_demand_kw")
    if points[0]["basic_charge_mode"] == "actual_demand":
        return billed is not None and _below(billed, measured)
    agreed = _known_sum(points, "contract_demand_kw")
    if agreed is None:
        return True
    over = world.parameters["over_ratio"] * agreed
    required = agreed if measured <= over else agreed + 2 * (measured - over)
    basic = _known_sum(bills, "basic_yuan")
    tariff = world.tariff_at(points[0].get("tariff_code"), world.p0) or {}
    price = tariff.get("demand_price")
    if billed is None or basic is None or price is None or not _below(billed, required):
        return False
    factor = Decimal(1)
    if tariff.get("demand_discount_kwh_per_kva") is not None and tariff.get("demand_discount_factor") is not None:
        offer = _discount(world, customer, points[:1])
        if offer is None or offer[1] is None:
            return False
        factor = exact(tariff["demand_discount_factor"]) if offer[1] else factor
    return bool(basic < required * price * factor - 1)


def ui009(world: World) -> set[str]:
    found = set()
    by_customer: dict[str, list[Row]] = {}
    for point in world.settlement_points():
        if point.get("parent_point_id") is None:
            by_customer.setdefault(point["customer_id"], []).append(point)
    for customer_id, customer in world.mature().items():
        points = by_customer.get(customer_id, [])
        contract = customer.get("contract_capacity_kva")
        if not points or customer["usage_class"] == "residential" or contract is None or contract < 30:
            continue
        if any(p.get("basic_charge_mode") in DEMAND for p in points):
            continue
        if world.in_flight(customer_id, "increase_capacity") or ui007_partly(world, customer, Decimal("1.1")):
            continue
        operating = customer.get("operating_capacity_kva")
        if _overloaded(world, points, exact(contract if operating is None else operating)):
            found.add(customer_id)
    return found


def _overloaded(world: World, points: list[Row], kva: Decimal) -> bool:
    ids, over = {p["point_id"]: p for p in points}, world.parameters["over"]
    loads: dict[date, float] = {}
    for row in world.rows("daily_electrical"):
        if row["point_id"] in ids and in_last(world, row["day"], 60) and row.get("max_demand_kw") is not None:
            factor = row.get("power_factor")
            factor = 0.9 if factor is None else max(factor, 0.8)
            loads[row["day"]] = loads.get(row["day"], 0.0) + row["max_demand_kw"] / factor
    if loads:
        return bool(sum(load > float(over * kva) + 1e-6 for load in loads.values()) >= world.parameters["days"])
    periods: dict[date, Decimal] = {}
    for row in world.rows("reading"):
        if row["point_id"] in ids and row["period"] in world.window(2) and row["register"] == "demand":
            kw, times = row.get("quantity"), row.get("multiplier")
            times = ids[row["point_id"]].get("multiplier") if times is None else times
            if kw is None and row.get("current_index") is not None:
                kw = row["current_index"] * exact(1 if times is None else times)
            if kw is not None:
                periods[row["period"]] = periods.get(row["period"], Decimal(0)) + kw
    return any(kw / Decimal("0.9") > (over + Decimal("0.1")) * kva + Decimal("0.000001") for kw in periods.values())
