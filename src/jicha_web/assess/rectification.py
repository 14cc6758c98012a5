"""Putting right: what is demanded until when, the order in the marketing system, what was done, and its proof."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from jicha_web.assess.models import CaseFile, Rectification
from jicha_web.cases import moves
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.field.models import Photo
from jicha_web.history import record as history
from jicha_web.organisation.models import Person


class UnableToRectify(Exception):
    """The rectification cannot be recorded like that; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def latest(case: Case) -> Rectification | None:
    """Return the demand that counts: the newest."""
    return Rectification._base_manager.filter(case=case).select_related("by").order_by("-pk").first()


@transaction.atomic
def demand(*, case: Case, text: str, due_at: datetime, by: Person, at: datetime) -> Rectification:
    """Say what has to be put right until when; before it is submitted, a demand that is there is changed."""
    moves.lock(case)
    if case.state != "assessing":
        raise UnableToRectify(Text("整改要求随定性一并下达", "the demand is made together with the assessment"))
    if not moves.holds(by, "case_assess", "county", case.organisation, at):
        raise moves.UnableToMove([Missing("right", Text("您没有下达整改的权限", "you have no right to demand"))])
    moves.require_part(case=case, part="assess", by=by)
    if not text.strip():
        raise UnableToRectify(Text("请填写整改要求", "say what has to be put right"))
    if due_at <= at:
        raise UnableToRectify(Text("整改期限已过", "the deadline lies in the past"))
    there = latest(case)
    if there is not None and there.state == "asked" and there.started_on is None:
        changes = {"demand": text.strip(), "due_at": due_at, "by": by, "at": at}
        history.record(there, verb="demanded", by=by, at=at, changes=changes)
        return there
    made = Rectification(case=case, demand=text.strip(), due_at=due_at, by=by, at=at)
    history.create(made, verb="demanded", by=by, at=at)
    return made


@transaction.atomic
def record_result(
    *, case: Case, started_on: date | None, order_number: str, result: str, done_on: date | None,
    by: Person, at: datetime,
) -> Rectification:  # fmt: skip
    """Record how far the rectification is: its start, the order's number in the marketing system, result, end."""
    moves.lock(case)
    there = _under_way(case, by, at)
    today = timezone.localdate(at)
    for day in (started_on, done_on):
        if day is not None and day > today:
            raise UnableToRectify(Text("日期不能晚于今天", "a day lies in the future"))
    if done_on is not None and (started_on is None or done_on < started_on):
        raise UnableToRectify(Text("完成日期不能早于开始日期", "it cannot be done before it is started"))
    state = "done" if done_on else "started" if started_on else "asked"
    changes = {
        "started_on": started_on, "order_number": order_number.strip(), "result": result.strip(), "done_on": done_on,
        "state": state, "done_by": by if done_on else None,
    }  # fmt: skip
    history.record(there, verb=f"rectification_{state}", by=by, at=at, changes=changes)
    moves.take_part(case=case, part="rectify", by=by, at=at)
    return there


def _under_way(case: Case, by: Person, at: datetime) -> Rectification:
    if case.state != "rectifying":
        raise UnableToRectify(Text("工单不在整改中", "the case is not being rectified"))
    allowed = moves.holds(by, "case_rectify", "station", case.organisation, at)
    if not allowed or (case.assignee_id is not None and case.assignee_id != by.pk):
        text = Text("只能由承办人登记整改", "only the person in charge records it")
        raise moves.UnableToMove([Missing("right", text)])
    moves.require_part(case=case, part="rectify", by=by)
    there = latest(case)
    if there is None:
        raise UnableToRectify(Text("尚未下达整改要求", "nothing has been demanded"))
    return there


def proofs(case: Case, since: datetime) -> tuple[int, int]:
    """Return how many photos and files prove a rectification that was demanded at an instant."""
    photos = Photo._base_manager.filter(case=case, kind="rectified", removed=False, at__gte=since).count()
    files = CaseFile._base_manager.filter(case=case, kind="rectified", removed=False, at__gte=since).count()
    return photos, files
