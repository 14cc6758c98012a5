"""The workflow as the catalog tells it: states, moves, who may make them, and what must be there first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jicha_web import core
from jicha_web.organisation.roles import roles_with

LEVELS = ("province", "city", "county", "station")  # from the top down
PLACES = ("", "given", "from", "city")
GIVEN = ("organisation", "assignee", "analysis")
_MOVE_FIELDS = {"event", "zh", "en", "from", "to", "who", "part", "gates", "given", "note", "lies", "sends_back"}


class WrongWorkflow(Exception):
    """workflow.yaml contradicts itself; the message names every place."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("workflow.yaml: " + "; ".join(self.problems))


@dataclass(frozen=True)
class State:
    """One state of a case. `level`: who acts there — a level of units, `system` or `none`."""

    code: str
    label: core.Text
    level: str
    end: bool


@dataclass(frozen=True)
class Who:
    """Who may make a move: those with a right for a unit of a level or above, the assignee only, or the system."""

    action: str = ""
    level: str = ""
    assignee: bool = False
    system: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """The roles that hold the right; none for the system's moves."""
        return roles_with(self.action) if self.action else frozenset()


@dataclass(frozen=True)
class Move:
    """One way from a state to another. `to` is empty for a move that stays."""

    event: str
    label: core.Text
    sources: tuple[str, ...]
    to: str
    who: Who
    part: str
    gates: tuple[str, ...]
    given: tuple[str, ...]
    note: bool
    lies: str
    sends_back: bool

    def target(self, state: str) -> str:
        """Return the state after the move from a state."""
        return self.to or state


@dataclass(frozen=True)
class Gate:
    """Something that must be there; one part of the application tells. `offers`: a shut move is shown with why-not."""

    code: str
    label: core.Text
    owner: str
    offers: bool


@dataclass(frozen=True)
class Extension:
    """Where a later deadline may be asked, and by whom it is asked and approved."""

    states: frozenset[str]
    ask_actions: tuple[str, ...]
    approve_action: str
    approve_level: str


