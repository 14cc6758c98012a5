"""The list of cases: what the filters of its address mean; read by the page, the export and the links of figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from jicha_web.cases.deadlines import end_of
from jicha_web.cases.models import LONGEST_NUMBER, OUTCOMES, Case
from jicha_web.cases.workflow import workflow
from jicha_web.core import Text, rules
from jicha_web.findings.filters import spellings
from jicha_web.findings.models import CaseCode
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import memberships
from jicha_web.organisation.scope import EVERYTHING, current, path_condition, scoped
from jicha_web.pages.days import day_of

HOUSEKEEPING = frozenset({"cancel", "reassign", "drop"})  # moves that are nobody's next step
FEW = 1000  # cases with some words that a list asks for by their numbers
ORDERS = {
    "due": (F("due_at").asc(nulls_last=True), "-priority", "pk"),
    "-due": (F("due_at").desc(nulls_last=True), "priority", "-pk"),
    "priority": (F("priority").asc(), "-pk"),
    "-priority": (F("priority").desc(), "pk"),
    "number": ("pk",),
    "-number": ("-pk",),
    "amount": (F("amount_yuan").asc(nulls_last=True), "-pk"),
    "-amount": (F("amount_yuan").desc(nulls_last=True), "pk"),
}


@dataclass(frozen=True)
class Asker:
    """Who looks at the list, and when."""

    person: Person
    at: datetime


def mine(asker: Asker) -> Q:
    """Return the condition that the next step of a case is the asker's."""
    return _steps(asker, by_data=False)


def waits_for_data(asker: Asker) -> Q:
    """Return the condition that a case waits for the next data, and the asker decides where they never tell."""
    return _steps(asker, by_data=True)


def _steps(asker: Asker, *, by_data: bool) -> Q:
    day = timezone.localdate(asker.at)
    flow, condition = workflow(), Q(pk__in=())
    by_paths: dict[tuple[str, ...], list[str]] = {}
    for state in flow.open_states:
        if (flow.states[state].level == "system") != by_data:
            continue
        steps = [m for m in flow.moves_from(state) if not m.who.system and m.event not in HOUSEKEEPING]
        if any(m.who.assignee for m in steps):
            condition |= Q(state=state, assignee=asker.person)
        paths = {
            held.organisation.path
            for m in steps
            if not m.who.assignee
            for held in memberships(asker.person, day)
            if held.role in m.who.roles and held.organisation.level == m.who.level
        }
        if paths:
            by_paths.setdefault(tuple(sorted(paths)), []).append(state)
    for found, states in by_paths.items():
        units = Organisation.objects.filter(path_condition(found)).values("pk")
        condition |= Q(state__in=states, organisation__in=units)
    return condition


