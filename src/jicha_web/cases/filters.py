"""Filters of the list that people keep, or share with their unit's subtree."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import QueryDict

from jicha_web.findings.models import SavedFilter
from jicha_web.organisation.models import Person

PAGE = "cases"


def saved_for(person: Person) -> QuerySet[SavedFilter]:
    """Return a person's own filters and those shared with their unit."""
    path = person.organisation.path
    above = [path[:n] for n in range(4, len(path) + 1, 4)]
    found = SavedFilter.objects.filter(Q(person=person) | Q(shared_with__path__in=above), page=PAGE)
    return found.select_related("person").order_by("name", "pk")


def keep(*, by: Person, at: datetime, name: str, query: str, share: bool) -> SavedFilter:
    """Keep a filter under a name; the same name of the same person is replaced."""
    wanted = QueryDict(query, mutable=True)
    wanted.pop("page", None)
    kept, _new = SavedFilter.objects.update_or_create(
        person=by, page=PAGE, name=name.strip()[:100],
        defaults={"query": wanted.urlencode(), "shared_with": by.organisation if share else None, "made_at": at},
    )  # fmt: skip
    return kept


def forget(*, by: Person, pk: int) -> None:
    """Forget one of one's own filters."""
    SavedFilter.objects.filter(person=by, page=PAGE, pk=pk).delete()
