"""What the faults of charges share: bills made from wrong books, bills changed by hand, keys of points and bills."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.billing.energy import Market
from jicha.sandbox.billing.quantities import Quantities
from jicha.sandbox.billing.settle import Books
from jicha.sandbox.faults.dial import Dial, dial
from jicha.sandbox.faults.points import mark, period, point_id
from jicha.sandbox.faults.registry import Plant as Plan
from jicha.sandbox.faults.registry import add
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.frame import Frame

__all__ = [
    "Dial", "Market", "Plan", "by_bill", "by_customer", "by_point", "dial", "edit_bill", "fit_file", "in_books",
    "mark", "period", "point_id", "set_customer", "set_point", "uses", "wrong",
]  # fmt: skip

Change = Callable[[Books, Quantities], tuple[Books, Quantities]]
_MONTHS = 14


def by_point(rule: str, kind: str, pool: str, note: str, *plans: Plan, weight: float = 3, dated: bool = False) -> None:
    """Register plans whose finding has the customer's point (and P0) as key."""

    def plant(scene: Scene, at: Array) -> None:
        key = {"point_id": point_id(scene, at)} | ({"period": period(scene)} if dated else {})
        for plan in plans:
            plan(scene, at)
        mark(scene, rule, kind, note, **key)

    add(rule, kind, pool, note, plant, weight=weight, records=False, months=_MONTHS, days=80)


def by_customer(
    rule: str, kind: str, pool: str, note: str, *plans: Plan, weight: float = 3, dated: bool = False
) -> None:  # fmt: skip
    """Register plans whose finding has the customer (and P0) as key."""

    def plant(scene: Scene, at: Array) -> None:
        for plan in plans:
            plan(scene, at)
        key = {"customer_id": scene.district.customer_ids[at[0]]} | ({"period": period(scene)} if dated else {})
        mark(scene, rule, kind, note, **key)

    add(rule, kind, pool, note, plant, weight=weight, records=False, months=_MONTHS, days=80)


def by_bill(
    rule: str, kind: str, pool: str, note: str, *plans: Plan, weight: float = 3, back: int | Callable[[Scene], int] = 0
) -> None:  # fmt: skip
    """Register plans whose finding is a bill of so many periods ago; its number is known once it was issued."""

    def plant(scene: Scene, at: Array) -> None:
        name = point_id(scene, at)
        for plan in plans:
            plan(scene, at)
        ago = back if isinstance(back, int) else back(scene)
        mark(scene, rule, kind, note, bill_of=name, period=period(scene, ago))

    add(rule, kind, pool, note, plant, weight=weight, records=False, months=_MONTHS, days=80)


def wrong(change: Change, *backs: int) -> Plan:
    """Let bills of some periods have been made from wrong books or quantities."""
    return lambda scene, at: scene.district.edits.issued.append((int(at[0]), backs or (0,), change))


def in_books(**values: Any) -> Change:
    """Replace file facts of the customer's points in the books."""

    def change(books: Books, quantities: Quantities) -> tuple[Books, Quantities]:
        files = books.files
        for name, value in values.items():
            if name in files.facts.today:
                files.facts.today[name][:] = value
            else:
                getattr(files, name)[:] = value
        return books, quantities

    return change


def editions(**values: Any) -> Change:
    """Replace parts of the price list in the books; functions get what was there."""

    def change(books: Books, quantities: Quantities) -> tuple[Books, Quantities]:
        old = books.editions
        new = {n: v(getattr(old, n)) if callable(v) else np.full_like(getattr(old, n), v) for n, v in values.items()}
        return dataclasses.replace(books, editions=dataclasses.replace(old, **new)), quantities

    return change


def times(factor: float, *names: str) -> Change:
    """Multiply quantities."""

    def change(books: Books, quantities: Quantities) -> tuple[Books, Quantities]:
        for name in names:
            values = getattr(quantities, name)
            values[:] = np.rint(values * factor).astype(np.int64)
        if "total" in names:
            quantities.bands[..., 2] = quantities.total - (quantities.bands.sum(axis=-1) - quantities.bands[..., 2])
        return books, quantities

    return change


def capacity(factor: float) -> Change:
    """Charge for transformers of another size."""

    def change(books: Books, quantities: Quantities) -> tuple[Books, Quantities]:
        windings = dataclasses.replace(books.windings, capacity=books.windings.capacity * factor)
        return dataclasses.replace(books, windings=windings), quantities

    return change


