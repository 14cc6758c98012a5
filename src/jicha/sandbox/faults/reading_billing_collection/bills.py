"""RC015 readings without bill, double bills, accounts never billed; RC017 allocated points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.faults.dial import dial
from jicha.sandbox.faults.points import period, point_id
from jicha.sandbox.faults.points import plant_point as put
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of
from jicha.sandbox.frame import Frame

_MONEY = ("energy_yuan", "tier_yuan", "basic_yuan", "pf_yuan", "other_yuan", "total_yuan")


def _bills(scene: Scene, at: Array, edit: Callable[[Frame], None]) -> None:
    scene.district.edits.rows("bill", point_id(scene, at), edit)


def _none(*backs: int) -> Plant:
    """Leave periods unbilled; without any given, all of them."""

    def plant(scene: Scene, at: Array) -> None:
        days = np.array([period(scene, back) for back in backs or range(60)])
        _bills(scene, at, lambda rows: rows.remove(np.isin(rows["period"], days)))

    return plant


# ---------------------------------------------------------------------------------------------- RC015
def _again(back: int, *, number: int = 5, negative: bool = False, **changes: Any) -> Plant:
    """Bill a period a second time, with changes."""

    def plant(scene: Scene, at: Array) -> None:
        day = period(scene, back)

        def edit(rows: Frame) -> None:
            for row in np.flatnonzero(rows["period"] == day)[:1].tolist():
                values = {name: column[row] for name, column in rows.columns.items()}
                values["bill_id"] = str(int(values["bill_id"]) + number * 10**8)
                if negative:
                    for name in (*_MONEY, "metered_kwh", "billed_kwh"):
                        if values.get(name, NULL) != NULL:
                            values[name] = -values[name]
                rows.append(**{**values, **changes})

        _bills(scene, at, edit)

    return plant


def _halves(scene: Scene, at: Array) -> None:
    """Bill P0 in two unequal parts, as after a change of meter."""
    day = period(scene, 0)

    def edit(rows: Frame) -> None:
        row = int(np.flatnonzero(rows["period"] == day)[0])
        whole = {name: column[row] for name, column in rows.columns.items()}
        names = [n for n in ("metered_kwh", "billed_kwh", *_MONEY) if whole.get(n, NULL) != NULL]
        part = {name: int(whole[name]) * 4 // 10 for name in names}
        part["total_yuan"] = sum(part[n] for n in names if n.endswith("_yuan") and n != "total_yuan")
        rest = {name: int(whole[name]) - part[name] for name in names}
        rows.set(row, **rest, kind="part")
        rows.append(**{**whole, **part, "kind": "part", "bill_id": str(int(whole["bill_id"]) + 5 * 10**8)})

    dial(lambda meter: meter.usage({0: 150.0}))(scene, at)
    _bills(scene, at, edit)


put("RC015", HIT, "still", "上期有抄见电量，无账单", _none(0, 1), weight=4, back=1)
put("RC015", HIT, "large", "大客户上期有抄见电量，无账单", _none(0, 1), weight=2, back=1)
put("RC015", NEAR_MISS, "still", "上期无账单，当期合并发行", _none(1), weight=3, back=1)
_NOTHING = dial(lambda meter: meter.usage({0: 0.0, 1: 0.0}))
put("RC015", NEAR_MISS, "still", "零电量无账单", _NOTHING, _none(0, 1), weight=3, back=1)
for back in (0, 1, 2):
    put("RC015", HIT, "still", f"{back}期前同一计量点重复发行", _again(back), weight=3, back=back)
put("RC015", HIT, "still", "重复发行，类型为空", _again(0, kind=None), weight=2)
put("RC015", NEAR_MISS, "still", "三期前重复发行", _again(3), weight=2, back=3)
put(
    "RC015",
    NEAR_MISS,
    "still",
    "重复账单已冲红",
    _again(0),
    _again(0, number=7, negative=True, kind="reversal"),
    weight=3,
)
put("RC015", NEAR_MISS, "still", "换表分段，电量不同", _halves, weight=3)
put("RC015", NEAR_MISS, "still", "补收账单", _again(0, kind="supplementary"), weight=2)
put("RC015", NEAR_MISS, "still", "两个电价码", _again(0, tariff_code="FJ01"), weight=2)


def _behind(scene: Scene, at: Array) -> None:
    """A home measured behind the meter of a shop, which is billed for both."""
    dial(lambda meter: meter.usage({back: 60.0 + back for back in range(6)}))(scene, at[:1])
    dial(lambda meter: meter.usage({back: 900.0 + back for back in range(13)}))(scene, at[1:])
    scene.frame("metering_point").set(scene.point_rows(at[:1]), parent_point_id=point_id(scene, at[1:]))
    _none(0, 1)(scene, at[:1])
    key = key_of(point_id=point_id(scene, at), period=str(period(scene, 1)))
    scene.truths.append(Truth("RC015", key, NEAR_MISS, "总表已计费的分表"))


add("RC015", NEAR_MISS, "still", "总表已计费的分表", _behind, group=2, weight=3, records=False, months=14, days=80)


def _never(ago: int) -> Plant:
    """An account opened so many days ago, read once and never billed."""

    def plant(scene: Scene, at: Array) -> None:
        scene.reopen(at, scene.ago(ago))
        # little enough that a year in one reading is no jump
        dial(lambda meter: meter.usage({back: 40.0 + 3 * (back % 5) for back in range(meter.live() - 1)}))(scene, at)
        dial(lambda meter: meter.skip(*range(1, meter.live())))(scene, at)
        _none()(scene, at)

    return plant


for ago in (75, 76, 120, 240, 365):
    put("RC015", HIT, "still", f"立户{ago}天从未计费", _never(ago), weight=2)
for ago in (74, 62, 366):
    put("RC015", NEAR_MISS, "still", f"立户{ago}天从未计费", _never(ago), weight=2)


# ---------------------------------------------------------------------------------------------- RC017
def _share(
    kind: str, note: str, *, pool: str = "still_shop", ratio: float | None = None, kwh: float | None = None,
    used: float = 1000.0, wrong: dict[int, float | None] | None = None, days: int | None = None,
    usage: dict[int, float] | None = None, lossless: bool = False, weight: float = 2,
) -> None:  # fmt: skip
    """Register an allocated point behind a shop or factory; `wrong`: kWh billed by periods back, None: no bill."""

    def plant(scene: Scene, at: Array) -> None:
        if pool == "still_shop":
            monthly = {back: used + 7 * back for back in range(1, 13)}
            dial(lambda meter: meter.usage({**monthly, 0: used, **(usage or {})}))(scene, at)
        main = point_id(scene, at)
        own = f"85{int(scene.district.customer_ids[at[0]]) % 10**9:09d}"
        point, row = scene.frame("metering_point"), scene.point_rows(at)[0]
        point.append(
            point_id=own, customer_id=point["customer_id"][row], area_id=point["area_id"][row],
            feeder_id=point["feeder_id"][row], purpose="settlement", parent_point_id=main, mode=point["mode"][row],
            allocation="quantity" if ratio is None else "ratio", allocation_value=kwh if ratio is None else ratio,
            allocation_reviewed_on=scene.ago(100), tariff_code=point["tariff_code"][row], is_time_of_use=False,
            basic_charge_mode="none", reading_cycle_months=1, phase=point["phase"][row], status="active",
        )  # fmt: skip
        scene.district.edits.together("bill", [main, own], lambda rows: _misallocate(scene, rows, main, own))
        scene.truths.append(Truth("RC017", key_of(point_id=own, period=str(period(scene, 0))), kind, note))

    def _misallocate(scene: Scene, rows: Frame, main: str, own: str) -> None:
        last = scene.district.calendar.periods[-1].astype("datetime64[M]")
        dropped: list[int] = []
        for row in np.flatnonzero(rows["point_id"] == own).tolist():
            back = int((last - rows["period"][row].astype("datetime64[M]")).astype(int))
            whole = np.flatnonzero((rows["point_id"] == main) & (rows["period"] == rows["period"][row]))
            if days is not None and back == 0:
                rows.set(row, days=float(days))
            if lossless:
                _move(rows, row, whole, int(rows["metered_kwh"][row]))
            if not wrong or back not in wrong:
                continue
            more = wrong[back]
            if more is None:
                _move(rows, row, whole, 0)
                dropped.append(row)
            elif more > -1e6:
                _move(rows, row, whole, max(int(rows["billed_kwh"][row]) + round(more * 100), 0))
            else:
                _move(rows, row, whole, 0)
                rows.set(row, billed_kwh=0 if more < -2e6 else None)
        rows.remove(np.array(dropped, dtype=np.int64))

    add("RC017", kind, pool, note, plant, weight=weight, records=False, months=14, days=80)


_ZERO, _EMPTY = -3e6, -2e6  # billed, but nothing; billed without a number


def _move(rows: Frame, row: int, whole: Array, billed: int) -> None:
    """Bill the allocated point something else; the main bears the difference at its own average price."""
    more = int(rows["billed_kwh"][row]) - billed
    for at, change in ((np.array([row]), -more), (whole, more)):
        kwh, yuan, total = (int(rows[n][at[0]]) for n in ("billed_kwh", "energy_yuan", "total_yuan"))
        part = yuan * change // kwh if kwh else 0
        rows.set(at, billed_kwh=kwh + change, energy_yuan=yuan + part, total_yuan=total + part)


for gaps in ((0, 1), (2, 4), (0, 1, 2, 3, 4, 5), (4, 5)):
    _share(HIT, f"定比点{len(gaps)}期无账单", ratio=10, wrong=dict.fromkeys(gaps, None))
_share(HIT, "定量点2期无账单", kwh=200, wrong={1: None, 3: None})
_share(HIT, "定比点2期电量为零", ratio=10, wrong={0: _ZERO, 1: _ZERO})
_share(HIT, "定比点2期电量为空", ratio=10, wrong={1: _EMPTY, 2: _EMPTY})
for used, more in ((1000.0, 5.01), (1000.0, -6.0), (3000.0, 6.01), (3000.0, -40.0), (3000.0, 200.0)):
    _share(HIT, f"应分{used / 10:g}kWh，多计{more:g}", ratio=10, used=used, wrong={0: more})
for more in (5.01, -5.01, 60.0):
    _share(HIT, f"定量200kWh，多计{more:g}", kwh=200, wrong={0: more})
_share(HIT, "高供低计定比点少计", pool="one_behind", ratio=10, wrong={0: -900.0})
_share(NEAR_MISS, "定比点正常", ratio=15, weight=3)
_share(NEAR_MISS, "定量点正常", kwh=300, weight=3)
_share(NEAR_MISS, "只有1期无账单", ratio=10, wrong={2: None})
_share(NEAR_MISS, "六期前无账单", ratio=10, wrong={6: None, 7: None, 8: None})
for used, more in ((1000.0, 5.0), (1000.0, -5.0), (3000.0, 6.0)):
    _share(NEAR_MISS, f"应分{used / 10:g}kWh，多计{more:g}", ratio=10, used=used, wrong={0: more})
_share(NEAR_MISS, "定量200kWh，多计5.00", kwh=200, wrong={0: 5.0})
_share(NEAR_MISS, "定量，当期计费20天", kwh=200, wrong={0: -67.0}, days=20)
_share(NEAR_MISS, "总表电量不足定量", kwh=400, used=380.0, wrong={0: -120.0})
_share(NEAR_MISS, "总表零电量，分表无账单", ratio=10, usage={0: 0.0, 1: 0.0}, wrong={0: None, 1: None})
_share(NEAR_MISS, "按抄见电量分摊，未含变损", pool="one_behind", ratio=10, lossless=True, weight=3)
