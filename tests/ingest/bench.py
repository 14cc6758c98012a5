"""A bench for load tests: a source folder, a data folder, and rows derived from the schema."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from jicha.catalog.schema import Column, schema
from jicha.ingest import LoadResult, Replace, load
from jicha.warehouse import Warehouse

NOW = datetime(2026, 10, 15, 8, 0)


def sample(column: Column, number: int) -> str:
    """Return a valid source text of a column; other numbers, other texts."""
    if column.labels:
        return list(column.labels)[number % len(column.labels)]
    if column.decimal is not None:
        return f"{number}.{'5' if column.decimal[1] else ''}"
    if column.name == "period":
        return f"2026-{number % 12 + 1:02d}-01"
    return {
        "int": str(number),
        "double": f"{number}.25",
        "bool": ("是", "否")[number % 2],
        "date": f"2026-01-{number % 28 + 1:02d}",
        "timestamp": f"2026-01-{number % 28 + 1:02d} 08:00:00",
    }.get(column.type, f"{column.name[:1].upper()}{number}")


def row(table: str, number: int, **values: Any) -> dict[str, Any]:
    """Return a row with all required columns, and those given."""
    columns = schema()[table].columns
    required = {name: sample(column, number) for name, column in columns.items() if column.required}
    return required | values


def full_row(table: str, number: int) -> dict[str, Any]:
    """Return a row with all columns."""
    return {name: sample(column, number) for name, column in schema()[table].columns.items()}


def chinese(table: str, names: Sequence[str]) -> list[str]:
    """Return the Chinese labels of columns; other names stay."""
    columns = schema()[table].columns
    return [columns[name].zh if name in columns else name for name in names]


def csv_text(
    table: str, rows: Sequence[Mapping[str, Any]], *, delimiter: str = ",", end: str = "\n", zh: bool = True
) -> str:
    """Return rows as CSV text."""
    names = list(dict.fromkeys(name for item in rows for name in item)) or [
        name for name, column in schema()[table].columns.items() if column.required
    ]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(chinese(table, names) if zh else names)
    writer.writerows([["" if item.get(name) is None else item[name] for name in names] for item in rows])
    return out.getvalue()


class Bench:
    """A source folder and a data folder."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "来源"
        self.data = folder / "数据 data"  # blanks and Chinese in the path on purpose
        self.source.mkdir()

    def write(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def rows(self, name: str, table: str, rows: Sequence[Mapping[str, Any]], **options: Any) -> Path:
        return self.write(name, csv_text(table, rows, **options))

    def clear(self) -> None:
        for path in sorted(self.source.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()

    def load(
        self, *sources: Path | str, mapping: Path | None = None, replace: str = "none", check: bool = False
    ) -> LoadResult:
        given = list(sources) or [self.source]
        return load(self.data, given, now=NOW, mapping=mapping, replace=Replace(replace), check=check, user="tester")

    def table(self, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Return the stored rows, ordered by all columns."""
        relation = Warehouse(self.data).snapshot().relation_sql(name)
        with duckdb.connect() as connection:
            return connection.execute(f"SELECT {columns} FROM ({relation}) ORDER BY ALL").fetchall()

    def record(self, kind: str, columns: str = "*", load: int = -1) -> list[tuple[Any, ...]]:
        """Return rows of a load's rejects or warnings."""
        load_id = Warehouse(self.data).manifest().loads[load]
        path = self.data / "loads" / load_id / f"{kind}.parquet"
        with duckdb.connect() as connection:
            return connection.execute(f"SELECT {columns} FROM '{path}' ORDER BY ALL").fetchall()

    def errors(self) -> list[tuple[Any, ...]]:
        """Return (line, column, code, value) of the latest rejects."""
        return self.record("rejects", 'line, "column", code, value')

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all stored tables."""
        return {name: self.table(name) for name in Warehouse(self.data).manifest().tables}
