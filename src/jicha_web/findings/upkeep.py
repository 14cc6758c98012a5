"""What time does to findings: a snooze ends, a white list's last day passes."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from jicha_web.findings import whitelist
from jicha_web.findings.models import Finding, WhitelistEntry
from jicha_web.history import record as history
from jicha_web.jobs.schedule import every


@every("findings_wake", minutes=30)
def wake(at: datetime) -> None:
    """Open findings again whose snooze has ended."""
    ended = Finding.objects.filter(handling="snoozed", snoozed_until__lte=timezone.localdate(at))
    for finding in ended.order_by("pk")[:5000]:
        changes = {"handling": "open", "snoozed_until": None}
        history.record(finding, verb="woke", by=None, at=at, changes=changes)


@every("whitelist_ends", minutes=30)
def end_whitelists(at: datetime) -> None:
    """End white-list entries whose last day is past."""
    for entry in WhitelistEntry.objects.filter(state="approved", until__lt=timezone.localdate(at)).order_by("pk"):
        whitelist.end(entry=entry, reason=f"到期 expired {entry.until}", by=None, at=at)
