"""Customers' own equipment: transformers, incoming supplies, generators; and their contracts."""

from __future__ import annotations

import numpy as np

from jicha.sandbox.arrays import Array, Rng, choose, numbered, text
from jicha.sandbox.district import CHARGING, FARM, HOME, OFFICE, PLANT, RESALE, SCHOOL, SHOP, WORKS, District
from jicha.sandbox.frame import Frame

# capacity [kVA] -> no-load loss S9, S11, S13; load loss [kW]; no-load current [%] (GB/T 6451 class values)
LOSSES = {
    30: (0.13, 0.10, 0.08, 0.60, 2.1), 50: (0.17, 0.13, 0.10, 0.87, 2.0), 63: (0.20, 0.15, 0.11, 1.04, 1.9),
    80: (0.25, 0.18, 0.13, 1.25, 1.8), 100: (0.29, 0.20, 0.15, 1.50, 1.6), 125: (0.34, 0.24, 0.17, 1.80, 1.5),
    160: (0.40, 0.28, 0.20, 2.20, 1.4), 200: (0.48, 0.34, 0.24, 2.60, 1.3), 250: (0.56, 0.40, 0.29, 3.05, 1.2),
    315: (0.67, 0.48, 0.34, 3.65, 1.1), 400: (0.80, 0.57, 0.41, 4.30, 1.0), 500: (0.96, 0.68, 0.48, 5.15, 1.0),
    630: (1.20, 0.81, 0.57, 6.20, 0.9), 800: (1.40, 0.98, 0.70, 7.50, 0.8), 1000: (1.70, 1.15, 0.83, 10.3, 0.7),
    1250: (1.95, 1.36, 0.97, 12.0, 0.6), 1600: (2.40, 1.64, 1.17, 14.5, 0.6),
}  # fmt: skip
SERIES = ["S9", "S11", "S13"]
_CHOICES = {
    WORKS: ([80, 100, 125, 160, 200, 250, 315, 400, 500, 630], [1, 3, 2, 4, 4, 4, 4, 3, 2, 2]),
    PLANT: ([315, 400, 500, 630, 800, 1000, 1250, 1600], [3, 5, 5, 6, 5, 5, 3, 3]),
    FARM: ([50, 80, 100, 160, 200], None),
    SCHOOL: ([200, 315, 400, 500], None),
    CHARGING: ([315, 400, 630, 800], None),
    OFFICE: ([160, 200, 315, 400], None),
}


def loss_data(capacity: float, series: str) -> tuple[float, float, float, float]:
    """No-load loss, load loss [kW], no-load current, impedance [%] of a transformer; scaled from the nearest size."""
    nearest = min(LOSSES, key=lambda size: abs(size - capacity))
    row, scale = LOSSES[nearest], max(capacity, 1.0) / nearest
    no_load = row[SERIES.index(series)] if series in SERIES else row[2]
    return round(no_load * scale, 3), round(row[3] * scale, 3), row[4], 4.0 if nearest < 630 else 4.5


def exact_loss_data(capacity: float, series: str) -> tuple[float, float, float, float] | None:
    """Figures of the class values for exactly this size, NaN where the class does not fix one; None: no such size."""
    row = LOSSES.get(int(capacity)) if float(capacity).is_integer() else None
    if row is None or series not in SERIES:
        return None
    idle = row[4] if series == "S9" else float("nan")
    return row[SERIES.index(series)], row[3], idle, 4.0 if capacity < 630 else 4.5


def build_equipment(district: District) -> None:
    """Build transformers and supplies of high-voltage customers, generators of everybody, contracts."""
    rng = district.rng("equipment")
    _transformers(district, rng)
    _sources(district, rng)
    _generators(district, rng)
    _contracts(district, rng)
    _windings(district)


def _windings(district: District) -> None:
    """Note what the running transformers of a customer lose, before faults may change the file."""
    transformer = district.tables["customer_transformer"]
    running = np.isin(transformer["status"], ["running", "hot_standby"])
    owner = district.position(transformer["customer_id"][running])
    capacity = transformer["capacity_kva"][running]
    parts = [
        transformer["no_load_loss_kw"][running],
        transformer["load_loss_kw"][running],
        transformer["no_load_current_pct"][running] / 100 * capacity,
        transformer["impedance_pct"][running] / 100 * capacity,
        capacity,
    ]
    district.windings = np.stack([np.bincount(owner, weights=p, minlength=district.size) for p in parts], axis=1)
    district.billed_kva = np.nan_to_num(district.customer["operating_capacity_kva"])


