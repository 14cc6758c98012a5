"""The quality of data-set versions: DATA/quality/NNNNNN.json, measured once and kept beside the manifest.

The file is derived: where it is missing, damaged or of another state of the tables, it is measured again; figures of
tables that did not change are taken from the version before.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from jicha.errors import BadInput, JichaError
from jicha.language import Text
from jicha.quality.figures import Delivery, Quality, TableFigures, from_json
from jicha.quality.measure import lost_key, lost_references, scan, scan_key
from jicha.quality.settings import Settings, settings
from jicha.warehouse import Snapshot, Warehouse
from jicha.warehouse.machine import in_words
from jicha.warehouse.manifest import replace_file
from jicha.warehouse.tables import files_sql, quoted

Watch = Callable[[str, int, int], None]


def _silent(_table: str, _done: int, _total: int) -> None:
    pass


def quality_path(data: Path, version: int) -> Path:
    """Return where the figures of a version are kept."""
    return data / "quality" / f"{version:06d}.json"


def _kept(data: Path, version: int) -> Quality | None:
    try:
        return from_json(json.loads(quality_path(data, version).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


class Book:
    """The qualities of a data folder's versions."""

    def __init__(self, data: Path, *, memory: str = "4GB", watch: Watch = _silent) -> None:
        """Open a data folder.

        memory: limit of the engine, such as `4GB`; what needs more spills to the data folder.
        """
        self.warehouse = Warehouse(data)
        self.data = self.warehouse.data
        self.memory = memory
        self.watch = watch
        self.settings: Settings = settings()
        self.unwritten: str = ""  # why figures could not be kept; they are shown all the same
        self._known: dict[int, Quality] = {}

    def of(self, version: int | None = None) -> Quality:
        """Return the quality of a version, the current one by default; measured where it is not known yet.

        BadInput where nothing was loaded or there is no such version, MachineFailure where a stored file is gone.
        """
        snapshot = self.warehouse.snapshot(version)
        number = snapshot.manifest.version
        if not number:
            raise BadInput(
                zh=f"{self.data} 还没有数据。请先用 jicha load 导入。",
                en=f"{self.data} holds no data yet; load some with `jicha load`",
            )
        if number not in self._known:
            kept = _kept(self.data, number)
            self._known[number] = kept if kept and self._current(kept, snapshot) else self._measure(snapshot)
        return self._known[number]

    def trend(self, version: int | None = None) -> list[Quality]:
        """Return the latest versions up to one, oldest first; earlier ones that cannot be read are left out."""
        last = self.warehouse.manifest(version).version
        found = []
        for number in range(max(1, last - self.settings.trend_versions + 1), last):
            with contextlib.suppress(JichaError):
                found.append(self.of(number))
        return [*found, self.of(version)]

    def rows_to_read(self) -> int:
        """Return how many rows measuring the current version would read; references count for a quarter."""
        snapshot = self.warehouse.snapshot()
        before = self._before(snapshot)
        rows = 0
        for name, table in self.warehouse.schema.tables.items():
            known = before.get(name)
            if snapshot.has(name) and (known is None or known.scan_key != scan_key(snapshot, table, self.settings)):
                rows += snapshot.rows(name)
            if snapshot.has(name) and (known is None or known.lost_key != lost_key(snapshot, table)):
                rows += snapshot.rows(name) // 4 if any(table.references) else 0
        return rows

    def _current(self, kept: Quality, snapshot: Snapshot) -> bool:
        loads = snapshot.manifest.loads
        return (
            kept.load_id == (loads[-1] if loads else "")
            and kept.created_at == snapshot.manifest.created_at
            and set(kept.tables) == {name for name in self.warehouse.schema.tables if snapshot.has(name)}
            and all(
                table.scan_key == scan_key(snapshot, self.warehouse.schema[name], self.settings)
                and table.lost_key == lost_key(snapshot, self.warehouse.schema[name])
                for name, table in kept.tables.items()
            )
        )

    def _before(self, snapshot: Snapshot) -> dict[str, TableFigures]:
        """Return the nearest figures known before a version, which hold for the tables that did not change."""
        first = snapshot.manifest.version - 1
        for number in range(first, max(0, first - self.settings.trend_versions), -1):
            kept = self._known.get(number) or _kept(self.data, number)
            if kept:
                return dict(kept.tables)
        return {}

    def _measure(self, snapshot: Snapshot) -> Quality:
        started = time.perf_counter()
        before = self._before(snapshot)
        names = [name for name in self.warehouse.schema.tables if snapshot.has(name)]
        tables = {}
        with _engine(self.data, self.memory) as connection:
            for number, name in enumerate(names):
                self.watch(name, number, len(names))
                tables[name] = self._table(connection, snapshot, name, before.get(name))
            deliveries = _deliveries(connection, snapshot)
        quality = Quality(
            version=snapshot.manifest.version,
            created_at=snapshot.manifest.created_at,
            load_id=snapshot.manifest.loads[-1] if snapshot.manifest.loads else "",
            tables=tables,
            deliveries={name: deliveries[name] for name in self.warehouse.schema.tables if name in deliveries},
            seconds=round(time.perf_counter() - started, 3),
        )
        try:
            path = quality_path(self.data, quality.version)
            path.parent.mkdir(exist_ok=True)
            replace_file(path, json.dumps(quality.to_json(), ensure_ascii=False, separators=(",", ":")))
        except OSError as error:
            self.unwritten = error.strerror or str(error)
        return quality

    def _table(
        self, connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, name: str, before: TableFigures | None
    ) -> TableFigures:
        table = self.warehouse.schema[name]
        keys = scan_key(snapshot, table, self.settings), lost_key(snapshot, table)
        if before and before.scan_key == keys[0]:
            rows, columns, periods = before.rows, before.columns, before.periods
        else:
            rows, columns, periods = scan(connection, snapshot, table, self.settings)
        lost = before.lost if before and before.lost_key == keys[1] else lost_references(connection, snapshot, table)
        return TableFigures(rows, *keys, columns, lost, periods)


