"""Runs of the core: started, read back, compared; their findings read in batches for the import."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from jicha.catalog.rules import Rule
from jicha.findings.run import RuleFacts, Run, read_run, run_ids
from jicha.language import Text
from jicha.screening.compare import NOT_COVERED
from jicha.screening.history import order_of
from jicha.screening.inputs import latest_complete_period
from jicha.screening.plan import select_rules
from jicha.screening.readiness import lacked
from jicha.screening.request import Request, refuse_ahead
from jicha.screening.run import RunResult, rarely_collected, screen
from jicha.warehouse.manifest import read_manifest

__all__ = [
    "NOT_COVERED", "Change", "Compared", "RuleFacts", "Run", "compare_runs", "data_version", "finding_batches",
    "finding_count", "lacked", "latest_complete_period", "not_judged_rows", "rarely_collected", "read_run",
    "refuse_ahead", "rule_counts", "run_ids", "run_order", "select_rules", "start_screening",
]  # fmt: skip

OPEN = ("new", "open", "recurred", "unjudged")
MEMORY = os.environ.get("JICHA_MEMORY", "4GB")


def start_screening(
    data: Path, *, as_of: date, rules: Sequence[str], org: str | None, now: datetime, user: str,
    on_rule: Callable[[Rule, int, int], None], on_wait: Callable[[Text], None] | None = None,
) -> RunResult:  # fmt: skip
    """Screen the data folder; an exception of `on_rule` gives the run up and leaves no trace of it."""
    request = Request(data, as_of, rules=tuple(rules), org=org, memory=MEMORY)
    return screen(request, now=now.astimezone(UTC).replace(tzinfo=None), user=user, on_rule=on_rule, on_wait=on_wait)


def data_version(data: Path) -> int:
    """Return the number of the current data-set version; 0 before the first load."""
    return read_manifest(data).version if data.is_dir() else 0


def run_order(run: Run) -> tuple[Any, ...]:
    """Return the place of a run among all, by screening date, then number."""
    return order_of(run.as_of, run.run_id, run.created_at)


def finding_count(run: Run) -> int:
    """Return how many rows the ledger of a run has."""
    with duckdb.connect() as connection:
        [row] = connection.execute("SELECT COUNT(*) FROM read_parquet(?)", [str(run.findings_path)]).fetchall()
        return int(row[0])


def finding_batches(run: Run, *, size: int, after: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield the ledger in batches of `size` rows in the order of the file, without its first `after` rows.

    Columns are those of the file, dates and amounts as text, which both databases read; `key_hash` (MD5 of rule and
    key), `said_hash` (of all that the run says) and `age_days` are added.
    """
    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": True}) as connection:
        names = ("period", "amount_yuan", "energy_kwh", "first_seen_on", "last_hit_on", "judged_on",
                 "whitelisted_until")  # fmt: skip
        texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in names)
        words = ("rule_version", "subject", "subject_id", "customer_id", "org_id", "specialty", "severity", "class",
                 "state", "reason_zh", "reason_en", "evidence", "missing")  # fmt: skip
        said = ", ".join(f"COALESCE(CAST({name} AS VARCHAR), '')" for name in (*words, *names))
        reader = connection.sql(
            "SELECT rule, key, md5(concat(rule, chr(0), key)) AS key_hash, rule_version, subject, subject_id, "
            "customer_id, org_id, specialty, severity, class, state, reason_zh, reason_en, evidence, missing, "
            f"md5(concat_ws(chr(0), {said})) AS said_hash, "
            f"CAST(date_diff('day', first_seen_on, DATE '{run.as_of}') AS INTEGER) AS age_days, {texts} "
            f"FROM read_parquet($path) OFFSET {int(after)}",
            params={"path": str(run.findings_path)},
        ).to_arrow_reader(size)
        yield from reader


