"""AC009, AC013 and AC014: penalties of late payment, refunds split or repeated, refunds of one clerk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.rules.oracle.models import cancelled, outstanding
from tests.rules.oracle.terms import Row, World, day_of, days

Amounts = dict[str, Decimal | None]
CENT = Decimal("0.01")


def in_last(world: World, moment: Any, count: int) -> bool:
    """Whether the date is in D(count)."""
    day = day_of(moment)
    return day is not None and world.as_of - days(count) <= day < world.as_of


def valid_payments(world: World, bill_id: str) -> list[Row]:
    """The bill's valid payments received up to as_of."""
    found = []
    for row in world.rows("payment"):
        undone = day_of(row.get("reversed_at"))
        if row.get("bill_id") == bill_id and (undone is None or undone > world.as_of):
            found.append(row)
    return found


def _penalty(world: World, bill: Row, payment: Row, usage_class: str) -> Decimal:
    rates = dict(world.parameters["rates"])
    received = day_of(payment["received_at"])
    assert received is not None
    factor, day = Decimal(0), bill["due_on"] + days(1)
    while day <= received:
        later = day.year > bill["period"].year
        kind = "residential" if usage_class == "residential" else "later_year" if later else "same_year"
        factor += Decimal(str(rates[kind]))
        day += days(1)
    return Decimal(payment["yuan"]) * factor


def ac009(world: World) -> Amounts:
    customers = {row["customer_id"]: row for row in world.rows("customer")}
    left_out = cancelled(world)
    found: Amounts = {}
    for bill in world.rows("bill"):
        customer, left = customers.get(bill["customer_id"]), outstanding(world, bill)
        regular = bill.get("kind") in {None, "normal", "part"} and bill["bill_id"] not in left_out
        if not regular or customer is None or customer.get("payment_mode") == "prepaid":
            continue
        if left is None or left > CENT or bill.get("due_on") is None:
            continue
        payments = valid_payments(world, bill["bill_id"])
        latest = max((p["received_at"].date() for p in payments), default=None)
        if not in_last(world, latest, 90) or latest <= bill["due_on"] + days(world.parameters["grace"]):
            continue
        late = [p for p in payments if p["received_at"].date() > bill["due_on"]]
        expected = sum((_penalty(world, bill, p, customer["usage_class"]) for p in late), Decimal(0))
        if world.parameters["cap_at_principal"]:
            expected = min(expected, sum((p["yuan"] for p in late), Decimal(0)))
        got = sum((p.get("penalty_yuan") or Decimal(0) for p in payments), Decimal(0))
        if expected >= 1 and (got == 0 or abs(got - expected) > max(Decimal(1), expected / 10)):
            found[bill["bill_id"]] = (expected - got).quantize(CENT, ROUND_HALF_UP)
    return found


def _refunds(world: World) -> list[Row]:
    """Refunds of the year that are known not to be of policy."""
    return [
        row
        for row in world.rows("adjustment")
        if row.get("yuan") is not None
        and row["yuan"] < 0
        and row.get("reason") not in {None, "policy"}
        and in_last(world, row.get("requested_at"), 365)
    ]


def _by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.get(column) is not None:
            found.setdefault(row[column], []).append(row)
    return found


def _total(rows: Iterable[Row]) -> Decimal:
    return sum((-row["yuan"] for row in rows), Decimal(0))


def _split_below(rows: list[Row], limit: Decimal) -> Decimal | None:
    """The greatest sum of refunds of one person within 30 days, each a little below the limit."""
    sums = []
    near = [row for row in rows if limit / 2 < -row["yuan"] <= limit]
    for mine in _by(near, "requested_by").values():
        for first in mine:
            start: date = first["requested_at"].date()
            run = [row for row in mine if 0 <= (row["requested_at"].date() - start).days < 30]
            if len(run) >= 2 and _total(run) > limit:
                sums.append(_total(run))
    return max(sums, default=None)


def ac013(world: World) -> Amounts:
    found: Amounts = {}
    limits = sorted(Decimal(str(row[0])) for row in world.parameters["limits"])
    for customer_id, rows in _by(_refunds(world), "customer_id").items():
        splits = [total for limit in limits if (total := _split_below(rows, limit)) is not None]
        repeated = len(rows) >= world.parameters["count"] and _total(rows) >= world.parameters["min_sum"]
        if splits:
            found[customer_id] = splits[0]
        elif repeated:
            found[customer_id] = _total(rows)
    return found


def county_of(world: World, org_id: str) -> str:
    """The organization or its nearest ancestor that is a county; none: the nearest city; else itself."""
    units = {row["org_id"]: row for row in world.rows("organization")}
    line, at = [], units.get(org_id)
    while at is not None and at not in line:
        line.append(at)
        at = units.get(at.get("parent_id") or "")
    for level in ("county", "city"):
        for unit in line:
            if unit["level"] == level:
                return str(unit["org_id"])
    return org_id


def _median(values: list[int]) -> Decimal:
    values = sorted(values)
    half = len(values) // 2
    return Decimal(values[half]) if len(values) % 2 else Decimal(values[half - 1] + values[half]) / 2


def ac014(world: World) -> Amounts:
    clerks = _by(_refunds(world), "requested_by")
    staff = {row["staff_id"]: row for row in world.rows("staff")}
    county = {staff_id: county_of(world, row["org_id"]) for staff_id, row in staff.items()}
    approvers = {
        row.get("approved_by") for row in world.rows("adjustment") if in_last(world, row.get("approved_at"), 365)
    }
    found: Amounts = {}
    for clerk, rows in clerks.items():
        count, total = len(rows), _total(rows)
        me = staff.get(clerk)
        peers = [
            len(clerks[other])
            for other in staff
            if me is not None
            and other != clerk
            and other in clerks
            and me.get("post") is not None
            and (staff[other].get("post"), county[other]) == (me["post"], county[clerk])
        ]
        many = count >= 10 and len(peers) >= 5 and count > world.parameters["factor"] * _median(peers)
        one_approver = count >= 20 and any(
            10 * len(approved) >= 9 * count
            and len([s for s in staff if s in approvers - {clerk, by} and county[s] == county.get(clerk)]) >= 3
            for by, approved in _by(rows, "approved_by").items()
        )
        one_customer = count >= 10 and any(10 * _total(r) >= 3 * total for r in _by(rows, "customer_id").values())
        if many or one_approver or one_customer:
            found[clerk] = total
    return found
