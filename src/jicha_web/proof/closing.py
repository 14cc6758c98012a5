"""What a closed case leaves: its findings are settled, and the core learns what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jicha_web.assess.models import Assessment
from jicha_web.cases import moves
from jicha_web.cases.models import Case
from jicha_web.core import outcomes
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.jobs.models import Job
from jicha_web.jobs.schedule import every
from jicha_web.jobs.work import Running, enqueue, work
from jicha_web.organisation.models import Person

WORK = "write_outcomes"
_PAUSE = timedelta(minutes=5)  # after the first failure; each further one in a row doubles it
_LONGEST = timedelta(hours=6)  # a full disk or a folder without rights is mended some day: it is never given up


def settle(*, case: Case, by: Person | None, at: datetime) -> None:
    """Settle the findings of a case that was closed."""
    for finding in Finding._base_manager.filter(case=case, handling="in_case").order_by("pk"):
        history.record(
            finding, verb="settled", by=by, at=at, changes={"handling": "settled"}, data={"case": case.number}
        )
    # always its own: one that waits already may have read the store before this transaction is committed
    enqueue(WORK, by=None, at=at)


def outcome_rows() -> Iterator[outcomes.Outcome]:
    """Yield what became of every finding of every closed case, by its newest approved assessment."""
    newest: dict[int, Assessment] = {}
    approved = Assessment._base_manager.filter(state="approved", case__state="closed").select_related("case")
    for assessment in approved.order_by("pk").iterator(chunk_size=2000):
        newest[assessment.case_id] = assessment
    for case_id in sorted(newest):
        assessment = newest[case_id]
        case = assessment.case
        wanted = Finding._base_manager.filter(pk__in=[int(pk) for pk in assessment.findings]).order_by("pk")
        for finding in wanted.only("pk", "rule", "rule_version", "key"):
            closed_on = timezone.localdate(case.closed_at) if case.closed_at else timezone.localdate(case.state_since)
            yield outcomes.Outcome(
                finding.rule, finding.rule_version, finding.key, assessment.findings[str(finding.pk)], case.number,
                case.outcome, str(case.confirmed_yuan if case.confirmed_yuan is not None else ""), closed_on,
            )  # fmt: skip


@work(WORK)
def write_outcomes(job: Running) -> None:
    """Write DATA/run/outcomes.csv anew; of many that wait only the newest does, which sees all that is committed."""
    if Job.objects.filter(kind=WORK, state="queued", pk__gt=job.job.pk).exists():
        return
    job.result(rows=outcomes.write(settings.DATA, _in_one_view))


@every("proof.write_outcomes", minutes=5)
def write_again(at: datetime) -> None:
    """Ask again where the newest writing failed: else precision would stand still until the next case closes."""
    asked = Job.objects.filter(kind=WORK)
    if asked.filter(state__in=("queued", "running")).exists():
        return
    states = list(asked.order_by("-pk").values_list("state", "asked_at")[:12])
    failed = next((n for n, (state, _at) in enumerate(states) if state != "failed"), len(states))
    if failed and at >= states[0][1] + min(_PAUSE * 2 ** (failed - 1), _LONGEST):
        enqueue(WORK, by=None, at=at)


def _in_one_view() -> Iterator[outcomes.Outcome]:
    with transaction.atomic():
        yield from outcome_rows()


def register_all() -> None:
    """Hang it on the move; called once, when the application starts."""
    moves.on_entering("closed", settle)
