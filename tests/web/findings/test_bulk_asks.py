"""Before many findings are handled the page says how many, and what is done with them."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from jicha_web.findings.models import Finding
from tests.web.conftest import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_asks_with_deed_and_number(chromium: Any, live_server: Any, world: World, found: dict[str, Finding]) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    cookie = world.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + "/findings/")
    rows = page.locator("#list tbody .pick input")
    total = page.locator("[data-test=total]").get_attribute("data-total")
    assert rows.count() >= 2 and f"({total})" in page.locator("[data-test=bulk]").inner_text()
    assert not page.locator("#bulk-until").is_visible()  # only what is put off has an end
    page.select_option("#bulk-what", "snooze")
    assert page.locator("#bulk-until").is_visible()
    page.select_option("#bulk-what", "dismiss")
    page.fill("#bulk-reason", "现场核实无误")
    rows.nth(0).check()
    rows.nth(1).check()
    asked = page.locator("dialog[open] [data-confirm-text]")
    page.click("[data-test=bulk-do]")
    assert asked.inner_text() == "不予处理：共 2 条疑点，确定执行？"
    page.locator("dialog[open] button").first.click()
    page.check("[data-test=all-of-list]")
    page.click("[data-test=bulk-do]")
    assert asked.inner_text() == f"不予处理：共 {total} 条疑点，确定执行？"
    context.close()
