"""What a proposed change would find, as a job: the rule runs on the present data, nothing is written."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings

from jicha_web.core import rules
from jicha_web.jobs.work import Running, work
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import current

_SHOWN = 50


@work("rule_preview")
def rule_preview(
    job: Running, *, rule: str, as_of: str, status: str, parameters: dict[str, Any], unit: int | None,
    **_later: Any,
) -> None:  # fmt: skip
    """Judge a rule as it is in force and as proposed; the result counts and names what is gained and lost.

    Counts are of all units; the examples are of units in sight only.
    """
    below = Organisation.objects.get(pk=unit) if unit else None
    spill = job.folder / "spill"
    found = rules.preview(
        settings.DATA, rule, as_of=date.fromisoformat(as_of), parameters=parameters, status=status or None,
        org=below.code if below else None, spill=spill, on_step=lambda done, total: job.progress(done, total, rule),
    )  # fmt: skip
    scope = current()
    paths = dict(Organisation.objects.values_list("code", "path"))
    changes = {}
    for name, suspects in (("gained", found.gained), ("lost", found.lost)):
        seen = [s for s in suspects if scope.covers(paths.get(s.org_id or "", "")) or scope.everything]
        ordered = sorted(seen, key=lambda s: (-(s.amount_yuan or 0), s.key))[:_SHOWN]
        changes[name] = [
            {"key": s.key, "customer": s.customer_id, "unit": s.org_id, "yuan": str(s.amount_yuan or "")}
            for s in ordered
        ]
    job.result(
        rule=rule, data_version=found.data_version, outcome_before=found.before.outcome,
        outcome_after=found.after.outcome, before=len(found.before.suspects), after=len(found.after.suspects),
        yuan_before=str(found.before.amount_yuan), yuan_after=str(found.after.amount_yuan),
        gained_count=len(found.gained), lost_count=len(found.lost), **changes,
    )  # fmt: skip
