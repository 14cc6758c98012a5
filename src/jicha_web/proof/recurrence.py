"""The same again: a case of the same rule and subject within months of one that was confirmed and closed."""

from __future__ import annotations

from datetime import datetime, time

from django.db.models import Exists, OuterRef
from django.utils import timezone

from jicha_web.assess.models import Assessment
from jicha_web.assess.outcome import UNFOUNDED
from jicha_web.cases import moves, opening
from jicha_web.cases.models import Case
from jicha_web.cases.workflow import Move, workflow
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.organisation.models import Person
from jicha_web.proof.terms import months_later, terms


def _rules(pks: list[int]) -> set[str]:
    return set(Finding._base_manager.filter(pk__in=pks).values_list("rule", flat=True))


def earlier(case: Case) -> Case | None:
    """Return the newest confirmed case of the same rule and subject, closed within the term before this was opened."""
    rules = set(Finding._base_manager.filter(case=case).values_list("rule", flat=True))
    if not rules or not case.subject_id:
        return None
    opened = timezone.localdate(case.opened_at)
    since = timezone.make_aware(datetime.combine(months_later(opened, -terms().recurrence_months), time()))
    # all units: a customer that moved to another station's area is the same customer
    before = Case._base_manager.filter(
        subject=case.subject, subject_id=case.subject_id, state="closed", closed_at__gte=since,
        closed_at__lte=case.opened_at,
    )  # fmt: skip
    for candidate in before.exclude(pk=case.pk).exclude(outcome__in=UNFOUNDED).order_by("-closed_at", "-pk")[:50]:
        approved = Assessment._base_manager.filter(case=candidate, state="approved").order_by("-pk").first()
        if approved is None:
            continue
        confirmed = [int(pk) for pk, verdict in approved.findings.items() if verdict == "confirmed"]
        if rules & _rules(confirmed):
            return candidate
    return None


def mark(*, case: Case, by: Person | None, at: datetime) -> Case | None:
    """Mark a case as a recurrence of an earlier one, if it is one; return that one."""
    if case.recurrence_of_id is not None:
        return None
    found = earlier(case)
    if found is not None:
        data = {"earlier": found.number}
        history.record(case, verb="recurrence", by=by, at=at, changes={"recurrence_of": found}, data=data)
    return found


def mark_open(at: datetime) -> int:
    """Mark every open case that is a recurrence and not yet marked; return how many."""
    closed = Case._base_manager.filter(subject=OuterRef("subject"), subject_id=OuterRef("subject_id"), state="closed")
    open_cases = Case._base_manager.filter(state__in=workflow().open_states, recurrence_of=None)
    again = open_cases.filter(Exists(closed)).order_by("pk")
    return sum(mark(case=case, by=None, at=at) is not None for case in again)


def _after(*, case: Case, move: Move, by: Person | None, at: datetime) -> None:
    if move.part in {"open", "dispatch"} and not workflow().states[case.state].end:
        mark(case=case, by=by, at=at)


def _taken_in(*, case: Case, by: Person | None, at: datetime) -> None:
    # who opens it sees that at once; what opens by rule is marked all together after the run (mark_open)
    if by is not None:
        mark(case=case, by=by, at=at)


def register_all() -> None:
    """Hang it on opening and on the moves; called once, when the application starts."""
    opening.after_taking_in(_taken_in)
    moves.after_move(_after)
