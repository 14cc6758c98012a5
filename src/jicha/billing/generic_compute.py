"""A tariff of any country as data: named items, each computed from quantities and the items before it.

Quantities and amounts are exact decimals in the tariff's own units and currency. There is no branch for any utility:
blocks, rates per kWh, kW or kVA, ratchets, minimum demands by factor, tables by size or month, choices, percentages of
named items, and a rounding or truncation per item say it all. The data is read by `jicha.billing.generic_data`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NoReturn

from jicha.billing.numbers import ZERO, over, root, total
from jicha.errors import BadInput

MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_FLOOR, "up": ROUND_CEILING}
_CONTEXT = Context(prec=60)

Operand = str | Decimal
"""The name of a quantity or an earlier item, or a number."""
Quantity = Decimal | Sequence[Decimal]
"""What was measured: a number, or a list such as the demands of the months before."""


@dataclass(frozen=True)
class Rounding:
    """To `places` decimals (negative: tens, hundreds), or to multiples of `step`.

    mode: half_up, half_even, down (floor) or up (ceiling).
    """

    places: int
    mode: str = "half_up"
    step: Decimal | None = None

    def apply(self, value: Decimal) -> Decimal:
        """Round a value."""
        if self.step is not None:
            multiple = over(value, self.step).quantize(Decimal(1), rounding=MODES[self.mode], context=_CONTEXT)
            return multiple * self.step
        return value.quantize(Decimal(1).scaleb(-self.places), rounding=MODES[self.mode], context=_CONTEXT)


@dataclass(frozen=True)
class Item:
    """One item. kind says what it is computed from:

    sum, difference, product, quotient, max, min, mean, hypotenuse: of `of`; mean_of_largest: of the `count` largest;
    fixed: `amount`; rate: `of[0]` × `rate`; share: `rate` of the sum of the items in `of`;
    blocks: `of[0]` over (upper limit or None, rate), limits cumulative, each part rounded by `block_rounding`;
    table: the value of the first row (upper limit or None, value) that `of[0]` does not exceed;
    choose: `of[2]` where `of[0]` `test` `of[1]` holds, else `of[3]`.
    Rates, limits and values may be names as well. is_charge: counts in the total.
    """

    name: str
    kind: str
    of: tuple[Operand, ...] = ()
    amount: Operand = ZERO
    rate: Operand = ZERO
    blocks: tuple[tuple[Operand | None, Operand], ...] = ()
    rows: tuple[tuple[Operand | None, Operand], ...] = ()
    test: str = "=="
    count: int = 1
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


OPERATIONS: Mapping[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "sum": total,
    "difference": lambda values: values[0] - total(values[1:]),
    "product": lambda values: math.prod(values, start=Decimal(1)),
    "max": lambda values: sorted(values)[-1],
    "min": lambda values: sorted(values)[0],
    "mean": lambda values: over(total(values), Decimal(len(values))),
    "hypotenuse": lambda values: root(total(value**2 for value in values)),
}
SINGLE: Mapping[str, int] = {"fixed": 0, "rate": 1, "table": 1, "quotient": 2, "choose": 4}
"""Kinds of a fixed number of operands, none of them a list."""
KINDS = (*OPERATIONS, *SINGLE, "mean_of_largest", "share", "blocks")
TESTS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "==": lambda left, right: left == right,
}


def block_parts(quantity: Decimal, blocks: Sequence[tuple[Decimal | None, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    """Return (quantity in the block, rate) of each block; limits are cumulative, the last may be open."""
    parts, low = [], ZERO
    for upper, rate in blocks:
        top = quantity if upper is None else min(quantity, upper)
        parts.append((max(ZERO, top - low), rate))
        low = low if upper is None else upper
    return parts


def compute(tariff: GenericTariff, quantities: Mapping[str, Quantity]) -> GenericBill:
    """Compute a bill. quantities: what was measured, by the names that the items use.

    BadInput: an operand is not known, a divisor is 0, or no block or row holds a quantity (nothing is billed as zero
    because a tariff does not say what it costs).
    """
    with localcontext(_CONTEXT):
        return _compute(tariff, quantities)


def _compute(tariff: GenericTariff, quantities: Mapping[str, Quantity]) -> GenericBill:
    known: dict[str, Quantity] = dict(quantities)
    values: dict[str, Decimal] = {n: v for n, v in quantities.items() if isinstance(v, Decimal)}
    for item in tariff.items:
        if item.name in known:
            _wrong(item, "名称与数量或前面的项目重复", "its name is that of a quantity or an earlier item")
        found, parts = _item(item, known)
        values |= {f"{item.name}.{number}": part for number, part in enumerate(parts, start=1)}
        known |= {f"{item.name}.{number}": part for number, part in enumerate(parts, start=1)}
        values[item.name] = known[item.name] = found if item.rounding is None else item.rounding.apply(found)
    whole = total(values[item.name] for item in tariff.items if item.is_charge)
    return GenericBill(values, whole if tariff.total_rounding is None else tariff.total_rounding.apply(whole))


def _item(item: Item, known: Mapping[str, Quantity]) -> tuple[Decimal, list[Decimal]]:
    """Return what an item comes to before its rounding, and the amounts of its blocks."""
    if item.kind == "blocks":
        amounts = [quantity * rate for quantity, rate in _in_blocks(item, known)]
        if item.block_rounding is not None:
            amounts = [item.block_rounding.apply(amount) for amount in amounts]
        return total(amounts), amounts
    if item.kind in SINGLE:
        return _of_single(item, [_value(item, operand, known) for operand in item.of], known), []
    terms = [value for operand in item.of for value in _values(item, operand, known)]
    least = item.count if item.kind == "mean_of_largest" else 1
    if len(terms) < least:
        _wrong(item, f"只有 {len(terms)} 个值，不足 {least} 个", f"{len(terms)} values, {least} are needed")
    if item.kind == "mean_of_largest":
        terms = sorted(terms)[-least:]
    operation = {"mean_of_largest": "mean", "share": "sum"}.get(item.kind, item.kind)
    found = OPERATIONS[operation](terms)
    return (found * _value(item, item.rate, known) if item.kind == "share" else found), []


def _of_single(item: Item, terms: list[Decimal], known: Mapping[str, Quantity]) -> Decimal:
    """Return what an item of a fixed number of single operands comes to."""
    if item.kind == "quotient":
        if terms[1] == 0:
            _wrong(item, "除数为 0", "the divisor is 0")
        return over(terms[0], terms[1])
    if item.kind == "choose":
        return terms[2] if TESTS[item.test](terms[0], terms[1]) else terms[3]
    if item.kind == "table":
        return _row(item, terms[0], _rows(item, known))
    return _value(item, item.amount, known) if item.kind == "fixed" else terms[0] * _value(item, item.rate, known)


def _rows(item: Item, known: Mapping[str, Quantity]) -> list[tuple[Decimal | None, Decimal]]:
    """Return the blocks or rows with their names put in; the limits must rise."""
    found = [
        (None if upper is None else _value(item, upper, known), _value(item, value, known))
        for upper, value in (item.rows if item.kind == "table" else item.blocks)
    ]
    limits = [upper for upper, _ in found if upper is not None]
    if any(upper is None for upper, _ in found[:-1]) or limits != sorted(limits):
        _wrong(item, "上限应由低到高，只有最后一档可为 null", "the limits must rise, only the last may be null")
    return found


def _in_blocks(item: Item, known: Mapping[str, Quantity]) -> list[tuple[Decimal, Decimal]]:
    quantity = _value(item, item.of[0], known)
    parts = block_parts(quantity, _rows(item, known))
    if total(part for part, _ in parts) != quantity:
        _wrong(
            item,
            f"{quantity} 不在各档之内（负数，或超出最高一档）；请补上一档（上限 null），或先取 max(0, …)",
            f"the blocks do not hold {quantity}: it is negative, or above the last; "
            "add an open block, or take max(0, …) first",
        )
    return parts


def _row(item: Item, quantity: Decimal, rows: Sequence[tuple[Decimal | None, Decimal]]) -> Decimal:
    for upper, value in rows:
        if upper is None or quantity <= upper:
            return value
    return _wrong(item, f"{quantity} 超出表的最后一行", f"{quantity} is above the last row of the table")


def _value(item: Item, operand: Operand, known: Mapping[str, Quantity]) -> Decimal:
    values = _values(item, operand, known)
    if len(values) != 1:
        _wrong(item, f"{operand} 是列表，此处应为一个数", f"{operand} is a list, one number is needed here")
    return values[0]


def _values(item: Item, operand: Operand, known: Mapping[str, Quantity]) -> list[Decimal]:
    if isinstance(operand, Decimal):
        return [operand]
    if operand not in known:
        _wrong(
            item,
            f"{operand} 未给出，也不是前面的项目（已有：{'、'.join(known)}）",
            f"{operand} is neither given nor an earlier item; known: {', '.join(known)}",
        )
    found = known[operand]
    return [found] if isinstance(found, Decimal) else list(found)


def _wrong(item: Item, zh: str, en: str) -> NoReturn:
    raise BadInput(zh=f"电价数据，项目 {item.name}：{zh}。", en=f"tariff data, item {item.name}: {en}")
