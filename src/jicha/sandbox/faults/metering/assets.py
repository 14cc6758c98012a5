"""MT001 meters not on file, MT002 points without a meter or with several, MT006 meters of other customers."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import dial
from jicha.sandbox.faults.metering.tools import (
    chain,
    fault_order,
    meter_id,
    meter_row,
    more_meter,
    number,
    put_meter,
    put_point,
    set_ami,
    set_meter,
    set_point,
    without_ami,
    without_meter,
)
from jicha.sandbox.faults.points import mark, period, point_id, reading
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS


# ---------------------------------------------------------------------------------------------- MT001
def _unknown(kind: str, pool: str, note: str, plan: Any, weight: float = 2) -> None:
    """Register a plant that returns the meter in question."""

    def whole(scene: Scene, at: Array) -> None:
        mark(scene, "MT001", kind, note, meter_id=plan(scene, at))

    add("MT001", kind, pool, note, whole, weight=weight, records=False, months=3)


def _more_ami(scene: Scene, at: Array, name: str) -> str:
    scene.frame("ami_meter").append(
        meter_id=name, point_id=point_id(scene, at), customer_id=scene.district.customer_ids[at[0]], multiplier=1.0
    )
    return name


def _ami_instead(scene: Scene, at: Array) -> str:
    name = number(scene, at, "DZ")
    set_ami(meter_id=name)(scene, at)
    return name


_unknown(HIT, "home", "采集系统多出一块营销没有的电表", lambda s, at: _more_ami(s, at, number(s, at, "DZ")))
_unknown(HIT, "ct", "采集系统中的表号营销没有", _ami_instead)


def _no_row(scene: Scene, at: Array) -> str:
    name = meter_id(scene, at)
    mark(scene, "MT002", HIT, "电表在采集系统而不在营销档案", point_id=point_id(scene, at))
    scene.frame("meter").remove(np.array([meter_row(scene, at)]))
    return name


_unknown(HIT, "low", "在用电表的档案行缺失", _no_row)


def _read_as(backs: tuple[int, ...], name: Any = None, **values: Any) -> Any:
    """Let the readings of some periods bear another meter."""

    def plan(scene: Scene, at: Array) -> str:
        other = number(scene, at, "DZ") if name is None else name(scene, at)
        for back in backs:
            reading(scene, at, back, None, meter_id=other, **values)
        return str(other)

    return plan


_unknown(HIT, "low", "P0抄表数据中的表号营销没有", _read_as((0,)))
_unknown(HIT, "low", "P0前一期抄表数据中的表号营销没有", _read_as((1,)))
_unknown(HIT, "low", "两期抄表数据中的表号营销没有", _read_as((0, 1)))
_unknown(NEAR_MISS, "low", "两期以前的抄表数据中的表号营销没有", _read_as((2,)))


def _stored(status: str, *, read: bool) -> Any:
    def plan(scene: Scene, at: Array) -> str:
        name = more_meter(scene, at, point_id=None, status=status, installed_on=None)
        if read:
            reading(scene, at, 0, None, meter_id=name)
        else:
            _more_ami(scene, at, name)
        return name

    return plan


for status in ("in_stock", "scrapped"):
    _unknown(HIT, "home", f"{status}的电表在采集系统", _stored(status, read=False))
    _unknown(HIT, "home", f"{status}的电表有抄表数据", _stored(status, read=True))


def _gone_before(back: int, days: int) -> Any:
    """Let an old meter be removed some days before the reading of a period; P0 is still read with it."""

    def plan(scene: Scene, at: Array) -> str:
        name = more_meter(scene, at, status="removed", installed_on=5000)
        row = scene.frame("meter").rows(meter_id=name)
        scene.frame("meter").set(row, removed_on=period(scene, back - 1) - days)
        reading(scene, at, 0, None, meter_id=name)
        return name

    return plan


for days in (1, 15, 400):
    _unknown(HIT, "home", f"上期抄表前{days}天已拆的电表仍抄表", _gone_before(1, days))
for days in (0, -20):
    _unknown(NEAR_MISS, "home", f"上期抄表后{-days}天拆的电表有P0抄表", _gone_before(1, days))


def _gone_ami(days: int) -> Any:
    def plan(scene: Scene, at: Array) -> str:
        return _more_ami(scene, at, more_meter(scene, at, status="removed", installed_on=5000, removed_on=days))

    return plan


for days in (31, 60, 900):
    _unknown(HIT, "home", f"{days}天前已拆的电表仍在采集系统", _gone_ami(days))
for days in (30, 20, 5):
    _unknown(NEAR_MISS, "home", f"{days}天前拆的电表，采集系统尚未同步", _gone_ami(days))


def _empty(scene: Scene, at: Array) -> str:
    dial(lambda d: d.usage({0: 0.0, 1: 0.0}))(scene, at)
    return str(_read_as((0, 1))(scene, at))


_unknown(NEAR_MISS, "home", "未知表号但两期电量为零", _empty)


def _guessed(scene: Scene, at: Array) -> str:
    return str(_read_as((0,), method="estimated")(scene, at))


_unknown(NEAR_MISS, "home", "未知表号但为估抄", _guessed)


def _nameless(scene: Scene, at: Array) -> str:
    for back in (0, 1):
        reading(scene, at, back, None, meter_id=None)
    return meter_id(scene, at)


_unknown(NEAR_MISS, "home", "抄表数据无表号", _nameless)
put_meter("MT001", NEAR_MISS, "home", "故障表仍在装", set_meter(status="faulty"), fault_order(5))


# ---------------------------------------------------------------------------------------------- MT002
def _unread(scene: Scene, at: Array) -> None:
    """Readings name no meter, and the collection system knows none."""
    for back in range(3):
        reading(scene, at, back, None, meter_id=None)
    without_ami(scene, at)


def _p2(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_point("MT002", kind, pool, note, *plans, weight=weight, months=3)


_p2(HIT, "low", "计量点无表", without_meter, weight=4)
_p2(HIT, "hv", "高压客户计量点无表", without_meter)
for status in ("in_stock", "scrapped"):
    _p2(HIT, "low", f"唯一的电表状态为{status}", _unread, set_meter(status=status), weight=1)
for days in (11, 12, 60, 700):
    _p2(HIT, "home", f"{days}天前拆表未装新表", _unread, set_meter(status="removed", removed_on=days), weight=1)
for days in (10, 9, 1):
    _p2(NEAR_MISS, "home", f"{days}天前拆表，换表中", _unread, set_meter(status="removed", removed_on=days), weight=2)


def _second(**values: Any) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        more_meter(scene, at, **values)

    return plant


for days in (11, 12, 100, 2000):
    _p2(HIT, "home", f"{days}天前又装一块表", _second(status="installed", installed_on=days), weight=1)
_p2(HIT, "home", "两块表，一块装表日期为空", _second(status="installed", installed_on=None))
_p2(HIT, "home", "两块表，一块今天拆", _second(status="installed", installed_on=900, removed_on=0))
_p2(HIT, "home", "两块表，一块故障", _second(status="faulty", installed_on=900), fault_order(5))
for days in (10, 9, 1):
    _p2(NEAR_MISS, "home", f"{days}天前装新表，旧表待拆", _second(status="installed", installed_on=days), weight=2)
for status in ("in_stock", "scrapped", "removed"):
    gone = 50 if status == "removed" else None
    _p2(NEAR_MISS, "home", f"另一块表{status}", _second(status=status, installed_on=900, removed_on=gone), weight=1)
_p2(NEAR_MISS, "home", "另一块表已有拆表日期", _second(status="installed", installed_on=900, removed_on=20))
_p2(NEAR_MISS, "home", "暂停客户表已拆", lambda s, at: s.suspend(at), without_meter)
_p2(NEAR_MISS, "home", "立户不满两个月，尚未装表", lambda s, at: s.young(at), without_meter)
_p2(NEAR_MISS, "other", "定量计量点无表", without_meter, set_point(
    allocation="quantity", allocation_value=300.0, multiplier=None))  # fmt: skip


# ---------------------------------------------------------------------------------------------- MT006
def _p6(kind: str, pool: str, note: str, *plans: Plant, weight: float = 3) -> None:
    put_meter("MT006", kind, pool, note, *plans, weight=weight)


def _crossed(scene: Scene, at: Array) -> None:
    """Let two neighbours' meters be crossed in the collection system."""
    first, other = at[:1], at[1:]
    ami = scene.frame("ami_meter")
    rows = [int(ami.rows(point_id=point_id(scene, one))[0]) for one in (first, other)]
    points, customers = ami["point_id"][rows].tolist(), ami["customer_id"][rows].tolist()
    for one, row, place in zip((first, other), rows, (1, 0), strict=True):
        mark(scene, "MT006", HIT, "两户串表", meter_id=meter_id(scene, one))
        ami.set(row, point_id=points[place], customer_id=customers[place])


