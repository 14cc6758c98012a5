"""A small world for the tests of the application: one city, two counties, three stations, a person for each role."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from jicha_web.history import record as history
from jicha_web.history.read import check
from jicha_web.organisation import middleware
from jicha_web.organisation.models import Membership, Organisation, Person
from jicha_web.organisation.scope import EVERYTHING, scoped

NOW = datetime(2026, 10, 15, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
UNITS = [  # code, name, level, parent
    ("C", "临江供电公司", "city", None),
    ("A", "云岭县供电公司", "county", "C"),
    ("B", "清河县供电公司", "county", "C"),
    ("A1", "云岭供电所", "station", "A"),
    ("A2", "石桥供电所", "station", "A"),
    ("B1", "清河供电所", "station", "B"),
]
PEOPLE = {  # username: role, unit
    "city": ("city_specialist", "C"),
    "county_a": ("county_specialist", "A"),
    "county_b": ("county_specialist", "B"),
    "station_a1": ("station_inspector", "A1"),
    "station_a2": ("station_inspector", "A2"),
    "station_b1": ("station_inspector", "B1"),
    "reviewer": ("reviewer", "C"),
    "reviewer_a": ("reviewer", "A"),
    "manager": ("manager", "C"),
    "auditor": ("auditor", "C"),
    "collector_a": ("collector", "A"),
    "author": ("rule_author", "C"),
    "author_2": ("rule_author", "C"),
    "admin": ("administrator", "C"),
}


@dataclass
class World:
    """The units by code, the people by user name."""

    units: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    now: datetime = NOW

    def client(self, username: str) -> Client:
        """Return a browser where someone is signed in."""
        client = Client()
        client.force_login(self.people[username], backend="django.contrib.auth.backends.ModelBackend")
        return client


def build_world() -> World:
    world = World()
    children: dict[str | None, int] = {}
    for code, name, level, parent_code in UNITS:
        children[parent_code] = children.get(parent_code, 0) + 1
        parent = world.units.get(parent_code) if parent_code else None
        path = f"{parent.path if parent else ''}{children[parent_code]:04d}"
        world.units[code] = Organisation.objects.create(code=code, name=name, level=level, parent=parent, path=path)
    for username, (role, unit) in PEOPLE.items():
        person = Person.objects.create_person(
            username, password="demo-demo-demo", name=f"{username}先生", organisation=world.units[unit],
            staff_id=f"S-{username}",
        )  # fmt: skip
        history.record(person, verb="created", by=None, at=NOW)
        world.people[username] = person
        member = Membership(person=person, role=role, organisation=world.units[unit])
        history.create(member, verb="granted", by=None, at=NOW)
    return world


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Give the one browser that the tests of a module share.

    Playwright runs a loop in this thread as long as it lives: it must end with its module, or every later test that
    starts one of its own fails, and so do Django's connections, which are kept by loop.
    """
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("NO BROWSER: Chromium is not installed (`make browser`), this was not tested")
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(autouse=True, scope="session")
def history_is_emptied_between_tests() -> Iterator[None]:
    """Let a test with a live server empty the tables: SQLite deletes rows, which the history's triggers refuse."""
    if connection.vendor != "sqlite":  # PostgreSQL truncates
        yield
        return
    operations = type(connection.ops)  # the class: a browser's event loop gives the test a connection of its own
    right = operations.execute_sql_flush

    def flush(self: Any, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _text in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        try:
            right(self, statements)
        finally:
            with self.connection.cursor() as cursor:
                for _name, text in triggers:
                    cursor.execute(text)

    operations.execute_sql_flush = flush  # type: ignore[method-assign,assignment]
    yield
    operations.execute_sql_flush = right  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def day_begins_at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a day that a test sets (AS_OF) go on from ten o'clock, whatever the hour is: what was done at NOW is past.

    It is the clock below `now` that is set: modules and tests keep `now` itself by name.
    """
    started = timezone.now()

    def clock() -> datetime:
        if not settings.AS_OF:
            return timezone.now()
        return datetime.combine(timezone.localdate(started), time(10), timezone.get_current_timezone()) + (
            timezone.now() - started
        )

    monkeypatch.setattr(middleware, "_clock", clock)


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def whole(world: World) -> Iterator[None]:
    """Ask the history, when a test is over, whether all that it did by verbs is proved."""
    yield
    with scoped(EVERYTHING):
        assert [(d.kind, d.object_type, d.object_id, d.what) for d in check()] == []


@pytest.fixture
def all_units() -> Iterator[None]:
    """The scope of a job that serves all units."""
    with scoped(EVERYTHING):
        yield
