"""Roles are held for a unit and its subtree: granted and taken back, each with a row of history."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jicha_web.history import record as history
from jicha_web.organisation.models import Membership, Organisation, Person
from jicha_web.organisation.rights import known_role, require
from jicha_web.organisation.roles import roles_with


class UnableToGrant(Exception):
    """A role cannot be granted or taken back, with the reason."""


def grant(
    *, person: Person, role: str, organisation: Organisation, until: date | None = None,
    by: Person, at: datetime, note: str = "",
) -> Membership:  # fmt: skip
    """Give a person a role for a unit's subtree, until the end of a day or until it is taken back."""
    day = timezone.localdate(at)
    require(by, "people_edit", day, organisation)
    if not known_role(role):
        raise UnableToGrant(_("There is no such role."))
    if person == by:
        raise UnableToGrant(_("Nobody grants roles to themselves: ask another administrator."))
    if not person.is_active:
        raise UnableToGrant(_("This account is closed: open it again first."))
    if until is not None and until < day:
        raise UnableToGrant(_("The last day lies in the past."))
    with transaction.atomic():
        there = Membership.objects.filter(person=person, role=role, organisation=organisation, is_active=True).first()
        if there is not None and there.holds_on(day):
            raise UnableToGrant(_("The person holds this role for this unit already."))
        if there is not None:  # its last day is past: one row at a time may be active
            ended = f"到期 expired {there.until}"
            history.record(there, verb="revoked", by=by, at=at, note=ended, changes={"is_active": False})
        membership = Membership(person=person, role=role, organisation=organisation, until=until)
        history.create(membership, verb="granted", by=by, at=at, note=note)
    person.__dict__.pop("_memberships_on", None)
    return membership


def revoke(*, membership: Membership, by: Person, at: datetime, note: str) -> None:
    """Take a role back. A subtree's last administrator stays: nobody could give rights any more."""
    day = timezone.localdate(at)
    require(by, "people_edit", day, membership.organisation)
    if not membership.is_active:
        raise UnableToGrant(_("This role was taken back already."))
    if not note.strip():
        raise UnableToGrant(_("Say why the role is taken back."))
    with transaction.atomic():
        editors = roles_with("people_edit")
        if membership.role in editors and not any(
            m.holds_on(day) and m.organisation.covers(membership.organisation)
            for m in Membership.objects.filter(role__in=editors, is_active=True, person__is_active=True)
            .exclude(pk=membership.pk)
            .select_related("organisation")
        ):
            raise UnableToGrant(_("This is the last administrator here: grant the role to another person first."))
        history.record(membership, verb="revoked", by=by, at=at, note=note, changes={"is_active": False})
    membership.person.__dict__.pop("_memberships_on", None)
