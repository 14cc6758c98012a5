"""Reading a generic tariff from data, with an error that names the item and the field."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from jicha.billing.generic_compute import KINDS, MODES, SINGLE, TESTS, GenericTariff, Item, Operand, Rounding
from jicha.billing.numbers import ZERO
from jicha.errors import BadInput

FIELDS = frozenset(
    {"name", "kind", "of", "amount", "rate", "blocks", "rows", "test", "count", "rounding", "block_rounding",
     "is_charge"}
)  # fmt: skip
_LIMIT = Decimal(10**15)


def read_tariff(content: Mapping[str, Any], place: str) -> GenericTariff:
    """Read a tariff from data: {items: [{name, kind, …}], total_rounding}; BadInput names what is wrong."""
    items: list[Item] = []
    for number, entry in enumerate(content.get("items") or (), start=1):
        items.append(_item(entry, f"{place}[{number}]"))
        if items[-1].name in {item.name for item in items[:-1]}:
            _wrong(f"{place}[{number}]", f"名称 {items[-1].name} 重复", f"the name {items[-1].name} is repeated")
    if not items:
        _wrong(place, "没有项目 items", "there are no items")
    return GenericTariff(tuple(items), _rounding(content.get("total_rounding"), place))


def _item(entry: Any, where: str) -> Item:
    if not isinstance(entry, dict) or set(entry) - FIELDS or entry.get("kind") not in KINDS or "name" not in entry:
        raise BadInput(
            zh=f"{where}：项目应有 name 和 kind（{'、'.join(KINDS)}），字段只能是 {'、'.join(sorted(FIELDS))}。",
            en=f"{where}: an item needs name and kind ({', '.join(KINDS)}); fields: {', '.join(sorted(FIELDS))}",
        )
    where = f"{where} {entry['name']}"
    kind, of = entry["kind"], entry.get("of", ())
    if not isinstance(of, (list, tuple)):
        _wrong(where, f"of 应为数组，现为 {of!r}", f"`of` must be a list, is {of!r}")
    _check_operands(kind, len(of), where)
    needed = {"blocks": "blocks", "table": "rows", "rate": "rate", "share": "rate", "fixed": "amount", "choose": "test"}
    if kind in needed and needed[kind] not in entry:
        _wrong(where, f"{kind} 应有 {needed[kind]}", f"{kind} needs `{needed[kind]}`")
    test, count = entry.get("test", "=="), entry.get("count", 1)
    if not isinstance(test, str) or test not in TESTS:
        _wrong(
            where,
            f"test 应为 {'、'.join(TESTS)} 之一，现为 {test!r}",
            f"test must be one of {', '.join(TESTS)}, is {test!r}",
        )
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        _wrong(where, f"count 应为不小于 1 的整数，现为 {count!r}", f"count must be a whole number ≥ 1, is {count!r}")
    return Item(
        name=str(entry["name"]),
        kind=kind,
        of=tuple(_operand(term, where) for term in of),
        amount=_operand(entry.get("amount", ZERO), where),
        rate=_operand(entry.get("rate", ZERO), where),
        blocks=_pairs(entry.get("blocks", ()), where),
        rows=_pairs(entry.get("rows", ()), where),
        test=test,
        count=count,
        rounding=_rounding(entry.get("rounding"), where),
        block_rounding=_rounding(entry.get("block_rounding"), where),
        is_charge=bool(entry.get("is_charge", False)),
    )


def _check_operands(kind: str, found: int, where: str) -> None:
    wanted = 1 if kind == "blocks" else SINGLE.get(kind)
    if wanted is not None and found != wanted:
        _wrong(where, f"{kind} 的 of 应有 {wanted} 项，现有 {found} 项", f"{kind} takes {wanted} in `of`, has {found}")
    if wanted is None and not found:
        _wrong(where, f"{kind} 的 of 至少一项", f"{kind} takes at least one in `of`")


def _pairs(entry: Any, where: str) -> tuple[tuple[Operand | None, Operand], ...]:
    pairs = entry if isinstance(entry, (list, tuple)) else ()
    if len(pairs) != len(entry) or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        _wrong(
            where, "blocks、rows 的每一项应为 [上限或 null, 值]", "each of blocks and rows is [limit or null, value]"
        )
    return tuple((None if upper is None else _operand(upper, where), _operand(value, where)) for upper, value in pairs)


def _operand(value: Any, where: str) -> Operand:
    """Return a name as it is and a number as a decimal; text that reads as a number is one."""
    if isinstance(value, str) and not value.strip().lstrip("+-.").startswith(tuple("0123456789")):
        return value
    return number(value, where)


def number(value: Any, where: str) -> Decimal:
    """Return a finite decimal of ordinary size; BadInput says where it is not."""
    try:
        found = Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or abs(found) > _LIMIT or int(found.as_tuple().exponent) < -20:
        _wrong(where, f"应为数字，现为 {value!r}", f"must be a number, is {value!r}")
    return found


def _rounding(entry: Any, place: str) -> Rounding | None:
    if entry is None:
        return None
    if isinstance(entry, dict):
        step, mode, places = number(entry.get("step"), place), entry.get("mode", "half_up"), 0
        if step <= 0 or set(entry) - {"step", "mode"}:
            _wrong(place, "取位应为 {step: 大于 0, mode}", "a rounding to steps is {step: above 0, mode}")
    else:
        step = None
        places, mode = entry if isinstance(entry, (list, tuple)) and len(entry) == 2 else (entry, "half_up")
    if not isinstance(mode, str) or mode not in MODES:
        raise BadInput(
            zh=f"{place}：取位方式 {mode} 未知，可用 {'、'.join(MODES)}。",
            en=f"{place}: unknown rounding {mode}; use {', '.join(MODES)}",
        )
    if not isinstance(places, int) or isinstance(places, bool) or not -12 <= places <= 12:
        _wrong(
            place, f"小数位应为 -12 至 12 的整数，现为 {places!r}", f"decimals must be from -12 to 12, is {places!r}"
        )
    return Rounding(places, mode, step)


def _wrong(where: str, zh: str, en: str) -> NoReturn:
    raise BadInput(zh=f"{where}：{zh}。", en=f"{where}: {en}")
