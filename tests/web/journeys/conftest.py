"""Browsers of several people on one small city: files lie in the watched folder, the worker's work is done at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from jicha_web.organisation.middleware import now
from jicha_web.runs import inbox
from tests.web.conftest import PEOPLE, UNITS, World, build_world

SignIn = Callable[..., Page]
DESK: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}
ON_SITE: Any = {"latitude": 29.10213, "longitude": 119.64587}


@pytest.fixture
def data(tmp_path: Path, settings: LazySettings) -> Path:
    """An empty data folder with its watched folder, on the day of the world."""
    settings.DATA, settings.AS_OF = tmp_path / "data", "2026-10-15"
    settings.STORE = settings.DATA / "app"
    settings.MEDIA_ROOT = settings.STORE / "files"
    (settings.DATA / "inbox").mkdir(parents=True)
    (settings.DATA / "run").mkdir()
    return Path(settings.DATA)


@pytest.fixture
def city(data: Path, transactional_db: None) -> World:
    """The people of the world, and its units and staff as the first delivery."""
    lines = ["org_id,name,level,parent_id"]
    lines += [f"{code},{name},{level},{parent or ''}" for code, name, level, parent in UNITS]
    deliver(data, "organization.csv", lines)
    staff = ["staff_id,org_id,name,post"]
    staff += [f"S-{name},{unit},{name}先生,inspector" for name, (_, unit) in PEOPLE.items()]
    deliver(data, "staff.csv", staff)
    return build_world()


def deliver(data: Path, name: str, lines: list[str]) -> None:
    """Put a file into the watched folder."""
    (data / "inbox" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def worker_looks() -> None:
    """What the worker does within two ticks: it sees that files stand still, and loads them."""
    inbox.look(now())
    inbox.look(now())


@pytest.fixture
def sign_in(chromium: Browser, live_server: LiveServer, city: World) -> Iterator[SignIn]:
    """Open a browser for someone; at the end no page may have broken the security policy or failed in a script."""
    problems: list[str] = []
    contexts: list[Any] = []

    def opened(username: str, *, phone: bool = False) -> Page:
        context = chromium.new_context(
            viewport=PHONE if phone else DESK, locale="zh-CN", base_url=live_server.url,
            geolocation=ON_SITE, permissions=["geolocation"], has_touch=phone,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(15_000)
        cookie = city.client(username).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
