"""TC001 to TC005, TC016, TC017, TC019 to TC022, TC024, TC025: what the file of a point or customer says."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.tariffs_and_charges.tools import (
    Plan,
    by_bill,
    by_customer,
    by_point,
    dial,
    edit_bill,
    fit_file,
    mark,
    period,
    point_id,
    set_customer,
    set_point,
    uses,
)
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.variety import hang

_DOWN = {"GS11": "GS02", "GS12": "GS02", "NY11": "NY01", "FJ11": "FJ01", "JM13": "JM03", "DG11": "DG35"}


def _nothing(_scene: Scene, _at: Array) -> None:
    return


# ---------------------------------------------------------------------------------------------- TC001
for pool, code in (
    ("still_shop", "JM03"),
    ("still_shop", "NY01"),
    ("home", "GS01"),
    ("farm", "JM03"),
    ("other", "NY01"),
):
    by_point("TC001", HIT, pool, f"执行{code}", set_point(tariff_code=code, is_time_of_use=False))
by_point("TC001", NEAR_MISS, "school", "学校执行居民合表电价", _nothing)
by_point("TC001", NEAR_MISS, "other", "非居民照明执行合表电价", set_point(tariff_code="JM03"))


def _behind(kind: str, rule: str, note: str, *, pool: str = "still_shop", key: bool = False, weight: float = 3,
            **values: Any) -> None:  # fmt: skip
    """Register an allocated point behind a shop; the finding is its own (`key`) or the main point's."""

    def plant(scene: Scene, at: Array) -> None:
        uses(900.0)(scene, at)
        content = {"allocation": "ratio", "allocation_value": 8.0, "allocation_reviewed_on": scene.ago(120),
                   "tariff_code": "FJ01", **values}  # fmt: skip
        ago = content.pop("reviewed", None)
        if ago is not None:
            content["allocation_reviewed_on"] = scene.ago(int(ago))
        main = point_id(scene, at)
        own = hang(scene.district, int(scene.point_rows(at)[0]), "87", **content)
        mark(scene, rule, kind, note, point_id=own if key else main)
        if not content["allocation_value"]:
            mark(scene, "RC017", HIT, f"{note}，从未计费", point_id=own, period=period(scene))

    add(rule, kind, pool, note, plant, weight=weight, records=False, months=14, days=80)


_behind(NEAR_MISS, "TC001", "宿舍照明分表执行照明电价", key=True)
by_point("TC001", NEAR_MISS, "station", "充电站执行工商业价", set_point(tariff_code="DG10"))


# ---------------------------------------------------------------------------------------------- TC002
def _lower(scene: Scene, at: Array) -> None:
    row = scene.point_rows(at)
    code = scene.frame("metering_point")["tariff_code"][row[0]]
    scene.frame("metering_point").set(row, tariff_code=_DOWN.get(code, "FJ01"))


by_point("TC002", HIT, "one_business", "10千伏客户执行另一电压等级电价", _lower, weight=5)
by_point("TC002", HIT, "still_shop", "220V客户执行10千伏电价", set_point(tariff_code="GS10"), weight=6)
by_point("TC002", NEAR_MISS, "works", "20千伏执行1-20千伏价", lambda s, at: s.size(at, 400.0, volts=20_000), weight=4)
by_point("TC002", NEAR_MISS, "still_shop", "220V执行不满1千伏价", _nothing)

# ---------------------------------------------------------------------------------------------- TC003
by_bill("TC003", HIT, "still", "电价码不存在", edit_bill(tariff_code="ZZ99"), weight=5)
by_bill("TC003", HIT, "still", "电价已停用", edit_bill(tariff_code="GS90"), weight=5)
by_bill("TC003", HIT, "still", "电价码为空", edit_bill(tariff_code=None), weight=4)
by_bill("TC003", NEAR_MISS, "still_shop", "月中换价", _nothing, weight=4)
by_bill("TC003", NEAR_MISS, "still", "电价码带空格", edit_bill(tariff_code=lambda v: v + "  "), weight=4)


