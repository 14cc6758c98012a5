"""What people see of a run: its figures of the units in their sight, since a run counts all units together."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from jicha_web.core import screening as door
from jicha_web.organisation.scope import current
from jicha_web.organisation.tree import codes_in_sight
from jicha_web.runs.models import Run


def rules_of(run: Run) -> dict[str, dict[str, Any]]:
    """Return what came of each rule by code; `findings` and `not_judged` of the units in sight."""
    orgs = codes_in_sight()
    if orgs is None:
        return dict(run.rules)
    counts: dict[str, tuple[int, int]] = {}
    if run.state == "done" and run.run_id:
        counts = door.rule_counts(door.read_run(settings.DATA, run.run_id), orgs)
    found = {}
    for code, rule in run.rules.items():
        findings, not_judged = counts.get(code, (0, 0))
        found[code] = {**rule, "findings": findings, "not_judged": not_judged}
    return found


def counts_of(run: Run) -> dict[str, int]:
    """Return the findings of a run by state; nothing for who sees only some of the units."""
    return dict(run.counts) if current().whole else {}
