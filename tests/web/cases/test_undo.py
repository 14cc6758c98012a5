"""Cases that were opened, joined or dispatched by many are taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jicha_web.cases import moves
from jicha_web.cases.models import Case, ChecklistItem, Dispatch, Party
from jicha_web.cases.opening import open_from_findings
from jicha_web.cases.parties import name_party
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.jobs import undo
from jicha_web.jobs.many import keep
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import enqueue
from jicha_web.organisation.models import Membership
from tests.web.cases.building import case_in
from tests.web.cases.stands import finding
from tests.web.conftest import NOW, World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("all_units", "open_gates", "data", "whole"),
]
LATER = NOW + timedelta(hours=1)


def opened(world: World, *findings: Finding, at: datetime = LATER) -> Job:
    by = world.people["city"]
    cases = open_from_findings(findings=findings, by=by, at=at)
    return keep("handle_findings", by=by, at=at, rows=[(c.number, "") for c in cases], what="case")


def undone(world: World, job: Job, who: str = "city") -> dict[str, object]:
    asked = enqueue("undo_job", by=world.people[who], at=job.asked_at + timedelta(hours=1), undoes=job.pk)
    asked.refresh_from_db()
    assert asked.state == "done", asked.message
    many: dict[str, object] = asked.result["many"]
    return many


def test_cases_that_were_opened_are_cancelled_and_their_findings_free(world: World) -> None:
    one, two = finding(world), finding(world, customer="3300000003", unit="B1")
    job = opened(world, one, two)
    assert undone(world, job)["done"] == 2
    assert set(Case.objects.values_list("state", flat=True)) == {"cancelled"}
    assert Finding.objects.filter(handling="open", case=None).count() == 2
    again = opened(world, *Finding.objects.select_related("organisation"), at=LATER + timedelta(days=1))
    assert again.result["many"]["done"] == 2  # they can go into cases again


def test_a_case_that_was_there_goes_on_without_what_joined(world: World) -> None:
    first = finding(world, amount_yuan="100.00", severity="low", evidence={"reader_id": "SG9"})
    opened(world, first, at=NOW)
    case = Case.objects.get()
    before = {c: getattr(case, c) for c in ("severity", "priority", "amount_yuan", "description", "state", "title")}
    points = set(ChecklistItem.objects.values_list("code", flat=True))
    joining = finding(world, rule="MT009", priority=50.0, evidence={"reader_id": "SG1"})
    job = opened(world, joining)
    case.refresh_from_db()
    assert case.severity == "high" and set(Party.objects.values_list("staff_id", flat=True)) == {"SG1", "SG9"}
    assert set(ChecklistItem.objects.values_list("code", flat=True)) > points
    assert undone(world, job)["done"] == 1
    case.refresh_from_db()
    assert {c: getattr(case, c) for c in before} == before
    assert set(ChecklistItem.objects.values_list("code", flat=True)) == points
    assert list(Party.objects.values_list("staff_id", flat=True)) == ["SG9"]
    assert Finding.objects.get(rule="MT009").case is None and Finding.objects.get(rule="MT004").case == case


def test_a_case_that_went_on_stays(world: World) -> None:
    job = opened(world, finding(world))
    case = Case.objects.get()
    given = {"organisation": world.units["A"], "analysis": "倍率疑似录错"}
    moves.move(
        case=case, event="dispatch_county", by=world.people["city"], at=LATER + timedelta(minutes=1), given=given
    )
    many = undone(world, job)
    assert (many["done"], many["refused"]) == (0, 1)
    case.refresh_from_db()
    assert case.state == "county_pending" and Finding.objects.get().handling == "in_case"


def dispatched(world: World, *cases: Case, at: datetime = LATER) -> Job:
    return enqueue(
        "dispatch_cases", by=world.people["city"], at=at, cases=[c.pk for c in cases], event="dispatch_county",
        analysis="倍率疑似录错", due_at=None,
    )  # fmt: skip


def test_dispatched_cases_are_called_back(world: World) -> None:
    cases = [case_in(world, "registered") for _ in range(3)]
    columns = ("state", "organisation_id", "due_at", "assignee_id", "state_since")
    before = {c.pk: Case.objects.values_list(*columns).get(pk=c.pk) for c in cases}
    job = dispatched(world, *cases)
    assert set(Case.objects.values_list("state", flat=True)) == {"county_pending"}
    started = Case.objects.select_related("organisation").get(pk=cases[0].pk)
    moves.move(case=started, event="return_to_city", by=world.people["county_a"], at=LATER, note="不属本县")
    many = undone(world, job)
    assert (many["done"], many["refused"]) == (2, 1)
    assert many["why"][0][0] == cases[0].number  # type: ignore[index]
    for case in cases[1:]:
        assert Case.objects.values_list(*columns).get(pk=case.pk) == before[case.pk]
    assert set(Dispatch.objects.values_list("case", flat=True)) == {cases[0].pk}
    assert dispatched(world, *cases[1:], at=LATER + timedelta(days=1)) is not None
    assert Case.objects.filter(state="county_pending").count() == 2


def test_the_right_is_that_of_the_dispatch(world: World) -> None:
    job = dispatched(world, case_in(world, "registered"))
    held = Membership.objects.get(person=world.people["city"])
    history.record(held, verb="changed", by=None, at=LATER, changes={"role": "manager"})
    many = undone(world, job)
    assert (many["done"], many["refused"]) == (0, 1)
    assert Case.objects.get().state == "county_pending"


def test_a_party_fetches_nothing_back(world: World) -> None:
    """Named after they dispatched it: undoing would put the case about themselves back into their hands."""
    case = case_in(world, "registered")
    job = dispatched(world, case)
    case.refresh_from_db()
    name_party(case=case, staff_id="S-city", by=world.people["county_a"], at=LATER)
    many = undone(world, job)
    assert (many["done"], many["refused"]) == (0, 1)
    assert Case.objects.get().state == "county_pending"


def test_a_dispatch_that_set_something_off_can_still_be_called_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_in(world, "registered")
    earlier = case_in(world, "cancelled", subject_id="3300000002", customer_id="3300000002")
    monkeypatch.setattr("jicha_web.proof.recurrence.earlier", lambda _case: earlier)
    job = dispatched(world, case)
    case.refresh_from_db()
    assert case.recurrence_of_id == earlier.pk
    way = undo.way_of(Job.objects.get(pk=job.pk))
    assert way is not None and undo.standing_of(job, way).standing == 1
    assert undone(world, job)["done"] == 1
    case.refresh_from_db()
    assert case.state == "registered"
