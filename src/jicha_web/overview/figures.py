"""The figures of the overview. Each is counted by the conditions of the list that it opens, so that both show the same.

A figure is a count and the query of its list: `Figure.url` leads to exactly the rows that were counted, as
tests/web/overview walks and compares. Yuan are sums over the rows of the list beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jicha_web.cases.deadlines import end_of
from jicha_web.cases.listing import Asker, filtered, for_list, mine, opened_within, shown, waits_for_data
from jicha_web.cases.models import Case
from jicha_web.cases.workflow import workflow
from jicha_web.findings import filters
from jicha_web.findings.models import RANKS, CaseCode, FindingTotal
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import current, path_condition
from jicha_web.overview.periods import Period
from jicha_web.pages.tags import words

_CENT = Decimal("0.01")
_SEVERITIES = {rank: severity for severity, rank in RANKS.items()}


@dataclass(frozen=True)
class Figure:
    """A count, the list that it opens, and how it is shown."""

    label: str
    count: int
    url: str
    tone: str = ""
    note: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Amounts:
    """Counts and yuan of some cases: suspected when they were opened, confirmed, collected."""

    cases: int = 0
    open: int = 0
    late: int = 0
    closed: int = 0
    found_yuan: Decimal = Decimal(0)
    confirmed_yuan: Decimal = Decimal(0)
    collected_yuan: Decimal = Decimal(0)

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


Tiles = Callable[[Asker], Iterable[Figure]]
_more: list[tuple[int, Tiles]] = []


def register(order: int, tiles: Tiles) -> None:
    """Add figures of another part to the first page: a function from who asks to its figures (none: not shown)."""
    _more.append((order, tiles))
    _more.sort(key=lambda one: one[0])


def registered(asker: Asker) -> list[Figure]:
    """Return the figures of other parts."""
    return [figure for _order, tiles in _more for figure in tiles(asker)]


def cases_url(**query: object) -> str:
    """Return the address of a list of cases."""
    return f"{reverse('cases')}?{urlencode({k: v for k, v in query.items() if v != ''}, doseq=True)}"


def cases_of(asker: Asker, **query: object) -> QuerySet[Case]:
    """Return the cases of such a list, without an order, for counting."""
    asked = QueryDict(urlencode({k: v for k, v in query.items() if v != ""}, doseq=True))
    return filtered(asked, asker).order_by()


def counts(asker: Asker) -> Mapping[str, Any]:
    """Return what is counted of cases, by the conditions of the list's filters `state` and `due`."""
    is_open = Q(state__in=workflow().open_states)
    today = timezone.localdate(asker.at)
    ahead = is_open & Q(due_at__gte=asker.at)
    return {
        "open": Count("state", filter=is_open),
        "late": Count("state", filter=is_open & Q(due_at__lt=asker.at)),
        "today": Count("state", filter=ahead & Q(due_at__lte=end_of(today))),
        "soon": Count("state", filter=ahead & Q(due_at__lte=end_of(today + timedelta(days=3)))),
    }


@dataclass(frozen=True)
class Work:
    """What waits for a person: tiles, by state, the most pressing cases; apart, what waits for the next data."""

    tiles: list[Figure]
    states: list[Figure]
    next: list[Any]
    for_data: Figure | None


def work(asker: Asker) -> Work:
    """Return a person's work of today."""
    of_data = {code for code, state in workflow().states.items() if state.level == "system"}
    asked = Case.objects.filter(mine(asker) | waits_for_data(asker))
    counted: dict[str, Any] = {row["state"]: row for row in asked.order_by().values("state").annotate(**counts(asker))}
    by_state: dict[str, Any] = {code: row for code, row in counted.items() if code not in of_data}
    proving = sum(row["open"] for code, row in counted.items() if code in of_data)
    total = {name: sum(row[name] for row in by_state.values()) for name in ("open", "late", "today", "soon")}
    tiles = [
        Figure(_("Waits for me"), total["open"], cases_url(mine=1), "info", icon="checklist"),
        Figure(_("Late"), total["late"], cases_url(mine=1, due="late"), "bad" if total["late"] else "", icon="alarm"),
        Figure(_("Due today"), total["today"], cases_url(mine=1, due="today"), "warn" if total["today"] else "",
               icon="clock"),
        Figure(_("Due within 3 days"), total["soon"], cases_url(mine=1, due="soon"), icon="calendar"),
    ]  # fmt: skip
    states = [
        Figure(words(state.label), by_state[code]["open"], cases_url(mine=1, state=code),
               "bad" if by_state[code]["late"] else "", note=_late(by_state[code]["late"]))
        for code, state in workflow().states.items()
        if code in by_state
    ]  # fmt: skip
    # first which, then their rows: sorting whole rows takes ten times as long
    first = (
        Case.objects.filter(mine(asker))
        .order_by(F("due_at").asc(nulls_last=True), "-priority", "pk")
        .values_list("pk", flat=True)[:8]
    )
    keys = list(first) if total["open"] else []
    found = for_list(Case.objects.filter(pk__in=keys)).in_bulk() if keys else {}
    rows = [found[pk] for pk in keys]
    for_data = Figure(_("Waits for proof by the next data"), proving, cases_url(mine="data")) if proving else None
    return Work(tiles, states, list(shown(rows)), for_data)


def _late(count: int) -> str:
    return _("%(n)s late") % {"n": f"{count:,}"} if count else ""


