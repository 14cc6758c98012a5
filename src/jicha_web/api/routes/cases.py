"""Cases, their moves, and leads."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from jicha_web.api import shapes, tokens
from jicha_web.api.access import acting_of, token_of
from jicha_web.api.inputs import Code, Day, Id, Long, Pk, Short, Windowed, cut
from jicha_web.api.problems import REFUSALS
from jicha_web.api.schemas import CaseOut, CaseRow, Cases, LeadOut, Leads, Offer, Standing, Words
from jicha_web.cases import leads, moves, opening
from jicha_web.cases.models import Case, Lead
from jicha_web.cases.workflow import workflow
from jicha_web.findings.models import Finding
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation.models import Organisation, Person

router = Router(tags=["cases"])
Severity = Literal["high", "medium", "low"]
LeadState = Literal["new", "in_case", "dismissed"]
Source = Literal["public_report", "monitoring", "bill_checking", "other_department"]


class CaseFilter(Schema):
    """Which cases; all that are given must hold."""

    state: Code | None = None
    severity: Severity | None = None
    outcome: Code | None = None
    customer_id: Code | None = None
    assignee: Id | None = None
    open: bool | None = None
    overdue: bool | None = None


class ByHand(Schema):
    """A case that is opened without a finding."""

    organisation: Code
    subject: Literal["customer", "area", "staff", "organization"] = "customer"
    subject_id: Code
    title: Short
    description: Long
    severity: Severity = "medium"
    name: Short = ""
    amount_yuan: Annotated[Decimal, Field(ge=0, le=10**13, decimal_places=2)] | None = None


class Opening(Schema):
    """From findings (grouped by customer, one case each), or by hand: one of the two."""

    findings: Annotated[list[Id], Field(max_length=200, default_factory=list)]
    by_hand: ByHand | None = None


class MoveIn(Schema):
    """A move. `version`: of the case as it was read; another one is refused with 409."""

    event: Code
    version: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    note: Long = ""
    organisation: Code | None = None
    assignee: Id | None = None
    analysis: Long | None = None
    due_at: AwareDatetime | None = None


class LeadIn(Schema):
    """A lead. With `external_id` it may be sent again: the same (source, external_id) is entered once."""

    source: Source
    received_on: Day
    text: Annotated[Long, Field(min_length=1)]
    customer_id: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    customer_name: Short = ""
    address: Short = ""
    organisation: Code | None = None
    external_id: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    reporter_name: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""
    reporter_phone: Annotated[str, Field(max_length=32, pattern=r"^[^\x00]*$")] = ""
    wishes_reply: bool = False


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("organisation", "subject_organisation")


def _unit(code: str | None) -> Organisation | None:
    if code is None:
        return None
    found = Organisation.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise Http404
    return found


@router.get("/cases", response={200: Cases, **REFUSALS}, operation_id="list_cases")
def list_cases(request: HttpRequest, which: Annotated[CaseFilter, Query()], window: Windowed) -> Cases:
    """List cases in sight, the newest first."""
    acting = acting_of(request, "case_view")
    given = which.model_dump(exclude_none=True)
    found = _cases().defer("description")
    opened = given.pop("open", None)
    if opened is not None:
        states = workflow().open_states
        found = found.filter(state__in=states) if opened else found.exclude(state__in=states)
    if given.pop("overdue", None):
        found = found.filter(state__in=workflow().open_states, due_at__lt=acting.at)
    rows, after = cut(found.filter(**given).order_by("-pk"), window)
    return Cases(items=[shapes.case_row(row) for row in rows], next_offset=after)


@router.post("/cases", response={201: list[CaseRow], **REFUSALS}, operation_id="open_case")
def open_case(request: HttpRequest, given: Opening) -> Status[list[CaseRow]]:
    """Open cases from findings, or one by hand."""
    acting = acting_of(request, "case_open")
    if given.by_hand is not None:
        values = given.by_hand.model_dump()
        unit = _unit(values.pop("organisation"))
        if unit is None or not acting.may("case_open", unit):
            raise Http404
        opened = [opening.open_by_hand(by=acting.person, at=acting.at, unit=unit, given=values)]
    else:
        wanted = set(given.findings)
        found = list(Finding.objects.filter(pk__in=wanted).select_related("organisation").order_by("pk"))
        if not wanted or len(found) < len(wanted):
            raise Http404
        opened = opening.open_from_findings(findings=found, by=acting.person, at=acting.at)
    return Status(201, [shapes.case_row(case) for case in opened])


@router.get("/cases/{pk}", response={200: CaseOut, **REFUSALS}, operation_id="get_case")
def get_case(request: HttpRequest, pk: Pk) -> CaseOut:
    """Return one case with its findings and checklist."""
    acting_of(request, "case_view")
    found = get_object_or_404(_cases(), pk=pk)
    findings = Finding.objects.filter(case=found).select_related("organisation").defer("evidence").order_by("-priority")
    return CaseOut(
        **shapes.case_row(found).model_dump(), description=found.description,
        findings=[shapes.finding_row(row) for row in findings[:200]],
        checklist=[shapes.check_point(item) for item in found.checklist.order_by("order")],
    )  # fmt: skip


@router.get("/cases/{pk}/moves", response={200: list[Offer], **REFUSALS}, operation_id="list_moves")
def list_moves(request: HttpRequest, pk: Pk) -> list[Offer]:
    """Return the moves that the caller has a right to, each with what stands against it."""
    acting = acting_of(request, "case_view")
    found = get_object_or_404(_cases(), pk=pk)
    token = token_of(request)
    return [
        Offer(
            event=one.move.event, label=Words.of(one.move.label), to=one.move.target(found.state),
            given=list(one.move.given), note_required=one.move.note, allowed=one.allowed,
            reasons=[Standing(code=reason.code, text=Words.of(reason.text)) for reason in one.reasons],
        )
        for one in moves.available_moves(found, acting.person, acting.at)
        if token is None or one.move.who.action in token.actions
    ]  # fmt: skip


@router.post("/cases/{pk}/moves", response={200: CaseRow, **REFUSALS}, operation_id="move_case")
def move_case(request: HttpRequest, pk: Pk, given: MoveIn) -> CaseRow:
    """Move a case; all that stands against it is named in `reasons`."""
    acting = acting_of(request, "case_view")
    found = get_object_or_404(_cases(), pk=pk)
    if given.version is not None and given.version != found.version:
        raise ChangedMeanwhile(found)
    step = workflow().move(found.state, given.event)
    if step is not None and step.who.action:
        tokens.check_action(token_of(request), step.who.action)
    values: dict[str, Any] = {"analysis": given.analysis, "due_at": given.due_at}
    if given.organisation is not None:
        values["organisation"] = _unit(given.organisation)
    if given.assignee is not None:
        values["assignee"] = get_object_or_404(Person.objects.filter(is_active=True), pk=given.assignee)
    values = {name: value for name, value in values.items() if value is not None}
    moved = moves.move(case=found, event=given.event, by=acting.person, at=acting.at, note=given.note, given=values)
    return shapes.case_row(moved)


@router.get("/leads", response={200: Leads, **REFUSALS}, operation_id="list_leads")
def list_leads(
    request: HttpRequest, window: Windowed, state: Annotated[LeadState | None, Query()] = None
) -> Leads:  # fmt: skip
    """List leads in sight, the newest first."""
    acting_of(request, "lead_enter")
    found = Lead.objects.select_related("organisation")
    if state is not None:
        found = found.filter(state=state)
    rows, after = cut(found.order_by("-pk"), window)
    return Leads(items=[shapes.lead(row) for row in rows], next_offset=after)


@router.post("/leads", response={200: LeadOut, 201: LeadOut, **REFUSALS}, operation_id="enter_lead")
def enter_lead(request: HttpRequest, given: LeadIn) -> Status[LeadOut]:
    """Enter a lead: 201 when it is new, 200 with the one that is known when it was sent before."""
    acting = acting_of(request, "lead_enter")
    values = given.model_dump()
    values["organisation"] = _unit(given.organisation)
    entered = leads.enter(by=acting.person, at=acting.at, given=values)
    return Status(201 if entered.new else 200, shapes.lead(entered.lead))
