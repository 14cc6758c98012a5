"""The data folder: its manifests, its stored tables, its lock."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

from jicha.catalog.schema import Schema, schema
from jicha.language import Text
from jicha.warehouse.lock import locked
from jicha.warehouse.manifest import Manifest, read_manifest
from jicha.warehouse.tables import TableFiles, check_folder_name, relation_sql


class Snapshot:
    """The tables of one data-set version, for reading; later loads do not change it."""

    def __init__(self, data: Path, manifest: Manifest, tables: Schema) -> None:
        self.data = data
        self.manifest = manifest
        self._schema = tables
        self._files: Callable[[str], TableFiles] = functools.cache(self._open)

    def _open(self, table: str) -> TableFiles:
        return TableFiles(self.data / "tables" / table, self.manifest.tables[table].delta_version)

    def has(self, table: str) -> bool:
        """Say whether the table was ever delivered (it may be empty)."""
        return table in self.manifest.tables

    def rows(self, table: str) -> int:
        """Return the number of rows; 0 where the table was not delivered."""
        return self.manifest.tables[table].rows if self.has(table) else 0

    def files(self, table: str) -> list[Path]:
        """Return the Parquet files of the table."""
        return self._files(table).files if self.has(table) else []

    def may_exceed(self, table: str, column: str, day: date) -> bool:
        """Say whether a row of the table may have a later day in a date or timestamp column."""
        return self.has(table) and self._files(table).may_exceed(column, day)

    def relation_sql(self, table: str, months: Collection[str] | None = None) -> str:
        """Return a SELECT giving exactly the canonical columns and types of a table, in the schema's order.

        months: read only the files of these months (ISO first days) of a table that is split.
        """
        stored = self._files(table) if self.has(table) else None
        return relation_sql(self._schema[table], stored, months)


class Warehouse:
    """One data folder."""

    def __init__(self, data: Path, tables: Schema | None = None) -> None:
        """Open a data folder, which need not exist yet; BadInput when its path cannot be used."""
        check_folder_name(data)
        self.data = data.absolute()
        self.schema = tables or schema()

    def manifest(self, version: int | None = None) -> Manifest:
        """Return the current manifest or a named one; version 0 when nothing was loaded."""
        return read_manifest(self.data, version)

    def snapshot(self, version: int | None = None) -> Snapshot:
        """Return the tables of the current data-set version, or of a named one."""
        return Snapshot(self.data, self.manifest(version), self.schema)

    def lock(
        self, *, wait_seconds: float, on_wait: Callable[[Text], None] | None = None
    ) -> AbstractContextManager[None]:
        """Hold the folder for writing; Busy when another process does for longer than `wait_seconds`."""
        return locked(self.data, wait_seconds=wait_seconds, on_wait=on_wait)
