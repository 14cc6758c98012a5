"""The sections of the case page that cases themselves show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from jicha_web.cases import checklist, deadlines, extensions, parties, titles, urgency
from jicha_web.cases.listing import shown
from jicha_web.cases.models import OUTCOMES, Case, ChecklistItem, Dispatch, Extension, Lead, Part, Party
from jicha_web.cases.moves import holds
from jicha_web.cases.sections import Section, register
from jicha_web.cases.workflow import workflow
from jicha_web.core import Text, rules
from jicha_web.findings.models import Finding
from jicha_web.history.models import Entry
from jicha_web.history.read import entries_of
from jicha_web.history.telling import noted, said_of, verb_of
from jicha_web.pages.tags import moment, words, yuan
from jicha_web.pages.views import acting_of


@dataclass(frozen=True)
class FindingLine:
    """A finding as the case shows it."""

    finding: Finding
    name: Text
    reason: Text
    state: Text
    basis: tuple[Text, ...]
    amount_note: Text
    url: str


def _link(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:  # a page of another part
        return ""


def _text(value: Mapping[str, str] | None) -> Text:
    return Text(value["zh"], value["en"]) if value else Text("", "")


def finding_lines(case: Case) -> list[FindingLine]:
    """Return the findings of a case, the most urgent first; read once per case object."""
    known: list[FindingLine] | None = case.__dict__.get("_finding_lines")
    if known is None:
        book, states = rules.rule_book(settings.DATA).rules, rules.words("finding_state")
        found = (
            Finding.objects.filter(case=case)
            .select_related("run")
            .defer("evidence", "run__rules")
            .order_by("-priority", "pk")
        )
        known = []
        for f in found:
            rule = book.get(f.rule)
            known.append(FindingLine(
                f, _text(rule.name) if rule else Text(f.rule, f.rule), Text(f.reason_zh, f.reason_en),
                states.get(f.state, Text(f.state, f.state)),
                tuple(text for _short, text in rules.basis_of(rule)) if rule else (),
                _text(rule.amount) if rule else Text("", ""), _link("finding", f.pk),
            ))  # fmt: skip
        case.__dict__["_finding_lines"] = known
    return known


def reason(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Why there is a case, at a glance: the most urgent finding, what is at stake, on which ground."""
    del request
    lines = finding_lines(case)
    total = sum((abs(line.finding.amount_yuan or Decimal(0)) for line in lines), Decimal(0))
    return {
        "first": lines[0] if lines else None, "more": len(lines) - 1, "total": total,
        "factors": urgency.why(lines[0].finding) if lines else [],
        "described": titles.own_words(
            case.description, ((f.rule, f.reason_zh, f.reason_en) for f in (line.finding for line in lines))
        ),
    }  # fmt: skip