# ---------------------------------------------------------------------------------------------- TC004
def _grown(kva: float, day: str) -> Plan:
    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, kva)
        scene.reopen(at, np.datetime64(day))
        scene.frame("meter").set(
            scene.meter_rows(scene.point_rows(at)), installed_on=scene.ago(900), verified_on=scene.ago(940)
        )
        _standard(scene, at, kva)

    return plant


def _standard(scene: Scene, at: Array, kva: float) -> None:
    """Give a works the standard that its size and industry call for, and the single-part price."""
    code = str(scene.district.customer["industry_code"][at[0]])
    high = "06" <= code[:2] <= "46" and kva > 160
    standard = None if kva < 100 else 0.90 if high else 0.85
    scene.frame("metering_point").set(scene.point_rows(at), pf_standard=standard, tariff_code="GS11",
                                      basic_charge_mode="none")  # fmt: skip


for kva, day in ((315.0, "2023-06-01"), (400.0, "2024-02-10"), (630.0, "2023-11-05")):
    by_customer("TC004", HIT, "works", f"{kva:g}kVA，{day}立户，单一制", _grown(kva, day), weight=3)
by_customer(
    "TC004", HIT, "plant", "大工业执行单一制", set_point(tariff_code="DG10", basic_charge_mode="none"), weight=3
)
for kva, day in ((315.0, "2015-03-02"), (314.9, "2024-02-10"), (400.0, "2023-05-31")):
    by_customer("TC004", NEAR_MISS, "works", f"{kva:g}kVA，{day}立户，单一制", _grown(kva, day), weight=2)


def _reduced(scene: Scene, at: Array) -> None:
    _grown(250.0, "2024-01-05")(scene, at)
    scene.add_transformer(at, 200.0, "suspended")
    scene.set(at, contract_capacity_kva=450.0)
    scene.frame("contract").set(scene.rows("contract", at), capacity_kva=450.0)
    scene.order(at, "reduce_capacity", applied=200, archived=scene.ago(190), effective_from=scene.ago(190))


by_customer("TC004", NEAR_MISS, "works", "减容至250kVA", _reduced, weight=2)


def _site(scene: Scene, at: Array) -> None:
    _grown(400.0, "2024-01-05")(scene, at)
    scene.set(at, is_temporary=True, temporary_until=scene.ago(-200))


by_customer("TC004", NEAR_MISS, "works", "临时基建", _site, weight=2)


# ---------------------------------------------------------------------------------------------- TC005
def _double(kva: float, **values: Any) -> Plan:
    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, kva)
        _standard(scene, at, kva)
        scene.frame("metering_point").set(scene.point_rows(at), tariff_code="GS12", basic_charge_mode="capacity")
        if values.get("is_temporary"):
            scene.set(at, is_temporary=True, temporary_until=scene.ago(-90))

    return plant


for kva in (50.0, 63.0, 80.0):
    by_customer("TC005", HIT, "works", f"{kva:g}kVA执行两部制", _double(kva), weight=2)
by_customer("TC005", HIT, "works", "临时用电执行两部制", _double(250.0, is_temporary=True), weight=3)
by_customer("TC005", HIT, "station", "充电站执行两部制",
            set_point(tariff_code="CD12", basic_charge_mode="capacity"), weight=3)  # fmt: skip
for kva in (100.0, 160.0, 250.0):
    by_customer("TC005", NEAR_MISS, "works", f"{kva:g}kVA自选两部制", _double(kva), weight=2)

# ---------------------------------------------------------------------------------------------- TC016, TC017
by_customer("TC016", HIT, "shop380", "100kVA未考核", fit_file(100.0), set_point(pf_standard=None), weight=4)
by_customer("TC016", HIT, "shop380", "160kVA未考核", fit_file(160.0), set_point(pf_standard=None), weight=4)
by_customer(
    "TC016", HIT, "works", "高压客户未考核", lambda s, at: s.size(at, 400.0), set_point(pf_standard=None), weight=3
)
by_customer("TC016", NEAR_MISS, "shop380", "99kVA不考核", fit_file(99.0), weight=4)
by_customer("TC016", NEAR_MISS, "station", "充电站不考核", set_point(pf_standard=None), weight=3)
by_customer("TC016", NEAR_MISS, "shop380", "居民小区100kVA", fit_file(120.0), weight=2)