def edit_bill(back: int = 0, **values: Any) -> Plan:
    """Change columns of the bill of a period; functions get what was there. The total follows."""

    def plant(scene: Scene, at: Array) -> None:
        day = period(scene, back)

        def edit(rows: Frame) -> None:
            found = np.flatnonzero(rows["period"] == day)
            for name, value in values.items():
                rows.set(found, **{name: value(rows[name][found]) if callable(value) else value})
            total = np.zeros(len(found), dtype=np.int64)
            for part in ("energy", "tier", "basic", "pf", "adjusted", "other"):
                if f"{part}_yuan" in rows.columns:
                    cents = rows[f"{part}_yuan"][found]
                    total += np.where(cents == NULL, 0, cents)
            rows.set(found, total_yuan=total)

        scene.district.edits.rows("bill", point_id(scene, at), edit)

    return plant


def set_point(**values: Any) -> Plan:
    """Change the file of the point."""
    return lambda scene, at: scene.frame("metering_point").set(scene.point_rows(at), **values)


def set_customer(**values: Any) -> Plan:
    """Change the file of the customer."""
    return lambda scene, at: scene.set(at, **values)


def uses(kwh: float, wobble: float = 0.01) -> Plan:
    """Let the customer use about so many kWh in every month."""
    return dial(lambda meter: meter.usage({b: kwh * (1 + wobble * ((b * 7) % 5 - 2)) for b in range(meter.live() - 1)}))


def as_plant(scene: Scene, at: Array) -> None:
    """Charge a works with one transformer by its capacity, measured on the high side."""
    scene.size(at, 800.0)
    code = str(scene.district.customer["industry_code"][at[0]])[:2]
    scene.frame("metering_point").set(scene.point_rows(at), tariff_code="GS12", basic_charge_mode="capacity",
                                      pf_standard=0.90 if "06" <= code <= "46" else 0.85)  # fmt: skip


def fit_file(kva: float, *, timed: bool = True) -> Plan:
    """Give a low-voltage business another contract capacity, with the price and standard that belong to it."""

    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, contract_capacity_kva=kva, operating_capacity_kva=kva)
        scene.frame("contract").set(scene.rows("contract", at), capacity_kva=kva)
        standard = 0.85 if kva >= 100 else None
        scene.frame("metering_point").set(scene.point_rows(at), pf_standard=standard, is_time_of_use=timed,
                                          tariff_code="GS02" if timed else "GS01")  # fmt: skip
        scene.district.billed_kva[at] = kva

    return plant


def second(status: str, **values: Any) -> Plan:
    def plant(scene: Scene, at: Array) -> None:
        scene.size(at, 800.0)
        scene.add_transformer(at, 630.0, status, **values)
        more = 630.0 if not values.get("interlock_group") else 0.0
        running = 630.0 if status in ("running", "hot_standby") and more else 0.0
        scene.set(at, contract_capacity_kva=800.0 + more, operating_capacity_kva=800.0 + running)
        scene.frame("contract").set(scene.rows("contract", at), capacity_kva=800.0 + more)

    return plant


def rested(scene: Scene, at: Array) -> None:
    """A second transformer rests since the middle of P0."""
    second("suspended")(scene, at)
    frame = scene.frame("customer_transformer")
    row = scene.rows("customer_transformer", at)[1]
    day = period(scene) + 14
    status = scene.frame("transformer_status")
    status.append(transformer_id=frame["transformer_id"][row], from_on=frame["installed_on"][row], until_on=day - 1,
                  status="running")  # fmt: skip
    status.append(transformer_id=frame["transformer_id"][row], from_on=day, status="suspended")
    scene.order(at, "suspend", applied=40, archived=day, effective_from=day, effective_to=day + 100,
                capacity_before_kva=1430.0, capacity_after_kva=800.0)  # fmt: skip


def agreed(mode: str, share: float | None, *, measured: dict[int, float] | None = None) -> Plan:
    """Set the demand mode; agree on a share of the demand of P0, null without one; `measured`: factors by period."""

    def plant(scene: Scene, at: Array) -> None:
        scene.district.own_demand.add(int(at[0]))
        scene.frame("metering_point").set(scene.point_rows(at), basic_charge_mode=mode, contract_demand_kw=None)
        if share is None:
            return
        name = point_id(scene, at)

        def change(registers: Any, months: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            usual = max(float(np.median(months.demand[row, -12:])), 100.0)
            months.demand[row, -12:] = round(usual)
            for back, factor in (measured or {}).items():
                months.demand[row, months.demand.shape[1] - 1 - back] = round(usual * factor)
            kw = usual * registers.multiplier[row] / 100 * share
            point = scene.frame("metering_point")
            point.set(point.rows(point_id=name), contract_demand_kw=float(round(kw)))

        scene.district.edits.months.append(change)

    return plant


def reactive(share: float) -> Plan:
    """Let the reactive registers count a share of the active energy."""

    def plant(scene: Scene, at: Array) -> None:
        def change(registers: Any, months: Any) -> None:
            row = np.flatnonzero(registers.settles & (registers.owner == at[0]))[0]
            months.reactive[row] = np.rint(months.total[row] * share)

        scene.district.edits.months.append(change)

    return plant
