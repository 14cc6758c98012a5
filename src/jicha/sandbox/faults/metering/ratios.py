"""MT003, MT004, MT005: multipliers of the file, the collection system, the instrument transformers and readings."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import dial
from jicha.sandbox.faults.metering.tools import (
    ami_rows,
    fault_order,
    more_meter,
    point_row,
    put_point,
    set_ami,
    set_meter,
    set_point,
    without_ami,
)
from jicha.sandbox.faults.points import mark, period, plant_point, point_id
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS


# ---------------------------------------------------------------------------------------------- MT003
def _p3(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_point("MT003", kind, pool, note, *plans, weight=weight)


def _ami_times(factor: float) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        rows = ami_rows(scene, at)
        scene.frame("ami_meter").set(rows, multiplier=scene.frame("ami_meter")["multiplier"][rows] * factor)

    return plant


for factor in (1.0015, 1.01, 10.0, 40.0):
    _p3(HIT, "home", f"采集倍率为营销的{factor}倍", _ami_times(factor), weight=1.5)
for factor in (1.002, 0.998, 1.5, 0.5, 2.0, 0.2, 10.0):
    _p3(HIT, "ct", f"采集倍率为营销的{factor}倍", _ami_times(factor), weight=1.5)
_p3(HIT, "hv", "采集系统倍率为1", set_ami(multiplier=1.0))
for factor in (1.0, 1.0009, 0.9992):
    _p3(NEAR_MISS, "ct", f"采集倍率为营销的{factor}倍", _ami_times(factor))
_p3(NEAR_MISS, "home", "采集倍率1.001", _ami_times(1.001))
_p3(NEAR_MISS, "ct", "采集倍率为空", set_ami(multiplier=None))
_p3(NEAR_MISS, "ct", "电表不在采集系统", without_ami)


def _swapping(scene: Scene, at: Array) -> None:
    name = more_meter(scene, at, status="removed", removed_on=5)
    set_meter(installed_on=5, verified_on=40)(scene, at)
    set_ami(meter_id=name, multiplier=123.0)(scene, at)


_p3(NEAR_MISS, "home", "换表中，采集仍为旧表", _swapping, weight=4)


def _generating(kind: str, factor: float) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        point = scene.frame("metering_point")["point_id"][point_row(scene, at, "generation")]
        rows = scene.frame("ami_meter").rows(point_id=point)
        scene.frame("ami_meter").set(rows, multiplier=scene.frame("ami_meter")["multiplier"][rows] * factor)
        mark(scene, "MT003", kind, f"发电表采集倍率{factor}倍", point_id=point)

    return plant


add("MT003", HIT, "sunny", "发电表倍率不同", _generating(HIT, 20.0), weight=2, records=False)
add("MT003", NEAR_MISS, "sunny", "发电表倍率相同", _generating(NEAR_MISS, 1.0), weight=2, records=False)


def _master(scene: Scene, at: Array) -> None:
    point = scene.frame("area")["master_point_id"][at[0]]
    rows = scene.frame("ami_meter").rows(point_id=point)
    scene.frame("ami_meter").set(rows, multiplier=scene.frame("ami_meter")["multiplier"][rows] * 2)
    mark(scene, "MT003", HIT, "台区总表倍率不同", point_id=point)


add("MT003", HIT, "area", "台区总表倍率不同", _master, weight=2, records=False)


# ---------------------------------------------------------------------------------------------- MT004
def _p4(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_point("MT004", kind, pool, note, *plans, weight=weight)


def assets(scene: Scene, at: Array, kind: str = "current") -> Array:
    """Rows of the instrument transformers of a customer's settlement point."""
    return scene.frame("instrument_transformer").rows(point_id=point_id(scene, at), kind=kind)


def ratio(factor: float, kind: str = "current", **values: Any) -> Plant:
    """Let instrument transformers of a kind have another ratio on file."""

    def plant(scene: Scene, at: Array) -> None:
        frame, rows = scene.frame("instrument_transformer"), assets(scene, at, kind)
        frame.set(rows, primary_rating=frame["primary_rating"][rows] * factor, **values)

    return plant


for factor in (0.9945, 1.0055, 0.9, 1.2, 0.5, 2.0, 10.0, 0.1):
    _p4(HIT, "ct", f"互感器变比为倍率的{factor}倍", ratio(factor), weight=1)
for factor in (0.9955, 1.0045, 1.001):
    _p4(NEAR_MISS, "ct", f"互感器变比为倍率的{factor}倍", ratio(factor), weight=2)
_p4(HIT, "hv", "互感器变比为倍率的1.5倍", ratio(1.5))
_p4(HIT, "hv_measured", "电压互感器变比为350", ratio(3.5, "voltage"), weight=1)
_p4(HIT, "ct", "穿芯两匝未核实", ratio(2.0))


def _stated(status: str | None) -> Plant:
    return lambda scene, at: scene.frame("instrument_transformer").set(assets(scene, at), status=status)


_p4(HIT, "ct", "互感器状态均为库存，倍率大于1", _stated("in_stock"), weight=1)
_p4(HIT, "ct", "互感器均已拆，倍率大于1", _stated("removed"), weight=1)


def _none(scene: Scene, at: Array) -> None:
    scene.frame("instrument_transformer").remove(assets(scene, at))


_p4(HIT, "ct", "无互感器档案，倍率大于1", _none)
_p4(HIT, "ct", "互感器额定值为零", ratio(0.0), weight=1)


def _multiplied(scene: Scene, at: Array) -> None:
    set_point(multiplier=10.0)(scene, at)
    set_ami(multiplier=10.0)(scene, at)


