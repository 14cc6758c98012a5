"""Recognising tables and columns by the names that exports give them."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jicha.catalog.schema import Column, Schema, Table
from jicha.ingest.units import column_unit, conversion

_IGNORED = re.compile(r"[\s_\-.:*'\"]+")
_TRAILING_UNIT = re.compile(r"\(([^()]*)\)$")
_GENERIC = re.compile(r"(sheet|工作表|表|data|数据|页|page|export|导出|result|查询结果)?[\s_\-(]*\d*\)?")


def normal(text: str) -> str:
    """Return a name as it is compared: NFKC, lower case, without blanks, underscores and hyphens."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).lower())


def _split_unit(name: str) -> tuple[str, str]:
    """Split `合同容量(kVA)` into name and unit; the unit is empty where there is none."""
    match = _TRAILING_UNIT.search(name)
    return (name[: match.start()], match[1]) if match and match.start() else (name, "")


@dataclass(frozen=True)
class ColumnMatch:
    """A source column that was recognised."""

    column: Column
    unit: str | None = None  # the unit named in the header, where it is another one than the column's


@functools.cache
def _column_names(table: Table) -> Mapping[str, Column]:
    names: dict[str, Column] = {}
    for column in table.columns.values():
        for name in (column.name, column.zh):
            names.setdefault(normal(name), column)
    for column in table.columns.values():  # after the full names, which go first
        names.setdefault(_split_unit(normal(column.zh))[0], column)
    return names


@functools.lru_cache(maxsize=65_536)  # every row near the top of a file is asked whether it is the header
def match_column(table: Table, header: str) -> ColumnMatch | None:
    """Return the canonical column that a header cell names, or None.

    A unit in brackets at the end may be missing, or be another one of the same kind (`结算电量(万kWh)`); one of another
    kind makes it another column.
    """
    name = normal(header)
    names = _column_names(table)
    if name in names:
        return ColumnMatch(names[name])
    stem, unit = _split_unit(name)
    column = names.get(stem) if unit else None
    if column is None:
        return None
    own = column_unit(column)
    if own is None or normal(own) == unit:
        return ColumnMatch(column)
    return ColumnMatch(column, unit) if conversion(unit, own) is not None else None


def match_columns(table: Table, header: Sequence[str]) -> dict[str, tuple[int, ColumnMatch]]:
    """Return canonical column -> (position, match); of repeated headers the first counts."""
    found: dict[str, tuple[int, ColumnMatch]] = {}
    for position, cell in enumerate(header):
        match = match_column(table, cell) if cell else None
        if match is not None:
            found.setdefault(match.column.name, (position, match))
    return found


@functools.cache
def _tables_of_names(tables: tuple[Table, ...]) -> Mapping[str, frozenset[Table]]:
    found: dict[str, set[Table]] = {}
    for table in tables:
        for name in _column_names(table):
            found.setdefault(name, set()).add(table)
    return {name: frozenset(having) for name, having in found.items()}


def tables_with_any(schema: Schema, header: Sequence[str]) -> list[Table]:
    """Return the tables of which some cell may name a column: the others need not be asked."""
    known = _tables_of_names(tuple(schema.tables.values()))
    asked: set[Table] = set()
    for cell in header:
        name = normal(cell)
        asked.update(known.get(name, ()), known.get(_split_unit(name)[0], ()))
    return [table for table in schema.tables.values() if table in asked]


@functools.cache
def _known_names(tables: tuple[Table, ...]) -> Mapping[str, Table]:
    return {normal(name): table for table in tables for name in (table.name, table.zh)}


def _cuts(name: str) -> list[str]:
    """Return a name and what remains when suffixes are cut off, longest first.

    Cut are separators, brackets, digits and the border of Chinese and other letters, so `meter_event` is never `meter`
    with a suffix unless nothing longer is known.
    """
    text = unicodedata.normalize("NFKC", name).lower()
    places = [len(text)]
    for index in range(len(text) - 1, 0, -1):
        here, before = text[index], text[index - 1]
        border = (here >= "\u2e80") != (before >= "\u2e80")
        digit = here.isdigit() and not before.isdigit()
        if here in " _-.([{【#~+" or border or digit:
            places.append(index)
    return [text[:place] for place in places]


def table_by_name(schema: Schema, name: str) -> Table | None:
    """Return the table that a file, sheet or folder name names, with or without a suffix."""
    known = _known_names(tuple(schema.tables.values()))
    for cut in _cuts(name):
        table = known.get(normal(cut))
        if table is not None:
            return table
    return None


def is_generic(name: str) -> bool:
    """Say whether a sheet name says nothing about its content (Sheet1, 工作表1)."""
    return _GENERIC.fullmatch(unicodedata.normalize("NFKC", name).strip().lower()) is not None


def tables_by_header(schema: Schema, header: Sequence[str]) -> list[Table]:
    """Return the tables that a header fits best: all required columns, the most recognised ones; several when tied."""
    scores: dict[str, int] = {}
    for table in tables_with_any(schema, header):
        found = match_columns(table, header)
        if all(column.name in found for column in table.columns.values() if column.required):
            scores[table.name] = len(found)
    best = max(scores.values(), default=0)
    return [schema[name] for name, score in scores.items() if score == best]
