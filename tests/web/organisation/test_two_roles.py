"""Two roles in two units: what one lets see of its unit is not seen of the other's."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import enqueue, run_job
from jicha_web.organisation.models import Membership, Person
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import EVERYTHING, NOTHING, Scope, scoped
from tests.web.conftest import NOW, World
from tests.web.findings.conftest import data, found

__all__ = ["data", "found"]
pytestmark = pytest.mark.django_db
DAY = timezone.localdate(NOW)


@pytest.fixture
def both(world: World) -> Person:
    """A manager of county A who administers accounts of the whole city."""
    person = Person.objects.create_person(
        "both", password="demo-demo-demo", name="both先生", organisation=world.units["A"], staff_id="S-both"
    )
    for role, unit in (("manager", "A"), ("administrator", "C")):
        history.create(
            Membership(person=person, role=role, organisation=world.units[unit]), verb="granted", by=None, at=NOW
        )
    world.people["both"] = person
    return person


def test_sight_of_an_action_is_where_it_is_held(world: World, both: Person) -> None:
    a, c = world.units["A"].path, world.units["C"].path
    assert scope_of(both, DAY).paths == (c,)
    assert scope_of(both, DAY, "finding_view").paths == (a,)
    assert scope_of(both, DAY, "people_edit").paths == (c,)
    assert scope_of(both, DAY, "finding_view", "people_edit").paths == (c,)
    assert scope_of(both, DAY, "case_check") == NOTHING


def test_two_sights_together_are_what_lies_in_both() -> None:
    city, county, other = Scope(("0001",)), Scope(("00010001",)), Scope(("00010002",))
    assert city.within(county) == county.within(city) == county
    assert county.within(other) == NOTHING
    assert EVERYTHING.within(county) == county.within(EVERYTHING) == county
    assert Scope(("00010001", "00010002")).within(Scope(("0001", "0002"))) == Scope(("00010001", "00010002"))


@pytest.mark.parametrize(
    "address", ["/findings/?state=all", "/search/?q=20031", "/findings/{b1}/", "/customers/20031/"]
)
def test_pages_show_findings_of_the_units_where_they_may_be_seen(
    world: World, both: Person, found: dict[str, Finding], address: str
) -> None:
    client: Client = world.client("both")
    page = client.get(address.format(b1=found["20031"].pk))
    assert page.status_code in {200, 404}
    assert f'href="/findings/{found["20031"].pk}/' not in page.content.decode()
    assert client.get(f"/findings/{found['1001'].pk}/").status_code == 200
    assert client.get("/people/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_export_holds_them_alone(world: World, both: Person, found: dict[str, Finding]) -> None:
    for who, rows in (("both", 2), ("manager", 4)):
        with transaction.atomic():
            job = enqueue("export_findings", by=world.people[who], at=NOW, query="state=all")
        if Job.objects.get(pk=job.pk).state == "queued":
            run_job.call(job_id=job.pk, at=NOW.isoformat(), language="zh-hans")
        with scoped(EVERYTHING):
            assert Job.objects.get(pk=job.pk).result["rows"] == rows, who
