"""Who takes a run's findings in, and who wants to know once they are in.

    @events.on_imported
    def open_by_rule(run: Run, at: datetime) -> None: ...

Called in an app's `ready`. A function may be called again for the same run when the worker was killed in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any, Protocol, TypeVar

from jicha_web.core import screening
from jicha_web.runs.models import Run

log = logging.getLogger(__name__)
Listener = Callable[[Run, datetime], None]
L = TypeVar("L", bound=Listener)
_listeners: list[Listener] = []


class Intake(Protocol):
    """Takes the findings of one run in."""

    total: int
    taken: Any  # .unknown_units: unit code → findings

    def batches(self, after: int = 0) -> Generator[int]:
        """Write chunk by chunk; yield how many rows are in."""


_intake: list[Callable[[int, screening.Run], Intake]] = []
_after: list[Listener] = []


def takes_in(make: Callable[[int, screening.Run], Intake], after: Listener) -> None:
    """Set who takes findings in, and what it does after the last row; called once, by the findings."""
    _intake[:] = [make]
    _after[:] = [after]


def intake(run: Run, record: screening.Run) -> Intake:
    """Return the intake of a run."""
    return _intake[0](run.pk, record)


def taken_in(run: Run, at: datetime) -> None:
    """Say that the last row is in."""
    _after[0](run, at)


def on_imported(function: L) -> L:
    """Have a function called with every run whose findings are in."""
    if function not in _listeners:
        _listeners.append(function)
    return function


def imported(run: Run, at: datetime) -> list[str]:
    """Call all listeners; one that fails holds up no other. Returns what went wrong."""
    problems = []
    for function in _listeners:
        try:
            function(run, at)
        except Exception as error:
            log.exception("%s.%s failed for run %s", function.__module__, function.__qualname__, run.run_id)
            problems.append(f"{function.__module__}: {type(error).__name__}: {error}")
    return problems
