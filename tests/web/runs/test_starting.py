"""Runs start by hand, by schedule and on new data; they can be given up, and what a killed worker left is taken up."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.test import TestCase

from jicha_web import core, notices
from jicha_web.core import screening as door
from jicha_web.findings.models import Finding
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import Cancelled, Running, run_job
from jicha_web.organisation.models import Membership, Organisation
from jicha_web.runs import importing, schedules, screening
from jicha_web.runs.models import Run, RunSchedule
from tests.web.conftest import NOW, World
from tests.web.small_data import DAY, screen_it

SHANGHAI = ZoneInfo("Asia/Shanghai")


def start(world: World, who: str = "city", **values: object) -> Run:
    with TestCase.captureOnCommitCallbacks(execute=True):
        run = screening.start_run(
            by=world.people[who],
            at=world.now,
            **{"as_of": DAY, "chosen": ["ZZ001"], **values},  # type: ignore[arg-type]
        )
    return Run.objects.get(pk=run.pk)


def test_a_run_started_by_hand_ends_with_its_findings(world: World, data: Path, all_units: None) -> None:
    run = start(world)
    assert (run.state, run.error, run.by_name) == ("done", "", world.people["city"].name)
    assert run.run_id == "20261015-001" and run.job is not None and run.job.state == "done"
    assert Finding.objects.count() == 4


def test_how_a_run_ended_is_told(world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who starts one goes on with other work meanwhile; one that failed at night is found by those who start runs."""
    told: list[tuple[str, set[str]]] = []

    def deliver(*, kind: str, people: Any, **_more: Any) -> None:
        if kind in {"run_done", "run_failed"}:
            told.append((kind, {p.username for p in people}))

    monkeypatch.setattr(notices, "_deliver", [deliver])
    start(world)
    assert told == [("run_done", {"city"})]
    monkeypatch.setattr(screening, "import_run", lambda *_a, **_k: 1 / 0)
    start(world, chosen=[])
    [(kind, people)] = told[1:]
    assert kind == "run_failed" and {"city", "author", "admin"} <= people and "county_a" not in people
    monkeypatch.setattr(Running, "progress", lambda *_a: (_ for _ in ()).throw(Cancelled))
    start(world)
    assert len(told) == 2  # who gave up knows


def test_only_a_units_subtree(world: World, data: Path, all_units: None) -> None:
    start(world, organisation=world.units["B"])
    assert {f.customer_id for f in Finding.objects.all()} == {"20031"}


def test_who_may_not_start_runs_is_refused(world: World, data: Path) -> None:
    with pytest.raises(PermissionDenied):
        start(world, "county_a")
    assert not Run.objects.exists() and not Job.objects.exists()


def test_an_unknown_rule_is_told_at_once(world: World, data: Path) -> None:
    with pytest.raises(core.BadInput, match="no rule or group XX"):
        start(world, chosen=["XX"])
    assert not Run.objects.exists()


def test_no_data_fails_with_what_to_do(world: World, data: Path, tmp_path: Path, settings: object) -> None:
    settings.DATA = tmp_path / "empty"  # type: ignore[attr-defined]
    settings.DATA.mkdir()  # type: ignore[attr-defined]
    run = start(world, chosen=[])
    assert run.state == "failed" and "还没有数据" in run.error


def test_given_up_leaves_no_run_of_the_core(
    world: World, data: Path, monkeypatch: pytest.MonkeyPatch, all_units: None
) -> None:
    def give_up(*_args: object) -> None:
        raise Cancelled

    monkeypatch.setattr(Running, "progress", give_up)
    run = start(world)
    assert run.state == "failed" and run.job is not None and run.job.state == "cancelled"
    assert not list((data / "runs").glob("2*")) and not list((data / "runs").glob(".tmp*"))


def test_runs_of_the_command_line_are_taken_up(world: World, data: Path, all_units: None) -> None:
    screen_it(data)
    with TestCase.captureOnCommitCallbacks(execute=True):
        screening.take_up(world.now)
    run = Run.objects.get()
    assert (run.state, run.trigger, run.by_name, Finding.objects.count()) == ("done", "command", "tester", 4)
    with TestCase.captureOnCommitCallbacks(execute=True):
        screening.take_up(world.now)
    assert Run.objects.count() == 1


def test_an_import_whose_worker_was_killed_is_resumed_and_a_screening_is_ended(
    world: World, data: Path, all_units: None
) -> None:
    dead = Job.objects.create(kind="import_run", asked_at=NOW, state="failed", message="killed")
    left = Run.objects.create(run_id=screen_it(data).run_id, as_of=DAY, asked_at=NOW, state="importing", job=dead)
    lost = Run.objects.create(as_of=DAY, asked_at=NOW, state="screening", job=dead)
    with TestCase.captureOnCommitCallbacks(execute=True):
        screening.take_up(world.now)
    left.refresh_from_db()
    lost.refresh_from_db()
    assert (left.state, left.attempts, Finding.objects.count()) == ("done", 1, 4)
    assert (lost.state, lost.error) == ("failed", "killed")


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("kind", "day", "at", "due"),
    [
        ("daily", None, local(15, 3), local(15, 2)),
        ("daily", None, local(15, 1), local(14, 2)),
        ("weekly", 4, local(15, 3), local(15, 2)),  # a Thursday
        ("weekly", 4, local(15, 1), local(8, 2)),
        ("weekly", 5, local(15, 3), local(9, 2)),
        ("monthly", 15, local(15, 2), local(15, 2)),
        ("monthly", 15, local(15, 1, 59), datetime(2026, 9, 15, 2, tzinfo=SHANGHAI)),
        ("monthly", 20, local(15, 3), datetime(2026, 9, 20, 2, tzinfo=SHANGHAI)),
    ],
)
def test_when_a_schedule_is_due(kind: str, day: int | None, at: datetime, due: datetime) -> None:
    schedule = RunSchedule(name="x", kind=kind, at_time=time(2), day=day)
    assert schedules.due_since(schedule, at) == due


