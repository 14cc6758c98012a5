"""The outcome: drafted by one, approved by another; what stands against it is named; sums come from calculations."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from jicha_web.assess import calculations, calculator_form, outcome, rectification
from jicha_web.assess.models import Calculation
from jicha_web.assess.outcome import UnableToAssess
from jicha_web.cases.moves import UnableToMove, move
from jicha_web.core import BadInput
from jicha_web.core import calculations as core_calculations
from jicha_web.history.read import check, entries_of
from tests.web.assess.building import approved, assessing_case, draft, verdicts
from tests.web.cases.building import add_party
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units")
THEFT = {"capacity_kw": "4", "load": "lighting", "price_yuan_per_kwh": "0.558"}


def codes(error: pytest.ExceptionInfo[UnableToMove]) -> set[str]:
    return {reason.code for reason in error.value.reasons}


def test_an_approved_outcome_reaches_the_case_and_its_amount(world: World) -> None:
    case = assessing_case(world)
    calculations.calculate(
        case=case, calculator="theft_equipment", inputs=THEFT, by=world.people["county_a"], at=NOW
    )  # fmt: skip
    approved(world, case, "theft")
    assert (case.state, case.outcome) == ("rectifying", "theft")
    assert case.confirmed_yuan == Decimal("9642.24")  # 2,410.56 and three times that
    there = outcome.latest(case)
    assert there is not None
    assert (there.state, there.by.username) == ("approved", "county_a")
    assert there.approved_by == world.people["reviewer"]
    assert (there.claim_yuan, there.penalty_yuan, there.refund_yuan) == (Decimal("2410.56"), Decimal("7231.68"), None)
    assert [e.verb for e in entries_of(there)] == ["assessed", "submitted", "approved"]
    assert not list(check())


def test_theft_is_not_submitted_without_a_calculation(world: World) -> None:
    case = assessing_case(world)
    draft(world, case, "theft")
    with pytest.raises(UnableToMove) as refused:
        outcome.submit(case=case, by=world.people["county_a"], at=NOW)
    assert codes(refused) == {"no_calculation"}
    draft(world, case, "metering_fault")  # it needs none
    assert outcome.submit(case=case, by=world.people["county_a"], at=NOW).state == "approving"


def test_nothing_is_submitted_without_outcome_or_demand(world: World) -> None:
    case = assessing_case(world)
    with pytest.raises(UnableToMove) as refused:
        outcome.submit(case=case, by=world.people["county_a"], at=NOW)
    assert codes(refused) == {"no_outcome"}
    outcome.assess(
        case=case,
        outcome="file_error",
        findings=verdicts(case),
        reasoning="档案录错",
        by=world.people["county_a"],
        at=NOW,
    )
    with pytest.raises(UnableToMove) as refused:
        outcome.submit(case=case, by=world.people["county_a"], at=NOW)
    assert codes(refused) == {"no_demand"}


@pytest.mark.parametrize(
    ("what", "verdict", "reasoning", "words"),
    [
        ("nonsense", "confirmed", "有", "outcome"),
        ("theft", "confirmed", "  ", "reasoning"),
        ("theft", "maybe", "有", "verdict"),
        ("unfounded", "confirmed", "有", "unfounded"),
        ("theft", "unfounded", "有", "founded"),
    ],
)
def test_what_contradicts_itself_is_refused(world: World, what: str, verdict: str, reasoning: str, words: str) -> None:
    case = assessing_case(world)
    with pytest.raises(UnableToAssess, match=words):
        outcome.assess(
            case=case, outcome=what, findings=verdicts(case, verdict), reasoning=reasoning,
            by=world.people["county_a"], at=NOW,
        )  # fmt: skip


def test_a_finding_without_a_verdict_is_refused(world: World) -> None:
    case = assessing_case(world, "TC006", "MT003")
    findings = verdicts(case)
    findings.popitem()
    with pytest.raises(UnableToAssess, match="verdict"):
        outcome.assess(
            case=case, outcome="breach", findings=findings, reasoning="有", by=world.people["county_a"], at=NOW
        )


@pytest.mark.parametrize("username", ["station_a1", "county_b", "manager", "auditor", "collector_a"])
def test_those_without_the_right_do_not_assess(world: World, username: str) -> None:
    case = assessing_case(world)
    with pytest.raises(UnableToMove) as refused:
        outcome.assess(
            case=case, outcome="breach", findings=verdicts(case), reasoning="有", by=world.people[username], at=NOW
        )
    assert "right" in codes(refused)


def test_a_party_does_not_assess_and_does_not_calculate(world: World) -> None:
    case = assessing_case(world)
    add_party(case, staff_id="S-county_a", unit=None)
    calls: list[dict[str, Any]] = [
        {"call": outcome.assess, "outcome": "breach", "findings": verdicts(case), "reasoning": "有"},
        {"call": calculations.calculate, "calculator": "theft_equipment", "inputs": THEFT},
        {"call": rectification.demand, "text": "更正", "due_at": NOW + timedelta(days=3)},
    ]
    for arguments in calls:
        call = arguments.pop("call")
        with pytest.raises(UnableToMove) as refused:
            call(case=case, by=world.people["county_a"], at=NOW, **arguments)
        assert codes(refused) == {"party"}


def test_who_assessed_does_not_approve(world: World) -> None:
    case = assessing_case(world)
    by = world.people["city"]  # holds both rights
    outcome.assess(case=case, outcome="breach", findings=verdicts(case), reasoning="有", by=by, at=NOW)
    calculations.calculate(case=case, calculator="breach_devices_moved", inputs={"customer": "other"}, by=by, at=NOW)
    rectification.demand(case=case, text="恢复", due_at=NOW + timedelta(days=3), by=by, at=NOW)
    outcome.submit(case=case, by=by, at=NOW)
    with pytest.raises(UnableToMove) as refused:
        outcome.approve(case=case, note="", by=by, at=NOW)
    assert codes(refused) == {"four_eyes"}
    assert outcome.approve(case=case, note="", by=world.people["reviewer_a"], at=NOW).state == "rectifying"


def test_a_refusal_needs_a_reason_and_leaves_a_draft_of_the_same_words(world: World) -> None:
    case = assessing_case(world)
    draft(world, case)
    outcome.submit(case=case, by=world.people["county_a"], at=NOW)
    with pytest.raises(UnableToMove) as refused:
        outcome.refuse(case=case, note=" ", by=world.people["reviewer"], at=NOW)
    assert codes(refused) == {"no_note"}
    outcome.refuse(case=case, note="证据不足", by=world.people["reviewer"], at=NOW)
    again = outcome.latest(case)
    assert again is not None
    assert (case.state, again.state, again.reasoning) == ("assessing", "draft", "现场核实")
    assert [a.state for a in case.assessments.order_by("pk")] == ["refused", "draft"]
    assert outcome.submit(case=case, by=world.people["county_a"], at=NOW).state == "approving"


def test_an_unfounded_case_goes_to_the_city_and_closes_without_proof(world: World) -> None:
    case = approved(world, assessing_case(world), "unfounded")
    assert (case.state, case.confirmed_yuan) == ("city_review", Decimal(0))
    move(case=case, event="close_unfounded", by=world.people["city"], at=NOW)
    assert case.state == "closed"
    assert {f.handling for f in case.findings.model._base_manager.filter(case=case)} == {"settled"}


def test_a_calculation_keeps_steps_and_clause_and_can_be_checked(world: World) -> None:
    case = assessing_case(world)
    by = world.people["county_a"]
    made = calculations.calculate(case=case, calculator="theft_equipment", inputs=THEFT, by=by, at=NOW)
    assert made.amount_yuan == Decimal("9642.24")
    assert [step["name"] for step in made.result["steps"]][-1] == "total_yuan"
    assert any("供电营业规则" in basis["regulation"] for basis in made.result["basis"])
    assert calculations.differences(made) == []
    result = {**made.result, "results": {**made.result["results"], "total_yuan": {"value": "1.00"}}}
    Calculation._base_manager.filter(pk=made.pk).update(result=result)
    assert calculations.differences(Calculation._base_manager.get(pk=made.pk)) == ["total_yuan"]


def test_only_used_calculations_are_in_the_sums(world: World) -> None:
    case = assessing_case(world)
    by = world.people["county_a"]
    made = calculations.calculate(case=case, calculator="theft_equipment", inputs=THEFT, by=by, at=NOW)
    draft(world, case, "theft")
    refund = calculations.calculate(
        case=case, calculator="metering_correction", by=by, at=NOW,
        inputs={"recorded_kwh": 1000, "price_yuan_per_kwh": "0.5", "correction": {"kind": "rate", "rate_percent": -10}},
    )  # fmt: skip
    assert (refund.claim_yuan, refund.refund_yuan, refund.amount_yuan) == (None, Decimal("50.00"), Decimal("-50.00"))
    there = outcome.latest(case)
    assert there is not None
    assert (there.claim_yuan, there.refund_yuan) == (Decimal("2410.56"), Decimal("50.00"))
    calculations.use(calculation=made, used=False, by=by, at=NOW)
    there.refresh_from_db()
    assert (there.claim_yuan, there.penalty_yuan, there.refund_yuan) == (None, None, Decimal("50.00"))


def test_a_calculation_without_money_is_not_added(world: World) -> None:
    case = assessing_case(world)
    by = world.people["county_a"]
    made = calculations.calculate(
        case=case, calculator="load_factor", inputs={"energy_kwh": 720, "peak_kw": 2, "days": 30}, by=by, at=NOW
    )
    assert not made.used
    with pytest.raises(UnableToAssess):
        calculations.use(calculation=made, used=True, by=by, at=NOW)


def test_wrong_inputs_are_named_and_nothing_is_kept(world: World) -> None:
    case = assessing_case(world)
    with pytest.raises(BadInput, match="capacity_kw"):
        calculations.calculate(
            case=case, calculator="theft_equipment", inputs={**THEFT, "capacity_kw": "much"},
            by=world.people["county_a"], at=NOW,
        )  # fmt: skip
    assert not Calculation._base_manager.exists()


def test_after_submission_nothing_is_calculated(world: World) -> None:
    case = assessing_case(world)
    draft(world, case)
    outcome.submit(case=case, by=world.people["county_a"], at=NOW)
    with pytest.raises(UnableToAssess):
        calculations.calculate(
            case=case, calculator="theft_equipment", inputs=THEFT, by=world.people["county_a"], at=NOW
        )


def test_what_was_filled_in_is_told_by_its_labels() -> None:
    found = calculator_form.filled(calculator_form.build(
        core_calculations.schema("late_payment"), core_calculations.known()["late_payment"].example
    ))  # fmt: skip
    assert found and all(value for _label, value in found)
    assert not any("_" in label.zh or "_" in label.en or label.en.isupper() for label, _value in found)
    assert all(any("\u4e00" <= c <= "\u9fff" for c in label.zh) for label, _value in found)