_p4(HIT, "home380", "直接接入而倍率为10", _multiplied)


def unrated(scene: Scene, at: Array) -> None:
    """Leave one of three current transformers without ratings."""
    scene.frame("instrument_transformer").set(assets(scene, at)[:1], primary_rating=None, secondary_rating=None)


_p4(NEAR_MISS, "ct", "一台互感器无额定值", unrated)
_p4(NEAR_MISS, "hv_measured", "电压互感器10000/√3比100/√3",
    ratio(1 / 3**0.5, "voltage", secondary_rating=round(100 / 3**0.5, 4)), weight=1)  # fmt: skip


def replaced(scene: Scene, at: Array, days: int, factor: float = 0.5, many: int = 3) -> None:
    """Let older current transformers of another ratio have been taken down."""
    frame = scene.frame("instrument_transformer")
    for row in assets(scene, at)[:many].tolist():
        like = {name: column[row] for name, column in frame.columns.items()}
        like |= {"asset_id": f"{like['asset_id']}X", "primary_rating": like["primary_rating"] * factor}
        frame.append(**{**like, "status": "removed"})
        frame.set(row, installed_on=scene.ago(days), verified_on=scene.ago(days + 30))


for days in (10, 25):

    def _replaced(scene: Scene, at: Array, days: int = days) -> None:
        replaced(scene, at, days)

    _p4(NEAR_MISS, "ct", f"{days}天前换互感器", _replaced)
_p4(NEAR_MISS, "home", "直接接入倍率为1", lambda _s, _at: None)


def _closed(scene: Scene, at: Array) -> None:
    ratio(2.0)(scene, at)
    scene.close(at, scene.ago(200))


_p4(NEAR_MISS, "ct", "计量点已停用", _closed)


def _master_ratio(kind: str, factor: float) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        point = scene.frame("area")["master_point_id"][at[0]]
        frame = scene.frame("instrument_transformer")
        rows = frame.rows(point_id=point)
        frame.set(rows, primary_rating=frame["primary_rating"][rows] * factor)
        mark(scene, "MT004", kind, f"台区总表互感器变比为倍率的{factor}倍", point_id=point)

    return plant


add("MT004", HIT, "area", "台区总表互感器变比不符", _master_ratio(HIT, 1.25), weight=2, records=False)
add("MT004", NEAR_MISS, "area", "台区总表互感器变比相近", _master_ratio(NEAR_MISS, 1.004), weight=2, records=False)


# ---------------------------------------------------------------------------------------------- MT005
def _p5(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    plant_point("MT005", kind, pool, note, *plans, weight=weight, days=80, months=3)


def _read_with(factor: float, back: int = 0) -> Plant:
    """Apply another multiplier to the readings of a period; bills follow them."""

    def plant(scene: Scene, at: Array) -> None:
        def change(registers: Any, months: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            months.factor[row, months.factor.shape[1] - 1 - back] *= factor

        scene.district.edits.months.append(change)

    return plant


_modest = dial(lambda d: d.usage({back: 900.0 + 17 * (back % 5) for back in range(d.live() - 1)}))
for factor in (1.0015, 0.998, 1.01, 0.95):
    _p5(HIT, "ct", f"抄表倍率为档案的{factor}倍", _read_with(factor), weight=1.5)
for factor in (0.75, 1.5, 1.25):
    _p5(HIT, "ct", f"抄表倍率为档案的{factor}倍", _modest, _read_with(factor), weight=1.5)
for factor in (2.0, 10.0):
    _p5(HIT, "home", f"抄表倍率为{factor}", dial(lambda d: d.usage({b: 60.0 + b for b in range(3)})),
        _read_with(factor))  # fmt: skip
_p5(HIT, "hv", "抄表倍率为档案的1.1倍", _read_with(1.1))
for factor in (1.0009, 0.9992):
    _p5(NEAR_MISS, "ct", f"抄表倍率为档案的{factor}倍", _read_with(factor))
_p5(NEAR_MISS, "ct", "上期抄表倍率不同", _read_with(1.05, 1))


def _nameless(scene: Scene, at: Array) -> None:
    from_p0 = period(scene, 0)
    scene.district.edits.rows(
        "reading",
        point_id(scene, at),
        lambda rows: rows.set(np.flatnonzero(rows["period"] == from_p0), multiplier=None),
    )


_p5(NEAR_MISS, "ct", "抄表数据无倍率", _nameless)


def _old_meter(day: int, status: str = "removed") -> Plant:
    """Let another meter of the point have been removed on a day after the first of P0."""

    def plant(scene: Scene, at: Array) -> None:
        more_meter(scene, at, status=status, removed_on=None)
        frame = scene.frame("meter")
        frame.set(len(frame["meter_id"]) - 1, removed_on=period(scene, 0) + day)

    return plant


for day in (12, 20):
    _p5(NEAR_MISS, "ct", f"P0第{day}天换互感器与表", _read_with(1.05), _old_meter(day))
_p5(NEAR_MISS, "ct", "抄表后换表，倍率尚未换算", _read_with(1.02), _old_meter(36))
_p5(HIT, "ct", "上期换过表，本期倍率仍不符", _read_with(1.05), _old_meter(-20))
for kind in ("increase_capacity", "reduce_capacity", "meter_fault"):
    _p5(NEAR_MISS, "ct", f"{kind}在抄表后归档", _read_with(1.02), fault_order(12, 5, kind), weight=1)
    _p5(HIT, "ct", f"{kind}在抄表前归档", _read_with(1.05), fault_order(60, 31, kind), weight=1)
_p5(HIT, "ct", "改类工单不豁免", _read_with(1.05), fault_order(12, 5, "change_class"), weight=1)
