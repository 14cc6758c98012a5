"""The page where a case is assessed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jicha_web.assess import outcome, rectification
from jicha_web.assess.forms import AssessForm
from jicha_web.assess.views.common import attempt, case_in_sight
from jicha_web.cases import deadlines
from jicha_web.cases.codes import labels
from jicha_web.cases.models import Case
from jicha_web.core import Text, assessing
from jicha_web.findings.models import Finding
from jicha_web.pages.views import acting_of, signed_in

VERDICTS = tuple(labels("verdicts").items())


def finding_rows(case: Case, verdicts: dict[str, str]) -> list[dict[str, Any]]:
    """Return the findings of a case with their verdicts, for the form and the section."""
    rows = []
    for finding in Finding.objects.filter(case=case).defer("evidence").order_by("rule", "pk"):
        rule = assessing.rule_of_case(settings.DATA, finding.rule)
        verdict = verdicts.get(str(finding.pk), "")
        rows.append({
            "finding": finding, "name": rule.name if rule else Text(finding.rule, finding.rule),
            "reason": Text(finding.reason_zh, finding.reason_en), "verdict": verdict,
            "verdict_label": dict(VERDICTS).get(verdict), "proof": rule.proof if rule else "",
        })  # fmt: skip
    return rows


def _initial(case: Case) -> dict[str, Any]:
    there, demanded = outcome.latest(case), rectification.latest(case)
    due = demanded.due_at if demanded else None
    return {
        "outcome": there.outcome if there else "", "reasoning": there.reasoning if there else "",
        "demand": demanded.demand if demanded else "", "due_on": timezone.localdate(due) if due else None,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in("case_assess")
def case_assess(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Write the outcome of a case and of each finding, and what has to be put right."""
    case, acting = case_in_sight(pk), acting_of(request)
    acting.require("case_assess", case.organisation)
    there = outcome.latest(case)
    rows = finding_rows(case, there.findings if there else {})
    form = AssessForm(request.POST or None, initial=_initial(case))
    if request.method == "POST":
        for row in rows:
            row["verdict"] = request.POST.get(f"finding-{row['finding'].pk}", "")
        if form.is_valid() and attempt(request, _("Saved as a draft."), lambda: _save(request, case, form, rows)):
            return redirect("case", pk=pk)
    return _page(request, case, form, rows)


def _save(request: HttpRequest, case: Case, form: AssessForm, rows: list[dict[str, Any]]) -> None:
    acting, given = acting_of(request), form.cleaned_data
    with transaction.atomic():
        outcome.assess(
            case=case, outcome=given["outcome"], findings={r["finding"].pk: r["verdict"] for r in rows},
            reasoning=given["reasoning"], by=acting.person, at=acting.at,
        )  # fmt: skip
        if given["outcome"] in outcome.UNFOUNDED or not (given["demand"] or given["due_on"]):
            return
        if given["due_on"] is None:
            raise rectification.UnableToRectify(Text("请填写整改期限", "give the deadline of the rectification"))
        rectification.demand(
            case=case, text=given["demand"], due_at=deadlines.end_of(given["due_on"]), by=acting.person, at=acting.at
        )


def _page(request: HttpRequest, case: Case, form: AssessForm, rows: list[dict[str, Any]]) -> HttpResponse:
    used = outcome.used_calculations(case)
    return render(
        request, "assess/assess.html",
        {"case": case, "form": form, "rows": rows, "verdicts": VERDICTS, "sums": outcome.sums(used), "used": len(used)},
    )  # fmt: skip
