"""Calculators within a case: chosen, filled in, kept; each result with its steps and clauses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web import core
from jicha_web.assess import calculations, outcome
from jicha_web.assess.calculator_form import build, filled, read
from jicha_web.assess.models import Calculation
from jicha_web.assess.tables import sums_of, table
from jicha_web.assess.views.common import attempt, case_in_sight, refusal
from jicha_web.cases.models import Case
from jicha_web.core import calculations as core_calculations
from jicha_web.pages.views import acting_of, signed_in


def result_lines(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a calculator's result (JSON) as the templates show it."""
    unit = core_calculations.unit
    return {
        "values": [{**v, "name": name, "unit": unit(v["unit"])} for name, v in result["results"].items()],
        "steps": [{**s, "unit": unit(s["unit"])} for s in result["steps"]],
        "basis": list({(b["regulation"], b["article"], b["verified"]): b for b in result["basis"]}.values()),
        "warnings": result["warnings"],
        "edition": result["edition"],
    }


@require_GET
@signed_in("case_assess")
def case_calculators(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Choose a calculator; those that fit the outcome come first."""
    case = case_in_sight(pk)
    acting_of(request).require("case_assess", case.organisation)
    there = outcome.latest(case)
    first = table()["first"].get(there.outcome, []) if there else []
    groups: dict[str, list[core_calculations.Calculator]] = {}
    for one in core_calculations.known().values():
        groups.setdefault(one.group, []).append(one)
    order = sorted(groups, key=lambda g: (g not in first, list(groups).index(g)))
    labels = core_calculations.groups()
    shown = [{"label": labels[g], "first": g in first, "calculators": groups[g]} for g in order]
    return render(request, "assess/calculators.html", {"case": case, "groups": shown, "sums": table()["sums"]})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in("case_assess")
def case_calculate(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """Fill a calculator in; look at the result; keep it with the case."""
    case, acting = case_in_sight(pk), acting_of(request)
    acting.require("case_assess", case.organisation)
    if name not in core_calculations.known():
        raise Http404
    schema = core_calculations.schema(name)
    prefilled = calculations.prefilled(case, name, acting.today)
    values: Any = dict(prefilled)
    if request.method == "GET" and "example" in request.GET:
        values = core_calculations.known()[name].example
    result = None
    if request.method == "POST":
        values = read(schema, request.POST) or {}
        if "keep" in request.POST:
            kept: list[Calculation] = []
            if attempt(request, _("Kept with the case."), lambda: kept.append(_keep(request, case, name, values))):
                return redirect("case_calculation", pk=pk, calculation_pk=kept[0].pk)
        elif "try" in request.POST:
            try:
                result = core_calculations.calculate(name, calculations.plain_inputs(values))
            except core.BadInput as error:
                messages.error(request, refusal(error))
    form = build(schema, values, seldom=frozenset(table()["seldom"]))
    shown = sorted((c for c in form.children if not c.seldom), key=lambda c: c.order)
    return render(request, "assess/calculate.html", {
        "case": case, "calculator": core_calculations.known()[name], "form": form, "prefilled": bool(prefilled),
        "main": shown, "seldom": [c for c in form.children if c.seldom],
        "result": result_lines(result) if result else None, "sums": sums_of(name, result) if result else None,
    })  # fmt: skip


def _keep(request: HttpRequest, case: Case, name: str, values: Any) -> Calculation:
    acting = acting_of(request)
    return calculations.calculate(case=case, calculator=name, inputs=values, by=acting.person, at=acting.at)


def _calculation(case: Case, pk: int) -> Calculation:
    found = get_object_or_404(Calculation.objects.select_related("by"), case=case, pk=pk)
    found.case = case
    return found


def _inputs(found: Calculation) -> list[tuple[core.Text, str]]:
    """Return what a calculation was given, by the labels of its form; by its names when the calculator is gone."""
    if found.calculator not in core_calculations.known():
        return [(core.Text(name, name), str(value)) for name, value in found.inputs.items()]
    return filled(build(core_calculations.schema(found.calculator), found.inputs))


@require_GET
@signed_in("case_view")
def case_calculation(request: HttpRequest, pk: int, calculation_pk: int) -> HttpResponseBase:
    """One calculation as it was kept; `?check` calculates it anew."""
    case = case_in_sight(pk)
    found = _calculation(case, calculation_pk)
    checked = None
    if "check" in request.GET:
        try:
            checked = calculations.differences(found)
        except core.BadInput as error:
            messages.error(request, refusal(error))
    return render(request, "assess/calculation.html", {
        "case": case, "calculation": found, "calculator": core_calculations.known().get(found.calculator),
        "result": result_lines(found.result), "inputs": _inputs(found), "checked": checked,
        "may_use": case.state == "assessing" and acting_of(request).may("case_assess", case.organisation)
        and found.amount_yuan is not None,
    })  # fmt: skip


@require_POST
@signed_in("case_assess")
def case_calculation_use(request: HttpRequest, pk: int, calculation_pk: int) -> HttpResponseBase:
    """Take a calculation into the sums, or out of them."""
    case, acting = case_in_sight(pk), acting_of(request)
    found = _calculation(case, calculation_pk)
    used = request.POST.get("used") == "1"
    attempt(
        request, _("The sums are changed."),
        lambda: calculations.use(calculation=found, used=used, by=acting.person, at=acting.at),
    )  # fmt: skip
    return redirect("case_calculation", pk=pk, calculation_pk=calculation_pk)