def _transformers(district: District, rng: Rng) -> None:
    customer = district.customer
    owners: list[int] = []
    sizes: list[float] = []
    for at in np.flatnonzero(district.high_voltage).tolist():
        kind = district.kind[at]
        if kind == RESALE:
            customer.set(at, contract_capacity_kva=float(rng.choice([2000, 3150, 5000])))
            continue
        if kind == PLANT and rng.random() < 0.05:  # large works on 35 or 110 kV
            voltage, size = (35_000, [2500, 3150, 5000]) if rng.random() < 0.75 else (110_000, [10_000, 16_000])
            customer.set(at, voltage_v=voltage)
            many, own = 2, [float(rng.choice(size))] * 2
        else:
            options, weights = _CHOICES[kind]
            many = (
                int(rng.choice([1, 2, 3, 4], p=[0.55, 0.3, 0.1, 0.05])) if kind == PLANT else 1 + (rng.random() < 0.06)
            )
            share = None if weights is None else np.array(weights) / sum(weights)
            own = [float(s) for s in rng.choice(options, many, p=share)]
        owners += [at] * many
        sizes += own
    owner, capacity = np.array(owners), np.array(sizes)
    series = choose(rng, SERIES, len(owner), [3, 5, 3])
    losses = np.array([loss_data(c, s) for c, s in zip(capacity, series, strict=True)])
    grade = (customer["voltage_v"][owner] / 1000).astype(int)
    opened = customer["opened_on"][owner]
    district.tables["customer_transformer"] = Frame(
        "customer_transformer",
        transformer_id=numbered("BYQ", 1_000_001 + district.number * 20_000, len(owner), 8),
        customer_id=district.customer_ids[owner],
        model=series + text(f"-{c:g}/{g}" for c, g in zip(capacity, grade, strict=True)),
        capacity_kva=capacity,
        status=choose(rng, ["running"], len(owner)),
        installed_on=opened - rng.integers(0, 20, len(owner)),
        removed_on=np.full(len(owner), np.datetime64("NaT", "D")),
        no_load_loss_kw=losses[:, 0],
        load_loss_kw=losses[:, 1],
        no_load_current_pct=losses[:, 2],
        impedance_pct=losses[:, 3],
        interlock_group=np.full(len(owner), None),
    )
    _status(district, rng, owner, capacity)


def _status(district: District, rng: Rng, owner: Array, capacity: Array) -> None:
    """Set what runs, what stands by, what is suspended; the capacities of the file follow."""
    customer, transformer = district.customer, district.tables["customer_transformer"]
    count = np.bincount(owner, minlength=district.size)
    first = np.searchsorted(owner, np.arange(district.size))
    today = np.datetime64(district.calendar.as_of)
    district.idle_from = np.full(district.size, np.datetime64("NaT", "D"))
    total = np.bincount(owner, weights=capacity, minlength=district.size)
    history: list[tuple[str, np.datetime64, np.datetime64, str]] = []
    roll = rng.random(district.size)
    running = total.copy()
    for at in np.flatnonzero(district.high_voltage & (count > 0)).tolist():
        rows = np.arange(first[at], first[at] + count[at])
        since = today - int(rng.integers(50, 150))
        if roll[at] < 0.035:  # everything suspended
            transformer.set(rows, status="suspended")
            customer.set(at, status="suspended")
            district.idle_from[at] = since
            running[at] = 0
        elif roll[at] < 0.09 and count[at] > 1:  # one transformer suspended
            rows = rows[:1]
            transformer.set(rows, status="suspended")
            running[at] -= capacity[rows[0]]
        elif roll[at] < 0.13 and count[at] > 1:
            transformer.set(rows[:1], status="cold_standby")
            running[at] -= capacity[rows[0]]
            continue
        elif roll[at] < 0.20 and count[at] > 1:
            transformer.set(rows[:1], status="hot_standby")
            continue
        else:
            continue
        district.has_order[at] = True
        for row in rows:
            number = transformer["transformer_id"][row]
            history.append((number, transformer["installed_on"][row], since - 1, "running"))
            history.append((number, since, np.datetime64("NaT", "D"), "suspended"))
    pair = np.flatnonzero(
        (count == 2) & (roll > 0.97) & (customer["voltage_v"] == 10_000)
    )  # two that cannot run together: the contract counts one
    for at in pair.tolist():
        rows = np.arange(first[at], first[at] + 2)
        transformer.set(rows, interlock_group=f"HS{district.first + at}")
        total[at] = running[at] = capacity[rows].max()
    own = count > 0
    customer.set(own, contract_capacity_kva=total[own], operating_capacity_kva=running[own])
    motor = np.flatnonzero((district.kind == PLANT) & (total >= 1000) & (roll > 0.85) & (roll < 0.97))
    power = rng.choice([250.0, 400.0, 630.0], len(motor))
    customer.set(motor, direct_motor_kva=power)
    customer.set(motor, contract_capacity_kva=total[motor] + power, operating_capacity_kva=running[motor] + power)
    resale = np.flatnonzero(district.kind == RESALE)
    customer.set(resale, operating_capacity_kva=customer["contract_capacity_kva"][resale])
    columns = [text(c) for c in zip(*history, strict=True)] if history else [text([])] * 4
    district.tables["transformer_status"] = Frame(
        "transformer_status", transformer_id=columns[0], from_on=columns[1], until_on=columns[2], status=columns[3]
    )


