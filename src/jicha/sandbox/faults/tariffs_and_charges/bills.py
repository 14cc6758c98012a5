"""TC006 to TC015, TC018, TC023: what was charged, against what should have been."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.tariffs_and_charges.tools import (
    Change,
    Plan,
    agreed,
    as_plant,
    by_bill,
    by_customer,
    by_point,
    capacity,
    dial,
    edit_bill,
    editions,
    fit_file,
    in_books,
    mark,
    period,
    point_id,
    reactive,
    rested,
    second,
    set_point,
    times,
    uses,
    wrong,
)
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.variety import hang


def _nothing(_scene: Scene, _at: Array) -> None:
    return


# ---------------------------------------------------------------------------------------------- TC006
by_customer("TC006", HIT, "plant", "当期漏计基本电费", edit_bill(basic_yuan=None), weight=5, dated=True)
by_customer("TC006", HIT, "plant_demand", "当期漏计需量电费", edit_bill(basic_yuan=0), weight=3, dated=True)
by_customer("TC006", HIT, "plant", "基本电费计算方式为无", set_point(basic_charge_mode="none"), weight=3, dated=True)


def _all_suspended(scene: Scene, at: Array) -> None:
    scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), status="suspended")
    scene.set(at, status="suspended", operating_capacity_kva=0.0)
    scene.district.idle_from[at] = scene.ago(100)
    row = scene.rows("customer_transformer", at)[0]
    frame = scene.frame("customer_transformer")
    unit, kva = frame["transformer_id"][row], float(frame["capacity_kva"][row])
    status = scene.frame("transformer_status")
    status.append(transformer_id=unit, from_on=frame["installed_on"][row], until_on=scene.ago(101), status="running")
    status.append(transformer_id=unit, from_on=scene.ago(100), status="suspended")
    scene.order(at, "suspend", applied=110, archived=scene.ago(100), effective_from=scene.ago(100),
                effective_to=scene.ago(-60), capacity_before_kva=kva, capacity_after_kva=0.0)  # fmt: skip


by_customer("TC006", NEAR_MISS, "plant", "全月全部暂停", _all_suspended, weight=3, dated=True)
by_customer("TC006", NEAR_MISS, "station", "充电站免收", set_point(tariff_code="DG10"), weight=3, dated=True)
by_customer("TC006", NEAR_MISS, "plant", "新装首月", lambda s, at: s.reopen(at, period(s) + 12), weight=3, dated=True)

# ---------------------------------------------------------------------------------------------- TC007
for factor in (0.5, 0.8, 0.95):
    by_customer("TC007", HIT, "plant", f"计费容量为在运的{factor:g}", wrong(capacity(factor), 0), weight=3, dated=True)
by_customer("TC007", NEAR_MISS, "plant", "计费容量少0.5%", wrong(capacity(0.995), 0), weight=3, dated=True)


def _locked(scene: Scene, at: Array) -> None:
    group = f"HX{int(at[0])}"
    second("running", interlock_group=group)(scene, at)
    scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), interlock_group=group)


by_customer("TC007", NEAR_MISS, "works", "冷备已加封", as_plant, second("cold_standby"), weight=3, dated=True)
by_customer("TC007", NEAR_MISS, "works", "互锁两台只计较大一台", as_plant, _locked, weight=3, dated=True)


by_customer("TC007", NEAR_MISS, "works", "当期月中暂停一台", as_plant, rested, weight=4, dated=True)


# ---------------------------------------------------------------------------------------------- TC008 to TC010


for factor in (0.5, 0.8, 0.95):
    by_point("TC008", HIT, "plant_demand", f"按实际需量计费，少计为{factor:g}",
             agreed("actual_demand", 1.0), wrong(times(factor, "demand"), 0), weight=2, dated=True)  # fmt: skip
by_point("TC008", HIT, "works", "超合约需量未加倍", as_plant, agreed("contract_demand", 0.9),
         wrong(times(0.9, "demand"), 0), weight=3, dated=True)  # fmt: skip
by_point("TC008", HIT, "plant_demand", "无合约需量", agreed("contract_demand", None), weight=2, dated=True)
by_point("TC008", NEAR_MISS, "plant_demand", "账单为加倍后的需量", agreed("contract_demand", 0.9), weight=3, dated=True)
by_point("TC008", NEAR_MISS, "plant_demand", "恰在105%以内", agreed("contract_demand", 0.96), weight=3, dated=True)
by_point("TC008", NEAR_MISS, "plant_demand", "少计0.5%", agreed("actual_demand", 1.0),
         wrong(times(0.995, "demand"), 0), weight=2, dated=True)  # fmt: skip


def _floor(share: float) -> Plan:
    def plant(scene: Scene, at: Array) -> None:
        agreed("contract_demand", 1.0)(scene, at)
        name, kva = point_id(scene, at), float(scene.district.customer["contract_capacity_kva"][at[0]])

        def change(registers: Any, months: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            units = kva * share * 100 / registers.multiplier[row]
            months.demand[row, -12:] = np.floor(units)
            point = scene.frame("metering_point")
            point.set(point.rows(point_id=name), contract_demand_kw=kva * share)

        scene.district.edits.months.append(change)

    return plant


by_customer("TC009", HIT, "plant_demand", "合约需量为容量的35%", _floor(0.35), weight=2)
by_customer("TC009", HIT, "plant_demand", "六期均超105%", agreed("contract_demand", 0.9), weight=3)
by_customer("TC009", HIT, "plant_demand", "六期均不足六成", agreed("contract_demand", 1.9), weight=3)
by_customer(
    "TC009", NEAR_MISS, "plant_demand", "一期需量高", agreed("contract_demand", 1.0, measured={2: 1.3}), weight=3
)
by_customer("TC009", NEAR_MISS, "plant_demand", "恰为容量的40%", _floor(0.4), weight=3)
by_customer("TC009", NEAR_MISS, "plant_demand", "三期超105%",
            agreed("contract_demand", 1.0, measured={0: 1.2, 1: 1.2, 2: 1.2}), weight=2)  # fmt: skip


def _intense(q: float) -> Plan:
    """Use so many kWh per kVA and month."""

    def plant(scene: Scene, at: Array) -> None:
        kva = float(scene.district.customer["contract_capacity_kva"][at[0]])
        dial(lambda meter: meter.usage({b: q * kva * (1 + 0.0005 * (b % 5)) for b in range(meter.live() - 1)}))(
            scene, at
        )
        agreed("actual_demand", 1.0)(scene, at)

    return plant


by_bill("TC010", HIT, "works", "270kWh/kVA未打折", as_plant, _intense(270.0), wrong(editions(discount_kwh=np.nan), 0))
by_bill("TC010", HIT, "works", "240kWh/kVA已打折", as_plant, _intense(240.0), wrong(editions(discount_kwh=0.0), 0))
by_bill(
    "TC010", HIT, "plant_demand", "320kWh/kVA未打折", _intense(320.0), wrong(editions(discount_kwh=np.nan), 0), weight=2
)


def _enlarged(scene: Scene, at: Array) -> None:
    """More capacity from a day within P0 on: what ran before it is not on file."""
    day = period(scene) + 9
    scene.order(at, "increase_capacity", applied=int((scene.today - day).astype(int)) + 20, archived=day,
                effective_from=day, capacity_before_kva=630.0, capacity_after_kva=800.0)  # fmt: skip


by_bill("TC010", NEAR_MISS, "works", "容量在当月变更", as_plant, _intense(270.0),
        wrong(editions(discount_kwh=np.nan), 0), _enlarged, weight=1)  # fmt: skip
by_bill("TC010", NEAR_MISS, "works", "259kWh/kVA未打折", as_plant, _intense(259.0))
by_bill("TC010", NEAR_MISS, "plant_demand", "262kWh/kVA已打折", _intense(262.0))
by_bill("TC010", NEAR_MISS, "plant", "容量计费不打折", _nothing)


# ---------------------------------------------------------------------------------------------- TC011
def _first_edition(on: Array) -> Array:
    """The price list of the first day of the latest month in force all through."""
    return np.where(on >= 0, on[:, -90][:, None], on)


_BIG = uses(3000.0)
by_bill("TC011", HIT, "still_shop", "月中新价未执行", _BIG, wrong(editions(on=_first_edition), 0))
by_bill("TC011", HIT, "still_shop", "执行了另一电价码", _BIG, wrong(in_books(tariff_code="LD01"), 0))
by_bill("TC011", HIT, "still_shop", "上期执行了另一电价码", _BIG, wrong(in_books(tariff_code="LD01"), 1), back=1)
by_bill("TC011", HIT, "still_home", "倍率错一成", uses(400.0), wrong(times(1.1, "total"), 0))
by_bill("TC011", HIT, "timed_shop", "未按分时计价", _BIG, wrong(in_books(is_time_of_use=False), 0))
by_bill("TC011", HIT, "still_home", "上上期少计电量", uses(400.0), wrong(times(0.9, "total"), 2), back=2)
by_bill("TC011", NEAR_MISS, "still_shop", "月中换价按日分算", _BIG)
by_bill("TC011", NEAR_MISS, "timed_shop", "四时段尾差", _BIG, edit_bill(energy_yuan=lambda v: v + 4))
by_bill("TC011", NEAR_MISS, "still_home", "恰差5元", uses(400.0), edit_bill(energy_yuan=lambda v: v + 500))
by_bill("TC011", HIT, "still_home", "差5.01元", uses(400.0), edit_bill(energy_yuan=lambda v: v - 501), weight=2)


def _carried(scene: Scene, at: Array) -> None:
    """Fifty kWh of an earlier month are billed with this one."""
    _BIG(scene, at)
    edit_bill(adjusted_kwh=5000, billed_kwh=lambda v: v + 5000, energy_yuan=lambda v: v + 3727)(scene, at)


by_bill("TC011", NEAR_MISS, "still_shop", "含退补电量", _carried, weight=2)

# ---------------------------------------------------------------------------------------------- TC012
_DEARER = editions(capacity=lambda v: np.where(v > 0, v + 30_000, v), demand=lambda v: np.where(v > 0, v + 40_000, v))
for back in (0, 1, 2):
    by_bill("TC012", HIT, "works", f"{back}期前容量电价错", as_plant, wrong(_DEARER, back), back=back, weight=2)
by_bill("TC012", HIT, "works", "多计容量", as_plant, wrong(capacity(1.25), 0), weight=2)
by_bill("TC012", HIT, "plant", "上期少计容量", wrong(capacity(0.8), 1), back=1, weight=2)
by_bill("TC012", NEAR_MISS, "works", "当月增容，不能复算", as_plant, wrong(_DEARER, 0), _enlarged, weight=1)
by_bill("TC012", NEAR_MISS, "works", "差49元", as_plant, edit_bill(basic_yuan=lambda v: v + 4900), weight=3)
by_bill("TC012", NEAR_MISS, "works", "月中暂停按日计", as_plant, rested, weight=3)


# ---------------------------------------------------------------------------------------------- TC013
def _ladders(change: Any) -> Change:
    def wrongly(books: Any, quantities: Any) -> Any:
        return dataclasses.replace(
            books, ladders={code: change(ladder) for code, ladder in books.ladders.items()}
        ), quantities

    return wrongly


def _limits(factor: float) -> Change:
    return _ladders(lambda ladder: dataclasses.replace(ladder, limits=[int(x * factor) for x in ladder.limits]))


def _in_year(kwh: float, back: int, least: float = 0.0) -> Plan:
    """Let a home's year have come to so many kWh by the end of a period, from even months of at least so many."""

    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, household_size=None, household_size_from=None, household_size_until=None)
        scene.frame("metering_point").set(scene.point_rows(at), tariff_code="JM01")
        month = int(period(scene, back).astype("datetime64[M]").astype(int)) % 12 + 1
        uses(max(least, kwh / month))(scene, at)

    return plant


