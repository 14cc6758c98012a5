"""CF010 power sources."""

from __future__ import annotations

from typing import Any

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add, variant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS

_CASES: list[tuple[str, str, str | None, list[tuple[str | None, int | None]]]] = [
    # kind, note, supply_mode, sources as (role, feeder: 0 own, 1 and 2 others, None unknown)
    (HIT, "无主供电源", "single", [("backup", 0)]),
    (HIT, "无任何电源记录", "single", []),
    (HIT, "电源性质为空", "single", [(None, 0)]),
    (HIT, "只有保安电源", "single", [("security", 0)]),
    (HIT, "双电源只有一条", "dual_source", [("main", 0)]),
    (HIT, "双回路只有一条", "dual_circuit", [("main", 0)]),
    (HIT, "多电源只有一条", "multi_source", [("main", 0)]),
    (HIT, "双电源两条均为备用", "dual_source", [("backup", 0), ("backup", 1)]),
    (HIT, "单电源有主备两条", "single", [("main", 0), ("backup", 1)]),
    (HIT, "单电源有两条主供", "single", [("main", 0), ("main", 1)]),
    (HIT, "单电源有三条", "single", [("main", 0), ("backup", 1), ("backup", 2)]),
    (HIT, "供电方式为空而有两条", None, [("main", 0), ("backup", 1)]),
    (HIT, "双电源同一线路", "dual_source", [("main", 0), ("backup", 0)]),
    (HIT, "双电源三条同一线路", "dual_source", [("main", 0), ("main", 0), ("backup", 0)]),
    (NEAR_MISS, "双回路同一线路", "dual_circuit", [("main", 0), ("backup", 0)]),
    (NEAR_MISS, "单电源加自备保安电源", "single", [("main", 0), ("security", 0)]),
    (NEAR_MISS, "单电源加两条保安电源", "single", [("main", 0), ("security", 0), ("security", 1)]),
    (NEAR_MISS, "双电源两条线路", "dual_source", [("main", 0), ("backup", 1)]),
    (NEAR_MISS, "双电源三条中一条不同", "dual_source", [("main", 0), ("backup", 0), ("backup", 1)]),
    (NEAR_MISS, "双电源一条线路未知", "dual_source", [("main", 0), ("backup", None)]),
    (NEAR_MISS, "双电源线路均未知", "dual_source", [("main", None), ("backup", None)]),
    (NEAR_MISS, "多电源两条", "multi_source", [("main", 0), ("backup", 1)]),
    (NEAR_MISS, "供电方式为空一条主供", None, [("main", 0)]),
    (NEAR_MISS, "双电源两条均为主供", "dual_source", [("main", 0), ("main", 1)]),
]


def _sources(mode: str | None, sources: list[tuple[str | None, int | None]]) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        position = int(at[0])
        frame, feeders = scene.frame("power_source"), scene.frame("feeder")["feeder_id"]
        rows = scene.rows("power_source", at)
        first = frame["source_id"][rows[0]]
        volts = frame["voltage_v"][rows[0]]
        frame.remove(rows)
        for number, (role, feeder) in enumerate(sources):
            own = scene.district.feeder[position]
            frame.append(
                source_id=first if number == 0 else f"{first}-{number + 1}",
                customer_id=scene.district.customer_ids[position],
                role=role,
                feeder_id=None if feeder is None else feeders[(own + feeder) % len(feeders)],
                voltage_v=volts,
            )
        scene.set(at, supply_mode=mode)

    return plant


for kind, note, mode, sources in _CASES:
    add("CF010", kind, "one", note, _sources(mode, sources), weight=1.5)


@variant("CF010", NEAR_MISS, "shop380", "低压客户无电源记录", weight=2)
def _low(scene: Scene, at: Array) -> None:
    scene.set(at, supply_mode="dual_source")


@variant("CF010", NEAR_MISS, "one", "暂停客户无电源记录", weight=1)
def _suspended(scene: Scene, at: Array) -> None:
    _sources("single", [])(scene, at)
    scene.suspend(at)


@variant("CF010", NEAR_MISS, "one", "立户不满两个月", weight=1)
def _young(scene: Scene, at: Array) -> None:
    _sources("single", [])(scene, at)
    scene.young(at)
