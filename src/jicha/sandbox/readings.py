"""The reading table: what the registers of every meter showed at the end of every month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jicha.sandbox.arrays import NULL, Array, take
from jicha.sandbox.district import District
from jicha.sandbox.frame import Frame, arrow_table
from jicha.sandbox.registers import METHODS, REMOTE, Registers
from jicha.sandbox.tariffs import BANDS


@dataclass(frozen=True)
class Months:
    """Metered quantities per point and period, in units of the dial; what bills are made of."""

    live: Array  # [point, period] billed at all
    total: Array
    bands: Array  # [point, period, band]; zero for points without time bands
    timed: Array  # [point]
    reactive: Array
    demand: Array  # hundredths of a kW on the dial
    factor: Array  # [point, period] multiplier that is applied


def monthly(district: District, registers: Registers) -> Months:
    """Split the months of every point into registers that sum exactly."""
    point = district.tables["metering_point"]
    total = np.diff(registers.edge, axis=1)
    number = np.arange(total.shape[1])
    live = (number >= registers.first_period[:, None]) & (number <= registers.last_period[:, None])
    for position, start in district.slow.items():
        live[np.ix_(registers.owner == position, np.arange(total.shape[1] - 2 - start, -1, -2))] = False
        if start:
            live[registers.owner == position, -1] = False
    timed = (point["is_time_of_use"][registers.point] == True) & registers.settles  # noqa: E712
    bands = np.zeros((*total.shape, len(BANDS)), dtype=np.int64)
    bands[timed] = _split(total[timed], registers.bands[timed])
    reactive = np.rint(total * registers.tan_phi[:, None]).astype(np.int64)
    demand = np.rint(registers.peak_kw / registers.multiplier[:, None] * 100).astype(np.int64)
    return Months(
        live=live,
        total=total,
        bands=bands,
        timed=timed,
        reactive=reactive,
        demand=demand,
        factor=np.repeat(registers.multiplier[:, None], total.shape[1], axis=1),
    )


def _split(total: Array, shares: Array) -> Array:
    """Split units by shares; the rest stays with the flat band, where there is none with the peak band."""
    parts = np.floor(total[..., None] * shares[:, None, :]).astype(np.int64)
    rest = np.where(shares[:, 2] > 0, 2, 1)
    parts[np.arange(len(parts)), :, rest] += total - parts.sum(axis=-1)
    return np.asarray(parts)


def build_readings(district: District, registers: Registers, months: Months) -> tuple[Any, Frame]:
    """Return the reading table in Arrow, and the segments of months with an exchange."""
    calendar = district.calendar
    point = district.tables["metering_point"]
    edges = calendar.period_edges
    swapped = (registers.exchange >= 0)[:, None] & (registers.exchange_day[:, None] <= edges[None, :])
    index = np.stack([registers.index(registers.edge[:, k], swapped[:, k]) for k in range(len(edges))], axis=1)
    kind = district.kind[registers.owner]
    wanted: list[tuple[str, Array, Array, Array]] = [("total", np.ones(len(kind), dtype=bool), index, months.total)]
    for band, name in enumerate(BANDS):
        has = months.timed & (registers.bands[:, band] > 0)
        units = months.bands[:, :, band]
        wanted.append((name, has, _band_index(registers, units, swapped, band), units))
    assessed = ~np.isnan(point["pf_standard"][registers.point]) & registers.settles
    run = np.concatenate([np.zeros((len(kind), 1), dtype=np.int64), np.cumsum(months.reactive, axis=1)], axis=1)
    start = (registers.start * registers.tan_phi).astype(np.int64)
    base = np.where(swapped, -run[np.arange(len(kind)), _month_of_exchange(swapped)][:, None], start[:, None])
    wanted.append(("reactive", assessed, np.maximum(run + base, 0) % registers.limit[:, None], months.reactive))
    basic = point["basic_charge_mode"][registers.point]
    with_demand = registers.settles & (basic != None) & (basic != "none")  # noqa: E711
    shown = np.concatenate([np.full((len(kind), 1), NULL), months.demand], axis=1)
    wanted.append(("demand", with_demand, shown, months.demand))
    moment = registers.read_at
    method = np.where(months.live, registers.method, REMOTE)
    parts = []
    for name, has, dial, units in wanted:
        p, m = np.nonzero(months.live & has[:, None])
        after = swapped[p, m + 1]
        meters = np.concatenate([registers.meter, registers.old_meter])
        parts.append(
            arrow_table(
                "reading",
                point_id=take(point["point_id"][registers.point], p),
                meter_id=take(meters, np.where(after | (registers.exchange[p] < 0), p, p + len(kind))),
                period=calendar.periods[m],
                register=take(np.array([name], dtype=object), np.zeros(len(p), dtype=np.int64)),
                previous_index=np.full(len(p), NULL) if name == "demand" else dial[p, m],
                current_index=dial[p, m + 1],
                multiplier=months.factor[p, m],
                quantity=np.rint(units[p, m] * months.factor[p, m]).astype(np.int64),
                read_at=moment[p, m],
                method=take(np.array(METHODS, dtype=object), method[p, m]),
                reader_id=take(district.customer["reader_id"][registers.owner], p),
            )
        )
    return pa.concat_tables(parts), _segments(district, registers, wanted, moment)


def _month_of_exchange(swapped: Array) -> Array:
    return np.asarray(np.maximum(np.argmax(swapped, axis=1) - 1, 0))


def _band_index(registers: Registers, units: Array, swapped: Array, band: int) -> Array:
    """Dial of a time band: it runs on from a share of the start, and anew from zero after an exchange."""
    run = np.concatenate([np.zeros((len(units), 1), dtype=np.int64), np.cumsum(units, axis=1)], axis=1)
    rows, month = np.arange(len(units)), _month_of_exchange(swapped)
    old = (registers.start * registers.bands[:, band]).astype(np.int64)
    # share of the month's units that ran before the exchange
    total = registers.edge[rows, month + 1] - registers.edge[rows, month]
    before = np.clip(registers.exchange - registers.edge[rows, month], 0, None)
    part = units[rows, month] * before // np.maximum(total, 1)
    base = np.where(swapped, -(run[rows, month] + part)[:, None], old[:, None])
    return np.asarray((run + base) % registers.limit[:, None])


def _segments(
    district: District, registers: Registers, wanted: list[tuple[str, Array, Array, Array]], moment: Array
) -> Frame:  # fmt: skip
    """What both meters of a month with an exchange showed, register by register."""
    calendar = district.calendar
    changed = np.flatnonzero(registers.exchange >= 0)
    at = np.searchsorted(calendar.period_edges, registers.exchange_day[changed], side="right") - 1
    inside = (at >= 0) & (at < len(calendar.periods)) & registers.settles[changed]
    changed, at = changed[inside], at[inside]
    frame = Frame("reading_segment")
    ids = district.tables["metering_point"]["point_id"][registers.point[changed]]
    for name, has, dial, units in wanted:
        if name == "demand":
            continue
        for row, month, point_id in zip(changed.tolist(), at.tolist(), ids.tolist(), strict=True):
            if not has[row]:
                continue
            begin = calendar.periods[month].astype("datetime64[s]")
            day = (calendar.span[0] + registers.exchange_day[row]).astype("datetime64[s]")
            new = int(dial[row, month + 1])
            old = int(dial[row, month])
            common = {"point_id": point_id, "register": name, "multiplier": registers.multiplier[row],
                      "reason": "meter_change"}  # fmt: skip
            run = int(units[row, month]) - new
            frame.append(meter_id=registers.old_meter[row], from_at=begin, to_at=day, from_index=old,
                         to_index=(old + run) % int(registers.limit[row]), **common)  # fmt: skip
            frame.append(meter_id=registers.meter[row], from_at=day, to_at=moment[row, month], from_index=0,
                         to_index=new, **common)  # fmt: skip
    frame.settle()
    if not len(frame):
        return Frame("reading_segment", point_id=ids[:0], meter_id=ids[:0], register=ids[:0])
    return frame
