"""What a rule would have found at each month's end, before anyone screens with it; nothing is written.

Judged on the data as they are now: rows that arose after a day are not seen, values corrected since are as corrected.
"""

from __future__ import annotations

import calendar
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from jicha.catalog.billing import read_settings
from jicha.catalog.files import vocabulary
from jicha.catalog.rules import Rule, load_rules, read_rule
from jicha.catalog.schema import schema
from jicha.engine.check import check_rule
from jicha.engine.judge import Suspect, could_not_judge, judge
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.errors import BadInput, JichaError
from jicha.language import Language, Text
from jicha.screening.inputs import RunInputs, check_organisations, latest_complete_period, read_inputs
from jicha.screening.plan import Organisations, plan_rule
from jicha.screening.readiness import outcome_of
from jicha.stopping import raise_if_asked
from jicha.warehouse.machine import first_line, in_words
from jicha.warehouse.store import Snapshot, Warehouse

MOST_MONTHS = 120
NO_DATA = "no_data"  # of that time in a table of the rule: that nothing is found says nothing


@dataclass(frozen=True)
class Month:
    """What the rule finds as of one day. outcome: done, no_data, failed, or why it cannot run (never clean).

    gained: findings that the month before shown did not have; None where that was not judged. lacks: tables.
    """

    as_of: date
    p0: date
    outcome: str
    lacks: tuple[str, ...]
    detail: Text
    suspects: Mapping[str, Suspect]
    not_judged: Mapping[str, Suspect]
    gained: int | None
    seconds: float

    @property
    def ran(self) -> bool:
        """Whether it was judged at all."""
        return self.outcome == "done"

    @property
    def words(self) -> Text:
        """Return the outcome in words, with what was lacking or why it failed."""
        if self.outcome == NO_DATA:
            said = Text("未判定：该时段没有数据", "Not judged: no data of that time")
        else:
            label = vocabulary()["rule_outcome"][self.outcome]
            said = Text(label["zh"], label["en"])
        if self.detail.zh:
            return Text(f"{said.zh}（{self.detail.zh}）", f"{said.en} ({self.detail.en})")
        tables = [schema()[name] for name in self.lacks if name in schema()]
        zh, en = "、".join(t.label(Language.ZH) for t in tables), ", ".join(t.label(Language.EN) for t in tables)
        return Text(f"{said.zh}（{zh}）", f"{said.en} ({en})") if tables else said

    @property
    def amount_yuan(self) -> Decimal:
        """The sum of the amounts of its findings."""
        return sum((s.amount_yuan or Decimal(0) for s in self.suspects.values()), Decimal(0))

    @property
    def with_amount(self) -> int:
        """How many of its findings have an amount."""
        return sum(s.amount_yuan is not None for s in self.suspects.values())


@dataclass(frozen=True)
class Backtest:
    """A rule over some months."""

    rule: Rule
    data_version: int
    months: tuple[Month, ...]

    @property
    def different(self) -> int:
        """How many different findings there are in all months: one that stays is counted once."""
        return len({key for month in self.months for key in month.suspects})

    @property
    def customers(self) -> int:
        """How many different customers they are about."""
        found = (s.customer_id for month in self.months for s in month.suspects.values())
        return len({customer for customer in found if customer})


def month_ends(first: date, last: date, *, today: date) -> list[date]:
    """Return the last day of each month from that of `first` to that of `last`, today for the month that is running.

    BadInput when the span is none, lies ahead, or is longer than MOST_MONTHS.
    """
    one, other = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    if other < one or other > today.year * 12 + today.month - 1 or other - one >= MOST_MONTHS:
        raise BadInput(
            zh=f"月份 {first:%Y-%m} 至 {last:%Y-%m} 不合要求：应由早到晚、不晚于本月（{today:%Y-%m}），"
            f"不超过 {MOST_MONTHS} 个月。",
            en=f"the months {first:%Y-%m} to {last:%Y-%m}: expected the earlier first, none after this month "
            f"({today:%Y-%m}), {MOST_MONTHS} at most",
        )
    ends = []
    for number in range(one, other + 1):
        year, month = number // 12, number % 12 + 1
        ends.append(min(date(year, month, calendar.monthrange(year, month)[1]), today))
    return ends


