"""Rules, calculators, the library."""

from __future__ import annotations

from typing import Annotated, Any

from django.conf import settings
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from jicha_web.api import shapes
from jicha_web.api.access import acting_of
from jicha_web.api.inputs import Code, Windowed, cut
from jicha_web.api.inputs import Words as Asked
from jicha_web.api.problems import REFUSALS
from jicha_web.api.schemas import CalculatorOut, CalculatorRow, Clauses, RuleOut, RuleRow, Words
from jicha_web.core import calculations, rules
from jicha_web.library.search import search

router = Router(tags=["knowledge"])


class Inputs(Schema):
    """Inputs of a calculator, as its JSON schema says."""

    inputs: Annotated[dict[str, Any], Field(max_length=200)]


class Result(Schema):
    """What a calculator found, with its steps, clauses and warnings."""

    result: dict[str, Any]


@router.get("/rules", response={200: list[RuleRow], **REFUSALS}, operation_id="list_rules")
def list_rules(request: HttpRequest) -> list[RuleRow]:
    """List all rules with the status in force."""
    acting_of(request)
    return [shapes.rule_row(rule) for _code, rule in sorted(rules.rule_book(settings.DATA).rules.items())]


@router.get("/rules/{code}", response={200: RuleOut, **REFUSALS}, operation_id="get_rule")
def get_rule(request: HttpRequest, code: Code) -> RuleOut:
    """Return one rule with its logic and basis."""
    acting_of(request)
    rule = rules.rule_book(settings.DATA).rules.get(code)
    if rule is None:
        raise Http404
    return RuleOut(
        **shapes.rule_row(rule).model_dump(), remedy=Words.of(rule.remedy),
        basis=[Words.of(text) for _short, text in rules.basis_of(rule)], tables=list(rule.tables), key=list(rule.key),
        sql=rule.sql,
    )  # fmt: skip


@router.get("/calculators", response={200: list[CalculatorRow], **REFUSALS}, operation_id="list_calculators")
def list_calculators(request: HttpRequest) -> list[CalculatorRow]:
    """List the calculators."""
    acting_of(request)
    return [
        CalculatorRow(name=one.name, group=one.group, label=Words.of(one.label))
        for one in calculations.known().values()
    ]


@router.get("/calculators/{name}", response={200: CalculatorOut, **REFUSALS}, operation_id="get_calculator")
def get_calculator(request: HttpRequest, name: Code) -> CalculatorOut:
    """Return one calculator with the schema of its inputs."""
    acting_of(request)
    one = calculations.known().get(name)
    if one is None:
        raise Http404
    return CalculatorOut(
        name=one.name, group=one.group, label=Words.of(one.label), inputs=dict(calculations.schema(name)),
        example=dict(one.example),
    )  # fmt: skip


@router.post("/calculators/{name}", response={200: Result, **REFUSALS}, operation_id="calculate")
def calculate(request: HttpRequest, name: Code, given: Inputs) -> Result:
    """Calculate; nothing is kept. A calculation that counts is made inside its case."""
    acting_of(request)
    if name not in calculations.known():
        raise Http404
    return Result(result=calculations.calculate(name, given.inputs))


@router.get("/library/clauses", response={200: Clauses, **REFUSALS}, operation_id="search_clauses")
def search_clauses(
    request: HttpRequest, window: Windowed, text: Annotated[Asked, Query(min_length=1)], replaced: bool = False
) -> Clauses:
    """Search the clauses of regulations, working rules and handbooks in sight."""
    acting_of(request)
    rows, after = cut(search(text, replaced=replaced), window)
    return Clauses(items=[shapes.clause(row) for row in rows], next_offset=after)
