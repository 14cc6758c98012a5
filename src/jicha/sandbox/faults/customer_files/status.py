"""CF012 status and dates, CF013 closed customers, CF014 customers without a point."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add, variant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS

# ---------------------------------------------------------------------------------------------- CF012


def _dated(**days: int) -> Any:
    """Set dates to so many days before as_of, negative for days after it."""

    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, **{name: scene.ago(ago) for name, ago in days.items()})

    return plant


def _closed_dates(**days: int) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.close(at, scene.ago(120))
        scene.set(at, **{name: scene.ago(ago) for name, ago in days.items()})

    return plant


for ago in (1, 2, 30, 1500):
    add("CF012", HIT, "home", f"正常用电但{ago}天前已销户", _dated(closed_on=ago), weight=2)
for ago in (0, -1, -60):
    add("CF012", NEAR_MISS, "home", f"销户日期在稽查日之后{-ago}天", _dated(closed_on=ago), weight=2)
for ago in (-1, -30, -400):
    add("CF012", HIT, "home", f"立户日期晚于稽查日{-ago}天", _dated(opened_on=ago), weight=2)


@variant("CF012", HIT, "home", "暂停客户销户日期已过", weight=2)
def _suspended(scene: Scene, at: Array) -> None:
    scene.suspend(at)
    scene.set(at, closed_on=scene.ago(5))


@variant("CF012", NEAR_MISS, "home", "今天立户", weight=3)
def _today(scene: Scene, at: Array) -> None:
    scene.reopen(at, scene.today)


@variant("CF012", HIT, "home", "已销户但无销户日期", weight=4)
def _no_date(scene: Scene, at: Array) -> None:
    scene.close(at, scene.ago(200))
    scene.set(at, closed_on=None)


for before in (1, 30, 900):

    def _closed_before(scene: Scene, at: Array, before: int = before) -> None:
        scene.close(at, scene.ago(300))
        scene.set(at, closed_on=scene.district.customer["opened_on"][at] - before)

    add("CF012", HIT, "home", f"销户早于立户{before}天", _closed_before, weight=2)


@variant("CF012", NEAR_MISS, "home", "当天立户当天销户", weight=3)
def _same_day(scene: Scene, at: Array) -> None:
    scene.close(at, scene.ago(300))
    scene.set(at, closed_on=scene.district.customer["opened_on"][at])


_TEMPORARY: list[tuple[dict[str, Any], str]] = [
    ({"is_temporary": True, "temporary_until": None}, "临时用电无到期日期"),
    ({"is_temporary": False, "temporary_until": -100}, "非临时用电有到期日期"),
    ({"is_temporary": False, "temporary_until": 100}, "非临时用电有过去的到期日期"),
]
for values, note in _TEMPORARY:

    def _temporary(scene: Scene, at: Array, values: dict[str, Any] = values) -> None:
        until = values["temporary_until"]
        scene.set(at, is_temporary=values["is_temporary"], temporary_until=None if until is None else scene.ago(until))

    add("CF012", HIT, "low", note, _temporary, weight=3)
for flag, until, note in [
    (None, -100, "是否临时为空"), (True, -1, "临时用电明天到期"), (None, None, "两项均空"),
    (False, None, "正式用电无到期日期"),
]:  # fmt: skip

    def _fine(scene: Scene, at: Array, flag: bool | None = flag, until: int | None = until) -> None:
        scene.set(at, is_temporary=flag, temporary_until=None if until is None else scene.ago(until))

    add("CF012", NEAR_MISS, "low", note, _fine, weight=2)


@variant("CF012", NEAR_MISS, "home", "已销户且有销户日期", weight=2)
def _proper(scene: Scene, at: Array) -> None:
    scene.close(at, scene.ago(1))


# ---------------------------------------------------------------------------------------------- CF013


def _left(scene: Scene, at: Array, closed: int, *, point: str | None = "closed", meter: str = "removed") -> None:
    """Close an account some days ago and leave the point or the meter as it was."""
    day = scene.ago(closed)
    ami = scene.frame("ami_meter")
    own = scene.frame("metering_point").rows(customer_id=scene.district.customer_ids[at[0]])
    kept = np.flatnonzero(np.isin(ami["point_id"], scene.frame("metering_point")["point_id"][own]))
    row = {name: ami[name][kept] for name in ami.columns}
    scene.close(at, day)
    points = scene.point_rows(at)
    scene.frame("metering_point").set(points, status=point)
    if meter != "removed":
        scene.frame("meter").set(scene.meter_rows(points), status=meter, removed_on=None)
        for number in range(len(kept)):
            scene.frame("ami_meter").append(**{name: values[number] for name, values in row.items()})


for closed in (30, 31, 45, 200, 900):

    def _live_point(scene: Scene, at: Array, closed: int = closed) -> None:
        _left(scene, at, closed, point="active", meter="installed")

    def _live_meter(scene: Scene, at: Array, closed: int = closed) -> None:
        _left(scene, at, closed, meter="installed")

    add("CF013", HIT, "low", f"销户{closed}天，计量点与电表均在用", _live_point, weight=2)
    add("CF013", HIT, "low", f"销户{closed}天，电表未拆", _live_meter, weight=2)


@variant("CF013", HIT, "low", "电表已拆，计量点仍在用", weight=3)
def _point_only(scene: Scene, at: Array) -> None:
    _left(scene, at, 100, point="active")


@variant("CF013", HIT, "low", "计量点状态为空，电表在装", weight=3)
def _null_point(scene: Scene, at: Array) -> None:
    _left(scene, at, 60, point=None, meter="installed")


@variant("CF013", HIT, "sunny", "已销户客户的发电计量点仍在用", weight=3)
def _generation(scene: Scene, at: Array) -> None:
    scene.close(at, scene.ago(150))
    scene.frame("metering_point").set(scene.point_rows(at, "generation"), status="active")


for closed in (29, 10, 1):

    def _recent(scene: Scene, at: Array, closed: int = closed) -> None:
        _left(scene, at, closed, point="active", meter="installed")

    add("CF013", NEAR_MISS, "low", f"销户{closed}天，待拆表", _recent, weight=3)
for point, meter, note in [
    (None, "removed", "计量点状态为空，电表已拆"), ("closed", "faulty", "故障表待处理"),
    ("closed", "removed", "正常销户"),
]:  # fmt: skip

    def _tidy(scene: Scene, at: Array, point: str | None = point, meter: str = meter) -> None:
        _left(scene, at, 100, point=point, meter=meter)

    add("CF013", NEAR_MISS, "low", note, _tidy, weight=3)


@variant("CF013", NEAR_MISS, "low", "电表状态未更新但有拆表日期", weight=3)
def _removed_on(scene: Scene, at: Array) -> None:
    _left(scene, at, 100)
    scene.frame("meter").set(scene.meter_rows(scene.point_rows(at)), status="installed")


@variant("CF013", NEAR_MISS, "low", "销户后重新立户", weight=3)
def _reopened(scene: Scene, at: Array) -> None:
    scene.reopen(at, scene.ago(400))


# ---------------------------------------------------------------------------------------------- CF014
add("CF014", HIT, "low", "无任何计量点", lambda s, at: s.remove_points(at), weight=6)
add("CF014", HIT, "one", "高压客户无计量点", lambda s, at: s.remove_points(at), weight=3)


def _stop_point(scene: Scene, at: Array) -> None:
    points = scene.point_rows(at)
    ids = scene.frame("metering_point")["point_id"][points]
    scene.frame("meter").set(scene.meter_rows(points), status="removed", removed_on=scene.ago(800))
    scene.frame("ami_meter").remove(np.isin(scene.frame("ami_meter")["point_id"], ids))
    scene.frame("metering_point").set(points, status="closed")


add("CF014", HIT, "low", "计量点已停用而客户在用", _stop_point, weight=6)


@variant("CF014", HIT, "sunny", "有停用的结算点和发电点", weight=3)
def _with_generation(scene: Scene, at: Array) -> None:
    _stop_point(scene, at)


@variant("CF014", NEAR_MISS, "sunny", "纯上网客户只有发电计量点", weight=6)
def _feed_in(scene: Scene, at: Array) -> None:
    scene.remove_points(at)


@variant("CF014", NEAR_MISS, "other", "只有定量计量点", weight=4)
def _allocated(scene: Scene, at: Array) -> None:
    points = scene.point_rows(at)
    ids = scene.frame("metering_point")["point_id"][points]
    for name in ("meter", "ami_meter", "instrument_transformer"):
        scene.frame(name).remove(np.isin(scene.frame(name)["point_id"], ids))
    scene.frame("metering_point").set(
        points, allocation="quantity", allocation_value=300.0, allocation_reviewed_on=scene.ago(120), multiplier=None
    )


@variant("CF014", NEAR_MISS, "home", "计量点状态为空", weight=4)
def _null_status(scene: Scene, at: Array) -> None:
    scene.frame("metering_point").set(scene.point_rows(at), status=None)


for pool, kind in [
    ("home", "new_lv_residential"), ("shop", "new_lv_other"), ("one", "new_hv"), ("shop", "temporary"),
    ("home", "close_account"),
]:  # fmt: skip

    def _in_flight(scene: Scene, at: Array, kind: str = kind) -> None:
        scene.remove_points(at)
        scene.order(at, kind)

    add("CF014", NEAR_MISS, pool, f"{kind}在途", _in_flight, weight=3)
for kind, status, note in [
    ("new_lv_residential", "cancelled", "新装已终止"), ("move_meter", "open", "移表在途不豁免"),
    ("close_account", "archived", "销户工单已归档"),
]:  # fmt: skip

    def _not_exempt(scene: Scene, at: Array, kind: str = kind, status: str = status) -> None:
        scene.remove_points(at)
        done = scene.ago(60) if status == "archived" else None
        scene.order(at, kind, applied=90, archived=done, status=status)

    add("CF014", HIT, "home", note, _not_exempt, weight=3)


@variant("CF014", NEAR_MISS, "home", "暂停客户无计量点", weight=3)
def _suspended_none(scene: Scene, at: Array) -> None:
    scene.suspend(at)
    scene.remove_points(at)


@variant("CF014", NEAR_MISS, "home", "立户不满两个月，尚未装表", weight=3)
def _young_none(scene: Scene, at: Array) -> None:
    scene.young(at)
    scene.remove_points(at)
