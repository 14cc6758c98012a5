"""Kinds of papers, read from documents.yaml, and what one says: its blocks filled with values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jicha_web import core

_PLACE = re.compile(r"\{(\w+)\}")
_ADDRESSED = re.compile(r"\{\w+\}：")  # to whom a paper speaks stands without an indent
EMPTY = "—"  # what a field says that has no value: nobody fills it in later


@dataclass(frozen=True)
class Kind:
    """One kind of paper."""

    code: str
    label: core.Text
    mark: str
    audience: str  # customer, internal
    action: str
    states: frozenset[str]
    outcomes: frozenset[str]  # empty: any
    approved: bool
    requires: tuple[str, ...]
    asks: tuple[str, ...]  # values that who makes it writes
    blocks: tuple[Mapping[str, Any], ...]


@cache
def value_labels() -> dict[str, core.Text]:
    """Return what a template may name, with its label."""
    return {name: core.Text(v["zh"], v["en"]) for name, v in core.application_file("documents")["values"].items()}


@cache
def row_columns() -> dict[str, tuple[str, ...]]:
    """Return the values that are lists, with what each of their rows has."""
    return {
        name: tuple(v["of"]) for name, v in core.application_file("documents")["values"].items() if "of" in v
    }  # fmt: skip


@cache
def column_widths() -> dict[str, int]:
    """Return how wide each column of a table is in relation to the others."""
    return dict(core.application_file("documents")["widths"])


@cache
def kinds() -> dict[str, Kind]:
    """Return all kinds of papers; ValueError when the file names a value that does not exist."""
    found = {}
    for code, item in core.application_file("documents")["kinds"].items():
        asks = item.get("asks", ())
        found[code] = Kind(
            code=code, label=core.Text(item["zh"], item["en"]), mark=item["mark"], audience=item["audience"],
            action=item["action"], states=frozenset(item["states"]), outcomes=frozenset(item.get("outcomes", ())),
            approved=item.get("approved", False), requires=tuple(item["requires"]),
            asks=(asks,) if isinstance(asks, str) else tuple(asks), blocks=tuple(item["blocks"]),
        )  # fmt: skip
        unknown = sorted(named_values(found[code]) - set(value_labels()))
        if unknown:
            raise ValueError(f"documents.yaml: {code} names unknown values {unknown}")
    return found


def named_values(kind: Kind) -> set[str]:
    """Return the values that a kind's blocks and requirements name."""
    named = {*kind.requires, *kind.asks}
    for block in kind.blocks:
        named |= {*block.get("fields", ()), *block.get("wide", ())}
        named |= {block[key] for key in ("table", "items", "seal") if key in block}
        named |= set(_PLACE.findall(block.get("text", "")))
    return named


def lacking(kind: Kind, values: Mapping[str, Any]) -> list[str]:
    """Return the values a paper cannot do without and that are not there."""
    return [name for name in kind.requires if not values.get(name)]


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Return a text with its places filled; a value is put in as it is, whatever it holds."""
    return _PLACE.sub(lambda found: str(values.get(found[1]) or ""), text)


def paper_data(kind: Kind, values: Mapping[str, Any], *, watermark: str = "") -> dict[str, Any]:
    """Return what the template `paper` needs for one paper; parts without content are left out."""
    blocks = [made for block in kind.blocks if (made := _block(block, values))]
    sealed = any(block["kind"] == "seal" for block in blocks)  # the day stands with the seal then
    return {
        "title": kind.label.zh, "number": values["number"], "issuer": values["issuer"],
        "issued_on": "" if sealed else values["issued_on"], "watermark": watermark, "blocks": blocks,
        "labels": {"date": "    年    月    日", "seal": "（盖章）"},
    }  # fmt: skip


def _block(block: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any] | None:
    if "fields" in block:
        return _fields(block["fields"], block.get("wide", ()), values)
    if "text" in block:
        return _text(block["text"], values)
    if "items" in block or "table" in block:
        return _list(block, values)
    return _end(block, values)


def _text(text: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    places = _PLACE.findall(text)
    if places and not any(values.get(name) for name in places):
        return None
    lines = [line.strip() for line in filled(text, values).splitlines() if line.strip()]
    return {"kind": "text", "lines": lines, "indent": not _ADDRESSED.fullmatch(text)}


def _list(block: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any] | None:
    heading, given = block.get("heading", ""), values.get(block.get("items") or block["table"]) or ()
    if not given:
        return None
    if "items" in block:
        return {"kind": "items", "heading": heading, "items": [str(row["text"]) for row in given]}
    columns: Mapping[str, str] = block["columns"]
    return {
        "kind": "table", "heading": heading, "columns": list(columns.values()),
        "widths": [column_widths()[name] for name in columns], "rows": [_row(row, columns) for row in given],
    }  # fmt: skip


def _end(block: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what closes a paper: who issues it, room to write, who signs."""
    if "seal" in block:
        return {"kind": "seal", "unit": str(values[block["seal"]]), "day": str(values["issued_on"])}
    if "lines" in block:
        return {"kind": "lines", "heading": block["heading"], "count": block["lines"]}
    return {"kind": "signatures", "items": list(block["signatures"])}


def _row(row: Mapping[str, Any], columns: Iterable[str]) -> list[str]:
    """Return the cells of a row; one cell where the row says one thing only, as a heading of others does."""
    cells = [str(row.get(name) or "") for name in columns]
    return cells[:1] if len(row) == 1 else cells


def _fields(names: Sequence[str], wide: Sequence[str], values: Mapping[str, Any]) -> dict[str, Any] | None:
    if not any(values.get(name) for name in (*names, *wide)):
        return None
    labels = value_labels()

    def pair(name: str) -> list[str]:
        return [labels[name].zh, str(values.get(name) or EMPTY)]

    rows = [[cell for name in names[at : at + 2] for cell in pair(name)] for at in range(0, len(names), 2)]
    return {"kind": "fields", "rows": [*rows, *map(pair, wide)]}  # a row of one pair is as wide as two
