"""TC002 to TC025: lawful practice that looks like a fault, and must not be reported."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.edits import Stretch
from jicha.sandbox.faults.metering.modes import dormitory
from jicha.sandbox.faults.metering.tools import meter_row, more_meter
from jicha.sandbox.faults.registry import add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.tariffs_and_charges.tools import (
    Plan,
    agreed,
    as_plant,
    by_bill,
    by_customer,
    by_point,
    dial,
    edit_bill,
    fit_file,
    mark,
    period,
    point_id,
    reactive,
    rested,
    set_customer,
    set_point,
    uses,
)
from jicha.sandbox.faults.truth import NEAR_MISS
from jicha.sandbox.frame import Frame
from jicha.sandbox.variety import hang

__all__ = ["summed_feeders"]


# ---------------------------------------------------------------------------------------------- TC002, TC003, TC005
_LOW_PRICE = set_point(tariff_code="GS02", is_time_of_use=True, loss_method="none", pf_standard=0.85)
by_point("TC002", NEAR_MISS, "works", "10千伏客户的380V宿舍", lambda scene, at: scene.size(at, 160.0), dormitory,
         _LOW_PRICE, weight=2)  # fmt: skip
by_point("TC002", NEAR_MISS, "lights", "电价无最高电压", lambda _s, _at: None, weight=3)
by_bill("TC003", NEAR_MISS, "still_home", "电价码不存在，当期零电量",
        dial(lambda m: m.usage({b: 0.0 if b == 0 else 30.0 for b in range(m.live() - 1)})),
        edit_bill(tariff_code="ZZ99"), weight=3)  # fmt: skip


def _unknown_capacity(scene: Scene, at: Array) -> None:
    scene.set(at, contract_capacity_kva=None)
    scene.hit("CF001", at, "两部制客户无合同容量")


by_customer("TC005", NEAR_MISS, "plant", "合同容量为空", _unknown_capacity, weight=2)


# ---------------------------------------------------------------------------------------------- TC008 to TC010
def _new_meter(scene: Scene, at: Array) -> None:
    """Exchange the meter in the middle of P0."""
    when, current = period(scene) + 14, meter_row(scene, at)
    old = more_meter(scene, at, "DA8", status="removed", installed_on=2600, verified_on=2630)
    meter = scene.frame("meter")
    meter.set(meter.rows(meter_id=old), removed_on=when)
    meter.set(current, installed_on=when, verified_on=when - 30)


by_point("TC008", NEAR_MISS, "plant_demand", "月中换表，需量自换表起计",
         agreed("contract_demand", 1.0, measured={0: 0.7}), _new_meter, weight=2, dated=True)  # fmt: skip


def summed_feeders(scene: Scene) -> None:
    """Two feeders of one customer, whose demand is summed and billed under the first point."""
    point = scene.frame("metering_point")
    group = point["demand_group"] if "demand_group" in point.columns else np.full(len(point), None)
    for name in sorted({g for g in group.tolist() if g is not None}):
        ids = sorted(point["point_id"][np.flatnonzero(group == name)].tolist())
        owner = scene.district.position(point["customer_id"][point.rows(point_id=ids[0])])
        active = scene.district.customer["status"][owner[0]] == "active"
        if active and not scene.used[owner[0]] and scene.district.calendar.months >= 14:
            for one in ids:
                mark(scene, "TC008", NEAR_MISS, "两路进线需量合并计收", point_id=one, period=period(scene))


def _two_months_off(scene: Scene, at: Array) -> None:
    """Everything at rest in the fifth and sixth month back."""
    agreed("contract_demand", 1.0, measured={4: 0.0, 5: 0.0})(scene, at)
    first, last = period(scene, 5), period(scene, 3) - 1
    scene.district.edits.load.append(Stretch(int(at[0]), first, last, 0.0))
    frame, kva = scene.frame("customer_transformer"), float(scene.district.customer["contract_capacity_kva"][at[0]])
    status = scene.frame("transformer_status")
    for row in scene.rows("customer_transformer", at).tolist():
        unit = frame["transformer_id"][row]
        status.append(transformer_id=unit, from_on=frame["installed_on"][row], until_on=first - 1, status="running")
        status.append(transformer_id=unit, from_on=first, until_on=last, status="suspended")
        status.append(transformer_id=unit, from_on=last + 1, status="running")
    for kind, day, end, before, after in (("suspend", first, last, kva, 0.0), ("resume", last + 1, None, 0.0, kva)):
        scene.order(at, kind, applied=int((scene.today - day).astype(int)) + 9, archived=day, effective_from=day,
                    effective_to=end, capacity_before_kva=before, capacity_after_kva=after)  # fmt: skip


by_customer("TC009", NEAR_MISS, "plant_demand", "六期中两期全部暂停", _two_months_off, weight=2)


def _nearly_intense(scene: Scene, at: Array) -> None:
    kva = float(scene.district.customer["contract_capacity_kva"][at[0]])
    dial(lambda meter: meter.usage({b: (259.9 - 0.4 * (b % 5)) * kva for b in range(meter.live() - 1)}))(scene, at)
    agreed("actual_demand", 1.0)(scene, at)


by_bill("TC010", NEAR_MISS, "works", "259.9kWh/kVA未打折", as_plant, _nearly_intense, weight=2)


# ---------------------------------------------------------------------------------------------- TC012, TC013
def _long_month(scene: Scene) -> int:
    """The latest of three periods that has 31 days; any three months running have one."""
    days = scene.district.calendar.month_days
    return next(back for back in range(3) if days[len(days) - 1 - back] == 31)


def _begun(scene: Scene, at: Array, days: int) -> None:
    """Let the customer have begun so many days before the end of the long month."""
    scene.reopen(at, period(scene, _long_month(scene) - 1) - days)


def _by_thirtieths(scene: Scene, at: Array) -> None:
    scene.size(at, 315.0)
    _begun(scene, at, 5)
    edit_bill(_long_month(scene), basic_yuan=lambda v: np.rint(v * 31 / 30).astype(np.int64))(scene, at)


def _one_day_more(scene: Scene, at: Array) -> None:
    """A small demand, charged for eleven days instead of ten."""
    scene.size(at, 100.0)
    set_point(basic_charge_mode="actual_demand", pf_standard=0.85)(scene, at)
    _begun(scene, at, 10)
    scene.district.own_demand.add(int(at[0]))

    def change(registers: Any, months: Any) -> None:
        row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
        months.demand[row] = round(30 * 100 / registers.multiplier[row])

    scene.district.edits.months.append(change)
    edit_bill(_long_month(scene), basic_yuan=lambda v: np.rint(v * 11 / 10).astype(np.int64))(scene, at)


by_bill("TC012", NEAR_MISS, "works", "首月按三十分之一计", as_plant, _by_thirtieths, weight=2, back=_long_month)
by_bill("TC012", NEAR_MISS, "works", "不足月差一天", as_plant, _one_day_more, weight=2, back=_long_month)


_FEW = set_customer(household_size=None, household_size_from=None, household_size_until=None)


def _two_monthly(scene: Scene, at: Array) -> None:
    """A home with monthly tiers that is read every two months, past what one month allows."""
    _FEW(scene, at)
    set_point(tariff_code="JM04", reading_cycle_months=2.0)(scene, at)
    scene.district.slow[int(at[0])] = 0
    read = {back: 430.0 + 9 * (back % 7) for back in range(0, 60, 2)}
    dial(lambda meter: meter.usage({b: read.get(b, 0.0) for b in range(meter.live() - 1)}))(scene, at)


by_bill("TC013", NEAR_MISS, "still_home", "双月抄表，档限加倍", _two_monthly, weight=3)

# ---------------------------------------------------------------------------------------------- TC014
_ASSESSED = fit_file(160.0)
by_bill("TC014", NEAR_MISS, "shop380", "功率因数0.846进位为0.85", _ASSESSED, uses(9000.0),
        reactive(math.tan(math.acos(0.846))), weight=2)  # fmt: skip
by_bill("TC014", NEAR_MISS, "shop380", "基金不进力调基数", _ASSESSED, uses(20_000.0), reactive(0.88), weight=2)


# ---------------------------------------------------------------------------------------------- TC015
def _policy(scene: Scene, at: Array) -> None:
    """Who was billed without time bands is moved to the price with them in P0."""
    for one in at:
        edit_bill(1, tariff_code="GS10")(scene, np.array([one]))
        mark(
            scene,
            "TC015",
            NEAR_MISS,
            "整类电价政策调整",
            point_id=point_id(scene, np.array([one])),
            period=period(scene),
        )


add("TC015", NEAR_MISS, "works", "整类电价政策调整", _policy, group=3, weight=2, records=False, months=14, days=80)
by_point("TC015", NEAR_MISS, "still", "原电价码已停用", edit_bill(1, tariff_code="GS90"), weight=2, dated=True)
by_point("TC015", NEAR_MISS, "works", "当期暂停生效", as_plant, rested, weight=2, dated=True)


def _two_bills(scene: Scene, at: Array) -> None:
    """Two bills of P0, one for each meter; the smaller was issued at the price of the file before."""
    _new_meter(scene, at)
    day = period(scene)

    def edit(rows: Frame) -> None:
        row = int(np.flatnonzero(rows["period"] == day)[0])
        whole = {name: column[row] for name, column in rows.columns.items()}
        names = [n for n in whole if n.endswith(("_kwh", "_yuan", "_kvarh", "_kva")) and n != "tier_used_before_kwh"]
        names = [n for n in names if whole[n] != NULL]
        part = {name: int(whole[name]) * 4 // 10 for name in names}
        part["total_yuan"] = sum(part[n] for n in names if n.endswith("_yuan") and n != "total_yuan")
        rows.set(row, kind="part", **{name: int(whole[name]) - part[name] for name in names})
        rows.append(**{**whole, **part, "kind": "part", "tariff_code": "FJ01",
                       "bill_id": str(int(whole["bill_id"]) + 5 * 10**8)})  # fmt: skip

    scene.district.edits.rows("bill", point_id(scene, at), edit)


by_point("TC015", NEAR_MISS, "still", "换表分段两张账单", _two_bills, weight=2, dated=True)


# ---------------------------------------------------------------------------------------------- TC017, TC018, TC024
def _allocated(rule: str, note: str, kwh: float, **values: Any) -> None:
    """Register an allocated point behind an assessed shop; what is asked of the main point is not asked of it."""

    def plant(scene: Scene, at: Array) -> None:
        fit_file(160.0)(scene, at)
        uses(kwh)(scene, at)
        own = hang(scene.district, int(scene.point_rows(at)[0]), "87", allocation="ratio", allocation_value=8.0,
                   allocation_reviewed_on=scene.ago(120), tariff_code="FJ01", **values)  # fmt: skip
        mark(scene, rule, NEAR_MISS, note, point_id=own)

    add(rule, NEAR_MISS, "shop380", note, plant, weight=2, records=False, months=14, days=80)


_allocated("TC017", "另一类别的分表，标准为空", 9000.0)
_allocated("TC018", "总表考核，分表无无功", 16_000.0)
_allocated("TC024", "定比分表无分时示数", 9000.0)


# ---------------------------------------------------------------------------------------------- TC020 to TC022
def _season(kwh: float, swing: float, peak: int) -> Plan:
    """Use about so many kWh a month, more or less by a share of it, most in one month of the year."""

    def plant(scene: Scene, at: Array) -> None:
        last = int(period(scene).astype("datetime64[M]").astype(int)) % 12 + 1

        def month(back: int) -> float:
            return kwh * (1 + swing * math.cos(2 * math.pi * (last - back - peak) / 12))

        dial(lambda meter: meter.usage({b: month(b) for b in range(meter.live() - 1)}))(scene, at)

    return plant


by_customer("TC020", NEAR_MISS, "home380", "别墅，冬季热泵",
            _FEW, _season(2400.0, 0.8, 1), weight=2)  # fmt: skip
by_customer("TC021", NEAR_MISS, "home380", "物业公司楼道灯执行合表电价",
            _FEW, set_customer(name="安居物业服务公司"),
            set_point(tariff_code="JM03", is_time_of_use=False), uses(1800.0), weight=2)  # fmt: skip


def _in_a_village(scene: Scene, at: Array) -> None:
    scene.set(at, address=str(scene.district.customer["address"][at[0]]) + "（老厂店村）")
    _season(1800.0, 0.5, 1)(scene, at)


by_customer("TC021", NEAR_MISS, "home380", "地址有厂有店，户名没有", _in_a_village, weight=2)
by_customer("TC022", NEAR_MISS, "farm", "灌溉，季节分明",
            set_customer(industry_code="0111", name="东风农场"), _season(2600.0, 0.6, 7), weight=2)  # fmt: skip


# ---------------------------------------------------------------------------------------------- TC025
def _holiday_month(scene: Scene, at: Array) -> None:
    """A fixed quantity close to what the main point uses in one month of three."""
    dial(lambda meter: meter.usage({b: 740.0 if b == 1 else 900.0 for b in range(meter.live() - 1)}))(scene, at)
    own = hang(scene.district, int(scene.point_rows(at)[0]), "87", allocation="quantity", allocation_value=700.0,
               allocation_reviewed_on=scene.ago(120), tariff_code="FJ01")  # fmt: skip
    mark(scene, "TC025", NEAR_MISS, "只有假期一期总表用电少", point_id=own)


add(
    "TC025",
    NEAR_MISS,
    "still_shop",
    "只有假期一期总表用电少",
    _holiday_month,
    weight=2,
    records=False,
    months=14,
    days=80,
)