_MUCH = _in_year(2900.0, 0, least=560.0)  # past the first tier of 2,760 kWh
_just_below = _in_year(2700.0, 1)


def _reset(scene: Scene, at: Array) -> None:
    """Let the year's tiers have begun anew in the latest month that is not the first of its year."""
    back = _within_year(scene)
    _in_year(2900.0, back, least=560.0)(scene, at)
    wrong(_ladders(lambda x: dataclasses.replace(x, yearly=False)), back)(scene, at)


def _within_year(scene: Scene) -> int:
    return int(period(scene).astype("datetime64[M]").astype(int) % 12 == 0)


by_bill("TC013", HIT, "still_home", "阶梯按月清零", _reset, back=_within_year)
by_bill("TC013", HIT, "still_home", "分档上限错", _just_below, wrong(_limits(0.8), 1), back=1)
by_bill("TC013", HIT, "still_home", "未计阶梯", _MUCH, edit_bill(tier_yuan=0))
by_bill("TC013", HIT, "still_home", "差1.01元", _MUCH, edit_bill(tier_yuan=lambda v: v + 101), weight=2)
by_bill("TC013", NEAR_MISS, "still_home", "差1元", _MUCH, edit_bill(tier_yuan=lambda v: v + 100))
by_bill("TC013", NEAR_MISS, "still_home", "本年已进入第三档", _MUCH)
by_bill("TC013", NEAR_MISS, "school", "合表不计阶梯", _nothing, weight=2)