add("MT006", HIT, "home", "两户串表", _crossed, group=2, weight=4, records=False)


def _other(scene: Scene) -> Array:
    return scene.rng.choice(np.flatnonzero(scene.district.customer["status"] == "active"), 1)


def _points_elsewhere(scene: Scene, at: Array) -> None:
    set_ami(point_id=number(scene, at, "89"))(scene, at)


def _other_customer(scene: Scene, at: Array) -> None:
    set_ami(customer_id=scene.district.customer_ids[_other(scene)[0]])(scene, at)


_p6(HIT, "home", "采集系统的计量点不同", _points_elsewhere)
_p6(HIT, "low", "采集系统的户号不同", _other_customer)
_p6(HIT, "home", "采集系统的户号不同，计量点为空", chain(_other_customer, set_ami(point_id=None)))
_p6(HIT, "home", "11天前换表，户号不同", _other_customer, set_meter(installed_on=11, verified_on=40))
_p6(HIT, "sunny", "结算表的户号不同", _other_customer)
for days in (10, 5, 1):
    _p6(NEAR_MISS, "home", f"{days}天前换表，采集未同步", _other_customer, set_meter(installed_on=days, verified_on=40))
_p6(NEAR_MISS, "home", "采集系统计量点与户号为空", set_ami(point_id=None, customer_id=None))
_p6(NEAR_MISS, "low", "采集系统户号为空", set_ami(customer_id=None))
_p6(NEAR_MISS, "home", "电表不在采集系统", without_ami)
_p6(NEAR_MISS, "home", "故障表户号不同", _other_customer, set_meter(status="faulty"), fault_order(5))
