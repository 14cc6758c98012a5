"""What a run says of findings goes into the database: by (rule, key), in chunks, and only what changed.

People's handling is never touched. A chunk is one transaction: an import that is killed leaves whole chunks, and the
same import again writes nothing twice. Into an empty table rows are copied first and its indexes are made last, which
takes half the time; nobody reads a list of nothing meanwhile. The run of another day writes nearly every row that
stands, for it was found and judged anew: of a large ledger the indexes of lists are then made last too, since to keep
ten of them for each row takes many times as long. Lists are read without an index in those seconds. PostgreSQL asks for
each row whether its unit and its run are there, which takes as long as to write it: of a large ledger these two
references are checked last, all at once.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, TypeVar

import pyarrow as pa
from django.conf import settings
from django.db import connection, transaction

from jicha_web import core
from jicha_web.core import precision, screening
from jicha_web.findings import kept
from jicha_web.findings.models import RANKS, Finding
from jicha_web.findings.priority import priority
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.tree import unit_above_all
from jicha_web.runs.importing import newest_imported

T = TypeVar("T")
Rows = list[tuple[Any, ...]]
CHUNK = 20_000
LARGE = 100_000  # rows of a ledger; fewer are written as quickly with the indexes in place
_KEPT = frozenset({"finding_case"})  # an index that the pages of cases cannot do without
_CHECKED_LAST = ("organisation", "run")  # references whose rows are a few, said anew of every finding
_MAPPED = 2_147_418_112  # bytes; SQLite maps no more
_COPIED = (
    "rule", "key", "key_hash", "said_hash", "rule_version", "subject", "subject_id", "customer_id", "period",
    "specialty", "severity", "kind", "state", "amount_yuan", "energy_kwh", "reason_zh", "reason_en", "evidence",
    "missing", "first_seen_on", "last_hit_on", "judged_on", "whitelisted_until",
)  # fmt: skip
_MADE = ("organisation_id", "severity_rank", "priority", "run_id")
_INSERTED = (*_COPIED, *_MADE, "version", "handling")
_UPDATED = tuple(name for name in (*_COPIED, *_MADE) if name not in {"rule", "key", "key_hash"})
_FROM = {"kind": "class"}
_NOT_NULL = {"subject_id", "customer_id", "missing", "reason_zh", "reason_en", "rule_version", "subject"}


@dataclass
class Taken:
    """What an import did: rows read, findings whose unit the application does not know (they lie with the root)."""

    rows: int = 0
    unknown_units: dict[str, int] = field(default_factory=dict)


class Intake:
    """Takes the ledger of one run; `batches` yields after every chunk how many rows are in."""

    def __init__(self, run_pk: int, run: screening.Run) -> None:
        self._run_pk = run_pk
        self._run = run
        self.total = screening.finding_count(run)
        self.taken = Taken()
        self._units = dict(Organisation.objects.values_list("code", "pk"))
        root = unit_above_all()  # those of units that nobody knows lie there, where someone looks for them
        if root is None:
            raise core.BadInput(
                zh="还没有组织机构，无法导入疑点。请先同步单位与人员。",
                en="there are no units yet, so findings cannot be imported; bring in units and staff first",
            )
        self._root: int = root.pk
        known = precision.precisions(settings.DATA)
        self._expected = {rule: one.expected for rule, one in known.items()}

    def batches(self, after: int = 0) -> Generator[int]:
        """Write chunk by chunk, without the first `after` rows; yield the number of rows in so far."""
        self.taken.rows = after
        first = after == 0 and not Finding._base_manager.exists()
        names = {index.name for index in Finding._meta.indexes}
        left_out = names if first else names - _KEPT if self._says_all_anew(after) else set()
        if connection.in_atomic_block:
            left_out = set()
        large = bool(left_out) and self.total >= LARGE
        with _quick_writing(), kept.counted_last(left_out=large), _indexes_last(left_out, references=large):
            for rows in self._chunks(after):
                with transaction.atomic():
                    _write(rows, into_nothing=first)
                self.taken.rows += len(rows)
                yield self.taken.rows

    def _says_all_anew(self, after: int) -> bool:
        """Whether nearly all rows are to be written: of what stands the days change, and so does the priority."""
        if self.total - after < LARGE:
            return False
        shown = newest_imported()
        return shown is not None and shown.pk != self._run_pk and shown.as_of != self._run.as_of

    def _chunks(self, after: int) -> Iterator[Rows]:
        """Yield rows; what another thread can do meanwhile is done ahead."""
        batches = screening.finding_batches(self._run, size=CHUNK, after=after)
        if connection.vendor == "sqlite":  # it works in this process: reading alone leaves the interpreter free for it
            return map(self._rows, _ahead(batches))
        return _ahead(map(self._rows, batches))

    def _rows(self, batch: pa.RecordBatch) -> Rows:
        columns: dict[str, list[Any]] = {name: batch.column(name).to_pylist() for name in batch.schema.names}
        orgs = columns["org_id"]
        for org in orgs:
            if org not in self._units:
                self.taken.unknown_units[org or ""] = self.taken.unknown_units.get(org or "", 0) + 1
        columns["organisation_id"] = [self._units.get(org, self._root) for org in orgs]
        columns["severity_rank"] = [RANKS[severity] for severity in columns["severity"]]
        columns["priority"] = [
            priority(
                severity=severity, amount_yuan=None if amount is None else float(amount),
                precision=self._expected.get(rule, 0.5), age_days=age,
            )
            for rule, severity, amount, age in zip(
                columns["rule"], columns["severity"], columns["amount_yuan"], columns["age_days"], strict=True
            )
        ]  # fmt: skip
        ordered: list[Any] = []
        for name in _COPIED:
            values = columns[_FROM.get(name, name)]
            ordered.append([value or "" for value in values] if name in _NOT_NULL else values)
        ordered += [columns[name] for name in ("organisation_id", "severity_rank", "priority")]
        return list(zip(*ordered, repeat(self._run_pk), repeat(0), repeat("open"), strict=False))


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items; the next one is fetched while the caller works on this one."""
    with ThreadPoolExecutor(max_workers=1) as fetcher:
        coming = fetcher.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = fetcher.submit(next, items, None)
            yield item


