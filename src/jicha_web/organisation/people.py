"""Accounts: opened, changed, closed by an administrator; language, mail and password by their owner."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jicha_web.history import record as history
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import memberships, require

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another


class UnableToChangePerson(Exception):
    """An account cannot be made or changed so, with the reason."""


def new_password() -> str:
    """Return a random password that can be typed from paper."""
    return "-".join("".join(secrets.choice(_LETTERS) for _letter in range(4)) for _group in range(3))


def open_account(
    *, username: str, name: str, organisation: Organisation, staff_id: str = "", email: str = "", phone: str = "",
    by: Person, at: datetime,
) -> tuple[Person, str]:  # fmt: skip
    """Make an account; return it with a password that is shown once and must be changed at the first sign-in."""
    require(by, "people_edit", timezone.localdate(at), organisation)
    if Person.objects.filter(username=username).exists():
        raise UnableToChangePerson(_("This user name is taken."))
    if staff_id and Person.objects.filter(staff_id=staff_id).exists():
        raise UnableToChangePerson(_("There is an account for this staff number already."))
    password = new_password()
    person = Person(
        username=username, name=name, organisation=organisation, staff_id=staff_id, email=email, phone=phone,
        must_change_password=True,
    )  # fmt: skip
    person.set_password(password)
    history.create(person, verb="account_opened", by=by, at=at)
    return person, password


def change_details(
    *, person: Person, name: str, organisation: Organisation, staff_id: str, email: str, phone: str,
    by: Person, at: datetime,
) -> None:  # fmt: skip
    """Change what an administrator keeps of a person; a move needs the right for both units."""
    day = timezone.localdate(at)
    require(by, "people_edit", day, person.organisation)
    require(by, "people_edit", day, organisation)
    if staff_id and Person.objects.filter(staff_id=staff_id).exclude(pk=person.pk).exists():
        raise UnableToChangePerson(_("There is an account for this staff number already."))
    with transaction.atomic():
        # mail and telephone are personal: that they changed stands in the history, what they were does not
        Person.objects.filter(pk=person.pk).update(email=email, phone=phone)
        history.record(
            person, verb="details_changed", by=by, at=at,
            changes={"name": name, "organisation": organisation, "staff_id": staff_id},
        )  # fmt: skip
    person.email, person.phone = email, phone


def set_active(*, person: Person, active: bool, by: Person, at: datetime, note: str) -> None:
    """Close an account, or open it again; a closed one cannot sign in, and its sessions end."""
    require(by, "people_edit", timezone.localdate(at), person.organisation)
    if person == by:
        raise UnableToChangePerson(_("Nobody closes their own account: ask another administrator."))
    if person.is_active == active:
        raise UnableToChangePerson(_("The account is so already."))
    if not note.strip():
        raise UnableToChangePerson(_("Say why."))
    verb = "account_reopened" if active else "account_closed"
    history.record(person, verb=verb, by=by, at=at, note=note, changes={"is_active": active})


def set_password_anew(*, person: Person, by: Person, at: datetime) -> str:
    """Give a person a password that is shown once and must be changed at the next sign-in; their sessions end.

    It needs the right for every unit for which the person holds a role: who is told the password could act for them.
    """
    day = timezone.localdate(at)
    for unit in (person.organisation, *(held.organisation for held in memberships(person, day))):
        require(by, "people_edit", day, unit)
    password = new_password()
    person.set_password(password)
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(password=person.password)
        history.record(person, verb="password_reset", by=by, at=at, changes={"must_change_password": True})
    return password


def change_own_password(*, person: Person, password: str, at: datetime) -> None:
    """Set one's own password; ValidationError when it is too weak."""
    validate_password(password, person)
    person.set_password(password)
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(password=person.password)
        history.record(person, verb="password_changed", by=person, at=at, changes={"must_change_password": False})


def change_own_settings(*, person: Person, language: str, email: str, phone: str) -> None:
    """Set one's own language and how one is reached: nothing that others rely on, so without a row of history."""
    Person.objects.filter(pk=person.pk).update(language=language, email=email, phone=phone)
    person.language, person.email, person.phone = language, email, phone
