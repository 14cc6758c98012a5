"""Faults of accounts, AC009 to AC014: penalties and refunds."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.faults.metering.tools import HOUR, number
from jicha.sandbox.faults.points import mark, period, point_id
from jicha.sandbox.faults.registry import add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.tariffs_and_charges.tools import edit_bill
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.people import SYSTEM_ACCOUNT

__all__ = ["AFTERWARDS"]


# ---------------------------------------------------------------------------------------------- AC009
def _late(
    kind: str, note: str, days: int, charged: float | None, *, pool: str = "shop220", weight: float = 2, later: int = 0
) -> None:  # fmt: skip
    """Register a bill of two periods ago that is paid so many days late with a part of the penalty that is due.

    later: days by which its due date was put off.
    """

    def plant(scene: Scene, at: Array) -> None:
        day = period(scene, 2)
        place = len(scene.district.calendar.periods) - 3
        scene.set(at, payment_mode="postpaid")
        if later:
            edit_bill(2, due_on=lambda due: due + later)(scene, at)

        def change(bills: Any, paying: Any) -> None:
            for bill in np.flatnonzero((bills.customer == at[0]) & (bills.period == place)).tolist():
                paying.moment[bill] = bills.due[bill].astype("datetime64[s]") + np.timedelta64(
                    days * 86_400 + 36_000, "s"
                )
                paying.paid[bill] = True
                paying.amount[bill] = bills.total[bill]
                paying.charged[bill] = charged

        scene.district.edits.paying.append(change)
        mark(scene, "AC009", kind, note, bill_of=point_id(scene, at), period=day)

    add("AC009", kind, pool, note, plant, weight=weight, records=False, months=14, days=80)


for days in (12, 20, 40):
    _late(HIT, f"逾期{days}天未收违约金", days, 0.0)
    _late(NEAR_MISS, f"逾期{days}天已收违约金", days, 1.0)
_late(HIT, "违约金多收一倍", 30, 2.0)
_late(HIT, "违约金少收三成", 45, 0.7)
_late(NEAR_MISS, "违约金差5%", 30, 0.95)
_late(NEAR_MISS, "逾期1天", 1, 0.0)
_late(NEAR_MISS, "逾期3天", 3, 0.0)
_late(NEAR_MISS, "截止日遇节假日顺延一周，按顺延后截止日次日缴费", 1, 0.0, later=7)


# ---------------------------------------------------------------------------------------------- adjustments
def _refund(scene: Scene, at: Array, yuan: float, *, ago: int = 60, tag: str = "", **values: Any) -> str:
    """Put one adjustment on file; returns its number."""
    district, layout = scene.district, scene.district.layout
    station = district.layout.stations[district.station[int(at[0])]]
    moment = scene.ago(ago).astype("datetime64[s]") + 10 * HOUR
    name = number(scene, at, f"TW{tag}")
    content = {
        "adjustment_id": name, "customer_id": district.customer_ids[int(at[0])],
        "period": moment.astype("datetime64[M]").astype("datetime64[D]"), "kwh": NULL, "yuan": round(yuan * 100),
        "reason": "wrong_reading", "requested_by": layout.staff_of[(station, "biller")][0],
        "approved_by": layout.staff_of[(station[:6], "manager")][0], "approval_level": "county",
        "requested_at": moment, "approved_at": moment + 26 * HOUR, "has_evidence": True,
    }  # fmt: skip
    scene.frame("adjustment").append(**{**content, **values})
    return name


def _adjust(rule: str, kind: str, note: str, yuan: float, *, weight: float = 2, ago: int = 60, **values: Any) -> None:
    def plant(scene: Scene, at: Array) -> None:
        made = {n: v(scene, at) if callable(v) else v for n, v in values.items()}
        name = _refund(scene, at, yuan, ago=ago, **made)
        mark(scene, rule, kind, note, adjustment_id=name)

    add(rule, kind, "low", note, plant, weight=weight, records=False)


_adjust("AC010", HIT, "1000元只到站级", -1000.0, approval_level="station")
_adjust("AC010", HIT, "200元未审批", -200.0, approval_level="none")
_adjust("AC010", HIT, "10000元只到县级", -10_000.0)
_adjust("AC010", HIT, "120000元只到市级", -120_000.0, approval_level="city")
_adjust("AC010", HIT, "已入账40天无审批人", -300.0, ago=40, approved_by=None, approved_at=None)
_adjust("AC010", NEAR_MISS, "恰1000元县级审批", -1000.0)
_adjust("AC010", NEAR_MISS, "999.99元站级审批", -999.99, approval_level="station")
_adjust("AC010", NEAR_MISS, "政策退费批量", -20_000.0, reason="policy")
_adjust("AC010", NEAR_MISS, "追收", 5000.0, approval_level="station")
_adjust("AC010", NEAR_MISS, "无审批人但才20天", -300.0, ago=20, approved_by=None, approved_at=None)


def _self(scene: Scene, at: Array) -> str:
    station = scene.district.layout.stations[scene.district.station[int(at[0])]]
    return str(scene.district.layout.staff_of[(station, "biller")][0])


for yuan in (-300.0, 450.0, -80.0, -900.0):
    _adjust("AC011", HIT, f"{yuan:g}元自批", yuan, approved_by=_self)
_adjust("AC011", NEAR_MISS, "申请与审批不同人", -300.0)
_adjust("AC011", NEAR_MISS, "审批人为空", -300.0, ago=10, approved_by=None, approved_at=None)
_adjust("AC011", NEAR_MISS, "金额与电量均为零", 0.0, approved_by=_self)
_adjust("AC011", NEAR_MISS, "系统工号批量政策退费", -120.0, reason="policy", requested_by=SYSTEM_ACCOUNT,
        approved_by=SYSTEM_ACCOUNT)  # fmt: skip
_adjust("AC011", HIT, "只退电量，自批", 0.0, kwh=50_000, approved_by=_self)


def _at(ago: int, hours: float) -> Any:
    return lambda scene, _at: scene.ago(ago).astype("datetime64[s]") + np.timedelta64(int(hours * 3600), "s")


_adjust("AC012", HIT, "无佐证", -600.0, has_evidence=False)
_adjust("AC012", HIT, "佐证为空", 500.0, has_evidence=None)
_adjust("AC012", HIT, "审批早于申请", -800.0, approved_at=_at(61, 9))
_adjust("AC012", HIT, "6000元一分钟批完", -6000.0, requested_at=_at(60, 10), approved_at=_at(60, 10.02))
_adjust("AC012", HIT, "深夜申请并审批", -700.0, requested_at=_at(60, 23), approved_at=_at(59, 2))
_adjust(
    "AC012",
    HIT,
    "账期晚于申请月",
    -700.0,
    ago=40,
    period=lambda s, _a: (s.ago(40).astype("datetime64[M]") + 1).astype("datetime64[D]"),
)
_adjust("AC012", NEAR_MISS, "3元尾差无佐证", -3.0, has_evidence=False)
_adjust("AC012", NEAR_MISS, "两小时后审批", -6000.0, requested_at=_at(60, 10), approved_at=_at(60, 12))
_adjust("AC012", NEAR_MISS, "政策退费无佐证", -700.0, has_evidence=False, reason="policy")
_adjust("AC012", NEAR_MISS, "4900元一分钟批完", -4900.0, requested_at=_at(60, 10), approved_at=_at(60, 10.02))
_adjust("AC012", NEAR_MISS, "深夜申请次日上午审批", -700.0, requested_at=_at(60, 23), approved_at=_at(59, 9))


def _several(kind: str, note: str, amounts: list[float], agos: list[int], *, weight: float = 2, **values: Any) -> None:
    def plant(scene: Scene, at: Array) -> None:
        for place, (yuan, ago) in enumerate(zip(amounts, agos, strict=True)):
            _refund(scene, at, yuan, ago=ago, tag=str(place), **values)
        mark(scene, "AC013", kind, note, customer_id=scene.district.customer_ids[at[0]])

    add("AC013", kind, "low", note, plant, weight=weight, records=False)


_several(HIT, "29天内两笔各900元", [-900.0, -900.0], [60, 31])
_several(HIT, "同日两笔600元", [-600.0, -600.0], [60, 60])
_several(HIT, "两笔各9000元", [-9000.0, -9000.0], [60, 55])
_several(HIT, "一年三笔共2400元", [-400.0, -1200.0, -800.0], [300, 150, 60])
_several(HIT, "一年四笔共2000元", [-500.0, -500.0, -500.0, -500.0], [300, 200, 140, 60])
_several(NEAR_MISS, "30天外两笔900元", [-900.0, -900.0], [90, 60])
_several(NEAR_MISS, "两笔500元，不过半", [-500.0, -500.0], [60, 50])
_several(NEAR_MISS, "政策补贴每月一笔", [-900.0] * 4, [90, 80, 70, 60], reason="policy")
_several(NEAR_MISS, "一年两笔", [-1500.0, -900.0], [200, 60])
_several(NEAR_MISS, "三笔共1900元", [-600.0, -600.0, -700.0], [300, 200, 60])


# ---------------------------------------------------------------------------------------------- AC014
def clerks(scene: Scene) -> None:
    """Let some billers of stations refund far more than their peers, and some look like it."""
    layout = scene.district.layout
    first, before = scene.district.stations
    stations = scene.rng.permutation(np.arange(first, before))
    plans = [(HIT, "笔数为同岗多倍", 14, False, "wrong_reading"), (NEAR_MISS, "电价纠错批量退费", 14, False, "policy"),
             (HIT, "三成金额归一户", 11, True, "wrong_reading"),
             (NEAR_MISS, "一年九笔", 9, True, "wrong_reading")]  # fmt: skip
    wanted = 8 * max(1, round(scene.district.size / 20_000)) if scene.district.size >= 10_000 else len(stations) // 2
    for place, station in enumerate(stations[: min(wanted, len(stations))].tolist()):
        kind, note, many, one, reason = plans[place % 4]
        here = scene.left("low")
        here = here[scene.district.station[here] == station]
        if len(here) < many:
            continue
        clerk = layout.staff_of[(layout.stations[station], "biller")][0]
        for k in range(many):
            at = here[k : k + 1]
            scene.used[at] = True
            yuan = -5000.0 if one and k == 0 else -150.0 - 7 * k
            _refund(scene, at, yuan, ago=20 + 17 * k, tag="9", reason=reason, requested_by=clerk)
        if not (kind == NEAR_MISS and many == 9):
            note = f"{note}，一年{many}笔"
        scene.clerks.append((kind, note, str(clerk)))


AFTERWARDS = [clerks]
