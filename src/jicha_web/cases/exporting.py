"""Cases as a workbook, in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language, gettext

from jicha_web.cases.listing import Asker, filtered, for_list, shown
from jicha_web.cases.models import OUTCOMES, Case
from jicha_web.core import rules
from jicha_web.jobs.rows import in_chunks
from jicha_web.jobs.sheets import Lines, write_book
from jicha_web.jobs.work import Running, work
from jicha_web.pages.tags import words


def heads() -> list[str]:
    """Return the columns of the workbook in the language in force."""
    return [
        gettext("Number"), gettext("Title"), gettext("State"), gettext("Severity"), gettext("Unit"),
        gettext("Responsible"), gettext("Subject"), gettext("Number of the subject"), gettext("Name of the subject"),
        gettext("Amount (yuan)"),
        gettext("Confirmed (yuan)"), gettext("Collected (yuan)"), gettext("Outcome"), gettext("Opened at"),
        gettext("Deadline"), gettext("Ended at"), gettext("Times sent back"),
    ]  # fmt: skip


def _cells(
    case: Case, state: str, name: str, severities: Mapping[str, Any], kinds: Mapping[str, Any]
) -> list[Any]:  # fmt: skip
    return [
        case.number, case.shown_title, state, words(severities.get(case.severity, case.severity)),
        case.organisation.name, case.assignee.name if case.assignee else "",
        words(kinds.get(case.subject, case.subject)), case.customer_id or case.subject_id, name,
        case.amount_yuan, case.confirmed_yuan, case.collected_yuan, str(dict(OUTCOMES).get(case.outcome, "")),
        case.opened_at, case.due_at, case.closed_at, case.returns,
    ]  # fmt: skip


@work("export_cases", "export", "case_view")
def export_cases(job: Running, *, query: str, **_later: Any) -> None:
    """Write all cases that an address asks for into a workbook; names stay masked."""
    assert job.by is not None
    cases = for_list(filtered(QueryDict(query), Asker(job.by, job.at)))
    total, english, severities = cases.count(), (get_language() or "").startswith("en"), rules.words("severity")
    kinds = rules.words("subject")
    cells = (
        _cells(row.case, row.state.en if english else row.state.zh, row.name, severities, kinds)
        for row in shown(in_chunks(cases))
    )
    path = job.folder / "cases.xlsx"
    write_book(path, gettext("Cases"), heads(), Lines(total, cells), job)
    job.result(rows=total)
    job.result_file("cases.xlsx", path)
    job.progress(total, total)
