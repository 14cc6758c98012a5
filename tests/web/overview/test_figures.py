"""Every figure opens its list, and the list has as many rows."""

from __future__ import annotations

import html
import json
import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from jicha_web.cases.listing import Asker
from jicha_web.cases.models import Case
from jicha_web.cases.workflow import workflow
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import EVERYTHING, NOTHING, Scope, scoped
from jicha_web.overview import figures
from jicha_web.overview.periods import present
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db
_LINK = re.compile(r"<a\b([^>]*)>")
PAGES = (
    "/", "/overview/findings/", "/overview/map/", "/overview/by/unit/", "/overview/by/unit/?period=year",
    "/overview/by/unit/?period=all", "/overview/by/specialty/?period=year", "/overview/by/rule/?period=quarter",
    "/overview/by/person/", "/overview/by/person/?period=all", "/cases/proposals/", "/cases/proposals/?rule=TC006",
)  # fmt: skip


def counted_links(page: str) -> set[tuple[str, int]]:
    found = set()
    for match in _LINK.finditer(page):
        count = re.search(r'data-count="(\d+)"', match[1])
        address = re.search(r'href="([^"]+)"', match[1])
        if count and address:
            found.add((html.unescape(address[1]), int(count[1])))
    return found


def total_of(client: Client, address: str) -> int:
    page = client.get(address).content.decode()
    total = re.search(r'data-total="(\d+)"', page)
    if total is None:
        assert 'data-test="nothing"' in page, address
        return 0
    return int(total[1])


@pytest.mark.parametrize(
    "username", ["city", "county_a", "station_a1", "reviewer", "manager", "auditor", "collector_a"]
)
def test_every_figure_is_the_number_of_rows_of_its_list(filled: World, username: str) -> None:
    client = filled.client(username)
    walked: dict[str, int] = {}
    for address in PAGES:
        response = client.get(address)
        if response.status_code == 403:
            continue
        assert response.status_code == 200, address
        for link, count in counted_links(response.content.decode()):
            if link not in walked:
                walked[link] = total_of(client, link)
            assert walked[link] == count, (address, link)
    assert walked
    assert any(walked.values()) or username == "collector_a"
    if username in {"city", "manager"}:
        assert len(walked) > 60


def test_the_tree_counts_what_its_lists_hold(filled: World) -> None:
    client = filled.client("city")
    page = client.get("/units/").content.decode()
    found = re.findall(r'<a class="tag tag-info" href="([^"]+)">[^\d<]*(\d+)', page)
    assert len(found) >= 5
    for link, count in found:
        assert total_of(client, html.unescape(link)) == int(count)


def test_yuan_are_those_of_the_rows(filled: World) -> None:
    asker = Asker(filled.people["city"], NOW)
    period = present("year", NOW.date())
    with scoped(EVERYTHING):
        total = sum(figures.grouped(asker, period, "organisation_id").values(), figures.Amounts())
        rows = [c for c in Case.objects.all() if c.opened_at.year == 2026]
    assert total.found_yuan == sum((c.amount_yuan or Decimal(0) for c in rows), Decimal(0))
    assert total.confirmed_yuan == sum((c.confirmed_yuan or Decimal(0) for c in rows), Decimal(0))
    assert total.collected_yuan == sum((c.collected_yuan or Decimal(0) for c in rows), Decimal(0))
    assert total.cases == len(rows)


def test_a_county_counts_its_own_only(filled: World) -> None:
    period = present("all", NOW.date())

    def cases(scope: Scope) -> int:
        with scoped(scope):
            found = figures.grouped(Asker(filled.people["county_a"], NOW), period, "severity")
        return sum(found.values(), figures.Amounts()).cases

    own = cases(Scope((filled.units["A"].path,)))
    other = cases(Scope((filled.units["B"].path,)))
    both = cases(Scope((filled.units["A"].path, filled.units["B"].path)))
    assert own > 0
    assert other > 0
    assert both == own + other
    assert cases(NOTHING) == 0


def test_a_foreign_unit_is_not_there(filled: World) -> None:
    assert filled.client("county_a").get(f"/overview/by/unit/?unit={filled.units['B'].pk}").status_code == 404
    assert filled.client("county_a").get("/overview/by/unit/?unit=x").status_code == 404
    assert filled.client("county_a").get("/overview/by/nonsense/").status_code == 404
    assert filled.client("station_a1").get("/overview/by/unit/").status_code == 403


def test_each_role_sees_its_first_page(filled: World) -> None:
    for username in filled.people:
        page = filled.client(username).get("/")
        assert page.status_code == 200, username
    inspector = filled.client("station_a1").get("/").content.decode()
    assert 'data-test="work"' in inspector
    assert 'data-test="pipeline"' not in inspector
    assert "overview/by" not in inspector


def test_queries_are_few(filled: World, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client = filled.client("city")
    client.get("/")
    most_queries = {"/": 12, "/overview/by/unit/": 11, "/overview/by/rule/": 12, "/overview/findings/": 8}
    for address, most in most_queries.items():
        with django_assert_max_num_queries(most):
            client.get(address)


def test_the_map_counts_open_and_late_cases_of_each_unit(filled: World) -> None:
    Organisation.objects.update(latitude=30.5, longitude=114.3)
    client = filled.client("city")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = html.unescape(client.get("/overview/map/").content.decode())
    told = {
        json.loads(f'"{name}"'): (int(n), int(late))
        for name, n, late in re.findall(r'"([^":]+): (\d+) open, (\d+) late"', page)
    }
    with scoped(EVERYTHING):
        mine: dict[str, list[Case]] = {unit.name: [] for unit in filled.units.values()}
        for case in Case.objects.select_related("organisation"):
            if case.state in workflow().open_states:
                mine[case.organisation.name].append(case)
    wanted = {
        name: (len(cases), sum(case.due_at is not None and case.due_at < NOW for case in cases))
        for name, cases in mine.items()
    }
    assert told == wanted and any(late for _open, late in wanted.values())
