"""MT007 meters, MT008 instrument transformers beyond their periods, MT010 field tests overdue."""

from __future__ import annotations

from typing import Any

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.metering.ratios import assets, replaced
from jicha.sandbox.faults.metering.tools import meter_row, months_ago, number, put_meter, put_point
from jicha.sandbox.faults.points import mark, point_id
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS


# ---------------------------------------------------------------------------------------------- MT007
def _p7(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_meter("MT007", kind, pool, note, *plans, weight=weight)


def _since(months: int, days: int, *, stock: int = 20, **values: Any) -> Plant:
    """Let the meter be verified so many months and days before as_of, and installed some days later."""

    def plant(scene: Scene, at: Array) -> None:
        day = months_ago(scene, months, days)
        scene.frame("meter").set(meter_row(scene, at), verified_on=day, installed_on=day + stock, **values)

    return plant


for days in (1, 2, 40, 400, 2000):
    _p7(HIT, "direct3", f"96个月检定周期已过{days}天", _since(96, days), weight=1.5)
for days in (1, 30, 700):
    _p7(HIT, "ct", f"72个月检定周期已过{days}天", _since(72, days), weight=1.5)
for days in (0, -1, -7, -30):
    _p7(NEAR_MISS, "direct3", f"96个月检定周期{-days}天后到期", _since(96, days), weight=1.5)
    _p7(NEAR_MISS, "ct", f"72个月检定周期{-days}天后到期", _since(72, days), weight=1)
_p7(HIT, "ct", "无周期，0.5S级按72个月", _since(72, 1, verification_months=None))
_p7(NEAR_MISS, "ct", "无周期，0.5S级按72个月，今天到期", _since(72, 0, verification_months=None))
_p7(HIT, "direct3", "无周期，1级按96个月", _since(96, 1, verification_months=None))
_p7(NEAR_MISS, "direct3", "无周期，1级按96个月，80个月前检定", _since(80, 0, verification_months=None))
_p7(HIT, "home", "单相表有周期且已过", _since(96, 1, verification_months=96))
_p7(NEAR_MISS, "home", "单相表状态轮换，15年前检定", _since(180, 0, verification_months=None), weight=4)
_p7(NEAR_MISS, "home", "单相表周期明天到期", _since(96, -1, verification_months=96))
_p7(NEAR_MISS, "direct3", "检定后库存三年才装", _since(97, 0, stock=1100))
_p7(HIT, "direct3", "检定后库存两年装，按检定日", _since(97, 0, stock=700))


def _dates(installed: Any, verified: Any) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        days = [None if months is None else months_ago(scene, months) for months in (installed, verified)]
        scene.frame("meter").set(meter_row(scene, at), installed_on=days[0], verified_on=days[1])

    return plant


_p7(HIT, "direct3", "无检定日，97个月前装表", _dates(97, None))
_p7(NEAR_MISS, "direct3", "无检定日，96个月前装表", _dates(96, None))
_p7(HIT, "direct3", "装表日期为空，97个月前检定", _dates(None, 97))
_p7(HIT, "ct", "互感器接入的表无任何日期", _dates(None, None))
_p7(NEAR_MISS, "direct3", "直接接入的表无任何日期", _dates(None, None))
_p7(HIT, "direct3", "检定24个月后装表，按检定日已过期", _dates(73, 97))
_p7(NEAR_MISS, "direct3", "检定25个月后装表，按装表日未到期", _dates(72, 97))


def _master_meter(kind: str, days: int) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        meter = scene.frame("meter")
        row = meter.rows(point_id=scene.frame("area")["master_point_id"][at[0]])
        months = int(meter["verification_months"][row][0])
        day = months_ago(scene, months, days)
        meter.set(row, verified_on=day, installed_on=day + 20)
        mark(scene, "MT007", kind, f"台区总表检定周期过{days}天", meter_id=meter["meter_id"][row][0])

    return plant


add("MT007", HIT, "area", "台区总表超周期", _master_meter(HIT, 10), weight=2, records=False)
add("MT007", NEAR_MISS, "area", "台区总表今天到期", _master_meter(NEAR_MISS, 0), weight=2, records=False)


# ---------------------------------------------------------------------------------------------- MT008
def _p8(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_point("MT008", kind, pool, note, *plans, weight=weight)


def _checked(months: int | None, days: int = 0, *, many: int = 3, kind: str = "current", **values: Any) -> Plant:
    """Let instrument transformers be verified so long ago, installed right after."""

    def plant(scene: Scene, at: Array) -> None:
        day = None if months is None else months_ago(scene, months, days)
        rows = assets(scene, at, kind)[:many]
        dates = {"verified_on": day, "installed_on": None if day is None else day + 20, **values}
        scene.frame("instrument_transformer").set(rows, **dates)

    return plant


for days in (1, 3, 60, 900, 2500):
    _p8(HIT, "ct", f"互感器120个月检定周期已过{days}天", _checked(120, days), weight=1.5)
for days in (0, -1, -20, -200):
    _p8(NEAR_MISS, "ct", f"互感器检定周期{-days}天后到期", _checked(120, days), weight=1.5)
for many in (1, 2):
    _p8(HIT, "ct", f"三台中{many}台超周期", _checked(120, 5, many=many))
_p8(HIT, "ct", "60个月周期已过", _checked(60, 1, verification_months=60.0))
_p8(NEAR_MISS, "ct", "60个月周期今天到期", _checked(60, 0, verification_months=60.0))


def _installed_only(months: int, days: int) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        rows = assets(scene, at)
        day = months_ago(scene, months, days)
        scene.frame("instrument_transformer").set(rows, verified_on=None, installed_on=day)

    return plant


_p8(HIT, "ct", "无检定日，121个月前安装", _installed_only(121, 0))
_p8(NEAR_MISS, "ct", "无检定日，120个月前安装", _installed_only(120, 0))
_p8(NEAR_MISS, "ct", "低压电流互感器无周期，随表更换", _checked(200, verification_months=None), weight=3)
_p8(NEAR_MISS, "ct", "检定与安装日期均空", _checked(None), weight=2)
_p8(NEAR_MISS, "ct", "已拆的旧互感器超周期", lambda s, at: replaced(s, at, 300))


def _spare(scene: Scene, at: Array) -> None:
    frame, row = scene.frame("instrument_transformer"), assets(scene, at)[0]
    like = {name: column[row] for name, column in frame.columns.items()}
    frame.append(
        **{**like, "asset_id": f"{like['asset_id']}B", "status": "in_stock", "verified_on": months_ago(scene, 190)}
    )


_p8(NEAR_MISS, "ct", "备用互感器在库超周期", _spare)
_p8(HIT, "hv_measured", "高压互感器无周期，按120个月", _checked(121, verification_months=None), weight=1.5)
_p8(NEAR_MISS, "hv_measured", "高压互感器无周期，今天到期", _checked(120, verification_months=None), weight=1)
_p8(HIT, "hv_measured", "电压互感器超周期", _checked(130, kind="voltage"), weight=1)


def _master_assets(kind: str, days: int) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        frame, point = scene.frame("instrument_transformer"), scene.frame("area")["master_point_id"][at[0]]
        frame.set(frame.rows(point_id=point), verified_on=months_ago(scene, 120, days))
        mark(scene, "MT008", kind, f"台区总表互感器检定周期过{days}天", point_id=point)

    return plant


add("MT008", HIT, "area", "台区总表互感器超周期", _master_assets(HIT, 30), weight=2, records=False)


# ---------------------------------------------------------------------------------------------- MT010
def _p10(kind: str, pool: str, note: str, *plans: Plant, weight: float = 1) -> None:
    put_point("MT010", kind, pool, note, *plans, weight=weight)


def _tests(scene: Scene, at: Array) -> Array:
    return scene.frame("field_test").rows(point_id=point_id(scene, at))


def _tested(months: int, days: int, *, volts: int = 0, kva: float = 0) -> Plant:
    """Let the point have been tested so long ago, once."""

    def plant(scene: Scene, at: Array) -> None:
        if volts:
            scene.size(at, kva, volts=volts)
        test = scene.frame("field_test")
        test.remove(_tests(scene, at))
        test.append(test_id=number(scene, at, "XX"), point_id=point_id(scene, at), error_pct=0.1, passed=True,
                    tested_on=months_ago(scene, months, days))  # fmt: skip

    return plant


for days in (1, 2, 20, 100, 400, 1500):
    _p10(HIT, "hv", f"10kV现场检验已过期{days}天", _tested(24, days), weight=1.5)
for days in (0, -1, -30, -200):
    _p10(NEAR_MISS, "hv", f"10kV现场检验{-days}天后到期", _tested(24, days), weight=2)
for volts, kva, months in [(35_000, 5000.0, 24), (110_000, 16_000.0, 12), (220_000, 60_000.0, 6)]:
    for days in (1, 90):
        note = f"{volts // 1000}kV现场检验已过期{days}天"
        _p10(HIT, "one", note, _tested(months, days, volts=volts, kva=kva))
    note = f"{volts // 1000}kV现场检验今天到期"
    _p10(NEAR_MISS, "one", note, _tested(months, 0, volts=volts, kva=kva))


def _never(months: int | None, *, opened: int | None = None) -> Plant:
    """Let the point never have been tested, its meter installed so long ago."""

    def plant(scene: Scene, at: Array) -> None:
        scene.frame("field_test").remove(_tests(scene, at))
        day = None if months is None else months_ago(scene, months)
        scene.frame("meter").set(meter_row(scene, at), installed_on=day)
        if opened is not None:
            scene.set(at, opened_on=months_ago(scene, opened))

    return plant


for months in (25, 30, 60):
    _p10(HIT, "hv", f"从未检验，{months}个月前装表", _never(months))
for months in (24, 23, 12):
    _p10(NEAR_MISS, "hv", f"从未检验，{months}个月前装表", _never(months))
_p10(HIT, "hv", "从未检验，无装表日期，按立户日", _never(None))


def _undated(scene: Scene, at: Array) -> None:
    _never(None)(scene, at)
    scene.set(at, opened_on=None)
    scene.hit("CF001", at, "无立户日期")


_p10(NEAR_MISS, "hv", "无检验、装表与立户日期", _undated)


def _again(scene: Scene, at: Array) -> None:
    _tested(40, 0)(scene, at)
    scene.frame("field_test").append(test_id=number(scene, at, "XY"), point_id=point_id(scene, at), error_pct=0.1,
                                     passed=True, tested_on=scene.ago(30))  # fmt: skip


_p10(NEAR_MISS, "hv", "早年检验之后上月又检验", _again)
_p10(NEAR_MISS, "ct", "低压客户不作周期检验", lambda _s, _at: None, weight=2)


def _idle(scene: Scene, at: Array) -> None:
    _tested(40, 0)(scene, at)
    position = int(at[0])
    scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), status="suspended")
    scene.set(at, operating_capacity_kva=0.0)
    scene.district.idle_from[position] = scene.ago(300)
    scene.district.windings[position] = 0
    scene.district.billed_kva[position] = 0


_p10(NEAR_MISS, "hv", "变压器全部暂停", _idle, weight=2)
_p10(NEAR_MISS, "hv", "暂停客户", _tested(40, 0), lambda s, at: s.suspend(at), weight=2)
