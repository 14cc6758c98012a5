"""MT015 instrument transformers too large or overloaded, MT017 lost phases, MT019 meters that stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import dial
from jicha.sandbox.faults.metering.modes import only
from jicha.sandbox.faults.metering.tools import event, put_point
from jicha.sandbox.faults.points import point_id
from jicha.sandbox.faults.registry import Plant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.frame import Frame

_CURRENTS = ("max_current_a_a", "max_current_b_a", "max_current_c_a")
_VOLTAGES = ("min_voltage_a_v", "min_voltage_b_v", "min_voltage_c_v")


def _days(change: Callable[[Frame, Array], None]) -> Plant:
    """Change the electrical values of a point; the second argument is how many days ago each row is."""

    def plant(scene: Scene, at: Array) -> None:
        def edit(rows: Frame) -> None:
            change(rows, (scene.today - rows["day"]).astype(np.int64))

        scene.district.edits.rows("daily_electrical", point_id(scene, at), edit)

    return plant


# ---------------------------------------------------------------------------------------------- MT015
def _p15(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_point("MT015", kind, pool, note, *plans, weight=weight, days=70)


def _light(level: float, *, top: float = 0.0, tops: int = 0, known: int = 90) -> Plant:
    """Let the daily greatest current be a level, less on some days, more on a few; known on so many days."""

    def change(rows: Frame, ago: Array) -> None:
        greatest = np.where(ago % 5 == 0, level * 0.8, level)
        greatest[ago <= tops] = top
        for number, name in enumerate(_CURRENTS):
            rows.set(np.arange(len(ago)), **{name: (greatest * (1.0, 0.93, 0.97)[number]).round(3)})
        unknown = np.flatnonzero(ago > known)
        rows.set(unknown, **dict.fromkeys(_CURRENTS))

    return _days(change)


for level in (0.99, 0.9, 0.5, 0.1, 0.02):
    _p15(HIT, "ct", f"日最大电流95百分位{level}A，互感器过大", _light(level), weight=1.5)
for level in (1.0, 1.01, 1.3):
    _p15(NEAR_MISS, "ct", f"日最大电流95百分位{level}A", _light(level), weight=2)
_p15(HIT, "hv", "高压客户互感器过大", _light(0.6), weight=1.5)
_p15(HIT, "ct", "偶有1.49A", _light(0.8, top=1.49, tops=4), weight=1.5)
for top in (1.5, 3.0):
    _p15(NEAR_MISS, "ct", f"灌溉季外，最大{top}A", _light(0.8, top=top, tops=4), weight=2)
_p15(HIT, "ct", "只有60天数据", _light(0.7, known=60), weight=1.5)
_p15(NEAR_MISS, "ct", "只有59天数据", _light(0.7, known=59))
for top, tops in [(6.01, 5), (6.5, 6), (9.0, 30)]:
    _p15(HIT, "ct", f"{tops}天达{top}A，互感器过载", _light(4.0, top=top, tops=tops), weight=1.5)
for top, tops in [(6.0, 20), (8.0, 4), (5.9, 60)]:
    _p15(NEAR_MISS, "ct", f"{tops}天达{top}A", _light(4.0, top=top, tops=tops), weight=1.5)
for top, tops in [(120.01, 5), (150.0, 12)]:
    _p15(HIT, "direct3", f"直接接入{tops}天达{top}A", _light(60.0, top=top, tops=tops), weight=1.5)
for top, tops in [(120.0, 12), (140.0, 4)]:
    _p15(NEAR_MISS, "direct3", f"直接接入{tops}天达{top}A", _light(60.0, top=top, tops=tops), weight=1.5)
_p15(NEAR_MISS, "direct3", "直接接入轻载", _light(3.0), weight=1.5)
_p15(NEAR_MISS, "ct", "暂停客户", _light(0.1), lambda s, at: s.suspend(at), weight=2)


# ---------------------------------------------------------------------------------------------- MT017
def _p17(kind: str, pool: str, note: str, *plans: Plant, weight: float = 1.5) -> None:
    put_point("MT017", kind, pool, note, *plans, weight=weight, days=70)


def _lost(
    *, phase: int = 0, volts: float | None = None, share: float | None = None, days: Any = range(1, 13),
    greatest: float = 3.0, high: float = 230.0,
) -> Plant:  # fmt: skip
    """Let a phase lose voltage (to so many volts) or current (to a share of the greatest) on some days before as_of."""

    def change(rows: Frame, ago: Array) -> None:
        at = np.flatnonzero(np.isin(ago, list(days)))
        if volts is not None:
            for number, name in enumerate(_VOLTAGES):
                rows.set(at, **{name: volts if number == phase else high})
        if share is not None:
            for number, name in enumerate(_CURRENTS):
                rows.set(at, **{name: round(greatest * share, 6) if number == phase else greatest})

    return _days(change)


for volts in (160.9, 140.0, 60.0, 0.0):
    _p17(HIT, "direct3", f"A相电压{volts}V，12天", _lost(volts=volts))
for share in (0.049, 0.02, 0.0):
    _p17(HIT, "ct", f"B相电流为最大相的{share}", _lost(phase=1, share=share))
for count in (10, 15):
    _p17(HIT, "direct3", f"C相失压{count}天", _lost(phase=2, volts=20.0, days=range(1, count + 1)))
for count in (9, 5, 1):
    _p17(NEAR_MISS, "direct3", f"C相失压{count}天", _lost(phase=2, volts=20.0, days=range(1, count + 1)))
_p17(NEAR_MISS, "direct3", "A相电压161V，恰为七成", _lost(volts=161.0))
_p17(NEAR_MISS, "ct", "B相电流恰为最大相的5%", _lost(phase=1, share=0.05))
_p17(HIT, "direct3", "直接接入，最大2.01A，一相无电流", _lost(share=0.0, greatest=2.01))
_p17(NEAR_MISS, "direct3", "直接接入，最大2A，一相无电流", _lost(share=0.0, greatest=2.0))
_p17(HIT, "ct", "经互感器，最大0.21A，一相无电流", _lost(share=0.0, greatest=0.21))
_p17(NEAR_MISS, "ct", "经互感器，最大0.2A，一相无电流", _lost(share=0.0, greatest=0.2))
_p17(NEAR_MISS, "direct3", "停电日三相均无电压", _lost(volts=0.0, high=0.0))
_p17(NEAR_MISS, "direct3", "最高相电压恰为额定的八成", _lost(volts=20.0, high=176.0))
_p17(HIT, "direct3", "最高相电压略高于额定的八成", _lost(volts=20.0, high=176.1))
_p17(HIT, "direct3", "A相失压6天、失流6天", _lost(volts=20.0, days=range(1, 7)), _lost(share=0.0, days=range(7, 13)))
_p17(NEAR_MISS, "direct3", "A相失压6天、B相失压6天", _lost(volts=20.0, days=range(1, 7)),
     _lost(phase=1, volts=20.0, days=range(7, 13)))  # fmt: skip
_p17(NEAR_MISS, "direct3", "装表以来一直单相负荷", _lost(share=0.0, days=range(1, 95)))
for count, verdict in ((9, HIT), (22, NEAR_MISS)):
    span = [*range(1, 13), *range(30, 30 + count)]
    _p17(verdict, "direct3", f"上月已有{count}天无电流", _lost(share=0.0, days=span))


def _reported(name: str, lasts: float | None) -> Plant:
    """Let the meter have reported it, and somebody have looked."""
    return lambda scene, at: event(scene, at, name, scene.ago(12), lasts=lasts, handled=2)


for name in ("phase_loss", "current_loss", "meter_stopped"):
    _p17(NEAR_MISS, "direct3", f"{name}事件未结束", _lost(volts=0.0), _reported(name, None), weight=1)
_p17(NEAR_MISS, "direct3", "失压事件明天才结束", _lost(volts=0.0), _reported("voltage_loss", 400.0), weight=1)
_p17(HIT, "direct3", "失压事件早已结束", _lost(volts=0.0), _reported("voltage_loss", 30.0))
_p17(HIT, "direct3", "只有通信中断事件", _lost(volts=0.0), _reported("communication_lost", None), weight=1)
_two = (only(2), only(2, "voltage"))
_p17(NEAR_MISS, "hv_measured", "三线制B相无电压", *_two, _lost(phase=1, volts=0.0, high=57.7), weight=1)
_p17(HIT, "hv_measured", "三线制A相无电压", *_two, _lost(volts=0.0, high=57.7), weight=1)
_p17(HIT, "hv_measured", "三相四线B相无电压", _lost(phase=1, volts=0.0, high=57.7), weight=1)


def _scarce(count: int) -> Plant:
    """Keep the last days of data only."""

    def change(rows: Frame, ago: Array) -> None:
        rows.remove((ago > count) & (ago <= 15))

    return _days(change)


_p17(HIT, "direct3", "近15天只有10天数据", _lost(volts=0.0), _scarce(10), weight=1)
_p17(NEAR_MISS, "direct3", "近15天只有9天数据", _lost(volts=0.0), _scarce(9), weight=1)


# ---------------------------------------------------------------------------------------------- MT019
def _p19(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2) -> None:
    put_point("MT019", kind, pool, note, *plans, weight=weight, months=3, days=80)


def _stopped(days: int = 15, *, really: bool = False) -> Plant:
    """Let the meter count nothing in the last days; where nothing was drawn either, the area does not lose it."""

    def plant(scene: Scene, at: Array) -> None:
        def stop(registers: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            freeze = registers.freeze[row]
            before = np.diff(freeze)
            freeze[-days:] = freeze[-days - 1]
            edges = scene.district.calendar.period_edges
            late = edges > len(scene.district.calendar.span) - days
            registers.edge[row, late] = np.minimum(registers.edge[row, late], freeze[-1])
            area = int(scene.district.area[at[0]])
            if really and area >= 0:
                registers.area_sold[area] += (np.diff(freeze) - before) * registers.multiplier[row] / 100

        scene.district.edits.run.append(stop)

    return plant


def _current(amperes: float, days: int = 15) -> Plant:
    """Let a current flow on the last days."""

    def change(rows: Frame, ago: Array) -> None:
        rows.set(np.flatnonzero(ago <= 15), **dict.fromkeys(_CURRENTS, 0.0))
        rows.set(np.flatnonzero(ago <= days), max_current_a_a=amperes, max_current_b_a=amperes, max_current_c_a=amperes)

    return _days(change)


def _daily(kwh: float) -> Plant:
    """Let the customer use about so much a day."""
    return dial(lambda d: d.evenly(kwh, 4))


def _uncollected(first: int, last: int) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        def edit(rows: Frame) -> None:
            ago = (scene.today - rows["day"]).astype(np.int64)
            gap = (ago <= first) & (ago >= last)
            rows.set(np.flatnonzero(gap), energy_kwh=None, index_kwh=None)
            # no day besides is missing
            lost = np.isnan(rows["energy_kwh"]) & ~gap & (ago <= 30)
            rows.set(np.flatnonzero(lost & (ago > 15)), energy_kwh=6.0)
            rows.set(np.flatnonzero(lost & (ago <= 15)), energy_kwh=0.0)

        scene.district.edits.rows("daily_energy", point_id(scene, at), edit)

    return plant


for amperes in (2.01, 5.0, 20.0):
    _p19(HIT, "home380", f"电量为零而电流{amperes}A", _daily(6.0), _stopped(), _current(amperes))
for amperes in (0.51, 2.0):
    _p19(HIT, "hv", f"电量为零而二次电流{amperes}A", _stopped(), _current(amperes))
for days in (5, 6):
    _p19(HIT, "home380", f"电量为零，{days}天有电流", _daily(6.0), _stopped(), _current(8.0, days), weight=1.5)
_p19(HIT, "home380", "此前日均5.4kWh", _daily(5.4), _stopped(), _current(8.0))
_p19(HIT, "home380", "停走20天", _daily(6.0), _stopped(20), _current(8.0))
_p19(NEAR_MISS, "home380", "此前日均4.6kWh", _daily(4.6), _stopped(), _current(8.0))
_p19(NEAR_MISS, "home380", "电流恰为2A", _daily(6.0), _stopped(), _current(2.0))
_p19(NEAR_MISS, "hv", "二次电流恰为0.5A", _stopped(), _current(0.5), weight=1.5)
_p19(NEAR_MISS, "home380", "只有4天有电流", _daily(6.0), _stopped(), _current(8.0, 4))
_p19(NEAR_MISS, "hv", "停产，无电流", _stopped(), weight=2)
_p19(NEAR_MISS, "home380", "停走14天", _daily(6.0), _stopped(14), _current(8.0))
_p19(NEAR_MISS, "home380", "采集失败15天", _daily(6.0), _current(8.0), _uncollected(15, 1))
for missing, verdict in ((5, HIT), (6, NEAR_MISS)):
    _p19(verdict, "home380", f"停走，近30天缺{missing}天", _daily(6.0), _stopped(), _current(8.0),
         _uncollected(20, 21 - missing), weight=1.5)  # fmt: skip


def _said(lasts: float | None) -> Plant:
    return lambda scene, at: event(scene, at, "meter_stopped", scene.ago(15), lasts=lasts, handled=2)


_p19(HIT, "home380", "停走事件未结束，示数不变", _daily(6.0), _stopped(), _current(0.0), _said(None))
_p19(NEAR_MISS, "home380", "停走事件已结束，无电流", _daily(6.0), _stopped(), _current(0.0), _said(40.0), weight=1.5)
for kwh, verdict in ((55.0, HIT), (90.0, HIT), (45.0, NEAR_MISS)):
    _p19(verdict, "still_home", f"无电流数据，此前日均{kwh:g}kWh", _daily(kwh), _stopped(really=True), weight=1.5)
