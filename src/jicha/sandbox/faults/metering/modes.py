"""MT009 instrument transformers incomplete, MT013 metering mode, MT014 sub-meters."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import dial
from jicha.sandbox.faults.metering.ratios import assets, replaced
from jicha.sandbox.faults.metering.tools import meter_row, point_row, put_point, set_point, without_meter
from jicha.sandbox.faults.points import mark, period, point_id
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.metering import fit_low_side, refit


# ---------------------------------------------------------------------------------------------- MT009
def _p9(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_point("MT009", kind, pool, note, *plans, weight=weight)


def _uneven(factor: float, kind: str = "current", many: int = 1) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        frame, rows = scene.frame("instrument_transformer"), assets(scene, at, kind)[:many]
        frame.set(rows, primary_rating=frame["primary_rating"][rows] * factor)

    return plant


def only(many: int, kind: str = "current") -> Plant:
    """Leave so many instrument transformers of a kind, without phase b."""

    def plant(scene: Scene, at: Array) -> None:
        rows = assets(scene, at, kind)
        # phase b is left out first
        scene.frame("instrument_transformer").remove(rows[[1, 2, 0]][: len(rows) - many])

    return plant


def _fourth(scene: Scene, at: Array) -> None:
    frame, row = scene.frame("instrument_transformer"), assets(scene, at)[0]
    like = {name: column[row] for name, column in frame.columns.items()}
    frame.append(**{**like, "asset_id": f"{like['asset_id']}D"})


for factor in (1.002, 1.01, 1.5, 0.5, 4.0):
    _p9(HIT, "ct", f"一相电流互感器变比为其他的{factor}倍", _uneven(factor), weight=1.5)
_p9(HIT, "ct", "两相电流互感器变比为其他的2倍", _uneven(2.0, many=2))
_p9(HIT, "hv_measured", "一相电流互感器变比不同", _uneven(1.5), weight=1)
_p9(HIT, "hv_measured", "一相电压互感器变比不同", _uneven(1.1, "voltage"), weight=1.5)
_p9(HIT, "ct", "只有一台电流互感器", only(1))
_p9(HIT, "ct", "四台电流互感器", _fourth)
_p9(HIT, "ct", "低供低计三相表两台电流互感器", only(2))
_p9(HIT, "ct", "计量方式为空，三相表两台电流互感器", only(2), set_point(mode=None), weight=1)
_p9(HIT, "one_behind", "高供低计两台电流互感器", only(2), weight=1)


def _no_voltage(scene: Scene, at: Array) -> None:
    scene.frame("instrument_transformer").remove(assets(scene, at, "voltage"))
    mark(scene, "MT004", HIT, "高供高计缺电压互感器，变比不符", point_id=point_id(scene, at))


_p9(HIT, "hv_measured", "高供高计无电压互感器", _no_voltage, weight=1.5)
for factor in (1.0, 1.0005, 0.9996):
    _p9(NEAR_MISS, "ct", f"一相变比为其他的{factor}倍", _uneven(factor))
_p9(NEAR_MISS, "hv_measured", "三线制：两台电流、两台电压互感器", only(2), only(2, "voltage"), weight=3)
_p9(NEAR_MISS, "ct", "换过一台，其余变比相同", lambda s, at: replaced(s, at, 60, 1.0, 1))
_p9(NEAR_MISS, "ct", "拆下的旧互感器变比不同", lambda s, at: replaced(s, at, 60, 0.5))


def _bare(scene: Scene, at: Array) -> None:
    scene.frame("instrument_transformer").set(assets(scene, at), primary_rating=None, secondary_rating=None)
    mark(scene, "MT004", HIT, "互感器无额定值，视同无档案", point_id=point_id(scene, at))


_p9(NEAR_MISS, "ct", "互感器无额定值", _bare)


def _single_phase(scene: Scene, at: Array) -> None:
    only(2)(scene, at)
    scene.frame("meter").set(meter_row(scene, at), phases=1.0)
    scene.frame("metering_point").set(scene.point_rows(at), phase="a", mode=None)


_p9(NEAR_MISS, "ct", "单相表两台电流互感器", _single_phase, weight=2)


# ---------------------------------------------------------------------------------------------- MT013
def _p13(kind: str, pool: str, note: str, *plans: Plant, weight: float = 1.5) -> None:
    put_point("MT013", kind, pool, note, *plans, weight=weight)


def _low_side(kva: float, *, second: float = 0.0, status: str = "running") -> Plant:
    """Measure transformers on their low side."""

    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, kva)
        if second:
            scene.add_transformer(at, second, status)
            counted = kva + (second if status in ("running", "hot_standby") else 0)
            scene.set(at, contract_capacity_kva=kva + second, operating_capacity_kva=counted)
            scene.frame("contract").set(scene.rows("contract", at), capacity_kva=kva + second)
        fit_low_side(scene.district, scene.point_rows(at), kva + second)
        scene.measured_low.add(int(at[0]))

    return plant


for kva in (630.0, 800.0, 1000.0, 1600.0):
    _p13(HIT, "one_business", f"{kva:g}kVA高供低计", _low_side(kva), weight=1)
for kva, second in [(315.0, 315.0), (400.0, 250.0), (500.0, 500.0)]:
    _p13(HIT, "one_business", f"{kva:g}与{second:g}kVA高供低计", _low_side(kva, second=second), weight=1)
for kva in (315.0, 500.0, 629.0):
    _p13(NEAR_MISS, "one_business", f"{kva:g}kVA高供低计", _low_side(kva), weight=1)
_p13(NEAR_MISS, "one_business", "315与300kVA高供低计", _low_side(315.0, second=300.0), weight=1)
_p13(NEAR_MISS, "one_business", "两台400kVA，一台暂停", _low_side(400.0, second=400.0, status="suspended"), weight=1)
_p13(NEAR_MISS, "one_business", "两台400kVA，一台冷备", _low_side(400.0, second=400.0, status="cold_standby"), weight=1)
_p13(NEAR_MISS, "one_business", "两台400kVA，一台热备", _low_side(400.0, second=400.0, status="hot_standby"), weight=1)
for mode in ("hv_supply_hv_metering", "hv_supply_lv_metering"):
    _p13(HIT, "direct3", f"低压客户{mode}", set_point(mode=mode), weight=2)
_p13(HIT, "home", "低压居民高供低计", set_point(mode="hv_supply_lv_metering"), weight=2)
_p13(HIT, "one_behind", "高压客户低供低计", set_point(mode="lv_supply_lv_metering"), weight=2)
_p13(HIT, "hv", "高压客户计量方式为空", set_point(mode=None), weight=2)


def dormitory(scene: Scene, at: Array) -> None:
    """Let a customer on high voltage be supplied from the public network, for a dormitory that uses next to nothing."""
    position = int(at[0])
    areas = scene.frame("area")
    area = int(scene.rng.choice(np.unique(scene.district.area[scene.district.area >= 0])))
    set_point(mode="lv_supply_lv_metering", area_id=areas["area_id"][area])(scene, at)
    scene.set(at, longitude=areas["longitude"][area], latitude=areas["latitude"][area])
    # next to nothing: the area's master meter sees it
    dial(lambda d: d.usage({back: 40.0 + back % 4 for back in range(d.live() - 1)}))(scene, at)
    scene.district.area[position] = area


_p13(NEAR_MISS, "one_behind", "高压客户宿舍由公变台区供电", dormitory, weight=2)
_p13(NEAR_MISS, "ct", "低压客户计量方式为空", set_point(mode=None), weight=3)


def _share(scene: Scene, at: Array) -> None:
    without_meter(scene, at)
    set_point(allocation="quantity", allocation_value=300.0, multiplier=None, mode=None)(scene, at)


_p13(NEAR_MISS, "one_behind", "定量计量点计量方式为空", _share, weight=1)


def _generating(scene: Scene, at: Array) -> None:
    row = point_row(scene, at, "generation")
    scene.frame("metering_point").set(row, mode="hv_supply_lv_metering")
    mark(scene, "MT013", NEAR_MISS, "发电计量点", point_id=scene.frame("metering_point")["point_id"][row])


add("MT013", NEAR_MISS, "sunny", "发电计量点", _generating, weight=4, records=False)


def settle_modes(scene: Scene) -> None:
    """Measure on the high side whoever was given 630 kVA or more, except where that is the fault."""
    transformer = scene.frame("customer_transformer")
    running = transformer["status"] == "running"
    owner = scene.district.position(transformer["customer_id"][running])
    kva = np.bincount(owner, weights=transformer["capacity_kva"][running], minlength=scene.district.size)
    point = scene.frame("metering_point")
    low = np.flatnonzero((point["mode"] == "hv_supply_lv_metering") & (point["purpose"] == "settlement"))
    at = scene.district.position(point["customer_id"][low])
    large = kva[at] >= 630
    for row, position in zip(low[large].tolist(), at[large].tolist(), strict=True):
        if position not in scene.measured_low:
            refit(scene.district, np.array([row]), float(kva[position]), 10_000)


# ---------------------------------------------------------------------------------------------- MT014
_MAIN = {0: 640.0, 1: 655.0, 2: 630.0, 3: 648.0, 4: 662.0, 5: 637.0}


def _pair(
    kind: str, note: str, sub: dict[int, float] | None, *, weight: float = 2, more: Any = None
) -> None:  # fmt: skip
    """Let the second of two homes hang below the first; `sub` holds what it uses over the main meter's kWh."""

    def whole(scene: Scene, at: Array) -> None:
        main, child = at[:1], at[1:]
        scene.frame("metering_point").set(scene.point_rows(child), parent_point_id=point_id(scene, main))
        months = range(6)
        _use(scene, main, {back: _MAIN[back] for back in months})
        if sub is not None:
            _use(scene, child, {back: sub.get(back, round(_MAIN[back] * 0.4)) for back in months})
        if more is not None:
            more(scene, main, child)
        mark(scene, "MT014", kind, note, point_id=point_id(scene, main), period=period(scene, 0))

    add("MT014", kind, "home", note, whole, group=2, weight=weight, records=False, months=14, days=80)


