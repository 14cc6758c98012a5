"""What is kept counted of findings, so that an overview need not read a million: written by the database itself.

Two tables, both written by triggers in the transaction of the change, whoever makes it: `FindingTotal`, differences of
the number of findings to handle and their yuan; `CaseCode`, the rules and specialties of each case, with its state. So
a figure is what a count of the rows would give, at any moment.

The run of another day writes nearly every finding. The triggers of the totals are then left out, figures are counted
from the rows meanwhile, and the totals are counted once at the end. `count_again` does the same at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from jicha_web.findings.models import STANDING, CaseCode, Finding, FindingTotal
from jicha_web.jobs.schedule import every

FOLDED_FROM = 2_000  # differences more than there are sums: before, adding them up costs nothing
_FINDINGS, _TOTALS, _CODES = "findings_finding", "findings_findingtotal", "findings_casecode"
_CASES = "cases_case"
_COLUMNS = "organisation_id, specialty, rule, severity_rank"
_WATCHED = ("handling", "state", "organisation_id", "specialty", "rule", "severity_rank", "amount_yuan")
_TOTAL_TRIGGERS = {"total_new": "INSERT", "total_gone": "DELETE", "total_changed": f"UPDATE OF {', '.join(_WATCHED)}"}
_IN_CASE = ("case_id", "rule", "specialty")
_CODE_TRIGGERS = {"code_new": "INSERT", "code_gone": "DELETE", "code_changed": f"UPDATE OF {', '.join(_IN_CASE)}"}
_OF_CASE = ("state", "organisation_id", "opened_at")


def _to_handle(row: str) -> str:
    """Return the condition that a row of findings is one to handle; `row` with its dot."""
    states = ", ".join(f"'{state}'" for state in STANDING)
    return f"{row}handling = 'open' AND {row}state IN ({states})"


def _cents(row: str) -> str:
    return f"CAST(ROUND(COALESCE({row}amount_yuan, 0) * 100) AS {'INTEGER' if _sqlite() else 'BIGINT'})"


def _sqlite() -> bool:
    return connection.vendor == "sqlite"


def _differ(columns: tuple[str, ...]) -> str:
    unlike = "IS NOT" if _sqlite() else "IS DISTINCT FROM"
    return " OR ".join(f"OLD.{name} {unlike} NEW.{name}" for name in columns)


def _difference(row: str, sign: str) -> str:
    values = ", ".join(f"{row}.{name}" for name in _COLUMNS.split(", "))
    return (
        f"INSERT INTO {_TOTALS} ({_COLUMNS}, n, cents) "
        f"SELECT {values}, {sign}1, {sign}{_cents(f'{row}.')} WHERE {_to_handle(f'{row}.')};"
    )


def _codes_of(row: str) -> str:
    """Return the statements that make the codes of a finding's case those of its findings."""
    kind, code = f"{_CODES}.kind", f"{_CODES}.code"
    same = f"({kind} = 'rule' AND f.rule = {code}) OR ({kind} = 'specialty' AND f.specialty = {code})"
    has = f"SELECT 1 FROM {_FINDINGS} f WHERE f.case_id = {row}.case_id AND ({same})"
    added = " ".join(
        f"INSERT INTO {_CODES} (case_id, kind, code, state, opened_at, organisation_id) "
        f"SELECT id, '{kind}', {row}.{kind}, state, opened_at, organisation_id FROM {_CASES} "
        f"WHERE id = {row}.case_id ON CONFLICT (case_id, kind, code) DO NOTHING;"
        for kind in ("rule", "specialty")
    )
    if row == "NEW":
        return added
    return f"DELETE FROM {_CODES} WHERE case_id = {row}.case_id AND NOT EXISTS ({has});"


def _create(name: str, event: str, table: str, condition: str, body: str) -> None:
    """Make a trigger for each row, in the words of the engine at hand; one that is there is made anew."""
    _drop(name, table)
    with connection.cursor() as cursor:
        if _sqlite():
            cursor.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} WHEN {condition} BEGIN {body} END")
            return
        function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger"
        cursor.execute(f"{function} AS $$ BEGIN {body} RETURN NULL; END $$ LANGUAGE plpgsql")
        cursor.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()"
        )


def _drop(name: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + ("" if _sqlite() else f" ON {table}"))


def _watch_totals() -> None:
    old, new = _difference("OLD", "-"), _difference("NEW", "")
    either = f"(({_to_handle('OLD.')}) OR ({_to_handle('NEW.')})) AND ({_differ(_WATCHED)})"
    bodies = {
        "total_new": (_to_handle("NEW."), new),
        "total_gone": (_to_handle("OLD."), old),
        "total_changed": (either, f"{old} {new}"),
    }
    for name, event in _TOTAL_TRIGGERS.items():
        _create(name, event, _FINDINGS, *bodies[name])


