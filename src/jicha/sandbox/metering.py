"""Metering points, meters, instrument transformers, and the collection system's view of them."""

from __future__ import annotations

import numpy as np

from jicha.sandbox.arrays import NULL, Array, Rng, choose, numbered, or_none, text
from jicha.sandbox.district import (
    CHARGING,
    FARM,
    HOME,
    LIGHTS,
    OFFICE,
    PLANT,
    RESALE,
    SCHOOL,
    SHOP,
    WORKS,
    District,
)  # fmt: skip
from jicha.sandbox.frame import Frame

_RATIOS = np.array([50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200, 1500, 2000, 3000], dtype=float)
_VOLTAGE_RATIO = {10_000: 100.0, 35_000: 350.0, 110_000: 1100.0}
_TARIFFS = {
    HOME: "JM01", SHOP: "GS01", FARM: "NY01", OFFICE: "FJ01", LIGHTS: "LD01", CHARGING: "CD01", SCHOOL: "JM03",
}  # fmt: skip
_HIGH_TARIFFS = {
    WORKS: "GS11", PLANT: "DG11", FARM: "NY11", OFFICE: "FJ11", CHARGING: "CD11", SCHOOL: "JM13", RESALE: "DS11",
}  # fmt: skip
_INDUSTRY = "1234"  # first digit of the divisions of industry, near enough for the power-factor standard


def build_metering(district: District) -> None:
    """Build the points of customers, areas and feeders with everything that hangs on them."""
    rng = district.rng("metering")
    settlement = _settlement(district, rng)
    generation = _generation(district)
    supply = _supply(district)
    point = settlement
    point.extend(generation)
    point.extend(supply)
    district.tables["metering_point"] = point
    _meters(district, rng)


def _settlement(district: District, rng: Rng) -> Frame:
    customer, kinds, high = district.customer, district.kind, district.high_voltage
    double = np.flatnonzero((customer["supply_mode"] == "dual_source") & (rng.random(district.size) < 0.4))
    owner = np.sort(np.concatenate([np.arange(district.size), double]))
    kind, up = kinds[owner], high[owner]
    volts, capacity = customer["voltage_v"][owner], customer["contract_capacity_kva"][owner]
    hv_metered = up & ((capacity >= 630) | (volts > 10_000) | (kind == RESALE))
    mode = np.where(hv_metered, "hv_supply_hv_metering", np.where(up, "hv_supply_lv_metering", "lv_supply_lv_metering"))
    names = [(_HIGH_TARIFFS if h else _TARIFFS)[k] for k, h in zip(kind.tolist(), up.tolist(), strict=True)]
    tariff = text(names)
    timed_home = (kind == HOME) & (rng.random(len(owner)) < 0.12)
    tariff[timed_home] = "JM02"
    by_month = (kind == HOME) & ~timed_home & (rng.random(len(owner)) < 0.03)
    tariff[by_month] = "JM04"
    # who came after the merger of industrial prices and is large enough has no choice
    grown = (kind == WORKS) & up & (capacity >= 315) & (customer["opened_on"][owner] >= np.datetime64("2023-06-01"))
    grown &= ~(customer["is_temporary"][owner] == True)  # noqa: E712
    tariff[grown] = "GS12"
    tariff[(kind == CHARGING) & up & (rng.random(len(owner)) < 0.35)] = "DG10"
    plant = kind == PLANT
    tariff[plant & (volts == 35_000)], tariff[plant & (volts == 110_000)] = "DG35", "DG110"
    timed = timed_home | np.isin(kind, [WORKS, PLANT, CHARGING]) | ((kind == SHOP) & (capacity >= 50))
    tariff[(kind == SHOP) & timed] = "GS02"
    works = np.array([str(c)[:1] in _INDUSTRY for c in customer["industry_code"][owner]])
    industrial = up & (capacity > 160) & works
    assessed = (capacity >= 100) & ~np.isin(kind, [HOME, SCHOOL, LIGHTS])
    standard = np.where(np.isin(kind, [FARM, RESALE]), 0.80, np.where(industrial, 0.90, 0.85))
    standard[text(str(c)[:2] for c in customer["industry_code"][owner]) == "76"] = 0.85  # irrigation stations
    basic = np.where(
        plant, choose(rng, ["capacity", "contract_demand", "actual_demand"], len(owner), [55, 25, 20]), "none"
    )
    basic[plant & np.isin(customer["customer_id"][owner], customer["customer_id"][double])] = "capacity"
    basic[grown] = "capacity"
    demand = np.where(basic == "contract_demand", np.maximum(capacity * 0.55, capacity * 0.4).round(), np.nan)
    closed = customer["status"][owner] == "closed"
    area_ids = district.tables["area"]["area_id"]
    on_area = district.area[owner] >= 0
    return Frame(
        "metering_point",
        point_id=numbered("8", 10_000_001 + district.first * 2, len(owner), 11),
        customer_id=district.customer_ids[owner],
        area_id=or_none(on_area, area_ids[district.area[owner]]),
        feeder_id=district.tables["feeder"]["feeder_id"][district.feeder[owner]],
        purpose=choose(rng, ["settlement"], len(owner)),
        mode=mode,
        allocation=choose(rng, ["metered"], len(owner)),
        tariff_code=tariff,
        is_time_of_use=timed.astype(object),
        pf_standard=np.where(assessed, standard, np.nan),
        basic_charge_mode=basic,
        contract_demand_kw=demand,
        multiplier=_multiplier(owner, capacity, volts, mode),
        reading_cycle_months=np.full(len(owner), 1.0),
        loss_method=or_none(mode == "hv_supply_lv_metering", text(["formula"] * len(owner))),
        loss_value=np.full(len(owner), np.nan),
        line_loss_pct=np.full(len(owner), np.nan),
        parent_point_id=np.full(len(owner), None),
        transformer_id=np.full(len(owner), None),
        demand_group=np.full(len(owner), None),
        pf_group=np.full(len(owner), None),
        allocation_value=np.full(len(owner), np.nan),
        allocation_reviewed_on=np.full(len(owner), np.datetime64("NaT", "D")),
        phase=np.where(volts == 220, choose(rng, ["a", "b", "c"], len(owner)), "abc"),
        status=np.where(closed, "closed", "active"),
    )