def _sub_point(scene: Scene, at: Array) -> None:
    hang(scene.district, int(scene.point_rows(at)[0]), "87", allocation="ratio", allocation_value=8.0,
         allocation_reviewed_on=scene.ago(120), tariff_code="FJ01")  # fmt: skip


by_customer("TC016", NEAR_MISS, "shop380", "总表已考核，分表为空", fit_file(160.0), uses(9000.0), _sub_point, weight=2)
for standard in (0.80, 0.90):
    by_point(
        "TC017", HIT, "shop380", f"商业120kVA执行{standard}", fit_file(120.0), set_point(pf_standard=standard), weight=4
    )
by_point("TC017", HIT, "shop380", "80kVA被考核", fit_file(80.0), set_point(pf_standard=0.85), weight=3)
by_point("TC017", NEAR_MISS, "shop380", "商业120kVA执行0.85", fit_file(120.0), weight=3)


def _exactly(scene: Scene, at: Array) -> None:
    scene.size(at, 160.0)
    scene.set(at, industry_code="3011")
    _standard(scene, at, 160.0)


by_point("TC017", NEAR_MISS, "works", "工业恰160kVA执行0.85", _exactly, weight=3)


def _industry(scene: Scene, at: Array) -> None:
    scene.size(at, 400.0)
    scene.set(at, industry_code="3011")
    scene.frame("metering_point").set(
        scene.point_rows(at), pf_standard=0.85, tariff_code="GS11", basic_charge_mode="none"
    )


by_point("TC017", HIT, "works", "工业400kVA执行0.85", _industry, weight=3)


# ---------------------------------------------------------------------------------------------- TC019
def _people(size: int | None, until: int | None, since: int = 900) -> Plan:
    """A household of so many; the allowance ends so many days before P0 begins, null when None."""

    def plant(scene: Scene, at: Array) -> None:
        uses(220.0)(scene, at)
        day = scene.district.calendar.periods[-1]
        scene.set(at, household_size=size, household_size_from=scene.ago(since),
                  household_size_until=None if until is None else day - until)  # fmt: skip

    return plant


for until in (1, 40, 200):
    by_customer("TC019", HIT, "still_home", f"优惠在P0前{until}天到期", _people(6, until))
by_customer("TC019", HIT, "still_home", "无有效期", _people(5, None))
by_customer("TC019", HIT, "still_home", "13人", _people(13, -200))
for size, until, note in ((6, -29, "本月末到期"), (5, -300, "5人且有效"), (3, 100, "3人不享受"), (12, -200, "12人")):
    by_customer("TC019", NEAR_MISS, "still_home", note, _people(size, until), weight=2)


# ---------------------------------------------------------------------------------------------- TC020
def _pair(kind: str, note: str, *, room: str = "", idle: bool = False) -> None:
    def plant(scene: Scene, at: Array) -> None:
        c = scene.district.customer
        uses(150.0)(scene, at[:1])
        if idle:
            dial(lambda meter: meter.usage({b: 0.0 if b < 8 else 20.0 for b in range(meter.live() - 1)}))(scene, at[1:])
        else:
            uses(130.0)(scene, at[1:])
        scene.set(
            at[1:], name=c["name"][at[0]], address=str(c["address"][at[0]]) + room, id_number=c["id_number"][at[0]]
        )
        later = max(at.tolist(), key=lambda p: (str(c["opened_on"][p]), scene.district.customer_ids[p]))
        who = later if kind == HIT else int(at[1])
        mark(scene, "TC020", kind, note, customer_id=scene.district.customer_ids[who])

    add("TC020", kind, "still_home", note, plant, group=2, weight=5, records=False, months=14, days=80)


_pair(HIT, "同址同名两户均有用电")
_pair(NEAR_MISS, "同一房主两套房", room="乙")
_pair(NEAR_MISS, "车库无用电", idle=True)
_ALONE = set_customer(household_size=None, household_size_from=None, household_size_until=None)
by_customer("TC020", HIT, "home380", "一户月均3000kWh", _ALONE, uses(3000.0), weight=4)
by_customer("TC020", NEAR_MISS, "home380", "一户月均2400kWh", _ALONE, uses(2400.0), weight=2)

