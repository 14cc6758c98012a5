"""Reads a sandbox city back from its files, on its own and simply: no code of the loader."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from python_calamine import load_workbook

from jicha.catalog.schema import Column, Table, schema

_TABLE_OF = {table.zh: name for name, table in schema().tables.items()}


def read_city(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every table as rows of typed values, keyed by canonical names; enum values as codes."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(folder.iterdir()):
        for name, rows in _rows(path):
            found.setdefault(name, []).extend(rows)
    return found


def _rows(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    stem = path.stem
    if path.suffix == ".parquet" and path.name != "truth.parquet":
        name = stem.rpartition("_")[0]
        yield name, pq.read_table(path).to_pylist()
    elif path.suffix == ".csv":
        zh = stem if stem in _TABLE_OF else stem.rpartition("_")[0]
        encoding = "utf-8-sig" if zh == "采集系统电表档案" else "gb18030"
        with path.open(encoding=encoding, newline="") as file:
            lines = list(csv.reader(file))
        yield _TABLE_OF[zh], [_typed(_TABLE_OF[zh], lines[0], line) for line in lines[1:]]
    elif path.suffix == ".xlsx":
        book = load_workbook(str(path))
        for sheet in book.sheet_names:
            grid = [[str(c) if c is not None else "" for c in row] for row in book.get_sheet_by_name(sheet).to_python()]
            header = grid[2]
            body = [row for row in grid[3:] if row[next(i for i, c in enumerate(header) if c)] != "合计"]
            yield _TABLE_OF[sheet], [_typed(_TABLE_OF[sheet], header, row) for row in body]


def _typed(table: str, header: list[str], line: list[str]) -> dict[str, Any]:
    columns = {column.zh: column for column in schema()[table].columns.values()}
    return {columns[zh].name: _value(columns[zh], text) for zh, text in zip(header, line, strict=True) if zh}


def _value(column: Column, text: str) -> Any:
    if text == "" or (column.type == "string" and not text.strip()):
        return None
    if column.labels:
        return {label["zh"]: code for code, label in column.labels.items()}[text]
    if column.decimal:
        return Decimal(text.replace(",", "")).quantize(Decimal(1).scaleb(-column.decimal[1]))
    if column.type == "date":
        digits = text.replace("/", "-")
        if "-" in digits:
            return dt.date(*(int(part) for part in digits.split("-")))
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if column.type == "timestamp":
        return dt.datetime.fromisoformat(text)
    if column.type == "bool":
        return {"是": True, "否": False}[text]
    if column.type == "int":
        return int(float(text))
    return float(text) if column.type == "double" else text


def key(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    """The key of a row."""
    return tuple(row[name] for name in table.key)


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a city by its name; of workbooks, of what their cells hold."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            book = load_workbook(str(path))
            content = repr([book.get_sheet_by_name(n).to_python() for n in book.sheet_names]).encode()
        found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found
