"""Merging accepted rows into the stored table: what changes, and the new content of the months it touches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from jicha.catalog.schema import Table
from jicha.ingest.scratch import Scratch
from jicha.warehouse.tables import files_sql, month_sql

Stored = Callable[[Collection[str] | None], str]


class Replace(StrEnum):
    """What a load replaces: nothing (rows merge by key), the months in it, or whole tables."""

    NONE = "none"
    PERIOD = "period"
    TABLE = "table"


@dataclass(frozen=True)
class Change:
    """What a load does to one table."""

    content: str | None  # the new rows of the months, or of the whole table; None: nothing changes
    months: tuple[str, ...] | None  # ISO first days; None: the whole table
    rows: int  # of the table afterwards
    new: int = 0
    updated: int = 0
    removed: int = 0
    delivered: frozenset[str] = field(default_factory=frozenset)


def _merged_columns(table: Table, groups: Sequence[Sequence[str]], *, keep: bool) -> list[str]:
    """Return the merged columns: the load's where a delivery has the column, else what is stored."""
    columns = []
    for name in table.columns:
        having = [number for number, delivered in enumerate(groups) if name in delivered]
        if not keep or len(having) == len(groups):
            columns.append(f"l.{name}")
        elif not having:
            columns.append(f"s.{name}")
        else:
            numbers = ", ".join(map(str, having))
            columns.append(f"CASE WHEN l.group_ IN ({numbers}) THEN l.{name} ELSE s.{name} END")
    return columns


def plan_change(
    table: Table,
    *,
    incoming: str,
    incoming_rows: int,
    groups: Sequence[Sequence[str]],
    stored: Stored | None,
    stored_rows: int,
    replace: Replace,
    scratch: Scratch,
) -> Change:
    """Find out what a load changes in a table.

    incoming: relation of the load's rows, one per key. groups: the delivered columns by `group_`. stored: gives the
    relation of the stored rows of some months (None: all); None where there are none.
    """
    columns = ", ".join(table.columns)
    if stored is None or stored_rows == 0:
        content = f"SELECT {columns} FROM ({incoming})" if incoming_rows or stored is None else None
        return Change(content, None, incoming_rows, new=incoming_rows)
    same_key = " AND ".join(f"l.{key} = s.{key}" for key in table.key)
    merged = _merged_columns(table, groups, keep=replace is Replace.NONE)
    months = _months(table, f"SELECT * FROM ({incoming})", scratch)
    # a row can only be in another month than the load's where the key does not tell the month
    limited = stored(months if table.partition in table.key else None)
    differs = " OR ".join(
        f"{value} IS DISTINCT FROM s.{name}" for name, value in zip(table.columns, merged, strict=True)
    )
    values = ", ".join(f"{value} AS {name}" for name, value in zip(table.columns, merged, strict=True))
    changed_file = scratch.path("changed")
    is_new = f"s.{table.key[0]} IS NULL"
    scratch.copy(
        f"SELECT {values}, {is_new} AS new_, {month_sql(table, 's.')} AS old_month_ FROM ({incoming}) AS l "
        f"LEFT JOIN ({limited}) AS s ON {same_key} WHERE {is_new} OR {differs}",
        changed_file,
    )
    changed = f"read_parquet({files_sql([changed_file])})"
    total, new = scratch.row(f"SELECT count(*), count(*) FILTER (new_) FROM {changed}")
    touched = _months(table, f"SELECT {columns} FROM {changed}", scratch)
    touched |= {str(m) for (m,) in scratch.rows(f"SELECT DISTINCT old_month_ FROM {changed}") if m is not None}
    if replace is Replace.NONE:
        if total == 0:
            return Change(None, (), stored_rows)
        gone = " AND ".join(f"s.{key} = c.{key}" for key in table.key)
        here = stored(touched if table.partition else None)
        kept = f"SELECT {columns} FROM ({here}) AS s WHERE NOT EXISTS (SELECT 1 FROM {changed} AS c WHERE {gone})"
        content = f"{kept} UNION ALL SELECT {columns} FROM {changed}"
        split = tuple(sorted(touched)) if table.partition else None
        return Change(content, split, stored_rows + new, new=new, updated=total - new)
    return _replacing(
        table,
        incoming=incoming,
        stored=stored,
        stored_rows=stored_rows,
        replace=replace,
        scratch=scratch,
        months=months,
        touched=touched,
        changed=(total, new),
    )


def _replacing(
    table: Table,
    *,
    incoming: str,
    stored: Stored,
    stored_rows: int,
    replace: Replace,
    scratch: Scratch,
    months: set[str],
    touched: set[str],
    changed: tuple[int, int],
) -> Change:
    """Plan a load that replaces the months in it, or the whole table."""
    columns = ", ".join(table.columns)
    total, new = changed
    same_key = " AND ".join(f"l.{key} = s.{key}" for key in table.key)
    here = stored(months if replace is Replace.PERIOD else None)
    missing = f"SELECT s.* FROM ({here}) AS s WHERE NOT EXISTS (SELECT 1 FROM ({incoming}) AS l WHERE {same_key})"
    (removed,) = scratch.row(f"SELECT count(*) FROM ({missing})")
    if total == 0 and removed == 0:
        return Change(None, (), stored_rows)
    rows = stored_rows + new - removed
    if table.partition is None:
        return Change(f"SELECT {columns} FROM ({incoming})", None, rows, new, total - new, removed)
    touched |= _months(table, missing, scratch)
    content = f"SELECT {columns} FROM ({incoming}) WHERE {_in_months(table, touched)}"
    if replace is Replace.PERIOD:
        moved = f"NOT EXISTS (SELECT 1 FROM ({incoming}) AS l WHERE {same_key})"
        content += f" UNION ALL SELECT {columns} FROM ({stored(touched - months)}) AS s WHERE {moved}"
    return Change(content, tuple(sorted(touched)), rows, new, total - new, removed)


def _months(table: Table, relation: str, scratch: Scratch) -> set[str]:
    if table.partition is None:
        return set()
    found = scratch.rows(f"SELECT DISTINCT {month_sql(table)} FROM ({relation})")
    return {str(month) for (month,) in found if month is not None}


def _in_months(table: Table, months: set[str]) -> str:
    """Return a condition: the row is of one of some months."""
    if not months:
        return "false"
    days = ", ".join(f"DATE '{month}'" for month in sorted(months))
    return f"({month_sql(table)} IN ({days}))"
