"""The first page in Chromium: drawn without breaking the policy, within the screen, usable by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from jicha_web.organisation.models import Organisation
from tests.web.conftest import World, build_world
from tests.web.overview.building import fill

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("all_units"),
]


@pytest.fixture
def there() -> Iterator[World]:
    world = build_world()
    fill(world, cases=60, findings=60)
    for number, unit in enumerate(Organisation.objects.order_by("pk")):
        unit.latitude, unit.longitude = 30 + number / 10, 114 + number / 10
        unit.save()
    with override_settings(AS_OF="2026-10-15"):
        yield world


def opened(browser: Any, live_server: Any, world: World, name: str, width: int) -> tuple[Any, list[str]]:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
    cookie = world.client(name).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on("request", lambda r: None if r.url.startswith((live_server.url, "data:")) else wrong.append(r.url))
    return page, wrong


@pytest.mark.parametrize("width", [1440, 390])
def test_the_first_page_is_drawn(chromium: Any, live_server: Any, there: World, width: int) -> None:
    page, wrong = opened(chromium, live_server, there, "city", width)
    page.goto(live_server.url + "/")
    page.wait_for_selector("[data-test=by-unit]")
    page.locator("#by select[name=period]").select_option("all")
    page.wait_for_selector("#by-unit canvas")
    page.wait_for_selector("#overview-map path.leaflet-interactive")
    assert page.locator("#findings .tile").count() == 3
    assert page.title() == "总览 · 稽查"  # its parts are pages of their own, with titles that are not this page's
    page.locator(".tabs a", has_text="按规则").click()
    page.wait_for_selector("[data-test=by-rule] table")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert int(wide) <= 0
    assert wrong == []
    page.context.close()


SHIFTS = """
    window.shifts = [];
    new PerformanceObserver(list => {
        for (const e of list.getEntries()) {
            const moved = e.sources.map(s => s.node && (s.node.id || s.node.className || s.node.nodeName));
            window.shifts.push([e.value, moved]);
        }
    }).observe({type: "layout-shift", buffered: true});
"""


def test_what_comes_later_moves_nothing(chromium: Any, live_server: Any, there: World) -> None:
    page, _wrong = opened(chromium, live_server, there, "city", 1440)
    page.add_init_script(SHIFTS)
    page.goto(live_server.url + "/")
    page.wait_for_selector("[data-test=by-unit]")
    page.wait_for_selector("#overview-map path.leaflet-interactive")
    page.wait_for_load_state("networkidle")
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) <= 0.01, shifts  # a score of up to 0.1 counts as good
    page.context.close()


def test_keys_menu_and_asking_first(chromium: Any, live_server: Any, there: World) -> None:
    page, wrong = opened(chromium, live_server, there, "admin", 1440)
    page.goto(live_server.url + "/people/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.locator("input[data-search]").fill("station")
    page.wait_for_url("**/people/?*q=station*")
    page.wait_for_function("document.querySelectorAll('#list tbody tr').length === 3")
    with page.expect_response(lambda answer: "q=station" in answer.url):
        page.locator("h1").click()  # leaving the field asks once more
    page.wait_for_load_state("networkidle")
    page.wait_for_selector(
        "#list:not(.htmx-request, .htmx-swapping, .htmx-settling)"
    )  # rows that come after the key are new
    page.keyboard.press("j")
    assert page.locator("#list tr.at").count() == 1
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url("**/units/")
    page.locator("[data-test=take-over]").click()
    assert page.locator("#confirm").is_visible()
    page.locator("#confirm button[value=no]").click()
    assert page.url.endswith("/units/")
    page.locator("[data-test=take-over]").click()
    page.locator("[data-test=confirm-yes]").click()
    page.wait_for_url(re.compile(r"/jobs/\d+/"))
    assert wrong == []
    page.context.close()


def test_the_menu_of_a_phone(chromium: Any, live_server: Any, there: World) -> None:
    page, wrong = opened(chromium, live_server, there, "station_a1", 390)
    page.goto(live_server.url + "/")
    assert not page.locator("#menu").is_visible()
    page.locator("button[popovertarget=menu]").click()
    assert page.locator("#menu").is_visible()
    page.locator("#menu a[data-key=c]").click()
    page.wait_for_url("**/cases/")
    assert wrong == []
    page.context.close()
