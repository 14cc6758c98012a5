"""What the papers of a case say: its values as plain texts, ready for a template."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone

from jicha_web.assess import outcome, rectification
from jicha_web.assess.models import Assessment, Calculation
from jicha_web.cases import checklist, titles
from jicha_web.cases.codes import labels
from jicha_web.cases.models import Case, ChecklistItem, Dispatch
from jicha_web.core import Language, assessing, rules
from jicha_web.core import calculations as core_calculations
from jicha_web.core.rules import rule_book
from jicha_web.documents.amounts import capital_yuan, plain_yuan
from jicha_web.field.models import Visit
from jicha_web.findings.models import Finding
from jicha_web.organisation.models import Organisation, Person


def day_zh(day: date | datetime | None) -> str:
    """Return a day as papers write it; an instant by the local clock."""
    if isinstance(day, datetime):
        day = timezone.localdate(day)
    return "" if day is None else f"{day.year}年{day.month}月{day.day}日"


def values_of(case: Case, *, issuer: Organisation, by: Person, at: datetime, written: dict[str, str]) -> dict[str, Any]:
    """Return the values of a case for its papers, without number. written: what who makes the paper adds to it."""
    assessment = outcome.latest(case)
    demanded = rectification.latest(case)
    visit = Visit._base_manager.filter(case=case, state="submitted").select_related("person").order_by("-pk").first()
    dispatch = Dispatch.objects.filter(case=case).order_by("-pk").first()
    facts = assessing.customer_facts(settings.DATA, case.customer_id, timezone.localdate(at))
    listed = case_findings(case, assessment)
    return {
        "number": "", "title": "", "issuer": issuer.name, "issued_on": day_zh(at), "issued_by": by.name,
        "case_number": case.number, "case_title": case.title,
        "severity": rules.word("severity", case.severity).to(Language.ZH),
        "source": labels("sources")[case.source].zh if case.source else "", "description": case.description,
        "supplement": titles.own_words(case.description, ((f.rule, f.reason_zh, f.reason_en) for f in listed)),
        "analysis": dispatch.analysis if dispatch else "", "due_on": day_zh(case.due_at),
        "unit": case.organisation.name, "assignee": case.assignee.name if case.assignee else "",
        "customer_id": case.customer_id or case.subject_id, "customer_name": case.customer_name,
        "address": facts.get("address", ""), "category": facts["usage_class"].zh if "usage_class" in facts else "",
        "capacity_kva": _number(facts.get("contract_capacity_kva")),
        **_visit(visit), **_assessment(assessment), **_rectification(demanded, case),
        "advice": "", "findings": _findings(listed), "checklist": _checklist(case, listed),
        "steps": _steps(outcome.used_calculations(case)), "basis": _basis(case, listed), **written,
    }  # fmt: skip


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value.normalize(), "f")


def _visit(visit: Visit | None) -> dict[str, str]:
    if visit is None:
        names = ("checked_on", "check_summary", "other_problems", "inspector", "companion", "refused_signature")
        return dict.fromkeys(names, "")
    return {
        "checked_on": day_zh(visit.started_at), "check_summary": visit.summary, "other_problems": visit.other_problems,
        "inspector": visit.inspector or visit.person.name, "companion": visit.companion,
        "refused_signature": visit.refused_signature,
    }  # fmt: skip


def _assessment(assessment: Assessment | None) -> dict[str, str]:
    if assessment is None:
        return dict.fromkeys(
            ("outcome", "reasoning", "claim_yuan", "penalty_yuan", "refund_yuan", "total_yuan", "total_words"), ""
        )
    parts = [assessment.claim_yuan, assessment.penalty_yuan, assessment.refund_yuan]
    claim, penalty, refund = (part or Decimal(0) for part in parts)
    total = claim + penalty - refund
    known = any(part is not None for part in parts)
    return {
        "outcome": labels("outcomes")[assessment.outcome].zh, "reasoning": assessment.reasoning,
        "claim_yuan": plain_yuan(assessment.claim_yuan), "penalty_yuan": plain_yuan(assessment.penalty_yuan),
        "refund_yuan": plain_yuan(assessment.refund_yuan), "total_yuan": plain_yuan(total) if known else "",
        "total_words": capital_yuan(total) if known else "",
    }  # fmt: skip


def _rectification(demanded: Any, case: Case) -> dict[str, str]:
    if demanded is None:
        return {"demand": "", "rectify_due_on": ""}
    due = case.due_at if case.state == "rectifying" and case.due_at else demanded.due_at
    return {"demand": demanded.demand, "rectify_due_on": day_zh(due)}


def case_findings(case: Case, assessment: Assessment | None) -> list[Finding]:
    """Return the findings of a case that papers name: the confirmed ones once it is assessed, before that all."""
    found = list(Finding._base_manager.filter(case=case).order_by("rule", "pk"))
    if assessment is None or assessment.outcome in outcome.UNFOUNDED:
        return found
    return [f for f in found if assessment.findings.get(str(f.pk), "confirmed") == "confirmed"]


def _findings(listed: list[Finding]) -> list[dict[str, str]]:
    rows = []
    for finding in listed:
        rule = assessing.rule_of_case(settings.DATA, finding.rule)
        rows.append({"rule": finding.rule, "name": rule.name.zh if rule else "", "reason": finding.reason_zh})
    return rows


def _checklist(case: Case, listed: list[Finding]) -> list[dict[str, str]]:
    """Return the points to check; one that asks whether a finding is so leaves the reason to the table of findings."""
    short = {
        checklist.code_of(finding): checklist.listed(finding, rule_book(settings.DATA).rules.get(finding.rule)).zh
        for finding in listed
    }
    items = ChecklistItem.objects.filter(case=case).order_by("order", "pk")
    return [
        {"number": str(at), "text": short.get(item.code, item.text_zh), "result": ""}
        for at, item in enumerate(items, 1)
    ]


def _steps(calculations: list[Calculation]) -> list[dict[str, str]]:
    """Return the steps of calculations; where there are several, each begins with a row that names it."""
    rows, known = [], core_calculations.known()
    for at, calculation in enumerate(calculations, 1):
        if len(calculations) > 1:
            label = known[calculation.calculator].label.zh if calculation.calculator in known else ""
            rows.append({"label": f"{at}. {label or calculation.calculator}"})
        for step in calculation.result["steps"]:
            unit = core_calculations.unit(step["unit"]).zh
            rows.append({
                "label": step["zh"], "formula": step["formula"]["zh"], "numbers": step["numbers"],
                "result": f"{step['result']} {unit}".strip(),
            })  # fmt: skip
    return rows


def _basis(case: Case, listed: list[Finding]) -> list[dict[str, str]]:
    """Return the regulations of rules and calculations; the number of an article only where it was compared."""
    cited: dict[tuple[str, str], None] = {}
    for finding in listed:
        rule = assessing.rule_of_case(settings.DATA, finding.rule)
        for one in rule.basis if rule else ():
            cited[one.title, one.article if one.verified else ""] = None
    for calculation in outcome.used_calculations(case):
        for entry in calculation.result["basis"]:
            article = str(entry["article"] or "") if entry["verified"] else ""
            cited[str(entry["regulation"]), article] = None
    numbered = {title for title, article in cited if article}
    kept = [(title, article) for title, article in cited if article or title not in numbered]
    return [{"text": f"《{title}》{article}"} for title, article in kept]
