"""Business of customers: connections, exchanges, moves, suspensions, closings; and what came in by telephone."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array, Rng, choose, numbered, text
from jicha.sandbox.district import HOME, PLANT, District
from jicha.sandbox.frame import Frame

_STEPS = {
    "new_lv_residential": ["accept", "survey", "meter_install", "energize", "archive"],
    "new_lv_other": ["accept", "survey", "scheme_reply", "contract", "meter_install", "energize", "archive"],
    "new_hv": ["accept", "survey", "scheme_reply", "design_review", "completion_inspection", "contract",
               "meter_install", "energize", "archive"],
}  # fmt: skip
_SHORT = ["accept", "survey", "archive"]
_HOUR = np.timedelta64(3600, "s")
_DAY = np.timedelta64(86_400, "s")


def build_orders(district: District) -> None:
    """Build service orders with their steps and fees, as history and as work in hand."""
    rng, calendar, customer = district.rng("orders"), district.calendar, district.customer
    district.tables["service_order"] = Frame("service_order")
    district.tables["service_step"] = Frame("service_step")
    district.tables["service_fee"] = Frame("service_fee")
    district.order_number = 0
    today = np.datetime64(calendar.as_of)
    opened = customer["opened_on"]
    for at in np.flatnonzero((opened >= calendar.span[0]) & (opened <= today)).tolist():
        kind = (
            "new_hv"
            if district.high_voltage[at]
            else "new_lv_residential"
            if district.kind[at] == HOME
            else "new_lv_other"
        )
        age = 60 if district.high_voltage[at] else 5
        after = float(customer["contract_capacity_kva"][at])
        file_order(district, rng, at, kind, applied=opened[at] - age, archived=opened[at] + 3, capacity_after_kva=after)
    for at in np.flatnonzero(customer["status"] == "closed").tolist():
        end = customer["closed_on"][at]
        if end >= calendar.span[0]:
            file_order(district, rng, at, "close_account", applied=end - 4, archived=end + 1)
    transformer, history = district.tables["customer_transformer"], district.tables["transformer_status"]
    owner = dict(zip(transformer["transformer_id"].tolist(), transformer["customer_id"].tolist(), strict=True))
    seen: set[str] = set()
    for row in np.flatnonzero(history["status"] == "suspended").tolist():
        customer_id, since = owner[history["transformer_id"][row]], history["from_on"][row]
        if customer_id not in seen:
            seen.add(customer_id)
            at = int(customer_id) - int(district.customer_ids[0])
            file_order(district, rng, at, "suspend", applied=since - 6, archived=since + 1, effective_from=since,
                       effective_to=since + 150)  # fmt: skip
    meter = district.tables["meter"]
    point_owner = dict(
        zip(district.tables["metering_point"]["point_id"].tolist(),
            district.tables["metering_point"]["customer_id"].tolist(), strict=True)
    )  # fmt: skip
    old = np.flatnonzero(text(str(m)[:2] for m in meter["meter_id"]) == "DA")
    for row in old[rng.random(len(old)) < 0.5].tolist():
        at = int(point_owner[meter["point_id"][row]]) - int(district.customer_ids[0])
        when = meter["removed_on"][row]
        file_order(district, rng, at, "meter_fault", applied=when - 2, archived=when + 1)
    _moves(district, rng)
    _in_hand(district, rng)


def file_order(
    district: District, rng: Rng, at: int, kind: str, *,
    applied: Any, archived: Any = None, status: str = "", **columns: Any,
) -> str:  # fmt: skip
    """Write one order of a customer with its steps; open unless it was archived. Days get office hours."""
    district.has_order[at] = True
    district.order_number += 1
    order_id = f"GD{10_000_000 + district.first * 4 + district.order_number:010d}"
    begun = _moment(applied, int(rng.integers(8, 17)))
    done = np.datetime64("NaT", "s") if archived is None else _moment(archived, int(rng.integers(9, 16)))
    org_id = district.customer["org_id"][at]
    district.tables["service_order"].append(
        order_id=order_id, customer_id=district.customer_ids[at], org_id=org_id, kind=kind, applied_at=begun,
        status=status or ("open" if archived is None else "archived"), archived_at=done, **columns,
    )  # fmt: skip
    steps = _STEPS.get(kind, _SHORT)
    end = done if archived is not None else begun + 3 * _DAY
    known = steps if archived is not None else steps[:1]
    length = (end - begun) / len(steps)
    staff = district.layout.staff_of[(district.layout.stations[district.station[at]], "service_agent")][0]
    for number, step in enumerate(known):
        district.tables["service_step"].append(
            order_id=order_id, step=step, staff_id=staff, started_at=begun + number * length,
            finished_at=begun + (number + 1) * length,
        )  # fmt: skip
    return order_id


def _moment(day: Any, hour: int) -> Any:
    """Return a moment as it is, a day at an hour of its own."""
    if np.datetime_data(day.dtype)[0] == "D":
        return day.astype("datetime64[s]") + hour * _HOUR
    return day


def _moves(district: District, rng: Rng) -> None:
    """Changes of owner: the file names the new one."""
    span = district.calendar.span
    plain = np.flatnonzero(
        (district.kind == HOME) & (district.customer["status"] == "active") & (district.connected < span[0])
    )
    moving = rng.permutation(plain)[: max(2, len(plain) // 80)]
    for at in moving.tolist():
        when = span[int(rng.integers(10, len(span) - 20))]
        file_order(district, rng, at, "transfer_ownership", applied=when - 1, archived=when)


def _in_hand(district: District, rng: Rng) -> None:
    """Work that has not come to an end at the screening date."""
    today = np.datetime64(district.calendar.as_of)
    active = np.flatnonzero((district.customer["status"] == "active") & ~district.has_order)
    for at in rng.permutation(active)[: max(3, district.size // 800)].tolist():
        kind = "increase_capacity" if district.kind[at] == PLANT else "move_meter"
        file_order(district, rng, at, kind, applied=today - int(rng.integers(1, 15)))


def build_fees(district: District) -> None:
    """Fees: high reliability for double supplies, compensation for meters that customers broke."""
    orders = district.tables["service_order"]
    fees = district.tables["service_fee"]
    for row in np.flatnonzero(orders["kind"] == "meter_fault")[::4].tolist():
        fees.append(
            fee_id=f"YF{orders['order_id'][row][2:]}", order_id=orders["order_id"][row], kind="meter_compensation",
            due_yuan=180_00, paid_yuan=180_00, paid_on=orders["applied_at"][row].astype("datetime64[D]") + 1,
        )  # fmt: skip
    for row in np.flatnonzero(orders["kind"] == "new_hv").tolist():
        at = int(orders["customer_id"][row]) - int(district.customer_ids[0])
        if district.customer["supply_mode"][at] == "single":
            continue
        kva = float(district.customer["contract_capacity_kva"][at])
        due = round(kva * 210_00)
        fees.append(
            fee_id=f"YF{orders['order_id'][row][2:]}", order_id=orders["order_id"][row], kind="high_reliability",
            due_yuan=due, paid_yuan=due, paid_on=orders["applied_at"][row].astype("datetime64[D]") + 20,
            standard_yuan_per_kva=210_00, capacity_kva=kva,
        )  # fmt: skip


def build_service(district: District) -> None:
    """Tickets, usage inspections, field tests and adjustments of everyday work."""
    rng, calendar, layout = district.rng("service"), district.calendar, district.layout
    customer = district.customer
    today = np.datetime64(calendar.as_of)
    count = max(10, district.size // 60)
    who = rng.integers(0, district.size, count)
    who = who[customer["status"][who] == "active"]
    count = len(who)
    ago = rng.integers(86_400, 300 * 86_400, count).astype("timedelta64[s]")
    created = np.sort(today.astype("datetime64[s]") - ago)
    kind = choose(rng, ["consultation", "fault_repair", "opinion", "complaint", "suggestion", "praise"], count,
                  [50, 30, 8, 5, 4, 3])  # fmt: skip
    dispatched = created + rng.integers(60, 180, count).astype("timedelta64[s]")
    repair = kind == "fault_repair"
    no_time = np.full(count, np.datetime64("NaT", "s"))
    resolved = dispatched + rng.integers(3600, 40 * 3600, count).astype("timedelta64[s]")
    categories = {
        "fault_repair": "停电报修",
        "consultation": "电费查询",
        "complaint": "服务态度",
        "opinion": "停电信息",
    }
    district.tables["ticket"] = Frame(
        "ticket",
        ticket_id=numbered("KF", 10_000_001 + district.first, count, 10),
        kind=kind,
        category=text(categories.get(k, "其他") for k in kind),
        customer_id=district.customer_ids[who],
        org_id=customer["org_id"][who],
        locality=choose(rng, ["urban", "rural"], count),
        created_at=created,
        dispatched_at=dispatched,
        contacted_at=dispatched + rng.integers(120, 600, count).astype("timedelta64[s]"),
        arrived_at=np.where(repair, dispatched + rng.integers(900, 2500, count).astype("timedelta64[s]"), no_time),
        resolved_at=resolved,
        replied_at=resolved + rng.integers(600, 7200, count).astype("timedelta64[s]"),
        staff_id=layout.pick_staff(rng, district.station[who], "service_agent"),
        satisfaction=rng.choice([3.0, 4.0, 5.0], count, p=[0.1, 0.3, 0.6]),
        is_valid=choose(rng, [True], count),
        reopened=choose(rng, [False], count),
    )
    _inspections(district, rng, today)
    _tests(district, rng, today)
    _adjustments(district, rng, today)


def _inspections(district: District, rng: Rng, today: Any) -> None:
    high = np.flatnonzero(district.high_voltage)
    low = rng.choice(np.flatnonzero(~district.high_voltage), max(5, district.size // 100), replace=False)
    who = np.concatenate([high, low])
    result = choose(rng, ["normal", "hazard", "breach"], len(who), [93, 5, 2])
    on = today - rng.integers(5, 350, len(who))
    breach = result == "breach"
    base = rng.integers(20_000, 400_000, len(who))
    district.tables["usage_inspection"] = Frame(
        "usage_inspection",
        inspection_id=numbered("YJ", 10_000_001 + district.first, len(who), 10),
        customer_id=district.customer_ids[who],
        inspected_on=on,
        staff_id=district.layout.pick_staff(rng, district.station[who], "inspector"),
        kind=choose(rng, ["periodic", "special"], len(who), [9, 1]),
        result=result,
        assessed_yuan=np.where(breach, base, NULL),
        penalty_yuan=np.where(breach, base * 2, NULL),
        rectified_on=np.where(result == "normal", np.datetime64("NaT", "D"), np.minimum(on + 10, today)),
    )


def _tests(district: District, rng: Rng, today: Any) -> None:
    """Periodic tests of high-voltage customers: within two years at 10 and 35 kV, a year at 110 kV."""
    point = district.tables["metering_point"]
    at = np.flatnonzero((point["purpose"] == "settlement") & (point["mode"] != "lv_supply_lv_metering"))
    owner = district.position(point["customer_id"][at])
    volts = district.customer["voltage_v"][owner]
    on = today - np.where(volts >= 66_000, rng.integers(10, 350, len(at)), rng.integers(10, 690, len(at)))
    ripe = on > district.connected[owner] + 20
    at, on = at[ripe], on[ripe]
    district.tables["field_test"] = Frame(
        "field_test",
        test_id=numbered("XJ", 10_000_001 + district.first, len(at), 10),
        point_id=point["point_id"][at],
        tested_on=on,
        error_pct=rng.normal(0, 0.06, len(at)).clip(-0.18, 0.18).round(3),
        passed=text([True] * len(at)),
    )


def _adjustments(district: District, rng: Rng, today: Any) -> None:
    """Small corrections, asked for at the station and approved at the county; settled beside the bills."""
    active = np.flatnonzero(district.customer["status"] == "active")
    who = np.sort(rng.choice(active, max(3, district.size // 500), replace=False))
    day = today - rng.integers(40, 400, len(who))
    reason = choose(rng, ["wrong_reading", "policy"], len(who))
    yuan = rng.integers(-9000, 9000, len(who))
    order = district.tables["service_order"]
    mended = np.flatnonzero((order["kind"] == "meter_fault") & (order["status"] == "archived"))
    # the meter was exchanged and its registers were found intact: a correction of nothing, on record
    who = np.concatenate([who, district.position(order["customer_id"][mended])])
    day = np.concatenate([day, order["archived_at"][mended].astype("datetime64[D]")])
    reason = np.concatenate([reason, text(["meter_fault"] * len(mended))])
    yuan = np.concatenate([yuan, np.zeros(len(mended), dtype=np.int64)])
    known = day < today - 3
    who, day, reason, yuan = who[known], day[known], reason[known], yuan[known]
    county = text(district.layout.stations[s][:6] for s in district.station[who])
    approvers = text(district.layout.staff_of[(c, "manager")][0] for c in county)
    asked: Array = day.astype("datetime64[s]") + 17 * _HOUR
    district.tables["adjustment"] = Frame(
        "adjustment",
        adjustment_id=numbered("TB", 10_000_001 + district.first, len(who), 10),
        customer_id=district.customer_ids[who],
        period=day.astype("datetime64[M]").astype("datetime64[D]"),
        kwh=np.full(len(who), NULL),
        yuan=yuan,
        reason=reason,
        requested_by=district.layout.pick_staff(rng, district.station[who], "biller"),
        approved_by=approvers,
        approval_level=choose(rng, ["county"], len(who)),
        requested_at=asked,
        approved_at=asked + 26 * _HOUR,
        has_evidence=text([True] * len(who)),
    )
