"""Every page and every operation, as everybody: nothing breaks, nothing leaks, nobody comes in without signing in."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from jicha_web.library.catalog import load_catalog
from jicha_web.organisation import middleware
from jicha_web.organisation.models import Person
from tests.web.conftest import NOW, PEOPLE, World, build_world
from tests.web.walk.addresses import Address, Operation, operations, pages
from tests.web.walk.objects import MARK, build_objects

pytestmark = pytest.mark.django_db

# pages that nobody needs to sign in for
PUBLIC = {"login", "set_language", "logout"}
# addresses that are no part of the application's pages, and why
NOT_PAGES = {"api-unknown": "answers every unknown address below the API"}
# addresses with a number that a stranger may open, and why
SHARED = {
    "library-typical-case": "typical cases are for everybody",
    "library-withdraw-typical": "typical cases are for everybody",
    "run": "runs are of the whole installation; their findings are counted for the units in sight",
    "run_not_judged": "runs are of the whole installation",
    "delivery_expected": "deliveries are of the whole installation",
    "finding_filter_forget": "forgets one's own only; another's stays, and is not told apart from none",
    "case_filter_forget": "forgets one's own only; another's stays, and is not told apart from none",
}
SHARED_OPERATIONS = {
    "get_run": "runs are of the whole installation",
}
QUICK = {"city", "station_a1"}  # the others are walked by the slow tests
FOREIGN = ("county_b", "station_b1")


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(middleware, "now", lambda: NOW)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    world = build_world()
    load_catalog(at=NOW)
    build_objects(world)
    return world


@contextmanager
def undone() -> Iterator[None]:
    """Take back what a request changed."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def content_of(answer: Any) -> str:
    if getattr(answer, "streaming", False):
        return b"".join(answer).decode(errors="replace")
    return str(answer.content.decode(errors="replace"))


class Findings(list[str]):
    """What went wrong; told all at once."""

    def add(self, who: str, method: str, where: str, what: object) -> None:
        self.append(f"{who}: {method} {where}: {what}")

    def tell(self) -> None:
        assert not self, "\n" + "\n".join(self)


def why(answer: Any) -> str:
    """Tell where a page broke."""
    kind, error, trace = getattr(answer, "exc_info", None) or (None, None, None)
    if kind is None:
        return ""
    ours = [one for one in traceback.extract_tb(trace) if "/jicha" in one.filename] or traceback.extract_tb(trace)
    place = Path(ours[-1].filename)
    return f"{kind.__name__}: {error} at {place.parent.name}/{place.name}:{ours[-1].lineno}"


def ask(client: Client, method: str, path: str, **values: Any) -> Any:
    client.raise_request_exception = False
    with undone():
        answer = getattr(client, method)(path, **values)
        answer.text_seen = content_of(answer)
    return answer


def calls(page: Address) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "get", {}
    yield "get", {"HTTP_HX_REQUEST": "true"}
    yield "post", {"data": {}}
    yield "post", {"data": {"confirmed": "1", "note": "走查", "reason": "走查", "version": "0"}}


def bodies(operation: Operation) -> Iterator[dict[str, Any]]:
    if not operation.body:
        yield {}
        return
    tried: tuple[Any, ...] = ({}, {"event": "start_check"}, {"findings": [1]}, {"inputs": {}}, [], None,
        {"what": "dismiss", "reason": "走查走查"},
    )  # fmt: skip
    for body in tried:
        yield {"data": json.dumps(body), "content_type": "application/json"}


def test_the_walk_finds_the_application() -> None:
    found = pages()
    assert len(found) > 40
    assert len({page.name for page in found}) > 40
    assert len(operations()) > 20


def test_nobody_comes_in_without_signing_in(full: World) -> None:
    wrong, client = Findings(), Client()
    for page in pages():
        if page.name in PUBLIC or page.name in NOT_PAGES:
            continue
        for method, values in calls(page):
            answer = ask(client, method, page.path, **values)
            to_login = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
            told_htmx = answer.headers.get("HX-Redirect", "").startswith("/login/")
            if not (to_login or told_htmx or answer.status_code == 405):
                wrong.add("nobody", method, page.path, answer.status_code)
    for operation in operations():
        for values in bodies(operation):
            answer = ask(client, operation.method, operation.path, **values)
            if answer.status_code not in {401, 403}:
                wrong.add("nobody", operation.method, operation.path, answer.status_code)
    wrong.tell()


