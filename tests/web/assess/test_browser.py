"""A case assessed in Chromium, on a desk and on a phone: no policy is broken, nothing runs out of the screen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from jicha_web.assess import calculations
from jicha_web.cases.models import Case
from tests.web.assess.building import approved, assessing_case
from tests.web.conftest import NOW, build_world

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.usefixtures("all_units")]
SHOTS = os.environ.get("JICHA_SHOTS", "")  # a folder: pictures to look at


def signed_in(browser: Any, live_server: Any, client: Client, width: int) -> tuple[Any, list[str]]:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: wrong.append(str(e)))
    return page, wrong


def fits(page: Any) -> bool:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(wide) <= 0


def shot(page: Any, name: str, width: int) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_assessing_in_the_browser(chromium: Any, live_server: Any, width: int) -> None:
    world = build_world()
    case = assessing_case(world, "TC006", "MT003")
    page, wrong = signed_in(chromium, live_server, world.client("county_a"), width)
    base = f"{live_server.url}/cases/{case.pk}/"
    page.goto(f"{base}calculate/")
    shot(page, "calculators", width)
    assert fits(page)
    page.goto(f"{base}calculate/theft_equipment/")
    page.fill("#in-capacity_kw", "4")
    page.select_option("#in-load", "lighting")
    page.fill("#in-price_yuan_per_kwh", "0.558")
    page.click("[data-test=try]")
    shot(page, "calculate", width)
    assert "2,410.56" in page.inner_text("[data-test=result]")
    assert fits(page)
    page.click("[data-test=keep]")
    shot(page, "calculation", width)
    page.goto(f"{base}assess/")
    for radio in page.query_selector_all("input[type=radio][value=confirmed]"):
        radio.check()
    page.select_option("#id_outcome", "theft")
    page.fill("#id_reasoning", "现场发现表前私接线路，绕越计量装置用电")
    page.fill("#id_demand", "拆除私接线路，恢复计量")
    page.fill("#id_due_on", "2027-01-05")
    shot(page, "assess", width)
    assert fits(page)
    page.click("[data-test=assess-form] .btn-primary")
    page.wait_for_selector("[data-test=assessment]")
    shot(page, "case-assessing", width)
    assert fits(page)
    assert wrong == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_issuing_and_templates_in_the_browser(chromium: Any, live_server: Any, width: int) -> None:
    world = build_world()
    case = assessing_case(world, "TC006")
    calculations.calculate(
        case=case, calculator="theft_equipment", by=world.people["county_a"], at=NOW,
        inputs={"capacity_kw": "4", "load": "lighting", "price_yuan_per_kwh": "0.558"},
    )  # fmt: skip
    approved(world, case, "theft")
    page, wrong = signed_in(chromium, live_server, world.client("county_a"), width)
    page.goto(f"{live_server.url}/cases/{case.pk}/papers/theft_notice/new/")
    shot(page, "paper-new", width)
    assert fits(page)
    page.click("[data-test=issue]")
    page.click("dialog[open] button[value=yes], dialog[open] .btn-primary")
    page.wait_for_selector("[data-test=paper]")
    shot(page, "case-papers", width)
    assert fits(page)
    assert Case._base_manager.get(pk=case.pk).papers.count() == 1
    city, wrong_city = signed_in(chromium, live_server, world.client("city"), width)
    city.goto(f"{live_server.url}/papers/templates/")
    shot(city, "templates", width)
    assert fits(city)
    assert wrong + wrong_city == []
