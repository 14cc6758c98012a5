"""The one way a case changes its state.

    move(case=case, event="dispatch_county", by=person, at=now, given={"organisation": unit, "analysis": "…"})

Everything that stands against a move is told at once (UnableToMove); nothing is half done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from jicha_web.cases import deadlines, gates, parties
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case, Dispatch, Extension, Part
from jicha_web.cases.workflow import LEVELS, Move, workflow
from jicha_web.core import Language, Text
from jicha_web.history import record as history
from jicha_web.history.models import Entry
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import memberships
from jicha_web.organisation.roles import roles_with

# what other parts may set in the same row as a move
SETTABLE = frozenset({"outcome", "amount_yuan", "confirmed_yuan", "collected_yuan", "recurrence_of"})
Effect = Callable[..., None]
_on_entering: dict[str, list[Effect]] = {}
_after_move: list[Effect] = []


class UnableToMove(Exception):
    """A move that cannot be made; `reasons` says all that stands against it."""

    def __init__(self, reasons: list[Missing]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(r.text.en for r in reasons))

    def words(self) -> str:
        """Return the reasons in the language in force."""
        language = Language.EN if (translation.get_language() or "").startswith("en") else Language.ZH
        return ("; " if language is Language.EN else "；").join(r.text.to(language) for r in self.reasons)


@dataclass(frozen=True)
class Offer:
    """A move as it is shown to a person, with what stands against it."""

    move: Move
    reasons: tuple[Missing, ...] = field(default=())

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against it, but what is handed in with it."""
        return not self.reasons


@dataclass(frozen=True)
class _Attempt:
    """One attempt at a move. given: None while the move is only shown."""

    move: Move
    by: Person | None
    at: datetime
    note: str = ""
    given: Mapping[str, Any] | None = None


def on_entering(state: str, function: Effect) -> None:
    """Call `function(case=, by=, at=)` in the transaction of every move into a state."""
    _on_entering.setdefault(state, []).append(function)


def after_move(function: Effect) -> None:
    """Call `function(case=, move=, by=, at=)` in the transaction of every move."""
    _after_move.append(function)


def holds(by: Person, action: str, level: str, unit: Organisation, at: datetime) -> bool:
    """Whether a person may do something for a unit by a role held at a level or above."""
    lowest, allowed = LEVELS.index(level), roles_with(action)
    return any(
        m.role in allowed and LEVELS.index(m.organisation.level) <= lowest and m.organisation.covers(unit)
        for m in memberships(by, timezone.localdate(at))
    )


def parts_taken(case: Case, person: Person) -> frozenset[str]:
    """Return the parts that a person took in a case; read once per case object."""
    known: dict[int, frozenset[str]] = case.__dict__.setdefault("_known_parts", {})
    if person.pk not in known:
        found = Part.objects.filter(case=case, person=person).values_list("part", flat=True)
        known[person.pk] = frozenset(found)
    return known[person.pk]


def against_part(case: Case, part: str, by: Person) -> list[Missing]:
    """Return what stands against a person's taking a part in a case: 回避 and four eyes."""
    reasons = []
    if barred := parties.bars_person(case, by):
        reasons.append(Missing("party", barred))
    flow = workflow()
    for other in sorted(flow.four_eyes.get(part, frozenset()) & parts_taken(case, by)):
        mine, theirs = flow.parts[part], flow.parts[other]
        reasons.append(
            Missing(
                "four_eyes",
                Text(
                    f"同一工单的{theirs.zh}与{mine.zh}不能为同一人",
                    f"whoever {theirs.en.lower()} this case is not the one who {mine.en.lower()} it",
                ),
            )
        )
    return reasons


def lock(case: Case) -> None:
    """Keep everybody else from a case until the transaction ends: what belongs to it is changed by one at a time.

    Raises ChangedMeanwhile when it has gone on, or to somebody else, since it was read. Rows below a case (a visit, a
    paper) are locked after it: two who took them the other way round would wait for each other.
    """
    as_it_is = Case._base_manager.select_for_update(of=("self",)).filter(pk=case.pk)
    as_read = (case.state, case.organisation_id, case.assignee_id)
    if as_it_is.values_list("state", "organisation_id", "assignee_id").get() != as_read:
        raise history.ChangedMeanwhile(case)


def require_part(*, case: Case, part: str, by: Person) -> None:
    """Raise UnableToMove when a person may not take a part in a case, for verbs that move nothing."""
    if reasons := against_part(case, part, by):
        raise UnableToMove(reasons)


