"""Who is told what of cases: what arrives, what is asked for and decided, what is due or late. Each thing once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from jicha_web import notices
from jicha_web.cases import deadlines, moves, parties, titles
from jicha_web.cases.models import Case, Extension
from jicha_web.cases.workflow import Move, workflow
from jicha_web.core import Text
from jicha_web.jobs.rows import in_chunks
from jicha_web.organisation.models import Membership, Organisation, Person
from jicha_web.organisation.rights import people_with, read_memberships

_REACH = timedelta(days=30)  # work days ahead fall within it, long holidays included


def who_acts(case: Case, at: datetime) -> list[Person]:
    """Return the people who can take a case's next step: the assignee where only they may, else who has the right."""
    found: dict[int, Person] = {}
    for one in workflow().moves_from(case.state):
        if one.who.system or one.event in {"cancel", "reassign", "drop"}:
            continue
        if one.who.assignee:
            people = [case.assignee] if case.assignee else []
        else:
            people = _lowest(people_with(one.who.action, case.organisation, timezone.localdate(at)), one, case, at)
        found |= {p.pk: p for p in people if parties.bars_person(case, p) is None}
    return list(found.values())


def _lowest(people: list[Person], one: Move, case: Case, at: datetime) -> list[Person]:
    """Keep those who hold the right at the level that acts: the city need not hear of each county's work."""
    read_memberships(people, timezone.localdate(at))  # one by one they take longer than the move itself
    able = [p for p in people if moves.holds(p, one.who.action, one.who.level, case.organisation, at)]
    near = [p for p in able if p.organisation.level == one.who.level]
    return near or able


def holders(roles: Iterable[str], unit: Organisation, at: datetime) -> list[Person]:
    """Return who holds one of some roles for a unit."""
    day = timezone.localdate(at)
    held = Membership.objects.filter(
        role__in=list(roles), is_active=True, person__is_active=True
    ).select_related("person", "organisation")  # fmt: skip
    return list({m.person_id: m.person for m in held if m.holds_on(day) and m.organisation.covers(unit)}.values())


def url_of(case: Case) -> str:
    """Return the page of a case."""
    return reverse("case", args=[case.pk])


def tell_arrival(*, case: Case, move: Move, by: Person | None, at: datetime) -> None:
    """Tell those who act next that a case is theirs now."""
    state = workflow().states[case.state]
    if state.end or not move.to:
        return
    people = [p for p in who_acts(case, at) if by is None or p.pk != by.pk]
    title = titles.title_of(case.title)
    come = move.label if move.sends_back else state.label  # why it was sent back stands on its page
    text = Text(f"{come.zh}：{case.number} {case.title}", f"{come.en}: {case.number} {title.en}")
    notices.notify(
        people=people, kind="case_arrived", text=text, url=url_of(case), at=at,
        once=f"arrived:{case.pk}:{case.version}",
    )  # fmt: skip


def tell_extension_asked(*, extension: Extension, at: datetime) -> None:
    """Tell those who may approve a later deadline that one is asked for: those of the lowest level that may."""
    case, rules = extension.case, workflow().extension
    people = people_with(rules.approve_action, case.organisation, timezone.localdate(at))
    read_memberships(people, timezone.localdate(at))
    able = [
        p for p in people
        if p.pk != extension.asked_by_id
        and moves.holds(p, rules.approve_action, rules.approve_level, case.organisation, at)
        and parties.bars_person(case, p) is None
    ]  # fmt: skip
    near = [p for p in able if p.organisation.level == rules.approve_level] or able
    day, title = timezone.localdate(extension.until), titles.title_of(case.title)
    text = Text(f"申请延期至{day}：{case.number} {case.title}", f"asks to be due {day}: {case.number} {title.en}")
    once = f"extension-asked:{extension.pk}"
    notices.notify(people=near, kind="extension_asked", text=text, url=url_of(case), once=once, at=at)


def tell_extension_decided(*, extension: Extension, at: datetime) -> None:
    """Tell who asked for a later deadline, and who has the case, what was decided."""
    case, approved = extension.case, extension.state == "approved"
    concerned = (extension.asked_by, case.assignee)
    people = {p.pk: p for p in concerned if p is not None and p.pk != extension.approved_by_id}
    day, title = timezone.localdate(extension.until), titles.title_of(case.title)
    zh = f"已同意延期至{day}" if approved else "不同意延期"
    en = f"the deadline is moved to {day}" if approved else "a later deadline is refused"
    text, once = (
        Text(f"{zh}：{case.number} {case.title}", f"{en}: {case.number} {title.en}"),
        f"extension:{extension.pk}",
    )
    notices.notify(people=people.values(), kind="extension_decided", text=text, url=url_of(case), once=once, at=at)


def _step(case: Case, at: datetime) -> tuple[str, int] | None:
    """Return which reminder (`due`, days left) or escalation (`late`, days late) a case has come to."""
    assert case.due_at is not None
    rules = deadlines.deadlines()
    if case.due_at >= at:
        left = -deadlines.late(case.due_at, at)
        come = [n for n in rules.remind_before if left <= n]
        return ("due", min(come)) if come else None
    late = deadlines.late(case.due_at, at)
    come = [e.late for e in rules.escalations if late >= e.late]
    return ("late", max(come)) if come else None


def tell_deadlines(at: datetime) -> int:
    """Remind before deadlines and escalate after them; return how many cases were told of. Each step once."""
    # all units: called by the schedule
    waiting = Case.objects.filter(state__in=workflow().open_states, due_at__lte=at + _REACH)
    told = 0
    for case in in_chunks(waiting.select_related("organisation", "assignee__organisation"), 500):
        step = _step(case, at)
        if step is None or case.due_at is None:
            continue
        mark = f"{case.state}:{timezone.localdate(case.due_at)}:{step[0]}{step[1]}"
        # claimed by comparing, so that two workers do not both tell
        if mark == case.told or not Case.objects.filter(pk=case.pk, told=case.told).update(told=mark):
            continue
        _tell_step(case, step, mark, at)
        told += 1
    return told


def _tell_step(case: Case, step: tuple[str, int], mark: str, at: datetime) -> None:
    kind, days = step
    people, state = who_acts(case, at), workflow().states[case.state].label
    day, title = timezone.localdate(case.due_at) if case.due_at else None, titles.title_of(case.title)
    if kind == "due":
        text = Text(
            f"即将到期（{day}）：{case.number} {state.zh} {case.title}",
            f"due {day}: {case.number} {state.en} {title.en}",
        )
    else:
        rules = deadlines.deadlines().escalations
        roles = {role for e in rules if e.late <= days for role in e.roles}
        people = list({p.pk: p for p in [*people, *holders(roles, case.organisation, at)]}.values())
        # the step may be told later than on its day: after the worker stood still, or a run of holidays was changed
        late = max(days, deadlines.late(case.due_at, at)) if case.due_at else days
        text = Text(
            f"已逾期{late}个工作日：{case.number} {state.zh} {case.title}",
            f"{late} work days late: {case.number} {state.en} {title.en}",
        )
    able = [p for p in people if parties.bars_person(case, p) is None]
    notices.notify(people=able, kind=f"case_{kind}", text=text, url=url_of(case), once=f"{case.pk}:{mark}", at=at)
