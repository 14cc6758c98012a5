"""RC013 surges and plunges, RC016 long zero consumption."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import Dial, dial
from jicha.sandbox.faults.points import period
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of

_WITH_YEAR = 14  # months that a comparison with the year before takes


def _customer(
    rule: str, kind: str, pool: str, note: str, *plans: Plant, weight: float = 2, dated: bool = True, months: int = 14
) -> None:
    """Register plants whose finding has the customer (and P0) as its key."""

    def whole(scene: Scene, at: Array) -> None:
        for plan in plans:
            plan(scene, at)
        parts = {"customer_id": scene.district.customer_ids[at[0]]}
        if dated:
            parts["period"] = str(period(scene, 0))
        scene.truths.append(Truth(rule, key_of(**parts), kind, note))

    add(rule, kind, pool, note, whole, weight=weight, records=False, months=months, days=80)


def _checked(scene: Scene, at: Array, on: Any, kind: str = "special") -> None:
    """Record that a customer was inspected on a day."""
    number = int(scene.district.customer_ids[at[0]]) % 10**8
    station = scene.district.layout.stations[scene.district.station[at[0]]]
    scene.frame("usage_inspection").append(
        inspection_id=f"YJ9{number:08d}", customer_id=scene.district.customer_ids[at[0]], inspected_on=on, kind=kind,
        staff_id=scene.district.layout.staff_of[station, "inspector"][0], result="normal",
    )  # fmt: skip


def _unchecked(scene: Scene, at: Array) -> None:
    """Move the inspections of a customer well back."""
    scene.frame("usage_inspection").set(scene.rows("usage_inspection", at), inspected_on=scene.ago(300))


# ---------------------------------------------------------------------------------------------- RC013
def _jump(this: float, year: float, before: float, *, steps: bool = False) -> Plant:
    """Use so much in P0, in the same period a year before, and in each of the three before it.

    With `steps` the numbers are shares of an ordinary month of the meter, so that they fit its multiplier.
    """

    def change(meter: Dial) -> None:
        unit = 1.0
        if steps:
            usual_steps = int(np.median(np.diff(meter.registers.edge[meter.row])[-9:]))
            unit = max(usual_steps // 170, 1) * meter.factor / 100
        usual = dict.fromkeys(range(1, 12), before)
        meter.usage({back: kwh * unit for back, kwh in {**usual, 12: year, 0: this}.items()})

    def plant(scene: Scene, at: Array) -> None:
        _unchecked(scene, at)
        dial(change)(scene, at)

    return plant


_HOMES = [
    (2040.0, 509.0, 500.0, HIT, "增至4.01倍"), (2600.0, 400.0, 380.0, HIT, "增至6.5倍"),
    (2001.0, 500.0, 500.0, HIT, "刚过4倍"), (150.0, 1700.0, 1600.0, HIT, "降至9%"),
    (180.0, 1801.0, 1801.0, HIT, "刚过10%"), (30.0, 1900.0, 1500.0, HIT, "降至2%"),
    (2000.0, 500.0, 500.0, NEAR_MISS, "恰为4倍"), (2000.0, 300.0, 600.0, NEAR_MISS, "对前三月不足4倍"),
    (1999.0, 499.1, 499.0, NEAR_MISS, "4倍但相差1499.9kWh"), (180.0, 1800.0, 1800.0, NEAR_MISS, "恰降90%"),
    (120.0, 60.0, 55.0, NEAR_MISS, "120kWh住宅翻倍"), (150.0, 1700.0, 1400.0, NEAR_MISS, "对前三月未降90%"),
]  # fmt: skip
_SHOPS = [
    (3100.0, 1000.0, 1000.0, HIT, "增至3.1倍"), (3001.0, 1000.0, 1000.0, HIT, "刚过3倍"),
    (2250.0, 700.0, 740.0, HIT, "增至3倍以上"), (600.0, 2100.0, 2300.0, HIT, "降至28%"),
    (660.0, 2201.0, 2201.0, HIT, "刚过30%"), (3000.0, 1000.0, 1000.0, NEAR_MISS, "恰为3倍"),
    (660.0, 2200.0, 2200.0, NEAR_MISS, "恰降70%"), (2100.0, 650.0, 640.0, NEAR_MISS, "相差1450kWh"),
    (500.0, 1999.0, 1999.0, NEAR_MISS, "降75%但相差1499kWh"), (2000.0, 500.0, 500.0, HIT, "增至4倍，恰差1500kWh"),
]  # fmt: skip
for this, year, before, kind, note in _HOMES:
    _customer("RC013", kind, "still_home", f"住宅{note}", _jump(this, year, before), weight=1)
for this, year, before, kind, note in _SHOPS:
    _customer("RC013", kind, "still_shop", f"商铺{note}", _jump(this, year, before), weight=1)
_HIGH = [
    (150.4, 100.0, 100.0, HIT, "刚过1.5倍"), (180.0, 110.0, 100.0, HIT, "增80%"),
    (49.6, 100.0, 100.0, HIT, "刚降过50%"),
    (20.0, 100.0, 90.0, HIT, "降80%"), (150.0, 100.0, 100.0, NEAR_MISS, "恰为1.5倍"),
    (50.0, 100.0, 100.0, NEAR_MISS, "恰降50%"), (40.0, 44.0, 100.0, NEAR_MISS, "与去年同期相当"),
    (180.0, 100.0, 130.0, NEAR_MISS, "对前三月不足1.5倍"),
]  # fmt: skip
for this, year, before, kind, note in _HIGH:
    _customer("RC013", kind, "large_high", f"高压{note}", _jump(this, year, before, steps=True), weight=2)


def _ordered(kind: str, archived: int | None, **columns: int) -> Plant:
    """File an order that explains a change, so many days ago."""

    def plant(scene: Scene, at: Array) -> None:
        dates = {name: scene.ago(days) for name, days in columns.items()}
        done = None if archived is None else scene.ago(archived)
        scene.order(at, kind, applied=(archived or max(columns.values(), default=20)) + 8, archived=done, **dates)

    return plant


_PLUNGE = _jump(150.0, 1700.0, 1600.0)
for kind in ("increase_capacity", "reduce_capacity", "resume_capacity", "suspend", "resume", "change_class",
             "change_voltage", "transfer_ownership"):  # fmt: skip
    _customer("RC013", NEAR_MISS, "still_home", f"{kind}已归档", _PLUNGE, _ordered(kind, 60), weight=1)
_customer(
    "RC013", NEAR_MISS, "still_home", "过户在途，已生效", _PLUNGE,
    # within the period judged or before it, whatever the screening day
    _ordered("transfer_ownership", None, effective_from=45), weight=1,
)  # fmt: skip
_customer("RC013", HIT, "still_home", "移表工单不豁免", _PLUNGE, _ordered("move_meter", 60), weight=1)


def _before_the_year(scene: Scene, at: Array) -> None:
    """Let the account change hands some days before the first of the thirteen periods."""
    _ordered("transfer_ownership", int((scene.today - period(scene, 12)).astype(int)) + 5)(scene, at)


_customer("RC013", HIT, "still_home", "过户在账期13个月以前", _PLUNGE, _before_the_year, weight=1)
_customer(
    "RC013", HIT, "still_home", "账期末检查过", _PLUNGE, lambda s, at: _checked(s, at, period(s, -1) - 1), weight=1
)  # fmt: skip
_customer(
    "RC013", NEAR_MISS, "still_home", "账期后已检查", _PLUNGE, lambda s, at: _checked(s, at, period(s, -1)), weight=2
)  # fmt: skip


def _panels(scene: Scene, at: Array) -> None:
    """Panels since a few months, for own use."""
    number = int(scene.district.customer_ids[at[0]]) % 10**8
    scene.frame("self_generator").append(
        generator_id=f"ZB9{number:08d}", customer_id=scene.district.customer_ids[at[0]], kind="photovoltaic",
        capacity_kw=5.0, agreement_on=scene.ago(90), interlock=True, feed_in="none",
    )  # fmt: skip


_customer("RC013", NEAR_MISS, "still_home", "今年新装光伏", _PLUNGE, _panels, weight=2)
_customer("RC013", NEAR_MISS, "still_home", "当期零电量", _jump(0.0, 1700.0, 1600.0), weight=2)


# ---------------------------------------------------------------------------------------------- RC016
def _zero(*backs: int) -> Plant:
    """Use nothing in some periods."""

    def change(meter: Dial) -> None:
        meter.usage({back: 0.0 for back in backs if back < meter.live() - 1})

    def plant(scene: Scene, at: Array) -> None:
        _unchecked(scene, at)
        dial(change)(scene, at)

    return plant


def _inspected(back: int, days: int = 0) -> Plant:
    return lambda scene, at: _checked(scene, at, period(scene, back) + days)


def _no_rest(scene: Scene, at: Array) -> None:
    """The last inspection lies before the year that is looked at."""
    scene.frame("usage_inspection").set(scene.rows("usage_inspection", at), inspected_on=scene.ago(600))


def _idle(pool: str, kind: str, note: str, *plans: Plant, weight: float = 2) -> None:
    _customer("RC016", kind, pool, note, *plans, _no_rest, weight=weight, dated=False)


_idle("large_high", HIT, "高压两期零电量", _zero(0, 1), weight=5)
_idle("large_high", NEAR_MISS, "高压仅当期零电量", _zero(0), weight=2)
_idle("large_high", NEAR_MISS, "高压上期零电量", _zero(1, 2), weight=2)
_idle("still_shop", HIT, "商铺恰6期零电量", _zero(*range(6)), weight=4)
_idle("still_shop", HIT, "商铺9期零电量", _zero(*range(9)), weight=3)
_idle("still_shop", NEAR_MISS, "商铺5期零电量", _zero(*range(5)), weight=3)
_idle("still_shop", NEAR_MISS, "商铺6期中有一期用电", _zero(0, 1, 2, 4, 5, 6), weight=2)
_idle("still_home", HIT, "住宅恰12期零电量", _zero(*range(12)), weight=4)
_idle("still_home", HIT, "住宅13期零电量", _zero(*range(13)), weight=3)
_idle("still_home", NEAR_MISS, "住宅11期零电量", _zero(*range(11)), weight=3)
_idle(
    "still_home",
    NEAR_MISS,
    "从未入住的新房",
    dial(lambda meter: meter.usage(dict.fromkeys(range(meter.last + 1), 0.0))),
    weight=1,
)


def _then(pool: str, kind: str, note: str, zero: Plant, check: Plant) -> None:
    _customer("RC016", kind, pool, note, zero, _no_rest, check, weight=2, dated=False)


_then("large_high", NEAR_MISS, "高压零电量，两个月前检查过", _zero(0, 1), _inspected(1))
_then("large_high", HIT, "高压零电量，检查在零电量之前", _zero(0, 1), _inspected(1, -1))
_then("still_shop", NEAR_MISS, "商铺零电量，首日检查过", _zero(*range(6)), _inspected(5))
_then("still_shop", HIT, "商铺零电量，检查在零电量前一日", _zero(*range(6)), _inspected(5, -1))
_then("still_home", NEAR_MISS, "住宅零电量，上月检查过", _zero(*range(12)), _inspected(1))


def _stop(scene: Scene, at: Array) -> None:
    scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), status="suspended")
    scene.set(at, operating_capacity_kva=0.0)


_then("large_high", NEAR_MISS, "高压零电量，运行容量为零", _zero(0, 1), _stop)


def _rest(scene: Scene, at: Array) -> None:
    scene.suspend(at)


_then("large_high", NEAR_MISS, "暂停的工厂", _zero(0, 1), _rest)


def _found_at_zero(scene: Scene) -> Array:
    """Positions of the customers that RC016 must find."""
    keys = {truth.key for truth in scene.truths if truth.rule == "RC016" and truth.kind == HIT}
    ids = scene.district.customer_ids
    return np.flatnonzero([key_of(customer_id=customer_id) in keys for customer_id in ids.tolist()])


def empty_estates(scene: Scene) -> None:
    """Areas where a third of the homes and more stand empty: what is wrong there is not the single account.

    Only where no single account must be found.
    """
    district = scene.district
    if district.calendar.months < _WITH_YEAR or district.calendar.days < 80:
        return
    sizes = np.bincount(district.area[district.area >= 0])
    left = district.area[scene.left("still_home")]
    many = np.bincount(left[left >= 0], minlength=len(sizes))
    fit = (sizes >= 30) & (many >= 0.4 * sizes) & ~np.isin(np.arange(len(sizes)), district.area[_found_at_zero(scene)])
    smallest = [area for area in np.argsort(sizes, kind="stable").tolist() if fit[area]]
    for area in smallest[: max(1, round(district.size / 20_000))]:
        homes = scene.left("still_home")
        at = homes[district.area[homes] == area]
        for position in at[: int(sizes[area] * 0.45)].tolist():
            scene.used[position] = True
            here = np.array([position])
            _zero(*range(12))(scene, here)
            _no_rest(scene, here)
            key = key_of(customer_id=district.customer_ids[position])
            scene.truths.append(Truth("RC016", key, NEAR_MISS, "台区零电量占比超过30%"))
