"""What people do with a finding: dismiss, snooze, take back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from jicha_web.core import Text
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import require

LONGEST_SNOOZE = timedelta(days=180)
_LEAST_REASON = 4


class UnableToHandle(Exception):
    """The finding cannot be handled so; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def reason_given(reason: str) -> str:
    """Return a reason, trimmed; UnableToHandle when it says nothing."""
    text = " ".join(reason.split())
    if len(text) < _LEAST_REASON:
        raise UnableToHandle(Text("请写明理由（至少 4 个字）", "give a reason of 4 characters or more"))
    return text


def _must_be(finding: Finding, *handlings: str) -> None:
    if finding.handling not in handlings:
        now = finding.get_handling_display()
        raise UnableToHandle(
            Text(f"{finding.rule} {finding.subject_id} 目前为“{now}”", f"{finding.rule} {finding.subject_id} is: {now}")
        )


@transaction.atomic
def dismiss(*, finding: Finding, reason: str, by: Person, at: datetime) -> None:
    """Say that a finding is none: it is not shown as to do any more, whatever later runs say."""
    require(by, "finding_handle", timezone.localdate(at), finding.organisation)
    _must_be(finding, "open", "snoozed")
    history.record(
        finding, verb="dismissed", by=by, at=at, note=reason_given(reason),
        changes={"handling": "dismissed", "snoozed_until": None},
    )  # fmt: skip


@transaction.atomic
def snooze(*, finding: Finding, until: date, reason: str, by: Person, at: datetime) -> None:
    """Put a finding off until a day."""
    day = timezone.localdate(at)
    require(by, "finding_handle", day, finding.organisation)
    _must_be(finding, "open", "snoozed")
    if not day < until <= day + LONGEST_SNOOZE:
        last = day + LONGEST_SNOOZE
        raise UnableToHandle(Text(f"日期应在今天之后、{last} 之前", f"the day should be after today, up to {last}"))
    history.record(
        finding, verb="snoozed", by=by, at=at, note=reason_given(reason),
        changes={"handling": "snoozed", "snoozed_until": until},
    )  # fmt: skip


@transaction.atomic
def reopen(*, finding: Finding, reason: str, by: Person, at: datetime) -> None:
    """Take a dismissal or snooze back."""
    require(by, "finding_handle", timezone.localdate(at), finding.organisation)
    _must_be(finding, "dismissed", "snoozed")
    history.record(
        finding, verb="reopened", by=by, at=at, note=reason_given(reason),
        changes={"handling": "open", "snoozed_until": None},
    )  # fmt: skip


@transaction.atomic
def unmask(*, finding: Finding, reason: str, by: Person, at: datetime) -> None:
    """Record that a person looks at a finding's personal data, and why; without this row nothing is shown."""
    require(by, "personal_unmask", timezone.localdate(at), finding.organisation)
    history.record(finding, verb="unmasked", by=by, at=at, note=reason_given(reason))
