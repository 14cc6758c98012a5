"""Leads: hints from outside the rules. Who reported one stands apart and is seen by few, each look recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from jicha_web.cases import opening
from jicha_web.cases.models import Case, EnteredLine, Lead, Reporter
from jicha_web.core import Text
from jicha_web.history import record as history
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import require

SOURCES = frozenset(code for code, _label in Lead.SOURCES)
# what a line of a file says; two lines that agree in all of it are one lead
_OF_LINE = ("source", "received_on", "text", "customer_id", "customer_name", "address", "reporter_name",
            "reporter_phone", "wishes_reply")  # fmt: skip


class WrongLead(Exception):
    """A lead that cannot be entered; `texts` says why by field."""

    def __init__(self, texts: Mapping[str, Text]) -> None:
        self.texts = dict(texts)
        super().__init__("; ".join(f"{field}: {text.en}" for field, text in self.texts.items()))


@dataclass(frozen=True)
class Entered:
    """A lead that was entered. `new`: it was not known before; `case`: the case that it joined or opened."""

    lead: Lead
    new: bool
    case: Case | None


def problems(given: Mapping[str, Any], at: datetime) -> dict[str, Text]:
    """Return what is wrong with a lead, by field; nothing when it can be entered."""
    found = {}
    if given.get("source") not in SOURCES:
        known = "、".join(str(label) for _code, label in Lead.SOURCES)
        found["source"] = Text(f"线索来源应为：{known}", f"the source is one of {', '.join(sorted(SOURCES))}")
    if not str(given.get("text") or "").strip():
        found["text"] = Text("缺线索内容", "the text is missing")
    received = given.get("received_on")
    if not isinstance(received, date):
        found["received_on"] = Text("收到日期应写作2026-10-15", "the day is written 2026-10-15")
    elif received > timezone.localdate(at):
        found["received_on"] = Text("收到日期不能晚于今天", "the day lies in the future")
    for field, longest in (("customer_id", 64), ("customer_name", 200), ("address", 300), ("external_id", 64),
                           ("reporter_name", 100), ("reporter_phone", 32)):  # fmt: skip
        if len(str(given.get(field) or "")) > longest:
            found[field] = Text(f"不超过{longest}个字", f"at most {longest} characters")
    return found


def enter(*, by: Person, at: datetime, given: Mapping[str, Any], of_file: bool = False) -> Entered:
    """Enter a lead, and join it to the case or the findings of its customer.

    given: source, received_on (a date), text; optionally customer_id, customer_name, address, organisation,
    external_id, reporter_name, reporter_phone, wishes_reply. A customer of the data brings name, address and unit.
    The same (source, external_id) is entered once: the known lead comes back. of_file: a line of a file, which is sent
    again when its job was killed or some of its cells were mended; one without external_id is known by what it says.
    Raises WrongLead, PermissionDenied.
    """
    if wrong := problems(given, at):
        raise WrongLead(wrong)
    text = {n: str(given.get(n) or "").strip() for n in ("customer_id", "customer_name", "address", "external_id")}
    line = line_hash(given, by) if of_file and not text["external_id"] else ""
    if known := _known(given["source"], text["external_id"], line, by, at):
        return known
    subject = opening.Subject("customer", text["customer_id"])
    facts = opening.facts_of([subject]).get(subject, opening.Facts()) if text["customer_id"] else opening.Facts()
    unit = Organisation.objects.filter(code=facts.org_id).first() if facts.org_id else None
    unit = unit or given.get("organisation") or by.organisation
    require(by, "lead_enter", timezone.localdate(at), unit)
    lead = Lead(
        source=given["source"], received_on=given["received_on"], text=str(given["text"]).strip(),
        customer_id=text["customer_id"], customer_name=facts.name or text["customer_name"],
        address=facts.address or text["address"], organisation=unit, entered_by=by, entered_at=at,
        external_id=text["external_id"],
    )  # fmt: skip
    try:
        with transaction.atomic():
            history.create(lead, verb="entered", by=by, at=at, rows=lambda: _keep_reporter(lead, given))
            if line:
                EnteredLine.objects.create(lead=lead, line_hash=line)
            case = _merge(lead, by, at)
    except IntegrityError:
        # sent twice at the same moment: the other one was first
        if known := _known(given["source"], text["external_id"], line, by, at):
            return known
        raise
    return Entered(lead, True, case)


def line_hash(given: Mapping[str, Any], by: Person) -> str:
    """Return the SHA-256 of what a line of a file says, in hexadecimal.

    Where no customer is named the unit of who sends it counts too: there the lead lies, and two units may each have
    heard the same words.
    """
    said = [str(given.get(name) or "").strip() for name in _OF_LINE]
    place = "" if said[_OF_LINE.index("customer_id")] or by.organisation is None else by.organisation.code
    return hashlib.sha256(json.dumps([*said, place], ensure_ascii=False).encode()).hexdigest()


def _known(source: str, external_id: str, line: str, by: Person, at: datetime) -> Entered | None:
    """Return the lead of an outside number or of a line, wherever it lies: what is sent twice must not become two."""
    lead = None
    if external_id:
        lead = Lead._base_manager.filter(source=source, external_id=external_id).first()
    elif line:
        lead = Lead._base_manager.filter(entered_line__line_hash=line).first()
    if lead is None:
        return None
    require(by, "lead_enter", timezone.localdate(at), lead.organisation)
    return Entered(lead, False, lead.case)


def _keep_reporter(lead: Lead, given: Mapping[str, Any]) -> None:
    name, phone = str(given.get("reporter_name") or "").strip(), str(given.get("reporter_phone") or "").strip()
    if name or phone:
        Reporter.objects.create(lead=lead, name=name, phone=phone, wishes_reply=bool(given.get("wishes_reply")))


def _merge(lead: Lead, by: Person, at: datetime) -> Case | None:
    """Join a lead to the case of its customer, or to one opened from the customer's findings."""
    if not lead.customer_id:
        return None
    subject = opening.Subject("customer", lead.customer_id)
    case = opening.open_case_of(subject)
    if case is None and (findings := opening.proposable(subject)):
        # proposed by the system: whoever enters leads need not have the right to open cases
        case = opening.open_from_findings(
            findings=findings, by=None, at=at, source="lead", description=lead.text, state="proposed"
        )[0]
    if case is not None:
        attach(lead=lead, case=case, by=by, at=at)
    return case


