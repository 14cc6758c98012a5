"""The white list: what is right as it is until a day. Asked by one, approved by another; runs read it from a file."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from jicha_web import notices
from jicha_web.core import Text, rules
from jicha_web.findings.handling import UnableToHandle, reason_given
from jicha_web.findings.models import Finding, WhitelistEntry
from jicha_web.history import record as history
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import people_with, require

LONGEST = timedelta(days=3 * 366)


@transaction.atomic
def ask(*, finding: Finding, until: date, reason: str, by: Person, at: datetime) -> WhitelistEntry:
    """Ask that a finding stands on the white list until a day."""
    day = timezone.localdate(at)
    require(by, "finding_handle", day, finding.organisation)
    if finding.handling not in {"open", "snoozed", "dismissed"}:
        now = finding.get_handling_display()
        raise UnableToHandle(Text(f"该疑点目前为“{now}”", f"the finding is: {now}"))
    if not day < until <= day + LONGEST:
        raise UnableToHandle(Text("期限应在今天之后、三年之内", "the last day should be after today, within 3 years"))
    # of all units: a finding may have moved to another since its entry was asked for
    alive = WhitelistEntry._base_manager.filter(rule=finding.rule, key=finding.key, state__in=WhitelistEntry.ALIVE)
    if alive.exists():
        raise _twice()
    entry = WhitelistEntry(
        organisation=finding.organisation, rule=finding.rule, key=finding.key, until=until,
        reason=reason_given(reason), asked_by=by, asked_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            history.create(entry, verb="asked", by=by, at=at, note=entry.reason)
    except IntegrityError as error:  # somebody else asked for the same in between
        raise _twice() from error
    _tell(entry, at)
    return entry


def _twice() -> UnableToHandle:
    return UnableToHandle(Text("该疑点已申请或已在白名单中", "it is asked for, or on the white list, already"))


def _tell(entry: WhitelistEntry, at: datetime) -> None:
    """Tell those who may approve what is asked for, and who asked what was decided."""
    subject = " ".join(line.text.zh for line in key_words(entry))
    if entry.state == "asked":
        able = people_with("case_approve", entry.organisation, timezone.localdate(at))
        people, kind = [p for p in able if p.pk != entry.asked_by_id], "whitelist_asked"
        zh, en = f"申请列入白名单至{entry.until}", f"asked for the white list until {entry.until}"
    else:
        people, kind = [entry.asked_by], "whitelist_decided"
        zh, en = ("已列入白名单", "on the white list") if entry.state == "approved" else ("不同意列入白名单", "refused")
    notices.notify(
        people=people, kind=kind, at=at, url=reverse("whitelist_entry", args=[entry.pk]),
        text=Text(f"{zh}：{entry.rule} {subject}", f"{en}: {entry.rule} {subject}"),
        once=f"{kind}:{entry.pk}",
    )  # fmt: skip


def _decide(entry: WhitelistEntry, by: Person, at: datetime) -> None:
    require(by, "case_approve", timezone.localdate(at), entry.organisation)
    if entry.asked_by_id == by.pk:
        raise PermissionDenied("four eyes: who asked does not decide")
    if entry.state != "asked":
        raise UnableToHandle(Text("该申请已处理", "this was decided already"))


@transaction.atomic
def approve(*, entry: WhitelistEntry, by: Person, at: datetime) -> None:
    """Approve: the next runs pass over it, and the finding is no longer to do."""
    _decide(entry, by, at)
    if entry.until < timezone.localdate(at):
        raise UnableToHandle(Text("期限已过", "its last day is past"))
    history.record(
        entry, verb="approved", by=by, at=at, changes={"state": "approved", "approved_by": by, "approved_at": at}
    )  # fmt: skip
    for finding in _findings(entry, "open", "snoozed", "dismissed"):
        changes = {"handling": "whitelisted", "snoozed_until": None}
        history.record(finding, verb="whitelisted", by=by, at=at, note=entry.reason, changes=changes)
    rules.put_on_whitelist(
        settings.DATA, rule=entry.rule, key=entry.key, until=entry.until, reason=entry.reason, by=by.name
    )  # fmt: skip
    _tell(entry, at)


@transaction.atomic
def refuse(*, entry: WhitelistEntry, reason: str, by: Person, at: datetime) -> None:
    """Refuse."""
    _decide(entry, by, at)
    history.record(
        entry, verb="refused", by=by, at=at, note=reason_given(reason),
        changes={"state": "refused", "approved_by": by, "approved_at": at},
    )  # fmt: skip
    _tell(entry, at)


@transaction.atomic
def end(*, entry: WhitelistEntry, reason: str, by: Person | None, at: datetime) -> None:
    """End an approved one before its day, or on it (by None: the system); the finding is to do again."""
    if by is not None:
        require(by, "finding_handle", timezone.localdate(at), entry.organisation)
    if entry.state != "approved":
        raise UnableToHandle(Text("只有已批准的白名单可以终止", "only an approved entry can be ended"))
    history.record(entry, verb="ended", by=by, at=at, note=reason_given(reason), changes={"state": "ended"})
    for finding in _findings(entry, "whitelisted"):
        history.record(finding, verb="off_whitelist", by=by, at=at, note=reason, changes={"handling": "open"})
    rules.take_off_whitelist(settings.DATA, rule=entry.rule, key=entry.key)


def _findings(entry: WhitelistEntry, *handlings: str) -> list[Finding]:
    # the finding of an entry lies with the entry's unit, which was checked; its row may have moved to another since
    return list(Finding._base_manager.filter(rule=entry.rule, key=entry.key, handling__in=handlings).order_by("pk"))


def key_words(entry: WhitelistEntry) -> list[rules.EvidenceLine]:
    """Return the key of an entry with labels, personal parts masked."""
    return rules.evidence_of(rules.rule_book(settings.DATA).rules.get(entry.rule), json.loads(entry.key))
