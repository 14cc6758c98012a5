"""Writing the stored tables as plain Parquet files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from jicha.errors import BadInput
from jicha.language import Text
from jicha.warehouse.machine import in_words
from jicha.warehouse.store import Warehouse
from jicha.warehouse.tables import quoted


def export_tables(
    warehouse: Warehouse,
    out: Path,
    *,
    tables: Sequence[str] = (),
    version: int | None = None,
    memory: str = "4GB",
    watch: Callable[[str, int, int], None] = lambda _table, _done, _total: None,
) -> dict[str, int]:
    """Write tables as OUT/<table>.parquet with exactly the canonical columns, ordered by key; return their rows.

    tables: which; all that were delivered by default. version: of the data set, the current one by default.
    """
    snapshot = warehouse.snapshot(version)
    unknown = [name for name in tables if not snapshot.has(name)]
    if unknown or not snapshot.manifest.tables:
        have = sorted(snapshot.manifest.tables)
        missing = ", ".join(unknown) or "an empty data folder"
        raise BadInput(
            zh=f"没有可导出的表 {'、'.join(unknown)}。已导入的表：{'、'.join(have) or '无'}。",
            en=f"nothing to export of {missing}; loaded are: {', '.join(have) or 'none'}",
        )
    chosen = [name for name in warehouse.schema.tables if snapshot.has(name) and (not tables or name in tables)]
    rows: dict[str, int] = {}
    written = Text("已写完的文件可以使用", "the files written so far can be used")
    try:
        with (
            in_words(doing=Text("导出", "the export"), place=out, memory=memory, unchanged=written),
            duckdb.connect() as connection,
        ):
            out.mkdir(parents=True, exist_ok=True)
            connection.execute("SET enable_progress_bar = false")
            connection.execute(f"SET memory_limit = {quoted(memory)}")
            connection.execute(f"SET temp_directory = {quoted(str(out / '.spill'))}")
            for number, name in enumerate(chosen):
                watch(name, number, len(chosen))
                aside = out / f".{name}.parquet.{os.getpid()}.tmp"
                order = ", ".join(warehouse.schema[name].key)
                connection.execute(
                    f"COPY (SELECT * FROM ({snapshot.relation_sql(name)}) ORDER BY {order}) TO {quoted(str(aside))} "
                    "(FORMAT parquet, COMPRESSION zstd)"
                )
                aside.replace(out / f"{name}.parquet")
                rows[name] = snapshot.rows(name)
    finally:
        for aside in out.glob(f".*.{os.getpid()}.tmp"):
            aside.unlink(missing_ok=True)
    return rows