def take_part(*, case: Case, part: str, by: Person, at: datetime, told: bool = False) -> None:
    """Keep that a person took a part in a case. told: the caller's own history row of the case is yet to come."""
    if part not in parts_taken(case, by):
        with transaction.atomic():
            Part.objects.create(case=case, person=by, part=part, at=at)
            if not told:
                history.record(case, verb="took_part", by=by, at=at, data={"part": part})
        case.__dict__["_known_parts"][by.pk] |= {part}


def _against_person(case: Case, attempt: _Attempt) -> list[Missing]:
    who, by = attempt.move.who, attempt.by
    if by is None:
        if who.system:
            return []
        return [Missing("person", Text("此步骤须由人员办理", "a person has to do this"))]
    if who.system:
        return [Missing("system", Text("此步骤由数据验证自动办理", "the runs do this by themselves"))]
    reasons = []
    if not holds(by, who.action, who.level, case.organisation, attempt.at):
        reasons.append(Missing("right", Text("您没有办理此步骤的权限", "you have no right to do this for this unit")))
    if who.assignee and case.assignee_id != by.pk:
        reasons.append(
            Missing("assignee", Text("只能由指定的核查人办理", "only the person it is given to may do this"))
        )
    return reasons + against_part(case, attempt.move.part, by)


def _against_given(attempt: _Attempt, given: Mapping[str, Any]) -> list[Missing]:
    labels = {
        "organisation": Text("未选择受理单位", "no unit was chosen"),
        "assignee": Text("未选择核查人", "no person was chosen"),
        "analysis": Text("未填写疑点分析", "the analysis is missing"),
    }
    wanted = attempt.move.given
    reasons = [Missing(f"no_{n}", labels[n]) for n in wanted if not given.get(n) or not str(given[n]).strip()]
    if attempt.move.note and not attempt.note.strip():
        reasons.append(Missing("no_note", Text("未填写原因", "the reason is missing")))
    return reasons


def _against_deadline(wished: datetime | None, at: datetime) -> list[Missing]:
    if wished is None:
        return []
    if wished <= at:
        return [Missing("due_past", Text("期限已过", "the deadline lies in the past"))]
    longest = deadlines.deadlines().longest
    if wished > deadlines.after(at, longest).at:
        text = Text(f"期限不得超过{longest}个工作日", f"the deadline is at most {longest} work days ahead")
        return [Missing("due_far", text)]
    return []


def _reasons(case: Case, attempt: _Attempt) -> list[Missing]:
    reasons, given = _against_person(case, attempt), attempt.given
    if given is not None:
        reasons += _against_given(attempt, given) + _against_deadline(given.get("due_at"), attempt.at)
        given = {**given, "move": attempt.move, "at": attempt.at}
    for gate in attempt.move.gates:
        reasons += gates.missing(gate, case, attempt.by, given)
    return reasons


def available_moves(case: Case, by: Person, at: datetime) -> list[Offer]:
    """Return the moves that a person has a right to, each with what stands against it; no others."""
    offers = []
    flow = workflow()
    for one in flow.moves_from(case.state):
        if one.who.system or not holds(by, one.who.action, one.who.level, case.organisation, at):
            continue
        if any(not flow.gates[g].offers and gates.missing(g, case, by, None) for g in one.gates):
            continue
        offers.append(Offer(one, tuple(_reasons(case, _Attempt(one, by, at)))))
    return offers


def city_of(unit: Organisation) -> Organisation:
    """Return the city above a unit; the top where there is none."""
    while unit.level != "city" and unit.parent is not None:
        unit = unit.parent
    return unit


def latest_dispatch(case: Case) -> Dispatch | None:
    """Return the dispatch by which a case came to where it lies."""
    found = Dispatch.objects.filter(case=case, to_organisation=case.organisation_id)
    return found.select_related("from_organisation").order_by("-pk").first()


def _place(case: Case, move: Move, given: Mapping[str, Any]) -> Organisation:
    if move.lies == "given":
        unit: Organisation = given["organisation"]
        return unit
    if move.lies == "city":
        return city_of(case.organisation)
    if move.lies == "from":
        dispatch = latest_dispatch(case)
        return dispatch.from_organisation if dispatch else city_of(case.organisation)
    return case.organisation