def _multiplier(owner: Array, capacity: Array, volts: Array, mode: Array) -> Array:
    points = np.bincount(owner)[owner]
    current = np.where(mode == "hv_supply_hv_metering", capacity / volts * 1000 / 1.732, capacity / 0.38 / 1.732)
    ratio = _RATIOS[np.minimum(np.searchsorted(_RATIOS, current / np.maximum(points * 0.6, 1)), len(_RATIOS) - 1)] / 5
    direct = (mode == "lv_supply_lv_metering") & (capacity <= 40)
    voltage_ratio = np.ones(len(owner))
    for volt, factor in _VOLTAGE_RATIO.items():
        voltage_ratio[(volts == volt) & (mode == "hv_supply_hv_metering")] = factor
    return np.where(direct, 1.0, ratio * voltage_ratio)


def refit(district: District, points: Array, kva: float, volts: int) -> None:
    """Fit mode, meters and instrument transformers of metered points among some to another capacity and voltage."""
    point, assets = district.tables["metering_point"], district.tables["instrument_transformer"]
    for row in points[point["allocation"][points] == "metered"].tolist():
        high = volts > 10_000 or kva >= 630 or point["mode"][row] == "hv_supply_hv_metering"
        current = kva / volts * 1000 / 1.732 if high else kva / 0.38 / 1.732
        rating = float(_RATIOS[min(int(np.searchsorted(_RATIOS, current)), len(_RATIOS) - 1)])
        ratio = _VOLTAGE_RATIO.get(volts, volts / 100.0) if high else 1.0
        mode = "hv_supply_hv_metering" if high else "hv_supply_lv_metering"
        point.set(row, mode=mode, multiplier=rating / 5 * ratio, loss_method=None if high else "formula")
        point_id = point["point_id"][row]
        ami, meter = district.tables["ami_meter"], district.tables["meter"]
        ami.set(ami.rows(point_id=point_id), multiplier=rating / 5 * ratio)
        meter.set(meter.rows(point_id=point_id), rated_voltage_v=57.7 if high else 220.0,
                  accuracy_class="0.2S" if high else "0.5S", verification_months=72.0)  # fmt: skip
        assets.set(assets.rows(point_id=point_id, kind="current"), primary_rating=rating)
        voltage, like = assets.rows(point_id=point_id, kind="voltage"), assets.rows(point_id=point_id, kind="current")
        if high and not len(voltage):
            for number in like.tolist():
                values = {name: assets[name][number] for name in assets.columns}
                values |= {"asset_id": f"{values['asset_id']}V", "kind": "voltage", "secondary_rating": 100.0}
                assets.append(**values)
            voltage = assets.rows(point_id=point_id, kind="voltage")
        assets.set(voltage, primary_rating=ratio * 100)


