"""Looking for entries: which a person may see, by whom, of what, when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from jicha_web.history.models import Entry, Recorded
from jicha_web.history.read import recorded_models
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import may, scope_of
from jicha_web.organisation.scope import Scope, ScopedManager, path_condition
from jicha_web.pages.days import day_of


def in_sight(person: Person, day: date) -> QuerySet[Entry]:
    """Return the entries of the units where a person may see the history; those of no unit from the top only."""
    scope = scope_of(person, day, "history_view")
    if scope.everything:
        return Entry.objects.all()
    units = Organisation.objects.filter(path_condition(scope.paths))
    condition = Q(unit_id__in=units.values("pk"))
    if _at_the_top(scope):
        condition |= Q(unit_id=None)
    return Entry.objects.filter(condition)


def _at_the_top(scope: Scope) -> bool:
    """Whether a scope holds all units: who sees what belongs to none."""
    top = list(Organisation.objects.filter(parent=None).values_list("path", flat=True))
    return bool(top) and all(scope.covers(path) for path in top)


def _day(text: str) -> datetime | None:
    day = day_of(text)
    return None if day is None else datetime.combine(day, time(), timezone.get_current_timezone())


def filtered(query: QueryDict, rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Narrow entries by an address: person, kind, object, verb, from, to, q; newest first."""
    if person := query.get("person", "").strip():
        rows = rows.filter(by_id=int(person)) if person.isdecimal() and len(person) < 18 else rows.none()
    if by := query.get("by", "").strip():
        rows = rows.filter(by_name__icontains=by[:100])
    if kind := query.get("kind", ""):
        rows = rows.filter(object_type=kind[:32])
    if one := query.get("object", "").strip():
        rows = rows.filter(object_id=int(one)) if one.isdecimal() and len(one) < 18 else rows.none()
    if verb := query.get("verb", ""):
        rows = rows.filter(verb=verb[:48])
    if (since := _day(query.get("from", ""))) is not None:
        rows = rows.filter(at__gte=since)
    if (until := _day(query.get("to", ""))) is not None:
        rows = rows.filter(at__lt=until + timedelta(days=1))
    if text := query.get("q", "").strip():
        rows = rows.filter(note__icontains=text[:100])
    return rows.order_by("-pk")


# kinds that belong to a case are seen by those who see the case; the others by those who hold history_view
OF_A_CASE = frozenset({
    "case", "visit", "photo", "assessment", "calculation", "paper", "rectification", "money", "extension", "casefile",
})  # fmt: skip


def object_for(kind: str, pk: int, person: Person, day: date) -> Recorded | None:
    """Return an object whose history a person may see; None when there is none in sight."""
    model = recorded_models().get(kind)
    if model is None:
        return None
    found: Recorded | None = _in_scope(model).filter(pk=pk).first()
    if found is None:
        return None
    if (kind in OF_A_CASE and may(person, "case_view", day)) or (
        kind == "finding" and may(person, "finding_view", day)
    ):
        return found
    unit_id, scope = found.history_unit_id(), scope_of(person, day, "history_view")
    if unit_id is None:
        return found if _at_the_top(scope) else None
    path = Organisation.objects.filter(pk=unit_id).values_list("path", flat=True).first()
    return found if path is not None and scope.covers(path) else None


def _in_scope(model: type[Recorded]) -> QuerySet[Any]:
    """Return the rows in sight; for kinds without a scope of their own, through their case, or all."""
    kind: Any = model
    rows: QuerySet[Any] = kind._base_manager.all()
    if isinstance(kind._default_manager, ScopedManager):
        rows = kind._default_manager.all()
    elif any(f.name == "case" for f in kind._meta.get_fields()):
        case = kind._meta.get_field("case").related_model
        rows = rows.filter(case__in=case._default_manager.all())
    return rows
