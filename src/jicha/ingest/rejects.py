"""The rejects of loads: reading them, and writing them as a file in which they can be mended and delivered again."""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from jicha.errors import BadInput, MachineFailure
from jicha.ingest.scratch import REJECTS, WARNINGS, quote
from jicha.language import Text
from jicha.warehouse import Warehouse
from jicha.warehouse.cells import SHEET_ROWS, harmless
from jicha.warehouse.machine import failure_of, first_line
from jicha.warehouse.tables import files_sql, quoted

COLUMNS = ("load_id", *REJECTS.names)
WARNED = ("load_id", *WARNINGS.names)
FORMATS = (".csv", ".xlsx", ".parquet")
_ORDER = 'load_id, "table", file, sheet NULLS FIRST, line, "column"'


@dataclass(frozen=True)
class Rejects:
    """The rejects, or the warnings, of one load or all, of one table or all."""

    relation: str
    columns: tuple[str, ...] = COLUMNS

    def count(self) -> int:
        """Return the number of errors."""
        return int(_rows(f"SELECT count(*) FROM ({self.relation})")[0][0])

    def by_reason(self) -> list[tuple[str, str, str, str, int]]:
        """Return (table, file, code, column, errors), most first."""
        return [
            (str(a), str(b), str(c), str(d or ""), int(n))
            for a, b, c, d, n in _rows(
                f'SELECT "table", file, code, "column", count(*) AS n FROM ({self.relation}) GROUP BY ALL '
                'ORDER BY n DESC, "table", file, code, "column"'
            )
        ]

    def first(self, limit: int) -> list[dict[str, Any]]:
        """Return the first errors in the order of the files."""
        rows = _rows(f"SELECT {_names(self.columns)} FROM ({self.relation}) ORDER BY {_ORDER} LIMIT {limit}")
        return [dict(zip(self.columns, row, strict=True)) for row in rows]


def _names(columns: Sequence[str]) -> str:
    return ", ".join(quote(name) for name in columns)


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def find_rejects(data: Path, load: str | None = None, table: str | None = None, *, warnings: bool = False) -> Rejects:
    """Return the rejects of a load (its id; the latest by default; `all`) and table; BadInput when it is unknown.

    warnings: return its warnings instead, one per value, of rows that were loaded all the same.
    """
    warehouse = Warehouse(data)
    loads = warehouse.manifest().loads
    if not loads:
        raise BadInput(
            zh=f"{data} 还没有导入过数据。请先用 jicha load 导入。",
            en=f"nothing was loaded into {data} yet; load something with `jicha load`",
        )
    if table is not None and table not in warehouse.schema:
        raise BadInput(
            zh=f"没有表 {table}；表名见 jicha status {data}。",
            en=f"there is no table {table}; see `jicha status {data}`",
        )
    if load not in {None, "all", *loads}:
        raise BadInput(
            zh=f"没有导入 {load}；已有：{'、'.join(loads[-10:])}，或 all。",
            en=f"there is no load {load}; there are {', '.join(loads[-10:])}, or all",
        )
    chosen = loads if load == "all" else [load or loads[-1]]
    kind, columns = ("warnings", WARNED) if warnings else ("rejects", COLUMNS)
    files = [warehouse.data / "loads" / name / f"{kind}.parquet" for name in chosen]
    gone = [file for file in files if not file.exists()]
    if gone:
        raise MachineFailure(
            zh=f"拒绝记录 {gone[0]} 不见了。请从备份恢复，或用 --load 选择其他导入。",
            en=f"the rejects {gone[0]} are gone; restore them from a backup, or choose another load with --load",
        )
    for file in files:
        try:
            _rows(f"SELECT max(hash(t)) FROM read_parquet({files_sql([file])}) AS t")
        except duckdb.Error as error:
            raise MachineFailure(
                zh=f"拒绝记录 {file} 已损坏（{first_line(error)}）。"
                "请从备份恢复，或用 --load 选择其他导入，或重新导入。",
                en=f"the rejects {file} are damaged ({first_line(error)}); restore them from a backup, choose another "
                "load with --load, or load the files again",
            ) from error
    relation = f"SELECT {_names(columns)} FROM read_parquet({files_sql(files)})"
    if table is not None:
        relation += f' WHERE "table" = {quoted(table)}'
    return Rejects(relation, columns)


