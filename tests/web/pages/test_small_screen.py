"""The head of every page on a phone: unit, day of the demonstration and buttons stand beside or below each other."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from tests.web.conftest import build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [390])
def test_the_day_of_a_demonstration_hides_no_unit(chromium: Any, live_server: Any, width: int) -> None:
    world = build_world()
    world.units["C"].name = "临江供电公司城区营销服务中心"
    world.units["C"].save()
    context = chromium.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
    cookie = world.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    with override_settings(AS_OF="2026-10-15"):
        page.goto(live_server.url + "/profile/")
        unit = page.locator("[data-test=unit]").bounding_box()
        day = page.locator("[data-test=as-of]").bounding_box()
        if folder := os.environ.get("JICHA_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/head-{width}.png")
    assert unit["width"] >= 90  # room for the first words of its name; the rest is in the menu
    assert day["y"] >= unit["y"] + unit["height"] - 1 and day["x"] + day["width"] <= width + 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    context.close()