def _use(scene: Scene, at: Array, kwh: dict[int, float]) -> None:
    dial(lambda d: d.usage(kwh))(scene, at)


def _over(*beyond: float | None) -> dict[int, float]:
    """What a sub-meter counts: the main meter's kWh, 2 % and 10 kWh, and so much more, from P0 back."""
    return {back: round(_MAIN[back] * 1.02 + 10 + more, 2) for back, more in enumerate(beyond) if more is not None}


_pair(HIT, "P0与上期超0.5kWh", _over(0.5, 0.5), weight=4)
_pair(HIT, "P0与上上期超1kWh", _over(1.0, None, 1.0), weight=4)
_pair(HIT, "三期均超30kWh", _over(30.0, 40.0, 25.0), weight=4)
_pair(HIT, "P0与上期超200kWh", _over(200.0, 180.0), weight=4)
_pair(HIT, "三期均超700kWh", _over(700.0, 720.0, 650.0), weight=4)
_pair(NEAR_MISS, "恰在允差上", _over(0.0, 0.0, 0.0))
_pair(NEAR_MISS, "略低于允差", _over(-0.5, -0.5, -0.5))
_pair(NEAR_MISS, "仅P0超", _over(50.0))
_pair(NEAR_MISS, "仅前两期超，P0不超", _over(None, 50.0, 50.0))
_pair(NEAR_MISS, "P0与三期以前超", _over(50.0, None, None, 50.0))
_pair(NEAR_MISS, "分表远小于总表", {})


def _drop(scene: Scene, at: Array, back: int) -> None:
    """Leave a period without a reading."""
    dial(lambda d: d.skip(back))(scene, at)


def _no_child(scene: Scene, _main: Array, child: Array) -> None:
    _drop(scene, child, 1)


_pair(NEAR_MISS, "上期分表无抄表，不判", _over(60.0, 60.0), more=_no_child)


def _allocated(scene: Scene, _main: Array, child: Array) -> None:
    set_point(allocation="ratio", allocation_value=30.0, allocation_reviewed_on=scene.ago(90))(scene, child)


_pair(NEAR_MISS, "定比分户", None, more=_allocated, weight=1)


def _closed(scene: Scene, _main: Array, child: Array) -> None:
    scene.close(child, scene.ago(300))


_pair(NEAR_MISS, "分表户已销户", None, more=_closed, weight=1)
