"""What moves of the workflow do to assessment and rectification, in the move's own transaction."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from jicha_web.assess import outcome, rectification
from jicha_web.assess.models import Assessment, Rectification
from jicha_web.cases import moves
from jicha_web.cases.models import Case
from jicha_web.cases.workflow import Move
from jicha_web.history import record as history
from jicha_web.organisation.models import Person

ZERO = Decimal(0)


def confirmed_yuan(assessment: Assessment) -> Decimal:
    """Return what an assessment confirms: claim and penalty less refund; nothing when unfounded."""
    if assessment.outcome in outcome.UNFOUNDED:
        return ZERO
    return (assessment.claim_yuan or ZERO) + (assessment.penalty_yuan or ZERO) - (assessment.refund_yuan or ZERO)


def _submitted(case: Case, by: Person | None, at: datetime) -> None:
    draft = outcome.latest(case)
    if draft is None:
        return
    history.record(draft, verb="submitted", by=by, at=at, changes={"state": "submitted"})
    if case.outcome != draft.outcome:
        history.record(case, verb="outcome", by=by, at=at, changes={"outcome": draft.outcome})


def _approved(case: Case, by: Person | None, at: datetime) -> None:
    draft = outcome.latest(case)
    if draft is None:
        return
    changes = {"state": "approved", "approved_by": by, "approved_at": at}
    history.record(draft, verb="approved", by=by, at=at, changes=changes)
    history.record(case, verb="amount_confirmed", by=by, at=at, changes={"confirmed_yuan": confirmed_yuan(draft)})


def _refused(case: Case, by: Person | None, at: datetime) -> None:
    """Put the outcome back for the assessor: what was refused stays, a draft of the same words follows."""
    there = outcome.latest(case)
    if there is None or there.state not in {"submitted", "approved"}:
        return
    if there.state == "submitted":
        history.record(there, verb="refused", by=by, at=at, changes={"state": "refused"})
    follows = Assessment(
        case=case, outcome=there.outcome, findings=there.findings, reasoning=there.reasoning, by=there.by, at=at,
        claim_yuan=there.claim_yuan, penalty_yuan=there.penalty_yuan, refund_yuan=there.refund_yuan,
    )  # fmt: skip
    history.create(follows, verb="to_assess_again", by=by, at=at)


def _rectifying(case: Case, by: Person | None, at: datetime) -> None:
    """Let deadline and demand agree; a case that came back is asked for anew, with the same words."""
    there = rectification.latest(case)
    if there is None:
        return
    if there.state == "asked":
        if case.due_at != there.due_at and there.due_at > at:
            history.record(case, verb="deadline_demanded", by=by, at=at, changes={"due_at": there.due_at})
        return
    history.record(there, verb="rectification_returned", by=by, at=at, changes={"state": "returned"})
    again = Rectification(
        case=case, demand=there.demand, due_at=case.due_at or there.due_at, order_number=there.order_number,
        by=by, at=at,
    )  # fmt: skip
    history.create(again, verb="demanded", by=by, at=at)


def _accepted(case: Case, by: Person | None, at: datetime) -> None:
    there = rectification.latest(case)
    if there is not None and there.state == "done":
        history.record(there, verb="rectification_accepted", by=by, at=at, changes={"state": "accepted"})


def after(*, case: Case, move: Move, by: Person | None, at: datetime) -> None:
    """Do what belongs to a move."""
    if move.event == "submit_assessment":
        _submitted(case, by, at)
    elif move.event in {"approve", "approve_unfounded"}:
        _approved(case, by, at)
    elif move.event in {"refuse", "return_assessment"}:
        _refused(case, by, at)
    elif move.event == "accept_city":
        _accepted(case, by, at)
    if move.target(case.state) == "rectifying" and move.event != "reassign":
        _rectifying(case, by, at)


def register_all() -> None:
    """Hang them on the moves; called once, when the application starts."""
    moves.after_move(after)
