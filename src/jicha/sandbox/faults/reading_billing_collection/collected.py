"""RC004 read by hand though collected, RC009 index and freeze, RC014 reading days, RC018 collected energy."""

from __future__ import annotations

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import Dial, dial
from jicha.sandbox.faults.points import period, point_id, reading, reading_day
from jicha.sandbox.faults.points import plant_point as put
from jicha.sandbox.faults.registry import Plant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.frame import Frame
from jicha.sandbox.registers import ESTIMATED, LOCAL, MANUAL, REMOTE


# ---------------------------------------------------------------------------------------------- RC004
def _read(*reads: tuple[int, int]) -> Plant:
    """Read some periods by hand in the day, collected or not."""

    def change(meter: Dial) -> None:
        for back, method in reads:
            meter.read(back, method, hour=9.0 + back)

    return dial(change)


def _index(back: int, *days: int, span: tuple[int, int] = (-1, 1)) -> Plant:
    """Let only some days around a reading day have an index; the base would lose those of a hand reading."""

    def plant(scene: Scene, at: Array) -> None:
        first = reading_day(scene, back)
        for day in range(span[0], span[1] + 1):
            if day not in days:
                scene.district.edits.lost.append((int(at[0]), first + day, first + day))
        for day in days:
            scene.district.edits.kept.append((int(at[0]), first + day, first + day))

    return plant


def _all(*backs: int) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        for back in backs:
            _index(back, -2, -1, 0, 1, 2)(scene, at)

    return plant


for reads, note in [
    (((0, MANUAL), (1, MANUAL)), "当期与上期手抄"), (((0, LOCAL), (2, LOCAL)), "当期与上上期现场红外"),
    (((0, ESTIMATED), (1, MANUAL)), "当期估抄、上期手抄"), (((0, MANUAL), (1, LOCAL), (2, MANUAL)), "三期均手抄"),
]:  # fmt: skip
    put("RC004", HIT, "still", f"采集正常，{note}", _read(*reads), _all(*(b for b, _ in reads)), weight=3)
for day, note in ((-1, "前一日"), (1, "后一日"), (0, "当日")):
    put("RC004", HIT, "still", f"仅抄表{note}有冻结示数", _read((0, MANUAL), (1, MANUAL)), _all(1), _index(0, day))
put(
    "RC004", HIT, "still", "抄表时间为空", _read((0, MANUAL), (1, MANUAL)), _all(0, 1),
    lambda s, at: reading(s, at, 0, read_at=None),
)  # fmt: skip
put("RC004", NEAR_MISS, "still", "仅当期手抄一次（年度核抄）", _read((0, MANUAL)), _all(0), weight=3)
put("RC004", NEAR_MISS, "still", "前两期手抄，当期已远程", _read((1, MANUAL), (2, MANUAL)), _all(1, 2), weight=3)
put("RC004", NEAR_MISS, "still", "手抄时采集失败", _read((0, MANUAL), (1, MANUAL)), weight=3)
put(
    "RC004", NEAR_MISS, "still", "抄表后第二日采集才恢复", _read((0, MANUAL), (1, MANUAL)), _all(1),
    _index(0, 2, span=(-9, 2)), weight=3,
)  # fmt: skip
put("RC004", NEAR_MISS, "still", "当期与四期前手抄", _read((0, MANUAL), (3, MANUAL)), _all(0), weight=2)


def _sized(kva: float) -> Plant:
    return lambda scene, at: scene.size(at, kva)


put("RC004", HIT, "large", "大客户采集正常，当期手抄", _read((0, MANUAL)), _all(0), weight=2)
put("RC004", HIT, "one_business", "合同容量315kVA，当期手抄", _sized(315.0), _read((0, LOCAL)), _all(0), weight=2)
put(
    "RC004",
    NEAR_MISS,
    "one_business",
    "合同容量314.9kVA，当期手抄",
    _sized(314.9),
    _read((0, LOCAL)),
    _all(0),
    weight=2,
)
put("RC004", HIT, "large", "大客户抄表前10天无采集", _read((0, MANUAL)), _index(0, span=(-12, 1)), weight=2)
put("RC004", NEAR_MISS, "large", "大客户抄表前9天无采集", _read((0, MANUAL)), _index(0, -10, span=(-9, 1)), weight=2)
put("RC004", NEAR_MISS, "large", "大客户无采集但远程抄表", _read(), _index(0, span=(-12, 1)), weight=2)