# ---------------------------------------------------------------------------------------------- TC014
_ASSESSED = fit_file(160.0)


_CHARGED = (_ASSESSED, uses(9000.0), reactive(0.75))  # a factor of 0.80
by_bill("TC014", HIT, "shop380", "标准错为0.80", *_CHARGED, wrong(in_books(pf_standard=0.80), 0))
by_bill("TC014", HIT, "shop380", "标准错为0.90", *_CHARGED, wrong(in_books(pf_standard=0.90), 1), back=1)
by_bill("TC014", HIT, "shop380", "未计力调电费", *_CHARGED, edit_bill(pf_yuan=0))
by_bill("TC014", HIT, "shop380", "差11元", *_CHARGED, edit_bill(pf_yuan=lambda v: v + 1100), weight=2)
by_bill("TC014", NEAR_MISS, "shop380", "差10元", *_CHARGED, edit_bill(pf_yuan=lambda v: v - 1000))
by_bill("TC014", NEAR_MISS, "shop380", "电度差错的连带", *_CHARGED, wrong(times(1.1, "total", "reactive"), 0))
by_bill("TC014", NEAR_MISS, "shop380", "力调正常", *_CHARGED)


def _only_reactive(scene: Scene, at: Array) -> None:
    """Nothing but reactive energy in P0: a factor of 0, and nothing to adjust."""

    def change(registers: Any, months: Any) -> None:
        row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
        months.reactive[row, -1] = 60

    scene.district.edits.months.append(change)


