"""What becomes of the findings of a case that comes to nothing: nobody has to look for them in a case that is over.

Cancelled: they are to handle again. Dropped: they are dismissed, for the reason that the case was. Either way they keep
the case's number, so that its page still tells what it was about, and can go into another.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jicha_web.cases import moves
from jicha_web.cases.models import Case
from jicha_web.cases.workflow import Move
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.history.models import Entry
from jicha_web.organisation.models import Person

_BECOME = {"cancel": ("released", "open"), "drop": ("dismissed", "dismissed")}  # move: verb, handling


def release(*, case: Case, move: Move, by: Person | None, at: datetime) -> None:
    """Let the findings of a case go that was cancelled or dropped."""
    if move.event not in _BECOME:
        return
    verb, handling = _BECOME[move.event]
    told = Entry.objects.filter(object_type="case", object_id=case.pk, verb=move.event).order_by("-number")
    note = told.values_list("note", flat=True).first() or ""
    data: dict[str, Any] = {"case_number": case.number}
    # not by scope: a finding may lie with another unit than its case (回避)
    for finding in Finding._base_manager.filter(case=case, handling="in_case").order_by("pk"):
        history.record(finding, verb=verb, by=by, at=at, note=note, changes={"handling": handling}, data=data)


def register_all() -> None:
    """Hang it on the moves; called once, when the application starts."""
    moves.after_move(release)
