"""Which findings a list shows, read from its address: the same for pages, bulk actions, exports and saved filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.translation import gettext as _

from jicha_web.core import customers, rules
from jicha_web.findings.models import RANKS, STANDING, Finding
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import EVERYTHING, current, path_condition, scoped
from jicha_web.organisation.tree import unit_above_all

NAMES = ("rule", "specialty", "severity", "state", "handling", "unit", "customer", "period", "min_yuan", "q", "run",
         "subject", "order")  # fmt: skip
# an order and its opposite are one index read from either end
ORDERS: Mapping[str, tuple[str | OrderBy, ...]] = {
    "": ("-priority", "pk"),
    # what has no amount is last both ways, on both databases
    "-amount": (F("amount_yuan").desc(nulls_last=True), "pk"), "amount": (F("amount_yuan").asc(nulls_last=True), "-pk"),
    "-severity": ("-severity_rank", "-priority", "pk"), "severity": ("severity_rank", "priority", "-pk"),
    "-seen": ("-last_hit_on", "pk"), "seen": ("last_hit_on", "-pk"),
    "-first": ("-first_seen_on", "pk"), "first": ("first_seen_on", "-pk"),
    "rule": ("rule", "-priority", "pk"), "-rule": ("-rule", "priority", "-pk"),
}  # fmt: skip
SUSPECTED, ALL = "suspected", "all"
NO_CUSTOMER = "none"  # of an area, a feeder, a member of staff
_DEEP = 8  # letters of the path of a city's unit; what lies below it is set in
ABOVE_ALL = "above_all"  # the unit that findings lie with whose own the data do not name (`intake`)
ABOVE = ("province", "city")  # levels of such a unit


@dataclass(frozen=True)
class Chosen:
    """A filter as read: its condition and what of the address could not be used."""

    condition: Q
    order: tuple[str | OrderBy, ...]
    problems: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


def read(query: QueryDict) -> Chosen:
    """Read a filter; what cannot be used is named and left out, never quietly taken for "everything"."""
    problems: list[str] = []
    condition = Q()
    for part in (_codes, _people, _numbers, _text):
        condition &= part(query, problems)
    asked = query.get("order", "")
    if asked not in ORDERS:
        problems.append(_("Unknown order: %(value)s") % {"value": asked})
    values = {name: query.get(name, "") for name in NAMES}
    return Chosen(condition, ORDERS.get(asked, ORDERS[""]), tuple(problems), values)


def _unknown(label: str, value: str) -> str:
    return _("%(label)s: “%(value)s” is not known and was left out") % {"label": label, "value": value}


def _codes(query: QueryDict, problems: list[str]) -> Q:
    condition = Q()
    for name, label in (("specialty", _("Specialty")), ("severity", _("Severity"))):
        if value := query.get(name, ""):
            if value in rules.words(name):
                # the rank of a severity, as the indexes have it; both together PostgreSQL takes for two conditions
                condition &= Q(severity_rank=RANKS[value]) if name == "severity" else Q(specialty=value)
            else:
                problems.append(_unknown(label, value))
    if value := query.get("rule", "").strip().upper():
        condition &= Q(rule__in=[part.strip() for part in value.split(",") if part.strip()][:50])
    state = query.get("state", "") or SUSPECTED
    if state == SUSPECTED:
        condition &= Q(stands=1)
    elif state in rules.words("finding_state"):
        condition &= Q(state=state, stands=int(state in STANDING))  # the same, as the indexes have it
    elif state != ALL:
        problems.append(_unknown(_("State"), state))
    return condition


def _people(query: QueryDict, problems: list[str]) -> Q:
    handling = query.get("handling", "") or "open"
    condition = Q()
    if handling in dict(Finding.HANDLINGS):
        condition &= Q(handling=handling)
    elif handling != ALL:
        problems.append(_unknown(_("Handling"), handling))
    if (unit := query.get("unit", "")) == ABOVE_ALL:
        condition &= Q(organisation=unit_above_all())
    elif unit:
        found = Organisation.objects.filter(pk=int(unit)).first() if unit.isdecimal() and len(unit) < 10 else None
        if found is None or not current().covers(found.path):
            problems.append(_unknown(_("Unit"), unit))
        elif found.parent_id is not None:
            below = Organisation.objects.filter(path_condition((found.path,)))
            condition &= Q(organisation__in=below.values("pk"))
    return condition


def _numbers(query: QueryDict, problems: list[str]) -> Q:
    condition = Q()
    if value := query.get("period", ""):
        try:
            condition &= Q(period=date.fromisoformat(f"{value[:7]}-01"))
        except ValueError:
            problems.append(_unknown(_("Period"), value))
    if value := query.get("min_yuan", ""):
        try:
            least = Decimal(value)
            if not least.is_finite() or abs(least) > Decimal("1e15"):
                raise InvalidOperation
            condition &= Q(amount_yuan__gte=least)
        except InvalidOperation:
            problems.append(_unknown(_("Amount from"), value))
    if value := query.get("run", ""):
        if value.isdecimal() and len(value) < 10:
            condition &= Q(run=int(value))
        else:
            problems.append(_unknown(_("Run"), value))
    return condition


def _text(query: QueryDict, _problems: list[str]) -> Q:
    condition = Q()
    if value := query.get("customer", "").strip():
        condition &= Q(customer_id="" if value == NO_CUSTOMER else value[:64])
    if value := query.get("subject", "").strip():
        condition &= Q(subject_id=value[:64])
    if value := query.get("q", "").strip().replace("\0", "")[:100]:
        if value.isascii() and any(c.isdigit() for c in value) and " " not in value:  # a number, not a word
            numbers = spellings(value)
            condition &= Q(customer_id__in=numbers) | Q(subject_id__in=numbers) | Q(rule=value.upper())
        else:
            condition &= _in_reason(value)
    return condition


def spellings(number: str) -> list[str]:
    """Return a number as it may stand in the data: as typed, in capitals, in small letters, as the data have it.

    An index serves each. One of both kinds of letters that the data know no longer is found as it is written only.
    """
    typed = [number, number.upper(), number.lower()]
    if any(letter.isalpha() for letter in number):
        typed += customers.as_stored(settings.DATA, number)
    return list(dict.fromkeys(typed))


def _in_reason(value: str) -> Q:
    """Return the condition that a reason has some words; there is no index of words, so that rows are read.

    What has no capitals is Chinese or signs: it stands in the Chinese reason as typed, which takes a third of the time.
    """
    if value.upper() == value.lower():
        return Q(reason_zh__contains=value)
    return Q(reason_zh__icontains=value) | Q(reason_en__icontains=value)


def in_sight() -> QuerySet[Finding]:
    """Return the findings in sight.

    A scope that holds the root holds every finding; without the condition on units an index gives the list in order.
    """
    if current().whole:
        with scoped(EVERYTHING):
            return Finding.objects.all()
    return Finding.objects.all()


def findings(chosen: Chosen) -> QuerySet[Finding]:
    """Return the findings of a filter in their order."""
    return in_sight().filter(chosen.condition).order_by(*chosen.order)


def options() -> dict[str, Any]:
    """Return what the filter form offers."""
    units = Organisation.objects.filter(current().condition("pk") if not current().everything else Q())
    found = list(units.order_by("path").values_list("pk", "name", "path", "level"))
    return {
        "specialties": rules.words("specialty"),
        "severities": rules.words("severity"),
        "states": rules.words("finding_state"),
        "handlings": Finding.HANDLINGS,
        "above_all": any(level in ABOVE for *_unit, level in found),
        "units": [(pk, name if len(path) <= _DEEP else f"– {name}") for pk, name, path, _level in found],
    }
