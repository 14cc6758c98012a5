"""Section 3: from indexes to quantities, by band, over segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jicha.billing.derivation import Step
from jicha.billing.facts import BANDS, Assumptions, BillRow, Facts, Reading, ReadingSegment
from jicha.billing.interval import FileSegment, Interval
from jicha.billing.numbers import ZERO, floor2, over, r, shares_by_days, total

REGISTERS = ("total", "tip", "peak", "flat", "valley", "deep_valley", "reactive", "reactive_lead")
_PRICED = ("tip", "peak", "valley", "deep_valley")
_SLACK = Decimal("0.05")  # indexes a meter shows of its bands may exceed that of the total by this much
_TENTH = Decimal("0.1")


def multiplier_of(*, ct: tuple[Decimal, Decimal] | None = None, pt: tuple[Decimal, Decimal] | None = None) -> Decimal:
    """Return the multiplier of a meter behind current and voltage transformers, each (primary, secondary); 6 places."""
    found = Decimal(1)
    for primary, secondary in (ratio for ratio in (ct, pt) if ratio is not None):
        found *= over(primary, secondary)
    return r(found, 6)


class IndexBackwards(ArithmeticError):
    """An index fell and the meter did not roll over."""


def index_difference(*, previous: Decimal, current: Decimal, digits: int | None) -> tuple[Decimal, bool]:
    """Return the difference of two indexes, and whether the meter rolled over.

    digits: integer digits of the meter; it rolls over from its top tenth to its bottom tenth. IndexBackwards otherwise.
    """
    if current >= previous:
        return current - previous, False
    if digits is not None and 1 <= digits <= 10:
        span = Decimal(10) ** digits
        if previous >= span * (1 - _TENTH) and current <= span * _TENTH:
            return current + span - previous, True
    raise IndexBackwards(f"{previous} → {current}")


@dataclass(frozen=True)
class Register:
    """The quantity of one register, with the parts that reading segments give it (first day → quantity)."""

    quantity: Decimal
    parts: Mapping[date, Decimal] | None = None  # None: no segments, split by days


@dataclass(frozen=True)
class Metered:
    """What the registers of a point say; None: no such register."""

    registers: Mapping[str, Register]
    demand_kw: Decimal | None
    reasons: tuple[str, ...]
    steps: tuple[Step, ...]

    def quantity(self, register: str) -> Decimal:
        """Return a register's quantity; 0 when it does not exist."""
        found = self.registers.get(register)
        return found.quantity if found else ZERO


def read_point(
    *, facts: Facts, point_id: str, interval: Interval, files: tuple[FileSegment, ...], places: int,
    assumptions: Assumptions, needs_bands: bool = True,
) -> Metered:  # fmt: skip
    """Return the quantities of a metered point. [kWh, kvarh, kW]

    places: decimal places of a register's quantity.
    """
    registers: dict[str, Register] = {}
    steps: list[Step] = []
    reasons: list[str] = []
    fallen: set[str] = set()
    names = REGISTERS if needs_bands else ("total", "reactive", "reactive_lead")
    for name in names:
        reading = facts.readings.get((point_id, name))
        pieces = [
            piece
            for piece in facts.segments.get((point_id, name), ())
            if interval.first <= piece.from_on <= interval.last
        ]
        if reading is None and not pieces:
            continue
        try:
            found = _register(
                facts=facts, point_id=point_id, name=name, reading=reading, pieces=pieces, files=files, places=places,
                assumptions=assumptions, steps=steps,
            )  # fmt: skip
        except IndexBackwards:
            reasons.append("index_backwards")
            fallen.add(name)
            continue
        if found is not None:
            registers[name] = found
    if "total" not in registers and "total" not in fallen:
        reasons.append("reading_missing")
    demand = facts.readings.get((point_id, "demand"))
    demand_kw = None
    if demand is not None:
        demand_kw = demand.quantity
        if demand_kw is None and demand.current_index is not None:
            demand_kw = r(demand.current_index * _multiplier(demand, files[0], assumptions), 2)
    return Metered(registers, demand_kw, tuple(dict.fromkeys(reasons)), tuple(steps))


def _multiplier(reading: Reading | None, file: FileSegment, assumptions: Assumptions) -> Decimal:
    theirs = reading.multiplier if reading else None
    own = file.file.multiplier
    if assumptions.reading_multiplier and theirs is not None:
        return theirs
    return next((value for value in (own, theirs) if value is not None), Decimal(1))


