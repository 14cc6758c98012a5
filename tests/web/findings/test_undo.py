"""A job with many findings is taken back: what stands as it left it, by who holds the right, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from jicha_web.findings import handling, whitelist
from jicha_web.findings.models import Finding, WhitelistEntry
from jicha_web.findings.views import listing
from jicha_web.history.models import Entry
from jicha_web.history.read import check
from jicha_web.jobs import undo
from jicha_web.jobs.models import Job
from jicha_web.organisation import middleware
from jicha_web.organisation.models import Membership
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.conftest import NOW, World

Found = dict[str, Finding]
pytestmark = pytest.mark.django_db(transaction=True)
REASON = "现场核实无误"
HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def every_request_a_minute(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    minutes = count()
    monkeypatch.setattr(middleware, "now", lambda: NOW + timedelta(minutes=next(minutes)))
    yield
    with scoped(EVERYTHING):
        known = {"finding", "whitelistentry"}  # the history proves what was taken back as well
        assert [d for d in check() if d.object_type in known] == []


def ask(world: World, found: Found, what: str = "dismiss", who: str = "city", **more: str) -> Job:
    """Do one thing with all findings, and return the job by which it was done."""
    fields = {"what": what, "finding": [one.pk for one in found.values()], "reason": REASON, "confirmed": "1", **more}
    world.client(who).post("/findings/bulk/", fields)
    return Job.objects.latest("pk")


def take_back(world: World, job: Job, who: str = "city") -> Job:
    answer = world.client(who).post(f"/jobs/{job.pk}/undo/", {"confirmed": "1"})
    assert answer.status_code == 302
    return Job.objects.latest("pk")


def handlings() -> dict[str, str]:
    with scoped(EVERYTHING):
        return dict(Finding.objects.values_list("customer_id", "handling"))


@pytest.mark.parametrize("limit", [2, 200])  # in the background, and while the browser waits
def test_a_whole_dismissal_is_taken_back(
    world: World, found: Found, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", limit)
    with scoped(EVERYTHING):
        handling.snooze(
            finding=found["1001"], until=LATER.date(), reason=REASON, by=world.people["city"], at=NOW - HOUR
        )
    job = ask(world, found)
    assert set(handlings().values()) == {"dismissed"}
    page = world.client("city").get(f"/jobs/{job.pk}/").content.decode()
    assert f'data-test="undo-standing">{len(found)}<' in page and 'data-test="undo-go"' in page
    asked = world.client("city").post(f"/jobs/{job.pk}/undo/")
    assert b'data-test="confirm-page"' in asked.content and set(handlings().values()) == {"dismissed"}
    undoing = take_back(world, job)
    assert (undoing.kind, undoing.state, undoing.result["many"]["done"]) == ("undo_job", "done", len(found))
    assert handlings() == {customer: "snoozed" if customer == "1001" else "open" for customer in found}
    with scoped(EVERYTHING):
        assert Finding.objects.get(customer_id="1001").snoozed_until == LATER.date()
    rows = Entry.objects.filter(object_type="finding", verb="undone", by_id=world.people["city"].pk)
    assert rows.count() == len(found)


def test_what_was_changed_since_is_named_and_stays(world: World, found: Found) -> None:
    job = ask(world, found, "snooze", until=str(LATER.date()))
    with scoped(EVERYTHING):
        one = Finding.objects.select_related("organisation").get(customer_id="1001")
        handling.dismiss(finding=one, reason=REASON, by=world.people["county_a"], at=LATER)
    page = world.client("city").get(f"/jobs/{job.pk}/").content.decode()
    assert 'data-test="undo-changed">1<' in page and page.count('data-test="undo-row"') == 1
    assert "county_a先生" in page
    many = take_back(world, job).result["many"]
    assert (many["done"], many["refused"]) == (len(found) - 1, 1)
    assert "1001" in many["why"][0][0] and "county_a先生" in many["why"][0][1]
    assert handlings()["1001"] == "dismissed" and set(handlings().values()) == {"dismissed", "open"}


def test_a_second_time_there_is_nothing(world: World, found: Found) -> None:
    job = ask(world, found)
    take_back(world, job)
    before = Job.objects.count()
    answer = world.client("city").post(f"/jobs/{job.pk}/undo/", {"confirmed": "1"}, follow=True)
    assert Job.objects.count() == before and 'data-test="message"' in answer.content.decode()
    page = world.client("city").get(f"/jobs/{job.pk}/").content.decode()
    assert 'data-test="undo-go"' not in page and f'data-test="undo-undone">{len(found)}<' in page


def test_while_one_is_at_it_no_second_is(world: World, found: Found) -> None:
    job = ask(world, found)
    by = world.people["city"]
    Job.objects.create(kind="undo_job", by=by, asked_at=NOW, arguments={"undoes": job.pk}, state="running")
    before = Job.objects.count()
    world.client("city").post(f"/jobs/{job.pk}/undo/", {"confirmed": "1"})
    assert Job.objects.count() == before and set(handlings().values()) == {"dismissed"}


def test_another_ones_job_is_not_there(world: World, found: Found) -> None:
    job = ask(world, found)
    for who in ("county_a", "manager", "admin"):
        assert world.client(who).post(f"/jobs/{job.pk}/undo/", {"confirmed": "1"}).status_code == 404
    assert set(handlings().values()) == {"dismissed"}


def test_who_lost_the_right_takes_nothing_back(world: World, found: Found) -> None:
    job = ask(world, found)
    Membership.objects.filter(person=world.people["city"]).update(role="manager")
    assert world.client("city").post(f"/jobs/{job.pk}/undo/", {"confirmed": "1"}).status_code == 403
    page = world.client("city").get(f"/jobs/{job.pk}/").content.decode()
    assert 'data-test="undo-go"' not in page
    assert set(handlings().values()) == {"dismissed"}


def test_who_went_to_another_unit_takes_nothing_back_there(world: World, found: Found) -> None:
    job = ask(world, found)
    Membership.objects.filter(person=world.people["city"]).update(organisation=world.units["B"])
    take_back(world, job)
    with scoped(EVERYTHING):
        back = Finding.objects.filter(handling="open").values_list("organisation__code", flat=True)
        assert set(back) <= {"B", "B1"} and len(back) < len(found)


def test_somebody_who_is_quicker_wins(world: World, found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask(world, found)
    from jicha_web.findings import undoing

    right = undo.put_back

    def meanwhile(finding: Finding, *args: object, **values: object) -> None:
        if finding.customer_id == "1001":  # written after it was read, before it is put back
            Finding._base_manager.filter(pk=finding.pk).update(version=finding.version + 1)
        right(finding, *args, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(undoing, "put_back", meanwhile)
    many = take_back(world, job).result["many"]
    Finding._base_manager.filter(customer_id="1001").update(version=1)
    assert many["refused"] == 1 and handlings()["1001"] == "dismissed"


def test_what_was_asked_of_the_white_list_is_withdrawn(world: World, found: Found) -> None:
    job = ask(world, found, "whitelist", until=str(LATER.date()))
    with scoped(EVERYTHING):
        entries = list(WhitelistEntry.objects.order_by("pk"))
        assert len(entries) == len(found)
        whitelist.approve(entry=entries[0], by=world.people["reviewer"], at=LATER)
    many = take_back(world, job).result["many"]
    assert (many["done"], many["refused"]) == (len(found) - 1, 1)
    with scoped(EVERYTHING):
        states = list(WhitelistEntry.objects.order_by("pk").values_list("state", flat=True))
        assert states == ["approved"] + ["withdrawn"] * (len(found) - 1)
        asked = Finding.objects.select_related("organisation").get(rule=entries[1].rule, key=entries[1].key)
        whitelist.ask(
            finding=asked, until=(LATER + timedelta(days=9)).date(), reason=REASON, by=world.people["city"], at=LATER
        )


def test_an_export_is_nothing_to_take_back(world: World, found: Found, tmp_path: object) -> None:
    del tmp_path
    job = Job.objects.create(kind="export_findings", by=world.people["city"], asked_at=NOW, state="done")
    assert world.client("city").post(f"/jobs/{job.pk}/undo/", {"confirmed": "1"}).status_code == 404
