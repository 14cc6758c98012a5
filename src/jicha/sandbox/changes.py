"""What changed within months: transformers suspended, added and taken away, tariffs and standards replaced by order."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array, Rng
from jicha.sandbox.district import PLANT, SHOP, WORKS, District
from jicha.sandbox.frame import Frame
from jicha.sandbox.orders import file_order
from jicha.sandbox.readings import Months
from jicha.sandbox.registers import Registers
from jicha.sandbox.variety import free

_QUIET = 130  # days before as_of in which nothing changes: those are left to planted faults


def build_changes(district: District) -> None:
    """Let some customers have changed in the past, with the orders and histories that belong to it."""
    rng, calendar = district.rng("changes"), district.calendar
    if len(calendar.span) < _QUIET + 90:
        return
    many = _transformers(district)
    high = district.high_voltage & np.isin(district.kind, [WORKS, PLANT])
    several = rng.permutation(free(district, high & (many >= 2) & ~_locked(district)))
    for number, position in enumerate(several[: max(3, district.size // 700)].tolist()):
        _suspended(district, rng, position) if number % 3 else _added(district, rng, position)
    works = rng.permutation(free(district, high & (district.kind == WORKS) & (many == 1)))
    for position in works[: max(2, district.size // 1500)].tolist():
        _retarif(district, rng, position, {"tariff_code": "GS10", "is_time_of_use": False}, "change_price_strategy")
    plants = rng.permutation(free(district, high & (district.kind == PLANT)))
    for position in plants[: max(2, district.size // 1500)].tolist():
        row = int(_points(district, position)[0])
        mode = district.tables["metering_point"]["basic_charge_mode"][row]
        if mode == "contract_demand":
            agreed = float(district.tables["metering_point"]["contract_demand_kw"][row])
            _retarif(district, rng, position, {"contract_demand_kw": round(agreed * 1.2)}, "change_demand")
        elif mode == "capacity":
            _retarif(
                district, rng, position, {"basic_charge_mode": "actual_demand"}, "change_price_strategy", whole=True
            )
        else:
            _retarif(district, rng, position, {"pf_standard": 0.85}, "change_class")
    shops = rng.permutation(free(district, (district.kind == SHOP) & ~district.high_voltage))
    for position in shops[: max(2, district.size // 1500)].tolist():
        _retarif(district, rng, position, {"tariff_code": "FJ01"}, "change_class")


def _transformers(district: District) -> Array:
    frame = district.tables["customer_transformer"]
    running = frame["status"] == "running"
    return np.bincount(district.position(frame["customer_id"][running]), minlength=district.size)


def _locked(district: District) -> Array:
    """Customers with transformers that cannot run together, or directly fed motors."""
    frame = district.tables["customer_transformer"]
    found = np.zeros(district.size, dtype=bool)
    found[district.position(frame["customer_id"][frame["interlock_group"] != None])] = True  # noqa: E711
    return np.asarray(found | (district.customer["direct_motor_kva"] > 0))


def _points(district: District, position: int) -> Array:
    return district.tables["metering_point"].rows(customer_id=district.customer_ids[position], purpose="settlement")


def _some_day(district: District, rng: Rng, room: int = 0) -> Any:
    span = district.calendar.span
    return span[int(rng.integers(40, len(span) - _QUIET - room))]


def _unit(district: District, position: int) -> tuple[Frame, int, float, float]:
    """The first transformer of a customer that runs, its size and that of all."""
    frame = district.tables["customer_transformer"]
    rows = frame.rows(customer_id=district.customer_ids[position], status="running")
    whole = float(district.customer["contract_capacity_kva"][position])
    return frame, int(rows[0]), float(frame["capacity_kva"][rows[0]]), whole


def _suspended(district: District, rng: Rng, position: int) -> None:
    """One transformer rested for some weeks; it runs again."""
    frame, row, kva, whole = _unit(district, position)
    length = int(rng.integers(20, 80))
    begin = _some_day(district, rng, length)
    end = begin + length
    status = district.tables["transformer_status"]
    unit = frame["transformer_id"][row]
    status.append(transformer_id=unit, from_on=frame["installed_on"][row], until_on=begin - 1, status="running")
    status.append(transformer_id=unit, from_on=begin, until_on=end, status="suspended")
    status.append(transformer_id=unit, from_on=end + 1, status="running")
    status.settle()
    file_order(district, rng, position, "suspend", applied=begin - 8, archived=begin, effective_from=begin,
               effective_to=end, capacity_before_kva=whole, capacity_after_kva=whole - kva)  # fmt: skip
    file_order(district, rng, position, "resume", applied=end - 6, archived=end + 1, effective_from=end + 1,
               capacity_before_kva=whole - kva, capacity_after_kva=whole)  # fmt: skip


def _added(district: District, rng: Rng, position: int) -> None:
    """One transformer was added on a day within a month."""
    frame, row, kva, whole = _unit(district, position)
    day = _some_day(district, rng)
    frame.set(row, installed_on=day)
    status = district.tables["transformer_status"]
    status.append(transformer_id=frame["transformer_id"][row], from_on=day, status="running")
    status.settle()
    file_order(district, rng, position, "increase_capacity", applied=day - 40, archived=day, effective_from=day,
               capacity_before_kva=whole - kva, capacity_after_kva=whole)  # fmt: skip


def _retarif(
    district: District, rng: Rng, position: int, before: dict[str, Any], kind: str, *, whole: bool = False
) -> None:  # fmt: skip
    """Let the file have said something else until a day; `whole`: until the end of a month."""
    day = _some_day(district, rng)
    if whole:
        day = day.astype("datetime64[M]").astype("datetime64[D]")
    for row in _points(district, position).tolist():
        name = district.tables["metering_point"]["point_id"][row]
        district.past.setdefault(name, []).append((day - 1, before))
    file_order(district, rng, position, kind, applied=day - 12, archived=day, effective_from=day)


def agree_demand(district: District, registers: Registers, months: Months) -> None:
    """Let customers have agreed on a demand near what they draw, as they are advised to; but no less than 40 %."""
    point = district.tables["metering_point"]
    rows = registers.point
    wanted = registers.settles & (point["basic_charge_mode"][rows] == "contract_demand")
    wanted &= ~np.isin(registers.owner, list(district.own_demand))
    for place in np.flatnonzero(wanted).tolist():
        drawn = months.demand[place, -12:] * registers.multiplier[place] / 100
        used = drawn[drawn > 0]
        position = int(registers.owner[place])
        shared = int((registers.settles & (registers.owner == position)).sum())
        least = 0.4 * float(district.customer["contract_capacity_kva"][position]) / shared
        agreed = float(np.ceil(max(float(np.median(used)) * 1.02 if len(used) else 0.0, least)))
        point.set(int(rows[place]), contract_demand_kw=agreed)
        for _, before in district.past.get(point["point_id"][rows[place]], []):
            if "contract_demand_kw" in before:
                before["contract_demand_kw"] = float(round(agreed * 1.2))
