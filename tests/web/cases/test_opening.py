"""Findings become cases: one for each customer, with everybody whom they name and everything to check."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from jicha_web.cases import automatic, opening, proposals
from jicha_web.cases.models import Case, ChecklistItem, Party
from jicha_web.cases.moves import UnableToMove, move
from jicha_web.findings.models import Finding
from jicha_web.history.read import check, entries_of
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import scoped
from tests.web.cases.building import case_in, given_for, make_case
from tests.web.cases.stands import a_run, finding
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units", "data")


def test_all_findings_of_a_customer_make_one_case(world: World) -> None:
    chosen = finding(world, "MT004", severity="medium", priority=3.0)
    finding(world, "TC004", amount_yuan=Decimal("-300.50"), priority=9.0)
    other = finding(world, "MT004", customer="3300000003", unit="B1")
    cases = opening.open_from_findings(findings=[chosen, other], by=world.people["city"], at=NOW)
    assert len(cases) == 2
    case = Case.objects.get(customer_id="3300000001")
    assert (case.state, case.organisation, case.subject_organisation) == (
        "registered", world.units["C"], world.units["A1"],
    )  # fmt: skip
    assert (case.customer_name, case.severity, case.amount_yuan, case.priority) == (
        "张三", "high", Decimal("1500.50"), 9.0,
    )  # fmt: skip
    assert set(Finding.objects.filter(case=case).values_list("rule", "handling")) == {
        ("MT004", "in_case"), ("TC004", "in_case"),
    }  # fmt: skip
    assert "TC004原因" in case.description
    assert case.latitude == 29.10
    assert [e.verb for e in entries_of(case)] == ["opened"]
    assert list(check()) == []


def test_numbers_count_by_day(world: World) -> None:
    first = opening.open_from_findings(findings=[finding(world)], by=world.people["city"], at=NOW)[0]
    second = opening.open_from_findings(
        findings=[finding(world, customer="3300000002", unit="A2")], by=world.people["city"], at=NOW
    )[0]
    later = opening.open_from_findings(
        findings=[finding(world, customer="3300000003", unit="B1")], by=world.people["city"], at=NOW + timedelta(days=1)
    )[0]
    assert [c.number for c in (first, second, later)] == ["JC2026101500001", "JC2026101500002", "JC2026101600001"]


def test_what_concerns_no_customer_is_grouped_by_its_subject(world: World) -> None:
    area = finding(world, "LL004", customer="", subject="area", subject_id="TQ1")
    same = finding(world, "CF011", customer="", subject="area", subject_id="TQ1")
    clerk = finding(world, "AC014", customer="", subject="staff", subject_id="SG1")
    meter = finding(world, "MT001", customer="", subject="meter", subject_id="DB1")
    cases = opening.open_from_findings(findings=[area, same, clerk, meter], by=world.people["city"], at=NOW)
    assert {(c.subject, c.subject_id, c.subject_name) for c in cases} == {
        ("area", "TQ1", "桃源公变"), ("staff", "SG1", "赵六"), ("meter", "DB1", "电能表 DB1"),
    }  # fmt: skip
    for case in cases:
        fits = {"area": "A1", "staff": "A2", "meter": "A1"}[case.subject]
        move(case=case, event="dispatch_station", by=world.people["city"], at=NOW,
             given=given_for(world, "dispatch_station", fits))  # fmt: skip


def test_those_whom_the_evidence_names_are_parties(world: World) -> None:
    evidence = {
        "reader_id": "SG1",  # a column of the schema
        "top_reader_id": "SG9",  # derived from one
        "index_changed_by": "SG2",  # named nowhere, but a member of staff of the data
        "meter_id": "DB0020000001",  # no member of staff
        "problem": "SG1",
    }
    case = opening.open_from_findings(
        findings=[finding(world, "RC011", evidence=evidence)], by=world.people["city"], at=NOW
    )[0]
    found = {
        (p.staff_id, p.part, p.organisation.code if p.organisation else None) for p in Party.objects.filter(case=case)
    }
    assert found == {("SG1", "reader_id", "A1"), ("SG9", "top_reader_id", "C"), ("SG2", "index_changed_by", "A")}
    with pytest.raises(UnableToMove) as refused:
        move(
            case=case,
            event="dispatch_county",
            by=world.people["city"],
            at=NOW,
            given=given_for(world, "dispatch_county"),
        )
    assert "party_unit" in {r.code for r in refused.value.reasons}  # a party of the county bars the county


def test_one_checklist_from_all_findings_and_the_comprehensive_points(world: World) -> None:
    case = opening.open_from_findings(
        findings=[finding(world, "MT004"), finding(world, "MT004"), finding(world, "TC004")],
        by=world.people["city"], at=NOW,
    )[0]  # fmt: skip
    items = list(ChecklistItem.objects.filter(case=case).order_by("order"))
    assert {i.section for i in items} == {"finding", "files", "device", "quantity", "price"}
    assert len({i.code for i in items}) == len(items)
    assert [i.order for i in items] == list(range(1, len(items) + 1))
    assert sum(1 for i in items if i.code.startswith("MT004:remedy")) == 1  # two findings of one rule: asked once
    assert any("两匝" in i.text_zh for i in items if i.rule == "MT004")
    assert [i.section for i in items] == sorted(
        (i.section for i in items), key=["finding", "files", "device", "quantity", "price"].index
    )


def test_a_new_finding_joins_the_case_until_it_is_checked(world: World) -> None:
    case = opening.open_from_findings(findings=[finding(world)], by=world.people["city"], at=NOW)[0]
    again = opening.open_from_findings(findings=[finding(world, "TC004")], by=world.people["city"], at=NOW)[0]
    assert again.pk == case.pk
    assert [e.verb for e in entries_of(again)] == ["opened", "findings_added"]
    assert again.amount_yuan == Decimal("2400.00")
    items = list(ChecklistItem.objects.filter(case=case).order_by("order"))
    assert [i.order for i in items] == list(range(1, len(items) + 1))
    of_findings = [i.rule for i in items if i.section == "finding"]  # the new one's points come before what was there
    assert of_findings == sorted(of_findings) and set(of_findings) == {"MT004", "TC004"}
    assert {i.section for i in items[: len(of_findings)]} == {"finding"}
    Case._base_manager.filter(pk=case.pk).update(state="assessing")
    third = opening.open_from_findings(findings=[finding(world, "CF004")], by=world.people["city"], at=NOW)[0]
    assert third.pk != case.pk


def test_handled_findings_open_nothing(world: World) -> None:
    for handling in ("dismissed", "whitelisted", "in_case", "settled"):
        with pytest.raises(opening.UnableToOpen):
            opening.open_from_findings(
                findings=[finding(world, handling=handling)], by=world.people["city"], at=NOW
            )  # fmt: skip
    assert not Case.objects.exists()


def test_a_county_proposes_and_the_city_opens(world: World) -> None:
    county = world.people["county_a"]
    case = opening.open_from_findings(findings=[finding(world)], by=county, at=NOW)[0]
    assert (case.state, case.organisation) == ("proposed", world.units["A"])
    with scoped(scope_of(county, timezone.localdate(NOW))):
        assert Case.objects.filter(pk=case.pk).exists()  # who proposed it still sees it
    move(case=case, event="open", by=world.people["city"], at=NOW)
    assert (case.state, case.organisation) == ("registered", world.units["C"])


def test_without_the_right_nothing_is_opened(world: World) -> None:
    for username in ("county_b", "station_a1", "reviewer", "auditor", "manager", "admin", "author"):
        with pytest.raises(PermissionDenied):
            opening.open_from_findings(findings=[finding(world)], by=world.people[username], at=NOW)
    assert not Case.objects.exists()
    assert set(Finding.objects.values_list("handling", flat=True)) == {"open"}


def test_by_hand(world: World) -> None:
    given = {"subject": "customer", "subject_id": "3300000002", "title": "高价低接", "description": "夜间负荷异常",
             "severity": "low"}  # fmt: skip
    finding(world, customer="3300000002", unit="A2", severity="medium")
    case = opening.open_by_hand(by=world.people["city"], at=NOW, unit=world.units["A2"], given=given)
    assert (case.customer_name, case.severity, case.findings.count()) == ("云岭恒达纺织有限公司", "medium", 1)
    with pytest.raises(opening.UnableToOpen, match=case.number):
        opening.open_by_hand(by=world.people["city"], at=NOW, unit=world.units["A2"], given=given)


def test_what_is_missing_can_be_put_in(world: World) -> None:
    case = make_case(world, state="registered", customer_name="", description="")
    opening.describe(
        case=case, by=world.people["city"], at=NOW, given={"customer_name": "李四", "description": "倍率不符"}
    )
    case = Case.objects.get(pk=case.pk)
    assert (case.customer_name, case.description) == ("李四", "倍率不符")
    entry = entries_of(case)[-1]
    assert "李四" not in str(entry.data)  # names are personal: the history tells only that one was put in
    assert list(check()) == []


@pytest.mark.usefixtures("open_gates")
def test_a_checked_case_keeps_its_description(world: World) -> None:
    case = case_in(world, "assessing")
    with pytest.raises(opening.UnableToOpen):
        opening.describe(case=case, by=world.people["city"], at=NOW, given={"description": "另一说法"})


def test_proposals_are_grouped_without_reading_whole_findings(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three thousand of them, each with its run and unit, took most of a second of the page."""
    finding(world)

    def whole(*_arguments: object, **_options: object) -> Finding:
        raise AssertionError("a whole finding was read")

    with monkeypatch.context() as patched:
        patched.setattr(Finding, "from_db", whole)
        found = proposals.proposals()
        assert len(found) == 1
        with pytest.raises(AssertionError, match="whole"):
            proposals.shown(found)