def _watch_codes() -> None:
    old, new = _codes_of("OLD"), _codes_of("NEW")
    either = f"(OLD.case_id IS NOT NULL OR NEW.case_id IS NOT NULL) AND ({_differ(_IN_CASE)})"
    bodies = {
        "code_new": ("NEW.case_id IS NOT NULL", new),
        "code_gone": ("OLD.case_id IS NOT NULL", old),
        "code_changed": (either, f"{old} {new}"),
    }
    for name, event in _CODE_TRIGGERS.items():
        _create(name, event, _FINDINGS, *bodies[name])
    assigned = ", ".join(f"{name} = NEW.{name}" for name in _OF_CASE)
    _create(
        "code_moved", f"UPDATE OF {', '.join(_OF_CASE)}", _CASES, _differ(_OF_CASE),
        f"UPDATE {_CODES} SET {assigned} WHERE case_id = NEW.id;",
    )  # fmt: skip


def unwatch() -> None:
    """Take all triggers away."""
    for name in (*_TOTAL_TRIGGERS, *_CODE_TRIGGERS):
        _drop(name, _FINDINGS)
    _drop("code_moved", _CASES)


def _lock(*tables: str) -> None:
    """Let nobody write some tables until the transaction ends; SQLite's transactions are such from their start."""
    if not _sqlite():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")


def count_totals() -> None:
    """Count the findings to handle from the rows, and watch them from now on."""
    with transaction.atomic():
        _lock(_FINDINGS, _TOTALS)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {_TOTALS}")
            cursor.execute(
                f"INSERT INTO {_TOTALS} ({_COLUMNS}, n, cents) SELECT {_COLUMNS}, COUNT(*), SUM({_cents('')}) "
                f"FROM {_FINDINGS} WHERE {_to_handle('')} GROUP BY {_COLUMNS}"
            )
        _watch_totals()


def count_again() -> None:
    """Count all that is kept from the rows, and watch them from now on."""
    count_totals()
    with transaction.atomic():
        _lock(_CASES, _FINDINGS, _CODES)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {_CODES}")
            for kind in ("rule", "specialty"):
                cursor.execute(
                    f"INSERT INTO {_CODES} (case_id, kind, code, state, opened_at, organisation_id) "
                    f"SELECT DISTINCT c.id, '{kind}', f.{kind}, c.state, c.opened_at, c.organisation_id "
                    f"FROM {_FINDINGS} f JOIN {_CASES} c ON c.id = f.case_id"
                )
        _watch_codes()


@contextmanager
def counted_last(*, left_out: bool) -> Iterator[None]:
    """Count the totals after what is written within, also those that a killed import did not come to."""
    if left_out:
        with transaction.atomic():
            FindingTotal.objects.create(severity_rank=0, n=0, cents=0)
            for name in _TOTAL_TRIGGERS:
                _drop(name, _FINDINGS)
    try:
        yield
    finally:
        if FindingTotal.objects.filter(organisation=None).exists() and not connection.needs_rollback:
            count_totals()


@every("findings_totals", minutes=30)
def fold(_at: object = None) -> None:
    """Add up the differences, where there are many."""
    sums = FindingTotal.objects.order_by().values(*_COLUMNS.split(", "))
    if FindingTotal.objects.count() < sums.distinct().count() + FOLDED_FROM:
        return
    with transaction.atomic():
        _lock(_TOTALS)
        # a row that says an import is on stays one
        rows = list(sums.annotate(of=Sum("n"), yuan=Sum("cents")).filter(Q(organisation=None) | ~Q(of=0)))
        FindingTotal.objects.all().delete()
        FindingTotal.objects.bulk_create(
            FindingTotal(**{name: row[name] for name in _COLUMNS.split(", ")}, n=row["of"], cents=row["yuan"])
            for row in rows
        )


def differences() -> list[str]:
    """Name where what is kept is not what the rows give; nothing, when all is as it should be."""
    names = _COLUMNS.split(", ")
    rows = Finding._base_manager.filter(handling="open", stands=1).order_by().values_list(*names)
    counted = rows.annotate(n=Count("*"), yuan=Sum("amount_yuan"))
    right = {tuple(key): (n, round((yuan or 0) * 100)) for *key, n, yuan in counted}
    sums = FindingTotal.objects.order_by().values_list(*names).annotate(of=Sum("n"), yuan=Sum("cents"))
    kept = {tuple(key): (n, cents) for *key, n, cents in sums if n}
    of = sorted({*kept, *right}, key=str)
    wrong = [f"total {key}: {kept.get(key)}, rows {right.get(key)}" for key in of if kept.get(key) != right.get(key)]
    codes = set(CaseCode.objects.values_list("case", "kind", "code", "state", "opened_at", "organisation"))
    facts = ("case__state", "case__opened_at", "case__organisation")
    of_rows = {
        (case, kind, code, *rest)
        for kind in ("rule", "specialty")
        for case, code, *rest in Finding._base_manager.filter(case__isnull=False).values_list("case", kind, *facts)
    }
    return [*wrong, *(f"code {row}" for row in sorted(codes ^ of_rows, key=str))]
