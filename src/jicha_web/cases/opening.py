"""Cases are opened: from findings, by hand, from leads, by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from jicha_web import core
from jicha_web.cases import checklist, deadlines, parties, titles
from jicha_web.cases.models import Case
from jicha_web.cases.moves import city_of, holds, take_part
from jicha_web.cases.numbers import next_numbers
from jicha_web.core import Text, rules, subjects
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.history.values import digest, plain
from jicha_web.organisation.models import Organisation, Person

SEVERITIES = ("low", "medium", "high")  # from the least to the greatest
REASONS_SHOWN = 5
UNITS = "organisation__parent__parent__parent"  # of a finding, with those above it: the city of each is asked for
_taken_in: list[Callable[..., None]] = []
Group = tuple[Case, Sequence[Finding]]  # a case, and the findings that come into it


class UnableToOpen(Exception):
    """No case can be opened; says why in both languages."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def after_taking_in(function: Callable[..., None]) -> None:
    """Call `function(case=, by=, at=)` in the transaction in which findings come into a case, new or not."""
    _taken_in.append(function)


@dataclass(frozen=True)
class Subject:
    """What a case is about: a customer, or what else its findings concern."""

    kind: str
    id: str


@dataclass(frozen=True)
class Facts:
    """What the data know of a subject."""

    name: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    org_id: str = ""


@dataclass(frozen=True)
class How:
    """Who opens a case, when, from what, and into which state; no state: as the person's level has it."""

    by: Person | None
    at: datetime
    source: str = "findings"
    description: str = ""
    state: str = ""


def subject_of(finding: Finding) -> Subject:
    """Return what a finding is grouped by: its customer where it has one."""
    return grouped_by(finding.subject, finding.subject_id, finding.customer_id)


def grouped_by(subject: str, subject_id: str, customer_id: str) -> Subject:
    """Return what a finding about a subject is grouped by: its customer where it has one."""
    return Subject("customer", customer_id) if customer_id else Subject(subject, subject_id)


def grouping() -> dict[str, Any]:
    """Return grouping.yaml."""
    return core.application_file("grouping")


def facts_of(wanted: Iterable[Subject]) -> dict[Subject, Facts]:
    """Return what the newest data know of subjects, in one read per kind."""
    ids: dict[str, set[str]] = {}
    for subject in wanted:
        ids.setdefault(subject.kind, set()).add(subject.id)
    found: dict[Subject, Facts] = {}
    for c in subjects.customers(settings.DATA, ids.get("customer", ())).values():
        found[Subject("customer", c.customer_id)] = Facts(c.name, c.address, c.latitude, c.longitude, c.org_id)
    for a in subjects.areas(settings.DATA, ids.get("area", ())).values():
        found[Subject("area", a.area_id)] = Facts(a.name, "", a.latitude, a.longitude, a.org_id)
    for number, (name, org_id) in subjects.feeders(settings.DATA, ids.get("feeder", ())).items():
        found[Subject("feeder", number)] = Facts(name, org_id=org_id)
    for s in subjects.staff(settings.DATA, ids.get("staff", ())).values():
        found[Subject("staff", s.staff_id)] = Facts(s.name, org_id=s.org_id)
    for u in Organisation.objects.filter(code__in=ids.get("organization", ())):
        found[Subject("organization", u.code)] = Facts(
            u.name, latitude=u.latitude, longitude=u.longitude, org_id=u.code
        )
    return found


def proposable(subject: Subject) -> list[Finding]:
    """Return all findings in sight that belong to a subject and are not handled yet, the most urgent first."""
    return list(_unhandled([subject]))


