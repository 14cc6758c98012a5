"""What is wrong with an input, said with field, found value, expectation and what to do."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from jicha.calculators.facts import unit_text
from jicha.errors import BadInput
from jicha.language import Text

_EXPECTED: dict[str, tuple[str, str]] = {
    "decimal_type": ("数字", "a number"),
    "decimal_parsing": ("数字", "a number"),
    "decimal_max_places": ("最多 12 位小数", "at most 12 decimals"),
    "decimal_whole_digits": ("最多 12 位小数的普通数字", "an ordinary number of at most 12 decimals"),
    "finite_number": ("有限的数字", "a finite number"),
    "int_type": ("整数", "a whole number"),
    "int_parsing": ("整数", "a whole number"),
    "int_from_float": ("整数", "a whole number"),
    "bool_type": ("true 或 false", "true or false"),
    "bool_parsing": ("true 或 false", "true or false"),
    "string_type": ("文本", "text"),
    "list_type": ("数组 [...]", "a list [...]"),
    "model_type": ("对象 {...}", "an object {...}"),
    "model_attributes_type": ("对象 {...}", "an object {...}"),
    "date_type": ("日期，如 2026-03-01", "a date such as 2026-03-01"),
    "date_parsing": ("日期，如 2026-03-01", "a date such as 2026-03-01"),
    "date_from_datetime_parsing": ("日期，如 2026-03-01", "a date such as 2026-03-01"),
    "date_missing": ("日历上有的日期，如 2024-02-29", "a day of the calendar such as 2024-02-29"),
    "date_range": ("1950-01-01 至 2199-12-31 的日期", "a date from 1950-01-01 to 2199-12-31"),
    "ratio": ('大于 0 的变比，如 "200/5" 或 40', 'a ratio above 0 such as "200/5" or 40'),
    "number_or_list": ("数字，或数字的数组 [...]", "a number or a list [...] of numbers"),
    "too_short": ("至少一项", "at least one entry"),
    "tuple_type": ("数组 [...]", "a list [...]"),
    "too_long": ("更少的项", "fewer entries"),
    "dict_type": ("对象 {...}", "an object {...}"),
    "string_pattern_mismatch": ("字母、数字、汉字和下划线，无空格", "letters, digits and _ without spaces"),
    "string_too_short": ("非空文本", "text that is not empty"),
}
_LIMITS = {"greater_than_equal": ("ge", "≥"), "greater_than": ("gt", ">"), "less_than_equal": ("le", "≤"),
           "less_than": ("lt", "<")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a field by its name: label, unit, the kinds an entry of it can have, what mends a bad value."""

    label: Text | None = None
    unit: str = ""
    kinds: tuple[str, ...] = ()
    remedy: Text | None = None  # what to do where a limit is broken


def refused(calculator: str, error: ValidationError, fields: Mapping[str, Described]) -> BadInput:
    """Return one message that names every wrong field, its unit and what was expected."""
    found = error.errors(include_url=False)
    lines = [_line(item, fields) for item in found if not _follows(item, found)]
    return BadInput(
        zh=f"{calculator} 的输入有误：\n"
        + "\n".join(f"  {line.zh}" for line in lines)
        + f"\n各字段见 jicha calc {calculator} --schema，可用的例子见 jicha calc {calculator} --example。",
        en=f"the input of {calculator} cannot be used:\n"
        + "\n".join(f"  {line.en}" for line in lines)
        + f"\nsee `jicha calc {calculator} --schema` for the fields, `--example` for an input that works",
    )


