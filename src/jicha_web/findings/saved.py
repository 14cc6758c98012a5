"""Filters that people keep: their own, and those shared with their unit."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from jicha_web.core import Text
from jicha_web.findings.handling import UnableToHandle
from jicha_web.findings.models import SavedFilter
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import memberships
from jicha_web.organisation.scope import paths_above

MOST = 50


def of(person: Person, page: str, at: datetime) -> QuerySet[SavedFilter]:
    """Return the filters that a person may use for a page: their own, and those shared with a unit they work under."""
    units = [m.organisation.path for m in memberships(person, timezone.localdate(at))]
    shared = Q(shared_with__path__in={one for path in units for one in (*paths_above(path), path)})
    return (
        SavedFilter.objects.filter(Q(person=person) | shared, page=page).select_related("person").order_by("name", "pk")
    )


def keep(*, page: str, name: str, query: str, share_with: Organisation | None, by: Person, at: datetime) -> SavedFilter:
    """Keep a filter under a name; one of the same name is replaced. share_with: a unit of the person's."""
    name = " ".join(name.split())[:100]
    if not name:
        raise UnableToHandle(Text("请填写名称", "give it a name"))
    held = [m.organisation for m in memberships(by, timezone.localdate(at))]
    if share_with is not None and not any(unit.covers(share_with) for unit in held):
        raise UnableToHandle(Text("只能共享给本单位及下级", "it can be shared with your own units only"))
    if SavedFilter.objects.filter(person=by, page=page).exclude(name=name).count() >= MOST:
        raise UnableToHandle(Text(f"最多保存 {MOST} 个", f"at most {MOST} are kept"))
    clean = QueryDict(query, mutable=True)
    clean.pop("page", None)
    saved, _ = SavedFilter.objects.update_or_create(
        person=by, page=page, name=name,
        defaults={"query": clean.urlencode()[:2000], "shared_with": share_with, "made_at": at},
    )  # fmt: skip
    return saved


def forget(*, pk: int, by: Person) -> None:
    """Throw one's own filter away; nothing happens to another's."""
    SavedFilter.objects.filter(pk=pk, person=by).delete()
