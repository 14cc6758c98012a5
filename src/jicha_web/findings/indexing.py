"""Indexes and references of the table of findings during an import: left out, made last, and what the database learns.

To make an index takes PostgreSQL one core; two are made side by side, each by a session of its own. SQLite sorts in a
thread of its own what the reading thread gives it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from django.db import IntegrityError, connection

from jicha_web.findings.models import Finding
from jicha_web.findings.writing import SESSIONS, beside_each_other, sessions

_CHECKED_LAST = ("organisation", "run")  # references whose rows are a few, said anew of every finding
_MAPPED = 2_147_418_112  # bytes; SQLite maps no more
_SORTED_KIB = -16_384  # negative: kibibytes, as SQLite wants it


@contextmanager
def made_last(left_out: Collection[str], *, references: bool) -> Iterator[None]:
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
        with _unchecked() if references and connection.vendor == "sqlite" else nullcontext():
            yield
    finally:
        if not connection.in_atomic_block:
            _make_what_is_missing()
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        _check_references()  # of a small ledger too: it may go on with a large one that was killed


@contextmanager
def _unchecked() -> Iterator[None]:
    """Have SQLite not look after references: for each row it would look for both, a fifth of the time of writing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys=OFF")
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys=ON")


def _check_references() -> None:
    """Raise IntegrityError where a finding names a unit or a run that is not there; read from their indexes."""
    with connection.cursor() as cursor:
        for name in _CHECKED_LAST:
            field: Any = Finding._meta.get_field(name)
            there = field.related_model._meta.db_table
            cursor.execute(
                f"SELECT {field.column} FROM {Finding._meta.db_table} "
                f"WHERE {field.column} NOT IN (SELECT id FROM {there}) LIMIT 1"
            )
            if lost := cursor.fetchone():
                raise IntegrityError(f"findings of {there} {lost[0]}, which is not there")


def _references(cursor: Any, *, there: bool) -> list[str]:
    """Return the statements that drop the references of `_CHECKED_LAST` that are there, or make those that are not.

    None for SQLite, which cannot drop one; `_check_references` does as much.
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
    with connection.cursor() as cursor:
        known = connection.introspection.get_constraints(cursor, Finding._meta.db_table)
        editor = connection.schema_editor(collect_sql=True)
        missing = [str(i.create_sql(Finding, editor)) for i in Finding._meta.indexes if i.name not in known]
        if connection.vendor == "sqlite":
            with _quick_sorting(cursor):
                for statement in missing:
                    cursor.execute(statement)
        elif missing:
            _make_side_by_side(missing)
        for statement in _references(cursor, there=False):
            cursor.execute(statement)


def _make_side_by_side(statements: list[str]) -> None:
    """Make indexes on PostgreSQL, each by one session alone: a session's helpers would want the other one's core."""
    settings = {"maintenance_work_mem": "128MB", "max_parallel_maintenance_workers": "0"}
    with sessions(min(SESSIONS, len(statements))) as opened:
        try:
            for session in opened:
                for name, value in settings.items():
                    session.connection.execute(f"SET {name} TO '{value}'")
            for _ in beside_each_other(opened, lambda session, sql: session.connection.execute(sql), statements):
                pass
        finally:
            for session in opened:
                with suppress(Exception):  # it broke, and nobody else gets it
                    for name in settings:
                        session.connection.execute(f"RESET {name}")


@contextmanager
def _quick_sorting(cursor: Any) -> Iterator[None]:
    """Have SQLite sort an index beside reading the table, and read that without copying its pages.

    What is sorted at a time is of the size of the cache. It has to be small, so that a part is sorted while the next
    one is read; in memory it asks for each row's piece by itself, so the parts lie in a file.
    """
    names = ("temp_store", "mmap_size", "cache_size", "threads")
    before = [(name, cursor.execute(f"PRAGMA {name}").fetchone()[0]) for name in names]
    during = zip(names, ("FILE", _MAPPED, _SORTED_KIB, 1), strict=True)
    for name, value in during:
        cursor.execute(f"PRAGMA {name}={value}")
    try:
        yield
    finally:
        for name, value in before:
            cursor.execute(f"PRAGMA {name}={value}")


def analyse() -> None:
    """Tell the database how its rows lie, so that it finds the right index."""
    table = Finding._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # all rows: from a sample SQLite takes a value of a million rows for one of a thousand
            cursor.execute("PRAGMA analysis_limit=0")
        cursor.execute(f"ANALYZE {table}")
