"""Taking over units and members of staff from the data: added and kept up to date, never removed.

Paths follow the tree of `organization.parent_id`; a unit that moved takes its subtree along. A unit that the data no
longer hold is kept, inactive. Members of staff become people who cannot sign in until an administrator gives them a
password and a role; one that the data no longer hold is counted, not locked out: half a delivery must not stop a
company's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jicha_web.core import people as door
from jicha_web.history import record as history
from jicha_web.jobs.work import Running, work
from jicha_web.organisation.models import Organisation, Person, Qualification
from jicha_web.organisation.rights import require
from jicha_web.organisation.scope import EVERYTHING, SEGMENT, scoped

CERTIFICATE = "usage_inspection"  # what staff.certified_until is of


@dataclass
class Summary:
    """What was done, and what could not be: (kind, id) pairs in `problems`: loop, parent, unit."""

    units_added: int = 0
    units_changed: int = 0
    units_gone: int = 0
    people_added: int = 0
    people_changed: int = 0
    people_gone: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)

    def values(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**self.__dict__, "problems": [list(p) for p in self.problems]}


def synchronise(*, by: Person | None, at: datetime) -> Summary:
    """Take over units and staff of the newest data. by: None for the system."""
    if by is not None:
        require(by, "people_edit", timezone.localdate(at))
    summary = Summary()
    # every unit of the data counts, whoever asked: the tree is one
    with transaction.atomic(), scoped(EVERYTHING):
        _units(summary)
        _people(summary, by, at)
    return summary


@work("organisation.synchronise")
def synchronise_job(job: Running, **_later: Any) -> None:
    """The same as a job."""
    job.progress(0, 1)
    job.result(**synchronise(by=job.by, at=job.at).values())


def _in_order(rows: Mapping[str, door.Unit], summary: Summary) -> list[door.Unit]:
    """Return the units, each after its parent; what hangs in a loop or on nothing is named and becomes a root."""
    order: list[door.Unit] = []
    placed: set[str] = set()
    for start in rows.values():
        way: list[door.Unit] = []
        one: door.Unit | None = start
        while one is not None and one.org_id not in placed:
            if one in way:
                summary.problems.append(("loop", one.org_id))
                break
            way.append(one)
            one = rows.get(one.parent_id)
        for unit in reversed(way):
            if unit.parent_id and unit.parent_id not in rows:
                summary.problems.append(("parent", unit.org_id))
            placed.add(unit.org_id)
            order.append(unit)
    return order


def _units(summary: Summary) -> None:
    rows = {unit.org_id: unit for unit in door.units(settings.DATA)}
    if not rows:
        return
    known: dict[str, Organisation] = {unit.code: unit for unit in Organisation.objects.all()}
    taken: dict[str, int] = {}
    for each in known.values():
        above, number = each.path[:-SEGMENT], int(each.path[-SEGMENT:])
        taken[above] = max(taken.get(above, 0), number)

    def free(parent: Organisation | None) -> str:
        above = parent.path if parent else ""
        taken[above] = taken.get(above, 0) + 1
        return f"{above}{taken[above]:0{SEGMENT}d}"

    placed: set[str] = set()
    for row in _in_order(rows, summary):
        parent = known.get(row.parent_id) if row.parent_id in placed else None
        placed.add(row.org_id)
        unit = known.get(row.org_id)
        values = {"name": row.name, "level": row.level, "latitude": row.latitude, "longitude": row.longitude,
                  "is_active": True}  # fmt: skip
        if unit is None:
            known[row.org_id] = Organisation.objects.create(code=row.org_id, parent=parent, path=free(parent), **values)
            summary.units_added += 1
            continue
        moved = unit.parent_id != (parent.pk if parent else None)
        if moved:
            _move(unit, parent, free(parent), known, taken)
        changed = [name for name, value in values.items() if getattr(unit, name) != value]
        for name in changed:
            setattr(unit, name, values[name])
        if changed:
            unit.save(update_fields=changed)
        summary.units_changed += bool(changed or moved)
    gone = [one.pk for code, one in known.items() if code not in rows and one.is_active]
    summary.units_gone = Organisation.objects.filter(pk__in=gone).update(is_active=False)


def _move(
    unit: Organisation, parent: Organisation | None, path: str, known: Mapping[str, Organisation], taken: dict[str, int]
) -> None:
    before = unit.path
    unit.parent = parent
    for other in sorted(known.values(), key=lambda u: u.path):
        if other.path.startswith(before):
            other.path = path + other.path.removeprefix(before)
            above, number = other.path[:-SEGMENT], int(other.path[-SEGMENT:])
            taken[above] = max(taken.get(above, 0), number)
            other.save(update_fields=["path", "parent"])


def _people(summary: Summary, by: Person | None, at: datetime) -> None:
    rows = door.employees(settings.DATA)
    if not rows:
        return
    units = {unit.code: unit for unit in Organisation.objects.all()}
    known = {person.staff_id: person for person in Person.objects.exclude(staff_id="")}
    names = set(Person.objects.values_list("username", flat=True))
    certificates = {q.person_id: q for q in Qualification.objects.filter(kind=CERTIFICATE).order_by("pk")}
    for row in rows:
        unit = units.get(row.org_id)
        if unit is None:
            summary.problems.append(("unit", row.staff_id))
            continue
        person = known.get(row.staff_id)
        if person is None:
            username = row.staff_id if row.staff_id not in names else f"{row.staff_id}@data"
            names.add(username)
            person = Person(username=username, staff_id=row.staff_id, name=row.name, organisation=unit)
            person.set_unusable_password()
            history.create(person, verb="synchronised", by=by, at=at)
            summary.people_added += 1
        elif (person.name, person.organisation_id) != (row.name, unit.pk):
            changes = {"name": row.name, "organisation": unit}
            history.record(person, verb="synchronised", by=by, at=at, changes=changes)
            summary.people_changed += 1
        _certificate(person, row, certificates.get(person.pk), by, at)
    known_now = {row.staff_id for row in rows}
    summary.people_gone = sum(1 for staff_id, person in known.items() if staff_id not in known_now and person.is_active)


def _certificate(
    person: Person, row: door.Employee, held: Qualification | None, by: Person | None, at: datetime
) -> None:
    if row.certified_until is None:
        return
    if held is None:
        made = Qualification(person=person, organisation=person.organisation, kind=CERTIFICATE,
                             valid_until=row.certified_until)  # fmt: skip
        history.create(made, verb="synchronised", by=by, at=at)
    elif held.valid_until is None or held.valid_until < row.certified_until:
        changes = {"valid_until": row.certified_until, "organisation": person.organisation}
        history.record(held, verb="synchronised", by=by, at=at, changes=changes)
