"""Runs and jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from jicha_web.api import shapes, tokens
from jicha_web.api.access import acting_of, token_of
from jicha_web.api.inputs import Code, Day, Pk, Windowed, cut
from jicha_web.api.problems import REFUSALS
from jicha_web.api.routes.organisation import unit_in_sight
from jicha_web.api.schemas import JobOut, JobUndo, RunOut, Runs
from jicha_web.jobs import undo
from jicha_web.jobs.models import Job
from jicha_web.jobs.sheets import may_export, sheet_of
from jicha_web.jobs.work import enqueue
from jicha_web.runs.models import Run
from jicha_web.runs.screening import start_run

router = Router(tags=["runs"])
FILE = {"responses": {"200": {"description": "the file", "content": {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}}  # fmt: skip


_LISTS = {"findings": ("export_findings", "finding_view"), "cases": ("export_cases", "case_view")}  # with own works
_STARTED_WITH = {"screen": "run_start", "organisation.synchronise": "people_edit"}  # jobs that are of no token's unit


class RunIn(Schema):
    """A screening to start. `rules`: codes or groups; all when empty. `organisation`: its subtree only."""

    as_of: Annotated[Day, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]
    rules: Annotated[list[Code], Field(max_length=200, default_factory=list)]
    organisation: Code | None = None


@router.get("/runs", response={200: Runs, **REFUSALS}, operation_id="list_runs")
def list_runs(request: HttpRequest, window: Windowed) -> Runs:
    """List runs, the newest first."""
    acting_of(request, "finding_view")
    rows, after = cut(Run.objects.defer("rules").order_by("-as_of", "-pk"), window)
    return Runs(items=[shapes.run_row(row) for row in rows], next_offset=after)


@router.post("/runs", response={202: RunOut, **REFUSALS}, operation_id="start_run")
def begin_run(request: HttpRequest, given: RunIn) -> Status[RunOut]:
    """Ask for a screening; it runs in the background, its job tells how far it is."""
    acting = acting_of(request, "run_start")
    unit = None if given.organisation is None else unit_in_sight(given.organisation)
    run = start_run(by=acting.person, at=acting.at, as_of=given.as_of, chosen=given.rules, organisation=unit)
    return Status(202, shapes.run(run))


@router.get("/runs/{pk}", response={200: RunOut, **REFUSALS}, operation_id="get_run")
def get_run(request: HttpRequest, pk: Pk) -> RunOut:
    """Return one run with what each rule did."""
    acting_of(request, "finding_view")
    return shapes.run(get_object_or_404(Run, pk=pk))


class ExportIn(Schema):
    """A list to write as a workbook. `list`: findings, cases, or another list of the pages (leads, whitelist, rules …).

    `query`: the filters of the page's address, such as `state=open&specialty=CF`; all rows when empty.
    """

    list: Code
    query: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")] = ""


def _holding(request: HttpRequest) -> Callable[[str], bool]:
    """Return what tells whether the caller, person and token, may do something."""
    acting, token = acting_of(request), token_of(request)
    return lambda action: acting.may(action) and (token is None or action in token.actions)


def _lacking(name: str, holds: Callable[[str], bool]) -> str:
    """Return a right that is missing to take a list out; empty when none is."""
    if name in _LISTS:
        return next((needed for needed in ("export", _LISTS[name][1]) if not holds(needed)), "")
    sheet = sheet_of(name)
    return "" if sheet is not None and may_export(sheet, holds) else "export"


@router.post("/exports", response={202: JobOut, **REFUSALS}, operation_id="ask_export")
def ask_export(request: HttpRequest, given: ExportIn) -> Status[JobOut]:
    """Ask for all rows of a list as a workbook, personal values masked; its job tells when the file can be fetched."""
    acting, token = acting_of(request), token_of(request)
    if given.list not in _LISTS and sheet_of(given.list) is None:
        raise Http404
    if lacking := _lacking(given.list, _holding(request)):
        raise PermissionDenied(lacking)
    arguments: dict[str, Any] = {"query": given.query}
    if given.list in _LISTS:
        kind = _LISTS[given.list][0]
    else:
        kind, arguments["name"] = "export_list", given.list
    if token is not None:
        arguments["within"] = token.organisation_id
    return Status(202, shapes.job(enqueue(kind, by=acting.person, at=acting.at, **arguments)))


@router.get("/jobs", response={200: list[JobOut], **REFUSALS}, operation_id="list_jobs")
def list_jobs(request: HttpRequest, window: Windowed) -> list[JobOut]:
    """List the caller's own jobs, the newest first."""
    acting = acting_of(request)
    rows, _after = cut(Job.objects.filter(by=acting.person).order_by("-asked_at", "-pk"), window)
    return [shapes.job(row) for row in rows]