def export_rejects(rejects: Rejects, out: Path) -> int:
    """Write rejects as CSV, XLSX or Parquet; return how many errors.

    Of a single table the source's own columns stand as columns, so that the lines can be mended and delivered again;
    of several tables as one JSON column. The file is written aside and renamed.
    """
    if out.suffix.lower() not in FORMATS:
        raise BadInput(
            zh=f"不支持的格式 {out.suffix or out.name}；可用：{'、'.join(FORMATS)}。",
            en=f"the format {out.suffix or out.name} is not supported; possible are {', '.join(FORMATS)}",
        )
    with _written_aside(out) as aside, duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        sql = f"SELECT {', '.join(_columns(connection, rejects))} FROM ({rejects.relation}) ORDER BY {_ORDER}"
        reader = connection.sql(sql).to_arrow_reader(10_000)
        if out.suffix.lower() == ".xlsx":
            return _write_xlsx(reader, aside)
        return _write_parquet(reader, aside) if out.suffix.lower() == ".parquet" else _write_csv(reader, aside)


def _columns(connection: duckdb.DuckDBPyConnection, rejects: Rejects) -> list[str]:
    """Return the select list: with the source's columns of a single table, in the order of its files."""
    plain = [quote(name) for name in rejects.columns]
    if "source" not in rejects.columns:
        return plain
    ((tables,),) = connection.execute(f'SELECT count(DISTINCT "table") FROM ({rejects.relation})').fetchall()
    if tables != 1:
        return plain
    found = connection.execute(f"SELECT DISTINCT json_keys(source) FROM ({rejects.relation})").fetchall()
    names: dict[str, None] = {}
    for (keys,) in found:
        names |= dict.fromkeys(keys or ())
    taken = {name.lower() for name in COLUMNS}
    columns = plain[:-1]
    for name in names:
        shown = name if name.lower() not in taken else f"{name} (source)"
        taken.add(shown.lower())
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        columns.append(f"json_extract_string(source, {quoted(pointer)}) AS {quote(shown)}")
    return columns


def _write_parquet(reader: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _write_csv(reader: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with a mark, so that Excel reads it
        writer = csv.writer(file)
        writer.writerow(reader.schema.names)
        for batch in reader:
            writer.writerows(zip(*(harmless(column).to_pylist() for column in batch.columns), strict=True))
            rows += batch.num_rows
    return rows


def _write_xlsx(reader: pa.RecordBatchReader, path: Path) -> int:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("rejects")
        bold = book.add_format({"bold": True})
        for index, name in enumerate(reader.schema.names):
            sheet.write_string(0, index, name, bold)
        rows = 0
        for batch in reader:
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                rows += 1
                if rows > SHEET_ROWS:
                    raise BadInput(
                        zh=f"拒绝记录超过 {SHEET_ROWS} 行，一张工作表放不下。"
                        "请导出为 .csv 或 .parquet，或用 --table 分开。",
                        en=f"there are more than {SHEET_ROWS} rejects, too many for a sheet; write .csv or .parquet, "
                        "or choose a table with --table",
                    )
                for index, value in enumerate(row):
                    if isinstance(value, int):
                        sheet.write_number(rows, index, value)
                    elif value is not None:
                        sheet.write_string(rows, index, str(value)[:32_767])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(rows, 1), len(reader.schema.names) - 1)
    return rows


@contextlib.contextmanager
def _written_aside(out: Path) -> Iterator[Path]:
    aside = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        aside.replace(out)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        kept = Text("原有文件未改动", "nothing was replaced")
        raise failure_of(error, doing=Text("写文件", "writing the file"), place=out, unchanged=kept) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def read_load(data: Path, load_id: str) -> dict[str, Any]:
    """Return what load.json says of a load; empty when it is gone."""
    try:
        content: dict[str, Any] = json.loads((data / "loads" / load_id / "load.json").read_text(encoding="utf-8"))
        return content
    except (OSError, ValueError):
        return {}
