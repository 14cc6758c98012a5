"""Every page in a browser: nothing is refused by the policy, nothing breaks, nothing comes from elsewhere."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import pytest

from jicha_web.library.catalog import load_catalog
from jicha_web.organisation import middleware
from tests.web.conftest import NOW, build_world
from tests.web.walk.addresses import pages
from tests.web.walk.objects import build_objects
from tests.web.walk.test_walk import NOT_PAGES, PUBLIC, ask

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_console_stays_empty(chromium: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "now", lambda: NOW)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    world = build_world()
    load_catalog(at=NOW)
    build_objects(world)
    client = world.client("city")
    shown = []
    for page in pages():
        if page.name not in PUBLIC | set(NOT_PAGES):
            answer = ask(client, "get", page.path)
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                shown.append(page)
    assert len(shown) > 30
    wrong: list[str] = []
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    tab = context.new_page()
    here = {"at": ""}
    host = urlsplit(live_server.url).netloc

    def told(text: str) -> None:
        # the customer of the walk is not in the data, of which there are none: parts of the page answer 404
        if "404" not in text:
            wrong.append(f"{here['at']}: {text}")

    def asked(address: str) -> None:
        if urlsplit(address).netloc not in {host, ""}:
            wrong.append(f"{here['at']}: asks for {address}")

    tab.on("console", lambda message: told(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: told(str(error)))
    tab.on("request", lambda request: asked(request.url))
    for page in shown:
        here["at"] = page.path
        tab.goto(live_server.url + page.path, wait_until="networkidle")
        wide = tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
        if wide:
            wrong.append(f"{page.path}: wider than the window")
    context.close()
    assert not wrong, "\n".join(wrong)
