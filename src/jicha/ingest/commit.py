"""Writing a load: the tables it changes, its own folder, and last the manifest, which alone makes it exist."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deltalake.exceptions import DeltaError

from jicha.catalog.schema import Table
from jicha.errors import MachineFailure
from jicha.ingest.merge import Change
from jicha.ingest.scratch import REJECTS, WARNINGS, Scratch
from jicha.warehouse import Manifest, TableVersion, Warehouse
from jicha.warehouse.checksums import add_sums
from jicha.warehouse.leftovers import mark, sweep, unmark
from jicha.warehouse.manifest import prepare, replace_file, write_manifest
from jicha.warehouse.tables import TableFiles, month_sql, relation_sql, roll_back, stored_columns_sql, write_table

_BATCH = 100_000  # rows handed to the table's writer at once
_CELLS = 60_000_000  # values that one write takes: some 600 MB in the writer


@dataclass(frozen=True)
class Writer:
    """Writes the parts of one load."""

    warehouse: Warehouse
    manifest: Manifest  # the version that the load starts from
    load_id: str
    now: datetime
    scratch: Scratch

    @property
    def folder(self) -> Path:
        """The load's own folder."""
        return self.warehouse.data / "loads" / self.load_id

    def table(self, table: Table, change: Change) -> TableVersion:
        """Write what a load changes in a table; MachineFailure when the stored rows are not as many as planned."""
        folder = self.warehouse.data / "tables" / table.name
        before = self.manifest.tables.get(table.name)
        try:
            roll_back(folder, before.delta_version if before else None)
        except DeltaError:
            if change.months is not None:
                raise
            shutil.rmtree(folder, ignore_errors=True)  # the log is broken and the whole table is written anew
        prepare(self.warehouse.data)
        mark(folder)
        version = 0
        for number, condition in enumerate(self._parts(table, change)):
            part = f"SELECT {stored_columns_sql(table)} FROM ({change.content}) WHERE {condition}"
            rows = self.scratch.connection.sql(part).to_arrow_reader(_BATCH)
            version = write_table(table, folder, rows, months=change.months, append=number > 0)
        stored = TableFiles(folder, version)
        add_sums(folder, stored.files)
        if stored.rows != change.rows:
            raise MachineFailure(
                zh=f"表 {table.name} 写入后有 {stored.rows} 行，应为 {change.rows} 行。"
                "数据未改动；请重试并报告此问题。",
                en=f"{table.name} has {stored.rows} rows after writing instead of {change.rows}; the data are as "
                "before; try again and report this",
            )
        first, last = self._periods(table, stored)
        return TableVersion(version, stored.rows, first, last, self.now.isoformat(), self.load_id, stored.table_id)

    def _parts(self, table: Table, change: Change) -> list[str]:
        """Return conditions on the months of what is written, one per write: each gives what memory can hold.

        The table's writer keeps the rows of all open months in memory until it ends.
        """
        most = _CELLS // len(table.columns)
        if table.partition is None or change.rows <= most:
            return ["true"]
        month = month_sql(table)
        counts = self.scratch.rows(f"SELECT {month} AS m, count(*) FROM ({change.content}) GROUP BY m ORDER BY m")
        parts: list[list[str]] = []
        filled = most
        for value, rows in counts:
            if filled + rows > most:
                parts.append([])
                filled = 0
            parts[-1].append(f"{month} IS NULL" if value is None else f"{month} = DATE '{value}'")
            filled += rows
        return [f"({' OR '.join(part)})" for part in parts] or ["true"]

    def _periods(self, table: Table, stored: TableFiles) -> tuple[str | None, str | None]:
        months = stored.months(table)
        if months:
            return months[0], months[-1]
        column = "period" if "period" in table.columns else table.arose
        if column is None:
            return None, None
        month = f"CAST(date_trunc('month', {column}) AS DATE)"
        first, last = self.scratch.row(f"SELECT min({month}), max({month}) FROM ({relation_sql(table, stored)})")
        return (str(first), str(last)) if first is not None else (None, None)

    def records(self, content: Mapping[str, Any], aside: Mapping[str, str]) -> None:
        """Write the load's folder: what it did, its rejects, its warnings, the unknown columns."""
        self.folder.mkdir(parents=True)
        scratch = self.scratch
        load = f"'{self.load_id}' AS load_id"
        order = '"table", file, sheet NULLS FIRST, line'
        rejects = scratch.collected("rejects", REJECTS)
        scratch.copy(f'SELECT {load}, * FROM ({rejects}) ORDER BY {order}, "column"', self.folder / "rejects.parquet")
        warnings = scratch.collected("warnings", WARNINGS)
        scratch.copy(
            f'SELECT {load}, * FROM ({warnings}) ORDER BY {order}, "column", value', self.folder / "warnings.parquet"
        )
        for table, sql in aside.items():
            (self.folder / "aside").mkdir(exist_ok=True)
            scratch.copy(sql, self.folder / "aside" / f"{table}.parquet")
        replace_file(self.folder / "load.json", json.dumps(content, ensure_ascii=False, indent=1, default=str))

    def commit(self, tables: Mapping[str, TableVersion]) -> Manifest:
        """Make the new data-set version the current one."""
        before = self.manifest
        after = Manifest(
            version=before.version + 1,
            parent=before.version or None,
            created_at=self.now.isoformat(),
            loads=(*before.loads, self.load_id),
            tables=dict(before.tables) | dict(tables),
        )
        write_manifest(self.warehouse.data, after)
        for name in tables:
            unmark(self.warehouse.data / "tables" / name)
        return after


def clean_up(data: Path, manifest: Manifest) -> None:
    """Remove what killed loads left behind; the caller holds the lock."""
    sweep(data)
    for folder in (data / "tmp").glob("*"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (data / "loads").glob("*"):
        if folder.name not in manifest.loads:
            shutil.rmtree(folder, ignore_errors=True)
    for file in [*data.glob(".manifest.json.*.tmp"), *(data / "manifests").glob(".*.tmp")]:
        with contextlib.suppress(OSError):
            file.unlink()
