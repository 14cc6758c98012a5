"""CF011 to CF015: areas, dates, points and places."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from tests.rules.oracle.terms import World, active, days, low_voltage


def cf011(world: World) -> set[str] | None:
    """None = not run: pms_area is empty."""
    pms = {row["area_id"]: row for row in world.rows("pms_area")}
    if not pms:
        return None
    with_point = {point.get("area_id") for point in world.settlement_points()}
    found = set()
    for area in world.rows("area"):
        if area["area_id"] not in with_point:
            continue
        other = pms.get(area["area_id"])
        if other is None or other.get("status") in {"stopped", "removed"}:
            found.add(area["area_id"])
            continue
        here, there = area.get("capacity_kva"), other.get("capacity_kva")
        if here is not None and there is not None and abs(here - there) > 1:
            found.add(area["area_id"])
    return found


def cf012(world: World) -> set[str]:
    found = set()
    for row in world.rows("customer"):
        status, opened, closed = row["status"], row.get("opened_on"), row.get("closed_on")
        temporary, until = row.get("is_temporary"), row.get("temporary_until")
        if (
            (status in {"active", "suspended"} and closed is not None and closed < world.as_of)
            or (status == "closed" and closed is None)
            or (closed is not None and opened is not None and closed < opened)
            or (opened is not None and opened > world.as_of and status != "closed")
            or (temporary is False and until is not None)
            or (temporary is True and until is None)
        ):
            found.add(row["customer_id"])
    return found


def cf013(world: World) -> set[str]:
    limit = world.as_of - days(world.parameters["grace_days"])
    found = set()
    for customer in world.rows("customer"):
        if customer["status"] != "closed" or customer.get("closed_on") is None or customer["closed_on"] > limit:
            continue
        points = [p for p in world.rows("metering_point") if p.get("customer_id") == customer["customer_id"]]
        ids = {p["point_id"] for p in points}
        live = any(p["purpose"] in {"settlement", "generation"} and p.get("status") == "active" for p in points)
        metered = any(
            m.get("point_id") in ids and m.get("status") == "installed" and m.get("removed_on") is None
            for m in world.rows("meter")
        )
        if live or metered:
            found.add(customer["customer_id"])
    return found


def cf014(world: World) -> set[str]:
    kinds = ("new_lv_residential", "new_lv_other", "new_hv", "temporary", "close_account")
    found = set()
    for customer_id in world.mature():
        points = [p for p in world.rows("metering_point") if p.get("customer_id") == customer_id]
        settled = any(p["purpose"] == "settlement" and active(p) for p in points)
        feed_in_only = bool(points) and all(p["purpose"] == "generation" for p in points)
        if not settled and not feed_in_only and not world.in_flight(customer_id, *kinds):
            found.add(customer_id)
    return found


def distance_km(longitude: float, latitude: float, other_longitude: float, other_latitude: float) -> float:
    """Great-circle distance on a sphere of 6371 km."""
    a, b = radians(latitude), radians(other_latitude)
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * 6371 * asin(min(1.0, sqrt(max(0.0, h))))


def cf015(world: World) -> set[str]:
    areas = {row["area_id"]: row for row in world.rows("area")}
    area_of = world.areas_of_customers()
    tested: dict[str, list[tuple[str, bool, bool]]] = {}  # area -> (customer, too far, invalid)
    for customer_id, row in world.mature().items():
        area = areas.get(area_of.get(customer_id, ""))
        if not low_voltage(row) or area is None:
            continue
        at = (row.get("longitude"), row.get("latitude"), area.get("longitude"), area.get("latitude"))
        if at[0] is None or at[1] is None or at[2] is None or at[3] is None:
            continue
        invalid = not (73 <= at[0] <= 136 and 3 <= at[1] <= 54)
        far = distance_km(at[0], at[1], at[2], at[3]) > float(world.parameters["max_km"])
        tested.setdefault(area["area_id"], []).append((customer_id, far, invalid))
    found = set()
    for customers in tested.values():
        too_far = sum(far for _, far, _ in customers)
        if too_far * 5 > len(customers):
            continue
        found |= {customer_id for customer_id, far, invalid in customers if far or invalid}
    return found
