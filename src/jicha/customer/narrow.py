"""The tables of one customer as a source of an engine session: what the models compute of them costs milliseconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jicha.catalog.schema import schema
from jicha.customer.reader import Reader
from jicha.engine.source import GivenTables
from jicha.warehouse.tables import quoted


class OneCustomer(GivenTables):
    """Rows read beforehand; a table without rows here is still delivered when the store has it."""

    def __init__(self, reader: Reader, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        super().__init__(schema(), rows, place="customer")
        self._reader = reader

    def has(self, table: str) -> bool:
        """Whether the store has the table."""
        return self._reader.snapshot.has(table)


class NarrowTables:
    """Tables filtered where they are read: per table (column, ids); what is not named has no rows."""

    def __init__(
        self, reader: Reader, filters: Mapping[str, tuple[str, Collection[str]]], *, since: Mapping[str, date]
    ) -> None:
        self._reader = reader
        self._filters = filters
        self._since = since

    def has(self, table: str) -> bool:
        """Whether the store has the table."""
        return self._reader.snapshot.has(table)

    def rows(self, table: str) -> int:
        """Number of rows in the store."""
        return self._reader.snapshot.rows(table)

    def relation_sql(self, table: str) -> str:
        """A SELECT of the rows of the ids; empty for a table that is not named."""
        if table not in self._filters:
            return self._reader.relation(table, ()) if schema()[table].partition else self._empty(table)
        column, ids = self._filters[table]
        since = self._since.get(table)
        months = None if since is None else self._reader.months_from(table, since)
        among = ", ".join(quoted(name) for name in sorted(ids)) or "NULL"
        return f"SELECT * FROM ({self._reader.relation(table, months)}) WHERE {column} IN ({among})"

    @staticmethod
    def _empty(table: str) -> str:
        columns = schema()[table].columns.values()
        return f"SELECT {', '.join(f'CAST(NULL AS {c.sql_type}) AS {c.name}' for c in columns)} WHERE false"

    def may_exceed(self, table: str, column: str, day: date) -> bool:
        """Whether a row may have a later day."""
        return self._reader.snapshot.may_exceed(table, column, day)

    def folders(self) -> Sequence[Path]:
        """The folder of the stored tables."""
        return (self._reader.snapshot.data / "tables",)
