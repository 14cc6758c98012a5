"""What a rule would have found at each month's end, as a job: no run is made."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from jicha_web.core import BadInput, rules, screening
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import Running, enqueue, work
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import current

KIND = "rule_backtest"


def month_of(text: str) -> date:
    """Return the first day of a month typed as 2026-09; BadInput says how one is written."""
    try:
        return date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        raise BadInput(zh=f"月份 {text!r} 应写作 2026-09。", en=f"the month {text!r} is written 2026-09") from None


def ask(*, rule: str, first: date, last: date, by: Person, at: datetime) -> Job:
    """Have a rule judged at each month's end from first to last; BadInput when these are no months to look back on."""
    rules.month_ends(first, last, today=timezone.localdate(at))
    return enqueue(KIND, by=by, at=at, rule=rule, first=first.isoformat(), last=last.isoformat())


@work(KIND, "rule_change")
def rule_backtest(job: Running, *, rule: str, first: str, last: str, **_later: Any) -> None:
    """Judge the rule month by month; what is counted lies in units in sight."""
    scope, paths = current(), dict(Organisation.objects.values_list("code", "path"))

    def seen(found: Any) -> list[Any]:
        return [s for s in found if scope.whole or scope.covers(paths.get(s.org_id or "", ""))]

    found = rules.backtest(
        settings.DATA, rule, first=date.fromisoformat(first), last=date.fromisoformat(last),
        today=timezone.localdate(job.at), memory=screening.MEMORY,
        on_month=lambda day, done, total: job.progress(done, total, f"{rule} {day}"),
    )  # fmt: skip
    months: list[dict[str, Any]] = []
    before: set[str] | None = None
    for month in found.months:
        hits = seen(month.suspects.values())
        keys = {s.key for s in hits}
        amounts = [s.amount_yuan for s in hits if s.amount_yuan is not None]
        months.append({
            "as_of": month.as_of.isoformat(), "p0": month.p0.isoformat(), "ran": month.ran,
            "why": {"zh": month.words.zh, "en": month.words.en}, "findings": len(keys),
            "gained": None if before is None or not month.ran else len(keys - before),
            "not_judged": len(seen(month.not_judged.values())), "yuan": str(sum(amounts)) if amounts else "",
        })  # fmt: skip
        before = keys if month.ran else None
    job.result(rule=rule, data_version=found.data_version, months=months, first=first, last=last)
