"""What the faults of metering share: points, meters, instrument transformers and orders of one planted customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.calendar import EXTRA_WORKDAYS, add_months, holidays
from jicha.sandbox.faults.points import mark, point_id
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene

HOUR = np.timedelta64(3600, "s")


# ---------------------------------------------------------------------------------------------- registering
def put_point(rule: str, kind: str, pool: str, note: str, *plans: Plant, weight: float = 2, **more: Any) -> None:
    """Register plants on one customer whose finding has its settlement point as key."""
    add(rule, kind, pool, note, _whole(rule, kind, note, plans, point_id), weight=weight, records=False, **more)


def put_meter(rule: str, kind: str, pool: str, note: str, *plans: Plant, weight: float = 2, **more: Any) -> None:
    """Register plants on one customer whose finding has its meter as key."""
    add(rule, kind, pool, note, _whole(rule, kind, note, plans, meter_id), weight=weight, records=False, **more)


def _whole(rule: str, kind: str, note: str, plans: tuple[Plant, ...], key: Callable[[Scene, Array], str]) -> Plant:
    def whole(scene: Scene, at: Array) -> None:
        value = key(scene, at)  # as it is before the plans change files
        chain(*plans)(scene, at)
        mark(scene, rule, kind, note, **{key.__name__: value})

    return whole


# ---------------------------------------------------------------------------------------------- looking
def point_row(scene: Scene, at: Array, purpose: str = "settlement") -> int:
    """Row of the customer's first point."""
    return int(scene.point_rows(at, purpose)[0])


def meter_row(scene: Scene, at: Array) -> int:
    """Row of the meter of a customer."""
    return int(scene.meter_rows(np.array([point_row(scene, at)]))[0])


def meter_id(scene: Scene, at: Array) -> str:
    """The meter of a customer."""
    return str(scene.frame("meter")["meter_id"][meter_row(scene, at)])


def number(scene: Scene, at: Array, prefix: str) -> str:
    """Return an identifier that nothing else has."""
    return f"{prefix}{scene.district.first + int(at[0]) + 1:010d}"


def months_ago(scene: Scene, months: int, days: int = 0) -> Any:
    """The day so many months before as_of, and so many days before that.

    Where that month is too short to have the day, a term that must not have ended by as_of begins on the next first.
    """
    as_of = scene.district.calendar.as_of
    day = add_months(as_of, -months)
    if days <= 0 and add_months(day, months) < as_of:
        day += timedelta(days=1)
    return np.datetime64(day, "D") - days


def work_days(scene: Scene, since: Any) -> int:
    """Work days after a day up to as_of."""
    off, extra = set(holidays()), {date.fromisoformat(day) for day in EXTRA_WORKDAYS}
    days = [d.item() for d in np.arange(since + 1, scene.today + 1)]
    return sum((day.weekday() < 5 and day not in off) or day in extra for day in days)


# ---------------------------------------------------------------------------------------------- changing
def chain(*plans: Plant) -> Plant:
    """Return plans that are carried out one after the other."""

    def plant(scene: Scene, at: Array) -> None:
        for plan in plans:
            plan(scene, at)

    return plant


def set_point(**values: Any) -> Plant:
    """Change the file of the point."""
    return lambda scene, at: scene.frame("metering_point").set(scene.point_rows(at), **values)


def set_meter(**values: Any) -> Plant:
    """Change the file of the meter; numbers of days become days before as_of in columns that end in _on."""

    def plant(scene: Scene, at: Array) -> None:
        days = {n: scene.ago(v) if n.endswith("_on") and isinstance(v, int) else v for n, v in values.items()}
        scene.frame("meter").set(meter_row(scene, at), **days)

    return plant


def set_ami(**values: Any) -> Plant:
    """Change what the collection system has on file."""
    return lambda scene, at: scene.frame("ami_meter").set(ami_rows(scene, at), **values)


def ami_rows(scene: Scene, at: Array) -> Array:
    """Rows of the customer's point in the collection system."""
    return scene.frame("ami_meter").rows(point_id=point_id(scene, at))


def without_ami(scene: Scene, at: Array) -> None:
    """Let the collection system not know the meter."""
    scene.frame("ami_meter").remove(ami_rows(scene, at))


def without_meter(scene: Scene, at: Array) -> None:
    """Take the meter out of both files."""
    without_ami(scene, at)
    scene.frame("meter").remove(np.array([meter_row(scene, at)]))


def more_meter(scene: Scene, at: Array, prefix: str = "DX", **values: Any) -> str:
    """Put one more meter, like the one there is, into the file."""
    meter, row = scene.frame("meter"), meter_row(scene, at)
    like = {name: column[row] for name, column in meter.columns.items()}
    days = {n: scene.ago(v) if n.endswith("_on") and isinstance(v, int) else v for n, v in values.items()}
    name = number(scene, at, prefix)
    blank = {"removed_index": None, "removed_on": None}
    meter.append(**{**like, **blank, "meter_id": name, **days})
    return name


def fault_order(applied: int, archived: int | None = None, kind: str = "meter_fault", **columns: Any) -> Plant:
    """File an order applied and archived so many days ago."""

    def plant(scene: Scene, at: Array) -> None:
        done = None if archived is None else scene.ago(archived)
        scene.order(at, kind, applied=applied, archived=done, **columns)

    return plant


def adjust(scene: Scene, at: Array, requested: Any, **values: Any) -> str:
    """Settle something with a customer, asked for on a day; returns the number."""
    position = int(at[0])
    district, layout = scene.district, scene.district.layout
    station = district.layout.stations[district.station[position]]
    moment = np.datetime64(requested, "D").astype("datetime64[s]") + 10 * HOUR
    content = {
        "adjustment_id": number(scene, at, "TZ"), "customer_id": district.customer_ids[position],
        "period": moment.astype("datetime64[M]").astype("datetime64[D]"), "yuan": 0, "reason": "meter_fault",
        "requested_by": layout.staff_of[(station, "biller")][0],
        "approved_by": layout.staff_of[(station[:6], "manager")][0],
        "approval_level": "county", "requested_at": moment, "approved_at": moment + 26 * HOUR, "has_evidence": True,
    }  # fmt: skip
    scene.frame("adjustment").append(**{**content, **values})
    return str(content["adjustment_id"])


def event(
    scene: Scene, at: Array, kind: str, day: Any, *, lasts: float | None = 30.0, handled: int | None = None,
    hour: float = 8.0, tag: str = "", meter: str = "",
) -> None:  # fmt: skip
    """Let the meter report an event on a day; it lasts so many hours (None: still) and was handled some days later."""
    began = np.datetime64(day, "D").astype("datetime64[s]") + np.timedelta64(int(hour * 3600), "s")
    content = {"event_id": number(scene, at, f"SX{tag}"), "meter_id": meter or meter_id(scene, at), "kind": kind,
               "started_at": began}  # fmt: skip
    if lasts is not None:
        content["ended_at"] = began + np.timedelta64(int(lasts * 3600), "s")
    if handled is not None:
        content["handled_at"] = np.datetime64(day, "D").astype("datetime64[s]") + handled * 24 * HOUR + 15 * HOUR
    scene.frame("meter_event").append(**content)
