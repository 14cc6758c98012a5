"""How much lies with units and people: the part that counts registers itself, so that this one knows no cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Load:
    """Open cases, and how many of them are late; `url`: the list of them."""

    open: int = 0
    late: int = 0
    url: str = ""


Count = Callable[[datetime], Mapping[int, Load]]
CountSome = Callable[[datetime, Collection[int]], Mapping[int, Load]]
_units: list[Count] = []
_people: list[CountSome] = []


def register(*, units: Count, people: CountSome) -> None:
    """Set who counts: units by id, each without those below it; and some people by id."""
    _units[:] = [units]
    _people[:] = [people]


def of_units(at: datetime) -> Mapping[int, Load]:
    """Return the load of each unit in sight, without the units below it."""
    return _units[0](at) if _units else {}


def of_people(at: datetime, ids: Collection[int]) -> Mapping[int, Load]:
    """Return the load of some people, in cases in sight."""
    return _people[0](at, ids) if _people else {}
