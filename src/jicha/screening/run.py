"""One screening run: judge the rules, compare with earlier runs, publish record and findings at once or not at all."""

from __future__ import annotations

import gc
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from jicha.catalog.billing import read_settings
from jicha.catalog.rules import Rule, load_rules
from jicha.catalog.schema import schema
from jicha.engine.check import check_rule
from jicha.engine.judge import Suspect, could_not_judge, judge
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.errors import BadInput, JichaError
from jicha.language import Text
from jicha.screening.again import Again, Looks, judge_again
from jicha.screening.compare import Verdicts, compared, outside
from jicha.screening.history import EarlierRun, Situation, baseline_of, earlier_runs
from jicha.screening.inputs import RunInputs, check_organisations, in_force, latest_complete_period, read_inputs
from jicha.screening.ledger import NOT_JUDGED_SCHEMA, SCHEMA, RowWriter, not_judged_row
from jicha.screening.plan import Organisations, RulePlan, data_digest, plan_rule, select_rules
from jicha.screening.readiness import outcome_of
from jicha.screening.record import RuleReport, record, write_record
from jicha.screening.request import Request
from jicha.screening.states import OPEN
from jicha.stopping import raise_if_asked
from jicha.warehouse.lock import locked
from jicha.warehouse.machine import failure_of, first_line, in_words, is_crowded, is_full
from jicha.warehouse.store import Snapshot, Warehouse


@dataclass
class RunResult:
    """What a run gave."""

    run_id: str
    folder: Path
    content: dict[str, Any]

    @property
    def failed(self) -> list[str]:
        """Codes of the rules that failed."""
        return [code for code, rule in self.content["rules"].items() if rule["outcome"] == "failed"]


OnRule = Callable[[Rule, int, int], None]