def fit_low_side(district: District, points: Array, kva: float) -> None:
    """Fit some points to metering on the low side of transformers, whatever their size."""
    refit(district, points, kva, 10_000)
    point, assets = district.tables["metering_point"], district.tables["instrument_transformer"]
    rating = float(_RATIOS[min(int(np.searchsorted(_RATIOS, kva / 0.38 / 1.732)), len(_RATIOS) - 1)])
    for row in points.tolist():
        point_id = point["point_id"][row]
        point.set(row, mode="hv_supply_lv_metering", multiplier=rating / 5, loss_method="formula")
        ami, meter = district.tables["ami_meter"], district.tables["meter"]
        ami.set(ami.rows(point_id=point_id), multiplier=rating / 5)
        meter.set(meter.rows(point_id=point_id), rated_voltage_v=220.0, accuracy_class="0.5S")
        assets.set(assets.rows(point_id=point_id, kind="current"), primary_rating=rating)
        assets.remove(assets.rows(point_id=point_id, kind="voltage"))


def _generation(district: District) -> Frame:
    owner = np.flatnonzero(district.sun_kw > 0)
    count = len(owner)
    on_area = district.area[owner] >= 0
    kw = district.sun_kw[owner]
    return Frame(
        "metering_point",
        point_id=numbered("7", 10_000_001 + district.first, count, 11),
        customer_id=district.customer_ids[owner],
        area_id=or_none(on_area, district.tables["area"]["area_id"][district.area[owner]]),
        feeder_id=district.tables["feeder"]["feeder_id"][district.feeder[owner]],
        purpose=text(["generation"] * count),
        mode=np.where(on_area, "lv_supply_lv_metering", "hv_supply_lv_metering"),
        allocation=text(["metered"] * count),
        multiplier=np.where(kw <= 30, 1.0, _RATIOS[np.searchsorted(_RATIOS[:-1], kw / 0.66)] / 5),
        reading_cycle_months=np.full(count, 1.0),
        phase=np.where(kw <= 8, "a", "abc"),
        status=np.where(district.customer["status"][owner] == "closed", "closed", "active"),
    )


def _supply(district: District) -> Frame:
    """Master meters of areas and feeders."""
    area, feeder = district.tables["area"], district.tables["feeder"]
    areas, feeders = len(area), len(feeder)
    ratio = _RATIOS[np.searchsorted(_RATIOS[:-1], area["capacity_kva"] / 0.4 / 1.732)] / 5
    return Frame(
        "metering_point",
        point_id=np.concatenate(
            [area["master_point_id"], numbered("6", 1_000_001 + district.number * 1000, feeders, 11)]
        ),
        area_id=np.concatenate([area["area_id"], np.full(feeders, None)]),
        feeder_id=np.concatenate([area["feeder_id"], feeder["feeder_id"]]),
        purpose=text(["area_supply"] * areas + ["feeder_supply"] * feeders),
        mode=text(["lv_supply_lv_metering"] * areas + ["hv_supply_hv_metering"] * feeders),
        allocation=text(["metered"] * (areas + feeders)),
        multiplier=np.concatenate([ratio, np.full(feeders, 12_000.0)]),
        phase=text(["abc"] * (areas + feeders)),
        status=text(["active"] * (areas + feeders)),
    )


