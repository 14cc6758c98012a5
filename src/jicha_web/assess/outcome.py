"""The outcome of a case: drafted and submitted by one, approved by another.

`assess` writes the draft. Submitting, approving and refusing are moves of the workflow (cases.moves): what they do to
the assessment is hung on the move (see effects.py), so that it is the same from a page, the API and a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from jicha_web.assess.models import Assessment, Calculation
from jicha_web.cases import moves
from jicha_web.cases.codes import labels
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import OUTCOMES, Case
from jicha_web.core import Text
from jicha_web.history import record as history
from jicha_web.organisation.models import Person

UNFOUNDED = frozenset({"unfounded", "data_error"})


class UnableToAssess(Exception):
    """The outcome cannot be written like that; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def latest(case: Case) -> Assessment | None:
    """Return the assessment that counts: the newest."""
    return Assessment._base_manager.filter(case=case).select_related("by", "approved_by").order_by("-pk").first()


def sums(calculations: Iterable[Calculation]) -> dict[str, Decimal | None]:
    """Return the sums of the calculations that are used; None where none of them says anything."""
    used = [c for c in calculations if c.used]
    found: dict[str, Decimal | None] = {}
    for name in ("claim_yuan", "penalty_yuan", "refund_yuan"):
        values = [value for c in used if (value := getattr(c, name)) is not None]
        found[name] = sum(values, Decimal(0)) if values else None
    return found


def used_calculations(case: Case) -> list[Calculation]:
    """Return the calculations of a case that are in its sums."""
    return list(Calculation._base_manager.filter(case=case, used=True).order_by("pk"))


@transaction.atomic
def assess(
    *, case: Case, outcome: str, findings: Mapping[int, str], reasoning: str, by: Person, at: datetime
) -> Assessment:
    """Write the outcome of a case and of each of its findings as a draft; a draft that is there is changed.

    findings: finding id → confirmed, unfounded, data_error; all of the case's findings.
    Raises UnableToAssess, UnableToMove.
    """
    moves.lock(case)
    _require(case, by, at)
    _check(case, outcome, findings, reasoning)
    values = {
        "outcome": outcome, "findings": {str(pk): verdict for pk, verdict in sorted(findings.items())},
        "reasoning": reasoning.strip(), **sums(used_calculations(case)),
    }  # fmt: skip
    moves.take_part(case=case, part="assess", by=by, at=at)
    draft = latest(case)
    if draft is not None and draft.state == "draft":
        history.record(draft, verb="assessed", by=by, at=at, changes={**values, "by": by, "at": at})
        return draft
    draft = Assessment(case=case, by=by, at=at, **values)
    history.create(draft, verb="assessed", by=by, at=at)
    return draft


def _require(case: Case, by: Person, at: datetime) -> None:
    """Refuse who may not assess, and a case that is not being assessed."""
    if case.state != "assessing":
        raise UnableToAssess(Text("工单不在待定性状态，不能定性", "the case is not in the state “to assess”"))
    if not moves.holds(by, "case_assess", "county", case.organisation, at):
        raise moves.UnableToMove([Missing("right", Text("您没有定性权限", "you have no right to assess here"))])
    moves.require_part(case=case, part="assess", by=by)


def _check(case: Case, outcome: str, findings: Mapping[int, str], reasoning: str) -> None:
    if outcome not in dict(OUTCOMES):
        raise UnableToAssess(Text("请选择定性结论", "choose an outcome"))
    if not reasoning.strip():
        raise UnableToAssess(Text("请填写定性理由", "give the reasoning"))
    known = set(case.findings.model._base_manager.filter(case=case).values_list("pk", flat=True))
    if set(findings) != known or any(verdict not in labels("verdicts") for verdict in findings.values()):
        raise UnableToAssess(Text("请对每个疑点给出结论", "give a verdict on each finding"))
    confirmed = any(verdict == "confirmed" for verdict in findings.values())
    if outcome in UNFOUNDED and confirmed:
        raise UnableToAssess(
            Text("定性为不属实或数据错误时，不能有属实的疑点", "an unfounded case has no confirmed finding")
        )
    if outcome not in UNFOUNDED and known and not confirmed:
        raise UnableToAssess(Text("定性为属实时，至少一个疑点应属实", "a founded case confirms at least one finding"))


@transaction.atomic
def refresh_sums(*, case: Case, by: Person, at: datetime) -> None:
    """Bring the sums of a draft in line with the calculations used; nothing to do without a draft."""
    draft = latest(case)
    if draft is None or draft.state != "draft":
        return
    found = sums(used_calculations(case))
    if any(getattr(draft, name) != value for name, value in found.items()):
        history.record(draft, verb="sums_changed", by=by, at=at, changes=found)


def submit(*, case: Case, by: Person, at: datetime) -> Case:
    """Hand the outcome in for approval."""
    return moves.move(case=case, event="submit_assessment", by=by, at=at)


def approve(*, case: Case, note: str, by: Person, at: datetime) -> Case:
    """Approve the outcome: on to rectification, or to the city's review when it is unfounded."""
    event = "approve_unfounded" if case.outcome in UNFOUNDED else "approve"
    return moves.move(case=case, event=event, by=by, at=at, note=note)


def refuse(*, case: Case, note: str, by: Person, at: datetime) -> Case:
    """Send the outcome back."""
    return moves.move(case=case, event="refuse", by=by, at=at, note=note)
