"""What a person may do, for which unit: asked by pages, API and verbs alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import date

from django.core.exceptions import PermissionDenied

from jicha_web.organisation.models import Membership, Organisation, Person
from jicha_web.organisation.roles import roles, roles_with
from jicha_web.organisation.scope import Scope


def memberships(person: Person, day: date) -> list[Membership]:
    """Return what a person holds on a day; read once per person object."""
    cached: dict[date, list[Membership]] = person.__dict__.setdefault("_memberships_on", {})
    if day not in cached:
        held = Membership.objects.filter(person=person, is_active=True).select_related("organisation").order_by("pk")
        found = [m for m in held if m.holds_on(day)] if person.is_active else []
        within: Organisation | None = person.__dict__.get("_within")
        cached[day] = found if within is None else list(_narrowed(found, within))
    return cached[day]


def read_memberships(people: Iterable[Person], day: date) -> None:
    """Read what several people hold on a day with one query, so that `memberships` asks nothing for each of them."""
    of = {person.pk: person for person in people}
    held: dict[int, list[Membership]] = {pk: [] for pk in of}
    found = Membership.objects.filter(person__in=list(of), is_active=True).select_related("organisation")
    for one in found.order_by("pk"):
        if one.holds_on(day) and of[one.person_id].is_active:
            held[one.person_id].append(one)
    for pk, person in of.items():
        if "_within" not in person.__dict__:
            person.__dict__.setdefault("_memberships_on", {})[day] = held[pk]


def narrow(person: Person, within: Organisation) -> Person:
    """Let a person object hold their roles for one unit's subtree only, as a token says; return it."""
    person.__dict__["_within"] = within
    person.__dict__.pop("_memberships_on", None)
    return person


def _narrowed(held: list[Membership], within: Organisation) -> Iterator[Membership]:
    for membership in held:
        if within.covers(membership.organisation):
            yield membership
        elif membership.organisation.covers(within):
            narrowed = copy(membership)
            narrowed.organisation = within
            yield narrowed


def role_codes(person: Person, day: date) -> frozenset[str]:
    """Return the roles that a person holds anywhere."""
    return frozenset(m.role for m in memberships(person, day))


def may(person: Person, action: str, day: date, organisation: Organisation | None = None) -> bool:
    """Whether a person may do something for a unit; without a unit: for any."""
    allowed = roles_with(action)
    return any(
        m.role in allowed and (organisation is None or m.organisation.covers(organisation))
        for m in memberships(person, day)
    )


def require(person: Person, action: str, day: date, organisation: Organisation | None = None) -> None:
    """Raise PermissionDenied unless a person may do something."""
    if not may(person, action, day, organisation):
        raise PermissionDenied(action)


def scope_of(person: Person, day: date, *actions: str) -> Scope:
    """Return the subtrees where a person holds a role, or where they may do one of some things; the widest only."""
    allowed = {role for action in actions for role in roles_with(action)}
    held = (m for m in memberships(person, day) if not actions or m.role in allowed)
    paths = sorted({m.organisation.path for m in held})
    widest: list[str] = []
    for path in paths:
        if not any(path.startswith(own) for own in widest):
            widest.append(path)
    return Scope(tuple(widest))


def people_with(action: str, organisation: Organisation, day: date) -> list[Person]:
    """Return the active people who may do something for a unit, nearest unit first, then by name."""
    held = (
        Membership.objects.filter(is_active=True, role__in=roles_with(action), person__is_active=True)
        .select_related("person__organisation", "organisation")
        .order_by("-organisation__path", "person__name", "pk")
    )
    found = [m for m in held if m.holds_on(day) and m.organisation.covers(organisation)]
    found.sort(key=lambda m: -len(m.organisation.path))
    return list(dict.fromkeys(m.person for m in found))


def known_role(code: str) -> bool:
    """Whether a role is defined."""
    return code in roles()
