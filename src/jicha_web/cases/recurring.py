"""What cases do by themselves: deadlines are told, and runs open cases by rule."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from jicha_web.cases import automatic, telling
from jicha_web.jobs.schedule import every


def tell_deadlines(at: datetime) -> None:
    """Remind and escalate."""
    telling.tell_deadlines(at)


def register_all() -> None:
    """Register with the schedule and with the import of runs."""
    every("case_deadlines", minutes=30)(tell_deadlines)
    if find_spec("jicha_web.runs.events"):
        import_module("jicha_web.runs.events").on_imported(automatic.open_by_rule)
