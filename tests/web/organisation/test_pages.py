"""The pages of units and people, as each role sees them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from jicha_web.organisation import registers
from jicha_web.organisation.models import Membership, Person, Tool
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db


def test_the_tree_shows_one_s_own_units_only(world: World) -> None:
    page = world.client("county_a").get("/units/").content.decode()
    assert "云岭供电所" in page
    assert "清河供电所" not in page
    assert world.client("station_a1").get("/units/").status_code == 403


def test_people_of_foreign_units_are_not_there(world: World) -> None:
    listed = world.client("county_a").get("/people/").content.decode()
    assert "station_a1先生" in listed
    assert "station_b1先生" not in listed
    foreign = world.people["station_b1"].pk
    assert world.client("county_a").get(f"/people/{foreign}/").status_code == 404


@pytest.mark.parametrize(
    "query, found",
    [("q=S-county_b", 1), ("role=station_inspector", 3), ("state=closed", 0), ("unit=UNIT", 5), ("unit=x", 14)],
)  # fmt: skip
def test_filters_of_people(world: World, query: str, found: int) -> None:
    page = world.client("admin").get("/people/?" + query.replace("UNIT", str(world.units["A"].pk))).content.decode()
    if found:
        total = re.search(r'data-total="(\d+)"', page)
        assert total is not None
        expected = Person.objects.filter(organisation__path__startswith=world.units["A"].path).count()
        assert int(total[1]) == (expected if "UNIT" in query else found)
    else:
        assert 'data-test="nothing"' in page


def test_granting_and_revoking_by_the_pages(world: World) -> None:
    admin = world.client("admin")
    one = world.people["station_a1"]
    response = admin.post(
        f"/people/{one.pk}/roles/new/", {"role": "reviewer", "organisation": world.units["A"].pk, "note": "试"}
    )
    assert response.status_code == 302
    held = Membership.objects.get(person=one, role="reviewer")
    asked = admin.post(f"/people/{one.pk}/roles/{held.pk}/revoke/", {"note": "期满"})
    assert 'data-test="confirm-page"' in asked.content.decode()
    assert Membership.objects.get(pk=held.pk).is_active
    admin.post(f"/people/{one.pk}/roles/{held.pk}/revoke/", {"note": "期满", "confirmed": "1"})
    assert not Membership.objects.get(pk=held.pk).is_active
    page = admin.get(f"/people/{one.pk}/").content.decode()
    assert "收回角色" in page
    assert "期满" in page


def test_only_administrators_get_at_the_forms(world: World) -> None:
    one = world.people["station_a1"].pk
    for username in ("city", "county_a", "auditor", "manager"):
        client = world.client(username)
        assert client.get(f"/people/{one}/roles/new/").status_code == 403, username
        assert client.post(f"/people/{one}/password/", {"confirmed": "1"}).status_code == 403
        assert client.get("/people/new/").status_code == 403


def test_a_password_set_by_another_must_be_changed_first(world: World) -> None:
    admin = world.client("admin")
    one = world.people["station_a1"]
    page = admin.post(f"/people/{one.pk}/password/", {"confirmed": "1"}).content.decode()
    shown = re.search(r'data-test="password">([^<]+)<', page)
    assert shown is not None
    browser = Client()
    assert browser.login(username="station_a1", password=shown[1])
    assert browser.get("/").headers["Location"] == "/profile/password/"
    values = {"old": shown[1], "new": "a-long-and-rare-word", "again": "a-long-and-rare-word"}
    assert browser.post("/profile/password/", {**values, "again": "other"}).status_code == 200
    assert browser.post("/profile/password/", values).status_code == 302
    assert browser.get("/").status_code == 200


def test_a_session_gets_a_new_key_when_rights_change(world: World) -> None:
    browser = world.client("station_a1")
    browser.get("/profile/")
    before = browser.cookies["sessionid"].value
    browser.get("/profile/")
    assert browser.cookies["sessionid"].value == before
    Membership.objects.create(person=world.people["station_a1"], role="reviewer", organisation=world.units["A"])
    browser.get("/profile/")
    assert browser.cookies["sessionid"].value != before
    stolen = Client()
    stolen.cookies["sessionid"] = before
    assert stolen.get("/profile/").status_code == 302


def test_certificates_running_out_are_named(world: World) -> None:
    with scoped(EVERYTHING):
        for username, until in (("station_a1", date(2026, 10, 1)), ("station_a2", date(2026, 11, 30))):
            registers.add_qualification(
                person=world.people[username], kind="usage_inspection", number="1", valid_from=None, valid_until=until,
                by=world.people["admin"], at=NOW,
            )  # fmt: skip
    assert registers.validity(date(2026, 10, 1), date(2026, 10, 15)).code == "expired"
    assert registers.validity(date(2026, 10, 15), date(2026, 10, 15)).code == "soon"
    assert registers.validity(date(2026, 12, 14), date(2026, 10, 15)).code == "soon"
    assert registers.validity(date(2026, 12, 15), date(2026, 10, 15)).code == "valid"
    page = world.client("admin").get(f"/people/{world.people['station_a1'].pk}/").content.decode()
    assert "用电检查资格证" in page
    assert 'data-code="expired"' in page


def test_tools_are_lent_and_stay_in_their_units(world: World) -> None:
    admin = world.client("admin")
    admin.post("/tools/new/", {"organisation": world.units["A1"].pk, "kind": "钳形表", "number": "Q-1"})
    with scoped(EVERYTHING):
        tool = Tool.objects.get()
    assert world.client("county_b").get(f"/tools/{tool.pk}/").status_code == 404
    refused = admin.post(f"/tools/{tool.pk}/", {"state": "lent"})
    assert "field-error" in refused.content.decode()
    admin.post(f"/tools/{tool.pk}/", {"state": "lent", "holder": world.people["station_a1"].pk})
    with scoped(EVERYTHING):
        assert Tool.objects.get().holder == world.people["station_a1"]
    assert world.client("county_a").post(f"/tools/{tool.pk}/", {"state": "ready"}).status_code == 403


def test_settings_of_one_s_own(world: World) -> None:
    browser = world.client("city")
    browser.post("/profile/", {"language": "en", "email": "a@example.org", "phone": ""})
    assert Person.objects.get(username="city").language == "en"
    assert "My profile" in browser.get("/profile/").content.decode()


def test_queries_of_people_do_not_grow(world: World, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    browser = world.client("admin")
    browser.get("/people/")
    with django_assert_max_num_queries(14):
        browser.get("/people/")
    with django_assert_max_num_queries(10):
        browser.get("/units/")
