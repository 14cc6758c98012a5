"""What a field of a calculator's JSON schema takes, in signs and words: bounds, a negative number's meaning, how many.

Forms, the terminal and the reference read them from the schema; nothing is written down twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jicha.language import Text

_SIGNS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
_ARITHMETIC = 10**9
"""Bounds from here on only keep exact arithmetic small; they say nothing of what the field means."""


def bounds(item: Mapping[str, Any]) -> list[str]:
    """Return the bounds of a number, e.g. ["≥ 0", "≤ 24"]: of the field itself, else of the number it may be."""
    for part in (item, *item.get("anyOf", ())):
        found = [
            f"{sign} {_plain(part[key])}"
            for key, sign in _SIGNS.items()
            if abs(part.get(key, _ARITHMETIC)) < _ARITHMETIC
        ]
        if found:
            return found
    return []


def limits(item: Mapping[str, Any]) -> Text:
    """Return all that limits a field, empty where nothing does.

    item: a field of the schema with references resolved (its own keywords beside those of its type).
    """
    zh, en = list(bounds(item)), list(bounds(item))
    if "negative" in item:
        zh.append(f"负数：{item['negative']['zh']}")
        en.append(f"negative: {item['negative']['en']}")
    least, most = _count(item, "minItems"), _count(item, "maxItems")
    if least is not None and least > 1:
        zh.append(f"至少 {least} 项")
        en.append(f"at least {least} entries")
    if most is not None:
        zh.append(f"至多 {most} 项")
        en.append(f"at most {most} entries")
    length = _count(item, "maxLength")
    if length is not None:
        zh.append(f"至多 {length} 个字")
        en.append(f"at most {length} characters")
    return Text("，".join(zh), ", ".join(en))


def _count(item: Mapping[str, Any], key: str) -> int | None:
    found = next((part[key] for part in (item, *item.get("anyOf", ())) if key in part), None)
    return None if found is None else int(found)


def _plain(limit: float) -> str:
    return f"{limit:g}" if isinstance(limit, float) and not limit.is_integer() else f"{int(limit)}"
