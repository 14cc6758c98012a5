"""CF011 areas in two systems, CF015 customers far from their area."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add, variant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of

_KM_PER_DEGREE = 6371 * np.pi / 180


# ---------------------------------------------------------------------------------------------- CF011
def _area(kind: str, note: str, change: Any, *, pool: str = "area", weight: float = 2) -> None:
    def plant(scene: Scene, at: Array) -> None:
        area_id = scene.frame("area")["area_id"][at[0]]
        pms = scene.frame("pms_area")
        change(scene, int(at[0]), pms, pms.rows(area_id=area_id))
        scene.truths.append(Truth("CF011", key_of(area_id=area_id), kind, note))

    add("CF011", kind, pool, note, plant, weight=weight, records=False)


def _capacity(by: float) -> Any:
    def change(scene: Scene, at: int, pms: Any, row: Array) -> None:
        pms.set(row, capacity_kva=scene.frame("area")["capacity_kva"][at] + by)

    return change


def _remove(_scene: Scene, _at: int, pms: Any, row: Array) -> None:
    pms.remove(row)


for by in (1.01, -1.01, 50.0, -80.0, 400.0):
    _area(HIT, f"PMS容量相差{by}kVA", _capacity(by))
for by in (1.0, -1.0, 0.5, 0.0):
    _area(NEAR_MISS, f"PMS容量相差{by}kVA", _capacity(by))
_area(HIT, "PMS无此台区", _remove, weight=4)
for status in ("stopped", "removed"):
    _area(HIT, f"PMS状态{status}", lambda _s, _a, pms, row, status=status: pms.set(row, status=status), weight=3)


def _all_differ(scene: Scene, at: int, pms: Any, row: Array) -> None:
    pms.set(row, status="stopped")
    _capacity(100.0)(scene, at, pms, row)


_area(HIT, "PMS停运且容量不同", _all_differ)
_area(NEAR_MISS, "PMS状态为空", lambda _s, _a, pms, row: pms.set(row, status=None))
_area(NEAR_MISS, "PMS容量为空", lambda _s, _a, pms, row: pms.set(row, capacity_kva=None))
_area(NEAR_MISS, "线路不同属LL011", lambda s, _a, pms, row: pms.set(row, feeder_id=s.frame("feeder")["feeder_id"][0]))
_area(NEAR_MISS, "无客户的台区PMS无记录", _remove, pool="spare_area")
_area(NEAR_MISS, "无客户的台区PMS已拆除", lambda _s, _a, pms, row: pms.set(row, status="removed"), pool="spare_area")


# ---------------------------------------------------------------------------------------------- CF015
def _move(scene: Scene, at: int, km: float, angle: float) -> None:
    """Put a customer so far from its area, along a meridian or a parallel."""
    area = scene.frame("area")
    here = scene.district.area[at]
    longitude, latitude = area["longitude"][here], area["latitude"][here]
    north = np.sin(angle) * km / _KM_PER_DEGREE
    east = np.cos(angle) * km / _KM_PER_DEGREE / np.cos(np.radians(latitude))
    scene.set(at, longitude=round(longitude + east, 7), latitude=round(latitude + north, 7))
    scene.planted_areas.add(int(here))


def _away(km: float) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        _move(scene, int(at[0]), km, float(scene.rng.choice([0.0, 0.5, 1.0, 1.5]) * np.pi))

    return plant


for km in (3.01, 3.1, 3.5, 5.0, 12.0, 50.0, 400.0):
    add("CF015", HIT, "low", f"离台区{km}公里", _away(km), weight=3)
for km in (2.99, 2.9, 1.5, 0.0):
    add("CF015", NEAR_MISS, "low", f"离台区{km}公里", _away(km), weight=3)


def _at(longitude: float | None, latitude: float | None) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, longitude=longitude, latitude=latitude)
        scene.planted_areas.add(int(scene.district.area[at[0]]))

    return plant


for longitude, latitude, note in [
    (0.0, 0.0, "零坐标"), (29.3, 119.4, "经纬度颠倒"), (136.01, 29.3, "东经136以东"), (72.99, 29.3, "东经73以西"),
    (119.4, 54.01, "北纬54以北"), (119.4, 2.99, "北纬3以南"), (-119.4, 29.3, "西经"),
]:  # fmt: skip
    add("CF015", HIT, "low", f"坐标无效：{note}", _at(longitude, latitude), weight=2)
for place, note in [((None, None), "无坐标"), ((None, 29.3), "只有纬度"), ((150.0, None), "只有经度")]:
    add("CF015", NEAR_MISS, "low", note, _at(*place), weight=2)


@variant("CF015", NEAR_MISS, "one", "高压客户离台区远", weight=3)
def _high(scene: Scene, at: Array) -> None:
    scene.set(at, longitude=121.5, latitude=28.1)


@variant("CF015", NEAR_MISS, "low", "暂停客户坐标远", weight=3)
def _suspended(scene: Scene, at: Array) -> None:
    _away(20.0)(scene, at)
    scene.suspend(at)


@variant("CF015", NEAR_MISS, "low", "台区无坐标", weight=3)
def _no_area(scene: Scene, at: Array) -> None:
    _away(20.0)(scene, at)
    scene.frame("metering_point").set(scene.point_rows(at), area_id=None)


def whole_areas(scene: Scene) -> None:
    """Areas whose own coordinate is wrong, and areas at the edge of that suspicion: exactly a fifth, and one more."""
    area = scene.frame("area")
    free = [a for a in np.unique(scene.district.area) if a >= 0 and int(a) not in scene.planted_areas]
    free = scene.rng.permutation(free).tolist()
    times = max(1, round(2 * scene.district.size / 20_000))
    for _ in range(times):
        if len(free) < 6:
            return
        wrong = free.pop()
        scene.planted_areas.add(int(wrong))
        people = _tested(scene, wrong)
        area.set(wrong, longitude=area["longitude"][wrong] + 0.4)
        scene.near_miss("CF015", people, "台区自身坐标错误")
        for extra, kind, note in ((0, HIT, "台区恰有20%客户偏离"), (1, NEAR_MISS, "台区超过20%客户偏离")):
            at = free.pop()
            scene.planted_areas.add(int(at))
            people = _tested(scene, at)
            loose = [p for p in people.tolist() if not scene.used[p]]
            surplus = loose[: len(people) % 5]
            scene.set(np.array(surplus, dtype=int), longitude=None)
            moved = loose[len(surplus) : len(surplus) + len(people) // 5 + extra]
            if len(moved) < len(people) // 5 + extra:
                continue
            scene.used[moved] = True
            for position in moved:
                _move(scene, position, float(scene.rng.uniform(3.2, 9.0)), float(scene.rng.uniform(0, 6.28)))
            if extra:
                scene.set(moved[0], longitude=0.0)  # an invalid place counts too
            scene.record("CF015", kind, np.array(moved), note)


def _tested(scene: Scene, area: int) -> Array:
    """Customers whose distance to the area is judged."""
    customer, district = scene.district.customer, scene.district
    point = scene.frame("metering_point")
    live = (point["purpose"] == "settlement") & (point["status"] != "closed")
    live &= point["area_id"] == scene.frame("area")["area_id"][area]
    at = district.position(point["customer_id"][live])
    opened, closed = customer["opened_on"][at], customer["closed_on"][at]
    mature = (customer["status"][at] == "active") & ~(closed < scene.today)
    mature &= ~(opened > np.datetime64(district.calendar.youngest_mature))
    placed = ~np.isnan(customer["longitude"][at]) & ~np.isnan(customer["latitude"][at])
    return np.unique(at[mature & placed & (customer["voltage_v"][at] < 1000)])
