"""Work in the background: a function registered by name, run by the worker, watched by the person who asked.

    @work("export_findings")
    def export_findings(job: Running, *, query: str, language: str) -> None:
        job.progress(done, total, "…")          # raises Cancelled when the person gave up
        job.result_file("findings.xlsx", path)

    enqueue("export_findings", by=person, at=now, organisation=unit, query="…", language="en")

Arguments are JSON values; ids, not objects. The work runs within the scope of who asked (all units for the system),
with `job.at` as its instant; an argument `within` (a unit, as a machine's token has) narrows scope and rights. An
exception ends the job as failed with a message for people.
"""

from __future__ import annotations

import functools
import logging
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django_tasks import task

from jicha_web import core
from jicha_web.jobs.models import Job
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import narrow, scope_of
from jicha_web.organisation.scope import EVERYTHING, Scope, scoped

log = logging.getLogger(__name__)
_works: dict[str, Callable[..., None]] = {}
_actions: dict[str, tuple[str, ...]] = {}
_BEAT = timedelta(seconds=1)
at_work: set[int] = set()  # the jobs that this process is doing; the worker beats for them
STOPPED = "the worker that did this was stopped; ask again / 执行该任务的后台进程已停止，请重新发起"


class Cancelled(Exception):
    """The person who asked gave up."""


class Running:
    """A job at work, as its function sees it."""

    def __init__(self, job: Job, at: datetime) -> None:
        self.job = job
        self.at = at
        self._told = at - _BEAT

    @property
    def by(self) -> Person | None:
        """Who asked; None: the system."""
        return self.job.by

    @property
    def folder(self) -> Path:
        """Where the job may write its files."""
        path = Path(settings.MEDIA_ROOT) / "jobs" / str(self.job.pk)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far it is, at most once a second; Cancelled when the person gave up."""
        now = timezone.now()
        if now - self._told < _BEAT and done < total:
            return
        self._told = now
        Job.objects.filter(pk=self.job.pk).update(done=done, total=total, message=message, beaten_at=now)
        if Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists():
            raise Cancelled

    def result(self, **values: Any) -> None:
        """Keep what came of it."""
        self.job.result = {**self.job.result, **values}

    def result_file(self, name: str, path: Path) -> None:
        """Keep a file for the person who asked, to be fetched from the page of the job."""
        target = self.folder / name
        if path != target:
            shutil.move(path, target)
        self.job.result_file = str(target.relative_to(settings.MEDIA_ROOT))


def work(name: str, *actions: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a kind of work; it must be imported by its app's `ready`.

    actions: in sight are the units for which who asked may do all of these; without any, those where they hold a role.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        if name in _works:
            raise ValueError(f"two kinds of work are named {name}")
        _works[name], _actions[name] = function, actions
        return function

    return register


def enqueue(
    kind: str, *, by: Person | None, at: datetime, organisation: Organisation | None = None, **arguments: Any
) -> Job:
    """Ask for work; it starts once the surrounding transaction is committed."""
    if kind not in _works:
        raise KeyError(f"no work is named {kind}")
    job = Job.objects.create(kind=kind, by=by, asked_at=at, organisation=organisation, arguments=arguments)
    language = translation.get_language() or settings.LANGUAGE_CODE
    transaction.on_commit(lambda: run_job.enqueue(job_id=job.pk, at=at.isoformat(), language=language))
    return job


@task()
def run_job(*, job_id: int, at: str, language: str, **_later: Any) -> None:
    """Do one job; called by the worker."""
    began = Job.objects.filter(pk=job_id, state="queued").update(
        state="running", started_at=timezone.now(), beaten_at=timezone.now()
    )
    if not began:
        return
    job = Job.objects.select_related("by", "organisation").get(pk=job_id)
    running = Running(job, datetime.fromisoformat(at))
    if job.by is not None and job.arguments.get("within") is not None:
        narrow(job.by, Organisation.objects.get(pk=job.arguments["within"]))
    scope = EVERYTHING if job.by is None else _sight(job.by, job.kind, timezone.localdate(running.at))
    at_work.add(job_id)
    try:
        with scoped(scope), translation.override(language):
            _do(running, language)
    finally:
        at_work.discard(job_id)  # else the worker would beat for ever for a job whose end could not be written


def _do(running: Running, language: str) -> None:
    job = running.job
    try:
        _works[job.kind](running, **job.arguments)
        job.state = "done"
    except Cancelled:
        job.state = "cancelled"
    except (core.BadInput, core.MachineFailure) as error:
        job.state = "failed"
        job.message = error.text.to(core.Language.EN if language == "en" else core.Language.ZH)
    except Exception as error:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        job.state = "failed"
        job.message = f"{type(error).__name__}: {error}"
    job.finished_at = timezone.now()
    fields = ["state", "finished_at", "result", "result_file"]
    if job.state == "failed":
        fields.append("message")
    job.save(update_fields=fields)


def _sight(person: Person, kind: str, day: date) -> Scope:
    sights = (scope_of(person, day, action) for action in _actions[kind])
    return functools.reduce(Scope.within, sights, scope_of(person, day))


def give_up_dead(at: datetime, silent: timedelta = timedelta(minutes=30)) -> int:
    """End jobs whose worker was killed, so that nobody waits for them; return how many."""
    dead = Job.objects.filter(state="running", beaten_at__lt=at - silent)
    return dead.update(state="failed", finished_at=at, message=STOPPED)