def test_proposals_are_in_the_order_of_the_most_urgent_finding(world: World) -> None:
    finding(world, priority=5.0)
    finding(world, "TC004", priority=50.0, amount_yuan=Decimal("-10.00"))
    finding(world, customer="3300000002", unit="A2", priority=20.0)
    finding(world, customer="3300000003", unit="B1", priority=99.0, handling="dismissed")
    finding(world, customer="3300000003", unit="B1", priority=99.0, state="cleared")
    found = proposals.proposals()
    assert [(p.subject.id, p.findings, p.rules) for p in found] == [
        ("3300000001", 2, ("TC004", "MT004")), ("3300000002", 1, ("MT004",)),
    ]  # fmt: skip
    assert found[0].amount_yuan == Decimal("1210.00")
    assert [p.first and (p.first.rule, p.first.priority) for p in proposals.shown(found)] == [
        ("TC004", 50.0), ("MT004", 20.0),
    ]  # fmt: skip
    with scoped(scope_of(world.people["county_b"], timezone.localdate(NOW))):
        assert proposals.proposals() == []


def test_the_same_problem_in_several_units_is_a_special_inspection(world: World) -> None:
    for n, unit in enumerate(["A1", "A2", "B1"] * 2):
        amount = Decimal("-100.00") if n < 3 else Decimal("100.00")
        finding(world, "MT011", customer=f"33000001{n:02d}", unit=unit, amount_yuan=amount)
    for n in range(8):
        finding(world, "MT004", customer=f"33000002{n:02d}", unit="A1")
    [one] = proposals.special()
    # what is owed to customers counts as what they owe: both are wrong
    assert (one.rule, one.units, one.findings, one.amount_yuan) == ("MT011", 3, 6, Decimal("600.00"))
    assert sorted(one.by_unit) == sorted((world.units[code].name, 2) for code in ("A1", "A2", "B1"))
    cases = proposals.open_special(rule="MT011", by=world.people["city"], at=NOW, reason="检验不合格未处理")
    assert len(cases) == 6
    assert {c.source for c in cases} == {"special"}
    assert all("专项稽查：检验不合格未处理" in c.description for c in cases)