def _unhandled(wanted: Iterable[Subject]) -> QuerySet[Finding]:
    """Return all findings in sight that belong to subjects and are not handled yet, the most urgent first."""
    ids: dict[str, set[str]] = {}
    for subject in wanted:
        ids.setdefault(subject.kind, set()).add(subject.id)
    mine = Q(pk__in=[])
    for kind, of_kind in ids.items():
        if kind == "customer":
            mine |= Q(customer_id__in=of_kind)
        else:
            mine |= Q(customer_id="", subject=kind, subject_id__in=of_kind)
    found = Finding.objects.filter(mine, handling__in=("open", "snoozed"), state__in=grouping()["states"])
    return found.select_related(UNITS).order_by("-priority", "pk")


def open_case_of(subject: Subject) -> Case | None:
    """Return the case of a subject that a finding or lead still joins, wherever it lies."""
    return _open_cases_of([subject]).get(subject)


def _open_cases_of(wanted: Iterable[Subject]) -> dict[Subject, Case]:
    """Return the cases that findings or leads of subjects still join, wherever they lie."""
    ids: dict[str, set[str]] = {}
    for subject in wanted:
        ids.setdefault(subject.kind, set()).add(subject.id)
    of_them = Q(pk__in=[])
    for kind, of_kind in ids.items():
        of_them |= Q(subject=kind, subject_id__in=of_kind)
    # not by scope: a case that lies with another unit (回避) is joined all the same, or the site is visited twice
    found = Case._base_manager.filter(of_them, state__in=grouping()["merge_into"]).select_related("organisation")
    return {Subject(case.subject, case.subject_id): case for case in found.order_by("pk")}  # the newest stays


def open_from_findings(
    *,
    findings: Iterable[Finding],
    by: Person | None,
    at: datetime,
    source: str = "findings",
    description: str = "",
    state: str = "",
    facts: Mapping[Subject, Facts] | None = None,
) -> list[Case]:
    """Open one case for each customer (area, member of staff …) of the findings, with all its other open findings.

    A subject whose case has not been checked yet gets no second one: the findings join it. by: None for cases that open
    by rule. state: where they begin; by default ready to dispatch for the city's people, proposed for others.
    facts: of their subjects, where the caller has read them.
    Raises UnableToOpen when none of the findings can go into a case, PermissionDenied without the right.
    """
    groups: dict[Subject, dict[int, Finding]] = {}
    for finding in findings:
        if finding.handling in {"open", "snoozed"}:
            groups.setdefault(subject_of(finding), {})[finding.pk] = finding
    if not groups:
        raise UnableToOpen(Text("所选疑点均已处置，不能立案", "all of these findings are handled already"))
    facts = facts_of(groups) if facts is None else facts
    how = How(by, at, source, description, state)
    with transaction.atomic():
        # locked, where the database has locks for rows: nobody handles one of them while its case is made
        for finding in _unhandled(groups).select_for_update(of=("self",)):
            if (group := groups.get(subject_of(finding))) is not None:
                group[finding.pk] = finding
        ordered = {
            subject: sorted(group.values(), key=lambda f: (-f.priority, f.pk)) for subject, group in groups.items()
        }
        return _join_or_open(ordered, facts, how)


def _join_or_open(groups: Mapping[Subject, list[Finding]], facts: Mapping[Subject, Facts], how: How) -> list[Case]:
    """Return the case of each subject, in their order; each statement is made for all of them together."""
    for group in groups.values():
        require_open(how.by, group[0].organisation, how.at)
    cases = _open_cases_of(groups)
    joined = [(case, groups[subject]) for subject, case in cases.items()]
    new = [subject for subject in groups if subject not in cases]
    for subject, number in zip(new, next_numbers(how.at, len(new)), strict=True):
        group = groups[subject]
        case = _new(subject, facts.get(subject, Facts()), group[0].organisation, how, number)
        case.title = title_of(group)
        case.description = "\n".join(filter(None, [how.description, description_of(group)]))
        case.severity = SEVERITIES[max(f.severity_rank for f in group) - 1]
        case.priority = max(f.priority for f in group)
        case.amount_yuan = at_stake(group)
        cases[subject] = case
    _add(joined, how.by, how.at)
    _store([(cases[subject], groups[subject]) for subject in new], how.by, how.at)
    return [cases[subject] for subject in groups]


