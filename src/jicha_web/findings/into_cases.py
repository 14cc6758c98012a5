"""Findings become cases: the cases, which stand above the findings, say here how they are opened and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jicha_web.findings.models import Finding
from jicha_web.jobs.undo import Undoing
from jicha_web.organisation.models import Person


class Opened(Protocol):
    """A case that findings came into."""

    pk: int
    number: str


class Open(Protocol):
    """Puts findings into cases."""

    def __call__(self, *, findings: Sequence[Finding], by: Person, at: datetime) -> Sequence[Opened]:
        """Return the cases; UnableToHandle when none of the findings can go into one."""


@dataclass(frozen=True)
class _Ways:
    take: Open
    undoing: Callable[[], Undoing]


_registered: list[_Ways] = []


def register(take: Open, undoing: Callable[[], Undoing]) -> None:
    """Say how findings come into cases and how that is taken back; called once, when the application starts."""
    _registered[:] = [_Ways(take, undoing)]


def take(*, findings: Sequence[Finding], by: Person, at: datetime) -> Sequence[Opened]:
    """Put findings into cases, new or not; return these.

    Raises UnableToHandle when none of them can go into a case, PermissionDenied without the right.
    """
    return _registered[0].take(findings=findings, by=by, at=at)


def undoing() -> Undoing:
    """Return how it is taken back."""
    return _registered[0].undoing()
