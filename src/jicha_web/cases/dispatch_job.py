"""Many cases dispatched in the background: each to what is proposed for it, each done or refused by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from jicha_web.cases import dispatching
from jicha_web.cases.listing import for_list
from jicha_web.cases.models import Case
from jicha_web.jobs.many import many
from jicha_web.jobs.work import Running, work
from jicha_web.pages.tags import words


@work("dispatch_cases", "case_dispatch")
def dispatch_cases(
    job: Running, *, cases: list[int], event: str, analysis: str, due_at: str | None, **_later: Any
) -> None:  # fmt: skip
    """Dispatch cases in sight of who asked."""
    assert job.by is not None
    due = None if due_at is None else datetime.fromisoformat(due_at)
    with many(job, total=len(cases)) as told:
        for pk in cases:
            rows = for_list(Case.objects.filter(pk=pk)).select_related("subject_organisation", "organisation__parent")
            case = rows.first()
            if case is None:
                told.tell(str(pk), gettext("not in sight any more"))
                continue
            [outcome] = dispatching.dispatch_many(
                cases=[case], event=event, by=job.by, at=job.at, analysis=analysis, due_at=due
            )
            told.tell(case.number, words(outcome.refused) if outcome.refused else "")
