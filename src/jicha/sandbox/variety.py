"""What makes accounts differ: agreed losses, markets, groups of points, points behind points, odd reading days."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array, Rng, choose, text
from jicha.sandbox.district import HOME, PLANT, SHOP, WORKS, District
from jicha.sandbox.frame import Frame


def build_variety(district: District) -> None:
    """Vary the files of customers without orders; who becomes special is left alone by faults."""
    rng = district.rng("variety")
    _losses(district, rng)
    _groups(district, rng)
    _children(district, rng)
    _rhythms(district, rng)
    _market(district, rng)


def free(district: District, mask: Array) -> Array:
    """Positions of active customers of long standing that nothing special is known of."""
    old = district.connected < district.calendar.span[0] - 200
    plain = (district.customer["status"] == "active") & ~district.has_order & old & (district.sun_kw == 0)
    return np.flatnonzero(mask & plain & (district.customer["is_temporary"] == False))  # noqa: E712


def _points(district: District) -> tuple[Frame, Array, Array]:
    point = district.tables["metering_point"]
    rows = np.flatnonzero(point["purpose"] == "settlement")
    return point, rows, district.position(point["customer_id"][rows])


def _losses(district: District, rng: Rng) -> None:
    """Losses by table, by agreement, by mode alone; lines that belong to customers."""
    point, rows, owner = _points(district)
    single = np.bincount(owner, minlength=district.size) == 1
    behind = rows[
        (point["loss_method"][rows] == "formula") & np.isin(owner, free(district, district.high_voltage & single))
    ]
    behind = rng.permutation(behind)
    series = {str(c): str(m).split("-", maxsplit=1)[0] for c, m in zip(
        *(district.tables["customer_transformer"][n] for n in ("customer_id", "model")), strict=True)}  # fmt: skip
    parts = np.array_split(behind[: max(8, len(behind) // 4)], 4)
    listed = [row for row in parts[0].tolist() if series.get(str(point["customer_id"][row])) in ("S9", "S11")]
    point.set(np.array(listed, dtype=np.int64), loss_method="table")
    point.set(parts[1], loss_method="agreed_share", loss_value=3.5)
    point.set(parts[2], loss_method="agreed_kwh", loss_value=480.0)
    point.set(parts[3], loss_method=None)
    for part in parts:
        district.has_order[district.position(point["customer_id"][part])] = True
    high = rows[
        (point["mode"][rows] == "hv_supply_hv_metering") & np.isin(owner, free(district, district.high_voltage))
    ]
    lines = rng.permutation(high)[: max(2, len(high) // 12)]
    point.set(lines, line_loss_pct=rng.choice([0.8, 1.2, 2.5], len(lines)))
    district.has_order[district.position(point["customer_id"][lines])] = True


def _groups(district: District, rng: Rng) -> None:
    """Plants with two points: charged together, or each for its own transformer; assessed together or apart."""
    point, rows, owner = _points(district)
    many = np.bincount(owner, minlength=district.size)
    transformer = district.tables["customer_transformer"]
    for number, position in enumerate(np.flatnonzero((many == 2) & (district.kind == PLANT)).tolist()):
        mine = rows[owner == position]
        units = transformer["transformer_id"][transformer.rows(customer_id=district.customer_ids[position])]
        plain = transformer["interlock_group"][transformer.rows(customer_id=district.customer_ids[position])]
        if number % 3 == 0 and len(units) >= 2 and not any(plain.tolist()):
            for row, unit in zip(mine.tolist(), units[:2].tolist(), strict=True):
                point.set(row, transformer_id=unit, pf_group=f"KH{row}")
        elif number % 3 == 1:
            demand = float(district.customer["contract_capacity_kva"][position]) * 0.3
            point.set(mine, basic_charge_mode=str(rng.choice(["contract_demand", "actual_demand"])),
                      demand_group=f"XL{position}", contract_demand_kw=round(demand))  # fmt: skip
        district.has_order[position] = True


def _children(district: District, rng: Rng) -> None:
    """Points behind the meter of a factory or shop: measured, by ratio, by quantity; other customers behind it."""
    point, rows, owner = _points(district)
    single = np.bincount(owner, minlength=district.size) == 1
    single &= ~np.isin(district.customer["market_mode"].astype(str), ["market_retail", "fallback", "agency_1_5"])
    works = rng.permutation(free(district, single & np.isin(district.kind, [WORKS, PLANT])))[
        : max(6, district.size // 400)
    ]
    shops = rng.permutation(free(district, single & (district.kind == SHOP) & ~district.high_voltage))
    shops = shops[: max(4, district.size // 800)]
    where = dict(zip(owner.tolist(), rows.tolist(), strict=True))
    reviewed = np.datetime64(district.calendar.as_of) - rng.integers(20, 330, len(works) + len(shops))
    for number, position in enumerate([*works.tolist(), *shops.tolist()]):
        row, kind = where[position], number % 4
        if kind == 0 and district.customer["contract_capacity_kva"][position] >= 630:
            kind = 1  # what is measured on the low side is small
        district.has_order[position] = True
        if kind == 3:
            _supplied(district, rng, row, position)
            continue
        content = {name: point[name][row] for name in ("customer_id", "area_id", "feeder_id", "purpose", "mode")}
        high = bool(district.high_voltage[position])
        values: dict[str, Any] = {
            **content, "point_id": f"86{int(district.customer_ids[position]) % 10**9:09d}",
            "parent_point_id": point["point_id"][row],
            "tariff_code": "JM13" if high else "JM03", "is_time_of_use": False, "basic_charge_mode": "none",
            "reading_cycle_months": 1, "phase": "abc", "status": "active",
        }  # fmt: skip
        if kind == 0:
            values |= {"allocation": "metered", "multiplier": 20.0 if high else 1.0, "loss_method": "none",
                       "mode": "hv_supply_lv_metering" if high else "lv_supply_lv_metering"}  # fmt: skip
        elif kind == 1:
            values |= {"allocation": "ratio", "allocation_value": float(rng.choice([5, 8, 12.5, 20])),
                       "allocation_reviewed_on": reviewed[number]}  # fmt: skip
        else:
            values |= {"allocation": "quantity", "allocation_value": float(rng.choice([60, 150, 300])),
                       "allocation_reviewed_on": reviewed[number]}  # fmt: skip
        point.append(**values)
        if kind == 0:
            _meter(district, values)
    point.settle()


def hang(district: District, row: int, prefix: str, **values: Any) -> str:
    """Put a point without a meter behind another of the same customer into the file; returns its number."""
    point = district.tables["metering_point"]
    own = f"{prefix}{int(point['customer_id'][row]) % 10**9:09d}"
    content = {name: point[name][row] for name in ("customer_id", "area_id", "feeder_id", "purpose", "mode", "phase")}
    common: dict[str, Any] = {
        "is_time_of_use": False,
        "basic_charge_mode": "none",
        "reading_cycle_months": 1.0,
        "status": "active",
    }
    point.append(**{**content, **common, "point_id": own, "parent_point_id": point["point_id"][row], **values})
    return own


def _meter(district: District, values: dict[str, Any]) -> None:
    """Put a meter into the files of both systems for a point that was added."""
    name = f"DS{values['point_id']}"
    today = np.datetime64(district.calendar.as_of)
    many = values["multiplier"] > 1
    district.tables["meter"].append(
        meter_id=name, point_id=values["point_id"], status="installed", phases=3.0, rated_voltage_v=220.0,
        max_current_a=6.0 if many else 60.0, accuracy_class="0.5S" if many else "1", index_digits=6.0,
        installed_on=today - 1100, installed_index=0, verified_on=today - 1130, verification_months=72.0,
        seal_count=2.0,
    )  # fmt: skip
    ami = {n: values[n] for n in ("point_id", "customer_id", "area_id", "multiplier")}
    district.tables["ami_meter"].append(meter_id=name, **ami)
    if many:
        for phase in "abc":
            district.tables["instrument_transformer"].append(
                asset_id=f"HS{values['point_id']}{phase}", point_id=values["point_id"], kind="current", phase=phase,
                primary_rating=values["multiplier"] * 5, secondary_rating=5.0, accuracy_class="0.5S",
                status="installed", installed_on=today - 1100, verified_on=today - 1120, verification_months=120.0,
            )  # fmt: skip


def _supplied(district: District, rng: Rng, row: int, position: int) -> None:
    """Let a small neighbour of the same area, or of none, be supplied through the customer's meter."""
    point, rows, owner = _points(district)
    alike = free(
        district, (district.area == district.area[position]) & (district.kind == HOME) & ~district.high_voltage
    )
    if district.area[position] < 0 or not len(alike):
        return
    other = int(rng.choice(alike))
    district.has_order[other] = True
    point.set(rows[owner == other], parent_point_id=point["point_id"][row])


