"""The main tasks without a mouse: rows are walked and chosen, what unfolds is filled in next, swaps keep the focus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.cases.building import make_case
from tests.web.conftest import NOW, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", base_url=live_server.url)
    context.set_default_timeout(8000)
    world = build_world()
    with scoped(EVERYTHING):
        cases = [make_case(world, title=f"倍率异常{n}") for n in range(3)]
    cookie = world.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}])
    made = context.new_page()
    made.cases = cases
    yield made
    context.close()


def focused(page: Any) -> str:
    named: str = page.evaluate("() => document.activeElement.id || document.activeElement.tagName")
    return named


def test_rows_are_walked_chosen_and_opened(page: Any) -> None:
    page.goto("/cases/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    chosen = page.locator("#list tbody tr:has(input:checked)")
    assert chosen.count() == 1
    number = chosen.get_attribute("data-case")
    assert page.locator("#list tbody tr").nth(1).get_attribute("data-case") == number
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: address.rstrip("/")[-1].isdigit())
    assert number in page.title()


def test_a_step_is_filled_in_and_left_by_keys(page: Any) -> None:
    page.goto(reverse("case", args=[page.cases[0].pk]))
    summary = page.locator("[data-test=step-drop] summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'note-drop'")
    page.keyboard.press("Escape")
    assert not page.locator("#note-drop").is_visible()
    assert focused(page) == "SUMMARY"


def test_figures_by_another_view_keep_the_focus(page: Any) -> None:
    page.goto("/overview/by/unit/")
    page.locator("#by-tab-rule").focus()
    page.keyboard.press("Enter")
    page.locator("[data-test=by-rule]").wait_for()
    page.wait_for_function("() => document.activeElement.id === 'by-tab-rule'")
    page.locator("#by-period").select_option(index=1)
    page.locator("#by-period").focus()
    page.wait_for_function("() => document.activeElement.id === 'by-period'")