def _due(case: Case, attempt: _Attempt, target: str) -> deadlines.Due | None:
    if target == case.state:  # given to another person: the deadline stays
        return None if case.due_at is None else deadlines.Due(case.due_at, case.due_by_calendar)
    if attempt.move.lies == "given" and (wished := (attempt.given or {}).get("due_at")):
        return deadlines.Due(wished, True)
    if target in deadlines.deadlines().by_dispatch and not attempt.move.sends_back:
        if attempt.move.lies == "given":
            return deadlines.after_dispatch(state=target, severity=case.severity, at=attempt.at)
        if case.due_at is not None:  # it goes on within the deadline of the dispatch, or of its extension
            return deadlines.Due(case.due_at, case.due_by_calendar)
    due = deadlines.due(state=target, severity=case.severity, at=attempt.at)
    if attempt.move.sends_back and (until := _extended(case, target)) and (due is None or until > due.at):
        return deadlines.Due(until, True)  # who approved the day did so for this work: a return does not take it back
    return due


def _extended(case: Case, target: str) -> datetime | None:
    """Return the latest day approved for the work of a state; the check is one work from its dispatch on."""
    together = deadlines.deadlines().by_dispatch
    states = set(together) if target in together else {target}
    days = dict(Extension.objects.filter(case=case, state="approved").values_list("pk", "until"))
    if not days:
        return None
    rows = Entry.objects.filter(object_type=Case.history_type(), object_id=case.pk).order_by("number")
    state, found = "", []
    for verb, data in rows.values_list("verb", "data"):
        if verb == "extended" and state in states and data["extension"] in days:
            found.append(days[data["extension"]])
        if "state" in data:
            state = data["state"][1]
    return max(found, default=None)


def move(
    *,
    case: Case,
    event: str,
    by: Person | None,
    at: datetime,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Case:
    """Move a case, with its history row and the part that the person took, in one transaction.

    given: `organisation` and `assignee` as objects, `analysis`, and optionally `due_at` for a dispatch.
    changes: what another part sets in the same row (SETTABLE); the gates see the case without them.
    data: what else belongs to the history row.
    Raises UnableToMove with all reasons, ChangedMeanwhile when the case was changed after it was read.
    """
    if strange := set(changes or {}) - SETTABLE:
        raise ValueError(f"a move does not set {sorted(strange)}")
    flow = workflow()
    one = flow.move(case.state, event)
    if one is None:
        label = flow.states[case.state].label
        text = Text(f"“{label.zh}”状态下不能执行此步骤", f"this cannot be done in the state “{label.en}”")
        raise UnableToMove([Missing("no_move", text)])
    attempt = _Attempt(one, by, at, note, dict(given or {}))
    with transaction.atomic():
        if reasons := _reasons(case, attempt):
            raise UnableToMove(reasons)
        _apply(case, attempt, dict(changes or {}), dict(data or {}))
    return case


def _apply(case: Case, attempt: _Attempt, changes: dict[str, Any], data: dict[str, Any]) -> None:
    one, by, at, given = attempt.move, attempt.by, attempt.at, attempt.given or {}
    target, left = one.target(case.state), case.organisation
    state = workflow().states[target]
    due, place = _due(case, attempt, target), _place(case, one, given)
    changes |= {"state": target, "organisation": place, "due_at": due.at if due else None}
    changes["due_by_calendar"] = due.by_calendar if due else True
    if target != case.state:
        changes["state_since"] = at
    if "assignee" in one.given:
        changes["assignee"] = given["assignee"]
    elif state.level in {"city", "county"} and one.lies in {"given", "from"}:
        changes["assignee"] = None
    if one.sends_back:
        changes["returns"] = case.returns + 1
    if state.end:
        changes["closed_at"] = at
    if one.lies == "given" and by is not None and due is not None:
        Dispatch.objects.create(
            case=case,
            from_organisation=left,
            to_organisation=place,
            assignee=given.get("assignee"),
            by=by,
            at=at,
            due_at=due.at,
            analysis=given["analysis"],
        )
        data["analysis"] = given["analysis"]
    if by is not None:
        take_part(case=case, part=one.part, by=by, at=at, told=True)
    history.record(case, verb=one.event, by=by, at=at, note=attempt.note, changes=changes, data=data)
    for effect in _on_entering.get(target, []):
        effect(case=case, by=by, at=at)
    for effect in _after_move:
        effect(case=case, move=one, by=by, at=at)