def _rhythms(district: District, rng: Rng) -> None:
    """Homes read every two months, customers read on another day than the first."""
    homes = rng.permutation(free(district, (district.kind == HOME) & ~district.high_voltage))
    _, rows, owner = _points(district)
    count = max(3, district.size // 250)
    slow, late = homes[:count], homes[count : 2 * count]
    district.tables["metering_point"].set(rows[np.isin(owner, slow)], reading_cycle_months=2.0)
    district.customer.set(late, reading_day=choose(rng, [16.0, 8.0, 21.0], len(late)).astype(float))
    district.slow = {int(at): int(rng.integers(0, 2)) for at in slow}
    district.read_on = {int(at): int(district.customer["reading_day"][at]) for at in late}
    district.has_order[slow], district.has_order[late] = True, True


def _market(district: District, rng: Rng) -> None:
    """Purchase prices of market customers per month: one for all bands, or one each; a few were not delivered."""
    mode = district.customer["market_mode"].astype(str)
    who = np.flatnonzero(np.isin(mode, ["market_retail", "fallback"]) & (district.customer["status"] != "closed"))
    frame, calendar = Frame("customer_price"), district.calendar
    shape = {"tip": 1.5, "peak": 1.25, "flat": 1.0, "valley": 0.6, "deep_valley": 0.45}
    level = rng.normal(0.372, 0.012, len(calendar.periods))
    for number, position in enumerate(who.tolist()):
        for place, period in enumerate(calendar.periods):
            if number % 9 == 4 and place % 6 == 3:
                continue
            price = level[place] * float(rng.normal(1, 0.01)) * (1.2 if mode[position] == "fallback" else 1)
            bands = {"all": 1.0} if number % 2 else shape
            for band, factor in bands.items():
                frame.append(customer_id=district.customer_ids[position], period=period, time_band=band,
                             price=round(price * factor * 1e6))  # fmt: skip
    frame.settle()
    district.tables["customer_price"] = frame if len(frame) else Frame(
        "customer_price", customer_id=text([]), period=np.zeros(0, dtype="datetime64[D]"), time_band=text([]),
        price=np.zeros(0, dtype=np.int64),
    )  # fmt: skip
