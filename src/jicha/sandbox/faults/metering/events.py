"""MT016 metering events, MT018 tamper events."""

from __future__ import annotations

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.metering.tools import HOUR, event, meter_id, meter_row, more_meter, number, put_meter
from jicha.sandbox.faults.points import mark
from jicha.sandbox.faults.registry import Plant, add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS


# ---------------------------------------------------------------------------------------------- MT016
def _p16(
    kind: str, pool: str, note: str, event_kind: str, *, ago: int = 40, lasts: float | None = 30.0,
    handled: int | None = None, weight: float = 1.5, before: Plant | None = None,
) -> None:  # fmt: skip
    """Register an event so many days ago."""

    def plant(scene: Scene, at: Array) -> None:
        if before is not None:
            before(scene, at)
        event(scene, at, event_kind, scene.ago(ago), lasts=lasts, handled=handled)
        mark(scene, "MT016", kind, note, meter_id=meter_id(scene, at), kind=event_kind)

    add("MT016", kind, pool, note, plant, weight=weight, records=False)


for name in ("voltage_loss", "phase_loss", "current_loss", "reverse_power", "meter_stopped"):
    _p16(HIT, "direct3", f"{name}持续24小时未处理", name, lasts=24.0)
    _p16(HIT, "low", f"{name}仍在持续", name, ago=20, lasts=None, weight=1)
    _p16(NEAR_MISS, "direct3", f"{name}持续23.9小时", name, lasts=23.9, weight=1)
_p16(NEAR_MISS, "ct", "停电时断相两小时", "phase_loss", lasts=2.0, weight=2)
_p16(HIT, "low", "示度突变未处理", "index_jump", lasts=0.1, weight=2)
_p16(HIT, "timed_home", "分时表时钟偏差未处理", "clock_drift", lasts=0.1, weight=2)
_p16(NEAR_MISS, "still_home", "非分时表时钟偏差", "clock_drift", lasts=200.0, weight=2)
for ago in (6, 7, 100, 180):
    _p16(HIT, "low", f"失压{ago}天未处理", "voltage_loss", ago=ago, weight=1)
for ago in (5, 2, 181):
    _p16(NEAR_MISS, "low", f"失压发生{ago}天", "voltage_loss", ago=ago, weight=1.5)
for handled in (4, 30):
    _p16(NEAR_MISS, "low", f"第{handled}天处理", "current_loss", ago=60, handled=handled)
_p16(NEAR_MISS, "low", "停电事件", "power_off", lasts=100.0)


def _sunny(scene: Scene, at: Array) -> None:
    event(scene, at, "reverse_power", scene.ago(40), lasts=None)
    mark(scene, "MT016", NEAR_MISS, "光伏客户潮流反向", meter_id=meter_id(scene, at), kind="reverse_power")


add("MT016", NEAR_MISS, "sunny", "光伏客户潮流反向", _sunny, weight=3, records=False)


def _diesel(scene: Scene, at: Array) -> None:
    scene.frame("self_generator").append(
        generator_id=number(scene, at, "ZX"), customer_id=scene.district.customer_ids[at[0]], kind="diesel",
        capacity_kw=20.0, agreement_on=scene.ago(900), interlock=True, feed_in="none",
    )  # fmt: skip


_p16(NEAR_MISS, "shop", "有自备电源的客户潮流反向", "reverse_power", lasts=None, before=_diesel, weight=2)


def _two_events(scene: Scene, at: Array) -> None:
    event(scene, at, "phase_loss", scene.ago(90), lasts=40.0, tag="A")
    event(scene, at, "phase_loss", scene.ago(30), lasts=40.0, tag="B", handled=1)
    mark(scene, "MT016", HIT, "两次断相，只处理了后一次", meter_id=meter_id(scene, at), kind="phase_loss")


add("MT016", HIT, "direct3", "两次断相，只处理了后一次", _two_events, weight=2, records=False)


def _old_meter(scene: Scene, at: Array) -> None:
    name = more_meter(scene, at, status="removed", installed_on=3000, removed_on=100)
    event(scene, at, "voltage_loss", scene.ago(130), lasts=60.0, meter=name)
    mark(scene, "MT016", NEAR_MISS, "已拆电表的失压", meter_id=name, kind="voltage_loss")


add("MT016", NEAR_MISS, "home", "已拆电表的失压", _old_meter, weight=2, records=False)


