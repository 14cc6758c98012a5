"""Runs judge the cases that wait: closed by proof, sent back by a hit, never closed by what was not judged."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jicha.warehouse.manifest import Manifest, read_manifest, write_manifest
from jicha_web import notices
from jicha_web.assess import calculations, money, rectification
from jicha_web.assess.files import add as add_file
from jicha_web.cases.models import Case
from jicha_web.cases.moves import UnableToMove, available_moves, move
from jicha_web.core import assessing, outcomes
from jicha_web.findings.models import Finding
from jicha_web.history.read import check, entries_of
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import enqueue, run_job
from jicha_web.proof import closing, verification
from jicha_web.proof.models import Proof
from jicha_web.proof.verification import overdue, verify
from jicha_web.runs.models import Run
from tests.web.assess.building import PDF, approved, assessing_case, make_finding, make_run, rectified, waiting_case
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units")
LATER = NOW + timedelta(days=40)
AS_OF = date(2026, 11, 24)


def say(case: Case, state: str, run: Run, rule: str | None = None, **fields: Any) -> None:
    """Let a run say something of a case's findings, as the import does."""
    values: dict[str, Any] = {"state": state, "run": run, "judged_on": run.as_of, **fields}
    if state in {"new", "open", "recurred"}:
        values["last_hit_on"] = run.as_of
    found = Finding._base_manager.filter(case=case)
    (found.filter(rule=rule) if rule else found).update(**values)


def fresh(case: Case) -> Case:
    return Case._base_manager.select_related("organisation", "assignee").get(pk=case.pk)


