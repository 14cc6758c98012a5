"""Smaller tables: past areas and files of points, load curves of a few large customers, parts of prices."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array, take
from jicha.sandbox.district import HOME, District
from jicha.sandbox.frame import Frame, arrow_table
from jicha.sandbox.registers import Registers

_CURVES = 12  # large customers per district with an hourly curve
_CURVE_DAYS = 7


def build_membership(district: District) -> Frame:
    """Points that were moved to another area before the reported days: where they hung, where they hang."""
    rng, point = district.rng("membership"), district.tables["metering_point"]
    areas = district.tables["area"]["area_id"]
    frame = Frame("area_membership")
    at = np.flatnonzero((point["purpose"] == "settlement") & (point["area_id"] != None))  # noqa: E711
    last = district.calendar.span[-1] - district.calendar.days - 5
    for row in rng.permutation(at)[: max(3, len(at) // 300)].tolist():
        owner = district.position(point["customer_id"][[row]])[0]
        opened = district.connected[owner]
        here = int(np.searchsorted(areas, point["area_id"][row]))
        moved = last - int(rng.integers(0, 300))
        if district.kind[owner] != HOME or opened > moved - 30:
            continue
        before = areas[here - 1 if here else here + 1]
        frame.append(point_id=point["point_id"][row], area_id=before, from_on=opened, until_on=moved - 1)
        frame.append(point_id=point["point_id"][row], area_id=areas[here], from_on=moved)
    return frame


def build_point_history(district: District) -> Frame:
    """The files of high-voltage points, and of every point whose file changed, as they have held since connection."""
    point = district.tables["metering_point"]
    changed = np.isin(point["point_id"], list(district.past))
    owned = np.flatnonzero((point["purpose"] == "settlement") & ((point["mode"] != "lv_supply_lv_metering") | changed))
    owner = district.position(point["customer_id"][owned])
    same = ("tariff_code", "is_time_of_use", "pf_standard", "basic_charge_mode", "contract_demand_kw", "multiplier",
            "mode", "allocation", "allocation_value")  # fmt: skip
    frame = Frame(
        "metering_point_history",
        point_id=point["point_id"][owned],
        effective_from=district.connected[owner],
        effective_to=np.full(len(owned), np.datetime64("NaT", "D")),
        **{name: point[name][owned] for name in same},
    )
    place = {name: row for row, name in enumerate(frame["point_id"].tolist())}
    for name, stretches in district.past.items():
        if name not in place:
            continue
        row = place[name]
        began = frame["effective_from"][row]
        content = {column: frame[column][row] for column in same}
        for until, before in stretches:
            frame.append(point_id=name, effective_from=began, effective_to=until, **{**content, **before})
            began = until + 1
        frame.set(row, effective_from=began)
    frame.settle()
    return frame


def build_intervals(district: District, registers: Registers, energy: Array) -> Any:
    """Hourly energy of some large customers over the last days; a day's hours sum to its energy."""
    rng, calendar = district.rng("intervals"), district.calendar
    large = np.flatnonzero(district.high_voltage[registers.owner] & registers.settles)
    rows = np.sort(rng.permutation(large)[:_CURVES])
    days = min(_CURVE_DAYS, calendar.days)
    hour = np.arange(24)
    shape = 0.55 + 0.45 * np.clip(np.sin((hour - 6) / 13 * np.pi), 0, None)
    weight = shape[None, None, :] * rng.uniform(0.9, 1.1, (len(rows), days, 24))
    weight /= weight.sum(axis=2, keepdims=True)
    kwh = weight * energy[rows, -days:][:, :, None]
    begin = calendar.span[-days:].astype("datetime64[s]")[:, None] + (hour * 3600).astype("timedelta64[s]")[None, :]
    point = np.repeat(np.arange(len(rows)), days * 24)
    return arrow_table(
        "interval_energy",
        point_id=take(district.tables["metering_point"]["point_id"][registers.point[rows]], point),
        started_at=np.tile(begin.ravel(), len(rows)),
        minutes=np.full(len(point), 60.0),
        energy_kwh=kwh.ravel().round(4),
    )