def pipeline(asker: Asker) -> tuple[list[Figure], list[Figure]]:
    """Return all open cases in sight: tiles, and one figure for each state."""
    flow = workflow()
    counted = cases_of(asker, state="open").values("state").annotate(**counts(asker))
    by_state: dict[str, Any] = {row["state"]: row for row in counted}
    total = {name: sum(row[name] for row in by_state.values()) for name in ("open", "late", "soon")}
    tiles = [
        Figure(_("Open cases"), total["open"], cases_url(state="open"), "info", icon="briefcase"),
        Figure(_("Late"), total["late"], cases_url(due="late"), "bad" if total["late"] else "", icon="alarm"),
        Figure(_("Due within 3 days"), total["soon"], cases_url(due="soon"), "warn" if total["soon"] else "",
               icon="calendar"),
        Figure(_("Waiting for proof"), by_state.get("awaiting_proof", {}).get("open", 0),
               cases_url(state="awaiting_proof"), icon="checks"),
    ]  # fmt: skip
    states = [
        Figure(words(flow.states[code].label), row["open"], cases_url(state=code), note=_late(row["late"]))
        for code in flow.open_states
        for row in [by_state.get(code, {"open": 0, "late": 0})]
    ]  # fmt: skip
    return tiles, states


def period_query(period: Period) -> dict[str, str]:
    """Return the part of a list's address that says when cases were opened; nothing for all time."""
    if period.code == "all":
        return {}
    return {"opened_from": period.first.isoformat(), "opened_to": period.last.isoformat()}


def _yuan(value: object) -> Decimal:
    return Decimal(str(value or 0)).quantize(_CENT)


def _sums(asker: Asker) -> dict[str, Any]:
    return {
        "n": Count("*"), **{k: v for k, v in counts(asker).items() if k in {"open", "late"}},
        "closed": Count("state", filter=Q(state="closed")), "found": Sum("amount_yuan"),
        "confirmed": Sum("confirmed_yuan"), "collected": Sum("collected_yuan"),
    }  # fmt: skip


def _amounts(n: int, is_open: int, late: int, closed: int, *yuan: object) -> Amounts:
    return Amounts(n, is_open, late, closed, *map(_yuan, yuan))


def grouped(asker: Asker, period: Period, field: str, **query: object) -> dict[Any, Amounts]:
    """Return counts and yuan of the cases opened in a period, by one of their columns; one query."""
    sums = _sums(asker)
    rows = cases_of(asker, **period_query(period), **query).values_list(field).annotate(**sums)
    return {key: _amounts(*rest) for key, *rest in rows.values_list(field, *sums)}


def amounts(asker: Asker, period: Period, **query: object) -> Amounts:
    """Return counts and yuan of all cases opened in a period; one query, which groups nothing."""
    sums = _sums(asker)
    found = cases_of(asker, **period_query(period), **query).aggregate(**sums)
    return _amounts(*(found[name] for name in sums))


def by_finding(period: Period, field: str, unit: Organisation | None = None) -> dict[str, tuple[int, int, int]]:
    """Return (cases, open, closed) opened in a period by a column of their findings (rule, specialty); one query.

    Of the rows that are kept of each case (`findings.kept`): a list of the column counts the same cases.
    """
    rows = CaseCode.objects.filter(opened_within(period_query(period)), _units(unit), kind=field).order_by()
    open_states = workflow().open_states
    found: dict[str, tuple[int, int, int]] = {}
    for code, state, n in rows.values_list("code", "state").annotate(n=Count("*")):
        known, is_open, closed = found.get(code, (0, 0, 0))
        found[code] = (known + n, is_open + n * (state in open_states), closed + n * (state == "closed"))
    return found


def findings_to_handle(field: str, unit: Organisation | None = None) -> dict[str, tuple[int, Decimal]]:
    """Return findings in sight that nobody has handled, and their yuan, by severity, rule or specialty.

    From what is kept counted of them (`findings.kept`); while an import is on, from the rows.
    """
    names = ("specialty", "rule", "severity_rank")
    totals, units = FindingTotal.objects.order_by().values_list(*names), _units(unit)
    if units:
        totals = totals.filter(units | Q(organisation=None))
    counted = list(totals.annotate(of=Sum("n"), yuan=Sum("cents")))
    rows: Iterable[tuple[Any, ...]] = [(*codes, n, Decimal(cents) / 100) for *codes, n, cents in counted if n]
    if any(not rule for _specialty, rule, *_rest in counted):  # the row that says an import is on
        listed = filters.findings(filters.read(QueryDict()))  # the list without filters
        rows = (
            listed.filter(_units(unit)).order_by().values_list(*names).annotate(n=Count("*"), yuan=Sum("amount_yuan"))
        )
    found: dict[str, tuple[int, Decimal]] = {}
    for *codes, n, yuan in rows:
        key = _SEVERITIES[codes[-1]] if field == "severity" else codes[names.index(field)]
        count, total = found.get(key, (0, Decimal(0)))
        found[key] = (count + n, total + _yuan(yuan))
    return found


def _units(unit: Organisation | None) -> Q:
    """Return the condition on what is kept of units in sight, of those below one where it is given."""
    condition = Q() if current().whole else current().condition("organisation")
    if unit is not None:
        condition &= Q(organisation__in=Organisation.objects.filter(path_condition((unit.path,))).values("pk"))
    return condition
