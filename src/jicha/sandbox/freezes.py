"""What the collection system delivers per day: frozen index values, electrical values, weather, events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jicha.sandbox.arrays import NULL, Array, Rng, numbered, take, text
from jicha.sandbox.calendar import Calendar
from jicha.sandbox.district import District
from jicha.sandbox.edits import from_arrow
from jicha.sandbox.frame import Frame, arrow_table
from jicha.sandbox.layout import CITY, Layout, county_ids
from jicha.sandbox.registers import LOCAL, MANUAL, Registers

_MISSING = 0.0008  # freezes that do not arrive


def build_daily_energy(district: District, registers: Registers) -> tuple[Any, Array]:
    """Return daily_energy of customers' points and of master meters, and kWh per point and day."""
    rng, calendar = district.rng("freezes"), district.calendar
    days = calendar.span[-calendar.days :]
    position = np.arange(len(calendar.span) - calendar.days, len(calendar.span))
    after = (registers.exchange >= 0)[:, None] & (registers.exchange_day[:, None] <= position[None, :])
    base = np.where(after, -registers.exchange[:, None], registers.start[:, None])
    index = (registers.freeze[:, :-1] + base) % registers.limit[:, None]  # frozen at midnight, when the day begins
    energy = np.diff(registers.freeze, axis=1) * registers.multiplier[:, None] / 100
    gone = district.disconnected[registers.owner]
    lost = rng.random(energy.shape) < _MISSING
    _fail(district, registers, lost)
    hidden = lost.copy()
    hidden[:, :-1] |= lost[:, 1:]
    live = (days[None, :] >= district.connected[registers.owner][:, None]) & ~(days[None, :] > gone[:, None])
    p, d = np.nonzero(live)
    ids = district.tables["metering_point"]["point_id"][registers.point]
    customers = arrow_table(
        "daily_energy",
        point_id=take(ids, p),
        day=days[d],
        index_kwh=np.where(lost[p, d], NULL, index[p, d]),
        energy_kwh=pa.array(energy[p, d].round(4), mask=hidden[p, d]),
    )
    seen = np.where(hidden | ~live, 0.0, energy)
    _foresee(district, customers, {name: row for row, name in enumerate(ids.tolist())}, seen=seen, hidden=hidden)
    masters = _masters(district, registers, rng, seen, (hidden & live).astype(np.float64))
    return pa.concat_tables([customers, masters], promote_options="default"), energy


def _foresee(district: District, customers: Any, row_of: dict[str, int], *, seen: Array, hidden: Array) -> None:
    """Let what is reported of points be what it is once faults have changed their rows: areas are built to fit it."""
    touched = district.edits.touched("daily_energy")
    rows = customers.filter(pc.is_in(customers["point_id"], value_set=pa.array(touched, type=pa.string())))
    changed = from_arrow("daily_energy", district.edits.apply("daily_energy", rows))
    at = np.array([row_of[name] for name in changed["point_id"].tolist()], dtype=np.int64)
    day = (changed["day"] - district.calendar.span[-district.calendar.days]).astype(np.int64)
    unknown = np.isnan(changed["energy_kwh"])
    seen[at, day] = np.where(unknown, 0.0, changed["energy_kwh"])
    hidden[at, day] = unknown


def _fail(district: District, registers: Registers, lost: Array) -> None:
    """Where a meter was read by hand the collection had failed; and where a fault wants it."""
    begin = district.calendar.span[-district.calendar.days]
    reading = np.isin(registers.method, [MANUAL, LOCAL]) & registers.settles[:, None]
    at, period = np.nonzero(reading)
    day = (registers.read_at[at, period].astype("datetime64[D]") - begin).astype(np.int64)
    for shift in (-1, 0, 1):
        inside = (day + shift >= 0) & (day + shift < lost.shape[1])
        lost[at[inside], day[inside] + shift] = True
    for failed, stretches in ((False, district.edits.kept), (True, district.edits.lost)):
        for position, first, last in stretches:
            here, until = (int((np.datetime64(d, "D") - begin).astype(np.int64)) for d in (first, last))
            rows = np.flatnonzero(registers.settles & (registers.owner == position))
            lost[rows, max(here, 0) : max(until + 1, 0)] = failed


@dataclass
class Flows:
    """Energy per day, in kWh, through areas and feeders while their master meters are built."""

    registers: Registers
    days: Array
    supplied: Array  # [area, day]
    exported: Array
    made: Array
    seen: Array  # what the collection system reports as drawn there
    made_seen: Array  # and as made there
    missing: Array  # [area, day] points there without a report
    line: Array  # [feeder, day]
    line_seen: Array  # what it reports of the areas and high-voltage points of a feeder


