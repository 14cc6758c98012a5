"""Reason sentences: a template of a rule, filled with the values that one finding stands on."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from jicha.catalog.schema import Column, schema
from jicha.language import Language, Text

EvidenceLabel: TypeAlias = Mapping[str, Any]  # {zh, en, codes?, unit?} of a rule's front matter

NOTHING = "—"
_YES, _NO = Text("是", "yes"), Text("否", "no")
_TOKEN = re.compile(r"\{(\w+)\}|([\[\]])")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?")  # as evidence keeps it


class TemplateError(ValueError):
    """A reason template with unbalanced brackets."""


_Part: TypeAlias = str | tuple[str]  # literal text, or the name of one placeholder
_Segment: TypeAlias = tuple[tuple[str, ...], tuple[_Part, ...]]  # (it is dropped where one of these is null, parts)


@functools.lru_cache(maxsize=4096)
def _segments(template: str) -> tuple[_Segment, ...]:
    segments: list[_Segment] = []
    parts: list[_Part] = []
    inside = False
    place = 0

    def close() -> None:
        if parts:
            named = (part[0] for part in parts if isinstance(part, tuple))
            segments.append((tuple(named) if inside else (), tuple(parts)))
            parts.clear()

    for match in _TOKEN.finditer(template):
        if match.start() > place:
            parts.append(template[place : match.start()])
        place = match.end()
        if match[1]:
            parts.append((match[1],))
        elif (match[2] == "[") is inside:
            raise TemplateError(f"unbalanced {match[2]!r} in {template!r}")
        else:
            close()
            inside = not inside
    if inside:
        raise TemplateError(f"'[' without ']' in {template!r}")
    if place < len(template):
        parts.append(template[place:])
    close()
    return tuple(segments)


def placeholders(template: str) -> tuple[str, ...]:
    """Return the columns a template names, in order, each once."""
    return tuple(dict.fromkeys(p[0] for _, parts in _segments(template) for p in parts if isinstance(p, tuple)))


@functools.cache
def _schema_columns(name: str) -> tuple[Column, ...]:
    """All schema columns of a name, the customer's first: evidence without a label of its own speaks mostly of it."""
    tables = sorted(schema().tables.values(), key=lambda table: table.name != "customer")
    return tuple(table.columns[name] for table in tables if name in table.columns)


@functools.cache
def _schema_codes(name: str) -> Mapping[str, Mapping[str, str]]:
    codes: dict[str, Mapping[str, str]] = {}
    for column in _schema_columns(name):
        codes = {**column.labels, **codes}
    return codes


def column_label(column: str, columns: Mapping[str, EvidenceLabel], language: Language) -> str:
    """Return the label of an evidence column: the rule's own, else the schema's, else its name in words."""
    own = columns.get(column)
    if own and own.get(language.value):
        return str(own[language.value])
    known = _schema_columns(column)
    return known[0].label(language) if known else column.replace("_", " ")


def code_label(column: str, code: str, columns: Mapping[str, EvidenceLabel], language: Language) -> str:
    """Return the label of a code in an evidence column; the code itself where it has none."""
    codes = columns.get(column, {}).get("codes")
    if codes == "schema":
        return column_label(code, {}, language)
    entry = (codes or {}).get(code) or _schema_codes(column).get(code)
    if entry is None:
        return code
    return str(entry[language.value]) if isinstance(entry, (dict, Mapping)) else str(entry)


def plain_number(value: float | Decimal) -> str:
    """Write a number in plain digits: no exponent, no trailing zeros; floats to ten significant digits."""
    if isinstance(value, int):
        return str(value)
    exact = value if isinstance(value, Decimal) else Decimal(f"{value:.10g}")
    if not exact.is_finite():
        return NOTHING
    text = format(exact, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _text(column: str, value: str, columns: Mapping[str, EvidenceLabel], language: Language) -> str:
    if columns.get(column, {}).get("codes"):
        labels = [code_label(column, code.strip(), columns, language) for code in value.split(",") if code.strip()]
        return ("、" if language is Language.ZH else ", ").join(labels) or NOTHING
    if _DECIMAL.fullmatch(value):
        known = _schema_columns(column)
        return value if known and known[0].type == "string" else plain_number(Decimal(value))
    if match := _INSTANT.fullmatch(value):
        return f"{match[1]} {match[2]}{'' if match[3] in (None, ':00') else match[3]}"
    if column == "period" and re.fullmatch(r"\d{4}-\d\d-01", value):
        return value[:7]
    return code_label(column, value, columns, language)


def show_value(column: str, value: object, columns: Mapping[str, EvidenceLabel], language: Language) -> str:
    """Write one evidence value as a reader sees it: labels for codes, ISO dates, plain numbers, — for nothing."""
    if type(value) is str and value:  # texts and numbers are most of what findings stand on
        return _text(column, value, columns, language)
    if type(value) is Decimal or type(value) is int:
        return plain_number(value)
    separator = "、" if language is Language.ZH else ", "
    match value:
        case None | "":
            text = NOTHING
        case bool():
            text = (_YES if value else _NO).to(language)
        case int() | float() | Decimal():
            text = plain_number(value)
        case datetime():
            text = value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
        case date():
            text = value.isoformat()[:7] if column == "period" else value.isoformat()
        case list() | tuple():
            text = separator.join(show_value(column, item, columns, language) for item in value) or NOTHING
        case _:
            text = _text(column, str(value), columns, language)
    return text


def render_reason(
    template: str, values: Mapping[str, object], columns: Mapping[str, EvidenceLabel], language: Language
) -> str:
    """Fill a template: `[…]` is dropped when a placeholder in it is null; a null elsewhere reads —."""
    sentence: list[str] = []
    for needed, parts in _segments(template):
        if any(values.get(name) in (None, "") for name in needed):
            continue
        for part in parts:
            if type(part) is str:
                sentence.append(part)
            else:
                name = part[0]
                sentence.append(show_value(name, values.get(name), columns, language))
    return "".join(sentence)
