"""MT020 indexes that run backwards or jump, MT021 meter changes, MT022 registers that do not add up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import dial
from jicha.sandbox.faults.metering.tools import meter_id, meter_row, more_meter, set_point
from jicha.sandbox.faults.points import mark, period, plant_point, point_id, uncollected
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.frame import Frame


def _readings(change: Callable[[Frame, Any], None]) -> Plant:
    """Change the readings of a point; the second argument is P0."""

    def plant(scene: Scene, at: Array) -> None:
        day = period(scene, 0)
        scene.district.edits.rows("reading", point_id(scene, at), lambda rows: change(rows, day))

    return plant


def _uncollected(scene: Scene, at: Array) -> None:
    """The collection failed around the reading day: nothing contradicts what was read by hand."""
    uncollected(scene, at, 0, after=2)


# ---------------------------------------------------------------------------------------------- MT020
def _p20(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    plant_point("MT020", kind, pool, note, *plans, weight=weight, months=3, days=60)


def _back(units: int, register: str = "total", method: str = "manual", before: str | None = None) -> Plant:
    """Let the index of P0 be so many hundredths below that of the period before."""

    def change(rows: Frame, day: Any) -> None:
        at = np.flatnonzero((rows["period"] == day) & (rows["register"] == register))
        rows.set(at, current_index=rows["previous_index"][at] - units)
        rows.set(np.flatnonzero(rows["period"] == day), method=method)
        if before is not None:
            earlier = (day.astype("datetime64[M]") - 1).astype("datetime64[D]")
            rows.set(np.flatnonzero(rows["period"] == earlier), method=before)

    return _readings(change)


for units in (2, 10, 500, 30_000):
    _p20(HIT, "still_home", f"示数倒走{units / 100}", _uncollected, _back(units), weight=1.5)
_p20(HIT, "timed_home", "峰示数倒走3.5", _uncollected, _back(350, "peak"))
_p20(HIT, "timed_home", "谷示数倒走0.02", _uncollected, _back(2, "valley"))
_p20(NEAR_MISS, "still_home", "示数少0.01", _uncollected, _back(1), weight=4)
_p20(NEAR_MISS, "still_home", "估抄示数低于上期", _uncollected, _back(700, method="estimated"))
_p20(NEAR_MISS, "still_home", "上期估抄过高", _uncollected, _back(700, before="estimated"))


def _swapped(scene: Scene, at: Array) -> None:
    more_meter(scene, at, status="removed", installed_on=2000, removed_on=period(scene) + 18)


_p20(NEAR_MISS, "still_home", "当期换表", _uncollected, _back(40_000), _swapped)


def _begin_at(share: float) -> Plant:
    """Let P0 begin when the dial of six digits stands at a share of its limit; None: so that it rolls over half-way."""

    def plant(scene: Scene, at: Array) -> None:
        def change(registers: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            edge = registers.edge[row]
            registers.limit[row] = 10**8
            goal = 10**8 - (edge[-1] - edge[-2]) // 2 if share == 0 else int(share * 10**8)
            registers.start[row] = goal - edge[-2]

        scene.frame("meter").set(meter_row(scene, at), index_digits=6.0)
        scene.district.edits.run.append(change)

    return plant


def _ends_at(kwh: float) -> Plant:
    def change(rows: Frame, day: Any) -> None:
        at = np.flatnonzero((rows["period"] == day) & (rows["register"] == "total"))
        rows.set(at, current_index=round(kwh * 100), method="manual")

    return _readings(change)


_p20(NEAR_MISS, "still_home", "示数翻转", _begin_at(0.0), weight=4)


def _unknown_digits(scene: Scene, at: Array) -> None:
    name = meter_id(scene, at)
    meter = scene.frame("meter")
    scene.district.edits.months.append(lambda _r, _m: meter.set(meter.rows(meter_id=name), index_digits=None))


_p20(HIT, "still_home", "示数位数为空，翻转不能认定", _begin_at(0.0), _unknown_digits)
_p20(HIT, "still_home", "自850000到12，不是翻转", _uncollected, _begin_at(0.85), _ends_at(12.0))
_p20(HIT, "still_home", "自950000到150000，不是翻转", _uncollected, _begin_at(0.95), _ends_at(150_000.0))


def _not_billed(scene: Scene, at: Array) -> None:
    key = {"point_id": point_id(scene, at), "period": period(scene, 0), "register": "total"}
    mark(scene, "RC010", HIT, "翻转近20万，电量未按示数计", **key)


_p20(
    NEAR_MISS,
    "still_home",
    "自900001到99999，算作翻转",
    _uncollected,
    _begin_at(0.90001),
    _ends_at(99_999.0),
    _not_billed,
)


def _heavy(kwh: float, kva: float, *, operating: float | None = 0.0) -> Plant:
    """Let P0's use be so many kWh at a capacity, were P0 of 30 days; the months before were heavy too."""

    def plant(scene: Scene, at: Array) -> None:
        more_days = int(scene.district.calendar.month_days[-1]) - 30
        whole = kwh + 1.3 * 24 * more_days * kva
        usage = {back: whole * (0.45 + 0.01 * (back % 4)) for back in range(1, 15)} | {0: whole}
        scene.set(at, contract_capacity_kva=kva, operating_capacity_kva=kva if operating == 0.0 else operating)
        scene.frame("contract").set(scene.rows("contract", at), capacity_kva=kva)
        dial(lambda d: d.usage({b: v for b, v in usage.items() if b < d.live()}))(scene, at)

    return plant


