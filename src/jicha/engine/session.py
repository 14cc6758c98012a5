"""One DuckDB connection over one data-set version: table views, definitions and models made once when first needed.

The connection is locked before any SELECT of a rule runs: it reads the tables' folders and its spill folder, nothing
else, and its settings cannot be changed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from jicha.catalog.billing import SettingsBook
from jicha.catalog.parameters import Parameter, sql_type
from jicha.catalog.relations import Relation, macro_statements, planned_models, relations, transitive
from jicha.catalog.schema import Schema, schema
from jicha.engine.bind import RECOMPUTE_MONTHS, bind, rows_sql
from jicha.engine.functions import FUNCTIONS, register
from jicha.engine.owner import owner_sql, table_of_key
from jicha.engine.shipped import CATALOG_RELATIONS, catalog_rows
from jicha.engine.source import TableSource
from jicha.errors import BadInput
from jicha.stopping import raise_if_asked

Lists = Mapping[str, tuple[Mapping[str, str], Sequence[Sequence[Any]]]]  # name → column types, rows


def quote(path: Path | str) -> str:
    """Return a text as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"


class ModelMissing(BadInput):
    """A SELECT reads a derived model that is planned but not built."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(zh=f"缺少模型 {'、'.join(names)}", en=f"model missing: {', '.join(names)}")
        self.names = tuple(names)


class Session:
    """An engine session; use it as a context manager.

    source: the tables. as_of: screening date; rows that arose later are not seen, or those later than `seen_until`, for
    a look from an earlier day at all that is known now. p0: first day of the latest complete
    period. lists: the run's lists by name. memory: DuckDB's limit, such as "4GB". spill: folder for what does not fit.
    billing: settings of bills, the shipped ones where none are given. recompute_months: bills of so many periods up to
    p0 are recomputed. recompute_span: first and last period of all passes that will follow by `at`, so that what they
    share is made once; None where there is only one.
    """

    def __init__(
        self,
        source: TableSource,
        *,
        as_of: date,
        p0: date,
        lists: Lists | None = None,
        memory: str = "4GB",
        threads: int | None = None,
        spill: Path | None = None,
        known: Mapping[str, Relation] | None = None,
        billing: SettingsBook | None = None,
        seen_until: date | None = None,
        recompute_months: int = RECOMPUTE_MONTHS,
    ) -> None:
        self.source = source
        self.as_of = as_of
        self.p0 = p0
        self.seen_until = seen_until
        self.recompute_months = recompute_months
        self.recompute_span: tuple[date, date] | None = None
        self.billing = billing or SettingsBook({}, {})
        self.seconds: dict[str, float] = {}  # what each definition and model took
        self._schema: Schema = schema()
        self._lists = lists or {}
        self._known = relations() if known is None else known
        self._folders = [*source.folders(), *([spill] if spill else [])]  # all that it may read
        self._made: dict[str, str] = {}  # name → TABLE or VIEW
        self._failed: dict[str, duckdb.Error] = {}
        settings: dict[str, Any] = {
            "memory_limit": memory,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
            "temp_directory": "",  # without a spill folder: nothing is written, least of all where the user stands
        }
        if threads:
            settings["threads"] = threads
        if spill is not None:
            spill.mkdir(parents=True, exist_ok=True)
            settings["temp_directory"] = str(spill)
        self.connection = duckdb.connect(":memory:", config=settings)
        self._second = self.connection.cursor()  # makes a relation beside the one that the first makes
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        for connection in (self.connection, self._second):
            connection.execute("SET enable_progress_bar = false")  # it prints to standard output
            # else each statement reads the footers of all files of every table that it names, to plan
            connection.execute("SET parquet_metadata_cache = true")
        # sums over a join are not moved before it: rules join many rows with few suspects, whose rows alone are summed
        self.connection.execute("SET disabled_optimizers = 'partial_aggregate_pushdown'")
        register(self.connection)
        for statement in macro_statements():
            self.connection.execute(statement)
        allowed = ", ".join(quote(f"{folder.resolve()}/") for folder in self._folders)
        self.connection.execute(f"SET allowed_directories = [{allowed}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; its functions are removed first, or DuckDB reports them as leaked at exit."""
        for name in FUNCTIONS:
            try:
                self.connection.remove_function(name)
            except duckdb.Error:
                break
        self._second.close()
        self.connection.close()

    def interrupt(self) -> None:
        """Stop the running statements, from another thread."""
        self._second.interrupt()
        self.connection.interrupt()

    # -- relations -------------------------------------------------------------------------------------------

    def require(self, names: Sequence[str] | frozenset[str], *, side_by_side: bool = False) -> None:
        """Make what a SELECT reads: views of tables and lists, then definitions and models in order.

        side_by_side: two that do not read each other at a time: for chains of relations too small to keep every core
        busy. ModelMissing names planned models without a file; BadInput names what is unknown.
        """
        ordered = transitive(names, self._known)
        needed = set(names) | {read for name in ordered for read in self._known[name].reads}
        planned = sorted(name for name in needed if name in planned_models() and name not in self._known)
        if planned:
            raise ModelMissing(planned)
        for name in sorted(needed - set(self._known)):
            if name not in self._made:
                self._make_leaf(name)
        for name in ordered:
            if name in self._failed:
                raise self._failed[name]
        missing = [self._known[name] for name in ordered if name not in self._made]
        if side_by_side:
            self._make_side_by_side(missing)
        else:
            for relation in missing:
                self._make_relation(relation)

    def _make_side_by_side(self, relations: list[Relation]) -> None:
        """Make relations, given in an order in which none reads a later one, two at a time."""
        left, free = {relation.name: relation for relation in relations}, [self.connection, self._second]
        running: dict[Future[None], tuple[str, duckdb.DuckDBPyConnection]] = {}
        with ThreadPoolExecutor(len(free)) as pool:
            try:
                while left or running:
                    unmade = {*left, *(name for name, _ in running.values())}
                    ready = [relation for relation in left.values() if unmade.isdisjoint(relation.reads)]
                    for relation in ready[: len(free)]:
                        connection = free.pop()
                        made = pool.submit(self._make_relation, left.pop(relation.name), connection)
                        running[made] = relation.name, connection
                    for made in wait(running, return_when=FIRST_COMPLETED).done:
                        free.append(running.pop(made)[1])
                        made.result()
            except BaseException:
                self.interrupt()  # the other is not waited for
                raise

    def _make_leaf(self, name: str) -> None:
        if name in self._schema:
            table = self._schema[name]
            seen = ""
            # the filter makes every scan read the column: only where a file holds later rows
            last = self.seen_until or self.as_of
            if table.arose and self.source.may_exceed(name, table.arose, last):
                seen = f" WHERE {table.arose} IS NULL OR CAST({table.arose} AS DATE) <= DATE '{last}'"
            self._make("VIEW", name, f"SELECT * FROM ({self.source.relation_sql(name)}){seen}")
        elif name.startswith("run_") and name.removeprefix("run_") in self._lists:
            columns, rows = self._lists[name.removeprefix("run_")]
            self._make("TABLE", name, rows_sql(rows, columns))
        elif name in CATALOG_RELATIONS:
            self._make_catalog_relation(name)
        elif name.startswith("parameter_"):
            return
        else:
            raise BadInput(zh=f"未知的表或模型 {name}。", en=f"unknown table or model {name}")

    def _make(self, kind: str, name: str, sql: str, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        (connection or self.connection).execute(f'CREATE {kind} "{name}" AS {sql}')
        self._made[name] = kind

    def _drop(self, name: str) -> None:
        self.connection.execute(f'DROP {self._made.pop(name)} "{name}"')

    def _make_catalog_relation(self, name: str) -> None:
        """Make a relation of what the catalog ships. Settings of many organisations are too many rows for literals."""
        columns = CATALOG_RELATIONS[name]
        rows = catalog_rows(name, book=self.billing, orgs=self._organisations())
        texts = pa.table(
            {
                column: pa.array([None if row[place] is None else str(row[place]) for row in rows], pa.string())
                for place, column in enumerate(columns)
            }
        )
        typed = ", ".join(f'CAST("{column}" AS {sql_type(kind)}) AS "{column}"' for column, kind in columns.items())
        self.connection.register(f"{name}_texts", texts)
        self._make("TABLE", name, f"SELECT {typed} FROM {name}_texts")
        self.connection.unregister(f"{name}_texts")

    def _organisations(self) -> list[str | None]:
        """Organisations of customers, the only ones for which settings are asked; None where a customer has none."""
        self.require(["customer"])
        return [org for (org,) in self.connection.sql("SELECT DISTINCT org_id FROM customer ORDER BY 1").fetchall()]

    def _make_relation(self, relation: Relation, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        started = time.perf_counter()
        columns = ", ".join(f'CAST("{name}" AS {_stored(kind)}) AS "{name}"' for name, kind in relation.columns.items())
        body = bind(
            relation.sql, as_of=self.as_of, p0=self.p0, recompute_months=self.recompute_months,
            span=self.recompute_span,
        )  # fmt: skip
        try:
            kind = "TABLE" if relation.is_stored else "VIEW"
            self._make(kind, relation.name, f"SELECT {columns} FROM ({body})", connection)
        except duckdb.InterruptException:
            raise  # says nothing of the relation: it may be made later
        except duckdb.Error as error:
            raise_if_asked(error)
            self._failed[relation.name] = error
            raise
        self.seconds[relation.name] = time.perf_counter() - started

    def at(self, p0: date) -> None:
        """Go to another latest period: what does not depend on it is kept, the rest is made anew when needed."""
        self.p0 = p0
        for name in sorted(set(self._made) & set(self._known)):
            if self._is_dated(name):
                self._drop(name)
        self._failed.clear()

    def restart(
        self, source: TableSource, *, as_of: date, p0: date, lists: Lists | None = None,
        known: Mapping[str, Relation] | None = None, seen_until: date | None = None,
    ) -> None:  # fmt: skip
        """Go to other tables, days and lists, as a new session would, without the cost of one.

        Its folders, settings and limits stay: BadInput when the tables lie elsewhere.
        """
        if not {*source.folders()} <= {*self._folders}:
            raise BadInput(zh="会话不能读取其他文件夹。", en="a session cannot read other folders")
        for name in list(self._made):
            self._drop(name)
        self._failed.clear()
        self.seconds.clear()
        self.source, self.as_of, self.p0, self.seen_until = source, as_of, p0, seen_until
        self._lists = lists or {}
        self._known = relations() if known is None else known

    def _is_dated(self, name: str) -> bool:
        """Whether a relation, or one that it reads, names the period."""
        by = ("$p0",) if self.recompute_span else ("$p0", "$use_")
        return any(word in self._known[read].sql for read in transitive([name], self._known) for word in by)

    def relation(self, name: str) -> pa.Table:
        """Return a table, definition or model as an Arrow table."""
        self.require([name])
        return self.connection.sql(f'SELECT * FROM "{name}"').to_arrow_table()

    def parents(self) -> dict[str, str | None]:
        """Return organisation → the one above it."""
        table = self.relation("organization")
        return dict(zip(table["org_id"].to_pylist(), table["parent_id"].to_pylist(), strict=True))

    # -- statements ------------------------------------------------------------------------------------------

    def bound(
        self, sql: str, *, reads: frozenset[str], parameters: Mapping[str, Parameter], values: Mapping[str, Any],
        p0: date | None = None,
    ) -> str:  # fmt: skip
        """Return a rule's SELECT ready to run here: what it reads is made, its parameters are literals."""
        self.require(reads)
        return bind(
            sql, as_of=self.as_of, p0=p0 or self.p0, recompute_months=self.recompute_months, span=self.recompute_span,
            parameters=parameters, values=values,
        )  # fmt: skip

    def owners(self, column: str) -> str | None:
        """Make and name the relation (id, customer_id, org_id) of a key column; None when nothing is identified."""
        table = table_of_key(self._schema, column)
        if table is None:
            return None
        name = f"owner_of_{table.name}"
        if name not in self._made:
            body = owner_sql(self._schema, table)
            self.require([t for t in self._schema.tables if f" {t} AS " in body])
            # every rule asks: files are looked up once, but bills and the like are too many to be kept
            self._make("VIEW" if table.partition else "TABLE", name, body)
        return name

    def owners_of(self, column: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str | None, str | None]]:
        """Return key → (customer_id, org_id) of the keys in a column of `rows`, as far as they are known."""
        table, name = table_of_key(self._schema, column), self.owners(column)
        keys = {str(row[column]) for row in rows if row[column] is not None}
        if table is None or name is None or not keys:
            return {}
        part = table.partition
        found: dict[str, tuple[str | None, str | None]] = {}
        days = [day for row in rows if part is not None and type(day := row.get(part)) is date]  # no moment
        if days:
            # the parts that the rows name are the likely ones; what is not found there is looked for in all
            found = self._owners_among(name, keys, f"o.{part} BETWEEN DATE '{min(days)}' AND DATE '{max(days)}'")
            keys -= set(found)
        return {**found, **(self._owners_among(name, keys, "TRUE") if keys else {})}

    def _owners_among(self, name: str, keys: set[str], where: str) -> dict[str, tuple[str | None, str | None]]:
        self.connection.register("asked_owner", pa.table({"id": pa.array(sorted(keys), pa.string())}))
        try:
            owners = f"SELECT o.id, o.customer_id, o.org_id FROM {name} AS o"
            sql = f"{owners} JOIN asked_owner AS a ON o.id = a.id WHERE {where}"
            return {key: (customer, org) for key, customer, org in self.connection.execute(sql).fetchall()}
        finally:
            self.connection.unregister("asked_owner")


def _stored(type_: str) -> str:
    return {"int": "INTEGER"}.get(type_) or sql_type(type_)
