"""Faults of usage inspection, UI007 to UI009: load where there should be none, or less."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import Plant as Plan
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.tariffs_and_charges.tools import by_customer
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.frame import Frame

__all__ = ["AFTERWARDS"]


def _daily(table: str, since: int, many: int, **values: float) -> Plan:
    """Set columns of so many daily rows of the customer's point, from so many days ago on."""

    def plant(scene: Scene, at: Array) -> None:
        first = scene.ago(since)

        def edit(rows: Frame) -> None:
            rows.set(np.flatnonzero((rows["day"] >= first) & (rows["day"] < first + many)), **values)

        name = scene.frame("metering_point")["point_id"][scene.point_rows(at)[0]]
        scene.district.edits.rows(table, str(name), edit)

    return plant


# ---------------------------------------------------------------------------------------------- UI007
def _since(ago: int) -> Plan:
    """Everything suspended for so many days, with its order; nothing is drawn."""

    def plant(scene: Scene, at: Array) -> None:
        scene.frame("customer_transformer").set(scene.rows("customer_transformer", at), status="suspended")
        scene.set(at, status="suspended", operating_capacity_kva=0.0)
        scene.district.idle_from[at] = scene.ago(ago)
        scene.order(at, "suspend", applied=ago + 10, archived=scene.ago(ago), effective_from=scene.ago(ago),
                    effective_to=scene.ago(-60))  # fmt: skip

    return plant


_rest = _since(80)


for kwh, days in ((40.0, 5), (400.0, 12), (11.0, 3), (1.5, 25)):
    by_customer(
        "UI007",
        HIT,
        "works",
        f"全停仍用电{days}天各{kwh:g}kWh",
        _rest,
        _daily("daily_energy", 28, days, energy_kwh=kwh),
    )
for kwh, days, note in ((0.5, 28, "每日0.5kWh保安用电"), (300.0, 2, "仅两天"), (9.9, 3, "合计不足30kWh")):
    by_customer(
        "UI007", NEAR_MISS, "works", f"全停，{note}", _rest, _daily("daily_energy", 28, days, energy_kwh=kwh), weight=2
    )
by_customer("UI007", NEAR_MISS, "works", "加封当日仍用电", _since(20), _daily("daily_energy", 20, 1, energy_kwh=400.0),
            _daily("daily_energy", 18, 2, energy_kwh=12.0), weight=2)  # fmt: skip


def _resumed(scene: Scene, at: Array) -> None:
    """The resumption is in effect since three days; the file does not say so yet."""
    _rest(scene, at)
    scene.order(at, "resume", applied=9, archived=scene.ago(3), effective_from=scene.ago(3))
    _daily("daily_energy", 3, 3, energy_kwh=150.0)(scene, at)


by_customer("UI007", NEAR_MISS, "works", "本周恢复用电", _resumed, weight=2)


def _partly(scene: Scene, at: Array) -> None:
    """A second transformer of 400 kVA suspended for 80 days."""
    scene.size(at, 400.0)
    scene.add_transformer(at, 400.0, "suspended")
    scene.set(at, contract_capacity_kva=800.0, operating_capacity_kva=400.0)
    scene.frame("contract").set(scene.rows("contract", at), capacity_kva=800.0)
    scene.order(
        at, "suspend", applied=90, archived=scene.ago(80), effective_from=scene.ago(80), effective_to=scene.ago(-60)
    )


by_customer(
    "UI007", HIT, "works", "暂停一台仍按两台用电", _partly, _daily("daily_electrical", 25, 6, max_demand_kw=600.0)
)
by_customer("UI007", NEAR_MISS, "works", "暂停一台，需量不超110%", _partly,
            _daily("daily_electrical", 25, 6, max_demand_kw=345.0), weight=2)  # fmt: skip


# ---------------------------------------------------------------------------------------------- UI008
def _gone(ago: int) -> Plan:
    return lambda scene, at: scene.close(at, scene.ago(ago))


def _after(first: int, many: int, kwh: float) -> Plan:
    """Daily rows after the closing that still show energy."""

    def plant(scene: Scene, at: Array) -> None:
        name = str(scene.frame("metering_point")["point_id"][scene.point_rows(at)[0]])
        scene.district.edits.more.append(("daily_energy", [
            {"point_id": name, "day": scene.ago(first) + k, "energy_kwh": kwh} for k in range(many)
        ]))  # fmt: skip

    return plant


for kwh, many in ((1.2, 10), (5.0, 20), (0.4, 30), (60.0, 1)):
    by_customer("UI008", HIT, "still", f"销户后{many}天各{kwh:g}kWh", _gone(75), _after(60, many, kwh))
for kwh, many in ((0.5, 1), (0.3, 30), (10.0, 1)):
    by_customer("UI008", NEAR_MISS, "still", f"销户后{many}天各{kwh:g}kWh", _gone(75), _after(60, many, kwh), weight=2)
by_customer("UI008", NEAR_MISS, "still", "拆表前三天仍有电量", _gone(60), _after(59, 3, 20.0), weight=2)

by_customer("UI008", NEAR_MISS, "still", "两天后才生效的销户", _gone(-2), weight=2)


# ---------------------------------------------------------------------------------------------- UI009
def _demand(share: float, days: int) -> Plan:
    def plant(scene: Scene, at: Array) -> None:
        kva = float(scene.district.customer["operating_capacity_kva"][at[0]])
        _daily("daily_electrical", 50, days, max_demand_kw=round(kva * share * 0.9, 3), power_factor=0.9)(scene, at)

    return plant


def _sized(scene: Scene, at: Array) -> None:
    scene.size(at, 400.0)


for share, days in ((1.15, 3), (1.4, 10), (1.101, 5)):
    by_customer("UI009", HIT, "works", f"{days}天为容量的{share:g}倍", _sized, _demand(share, days))
for share, days, note in ((1.5, 2, "仅两天"), (1.05, 10, "超5%"), (1.099, 6, "不足1.1倍")):
    by_customer("UI009", NEAR_MISS, "works", note, _sized, _demand(share, days), weight=2)


def _growing(scene: Scene, at: Array) -> None:
    _sized(scene, at)
    _demand(1.3, 8)(scene, at)
    scene.order(at, "increase_capacity", applied=20)


by_customer("UI009", NEAR_MISS, "works", "增容在途", _growing, weight=2)
by_customer("UI009", NEAR_MISS, "plant_demand", "按需量计费", _demand(1.3, 6), weight=2)


def _filed_late(scene: Scene, at: Array) -> None:
    """A second transformer runs and is on file; the contract does not have it yet."""
    _sized(scene, at)
    _demand(1.3, 8)(scene, at)
    scene.add_transformer(at, 400.0, "running")
    scene.set(at, operating_capacity_kva=800.0)
    scene.hit("CF006", at, "第二台变压器未入合同")


by_customer("UI009", NEAR_MISS, "works", "第二台变压器建档迟，运行容量已含", _filed_late, weight=2)
AFTERWARDS: list[Any] = []
