"""Units and members of staff of the newest data, as the application takes them over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from jicha.errors import BadInput
from jicha.warehouse.store import Warehouse


@dataclass(frozen=True)
class Unit:
    """One row of `organization`."""

    org_id: str
    name: str
    level: str
    parent_id: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class Employee:
    """One row of `staff`. `certified_until`: last day of the inspector's certificate."""

    staff_id: str
    name: str
    org_id: str
    post: str
    certified_until: date | None


def _rows(data: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    try:
        snapshot = Warehouse(data).snapshot()
    except BadInput:  # no data set yet
        return []
    if not snapshot.has(table):
        return []
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.execute(f"SELECT {columns} FROM ({snapshot.relation_sql(table)}) ORDER BY 1").fetchall()


def units(data: Path) -> list[Unit]:
    """Return all units by their id; none when the data hold none."""
    rows = _rows(data, "organization", "org_id, name, level, parent_id, latitude, longitude")
    return [Unit(r[0], r[1], r[2], r[3] or "", r[4], r[5]) for r in rows]


def employees(data: Path) -> list[Employee]:
    """Return all members of staff by their id; none when the data hold none."""
    rows = _rows(data, "staff", "staff_id, name, org_id, post, certified_until")
    return [Employee(r[0], r[1] or r[0], r[2], r[3] or "", r[4]) for r in rows]
