"""Findings."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from jicha_web.api import shapes
from jicha_web.api.access import acting_of
from jicha_web.api.inputs import Code, Day, Pk, Short, Windowed, Words, cut
from jicha_web.api.problems import REFUSALS
from jicha_web.api.schemas import FindingOut, Findings
from jicha_web.findings import handling
from jicha_web.findings.models import Finding
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import path_condition

router = Router(tags=["findings"])
State = Literal["new", "open", "cleared", "expired", "unjudged", "withdrawn", "recurred"]
Handling = Literal["open", "snoozed", "dismissed", "whitelisted", "in_case", "settled"]


class FindingFilter(Schema):
    """Which findings; all that are given must hold."""

    rule: Code | None = None
    specialty: Code | None = None
    severity: Literal["high", "medium", "low"] | None = None
    state: State | None = None
    handling: Handling | None = None
    organisation: Code | None = None
    customer_id: Code | None = None
    period: Day | None = None
    least_yuan: Annotated[Decimal, Field(ge=0, le=10**15)] | None = None
    text: Words | None = None


class HandlingIn(Schema):
    """What to do with a finding. `snooze` needs `until`. `version`: as it was read; another one is refused."""

    what: Literal["dismiss", "snooze", "reopen"]
    reason: Annotated[Short, Field(min_length=1)]
    until: Day | None = None
    version: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None


@router.get("/findings", response={200: Findings, **REFUSALS}, operation_id="list_findings")
def list_findings(request: HttpRequest, which: Annotated[FindingFilter, Query()], window: Windowed) -> Findings:
    """List findings in sight, the most urgent first."""
    acting_of(request, "finding_view")
    given = which.model_dump(exclude_none=True)
    found = Finding.objects.select_related("organisation").defer("evidence")
    if code := given.pop("organisation", None):
        path = Organisation.objects.filter(code=code).values_list("path", flat=True).first()
        units = Organisation.objects.filter(path_condition((path,) if path else ()))
        found = found.filter(organisation__in=units.values("pk"))
    if (least := given.pop("least_yuan", None)) is not None:
        found = found.filter(amount_yuan__gte=least)
    if text := given.pop("text", None):
        found = found.filter(reason_zh__icontains=text)
    rows, after = cut(found.filter(**given).order_by("-priority", "pk"), window)
    return Findings(items=[shapes.finding_row(row) for row in rows], next_offset=after)


@router.get("/findings/{pk}", response={200: FindingOut, **REFUSALS}, operation_id="get_finding")
def get_finding(request: HttpRequest, pk: Pk) -> FindingOut:
    """Return one finding with its evidence, masked."""
    acting_of(request, "finding_view")
    return shapes.finding(get_object_or_404(Finding.objects.select_related("organisation", "run"), pk=pk))


@router.post("/findings/{pk}/handling", response={200: FindingOut, **REFUSALS}, operation_id="handle_finding")
def handle_finding(request: HttpRequest, pk: Pk, given: HandlingIn) -> FindingOut:
    """Dismiss or snooze a finding, or take that back."""
    acting = acting_of(request, "finding_handle")
    found = get_object_or_404(Finding.objects.select_related("organisation", "run"), pk=pk)
    if given.version is not None and given.version != found.version:
        raise ChangedMeanwhile(found)
    if given.what == "snooze":
        if given.until is None:
            raise HttpError(422, "until is missing")
        handling.snooze(finding=found, until=given.until, reason=given.reason, by=acting.person, at=acting.at)
    elif given.what == "dismiss":
        handling.dismiss(finding=found, reason=given.reason, by=acting.person, at=acting.at)
    else:
        handling.reopen(finding=found, reason=given.reason, by=acting.person, at=acting.at)
    return shapes.finding(found)