@contextlib.contextmanager
def _engine(data: Path, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect within the memory limit; what a machine cannot do becomes a message."""
    spill = _spill_folder(data)
    connection = duckdb.connect()
    try:
        for name, value in {
            "memory_limit": memory, "temp_directory": str(spill), "enable_progress_bar": "false",
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        }.items():  # fmt: skip
            connection.execute(f"SET {name} = {quoted(value)}")
        with in_words(doing=Text("统计数据质量", "measuring the data quality"), place=data, memory=memory):
            yield connection
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def _spill_folder(data: Path) -> Path:
    """Return a folder for what does not fit into memory: in the data folder, which is on a large disk."""
    folder = data / "quality"
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        for left in folder.glob(".spill-*"):  # by a killed process
            if left.stat().st_mtime < time.time() - 86_400:
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=f".spill-{os.getpid()}-", dir=folder))
    return Path(tempfile.mkdtemp(prefix="jicha-"))


def _deliveries(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> dict[str, Delivery]:
    """Return for each table what the last load that brought it accepted and rejected; counts, never a value."""
    found: dict[str, Delivery] = {}
    for load_id in reversed(snapshot.manifest.loads):
        if all(name in found for name in snapshot.manifest.tables):
            break
        folder = snapshot.data / "loads" / load_id
        try:
            content: dict[str, Any] = json.loads((folder / "load.json").read_text(encoding="utf-8"))
            tables = {name: table for name, table in content["tables"].items() if name not in found}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # a load's folder may be gone; its rows are not
        errors: dict[str, dict[str, dict[str, int]]] = {}
        if any(table["rejected"] for table in tables.values()):
            for name, column, code, count in _errors(connection, folder / "rejects.parquet"):
                errors.setdefault(name, {}).setdefault(column, {})[code] = count
        for name, table in tables.items():
            found[name] = Delivery(load_id, table["accepted"], table["rejected"], errors.get(name, {}))
    return found


def _errors(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str, str, int]]:
    if not path.exists():
        return []
    return connection.execute(
        f"""SELECT "table", coalesce("column", ''), code, count(*) FROM read_parquet({files_sql([path])})
        GROUP BY "table", "column", code ORDER BY 1, 2, 3"""
    ).fetchall()
