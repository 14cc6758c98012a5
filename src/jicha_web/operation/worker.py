"""The worker: does queued jobs one after the other, and beside them, in a thread, what recurs.

Every 20 seconds the thread ticks `jobs.schedule`, beats for the job at work (so that one whose worker was killed is
told from one that takes long), gives up jobs without a beat, and asks again for jobs whose place in the queue was lost:
the process was killed between storing the job and queueing it, or after taking it from the queue and before beginning.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jicha_web.jobs import work
from jicha_web.jobs.models import Job
from jicha_web.jobs.schedule import tick
from jicha_web.organisation.middleware import now

log = logging.getLogger(__name__)
PERIOD_SECONDS = 20.0
SILENT = timedelta(minutes=3)  # nine beats


class Ticker(threading.Thread):
    """Ticks until stopped."""

    def __init__(self) -> None:
        super().__init__(name="jicha-tick", daemon=True)
        self._stopped = threading.Event()
        self._waiting: set[int] = set()

    def run(self) -> None:
        """Tick at once, then every period; a failure is told and does not end it."""
        while True:
            close_old_connections()
            try:
                self.once()
            except Exception:
                log.exception("the tick failed; the next one is in %s s", PERIOD_SECONDS)
            if self._stopped.wait(PERIOD_SECONDS):
                connection.close()
                return

    def stop(self) -> None:
        """End after the present tick."""
        self._stopped.set()

    def once(self) -> None:
        """Do one tick."""
        at = timezone.now()
        Job.objects.filter(pk__in=list(work.at_work), state="running").update(beaten_at=at)
        work.give_up_dead(at, silent=SILENT)
        self._waiting = ask_again(self._waiting)
        tick(now())


def ask_again(seen_before: set[int]) -> set[int]:
    """Queue the jobs once more that had no place in the queue now and at the tick before; return those without one now.

    Beginning a job compares its state, so one that is queued twice is done once.
    """
    queued = set(Job.objects.filter(state="queued").values_list("pk", flat=True)[:1000])
    if not queued:
        return set()
    ready = DBTaskResult.objects.ready().filter(task_path=work.run_job.module_path)
    placed = {arguments["kwargs"].get("job_id") for arguments in ready.values_list("args_kwargs", flat=True)}
    lost = queued - placed
    for job in Job.objects.filter(pk__in=lost & seen_before).select_related("by").order_by("pk"):
        log.warning("job %s had lost its place in the queue; it is asked for again", job.pk)
        language = job.by.language if job.by else settings.LANGUAGE_CODE
        work.run_job.enqueue(job_id=job.pk, at=job.asked_at.isoformat(), language=language)
    return lost - seen_before


def give_up_own() -> None:
    """End the jobs that this process was at when it was told to stop at once."""
    at = timezone.now()
    stopped = Job.objects.filter(pk__in=list(work.at_work), state="running")
    stopped.update(state="failed", finished_at=at, message=work.STOPPED)