def require_open(by: Person | None, unit: Organisation, at: datetime) -> None:
    """Raise PermissionDenied unless someone may open cases for a unit; the system may."""
    if by is not None and not holds(by, "case_open", "station", unit, at):
        raise PermissionDenied("case_open")


def _new(subject: Subject, facts: Facts, unit: Organisation, how: How, number: str) -> Case:
    city, by, at = city_of(unit), how.by, how.at
    of_city = by is not None and holds(by, "case_open", "city", unit, at)
    state = how.state or ("registered" if of_city else "proposed")
    lies = city if of_city or by is None else _widest(by, unit, at)
    customer = subject.kind == "customer"
    return Case(
        number=number, state=state, state_since=at, opened_at=at, organisation=lies, subject_organisation=unit,
        subject=subject.kind, subject_id=subject.id,
        subject_name="" if customer else facts.name or _number_as_name(subject),
        customer_id=subject.id if customer else "", customer_name=facts.name if customer else "",
        address=facts.address, latitude=facts.latitude, longitude=facts.longitude, severity="medium",
        source=how.source,
    )  # fmt: skip


def _number_as_name(subject: Subject) -> str:
    """Name a meter, a bill or an order by its number; who has a name of their own stays without until it is put in."""
    if subject.kind in {"area", "staff", "organization"}:
        return ""
    return f"{rules.word('subject', subject.kind).zh} {subject.id}"


def _widest(by: Person, unit: Organisation, at: datetime) -> Organisation:
    """Return the highest unit at or above another for which a person may open cases; the case lies there at first."""
    place = unit
    while place.parent is not None and holds(by, "case_open", "station", place.parent, at):
        place = place.parent
    return place


def _store(groups: Sequence[Group], by: Person | None, at: datetime) -> None:
    """Store new cases with the findings that come into them."""
    for case, _findings in groups:
        due = deadlines.due(state=case.state, severity=case.severity, at=at)
        case.due_at, case.due_by_calendar = (due.at, due.by_calendar) if due else (None, True)
        case.title = case.title[:200]

    def rows() -> None:
        if by is not None:
            for case, _findings in groups:
                take_part(case=case, part="open", by=by, at=at, told=True)
        _rows_of(groups)

    history.create_many(
        [case for case, _findings in groups], by=by, at=at, rows=rows,
        verbs=["opened" if case.state == "registered" else "proposed" for case, _findings in groups],
        data=[{"findings": [f.pk for f in findings]} if findings else {} for _case, findings in groups],
    )  # fmt: skip
    _take_in(groups, by, at)


def _rows_of(groups: Sequence[Group]) -> None:
    parties.add_parties(groups)
    checklist.extend(groups)


def _take_in(groups: Sequence[Group], by: Person | None, at: datetime) -> None:
    changes = (
        history.Change(
            finding, "into_case", data={"case_number": case.number, "said": said_of(finding, case)},
            changes={"handling": "in_case", "case": case, "snoozed_until": None},
        )
        for case, findings in groups for finding in findings
    )  # fmt: skip
    history.record_many(changes, by=by, at=at)
    for case, findings in groups:
        if findings:
            for function in _taken_in:
                function(case=case, by=by, at=at)


def said_of(finding: Finding, case: Case) -> dict[str, Any]:
    """Return what a run says of a finding when it goes into a case; its evidence is personal: by its salted hash."""
    said = {name: plain(getattr(finding, name)) for name in Finding.SAID if name != "evidence"}
    return said | {"evidence": digest([case.salt, plain(finding.evidence)])}


def add_findings(*, case: Case, findings: Sequence[Finding], by: Person | None, at: datetime) -> None:
    """Let findings join a case that has not been checked yet."""
    _add([(case, findings)], by, at)


