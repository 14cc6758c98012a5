"""What was done with many at once is taken back: cases that were opened or joined, and dispatches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from jicha_web import notices
from jicha_web.cases import checklist, parties, titles
from jicha_web.cases.listing import for_list
from jicha_web.cases.models import Case, ChecklistItem, Dispatch, Party
from jicha_web.cases.moves import holds
from jicha_web.cases.opening import UnableToOpen, open_from_findings, require_open
from jicha_web.cases.workflow import workflow
from jicha_web.core import Text, rules
from jicha_web.findings import into_cases
from jicha_web.findings.handling import UnableToHandle
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.history.models import Entry
from jicha_web.jobs import undo
from jicha_web.jobs.models import Job
from jicha_web.jobs.undo import UnableToUndo, Undoing, put_back
from jicha_web.organisation.models import Organisation, Person

DISPATCHES = frozenset({"dispatch_county", "dispatch_station", "assign_station"})
_FROM_NOTHING = frozenset({"opened", "proposed"})


def _rows() -> QuerySet[Case]:
    return for_list(Case.objects.all()).select_related("subject_organisation", "organisation__parent", "assignee")


def opening() -> Undoing:
    """Return how cases are taken back that findings were put into."""
    return Undoing(
        "case", frozenset({*_FROM_NOTHING, "findings_added"}), ("case_open",), _rows, lambda case: case.number,
        _take_out,
    )  # fmt: skip


def dispatching() -> Undoing:
    """Return how dispatched cases are called back."""
    return Undoing("case", DISPATCHES, ("case_dispatch",), _rows, lambda case: case.number, _call_back)


def _take_out(case: Case, entry: Entry, by: Person, at: datetime) -> None:
    """Take the findings out again: a case that was opened for them is cancelled, one that was there goes on without."""
    require_open(by, case.subject_organisation, at)
    if barred := parties.bars_person(case, by):
        raise UnableToUndo(barred)
    joined = {e.object_id: e for e in Entry.objects.filter(
        object_type="finding", object_id__in=entry.data.get("findings", []), verb="into_case", at=entry.at,
        by_id=entry.by_id,
    )}  # fmt: skip
    # not by scope: a finding may lie with another unit than its case (回避), and it comes out with it
    inside = list(Finding._base_manager.filter(case=case).select_related("organisation").order_by("pk"))
    out, rest = [f for f in inside if f.pk in joined], [f for f in inside if f.pk not in joined]
    if len(out) < len(joined) or any(f.version != joined[f.pk].number for f in out):
        raise UnableToUndo(Text("其中的疑点此后已有变动", "a finding in it was changed since"))
    if entry.verb in _FROM_NOTHING:
        if rest:
            raise UnableToUndo(Text("此后又并入了其他疑点", "other findings joined it since"))
        history.record(case, verb=undo.UNDONE, by=by, at=at, changes={
            "state": "cancelled", "state_since": at, "closed_at": at, "due_at": None, "due_by_calendar": True,
        })  # fmt: skip
    else:
        _forget_rows(case, out, rest)
        put_back(case, entry, by=by, at=at)
    for finding in out:
        put_back(finding, joined[finding.pk], by=by, at=at)


def _forget_rows(case: Case, out: Sequence[Finding], rest: Sequence[Finding]) -> None:
    """Take back what findings brought into a case and nothing that stays in it calls for: points, parties."""
    book = rules.rule_book(settings.DATA).rules
    brought = {p.code for f in out for p in checklist.of_finding(f, book.get(f.rule))}
    stay = {p.code for f in rest for p in checklist.of_finding(f, book.get(f.rule))}
    ChecklistItem.objects.filter(case=case, code__in=brought - stay, answer="").delete()
    named = set(parties.named_staff(out)) - set(parties.named_staff(rest))
    Party.objects.filter(case=case, staff_id__in=named).exclude(part="by_hand").delete()
    parties.forget_parties(case)


def _call_back(case: Case, entry: Entry, by: Person, at: datetime) -> None:
    """Put a case back where it lay before its dispatch; who was told of it is told so."""
    before = entry.data.get("organisation_id", [case.organisation_id])[0]
    unit = Organisation.objects.filter(pk=before).first()
    one = workflow().move(entry.data["state"][0], entry.verb)
    if unit is None or one is None or not holds(by, one.who.action, one.who.level, unit, at):
        raise PermissionDenied("case_dispatch")
    if barred := parties.bars_person(case, by):  # named since: what is theirs no more is not theirs to fetch back
        raise UnableToUndo(barred)
    held, left = case.assignee, case.organisation
    # the step down is gone with it: a return goes to whoever sent it last
    Dispatch.objects.filter(case=case, to_organisation=left, by=by, at=entry.at).delete()
    put_back(case, entry, by=by, at=at)
    if held is not None and held.pk != by.pk:
        title = titles.title_of(case.title)
        text = Text(f"已收回：{case.number} {case.title}", f"taken back: {case.number} {title.en}")
        notices.notify(
            people=[held], kind="case_taken_back", text=text, url="", at=at, once=f"back:{case.pk}:{case.version}"
        )  # fmt: skip


def _take_in(*, findings: Sequence[Finding], by: Person, at: datetime) -> Sequence[Case]:
    try:
        return open_from_findings(findings=findings, by=by, at=at)
    except UnableToOpen as error:
        raise UnableToHandle(error.text) from error


def register_all() -> None:
    """Let jobs that dispatched many cases be taken back; called once, when the application starts."""

    def way_of(job: Job) -> Undoing:
        del job
        return dispatching()

    undo.register("dispatch_cases", way_of)
    into_cases.register(_take_in, opening)