def _follows(item: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """Return whether a list is only called too short because an entry of it is wrong."""
    place = item["loc"]
    return item["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in found
    )


def _line(item: ErrorDetails, fields: Mapping[str, Described]) -> Text:
    place = ".".join(str(part) for part in item["loc"]) or "(input)"
    named = next((str(part) for part in reversed(item["loc"]) if not isinstance(part, int)), "")
    described = fields.get(named, Described())
    unit = unit_text(described.unit)
    kind, context = item["type"], item.get("ctx", {})
    if kind == "missing":
        label = described.label or Text(named, named)
        words = [Text(*(f"{a}, {b}" if b else a for a, b in zip(label, unit, strict=True)))]
        return Text(f"{place}：缺少（{words[0].zh}），请补上", f"{place}: missing ({words[0].en}); add it")
    if kind == "extra_forbidden":
        return _unknown(place, named, fields)
    found = _shown(item["input"])
    in_unit = Text(f"（单位 {unit.zh}）", f" (in {unit.en})") if unit.en and described.unit != "date" else Text("", "")
    if kind in _LIMITS or kind == "negative_entry":
        return _limit(item, place, in_unit, _remedy(item, fields))
    if kind in {"literal_error", "enum", "union_tag_invalid"}:
        options = context.get("expected") or context.get("expected_tags")
        return Text(f"{place}：应为 {options} 之一，现为 {found}", f"{place}: must be one of {options}, is {found}")
    if kind == "union_tag_not_found":
        kinds = ", ".join(described.kinds)
        return Text(f"{place}：缺少 kind，应为 {kinds} 之一", f"{place}: `kind` is missing; it is one of {kinds}")
    zh, en = _EXPECTED.get(kind, (item["msg"], item["msg"]))
    return Text(f"{place}：应为{zh}{in_unit.zh}，现为 {found}", f"{place}: must be {en}{in_unit.en}, is {found}")


def _unknown(place: str, named: str, fields: Mapping[str, Described]) -> Text:
    """Say that a field is not known here, and where it may belong."""
    if named in fields:
        return Text(
            f"{place}：{named} 不在这一层，请移到它所属的位置",
            f"{place}: {named} does not belong at this place; move it to the part that has it",
        )
    near = _near(named, fields)
    zh, en = (f"，是否为 {'、'.join(near)}", f"; did you mean {', '.join(near)}?") if near else ("", "; remove it")
    return Text(f"{place}：没有这个字段{zh or '，请删去'}", f"{place}: there is no such field{en}")


def _limit(item: ErrorDetails, place: str, in_unit: Text, remedy: Text) -> Text:
    if item["type"] == "negative_entry":
        below = item["ctx"]["below"]
        return Text(
            f"{place}：各数应 ≥ 0{in_unit.zh}，现有 {below}；{remedy.zh}",
            f"{place}: every number must be ≥ 0{in_unit.en}, one is {below}; {remedy.en}",
        )
    key, sign = _LIMITS[item["type"]]
    limit, found = item["ctx"][key], _shown(item["input"])
    return Text(
        f"{place}：应 {sign} {limit}{in_unit.zh}，现为 {found}；{remedy.zh}",
        f"{place}: must be {sign} {limit}{in_unit.en}, is {found}; {remedy.en}",
    )


def _remedy(item: ErrorDetails, fields: Mapping[str, Described]) -> Text:
    """Return what to do where a limit is broken: what the field, or the one it stands in, says; else to check it."""
    names = [str(part) for part in reversed(item["loc"]) if not isinstance(part, int)]
    told = (found.remedy for name in names if (found := fields.get(name)) is not None)
    return next(
        (remedy for remedy in told if remedy is not None), Text("请核对数值、符号和单位", "check value, sign, unit")
    )


def _near(name: str, fields: Mapping[str, Described]) -> list[str]:
    """Return known fields that look alike or hold the words of a name."""
    words = set(name.split("_"))
    alike = difflib.get_close_matches(name, fields, n=3, cutoff=0.6)
    return list(dict.fromkeys([*alike, *(f for f in fields if words <= set(f.split("_")))]))[:4]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def needed(calculator: str, *alternatives: str) -> BadInput:
    """Return the error that one of several ways to give something is missing."""
    return BadInput(
        zh=f"{calculator} 缺少输入：请给出 {'，或 '.join(alternatives)}。见 jicha calc {calculator} --schema。",
        en=f"{calculator} lacks an input: give {', or '.join(alternatives)}; see `jicha calc {calculator} --schema`",
    )


def exactly_one(calculator: str, given: object, *fields: str) -> BadInput:
    """Return the error that none, or more than one, of some fields was given."""
    several = [field for field in fields if getattr(given, field) is not None]
    return only_one(calculator, *several) if len(several) > 1 else needed(calculator, *fields)


def only_one(calculator: str, *alternatives: str) -> BadInput:
    """Return the error that two ways to give the same thing contradict or overlap."""
    return BadInput(
        zh=f"{calculator}：{' 与 '.join(alternatives)} 只能给一种，请删去多余的。",
        en=f"{calculator}: give only one of {', '.join(alternatives)}; remove the others",
    )