@dataclass(frozen=True)
class Workflow:
    """The whole table, checked."""

    states: Mapping[str, State]
    start: tuple[str, ...]
    moves: tuple[Move, ...]
    parts: Mapping[str, core.Text]
    four_eyes: Mapping[str, frozenset[str]]
    gates: Mapping[str, Gate]
    extension: Extension

    def move(self, state: str, event: str) -> Move | None:
        """Return the move of an event from a state; None when there is none."""
        return next((m for m in self.moves if m.event == event and state in m.sources), None)

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Return the moves from a state, in the order of the file."""
        return tuple(m for m in self.moves if state in m.sources)

    @property
    def open_states(self) -> tuple[str, ...]:
        """The states that are not an end."""
        return tuple(code for code, state in self.states.items() if not state.end)


def _text(content: Mapping[str, Any]) -> core.Text:
    return core.Text(str(content["zh"]), str(content["en"]))


def _move(entry: Mapping[str, Any]) -> Move:
    who = entry.get("who") or {}
    to = entry["to"]
    return Move(
        event=entry["event"], label=_text(entry), sources=tuple(entry["from"]), to="" if to == "same" else to,
        who=Who(
            action=who.get("action", ""), level=who.get("level", ""),
            assignee=bool(who.get("assignee")), system=bool(who.get("system")),
        ),
        part=entry.get("part", ""), gates=tuple(entry.get("gates") or ()), given=tuple(entry.get("given") or ()),
        note=bool(entry.get("note")), lies=entry.get("lies", ""), sends_back=bool(entry.get("sends_back")),
    )  # fmt: skip


def read(content: Mapping[str, Any], gates: Mapping[str, Any]) -> Workflow:
    """Return the workflow of the content of workflow.yaml and gates.yaml; WrongWorkflow names all that is wrong."""
    extension = content["extension"]
    found = Workflow(
        states={c: State(c, _text(s), s["level"], bool(s.get("end"))) for c, s in content["states"].items()},
        start=tuple(content["start"]),
        moves=tuple(_move(entry) for entry in content["moves"]),
        parts={code: _text(part) for code, part in content["parts"].items()},
        four_eyes={part: frozenset(others) for part, others in content["four_eyes"].items()},
        gates={c: Gate(c, _text(g), g["owner"], bool(g.get("offers", True))) for c, g in gates["gates"].items()},
        extension=Extension(
            states=frozenset(extension["states"]), ask_actions=tuple(extension["ask"]["actions"]),
            approve_action=extension["approve"]["action"], approve_level=extension["approve"]["level"],
        ),
    )  # fmt: skip
    problems = [*_unknown_fields(content), *_wrong_states(found), *_wrong_moves(found), *_wrong_parts(found)]
    if problems:
        raise WrongWorkflow(problems)
    return found


def _unknown_fields(content: Mapping[str, Any]) -> Iterable[str]:
    for entry in content["moves"]:
        for name in sorted(set(entry) - _MOVE_FIELDS):
            yield f"move {entry['event']} has an unknown field {name}"


def _wrong_states(flow: Workflow) -> Iterable[str]:
    named = {*flow.start, *flow.extension.states}
    for move in flow.moves:
        named |= {*move.sources, *([move.to] if move.to else [])}
    for unknown in sorted(named - set(flow.states)):
        yield f"unknown state {unknown}"
    reached, new = set(flow.start), set(flow.start)
    while new:
        new = {m.target(s) for s in new for m in flow.moves_from(s)} - reached
        reached |= new
    for code in flow.states:
        if code not in reached:
            yield f"state {code} cannot be reached"
    for code, state in flow.states.items():
        if state.end and flow.moves_from(code):
            yield f"state {code} is an end, yet a move leaves it"
        if not state.end and not any(m.target(code) != code for m in flow.moves_from(code)):
            yield f"no move leaves state {code}"


def _wrong_moves(flow: Workflow) -> Iterable[str]:
    seen: set[tuple[str, str]] = set()
    for move in flow.moves:
        for source in move.sources:
            if (source, move.event) in seen:
                yield f"event {move.event} leaves state {source} twice"
            seen.add((source, move.event))
        yield from _wrong_who(move)
        for gate in move.gates:
            if gate not in flow.gates:
                yield f"move {move.event} names the unknown gate {gate}"
        for name in move.given:
            if name not in GIVEN:
                yield f"move {move.event} asks for the unknown field {name}"
        if move.lies not in PLACES or (move.lies == "given" and "organisation" not in move.given):
            yield f"move {move.event} does not tell where the case lies: {move.lies!r}"


def _wrong_who(move: Move) -> Iterable[str]:
    who = move.who
    if who.system:
        if who.action or who.assignee:
            yield f"move {move.event} is the system's and a person's"
        return
    try:
        roles = who.roles
    except KeyError:
        yield f"move {move.event} names the unknown action {who.action}"
        return
    if not roles:
        yield f"move {move.event} has no role that may make it"
    if who.level not in LEVELS:
        yield f"move {move.event} names the unknown level {who.level!r}"
    if not move.part:
        yield f"move {move.event} names no part"


def _wrong_parts(flow: Workflow) -> Iterable[str]:
    named = {m.part for m in flow.moves if m.part} | set(flow.four_eyes)
    for others in flow.four_eyes.values():
        named |= others
    for unknown in sorted(named - set(flow.parts)):
        yield f"unknown part {unknown}"
    for part, others in flow.four_eyes.items():
        for other in others:
            if part not in flow.four_eyes.get(other, frozenset()):
                yield f"four eyes: {part} excludes {other}, but not the other way round"


@cache
def workflow() -> Workflow:
    """Return the workflow of the catalog."""
    return read(core.application_file("workflow"), core.application_file("gates"))
