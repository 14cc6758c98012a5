"""The same data set given to the SQL: one session for all rules and models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jicha.catalog.parameters import literal
from jicha.catalog.runinputs import list_columns
from jicha.catalog.schema import schema
from jicha.engine.session import Session
from tests.rules.oracle.terms import World


class TypedTables:
    """The tables of a world, stored in the session's own database; faster than a view of literals read many times."""

    def __init__(self, world: World) -> None:
        self.world = world

    def has(self, table: str) -> bool:
        return table in self.world.tables

    def rows(self, table: str) -> int:
        return len(self.world.tables.get(table, ()))

    def relation_sql(self, table: str) -> str:
        return f"SELECT * FROM given_{table}"

    def may_exceed(self, table: str, column: str, day: date) -> bool:
        return True

    def folders(self) -> Sequence[Path]:
        return ()

    def store(self, session: Session) -> None:
        for name, table in schema().tables.items():
            kinds = {c: "string" if column.type == "enum" else column.type for c, column in table.columns.items()}
            empty = ", ".join(f"{literal(None, kind)} AS {column}" for column, kind in kinds.items())
            session.connection.execute(f"CREATE TABLE given_{name} AS SELECT {empty} WHERE false")
            rows = self.world.tables.get(name, ())
            if rows:
                used = sorted({column for row in rows for column in row})
                values = ", ".join(_values(row, used) for row in rows)
                session.connection.execute(f"INSERT INTO given_{name} ({', '.join(used)}) VALUES {values}")


def _values(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    return "(" + ", ".join(_value(row.get(column)) for column in columns) + ")"


def _value(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


def open_session(world: World) -> Session:
    """A session over the world."""
    source = TypedTables(world)
    lists = {
        name: (columns, [[row.get(c) for c in columns] for row in world.lists.get(name, ())])
        for name, columns in list_columns().items()
    }
    session = Session(source, as_of=world.as_of, p0=world.p0, lists=lists, threads=1)
    source.store(session)
    return session
