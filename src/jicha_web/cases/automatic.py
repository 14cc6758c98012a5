"""Cases that open by themselves after a run, as grouping.yaml has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from jicha_web.cases import opening
from jicha_web.cases.models import Case
from jicha_web.findings.models import Finding
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs.models import Run

CHUNK = 500  # cases that are opened in one transaction


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
    """Open the cases that a run's new findings call for, the most urgent first; the rest stays a proposal.

    A chunk of cases is one transaction: a worker that is killed leaves whole chunks, and the same again goes on.
    """
    grouping = opening.grouping()
    left = int(grouping["automatic_at_most"])
    opened: list[Case] = []
    with scoped(EVERYTHING):  # it serves all units: each case goes to the city of its finding
        for line in grouping["automatic"]:
            if left - len(opened) <= 0:
                break
            found = Finding.objects.filter(
                _condition(line), run=run, handling="open", state__in=["new", "recurred"]
            )  # fmt: skip
            by_subject: dict[opening.Subject, list[int]] = {}
            urgent = found.order_by("-priority", "id")[: left - len(opened)]
            for pk, *about in urgent.values_list("pk", "subject", "subject_id", "customer_id"):
                by_subject.setdefault(opening.grouped_by(*about), []).append(pk)
            facts = opening.facts_of(by_subject)  # read together: one by one takes a minute
            groups = list(by_subject.values())
            for start in range(0, len(groups), CHUNK):
                keys = [pk for group in groups[start : start + CHUNK] for pk in group]
                opened += _open(keys, at, line.get("state", "proposed"), facts)
    return opened


def _open(keys: list[int], at: datetime, state: str, facts: Mapping[opening.Subject, opening.Facts]) -> list[Case]:
    """Open the cases of findings that nobody has handled meanwhile; return them."""
    with transaction.atomic():
        # locked, where the database has locks for rows, until their cases are there
        still = Finding.objects.filter(pk__in=keys, handling="open").select_for_update(of=("self",))
        findings = list(still.select_related(opening.UNITS).order_by("-priority", "id"))
        if not findings:
            return []
        return opening.open_from_findings(findings=findings, by=None, at=at, source="rule", state=state, facts=facts)
