"""Printing a finding: the parts of the customer's picture that come later are brought first, not printed empty."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings

from jicha_web.findings.models import Finding
from tests.web.conftest import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_all_parts_are_there_before_it_prints(
    chromium: Any, live_server: Any, world: World, found: dict[str, Finding]
) -> None:
    one = next(f for f in found.values() if f.customer_id)
    context = chromium.new_context(viewport={"width": 1440, "height": 300}, locale="zh-CN")
    cookie = world.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.add_init_script("window.print = () => { window.empty = document.querySelectorAll("
                         "'.section-part:not(:has(.section-body))').length; }")  # fmt: skip
    page.goto(f"{live_server.url}/findings/{one.pk}/")
    assert page.locator(".section-part:not(:has(.section-body))").count() > 3
    page.click("[data-print]")
    for _ in range(200):  # wait_for_function needs eval, which the policy refuses
        if page.evaluate("window.empty !== undefined"):
            break
        page.wait_for_timeout(100)
    assert page.evaluate("window.empty") == 0
    context.close()


def test_paper_keeps_tables(chromium: Any, live_server: Any, world: World, found: dict[str, Finding]) -> None:
    """A sheet is as narrow as what lists turn into cards on; on paper they are tables all the same, and across."""
    assert found
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    cookie = world.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/findings/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 990})
    assert page.locator("#list thead th:visible").count() > 5
    assert page.locator("#list tbody td").nth(2).evaluate("one => getComputedStyle(one).display") == "table-cell"
    across = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", page.pdf(prefer_css_page_size=True))
    assert across is not None
    assert float(across[1]) > float(across[2])
    context.close()
