"""Gates: what must be there before a move. Each part of the application registers the ones that it can tell.

    def visit_complete(case: Case, by: Person | None) -> list[Missing]: ...
    gates.register("visit_complete", visit_complete)

An empty list opens the gate. A gate that nobody has registered stays shut: what cannot be judged is never in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jicha_web.core import Text

if TYPE_CHECKING:
    from jicha_web.cases.models import Case
    from jicha_web.organisation.models import Person


@dataclass(frozen=True)
class Missing:
    """One thing that is not there; `place`: an anchor of the page where it can be put in."""

    code: str
    text: Text
    place: str = ""


Tell = Callable[["Case", "Person | None"], list[Missing]]
TellOfGiven = Callable[["Case", "Person | None", Mapping[str, Any]], list[Missing]]
_gates: dict[str, Tell] = {}
_gates_of_given: dict[str, TellOfGiven] = {}


def register(name: str, function: Tell) -> None:
    """Set who tells whether a gate is open; called in an app's `ready`."""
    _gates[name] = function


def register_of_given(name: str, function: TellOfGiven) -> None:
    """Set who tells of a gate that judges what is handed in with the move; before that it is not asked."""
    _gates_of_given[name] = function


def missing(name: str, case: Case, by: Person | None, given: Mapping[str, Any] | None) -> list[Missing]:
    """Return what a gate misses. given: None while a person has only been shown the move."""
    if name in _gates_of_given:
        return [] if given is None else _gates_of_given[name](case, by, given)
    if name not in _gates:
        text = Text(f"条件“{name}”无人判断，不能放行", f"nothing tells whether “{name}” holds, so it does not")
        return [Missing("unknown_gate", text)]
    return _gates[name](case, by)
