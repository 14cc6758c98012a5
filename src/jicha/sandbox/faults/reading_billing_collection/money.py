"""RC008 areas far from every outlet, RC021 old arrears."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.dial import dial
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of

_EARTH_KM = 6371.0088
_MOBILE, _CASH, _AGENCY = 0, 2, 4  # places in METHODS


# ---------------------------------------------------------------------------------------------- RC021
def _owes(yuan: float, *, paid_ago: int | None = None, older: int = 91) -> Plant:
    """Owe so much of bills due `older` days ago and before, and everything since; one late payment at most."""

    def plant(scene: Scene, at: Array) -> None:
        def change(bills: Any, paying: Any) -> None:
            mine = np.flatnonzero(bills.customer == at[0])
            mine = mine[np.argsort(bills.due[mine], kind="stable")]
            late = scene.today.astype("datetime64[s]") - np.timedelta64(70 * 86_400, "s")
            moment = bills.issued[mine].astype("datetime64[s]") + np.timedelta64(9 * 86_400 + 36_000, "s")
            paying.moment[mine] = np.minimum(moment, late)
            paying.method[mine] = _MOBILE
            paying.paid[mine] = bills.total[mine] > 0
            left = round(yuan * 100)
            for bill in mine[::-1].tolist():
                if bills.due[bill] > scene.today - older:
                    paying.paid[bill] = False
                elif left > 0:
                    owed = min(left, int(bills.total[bill]))
                    left -= owed
                    paying.amount[bill] = bills.total[bill] - owed
                    paying.paid[bill] = bool(paying.amount[bill] > 0)
            if paid_ago is not None:  # the oldest bill still paid for was paid late
                settled = [b for b in mine.tolist() if paying.paid[b]]
                paying.moment[settled[-1]] = scene.ago(paid_ago).astype("datetime64[s]") + np.timedelta64(36_000, "s")

        scene.district.edits.paying.append(change)

    return plant


def _uses(kwh: float) -> Plant:
    return dial(lambda meter: meter.usage({back: kwh + 2 * back for back in range(meter.live() - 1)}))


def _debtor(kind: str, pool: str, note: str, *plans: Plant, weight: float = 2, months: int = 14) -> None:
    def whole(scene: Scene, at: Array) -> None:
        for plan in plans:
            plan(scene, at)
        scene.truths.append(Truth("RC021", key_of(customer_id=scene.district.customer_ids[at[0]]), kind, note))

    add("RC021", kind, pool, note, whole, weight=weight, records=False, months=months, days=80)


def _closed(ago: int) -> Plant:
    return lambda scene, at: scene.close(at, scene.ago(ago))


for yuan in (500.0, 500.01, 560.0, 900.0):
    _debtor(HIT, "still_home", f"住宅欠费{yuan:g}元", _uses(260.0), _owes(yuan), weight=3)
for yuan in (5000.0, 5000.01, 6200.0):
    _debtor(HIT, "still_shop", f"商铺欠费{yuan:g}元", _uses(2300.0), _owes(yuan), weight=2)
_debtor(HIT, "still_home", "61天前付过一笔", _uses(260.0), _owes(700.0, paid_ago=61))
_debtor(HIT, "still_home", "一级重要客户欠费", _uses(260.0), _owes(800.0), lambda s, at: s.set(at, importance="first"))
_debtor(HIT, "still_home", "销户300天仍欠费", _closed(300), _uses(300.0), _owes(620.0))
_debtor(HIT, "still_home", "销户120天仍欠费", _closed(120), _uses(300.0), _owes(800.0))
for yuan in (499.99, 450.0, 200.0):
    _debtor(NEAR_MISS, "still_home", f"住宅欠费{yuan:g}元", _uses(260.0), _owes(yuan), weight=3)
for yuan in (4999.99, 2500.0):
    _debtor(NEAR_MISS, "still_shop", f"商铺欠费{yuan:g}元", _uses(2300.0), _owes(yuan), weight=2)
for days in (60, 30, 2):
    _debtor(NEAR_MISS, "still_home", f"{days}天前付过一笔", _uses(260.0), _owes(700.0, paid_ago=days))
_debtor(NEAR_MISS, "still_home", "逾期82天", _uses(700.0), _owes(0.0))
_debtor(NEAR_MISS, "still_home", "欠费但暂停", _uses(260.0), _owes(800.0), lambda s, at: s.suspend(at))
_STOPPED = dial(lambda meter: meter.usage({0: 0.0}))
_debtor(NEAR_MISS, "still_home", "欠费但当期零电量", _uses(260.0), _STOPPED, _owes(800.0))
_debtor(NEAR_MISS, "still_home", "销户后欠费不足500元", _closed(120), _uses(300.0), _owes(420.0))


# ---------------------------------------------------------------------------------------------- RC008
_PLACES = [
    (HIT, 5.03, 0.55), (NEAR_MISS, 4.97, 0.4), (HIT, 5.6, 0.3), (NEAR_MISS, 9.0, 0.9), (HIT, 8.0, 0.1),
    (NEAR_MISS, 20.0, 0.86), (HIT, 20.0, 0.6), (NEAR_MISS, 3.0, 0.2), (HIT, 12.0, 0.74), (NEAR_MISS, 5.5, 1.0),
    (HIT, 5.1, 0.0), (NEAR_MISS, 4.8, 0.0),
]  # fmt: skip


def far_areas(scene: Scene) -> None:
    """Move villages away from the outlets, people and all, and let their people pay as such villages do."""
    area, district = scene.frame("area"), scene.district
    outlet = district.layout.outlet
    places = np.stack([outlet["longitude"], outlet["latitude"]], axis=1)
    places = places[~np.isnan(places).any(axis=1)]
    sizes = np.bincount(district.area[district.area >= 0], minlength=len(area))
    free = [a for a in np.flatnonzero(sizes >= 45).tolist() if a not in scene.planted_areas]
    free = scene.rng.permutation(free).tolist()
    online: dict[int, float] = {}
    for kind, km, share in _PLACES:
        for _ in range(max(1, round(1.4 * district.size / 20_000))):
            here = int(free.pop()) if len(free) >= 10 else None
            north = None if here is None else _step(places, area["longitude"][here], area["latitude"][here], km)
            note = f"最近网点{km}公里，线上缴费{share:.0%}"
            scene.tell("RC008", note, placed=north is not None)
            if here is None or north is None:
                continue
            area.set(here, latitude=round(area["latitude"][here] + north, 6))
            people = np.flatnonzero(district.area == here)
            scene.set(people, latitude=(district.customer["latitude"][people] + north).round(6))
            online[here] = share
            scene.planted_areas.add(here)
            scene.truths.append(Truth("RC008", key_of(area_id=area["area_id"][here]), kind, note))
    for here in np.flatnonzero(sizes > 0).tolist():
        if here not in online and not _near(places, area["longitude"][here], area["latitude"][here], 4.9):
            online[here] = 1.0
            note = "台区坐标错误或偏远，均线上缴费"
            scene.truths.append(Truth("RC008", key_of(area_id=area["area_id"][here]), NEAR_MISS, note))
    for here, share in online.items():
        _pay(scene, np.flatnonzero(district.area == here), share)


def _km(places: Array, longitude: float, latitude: float) -> float:
    """Distance to the nearest place."""
    x, y = np.radians(places[:, 0] - longitude), np.radians(places[:, 1] - latitude)
    root = np.sin(y / 2) ** 2 + np.cos(np.radians(latitude)) * np.cos(np.radians(places[:, 1])) * np.sin(x / 2) ** 2
    return float((2 * _EARTH_KM * np.arcsin(np.sqrt(root))).min())


def _near(places: Array, longitude: float, latitude: float, km: float) -> bool:
    return bool(np.isnan(longitude)) or bool(np.isnan(latitude)) or _km(places, longitude, latitude) < km


def _step(places: Array, longitude: float, latitude: float, km: float) -> float | None:
    """How far north to go until the nearest outlet is so far."""
    if np.isnan(longitude) or np.isnan(latitude):
        return None
    low = 0.0
    while low < 2 and _km(places, longitude, latitude + low) < km:
        low += 0.004
    high, low = low, max(low - 0.004, 0.0)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if _km(places, longitude, latitude + middle) < km else (low, middle)
    return round(high, 6) if high < 2 else None


def _pay(scene: Scene, people: Array, share: float) -> None:
    """Let a share of some customers pay online always, the others at a counter."""
    counter = people[np.floor(np.arange(len(people)) * share).astype(int) == np.floor(
        (np.arange(len(people)) + 1) * share
    ).astype(int)]  # fmt: skip

    def change(bills: Any, paying: Any) -> None:
        here = np.isin(bills.customer, people)
        paying.method[here] = _MOBILE
        there = np.isin(bills.customer, counter)
        paying.method[there] = np.where(bills.number[there] % 3 == 0, _CASH, _AGENCY)
        day = paying.moment[there].astype("datetime64[D]").astype("datetime64[s]")
        paying.moment[there] = day + np.timedelta64(10 * 3600, "s") + (bills.number[there] % 20_000).astype(int)

    scene.district.edits.paying.append(change)