def attach(*, lead: Lead, case: Case, by: Person | None, at: datetime) -> None:
    """Let a lead belong to a case."""
    with transaction.atomic():
        history.record(lead, verb="joined_case", by=by, at=at, changes={"state": "in_case", "case": case})
        history.record(case, verb="lead_joined", by=by, at=at, data={"lead": lead.pk, "source": lead.source})


def open_from_lead(*, lead: Lead, by: Person, at: datetime, title: str, severity: str = "medium") -> Case:
    """Open a case from a lead; UnableToOpen when it is in one already or names nobody."""
    if lead.state != "new":
        raise opening.UnableToOpen(Text("线索已处置", "the lead is handled already"))
    if not lead.customer_id:
        raise opening.UnableToOpen(Text("请先补充户号", "put in the customer's number first"))
    with transaction.atomic():
        case = opening.open_by_hand(
            by=by, at=at, unit=lead.organisation,
            given={
                "subject": "customer", "subject_id": lead.customer_id, "name": lead.customer_name, "title": title,
                "description": lead.text, "severity": severity, "source": "lead",
            },
        )  # fmt: skip
        attach(lead=lead, case=case, by=by, at=at)
    return case


def complete(*, lead: Lead, by: Person, at: datetime, customer_id: str) -> Case | None:
    """Put in the number of the customer of a lead; it joins the customer's case or findings."""
    require(by, "lead_enter", timezone.localdate(at), lead.organisation)
    if lead.state != "new":
        raise opening.UnableToOpen(Text("线索已处置", "the lead is handled already"))
    subject = opening.Subject("customer", customer_id.strip())
    facts = opening.facts_of([subject]).get(subject)
    if facts is None:
        raise opening.UnableToOpen(Text(f"数据中没有户号{customer_id}", f"the data have no customer {customer_id}"))
    unit = Organisation.objects.filter(code=facts.org_id).first() or lead.organisation
    with transaction.atomic():
        known = {"customer_name": facts.name, "address": facts.address}
        history.record(
            lead, verb="completed", by=by, at=at,
            changes={"customer_id": subject.id, "organisation": unit, **known},
        )  # fmt: skip
        return _merge(lead, by, at)


def dismiss(*, lead: Lead, by: Person, at: datetime, reason: str) -> None:
    """End a lead without a case; the reason is kept."""
    require(by, "case_open", timezone.localdate(at), lead.organisation)
    if lead.state != "new":
        raise opening.UnableToOpen(Text("线索已处置", "the lead is handled already"))
    if not reason.strip():
        raise WrongLead({"reason": Text("未填写原因", "the reason is missing")})
    history.record(lead, verb="dismissed", by=by, at=at, note=reason.strip(), changes={"state": "dismissed"})


def see_reporter(*, lead: Lead, by: Person, at: datetime, reason: str) -> Reporter | None:
    """Return who reported a lead; the look and its reason are recorded first. None when nobody left a name."""
    require(by, "reporter_view", timezone.localdate(at), lead.organisation)
    if not reason.strip():
        raise WrongLead({"reason": Text("查看举报人须填写原因", "say why you need to see who reported it")})
    history.record(lead, verb="reporter_seen", by=by, at=at, note=reason.strip())
    return Reporter.objects.filter(lead=lead).first()
