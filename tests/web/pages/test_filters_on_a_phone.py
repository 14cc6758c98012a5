"""The filter of a list on a phone: one line that says how much is chosen, so that rows are what is seen first."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from tests.web.conftest import World, build_world

LISTS = ["/findings/", "/cases/", "/leads/", "/rules/", "/people/", "/tools/", "/whitelist/", "/history/", "/library/",
         "/library/cases/", "/reports/", "/cases/proposals/"]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "said", "checked"),
    [("", "筛选</span>", False), ("?q=x&state=&page=1&order=due", "筛选 · 1 项", False),
     ("?q=x&severity=high&filters=open", "筛选 · 2 项", True)],
)  # fmt: skip
def test_the_line_says_how_much_is_chosen(world: World, query: str, said: str, checked: bool) -> None:
    page = world.client("city").get(f"/cases/{query}").content.decode()
    assert said in page
    switch = page[page.index('id="filters-open"') :][:200].split(">")[0]
    assert ("checked" in switch) == checked
    assert ('data-test="filter-reset"' in page) == bool("q=x" in query)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scripts", [True, False])
def test_it_opens_by_key_and_the_list_comes_first(chromium: Any, live_server: Any, scripts: bool) -> None:
    world = build_world()
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", java_script_enabled=scripts
    )  # fmt: skip
    cookie = world.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    for address in LISTS:
        if page.goto(live_server.url + address).status == 200 and page.locator(".filters").count():
            assert page.locator(".filters").bounding_box()["height"] < 60, address
            assert page.locator("#list").bounding_box()["y"] < 420, address
    page.goto(f"{live_server.url}/cases/?severity=high")
    assert page.locator("#filters-said").inner_text() == "筛选 · 1 项"
    body = page.locator("#filters-body")
    assert not body.is_visible()
    page.locator("#filters-open").focus()
    page.keyboard.press("Space")
    assert body.is_visible()
    if scripts:  # the address keeps it at once, and what is said follows what is chosen without a new page
        assert "filters=open" in page.url
        page.select_option("select[name=due]", "late")
        page.wait_for_url("**due=late**")
        page.wait_for_function("document.getElementById('filters-said').textContent.includes('2')")
        kept = page.locator(".page-actions input[name=query]").first
        assert "due=late" in kept.get_attribute("value")
        assert body.is_visible()
    else:
        page.locator("[data-test=filter-apply]").click()
        assert "filters=open" in page.url and "severity=high" in page.url
    context.close()


# what the shown text of a select needs, against the room between its paddings; what is longer than the screen
# is cut at it
CUT = """() => {
  const pen = document.createElement("canvas").getContext("2d"), cut = [];
  const form = document.querySelector(".filters");
  const row = form.clientWidth - 2 * parseFloat(getComputedStyle(form).paddingLeft);
  for (const one of document.querySelectorAll(".filters select")) {
    const style = getComputedStyle(one);
    pen.font = style.font;
    for (let at = 0; at < one.options.length; at += 1) {
      one.selectedIndex = at;
      const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      const needed = pen.measureText(one.options[at].label).width;
      const page = document.documentElement.scrollWidth;
      if (page > window.innerWidth || (needed > room + 1 && one.offsetWidth < row - 4)) {
        cut.push(`${one.name}: ${one.options[at].label} ${needed} > ${room}, ${page}`);
      }
    }
    one.selectedIndex = 0;
  }
  return cut;
}"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_is_chosen_in_a_filter_is_read_whole(chromium: Any, live_server: Any, width: int, language: str) -> None:
    """In English selects were as narrow as Chinese needs: “Suspected”, “Most urge”."""
    world = build_world()
    context = chromium.new_context(viewport={"width": width, "height": 844}, locale="zh-CN")
    cookie = world.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    chosen = {settings.SESSION_COOKIE_NAME: cookie, settings.LANGUAGE_COOKIE_NAME: language}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in chosen.items()])
    page = context.new_page()
    for address in LISTS:
        if page.goto(f"{live_server.url}{address}?filters=open").status == 200 and page.locator(".filters").count():
            assert page.evaluate(CUT) == [], address
    context.close()