def backtest(
    data: Path, rule: str, *, first: date, last: date, today: date, org: str | None = None, inputs: Path | None = None,
    memory: str = "2GB", threads: int | None = None, on_month: Callable[[date, int, int], None] | None = None,
) -> Backtest:  # fmt: skip
    """Judge a rule as of each month's end from first to last.

    rule: a code, of the catalog or of DATA/rules, or the path of a rule file that lies elsewhere; whatever its status.
    org: only this unit's subtree. Parameters are those in force now. BadInput names what is wrong with what was asked.
    """
    folder = inputs or data / "run"
    snapshot = Warehouse(data).snapshot()
    if snapshot.manifest.version == 0:
        raise BadInput(
            zh=f"{data} 中还没有数据。请先装入：jicha load {data} 来源文件夹",
            en=f"there are no data in {data}; load some first: jicha load {data} SOURCE",
        )
    found = _rule(data, rule)
    given = read_inputs(folder, {**load_rules(data / "rules").rules, found.code: found})
    days = month_ends(first, last, today=today)
    unchanged = Text("没有改动任何内容", "nothing was changed")
    with (
        tempfile.TemporaryDirectory(prefix="jicha-backtest-") as spill,
        in_words(doing=Text("回测", "the backtest"), place=data, memory=memory, unchanged=unchanged),
    ):
        asked = _Asked(snapshot, found, given, folder, org, memory, threads, Path(spill))
        return Backtest(found, snapshot.manifest.version, tuple(asked.months(days, on_month)))


def _rule(data: Path, name: str) -> Rule:
    if name.lower().endswith(".sql"):
        if not Path(name).is_file():
            raise BadInput(zh=f"没有规则文件 {name}。", en=f"there is no rule file {name}")
        rule = read_rule(Path(name), own=True)
    else:
        loaded = load_rules(data / "rules")
        if name.upper() not in loaded.rules:
            raise BadInput(
                zh=f"没有规则 {name}；jicha rules 列出全部。{loaded.broken.zh}",
                en=f"there is no rule {name}; jicha rules lists all{loaded.broken.en}",
            )
        rule = loaded.rules[name.upper()]
    if rule.own and (problems := check_rule(rule)):
        raise BadInput(zh="；".join(text.zh for text in problems), en="; ".join(text.en for text in problems))
    return replace(rule, status="active")  # a draft is what one wants to see most


@dataclass
class _Asked:
    snapshot: Snapshot
    rule: Rule
    inputs: RunInputs
    folder: Path
    org: str | None
    memory: str
    threads: int | None
    spill: Path

    def months(self, days: list[date], on_month: Callable[[date, int, int], None] | None) -> Iterator[Month]:
        before: Month | None = None
        for number, day in enumerate(days):
            if on_month is not None:
                on_month(day, number, len(days))
            month = self._month(day)
            if before is not None and before.ran and month.ran:
                month = replace(month, gained=len(set(month.suspects) - set(before.suspects)))
            yield month
            before = month

    def _month(self, day: date) -> Month:
        started, p0 = time.perf_counter(), latest_complete_period(day, self.inputs.settle_day)
        made = Month(day, p0, "done", (), Text("", ""), {}, {}, None, 0.0)
        source = StoredTables(self.snapshot)
        outcome, lacks = outcome_of(self.rule, source)
        if outcome == "done" and (bare := self._not_covered(day, p0)):
            outcome, lacks = NO_DATA, bare
        if outcome != "done":
            return replace(made, outcome=outcome, lacks=lacks)
        with Session(
            source, as_of=day, p0=p0, lists=self.inputs.lists, memory=self.memory, threads=self.threads,
            spill=self.spill / day.isoformat(),
        ) as session:  # fmt: skip
            session.billing = read_settings(self.folder, session.parents())
            try:
                suspects, unjudged = self._judged(session)
            except duckdb.InterruptException:
                raise
            except (duckdb.Error, JichaError) as error:
                raise_if_asked(error)
                why = error.text if isinstance(error, JichaError) else Text(first_line(error), first_line(error))
                return replace(made, outcome="failed", detail=why, seconds=time.perf_counter() - started)
        return replace(made, suspects=suspects, not_judged=unjudged, seconds=time.perf_counter() - started)

    def _judged(self, session: Session) -> tuple[dict[str, Suspect], dict[str, Suspect]]:
        organisations = Organisations(session.parents())
        check_organisations(self.inputs, organisations.parents)
        scope, plan = organisations.scope(self.org), plan_rule(self.rule, self.inputs, organisations)
        suspects: dict[str, Suspect] = {}
        unjudged: dict[str, Suspect] = {}
        for index, (_, values) in enumerate(plan.sets):
            for found, target in ((judge(session, self.rule, values), suspects),
                                  (could_not_judge(session, self.rule, values), unjudged)):  # fmt: skip
                target.update({
                    s.key: s for s in found
                    if plan.set_for(s.org_id) == index and (scope is None or s.org_id in scope)
                })  # fmt: skip
        return suspects, unjudged

    def _not_covered(self, day: date, p0: date) -> tuple[str, ...]:
        """Return the tables of the rule that end before the period or begin after the day."""
        bare = []
        for table in self.rule.needed_tables:
            split = self.snapshot.months(table) if schema()[table].partition else []
            months = [month for month in split if month[:1].isdigit()]  # not the rows without a day
            if months and (max(months) < p0.isoformat() or min(months) > day.isoformat()):
                bare.append(table)
        return tuple(bare)
