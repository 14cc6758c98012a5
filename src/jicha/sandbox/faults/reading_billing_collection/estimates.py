"""RC001 runs of estimates, RC002 missed readings, RC003 corrections of over-readings, RC005 equal quantities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import Dial, dial
from jicha.sandbox.faults.points import gap, period, reading, uncollected
from jicha.sandbox.faults.points import plant_point as put
from jicha.sandbox.faults.registry import Plant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.frame import Frame
from jicha.sandbox.registers import ESTIMATED, LOCAL, MANUAL, REMOTE

# ---------------------------------------------------------------------------------------------- RC001


def _by(method: int, *backs: int) -> Plant:
    """Read some periods by a method while nothing is collected; estimates come in whole kWh."""

    def change(meter: Dial) -> None:
        for back in backs:
            meter.read(back, method)
            if method == ESTIMATED and meter.factor == 1:
                edge, end = meter.registers.edge, meter.end(back)
                edge[meter.row, end] = edge[meter.row, end] // 100 * 100 + 7

    def plant(scene: Scene, at: Array) -> None:
        dial(change)(scene, at)
        uncollected(scene, at, *(back for back in backs if back < 3))

    return plant


def _cycle(months: float | None) -> Plant:
    def plant(scene: Scene, at: Array) -> None:
        scene.frame("metering_point").set(scene.point_rows(at), reading_cycle_months=months)

    return plant


def _skip(*backs: int) -> Plant:
    return dial(lambda meter: meter.skip(*(back for back in backs if back < meter.live())))


_ODD, _EVEN = range(1, 24, 2), range(0, 24, 2)
for run in (3, 4, 6, 12):
    put("RC001", HIT, "still", f"连续{run}期估抄", _by(ESTIMATED, *range(run)), weight=3)
put("RC001", HIT, "large", "大客户连续3期估抄", _by(ESTIMATED, 0, 1, 2))
put("RC001", HIT, "still_home", "双月抄表连续3次估抄", _cycle(2), _by(ESTIMATED, 0, 2, 4), _skip(*_ODD), weight=3)
put("RC001", HIT, "still", "抄表周期为空，连续3期估抄", _cycle(None), _by(ESTIMATED, 0, 1, 2))
for backs, note in [
    ((0, 1), "最近两期估抄"), ((0,), "仅当期估抄"), ((0, 2), "估抄之间有一期远程"), ((1, 2, 3, 4), "当期已恢复远程"),
    ((0, 1, 3, 4), "五期中四期估抄但不连续"),
]:  # fmt: skip
    put("RC001", NEAR_MISS, "still", note, _by(ESTIMATED, *backs), weight=3)
put("RC001", NEAR_MISS, "still_home", "双月抄表两次估抄", _cycle(2), _by(ESTIMATED, 0, 2), _skip(*_ODD))


def _rest(scene: Scene, at: Array) -> None:
    """Everything of a plant suspended for half a year; the customer stays on file as active."""
    scene.size(at, 400.0)
    scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), status="suspended")
    scene.set(at, operating_capacity_kva=0.0)
    scene.district.windings[at] = 0
    scene.district.idle_from[at] = scene.ago(190)


put("RC001", NEAR_MISS, "one_business", "全部暂停的工厂估抄", _rest, _by(ESTIMATED, 0, 1, 2), weight=3)


# ---------------------------------------------------------------------------------------------- RC002
def _unread(**values: Any) -> Plant:
    """Keep the row of P0 without a reading: nothing is billed."""

    def plant(scene: Scene, at: Array) -> None:
        def flat(meter: Dial) -> None:
            edge, end = meter.registers.edge, meter.end(0)
            edge[meter.row, end] = edge[meter.row, end - 1]

        dial(flat)(scene, at)
        gap(scene, at)
        reading(scene, at, 0, **values)

    return plant


put("RC002", HIT, "still", "当期无抄表记录", _skip(0), weight=4)
put("RC002", HIT, "large", "大客户当期无抄表记录", _skip(0))
put("RC002", HIT, "still", "抄表方式为未抄", _unread(method="none"), weight=3)
put("RC002", HIT, "still", "示数为空", _unread(current_index=None), weight=3)
put("RC002", HIT, "still", "未抄且示数为空", _unread(method="none", current_index=None, read_at=None), weight=3)
put("RC002", HIT, "still", "连续两期漏抄", _skip(0, 1), weight=2)
put("RC002", HIT, "still_home", "双月抄表两期均漏抄", _cycle(2), _skip(0, *_ODD), weight=3)
put("RC002", HIT, "still", "抄表周期为空，当期漏抄", _cycle(None), _skip(0), weight=2)
put("RC002", NEAR_MISS, "still_home", "双月抄表，当期非抄表月", _cycle(2), _skip(*_EVEN), weight=4)
put("RC002", NEAR_MISS, "still_home", "未记周期，实为双月抄表", _cycle(None), _skip(*_EVEN), weight=4)
put("RC002", NEAR_MISS, "still_home", "季度抄表，两个月未抄", _cycle(3), _skip(0, 1, 3, 4, 6, 7, 9, 10), weight=2)
put("RC002", NEAR_MISS, "still", "上期漏抄，当期已抄", _skip(1), weight=3)
put("RC002", NEAR_MISS, "still", "未用电，示数未变但已抄", dial(lambda meter: meter.usage({0: 0.0})), weight=2)


def _young(scene: Scene, at: Array) -> None:
    scene.young(at)
    _skip(0)(scene, at)


def _idle(scene: Scene, at: Array) -> None:
    scene.suspend(at)
    _skip(0)(scene, at)


def _taken_down(scene: Scene, at: Array) -> None:
    """The meter was taken down last week and there is no other yet."""
    points = scene.point_rows(at)
    scene.frame("meter").set(scene.meter_rows(points), status="removed", removed_on=scene.ago(6))
    _skip(0)(scene, at)


put("RC002", NEAR_MISS, "still_home", "计量点本期才立", _young, weight=3)
put("RC002", NEAR_MISS, "still", "暂停客户未抄", _idle, weight=3)
put("RC002", NEAR_MISS, "still", "电表已拆，无在装表", _taken_down, weight=3)


# ---------------------------------------------------------------------------------------------- RC003
def _over(last: int) -> Plant:
    """Read too much in the period before P0, by a method, and take it back."""

    def change(meter: Dial, more: float) -> None:
        meter.usage(100.0)
        meter.read(1, last)
        meter.move(1, more)

    return dial(lambda meter: change(meter, 100.0 + float(meter.scene.rng.choice([0.01, 1.0, 40.0, 300.0]))))


put("RC003", HIT, "still_home", "上期估抄过高，当期电量为负", _over(ESTIMATED), weight=6)


def _caught_up(before: float, this: float, last: int, kind: str) -> Plant:
    """What P0 really used was read already in the period before, so that P0 shows nothing."""

    def change(meter: Dial) -> None:
        meter.usage({**dict.fromkeys(range(2, meter.live() - 1), 100.0), 1: before, 0: this})
        registers = meter.registers
        registers.method[meter.row, meter.last - 1] = last
        registers.edge[meter.row, meter.end(1)] = registers.edge[meter.row, meter.end(0)]

    def plant(scene: Scene, at: Array) -> None:
        dial(change)(scene, at)
        scene.district.edits.kept.append((int(at[0]), period(scene, 0) - 1, period(scene, -1) + 1))
        if kind == NEAR_MISS:
            gap(scene, at)

    return plant


for before, this, last, kind, note in [
    (100.0, 50.01, MANUAL, HIT, "上期手抄150.01kWh，中位数100"), (100.0, 90.0, ESTIMATED, HIT, "上期估抄190kWh"),
    (300.0, 300.0, MANUAL, HIT, "上期手抄600kWh"), (130.0, 30.5, MANUAL, HIT, "当月冻结电量30.5kWh"),
    (100.0, 50.0, MANUAL, NEAR_MISS, "上期恰为中位数的1.5倍"), (110.0, 35.0, ESTIMATED, NEAR_MISS, "上期145kWh"),
    (130.0, 29.5, MANUAL, NEAR_MISS, "当月冻结电量29.5kWh"), (200.0, 90.0, REMOTE, NEAR_MISS, "上期为远程抄表"),
    (200.0, 90.0, LOCAL, NEAR_MISS, "上期为现场红外"),
]:  # fmt: skip
    put("RC003", kind, "still_home", f"{note}，当期零电量", _caught_up(before, this, last, kind), weight=3)


def _suppressed(this: float, methods: tuple[int, int]) -> Plant:
    """Two low readings, the rest of it in P0."""

    def change(meter: Dial) -> None:
        part = round((this + 40) / 3, 2)
        usage = dict.fromkeys(range(3, meter.live() - 1), 100.0)
        meter.usage({**usage, 2: part, 1: part, 0: this + 40 - 2 * part})
        low = meter.registers.edge[meter.row, meter.end(3)]
        for back, method in ((2, methods[0]), (1, methods[1])):
            meter.registers.method[meter.row, meter.last - back] = method
            meter.registers.edge[meter.row, meter.end(back)] = low + (3 - back) * 2000

    def plant(scene: Scene, at: Array) -> None:
        dial(change)(scene, at)
        uncollected(scene, at, 1, 2)

    return plant


for this, methods, kind, note in [
    (500.01, (ESTIMATED, ESTIMATED), HIT, "500.01kWh"), (520.0, (ESTIMATED, ESTIMATED), HIT, "520kWh"),
    (900.0, (ESTIMATED, ESTIMATED), HIT, "900kWh"), (500.0, (ESTIMATED, ESTIMATED), NEAR_MISS, "恰为限值500kWh"),
    (480.0, (ESTIMATED, ESTIMATED), NEAR_MISS, "480kWh"), (700.0, (REMOTE, ESTIMATED), NEAR_MISS, "前两期只有一期估抄"),
    (700.0, (MANUAL, MANUAL), NEAR_MISS, "前两期为手抄"),
]:  # fmt: skip
    put("RC003", kind, "still_home", f"前两期压低，当期{note}", _suppressed(this, methods), weight=2)


@dial
def _away(meter: Dial) -> None:
    """A holiday home: much in the month before, read by hand, nothing now."""
    meter.usage({**dict.fromkeys(range(2, meter.live() - 1), 100.0), 1: 260.0, 0: 0.0})
    meter.read(1, MANUAL)


@dial
def _turned(meter: Dial) -> None:
    """The dial rolls over in the middle of P0."""
    meter.usage({back: 100.0 + back for back in range(meter.live() - 1)})
    registers, row = meter.registers, meter.row
    registers.start[row] = registers.limit[row] - registers.edge[row, meter.end(1)] - meter.units(50.0)


def _refund(scene: Scene, at: Array) -> None:
    """A refund stands in the bill, not in the reading."""
    dial(lambda meter: meter.usage({back: 100.0 + back for back in range(5)}))(scene, at)
    day = scene.district.calendar.periods[-1]

    def edit(rows: Frame) -> None:
        found = np.flatnonzero(rows["period"] == day)
        rows.set(
            found, adjusted_kwh=-120_00, billed_kwh=rows["billed_kwh"][found] - 120_00, adjusted_yuan=-64_56,
            total_yuan=rows["total_yuan"][found] - 64_56,
        )  # fmt: skip

    scene.district.edits.rows("bill", str(scene.frame("metering_point")["point_id"][scene.point_rows(at)[0]]), edit)


put("RC003", NEAR_MISS, "still_home", "空房：当月冻结电量为零", _away, weight=3)
put("RC003", NEAR_MISS, "still_home", "示数翻转", _turned, weight=2)
put("RC003", NEAR_MISS, "still_home", "退补电量记在账单上", _refund, weight=2)


# ---------------------------------------------------------------------------------------------- RC005
def _same(usage: Callable[[Dial], dict[int, float]], *by_hand: tuple[int, int]) -> Plant:
    """Some periods with given quantities, some of them read by hand where nothing was collected."""

    def change(meter: Dial) -> None:
        meter.usage(usage(meter))
        for back, method in by_hand:
            meter.registers.method[meter.row, meter.last - back] = method

    def plant(scene: Scene, at: Array) -> None:
        dial(change)(scene, at)
        uncollected(scene, at, *(back for back, _ in by_hand if back < 3))

    return plant


def _flat(*kwh: float) -> Callable[[Dial], dict[int, float]]:
    return lambda _meter: dict(enumerate(kwh))


_HAND = ((0, MANUAL), (1, MANUAL))
for kwh in (10.0, 10.01, 86.0, 240.0):
    put("RC005", HIT, "still", f"三期均为{kwh:g}kWh，两期手抄", _same(_flat(kwh, kwh, kwh, kwh + 9), *_HAND), weight=3)
put("RC005", HIT, "still", "三期相差0.01kWh", _same(_flat(60.0, 60.01, 60.0, 70.0), (1, LOCAL), (2, MANUAL)))
put("RC005", HIT, "still", "手抄与估抄各一期", _same(_flat(75, 75, 75, 99), (1, ESTIMATED), (2, MANUAL)), weight=2)
put("RC005", HIT, "still", "三期手抄", _same(_flat(75, 75, 75, 75), (0, LOCAL), (1, MANUAL), (2, MANUAL)), weight=2)
put("RC005", HIT, "still", "远程四期均为100kWh", _same(_flat(100, 100, 100, 100)), weight=3)
put("RC005", HIT, "still", "远程四期均为333.33kWh", _same(_flat(333.33, 333.33, 333.33, 333.33)), weight=2)
for kwh in (9.99, 2.0):
    put("RC005", NEAR_MISS, "still", f"三期均为{kwh}kWh，两期手抄", _same(_flat(kwh, kwh, kwh, 12.0), *_HAND), weight=2)
put("RC005", NEAR_MISS, "still", "三期相差0.02kWh", _same(_flat(60.0, 60.02, 60.0, 70.0), *_HAND), weight=2)
put("RC005", NEAR_MISS, "still", "两期相同", _same(_flat(60.0, 60.0, 61.0, 70.0), *_HAND), weight=2)
put("RC005", NEAR_MISS, "still", "三期相同，只有一期手抄", _same(_flat(88, 88, 88, 91), (1, MANUAL)), weight=2)
put("RC005", NEAR_MISS, "still", "远程四期均为99.99kWh", _same(_flat(99.99, 99.99, 99.99, 99.99)), weight=2)
put("RC005", NEAR_MISS, "still", "远程三期相同，第四期不同", _same(_flat(150, 150, 150, 151)), weight=2)
put("RC005", NEAR_MISS, "still_shop", "摄像头恒定36kWh", _same(_flat(36, 36, 36, 36, 36, 36)), weight=3)
put("RC005", NEAR_MISS, "still", "零电量", _same(_flat(0, 0, 0, 20), *_HAND), weight=2)


def _bimonthly(scene: Scene, at: Array) -> None:
    _cycle(2)(scene, at)
    _same(lambda _meter: dict.fromkeys(range(8), 40.0), (0, MANUAL), (2, MANUAL))(scene, at)
    _skip(*_ODD)(scene, at)


put("RC005", HIT, "still_home", "双月抄表，三次均为80kWh", _bimonthly, weight=2)