# ---------------------------------------------------------------------------------------------- RC009
def _off(used: float, by: float, *, high: bool, method: int = REMOTE) -> Plant:
    """Read P0 so many kWh below the freeze of the reading day, or above that of the next day."""

    def change(meter: Dial) -> None:
        meter.usage({0: used})
        first = meter.reading_day(0)
        edge, end = meter.registers.edge, meter.end(0)
        edge[meter.row, end] = meter.shown(first, 1.0 if high else 0.0) + (1 if high else -1) * meter.units(by)
        meter.registers.method[meter.row, meter.last] = method

    def plant(scene: Scene, at: Array) -> None:
        dial(change)(scene, at)
        day = reading_day(scene, 0)
        scene.district.edits.kept.append((int(at[0]), day - 8, day + 2))

    return plant


def _in_the_evening(meter: Dial) -> None:
    """Read late in the day, by one who uses less in a day than RC018 tolerates."""
    meter.usage({0: 300.0})
    meter.read(0, MANUAL, hour=18.0)


for by in (1.01, 1.5, 8.0, 20.0):
    put("RC009", HIT, "still", f"示数低于冻结{by}", _off(40.0, by, high=False), weight=2)
    put("RC009", HIT, "still", f"示数高于次日冻结{by + 0.3:g}", _off(40.0, by + 0.3, high=True), weight=2)
put("RC009", HIT, "still", "500kWh，低于冻结10.3", _off(500.0, 10.3, high=False), weight=2)
put("RC009", HIT, "still", "500kWh，低于冻结200", _off(500.0, 200.0, high=False), weight=2)
put("RC009", HIT, "still", "次日冻结缺失，示数偏高30", _off(90.0, 30.0, high=True), _index(0, 0, span=(1, 1)), weight=2)
put("RC009", NEAR_MISS, "still", "恰低于冻结1.00", _off(40.0, 1.0, high=False), weight=3)
put("RC009", NEAR_MISS, "still", "恰高于次日冻结1.00", _off(40.0, 1.0, high=True), weight=3)
put("RC009", NEAR_MISS, "still", "500kWh，低于冻结9.7", _off(500.0, 9.7, high=False), weight=3)
put(
    "RC009",
    NEAR_MISS,
    "still",
    "18时抄表，介于两个冻结之间",
    dial(_in_the_evening),
    _all(0),
    weight=3,
)
put(
    "RC009", NEAR_MISS, "still", "估抄且无冻结示数", _off(90.0, 25.0, high=False, method=ESTIMATED), _index(0), weight=3
)
put("RC009", NEAR_MISS, "still", "两个冻结均缺失", _off(90.0, 25.0, high=True), _index(0), weight=3)


# ---------------------------------------------------------------------------------------------- RC014
def _late(days: int, method: int, hour: float = 10.0) -> Plant:
    """Read P0 so many days after (before) its day; before, where the day after has not come yet."""

    def plant(scene: Scene, at: Array) -> None:
        shift = days if reading_day(scene, 0) + days < scene.today else -days
        dial(lambda meter: meter.read(0, method, days=shift, hour=hour))(scene, at)
        if method != REMOTE:
            day = reading_day(scene, 0) + shift
            scene.district.edits.kept.append((int(at[0]), day - 1, day + 2))

    return plant


def _day(number: float | None) -> Plant:
    return lambda scene, at: scene.set(at, reading_day=number)


for days, method in [
    (4, MANUAL), (-4, LOCAL), (5, LOCAL), (-7, MANUAL), (11, MANUAL), (6, REMOTE), (-6, REMOTE), (9, REMOTE),
]:  # fmt: skip
    put("RC014", HIT, "still", f"{['远程', '手抄', '红外'][method]}偏差{days}天", _late(days, method), weight=2)
for days, method in [(3, MANUAL), (-3, LOCAL), (2, MANUAL), (5, REMOTE), (-5, REMOTE), (4, REMOTE)]:
    put("RC014", NEAR_MISS, "still", f"{['远程', '手抄', '红外'][method]}偏差{days}天", _late(days, method), weight=2)


