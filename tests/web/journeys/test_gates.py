"""Each gate refuses, names what is missing, and lets through once it is there; people a case is about keep off it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jicha_web.assess import outcome
from jicha_web.cases import gates
from jicha_web.cases.models import Case
from jicha_web.organisation.middleware import now
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.assess import building as assessing
from tests.web.cases.building import add_party, case_in, make_case
from tests.web.conftest import World
from tests.web.journeys import steps
from tests.web.journeys.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def address(case: Case) -> str:
    return f"/cases/{case.pk}/"


def why_not(page: Page, event: str) -> str:
    """The reasons that the page gives against a step; the step itself cannot be clicked."""
    place = page.locator(f"[data-test=step-{event}]")
    expect(place.locator("[data-test=why-not]")).to_be_visible()
    return place.inner_text()


def test_no_dispatch_without_a_name(city: World, sign_in: SignIn) -> None:
    with scoped(EVERYTHING):
        case = make_case(city, state="registered", customer_name="", description="")
    page = sign_in("city")
    page.goto(address(case))
    text = why_not(page, "dispatch_county")
    assert "户名" in text
    page.goto(f"{address(case)}dispatch/dispatch_county/")
    expect(page.locator("[data-test=reasons]")).to_be_visible()
    page.goto(address(case))
    page.fill("#d-name", "临江恒达纺织有限公司")
    page.fill("#d-text", "倍率与互感器变比不符")
    steps.send(page, page.locator("[data-test=describe] button"))
    steps.dispatch(page, address(case), "dispatch_county")
    page.goto(address(case))
    assert steps.state(page) == "county_pending"


def test_a_visit_without_evidence_cannot_be_handed_in(city: World, sign_in: SignIn) -> None:
    with scoped(EVERYTHING):
        case = case_in(city, "station_pending", at=now())
    page = sign_in("station_a1", phone=True)
    page.goto(f"{address(case)}visit/")
    page.click("[data-test=start]")
    expect(page.locator("[data-test=submit]")).to_be_disabled()
    page.locator("[data-test=missing] summary").click()
    missing = page.locator("[data-test=missing] a")
    codes = {missing.nth(n).get_attribute("data-code") for n in range(missing.count())}
    assert {"site_photo", "meter_photo", "point", "signature"} <= codes
    # someone who sends the form all the same is told the same
    page.evaluate("document.querySelector('[data-test=submit]').disabled = false")
    steps.send(page, page.locator("[data-test=submit]"))
    page.goto(address(case))
    assert steps.state(page) == "checking"
    assert "照片" in why_not(page, "submit_check")


def test_assessment_approval_and_rectification_are_gated(city: World, sign_in: SignIn, data: Path) -> None:
    with scoped(EVERYTHING), pytest.MonkeyPatch.context() as patch:
        patch.setitem(gates._gates, "visit_complete", lambda case, by: [])
        case = assessing.assessing_case(city)
    county = sign_in("county_a")
    county.goto(address(case))
    assert why_not(county, "submit_assessment")
    with scoped(EVERYTHING):
        case.refresh_from_db()
        assessing.draft(city, case, at=now())
        outcome.submit(case=case, by=city.people["county_a"], at=now())
    # whoever assessed does not approve; the step is not even offered to them
    county.goto(address(case))
    assert steps.state(county) == "approving"
    expect(county.locator("[data-test=step-approve] button:enabled")).to_have_count(0)
    steps.step(sign_in("reviewer"), address(case), "approve")
    phone = sign_in("station_a1", phone=True)
    phone.goto(address(case))
    assert steps.state(phone) == "rectifying"
    assert why_not(phone, "submit_rectification")
    steps.rectify(phone, address(case), "2026-10-15")
    steps.step(phone, address(case), "submit_rectification")
    assert steps.state(phone) == "county_review"


def test_who_a_case_is_about_keeps_off_it(city: World, sign_in: SignIn) -> None:
    """The reader of station A1 stands in the evidence: A1 is barred, A2 is proposed and gets the case."""
    with scoped(EVERYTHING):
        case = case_in(city, "county_pending", at=now())
        add_party(case, staff_id="S-station_a1", unit=city.units["A1"])
    county = sign_in("county_a")
    county.goto(f"{address(case)}dispatch/assign_station/")
    barred = county.locator("[data-unit=A1]")
    expect(barred.locator(".tag-bad")).to_be_visible()
    expect(barred.locator("a.btn")).to_have_count(0)
    # even by an address made by hand
    county.goto(f"{address(case)}dispatch/assign_station/?unit={city.units['A1'].pk}")
    assert county.locator("[data-test=person-choice][data-person=station_a1] input:enabled").count() == 0
    steps.dispatch(county, address(case), "assign_station", "station_a2")
    county.goto(address(case))
    assert steps.state(county) == "station_pending"
    expect(county.locator("[data-test=case-head]")).to_contain_text("石桥供电所")
    stranger = sign_in("station_a1")
    answer = stranger.request.get(address(case))
    assert answer.status == 404


def test_a_county_that_is_party_gets_no_case(city: World, sign_in: SignIn) -> None:
    with scoped(EVERYTHING):
        case = make_case(city, state="registered")
        add_party(case, staff_id="S-county_a", unit=city.units["A"])
    desk = sign_in("city")
    desk.goto(f"{address(case)}dispatch/dispatch_county/")
    expect(desk.locator("[data-unit=A] .tag-bad")).to_be_visible()
    expect(desk.locator("[data-unit=B] .tag-good")).to_be_visible()
    steps.dispatch(desk, address(case), "dispatch_county")
    desk.goto(address(case))
    expect(desk.locator("[data-test=case-head]")).to_contain_text("清河县供电公司")