def test_with_a_password_of_another_nothing_is_seen_or_done(full: World) -> None:
    """Only the password page, signing in and out and the language are open; every page leads there."""
    person = full.people["city"]
    client = full.client("city")
    Person.objects.filter(pk=person.pk).update(must_change_password=True)
    wrong = Findings()
    for page in pages():
        if page.name in {"password", "login", "logout", "set_language"}:
            continue
        for method, values in calls(page):
            answer = ask(client, method, page.path, **values)
            asks = "HTTP_HX_REQUEST" in values or page.path.startswith("/api/")
            there = answer.status_code == 302 and answer.headers["Location"] == "/profile/password/"
            if not (answer.status_code == 403 and answer.text_seen if asks else there):
                wrong.add("must change", method, page.path, answer.status_code)
    for operation in operations():
        for values in bodies(operation):
            answer = ask(client, operation.method, operation.path, **values)
            if answer.status_code != 403 or "must_change_password" not in answer.text_seen:
                wrong.add("must change", operation.method, operation.path, answer.status_code)
    wrong.tell()
    assert client.get("/profile/password/").status_code == 200
    Person.objects.filter(pk=person.pk).update(must_change_password=False)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "username",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in sorted(PEOPLE)],
)
def test_nothing_breaks_for_anybody(full: World, username: str) -> None:
    wrong, client = Findings(), full.client(username)
    for page in pages():
        if page.name in PUBLIC:
            continue
        for method, values in calls(page):
            answer = ask(client, method, page.path, **values)
            if answer.status_code >= 500:
                wrong.add(username, method, page.path, f"{answer.status_code} {values} {why(answer)}")
            if "Content-Security-Policy" not in answer.headers:
                wrong.add(username, method, page.path, "no content security policy")
    for operation in operations():
        for values in bodies(operation):
            answer = ask(client, operation.method, operation.path, **values)
            if answer.status_code >= 500:
                wrong.add(username, operation.method, operation.path, f"{answer.status_code} {values} {why(answer)}")
            if answer.status_code >= 400 and not answer.headers["Content-Type"].startswith("application/problem+json"):
                wrong.add(username, operation.method, operation.path, answer.headers["Content-Type"])
    wrong.tell()


@pytest.mark.parametrize("username", FOREIGN)
def test_a_stranger_sees_nothing(full: World, username: str) -> None:
    wrong, client = Findings(), full.client(username)
    for page in pages():
        if page.name in PUBLIC or page.name in NOT_PAGES:
            continue
        for method, values in calls(page):
            answer = ask(client, method, page.path, **values)
            if page.takes and page.name not in SHARED and answer.status_code not in {403, 404, 405}:
                wrong.add(username, method, f"{page.name} {page.path}", answer.status_code)
            if MARK in answer.text_seen and page.name not in SHARED:
                wrong.add(username, method, f"{page.name} {page.path}", "shows what is another unit's")
    for operation in operations():
        for values in bodies(operation):
            answer = ask(client, operation.method, operation.path, **values)
            allowed = {403, 404, 422} if operation.body else {403, 404}
            if operation.takes and operation.name not in SHARED_OPERATIONS and answer.status_code not in allowed:
                wrong.add(username, operation.method, operation.path, answer.status_code)
            if MARK in answer.text_seen:
                wrong.add(username, operation.method, operation.path, "shows what is another unit's")
    wrong.tell()


def test_the_walk_would_notice(full: World) -> None:
    """Those above the unit do see the mark: the objects are there, and the pages show them."""
    client = full.client("city")
    seen = [
        page.name for page in pages() if page.name not in PUBLIC and MARK in ask(client, "get", page.path).text_seen
    ]
    assert len(seen) >= 5, seen
    shown = [o.name for o in operations() if o.method == "get" and MARK in ask(client, "get", o.path).text_seen]
    assert {"list_cases", "get_case", "list_findings", "list_leads", "get_job_file"} & set(shown), shown


def test_exceptions_are_used() -> None:
    known = {page.name for page in pages()}
    assert set(SHARED) <= known
    assert known >= PUBLIC
    assert set(SHARED_OPERATIONS) <= {operation.name for operation in operations()}
