"""RC010 indexes that do not continue, RC011 edited indexes."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import Dial, dial
from jicha.sandbox.faults.points import gap, note_point, period, point_id, reading, reading_day, unsettle
from jicha.sandbox.faults.points import plant_point as put
from jicha.sandbox.faults.registry import Plant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.frame import Frame


# ---------------------------------------------------------------------------------------------- RC010
def _broken(by: float, register: str = "total") -> Plant:
    """Begin P0 with an index other than that at which the period before ended."""

    def plant(scene: Scene, at: Array) -> None:
        if register == "total":
            dial(lambda meter: meter.usage({0: 160.0}))(scene, at)
            dial(lambda meter: meter.quantity(0, -by))(scene, at)
        if abs(by) > 25:
            gap(scene, at)
        day = period(scene, 0)

        def edit(rows: Frame) -> None:
            found = np.flatnonzero((rows["period"] == day) & (rows["register"] == register))
            rows.set(found, previous_index=rows["previous_index"][found] + round(by * 100))

        scene.district.edits.rows("reading", point_id(scene, at), edit)

    return plant


def _wrong(used: float, by: float) -> Plant:
    """Bill another quantity than the dial shows."""

    def plant(scene: Scene, at: Array) -> None:
        def change(meter: Dial) -> None:
            meter.usage({back: used + 3 * back for back in range(13)})
            meter.quantity(0, by)

        dial(change)(scene, at)
        if abs(by) > 25:
            gap(scene, at)

    return plant


for by in (0.02, 0.5, 4.0, 20.0, -0.02, -12.0):
    put("RC010", HIT, "still", f"起码与上期止码相差{by:g}", _broken(by), weight=2, register="total")
put("RC010", HIT, "still", "起码比上期止码低300", _broken(-300.0), weight=2, register="total")
put("RC010", HIT, "large_high", "峰起码与上期止码不衔接", _broken(0.5, "peak"), weight=2, register="peak")
put("RC010", HIT, "large_high", "谷起码与上期止码不衔接", _broken(-3.0, "valley"), weight=2, register="valley")
put("RC010", HIT, "large_high", "无功起码与上期止码不衔接", _broken(2.0, "reactive"), weight=2, register="reactive")
for used, by in [(200.0, 1.01), (200.0, -1.01), (200.0, 15.0), (800.0, -20.0), (2000.0, 2.2), (300.0, 250.0)]:
    put("RC010", HIT, "still", f"示数差{used:g}，电量多{by:g}kWh", _wrong(used, by), weight=2, register="total")
for by in (0.01, -0.01):
    put("RC010", NEAR_MISS, "still", f"起码与上期止码相差{by}", _broken(by), weight=2, register="total")
for used, by in [(200.0, 1.0), (200.0, -1.0), (2000.0, 2.0), (2000.0, 1.9), (200.0, 0.02)]:
    put("RC010", NEAR_MISS, "still", f"示数差{used:g}，电量多{by:g}kWh", _wrong(used, by), weight=2, register="total")


@dial
def _turned(meter: Dial) -> None:
    meter.usage({0: 90.0})
    registers, row = meter.registers, meter.row
    registers.start[row] = registers.limit[row] - registers.edge[row, meter.end(1)] - meter.units(30.0)


put("RC010", NEAR_MISS, "still", "示数翻转", _turned, weight=3, register="total")
put("RC010", NEAR_MISS, "large_high", "需量示数（电量为kW）", dial(lambda _m: None), weight=2, register="demand")
put(
    "RC010", NEAR_MISS, "still", "上期漏抄，接续前期示数", dial(lambda meter: meter.skip(1)), weight=2, register="total"
)  # fmt: skip
put(
    "RC010", NEAR_MISS, "still", "倍率为空", _wrong(200.0, 20.0), lambda s, at: reading(s, at, 0, multiplier=None),
    weight=2, register="total",
)  # fmt: skip


def exchanged(scene: Scene) -> None:
    """Ordinary exchanges of meters in P0: their indexes need not continue."""
    meter = scene.frame("meter")
    first = period(scene, 0)
    old = np.array([str(m).startswith("DA") for m in meter["meter_id"]])
    here = old & (meter["removed_on"] > first) & (meter["removed_on"] < reading_day(scene, 0) - 1)
    for point in meter["point_id"][here].tolist():
        owner = scene.frame("metering_point")["customer_id"][scene.frame("metering_point").rows(point_id=point)[0]]
        at = scene.district.position(np.array([owner], dtype=object))
        if not scene.used[at[0]] and point_id(scene, at) == point and scene.district.calendar.months > 2:
            note_point(scene, "RC010", NEAR_MISS, at, "当期换表", register="total")


# ---------------------------------------------------------------------------------------------- RC011
def edit_index(
    scene: Scene, point: str, day: Any, editor: str, when: Any, *, register: str = "total", by: float = 12.0
) -> None:
    """Note in a reading who changed its index, and when."""

    def edit(rows: Frame) -> None:
        found = np.flatnonzero((rows["period"] == day) & (rows["register"] == register))
        before = rows["current_index"][found] - round(by * 100)
        rows.set(found, original_index=before, index_changed_by=editor, index_changed_at=when)

    scene.district.edits.rows("reading", point, edit)


def _edited(
    back: int, *, hours: float | None, own: bool = False, register: str = "total", by: float = 30.0,
    settled: tuple[int, str] | None = None,
) -> Plant:  # fmt: skip
    """Edit the index of a reading so many hours after the midnight of its reading day, by the reader or a biller.

    `settled`: days after the edit at which a correction was asked for, and its reason.
    """

    def plant(scene: Scene, at: Array) -> None:
        district = scene.district
        people = district.layout.staff_of[district.layout.stations[district.station[at[0]]], "biller"]
        editor = district.customer["reader_id"][at[0]] if own else people[0]
        moment = reading_day(scene, back).astype("datetime64[s]")
        when = None if hours is None else moment + np.timedelta64(int(hours * 3600), "s")
        day = period(scene, back)
        unsettle(scene, at)
        edit_index(scene, point_id(scene, at), day, editor, when, register=register, by=by)
        if settled is not None and when is not None:
            _correction(scene, at, when + np.timedelta64(settled[0] * 86_400, "s"), settled[1], day)

    return plant


def _correction(scene: Scene, at: Array, when: Any, reason: str, day: Any) -> None:
    layout = scene.district.layout
    station = layout.stations[scene.district.station[at[0]]]
    scene.frame("adjustment").append(
        adjustment_id=f"TB9{int(scene.district.customer_ids[at[0]]) % 10**9:09d}",
        customer_id=scene.district.customer_ids[at[0]], period=day, kwh=-30_00, yuan=-16_14, reason=reason,
        requested_by=layout.staff_of[station, "biller"][0], approved_by=layout.staff_of[station[:6], "manager"][0],
        approval_level="county", requested_at=when, approved_at=when + np.timedelta64(40_000, "s"), has_evidence=True,
    )  # fmt: skip


_ISSUED = 48.0  # bills go out two days after the reading day; the end of that day is 72 hours after
for back in (0, 1, 5):
    put("RC011", HIT, "still", f"抄表员自改示数，{back}期前", _edited(back, hours=12, own=True), weight=2, back=back,
        register="total")  # fmt: skip
    put("RC011", HIT, "still", f"修改时间为空，{back}期前", _edited(back, hours=None), weight=2, back=back,
        register="total")  # fmt: skip
for back, hours in ((0, 72.5), (0, 250.0), (2, 500.0), (4, 1500.0)):
    note = f"{back}期前，发行后{(hours - _ISSUED) / 24:.0f}天修改，无退补"
    put("RC011", HIT, "still", note, _edited(back, hours=hours), weight=2, back=back, register="total")
for days, reason, note in [
    (31, "wrong_reading", "退补申请在修改31天后"), (-31, "wrong_reading", "退补申请在修改31天前"),
    (3, "wrong_tariff", "退补原因为电价差错"),
]:  # fmt: skip
    plan = _edited(2, hours=200.0, settled=(days, reason))
    put("RC011", HIT, "still", f"发行后修改，{note}", plan, weight=2, back=2, register="total")
put(
    "RC011",
    HIT,
    "large_high",
    "抄表员自改峰示数",
    _edited(0, hours=9, own=True, register="peak"),
    weight=2,
    register="peak",
)
for back, hours, note in [
    (0, 10.0, "发行前核算员修改"), (3, 40.0, "发行前核算员修改"), (0, 71.5, "发行当日23时修改"),
    (1, 60.0, "发行当日修改"),
]:  # fmt: skip
    put("RC011", NEAR_MISS, "still", note, _edited(back, hours=hours), weight=2, back=back, register="total")
for days in (-30, 0, 5, 30):
    plan = _edited(2, hours=200.0, settled=(days, "wrong_reading"))
    put("RC011", NEAR_MISS, "still", f"发行后修改，{days}天后申请退补", plan, weight=2, back=2, register="total")
put("RC011", NEAR_MISS, "still", "七期前抄表员自改", _edited(6, hours=9, own=True), weight=2, back=6, register="total")
