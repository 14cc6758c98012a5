"""The checks of `peers.py` with the product's own SQL: a rule, or a relation that rules read."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from measure import cpu_seconds
from settings import AS_OF

from jicha.catalog.relations import relations, transitive
from jicha.catalog.rules import load_rules
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.screening.inputs import latest_complete_period, read_inputs, values_of
from jicha.warehouse.store import Warehouse

# A relation has a row for nearly every point; the peers give the keys of the same condition.
ANSWERS = {  # what the peers give beside the key; of the rules that are not named the key alone
    "CF008": ("customer_id", "running_transformers", "removed_transformers"),
    "MT014": ("point_id", "amount_yuan"),
    "RC001": ("point_id", "estimated_kwh"),
}
CONDITIONS = {"arrears_age": "", "still_point": "", "median_quantity": " WHERE median_kwh > 1000"}


def timed(data: Path, checks: Sequence[str], memory: str, spill: Path) -> dict[str, tuple[list[str], float, float]]:
    """Return the keys and the wall and CPU seconds of each check, from the open tables to the keys.

    Relations are made within the time of the first check that needs them, as in a run.
    """
    rules = load_rules(data / "no rules of its own").rules
    inputs = read_inputs(None, rules)
    p0 = latest_complete_period(AS_OF, inputs.settle_day)
    snapshot = Warehouse(data).snapshot()
    result = {}
    with Session(StoredTables(snapshot), as_of=AS_OF, p0=p0, lists=inputs.lists, memory=memory, spill=spill) as session:
        for check in checks:
            reads = relations()[check].reads if check in CONDITIONS else rules[check].reads
            named = {
                name for relation in transitive(reads, relations()) for name in relations()[relation].reads
            } | reads
            session.require(
                sorted(named & set(snapshot.manifest.tables))
            )  # opening: files are listed, checksums compared
            started, cpu = time.perf_counter(), cpu_seconds()
            if check in CONDITIONS:
                session.require([check])
                columns: Sequence[str] = ("customer_id" if check == "arrears_age" else "point_id",)
                sql = f"SELECT {columns[0]} FROM {check}{CONDITIONS[check]}"
            else:
                rule = rules[check]
                values = values_of(rule, {}, check)
                sql = session.bound(rule.sql, reads=rule.reads, parameters=rule.parameters, values=values)
                columns = ANSWERS.get(check, rule.key[:1])
            answer = session.connection.execute(sql)  # as the product does: a relation would be planned twice
            names = [column[0] for column in answer.description]
            places = [names.index(column) for column in columns]
            rows = [[row[place] for place in places] for row in answer.fetchall()]
            found = [" ".join("" if value is None else str(value) for value in row) for row in rows]
            result[check] = (found, time.perf_counter() - started, cpu_seconds() - cpu)
    return result


def files(data: Path) -> Mapping[str, list[str]]:
    """Return the Parquet files of every stored table: what the peers read."""
    snapshot = Warehouse(data).snapshot()
    return {table: [str(file) for file in snapshot.files(table)] for table in snapshot.manifest.tables}