def _sources(district: District, rng: Rng) -> None:
    customer = district.customer
    high = np.flatnonzero(district.high_voltage)
    feeders = district.tables["feeder"]["feeder_id"]
    mode = choose(rng, ["single", "dual_source", "dual_circuit", "multi_source"], len(high), [88, 6, 4, 2])
    mode[: min(4, len(mode))] = ["single", "dual_source", "dual_circuit", "multi_source"][: len(mode)]
    customer.set(high, supply_mode=mode)
    customer.set(high[mode != "single"], importance="second")
    second = np.flatnonzero(mode != "single")
    secure = np.flatnonzero((mode == "single") & (rng.random(len(high)) < 0.03))
    other = district.feeder[high[second]].copy()
    apart = mode[second] != "dual_circuit"
    other[apart] = (other[apart] + 1 + rng.integers(0, len(feeders) - 1, int(apart.sum()))) % len(feeders)
    owner = np.concatenate([high, high[second], high[secure]])
    role = ["main"] * len(high) + ["backup"] * len(second) + ["security"] * len(secure)
    feeder = np.concatenate([district.feeder[high], other, district.feeder[high[secure]]])
    order = np.argsort(owner, kind="stable")
    district.tables["power_source"] = Frame(
        "power_source",
        source_id=numbered("DY", 1_000_001 + district.number * 20_000, len(owner), 8),
        customer_id=district.customer_ids[owner[order]],
        role=text(role)[order],
        feeder_id=feeders[feeder[order]],
        voltage_v=customer["voltage_v"][owner[order]],
    )


def _generators(district: District, rng: Rng) -> None:
    kinds = district.kind
    share = np.select([kinds == HOME, np.isin(kinds, [SHOP, FARM]), np.isin(kinds, [PLANT, WORKS])], [0.02, 0.04, 0.10])
    active = district.customer["status"] == "active"
    sun = np.flatnonzero((rng.random(district.size) < share) & active)
    contract = district.customer["contract_capacity_kva"]
    kw = np.where(kinds[sun] == HOME, rng.choice([5.0, 8.0, 10.0, 15.0], len(sun)), (contract[sun] * 0.4).round())
    district.sun_kw = np.zeros(district.size)
    district.sun_kw[sun] = kw
    diesel = np.flatnonzero((np.isin(kinds, [PLANT, SCHOOL])) & (rng.random(district.size) < 0.08) & active)
    owner = np.concatenate([sun, diesel])
    opened = district.customer["opened_on"][owner]
    district.tables["self_generator"] = Frame(
        "self_generator",
        generator_id=numbered("ZB", 100_001 + district.number * 10_000, len(owner), 7),
        customer_id=district.customer_ids[owner],
        kind=text(["photovoltaic"] * len(sun) + ["diesel"] * len(diesel)),
        capacity_kw=np.concatenate([kw, (contract[diesel] * 0.2).round()]),
        agreement_on=np.maximum(opened, np.datetime64("2019-03-01")) + rng.integers(0, 30, len(owner)),
        interlock=text([True] * len(owner)),
        feed_in=np.concatenate([np.where(rng.random(len(sun)) < 0.35, "full", "surplus"), ["none"] * len(diesel)]),
    )


def _contracts(district: District, rng: Rng) -> None:
    customer = district.customer
    wanted = (district.kind != HOME) | (rng.random(district.size) < 0.25)
    at = np.flatnonzero(wanted & (customer["status"] != "closed"))
    today = np.datetime64(district.calendar.as_of)
    years = np.where(district.high_voltage[at], 3, 5) * 365
    age = (today - customer["opened_on"][at]).astype(np.int64)
    signed = customer["opened_on"][at] + (np.maximum(age - 40, 0) // years) * years
    district.tables["contract"] = Frame(
        "contract",
        contract_id=numbered("HT", 10_000_001 + district.first, len(at), 9),
        customer_id=district.customer_ids[at],
        signed_on=signed,
        expires_on=signed + years,
        entered_on=signed + rng.integers(0, 4, len(at)),
        archived_on=signed + rng.integers(4, 9, len(at)),
        capacity_kva=customer["contract_capacity_kva"][at],
        voltage_v=customer["voltage_v"][at],
        usage_class=customer["usage_class"][at],
    )