def _before_end(days: int) -> Plant:
    """Let the reading day be so many days before that on which P0 is read, the first of the next month."""
    return lambda scene, at: _day(float(scene.district.calendar.month_days[-1]) + 1 - days)(scene, at)


def _from_afar(_: Dial) -> None:
    """Read every period from afar, as planted meters are: some of the others are read on site, with fewer days."""


_REMOTE = dial(_from_afar)

for number in (7, 16):
    put("RC014", HIT, "still", f"例日{number}日，1日抄表", _day(number), weight=2)
put("RC014", HIT, "still", "例日在月末前，远程次月1日，偏差6天", _before_end(6), _REMOTE, weight=2)
put("RC014", NEAR_MISS, "still", "例日在月末前，远程次月1日，偏差5天", _before_end(5), _REMOTE, weight=2)
_DAYS: list[tuple[int | None, str]] = [
    (31, "例日31日，次月1日零时冻结"), (6, "例日6日，远程1日"), (None, "例日为空"),
    (0, "例日为0"), (32, "例日为32"),
]  # fmt: skip
for day_of_month, note in _DAYS:
    put("RC014", NEAR_MISS, "still", note, _day(day_of_month), _REMOTE, weight=2)
put(
    "RC014",
    NEAR_MISS,
    "still",
    "抄表时间为空",
    _late(6, MANUAL),
    lambda s, at: reading(s, at, 0, read_at=None),
    weight=1,
)


# ---------------------------------------------------------------------------------------------- RC018
def _collected(used: float, more: float) -> Plant:
    """Bill a given quantity, and let the collection system count more (or less) of it on one day."""

    def plant(scene: Scene, at: Array) -> None:
        dial(lambda meter: meter.usage({back: used + 3 * back for back in range(13)}))(scene, at)
        day = scene.district.calendar.periods[-1] + 4
        scene.district.edits.kept.append((int(at[0]), period(scene, 0) - 1, period(scene, -1) + 1))

        def edit(rows: Frame) -> None:
            found = np.flatnonzero(rows["day"] == day)
            share = abs(more) / 10 if more < 0 else 0.0
            if more >= 0:
                rows.set(found, energy_kwh=rows["energy_kwh"][found] + more)
            else:  # taken from ten days, none below zero
                spread = np.flatnonzero((rows["day"] >= day) & (rows["day"] < day + 10))
                rows.set(spread, energy_kwh=rows["energy_kwh"][spread] - share)

        scene.district.edits.rows("daily_energy", point_id(scene, at), edit)

    return plant


for used, more, kind in [
    (120.0, 30.01, HIT), (120.0, 31.0, HIT), (120.0, 90.0, HIT), (150.0, -30.01, HIT), (300.0, -60.0, HIT),
    (2000.0, 62.0, HIT), (2000.0, 400.0, HIT), (2000.0, -59.0, HIT), (120.0, 30.0, NEAR_MISS),
    (150.0, -30.0, NEAR_MISS),
    (120.0, 12.0, NEAR_MISS), (2000.0, 61.8, NEAR_MISS), (2000.0, -58.2, NEAR_MISS),
]:  # fmt: skip
    put("RC018", kind, "still", f"计费{used:g}kWh，采集多{more:g}kWh", _collected(used, more), weight=2)


def _gap(scene: Scene, at: Array) -> None:
    _collected(120.0, 60.0)(scene, at)
    day = scene.district.calendar.periods[-1] + 14
    scene.district.edits.lost.append((int(at[0]), day, day))


def _midday(scene: Scene, at: Array) -> None:
    dial(lambda meter: meter.read(0, MANUAL, hour=13.0))(scene, at)
    scene.district.edits.kept.append((int(at[0]), period(scene, 0) - 1, reading_day(scene, 0) + 2))


def _estimated(back: int) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        _collected(120.0, 60.0)(scene, at)

        def change(meter: Dial) -> None:
            meter.registers.method[meter.row, meter.last - back] = ESTIMATED

        dial(change)(scene, at)

    return plant


put("RC018", NEAR_MISS, "still", "缺一天冻结", _gap, weight=3)
put("RC018", NEAR_MISS, "still", "中午抄表", _midday, weight=3)
put("RC018", NEAR_MISS, "still", "当期估抄", _estimated(0), weight=2)
put("RC018", NEAR_MISS, "still", "上期估抄", _estimated(1), weight=2)