def _meters(district: District, rng: Rng) -> None:
    point, calendar = district.tables["metering_point"], district.calendar
    count = len(point)
    today = np.datetime64(calendar.as_of)
    owned = point["customer_id"] != None  # noqa: E711
    opened = np.full(count, today - 3000)
    closed_on = np.full(count, np.datetime64("NaT", "D"))
    at = district.position(point["customer_id"][owned])
    opened[owned] = district.connected[at]
    closed_on[owned] = district.disconnected[at]
    age = (today - opened).astype(np.int64)
    three, through = point["phase"] == "abc", point["multiplier"] > 1
    high = point["mode"] == "hv_supply_hv_metering"
    # meters are replaced before their verification ends: after six years, after eight; single-phase ones by condition
    lifetime = np.where(high | through, rng.integers(1700, 2050, count), rng.integers(2350, 2780, count))
    installed = np.where(age > lifetime, opened + np.maximum(age - 60, 0) // lifetime * lifetime, opened)
    installed = np.where(np.isnat(closed_on), installed, np.minimum(installed, opened + (closed_on - opened) // 2))
    exchanged = owned & np.isnat(closed_on) & (rng.random(count) < 0.03) & (age > len(calendar.span) + 400)
    installed[exchanged] = calendar.span[0] + rng.integers(40, max(len(calendar.span) - 40, 41), int(exchanged.sum()))
    gone = ~np.isnat(closed_on)
    common = {
        "point_id": point["point_id"],
        "phases": np.where(three, 3.0, 1.0),
        "rated_voltage_v": np.where(high, 57.7, 220.0),
        "max_current_a": np.where(through, 6.0, np.where(three, 100.0, 60.0)),
        "accuracy_class": np.where(high, "0.2S", np.where(through, "0.5S", np.where(three, "1", "2"))),
        "index_digits": np.where(through, 5.0, 6.0),
        "verification_months": np.where(three, np.where(high | through, 72.0, 96.0), np.nan),
        "seal_count": np.where(three, 3.0, 2.0),
    }
    meter = Frame(
        "meter",
        meter_id=numbered("DB", 20_000_001 + district.first * 3, count, 10),
        status=np.where(gone, "removed", "installed"),
        installed_on=installed,
        removed_on=closed_on,
        installed_index=np.zeros(count, dtype=np.int64),
        removed_index=np.full(count, NULL),
        verified_on=installed - rng.integers(10, 90, count),
        **common,
    )
    old = np.flatnonzero(exchanged)
    before = np.maximum(opened[old], installed[old] - 2800)
    previous = Frame(
        "meter",
        meter_id=numbered("DA", 20_000_001 + district.first, len(old), 10),
        status=np.where(
            installed[old] < today - 150, choose(rng, ["removed", "scrapped"], len(old), [3, 1]), "removed"
        ),
        installed_on=before,
        removed_on=installed[old],
        installed_index=np.zeros(len(old), dtype=np.int64),
        removed_index=np.full(len(old), NULL),
        verified_on=before - 30,
        **{name: values[old] for name, values in common.items()},
    )
    district.tables["ami_meter"] = _collected(district, meter, gone)
    meter.extend(previous)
    district.tables["meter"] = meter
    _instrument_transformers(district, rng, installed, gone)


def _collected(district: District, meter: Frame, gone: Array) -> Frame:
    point = district.tables["metering_point"]
    keep = ~gone
    return Frame(
        "ami_meter",
        meter_id=meter["meter_id"][keep],
        point_id=point["point_id"][keep],
        customer_id=point["customer_id"][keep],
        area_id=point["area_id"][keep],
        multiplier=point["multiplier"][keep],
    )


def _instrument_transformers(district: District, rng: Rng, installed: Array, gone: Array) -> None:
    point = district.tables["metering_point"]
    factor, mode = point["multiplier"], point["mode"]
    volts = np.full(len(point), 10_000.0)
    owned = point["customer_id"] != None  # noqa: E711
    volts[owned] = district.customer["voltage_v"][district.position(point["customer_id"][owned])]
    high = mode == "hv_supply_hv_metering"
    voltage_ratio = np.ones(len(point))
    for volt, ratio in _VOLTAGE_RATIO.items():
        voltage_ratio[high & (volts == volt)] = ratio
    through = np.flatnonzero((factor > 1) & ~gone)
    at = np.concatenate([np.repeat(through, 3), np.repeat(through[high[through]], 3)])
    current = 3 * len(through)
    kind = np.where(np.arange(len(at)) < current, "current", "voltage")
    is_current = kind == "current"
    district.tables["instrument_transformer"] = Frame(
        "instrument_transformer",
        asset_id=numbered("HG", 10_000_001 + district.number * 100_000, len(at), 9),
        point_id=point["point_id"][at],
        kind=kind,
        phase=text(["a", "b", "c"] * (len(at) // 3)),
        primary_rating=np.where(is_current, (factor / voltage_ratio * 5)[at], (voltage_ratio * 100)[at]),
        secondary_rating=np.where(is_current, 5.0, 100.0),
        accuracy_class=np.where(is_current, "0.5S", "0.5"),
        status=choose(rng, ["installed"], len(at)),
        installed_on=installed[at],
        verified_on=installed[at] - 20,
        verification_months=np.full(len(at), 120.0),
    )
