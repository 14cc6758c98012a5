"""MT011 failed tests, MT012 recovered energy, MT023 faulty meters."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import dial
from jicha.sandbox.faults.metering.tools import (
    adjust,
    fault_order,
    meter_id,
    more_meter,
    number,
    point_row,
    put_meter,
    set_meter,
    work_days,
)
from jicha.sandbox.faults.points import mark, period, point_id, unsettle
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS


# ---------------------------------------------------------------------------------------------- MT011
def _test(
    kind: str, note: str, *, ago: int | None = None, work: int | None = None, error: float = 3.0,
    passed: bool | None = False, handled: int | None = None, settled: int | None = None, pool: str = "low",
    weight: float = 2,
) -> None:  # fmt: skip
    """Register a test so many days or work days ago, handled and settled so many days after it."""

    def plant(scene: Scene, at: Array) -> None:
        day = scene.ago(ago or 0)
        while work is not None and work_days(scene, day) < work:
            day -= 1
        name = number(scene, at, "XF")
        unsettle(scene, at)
        scene.frame("field_test").append(
            test_id=name, point_id=point_id(scene, at), tested_on=day, error_pct=error, passed=passed,
            handled_on=None if handled is None else day + handled,
        )  # fmt: skip
        if settled is not None:
            adjust(scene, at, day + settled)
        mark(scene, "MT011", kind, note, test_id=name)

    add("MT011", kind, pool, note, plant, weight=weight, records=False)


for work in (4, 5):
    _test(HIT, f"不合格{work}个工作日未处理", work=work)
for work in (3, 2):
    _test(NEAR_MISS, f"不合格{work}个工作日，尚在处理", work=work)
for ago in (30, 200, 700, 730):
    _test(HIT, f"{ago}天前不合格未处理", ago=ago, weight=1.5)
_test(NEAR_MISS, "731天前不合格未处理", ago=731)
for handled in (31, 40, 120):
    _test(HIT, f"不合格{handled}天后才处理，已退补", ago=300, handled=handled, settled=10, weight=1.5)
for handled in (30, 12, 1):
    _test(NEAR_MISS, f"不合格{handled}天后处理，已退补", ago=300, handled=handled, settled=20, weight=1.5)
_test(NEAR_MISS, "次日换表并退补", ago=150, handled=1, settled=3)
for error in (2.01, -2.4, 15.0):
    _test(HIT, f"误差{error}%，已处理未退补", ago=150, handled=2, error=error, weight=1.5)
for error in (2.0, -2.0, 0.8):
    _test(NEAR_MISS, f"误差{error}%，已处理", ago=150, handled=2, error=error, weight=1.5)
for settled in (91, 200, -3):
    _test(HIT, f"误差超限，退补在检验后{settled}天", ago=300, handled=2, settled=settled, weight=1)
for settled in (90, 0):
    _test(NEAR_MISS, f"误差超限，退补在检验后{settled}天", ago=300, handled=2, settled=settled, weight=1.5)
_test(HIT, "结论为空，误差2.01%未处理", ago=50, passed=None, error=2.01)
_test(NEAR_MISS, "结论为空，误差2.00%", ago=50, passed=None, error=2.0)
_test(NEAR_MISS, "结论合格，误差5%", ago=50, passed=True, error=5.0)
_test(HIT, "高压客户检验不合格未处理", ago=60, pool="hv", error=0.9)


# ---------------------------------------------------------------------------------------------- MT012
def _recovery(
    kind: str, note: str, normal: float, low: dict[int, float], kwh: float | None, *, order: int | None = None,
    back: int = 2, day: int = 19, reason: str = "meter_fault", requested: int | None = None, weight: float = 1,
    pool: str = "direct3",
) -> None:  # fmt: skip
    """Register a recovery: normal kWh a month but for the low months (counted back from P0), and an order in one."""

    def plant(scene: Scene, at: Array) -> None:
        calendar = scene.district.calendar
        if scene.district.connected[at[0]] > calendar.span[0]:
            return
        wobble = {0: 3.0, 1: -2.0, 2: 5.0}  # so that the latest readings differ
        usage = {b: low.get(b, normal) + wobble.get(b, 0.0) for b in range(len(calendar.periods))}
        dial(lambda d: d.usage(usage))(scene, at)
        if order is not None:
            since = period(scene, order) + 9
            scene.order(at, "meter_fault", applied=int((scene.today - since).astype(int)), archived=since + 6)
        asked = period(scene, back) + day if requested is None else scene.ago(requested)
        name = adjust(scene, at, asked, kwh=None if kwh is None else round(kwh * 100), reason=reason, yuan=5000)
        mark(scene, "MT012", kind, note, adjustment_id=name)

    add("MT012", kind, pool, note, plant, weight=weight, records=False, months=18, days=80)


_LOW3 = {3: 1000.0, 4: 1000.0, 5: 1000.0}  # 6000 kWh are missing when 3000 are normal
for kwh in (9001.0, 2999.0, 0.0, 20_000.0, -6000.0):
    _recovery(HIT, f"应追6000kWh，实追{kwh:g}kWh", 3000.0, _LOW3, kwh, weight=1.5)
for kwh in (9000.0, 3000.0, 6000.0, 7500.0):
    _recovery(NEAR_MISS, f"应追6000kWh，实追{kwh:g}kWh", 3000.0, _LOW3, kwh)
_recovery(NEAR_MISS, "应追12000kWh，实追9000kWh", 5000.0, _LOW3, 9000.0)
_SMALL = {3: 200.0, 4: 200.0, 5: 200.0}
_recovery(HIT, "小客户应追1200kWh，实追199kWh", 600.0, _SMALL, 199.0, weight=1.5)
_recovery(NEAR_MISS, "小客户应追1200kWh，实追200kWh", 600.0, _SMALL, 200.0)
_recovery(NEAR_MISS, "小商铺相差300kWh", 600.0, _SMALL, 1500.0, pool="shop220")
_LONG = dict.fromkeys(range(3, 9), 1000.0)
_recovery(HIT, "故障工单前六个月应追12000kWh，实追5999kWh", 3000.0, _LONG, 5999.0, order=3, weight=1.5)
_recovery(NEAR_MISS, "故障工单前六个月应追12000kWh，实追6000kWh", 3000.0, _LONG, 6000.0, order=3)
_recovery(NEAR_MISS, "故障工单前六个月应追12000kWh，实追12000kWh", 3000.0, _LONG, 12_000.0, order=3)
_recovery(HIT, "工单前一月已恢复七成，只应追2000kWh", 3000.0, {3: 1000.0, 4: 2100.0, 5: 1000.0}, 6000.0, order=3)
_recovery(NEAR_MISS, "工单前各月均低于七成", 3000.0, {3: 1000.0, 4: 2099.0, 5: 1000.0}, 6000.0, order=3)
_recovery(HIT, "工单当月电量正常，应追100kWh，实追1101kWh", 3000.0, {3: 2900.0}, 1101.0, order=3)
_recovery(NEAR_MISS, "工单当月电量正常，应追100kWh，实追1100kWh", 3000.0, {3: 2900.0}, 1100.0, order=3)
_recovery(HIT, "接线差错，实追0kWh", 3000.0, _LOW3, 0.0, reason="wrong_wiring")
_recovery(NEAR_MISS, "抄表差错的退补", 3000.0, _LOW3, 0.0, reason="wrong_reading")
_recovery(NEAR_MISS, "只退电费无电量", 3000.0, _LOW3, None)
_YEAR_AGO = {12: 1000.0, 13: 1000.0, 14: 1000.0}
_recovery(HIT, "365天前的追补", 3000.0, _YEAR_AGO, 0.0, requested=365)
_recovery(NEAR_MISS, "366天前的追补", 3000.0, _YEAR_AGO, 0.0, requested=366)


def _new(scene: Scene, at: Array) -> None:
    scene.reopen(at, scene.ago(330))
    name = adjust(scene, at, period(scene, 3) + 9, kwh=500_000)
    mark(scene, "MT012", NEAR_MISS, "此前不足六个月", adjustment_id=name)


add("MT012", NEAR_MISS, "direct3", "此前不足六个月", _new, weight=2, records=False, months=18)


# ---------------------------------------------------------------------------------------------- MT023
def _p23(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_meter("MT023", kind, pool, note, *plans, weight=weight)


_faulty = set_meter(status="faulty")
_p23(HIT, "low", "故障表无工单", _faulty)
_p23(HIT, "ct", "故障表无工单", _faulty, weight=1)
for days in (16, 17, 40, 300):
    _p23(HIT, "low", f"故障工单已{days}天未换表", _faulty, fault_order(days), weight=1)
_p23(HIT, "low", "故障工单已终止", _faulty, fault_order(5, status="cancelled"), weight=1)
_p23(HIT, "low", "只有移表工单", _faulty, fault_order(5, kind="move_meter"), weight=1)
_p23(HIT, "low", "去年的故障工单已归档", _faulty, fault_order(400, 390), weight=1)
for days in (15, 14, 3, 0):
    _p23(NEAR_MISS, "low", f"故障工单{days}天前受理", _faulty, fault_order(days), weight=1.5)
_p23(NEAR_MISS, "low", "旧工单之后又有新工单", _faulty, fault_order(200, 190), fault_order(4), weight=1)


def _gone(scene: Scene, at: Array) -> None:
    set_meter(status="faulty", removed_on=3)(scene, at)
    scene.frame("ami_meter").remove(scene.frame("ami_meter").rows(meter_id=meter_id(scene, at)))


_p23(NEAR_MISS, "low", "故障表三天前已拆", _gone)


def _in_store(scene: Scene, at: Array) -> None:
    name = more_meter(scene, at, status="faulty", point_id=None, installed_on=None)
    mark(scene, "MT023", NEAR_MISS, "故障表在库", meter_id=name)


add("MT023", NEAR_MISS, "low", "故障表在库", _in_store, weight=2, records=False)


def _generating(scene: Scene, at: Array) -> None:
    rows = scene.meter_rows(np.array([point_row(scene, at, "generation")]))
    scene.frame("meter").set(rows, status="faulty")
    mark(scene, "MT023", NEAR_MISS, "发电表故障", meter_id=scene.frame("meter")["meter_id"][rows][0])


add("MT023", NEAR_MISS, "sunny", "发电表故障", _generating, weight=2, records=False)


def _exchange(
    kind: str, note: str, *, archived: int = 120, took: int = 12, removed: int = 4, asked: int | None = None,
    reason: str = "meter_fault", order: str = "meter_fault", weight: float = 1.5, settled_from: str = "archived",
) -> None:  # fmt: skip
    """Register an exchange: an order archived so many days ago, a meter removed some days after the application."""

    def plant(scene: Scene, at: Array) -> None:
        name = more_meter(scene, at, status="removed", installed_on=3000, removed_on=archived + took - removed)
        scene.order(at, order, applied=archived + took, archived=scene.ago(archived))
        if asked is not None:
            since = scene.ago(archived if settled_from == "archived" else archived + took)
            values: dict[str, Any] = {"reason": reason, "kwh": None}
            adjust(scene, at, since + asked, **values)
        mark(scene, "MT023", kind, note, meter_id=name)

    add("MT023", kind, "home", note, plant, weight=weight, records=False)


for archived in (46, 60, 200, 364):
    _exchange(HIT, f"换表工单{archived}天前归档，未追补", archived=archived)
for archived in (44, 20, 366, 500):
    _exchange(NEAR_MISS, f"换表工单{archived}天前归档，未追补", archived=archived, weight=1)
_exchange(HIT, "归档47天后才退补", asked=47)
_exchange(NEAR_MISS, "归档44天后退补", asked=44)
_exchange(NEAR_MISS, "显示故障，零退补备案", asked=1)
_exchange(NEAR_MISS, "受理次日退补", asked=1, settled_from="applied", weight=1)
_exchange(NEAR_MISS, "按接线差错退补", asked=10, reason="wrong_wiring", weight=1)
_exchange(HIT, "受理前的退补不算", asked=-3, settled_from="applied", weight=1)
_exchange(HIT, "退补原因是抄表差错", asked=10, reason="wrong_reading", weight=1)
_exchange(NEAR_MISS, "拆表在受理之前", removed=-5, weight=1)
_exchange(NEAR_MISS, "移表工单换表", order="move_meter", weight=1)
