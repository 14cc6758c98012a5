"""What is kept counted is what the rows give, after whatever happens to them."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from jicha_web.cases import opening
from jicha_web.cases.models import Case
from jicha_web.cases.moves import move
from jicha_web.findings import handling, kept
from jicha_web.findings.models import CaseCode, Finding, FindingTotal
from jicha_web.organisation.scope import EVERYTHING, Scope, scoped
from jicha_web.overview import figures
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db


def _change_something(draw: random.Random, findings: list[int], cases: list[int], units: list[int]) -> None:
    """Change one row as a verb, an import or a hand at the database might."""
    finding = Finding._base_manager.filter(pk=draw.choice(findings))
    case = Case._base_manager.filter(pk=draw.choice(cases))
    match draw.randrange(9):
        case 0:
            finding.update(handling=draw.choice(["open", "dismissed", "snoozed", "settled"]))
        case 1:
            finding.update(state=draw.choice(["new", "open", "recurred", "cleared", "unjudged"]))
        case 2:
            finding.update(amount_yuan=draw.choice([None, Decimal(draw.randrange(-999, 9_999_999)) / 100]))
        case 3:
            finding.update(organisation=draw.choice(units), severity_rank=draw.randrange(1, 4))
        case 4:
            finding.update(case=draw.choice([None, *cases[:5]]), handling="in_case")
        case 5:
            rule = draw.choice(["TC006", "MT003", "XX001"])
            finding.update(rule=rule, specialty=rule[:2])
        case 6:
            case.update(state=draw.choice(["checking", "closed", "cancelled"]), organisation=draw.choice(units))
        case 7:
            case.update(opened_at=NOW - timedelta(days=draw.randrange(500)))
        case 8:
            row = finding.get()
            gone, row.pk, row.key_hash = row.pk, None, f"{draw.getrandbits(128):032x}"
            row.save(force_insert=True)
            findings.append(row.pk)
            Finding._base_manager.filter(pk=gone).delete()
            findings.remove(gone)


def test_after_any_changes_they_are_what_the_rows_give(filled: World) -> None:
    draw = random.Random(7)
    findings = list(Finding._base_manager.order_by("pk").values_list("pk", flat=True))
    cases = list(Case._base_manager.order_by("pk").values_list("pk", flat=True))
    units = [unit.pk for unit in filled.units.values()]
    assert kept.differences() == []
    for step in range(400):
        _change_something(draw, findings, cases, units)
        if step % 40 == 0:
            assert kept.differences() == [], step
    assert kept.differences() == []
    assert FindingTotal.objects.count() > 100
    assert CaseCode.objects.exists()


def test_verbs_change_them(filled: World) -> None:
    with scoped(EVERYTHING):
        before = figures.findings_to_handle("rule")
        there = Finding.objects.filter(handling="open", stands=1).order_by("pk")
        dismissed, taken = there.filter(rule="TC006")[0], there.filter(rule="MT003")[0]
        by = filled.people["city"]
        handling.dismiss(finding=dismissed, by=by, at=NOW, reason="现场核实正常")
        (case,) = opening.open_from_findings(findings=[taken], by=by, at=NOW)
        assert kept.differences() == []
        after = figures.findings_to_handle("rule")
        assert after["TC006"][0] == before["TC006"][0] - 1
        assert after["MT003"][0] < before["MT003"][0]
        codes = CaseCode.objects.filter(case=case)
        assert {code.state for code in codes} == {case.state}
        move(case=case, event="cancel", by=by, at=NOW, note="重复")
        assert set(codes.values_list("state", flat=True)) == {"cancelled"}
    assert kept.differences() == []


@pytest.mark.parametrize("field", ["rule", "specialty", "severity"])
def test_while_an_import_is_on_the_rows_are_counted(filled: World, field: str) -> None:
    scopes = [EVERYTHING, Scope((filled.units["A"].path,)), Scope((filled.units["B1"].path,))]

    def counted() -> list[Any]:
        found = []
        for scope in scopes:
            with scoped(scope):
                found += [figures.findings_to_handle(field), figures.findings_to_handle(field, filled.units["A"])]
        return found

    right = counted()
    assert right[0]
    assert right[2] != right[0]
    with kept.counted_last(left_out=True):
        FindingTotal.objects.exclude(organisation=None).update(n=99)
        assert counted() == right
        Finding._base_manager.filter(rule="TC006").update(handling="dismissed")
        without = counted()
        assert without != right
    assert counted() == without
    assert kept.differences() == []


def test_differences_are_added_up(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FOLDED_FROM", 5)
    with scoped(EVERYTHING):
        right = figures.findings_to_handle("rule")
        for value in ("dismissed", "open") * 4:
            Finding._base_manager.filter(case=None).exclude(handling="snoozed").update(handling=value)
        changed = figures.findings_to_handle("rule")
    assert changed != right
    many = FindingTotal.objects.count()
    kept.fold(NOW)
    assert FindingTotal.objects.count() < many / 4
    assert kept.differences() == []
    with scoped(EVERYTHING):
        assert figures.findings_to_handle("rule") == changed


def test_what_is_wrong_is_found_and_counted_again(filled: World) -> None:
    FindingTotal.objects.filter(rule="TC006").first().delete()  # type: ignore[union-attr]
    CaseCode.objects.filter(kind="rule").first().delete()  # type: ignore[union-attr]
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("count_again", stdout=said)
    assert said.getvalue().count("\n") == 3
    assert kept.differences() == []
    call_command("count_again", stdout=said)


def test_without_triggers_it_would_be_wrong(filled: World) -> None:
    kept.unwatch()
    Finding._base_manager.filter(handling="open", stands=1).update(handling="dismissed")
    assert kept.differences()
    kept.count_again()
    assert kept.differences() == []
    assert connection.vendor in {"sqlite", "postgresql"}
