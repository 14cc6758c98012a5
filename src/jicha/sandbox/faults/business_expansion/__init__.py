"""Faults of business expansion, BX021 to BX023: suspensions and what is charged for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.points import mark, period
from jicha.sandbox.faults.registry import add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.tariffs_and_charges.tools import Plan, as_plant, by_customer, capacity, wrong
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.orders import file_order

__all__ = ["AFTERWARDS"]

_KVA = 630.0


def _two(
    scene: Scene, at: Array, rest: list[tuple[Any, Any]], *, kind: str = "suspend", open_end: bool = False,
    others_kva: float = 800.0,
) -> None:  # fmt: skip
    """Transformers charged by capacity, the second at rest from one day to another, as history and orders say.

    others_kva: of the first, and of those that the caller adds.
    """
    as_plant(scene, at)
    status = "suspended" if rest and rest[-1][1] >= scene.today else "running"
    scene.add_transformer(at, _KVA, status)
    whole = others_kva + _KVA
    scene.set(at, contract_capacity_kva=whole, operating_capacity_kva=whole if status == "running" else others_kva)
    scene.frame("contract").set(scene.rows("contract", at), capacity_kva=whole)
    frame = scene.frame("customer_transformer")
    row = scene.rows("customer_transformer", at)[1]
    unit, since = frame["transformer_id"][row], frame["installed_on"][row]
    history = scene.frame("transformer_status")
    for begin, end in rest:
        if since < begin:
            history.append(transformer_id=unit, from_on=since, until_on=begin - 1, status="running")
        history.append(transformer_id=unit, from_on=begin, until_on=end, status="suspended")
        since = end + 1
        scene.order(at, kind, applied=int((scene.today - begin).astype(int)) + 9, archived=min(begin, scene.today - 1),
                    effective_from=begin, effective_to=None if open_end else end,
                    capacity_before_kva=whole, capacity_after_kva=others_kva)  # fmt: skip
    if since <= scene.today:
        history.append(transformer_id=unit, from_on=since, status="running")


def _year(scene: Scene, begin: str) -> Any:
    """A day of the year of P0, or of the year before where months after half a year at rest are not billed yet."""
    p0 = scene.district.calendar.p0
    return np.datetime64(f"{p0.year if p0.month >= 9 else p0.year - 1}-{begin}")


def _rests(*days: tuple[str, int], kind: str = "suspend", open_end: bool = False) -> Plan:
    """Suspensions of this year: first day and length."""

    def plant(scene: Scene, at: Array) -> None:
        rest = [(_year(scene, begin), _year(scene, begin) + length - 1) for begin, length in days]
        _two(scene, at, rest, kind=kind, open_end=open_end)

    return plant


def _together(scene: Scene, at: Array) -> None:
    """Two of three transformers rest on the same days: 150 days of the year, not 300."""
    begin = _year(scene, "02-11")
    end = begin + 149
    _two(scene, at, [(begin, end)], others_kva=1000.0)
    scene.add_transformer(at, 200.0, "running")
    frame = scene.frame("customer_transformer")
    row = scene.rows("customer_transformer", at)[2]
    unit = frame["transformer_id"][row]
    history = scene.frame("transformer_status")
    history.append(transformer_id=unit, from_on=frame["installed_on"][row], until_on=begin - 1, status="running")
    history.append(transformer_id=unit, from_on=begin, until_on=end, status="suspended")
    history.append(transformer_id=unit, from_on=end + 1, status="running")
    scene.order(at, "suspend", applied=int((scene.today - begin).astype(int)) + 8, archived=begin, effective_from=begin,
                effective_to=end, capacity_before_kva=1000.0, capacity_after_kva=800.0)  # fmt: skip


by_customer("BX021", NEAR_MISS, "works", "两台同时暂停，天数只计一次", _together, weight=1)


for begin, length in (("01-05", 260), ("02-10", 240), ("01-20", 225)):
    by_customer("BX021", HIT, "works", f"连续暂停{length}天", _rests((begin, length)), weight=3)
by_customer("BX021", HIT, "works", "两次暂停共225天", _rests(("01-10", 95), ("05-01", 130)), weight=2)
for begin, length in (("03-02", 184), ("02-11", 150)):
    by_customer("BX021", NEAR_MISS, "works", f"暂停{length}天", _rests((begin, length)), weight=3)
by_customer(
    "BX021", NEAR_MISS, "works", "减容不限期", _rests(("01-05", 270), kind="reduce_capacity", open_end=True), weight=3
)


# ---------------------------------------------------------------------------------------------- BX022
def _order(kind: str, note: str, order: str, length: int | None, *, applied: int = 10, resumed: int | None = None,
           weight: float = 2) -> None:  # fmt: skip
    """Register an order effective 120 days ago for so many days, applied for so many days before that."""

    def plant(scene: Scene, at: Array) -> None:
        begin = scene.ago(120)
        name = file_order(
            scene.district, scene.rng, int(at[0]), order, applied=begin - applied, archived=begin - min(applied, 0) + 1,
            effective_from=begin, effective_to=None if length is None else begin + length - 1,
        )  # fmt: skip
        if resumed is not None:
            file_order(scene.district, scene.rng, int(at[0]), "resume", applied=begin + 2, archived=begin + resumed,
                       effective_from=begin + resumed)  # fmt: skip
        mark(scene, "BX022", kind, note, order_id=name)

    add("BX022", kind, "home", note, plant, weight=weight, records=False, months=14)


for length in (14, 10, 1):
    _order(HIT, f"暂停{length}天", "suspend", length)
_order(HIT, "提前恢复，实停9天", "suspend", 60, resumed=9)
_order(HIT, "生效后才申请", "suspend", 40, applied=-3)
_order(HIT, "减容事后补办", "reduce_capacity", None, applied=-1)
for length in (15, 30):
    _order(NEAR_MISS, f"暂停{length}天", "suspend", length)
_order(NEAR_MISS, "五天前申请", "suspend", 40, applied=5)
_order(NEAR_MISS, "按期恢复", "suspend", 30, resumed=30)
_order(NEAR_MISS, "减容10天", "reduce_capacity", 10)


# ---------------------------------------------------------------------------------------------- BX023
def _over(end_before_p0: int, *, kind: str = "suspend", extended: bool = False, open_end: bool = False) -> Plan:
    """A suspension that ended so many days before P0, as orders say; the transformer runs again."""

    def plant(scene: Scene, at: Array) -> None:
        end = period(scene) - end_before_p0
        rest = [(end - 60, end)]
        if extended:
            rest.append((end + 1, end + 100))
        _two(scene, at, rest, kind=kind, open_end=open_end)

    return plant


_STILL_LESS = wrong(capacity(800.0 / (800.0 + _KVA)), 0)
for days in (1, 20, 70):
    by_customer("BX023", HIT, "works", f"P0前{days}天到期，仍按减后容量计费", _over(days), _STILL_LESS, weight=3)
by_customer("BX023", NEAR_MISS, "works", "延期首尾相接", _over(20, extended=True), weight=3)
by_customer("BX023", NEAR_MISS, "works", "P0内到期", _over(-10), weight=3)
by_customer("BX023", NEAR_MISS, "works", "已按时恢复计费", _over(20), weight=3)
by_customer(
    "BX023", NEAR_MISS, "works", "减容无终止日", _over(20, kind="reduce_capacity", open_end=True), _STILL_LESS, weight=2
)

AFTERWARDS: list[Any] = []
