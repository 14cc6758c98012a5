"""How much lies with units and people: the part that counts registers itself, so that this one knows no cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Load:
    """Open cases, and how many of them are late; `url`: the list of them."""

    open: int = 0
    late: int = 0
    url: str = ""


Count = Callable[[datetime], Mapping[int, Load]]
_units: list[Count] = []
_people: list[Count] = []


def register(*, units: Count, people: Count) -> None:
    """Set who counts: functions from an instant to loads by id of the unit (without those below it) and the person."""
    _units[:] = [units]
    _people[:] = [people]


def of_units(at: datetime) -> Mapping[int, Load]:
    """Return the load of each unit in sight, without the units below it."""
    return _units[0](at) if _units else {}


def of_people(at: datetime) -> Mapping[int, Load]:
    """Return the load of each person in sight."""
    return _people[0](at) if _people else {}