def screen(
    request: Request, *, now: datetime, user: str, on_rule: OnRule | None = None,
    on_wait: Callable[[Text], None] | None = None,
) -> RunResult:  # fmt: skip
    """Screen a data folder and return the run; nothing is written unless it comes to its end.

    now: when it is run, UTC. user: who runs it. BadInput names a wrong request; a rule that fails stops no other.
    """
    warehouse = Warehouse(request.data)
    snapshot = warehouse.snapshot(request.data_version)
    if snapshot.manifest.version == 0:
        raise BadInput(
            zh=f"{request.data} 中还没有数据。请先装入：jicha load {request.data} 来源文件夹",
            en=f"there are no data in {request.data}; load some first: jicha load {request.data} SOURCE",
        )
    runs = request.data / "runs"
    unchanged = Text("没有留下任何运行记录，数据未改动", "no run was recorded, the data are as before")
    with in_words(doing=Text("筛查", "screening"), place=runs, memory=request.memory, unchanged=unchanged):
        runs.mkdir(exist_ok=True)
        with locked(runs, wait_seconds=request.wait_seconds, on_wait=on_wait), rarely_collected():
            for left in runs.glob(".tmp-*"):  # a killed run's; the lock says that nobody is at work there
                shutil.rmtree(left, ignore_errors=True)
            aside = runs / f".tmp-{os.getpid()}"
            aside.mkdir()
            try:
                return _Run(request, snapshot, aside, now, user).execute(on_rule)
            finally:
                shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Look for garbage less often: syntax trees and rows are many and stay, and each search goes through them all."""
    before = gc.get_threshold()
    gc.set_threshold(20_000, 20, 200)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@dataclass
class _Run:
    request: Request
    snapshot: Snapshot
    aside: Path
    now: datetime
    user: str
    reports: dict[str, RuleReport] = field(default_factory=dict)
    situations: dict[str, Situation] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)

    def execute(self, on_rule: OnRule | None) -> RunResult:
        """Judge, compare, write aside, rename."""
        started = time.perf_counter()
        rule_set = load_rules(self.request.data / "rules")
        self.inputs: RunInputs = read_inputs(self.request.inputs or self.request.data / "run", rule_set.rules)
        self.rules = in_force(rule_set.rules, self.inputs)
        self.p0 = latest_complete_period(self.request.as_of, self.inputs.settle_day)
        self.whitelist = self.inputs.whitelist(self.request.as_of)
        chosen = select_rules(self.rules, self.request.rules, broken=rule_set.broken)
        self.digest = data_digest(self.snapshot.manifest.fingerprint, self.request.as_of, self.inputs)
        history = earlier_runs(self.request.data, self.request.as_of)
        self.earlier: Mapping[str, EarlierRun] = {run.run_id: run for run in history}
        self.latest = history[-1] if history else None
        self.run_id = self._next_id()
        with self._session(self.request.as_of, self.p0, "spill") as session:
            self.session = session
            self.organisations = Organisations(self.session.parents())
            check_organisations(self.inputs, self.organisations.parents)
            self.scope = self.organisations.scope(self.request.org)
            with (
                RowWriter(self.aside / "findings.parquet", SCHEMA) as findings,
                RowWriter(self.aside / "not_judged.parquet", NOT_JUDGED_SCHEMA) as unjudged,
                Looks(self._from_another_day) as self.looks,
            ):
                for index, rule in enumerate(chosen):
                    if on_rule is not None:
                        on_rule(rule, index, len(chosen))
                    self._rule(rule, findings, unjudged)
                self._others({rule.code for rule in chosen}, findings)
            model_seconds = dict(session.seconds)
        content = record(
            run_id=self.run_id, request=self.request, inputs=self.inputs, manifest=self.snapshot.manifest, p0=self.p0,
            now=self.now, user=self.user, digest=self.digest, reports=self.reports, situations=self.situations,
            states=self.states, model_seconds=model_seconds, seconds=time.perf_counter() - started,
            problems=rule_set.problems, files=sorted(self.aside.glob("*.parquet")),
        )  # fmt: skip
        write_record(self.aside / "run.json", content)
        for left in self.aside.glob("spill*"):
            shutil.rmtree(left, ignore_errors=True)
        raise_if_asked()  # a stop of which nothing was heard since
        folder = self.aside.parent / self.run_id
        self.aside.rename(folder)
        return RunResult(self.run_id, folder, content)

    # -- parts -----------------------------------------------------------------------------------------------

    def _session(self, as_of: date, p0: date, spill: str, seen_until: date | None = None) -> Session:
        session = Session(
            StoredTables(self.snapshot), as_of=as_of, p0=p0, lists=self.inputs.lists, memory=self.request.memory,
            threads=self.request.threads, spill=self.aside / spill, seen_until=seen_until,
        )  # fmt: skip
        session.billing = read_settings(self.request.inputs or self.request.data / "run", session.parents())
        return session

    def _from_another_day(self, as_of: date, p0: date) -> Session:
        return self._session(as_of, p0, "spill-again", seen_until=self.request.as_of)

    def _next_id(self) -> str:
        stamp = f"{self.request.as_of:%Y%m%d}"
        taken = [int(p.name.rpartition("-")[2]) for p in self.aside.parent.glob(f"{stamp}-[0-9]*")]
        return f"{stamp}-{max(taken, default=0) + 1:03d}"

    def _in_scope(self, org: str | None) -> bool:
        return self.scope is None or org in self.scope

    def _rule(self, rule: Rule, findings: RowWriter, unjudged: RowWriter) -> None:
        """Judge one rule and write its rows; whatever goes wrong in it is its own outcome."""
        started = time.perf_counter()
        plan = plan_rule(rule, self.inputs, self.organisations)
        situation = plan.situation(self.digest)
        baseline = baseline_of(self.latest, rule.code, situation)
        rows = self.earlier[baseline].rows(rule.code) if baseline is not None else []
        detail = Text("", "")
        not_judged: list[Suspect] = []
        outcome, missing = outcome_of(rule, self.session.source)
        verdicts = Verdicts(outcome, missing, {}, {}, Again(), lambda ids: ids)
        if outcome == "done":
            try:
                verdicts, not_judged = self._judge(plan, rows)
            except (duckdb.Error, JichaError, MemoryError) as error:
                raise_if_asked(error)
                if isinstance(error, duckdb.InterruptException):
                    raise KeyboardInterrupt from error
                outcome, detail = "failed", self._why(error)
                verdicts = Verdicts(outcome, (), {}, {}, Again(), lambda ids: ids)
        written = list(
            compared(plan, verdicts, rows, run_id=self.run_id, as_of=self.request.as_of, in_scope=self._in_scope)
        )
        self._write(findings, written)
        unjudged.add(not_judged_row(rule, suspect, self.run_id) for suspect in not_judged)
        self._write(findings, self._out_of_scope(rule.code))
        judged_in = self.run_id if outcome == "done" else None
        self.situations[rule.code] = Situation(situation, baseline, judged_in)
        self.reports[rule.code] = RuleReport(
            rule=rule, plan=plan, outcome=outcome, missing=missing, detail=detail,
            seconds=time.perf_counter() - started, findings=len(verdicts.suspects), not_judged=len(not_judged),
            not_judged_for=Counter(suspect.missing or "" for suspect in not_judged),
        )  # fmt: skip

    def _why(self, error: Exception) -> Text:
        """Return why a rule failed: what the machine lacks in words, an error of its SQL as the engine says it."""
        if isinstance(error, JichaError):
            return error.text
        if isinstance(error, duckdb.OutOfMemoryException | MemoryError) or is_full(error) or is_crowded(error):
            doing, kept = Text("这条规则", "this rule"), Text("其他规则不受影响", "the other rules are not affected")
            place = self.aside.parent
            return failure_of(error, doing=doing, place=place, memory=self.request.memory, unchanged=kept).text
        return Text(first_line(error), first_line(error))

    def _judge(self, plan: RulePlan, rows: Sequence[Mapping[str, Any]]) -> tuple[Verdicts, list[Suspect]]:
        rule = plan.rule
        if rule.own and (problems := check_rule(rule)):
            raise BadInput(zh="；".join(text.zh for text in problems), en="; ".join(text.en for text in problems))
        suspects: dict[str, Suspect] = {}
        unjudged: dict[str, Suspect] = {}
        for index, (_, values) in enumerate(plan.sets):
            for found, target in ((judge(self.session, rule, values), suspects),
                                  (could_not_judge(self.session, rule, values), unjudged)):  # fmt: skip
                target.update({
                    s.key: s for s in found if plan.set_for(s.org_id) == index and self._in_scope(s.org_id)
                })  # fmt: skip
        left = [
            row
            for row in rows
            if row["state"] in {*OPEN, "expired"} and row["key"] not in suspects and row["key"] not in unjudged
        ]
        again = judge_again(
            plan, left, session=self.session, looks=self.looks,
            period_of=lambda day: latest_complete_period(day, self.inputs.settle_day),
        )  # fmt: skip
        verdicts = Verdicts(
            outcome="done", missing=(), suspects=suspects,
            not_judged={key: s.missing for key, s in unjudged.items()}, again=again,
            present=lambda ids: self._present(rule, ids),
        )  # fmt: skip
        return verdicts, list(unjudged.values())

    def _present(self, rule: Rule, ids: Collection[str]) -> Collection[str]:
        table = schema()[rule.subject]
        self.session.require([table.name])
        found = self.session.connection.execute(
            f"SELECT DISTINCT CAST({table.key[0]} AS VARCHAR) FROM {table.name} "
            f"WHERE CAST({table.key[0]} AS VARCHAR) IN (SELECT UNNEST($1))",
            [sorted(ids)],
        ).fetchall()
        return {row[0] for row in found}

    def _latest_rows(self, code: str) -> list[dict[str, Any]]:
        return self.latest.rows(code) if self.latest is not None else []

    def _out_of_scope(self, code: str) -> list[dict[str, Any]]:
        """Rows of a judged rule in units that this run does not cover."""
        if self.scope is None or self.latest is None:
            return []
        same = self.latest.data_digest == self.digest
        return [
            outside(row, run_id=self.run_id, same_data=same)
            for row in self._latest_rows(code)
            if not self._in_scope(row["org_id"])
        ]

    def _others(self, chosen: set[str], findings: RowWriter) -> None:
        """Carry over the rows of rules that this run does not cover."""
        if self.latest is None:
            return
        same = self.latest.data_digest == self.digest
        for code in self.latest.rule_codes():
            if code not in chosen:
                self._write(findings, [outside(r, run_id=self.run_id, same_data=same) for r in self._latest_rows(code)])
                known = self.latest.situations[code]
                self.situations[code] = known if same else Situation("", known.baseline, None)

    def _write(self, findings: RowWriter, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            row["whitelisted_until"] = self.whitelist.get((row["rule"], row["key"]))
            self.states[row["state"]] = self.states.get(row["state"], 0) + 1
        findings.add(rows)
