"""Fixtures that several parts share: stored tables made from rows, without the loader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jicha.catalog.schema import schema
from jicha.engine.source import GivenTables
from jicha.warehouse.manifest import TableVersion, read_manifest, write_manifest
from jicha.warehouse.tables import stored_columns_sql, write_table

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def store_rows(data: Path, tables: Rows) -> None:
    """Write tables of given rows as a new data-set version; tables not given stay as they are."""
    data.mkdir(parents=True, exist_ok=True)
    before = read_manifest(data)
    given = GivenTables(schema(), tables)
    versions = dict(before.tables)
    with duckdb.connect() as connection:
        for name, rows in tables.items():
            table = schema()[name]
            columns = stored_columns_sql(table)
            reader = connection.sql(f"SELECT {columns} FROM ({given.relation_sql(name)})").to_arrow_reader()
            version = write_table(table, data / "tables" / name, reader, months=None)
            versions[name] = TableVersion(version, len(rows), None, None, "2026-10-16T00:00:00", "test")
    number = before.version + 1
    write_manifest(data, replace(before, version=number, parent=before.version, tables=versions, loads=("test",)))


@pytest.fixture
def store() -> Callable[[Path, Rows], None]:
    """The function that stores rows."""
    return store_rows