for kwh in (3744.01, 3760.0, 4500.0, 9000.0):
    _p20(HIT, "still_home", f"容量4kVA，当月{kwh:g}kWh", _heavy(kwh, 4.0))
for kwh in (3744.0, 3700.0, 3000.0):
    _p20(NEAR_MISS, "still_home", f"容量4kVA，当月{kwh:g}kWh", _heavy(kwh, 4.0))
_p20(HIT, "still_home", "运行容量为空，合同4kVA，当月4000kWh", _heavy(4000.0, 4.0, operating=None))


def _two_months(scene: Scene, at: Array) -> None:
    set_point(reading_cycle_months=2.0)(scene, at)
    scene.set(at, contract_capacity_kva=4.0, operating_capacity_kva=4.0)
    scene.frame("contract").set(scene.rows("contract", at), capacity_kva=4.0)
    dial(lambda d: d.usage({b: 2500.0 + 30 * (b % 3) for b in range(min(15, d.live()))}))(scene, at)
    dial(lambda d: d.skip(*range(1, d.live() - 1, 2)))(scene, at)


_p20(NEAR_MISS, "still_home", "双月抄表，两月电量", _two_months)


# ---------------------------------------------------------------------------------------------- MT021
def _change(
    kind: str, pool: str, note: str, *plans: Plant, day: int = 14, back: int = 0, weight: float = 1.5, gap: int = 0,
    removed: Callable[[int, int], int | None] | None = None, installed: int | None = 0,
) -> None:  # fmt: skip
    """Register a meter change on a day; `removed` gives the old index from the true one and the last read one."""

    def plant(scene: Scene, at: Array) -> None:
        when = period(scene, back) + day
        key = {"point_id": point_id(scene, at), "period": period(scene, max(back, 0))}
        old = more_meter(scene, at, "DA9", status="removed", installed_on=2600, verified_on=2630)
        meter = scene.frame("meter")
        rows, new = meter.rows(meter_id=old), meter.rows(meter_id=meter_id(scene, at))
        meter.set(rows, removed_on=when)
        new = new[meter["meter_id"][new] != old]
        meter.set(new, installed_on=when + gap, verified_on=when - 30)
        for plan in plans:
            plan(scene, at)
        current = meter["meter_id"][new][0]

        def alter(registers: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            here = meter.rows(meter_id=old)
            begin = len(scene.district.calendar.span) - scene.district.calendar.days
            if registers.exchange_day[row] >= begin:  # the load may have been changed since
                registers.exchange[row] = registers.freeze[row, registers.exchange_day[row] - begin]
            true = int((registers.start[row] + registers.exchange[row]) % registers.limit[row])
            edges = scene.district.calendar.period_edges
            place = int(np.searchsorted(edges, registers.exchange_day[row], side="right")) - 1
            last = int((registers.start[row] + registers.edge[row, place]) % registers.limit[row])
            value = true if removed is None else removed(true, last)
            meter.set(here, removed_index=value)
            meter.set(meter.rows(meter_id=current), installed_index=installed)

        scene.district.edits.run.append(alter)
        mark(scene, "MT021", kind, note, **key)

    add("MT021", kind, pool, note, plant, weight=weight, records=False, months=4, days=80)


def _below(less: int) -> Callable[[int, int], int | None]:
    return lambda _true, last: last - less


def _above(more: int) -> Callable[[int, int], int | None]:
    return lambda true, _last: true + more


def _nothing(_true: int, _last: int) -> int | None:
    return None


for less in (2, 300, 50_000):
    _change(HIT, "home", f"拆表示数低于末次示数{less / 100}", removed=_below(less))
for more in (501, 530, 4000, 90_000):
    _change(HIT, "home", f"拆表示数多{more / 100}", dial(lambda d: d.usage({0: 150.0})),
            removed=_above(more), weight=1)  # fmt: skip


def _steady(scene: Scene, at: Array) -> None:
    """Let every month be ordinary: a month's use in a home that stood empty is a surge of the old meter."""
    dial(lambda d: d.usage({back: 200.0 + 7 * (back % 4) for back in range(d.live() - 1)}))(scene, at)


for more in (500, 499, -499, 100):
    _change(NEAR_MISS, "home", f"拆表示数多{more / 100}", _steady, day=27, removed=_above(more), weight=1)
_change(HIT, "ct", "拆表示数多6，按倍率超限", removed=_above(60_000), weight=1.5)
_change(HIT, "home", "装表示数为100而自零计", installed=10_000)
_change(NEAR_MISS, "home", "新表自0.52起", installed=52, weight=2)
_change(HIT, "home", "拆表示数为空", removed=_nothing, weight=2)
_change(HIT, "home", "装表示数为空", installed=None, weight=2)
_change(NEAR_MISS, "home", "正常换表", weight=2)
_change(NEAR_MISS, "home", "上期正常换表", back=1, weight=2)
_change(HIT, "home", "上期换表，拆表示数为空", back=1, removed=_nothing)
_change(HIT, "home", "上期首日后换表，拆表示数多300", back=1, day=1, removed=_above(30_000))
_change(NEAR_MISS, "home", "两期以前换表，拆表示数为空", back=2, removed=_nothing)
_change(NEAR_MISS, "home", "P0之后换表，拆表示数为空", back=-1, day=2, removed=_nothing)
_change(HIT, "home", "新表三天后装，拆表示数为空", gap=3, removed=_nothing)
_change(NEAR_MISS, "home", "新表四天后装，拆表示数为空", gap=4, removed=_nothing)


def _ratio_too(scene: Scene, at: Array) -> None:
    """Let the current transformers be exchanged with the meter: before, everything was read with another multiplier."""

    def change(registers: Any, months: Any) -> None:
        row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
        months.factor[row, :-1] *= 0.8

    scene.district.edits.months.append(change)


_change(NEAR_MISS, "ct", "互感器与表同换，倍率不同", _ratio_too, removed=_above(600), weight=2)


# ---------------------------------------------------------------------------------------------- MT022
def _p22(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    plant_point("MT022", kind, pool, note, *plans, weight=weight, months=3, days=60)


def _off(units: int, register: str = "peak") -> Plant:
    """Let a register of P0 count so many hundredths of a kWh more, index and quantity alike."""

    def change(rows: Frame, day: Any) -> None:
        at = np.flatnonzero((rows["period"] == day) & (rows["register"] == register))
        factor = rows["multiplier"][at]
        rows.set(at, current_index=rows["current_index"][at] + np.rint(units / factor).astype(np.int64),
                 quantity=rows["quantity"][at] + (np.rint(units / factor) * factor).astype(np.int64))  # fmt: skip

    return _readings(change)


def _use(kwh: float) -> Plant:
    return dial(lambda d: d.usage({0: kwh, 1: kwh * 0.97, 2: kwh * 1.04}))


for units in (201, -201, 250, 900, -3000, 20_000):
    _p22(HIT, "timed_home", f"总400kWh，分时之和多{units / 100}kWh", _use(400.0), _off(units), weight=1.5)
for units in (200, -200, 150, -50):
    _p22(NEAR_MISS, "timed_home", f"总400kWh，分时之和多{units / 100}kWh", _use(400.0), _off(units), weight=1.5)
_p22(HIT, "timed_home", "总10kWh，差0.11kWh", _use(10.0), _off(11))
_p22(NEAR_MISS, "timed_home", "总10kWh，差0.10kWh", _use(10.0), _off(10))
_p22(HIT, "timed_shop", "谷电量多2%", _use(3000.0), _off(9000, "valley"))
_p22(NEAR_MISS, "timed_shop", "多0.4%", _use(3000.0), _off(1200, "flat"), weight=2)


def _without(register: str) -> Plant:
    def change(rows: Frame, day: Any) -> None:
        rows.remove((rows["period"] == day) & (rows["register"] == register))

    return _readings(change)


_p22(HIT, "timed_shop", "峰示数未传", _without("peak"))
_p22(NEAR_MISS, "timed_home", "只有一个分时示数", _use(400.0), _without("valley"))
_p22(NEAR_MISS, "timed_home", "当期换表", _use(400.0), _off(3000), _swapped)


def _not_timed(scene: Scene, at: Array) -> None:
    point, name = scene.frame("metering_point"), point_id(scene, at)
    scene.district.edits.months.append(lambda _r, _m: point.set(point.rows(point_id=name), is_time_of_use=False))


_p22(NEAR_MISS, "timed_home", "档案不执行峰谷", _use(400.0), _off(3000), _not_timed)


_p22(NEAR_MISS, "hv", "倍率大，四个示数取整", lambda _s, _a: None, weight=2)
