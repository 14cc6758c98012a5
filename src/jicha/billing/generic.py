"""A tariff of any country as data: named items, each computed from quantities and the items before it.

Quantities and amounts are exact decimals in the tariff's own units and currency. There is no branch for any utility:
blocks, rates per kWh, kW or kVA, ratchets, minimum demands by factor, percentages of named items, and a rounding or
truncation per item say it all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any

from jicha.billing.numbers import ZERO, over, root, total
from jicha.errors import BadInput

_MODES = {"half_up": ROUND_HALF_UP, "down": ROUND_FLOOR, "up": ROUND_CEILING}
_CONTEXT = Context(prec=60)


@dataclass(frozen=True)
class Rounding:
    """To `places` decimals (negative: tens, hundreds); mode half_up, down (floor) or up (ceiling)."""

    places: int
    mode: str = "half_up"

    def apply(self, value: Decimal) -> Decimal:
        """Round a value."""
        return value.quantize(Decimal(1).scaleb(-self.places), rounding=_MODES[self.mode], context=_CONTEXT)


@dataclass(frozen=True)
class Item:
    """One item. kind says what it is computed from:

    sum, difference, product, quotient, max, min, hypotenuse: of names or numbers in `of`;
    fixed: `amount`; rate: `of[0]` × `rate`; blocks: `of[0]` over (upper limit or None, rate), each part rounded by
    `block_rounding`; share: `rate` of the sum of the items in `of`.
    is_charge: counts in the total.
    """

    name: str
    kind: str
    of: tuple[str | Decimal, ...] = ()
    amount: Decimal = ZERO
    rate: Decimal = ZERO
    blocks: tuple[tuple[Decimal | None, Decimal], ...] = ()
    rounding: Rounding | None = None
    block_rounding: Rounding | None = None
    is_charge: bool = False


@dataclass(frozen=True)
class GenericTariff:
    """Items in the order they are computed, and how the total is rounded."""

    items: tuple[Item, ...]
    total_rounding: Rounding | None = None


@dataclass(frozen=True)
class GenericBill:
    """What the items came to, by name; block parts as `name.1`, `name.2`, …; and the total of the charges."""

    values: Mapping[str, Decimal]
    total: Decimal


_OPERATIONS: Mapping[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "sum": total,
    "difference": lambda values: values[0] - total(values[1:]),
    "product": lambda values: math.prod(values, start=Decimal(1)),
    "quotient": lambda values: over(values[0], values[1]),
    "max": lambda values: sorted(values)[-1],
    "min": lambda values: sorted(values)[0],
    "hypotenuse": lambda values: root(total(value**2 for value in values)),
}
KINDS = (*_OPERATIONS, "fixed", "rate", "blocks", "share")


def block_parts(quantity: Decimal, blocks: Sequence[tuple[Decimal | None, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    """Return (quantity in the block, rate) of each block; limits are cumulative, the last may be open."""
    parts, low = [], ZERO
    for upper, rate in blocks:
        top = quantity if upper is None else min(quantity, upper)
        parts.append((max(ZERO, top - low), rate))
        low = low if upper is None else upper
    return parts


def compute(tariff: GenericTariff, quantities: Mapping[str, Decimal]) -> GenericBill:
    """Compute a bill. quantities: what was measured, by the names that the items use."""
    values: dict[str, Decimal] = dict(quantities)

    def value(term: str | Decimal) -> Decimal:
        if isinstance(term, Decimal):
            return term
        if term not in values:
            raise BadInput(
                zh=f"电价数据：{term} 未给出，也不是前面的项目（已有：{'、'.join(values)}）。",
                en=f"tariff data: {term} is neither given nor an earlier item; known: {', '.join(values)}",
            )
        return values[term]

    for item in tariff.items:
        terms = [value(term) for term in item.of]
        if item.kind in _OPERATIONS:
            found = _OPERATIONS[item.kind](terms)
        elif item.kind == "fixed":
            found = item.amount
        elif item.kind == "rate":
            found = terms[0] * item.rate
        elif item.kind == "share":
            found = total(terms) * item.rate
        else:
            amounts = [quantity * rate for quantity, rate in block_parts(terms[0], item.blocks)]
            if item.block_rounding is not None:
                amounts = [item.block_rounding.apply(amount) for amount in amounts]
            values |= {f"{item.name}.{number}": amount for number, amount in enumerate(amounts, start=1)}
            found = total(amounts)
        values[item.name] = found if item.rounding is None else item.rounding.apply(found)
    whole = total(values[item.name] for item in tariff.items if item.is_charge)
    return GenericBill(values, whole if tariff.total_rounding is None else tariff.total_rounding.apply(whole))


def read_tariff(content: Mapping[str, Any], place: str) -> GenericTariff:
    """Read a tariff from data: {items: [{name, kind, …}], total_rounding}; BadInput names what is wrong."""
    items = []
    for number, entry in enumerate(content.get("items") or (), start=1):
        where = f"{place}[{number}]"
        known = {"name", "kind", "of", "amount", "rate", "blocks", "rounding", "block_rounding", "is_charge"}
        if not isinstance(entry, dict) or set(entry) - known or entry.get("kind") not in KINDS or "name" not in entry:
            raise BadInput(
                zh=f"{where}：项目应有 name 和 kind（{'、'.join(KINDS)}），字段只能是 {'、'.join(sorted(known))}。",
                en=f"{where}: an item needs name and kind ({', '.join(KINDS)}); fields: {', '.join(sorted(known))}",
            )
        items.append(
            Item(
                name=entry["name"],
                kind=entry["kind"],
                of=tuple(term if isinstance(term, str) else _number(term) for term in entry.get("of", ())),
                amount=_number(entry.get("amount", 0)),
                rate=_number(entry.get("rate", 0)),
                blocks=tuple(
                    (None if upper is None else _number(upper), _number(rate))
                    for upper, rate in entry.get("blocks", ())
                ),
                rounding=_rounding(entry.get("rounding"), where),
                block_rounding=_rounding(entry.get("block_rounding"), where),
                is_charge=bool(entry.get("is_charge", False)),
            )
        )
    return GenericTariff(tuple(items), _rounding(content.get("total_rounding"), place))


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _rounding(entry: Any, place: str) -> Rounding | None:
    if entry is None:
        return None
    places, mode = entry if isinstance(entry, list) else (entry, "half_up")
    if mode not in _MODES:
        raise BadInput(
            zh=f"{place}：取位方式 {mode} 未知，可用 {'、'.join(_MODES)}。",
            en=f"{place}: unknown rounding {mode}; use {', '.join(_MODES)}",
        )
    return Rounding(int(places), mode)