def _conflict(other: str) -> str:
    """Return what happens to a finding that is there: changed when the run's word, its unit or its place changed.

    The place of what does not stand stays: it would change with every day of its age, and nobody takes it up. What the
    run did not look at (a rule or a unit that it does not cover) stays as the run before said it: a run of one rule, or
    of one county, would else empty the lists of all others.
    """
    table = Finding._meta.db_table
    values = ", ".join(f"{name} = {other}.{name}" for name in _UPDATED)
    changed = " OR ".join(f"{table}.{name} <> {other}.{name}" for name in ("said_hash", "organisation_id"))
    moved = f"({table}.stands = 1 AND {table}.priority <> {other}.priority)"
    looked_at = f"{other}.missing <> '{screening.NOT_COVERED}'"
    return f"ON CONFLICT (rule, key_hash) DO UPDATE SET {values} WHERE {looked_at} AND ({changed} OR {moved})"


def _write(rows: Rows, *, into_nothing: bool) -> None:
    """Write a chunk. into_nothing: there was no finding before this import, so that none can be there."""
    table, names = Finding._meta.db_table, ", ".join(_INSERTED)
    if connection.vendor == "sqlite":
        marks = ", ".join("?" * len(_INSERTED))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) {'' if into_nothing else _conflict('excluded')}"
        connection.ensure_connection()
        connection.connection.executemany(sql, rows)  # the driver itself: Django would quote and log a million times
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")  # a power failure loses the last chunks, in order
        if not into_nothing:
            cursor.execute("TRUNCATE taken_in")
        with cursor.cursor.copy(f"COPY {table if into_nothing else 'taken_in'} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        if into_nothing:
            return
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM taken_in {_conflict('excluded')}")


@contextmanager
def _quick_writing() -> Iterator[None]:
    """Give SQLite room for its indexes; make PostgreSQL's table for what comes in."""
    table = Finding._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA cache_size=-262144")
            cursor.execute("PRAGMA wal_autocheckpoint=16384")  # pages: not after every chunk
        else:
            names = ", ".join(_INSERTED)
            cursor.execute("DROP TABLE IF EXISTS taken_in")
            cursor.execute(f"CREATE TEMP TABLE taken_in AS SELECT {names} FROM {table} LIMIT 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA cache_size=-65536")
                cursor.execute("PRAGMA wal_autocheckpoint=1000")
            else:
                cursor.execute("DROP TABLE IF EXISTS taken_in")


@contextmanager
def _indexes_last(left_out: Collection[str], *, references: bool) -> Iterator[None]:
    """Make some indexes of lists after the rows, and those that an import which was killed did not come to.

    references: check those of `_CHECKED_LAST` after the rows as well, where the database would check each by itself.
    """
    with connection.cursor() as cursor:
        for name in sorted(left_out):
            cursor.execute(f"DROP INDEX IF EXISTS {name}")
        if references:
            for statement in _references(cursor, there=True):
                cursor.execute(statement)
    try:
        yield
    finally:
        if not connection.in_atomic_block:
            _make_what_is_missing()


def _references(cursor: Any, *, there: bool) -> list[str]:
    """Return the statements that drop the references of `_CHECKED_LAST` that are there, or make those that are not.

    None for SQLite, which finds a row of a small table in no time.
    """
    if connection.vendor == "sqlite":
        return []
    known = connection.introspection.get_constraints(cursor, Finding._meta.db_table)
    names = {found["columns"][0]: name for name, found in known.items() if found["foreign_key"]}
    editor: Any = connection.schema_editor(collect_sql=True)
    fields: list[Any] = [Finding._meta.get_field(name) for name in _CHECKED_LAST]
    if there:
        of_them = [names[field.column] for field in fields if field.column in names]
        return [str(editor._delete_fk_sql(Finding, name)) for name in of_them]
    missing = [field for field in fields if field.column not in names]
    # by the name that a migration gives it, with a check of all rows at once
    return [str(editor._create_fk_sql(Finding, field, "_fk_%(to_table)s_%(to_column)s")) for field in missing]


def _make_what_is_missing() -> None:
    table = Finding._meta.db_table
    with connection.cursor() as cursor, _quick_sorting(cursor):
        known = connection.introspection.get_constraints(cursor, table)
        editor = connection.schema_editor(collect_sql=True)
        for index in Finding._meta.indexes:
            if index.name not in known:
                cursor.execute(str(index.create_sql(Finding, editor)))
        for statement in _references(cursor, there=False):
            cursor.execute(statement)


@contextmanager
def _quick_sorting(cursor: Any) -> Iterator[None]:
    """Let an index be sorted in one piece of memory, and SQLite read the table without copying its pages."""
    if connection.vendor == "sqlite":
        # told to sort in memory SQLite asks for each row's piece by itself; so it takes one of the size of its cache
        before, after = ("temp_store=FILE", f"mmap_size={_MAPPED}"), ("temp_store=MEMORY", "mmap_size=0")
        statements = [[f"PRAGMA {setting}" for setting in settings] for settings in (before, after)]
    else:
        statements = [["SET maintenance_work_mem TO '256MB'"], ["RESET maintenance_work_mem"]]
    for statement in statements[0]:
        cursor.execute(statement)
    try:
        yield
    finally:
        for statement in statements[1]:
            cursor.execute(statement)


def analyse() -> None:
    """Tell the database how its rows lie, so that it finds the right index."""
    table = Finding._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # all rows: from a sample SQLite takes a value of a million rows for one of a thousand
            cursor.execute("PRAGMA analysis_limit=0")
        cursor.execute(f"ANALYZE {table}")
