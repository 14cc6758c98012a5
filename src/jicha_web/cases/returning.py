"""Why a case was sent back: the reason stands where the next step is made, not only down in the history."""

from __future__ import annotations

from jicha_web.cases.models import Case
from jicha_web.cases.workflow import Move, workflow
from jicha_web.history.models import Entry


def last_return(case: Case) -> tuple[Entry, Move] | None:
    """Return the history row by which a case came to its present state, and its move, when it was sent back to it."""
    if not case.returns:
        return None
    moves = {one.event: one for one in workflow().moves if one.to}
    rows = Entry.objects.filter(object_type=Case.history_type(), object_id=case.pk, verb__in=list(moves))
    row = rows.order_by("-number").first()
    return (row, moves[row.verb]) if row is not None and moves[row.verb].sends_back else None
