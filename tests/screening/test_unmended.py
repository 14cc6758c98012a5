"""The calendar alone mends nothing: of every shipped rule, what it found is never cleared while no data come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jicha.catalog.relations import relations
from jicha.catalog.rules import Rule, load_rules
from jicha.catalog.runinputs import list_columns
from jicha.catalog.schema import schema
from jicha.engine.judge import could_not_judge, judge
from jicha.engine.session import Session
from jicha.engine.source import GivenTables
from jicha.screening.again import Looks, judge_again, looks_from_a_day
from jicha.screening.cases import _with_given_models, read_cases
from jicha.screening.inputs import latest_complete_period, values_of
from jicha.screening.plan import RulePlan

RULES = load_rules(Path("no rules of a utility's own")).rules
SHOWN = 2  # hit cases of each rule: the first ones show what it is about


def _hits(rule: Rule) -> Iterator[Mapping[str, Any]]:
    shown = [
        case for case in read_cases(rule) if case["kind"] == "hit" and case["expect"] and case["outcome"] == "done"
    ]
    yield from shown[:SHOWN]


def _gone(rule: Rule, case: Mapping[str, Any], days: int) -> tuple[set[str], set[str]]:
    """Return (the keys that the rule finds no more so many days later on the same data, those of them cleared)."""
    known = _with_given_models(case["given"], case["place"])
    source = GivenTables(schema(), {n: rows for n, rows in case["given"].items() if n not in known})
    columns = list_columns()
    lists = {
        name: (kinds, [[row.get(c) for c in kinds] for row in case["lists"].get(name) or ()])
        for name, kinds in columns.items()
    }
    day = case["as_of"] if isinstance(case["as_of"], date) else date.fromisoformat(str(case["as_of"]))

    def opened(as_of: date, p0: date) -> Session:  # what arose after the first day never comes
        return Session(
            source, as_of=as_of, p0=p0, lists=lists, threads=1, known={**relations(), **known}, seen_until=day
        )

    def period_of(on: date) -> date:
        return latest_complete_period(on, case["settle_day"])

    values = values_of(rule, case["parameters"], case["place"])
    plan = RulePlan(rule, [(None, values)], {})
    with opened(day, period_of(day)) as first:
        rows = [
            {"key": s.key, "state": "new", "period": s.period, "last_hit_on": day} for s in judge(first, rule, values)
        ]
    later = day + timedelta(days=days)
    with opened(later, period_of(later)) as session, Looks(opened) as looks:
        known_now = {s.key for s in (*judge(session, rule, values), *could_not_judge(session, rule, values))}
        left = [row for row in rows if row["key"] not in known_now]
        again = judge_again(plan, left, session=session, looks=looks, period_of=period_of)
    gone = {str(row["key"]) for row in left} - again.spoke
    return gone, gone - set(again.older_hits) - again.left_window


@pytest.mark.parametrize("code", sorted(code for code, rule in RULES.items() if looks_from_a_day(rule)))
def test_what_only_left_the_window_is_not_cleared(code: str) -> None:
    rule = RULES[code]
    for case in _hits(rule):
        _, cleared = _gone(rule, case, 400)
        assert not cleared, (case["name"], cleared)


def test_what_no_day_changes_is_not_looked_at_again() -> None:
    """A rule that names no day finds the same on the same data: it needs no second look."""
    timeless = [rule for rule in RULES.values() if not looks_from_a_day(rule)]
    for rule in timeless:
        for case in _hits(rule):
            assert _gone(rule, case, 400) == (set(), set()), rule.code


def test_energy_after_closing_leaves_the_window_unmended() -> None:
    rule = RULES["UI008"]
    gone, cleared = _gone(rule, next(_hits(rule)), 100)
    assert gone
    assert not cleared
