"""The same again within twelve months of a confirmed case is marked; another rule, subject or outcome is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jicha_web.cases.models import Case
from jicha_web.cases.moves import move
from jicha_web.cases.opening import open_from_findings
from jicha_web.history.read import entries_of
from jicha_web.proof.recurrence import mark, mark_open
from jicha_web.proof.verification import verify
from tests.web.assess.building import approved, assessing_case, make_finding, make_run, waiting_case
from tests.web.cases.building import make_case
from tests.web.conftest import NOW, World
from tests.web.proof.test_verification import LATER, fresh, say

pytestmark = pytest.mark.usefixtures("all_units")


def closed_case(world: World, rule: str = "MT003") -> Case:
    case = waiting_case(world, rule)
    run = make_run(date(2026, 11, 24))
    say(case, "cleared", run)
    assert verify(run, LATER)["closed"] == 1
    return fresh(case)


@pytest.mark.parametrize(
    ("rule", "subject", "days", "again"),
    [
        ("MT003", "3300000001", 30, True),
        ("MT003", "3300000001", 365, True),
        ("MT003", "3300000001", 366, False),
        ("TC006", "3300000001", 30, False),
        ("MT003", "3300000002", 30, False),
    ],
)
def test_same_rule_and_subject_within_the_term(world: World, rule: str, subject: str, days: int, again: bool) -> None:
    before = closed_case(world)
    case = make_case(world, subject_id=subject, customer_id=subject, opened_at=LATER + timedelta(days=days))
    make_finding(world, case, rule, subject_id=subject, customer_id=subject, key={"k": "new"})
    found = mark(case=case, by=None, at=LATER)
    assert (found == before) is again
    assert (case.recurrence_of_id == before.pk) is again
    assert list(before.recurrences.all()) == ([case] if again else [])


def test_the_very_same_finding_that_came_back_is_a_recurrence(world: World) -> None:
    before = closed_case(world)
    case = make_case(world, opened_at=LATER + timedelta(days=30))
    finding = before.findings.get()
    finding.__class__._base_manager.filter(pk=finding.pk).update(case=case, state="recurred", handling="in_case")
    assert mark_open(LATER) == 1
    case.refresh_from_db()
    assert case.recurrence_of == before
    assert entries_of(case)[-1].verb == "recurrence"
    assert mark_open(LATER) == 0


def test_an_unfounded_case_before_is_none(world: World) -> None:
    before = approved(world, assessing_case(world, "MT003"), "unfounded")
    move(case=before, event="close_unfounded", by=world.people["city"], at=NOW)
    case = make_case(world, opened_at=NOW + timedelta(days=30))
    make_finding(world, case, "MT003", key={"k": "new"})
    assert mark(case=case, by=None, at=NOW) is None


def test_opening_marks_it(world: World) -> None:
    before = closed_case(world)
    case = make_case(world, opened_at=LATER + timedelta(days=3))
    make_finding(world, case, "MT003", key={"k": "new"})
    move(case=case, event="open", by=world.people["city"], at=LATER + timedelta(days=4))
    assert case.recurrence_of == before


def test_who_opens_it_from_the_finding_sees_it_at_once(world: World) -> None:
    before = closed_case(world)
    finding = before.findings.get()
    finding.__class__._base_manager.filter(pk=finding.pk).update(case=None, state="recurred", handling="open")
    again = finding.__class__._base_manager.select_related("organisation").get(pk=finding.pk)
    [case] = open_from_findings(findings=[again], by=world.people["city"], at=LATER + timedelta(days=3))
    assert (case.state, case.recurrence_of) == ("registered", before)
    assert [entry.verb for entry in entries_of(case)] == ["opened", "recurrence"]
