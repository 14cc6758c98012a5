"""The worker: a lost job is asked for again, a dead one given up, a living one not; accounts from the command line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jicha_web.history.read import check
from jicha_web.jobs import work
from jicha_web.jobs.models import Job
from jicha_web.operation import worker
from jicha_web.operation.accounts import demo_accounts, give_account
from jicha_web.organisation.models import Membership, Person
from jicha_web.organisation.roles import roles
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db


def job(state: str, **fields: Any) -> Job:
    return Job.objects.create(kind="nothing", state=state, asked_at=NOW, **fields)


def test_a_job_without_a_place_in_the_queue_is_asked_for_at_the_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(type(work.run_job), "enqueue", lambda _self, **given: asked.append(given["job_id"]))
    lost = job("queued")
    job("running", beaten_at=timezone.now())
    job("done")
    seen = worker.ask_again(set())
    assert (seen, asked) == ({lost.pk}, [])
    worker.ask_again(seen)
    assert asked == [lost.pk]


def test_a_beat_tells_a_long_job_from_a_dead_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "tick", lambda _at: [])
    long_ago = timezone.now() - timedelta(minutes=20)
    mine, dead = job("running", beaten_at=long_ago), job("running", beaten_at=long_ago)
    monkeypatch.setattr(work, "at_work", {mine.pk})
    worker.Ticker().once()
    assert {one.pk: one.state for one in Job.objects.all()} == {mine.pk: "running", dead.pk: "failed"}
    assert "ask again" in Job.objects.get(pk=dead.pk).message
    worker.give_up_own()
    assert Job.objects.get(pk=mine.pk).state == "failed"


def test_accounts_of_a_demonstration_are_one_for_each_role_and_made_once(world: World) -> None:
    made = demo_accounts(at=NOW)
    assert {one.role for one in made} == set(roles())
    passwords = [one.password for one in made if one.password]
    assert len(set(passwords)) == len(passwords)
    new = next(one for one in made if one.person.username == "county1")
    assert new.password is not None
    assert Person.objects.get(username="county1").check_password(new.password)
    people, held = Person.objects.count(), Membership.objects.count()
    assert all(one.password is None for one in demo_accounts(at=NOW))
    assert (Person.objects.count(), Membership.objects.count()) == (people, held)
    assert list(check()) == []


def test_an_account_is_opened_again_with_a_password_to_be_changed(world: World) -> None:
    Person.objects.filter(username="admin").update(is_active=False)
    made = give_account(username="admin", name="", role="administrator", unit=world.units["C"], at=NOW)
    person = Person.objects.get(username="admin")
    assert person.is_active
    assert person.must_change_password
    assert made.password is not None
    assert person.check_password(made.password)


def test_a_lost_job_goes_on_at_the_instant_and_in_the_language_in_which_it_was_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its instant the history tells what a job did, so that it can be taken back."""
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(type(work.run_job), "enqueue", lambda _self, **given: asked.append(given))
    Person.objects.filter(pk=world.people["city"].pk).update(language="en")
    lost = [job("queued", by=world.people["city"]), job("queued")]
    worker.ask_again({one.pk for one in lost})
    assert asked == [
        {"job_id": lost[0].pk, "at": NOW.isoformat(), "language": "en"},
        {"job_id": lost[1].pk, "at": NOW.isoformat(), "language": "zh-hans"},
    ]
