"""Changing a rule's status or a parameter: proposed by one, approved by another, then in force for the next run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from jicha_web import core, notices
from jicha_web.core import Text, rules
from jicha_web.findings.handling import UnableToHandle, reason_given
from jicha_web.findings.models import RuleChange
from jicha_web.history import record as history
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import people_with, require
from jicha_web.organisation.tree import unit_above_all

_SAID = {
    "asked": Text("规则变更待批准", "a change waits for approval"),
    "approved": Text("规则变更已批准", "a change is approved"),
    "refused": Text("规则变更未获批准", "a change is refused"),
}
DEFAULT = None  # a proposed value of None: what holds above, or the default


def in_force(rule: rules.Rule, name: str, organisation: Organisation | None) -> Any:
    """Return what is in force of a parameter everywhere, or what a unit itself overrides (None: nothing)."""
    values = rules.rule_book(settings.DATA).values[rule.code]
    code = organisation.code if organisation else None
    return next((found.get(name) for org, found in values if org == code), None)


@transaction.atomic
def propose(
    *, rule: str, what: str, after: Any, reason: str, by: Person, at: datetime, name: str = "",
    organisation: Organisation | None = None,
) -> RuleChange:  # fmt: skip
    """Propose a status (what "status") or a parameter's value ("parameter", for a unit's subtree or everywhere).

    UnableToHandle when it changes nothing or is proposed already; BadInput when the value does not fit.
    """
    require(by, "rule_change", timezone.localdate(at), organisation or unit_above_all())
    found = rules.rule_book(settings.DATA).rules.get(rule)
    if found is None:
        raise core.BadInput(zh=f"没有规则 {rule}。", en=f"there is no rule {rule}")
    before = found.status if what == "status" else _checked(found, name, after, organisation)
    if what == "status" and after not in rules.words("rule_status"):
        raise core.BadInput(zh=f"没有状态 {after}。", en=f"there is no status {after}")
    before, after = rules.plain(before), rules.plain(after)
    if before == after:
        raise UnableToHandle(Text("与现值相同，无需变更", "this is what is in force already"))
    if RuleChange.objects.filter(rule=rule, what=what, name=name, organisation=organisation, state="asked").exists():
        raise UnableToHandle(Text("已有同一项的变更待批准", "a change of the same waits for approval"))
    change = RuleChange(
        rule=rule, what=what, name=name, organisation=organisation, before=before, after=after,
        reason=reason_given(reason), asked_by=by, asked_at=at,
    )  # fmt: skip
    history.create(change, verb="proposed", by=by, at=at, note=change.reason)
    _tell(change, at)
    return change


def _tell(change: RuleChange, at: datetime) -> None:
    """Tell those who may approve what is proposed, and who proposed it what was decided."""
    people, kind = [change.asked_by], "rule_change_decided"
    if change.state == "asked":
        unit = change.organisation or unit_above_all()
        able = people_with("rule_approve", unit, timezone.localdate(at)) if unit else []
        people, kind = [p for p in able if p.pk != change.asked_by_id], "rule_change_asked"
    text = _SAID[change.state]
    found = rules.rule_book(settings.DATA).rules.get(change.rule)  # it may be gone when it is decided
    name = found.name if found else {"zh": "", "en": ""}
    notices.notify(
        people=people, kind=kind, at=at, url=reverse("rule", args=[change.rule]), once=f"{kind}:{change.pk}",
        text=Text(f"{text.zh}：{change.rule} {name['zh']}", f"{text.en}: {change.rule} {name['en']}"),
    )  # fmt: skip


def _checked(rule: rules.Rule, name: str, after: Any, organisation: Organisation | None) -> Any:
    parameter = rule.parameters.get(name)
    if parameter is None:
        raise core.BadInput(zh=f"规则 {rule.code} 没有参数 {name}。", en=f"{rule.code} has no parameter {name}")
    if after is not DEFAULT:
        parameter.check(after, rule.code)
    return in_force(rule, name, organisation)


def _decide(change: RuleChange, by: Person, at: datetime) -> None:
    require(by, "rule_approve", timezone.localdate(at), change.organisation or unit_above_all())
    if change.asked_by_id == by.pk:
        raise PermissionDenied("four eyes: who proposed does not decide")
    if change.state != "asked":
        raise UnableToHandle(Text("该变更已处理", "this was decided already"))


@transaction.atomic
def approve(*, change: RuleChange, by: Person, at: datetime) -> None:
    """Approve: written to DATA/run/parameters.yaml, in force for the next run. BadInput undoes it all."""
    _decide(change, by, at)
    history.record(
        change, verb="approved", by=by, at=at, changes={"state": "approved", "approved_by": by, "approved_at": at}
    )  # fmt: skip
    if change.what == "status":
        shipped = rules.rule_book(settings.DATA).shipped.get(change.rule)
        rules.set_status(settings.DATA, change.rule, None if change.after == shipped else str(change.after))
    else:
        org = change.organisation.code if change.organisation else None
        rules.set_parameter(settings.DATA, rule=change.rule, name=change.name, value=change.after, org=org)
    _tell(change, at)


@transaction.atomic
def refuse(*, change: RuleChange, reason: str, by: Person, at: datetime) -> None:
    """Refuse."""
    _decide(change, by, at)
    history.record(
        change, verb="refused", by=by, at=at, note=reason_given(reason),
        changes={"state": "refused", "approved_by": by, "approved_at": at},
    )  # fmt: skip
    _tell(change, at)
