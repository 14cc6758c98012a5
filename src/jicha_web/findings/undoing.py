"""What was done with many findings at once is taken back: dismissals, snoozes, what was asked of the white list."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from jicha_web.findings import into_cases
from jicha_web.findings.bulk import label
from jicha_web.findings.models import Finding, WhitelistEntry
from jicha_web.history import record as history
from jicha_web.history.models import Entry
from jicha_web.jobs import undo
from jicha_web.jobs.models import Job
from jicha_web.jobs.undo import Undoing, put_back
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import require

_DONE = {"dismiss": "dismissed", "snooze": "snoozed"}  # what was asked: the verb of its rows


def _take_back(finding: Finding, entry: Entry, by: Person, at: datetime) -> None:
    require(by, "finding_handle", timezone.localdate(at), finding.organisation)
    put_back(finding, entry, by=by, at=at)


def _withdraw(asked: WhitelistEntry, entry: Entry, by: Person, at: datetime) -> None:
    del entry  # it made the row: before it there was none
    require(by, "finding_handle", timezone.localdate(at), asked.organisation)
    history.record(asked, verb=undo.UNDONE, by=by, at=at, changes={"state": "withdrawn"})


def way_of(job: Job) -> Undoing | None:
    """Return how a job with many findings is taken back, by what it did with them."""
    what = job.arguments.get("what")
    if what in _DONE:
        return Undoing(
            "finding", frozenset({_DONE[what]}), ("finding_handle",),
            lambda: Finding.objects.select_related("organisation"), label, _take_back,
        )  # fmt: skip
    if what == "whitelist":
        return Undoing(
            "whitelistentry", frozenset({"asked"}), ("finding_handle",),
            lambda: WhitelistEntry.objects.select_related("organisation"),
            lambda asked: f"{asked.rule} {asked.key}", _withdraw,
        )  # fmt: skip
    if what == "case":
        return into_cases.undoing()
    return None


def register_all() -> None:
    """Let jobs with many findings be taken back; called once, when the application starts."""
    undo.register("handle_findings", way_of)
