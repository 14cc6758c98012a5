"""Open findings that a run does not find any more, judged again: was something mended, or did only the calendar go on?

Everything is judged on today's data. What differs is the day from which the rule looks: rules look at the latest
period, at ninety days, at a calendar year, and what they found leaves their sight although nobody touched it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jicha.catalog.relations import relations, transitive
from jicha.catalog.rules import Rule
from jicha.catalog.schema import Table, schema
from jicha.engine.judge import Suspect, judge
from jicha.engine.owner import table_of_key
from jicha.engine.session import Session
from jicha.screening.plan import RulePlan

Open = Callable[[date, date], Session]  # (the day from which rules look, the latest period then) → today's data
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Again:
    """What judging again says of keys that were not found. Those in none of the three are mended.

    older_hits: keys of earlier periods that still hold. left_window: nothing was mended, the rule looks elsewhere now.
    spoke: newer data of the subject itself are there, and a rule of what is so now finds nothing in them.
    """

    older_hits: Mapping[str, Suspect] = field(default_factory=dict)
    left_window: frozenset[str] = frozenset()
    spoke: frozenset[str] = frozenset()


@dataclass
class Looks(AbstractContextManager["Looks"]):
    """Sessions that look from another day; the latest stays open, as most rules ask for the day of the run before."""

    open: Open
    _key: tuple[date, date] | None = None
    _session: Session | None = None

    def of(self, as_of: date, p0: date) -> Session:
        """Return a session that looks from a day."""
        if self._session is None or self._key != (as_of, p0):
            self.close()
            self._session, self._key = self.open(as_of, p0), (as_of, p0)
        return self._session

    def first(self, views: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
        """Return views in order, the one that is open first."""
        return sorted(views, key=lambda view: (view != self._key, view))

    def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            self._session.close()
        self._session = self._key = None

    def __exit__(self, *error: object) -> None:
        self.close()


def judge_again(
    plan: RulePlan, left: Sequence[Row], *, session: Session, looks: Looks, period_of: Callable[[date], date]
) -> Again:
    """Return what today's data say of keys that earlier runs knew and this one did not find.

    left: their ledger rows, open or expired. session: the run's. period_of: the latest period on a day.
    A key with an earlier period is judged by that period: a hit is still open. Of what is left, a rule of what is so
    now is answered by newer data of the subject itself. All else is judged from the day it was last seen: a hit only
    left the window, which is no proof that anything was mended.
    """
    rule, today = plan.rule, session.as_of
    past = [row for row in left if row["last_hit_on"] < today]
    spoke = _spoke(rule, past, session)
    now = [row for row in left if row["state"] != "expired"]
    earlier = [row for row in now if row["period"] is not None and row["period"] < session.p0]
    older = _hits(plan, looks, [((today, row["period"]), row["key"]) for row in earlier])
    doubtful = [
        ((row["last_hit_on"], p0), row["key"])
        for row in now
        if row["last_hit_on"] < today and row["key"] not in older and row["key"] not in spoke
        # found in the latest period of its day, or by its own period later
        for p0 in {period_of(row["last_hit_on"]), row["period"]} - {None}
    ]
    expired = _hits(plan, looks, doubtful) if looks_from_a_day(rule) else {}
    return Again(older, frozenset(expired), spoke)


def _hits(plan: RulePlan, looks: Looks, asked: Iterable[tuple[tuple[date, date], str]]) -> dict[str, Suspect]:
    views: dict[tuple[date, date], set[str]] = {}
    for view, key in asked:
        views.setdefault(view, set()).add(key)
    found: dict[str, Suspect] = {}
    for view in looks.first(views):
        session = looks.of(*view)
        for index, (_, values) in enumerate(plan.sets):
            for suspect in judge(session, plan.rule, values):
                if suspect.key in views[view] and plan.set_for(suspect.org_id) == index:
                    found[suspect.key] = suspect
    return found


def looks_from_a_day(rule: Rule) -> bool:
    """Whether the calendar alone may change what a rule finds."""
    known = relations()
    texts = [rule.sql, *(known[name].sql for name in transitive(rule.reads, known))]
    return any("$as_of" in text or "$p0" in text or "$use_" in text for text in texts)


def is_series(table: Table) -> bool:
    """Whether a table has a row of each subject for every day or period, such as bills, readings, daily energy."""
    return table.partition is not None and (table.partition in table.key or table.partition == "period")


# how a subject is reached from a row that names a metering point only
_BY_POINT = {"customer_id": "metering_point", "area_id": "metering_point", "feeder_id": "metering_point",
             "meter_id": "meter"}  # fmt: skip


def _spoke(rule: Rule, rows: Sequence[Row], session: Session) -> frozenset[str]:
    """Return the keys of whose subject newer data came than those in which it was last found.

    Only for what is judged by what is so now (`state`), of subjects that go on: that a customer has newer bills says
    nothing of a wrong bill, nor of what was charged too little.
    """
    key = rule.key[0]
    subject = table_of_key(schema(), key)
    if rule.proof != "state" or subject is None or subject.arose is not None or subject.key != (key,) or not rows:
        return frozenset()
    ids = {row["key"]: _id_of(row, key) for row in rows}
    latest: dict[str, date] = {}
    for name in rule.needed_tables:
        table = schema()[name]
        sql = _newest_sql(table, key) if is_series(table) else None
        if sql is None:
            continue
        session.require([name, *([_BY_POINT[key]] if key not in table.columns else [])])
        asked = [sorted(set(ids.values())), min(row["last_hit_on"] for row in rows), session.as_of]
        for id_, day in session.connection.execute(sql, asked).fetchall():
            latest[id_] = max(day, latest.get(id_, day))
    return frozenset(row["key"] for row in rows if latest.get(ids[row["key"]], date.min) > row["last_hit_on"])


def _id_of(row: Row, key: str) -> str:
    return str(json.loads(row["key"])[key])


def _newest_sql(table: Table, key: str) -> str | None:
    """Return a SELECT of (id, newest day) per subject; $1: ids, $2: only later than, $3: today."""
    dated = table.arose or table.partition
    join, id_ = "", f"t.{key}"
    if key not in table.columns:
        if key not in _BY_POINT or "point_id" not in table.columns:
            return None
        join, id_ = f" INNER JOIN {_BY_POINT[key]} AS s ON t.point_id = s.point_id", f"s.{key}"
    return (
        f"SELECT CAST({id_} AS VARCHAR), MAX(CAST(t.{dated} AS DATE)) FROM {table.name} AS t{join} "
        f"WHERE CAST({id_} AS VARCHAR) IN (SELECT UNNEST($1)) AND CAST(t.{dated} AS DATE) > $2 "
        f"AND CAST(t.{dated} AS DATE) <= $3 GROUP BY 1"
    )
