"""Where a session's tables come from: a stored data-set version, or rows given in a test case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from jicha.catalog.schema import Schema
from jicha.engine.bind import rows_sql
from jicha.errors import BadInput
from jicha.warehouse.store import Snapshot


class TableSource(Protocol):
    """What an engine session needs to know of the tables."""

    def has(self, table: str) -> bool:
        """Whether the table was delivered."""

    def rows(self, table: str) -> int:
        """Number of rows; 0 when absent."""

    def relation_sql(self, table: str) -> str:
        """A SELECT of exactly the schema's columns; typed and empty when absent."""

    def may_exceed(self, table: str, column: str, day: date) -> bool:
        """Whether a row may have a later day in a date or timestamp column."""

    def folders(self) -> Sequence[Path]:
        """Folders whose files that SELECT reads: the only ones the engine may open."""


class GivenTables:
    """Tables given as rows, as the cases of rules do."""

    def __init__(
        self, schema: Schema, rows: Mapping[str, Sequence[Mapping[str, Any]]], *, place: str = "given"
    ) -> None:
        self._schema = schema
        self._rows = rows
        for table, content in rows.items():
            if table not in schema:
                raise BadInput(zh=f"{place}：没有名为 {table} 的表。", en=f"{place}: there is no table {table}")
            for row in content:
                wrong = sorted(set(row) - set(schema[table].columns))
                if wrong:
                    raise BadInput(
                        zh=f"{place}：表 {table} 没有列 {'、'.join(wrong)}。",
                        en=f"{place}: table {table} has no column {', '.join(wrong)}",
                    )

    def has(self, table: str) -> bool:
        """Whether the table was given, with or without rows."""
        return table in self._rows

    def rows(self, table: str) -> int:
        """Number of rows given."""
        return len(self._rows.get(table, ()))

    def relation_sql(self, table: str) -> str:
        """A SELECT of the rows given."""
        columns = {name: _catalog_type(column.type) for name, column in self._schema[table].columns.items()}
        content = [[row.get(name) for name in columns] for row in self._rows.get(table, ())]
        return rows_sql(content, columns)

    def may_exceed(self, table: str, column: str, day: date) -> bool:  # noqa: ARG002 - few rows: not looked at
        """Whether a row may have a later day: any may."""
        return True

    def folders(self) -> Sequence[Path]:
        """No file is read."""
        return ()


def _catalog_type(type_: str) -> str:
    return "string" if type_ == "enum" else type_


class StoredTables:
    """The tables of a stored data-set version."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def has(self, table: str) -> bool:
        """Whether the table was ever delivered."""
        return self._snapshot.has(table)

    def rows(self, table: str) -> int:
        """Number of rows of this version."""
        return self._snapshot.rows(table)

    def relation_sql(self, table: str) -> str:
        """A SELECT over the files of this version."""
        return self._snapshot.relation_sql(table)

    def may_exceed(self, table: str, column: str, day: date) -> bool:
        """Whether a row may have a later day, by the statistics of the files."""
        return self._snapshot.may_exceed(table, column, day)

    def folders(self) -> Sequence[Path]:
        """The folder of the stored tables."""
        return (self._snapshot.data / "tables",)