def _of_unit(query: QueryDict) -> Q:
    text = query.get("unit", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return Q()
    path = Organisation.objects.filter(pk=int(text)).values_list("path", flat=True).first()
    if path is None:
        return Q(pk__in=())
    return Q(organisation__in=Organisation.objects.filter(path_condition((path,))).values("pk"))


def opened_within(query: Mapping[str, str]) -> Q:
    """Return the condition on the day of opening that an address gives (opened_from, opened_to)."""
    return _within(query, "opened")


def _within(query: Mapping[str, str], name: str) -> Q:
    condition = Q()
    if first := day_of(query.get(f"{name}_from", "")):
        condition &= Q(**{f"{name}_at__gt": end_of(date.fromordinal(first.toordinal() - 1))})
    if last := day_of(query.get(f"{name}_to", "")):
        condition &= Q(**{f"{name}_at__lte": end_of(last)})
    return condition


def _of_time(query: QueryDict, at: datetime) -> Q:
    condition = opened_within(query) & _within(query, "closed")
    due = query.get("due", "")
    opened = Q(state__in=workflow().open_states)
    if due == "late":
        condition &= opened & Q(due_at__lt=at)
    elif due == "today":
        condition &= opened & Q(due_at__gte=at, due_at__lte=end_of(timezone.localdate(at)))
    elif due == "soon":
        condition &= opened & Q(
            due_at__gte=at, due_at__lte=end_of(date.fromordinal(timezone.localdate(at).toordinal() + 3))
        )
    return condition


def _of_people(query: QueryDict, asker: Asker) -> Q:
    condition = Q()
    assignee = query.get("assignee", "")
    if assignee == "me":
        condition &= Q(assignee=asker.person)
    elif assignee == "none":
        condition &= Q(assignee=None)
    elif assignee.isascii() and assignee.isdigit() and len(assignee) < 10:
        condition &= Q(assignee=int(assignee))
    if whose := query.get("mine"):
        condition &= waits_for_data(asker) if whose == "data" else mine(asker)
    return condition


def _of_state(query: QueryDict) -> Q:
    flow, condition = workflow(), Q()
    states = [s for s in query.getlist("state") if s in flow.states]
    if states:
        condition &= Q(state__in=states)
    elif query.get("state") == "open":
        condition &= Q(state__in=flow.open_states)
    for name, known in (
        ("severity", ("high", "medium", "low")),
        ("outcome", dict(OUTCOMES)),
        ("source", dict(Case.SOURCES)),
    ):
        if (value := query.get(name, "")) in known:
            condition &= Q(**{name: value})
    if query.get("recurrence"):
        condition &= Q(recurrence_of__isnull=False)
    if query.get("returned"):
        condition &= Q(returns__gt=0)
    return condition


def _of_findings(query: QueryDict) -> Q:
    condition = Q()
    for kind in ("rule", "specialty"):
        if code := query.get(kind):
            # kept of each case by the database (findings.kept); the case itself is in scope already
            condition &= Q(pk__in=CaseCode.objects.filter(kind=kind, code=code).values("case"))
    return condition


def _of_text(query: QueryDict) -> Q:
    text = query.get("q", "").strip()
    if not text:
        return Q()
    if text.isascii() and text.replace("-", "").isalnum():
        number = text.upper()  # as all numbers are; a range, so that an index serves it
        return (
            Q(number__gte=number, number__lte=number_end(number))
            | Q(customer_id__in=spellings(text))
            | Q(subject_id__in=spellings(text))
        )
    return _in_words(Q(title__icontains=text) | Q(customer_name=text))


def _in_words(said: Q) -> Q:
    """Return the condition that a case has some words, by the numbers of its cases where they are few.

    Which are in sight is the list's condition, not this one's. A list read in its order soon meets common words;
    to find that a word is rare it would read every case, description and all, where the index `case_words` is a
    fraction of that (100,000 cases: 271 → 19 ms).
    """
    few = list(Case._base_manager.filter(said).order_by().values_list("pk", flat=True)[: FEW + 1])
    return Q(pk__in=few) if len(few) <= FEW else said


def number_end(beginning: str) -> str:
    """Return the last number of a case that may begin so; letters come after digits in every collation."""
    return beginning.ljust(LONGEST_NUMBER, "Z")


def filtered(query: QueryDict, asker: Asker) -> QuerySet[Case]:
    """Return the cases in sight that an address asks for, in its order. What it does not understand it passes over.

    q, state (several, or `open`), severity, outcome, source, unit (with all below), assignee (id, `me`, `none`),
    mine (`data`: those that wait for data), due (late, today, soon), rule, specialty, recurrence, returned,
    opened_from/_to, closed_from/_to, order.
    """
    condition = (
        _of_state(query) & _of_unit(query) & _of_time(query, asker.at) & _of_people(query, asker) & _of_findings(query)
        & _of_text(query)
    )  # fmt: skip
    order = ORDERS.get(query.get("order", ""), ORDERS["-priority"])
    return in_sight().filter(condition).order_by(*order)


def in_sight() -> QuerySet[Case]:
    """Return the cases in sight; without a condition on units when that is all of them."""
    if current().whole:
        with scoped(EVERYTHING):
            return Case.objects.all()
    return Case.objects.all()


def for_list(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the cases with what a list shows, and nothing else."""
    return cases.select_related("organisation", "assignee").defer("description")


@dataclass(frozen=True)
class Shown:
    """One row as people see it. Names are masked."""

    case: Case
    state: Text
    name: str
    ended: bool


def masked_name(case: Case) -> str:
    """Return the name of whom a case is about, masked; areas and things have no personal names."""
    if case.subject == "customer":
        return rules.mask_value("name", case.customer_name) if case.customer_name else ""
    if case.subject == "staff":
        return rules.mask_value("name", case.subject_name) if case.subject_name else ""
    return case.subject_name


def shown(cases: Iterable[Case]) -> Iterator[Shown]:
    """Yield rows as people see them."""
    states = workflow().states
    for c in cases:
        name = masked_name(c)
        named = bool(name) and not name.endswith(c.subject_id)  # the number stands beside it anyway
        yield Shown(c, states[c.state].label, name if named else "", states[c.state].end)


def choices() -> Mapping[str, Any]:
    """Return what the filters offer."""
    flow = workflow()
    return {
        "states": [(code, state.label) for code, state in flow.states.items()],
        "severities": list(rules.words("severity").items()),
        "sources": Case.SOURCES,
        "outcomes": OUTCOMES,
        "specialties": list(rules.words("specialty").items()),
    }