def _add(groups: Iterable[Group], by: Person | None, at: datetime) -> None:
    new = [(case, mine) for case, found in groups if (mine := [f for f in found if f.case_id != case.pk])]
    if not new:
        return
    with transaction.atomic():
        _rows_of(new)
        history.record_many((_joined(case, findings) for case, findings in new), by=by, at=at)
        _take_in(new, by, at)


def _joined(case: Case, new: Sequence[Finding]) -> history.Change:
    severity = max(SEVERITIES.index(case.severity), max(f.severity_rank for f in new) - 1)
    amounts = [a for a in (case.amount_yuan, at_stake(new)) if a is not None]
    return history.Change(
        case, "findings_added",
        changes={
            "severity": SEVERITIES[severity], "priority": max(case.priority, *(f.priority for f in new)),
            "amount_yuan": sum(amounts, Decimal(0)) if amounts else None,
            "description": "\n".join(filter(None, [case.description, description_of(new)])),
        },
        data={"findings": [f.pk for f in new]},
    )  # fmt: skip


class _HasAmount(Protocol):
    @property
    def amount_yuan(self) -> Decimal | None: ...


def at_stake(group: Iterable[_HasAmount]) -> Decimal | None:
    """Return what is at stake in findings: their amounts without sign, whoever owes them. [yuan]"""
    amounts = [abs(f.amount_yuan) for f in group if f.amount_yuan is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def title_of(group: Sequence[Finding]) -> str:
    """Return the name of the most urgent finding's rule, and how many more there are."""
    rule = rules.rule_book(settings.DATA).rules.get(group[0].rule)
    name = rule.name["zh"] if rule else group[0].rule
    return titles.made_title(name, len(group))


def description_of(group: Sequence[Finding]) -> str:
    """Return the reasons of the most urgent findings, a line each; personal values are masked in them."""
    lines = [f"{f.rule} {f.reason_zh}" for f in group[:REASONS_SHOWN]]
    return titles.made_description(lines, len(group) - REASONS_SHOWN)


def open_by_hand(*, by: Person, at: datetime, unit: Organisation, given: Mapping[str, Any]) -> Case:
    """Open a case about a customer or another subject, without a finding.

    given: subject, subject_id, title, description, severity; name (where the data do not know it); amount_yuan.
    The open findings of the same subject join it. Raises UnableToOpen when it has a case already.
    """
    require_open(by, unit, at)
    subject = Subject(given["subject"], given["subject_id"].strip())
    facts = facts_of([subject]).get(subject, Facts(name=given.get("name", "")))
    with transaction.atomic():
        number = next_numbers(at, 1)[0]  # whoever opens at this instant waits for it, and then sees this case
        if case := open_case_of(subject):
            raise UnableToOpen(
                Text(f"该对象已有在办工单{case.number}", f"case {case.number} is about the same already")
            )
        group = proposable(subject)
        how = How(by, at, given.get("source", "hand"))
        case = _new(subject, facts, unit, how, number)
        case.title, case.description = given["title"], given["description"]
        case.severity = given.get("severity") or "medium"
        if group:
            case.severity = SEVERITIES[
                max(SEVERITIES.index(case.severity), max(f.severity_rank for f in group) - 1)
            ]  # fmt: skip
            case.priority = max(f.priority for f in group)
        case.amount_yuan = given.get("amount_yuan") or at_stake(group)
        _store([(case, group)], by, at)
    return case


def describe(*, case: Case, by: Person, at: datetime, given: Mapping[str, str]) -> None:
    """Put in what a case lacks before it can be dispatched: names, title, description."""
    require_open(by, case.organisation, at)
    allowed = {"title", "description", "customer_name", "subject_name", "address"}
    if case.state not in grouping()["merge_into"]:
        raise UnableToOpen(Text("工单已核查，不能再改描述", "the case has been checked: its description stays"))
    changes = {name: value.strip() for name, value in given.items() if name in allowed}
    history.record(case, verb="described", by=by, at=at, changes=changes)
