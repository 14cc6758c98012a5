"""Who calls, units, people, tokens."""

from __future__ import annotations

from typing import Annotated

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from jicha_web.api import shapes, tokens
from jicha_web.api.access import acting_of, token_of
from jicha_web.api.inputs import Code, Day, Pk, Windowed, cut
from jicha_web.api.models import Token
from jicha_web.api.problems import REFUSALS
from jicha_web.api.schemas import JobOut, Me, People, PersonOut, TokenMade, TokenOut, UnitInTree
from jicha_web.jobs.work import enqueue
from jicha_web.organisation import people
from jicha_web.organisation.middleware import ActingPerson
from jicha_web.organisation.models import Membership, Organisation, Person
from jicha_web.organisation.rights import role_codes
from jicha_web.organisation.roles import actions
from jicha_web.organisation.scope import current, path_condition

router = Router(tags=["organisation"])


class TokenIn(Schema):
    """A token to make: of a unit in sight, with actions that one may do there, until a day within a year."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
    organisation: Code
    actions: Annotated[list[Code], Field(min_length=1, max_length=50)]
    until: Day


def unit_in_sight(code: str) -> Organisation:
    """Return a unit in sight; 404 for another."""
    found = Organisation.objects.filter(code=code).first()
    if found is None or not current().covers(found.path):
        raise Http404
    return found


def _themselves(request: HttpRequest) -> ActingPerson:
    """Return who acts; PermissionDenied for a machine: a token manages no tokens."""
    if token_of(request) is not None:
        raise PermissionDenied("a token manages no tokens")
    return acting_of(request)


@router.get("/me", response={200: Me, **REFUSALS}, operation_id="me")
def me(request: HttpRequest) -> Me:
    """Return who calls, and what they may do."""
    acting, token = acting_of(request), token_of(request)
    allowed = [a for a in actions() if acting.may(a) and (token is None or a in token.actions)]
    return Me(
        id=acting.person.pk, name=acting.person.name, organisation=shapes.unit(acting.person.organisation),
        roles=sorted(role_codes(acting.person, acting.today)), actions=allowed, today=acting.today,
    )  # fmt: skip


@router.get("/organisations", response={200: list[UnitInTree], **REFUSALS}, operation_id="list_organisations")
def list_organisations(request: HttpRequest, window: Windowed) -> list[UnitInTree]:
    """List the units in sight, each after the one it belongs to."""
    acting_of(request)
    scope = current()
    rows, _after = cut(
        Organisation.objects.filter(path_condition(scope.paths)).select_related("parent").order_by("path"), window
    )
    return [
        UnitInTree(
            code=row.code, name=row.name, level=row.level, latitude=row.latitude, longitude=row.longitude,
            is_active=row.is_active,
            parent=row.parent.code if row.parent is not None and scope.covers(row.parent.path) else None,
        )
        for row in rows
    ]  # fmt: skip


@router.post("/organisations/synchronise", response={202: JobOut, **REFUSALS}, operation_id="synchronise_organisations")
def synchronise_organisations(request: HttpRequest) -> Status[JobOut]:
    """Have units and staff taken over from the newest data, in the background; none is removed, nobody gets a right.

    The tree is one: a token has to be for the unit at its top.
    """
    token = token_of(request)
    if token is not None and token.organisation.parent_id is not None:
        raise PermissionDenied("the token is not for the unit at the top")
    acting = acting_of(request, "people_edit")
    return Status(202, shapes.job(enqueue("organisation.synchronise", by=acting.person, at=acting.at)))


@router.get("/people", response={200: People, **REFUSALS}, operation_id="list_people")
def list_people(request: HttpRequest, window: Windowed) -> People:
    """List the active people of the units in sight, with their roles."""
    acting = acting_of(request)
    units = Organisation.objects.filter(path_condition(current().paths))
    found = Person.objects.filter(is_active=True, organisation__in=units.values("pk")).select_related("organisation")
    rows, after = cut(found.order_by("organisation__path", "name", "pk"), window)
    held: dict[int, set[str]] = {}
    for one in Membership.objects.filter(person__in=rows, is_active=True):
        if one.holds_on(acting.today):
            held.setdefault(one.person_id, set()).add(one.role)
    items = [
        PersonOut(id=row.pk, name=row.name, organisation=row.organisation.code, roles=sorted(held.get(row.pk, ())))
        for row in rows
    ]
    return People(items=items, next_offset=after)


class CloseIn(Schema):
    """Why an account is closed; it stands in its history."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


@router.post("/people/{pk}/close", response={204: None, **REFUSALS}, operation_id="close_account")
def close_account(request: HttpRequest, pk: Pk, given: CloseIn) -> Status[None]:
    """Close the account of somebody who left or moved, as the staff system says; its sessions end at once.

    What gives rights is for people alone: accounts are opened, opened again, given roles and passwords on the pages.
    """
    acting = acting_of(request, "people_edit")
    units = Organisation.objects.filter(path_condition(current().paths))
    found = get_object_or_404(Person.objects.select_related("organisation"), pk=pk, organisation__in=units.values("pk"))
    people.set_active(person=found, active=False, by=acting.person, at=acting.at, note=given.reason)
    return Status(204, None)


@router.get("/tokens", response={200: list[TokenOut], **REFUSALS}, operation_id="list_tokens")
def list_tokens(request: HttpRequest) -> list[TokenOut]:
    """List the living tokens that the caller may revoke. Only for people: a token manages no tokens."""
    acting = _themselves(request)
    return [shapes.token(one) for one in tokens.revocable(acting.person, acting.today)]


@router.post("/tokens", response={201: TokenMade, **REFUSALS}, operation_id="make_token")
def make_token(request: HttpRequest, given: TokenIn) -> Status[TokenMade]:
    """Make a token for a machine; its secret is shown this once."""
    acting = _themselves(request)
    made = tokens.make(
        name=given.name, organisation=unit_in_sight(given.organisation), actions=given.actions, until=given.until,
        by=acting.person, at=acting.at,
    )  # fmt: skip
    return Status(201, TokenMade.model_validate({**shapes.token_values(made.token), "secret": made.secret}))


@router.delete("/tokens/{pk}", response={204: None, **REFUSALS}, operation_id="revoke_token")
def revoke_token(request: HttpRequest, pk: Pk) -> Status[None]:
    """Revoke a token."""
    acting = _themselves(request)
    found = get_object_or_404(Token.objects.select_related("organisation"), pk=pk)
    if found not in tokens.revocable(acting.person, acting.today):
        raise Http404
    tokens.revoke(token=found, by=acting.person, at=acting.at)
    return Status(204, None)