def _register(
    *, facts: Facts, point_id: str, name: str, reading: Reading | None, pieces: Sequence[ReadingSegment],
    files: tuple[FileSegment, ...], places: int, assumptions: Assumptions, steps: list[Step],
) -> Register | None:  # fmt: skip
    def digits(meter: str | None) -> int | None:
        known = meter if meter is not None and meter in facts.meter_digits else facts.current_meter.get(point_id)
        return None if known is None else facts.meter_digits.get(known)

    if pieces and all(p.from_index is not None and p.to_index is not None for p in pieces):
        parts: dict[date, Decimal] = {}
        for piece in pieces:
            assert piece.from_index is not None
            assert piece.to_index is not None
            file = next((f for f in files if f.first <= piece.from_on <= f.last), files[0])
            factor = piece.multiplier if piece.multiplier is not None else _multiplier(reading, file, assumptions)
            if assumptions.reading_multiplier and reading is not None and reading.multiplier is not None:
                factor = reading.multiplier
            difference, rolled = index_difference(
                previous=piece.from_index, current=piece.to_index, digits=digits(piece.meter_id)
            )
            parts[piece.from_on] = parts.get(piece.from_on, ZERO) + difference * factor
            steps.append(
                Step(
                    "segment_rolled" if rolled else "segment",
                    {
                        "register": name,
                        "meter": piece.meter_id,
                        "from_on": piece.from_on,
                        "previous": piece.from_index,
                        "current": piece.to_index,
                        "multiplier": factor,
                        "quantity": difference * factor,
                        "range": difference - piece.to_index + piece.from_index,  # 0 without a roll-over
                    },
                )
            )
        rounded = _rounded_parts(parts, places)
        if len(pieces) > 1:
            each = " + ".join(f"{kwh.normalize():f}" for _, kwh in sorted(parts.items()))
            steps.append(Step("segments", {"register": name, "each": each, "quantity": total(rounded.values())}))
        return Register(total(rounded.values()), rounded)
    if reading is None:
        return None
    previous, current = reading.previous_index, reading.current_index
    if previous is None or current is None or reading.method == "estimated":
        if reading.quantity is None:
            return None if name == "total" else Register(ZERO)
        steps.append(Step("delivered_quantity", {"register": name, "quantity": reading.quantity}))
        return Register(r(reading.quantity, places))
    factor = _multiplier(reading, files[0], assumptions)
    difference, rolled = index_difference(previous=previous, current=current, digits=digits(reading.meter_id))
    quantity = r(difference * factor, places)
    steps.append(
        Step(
            "index_rolled" if rolled else "index",
            {
                "register": name,
                "previous": previous,
                "current": current,
                "multiplier": factor,
                "quantity": quantity,
                "range": difference - current + previous,
            },
        )
    )
    return Register(quantity)


def _rounded_parts(parts: Mapping[date, Decimal], places: int) -> dict[date, Decimal]:
    """Round parts so that they sum to the rounded whole: each is the difference of rounded running sums."""
    found: dict[date, Decimal] = {}
    running = before = ZERO
    for day in sorted(parts):
        running += parts[day]
        now = r(running, places)
        found[day] = now - before
        before = now
    return found


def bands_of(metered: Metered, multiplier: Decimal) -> dict[str, Decimal] | None:
    """Return the bands of a time-of-use point; flat is what the others leave. None: they exceed the total.

    multiplier: of the file; bands beyond the total by up to 0.05 of an index come off peak.
    """
    whole = metered.quantity("total")
    bands = {name: metered.quantity(name) for name in _PRICED}
    flat = whole - total(bands.values())
    if flat < 0:
        if flat < -_SLACK * multiplier:
            return None
        bands["peak"] += flat
        flat = ZERO
    bands["flat"] = flat
    return {name: bands[name] for name in BANDS}


def billed_bands(bill: BillRow) -> dict[str, Decimal]:
    """Return the bands of a bill as issued; nulls as 0."""
    return {name: getattr(bill, f"{name}_kwh") or ZERO for name in BANDS}


def is_cut(register: Register, cuts: Sequence[tuple[date, date]]) -> bool:
    """Whether a register was read wherever segments (first, last day) begin within the interval."""
    parts = register.parts
    return len(cuts) > 1 and parts is not None and all(first in parts for first, _ in cuts[1:])


def split(register: Register, cuts: Sequence[tuple[date, date]], *, deducted: Decimal = ZERO) -> list[Decimal]:
    """Split a register less a deduction over segments (first, last day).

    Where its reading segments are cut there, their sums less the deduction by days; else the remainder by days.
    """
    days = [(last - first).days + 1 for first, last in cuts]
    if register.parts is not None and is_cut(register, cuts):
        off = shares_by_days(deducted, days)
        return [
            total(quantity for day, quantity in register.parts.items() if first <= day <= last) - less
            for (first, last), less in zip(cuts, off, strict=True)
        ]
    return shares_by_days(register.quantity - deducted, days)


def spread(quantity: Decimal, bands: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Spread a quantity over bands by their share, cut to 2 places, the rest flat; without a total all flat."""
    whole = total(bands.values())
    if whole == 0:
        return {name: quantity if name == "flat" else ZERO for name in BANDS}
    found = {name: floor2(over(quantity * bands[name], whole)) for name in _PRICED}
    found["flat"] = quantity - total(found.values())
    return {name: found[name] for name in BANDS}