def findings(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """All findings, with yuan and basis; a single one is told by the reason above."""
    del request
    lines = finding_lines(case)
    return {"lines": lines} if len(lines) > 1 else None


def customer(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Whom or what it is about; other cases of the same."""
    acting = acting_of(request)
    unmasked = getattr(request, "unmasked", None)
    earlier: QuerySet[Case] = Case.objects.filter(subject=case.subject, subject_id=case.subject_id).exclude(pk=case.pk)
    rows = list(shown(earlier.select_related("organisation", "assignee").defer("description").order_by("-pk")[:10]))
    row = next(shown([case]))
    address = rules.mask_value("address", case.address) if case.address else ""
    return {
        "name": unmasked["name"] if unmasked else row.name, "address": unmasked["address"] if unmasked else address,
        "unmasked": bool(unmasked), "may_unmask": acting.may("personal_unmask", case.organisation), "earlier": rows,
        "subject": rules.word("subject", case.subject),
    }  # fmt: skip


def points(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """The checklist by section."""
    del request
    items = list(ChecklistItem.objects.filter(case=case).select_related("answered_by").order_by("order", "pk"))
    labels = checklist.sections()
    groups = [(labels[s], [i for i in items if i.section == s]) for s in labels]
    if not items:
        return None
    return {
        "groups": [g for g in groups if g[1]], "answered": sum(1 for i in items if i.answer), "count": len(items),
        "telling": [i for i in items if i.answer in {"problem", "not_possible"} or i.note],
    }  # fmt: skip


def _part_of(party: Party) -> Text:
    """Return as what someone is a party: the evidence column that names them."""
    if party.part == "by_hand":
        return Text("人工登记", "named by hand")
    return rules.evidence_label(rules.rule_book(settings.DATA).rules.get(party.rule), party.part)


def people(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Parties and who is barred because of them; who took which part; the way it went down."""
    flow, ended = workflow(), workflow().states[case.state].end
    rows = [
        (flow.parts[p.part], p.person.name, p.at)
        for p in Part.objects.filter(case=case).select_related("person").order_by("at", "pk")
        if p.part in flow.parts
    ]
    dispatches = (
        Dispatch.objects.filter(case=case)
        .select_related("from_organisation", "to_organisation", "assignee", "by").order_by("pk")
    )  # fmt: skip
    return {
        "parties": [
            (p, rules.mask_value("name", p.name) if p.name else "", _part_of(p)) for p in parties.parties_of(case)
        ],
        "barred": parties.barred_units(case), "parts": rows, "dispatches": list(dispatches),
        "may_name": not ended and acting_of(request).may("case_dispatch", case.organisation),
    }  # fmt: skip


def extension(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """Later deadlines: asked, decided; the forms for both."""
    acting, approve = acting_of(request), workflow().extension
    rows = list(Extension.objects.filter(case=case).select_related("asked_by", "approved_by").order_by("-pk"))
    may_ask = extensions.may_ask(case, acting.person, acting.at) and not any(e.state == "asked" for e in rows)
    may_decide = case.state in approve.states and holds(
        acting.person, approve.approve_action, approve.approve_level, case.organisation, acting.at
    )
    if not rows and not may_ask:
        return None
    return {"rows": rows, "may_ask": may_ask, "may_decide": may_decide, "longest": deadlines.deadlines().longest}


def leads(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """The leads that joined."""
    del request
    rows = list(Lead.objects.filter(case=case).order_by("pk"))
    return {"rows": rows} if rows else None


def _line(entry: Entry) -> dict[str, Any]:
    changes = []
    for field, change in entry.data.items():
        if not isinstance(change, list) or len(change) != 2 or field not in _CHANGED:
            continue
        before, after = (_plain(field, value) for value in change)
        changes.append((_CHANGED[field], before, after))
    note = "\n".join(filter(None, [*said_of(entry, _ADDED), str(entry.data.get("analysis") or ""), noted(entry)]))
    return {"at": entry.at, "by": entry.by_name, "verb": verb_of(entry.verb), "note": note,
            "changes": changes}  # fmt: skip


def _plain(field: str, value: Any) -> Any:
    """Return a value of the history as people read it."""
    if value is None or value == "":
        return None
    if field.endswith("_at"):
        return moment(datetime.fromisoformat(value))
    if field == "outcome":
        return str(dict(OUTCOMES).get(value, value))
    if field == "severity":
        return words(rules.word("severity", value))
    return yuan(Decimal(value)) if field.endswith("_yuan") else value


_ADDED = ("part", "source", "until")  # which part was taken, where a lead came from, which deadline was asked for
_CHANGED = {
    "due_at": _("Deadline"), "outcome": _("Outcome"), "severity": _("Severity"),
    "amount_yuan": _("Amount"), "confirmed_yuan": _("Confirmed"), "collected_yuan": _("Collected"), "title": _("Title"),
}  # fmt: skip


def history(request: HttpRequest, case: Case) -> dict[str, Any]:
    """All that happened, newest first."""
    del request
    return {"entries": [_line(entry) for entry in reversed(entries_of(case))]}


def register_all() -> None:
    """Register them; called once, when the application starts."""
    register(Section("reason", 10, _("Reason"), "cases/section_reason.html", reason))
    register(Section("findings", 20, _("Findings"), "cases/section_findings.html", findings))
    register(Section("customer", 25, _("Whom it is about"), "cases/section_customer.html", customer, aside=True))
    register(Section("leads", 27, _("Leads"), "cases/section_leads.html", leads, aside=True))
    register(Section("checklist", 30, _("Checklist"), "cases/section_checklist.html", points))
    register(Section("people", 35, _("People and dispatch"), "cases/section_people.html", people, aside=True))
    register(Section("extension", 37, _("Deadline"), "cases/section_extension.html", extension, aside=True))
    register(Section("history", 90, _("History"), "cases/section_history.html", history, aside=True))