# ---------------------------------------------------------------------------------------------- MT018
def _p18(
    kind: str, pool: str, note: str, event_kind: str, *plans: Plant, ago: int = 40, handled: int | None = None,
    weight: float = 1.5,
) -> None:  # fmt: skip
    """Register a tamper event so many days ago, and what followed."""

    def happen(scene: Scene, at: Array) -> None:
        meter, row = scene.frame("meter"), meter_row(scene, at)
        if meter["installed_on"][row] > scene.ago(200):  # whoever put it up may have opened it
            meter.set(row, installed_on=scene.ago(380), verified_on=scene.ago(410))
        inspected = scene.frame("usage_inspection")  # one that fell near the event by chance would settle it
        inspected.remove(inspected.rows(customer_id=scene.district.customer_ids[at[0]]))
        event(scene, at, event_kind, scene.ago(ago), lasts=1.0, handled=handled)

    put_meter("MT018", kind, pool, note, happen, *plans, weight=weight)


for name in ("cover_open", "terminal_cover_open", "magnetic_field"):
    _p18(HIT, "home", f"{name}未核查", name, weight=2)
for ago in (4, 5, 90, 180):
    _p18(HIT, "low", f"开盖{ago}天未核查", "cover_open", ago=ago)
for ago in (3, 2, 1, 181):
    _p18(NEAR_MISS, "low", f"开盖发生{ago}天", "cover_open", ago=ago)
for handled in (2, 30):
    _p18(NEAR_MISS, "low", f"第{handled}天已处理", "cover_open", handled=handled, ago=50)


def _inspected(after: int, ago: int = 80) -> Plant:
    """Let the customer have been inspected so many days after the event."""

    def plant(scene: Scene, at: Array) -> None:
        frame, district = scene.frame("usage_inspection"), scene.district
        station = district.layout.stations[district.station[at[0]]]
        frame.append(
            inspection_id=number(scene, at, "YX"), customer_id=district.customer_ids[at[0]], kind="special",
            inspected_on=scene.ago(ago - after), staff_id=district.layout.staff_of[(station, "inspector")][0],
            result="normal",
        )  # fmt: skip

    return plant


for after in (31, 60, -1):
    _p18(HIT, "home", f"事件后{after}天检查", "cover_open", _inspected(after), ago=80, weight=1)
for after in (30, 10, 0):
    _p18(NEAR_MISS, "home", f"事件后{after}天检查", "cover_open", _inspected(after), ago=80, weight=1)


def _worked(kind: str, after: int, ago: int = 60) -> Plant:
    """Let an order of the customer be archived so many days after the event; its steps were all done long before."""

    def plant(scene: Scene, at: Array) -> None:
        moment = scene.ago(ago).astype("datetime64[s]") + after * 24 * HOUR + 8 * HOUR
        scene.order(at, kind, applied=ago - after + 40, archived=moment)
        step = scene.frame("service_step")
        orders = scene.frame("service_order")
        last = orders["order_id"][orders.rows(customer_id=scene.district.customer_ids[at[0]])][-1]
        rows = step.rows(order_id=last)
        step.set(rows, finished_at=(scene.ago(ago - after + 38)).astype("datetime64[s]") + 9 * HOUR,
                 started_at=(scene.ago(ago - after + 39)).astype("datetime64[s]") + 9 * HOUR)  # fmt: skip

    return plant


for kind, after in [("meter_fault", 3), ("move_meter", 1), ("meter_fault", -3), ("move_meter", 0)]:
    note = f"{kind}在事件后{after}天归档"
    _p18(NEAR_MISS, "home", note, "terminal_cover_open", _worked(kind, after), ago=60, weight=1)
for kind, after in [("meter_fault", 5), ("move_meter", -5), ("change_class", 0)]:
    note = f"{kind}在事件后{after}天归档"
    _p18(HIT, "home", note, "terminal_cover_open", _worked(kind, after), ago=60, weight=1)


def _installed(after: int, ago: int = 60) -> Plant:
    return lambda scene, at: scene.frame("meter").set(
        meter_row(scene, at), installed_on=scene.ago(ago - after), verified_on=scene.ago(ago - after + 30)
    )


for after in (3, 0, -3):
    _p18(NEAR_MISS, "home", f"装表在事件后{after}天", "terminal_cover_open", _installed(after), ago=60, weight=1)
for after in (4, -4):
    _p18(HIT, "home", f"装表在事件后{after}天", "terminal_cover_open", _installed(after), ago=60, weight=1)


def _laboratory(scene: Scene, at: Array) -> None:
    name = more_meter(scene, at, status="in_stock", point_id=None, installed_on=None)
    event(scene, at, "cover_open", scene.ago(30), lasts=2.0, meter=name)
    mark(scene, "MT018", NEAR_MISS, "库存表在检定室开盖", meter_id=name)


add("MT018", NEAR_MISS, "home", "库存表在检定室开盖", _laboratory, weight=2, records=False)
