"""Bounded reads of one data version: only rows of named ids, only files of the months asked for."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from jicha.catalog.schema import schema
from jicha.errors import BadInput
from jicha.warehouse.manifest import read_manifest
from jicha.warehouse.store import Snapshot

Row = Mapping[str, Any]


class UnknownCustomer(BadInput):
    """There is no such customer, or none in the units of who asks: the two are not told apart."""

    def __init__(self, customer_id: str) -> None:
        super().__init__(
            zh=f"没有用户 {customer_id}，请核对用户编号。", en=f"there is no customer {customer_id}; check the number"
        )


class Reader:
    """One data version, kept open: made once by a process, used by many requests and threads.

    The files' sizes are checked when a table is opened, their checksums are not: a look must not read gigabytes.
    Judging (a run) does check them.
    """

    def __init__(self, data: Path, version: int | None = None, *, memory: str = "1GB", threads: int = 2) -> None:
        self.data = data
        manifest = read_manifest(data, version)
        self.version = manifest.version
        self.snapshot = Snapshot(data.absolute(), manifest, schema(), verify=False)
        self._connection = duckdb.connect(config={"memory_limit": memory, "threads": threads, "temp_directory": ""})
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET parquet_metadata_cache = true")  # stored files never change
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def delivered(self, *tables: str) -> bool:
        """Whether all of some tables were delivered and have rows."""
        return all(self.snapshot.rows(table) > 0 for table in tables)

    def relation(self, table: str, months: Collection[str] | None = None) -> str:
        """Return a SELECT over a table, of some months (ISO first days) only."""
        with self._lock:  # opening a table fills what the snapshot keeps
            return self.snapshot.relation_sql(table, months)

    def rows(
        self,
        table: str,
        column: str,
        ids: Collection[str],
        *,
        columns: Sequence[str] | None = None,
        as_of: date | None = None,
        since: tuple[str, date] | None = None,
        order: str = "",
        limit: int | None = None,
        orgs: Collection[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return the rows of a table whose column holds one of some ids; none where the table was not delivered.

        orgs: only rows of customers of these units, by the row's customer or its point's; None: of all.

        columns: which; all without. as_of: rows that arose later are left out. since: (column, first day); where the
        table is split by that column only the files from that month on are read.
        """
        described = schema()[table]
        names = list(columns or described.columns)
        if not ids or not self.delivered(table):
            return []
        chosen, values = self._chosen(table, column, ids, as_of=as_of, since=since, orgs=orgs)
        sql = f"SELECT {', '.join(names)} {chosen}"
        sql += (f" ORDER BY {order}" if order else "") + (f" LIMIT {int(limit)}" if limit else "")
        with self._connection.cursor() as cursor:
            found = cursor.execute(sql, values).fetchall()
        return [dict(zip(names, row, strict=True)) for row in found]

    def spellings(self, table: str, column: str, number: str) -> list[str]:
        """Return how a number stands in a column, whatever its letters' size; the column is read as a whole."""
        if not self.delivered(table):
            return []
        sql = f"SELECT DISTINCT {column} FROM ({self.relation(table)}) WHERE upper({column}) = upper(?) ORDER BY 1"
        with self._connection.cursor() as cursor:
            return [str(row[0]) for row in cursor.execute(sql, [number]).fetchall()]

    def count(
        self, table: str, column: str, ids: Collection[str], *, as_of: date | None = None,
        since: tuple[str, date] | None = None, orgs: Collection[str] | None = None,
    ) -> int:  # fmt: skip
        """Return how many rows `rows` would give without a limit."""
        if not ids or not self.delivered(table):
            return 0
        chosen, values = self._chosen(table, column, ids, as_of=as_of, since=since, orgs=orgs)
        with self._connection.cursor() as cursor:
            [row] = cursor.execute(f"SELECT COUNT(*) {chosen}", values).fetchall()
        return int(row[0])

    def _chosen(
        self, table: str, column: str, ids: Collection[str], *, as_of: date | None, since: tuple[str, date] | None,
        orgs: Collection[str] | None,
    ) -> tuple[str, list[Any]]:  # fmt: skip
        """Return FROM and WHERE of some rows of a table, with the values bound in them."""
        described = schema()[table]
        values: list[Any] = sorted(ids)
        where = [f"{column} = ?" if len(values) == 1 else f"{column} IN ({', '.join('?' * len(values))})"]
        if as_of is not None and described.arose:
            where.append(f"({described.arose} IS NULL OR {described.arose} < CAST(? AS DATE) + 1)")
            values.append(as_of)
        months = None
        if since is not None:
            where.append(f"{since[0]} >= ?")
            values.append(since[1])
            if since[0] == described.partition:
                months = self.months_from(table, since[1])
        if orgs is not None:
            where.append(self._of_units("customer_id" if "customer_id" in described.columns else "point_id"))
            values.append(sorted(orgs))
        return f"FROM ({self.relation(table, months)}) WHERE {' AND '.join(where)}", values

    def _of_units(self, column: str) -> str:
        """Return the condition that a row's customer, or that of its point, lies in one of some units (one `?`)."""
        own = f"SELECT customer_id FROM ({self.relation('customer')}) WHERE org_id IN (SELECT unnest(?))"
        if column == "customer_id":
            return f"customer_id IN ({own})"
        return f"{column} IN (SELECT {column} FROM ({self.relation('metering_point')}) WHERE customer_id IN ({own}))"

    def all_rows(self, table: str) -> list[dict[str, Any]]:
        """Return a whole table; for the small ones."""
        names = list(schema()[table].columns)
        if not self.delivered(table):
            return []
        with self._connection.cursor() as cursor:
            found = cursor.execute(f"SELECT {', '.join(names)} FROM ({self.relation(table)})").fetchall()
        return [dict(zip(names, row, strict=True)) for row in found]

    def months_from(self, table: str, day: date) -> list[str]:
        """Return the months (ISO first days) with files of a table that is split, from the month of a day on."""
        with self._lock:
            known = self.snapshot.months(table)
        return [month for month in known if month >= day.replace(day=1).isoformat()]
