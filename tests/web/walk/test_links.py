"""A page offers only what its reader may open: every role follows every link, part, form and button it is shown."""

from __future__ import annotations

import json
import logging
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from jicha_web.cases.opening import open_from_findings
from jicha_web.findings.models import Finding
from jicha_web.library.catalog import load_catalog
from jicha_web.organisation import middleware
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs import importing
from tests.web.cases.building import ROAD, case_in, open_gates
from tests.web.conftest import NOW, PEOPLE, World
from tests.web.small_data import data, screen_it
from tests.web.walk.crawling import Crawl, crawl, offers_of
from tests.web.walk.test_walk import ask

__all__ = ["data", "open_gates"]
pytestmark = pytest.mark.django_db

# signing out ends the crawl
LEFT = frozenset({"logout"})
QUICK = {"admin", "author", "station_a1"}  # the others are walked by the slow tests
# kinds of pages that a role has to come by, or the crawl proves nothing
REACHED = {
    "admin": {"run", "object_history", "person"},
    "author": {"rule", "finding", "run_not_judged", "overview_by"},
    "station_a1": {"case", "customer", "library-checklists"},
    "city": {"case", "finding", "customer", "case_workflow", "run_not_judged"},
}


@pytest.fixture
def town(world: World, data: Path, open_gates: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """A run with findings and subjects not judged, a case in every state, a calendar, places on the map."""
    monkeypatch.setattr(middleware, "now", lambda: NOW)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    (data / "run").mkdir(exist_ok=True)
    (data / "run" / "holidays.csv").write_text("day\n2026-10-01\n", encoding="utf-8")
    (data / "run" / "extra_workdays.csv").write_text("day\n2026-10-10\n", encoding="utf-8")
    load_catalog(at=NOW)
    run = importing.adopt(screen_it(data, date(2026, 10, 15)).run_id, at=NOW)
    importing.import_run(run, at=NOW, progress=lambda _done, _total, _text: None)
    with scoped(EVERYTHING):
        found = list(Finding.objects.filter(organisation__code="A1").order_by("customer_id"))
        for n, state in enumerate(ROAD):
            place: dict[str, Any] = {"customer_id": "1002", "subject_id": "1002", "latitude": 30.5, "longitude": 114.3}
            case = case_in(world, state, number=f"JC20261014{n:05d}", **place)
            Finding.objects.filter(pk=found[1].pk).update(case=case, handling="in_case")
        open_from_findings(findings=found[:1], by=world.people["city"], at=NOW)
        Organisation.objects.update(latitude=30.5, longitude=114.3)
    return world


def followed(town: World, username: str) -> Crawl:
    return crawl(town.client(username), ask, leave=LEFT, many=2)


@pytest.mark.parametrize(
    "username",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in sorted(PEOPLE)],
)
def test_all_that_a_page_offers_may_be_opened(town: World, username: str) -> None:
    seen = followed(town, username)
    assert not seen.refused, "\n" + "\n".join(sorted(set(seen.told())))
    assert seen.sent > 0
    kinds = {kind.split(":")[0] for _method, kind, _names in seen.shapes}
    assert kinds >= REACHED.get(username, set()), sorted(REACHED[username] - kinds)


def test_a_link_to_what_is_refused_is_found(town: World) -> None:
    """A page that offers too much is told, with what it offers: link, part, form, button, bar and point alike."""
    chart = json.dumps({"links": ["/cases/?state=closed"]}).replace('"', "&quot;")
    places = json.dumps({"points": [{"url": "/cases/?state=open"}, {"url": ""}]}).replace('"', "&quot;")
    page = f"""<a href="/findings/">x</a><a href="#main">x</a><a>x</a><a href="mailto:a@b">x</a>
      <div hx-get="/cases/" data-chart="{chart}" data-map="{places}"></div><template><a href="/leads/">x</a></template>
      <form method="post" action="/cases/dispatch/"><input name="query" value="state=open"><button>x</button></form>
      <form action="/search/"><input name="q" value="JC"><select name="n"><option value="1">1<option value="2" selected>
      </select></form><form method="dialog"><button>x</button></form><form id="f" method="post">
      <button formaction="/runs/start/" name="a" value="1">x</button></form>
      <button form="f" name="b" value="2">x</button>
      <input form="f" name="c" value="3">"""
    offered = {(one.method, one.path, one.data) for one in offers_of("/page/", page)}
    assert offered == {
        ("get", "/findings/", ()), ("get", "/cases/", ()), ("get", "/cases/?state=closed", ()),
        ("get", "/cases/?state=open", ()), ("post", "/cases/dispatch/", (("query", "state=open"),)),
        ("get", "/search/?q=JC&n=2", ()), ("post", "/runs/start/", (("c", "3"), ("a", "1"))),
        ("post", "/page/", (("c", "3"), ("b", "2"))),
    }  # fmt: skip

    def shown(client: Client, method: str, path: str, **values: Any) -> Any:
        if path == "/":
            return SimpleNamespace(status_code=200, headers={"Content-Type": "text/html"}, text_seen=page)
        return ask(client, method, path, **values)

    told = crawl(town.client("admin"), shown, leave=LEFT | {"runs"}).told()
    for what in (
        "get /findings/: 403",
        "get /cases/: 403",
        "get /cases/?state=closed: 403",
        "post /cases/dispatch/: 403",
    ):
        assert f"/ offers {what}" in told
    assert not any("/search/" in one for one in told)
