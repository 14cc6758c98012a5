"""Recurring work: functions that are due every so often, called by the worker's tick, each claimed by one worker only.

    @every("seal_history", minutes=60)
    def seal_history(at: datetime) -> None: ...

A tick is short: what takes longer enqueues a job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from jicha_web.jobs.models import Due
from jicha_web.organisation.scope import EVERYTHING, scoped

log = logging.getLogger(__name__)
_AHEAD = timedelta(minutes=5)  # the clocks of two machines may differ; one that shows more was set back
_recurring: dict[str, tuple[timedelta, Callable[[datetime], None]]] = {}


def every(name: str, *, minutes: float) -> Callable[[Callable[[datetime], None]], Callable[[datetime], None]]:
    """Register recurring work; it must be imported by its app's `ready`."""

    def register(function: Callable[[datetime], None]) -> Callable[[datetime], None]:
        _recurring[name] = (timedelta(minutes=minutes), function)
        return function

    return register


def tick(at: datetime) -> list[str]:
    """Do what is due; return the names of what was done. One that fails does not hold up the others."""
    done = []
    for name, (period, function) in sorted(_recurring.items()):
        Due.objects.get_or_create(name=name)
        is_due = Q(last_at=None) | Q(last_at__lte=at - period) | Q(last_at__gt=at + _AHEAD)
        claimed = Due.objects.filter(is_due, name=name).update(last_at=at)
        if not claimed:
            continue
        try:
            with scoped(EVERYTHING):
                function(at)
            done.append(name)
        except Exception:
            log.exception("recurring work %s failed", name)
    return done
