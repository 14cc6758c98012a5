"""A visit on a phone: position, answers by finger, photos, a signature; nothing breaks the policy of content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from jicha_web.field.models import Photo, Position, Visit
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.conftest import NOW, World, build_world
from tests.web.field import making
from tests.web.field.conftest import Site, begin

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
SHOTS = os.environ.get("JICHA_TEST_SHOTS", "")


@pytest.fixture
def page(chromium: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, base_url=live_server.url,
        geolocation={"latitude": 29.1002, "longitude": 119.6, "accuracy": 9}, permissions=["geolocation"],
        locale="zh-CN",
    )  # fmt: skip
    context.set_default_timeout(8000)
    made: Any = context.new_page()
    made.said = []
    made.on("console", lambda m: made.said.append(f"{m.text} {m.location}") if m.type in {"error", "warning"} else None)
    made.on("pageerror", lambda e: made.said.append(str(e)))
    yield made
    context.close()


def sign_in(page: Any, world: World, username: str) -> None:
    client: Client = world.client(username)
    page.context.add_cookies([
        {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
         "domain": "localhost", "path": "/"}
    ])  # fmt: skip


def shot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def complaints(page: Any) -> list[str]:
    """What the browser said; taking pictures injects a style of its own, which the policy refuses."""
    return [text for text in page.said if not (SHOTS and "inline style" in text)]


def test_a_visit_by_phone(page: Any, tmp_path: Path) -> None:
    world = build_world()
    with scoped(EVERYTHING):
        site: Site = begin(world, due_at=NOW)
    sign_in(page, world, "station_a1")
    page.goto(reverse("visit", args=[site.visit.pk]))
    shot(page, "visit_empty_390")
    assert page.get_by_test_id is not None
    assert page.locator("[data-test=progress]").get_attribute("data-done") == "0"
    page.locator("[data-test=locate]").tap()
    page.locator("[data-test=point]").wait_for()
    for kind, seed in (("site", 1), ("meter", 2)):
        photo = tmp_path / f"{kind}.jpg"
        photo.write_bytes(making.jpeg(seed=seed, size=(1200, 900), taken="2026:10:15 09:55:00", model="ALN-AL00"))
        page.locator(f"[data-test=kind-{kind}] input[type=file]").first.set_input_files(photo)
        page.locator(f"[data-test=kind-{kind}] [data-test=thumb]").wait_for()
    for item in page.locator("[data-test=item]").all():
        item.locator(".answer-ok").tap()
    page.locator("[data-test=item][data-answer=ok]").nth(2).wait_for()
    page.locator("[data-test=part-details] .answer-set span").first.tap()
    page.locator("#summary").fill("现场互感器变比 200/5，系统倍率 30，少计电量")
    page.locator("#other_problems").fill("无")
    page.locator("[data-test=part-details] #companion").fill("赵六")
    page.locator("[data-test=details-save]").tap()
    pad = page.locator("[data-test=sign-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 30 + 30 * step, box["y"] + (40 if step % 2 else 110))
    page.mouse.up()
    shot(page, "visit_signing_390")
    page.locator("[data-test=sign-save]").tap()
    page.locator("[data-test=part-signature] [data-test=thumb]").wait_for()
    page.locator("[data-test=progress][data-done='9']").wait_for()
    shot(page, "visit_full_390")
    # nothing wider than the phone, targets big enough for a thumb
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert all(e.bounding_box()["height"] >= 44 for e in page.locator(".answer-set span:visible, .big:visible").all())
    assert complaints(page) == []
    page.locator("[data-test=submit]").tap()
    page.locator("[data-test=confirm-yes]").tap()
    page.wait_for_url(f"**{reverse('case', args=[site.case.pk])}")
    assert Visit._base_manager.get(pk=site.visit.pk).state == "submitted"
    assert Photo._base_manager.filter(kind="signature").count() == 1
    assert Position.objects.get().accuracy_m == 9
    assert complaints(page) == []
    sign_in(page, world, "county_a")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("visit", args=[site.visit.pk]))
    page.locator(".leaflet-container").wait_for()
    shot(page, "visit_shown_1440")
    assert complaints(page) == []


def test_the_way_is_not_lost_with_the_answer(page: Any) -> None:
    """A fault, then a page left: what the phone saw goes with the next bundle, each point once."""
    world = build_world()
    with scoped(EVERYTHING):
        site: Site = begin(world, due_at=NOW)
    sign_in(page, world, "station_a1")
    address = reverse("visit", args=[site.visit.pk])
    page.goto(address)
    faults: list[str] = []

    def fault(route: Any) -> None:
        faults.append(route.request.post_data or "")
        route.fulfill(status=502, body="")

    page.route("**/positions/", fault)
    page.locator("[data-test=track-toggle]").tap()
    page.wait_for_function("document.querySelector('[data-track]').getAttribute('aria-pressed') === 'true'")
    page.wait_for_function("Object.keys(sessionStorage).some((one) => one.endsWith('#track'))")
    page.locator("[data-test=track-toggle]").tap()  # stopped: what there is is sent
    page.wait_for_timeout(300)
    assert len(faults) == 1
    assert not Position.objects.exists()
    page.unroute("**/positions/")
    page.goto(address)  # left and come back to
    page.locator("[data-test=track]").wait_for()
    assert Position.objects.count() == 1
    page.reload()
    page.wait_for_timeout(500)
    assert Position.objects.count() == 1