# ---------------------------------------------------------------------------------------------- TC021, TC022
for name in ("佳和饭店", "顺达宾馆", "永兴加工厂"):
    by_customer("TC021", HIT, "home380", f"{name}执行居民价", set_customer(name=name), uses(1800.0), weight=3)
by_customer(
    "TC021", HIT, "home380", "38kVA、月均1800且平稳", set_customer(contract_capacity_kva=38.0), uses(1800.0), weight=3
)
by_customer("TC021", NEAR_MISS, "home380", "电采暖大户，随季节变化",
            uses(1700.0, 0.35), weight=3)  # fmt: skip
by_customer(
    "TC021", NEAR_MISS, "still_home", "名称有店但用电少", set_customer(name="李店生"), uses(160.0, 0.3), weight=3
)
for word in ("瑞丰食品公司", "金联工程队"):
    by_customer("TC022", HIT, "farm", f"{word}执行农业价", set_customer(name=word), uses(2600.0, 0.3), weight=3)
by_customer(
    "TC022", HIT, "farm", "全年平稳", set_customer(industry_code="0111", name="东风农场"), uses(2600.0), weight=4
)
by_customer(
    "TC022",
    NEAR_MISS,
    "farm",
    "养猪场恒定通风",
    set_customer(industry_code="0313", name="佳和养殖场"),
    uses(2600.0),
    weight=3,
)
by_customer(
    "TC022",
    NEAR_MISS,
    "farm",
    "鱼塘增氧",
    set_customer(industry_code="0412", name="东湖水利站"),
    uses(2600.0),
    weight=3,
)
by_customer(
    "TC022",
    NEAR_MISS,
    "farm",
    "月均不足2000kWh",
    set_customer(industry_code="0111", name="东风农场"),
    uses(1200.0),
    weight=3,
)

# ---------------------------------------------------------------------------------------------- TC024
by_point("TC024", HIT, "shop380", "120kVA未执行峰谷", fit_file(120.0, timed=False), weight=5)
by_point("TC024", NEAR_MISS, "shop380", "99kVA不执行峰谷", fit_file(99.0, timed=False), weight=4)


def _night(share: float) -> Plan:
    """Let nearly everything run in the valley, by registers and bills alike."""

    def plant(scene: Scene, at: Array) -> None:
        uses(4000.0)(scene, at)

        def change(registers: Any, months: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            total = months.total[row]
            months.bands[row] = 0
            months.bands[row, :, 3] = np.floor(total * share)
            months.bands[row, :, 1] = np.floor(total * (1 - share) / 2) if share < 1 else 0
            months.bands[row, :, 2] = total - months.bands[row].sum(axis=1)

        scene.district.edits.months.append(change)

    return plant


by_point("TC024", HIT, "timed_shop", "谷电95%", _night(0.95), weight=4)
by_point("TC024", HIT, "timed_shop", "全为谷电", _night(1.0), weight=3)
by_point("TC024", NEAR_MISS, "timed_shop", "冷库谷电70%", _night(0.7), weight=3)
by_point("TC024", NEAR_MISS, "timed_shop", "谷电89%", _night(0.89), weight=3)

# ---------------------------------------------------------------------------------------------- TC025
_behind(HIT, "TC025", "从未核定", key=True, allocation_reviewed_on=None)
for days in (367, 500):
    _behind(HIT, "TC025", f"{days}天前核定", key=True, reviewed=days)
_behind(HIT, "TC025", "定比为零", key=True, allocation_value=0.0)
_behind(HIT, "TC025", "定比120%", key=True, allocation_value=120.0)
_behind(HIT, "TC025", "定量超过主表九成", key=True, allocation="quantity", allocation_value=850.0)
for days in (335, 364, 10):
    _behind(NEAR_MISS, "TC025", f"{days}天前核定", key=True, reviewed=days)
_behind(NEAR_MISS, "TC025", "定量为主表八成", key=True, allocation="quantity", allocation_value=700.0)


def _left_over(scene: Scene, at: Array) -> None:
    scene.frame("metering_point").set(scene.point_rows(at), allocation_value=15.0)


by_point("TC025", NEAR_MISS, "still_shop", "装表计量，留有旧定比值", _left_over, weight=3)
