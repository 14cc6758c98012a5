"""Pages can be read and used by keyboard: contrast, labels, focus, keys, amounts on one line; paper without buttons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from jicha_web.cases.models import Case
from jicha_web.findings.models import Finding
from jicha_web.library.catalog import load_catalog
from jicha_web.organisation import middleware
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.conftest import NOW, build_world
from tests.web.overview.building import fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOK = (Path(__file__).parent / "reading.js").read_text(encoding="utf-8")
PAGES = ("/", "/findings/", "/cases/", "/overview/by/unit/?period=all", "/library/", "/cases/new/", "/runs/",
         "/profile/", "/search/?q=nothing-of-that", "/nowhere/")  # fmt: skip

ON_SCREEN = "button, input, select, textarea, summary, .form-hint"  # of use there only


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch, chromium: Any, live_server: Any) -> Iterator[tuple[Any, list[str], str]]:
    """A browser of the city's specialist, pages to look at, the address of a finding that nobody handled."""
    monkeypatch.setattr(middleware, "now", lambda: NOW)
    world = build_world()
    load_catalog(at=NOW)
    fill(world, cases=40, findings=40)
    with scoped(EVERYTHING):
        # as long as amounts are: an odd one would fit anyhow
        Case.objects.update(amount_yuan="-3628340.66", confirmed_yuan="3628340.66", collected_yuan="13628340.66")
        case = Case.objects.filter(state="assessing").order_by("pk")[0]
        one = Finding.objects.filter(handling="open").order_by("pk")[0]
    cookie = world.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(locale="zh-CN")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    yield (
        page,
        [live_server.url + path for path in (*PAGES, f"/cases/{case.pk}/")],
        f"{live_server.url}/findings/{one.pk}/",
    )
    context.close()


def _speak(page: Any, address: str, language: str) -> None:
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": address}])


@pytest.mark.parametrize(("width", "language"), [(1440, "zh-hans"), (390, "en")])
def test_every_page_can_be_read(addresses: tuple[Any, list[str], str], width: int, language: str) -> None:
    page, pages, finding = addresses
    page.set_viewport_size({"width": width, "height": 900})
    wrong: list[str] = []
    _speak(page, finding, language)
    for address in (*pages, finding):
        page.goto(address, wait_until="networkidle")
        seen = page.evaluate(LOOK)
        assert seen["texts"] > 5, address
        wrong += [f"{address} {kind}: {one}" for kind, found in seen["wrong"].items() for one in found]
    assert not wrong, "\n".join(wrong)


def test_what_cannot_be_read_is_found(addresses: tuple[Any, list[str], str]) -> None:
    page, pages, _finding = addresses
    page.goto(pages[0], wait_until="networkidle")
    page.evaluate("""() => {
      const main = document.querySelector("main"), made = (tag, style) => {
        const one = document.createElement(tag); Object.assign(one.style, style); main.append(one); return one; };
      made("p", { color: "#aaa", background: "#fff" }).textContent = "pale";
      made("input", { outline: "none", boxShadow: "none" }).id = "main";
      const narrow = made("div", { width: "3rem", overflowWrap: "anywhere", whiteSpace: "normal" });
      narrow.className = "num"; narrow.textContent = "3,628,340.66";
    }""")
    wrong = page.evaluate(LOOK)["wrong"]
    assert any("pale" in one for one in wrong["contrast"])
    assert all(len(wrong[kind]) == 1 for kind in ("unlabelled", "unseen", "twice", "broken")), wrong


def test_keys_do_nothing_while_one_types_and_escape_closes_the_menu(addresses: tuple[Any, list[str], str]) -> None:
    page, pages, _finding = addresses
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(pages[1], wait_until="networkidle")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"  # first of all, to the content
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.focus("#top-q")
    page.keyboard.type("gcsj?/")
    assert page.input_value("#top-q") == "gcsj?/"
    assert page.url == f"{pages[1]}#main" and not page.locator("dialog[open]").count()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('tr') !== null")
    page.keyboard.press("?")
    assert page.locator("#help[open]").count() == 1
    page.keyboard.press("Escape")
    page.click("[data-test=person-menu]")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.locator("details.drop[open]").count()
    assert page.evaluate("document.activeElement.matches('[data-test=person-menu]')")


def test_paper_shows_nothing_that_only_a_screen_can_do(addresses: tuple[Any, list[str], str]) -> None:
    page, pages, finding = addresses
    for address in (pages[-1], finding):
        page.goto(address, wait_until="networkidle")
        page.emulate_media(media="print")
        shown = page.evaluate(f"""() => [...document.querySelectorAll({ON_SCREEN!r})]
          .filter((e) => e.checkVisibility() && !e.closest("details.fold, details.figures"))
          .map((e) => e.outerHTML.slice(0, 90))""")
        assert not shown, (address, shown)
        assert page.locator("h2:visible, h1:visible").count() > 3
        assert not page.locator("[data-test=handle]:visible").count()
        page.emulate_media(media="screen")
    assert page.locator("[data-test=handle]:visible").count() == 1
