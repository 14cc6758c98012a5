"""To whom a case goes: units and people with their workload, who is barred, who is proposed and why; many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from jicha_web.cases import parties
from jicha_web.cases.geography import distance_km
from jicha_web.cases.models import Case
from jicha_web.cases.moves import UnableToMove, holds, move
from jicha_web.cases.workflow import workflow
from jicha_web.core import Text, subjects
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import people_with

KM_PER_CASE = 10.0  # so many kilometres weigh as much as one open case
LATE_WEIGHT = 2.0  # a case that is late weighs as much as so many that are not
AT_HAND = ("station_pending", "checking", "rectifying")  # states in which a person has a case to work on


@dataclass(frozen=True)
class Load:
    """What a person or unit has at hand."""

    open: int = 0
    late: int = 0


@dataclass(frozen=True)
class UnitChoice:
    """A unit that a case could go to. `barred`: why it may not."""

    unit: Organisation
    load: Load
    home: bool
    distance_km: float | None
    barred: Text | None


@dataclass(frozen=True)
class PersonChoice:
    """A person who could check a case; the smaller the weight, the better. `barred`: why they may not."""

    person: Person
    load: Load
    distance_km: float | None
    weight: float
    barred: Text | None
    why: Text


@dataclass(frozen=True)
class Choices:
    """What is proposed, with all that could be chosen; `why` explains the proposal, or why there is none."""

    units: tuple[UnitChoice, ...]
    unit: Organisation | None
    why: Text


def loads_of(people: Iterable[Person], at: datetime) -> dict[int, Load]:
    """Return what each person has at hand, wherever the cases lie."""
    # not by scope: work for a unit that the dispatcher does not see is work all the same; only counts leave here
    found = (
        Case._base_manager.filter(assignee__in=[p.pk for p in people], state__in=AT_HAND)
        .values("assignee")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    )
    return {row["assignee"]: Load(row["open"], row["late"]) for row in found}


def _unit_loads(units: Iterable[Organisation], at: datetime) -> dict[int, Load]:
    found = (
        Case._base_manager.filter(organisation__in=[u.pk for u in units], state__in=workflow().open_states)
        .values("organisation")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    )
    return {row["organisation"]: Load(row["open"], row["late"]) for row in found}


def unit_choices(case: Case, level: str, at: datetime) -> Choices:
    """Return the units of a level below where a case lies; proposed is where it happened, or else the nearest peer."""
    below = Organisation.objects.filter(
        level=level, is_active=True, path__startswith=case.organisation.path
    ).order_by("path")  # fmt: skip
    units = list(below)
    loads, dead_ends = _unit_loads(units, at), _dead_ends(case, units) if level == "county" else {}
    home = next((u for u in units if u.covers(case.subject_organisation)), None)
    choices = [
        UnitChoice(
            unit=u, load=loads.get(u.pk, Load()), home=u == home,
            barred=parties.bars_unit(case, u) or dead_ends.get(u.pk),
            distance_km=distance_km(u.latitude, u.longitude, *_place(case)),
        )
        for u in units
    ]  # fmt: skip
    choices.sort(key=lambda c: (c.barred is not None, not c.home, _far(c.distance_km), c.load.open, c.unit.path))
    able = [c for c in choices if c.barred is None]
    if not able:
        text = Text("下级单位均需回避，请退回上级改派", "all units below are barred: return it to the unit above")
        return Choices(tuple(choices), None, text)
    best = able[0]
    if best.home:
        why = Text(f"{best.unit.name}为发生单位", f"it happened in {best.unit.name}")
    elif home is not None and any(c.home and c.barred for c in choices):
        far = _km(best.distance_km)
        why = Text(
            f"{home.name}需回避，建议交由同级的{best.unit.name}办理{far.zh}",
            f"{home.name} is barred; {best.unit.name} is a peer unit{far.en}",
        )
    else:
        why = Text(f"{best.unit.name}距离最近", f"{best.unit.name} is the nearest")
    return Choices(tuple(choices), best.unit, why)


def _dead_ends(case: Case, counties: Iterable[Organisation]) -> dict[int, Text]:
    """Return the counties that could only send the case back, since all their stations are barred."""
    if not parties.barred_units(case):
        return {}
    stations = list(Organisation.objects.filter(level="station", is_active=True))
    found = {}
    for county in counties:
        own = [s for s in stations if county.covers(s)]
        if own and all(parties.bars_unit(case, s) for s in own):
            found[county.pk] = Text("回避：下属供电所均涉及当事人", "all its stations are those of parties")
    return found


def _place(case: Case) -> tuple[float | None, float | None]:
    if case.latitude is not None:
        return case.latitude, case.longitude
    return case.subject_organisation.latitude, case.subject_organisation.longitude


def _far(distance: float | None) -> float:
    return float("inf") if distance is None else distance


def _km(distance: float | None) -> Text:
    return Text("", "") if distance is None else Text(f"（距离{distance:.1f}公里）", f" ({distance:.1f} km away)")


def area_managers(case: Case) -> frozenset[str]:
    """Return who manages the areas that a case is about, by staff number; read once per case object."""
    known: frozenset[str] | None = case.__dict__.get("_known_managers")
    if known is None:
        known = case.__dict__["_known_managers"] = _managers_in_data(case)
    return known


def _managers_in_data(case: Case) -> frozenset[str]:
    if case.subject == "area":
        ids: Iterable[str] = [case.subject_id]
    else:
        ids = subjects.areas_of(settings.DATA, case.customer_id) if case.customer_id else ()
    return frozenset(area.manager_id for area in subjects.areas(settings.DATA, list(ids)).values() if area.manager_id)


def person_choices(case: Case, unit: Organisation, at: datetime) -> list[PersonChoice]:
    """Return who could check a case for a unit, the proposed one first.

    The manager of the area does not check there. Of the others the one with the least weight is proposed: open cases,
    late ones counted more, and the way to the site from the station or from another of their sites.
    """
    people = [
        p
        for p in people_with("case_check", unit, timezone.localdate(at))
        if holds(p, "case_check", "station", unit, at)
    ]
    loads, managers, sites = loads_of(people, at), area_managers(case), _sites(people)
    choices = []
    for person in people:
        load = loads.get(person.pk, Load())
        places = [(unit.latitude, unit.longitude), *sites.get(person.pk, [])]
        ways = [d for place in places if (d := distance_km(*place, *_place(case))) is not None]
        way = min(ways) if ways else None
        barred = _barred(case, person, managers)
        weight = load.open + (LATE_WEIGHT - 1) * load.late + (way or 0.0) / KM_PER_CASE
        far = _km(way)
        why = Text(
            f"在办{load.open}件，其中逾期{load.late}件{far.zh}", f"{load.open} open, {load.late} late{far.en}"
        )  # fmt: skip
        choices.append(PersonChoice(person, load, way, round(weight, 2), barred, why))
    return sorted(choices, key=lambda c: (c.barred is not None, c.weight, c.person.name, c.person.pk))


def bars_checking(case: Case, person: Person) -> Text | None:
    """Return why a person does not check a case: a party to it, or who manages its area; None when they may."""
    return _barred(case, person, area_managers(case) if person.staff_id else frozenset())


def _barred(case: Case, person: Person, managers: Collection[str]) -> Text | None:
    barred = parties.bars_person(case, person)
    if barred is None and person.staff_id and person.staff_id in managers:
        return Text("回避：该台区的台区经理", "manages the area")
    return barred


def _sites(people: Iterable[Person]) -> dict[int, list[tuple[float | None, float | None]]]:
    found = Case._base_manager.filter(
        assignee__in=[p.pk for p in people], state__in=AT_HAND, latitude__isnull=False
    ).values_list("assignee", "latitude", "longitude")  # fmt: skip
    sites: dict[int, list[tuple[float | None, float | None]]] = {}
    for assignee, latitude, longitude in found:
        sites.setdefault(assignee, []).append((latitude, longitude))
    return sites


@dataclass(frozen=True)
class Outcome:
    """What came of one case of many: nothing to say when it went."""

    case: Case
    refused: Text | None
    unit: Organisation | None = None
    person: Person | None = None


def dispatch_many(
    *, cases: Iterable[Case], event: str, by: Person, at: datetime, analysis: str,
    unit: Organisation | None = None, assignee: Person | None = None, due_at: datetime | None = None,
) -> list[Outcome]:  # fmt: skip
    """Dispatch each of many cases, to what is given or else proposed for it; one refused stops no other."""
    outcomes = []
    given = {"analysis": analysis, "due_at": due_at, "organisation": unit, "assignee": assignee}
    for case in cases:
        try:
            outcomes.append(_dispatch_one(case, event, by, at, given))
        except UnableToMove as refused:
            zh = "；".join(r.text.zh for r in refused.reasons)
            outcomes.append(Outcome(case, Text(zh, "; ".join(r.text.en for r in refused.reasons))))
        except ChangedMeanwhile:
            outcomes.append(Outcome(case, Text("已被他人修改", "changed by someone else meanwhile")))
    return outcomes


def _dispatch_one(case: Case, event: str, by: Person, at: datetime, given: Mapping[str, Any]) -> Outcome:
    one = workflow().move(case.state, event)
    unit, person = given["organisation"], given["assignee"]
    if one is not None and unit is None and "organisation" in one.given:
        choices = unit_choices(case, workflow().states[one.target(case.state)].level, at)
        if choices.unit is None:
            return Outcome(case, choices.why)
        unit = choices.unit
    if one is not None and person is None and "assignee" in one.given:
        able = [c for c in person_choices(case, unit or case.organisation, at) if c.barred is None]
        if not able:
            return Outcome(case, Text("没有可派的核查人", "nobody can be sent"))
        person = able[0].person
    handed = {name: value for name, value in given.items() if value is not None} | {
        name: value for name, value in (("organisation", unit), ("assignee", person)) if value is not None
    }
    move(case=case, event=event, by=by, at=at, given=handed)
    return Outcome(case, None, unit, person)
