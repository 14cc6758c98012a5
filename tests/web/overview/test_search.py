"""The search of the top bar: a number opens its page; nothing foreign is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from jicha_web.cases.models import Case
from jicha_web.findings.models import Finding
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.conftest import World
from tests.web.small_data import customer, data

__all__ = ["data"]
Store = Callable[[Path, Any], None]
pytestmark = pytest.mark.django_db


def found(client: Client, text: str) -> str:
    response = client.get("/search/", {"q": text})
    assert response.status_code == 200, response.headers.get("Location")
    return response.content.decode()


@pytest.fixture
def case_of_a(filled: World) -> Case:
    with scoped(EVERYTHING):
        case = Case.objects.filter(organisation__code__in=["A", "A1", "A2"]).exclude(state="proposed").order_by("pk")
        return case[0]


def test_the_number_of_a_case_opens_it(filled: World, case_of_a: Case) -> None:
    response = filled.client("city").get("/search/", {"q": f" {case_of_a.number.lower()} "})
    assert response.status_code == 302
    assert response.headers["Location"] == f"/cases/{case_of_a.pk}/"


def test_a_foreign_case_is_not_found(filled: World, case_of_a: Case) -> None:
    page = found(filled.client("county_b"), case_of_a.number)
    assert 'data-test="nothing"' in page
    assert f"/cases/{case_of_a.pk}/" not in page


def test_findings_are_found_by_their_customer_within_sight(filled: World) -> None:
    with scoped(EVERYTHING):
        one = Finding.objects.filter(organisation__code="A1").order_by("pk")[0]
    assert f"/findings/{one.pk}/" in found(filled.client("county_a"), one.customer_id)
    assert f"/findings/{one.pk}/" not in found(filled.client("county_b"), one.customer_id)


def test_a_number_is_found_in_whatever_letters_it_is_typed(filled: World) -> None:
    with scoped(EVERYTHING):
        one, two = Finding.objects.filter(organisation__code="A1").order_by("pk")[:2]
        Finding.objects.filter(pk=one.pk).update(customer_id="KH0042B", subject_id="KH0042B")
        Finding.objects.filter(pk=two.pk).update(customer_id="dnb-77x", subject="meter", subject_id="dnb-77x")
        case = Case.objects.filter(organisation__code="A").exclude(state="proposed").order_by("pk")[0]
        Case.objects.filter(pk=case.pk).update(customer_id="KH0042B", subject_id="KH0042B")
    client = filled.client("city")
    for typed, finding in (("kh0042b", one), ("KH0042B", one), ("DNB-77X", two), ("dnb-77x", two)):
        assert f"/findings/{finding.pk}/" in found(client, typed), typed
        listed = client.get("/findings/", {"q": typed, "state": "all", "handling": "all"}).content.decode()
        assert f"/findings/{finding.pk}/" in listed, typed
    assert f"/cases/{case.pk}/" in found(client, "kh0042b")
    assert f"/cases/{case.pk}/" in client.get("/cases/", {"q": "kh0042b"}).content.decode()


def test_a_rule_by_code_and_by_words(filled: World) -> None:
    response = filled.client("author").get("/search/", {"q": "mt003"})
    assert response.headers["Location"] == "/rules/MT003/"
    assert "/rules/MT003/" in found(filled.client("author"), "倍率")


def test_only_what_one_may_see_is_searched(filled: World) -> None:
    with scoped(EVERYTHING):
        one = Finding.objects.order_by("pk")[0]
    assert 'data-test="found-findings"' not in found(filled.client("station_a1"), one.customer_id)
    assert 'data-test="found-rules"' not in found(filled.client("admin"), "倍率")


@pytest.mark.parametrize("text", ["", "   ", "%", "'; DROP", "９９９", "x" * 300])
def test_odd_texts_find_nothing_and_break_nothing(filled: World, text: str) -> None:
    assert 'data-test="nothing"' in found(filled.client("city"), text)


POINTS = [
    {"point_id": "dB7-01", "customer_id": "1001", "purpose": "settlement", "mode": "lv_lv", "status": "active"},
    {"point_id": "900", "purpose": "area_master", "mode": "lv_lv", "status": "active"},
]
METERS = [
    {"meter_id": name, "point_id": point, "status": "installed"} for name, point in (("M1", "dB7-01"), ("M9", "900"))
]


@pytest.mark.parametrize("typed", ["dB7-01", "DB7-01", "Db7-01", "M1", "m1", "A-8"])
def test_a_point_or_meter_leads_to_its_customer(world: World, data: Path, store: Store, typed: str) -> None:
    """Also where no finding names it, in whatever letters; a meter that only the collection system knows as well."""
    store(data, {"metering_point": POINTS, "meter": METERS, "ami_meter": [{"meter_id": "A-8", "point_id": "dB7-01"}]})
    response = world.client("city").get("/search/", {"q": typed})
    assert response.status_code == 302, response.content.decode()
    assert response.headers["Location"] == "/customers/1001/#about-metering"
    assert 'data-test="nothing"' in found(world.client("county_b"), typed)


@pytest.mark.parametrize("typed", ["900", "M9"])
def test_a_point_without_a_customer_leads_nowhere(world: World, data: Path, store: Store, typed: str) -> None:
    store(data, {"metering_point": POINTS, "meter": METERS})
    assert 'data-test="nothing"' in found(world.client("city"), typed)


def test_a_number_of_both_kinds_of_letters_is_found_as_the_data_write_it(
    world: World, data: Path, store: Store
) -> None:
    store(data, {"customer": [customer("kH7b", "A1")]})
    for typed in ("KH7B", "kh7B"):
        assert world.client("city").get("/search/", {"q": typed}).headers["Location"] == "/customers/kH7b/"
