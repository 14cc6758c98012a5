"""The first page leads with what its reader needs: work, or how it stands, or what there is to keep."""

from __future__ import annotations

import re

import pytest

from jicha_web.findings.models import RuleChange
from jicha_web.organisation.models import Qualification
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db


def places(world: World, username: str) -> list[str]:
    page = world.client(username).get("/").content.decode()
    return [one for one in re.findall(r'data-test="([\w-]+)"', page) if one in {"work", "pipeline", "findings"}]


def test_who_has_work_sees_it_first(filled: World) -> None:
    assert places(filled, "city") == ["work", "findings", "pipeline"]


def test_who_has_none_sees_first_how_it_stands(filled: World) -> None:
    assert places(filled, "manager") == ["pipeline", "work", "findings"]
    assert 'data-test="nothing-to-do"' in filled.client("manager").get("/").content.decode()


def test_an_administrator_sees_what_there_is_to_keep(filled: World) -> None:
    with scoped(EVERYTHING):
        Qualification.objects.create(
            person=filled.people["station_a1"],
            organisation=filled.units["A1"],
            kind="usage_inspection",
            number="1",
            valid_until=NOW.date(),
        )
    page = filled.client("admin").get("/").content.decode()
    assert re.search(r'href="/people/\?certificates=ending" data-count="1"', page)
    assert 'data-total="1"' in filled.client("admin").get("/people/?certificates=ending").content.decode()


def test_a_rule_author_sees_the_changes_that_wait(filled: World) -> None:
    RuleChange.objects.create(
        rule="MT003", what="status", after="shadow", reason="试运行", asked_by=filled.people["author_2"], asked_at=NOW
    )
    client = filled.client("author")
    assert re.search(r'href="/rules/changes/" data-count="1"', client.get("/").content.decode())
    assert 'data-total="1"' in client.get("/rules/changes/").content.decode()
    assert "/rules/changes/" not in filled.client("manager").get("/").content.decode()


def test_yuan_open_the_cases_they_are_the_sum_of(filled: World) -> None:
    page = filled.client("manager").get("/overview/by/unit/?period=year").content.decode()
    amounts = page[page.index('data-test="amounts"') : page.index('data-test="table"')]
    assert amounts.count("order=-amount") == 3
    assert '<div class="tile' not in amounts