def _seen(district: District, registers: Registers, seen: Array) -> tuple[Array, Array]:
    """Sum reported energy per area, and per feeder of points outside areas."""
    point = district.tables["metering_point"]
    rows = registers.point
    counts = registers.settles & (point["status"][rows] != "closed")
    if "parent_point_id" in point.columns:
        counts &= point["parent_point_id"][rows] == None  # noqa: E711
    counts &= ~(district.customer["opened_on"][registers.owner] > np.datetime64(district.calendar.as_of))
    high = district.customer["voltage_v"][registers.owner] >= 1000  # as the file has it
    by_area = np.zeros((len(district.tables["area"]), seen.shape[1]))
    by_line = np.zeros((len(district.tables["feeder"]), seen.shape[1]))
    for name, key, into in (("area", "area_id", by_area), ("feeder", "feeder_id", by_line)):
        ids = district.tables[name][key].astype(str)
        own = point[key][rows].astype(str)
        at = np.flatnonzero(counts & np.isin(own, ids) & ((name == "area") | (high & (point["area_id"][rows] == None))))  # noqa: E711
        np.add.at(into, np.searchsorted(ids, own[at]), seen[at])
    return by_area, by_line


def _made_seen(district: District, registers: Registers, seen: Array) -> Array:
    """Sum reported generation per area."""
    made = np.zeros((len(district.tables["area"]), seen.shape[1]))
    fed = np.flatnonzero(~registers.settles & (district.area[registers.owner] >= 0))
    np.add.at(made, district.area[registers.owner[fed]], seen[fed])
    return made


def _masters(district: District, registers: Registers, rng: Rng, seen: Array, missing: Array) -> Any:
    """Energy into areas and feeders: what was drawn there, the technical loss, less what was fed in."""
    calendar = district.calendar
    sold, made = registers.area_sold, registers.area_made
    typical = np.maximum(sold.mean(axis=1, keepdims=True), 1.0)
    connections = np.bincount(district.area[district.area >= 0], minlength=len(sold))
    loss = sold * district.loss_rate[:, None] * (0.6 + 0.4 * sold / typical) + 0.03 * connections[:, None] + 1.5
    loss *= rng.uniform(0.97, 1.03, loss.shape)
    exported = np.clip(made - 0.45 * sold, 0, None)
    flows = Flows(
        registers, calendar.span[-calendar.days :], sold + loss + exported - made, exported, made,
        _seen(district, registers, seen)[0], _made_seen(district, registers, seen),
        _seen(district, registers, missing)[0], np.zeros(0), np.zeros(0),
    )  # fmt: skip
    for change in district.edits.areas:
        change(flows)
    supplied = flows.supplied
    point = district.tables["metering_point"]
    masters = np.flatnonzero(point["purpose"] == "area_supply")
    feeders = np.flatnonzero(point["purpose"] == "feeder_supply")
    area_feeder = np.searchsorted(district.tables["feeder"]["feeder_id"], district.tables["area"]["feeder_id"])
    line = registers.feeder_sold * 1.012
    np.add.at(line, area_feeder, supplied - exported)
    flows.line = np.maximum(line, 0) * rng.uniform(1.012, 1.022, line.shape) + 20
    flows.line_seen = _seen(district, registers, seen)[1]
    np.add.at(flows.line_seen, area_feeder, supplied)
    for change in district.edits.feeders:
        change(flows)
    line = flows.line
    rows = np.concatenate([masters, feeders])
    factor = point["multiplier"][rows]
    forward = _frozen(rng, np.concatenate([supplied, line]), factor)
    backward = _frozen(rng, np.concatenate([exported, np.zeros_like(line)]), factor)
    p = np.repeat(np.arange(len(rows)), calendar.days)
    return arrow_table(
        "daily_energy",
        point_id=take(point["point_id"][rows], p),
        day=np.tile(calendar.span[-calendar.days :], len(rows)),
        index_kwh=forward[0].ravel(),
        energy_kwh=forward[1].ravel(),
        reverse_kwh=backward[1].ravel(),
    )


def _frozen(rng: Rng, energy: Array, factor: Array) -> tuple[Array, Array]:
    """Dial and energy of meters that run through so much energy."""
    units = np.rint(np.cumsum(energy, axis=1) / factor[:, None] * 100).astype(np.int64)
    start = rng.integers(0, 5_000_000, len(energy))[:, None]
    step = np.diff(units, axis=1, prepend=0)
    return units - step + start, (step * factor[:, None] / 100).round(4)


