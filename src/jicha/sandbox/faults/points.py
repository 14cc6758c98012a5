"""What the faults of metering, reading and billing share: a customer's point, periods, readings, the truth of a key."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import Truth, key_of
from jicha.sandbox.frame import Frame


def uncollected(scene: Scene, at: Array, *backs: int, before: int = 1, after: int = 1) -> None:
    """Let the collection fail around the reading days of some periods."""
    for back in backs:
        day = reading_day(scene, back)
        scene.district.edits.lost.append((int(at[0]), day - before, day + after))


def gap(scene: Scene, at: Array) -> None:
    """Lose one freeze of the month, so that nobody can compare its energy."""
    day = period(scene, 0) + 11
    scene.district.edits.lost.append((int(at[0]), day, day))


def unsettle(scene: Scene, at: Array) -> None:
    """Take the ordinary corrections of a customer out of the file; one of them may fall into the days that matter."""
    scene.frame("adjustment").remove(scene.rows("adjustment", at))


def reading_day(scene: Scene, back: int) -> Any:
    """The first day of the month after a period."""
    calendar = scene.district.calendar
    return calendar.span[0] + calendar.period_edges[len(calendar.periods) - back]


def point_id(scene: Scene, at: Array) -> str:
    """The settlement point of a customer."""
    return str(scene.frame("metering_point")["point_id"][scene.point_rows(at)[0]])


def period(scene: Scene, back: int = 0) -> Any:
    """First day of a period, counted back from P0."""
    month = scene.district.calendar.periods[-1].astype("datetime64[M]") - back
    return month.astype("datetime64[D]")


def reading(scene: Scene, at: Array, back: int, register: str | None = "total", **values: Any) -> None:
    """Change columns of a period's reading of one register, or of every one."""
    day = period(scene, back)

    def edit(rows: Frame) -> None:
        found = rows["period"] == day
        if register is not None:
            found = found & (rows["register"] == register)
        rows.set(np.flatnonzero(found), **values)

    scene.district.edits.rows("reading", point_id(scene, at), edit)


def mark(scene: Scene, rule: str, kind: str, note: str, /, **key: Any) -> None:
    """Record the truth of a key."""
    scene.truths.append(Truth(rule, key_of(**{name: str(value) for name, value in key.items()}), kind, note))


def note_point(scene: Scene, rule: str, kind: str, at: Array, note: str, *, back: int = 0, **more: str) -> None:
    """Record the truth of a point and a period."""
    mark(scene, rule, kind, note, point_id=point_id(scene, at), period=period(scene, back), **more)


def plant_point(
    rule: str, kind: str, pool: str, note: str, *plans: Plant,
    weight: float = 2, back: int = 0, months: int = 14, days: int = 80, **more: str,
) -> None:  # fmt: skip
    """Register plants on one customer whose finding has a point and a period as its key."""

    def whole(scene: Scene, at: Array) -> None:
        for plan in plans:
            plan(scene, at)
        note_point(scene, rule, kind, at, note, back=back, **more)

    add(rule, kind, pool, note, whole, weight=weight, records=False, months=months, days=days)