_rests = dial(lambda meter: meter.usage({b: 0.0 if b < 2 else 9000.0 for b in range(meter.live() - 1)}))
by_bill(
    "TC014",
    NEAR_MISS,
    "shop380",
    "有功为零，功率因数为零",
    _ASSESSED,
    _rests,
    reactive(0.75),
    _only_reactive,
    weight=2,
)

# ---------------------------------------------------------------------------------------------- TC015
by_point("TC015", HIT, "still", "电价码变化无工单", edit_bill(1, tariff_code="FJ01"), weight=4, dated=True)
by_point(
    "TC015", HIT, "shop380", "功率因数标准变化无工单", _ASSESSED, edit_bill(1, pf_standard=0.90), weight=4, dated=True
)
by_point(
    "TC015", HIT, "plant", "计费容量变化无工单", edit_bill(1, billed_capacity_kva=lambda v: v - v // 20), dated=True
)


def _with_order(kind: str, archived: int) -> Plan:
    def plant(scene: Scene, at: Array) -> None:
        edit_bill(1, tariff_code="FJ01")(scene, at)
        end = period(scene, -1) - 1
        scene.order(at, kind, applied=archived + 60, archived=end - archived)

    return plant


for kind, archived in (("change_class", 3), ("change_price_strategy", 40), ("transfer_ownership", 85)):
    by_point("TC015", NEAR_MISS, "still", f"{kind}已归档", _with_order(kind, archived), weight=2, dated=True)
by_point("TC015", HIT, "still", "工单归档在四个月前", _with_order("change_class", 125), weight=2, dated=True)
by_point(
    "TC015",
    NEAR_MISS,
    "plant",
    "计费容量差0.9%",
    edit_bill(1, billed_capacity_kva=lambda v: v - v * 9 // 1000),
    dated=True,
)

# ---------------------------------------------------------------------------------------------- TC018
_LARGE = (_ASSESSED, uses(5000.0))


def _frozen(*backs: int) -> Plan:
    def plant(scene: Scene, at: Array) -> None:
        def change(registers: Any, months: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            for back in backs:
                months.reactive[row, months.reactive.shape[1] - 1 - back] = 0

        scene.district.edits.months.append(change)

    return plant


by_point("TC018", HIT, "shop380", "无功示数三期未走", *_LARGE, _frozen(0, 1, 2), weight=5)
by_point("TC018", HIT, "shop380", "无功示数一年未走", *_LARGE, _frozen(*range(12)), weight=4)
by_point("TC018", NEAR_MISS, "shop380", "无功很少", *_LARGE, reactive(0.02), weight=4)
by_point("TC018", NEAR_MISS, "shop380", "仅一期无功为零", *_LARGE, _frozen(0), weight=4)
by_point("TC018", NEAR_MISS, "shop380", "用电不足1000kWh", _ASSESSED, uses(900.0), _frozen(0, 1, 2), weight=2)


# ---------------------------------------------------------------------------------------------- TC023
def _more_loss(books: Any, quantities: Any) -> Any:
    figures = books.windings.figures * 1.6
    return dataclasses.replace(books, windings=dataclasses.replace(books.windings, figures=figures)), quantities


_NO_LOSS = in_books(loss_method="none", mode="hv_supply_hv_metering")
_LOSSY = in_books(loss_method="formula", mode="hv_supply_lv_metering")
by_point("TC023", HIT, "one_behind", "两期未计变损", wrong(_NO_LOSS, 0, 1), weight=5)
by_point("TC023", HIT, "one_behind", "变损多计六成", wrong(_more_loss, 0, 1), weight=4)
by_point("TC023", HIT, "hv_measured", "高供高计误计变损", wrong(_LOSSY, 0, 1), weight=4)
by_point("TC023", NEAR_MISS, "one_behind", "仅当期未计变损", wrong(_NO_LOSS, 0), weight=3)
by_point("TC023", NEAR_MISS, "one_behind", "变损正常", _nothing, weight=3)
by_point("TC023", NEAR_MISS, "hv_measured", "协议线损", set_point(line_loss_pct=1.5), weight=3)
by_point("TC023", NEAR_MISS, "one_behind", "变压器属供电企业", set_point(loss_method="none"), weight=3)


def _below(scene: Scene, at: Array) -> None:
    """A sub-point behind a main that bears the loss: it has no method of its own."""
    main = int(scene.point_rows(at)[0])
    own = hang(scene.district, main, "87", allocation="ratio", allocation_value=8.0,
               allocation_reviewed_on=scene.ago(120), tariff_code="FJ01")  # fmt: skip
    mark(scene, "TC023", NEAR_MISS, "总表已计变损的分表", point_id=own)


add("TC023", NEAR_MISS, "one_behind", "总表已计变损的分表", _below, weight=2, records=False, months=14, days=80)
