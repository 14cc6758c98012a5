"""What cases do by themselves: deadlines are told, and runs open cases by rule."""

from __future__ import annotations

from datetime import datetime

from jicha_web.cases import automatic, telling
from jicha_web.jobs.schedule import every
from jicha_web.runs import events
from jicha_web.runs.models import Run


def tell_deadlines(at: datetime) -> None:
    """Remind and escalate."""
    telling.tell_deadlines(at)


def open_cases(run: Run, at: datetime) -> None:
    """Open what the run's findings call for."""
    automatic.open_by_rule(run, at)


def register_all() -> None:
    """Register with the schedule and with the import of runs."""
    every("case_deadlines", minutes=30)(tell_deadlines)
    events.on_imported(open_cases)
