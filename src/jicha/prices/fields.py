"""Typed fields of a price file: every refusal names file, field and what was expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jicha.errors import BadInput
from jicha.language import Text

MOST_PLACES = 6  # of a price; what the canonical tables hold


def record(content: Any, place: str, *, required: Collection[str], optional: Collection[str] = ()) -> Mapping[str, Any]:
    """Return a mapping with exactly the known fields."""
    known = {*required, *optional}
    if not isinstance(content, dict):
        raise BadInput(zh=f"{place}：应为一组字段。", en=f"{place}: expected fields")
    wrong, missing = sorted(set(map(str, content)) - known), sorted(set(required) - set(content))
    if wrong or missing:
        zh, en = [], []
        if wrong:
            zh.append(f"未知字段 {'、'.join(wrong)}")
            en.append(f"unknown {', '.join(wrong)}")
        if missing:
            zh.append(f"缺少字段 {'、'.join(missing)}")
            en.append(f"missing {', '.join(missing)}")
        raise BadInput(
            zh=f"{place}：{'；'.join(zh)}。可用字段：{'、'.join(sorted(known))}。",
            en=f"{place}: {'; '.join(en)}. Known fields: {', '.join(sorted(known))}",
        )
    return content


def rows_of(content: Any, place: str) -> list[Any]:
    """Return a list."""
    if not isinstance(content, list):
        raise BadInput(zh=f"{place}：应为列表。", en=f"{place}: expected a list")
    return content


def day(value: Any, place: str) -> date | None:
    """Return a date or None."""
    if value is None or type(value) is date:
        return value
    raise BadInput(
        zh=f"{place}：日期 {value!r} 不合要求，应写作 2026-01-05。",
        en=f"{place}: {value!r} is no date; dates are written 2026-01-05",
    )


def number(value: Any, place: str, *, places: int) -> Decimal:
    """Return an exact number: a quoted decimal with at most `places` decimals; nothing is rounded away."""
    try:
        found = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite():
        raise BadInput(
            zh=f'{place}：{value!r} 不是数，应写作带引号的十进制数 "0.735686"。',
            en=f'{place}: {value!r} is no number; write a quoted decimal, "0.735686"',
        )
    if -int(found.as_tuple().exponent) > places:
        raise BadInput(
            zh=f"{place}：{value} 的小数多于 {places} 位，不予舍入；请核对价格表或其小数位数。",
            en=f"{place}: {value} has more than {places} decimals and is not rounded; check the list or its places",
        )
    return found


def optional_number(value: Any, place: str, *, places: int) -> Decimal | None:
    """Return an exact number, or None where it is not known."""
    return None if value is None else number(value, place, places=places)


def code(value: Any, known: Collection[str], place: str) -> str:
    """Return one of the known codes."""
    if value in known:
        return str(value)
    raise BadInput(
        zh=f"{place}：{value!r} 不是已知代码（{'、'.join(known)}）。",
        en=f"{place}: {value!r} is no known code ({', '.join(known)})",
    )


def text(entry: Mapping[str, Any], place: str) -> Text:
    """Return the two languages of an entry."""
    if not entry.get("zh") or not entry.get("en"):
        raise BadInput(zh=f"{place}：缺少 zh 或 en。", en=f"{place}: zh or en is missing")
    return Text(str(entry["zh"]), str(entry["en"]))
