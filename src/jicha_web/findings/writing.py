"""Rows of a run's ledger are written to the table of findings, each database in its own quick way.

SQLite works in this process, one writer at a time; a finding that is there is changed by its id, for to insert it
first, which its key forbids, costs it as much as the change. PostgreSQL is given text that is made without a Python
object for each value; of a large ledger two sessions write chunks side by side, since one writes on one core only and
waits for this process besides. No finding is in two chunks, so that the sessions never wait for each other.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.csv
from django.db import connection, transaction

from jicha_web.core import screening
from jicha_web.findings.models import Finding

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")
SESSIONS = 2  # of PostgreSQL at once: more would leave nothing to those who read meanwhile
COPIED = (
    "rule", "key", "key_hash", "said_hash", "rule_version", "subject", "subject_id", "customer_id", "period",
    "specialty", "severity", "kind", "state", "amount_yuan", "energy_kwh", "reason_zh", "reason_en", "evidence",
    "missing", "first_seen_on", "last_hit_on", "judged_on", "whitelisted_until",
)  # fmt: skip
MADE = ("organisation_id", "severity_rank", "priority", "run_id")
INSERTED = (*COPIED, *MADE, "version", "handling")
_UPDATED = tuple(name for name in (*COPIED, *MADE) if name not in {"rule", "key", "key_hash"})
_TABLE = Finding._meta.db_table
_NAMES = ", ".join(INSERTED)
_RULE, _KEY_HASH = INSERTED.index("rule"), INSERTED.index("key_hash")
_STAGED = "taken_in"  # PostgreSQL's table of a session for what comes in


def written(chunks: Iterator[pa.RecordBatch], *, into_nothing: bool, side_by_side: bool) -> Generator[int]:
    """Write chunks of columns INSERTED, each in a transaction; yield how many rows each had, in order.

    into_nothing: there was no finding before this import, so that none can be there. side_by_side: chunks may be in
    before one that comes ahead of them; a chunk is told of when all before it are in.
    """
    if connection.vendor == "sqlite":
        return _into_sqlite(chunks, into_nothing=into_nothing)
    if side_by_side and not connection.in_atomic_block:
        return _into_postgresql(chunks, into_nothing=into_nothing)
    return _in_this_session(chunks, into_nothing=into_nothing)


def _changed(said: Mapping[str, str]) -> str:
    """Return when a finding that is there is written: its words, its unit or its place are changed by the run.

    The place of what does not stand stays: it would change with every day of its age, and nobody takes it up. What the
    run did not look at (a rule or a unit that it does not cover) stays as the run before said it: a run of one rule, or
    of one county, would else empty the lists of all others. said: for each column where the run's word stands.
    """
    changed = " OR ".join(f"{_TABLE}.{name} <> {said[name]}" for name in ("said_hash", "organisation_id"))
    moved = f"({_TABLE}.stands = 1 AND {_TABLE}.priority <> {said['priority']})"
    return f"{said['missing']} <> '{screening.NOT_COVERED}' AND ({changed} OR {moved})"


def _update(said: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {said[name]}" for name in _UPDATED)


_EXCLUDED = {name: f"excluded.{name}" for name in INSERTED}
_CONFLICT = f"ON CONFLICT (rule, key_hash) DO UPDATE SET {_update(_EXCLUDED)} WHERE {_changed(_EXCLUDED)}"
# a value is numbered by its column's place, so that a row is given as it is, its finding's id after it
_PLACES = {name: f"?{place}" for place, name in enumerate(INSERTED, 1)}
_BY_ID = f"UPDATE {_TABLE} SET {_update(_PLACES)} WHERE id = ?{len(INSERTED) + 1} AND {_changed(_PLACES)}"


def _into_sqlite(chunks: Iterator[pa.RecordBatch], *, into_nothing: bool) -> Generator[int]:
    marks = ", ".join("?" * len(INSERTED))
    insert = f"INSERT INTO {_TABLE} ({_NAMES}) VALUES ({marks}) {'' if into_nothing else _CONFLICT}"
    there = _There()
    for chunk in chunks:
        with transaction.atomic():
            connection.ensure_connection()
            driver = connection.connection  # Django would quote and log a million times
            if into_nothing:
                driver.executemany(insert, _values(chunk))
            else:
                changes, additions = there.parted(driver, chunk)
                driver.executemany(_BY_ID, changes)
                driver.executemany(insert, additions)
        yield chunk.num_rows


def _values(chunk: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in chunk.columns), strict=True)


class _There:
    """Ids of the findings of the rules that a ledger is just about; it comes rule by rule, none is ever deleted."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, int]] = {}

    def parted(self, driver: Any, chunk: pa.RecordBatch) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Return the rows of findings that are there, each with its id at the end, and those of new ones."""
        rules = set(chunk.column("rule").unique().to_pylist())
        known = {rule: self._ids[rule] if rule in self._ids else self._read(driver, rule) for rule in rules}
        self._ids = known
        changes, additions = [], []
        for row in _values(chunk):
            number = known[row[_RULE]].get(row[_KEY_HASH])
            if number is None:
                additions.append(row)
            else:
                changes.append((*row, number))
        return changes, additions

    @staticmethod
    def _read(driver: Any, rule: str) -> dict[str, int]:
        return dict(driver.execute(f"SELECT key_hash, id FROM {_TABLE} WHERE rule = ?", [rule]))


def _in_this_session(chunks: Iterator[pa.RecordBatch], *, into_nothing: bool) -> Generator[int]:
    with connection.cursor() as cursor:
        _stage(cursor)
    try:
        for chunk in chunks:
            with transaction.atomic(), connection.cursor() as cursor:
                _copy(cursor.cursor, chunk, into_nothing=into_nothing)
            yield chunk.num_rows
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {_STAGED}")


def _into_postgresql(chunks: Iterator[pa.RecordBatch], *, into_nothing: bool) -> Generator[int]:
    def write(session: Any, chunk: pa.RecordBatch) -> int:
        with session.connection.transaction(), session.connection.cursor() as cursor:
            _copy(cursor, chunk, into_nothing=into_nothing)
        return int(chunk.num_rows)

    with sessions(SESSIONS) as opened:
        for session in opened:
            _stage(session.connection)
        try:
            yield from beside_each_other(opened, write, chunks)
        finally:
            for session in opened:
                with suppress(Exception):  # it broke: then its table is gone with it
                    session.connection.execute(f"DROP TABLE IF EXISTS {_STAGED}")


def _stage(cursor: Any) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {_STAGED}")
    cursor.execute(f"CREATE TEMP TABLE {_STAGED} AS SELECT {_NAMES} FROM {_TABLE} LIMIT 0")


def _copy(cursor: Any, chunk: pa.RecordBatch, *, into_nothing: bool) -> None:
    """Write a chunk by a cursor of the driver, within a transaction."""
    cursor.execute("SET LOCAL synchronous_commit TO off")  # a power failure loses the last chunks, in order
    if not into_nothing:
        cursor.execute(f"TRUNCATE {_STAGED}")
    text = io.BytesIO()
    # a text is quoted, what there is none of is not: so PostgreSQL tells an empty text from none
    pyarrow.csv.write_csv(chunk, text, pyarrow.csv.WriteOptions(include_header=False))
    with cursor.copy(f"COPY {_TABLE if into_nothing else _STAGED} ({_NAMES}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(text.getbuffer())
    if not into_nothing:
        cursor.execute(f"INSERT INTO {_TABLE} ({_NAMES}) SELECT {_NAMES} FROM {_STAGED} {_CONFLICT}")


@contextmanager
def sessions(number: int) -> Iterator[list[Any]]:
    """Give sessions with the database besides this thread's own, usable in any thread, one thread at a time."""
    opened: list[Any] = [connection.copy() for _ in range(number)]
    try:
        for one in opened:
            one.inc_thread_sharing()
            one.ensure_connection()
        yield opened
    finally:
        for one in opened:
            one.close()


def beside_each_other(opened: Sequence[S], work: Callable[[S, T], R], items: Iterable[T]) -> Iterator[R]:
    """Do work with each item, as many at a time as there are sessions; yield what came of each, in order of the items.

    Items are asked for in this thread, one ahead of what is at work. What fails is raised at its place, after what is
    at work has ended.
    """
    free, coming = SimpleQueue[S](), deque[Future[R]]()
    for session in opened:
        free.put(session)

    def one(item: T) -> R:
        session = free.get()
        try:
            return work(session, item)
        finally:
            free.put(session)

    pool = ThreadPoolExecutor(max_workers=len(opened))
    try:
        for item in items:
            coming.append(pool.submit(one, item))
            if len(coming) > len(opened):
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