def test_cleared_closes_the_case_and_settles_its_findings(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    case = waiting_case(world, "MT003", "TC006")
    run = make_run(AS_OF)
    say(case, "cleared", run)
    with django_capture_on_commit_callbacks(execute=True):
        assert verify(run, LATER) == {"closed": 1, "returned": 0, "waiting": 0, "failed": 0}
    case = fresh(case)
    assert (case.state, case.closed_at) == ("closed", LATER)
    assert [(p.verdict, p.state) for p in Proof.objects.filter(case=case)] == [("proved", "cleared")] * 2
    last = entries_of(case)[-1]
    assert (last.verb, last.by_id, last.data["run"]) == ("prove", None, run.run_id)
    assert {f.handling for f in Finding.objects.filter(case=case)} == {"settled"}
    with (settings.DATA / "run" / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted((r["rule"], r["outcome"], r["case"], r["closed_on"]) for r in rows) == [
        ("MT003", "confirmed", case.number, "2026-11-24"), ("TC006", "confirmed", case.number, "2026-11-24"),
    ]  # fmt: skip
    assert not list(check())


def test_a_case_that_closes_while_a_writing_waits_is_written_too(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    """The one that waits may be done before this case is committed, so it asks for its own; one of both writes."""
    with django_capture_on_commit_callbacks():
        first = enqueue(closing.WORK, by=None, at=LATER)
    case = waiting_case(world, "MT003")
    run = make_run(AS_OF)
    say(case, "cleared", run)
    with django_capture_on_commit_callbacks():
        verify(run, LATER)
    second = Job.objects.filter(kind=closing.WORK).latest("pk")
    assert second.pk != first.pk
    path = settings.DATA / "run" / "outcomes.csv"
    run_job.func(job_id=first.pk, at=LATER.isoformat(), language="en")
    assert not path.exists()  # left to the newer
    run_job.func(job_id=second.pk, at=LATER.isoformat(), language="en")
    assert case.number in path.read_text(encoding="utf-8")


def test_outcomes_that_could_not_be_written_are_written_by_the_worker_later(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    """Nobody closes a case for weeks: without another try the rules' precision would lack this one as long."""
    case = waiting_case(world, "MT003")
    run, folder = make_run(AS_OF), settings.DATA / "run"
    say(case, "cleared", run)
    folder.write_text("a file where the folder should be")
    with django_capture_on_commit_callbacks(execute=True):
        verify(run, LATER)
    assert [job.state for job in Job.objects.filter(kind=closing.WORK)] == ["failed"]

    def look(minutes: int) -> list[str]:
        with django_capture_on_commit_callbacks(execute=True):
            closing.write_again(LATER + timedelta(minutes=minutes))
        return [job.state for job in Job.objects.filter(kind=closing.WORK).order_by("pk")]

    assert look(4) == ["failed"]
    assert look(5) == look(14) == ["failed"] * 2
    folder.unlink()
    assert look(15) == ["failed", "failed", "done"]
    assert case.number in (folder / "outcomes.csv").read_text(encoding="utf-8")
    assert look(600) == ["failed", "failed", "done"]


def test_a_writer_of_outcomes_reads_only_once_the_other_is_done(tmp_path: Path) -> None:
    """One that read first and wrote last would put the older state in place of the newer: a line would be lost."""
    store, reading, go_on = ["J1"], Event(), Event()

    def rows(wait: bool) -> Iterator[outcomes.Outcome]:
        cases = list(store)
        if wait:
            reading.set()
            go_on.wait(20)
        yield from (outcomes.Outcome("R", "1", one, "confirmed", one, "theft", "1.00", AS_OF) for one in cases)

    slow = Thread(target=outcomes.write, args=(tmp_path, lambda: rows(True)))
    slow.start()
    assert reading.wait(20)
    store.append("J2")
    fast = Thread(target=outcomes.write, args=(tmp_path, lambda: rows(False)))
    fast.start()
    fast.join(0.3)
    assert fast.is_alive()  # it waits for the slow one
    go_on.set()
    slow.join(20)
    fast.join(20)
    assert [line.split(",")[4] for line in (tmp_path / "run" / "outcomes.csv").read_text().splitlines()[1:]] == [
        "J1", "J2",
    ]  # fmt: skip


def test_one_finding_still_there_sends_the_case_back_with_the_reason(world: World) -> None:
    case = waiting_case(world, "MT003", "TC006")
    run = make_run(AS_OF)
    say(case, "cleared", run, "TC006")
    say(case, "open", run, "MT003")
    assert verify(run, LATER)["returned"] == 1
    case = fresh(case)
    assert (case.state, case.returns) == ("rectifying", 1)
    assert "疑点仍在" in entries_of(case)[-1].note or "疑点仍在" in entries_of(case)[-2].note
    there = rectification.latest(case)
    assert there is not None
    assert (there.state, there.done_on, there.by, there.due_at) == ("asked", None, None, case.due_at)
    assert [r.state for r in case.rectifications.order_by("pk")] == ["returned", "asked"]


def test_a_case_sent_back_is_proved_later_by_new_proof_only(world: World) -> None:
    case = waiting_case(world, "MT003")
    run = make_run(AS_OF)
    say(case, "open", run)
    verify(run, LATER)
    case = fresh(case)
    later = LATER + timedelta(days=5)
    with pytest.raises(UnableToMove):  # the old proof counts no more
        move(case=case, event="submit_rectification", by=world.people["station_a1"], at=later)
    case = rectified(world, case, date(2026, 11, 28), later)
    assert verify(run, later)["waiting"] == 1  # the same run again: its data are from before
    newer = make_run(date(2026, 12, 1))
    say(case, "cleared", newer)
    assert verify(newer, later)["closed"] == 1


@pytest.mark.parametrize("state", ["expired", "unjudged", "withdrawn"])
def test_what_was_not_judged_never_closes_and_comes_to_the_city(
    world: World, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(notices, "_deliver", [lambda **said: told.append(said)])
    case = waiting_case(world, "MT003")
    city = world.people["city"]
    told.clear()
    for number in range(3):
        assert not overdue(fresh(case))
        run = make_run(AS_OF + timedelta(days=number))
        say(case, state, run)
        assert verify(run, LATER)["waiting"] == 1
    case = fresh(case)
    assert case.state == "awaiting_proof"
    assert overdue(case)
    overdue_told = [said for said in told if said["kind"] == "proof_overdue"]
    assert [[p.username for p in said["people"]] for said in overdue_told] == [["city", "reviewer"]]
    events = {offer.move.event: offer for offer in available_moves(case, city, LATER)}
    assert set(events) == {"close_by_hand", "return_by_hand"}
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="close_by_hand", by=city, at=LATER, note="已核对")
    assert {r.code for r in refused.value.reasons} == {"no_hand_evidence"}
    add_file(case=case, kind="hand_proof", name="核对.pdf", content=PDF, by=city, at=LATER)
    move(case=case, event="close_by_hand", by=city, at=LATER, note="已核对现场")
    assert case.state == "closed"


def test_while_the_data_may_still_tell_nobody_closes_by_hand(world: World) -> None:
    case = waiting_case(world, "MT003")
    run = make_run(AS_OF)
    say(case, "unjudged", run)
    verify(run, LATER)
    case = fresh(case)
    assert available_moves(case, world.people["city"], LATER) == []
    with pytest.raises(UnableToMove):
        move(case=case, event="close_by_hand", by=world.people["city"], at=LATER, note="办结")


def test_no_person_proves_a_case(world: World) -> None:
    case = waiting_case(world, "MT003")
    for username in ("city", "county_a", "reviewer", "admin"):
        with pytest.raises(UnableToMove):
            move(case=case, event="prove", by=world.people[username], at=LATER)
    with pytest.raises(UnableToMove, match="not proved"):
        move(case=case, event="prove", by=None, at=LATER)


def test_a_founded_case_without_findings_waits_for_a_person(world: World) -> None:
    case = waiting_case(world)
    Finding._base_manager.filter(case=case).update(case=None)
    case = fresh(case)
    assert overdue(case)
    assert verify(make_run(AS_OF), LATER)["waiting"] == 1


def test_findings_that_were_unfounded_need_no_proof(world: World) -> None:
    from jicha_web.assess import outcome

    case = assessing_case(world, "MT003", "TC006")
    by = world.people["county_a"]
    pks = {f.rule: f.pk for f in Finding.objects.filter(case=case)}
    outcome.assess(
        case=case, outcome="metering_fault", findings={pks["MT003"]: "confirmed", pks["TC006"]: "unfounded"},
        reasoning="仅倍率有误", by=by, at=NOW,
    )  # fmt: skip
    rectification.demand(case=case, text="更正", due_at=NOW + timedelta(days=5), by=by, at=NOW)
    outcome.submit(case=case, by=by, at=NOW)
    outcome.approve(case=case, note="", by=world.people["reviewer"], at=NOW)
    case = rectified(world, case, date(2026, 10, 12))
    run = make_run(AS_OF)
    say(case, "cleared", run, "MT003")
    say(case, "open", run, "TC006")
    assert verify(run, LATER)["closed"] == 1


def test_a_run_of_other_rules_or_units_says_nothing(world: World) -> None:
    case = waiting_case(world, "MT003")
    say(case, "cleared", make_run(AS_OF))
    assert verify(make_run(AS_OF, rules={"TC006": "done"}), LATER)["waiting"] == 1
    assert verify(make_run(AS_OF, organisation=world.units["B"]), LATER)["waiting"] == 1
    assert not Proof.objects.exists()
    assert verify(make_run(AS_OF, organisation=world.units["A"]), LATER)["closed"] == 1


def test_the_same_run_twice_leaves_one_verdict(world: World) -> None:
    case = waiting_case(world, "MT003")
    run = make_run(AS_OF)
    say(case, "unjudged", run)
    verify(run, LATER)
    verify(run, LATER)
    assert Proof.objects.filter(case=case).count() == 1


def test_an_event_of_the_same_rule_and_unit_sends_back_and_another_unit_does_not(world: World) -> None:
    event_rule = next(c for c in ("UI001", "UI007", "RC011", "SQ001", "AC010", "UI012") if _proof_of(c) == "event")
    case = waiting_case(world, event_rule)
    elsewhere = make_finding(
        world, None, event_rule, organisation=world.units["A2"], key={"x": "1"}, first_seen_on=date(2026, 11, 1)
    )
    run = make_run(AS_OF, rules={event_rule: "done"})
    say(case, "expired", run)
    assert verify(run, LATER)["waiting"] == 1
    proof = Proof.objects.get(case=case)
    assert (proof.verdict, proof.until) == ("not_yet", date(2027, 1, 12))
    Finding._base_manager.filter(pk=elsewhere.pk).update(organisation=world.units["A1"])
    assert verify(make_run(AS_OF, rules={event_rule: "done"}), LATER)["returned"] == 1


def _proof_of(code: str) -> str:
    rule = assessing.rule_of_case(settings.DATA, code)
    return rule.proof if rule else ""


def booked(world: World, case: Case, kind: str, yuan: str, reference: str, at: datetime = NOW) -> None:
    money.book(
        case=case, kind=kind, amount_yuan=Decimal(yuan), booked_on=date(2026, 10, 14), reference=reference,
        by=world.people["collector_a"], at=at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("in_data", "result"),
    [
        ([("adjustment", "T-1", "2410.56"), ("bill", "T-2", "7231.68")], "closed"),
        ([("adjustment", "T-1", "2410.56")], "returned"),  # half of it is not in the data
        ([("adjustment", "T-1", "2410.56"), ("bill", "T-2", "7231.00")], "returned"),  # another amount
        ([], "returned"),
    ],
)
def test_bookings_offset_a_claim_when_the_data_hold_all_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch, in_data: list[tuple[str, str, str]], result: str
) -> None:
    case = assessing_case(world, "TC006")
    calculations.calculate(
        case=case, calculator="theft_equipment", by=world.people["county_a"], at=NOW,
        inputs={"capacity_kw": "4", "load": "lighting", "price_yuan_per_kwh": "0.558"},
    )  # fmt: skip
    case = approved(world, case, "theft")
    booked(world, case, "billed", "2410.56", "T-1")
    booked(world, case, "penalty", "7231.68", "T-2")
    case = rectified(world, case, date(2026, 10, 12))
    there = [assessing.Booking(table, number, Decimal(yuan)) for table, number, yuan in in_data]
    monkeypatch.setattr(assessing, "bookings", lambda data, customer, references: there)
    run = make_run(AS_OF)
    say(case, "open", run)
    assert verify(run, LATER)[result] == 1


def test_less_billed_than_claimed_is_no_offset(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = assessing_case(world, "TC006")
    calculations.calculate(
        case=case, calculator="theft_equipment", by=world.people["county_a"], at=NOW,
        inputs={"capacity_kw": "4", "load": "lighting", "price_yuan_per_kwh": "0.558"},
    )  # fmt: skip
    case = approved(world, case, "theft")
    booked(world, case, "billed", "2410.56", "T-1")
    there = [assessing.Booking("adjustment", "T-1", Decimal("2410.56"))]
    monkeypatch.setattr(assessing, "bookings", lambda data, customer, references: there)
    assert verification._offset(case) is None


def test_a_case_that_fails_does_not_hold_up_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = waiting_case(world, "MT003"), waiting_case(world, "MT003")
    run = make_run(AS_OF)
    for case in (first, second):
        say(case, "cleared", run)
    right = verification.facts_of

    def broken(case: Case, finding: Finding, run: Run) -> Any:
        if case.pk == first.pk:
            raise UnableToMove([])
        return right(case, finding, run)

    monkeypatch.setattr(verification, "facts_of", broken)
    assert verify(run, LATER) == {"closed": 1, "returned": 0, "waiting": 0, "failed": 1}
    assert (fresh(first).state, fresh(second).state) == ("awaiting_proof", "closed")


def test_a_case_that_goes_on_waiting_asks_for_each_thing_once(world: World) -> None:
    """Thousands may wait: what was read of a case to judge it says as well whether it is proved or overdue."""
    case = waiting_case(world, "MT003")
    run = make_run(AS_OF)
    say(case, "unjudged", run)
    with CaptureQueriesContext(connection) as asked:
        assert verify(run, LATER)["waiting"] == 1
    for table in ("assess_assessment", "findings_finding"):
        reading = [q["sql"] for q in asked if q["sql"].startswith("SELECT") and f'FROM "{table}"' in q["sql"]]
        assert len(reading) == 1, reading


def loaded(on: date, version: int, **tables: int) -> None:
    """Leave what a load of a day writes of itself: its folder, and the version that holds it."""
    load_id = f"{on:%Y%m%d}T010000-{version:06d}"
    folder = settings.DATA / "loads" / load_id
    folder.mkdir(parents=True)
    told: dict[str, Any] = {"tables": {name: {"accepted": n} for name, n in tables.items()}}
    told["created_at"] = f"{on}T01:00:00"
    (folder / "load.json").write_text(json.dumps(told))
    before = read_manifest(settings.DATA)
    write_manifest(settings.DATA, Manifest(version, before.version, told["created_at"], (*before.loads, load_id)))


def test_runs_without_new_data_neither_send_a_case_back_nor_close_it(world: World) -> None:
    """The sources are silent since before the rectification (2026-10-12): each day's run finds what it found."""
    state, event, gone = (waiting_case(world, rule) for rule in ("MT003", "AC011", "MT003"))
    loaded(date(2026, 10, 10), 1, **dict.fromkeys(_tables_of("MT003") | _tables_of("AC011"), 5))
    loaded(date(2027, 1, 30), 2, weather=5)  # what neither rule reads
    day = date(2027, 2, 1)
    run = make_run(day, {"MT003": "done", "AC011": "done"}, data_version="2")
    say(state, "open", run)
    say(event, "expired", run)
    say(gone, "cleared", run)
    assert verify(run, LATER) == {"closed": 0, "returned": 0, "waiting": 3, "failed": 0}
    assert {p.verdict for p in Proof.objects.all()} == {"not_yet"}
    assert "2026-10-10" in Proof.objects.get(case=state).why["zh"]

    loaded(day, 3, **dict.fromkeys(_tables_of("MT003") | _tables_of("AC011"), 5))
    newer = make_run(day, {"MT003": "done", "AC011": "done"}, data_version="3")
    say(state, "open", newer)
    say(event, "expired", newer)
    say(gone, "cleared", newer)
    assert verify(newer, LATER) == {"closed": 2, "returned": 1, "waiting": 0, "failed": 0}
    assert [fresh(one).state for one in (state, event, gone)] == ["rectifying", "closed", "closed"]


def _tables_of(code: str) -> frozenset[str]:
    rule = assessing.rule_of_case(settings.DATA, code)
    assert rule is not None
    return rule.tables


def test_an_event_that_left_its_window_before_anybody_looked_has_happened(world: World) -> None:
    case = waiting_case(world, "AC011")
    run = make_run(date(2027, 2, 1), {"AC011": "done"})
    say(case, "expired", run)
    other = make_finding(world, None, "AC011", state="expired", first_seen_on=date(2026, 11, 1), run=run)
    assert verify(run, LATER)["returned"] == 1
    assert other.key in Proof.objects.get(case=case).why["zh"]


def test_what_a_run_lacked_is_told_by_its_label(world: World) -> None:
    case = waiting_case(world, "MT003")
    run = make_run(AS_OF)
    say(case, "unjudged", run, missing="multiplier,not_covered")
    verify(run, LATER)
    assert Proof.objects.get(case=case).why["zh"] == "本次筛查未能判定：综合倍率、本次筛查未包括"


def test_a_demonstrations_loads_are_told_by_two_clocks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the watched folder have its day, those of the command line the machine's."""
    state = waiting_case(world, "MT003")
    tables = dict.fromkeys(_tables_of("MT003"), 5)
    monkeypatch.setattr(settings, "AS_OF", "2026-10-01")
    monkeypatch.setattr(settings, "AS_OF_SINCE", "2027-10-01T00:00:00+00:00")
    loaded(date(2027, 10, 1), 1, **tables)  # by the machine's clock, before the case was opened
    run = make_run(date(2026, 10, 25), {"MT003": "done"}, data_version="1")
    say(state, "cleared", run)
    assert verify(run, LATER)["waiting"] == 1
    assert "2026-10-01" in Proof.objects.get(case=state).why["zh"]
    loaded(date(2026, 10, 20), 2, **tables)  # by the application
    newer = make_run(date(2026, 10, 26), {"MT003": "done"}, data_version="2")
    newer.asked_at = NOW + timedelta(days=11)
    newer.save()
    say(state, "cleared", newer)
    assert verify(newer, LATER)["closed"] == 1
