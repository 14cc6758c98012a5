"""A later deadline: asked by who has the case, approved by another."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jicha_web.cases import deadlines, parties, telling
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case, Extension
from jicha_web.cases.moves import UnableToMove, holds
from jicha_web.cases.workflow import workflow
from jicha_web.core import Text
from jicha_web.history import record as history
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import may


def may_ask(case: Case, by: Person, at: datetime) -> bool:
    """Whether a person has a say in a case's deadline: the assignee, or who dispatches and assesses for the unit."""
    rules = workflow().extension
    if case.state not in rules.states:
        return False
    day = timezone.localdate(at)
    allowed = [a for a in rules.ask_actions if may(by, a, day, case.organisation)]
    if case.assignee_id == by.pk:
        return bool(allowed)
    return any(a in {"case_dispatch", "case_assess"} for a in allowed)


def ask(*, case: Case, by: Person, at: datetime, until: datetime, reason: str) -> Extension:
    """Ask for a later deadline of the present state; UnableToMove says what stands against it."""
    reasons = []
    if not may_ask(case, by, at):
        text = Text("当前状态下您不能申请延期", "you cannot ask for a later deadline now")
        reasons.append(Missing("no_ask", text))
    if barred := parties.bars_person(case, by):
        reasons.append(Missing("party", barred))
    if not reason.strip():
        reasons.append(Missing("no_note", Text("未填写延期原因", "the reason is missing")))
    if case.due_at is None or until <= max(case.due_at, at):
        reasons.append(Missing("not_later", Text("新期限应晚于原期限和现在", "the new deadline is not later")))
    elif until > deadlines.after(at, deadlines.deadlines().longest).at:
        longest = deadlines.deadlines().longest
        reasons.append(Missing("too_late", Text(f"最长{longest}个工作日", f"at most {longest} work days ahead")))
    if Extension.objects.filter(case=case, state="asked").exists():
        reasons.append(Missing("asked", Text("已有待审批的延期申请", "one is waiting for approval already")))
    if reasons:
        raise UnableToMove(reasons)
    extension = Extension(case=case, until=until, reason=reason.strip(), asked_by=by, asked_at=at)
    with transaction.atomic():
        history.create(extension, verb="asked", by=by, at=at)
        history.record(case, verb="extension_asked", by=by, at=at, note=reason.strip(), data={"until": until})
        telling.tell_extension_asked(extension=extension, at=at)
    return extension


def decide(*, extension: Extension, by: Person, at: datetime, approve: bool, note: str = "") -> None:
    """Approve or refuse a later deadline; not by who asked for it. An approved one moves the case's deadline."""
    case, rules = extension.case, workflow().extension
    reasons = []
    if not holds(by, rules.approve_action, rules.approve_level, case.organisation, at):
        reasons.append(Missing("right", Text("您没有审批延期的权限", "you have no right to approve it")))
    if extension.asked_by_id == by.pk:
        reasons.append(Missing("four_eyes", Text("申请人不能审批自己的申请", "you asked for it yourself")))
    if barred := parties.bars_person(case, by):
        reasons.append(Missing("party", barred))
    if extension.state != "asked" or case.state not in rules.states:
        reasons.append(Missing("decided", Text("该申请已处理或工单已流转", "it is decided, or the case has moved on")))
    if not approve and not note.strip():
        reasons.append(Missing("no_note", Text("未填写不同意的原因", "the reason is missing")))
    if reasons:
        raise UnableToMove(reasons)
    with transaction.atomic():
        history.record(
            extension, verb="approved" if approve else "refused", by=by, at=at, note=note,
            changes={"state": "approved" if approve else "refused", "approved_by": by, "approved_at": at},
        )  # fmt: skip
        changes = {"due_at": extension.until, "due_by_calendar": True} if approve else {}
        verb = "extended" if approve else "extension_refused"
        history.record(case, verb=verb, by=by, at=at, note=note, changes=changes, data={"extension": extension.pk})
        telling.tell_extension_decided(extension=extension, at=at)
