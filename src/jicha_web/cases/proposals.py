"""What could become a case: open findings by customer, the most urgent first; the same problem in several units."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Abs

from jicha_web.cases import opening
from jicha_web.cases.models import Case
from jicha_web.cases.opening import Subject
from jicha_web.findings import filters
from jicha_web.findings.models import STANDING, Finding
from jicha_web.organisation.models import Organisation, Person


@dataclass(frozen=True)
class Proposal:
    """A case that could be opened; its place in the order is that of its most urgent finding."""

    subject: Subject
    first_pk: int
    rules: tuple[str, ...]
    findings: int
    severity: str
    amount_yuan: Decimal | None
    priority: float
    since: date
    joins: str  # number of the case that the findings would join; empty: a new one
    first: Finding | None = None  # of those that a page shows: `shown`


@dataclass(frozen=True)
class Special:
    """A problem that shows in several units: a special inspection would look at all of it.

    amount_yuan: at stake, without sign. by_unit: name and findings of each unit, the most first.
    """

    rule: str
    findings: int
    amount_yuan: Decimal | None
    since: date
    by_unit: tuple[tuple[str, int], ...]

    @property
    def units(self) -> int:
        """In how many units it shows."""
        return len(self.by_unit)


def _proposable(states: Iterable[str]) -> Q:
    return Q(handling="open", state__in=list(states))


def proposals(*, rule: str = "", unit: Organisation | None = None) -> list[Proposal]:
    """Return the proposals among the most urgent findings in sight (grouping.yaml, most_urgent), in order."""
    rules = opening.grouping()
    found = filters.in_sight()
    if rule:
        found = found.filter(rule=rule)
    if unit is not None:
        found = found.filter(organisation__path__startswith=unit.path)
    most = int(rules["most_urgent"])
    # a query for each state, merged: each follows the index in order, stops early and reads no row
    parts = [
        found.filter(handling="open", state=s, stands=int(s in STANDING))
        .order_by("-priority", "id")
        .values_list("priority", "pk")[:most]
        for s in rules["states"]
    ]
    keys = [pk for _priority, pk in list(heapq.merge(*parts, key=lambda one: (-one[0], one[1])))[:most]]
    rows = {row[0]: _Row(*row) for row in Finding._base_manager.filter(pk__in=keys).values_list(*_Row._fields)}
    groups: dict[Subject, list[_Row]] = {}
    for row in (rows[pk] for pk in keys if pk in rows):
        groups.setdefault(row.about, []).append(row)
    joins = _joined(groups)
    return [
        Proposal(
            subject=subject, first_pk=group[0].pk, rules=tuple(dict.fromkeys(f.rule for f in group)),
            findings=len(group), severity=opening.SEVERITIES[max(f.severity_rank for f in group) - 1],
            amount_yuan=opening.at_stake(group), priority=group[0].priority,
            since=min(f.first_seen_on for f in group), joins=joins.get(subject, ""),
        )
        for subject, group in groups.items()
    ]  # fmt: skip


class _Row(NamedTuple):
    """What the grouping needs of a finding: three thousand whole ones would take most of the page's time."""

    pk: int
    priority: float
    rule: str
    subject: str
    subject_id: str
    customer_id: str
    severity_rank: int
    amount_yuan: Decimal | None
    first_seen_on: date

    @property
    def about(self) -> Subject:
        return opening.grouped_by(self.subject, self.subject_id, self.customer_id)


def shown(some: Iterable[Proposal]) -> list[Proposal]:
    """Return the proposals of a page with their most urgent findings."""
    found = list(some)
    rows = Finding._base_manager.select_related("organisation", "run").defer("evidence", "key", "run__rules")
    firsts = rows.in_bulk([one.first_pk for one in found])  # of findings in sight
    return [replace(one, first=firsts[one.first_pk]) for one in found if one.first_pk in firsts]


def _joined(wanted: Iterable[Subject]) -> dict[Subject, str]:
    customers = [s.id for s in wanted if s.kind == "customer"]
    states = opening.grouping()["merge_into"]
    found = Case.objects.filter(customer_id__in=customers, subject="customer", state__in=states)
    return {Subject("customer", c): n for c, n in found.values_list("customer_id", "number")}


def special() -> list[Special]:
    """Return the problems that show in several units, the widest first."""
    rules = opening.grouping()
    limits = rules["special"]
    found = (
        Finding.objects.filter(_proposable(rules["states"]))
        .values("rule", "organisation__name", "organisation_id")
        .annotate(n=Count("pk"), yuan=Sum(Abs("amount_yuan")), since=Min("first_seen_on"))
        .order_by("rule", "-n", "organisation_id")
    )
    shown = []
    for rule, group in groupby(found, key=lambda row: str(row["rule"])):
        rows = list(group)
        amounts = [row["yuan"] for row in rows if row["yuan"] is not None]
        one = Special(
            rule=rule, findings=sum(row["n"] for row in rows), amount_yuan=sum(amounts) if amounts else None,
            since=min(row["since"] for row in rows),
            by_unit=tuple((row["organisation__name"], row["n"]) for row in rows),
        )  # fmt: skip
        if one.units >= limits["min_units"] and one.findings >= limits["min_findings"]:
            shown.append(one)
    return sorted(shown, key=lambda one: (-one.units, -one.findings, one.rule))


def open_special(*, rule: str, by: Person, at: datetime, reason: str) -> list[Case]:
    """Open a special inspection: a case for each customer with the problem, all marked as of it."""
    rules = opening.grouping()
    found = Finding.objects.filter(_proposable(rules["states"]), rule=rule).select_related("organisation")
    chosen = list(found.order_by("-priority", "id")[: rules["special"]["at_most"]])
    return opening.open_from_findings(
        findings=chosen, by=by, at=at, source="special", description=f"专项稽查：{reason}"
    )