def test_rules_open_cases_by_themselves(world: World) -> None:
    finding(world, amount_yuan=Decimal("20000.00"))
    finding(world, customer="3300000002", unit="A2", amount_yuan=Decimal("-20000.00"))
    finding(world, customer="3300000003", unit="B1", amount_yuan=Decimal("19999.99"))
    finding(world, customer="3300000004", unit="B1", amount_yuan=Decimal("90000.00"), severity="medium")
    opened = automatic.open_by_rule(a_run(), NOW)
    assert {c.customer_id for c in opened} == {"3300000001", "3300000002"}
    assert {(c.source, c.state) for c in opened} == {("rule", "proposed")}
    assert automatic.open_by_rule(a_run(), NOW) == []  # once more, as after a worker that was killed
    assert Case.objects.count() == 2


@pytest.mark.parametrize(("event", "handling"), [("cancel", "open"), ("drop", "dismissed")])
def test_findings_of_a_case_that_comes_to_nothing_are_not_lost(world: World, event: str, handling: str) -> None:
    one, who = finding(world), world.people["city" if event == "cancel" else "county_a"]
    [case] = opening.open_from_findings(findings=[one], by=who, at=NOW)
    move(case=case, event=event, by=world.people["city"], at=NOW, note="重复立案")
    one.refresh_from_db()
    assert (one.handling, one.case) == (handling, case)
    assert entries_of(one)[-1].note == "重复立案"
    if handling == "open":
        [again] = opening.open_from_findings(findings=[one], by=world.people["city"], at=NOW)
        assert again.pk != case.pk and Finding.objects.get().case == again
