"""How many notifications wait: the overview counts them, the layout shows the figure."""

from __future__ import annotations

from collections.abc import Callable

from jicha_web.organisation.models import Person

_count: list[Callable[[Person], int]] = []


def register(count: Callable[[Person], int]) -> None:
    """Set who counts; called once, by the overview."""
    _count[:] = [count]


def unread(person: Person) -> int:
    """Return how many notifications a person has not read."""
    return _count[0](person) if _count else 0