def build_daily_electrical(district: District, registers: Registers, energy: Array) -> Any:
    """Voltages, currents and demand of three-phase customers, on the meter's side except the demand."""
    rng, calendar = district.rng("electrical"), district.calendar
    point = district.tables["metering_point"]
    rows = np.flatnonzero((point["phase"][registers.point] == "abc") & registers.settles)
    days = calendar.span[-calendar.days :]
    gone = district.disconnected[registers.owner[rows]]
    live = (days[None, :] >= district.connected[registers.owner[rows]][:, None]) & ~(days[None, :] > gone[:, None])
    live &= ~(days[None, :] >= district.idle_from[registers.owner[rows]][:, None])  # no power, nothing to measure
    p, d = np.nonzero(live)
    at = rows[p]
    high = point["mode"][registers.point[at]] == "hv_supply_hv_metering"
    rated = np.where(high, 57.7, 228.0)
    factor = np.cos(np.arctan(registers.tan_phi[at])).clip(0.6, 1.0)
    demand = np.minimum(energy[at, d] / registers.hours[at] * 1.08, registers.ceiling_kw[at])
    demand *= rng.uniform(0.93, 1.0, len(p))
    # current behind the instrument transformers: kW over three phases
    amperes = demand * 1000 / registers.multiplier[at] / (3 * rated * factor)
    amperes *= _crest(rng, registers.multiplier[rows] > 1, np.bincount(p * len(days) + d, amperes, live.size))[p]
    amperes = np.minimum(amperes, np.where(registers.multiplier[at] > 1, 5.4, 90.0))
    volts = rng.normal(0.985, 0.012, (3, len(p))).clip(0.90, 1.06) * rated
    current = amperes * rng.normal(1.0, 0.05, (3, len(p))).clip(0.8, 1.2)
    # no phase of an ordinary installation overloads its transformers of 5 A
    current = np.minimum(current, np.where(registers.multiplier[at] > 1, 5.9, 108.0))
    columns: dict[str, Any] = {}
    for phase, name in enumerate("abc"):
        columns[f"min_voltage_{name}_v"] = volts[phase].round(1)
        columns[f"max_current_{name}_a"] = current[phase].round(3)
    return arrow_table(
        "daily_electrical",
        point_id=take(point["point_id"][registers.point[rows]], p),
        day=days[d],
        **columns,
        max_neutral_a=(np.ptp(current, axis=0) * 1.1).round(3),
        max_demand_kw=demand.round(3),
        power_factor=(factor * rng.uniform(0.98, 1.01, len(p))).clip(0, 1).round(3),
    )


def _crest(rng: Rng, through: Array, amperes: Array) -> Array:
    """Greatest momentary current over that of the demand, per point: starting motors, lifts, welding."""
    typical = np.percentile(amperes.reshape(len(through), -1), 95, axis=1)
    wanted = 5.0 * rng.uniform(0.32, 0.8, len(through))
    return np.where(through & (typical > 0), np.maximum(wanted / np.maximum(typical, 1e-6), 1.0), 1.0)


def build_weather(calendar: Calendar, layout: Layout) -> Frame:
    """Temperatures of the city, its counties and stations."""
    organizations = [CITY, *county_ids(), *layout.stations]
    mean, highest, lowest = calendar.temperature
    count, days = len(organizations), len(calendar.span)
    shift = np.concatenate([[0.0], np.linspace(-0.8, 0.8, count - 1)])[:, None]
    return Frame(
        "daily_weather",
        org_id=np.repeat(text(organizations), days),
        day=np.tile(calendar.span, count),
        mean_temp_c=(mean[None, :] + shift).round(1).ravel(),
        max_temp_c=(highest[None, :] + shift).round(1).ravel(),
        min_temp_c=(lowest[None, :] + shift).round(1).ravel(),
    )


def build_events(district: District) -> Frame:
    """Everyday events of meters: outages of an area's meters, lost communication, some clock drift."""
    rng, calendar = district.rng("events"), district.calendar
    ids = district.tables["ami_meter"]["meter_id"]
    count = max(20, len(ids) // 12)
    kinds = text(["power_off", "communication_lost", "clock_drift", "terminal_cover_open"])
    kind = kinds[rng.choice(4, count, p=[0.70, 0.24, 0.05, 0.01])]
    begin = calendar.span[-calendar.days] + rng.integers(0, calendar.days, count)
    started = begin.astype("datetime64[s]") + rng.integers(0, 86_000, count).astype("timedelta64[s]")
    order = np.argsort(started, kind="stable")
    handled = np.full(count, np.datetime64("NaT", "s"))
    looked = np.isin(kind, ["clock_drift", "terminal_cover_open"])
    ended = started + rng.integers(300, 14_000, count).astype("timedelta64[s]")
    checked = ended[order] + np.timedelta64(86_400, "s")
    return Frame(
        "meter_event",
        event_id=numbered("SJ", 10_000_001 + district.first, count, 10),
        meter_id=ids[rng.integers(0, len(ids), count)],
        kind=kind,
        started_at=started[order],
        ended_at=ended[order],
        handled_at=np.where(
            looked & (checked < np.datetime64(calendar.as_of, "s") + np.timedelta64(86_400, "s")), checked, handled
        ),
    )
