"""Who and where the subjects of findings are: customers, areas, members of staff, of the newest data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import duckdb

from jicha.catalog.schema import schema
from jicha.warehouse.store import Snapshot, Warehouse


@dataclass(frozen=True)
class Customer:
    """What a case needs of a customer. Name and address are personal."""

    customer_id: str
    name: str
    address: str
    org_id: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class Area:
    """What a case needs of an area."""

    area_id: str
    name: str
    org_id: str
    manager_id: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class Staff:
    """A member of staff as the data know them."""

    staff_id: str
    name: str
    org_id: str


@cache
def staff_columns() -> frozenset[str]:
    """Return the names of the schema's columns that hold a member of staff."""
    return frozenset(
        column.name
        for table in schema().tables.values()
        for column, there, target in table.references
        if (there, target) == ("staff", "staff_id")
    ) | {"staff_id"}


def names_staff(column: str) -> bool:
    """Whether a column of evidence holds a member of staff: one of the schema, or derived from it (top_reader_id)."""
    return any(column == known or column.endswith(f"_{known}") for known in staff_columns())


_REMEMBERED = 50_000  # customers, some ten megabytes
_Reading = tuple[duckdb.DuckDBPyConnection, Snapshot]


@contextmanager
def _reading(data: Path) -> Iterator[_Reading]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection, Warehouse(data).snapshot()


def _rows(reading: _Reading, table: str, columns: str, ids: Collection[str]) -> list[tuple[Any, ...]]:
    """Return columns of a table's rows; the first column is the one the ids are of."""
    connection, snapshot = reading
    if not snapshot.has(table):
        return []
    query = (
        f"SELECT DISTINCT {columns} FROM ({snapshot.relation_sql(table)}) "
        f"WHERE {columns.partition(',')[0]} IN (SELECT UNNEST(?)) ORDER BY ALL"
    )
    return connection.execute(query, [sorted(ids)]).fetchall()


def customers(data: Path, ids: Collection[str]) -> Mapping[str, Customer]:
    """Return the customers that the data know, by id.

    What was read of a data version is remembered: to look some up means to go through all of them, and lists of
    proposals show the same ones again and again.
    """
    wanted = sorted({i for i in ids if i})
    if not wanted:
        return {}
    known = _customers_of(data, Warehouse(data).manifest().version)
    if unread := [i for i in wanted if i not in known]:
        with _reading(data) as reading:
            rows = _rows(reading, "customer", "customer_id, name, address, org_id, latitude, longitude", unread)
        if len(known) > _REMEMBERED:
            known = {i: known[i] for i in wanted if i in known}  # the others are read again when they are asked for
            _customers_of.cache_clear()
        known |= dict.fromkeys(unread)
        known |= {row[0]: Customer(row[0], row[1] or "", row[2] or "", *row[3:]) for row in rows}
    return {i: found for i in wanted if (found := known[i]) is not None}


def in_units(data: Path, ids: Collection[str], orgs: Collection[str] | None) -> frozenset[str]:
    """Return those of some customers that the data know to lie in some units (None: in any)."""
    known = customers(data, ids)
    return frozenset(i for i, found in known.items() if orgs is None or found.org_id in orgs)


@lru_cache(maxsize=1)
def _customers_of(_data: Path, _version: int) -> dict[str, Customer | None]:
    """Return what is remembered of a data version, to be filled; None: the data do not know this one."""
    return {}


def areas_of(data: Path, customer_id: str) -> tuple[str, ...]:
    """Return the areas of a customer's metering points."""
    with _reading(data) as reading:
        found = _rows(reading, "metering_point", "customer_id, area_id", [customer_id])
    return tuple(area for _customer, area in found if area)


def areas(data: Path, ids: Collection[str]) -> Mapping[str, Area]:
    """Return the areas that the data know, by id."""
    wanted = {i for i in ids if i}
    if not wanted:
        return {}
    with _reading(data) as reading:
        found = _rows(reading, "area", "area_id, name, org_id, manager_id, latitude, longitude", wanted)
    return {row[0]: Area(row[0], row[1] or "", row[2], row[3] or "", row[4], row[5]) for row in found}


def feeders(data: Path, ids: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Return (name, unit's code) of the feeders that the data know, by id."""
    wanted = {i for i in ids if i}
    if not wanted:
        return {}
    with _reading(data) as reading:
        found = _rows(reading, "feeder", "feeder_id, name, org_id", wanted)
    return {row[0]: (row[1] or "", row[2] or "") for row in found}


@lru_cache(maxsize=2)
def _all_staff(data: Path, version: int) -> Mapping[str, Staff]:
    """Read all staff of one data version: thousands at most, and nearly every case asks."""
    snapshot = Warehouse(data).snapshot(version)
    if not snapshot.has("staff"):
        return {}
    with duckdb.connect(config={"threads": 1}) as connection:
        query = f"SELECT staff_id, name, org_id FROM ({snapshot.relation_sql('staff')})"
        return {row[0]: Staff(row[0], row[1] or "", row[2]) for row in connection.execute(query).fetchall()}


def staff(data: Path, ids: Collection[str]) -> Mapping[str, Staff]:
    """Return the members of staff that the data know, by id."""
    wanted = {i for i in ids if i}
    if not wanted:
        return {}
    known = _all_staff(data, Warehouse(data).manifest().version)
    return {i: known[i] for i in sorted(wanted) if i in known}
