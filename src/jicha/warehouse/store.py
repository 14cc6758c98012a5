"""The data folder: its manifests, its stored tables, its lock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path

from jicha.catalog.schema import Schema, schema
from jicha.errors import MachineFailure
from jicha.language import Text
from jicha.warehouse.lock import locked
from jicha.warehouse.manifest import Manifest, read_manifest
from jicha.warehouse.tables import TableFiles, check_folder_name, damaged, relation_sql


class Snapshot:
    """The tables of one data-set version, for reading; later loads do not change it.

    verify: compare the content of files with their checksums before they are read; their sizes always are.
    """

    def __init__(self, data: Path, manifest: Manifest, tables: Schema, *, verify: bool = True) -> None:
        self.data = data
        self._verify = verify
        self.manifest = manifest
        self._schema = tables
        self._opened: dict[str, TableFiles] = {}
        self._damaged: dict[str, MachineFailure] = {}  # found once, not read again for every rule

    def _files(self, table: str) -> TableFiles:
        if table in self._damaged:
            raise self._damaged[table]
        if table not in self._opened:
            with self._noted(table):
                folder, known = self.data / "tables" / table, self.manifest.tables[table]
                found = TableFiles(folder, known.delta_version)
                if known.table_id not in {"", found.table_id}:
                    raise damaged(folder, folder, Text("此后已重建", "it was built anew since"))
                self._opened[table] = found
        return self._opened[table]

    @contextmanager
    def _noted(self, table: str) -> Iterator[None]:
        try:
            yield
        except MachineFailure as error:
            self._damaged[table] = error
            raise

    def damage(self, table: str) -> MachineFailure | None:
        """Return what is wrong with a table's files, without reading their content; None when they are all there."""
        try:
            self.files(table)
        except MachineFailure as error:
            return error
        return None

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

        months: read only the files of these months (ISO first days) of a table that is split. MachineFailure when a
        file is gone or is not as it was stored.
        """
        stored = self._files(table) if self.has(table) else None
        with self._noted(table):
            return relation_sql(self._schema[table], stored, months, verify=self._verify)

    def months(self, table: str) -> list[str]:
        """Return the months (ISO first days) that a table has files of; empty when it is not split."""
        return self._files(table).months(self._schema[table]) if self.has(table) else []


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
