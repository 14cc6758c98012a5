"""Many findings at once: in the background above a number, each done or refused by itself."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from jicha_web.findings import bulk
from jicha_web.findings.models import Finding
from jicha_web.findings.views import listing
from jicha_web.history.models import Entry
from jicha_web.jobs.models import Job
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.conftest import World

Found = dict[str, Finding]
pytestmark = pytest.mark.django_db(transaction=True)
REASON = "现场核实无误"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", 2)


def test_above_the_limit_it_asks_and_works_in_the_background(world: World, found: Found) -> None:
    client = world.client("city")
    first, *others = [one.pk for one in found.values()]
    client.post("/findings/bulk/", {"what": "dismiss", "finding": [first], "reason": REASON})
    done = Job.objects.get()
    assert (done.kind, done.state, done.result["many"]["done"]) == ("handle_findings", "done", 1)  # to be taken back
    wanted = {"what": "dismiss", "finding": [first, *others], "reason": REASON}
    asked = client.post("/findings/bulk/", wanted)
    assert asked.status_code == 200 and str(len(found)) in asked.content.decode()
    assert Job.objects.count() == 1 and Entry.objects.filter(object_type="finding").count() == 1
    answer = client.post("/findings/bulk/", {**wanted, "confirmed": "1"})
    job = Job.objects.exclude(pk=done.pk).get()
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    assert (job.kind, job.state) == ("handle_findings", "done")
    many = job.result["many"]
    assert (many["done"], many["refused"], many["left"]) == (len(others), 1, 0)
    assert [name for name, _why in many["why"]] == [bulk.label(Finding._base_manager.get(pk=first))]
    with scoped(EVERYTHING):
        assert set(Finding.objects.values_list("handling", flat=True)) == {"dismissed"}
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert f'data-test="many-done">{len(others)}<' in page and page.count('data-test="many-row"') == 1
    rows = list(csv.reader((Path(settings.MEDIA_ROOT) / job.result_file).read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 1 + len(found) and sum(bool(row[2]) for row in rows[1:]) == 1


def test_the_job_sees_no_more_than_who_asked(world: World, found: Found) -> None:
    pks = [one.pk for one in found.values()]
    answer = world.client("county_b").post(
        "/findings/bulk/", {"what": "dismiss", "finding": pks, "reason": REASON, "confirmed": "1"}
    )
    assert answer.headers["Location"].startswith("/jobs/")
    many = Job.objects.get().result["many"]
    with scoped(EVERYTHING):
        mine = Finding.objects.filter(handling="dismissed").values_list("organisation__code", flat=True)
        assert set(mine) <= {"B", "B1"} and len(mine) == many["done"] > 0
    assert many["done"] + many["refused"] == len(pks)


def test_what_was_done_stays_when_it_is_given_up(world: World, found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask_to_end(do: bulk.Do, finding: Finding) -> str:
        Job.objects.update(cancel_asked=True)
        do(finding)
        return ""

    monkeypatch.setattr("jicha_web.jobs.work._BEAT", timedelta(0))
    monkeypatch.setattr(bulk, "refusal", ask_to_end)
    pks = [one.pk for one in found.values()]
    world.client("city").post(
        "/findings/bulk/", {"what": "dismiss", "finding": pks, "reason": REASON, "confirmed": "1"}
    )
    job = Job.objects.get()
    assert (job.state, job.result["many"]["done"], job.result["many"]["left"]) == ("cancelled", 1, len(pks) - 1)


def test_without_a_reason_nothing_is_asked_for(world: World, found: Found) -> None:
    pks = [one.pk for one in found.values()]
    world.client("city").post("/findings/bulk/", {"what": "dismiss", "finding": pks, "reason": "", "confirmed": "1"})
    assert Job.objects.count() == 0
