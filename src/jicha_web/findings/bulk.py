"""One thing done with many findings: each by itself, so that one that is refused stops no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext

from jicha_web import core
from jicha_web.findings import handling, into_cases, whitelist
from jicha_web.findings.models import Finding
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.jobs.many import many
from jicha_web.jobs.work import Running, work
from jicha_web.organisation.models import Person
from jicha_web.pages.days import day_of
from jicha_web.pages.tags import words

Do = Callable[[Finding], None]
VERBS = ("dismiss", "snooze", "whitelist", "case")


def verb(what: str, *, reason: str, until: str, by: Person, at: datetime) -> Do:
    """Return what is done with each; UnableToHandle when it is nothing, or its day is none."""
    if what == "dismiss":
        return lambda finding: handling.dismiss(finding=finding, reason=reason, by=by, at=at)
    if what == "snooze":
        day = day_given(until)
        return lambda finding: handling.snooze(finding=finding, until=day, reason=reason, by=by, at=at)
    if what == "whitelist":
        day = day_given(until)

        def ask(finding: Finding) -> None:
            whitelist.ask(finding=finding, until=day, reason=reason, by=by, at=at)

        return ask
    if what == "case":

        def take(finding: Finding) -> None:
            finding.refresh_from_db()  # another of the same customer may have taken it along
            if finding.handling in {"open", "snoozed"}:
                into_cases.take(findings=[finding], by=by, at=at)

        return take
    raise handling.UnableToHandle(core.Text("请选择操作", "choose what to do"))


def day_given(text: str) -> date:
    """Return a day as a form gives it; UnableToHandle when it is none."""
    if (day := day_of(text)) is None:
        raise handling.UnableToHandle(core.Text("请选择日期", "choose a day"))
    return day


def refusal(do: Do, finding: Finding) -> str:
    """Do it with one finding; return why it was refused, empty when it was done."""
    try:
        do(finding)
    except handling.UnableToHandle as error:
        return words(error.text)
    except PermissionDenied:
        return gettext("not allowed for this unit")
    except ChangedMeanwhile as error:
        return str(error)
    return ""


def label(finding: Finding) -> str:
    """Return what a finding is called among many."""
    return f"{finding.rule} {finding.subject_id}"


@work("handle_findings")
def handle_findings(
    job: Running, *, what: str, findings: list[int], reason: str, until: str, **_later: Any
) -> None:  # fmt: skip
    """Do one thing with many findings, as who asked."""
    assert job.by is not None
    do = verb(what, reason=reason, until=until, by=job.by, at=job.at)
    with many(job, total=len(findings)) as told:
        for start in range(0, len(findings), 200):
            part = Finding.objects.filter(pk__in=findings[start : start + 200]).select_related("organisation").in_bulk()
            for pk in findings[start : start + 200]:
                if (finding := part.get(pk)) is None:
                    told.tell(str(pk), gettext("not in sight any more"))
                else:
                    told.tell(label(finding), refusal(do, finding))
