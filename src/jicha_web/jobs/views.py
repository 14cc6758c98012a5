"""A person's jobs: how far they are, their files, giving up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from jicha_web.jobs import undo
from jicha_web.jobs.models import Job
from jicha_web.jobs.sheets import may_export, sheet_of
from jicha_web.jobs.work import enqueue
from jicha_web.pages import confirm
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in


def _own(request: HttpRequest) -> QuerySet[Job]:
    # a job belongs to who asked for it: what it made may hold more than another may see
    return Job.objects.filter(by=acting_of(request).person)


@require_GET
@signed_in()
def jobs(request: HttpRequest) -> HttpResponseBase:
    """The list of one's jobs, newest first."""
    page = page_of(_own(request).defer("arguments", "result").order_by("-asked_at", "-pk"), request)
    return render(request, "jobs/jobs.html", {"page": page})


@require_GET
@signed_in()
def job(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One job; htmx asks for its progress only."""
    found = get_object_or_404(_own(request), pk=pk)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "jobs/progress.html", {"job": found})
    way, acting = undo.way_of(found), acting_of(request)
    values: dict[str, Any] = {"job": found, "way": way, "undoes": found.arguments.get("undoes")}
    if way is not None:
        values |= {"left": undo.standing_of(found, way), "may_undo": any(map(acting.may, way.actions))}
    return render(request, "jobs/job.html", values)


@require_POST
@signed_in()
def job_undo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a job with many objects back, in the background; asks first."""
    found, acting = get_object_or_404(_own(request), pk=pk), acting_of(request)
    if undo.way_of(found) is None:
        raise Http404
    try:
        left = undo.require(found, acting.may)
    except undo.UnableToUndo as error:
        messages.error(request, words(error.text))
        return redirect("job", pk)
    text = ngettext("Take %(n)d object back as it was before?", "Take %(n)d objects back as they were before?",
                    left.standing)  # fmt: skip
    consequence = _("Each gets a row in its history. What was changed since is named and stays as it is.")
    back = reverse("job", args=[pk])
    if page := confirm.ask(request, question=text % {"n": left.standing}, consequence=consequence, back=back):
        return page
    return redirect("job", undo.ask(job=found, by=acting.person, at=acting.at, allowed=acting.may).pk)


@require_POST
@signed_in()
def job_cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give up a job: one that waits ends at once, one that runs at its next step."""
    found = get_object_or_404(_own(request), pk=pk)
    acting = acting_of(request)
    _own(request).filter(pk=pk, state="queued").update(state="cancelled", finished_at=acting.at)
    _own(request).filter(pk=pk, state="running").update(cancel_asked=True)
    return redirect("job", pk=found.pk)


@require_GET
@signed_in()
def job_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a job made, as a download."""
    found = get_object_or_404(_own(request), pk=pk, state="done")
    path = Path(settings.MEDIA_ROOT) / found.result_file
    if not found.result_file or not path.is_file():
        raise Http404
    response: HttpResponse | FileResponse = FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@signed_in()  # each list says by which rights
def list_export(request: HttpRequest, name: str) -> HttpResponseBase:
    """Have all rows of a list written to a workbook."""
    sheet, acting = sheet_of(name), acting_of(request)
    if sheet is None:
        raise Http404
    if not may_export(sheet, acting.may):
        raise PermissionDenied("export")
    job = enqueue("export_list", by=acting.person, at=acting.at, name=name, query=request.POST.get("query", "")[:2000])
    return redirect("job", job.pk)
