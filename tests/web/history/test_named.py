"""No bare code, id or column name stands in a history: each has a name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.utils.translation import override

import jicha_web
from jicha_web import core
from jicha_web.cases.opening import open_from_findings
from jicha_web.history import telling
from jicha_web.history.models import Entry
from tests.web.cases.stands import finding
from tests.web.conftest import NOW, World
from tests.web.small_data import data

__all__ = ["data"]


def test_every_id_is_named_by_what_it_means() -> None:
    assert set(telling.referred().values()) <= set(telling.REFERENCES)


def _told_in_code() -> dict[str, set[str]]:
    """Return what the verbs put beside the columns: the keys of each `data={…}` of a history's row, by file."""
    found: dict[str, set[str]] = {}
    for path in Path(jicha_web.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"record", "create", "move"}):
                continue
            for keyword in node.keywords:
                if keyword.arg == "data" and isinstance(keyword.value, ast.Dict):
                    keys = {key.value for key in keyword.value.keys if isinstance(key, ast.Constant)}
                    found.setdefault(str(path), set()).update(str(key) for key in keys)
    return found


def test_what_verbs_tell_beside_columns_has_a_name() -> None:
    told = _told_in_code()
    assert len(told) > 5
    for path, keys in told.items():
        assert keys - telling._HIDDEN <= set(telling.fields()), path


def test_parts_of_the_workflow_have_words() -> None:
    parts = {move["part"] for move in core.application_file("workflow")["moves"] if move.get("part")}
    assert parts | {"open", "assess", "check", "collect", "rectify"} <= set(telling._codes()["part"])


@pytest.mark.parametrize(
    ("kind", "told", "after"),
    [
        ("visit", {"qualification": "none"}, "未登记有效资格证"),
        ("case", {"part": "collect"}, "收款"),
        ("case", {"severity": "high"}, "高"),
        ("membership", {"role": "auditor"}, "审计人员"),
        ("paper", {"kind": "work_order"}, "稽查工单"),
        ("case", {"also": ["customer_name", "address"]}, "户名、地址"),
        ("case", {"amount_yuan": "1234567.5"}, "1,234,567.50"),
    ],
)
def test_codes_are_told_in_words(kind: str, told: dict[str, object], after: str) -> None:
    with override("zh-hans"):
        [(_label, _before, shown)] = telling.changes_of(Entry(object_type=kind, data=told), {})
    assert shown == after


@pytest.mark.django_db
@pytest.mark.usefixtures("data")
def test_a_finding_names_its_case_and_leads_there(world: World, all_units: None) -> None:
    row, other = finding(world, "MT004"), finding(world, "TC004")
    [case] = open_from_findings(findings=[row], by=world.people["city"], at=NOW)
    page = world.client("city").get(f"/findings/{row.pk}/").content.decode()
    history = page[page.index('data-test="timeline"') :]
    assert f'<a href="/cases/{case.pk}/">{case.number}</a>' in history
    page = world.client("city").get(f"/history/case/{case.pk}/").content.decode()
    for one in (row, other):  # two findings are two, not one before and one after
        assert f'<a href="/findings/{one.pk}/">{one.rule} {one.subject_id}</a>' in page
    stranger = world.client("county_b").get(f"/findings/{row.pk}/")
    assert stranger.status_code == 404
