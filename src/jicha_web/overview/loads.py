"""Open and late cases of units and people, for the pages of the organisation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count, Q

from jicha_web.cases.models import Case
from jicha_web.cases.workflow import workflow
from jicha_web.organisation.workload import Load
from jicha_web.overview.figures import cases_url


def _loads(at: datetime, field: str, parameter: str, condition: Q) -> Mapping[int, Load]:
    rows = (
        Case.objects.filter(condition, state__in=workflow().open_states)
        .order_by()
        .values_list(field)
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    )
    return {key: Load(n, late, cases_url(**{parameter: key}, state="open")) for key, n, late in rows}


def of_units(at: datetime) -> Mapping[int, Load]:
    """Return the load of each unit in sight, without the units below it."""
    return _loads(at, "organisation_id", "unit", Q())


def of_people(at: datetime, ids: Collection[int]) -> Mapping[int, Load]:
    """Return the load of some people, in cases in sight."""
    return _loads(at, "assignee_id", "assignee", Q(assignee__in=ids))
