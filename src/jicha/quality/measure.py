"""Measuring one table: one scan for all figures of its columns, one for all its references."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from jicha.catalog.schema import Column, Table
from jicha.quality.figures import FORMAT, ColumnFigures, Lost, Periods
from jicha.quality.settings import Settings
from jicha.warehouse import Snapshot

_MOST_PERIODS = 5000  # days; of a table with more (dates gone astray) the months are kept


def time_of(table: Table, settings: Settings) -> tuple[str, str] | None:
    """Return the column by which the rows of a table are counted, and `month` or `day`."""
    column = next((name for name in ("period", "day") if name in table.columns), table.arose)
    if column is None:
        return None
    return column, "day" if column == "day" or table.name in settings.by_day else "month"


def _key(*parts: object) -> str:
    text = json.dumps([FORMAT, *parts], ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _stored(snapshot: Snapshot, name: str) -> list[object] | None:
    """Return what tells one state of a stored table from every other; a rebuilt table counts from 0 again."""
    found = snapshot.manifest.tables.get(name)
    return None if found is None else [found.delta_version, found.rows, found.load_id, found.loaded_at]


def scan_key(snapshot: Snapshot, table: Table, settings: Settings) -> str:
    """Return the key of the scan of a table: equal keys, equal figures."""
    columns = [[column.name, column.sql_type, column.personal] for column in table.columns.values()]
    return _key(_stored(snapshot, table.name), columns, time_of(table, settings))


def lost_key(snapshot: Snapshot, table: Table) -> str:
    """Return the key of the check of a table's references, which also hangs on the tables referred to."""
    targets = [[column.name, other, key, _stored(snapshot, other)] for column, other, key in table.references]
    return _key(_stored(snapshot, table.name), targets)


def _value_sql(column: Column) -> list[str]:
    """Return what is asked of a column's values; text and personal columns give no value away."""
    name = column.name
    if column.type == "string":
        return [f"min(length({name}))", f"max(length({name}))"]
    if column.personal:
        return []
    if column.type in {"enum", "bool"}:
        return [f"histogram({name})"]
    return [f"min({name})", f"max({name})"]


def _plain(value: Any) -> str | int | float | None:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _code(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def scan(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: Table, settings: Settings
) -> tuple[int, dict[str, ColumnFigures], Periods | None]:
    """Return rows, figures of the columns, and rows by period: one pass over the stored files."""
    asked = ["count(*)"]
    for column in table.columns.values():
        asked += [f"count({column.name})", f"approx_count_distinct({column.name})", *_value_sql(column)]
    time = time_of(table, settings)
    if time:
        column_, grain = time
        asked.append(f"histogram(CAST(date_trunc('{grain}', {column_}) AS DATE))")
    found = connection.execute(f"SELECT {', '.join(asked)} FROM ({snapshot.relation_sql(table.name)})").fetchone()
    assert found is not None
    values = iter(found)
    rows = int(next(values))
    columns = {}
    for column in table.columns.values():
        filled, distinct = next(values), next(values)
        answers = [next(values) for _ in _value_sql(column)]
        codes = {_code(code): n for code, n in sorted((answers[0] or {}).items())} if len(answers) == 1 else None
        low, high = (_plain(answer) for answer in answers) if len(answers) == 2 else (None, None)
        columns[column.name] = ColumnFigures(rows - filled, min(int(distinct), filled), low, high, codes)
    return rows, columns, _periods(time, next(values) or {}) if time else None


def _periods(time: tuple[str, str], found: Mapping[date, int]) -> Periods:
    column, grain = time
    if len(found) > _MOST_PERIODS:
        grain, days = "month", found
        found = {}
        for day, rows in days.items():
            found[day.replace(day=1)] = found.get(day.replace(day=1), 0) + rows
    return Periods(column, grain, {day.isoformat(): rows for day, rows in sorted(found.items())})


def lost_references(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: Table) -> dict[str, Lost | None]:
    """Return the references to nowhere by column: one pass over the referring columns and the keys referred to."""
    found: dict[str, Lost | None] = {}
    asked, joins, columns = [], [], []
    for number, (column, other, key) in enumerate(table.references):
        found[column.name] = None
        if not snapshot.has(other):
            continue
        columns.append(column.name)
        nowhere = f"FILTER (r.{column.name} IS NOT NULL AND k{number}.k IS NULL)"
        asked += [f"count(*) {nowhere}", f"approx_count_distinct(r.{column.name}) {nowhere}"]
        keys = f"SELECT DISTINCT {key} AS k FROM ({snapshot.relation_sql(other)})"
        joins.append(f"LEFT JOIN ({keys}) AS k{number} ON k{number}.k = r.{column.name}")
    if columns:
        relation = snapshot.relation_sql(table.name)
        values = connection.execute(f"SELECT {', '.join(asked)} FROM ({relation}) AS r {' '.join(joins)}").fetchone()
        assert values is not None
        for column_, rows, distinct in zip(columns, values[::2], values[1::2], strict=True):
            found[column_] = Lost(int(rows), min(int(distinct), int(rows)))
    return found
