"""回避: nobody whom a case is about, nor their station, has a hand in it.

Parties are members of staff that the evidence of its findings names, and those named by hand. A party of a station or a
county bars that unit and all below it; one of the city bars only themselves, because a city has no peer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jicha_web.cases.models import Case, Party
from jicha_web.core import Text, subjects
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import require


class UnknownStaff(Exception):
    """No member of staff has this number."""


BARRED_LEVELS = frozenset({"county", "station"})


def parties_of(case: Case) -> list[Party]:
    """Return whom a case is about; read once per case object."""
    known: list[Party] | None = case.__dict__.get("_known_parties")
    if known is None:
        known = list(Party.objects.filter(case=case).select_related("organisation").order_by("pk"))
        case.__dict__["_known_parties"] = known
    return known


def forget_parties(case: Case) -> None:
    """Let the parties be read anew: some were added."""
    case.__dict__.pop("_known_parties", None)


def barred_units(case: Case) -> list[Organisation]:
    """Return the units that have no hand in a case, each standing for what is below it."""
    units = [p.organisation for p in parties_of(case) if p.organisation is not None]
    return list({u.pk: u for u in units if u.level in BARRED_LEVELS}.values())


def bars_unit(case: Case, unit: Organisation) -> Text | None:
    """Return why a unit has no hand in a case; None when it may."""
    for barred in barred_units(case):
        if barred.covers(unit):
            return Text(
                f"回避：{unit.name}涉及本工单当事人，应交由其他单位办理",
                f"{unit.name} is the unit of someone whom the case is about: another unit has to handle it",
            )
    return None


def bars_person(case: Case, person: Person) -> Text | None:
    """Return why a person has no hand in a case; None when they may."""
    if person.staff_id and any(p.staff_id == person.staff_id for p in parties_of(case)):
        return Text(
            f"回避：{person.name}是本工单的当事人",
            f"{person.name} is someone whom the case is about",
        )
    if any(unit.covers(person.organisation) for unit in barred_units(case)):
        return Text(
            f"回避：{person.name}所在单位涉及本工单当事人",
            f"the unit of {person.name} is that of someone whom the case is about",
        )
    return None


def _values(finding: Finding) -> Iterator[tuple[str, str]]:
    for content in (finding.evidence, _key(finding)):
        for column, value in content.items():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str) and one:
                    yield column, one
    if finding.subject == "staff":
        yield "staff_id", finding.subject_id


def _key(finding: Finding) -> Mapping[str, Any]:
    content = json.loads(finding.key)
    return content if isinstance(content, dict) else {}


def named_staff(findings: Iterable[Finding]) -> dict[str, tuple[str, str]]:
    """Return the members of staff that the evidence of findings names: id → (column, rule).

    A column counts that the schema says holds staff, or that is named after one (top_reader_id). Other columns that end
    in `_id` or `_by` count when their value is a member of staff of the data (index_changed_by).
    """
    return _named_staff([findings])[0]


def _named_staff(groups: Iterable[Iterable[Finding]]) -> list[dict[str, tuple[str, str]]]:
    """Return whom each group of findings names, the data asked once."""
    found = [_perhaps_named(findings) for findings in groups]
    unknown = {staff_id for certain, perhaps in found for staff_id in perhaps if staff_id not in certain}
    known = sorted(subjects.staff(settings.DATA, unknown)) if unknown else []
    return [certain | {i: perhaps[i] for i in known if i in perhaps and i not in certain} for certain, perhaps in found]


def _perhaps_named(findings: Iterable[Finding]) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    certain: dict[str, tuple[str, str]] = {}
    perhaps: dict[str, tuple[str, str]] = {}
    for finding in findings:
        for column, value in _values(finding):
            if subjects.names_staff(column):
                certain.setdefault(value, (column, finding.rule))
            elif column.endswith(("_id", "_by")):
                perhaps.setdefault(value, (column, finding.rule))
    return certain, perhaps


def add_parties(groups: Sequence[tuple[Case, Sequence[Finding]]]) -> None:
    """Add whom findings name to the parties of the cases that they come into, with their units."""
    _know_parties([case for case, _findings in groups])
    new = [
        (case, {staff_id: where for staff_id, where in named.items() if staff_id not in have})
        for (case, _findings), named in zip(groups, _named_staff(f for _case, f in groups), strict=True)
        for have in [{p.staff_id for p in parties_of(case)}]
    ]
    every = {staff_id for _case, named in new for staff_id in named}
    if not every:
        return
    known = subjects.staff(settings.DATA, every)
    people = {p.staff_id: p for p in Person.objects.filter(staff_id__in=every).select_related("organisation")}
    units = {u.code: u for u in Organisation.objects.filter(code__in={s.org_id for s in known.values()})}
    added = []
    for case, named in new:
        for staff_id, (column, rule) in sorted(named.items()):
            person, staff = people.get(staff_id), known.get(staff_id)
            unit = units.get(staff.org_id) if staff else None
            added.append(
                Party(
                    case=case,
                    staff_id=staff_id,
                    name=staff.name if staff else person.name if person else "",
                    organisation=unit or (person.organisation if person else None),
                    part=column,
                    rule=rule,
                )
            )
        if named:
            forget_parties(case)
    Party.objects.bulk_create(added)


def _know_parties(cases: Sequence[Case]) -> None:
    """Read the parties of many cases together."""
    unread = {c.pk: c for c in cases if "_known_parties" not in c.__dict__}
    for case in unread.values():
        case.__dict__["_known_parties"] = []
    for party in Party.objects.filter(case__in=list(unread)).select_related("organisation").order_by("pk"):
        unread[party.case_id].__dict__["_known_parties"].append(party)


def name_party(*, case: Case, staff_id: str, by: Person, at: datetime) -> Party:
    """Name a member of staff whom a case is about, by hand; UnknownStaff when neither data nor people know them."""
    require(by, "case_dispatch", timezone.localdate(at), case.organisation)
    known = next((p for p in parties_of(case) if p.staff_id == staff_id), None)
    if known is not None:
        return known
    staff = subjects.staff(settings.DATA, [staff_id]).get(staff_id)
    person = Person.objects.filter(staff_id=staff_id).select_related("organisation").first()
    if staff is None and person is None:
        raise UnknownStaff(staff_id)
    unit = Organisation.objects.filter(code=staff.org_id).first() if staff else None
    name = staff.name if staff else person.name if person else ""
    party = Party(
        case=case, staff_id=staff_id, name=name, part="by_hand",
        organisation=unit or (person.organisation if person else None),
    )  # fmt: skip
    with transaction.atomic():
        party.save()
        history.record(case, verb="party_named", by=by, at=at, data={"staff_id": staff_id})
    forget_parties(case)
    return party


def peers(case: Case, unit: Organisation) -> list[Organisation]:
    """Return the units of the same level that may handle a case in another's stead: siblings first, then by path."""
    others = Organisation.objects.filter(level=unit.level, is_active=True).exclude(pk=unit.pk).order_by("path")
    able = [o for o in others if bars_unit(case, o) is None]
    return sorted(able, key=lambda o: (o.parent_id != unit.parent_id, o.path))