def rule_counts(run: Run, orgs: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return rule → (suspects, subjects not judged) of a run in some organisations."""
    sql = (
        "SELECT rule, SUM(hit), SUM(open_) FROM ("
        "SELECT rule, 1 AS hit, 0 AS open_ FROM read_parquet($1) WHERE state IN ('new', 'open', 'recurred') "
        "AND org_id IN (SELECT unnest($3)) UNION ALL "
        "SELECT rule, 0, 1 FROM read_parquet($2) WHERE org_id IN (SELECT unnest($3))) GROUP BY rule"
    )
    with duckdb.connect() as connection:
        found = connection.execute(sql, [str(run.findings_path), str(run.not_judged_path), list(orgs)]).fetchall()
    return {rule: (int(hits), int(unjudged)) for rule, hits, unjudged in found}


def not_judged_rows(run: Run, rule: str, orgs: Sequence[str] | None, limit: int) -> list[dict[str, Any]]:
    """Return subjects that a rule could not judge in a run, of some organisations (None: all)."""
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT key, subject, subject_id, customer_id, org_id, missing FROM read_parquet(?) WHERE rule = ? "
            "AND (? OR org_id IN (SELECT unnest(?))) ORDER BY key LIMIT ?",
            [str(run.not_judged_path), rule, orgs is None, list(orgs or ()), limit],
        ).fetchall()
    names = ("key", "subject", "subject_id", "customer_id", "org_id", "missing")
    return [dict(zip(names, row, strict=True)) for row in found]


@dataclass(frozen=True)
class Change:
    """How many findings of a rule and a unit changed in one way between two runs.

    kind: the state in the later run, `absent` (not in it), or `amount`: it stands in both, with another amount.
    amount_yuan: of `amount` the later less the earlier, of all others the amount last known.
    """

    rule: str
    org_id: str
    kind: str
    findings: int
    amount_yuan: Decimal


@dataclass(frozen=True)
class Compared:
    """Two runs side by side."""

    changes: tuple[Change, ...]
    rows: tuple[dict[str, Any], ...]  # of what was asked for


_STANDS = "('new', 'open', 'recurred')"


def compare_runs(
    earlier: Run, later: Run, *, orgs: Sequence[str] | None, rule: str = "", org: str = "", kind: str = "",
    limit: int | None = 0,
) -> Compared:  # fmt: skip
    """Compare two runs by (rule, key) for some organisations (None: all).

    What stands in both with the same amount is no change, whether it was new or known.

    rule, org, kind: of which changes the findings are returned, "" for all; limit: how many at most, None for all.
    """
    values: dict[str, Any] = {
        "a": str(earlier.findings_path), "b": str(later.findings_path), "everything": orgs is None,
        "orgs": list(orgs or ()),
    }  # fmt: skip
    side = (
        "SELECT rule, key, state, amount_yuan, customer_id, org_id, reason_zh, reason_en FROM read_parquet(${}) "
        "WHERE $everything OR org_id IN (SELECT unnest($orgs))"
    )
    joined = (
        "SELECT COALESCE(b.rule, a.rule) AS rule, COALESCE(b.key, a.key) AS key, COALESCE(a.state, '') AS before, "
        "COALESCE(b.state, '') AS after, a.amount_yuan AS amount_before, b.amount_yuan AS amount_after, "
        f"CASE WHEN a.state IN {_STANDS} AND b.state IN {_STANDS} THEN "
        "CASE WHEN a.amount_yuan IS DISTINCT FROM b.amount_yuan THEN 'amount' END "
        "WHEN b.state IS NULL THEN 'absent' WHEN a.state IS DISTINCT FROM b.state THEN b.state END AS kind, "
        "COALESCE(b.customer_id, a.customer_id) AS customer_id, COALESCE(b.org_id, a.org_id, '') AS org_id, "
        "COALESCE(b.reason_zh, a.reason_zh) AS reason_zh, COALESCE(b.reason_en, a.reason_en) AS reason_en "
        f"FROM ({side.format('a')}) AS a FULL JOIN ({side.format('b')}) AS b ON a.rule = b.rule AND a.key = b.key"
    )
    moved = (
        "COALESCE(CASE WHEN kind = 'amount' THEN COALESCE(amount_after, 0) - COALESCE(amount_before, 0) "
        "ELSE COALESCE(amount_after, amount_before) END, 0)"
    )
    names = ("rule", "key", "kind", "before", "after", "amount_before", "amount_after", "customer_id", "org_id",
             "reason_zh", "reason_en")  # fmt: skip
    with duckdb.connect(config={"memory_limit": "2GB"}) as connection:
        changes = connection.execute(
            f"SELECT rule, org_id, kind, COUNT(*), SUM({moved}) FROM ({joined}) WHERE kind IS NOT NULL "
            "GROUP BY rule, org_id, kind ORDER BY rule, org_id, kind",
            values,
        ).fetchall()
        rows: list[dict[str, Any]] = []
        if limit != 0:
            found = connection.execute(
                f"SELECT {', '.join(names)} FROM ({joined}) WHERE kind IS NOT NULL AND ($rule = '' OR rule = $rule) "
                f"AND ($org = '' OR org_id = $org) AND ($kind = '' OR kind = $kind) "
                f"ORDER BY abs({moved}) DESC, rule, key" + (f" LIMIT {int(limit)}" if limit else ""),
                {**values, "rule": rule, "org": org, "kind": kind},
            ).fetchall()
            rows = [dict(zip(names, row, strict=True)) for row in found]
    return Compared(tuple(Change(*row) for row in changes), tuple(rows))