def make(world: World, **values: object) -> RunSchedule:
    base = {"name": "夜间", "kind": "daily", "at_time": time(2), "day": None, "rules": ["ZZ001"], "organisation": None,
            "is_active": True}  # fmt: skip
    return schedules.save_schedule(None, values={**base, **values}, by=world.people["city"], at=world.now)


def test_a_schedule_starts_once_when_due(world: World, data: Path) -> None:
    make(world)
    schedules.start_due(local(16, 1, 59))
    assert not Run.objects.filter(asked_at__gt=local(16, 0)).exists()
    first = Run.objects.count()
    schedules.start_due(local(16, 2, 1))
    schedules.start_due(local(16, 2, 2))
    assert Run.objects.count() == first + 1
    assert Run.objects.latest("pk").trigger == "schedule"
    schedules.start_due(local(19, 5))  # three nights were missed: one run
    assert Run.objects.count() == first + 2


def test_new_data_start_one_run_per_version(world: World, data: Path) -> None:
    make(world, kind="new_data", at_time=None)
    schedules.start_on_new_data(world.now)
    run = Run.objects.get()
    assert run.trigger == "new_data"
    Run.objects.update(state="done")
    schedules.start_on_new_data(world.now + timedelta(minutes=5))
    assert Run.objects.count() == 1
    RunSchedule.objects.update(last_data_version=door.data_version(data) - 1)
    schedules.start_on_new_data(world.now + timedelta(minutes=9))
    assert Run.objects.count() == 2


def test_a_run_of_the_one_city_below_a_province_leaves_nothing_out(
    world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limited to the city it would never judge the finding of customer 1004, whose unit nobody knows."""
    province = Organisation.objects.create(code="P", name="省电力公司", level="province", path="0000")
    Organisation.objects.filter(pk=world.units["C"].pk).update(parent=province)
    asked: list[str | None] = []

    def screened(*_arguments: object, org: str | None, **_rest: object) -> None:
        asked.append(org)
        raise core.BadInput(zh="到此为止", en="no further")

    monkeypatch.setattr(door, "start_screening", screened)
    for code in ("C", "A"):
        run = screening.start_run(by=world.people["city"], at=world.now, as_of=DAY, organisation=world.units[code])
        assert run.organisation == world.units[code] and run.job is not None
        run_job.func(job_id=run.job.pk, at=world.now.isoformat(), language="zh-hans")
    assert asked == [None, "A"]


def test_data_that_were_screened_are_not_new_to_a_new_schedule(world: World, data: Path, all_units: None) -> None:
    run = importing.adopt(screen_it(data).run_id, at=world.now)
    importing.import_run(run, at=world.now, progress=lambda _done, _total, _text: None)
    made = make(world, kind="new_data", at_time=None)
    schedules.start_on_new_data(world.now)
    assert Run.objects.count() == 1
    RunSchedule.objects.filter(pk=made.pk).update(last_data_version=made.last_data_version - 1)  # a version older
    schedules.start_on_new_data(world.now + timedelta(minutes=2))
    assert Run.objects.filter(trigger="new_data").count() == 1


def test_a_schedule_that_cannot_be_is_refused(world: World, data: Path) -> None:
    with pytest.raises(core.BadInput, match="time of day"):
        make(world, at_time=None)
    with pytest.raises(core.BadInput, match="1–7 of a week"):
        make(world, kind="weekly", day=9)
    with pytest.raises(core.BadInput, match="no rule or group"):
        make(world, rules=["NONE"])
    with pytest.raises(PermissionDenied):
        schedules.save_schedule(None, values={"kind": "daily"}, by=world.people["manager"], at=world.now)


def test_no_run_of_a_day_ahead(world: World, data: Path) -> None:
    """It would be the newest until that day: what all runs before it find would never be shown."""
    tomorrow = world.now.astimezone(SHANGHAI).date() + timedelta(days=1)
    with pytest.raises(core.BadInput, match="lies ahead"):
        start(world, as_of=tomorrow)
    assert not Run.objects.exists()


def test_everything_is_offered_only_to_those_who_see_everything(world: World, data: Path) -> None:
    """The data of a city have a province at their top: the city's specialist was offered all units and then refused."""
    person = world.people["county_a"]
    Membership.objects.create(person=person, role="city_specialist", organisation=world.units["A"])
    client = world.client("county_a")
    form = client.get("/runs/").content.decode().partition('name="organisation"')[2].partition("</select>")[0]
    assert 'value=""' not in form and f'value="{world.units["A"].pk}" selected' in form
    asked = {"as_of": DAY.isoformat(), "rules": "ZZ001"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post("/runs/start/", {**asked, "organisation": ""})
        assert not Run.objects.exists()
        client.post("/runs/start/", {**asked, "organisation": world.units["A"].pk})
    assert Run.objects.get().organisation == world.units["A"]
    whole = world.client("city").get("/runs/").content.decode().partition('name="organisation"')[2]
    assert 'value=""' in whole.partition("</select>")[0]