@router.get("/jobs/{pk}", response={200: JobOut, **REFUSALS}, operation_id="get_job")
def get_job(request: HttpRequest, pk: Pk) -> JobOut:
    """Return one of the caller's own jobs."""
    return shapes.job(get_object_or_404(Job, pk=pk, by=acting_of(request).person))


@router.post("/jobs/{pk}/cancel", response={200: JobOut, **REFUSALS}, operation_id="cancel_job")
def cancel_job(request: HttpRequest, pk: Pk) -> JobOut:
    """Give up one of the caller's own jobs: one that waits ends at once, one that runs at its next step.

    A token gives up what was asked for within its unit, and runs when it may start them.
    """
    acting, token = acting_of(request), token_of(request)
    mine = Job.objects.filter(pk=pk, by=acting.person)
    found = get_object_or_404(mine)
    if token is not None and found.arguments.get("within") != token.organisation_id:
        tokens.check_action(token, _STARTED_WITH.get(found.kind, found.kind))
    mine.filter(state="queued").update(state="cancelled", finished_at=acting.at)
    mine.filter(state="running").update(cancel_asked=True)
    return shapes.job(mine.get())


@router.get("/jobs/{pk}/undo", response={200: JobUndo, **REFUSALS}, operation_id="get_job_undo")
def get_job_undo(request: HttpRequest, pk: Pk) -> JobUndo:
    """Say what can be taken back of one of the caller's jobs with many objects."""
    found = get_object_or_404(Job, pk=pk, by=acting_of(request).person)
    way = undo.way_of(found)
    if way is None:
        raise Http404
    return shapes.job_undo(undo.standing_of(found, way))


@router.post("/jobs/{pk}/undo", response={202: JobOut, **REFUSALS}, operation_id="undo_job")
def undo_job(request: HttpRequest, pk: Pk) -> Status[JobOut]:
    """Take one of the caller's jobs back: each object as it stood before, while it stands as the job left it.

    In the background; returns the job that does it. It needs the right that the job needed.
    """
    acting, token = acting_of(request), token_of(request)
    found = get_object_or_404(Job, pk=pk, by=acting.person)
    within, allowed = None if token is None else token.organisation_id, _holding(request)
    return Status(202, shapes.job(undo.ask(job=found, by=acting.person, at=acting.at, allowed=allowed, within=within)))


def _list_of(job: Job) -> str:
    """Return the list that an export is of."""
    own = {kind: name for name, (kind, _action) in _LISTS.items()}
    return own.get(job.kind) or str(job.arguments.get("name", ""))


@router.get("/jobs/{pk}/file", response={**REFUSALS}, operation_id="get_job_file", openapi_extra=FILE)
def get_job_file(request: HttpRequest, pk: Pk) -> FileResponse:
    """Fetch what a job of the caller made; with a token, of those that were asked for within its unit."""
    mine = Job.objects.filter(by=acting_of(request, "export").person, state="done")
    if (token := token_of(request)) is not None:  # the person's own exports may hold more than the token's unit
        mine = mine.filter(arguments__within=token.organisation_id)
    found = get_object_or_404(mine, pk=pk)
    if token is not None and (lacking := _lacking(_list_of(found), _holding(request))):
        raise PermissionDenied(lacking)  # asked for by another token of the same unit that may more
    path = Path(settings.MEDIA_ROOT) / found.result_file
    if not found.result_file or not path.is_file():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=path.name, content_type="application/octet-stream"
    )
