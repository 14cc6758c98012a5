"""The derived models customer_monthly, arrears_age, area_daily_loss and feeder_monthly_loss."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from tests.rules.oracle.terms import Row, World, active, day_of, high_voltage

N = TypeVar("N", Decimal, float)
Rows = dict[tuple[Any, ...], tuple[Any, ...]]  # key -> the other columns


def _sum(values: Iterable[N | None]) -> N | None:
    """Sum of what is not null; null when all are."""
    total: N | None = None
    for value in values:
        if value is not None:
            total = value if total is None else total + value
    return total


def _ratio(number: Decimal | float | None, of: Decimal | float | None) -> float | None:
    if number is None or of is None or of == 0:
        return None
    return float(number) / float(of)


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _demand(world: World, customer_id: str, period: date) -> Decimal | None:
    """The demand registers of the customer's settlement points, open or closed; without any the greatest of a day."""
    points = {
        p["point_id"]
        for p in world.rows("metering_point")
        if p.get("customer_id") == customer_id and p["purpose"] == "settlement"
    }
    registers: Decimal | None = _sum(
        row.get("quantity")
        for row in world.rows("reading")
        if row["point_id"] in points and row["period"] == period and row["register"] == "demand"
    )
    if registers is not None:
        return registers
    daily = [
        Decimal(str(row["max_demand_kw"]))
        for row in world.rows("daily_electrical")
        if row["point_id"] in points
        and _month_of(row["day"]) == period
        and row["day"] <= world.as_of
        and row.get("max_demand_kw") is not None
    ]
    return max(daily, default=None)


def customer_monthly(world: World) -> Rows:
    """(customer_id, period) -> billed_kwh, total_yuan, load_factor, max_demand_kw, avg_price."""
    bills: dict[tuple[str, date], list[Row]] = {}
    for bill in world.rows("bill"):
        bills.setdefault((bill["customer_id"], bill["period"]), []).append(bill)
    found: Rows = {}
    for (customer_id, period), rows in bills.items():
        billed = _sum(row.get("billed_kwh") for row in rows)
        total = _sum(row.get("total_yuan") for row in rows)
        demand = _demand(world, customer_id, period)
        hours = 24 * calendar.monthrange(period.year, period.month)[1]
        load_factor = _ratio(billed, None if demand is None else demand * hours)
        found[customer_id, period] = (billed, total, load_factor, demand, _ratio(total, billed))
    return found


def outstanding(world: World, bill: Row) -> Decimal | None:
    """What is open of a bill at as_of; None when it is not issued or has no total."""
    if bill.get("issued_on") is None or bill.get("total_yuan") is None:
        return None
    left: Decimal = bill["total_yuan"]
    for payment in world.rows("payment"):
        reversed_on, received = day_of(payment.get("reversed_at")), day_of(payment["received_at"])
        valid = reversed_on is None or reversed_on > world.as_of
        if payment.get("bill_id") == bill["bill_id"] and valid and received is not None and received <= world.as_of:
            left -= payment["yuan"]
    return left


def cancelled(world: World) -> set[str]:
    """Bills that a reversal cancels whole, and these reversals: the smallest bill_id first, one each."""
    taken: set[str] = set()
    bills = sorted(world.rows("bill"), key=lambda bill: str(bill["bill_id"]))
    for reversal in bills:
        if reversal.get("kind") != "reversal" or reversal.get("total_yuan") is None:
            continue
        for bill in bills:
            same_place = (bill["point_id"], bill["period"]) == (reversal["point_id"], reversal["period"])
            if (
                same_place
                and bill.get("kind") != "reversal"
                and bill["bill_id"] not in taken
                and bill.get("total_yuan") == -reversal["total_yuan"]
            ):
                taken |= {bill["bill_id"], reversal["bill_id"]}
                break
    return taken


def arrears_age(world: World) -> Rows:
    """(customer_id, as_of) -> the five ages and the total.

    Cancelled bills and their reversals are left out; other reversals count, negative as they are, where the customer
    has arrears at all.
    """
    ages: dict[str, list[Decimal]] = {}
    overdue: set[str] = set()
    left_out = cancelled(world)
    for bill in world.rows("bill"):
        left = outstanding(world, bill)
        is_reversal = bill.get("kind") == "reversal"
        due = bill["issued_on"] if is_reversal else bill.get("due_on")
        if bill["bill_id"] in left_out or left is None or due is None or due >= world.as_of:
            continue
        if left > Decimal("0.01"):
            overdue.add(bill["customer_id"])
        elif not is_reversal:
            continue
        age = (world.as_of - due).days
        slot = sum(age > limit for limit in (30, 90, 180, 365))
        ages.setdefault(bill["customer_id"], [Decimal(0)] * 5)[slot] += left
    return {(customer_id, world.as_of): (*ages[customer_id], sum(ages[customer_id])) for customer_id in overdue}


