"""What the case page shows of assessing, papers, rectification, money and files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jicha_web.assess import files, money, outcome, papers, rectification
from jicha_web.assess.forms import MoneyForm, RectifyForm
from jicha_web.assess.models import CaseFile, Money, Paper
from jicha_web.assess.views.outcome import finding_rows
from jicha_web.cases import sections
from jicha_web.cases.models import Case
from jicha_web.cases.moves import holds
from jicha_web.cases.sections import Section
from jicha_web.core import Text
from jicha_web.core import calculations as core_calculations
from jicha_web.documents import kinds
from jicha_web.pages.forms import refused
from jicha_web.pages.views import acting_of

# states before there is anything to assess


def _may_assess(request: HttpRequest, case: Case) -> bool:
    acting = acting_of(request)
    return case.state == "assessing" and holds(acting.person, "case_assess", "county", case.organisation, acting.at)


def assess(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """The outcome, what it rests on, and the way to change it."""
    there = outcome.latest(case)
    may_assess = _may_assess(request, case)
    if there is None and not may_assess:
        return None
    calculations = list(case.calculations.select_related("by").order_by("pk"))
    known = core_calculations.known()
    rows = [
        {"one": c, "label": known[c.calculator].label if c.calculator in known else Text(c.calculator, c.calculator)}
        for c in calculations
    ]
    return {
        "assessment": there, "rows": finding_rows(case, there.findings) if there else [], "may_assess": may_assess,
        "calculations": rows, "refused": list(case.assessments.filter(state="refused").order_by("-pk")[:5]),
    }  # fmt: skip


def rectify(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """What has to be put right until when, and how far it is."""
    there = rectification.latest(case)
    if there is None:
        return None
    acting = acting_of(request)
    may_record = (
        case.state == "rectifying"
        and case.assignee_id in {None, acting.person.pk}
        and holds(acting.person, "case_rectify", "station", case.organisation, acting.at)
    )
    initial = {
        "started_on": there.started_on, "order_number": there.order_number, "result": there.result,
        "done_on": there.done_on,
    }  # fmt: skip
    if may_record:
        initial |= refused(request, f"rectify:{case.pk}")
    photos, proof_files = rectification.proofs(case, there.at)
    return {
        "there": there, "form": RectifyForm(initial=initial) if may_record else None, "photos": photos,
        "proof_files": proof_files, "before": list(case.rectifications.exclude(pk=there.pk).order_by("-pk")),
    }  # fmt: skip


def booked(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """Amounts with their numbers, and the form of those who may book."""
    acting = acting_of(request)
    rows = list(case.money.select_related("by").order_by("pk"))
    allowed = frozenset(
        code for code, _label in Money.KINDS if money.may_book(case, code, acting.person, acting.at)
    )  # fmt: skip
    open_ = case.state in money.STATES
    if not rows and not (open_ and allowed):
        return None
    for row in rows:
        row.may_cancel = row.kind in allowed and not row.cancelled  # type: ignore[attr-defined]
    form = None
    if open_ and allowed:
        initial = {"booked_on": timezone.localdate(acting.at), **refused(request, f"money:{case.pk}")}
        form = MoneyForm(kinds=allowed, initial=initial)
    sums = money.totals(case)
    left = money.open_yuan(case, sums)
    return {
        "rows": rows, "totals": sums, "form": form, "to_collect": left if left and left > 0 else None,
        "to_give_back": -left if left and left < 0 else None,
    }  # fmt: skip


def paper_list(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """Papers that were issued, and those that may be."""
    acting = acting_of(request)
    issued = list(Paper.objects.filter(case=case).select_related("by", "issuer").order_by("pk"))
    for paper in issued:
        paper.label = kinds()[paper.kind].label if paper.kind in kinds() else Text(paper.kind, paper.kind)  # type: ignore[attr-defined]
        action = kinds()[paper.kind].action if paper.kind in kinds() else "case_assess"
        paper.may_cancel = not paper.cancelled and acting.may(action, case.organisation)  # type: ignore[attr-defined]
    offers = papers.offers(case, acting.person, acting.at)
    shown = [offer for offer in offers if offer.allowed]
    return {"issued": issued, "offers": shown} if issued or shown else None


def file_list(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """Files kept with the case, and the form of those who may add."""
    acting = acting_of(request)
    rows = list(CaseFile.objects.filter(case=case, removed=False).select_related("by").order_by("pk"))
    allowed = files.kinds_for(case, acting.person, acting.at)
    if not rows and not allowed:
        return None
    for row in rows:
        row.may_remove = files.against_removing(row, case, acting.person) is None  # type: ignore[attr-defined]
    return {"rows": rows, "kinds": [(code, label) for code, label in CaseFile.KINDS if code in allowed]}


def register_all() -> None:
    """Register them; called once, when the application starts."""
    for code, order, label, context in (
        ("assess", 50, _("Outcome and calculation"), assess),
        ("rectification", 52, _("Rectification"), rectify),
        ("money", 54, _("Money"), booked),
        ("papers", 56, _("Papers"), paper_list),
        ("files", 58, _("Files"), file_list),
    ):
        sections.register(Section(code, order, label, f"assess/section_{code}.html", context))
