"""Rows in, rows out: a definition or model computed over a few given rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from jicha.catalog.schema import schema
from jicha.engine.session import Session
from jicha.engine.source import GivenTables

AS_OF = date(2026, 10, 15)
P0 = date(2026, 9, 1)

Row = dict[str, Any]

CUSTOMER = {
    "org_id": "S1",
    "status": "active",
    "usage_class": "residential",
    "voltage_v": 220,
    "opened_on": "2015-03-01",
}
POINT = {"purpose": "settlement", "status": "active"}


def customer(customer_id: str, **columns: Any) -> Row:
    """A customer that is mature unless the columns say otherwise."""
    return {**CUSTOMER, "customer_id": customer_id, **columns}


def point(point_id: str, customer_id: str | None, **columns: Any) -> Row:
    """A settlement point in use unless the columns say otherwise."""
    return {**POINT, "point_id": point_id, "customer_id": customer_id, **columns}


def computed(name: str, rows: Mapping[str, Sequence[Row]], *, as_of: date = AS_OF, p0: date = P0) -> list[Row]:
    """Return the rows of a definition or model, sorted by their columns."""
    with Session(GivenTables(schema(), rows), as_of=as_of, p0=p0, threads=1) as session:
        found: list[Row] = session.relation(name).to_pylist()
    return sorted(found, key=lambda row: [str(value) for value in row.values()])


def only(rows: Sequence[Row], *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of the rows, as tuples."""
    return [tuple(row[column] for column in columns) for row in rows]


def value(expression: str) -> Any:
    """Return the value of an expression in which macros stand."""
    with Session(GivenTables(schema(), {}), as_of=AS_OF, p0=P0, threads=1) as session:
        return session.connection.execute(f"SELECT {expression}").fetchall()[0][0]