def _area_on(world: World, point: Row, day: date) -> str | None:
    for row in world.rows("area_membership"):
        open_end = row.get("until_on") is None or row["until_on"] >= day
        if row["point_id"] == point["point_id"] and row["from_on"] <= day and open_end:
            area: str = row["area_id"]
            return area
    return point.get("area_id")


def _supplied(customer: Row | None, day: date) -> bool:
    if customer is None:
        return False
    opened, closed = customer.get("opened_on"), customer.get("closed_on")
    return (opened is None or opened <= day) and (
        customer["status"] != "closed" or (closed is not None and closed >= day)
    )


def area_daily_loss(world: World) -> Rows:
    """(area_id, day) -> supplied, sold, generated, exported, loss, pct, customers, collected, technical loss."""
    energy = {(row["point_id"], row["day"]): row for row in world.rows("daily_energy")}
    customers = {row["customer_id"]: row for row in world.rows("customer")}
    found: Rows = {}
    for day in sorted({day for _, day in energy if day <= world.as_of}):
        for area in world.rows("area"):
            row = _area_day(world, area, day, energy, customers)
            if row is not None:
                found[area["area_id"], day] = row
    return found


def _area_day(
    world: World, area: Row, day: date, energy: dict[tuple[str, date], Row], customers: dict[str, Row]
) -> tuple[Any, ...] | None:
    points = [p for p in world.rows("metering_point") if _area_on(world, p, day) == area["area_id"]]
    sold_points = [
        p
        for p in points
        if p["purpose"] == "settlement"
        and active(p)
        and p.get("allocation") in {None, "metered"}
        and p.get("parent_point_id") is None
        and _supplied(customers.get(p.get("customer_id") or ""), day)
    ]
    generators = [p for p in points if p["purpose"] == "generation"]
    master = energy.get((area.get("master_point_id") or "", day), {})
    rows = [energy.get((p["point_id"], day), {}) for p in (*sold_points, *generators)]
    supplied = master.get("energy_kwh")
    exported = master.get("reverse_kwh") or 0.0
    generated = sum(energy.get((p["point_id"], day), {}).get("energy_kwh") or 0.0 for p in generators)
    sold = sum(energy.get((p["point_id"], day), {}).get("energy_kwh") or 0.0 for p in sold_points)
    counted = [p for p in sold_points if customers[p["customer_id"]]["status"] != "suspended"]
    if not master and not any(rows) and not counted:
        return None
    collected = [p for p in counted if energy.get((p["point_id"], day), {}).get("energy_kwh") is not None]
    loss = None if supplied is None else supplied + generated - exported - sold
    pct = _ratio(loss, None if supplied is None else supplied + generated)
    pct = None if pct is None else 100 * pct
    return (supplied, sold, generated, exported, loss, pct, len(counted), len(collected), None)


def feeder_monthly_loss(world: World) -> Rows:
    """(feeder_id, period) -> supplied, sold, loss, pct."""
    customers = {row["customer_id"]: row for row in world.rows("customer")}
    months: dict[tuple[str, date], list[tuple[date, float | None]]] = {}
    for row in world.rows("daily_energy"):
        if row["day"] <= world.as_of:
            months.setdefault((row["point_id"], _month_of(row["day"])), []).append((row["day"], row.get("energy_kwh")))
    found: Rows = {}
    for feeder in world.rows("feeder"):
        feeder_id = feeder["feeder_id"]
        here = [p for p in world.rows("metering_point") if p.get("feeder_id") == feeder_id]
        ins = [p["point_id"] for p in here if p["purpose"] == "feeder_supply"]
        outs: list[tuple[str, Row | None]] = [
            (a["master_point_id"], None)
            for a in world.rows("area")
            if a.get("feeder_id") == feeder_id and a.get("master_point_id") is not None
        ]
        outs += [
            (p["point_id"], customers[p["customer_id"]])
            for p in here
            if p["purpose"] == "settlement"
            and active(p)
            and p.get("allocation") in {None, "metered"}
            and p.get("area_id") is None
            and p.get("parent_point_id") is None
            and high_voltage(customers.get(p.get("customer_id") or "", {}))
        ]
        for period in sorted({period for _, period in months}):
            bought = [value for p in ins for _, value in months.get((p, period), [])]
            sales = [
                value
                for p, customer in outs
                for day, value in months.get((p, period), [])
                if customer is None or _supplied(customer, day)
            ]
            if not bought and not sales:
                continue
            supplied, sold = _sum(bought), _sum(sales) or 0.0
            loss = None if supplied is None else supplied - sold
            pct = _ratio(loss, supplied)
            found[feeder_id, period] = (supplied, sold, loss, None if pct is None else 100 * pct)
    return found
