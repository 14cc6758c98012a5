"""CF006 contract capacity and transformers, CF007 operating capacity, CF009 transformer data."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add, variant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of
from jicha.sandbox.metering import refit

_REPEATS = "运行容量重复了合同容量的差错，由CF006报告"


# ---------------------------------------------------------------------------------------------- CF006
def _differs(contract: float, plate: float, *, operating: str = "plate") -> Any:
    """Let the file say `contract` and the transformer `plate`; the operating capacity follows one of them."""

    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, contract)
        scene.plate(at, plate)
        if operating == "plate":
            scene.set(at, operating_capacity_kva=plate)
        elif abs(contract - plate) > max(5, 0.01 * contract):
            scene.near_miss("CF007", at, _REPEATS)

    return plant


for contract, plate in [
    (400.0, 405.01), (400.0, 394.99), (400.0, 1200.0), (400.0, 200.0), (1000.0, 1010.01), (1000.0, 989.99),
    (630.0, 800.0), (100.0, 160.0), (50.0, 55.5), (1250.0, 1265.0),
]:  # fmt: skip
    for operating in ("plate", "contract"):
        note = f"合同{contract:g}kVA，变压器{plate:g}kVA，运行容量同{operating}"
        add("CF006", HIT, "one", note, _differs(contract, plate, operating=operating), weight=1)
for contract, plate in [
    (400.0, 405.0), (400.0, 395.0), (400.0, 399.9), (1000.0, 1010.0), (1000.0, 990.0), (500.0, 505.0), (800.0, 808.0),
]:  # fmt: skip
    add("CF006", NEAR_MISS, "one", f"合同{contract:g}kVA，变压器{plate:g}kVA", _differs(contract, plate), weight=1)


@variant("CF006", NEAR_MISS, "one", "已拆除的变压器仍在册", weight=2)
def _removed(scene: Scene, at: Array) -> None:
    scene.add_transformer(at, 315.0, "removed", removed_on=scene.ago(500))


@variant("CF006", NEAR_MISS, "one", "变压器计划下月投运", weight=2)
def _planned(scene: Scene, at: Array) -> None:
    scene.add_transformer(at, 315.0, "cold_standby", installed_on=scene.ago(-20))


@variant("CF006", NEAR_MISS, "one", "变压器拆除日期已过", weight=2)
def _gone(scene: Scene, at: Array) -> None:
    scene.add_transformer(at, 315.0, "cold_standby", removed_on=scene.ago(1))


@variant("CF006", HIT, "one", "变压器今天拆除，仍计入", weight=2)
def _last_day(scene: Scene, at: Array) -> None:
    scene.add_transformer(at, 315.0, "cold_standby", removed_on=scene.today)


@variant("CF006", HIT, "one", "暂停的变压器未计入合同", weight=2)
def _suspended_counts(scene: Scene, at: Array) -> None:
    scene.add_transformer(at, 200.0, "suspended")


@variant("CF006", NEAR_MISS, "one", "互锁两台只计一台", weight=2)
def _interlocked(scene: Scene, at: Array) -> None:
    scene.size(at, 400.0)
    group = f"HS-{int(at[0])}"
    scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), interlock_group=group)
    scene.add_transformer(at, 400.0, "running", interlock_group=group)


@variant("CF006", HIT, "one", "两台无互锁，合同只计一台", weight=2)
def _not_interlocked(scene: Scene, at: Array) -> None:
    scene.size(at, 400.0)
    scene.add_transformer(at, 400.0, "running")
    scene.near_miss("CF007", at, _REPEATS)


@variant("CF006", NEAR_MISS, "one", "直配电动机计入容量", weight=2)
def _motor(scene: Scene, at: Array) -> None:
    scene.size(at, 500.0)
    scene.set(at, direct_motor_kva=500.0, contract_capacity_kva=1000.0, operating_capacity_kva=1000.0)


@variant("CF006", HIT, "one", "直配电动机未计入合同", weight=2)
def _motor_left_out(scene: Scene, at: Array) -> None:
    scene.size(at, 500.0)
    scene.set(at, direct_motor_kva=200.0)
    scene.near_miss("CF007", at, _REPEATS)


def _under_order(kind: str, *, applied: int = 10, archived: int | None = None, status: str = "", hour: int = 9) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, 400.0)
        scene.plate(at, 630.0)
        scene.set(at, operating_capacity_kva=630.0)
        done = None
        if archived is not None:
            done = scene.ago(archived).astype("datetime64[s]") + np.timedelta64(hour, "h")
        scene.order(at, kind, applied=applied, archived=done, status=status)

    return plant


for kind in ("new_hv", "increase_capacity", "reduce_capacity", "resume_capacity", "change_voltage"):
    add("CF006", NEAR_MISS, "one", f"{kind}在途", _under_order(kind), weight=1)
for archived in (35, 34, 10, 1):
    note = f"增容{archived}天前归档"
    add("CF006", NEAR_MISS, "one", note, _under_order("increase_capacity", applied=60, archived=archived), weight=1)
for archived in (36, 37, 90):
    note = f"增容{archived}天前归档"
    plant = _under_order("increase_capacity", applied=100, archived=archived, hour=16)
    add("CF006", HIT, "one", note, plant, weight=1)
add("CF006", HIT, "one", "增容已终止", _under_order("increase_capacity", applied=50, status="cancelled"), weight=1)
add("CF006", HIT, "one", "暂停在途不豁免", _under_order("suspend"), weight=1)


@variant("CF006", NEAR_MISS, "one", "暂停客户", weight=1)
def _suspended_customer(scene: Scene, at: Array) -> None:
    _differs(400.0, 630.0)(scene, at)
    scene.suspend(at)


def _by_capacity(plan: Any) -> Any:
    """Let the basic charge of a plant be by capacity, so that the difference has a price."""

    def plant(scene: Scene, at: Array) -> None:
        points = scene.point_rows(at)
        scene.frame("metering_point").set(points, basic_charge_mode="capacity", contract_demand_kw=None)
        plan(scene, at)

    return plant


for contract, plate in [(630.0, 800.0), (1000.0, 1250.0)]:
    note = f"按容量计费，合同{contract:g}kVA，变压器{plate:g}kVA"
    add("CF006", HIT, "one_plant", note, _by_capacity(_differs(contract, plate)), weight=1)


# ---------------------------------------------------------------------------------------------- CF007
def _operating(running: float, operating: float) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, running)
        scene.set(at, operating_capacity_kva=operating)

    return plant


for running, shown in [
    (400.0, 405.01), (400.0, 394.99), (400.0, 800.0), (400.0, 0.0), (1000.0, 1010.01), (1000.0, 989.99),
    (630.0, 315.0), (100.0, 105.5), (1600.0, 1250.0),
]:  # fmt: skip
    add("CF007", HIT, "one", f"运行容量{shown:g}kVA，在运{running:g}kVA", _operating(running, shown), weight=1)
for running, shown in [(800.0, 500.0), (1250.0, 1000.0)]:
    note = f"按容量计费，运行容量{shown:g}kVA，在运{running:g}kVA"
    add("CF007", HIT, "one_plant", note, _by_capacity(_operating(running, shown)), weight=1)
for running, shown in [(400.0, 405.0), (400.0, 395.0), (1000.0, 1010.0), (1000.0, 990.0), (315.0, 318.0)]:
    note = f"运行容量{shown:g}kVA，在运{running:g}kVA"
    add("CF007", NEAR_MISS, "one", note, _operating(running, shown), weight=1)


def _second(status: str, *, follows: bool) -> Any:
    """Two transformers of 400 kVA, the second in a state; the operating capacity follows or does not."""

    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, 400.0)
        scene.add_transformer(at, 400.0, status)
        scene.set(at, contract_capacity_kva=800.0, operating_capacity_kva=400.0 if follows else 800.0)
        scene.frame("contract").set(scene.rows("contract", at), capacity_kva=800.0)

    return plant


add("CF007", HIT, "one", "一台暂停，运行容量未减", _second("suspended", follows=False), weight=2)
add("CF007", HIT, "one", "一台冷备，运行容量未减", _second("cold_standby", follows=False), weight=2)
add("CF007", HIT, "one", "一台热备未计入运行容量", _second("hot_standby", follows=True), weight=2)
add("CF007", NEAR_MISS, "one", "一台冷备已加封", _second("cold_standby", follows=True), weight=2)
add("CF007", NEAR_MISS, "one", "一台暂停，运行容量已减", _second("suspended", follows=True), weight=2)
add("CF007", NEAR_MISS, "one", "一台热备计入运行容量", _second("hot_standby", follows=False), weight=2)


def _changing(
    kind: str, *, status: str = "", start: int | None = None, end: int | None = None, done: int | None = None
) -> Any:
    """One of two transformers suspended, with an order that is effective so many days from as_of."""

    def plant(scene: Scene, at: Array) -> None:
        _second("suspended", follows=False)(scene, at)
        columns = {
            name: scene.today + days
            for name, days in (("effective_from", start), ("effective_to", end))
            if days is not None
        }
        archived = None if done is None else scene.ago(done)
        scene.order(at, kind, applied=(done or 0) + 12, archived=archived, status=status, **columns)

    return plant


for start in (-35, -3, 0):
    plant = _changing("suspend", start=start, end=200, done=max(-start - 2, 0))
    add("CF007", NEAR_MISS, "one", f"暂停{-start}天前生效", plant, weight=1)
for kind in ("suspend", "resume", "reduce_capacity", "resume_capacity", "increase_capacity"):
    add("CF007", NEAR_MISS, "one", f"{kind}在途", _changing(kind, start=60), weight=1)
add("CF007", NEAR_MISS, "one", "暂停35天后到期", _changing("suspend", start=-140, end=35, done=139), weight=1)
add("CF007", NEAR_MISS, "one", "暂停35天前到期", _changing("suspend", start=-200, end=-35, done=199), weight=1)
add("CF007", HIT, "one", "暂停36天前生效", _changing("suspend", start=-36, end=100, done=34), weight=1)
add("CF007", HIT, "one", "暂停36天后到期", _changing("suspend", start=-140, end=36, done=139), weight=1)
add("CF007", HIT, "one", "暂停已终止", _changing("suspend", start=-3, end=60, status="cancelled"), weight=1)
add("CF007", HIT, "one", "改压在途不豁免", _changing("change_voltage"), weight=1)


@variant("CF007", HIT, "one", "合同与运行容量差错不等", weight=2)
def _two_errors(scene: Scene, at: Array) -> None:
    scene.size(at, 400.0)
    scene.plate(at, 630.0)
    scene.set(at, operating_capacity_kva=399.98)
    scene.hit("CF006", at, "合同400kVA，变压器630kVA")


@variant("CF007", HIT, "one", "CF006因工单不报，运行容量仍错", weight=2)
def _left_to_this(scene: Scene, at: Array) -> None:
    scene.size(at, 400.0)
    scene.plate(at, 630.0)
    scene.order(at, "change_voltage")
    scene.near_miss("CF006", at, "改压在途")


# ---------------------------------------------------------------------------------------------- CF009
def _data(**values: Any) -> Any:
    """Change the data of the one transformer."""

    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, 400.0, series="S13" if "no_load_loss_kw" in values or "load_loss_kw" in values else "S11")
        scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), **values)

    return plant


def _transformer(scene: Scene, at: Array, kind: str, note: str) -> None:
    row = scene.rows("customer_transformer", at)[0]
    key = key_of(transformer_id=scene.frame("customer_transformer")["transformer_id"][row])
    scene.truths.append(Truth("CF009", key, kind, note))


def _add(kind: str, pool: str, note: str, plant: Any, weight: float = 2) -> None:
    def whole(scene: Scene, at: Array) -> None:
        plant(scene, at)
        _transformer(scene, at, kind, note)

    add("CF009", kind, pool, note, whole, weight=weight, records=False)


for model in ("S11-398/10", "S11-500/10", "S11-M-315/10", "S11-M500/10", "SCB10-40/10", "S9-402/10"):
    _add(HIT, "one", f"型号{model}，容量400kVA", _data(model=model))
for plain in ("S11-399/10", "S11-401/10", "S11-400", "S11", "S11-M400/10", "S11-M-400/10", "干式400kVA", None):
    _add(NEAR_MISS, "one", f"型号{plain}，容量400kVA", _data(model=plain))


def _sized(kva: float) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, kva)
        scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), model="S11-400/10")

    return plant


_add(HIT, "one", "容量401.01kVA，型号400", _sized(401.01))
_add(NEAR_MISS, "one", "容量401kVA，型号400", _sized(401.0))
_LOSSES: list[tuple[dict[str, Any], str]] = [
    ({"no_load_loss_kw": None}, "空载损耗为空"), ({"no_load_loss_kw": 0.0}, "空载损耗为零"),
    ({"load_loss_kw": None}, "负载损耗为空"), ({"load_loss_kw": -1.0}, "负载损耗为负"),
    ({"no_load_loss_kw": None, "load_loss_kw": None}, "损耗均为空"),
    ({"no_load_loss_kw": None, "model": None}, "型号与损耗均为空"),
    ({"load_loss_kw": None, "model": "S22"}, "系列不在损耗表"),
]  # fmt: skip


for values, note in _LOSSES:
    _add(HIT, "one_behind", f"高供低计{note}", _data(**values))
for model in ("S11-400/10", "S9-400/10", "S7-400/10", "S11-M-400/10"):
    _add(
        NEAR_MISS,
        "one_behind",
        f"{model}损耗为空但有损耗表",
        _data(no_load_loss_kw=None, load_loss_kw=None, model=model),
    )


def _metered_high(scene: Scene, at: Array) -> None:
    _data(no_load_loss_kw=None, load_loss_kw=None)(scene, at)
    scene.frame("metering_point").set(scene.point_rows(at), mode="hv_supply_hv_metering")
    refit(scene.district, scene.point_rows(at), 400.0, 10_000)


_add(NEAR_MISS, "one_behind", "高供高计不计变损", _metered_high, weight=3)


@variant("CF009", NEAR_MISS, "one", "去年拆除的变压器", weight=3, records=False)
def _old(scene: Scene, at: Array) -> None:
    scene.add_transformer(at, 400.0, "removed", removed_on=scene.ago(370), model="S11-999/10", no_load_loss_kw=None)
    _second_row(scene, at)


@variant("CF009", NEAR_MISS, "one", "暂停的变压器", weight=3, records=False)
def _idle(scene: Scene, at: Array) -> None:
    _second("suspended", follows=True)(scene, at)
    row = scene.rows("customer_transformer", at)[1:]
    scene.frame("customer_transformer").set(row, model="S11-999/10")
    _second_row(scene, at)


def _second_row(scene: Scene, at: Array) -> None:
    row = scene.rows("customer_transformer", at)[1]
    key = key_of(transformer_id=scene.frame("customer_transformer")["transformer_id"][row])
    scene.truths.append(Truth("CF009", key, NEAR_MISS, "未运行的变压器"))
