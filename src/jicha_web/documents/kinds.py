"""Kinds of papers, read from documents.yaml, and what one says: its blocks filled with values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jicha_web import core

_PLACE = re.compile(r"\{(\w+)\}")
_ADDRESSED = re.compile(r"\{\w+\}：")  # to whom a paper speaks stands without an indent
_WIDTHS = {
    "number": 1,
    "rule": 2,
    "name": 4,
    "reason": 8,
    "text": 8,
    "result": 4,
    "label": 3,
    "formula": 4,
    "numbers": 6,
}


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
        named |= set(block.get("fields", ()))
        named |= {block[key] for key in ("table", "items") if key in block}
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
    return {
        "title": kind.label.zh, "number": values["number"], "issuer": values["issuer"],
        "issued_on": values["issued_on"], "watermark": watermark, "blocks": blocks,
        "labels": {"date": "    年    月    日"},
    }  # fmt: skip


def _block(block: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any] | None:
    if "fields" in block:
        return _fields(block["fields"], values)
    if "text" in block:
        places = _PLACE.findall(block["text"])
        if places and not any(values.get(name) for name in places):
            return None
        text = filled(block["text"], values)
        return {"kind": "text", "text": text, "indent": not _ADDRESSED.fullmatch(block["text"])}
    if "items" in block:
        items = [str(row["text"]) for row in values.get(block["items"]) or ()]
        return {"kind": "items", "heading": block.get("heading", ""), "items": items} if items else None
    if "table" in block:
        columns: Mapping[str, str] = block["columns"]
        rows = [[str(row.get(name) or "") for name in columns] for row in values.get(block["table"]) or ()]
        widths = [_WIDTHS.get(name, 3) for name in columns]
        head = {"kind": "table", "heading": block.get("heading", ""), "columns": list(columns.values())}
        return {**head, "widths": widths, "rows": rows} if rows else None
    return {"kind": "signatures", "items": list(block["signatures"])}


def _fields(names: Sequence[str], values: Mapping[str, Any]) -> dict[str, Any]:
    labels = value_labels()
    cells = [(labels[name].zh, str(values.get(name) or "")) for name in names]
    if len(cells) % 2:
        cells.append(("", ""))
    rows = [[*cells[at], *cells[at + 1]] for at in range(0, len(cells), 2)]
    return {"kind": "fields", "rows": rows}
