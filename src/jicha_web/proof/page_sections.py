"""What the case page shows of proof: what each run said, what is waited for, recurrence, publishing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jicha_web.assess import outcome
from jicha_web.cases import sections
from jicha_web.cases.models import Case
from jicha_web.cases.sections import Section
from jicha_web.core import Text, assessing
from jicha_web.library.models import TypicalCase
from jicha_web.pages.views import acting_of
from jicha_web.proof import verification
from jicha_web.proof.models import Proof
from jicha_web.proof.terms import terms

KINDS = {
    "state": Text("下次数据中条件不再成立", "the condition no longer holds in the next data"),
    "recompute": Text(
        "复算消除，或有账单、退补、收款抵补", "recomputed away, or offset by a bill, adjustment or payment"
    ),
    "event": Text("有凭证，且之后无同规则同单位新疑点", "evidence, and no new one of the rule in the unit afterwards"),
    "": Text("规则已不存在", "the rule is gone"),
}


def proof(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """What the runs said of each confirmed finding, and what is waited for."""
    del request
    proofs = list(Proof.objects.filter(case=case).select_related("finding", "run").order_by("-run__as_of", "-pk"))
    if case.state != "awaiting_proof" and not proofs:
        return None
    since = [p for p in proofs if p.at >= case.state_since] if case.state == "awaiting_proof" else proofs
    newest = verification.newest(since)
    rows = []
    for finding in verification.confirmed_findings(case, outcome.latest(case)):
        rule = assessing.rule_of_case(settings.DATA, finding.rule)
        kind = rule.proof if rule else ""
        rows.append({
            "finding": finding, "name": rule.name if rule else Text(finding.rule, finding.rule), "kind": KINDS[kind],
            "proof": newest.get(finding.pk), "runs": sum(p.finding_id == finding.pk for p in since),
        })  # fmt: skip
    return {
        "rows": rows, "proofs": proofs[:50], "overdue": verification.overdue(case), "most": terms().unjudged_runs,
        "waiting": case.state == "awaiting_proof",
    }  # fmt: skip


def again(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """What this case repeats, what repeats it, and the lesson that was made of it."""
    acting = acting_of(request)
    later = list(Case.objects.filter(recurrence_of=case).only("pk", "number", "title", "state", "opened_at"))
    # the earlier case may lie with another unit: it is named, its page opens to those who may see it
    before = case.recurrence_of
    may_publish = (
        case.state == "closed" and case.outcome not in outcome.UNFOUNDED and bool(case.outcome)
        and acting.may("library_edit", case.organisation)
    )  # fmt: skip
    lesson = TypicalCase.objects.filter(source_case_id=case.pk, withdrawn=False).order_by("-pk").first()
    if not (later or before or may_publish or lesson):
        return None
    url = reverse("case_publish", args=[case.pk]) if may_publish and lesson is None else ""
    return {"later": later, "before": before, "months": terms().recurrence_months, "publish_url": url, "lesson": lesson}


def register_all() -> None:
    """Register them; called once, when the application starts."""
    sections.register(Section("proof", 60, _("Proof by data"), "proof/section_proof.html", proof))
    sections.register(Section("again", 62, _("Recurrence and lesson"), "proof/section_again.html", again))
