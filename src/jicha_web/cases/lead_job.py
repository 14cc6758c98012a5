"""The leads of a long file entered in the background: each entered or refused by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext

from jicha_web.cases import lead_file, leads
from jicha_web.jobs.many import many
from jicha_web.jobs.models import Job
from jicha_web.jobs.schedule import every
from jicha_web.jobs.work import Running, enqueue, work
from jicha_web.organisation.models import Person
from jicha_web.pages.tags import words

KIND = "enter_leads"
_FILE = "upload"  # of the job's folder; who reported a lead stands in it, so it goes with the job's end


def ask(*, name: str, content: bytes, by: Person, at: datetime) -> Job:
    """Have the leads of a file that was looked through entered in the background; wrong lines are named there."""
    with transaction.atomic():  # the worker sees the job once its file is there
        job = enqueue(KIND, by=by, at=at, name=name)
        (Running(job, at).folder / _FILE).write_bytes(content)
    return job


@work(KIND, "lead_enter")
def enter_leads(job: Running, *, name: str, **_later: Any) -> None:
    """Enter the leads of the file in the job's folder, as who sent it."""
    path = job.folder / _FILE
    try:
        _enter_all(job, name, path)
    finally:
        path.unlink(missing_ok=True)


@every("cases.forget_uploads", minutes=60)
def forget_uploads(at: datetime) -> None:
    """Take away the files of jobs that were killed: who reported a lead stands in them, and they are not read again."""
    del at
    over = Job.objects.filter(kind=KIND).exclude(state__in=("queued", "running"))
    for job in over.only("pk", "asked_at").iterator():
        (Path(settings.MEDIA_ROOT) / "jobs" / str(job.pk) / _FILE).unlink(missing_ok=True)


def _enter_all(job: Running, name: str, path: Path) -> None:
    assert job.by is not None
    parsed = lead_file.parse(name=name, content=path.read_bytes(), at=job.at)
    with many(job, total=len(parsed.leads) + len(parsed.problems)) as told:
        for wrong in parsed.problems:
            told.tell(wrong.cell, words(wrong.text))
        for given in parsed.leads:
            told.tell(label_of(given), _refusal(given, by=job.by, at=job.at))


def label_of(given: Mapping[str, Any]) -> str:
    """Return what a lead of a file is told by: its customer's number, else its line; a text may name who reported."""
    return str(given.get("customer_id") or gettext("line %(n)d") % {"n": given["line"]})


def _refusal(given: Mapping[str, Any], *, by: Person, at: datetime) -> str:
    """Enter one lead; return why it was not, nothing when it was or was known before."""
    try:
        leads.enter(by=by, at=at, given=given, of_file=True)
    except PermissionDenied:
        return gettext("The customer belongs to a unit for which you cannot enter leads.")
    return ""
