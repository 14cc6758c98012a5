"""What is typed is not lost, and is sent once: a sign-in that expired, refusals, faults, a lost connection."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from jicha_web.cases.models import Case
from jicha_web.cases.opening import describe
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.cases.building import make_case
from tests.web.conftest import NOW, World, build_world

WORDS = "倍率与互感器变比不符，核对现场铭牌"


@pytest.mark.django_db
def test_an_expired_sign_in_leads_back_to_the_page_of_the_form() -> None:
    sent = Client().post("/cases/1/move/register/", headers={"referer": "http://testserver/cases/1/?part=x#reason"})
    assert sent.headers["Location"] == "/login/?next=/cases/1/%3Fpart%3Dx"
    part = Client().get(
        "/overview/findings/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/?period=month"}
    )
    assert part.headers["HX-Redirect"] == "/login/?next=/%3Fperiod%3Dmonth"
    foreign = Client().post("/cases/1/move/register/", headers={"referer": "https://elsewhere.example/cases/1/"})
    assert foreign.headers["Location"] == "/login/?next=/"


@pytest.mark.django_db
def test_errors_lead_back(world: World) -> None:
    browser = world.client("city")
    missing = browser.get("/cases/4711/", headers={"referer": "http://testserver/cases/?state=closed"}).content.decode()
    assert '<a class="btn btn-primary" href="/cases/?state=closed" data-test="error-back">' in missing
    again = browser.get("/cases/4711/", headers={"referer": "http://testserver/cases/4711/"}).content.decode()
    assert "error-back" not in again
    foreign = browser.get("/cases/4711/", headers={"referer": "https://elsewhere.example/"}).content.decode()
    assert "error-back" not in foreign


def browser(test: Any) -> Any:
    return pytest.mark.browser(pytest.mark.django_db(transaction=True)(test))


@pytest.fixture
def page(chromium: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", base_url=live_server.url)
    context.set_default_timeout(8000)
    yield context.new_page()
    context.close()


def sign_in(page: Any, world: World, username: str) -> None:
    cookie = world.client(username).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
    )


def kept(page: Any) -> list[str]:
    found: list[str] = page.evaluate(
        "Object.entries(sessionStorage).filter(([key]) => key.startsWith('typed')).map(([, value]) => value)"
    )
    return found


@browser
def test_typed_before_the_sign_in_expired_stands_in_the_form_again(page: Any) -> None:
    world = build_world()
    sign_in(page, world, "city")
    page.goto("/leads/new/")
    page.fill("#id_text", WORDS)
    page.fill("#id_reporter_name", "某举报人")
    page.fill("#id_received_on", "2026-10-14")
    Session.objects.all().delete()
    page.click("main form .btn-primary")
    page.wait_for_url("**/login/**")
    assert page.locator("[data-kept]").is_visible()
    (text,) = kept(page)
    assert WORDS in text
    assert "某举报人" not in text  # stands apart, also here
    page.fill("#id_username", "city")
    page.fill("#id_password", "demo-demo-demo")
    page.press("#id_password", "Enter")
    page.wait_for_url("**/leads/new/")
    assert page.locator("[data-test=typed-again]").is_visible()
    assert page.input_value("#id_text") == WORDS
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/leads/\d+/$"))
    assert kept(page) == []
    page.goto("/leads/new/")
    assert page.input_value("#id_text") == ""


@browser
def test_somebody_else_at_the_same_tab_finds_nothing(page: Any) -> None:
    world = build_world()
    sign_in(page, world, "city")
    page.goto("/leads/new/")
    page.fill("#id_text", WORDS)
    page.wait_for_function("() => Object.keys(sessionStorage).some((one) => one.startsWith('typed'))")
    sign_in(page, world, "county_a")
    page.goto("/leads/new/")
    assert page.input_value("#id_text") == ""
    assert kept(page) == []
    page.fill("#id_text", WORDS)
    page.wait_for_function("() => Object.keys(sessionStorage).some((one) => one.startsWith('typed'))")
    page.locator("[data-test=person-menu]").click()
    page.locator("[data-test=sign-out]").click()
    page.wait_for_url("**/login/**")
    assert kept(page) == []


@browser
@pytest.mark.parametrize("trouble", ["conflict", "fault", "connection"])
def test_typed_survives_what_goes_wrong(page: Any, trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = build_world()
    with scoped(EVERYTHING):
        case = make_case(world)
    sign_in(page, world, "city")
    address = reverse("case", args=[case.pk])
    page.goto(address)
    page.fill("#d-text", WORDS)
    if trouble == "conflict":
        with scoped(EVERYTHING):
            describe(case=case, by=world.people["city"], at=NOW, given={"title": "另一标题"})
    else:
        page.route("**/describe/", lambda route: route.fulfill(status=502, body="bad gateway")
                   if trouble == "fault" else route.abort())  # fmt: skip
    page.locator("[data-test=describe] button").last.click()
    page.wait_for_timeout(500)
    page.unroute("**/describe/")
    if trouble != "conflict":
        page.goto(address)
    page.wait_for_url(f"**{address}")
    assert page.input_value("#d-text") == WORDS
    assert page.input_value("#d-title") == ("另一标题" if trouble == "conflict" else case.title)  # what is newer stays
    page.locator("[data-test=describe] button").last.click()
    page.locator("[data-test=message].alert-success").wait_for()
    with scoped(EVERYTHING):
        assert Case.objects.get(pk=case.pk).description == WORDS


@browser
def test_pressed_twice_is_sent_once(page: Any) -> None:
    world = build_world()
    sign_in(page, world, "city")
    sent = []

    def slow(route: Any) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            time.sleep(0.8)
        route.continue_()

    page.goto("/leads/new/")
    page.route("**/leads/new/", slow)
    page.fill("#id_text", WORDS)
    page.fill("#id_received_on", "2026-10-14")
    button = page.locator("main form .btn-primary")
    button.evaluate("one => { one.click(); one.click(); }")
    page.wait_for_url(re.compile(r"/leads/\d+/$"))
    assert len(sent) == 1


@browser
def test_a_part_that_fails_says_why_where_it_is_seen(page: Any) -> None:
    world = build_world()
    sign_in(page, world, "city")
    page.goto("/cases/")
    page.route("**/cases/?*severity=high*", lambda route: route.fulfill(
        status=403, content_type="text/html", body="<main><h1>您无权进行此操作</h1></main>"))  # fmt: skip
    page.select_option("select[name=severity]", "high")
    said = page.locator("#messages [data-test=failed]")
    said.wait_for()
    assert "您无权进行此操作" in said.inner_text()
    box = said.bounding_box()
    assert 0 <= box["y"] < 800
    page.select_option("select[name=severity]", "")
    said.wait_for(state="detached")
