"""CF004 to CF010: capacity, voltage, trade, transformers and power sources of a customer."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from tests.rules.oracle.terms import Row, World, capacity, day_of, days, exact, high_voltage, low_voltage

Amounts = dict[str, Decimal | None]


def cf004(world: World) -> set[str]:
    bounds = {voltage: (low, high) for voltage, low, high in world.parameters["bounds"]}
    found = set()
    for customer_id, row in world.mature().items():
        kva, voltage = row.get("contract_capacity_kva"), row.get("voltage_v")
        if kva is None or kva <= 0 or voltage is None:
            continue
        if world.in_flight(customer_id, "increase_capacity", "reduce_capacity", "change_voltage"):
            continue
        if voltage not in bounds:
            found.add(customer_id)
            continue
        low, high = bounds[voltage]
        if (low is not None and kva < low) or (high is not None and kva > high):
            found.add(customer_id)
    return found


_FARMS = {1, 2, 3, 4, 5, 13, 76, 99}
_NO_INDUSTRY = {*range(1, 6), *range(50, 53), 61, 62, *range(66, 76), *range(79, 99)}


def cf005(world: World) -> set[str]:
    found = set()
    for customer_id, row in world.mature().items():
        code, kind = row.get("industry_code"), row["usage_class"]
        digits = re.sub("^[A-Za-z]", "", code or "")  # C3011 is 3011 with its section letter
        if not re.match("[0-9]{2}", digits):
            continue
        if any(kind == c and digits.startswith(prefix) for c, prefix in world.parameters["allowed_pairs"]):
            continue
        d = int(digits[:2])
        if (
            (kind == "residential" and d != 99)
            or (kind in {"large_industrial", "general_industrial_commercial", "agricultural"} and d == 99)
            or (kind == "agricultural" and d not in _FARMS)
            or (kind == "large_industrial" and d in _NO_INDUSTRY)
        ):
            found.add(customer_id)
    return found


def _installed(world: World, customer_id: str) -> list[Row]:
    return [
        row
        for row in world.transformers(customer_id)
        if row["status"] != "removed"
        and (row.get("installed_on") is None or row["installed_on"] <= world.as_of)
        and (row.get("removed_on") is None or row["removed_on"] >= world.as_of)
    ]


def _just_finished(world: World, order: Row) -> bool:
    archived = day_of(order.get("archived_at"))
    return order["status"] == "archived" and archived is not None and world.as_of - days(35) <= archived <= world.as_of


def _changing(world: World, customer_id: str) -> bool:
    kinds = {"new_hv", "increase_capacity", "reduce_capacity", "resume_capacity", "change_voltage"}
    return any(
        order["kind"] in kinds and (order["status"] == "open" or _just_finished(world, order))
        for order in world.orders(customer_id)
    )


def _contract_differences(world: World, abs_tol: Decimal, rel_tol: Decimal) -> dict[str, Decimal]:
    """Contract capacity minus T of each customer that CF006 reports."""
    found = {}
    for customer_id, row in world.mature().items():
        rows, contract = _installed(world, customer_id), row.get("contract_capacity_kva")
        if not high_voltage(row) or not rows or contract is None or _changing(world, customer_id):
            continue
        difference = exact(contract) - capacity(rows, row)
        if abs(difference) > max(abs_tol, rel_tol * exact(contract)):
            found[customer_id] = difference
    return found


def _capacity_price(world: World, customer_id: str, *, by_capacity: bool) -> Decimal | None:
    """Capacity price at as_of of the point that prices the customer's capacity.

    A point charged by capacity comes first, then one whose tariff has a capacity price, one without parent, the
    smallest point_id.
    """
    best: tuple[tuple[bool, bool, bool, str], Decimal | None] | None = None
    for point in world.settlement_points():
        if point["customer_id"] != customer_id:
            continue
        tariff = world.tariff_at(point.get("tariff_code"), world.as_of)
        price: Decimal | None = None if tariff is None else tariff.get("capacity_price")
        other_mode = point.get("basic_charge_mode") != "capacity"
        rank = (other_mode, price is None, point.get("parent_point_id") is not None, str(point["point_id"]))
        if best is None or rank < best[0]:
            best = (rank, price)
    if best is None or (by_capacity and best[0][0]):
        return None
    return best[1]


def _amount(kva: Decimal, price: Decimal | None) -> Decimal | None:
    if kva <= 0 or price is None:
        return None
    return (kva * price).quantize(Decimal("0.01"), ROUND_HALF_UP)


def cf006(world: World) -> Amounts:
    differences = _contract_differences(world, world.parameters["abs_tol"], world.parameters["rel_tol"])
    return {
        customer_id: _amount(-difference, _capacity_price(world, customer_id, by_capacity=False))
        for customer_id, difference in differences.items()
    }


def _suspending(world: World, customer_id: str) -> bool:
    for order in world.orders(customer_id):
        if order["kind"] not in {"suspend", "resume", "reduce_capacity", "resume_capacity", "increase_capacity"}:
            continue
        near = [order.get("effective_from"), order.get("effective_to")]
        if order["status"] == "open" or any(d is not None and abs((d - world.as_of).days) <= 35 for d in near):
            return True
    return False


def cf007(world: World) -> Amounts:
    found: Amounts = {}
    contract_errors = _contract_differences(world, Decimal(5), Decimal("0.01"))
    for customer_id, row in world.mature().items():
        rows = [t for t in world.transformers(customer_id) if t["status"] != "removed"]
        operating = row.get("operating_capacity_kva")
        if not high_voltage(row) or not rows or operating is None or _suspending(world, customer_id):
            continue
        running = capacity([t for t in rows if t["status"] in {"running", "hot_standby"}], row)
        difference = exact(operating) - running
        if abs(difference) <= max(Decimal(5), Decimal("0.01") * running):
            continue
        if customer_id in contract_errors and abs(contract_errors[customer_id] - difference) < Decimal("0.01"):
            continue
        found[customer_id] = _amount(-difference, _capacity_price(world, customer_id, by_capacity=True))
    return found


def cf008(world: World) -> set[str]:
    found = set()
    with_point = {point["customer_id"] for point in world.settlement_points()}
    for customer_id, row in world.mature().items():
        if world.in_flight(customer_id, "new_hv", "close_account"):
            continue
        rows = world.transformers(customer_id)
        if (
            high_voltage(row)
            and row["usage_class"] not in {"resale", "ev_charging"}
            and all(t["status"] == "removed" for t in rows)
            and customer_id in with_point
            and row.get("direct_motor_kva") in {None, 0}
        ) or (low_voltage(row) and any(t["status"] in {"running", "hot_standby"} for t in rows)):
            found.add(customer_id)
    return found


def model_capacity(model: str | None) -> float | None:
    """The number between the last '-' before the first '/' and that '/', letters before its digits ignored."""
    if model is None or "/" not in model:
        return None
    head = model.split("/")[0]
    if "-" not in head:
        return None
    found = re.fullmatch(r"[A-Za-z]*([0-9]+(?:\.[0-9]+)?)", head[head.rindex("-") + 1 :])
    return float(found[1]) if found else None


def cf009(world: World) -> set[str]:
    mature = world.mature()
    low_side = {p["customer_id"] for p in world.settlement_points() if p.get("mode") == "hv_supply_lv_metering"}
    known = {row["model_series"].upper() for row in world.rows("transformer_loss")}
    found = set()
    for row in world.rows("customer_transformer"):
        if row["customer_id"] not in mature or row["status"] not in {"running", "hot_standby"}:
            continue
        model = row.get("model")
        on_plate = model_capacity(model)
        losses = [row.get("no_load_loss_kw"), row.get("load_loss_kw")]
        series = None if model is None else model.split("-")[0].upper()
        if (on_plate is not None and abs(on_plate - row["capacity_kva"]) > 1) or (
            row["customer_id"] in low_side
            and any(value is None or value <= 0 for value in losses)
            and series not in known
        ):
            found.add(row["transformer_id"])
    return found


def cf010(world: World) -> set[str]:
    found = set()
    for customer_id, row in world.mature().items():
        if not high_voltage(row):
            continue
        sources = [s for s in world.rows("power_source") if s["customer_id"] == customer_id]
        roles = [s.get("role") for s in sources]
        feeders = {s.get("feeder_id") for s in sources}
        mode = row.get("supply_mode")
        if (
            "main" not in roles
            or (mode in {"dual_source", "dual_circuit", "multi_source"} and len(sources) < 2)
            or (mode in {"single", None} and roles.count("main") + roles.count("backup") >= 2)
            or (mode == "dual_source" and len(feeders) == 1 and None not in feeders)
        ):
            found.add(customer_id)
    return found
