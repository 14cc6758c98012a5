"""The calculators within a case: a result is kept with its inputs, steps and clauses, and can be checked later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from jicha_web.assess.models import Calculation
from jicha_web.assess.outcome import UnableToAssess, refresh_sums
from jicha_web.assess.tables import sums_of, table
from jicha_web.cases import moves
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case
from jicha_web.core import Text, assessing
from jicha_web.core import calculations as core_calculations
from jicha_web.history import record as history
from jicha_web.history.values import plain
from jicha_web.organisation.models import Person


def require_calculating(case: Case, by: Person, at: datetime) -> None:
    """Refuse who may not calculate in a case, and a case that is past it."""
    if case.state != "assessing":
        raise UnableToAssess(Text("仅在待定性状态可以计算", "calculations are made while the case is being assessed"))
    if not moves.holds(by, "case_assess", "county", case.organisation, at):
        raise moves.UnableToMove([Missing("right", Text("您没有计算权限", "you have no right to calculate here"))])
    moves.require_part(case=case, part="assess", by=by)


def plain_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs as they are kept: decimals and days as text."""
    found: dict[str, Any] = plain(inputs)
    return found


@transaction.atomic
def calculate(*, case: Case, calculator: str, inputs: Mapping[str, Any], by: Person, at: datetime) -> Calculation:
    """Calculate and keep the result; it goes into the sums. BadInput names what cannot be used."""
    moves.lock(case)
    require_calculating(case, by, at)
    kept = plain_inputs(inputs)
    result = core_calculations.calculate(calculator, kept)
    found = sums_of(calculator, result)
    made = Calculation(
        case=case, calculator=calculator, inputs=kept, result=result, amount_yuan=found.amount_yuan, by=by, at=at,
        used=found.amount_yuan is not None, **asdict(found),
    )  # fmt: skip
    history.create(made, verb="calculated", by=by, at=at)
    moves.take_part(case=case, part="assess", by=by, at=at)
    refresh_sums(case=case, by=by, at=at)
    return made


@transaction.atomic
def use(*, calculation: Calculation, used: bool, by: Person, at: datetime) -> None:
    """Take a calculation into the sums, or out of them."""
    moves.lock(calculation.case)
    require_calculating(calculation.case, by, at)
    if used and calculation.amount_yuan is None:
        raise UnableToAssess(Text("此计算没有金额，不能计入合计", "this calculation has no amount to add"))
    history.record(calculation, verb="used" if used else "left_out", by=by, at=at, changes={"used": used})
    refresh_sums(case=calculation.case, by=by, at=at)


def differences(calculation: Calculation) -> list[str]:
    """Calculate anew and return the names of the kept results that are no longer the same; empty: it holds.

    Results that a calculator gives since then besides take nothing from what was kept.
    """
    again = core_calculations.calculate(calculation.calculator, calculation.inputs)["results"]
    before = calculation.result["results"]
    return sorted(n for n, kept in before.items() if again.get(n, {}).get("value") != kept.get("value"))


def prefilled(case: Case, calculator: str, day: date) -> dict[str, Any]:
    """Return the inputs that the files of the case's customer give."""
    facts = assessing.customer_facts(settings.DATA, case.customer_id, day)
    if "residential" in facts:
        facts["customer_kind"] = "residential" if facts["residential"] else "other"
    if "two_part" in facts:
        facts["tariff_kind"] = "two_part" if facts["two_part"] else "other"
    wanted = {**table()["prefill"], **table().get("prefill_of", {}).get(calculator, {})}
    takes = core_calculations.schema(calculator)["properties"]
    found = {name: facts[fact] for name, fact in wanted.items() if name in takes and fact in facts}
    return {name: _short(value) for name, value in found.items()}


def _short(value: Any) -> Any:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value
