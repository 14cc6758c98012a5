"""CF004 capacity and voltage, CF008 missing transformer files."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add, variant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS


# ---------------------------------------------------------------------------------------------- CF004
def _low(kva: float) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, contract_capacity_kva=kva, operating_capacity_kva=kva)
        scene.district.billed_kva[at] = np.minimum(scene.district.billed_kva[at], kva)  # nobody uses more for long
        scene.frame("contract").set(scene.rows("contract", at), capacity_kva=kva)

    return plant


def _high(volts: int, kva: float) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, kva, volts=volts)

    return plant


for kva in (16.01, 17.0, 20.0, 48.0):
    add("CF004", HIT, "shop220", f"220V合同容量{kva}kVA", _low(kva), weight=2)
for kva in (250.01, 251.0, 315.0, 750.0):
    add("CF004", HIT, "shop380", f"380V合同容量{kva}kVA", _low(kva), weight=2)
for volts, kva in [
    (10_000, 29.99), (10_000, 20.0), (10_000, 3.0), (10_000, 40_000.01), (10_000, 41_000.0), (35_000, 2999.99),
    (35_000, 315.0), (35_000, 60_001.0), (110_000, 7999.0), (110_000, 200_001.0), (220_000, 49_999.0), (20_000, 29.0),
]:  # fmt: skip
    add("CF004", HIT, "one", f"{volts}V合同容量{kva}kVA", _high(volts, kva), weight=1)
for volts, kva in [
    (10_000, 30.0), (10_000, 50.0), (10_000, 40_000.0), (35_000, 3000.0), (35_000, 60_000.0), (110_000, 8000.0),
    (110_000, 200_000.0), (220_000, 50_000.0), (220_000, 500_000.0), (20_000, 30.0),
]:  # fmt: skip
    add("CF004", NEAR_MISS, "one", f"{volts}V合同容量{kva}kVA", _high(volts, kva), weight=1)
for volts in (6000, 66_000):
    add("CF004", HIT, "one", f"电压{volts}V不在表内", _high(volts, 400.0), weight=1)
for volts in (400, 127, 660):

    def _odd(scene: Scene, at: Array, volts: int = volts) -> None:
        scene.set(at, voltage_v=volts)

    add("CF004", HIT, "low", f"电压{volts}V不在表内", _odd, weight=2)
for kva in (16.0, 15.99, 1.0):
    add("CF004", NEAR_MISS, "shop220", f"220V合同容量{kva}kVA", _low(kva), weight=2)
for kva in (250.0, 160.0, 249.99, 3.0):
    add("CF004", NEAR_MISS, "shop380", f"380V合同容量{kva}kVA", _low(kva), weight=2)
for kind in ("increase_capacity", "reduce_capacity", "change_voltage"):

    def _changing(scene: Scene, at: Array, kind: str = kind) -> None:
        _low(300.0)(scene, at)
        scene.order(at, kind, applied=0 if kind == "change_voltage" else 12)

    add("CF004", NEAR_MISS, "shop380", f"{kind}在途", _changing, weight=2)
for kind, status, applied, note in [
    ("increase_capacity", "cancelled", 40, "增容已终止"), ("increase_capacity", "archived", 80, "增容已归档"),
    ("suspend", "open", 5, "暂停在途不豁免"), ("increase_capacity", "open", -1, "增容明天才申请"),
]:  # fmt: skip

    def _done(scene: Scene, at: Array, kind: str = kind, status: str = status, applied: int = applied) -> None:
        _low(320.0)(scene, at)
        archived = scene.ago(applied - 20) if status == "archived" else None
        scene.order(at, kind, applied=applied, archived=archived, status=status)

    add("CF004", HIT, "shop380", note, _done, weight=2)


@variant("CF004", NEAR_MISS, "shop220", "合同容量为零", weight=2)
def _zero(scene: Scene, at: Array) -> None:
    scene.set(at, contract_capacity_kva=0.0)


@variant("CF004", NEAR_MISS, "shop380", "暂停客户容量超限", weight=2)
def _suspended(scene: Scene, at: Array) -> None:
    _low(300.0)(scene, at)
    scene.suspend(at)


@variant("CF004", NEAR_MISS, "shop380", "立户不满两个月", weight=2)
def _young(scene: Scene, at: Array) -> None:
    _low(300.0)(scene, at)
    scene.young(at)


@variant("CF004", NEAR_MISS, "home", "电压为空属CF001", weight=2)
def _no_voltage(scene: Scene, at: Array) -> None:
    scene.set(at, voltage_v=None, contract_capacity_kva=60.0)
    scene.hit("CF001", at, "供电电压为空")


# ---------------------------------------------------------------------------------------------- CF008
def _without(scene: Scene, at: Array) -> None:
    scene.frame("customer_transformer").remove(scene.rows("customer_transformer", at))


def _file(status: str) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.frame("customer_transformer").set(
            scene.rows("customer_transformer", at), status=status,
            removed_on=scene.ago(900) if status == "removed" else None,
        )  # fmt: skip

    return plant


add("CF008", HIT, "one", "高压客户无变压器档案", _without, weight=6)
add("CF008", HIT, "one", "只有已拆除的变压器", _file("removed"), weight=5)


@variant("CF008", HIT, "one", "直配电动机为零且无变压器", weight=3)
def _no_motor(scene: Scene, at: Array) -> None:
    _without(scene, at)
    scene.set(at, direct_motor_kva=0.0)


for status in ("running", "hot_standby"):

    def _own(scene: Scene, at: Array, status: str = status) -> None:
        scene.add_transformer(at, 100.0, status)

    add("CF008", HIT, "shop380", f"低压客户有{status}变压器", _own, weight=4)
for status in ("suspended", "cold_standby", "removed"):

    def _idle(scene: Scene, at: Array, status: str = status) -> None:
        scene.add_transformer(at, 100.0, status)

    add("CF008", NEAR_MISS, "shop380", f"低压客户变压器{status}", _idle, weight=3)


@variant("CF008", NEAR_MISS, "one", "高压电动机直配无变压器", weight=3)
def _motor(scene: Scene, at: Array) -> None:
    _without(scene, at)
    scene.set(at, direct_motor_kva=scene.district.customer["contract_capacity_kva"][at])


@variant("CF008", NEAR_MISS, "one", "变压器暂停", weight=3)
def _all_suspended(scene: Scene, at: Array) -> None:
    _file("suspended")(scene, at)
    scene.set(at, operating_capacity_kva=0.0)


@variant("CF008", NEAR_MISS, "resale", "趸售客户无变压器", weight=3)
def _resale(_scene: Scene, _at: Array) -> None:
    pass


@variant("CF008", NEAR_MISS, "one", "充电站无变压器", weight=3)
def _charging(scene: Scene, at: Array) -> None:
    _without(scene, at)
    scene.set(at, usage_class="ev_charging", industry_code="4420")


for kind in ("new_hv", "close_account"):

    def _ordered(scene: Scene, at: Array, kind: str = kind) -> None:
        _without(scene, at)
        scene.order(at, kind)

    add("CF008", NEAR_MISS, "one", f"{kind}在途", _ordered, weight=3)


@variant("CF008", HIT, "one", "新装已归档，变压器未建档", weight=3)
def _archived(scene: Scene, at: Array) -> None:
    _without(scene, at)
    scene.order(at, "new_hv", applied=60, archived=scene.ago(3))


@variant("CF008", NEAR_MISS, "shop380", "低压客户有变压器，销户在途", weight=3)
def _closing(scene: Scene, at: Array) -> None:
    scene.add_transformer(at, 100.0, "running")
    scene.order(at, "close_account")


@variant("CF008", NEAR_MISS, "one", "无变压器也无结算计量点", weight=3)
def _no_point(scene: Scene, at: Array) -> None:
    _without(scene, at)
    scene.remove_points(at)
    scene.hit("CF014", at, "高压客户无计量点")


@variant("CF008", NEAR_MISS, "one", "暂停客户无变压器", weight=3)
def _suspended_customer(scene: Scene, at: Array) -> None:
    _without(scene, at)
    scene.suspend(at)
