"""What a number or a few words lead to: customers, points, meters, areas, cases, findings, rules, clauses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from jicha_web import core
from jicha_web.cases.listing import Asker, filtered, for_list, shown
from jicha_web.cases.models import Case
from jicha_web.core import customers, grid, rules, subjects
from jicha_web.findings.filters import in_sight, spellings
from jicha_web.library import search as library
from jicha_web.organisation.scope import scoped
from jicha_web.organisation.tree import codes_in_sight
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of

MOST = 8  # of one kind; the link below them leads to the whole list
LONGEST = 64
NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{1,63}\Z")


@dataclass(frozen=True)
class Hit:
    """One thing found. `exact`: what was typed is its number."""

    title: str
    url: str
    note: str = ""
    exact: bool = False


@dataclass(frozen=True)
class Group:
    """Things of one kind, and the list in which the search goes on."""

    code: str
    label: str
    icon: str
    hits: list[Hit]
    more: str = ""


def search(request: HttpRequest, text: str) -> list[Group]:
    """Return what fits a number or words, by kind; only kinds that who asks may see, only what is in their sight."""
    text = text.strip().replace("\0", "")[:LONGEST]
    if not text:
        return []
    acting = acting_of(request)
    found = []
    for actions, part in PARTS:
        if any(acting.may(action) for action in actions):
            with scoped(acting.scope(*actions)):
                found.append(part(request, text))
    return [group for group in found if group.hits]


def only(groups: Iterable[Group]) -> str:
    """Return the address of what was found when the number is that of one thing alone."""
    exact = [hit for group in groups for hit in group.hits if hit.exact]
    return exact[0].url if len(exact) == 1 else ""


def _customers(request: HttpRequest, text: str) -> Group:
    group = Group("customers", _("Customers"), "user", [])
    if not NUMBER.match(text):
        return group
    day, hits = acting_of(request).today, []
    for number in spellings(text):
        try:
            view = customers.customer_view(settings.DATA, number, as_of=day, orgs=codes_in_sight())
        except (customers.UnknownCustomer, core.BadInput, core.MachineFailure):
            continue
        name = words(customers.value_text("customer", "name", view.customer))
        hits.append(Hit(number, reverse("customer", args=[number]), name, exact=True))
    return replace(group, hits=hits)


def _points(_request: HttpRequest, text: str) -> Group:
    """Metering points and meters, by the customer whose they are."""
    group = Group("points", _("Points and meters"), "gauge", [])
    if not NUMBER.match(text):
        return group
    hits = []
    try:
        found = customers.whose(settings.DATA, spellings(text))
        seen = subjects.in_units(settings.DATA, {one.customer_id for one in found}, codes_in_sight())
    except (core.BadInput, core.MachineFailure):
        return group
    for one in found:
        if one.customer_id in seen:
            note = f"{words(rules.word('subject', one.kind))} · {_('Customer')} {one.customer_id}"
            url = f"{reverse('customer', args=[one.customer_id])}#about-metering"
            hits.append(Hit(one.number, url, note, exact=True))
    return replace(group, hits=hits[:MOST])


def _grid(request: HttpRequest, text: str) -> Group:
    group = Group("grid", _("Areas and feeders"), "bolt", [])
    if not NUMBER.match(text):
        return group
    day, hits = acting_of(request).today, []
    for kind, number in product(("area", "feeder"), spellings(text)):
        try:
            found = grid.grid_view(settings.DATA, kind, number, as_of=day, orgs=codes_in_sight())
        except (grid.UnknownGrid, core.BadInput, core.MachineFailure):
            continue
        label = words(rules.word("subject", kind))
        hits.append(Hit(number, reverse(kind, args=[number]), f"{label} {found.row['name'] or ''}".strip(), exact=True))
    return replace(group, hits=hits)


def _cases(request: HttpRequest, text: str) -> Group:
    acting = acting_of(request)
    asked = QueryDict(urlencode({"q": text, "order": "-number"}))
    # first which, then their rows: sorting whole rows takes ten times as long
    keys = list(filtered(asked, Asker(acting.person, acting.at)).values_list("pk", flat=True)[:MOST])
    rows = for_list(Case.objects.filter(pk__in=keys)).in_bulk() if keys else {}
    hits = [
        Hit(row.case.number, reverse("case", args=[row.case.pk]),
            f"{row.case.shown_title} · {row.name} {row.case.subject_id} · {words(row.state)}",
            exact=row.case.number.upper() == text.upper())
        for row in shown([rows[key] for key in keys if key in rows])
    ]  # fmt: skip
    more = f"{reverse('cases')}?{urlencode({'q': text})}"
    return Group("cases", _("Cases"), "briefcase", hits, more if hits else "")


def _findings(request: HttpRequest, text: str) -> Group:
    """Findings of a subject by its number: to search their sentences is the list's work, which takes its time."""
    group = Group("findings", _("Findings"), "radar", [])
    if not NUMBER.match(text):
        return group
    english = getattr(request, "LANGUAGE_CODE", "") == "en"
    numbers = spellings(text)
    rows = in_sight().filter(Q(customer_id__in=numbers) | Q(subject_id__in=numbers)).order_by("-priority", "pk")
    found = rows.only("rule", "reason_zh", "reason_en", "handling")[:MOST]
    hits = [
        Hit(f"{one.rule} {one.get_handling_display()}", reverse("finding", args=[one.pk]),
            one.reason_en if english else one.reason_zh)
        for one in found
    ]  # fmt: skip
    more = f"{reverse('findings')}?{urlencode({'q': text, 'state': 'all', 'handling': 'all'})}"
    return replace(group, hits=hits, more=more if hits else "")


def _rules(_request: HttpRequest, text: str) -> Group:
    asked = text.upper()
    hits = [
        Hit(f"{rule.code} {words(rule.name)}", reverse("rule", args=[rule.code]), exact=rule.code == asked)
        for rule in rules.rule_book(settings.DATA).rules.values()
        if rule.code == asked or any(asked in name.upper() for name in (rule.name["zh"], rule.name["en"]))
    ]  # fmt: skip
    return Group("rules", _("Rules"), "ruler-measure", hits[:MOST])


def _clauses(_request: HttpRequest, text: str) -> Group:
    hits = [
        Hit(f"{one.document.title} {one.article}", reverse("library-clause", args=[one.pk]), one.heading_zh)
        for one in library.search(text)[:MOST]
    ]
    return Group("clauses", _("Library"), "book", hits, f"{reverse('library')}?{urlencode({'q': text})}")


Part = Callable[[HttpRequest, str], Group]
EVERYONE: tuple[Any, ...] = ("finding_view", "case_view", "run_start", "people_edit", "history_view")
PARTS: tuple[tuple[tuple[str, ...], Part], ...] = (
    (("finding_view", "case_view"), _customers),
    (("finding_view", "case_view"), _points),
    (("finding_view", "case_view"), _grid),
    (("case_view",), _cases),
    (("finding_view",), _findings),
    (("finding_view", "rule_change"), _rules),
    (EVERYONE, _clauses),
)
