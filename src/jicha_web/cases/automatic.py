"""Cases that open by themselves after a run, as grouping.yaml has it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from jicha_web.cases import opening
from jicha_web.cases.models import Case
from jicha_web.findings.models import Finding
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs.models import Run


def _condition(line: dict[str, object]) -> Q:
    condition = Q()
    if rules := line.get("rules"):
        condition &= Q(rule__in=rules)
    if severity := line.get("severity"):
        condition &= Q(severity=severity)
    if (least := line.get("min_yuan")) is not None:
        condition &= Q(amount_yuan__gte=least) | Q(amount_yuan__lte=-int(str(least)))
    return condition


def open_by_rule(run: Run, at: datetime) -> list[Case]:
    """Open the cases that a run's new findings call for, the most urgent first; the rest stays a proposal."""
    grouping = opening.grouping()
    left = int(grouping["automatic_at_most"])
    opened: list[Case] = []
    with scoped(EVERYTHING):  # it serves all units: each case goes to the city of its finding
        for line in grouping["automatic"]:
            found = Finding.objects.filter(
                _condition(line), run=run, handling="open", state__in=["new", "recurred"]
            )  # fmt: skip
            chosen = list(found.select_related("organisation").order_by("-priority", "id")[:left])
            facts = opening.facts_of(map(opening.subject_of, chosen))  # read together: one by one takes a minute
            for finding in chosen:
                finding.refresh_from_db(fields=["handling", "version"])  # an earlier one's case may hold it by now
                if finding.handling != "open" or left <= 0:
                    continue
                opened += opening.open_from_findings(
                    findings=[finding], by=None, at=at, source="rule", state=line.get("state", "proposed"), facts=facts
                )
                left -= 1
    return opened
