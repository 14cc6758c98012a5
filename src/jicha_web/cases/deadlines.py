"""Until when a case may stay in a state: work days by severity, from deadlines.yaml and the calendar of the runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache

from django.conf import settings
from django.utils import timezone

from jicha_web import core
from jicha_web.core.calendar import Calendar, calendar


@dataclass(frozen=True)
class Escalation:
    """Who is told when a case is so many work days late."""

    late: int
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Deadlines:
    """The rules of deadlines.yaml. `days`: state → severity → work days."""

    days: Mapping[str, Mapping[str, int]]
    longest: int
    remind_before: tuple[int, ...]
    escalations: tuple[Escalation, ...]
    by_dispatch: tuple[str, ...]

    def work_days(self, state: str, severity: str) -> int | None:
        """Return the work days of a state; None when it has no deadline."""
        return self.days.get(state, {}).get(severity)


@dataclass(frozen=True)
class Due:
    """A deadline; `by_calendar`: whether a calendar of work days covered the way there."""

    at: datetime
    by_calendar: bool


@cache
def deadlines() -> Deadlines:
    """Return the rules of the catalog."""
    content = core.application_file("deadlines")
    return Deadlines(
        days=content["states"],
        longest=content["longest_work_days"],
        remind_before=tuple(sorted(content["remind_before"], reverse=True)),
        escalations=tuple(
            Escalation(e["late"], tuple(e["tell"])) for e in sorted(content["escalate"], key=lambda e: int(e["late"]))
        ),
        by_dispatch=tuple(content["by_dispatch"]),
    )


def present_calendar() -> Calendar:
    """Return the calendar of the data folder."""
    return calendar(settings.DATA)


def end_of(day: date) -> datetime:
    """Return the last second of a local day: a deadline is a day."""
    return datetime.combine(day, time(23, 59, 59), timezone.get_current_timezone())


def after(at: datetime, work_days: int) -> Due:
    """Return the end of the n-th work day after an instant."""
    day, known = present_calendar().after(timezone.localdate(at), work_days)
    return Due(end_of(day), known)


def due(*, state: str, severity: str, at: datetime) -> Due | None:
    """Return the deadline of a state that begins at an instant; None when it has none."""
    days = deadlines().work_days(state, severity)
    return None if days is None else after(at, days)


def after_dispatch(*, state: str, severity: str, at: datetime) -> Due | None:
    """Return until when what is dispatched into a state now is to be done, unless the dispatcher sets another day.

    A station has the days of all its states together: it is free to start when it likes.
    """
    rules = deadlines()
    if state not in rules.by_dispatch:
        return due(state=state, severity=severity, at=at)
    return after(at, sum(rules.work_days(one, severity) or 0 for one in rules.by_dispatch))


def late(due_at: datetime, at: datetime) -> int:
    """Return how many work days lie between a deadline and an instant; negative before it."""
    return present_calendar().between(timezone.localdate(due_at), timezone.localdate(at))
