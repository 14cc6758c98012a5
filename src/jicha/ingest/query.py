"""The rows of a query, streamed in batches to Parquet files that keep their types."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy import exc

from jicha.ingest.database import Database, find_undecodable, query_failed
from jicha.ingest.model import Place, Raw
from jicha.ingest.scratch import Scratch
from jicha.ingest.stage import as_text
from jicha.ingest.workbook import cell_text
from jicha.warehouse.tables import files_sql

BATCH = 50_000  # rows held in memory at once
_LOCAL = ZoneInfo("Asia/Shanghai")  # of times with a zone; the tables hold local time
_PLAIN = (str, int, float, bool, dt.date, dt.datetime, Decimal)


def stage_query(
    database: Database,
    connection: sa.Connection,
    sql: str,
    *,
    place: Place,
    scratch: Scratch,
    advance: Callable[[int], None] = lambda _: None,
) -> Raw:
    """Run a query and write its rows batch by batch; BadInput when it fails.

    Line numbers are the numbers of the query's rows. advance: told the rows read so far, after every batch.
    """
    batches = _Batches(scratch)
    options = {"no_parameters": True, "stream_results": True, "yield_per": BATCH, "max_row_buffer": BATCH}
    try:
        with connection.exec_driver_sql(sql, execution_options=options) as result:
            header = [str(name) for name in result.keys()]  # noqa: SIM118 - a result is no dictionary
            for rows in result.partitions(BATCH):
                batches.add(rows, len(header))
                advance(batches.rows)
            batches.add([], len(header))
    except exc.ResourceClosedError as error:  # a statement that returns no rows
        raise query_failed(database, place, error, 0) from error
    except exc.SQLAlchemyError as error:
        if undecodable := find_undecodable(connection, sql, place):
            raise undecodable from error
        raise query_failed(database, place, error, batches.rows) from error
    relation, kinds = batches.relation(len(header))
    written = sum(pq.read_metadata(path).num_rows for paths in batches.files.values() for path in paths)
    return Raw(
        relation=relation,
        kinds=kinds,
        header=header,
        records=batches.rows,
        lines=written,
        record_lines=batches.rows,
        is_text=False,
        encoding="SQL",
    )


class _Batches:
    """Parquet files of batches; batches whose columns have the same types are read together."""

    def __init__(self, scratch: Scratch) -> None:
        self.scratch = scratch
        self.rows = 0
        self.files: dict[tuple[str | None, ...], list[Path]] = {}  # types of the columns, None: no value -> files

    def add(self, rows: Sequence[Sequence[Any]], width: int) -> None:
        if not rows and self.files:
            return
        columns = list(zip(*rows, strict=True)) if rows else [()] * width
        arrays = [_array(column) for column in columns]
        numbers = pa.array(range(self.rows + 1, self.rows + len(rows) + 1), pa.int64())
        names = ["line_", *(f"c{i}" for i in range(width))]
        path = self.scratch.path("query")
        pq.write_table(pa.Table.from_arrays([numbers, *arrays], names=names), path, compression="snappy")
        kinds = tuple(None if array.null_count == len(array) else str(array.type) for array in arrays)
        self.files.setdefault(kinds, []).append(path)
        self.rows += len(rows)

    def relation(self, width: int) -> tuple[str, list[str]]:
        """Return the SELECT over all batches and its types; where batches differ in a column's type it is text."""
        parts = []
        for kinds, paths in self.files.items():
            source = f"read_parquet({files_sql(paths)}, hive_partitioning = false)"
            described = [str(kind) for _, kind, *_ in self.scratch.rows(f"DESCRIBE SELECT * FROM {source}")][1:]
            parts.append(
                (source, [None if given is None else kind for given, kind in zip(kinds, described, strict=True)])
            )
        common = [_common([kinds[i] for _, kinds in parts]) for i in range(width)]
        selects = []
        for source, own in parts:
            columns = [f"{_taken(f'c{i}', own[i], common[i])} AS c{i}" for i in range(width)]
            selects.append(f"SELECT {', '.join(['line_', *columns])} FROM {source}")
        return " UNION ALL ".join(selects), common


def _common(kinds: Sequence[str | None]) -> str:
    found = {kind for kind in kinds if kind is not None}
    return found.pop() if len(found) == 1 else "VARCHAR"


def _taken(name: str, kind: str | None, common: str) -> str:
    if kind is None:
        return f"CAST(NULL AS {common})"
    return name if kind == common else as_text(name, kind)


def _array(values: Sequence[Any]) -> pa.Array:
    """Return values as a column: typed where all are of one type that keeps them exactly, else as text."""
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.nulls(len(values), pa.string())
    if kinds == {dt.datetime}:
        values = [_local(value) for value in values]
    if (len(kinds) == 1 and kinds <= set(_PLAIN)) or kinds == {int, float}:
        try:
            array = pa.array(values)
            if not pa.types.is_decimal(array.type) or pa.types.is_decimal128(array.type):
                return array
        except (pa.ArrowException, OverflowError, ValueError):
            pass  # numbers that no type holds
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _local(value: dt.datetime | None) -> dt.datetime | None:
    """Return a time as local time without zone."""
    return value.astimezone(_LOCAL).replace(tzinfo=None) if value is not None and value.tzinfo is not None else value


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return cell_text(_local(value))
    if isinstance(value, bytes | bytearray | memoryview):
        content = bytes(value)
        try:
            return content.decode()
        except UnicodeDecodeError:
            return content.hex()
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return cell_text(value)
