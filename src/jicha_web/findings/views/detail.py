"""One finding: reason first, evidence, rule, why it stands where it stands in the list, what may be done."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.core.signing import dumps
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jicha_web import core
from jicha_web.core import grid, precision, rules
from jicha_web.core.customers import SECTIONS
from jicha_web.findings import handling, priority, whitelist
from jicha_web.findings.bulk import day_given
from jicha_web.findings.filters import ABOVE
from jicha_web.findings.models import Finding, WhitelistEntry
from jicha_web.findings.views.customer import SALT, section_labels
from jicha_web.findings.views.grid import sections_of
from jicha_web.findings.views.staff import sections_of_staff
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.history.telling import timeline_of
from jicha_web.organisation.tree import codes_in_sight, unit_above_all
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in

_OTHERS = 20


@require_GET
@signed_in("finding_view")
def finding(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The page of a finding, personal data masked."""
    return _page(request, _found(pk), unmasked=False)


@require_POST
@signed_in("personal_unmask")
def unmask(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same page with personal data, once a reason is recorded; loaded again it is masked."""
    acting, found = acting_of(request), _found(pk)
    acting.require("finding_view", found.organisation)
    try:
        handling.unmask(finding=found, reason=request.POST.get("reason", ""), by=acting.person, at=acting.at)
    except (handling.UnableToHandle, ChangedMeanwhile) as error:
        messages.error(request, words(getattr(error, "text", str(error))))
        return redirect("finding", pk)
    return _page(request, found, unmasked=True)


@require_POST
@signed_in("finding_handle", "case_open")
def act(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Dismiss, snooze, open again, ask for the white list, or take into a case."""
    acting, found = acting_of(request), _found(pk)
    reason, what = request.POST.get("reason", ""), request.POST.get("what", "")
    by, at = acting.person, acting.at
    try:
        if what == "dismiss":
            handling.dismiss(finding=found, reason=reason, by=by, at=at)
        elif what == "snooze":
            handling.snooze(
                finding=found, until=day_given(request.POST.get("until", "")), reason=reason, by=by, at=at
            )  # fmt: skip
        elif what == "reopen":
            handling.reopen(finding=found, reason=reason, by=by, at=at)
        elif what == "whitelist":
            until = day_given(request.POST.get("until", ""))
            whitelist.ask(finding=found, until=until, reason=reason, by=by, at=at)
        else:
            raise handling.UnableToHandle(core.Text("请选择操作", "choose what to do"))
        messages.success(request, _("Done."))
    except (handling.UnableToHandle, ChangedMeanwhile) as error:
        messages.error(request, words(getattr(error, "text", str(error))))
    return redirect("finding", pk)


def _found(pk: int) -> Finding:
    return get_object_or_404(Finding.objects.select_related("organisation", "run", "case"), pk=pk)


def _page(request: HttpRequest, found: Finding, *, unmasked: bool) -> HttpResponseBase:
    acting = acting_of(request)
    book = rules.rule_book(settings.DATA)
    rule = book.rules.get(found.rule)
    known = precision.precisions(settings.DATA).get(found.rule, precision.Precision())
    place = None if found.customer_id else _place(found)
    age = (found.run.as_of - found.first_seen_on).days
    values: dict[str, Any] = {
        "finding": found, "rule": rule,
        "above_all": found.organisation.level in ABOVE and found.organisation == unit_above_all(),
        "unmasked": unmasked,
        "reason": _reason(found, rule, unmasked),
        "key": rules.evidence_of(rule, json.loads(found.key), unmasked=unmasked),
        "evidence": rules.evidence_of(rule, found.evidence, unmasked=unmasked),
        "basis": rules.basis_of(rule) if rule else [],
        "missing": rules.missing_of(rule, found.missing) if found.missing else None,
        "factors": priority.factors(
            severity=found.severity, amount_yuan=found.amount_yuan, precision=known.expected, closed=known.closed,
            age_days=age,
        ),
        "precision": known,
        "words": {kind: rules.word(kind, code) for kind, code in (
            ("specialty", found.specialty), ("class", found.kind), ("finding_state", found.state),
            ("subject", found.subject), ("proof", rule.proof if rule else ""))},
        "others": _others(found), "cases": _cases(found),
        "entries": timeline_of(found, request),
        "whitelisted": WhitelistEntry.objects.filter(rule=found.rule, key=found.key, state__in=("asked", "approved"))
        .select_related("asked_by").order_by("-pk").first(),
        "place": place, "sections": _sections(found, rule, place, acting.person.pk, unmasked=unmasked),
        "may_handle": acting.may("finding_handle", found.organisation),
        "may_open": acting.may("case_open", found.organisation),
        "may_unmask": acting.may("personal_unmask", found.organisation),
        "may_approve": acting.may("case_approve", found.organisation),
        "has_personal": any(line.is_personal for line in rules.evidence_of(rule, found.evidence)) or found.customer_id,
    }  # fmt: skip
    return render(request, "findings/finding.html", values)


def _reason(found: Finding, rule: rules.Rule | None, unmasked: bool) -> core.Text:
    if unmasked and rule is not None:
        ids = {"customer_id": found.customer_id, "org_id": found.organisation.code}
        amounts = {"amount_yuan": found.amount_yuan, "energy_kwh": found.energy_kwh}
        return rules.reason_of(rule, {**ids, **amounts, **json.loads(found.key), **found.evidence})
    return core.Text(found.reason_zh, found.reason_en)


def _others(found: Finding) -> list[Finding]:
    """Return other findings of the same customer, or of the same subject where there is no customer."""
    same = {"customer_id": found.customer_id} if found.customer_id else {
        "subject": found.subject, "subject_id": found.subject_id,
    }  # fmt: skip
    rows = Finding.objects.filter(**same).exclude(pk=found.pk).defer("evidence", "key").order_by("-last_hit_on", "pk")
    return list(rows[:_OTHERS])


def _cases(found: Finding) -> list[Any]:
    case = apps.get_model("cases", "Case")  # the cases stand above the findings
    same = {"customer_id": found.customer_id} if found.customer_id else {
        "subject": found.subject, "subject_id": found.subject_id,
    }  # fmt: skip
    return list(case.objects.filter(**same).order_by("-opened_at", "-pk")[:_OTHERS])


def _place(found: Finding) -> tuple[str, str] | None:
    """Return the area or feeder of a finding without a customer, where those who see the finding may see it."""
    try:
        place = grid.grid_of(settings.DATA, found.subject, found.subject_id)
        if place is not None:
            grid.grid_view(settings.DATA, *place, as_of=found.run.as_of, orgs=codes_in_sight())
    except (core.BadInput, core.MachineFailure):  # no data yet, the area is gone from them, or lies elsewhere
        return None
    return place


def _sections(
    found: Finding, rule: rules.Rule | None, place: tuple[str, str] | None, person: int, *, unmasked: bool
) -> list[dict[str, Any]]:  # fmt: skip
    if place is not None:
        return sections_of(*place, finding=found)
    if found.subject == "staff":
        return sections_of_staff(found, rule)
    if not found.customer_id:
        return []
    shown = f"&shown={dumps([person, found.customer_id], salt=SALT)}" if unmasked else ""
    labels, asked = section_labels(), f"?finding={found.pk}{shown}"
    urls = {name: reverse("customer_section", args=[found.customer_id, name]) + asked for name in SECTIONS}
    return [{"name": name, "label": labels[name], "url": url} for name, url in urls.items()]
