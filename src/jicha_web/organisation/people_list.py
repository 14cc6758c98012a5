"""Which people an address asks for, and all of them as a workbook."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jicha_web.jobs.rows import in_chunks
from jicha_web.jobs.sheets import Lines, Sheet, register
from jicha_web.organisation import workload
from jicha_web.organisation.models import Membership, Organisation, Person, Qualification
from jicha_web.organisation.registers import warn_until
from jicha_web.organisation.roles import roles
from jicha_web.organisation.tree import people_in_sight
from jicha_web.pages.tags import words

SEE = ("people_edit", "case_dispatch", "overview_view", "history_view")


def filtered(asked: QueryDict, today: date) -> QuerySet[Person]:
    """Return the people in sight that the address asks for: q, unit (with those below), role, state, certificates."""
    rows = people_in_sight().select_related("organisation")
    if text := asked.get("q", "").strip():
        rows = rows.filter(Q(name__icontains=text) | Q(username__icontains=text) | Q(staff_id__icontains=text))
    if (unit := asked.get("unit", "")).isdecimal() and len(unit) < 18:
        path = Organisation.objects.filter(pk=unit).values_list("path", flat=True).first()
        rows = rows.filter(organisation__path__startswith=path) if path else rows.none()
    if role := asked.get("role", ""):
        held = Membership.objects.filter(person=OuterRef("pk"), role=role, is_active=True)
        rows = rows.filter(Exists(held))
    state = asked.get("state", "open")
    if state in {"open", "closed"}:
        rows = rows.filter(is_active=state == "open")
    if asked.get("certificates") == "ending":
        ending = Qualification.objects.filter(person=OuterRef("pk"), valid_until__lte=warn_until(today))
        rows = rows.filter(Exists(ending))
    return rows.order_by("organisation__path", "name", "pk")


def held_roles(ids: list[int], today: date) -> dict[int, list[tuple[str, str]]]:
    """Return the roles that people hold on a day, each with its unit."""
    held: dict[int, list[tuple[str, str]]] = {}
    for one in Membership.objects.filter(person__in=ids, is_active=True).select_related("organisation").order_by("pk"):
        if one.holds_on(today):
            held.setdefault(one.person_id, []).append((words(roles()[one.role].label), one.organisation.name))
    return held


def _heads() -> list[str]:
    return [
        gettext("Name"), gettext("User name"), gettext("Staff number"), gettext("Unit"), gettext("Roles"),
        gettext("Account open"), gettext("Open cases"), gettext("Late"),
    ]  # fmt: skip


def _rows(query: QueryDict, by: Person, at: datetime) -> Lines:
    del by
    today = timezone.localdate(at)
    rows = filtered(query, today)
    ids = list(rows.values_list("pk", flat=True))
    held, loads, none = held_roles(ids, today), workload.of_people(at, ids), workload.Load()
    cells = (
        [one.name, one.username, one.staff_id, one.organisation.name,
         "; ".join(f"{role} ({unit})" for role, unit in held.get(one.pk, [])),
         gettext("yes") if one.is_active else gettext("no"), loads.get(one.pk, none).open,
         loads.get(one.pk, none).late]
        for one in in_chunks(rows)
    )  # fmt: skip
    return Lines(rows.count(), cells)


def register_sheet() -> None:
    """Let the list be exported; called once, when the application starts."""
    register(Sheet("people", _("People"), SEE, _heads, _rows, own=("people_export",)))
