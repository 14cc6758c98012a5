"""Delivering notifications: in the app at once, by mail a little later from the schedule."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from jicha_web import core
from jicha_web.core import Text
from jicha_web.jobs.schedule import every
from jicha_web.organisation.models import Person
from jicha_web.overview.models import Notification, NotificationChoice

log = logging.getLogger(__name__)
_TOO_OLD = timedelta(days=2)  # mail that could not be sent for so long is not sent any more
_AT_ONCE = 200
_FOR_GOOD = 500  # SMTP codes from here on say that another try is no use


@dataclass(frozen=True)
class Kind:
    """A kind of notification and whether it is mailed unless a person says otherwise."""

    code: str
    label: Text
    mail: bool


@cache
def kinds() -> Mapping[str, Kind]:
    """Return all kinds by code."""
    entries = core.application_file("notices")["kinds"]
    return {code: Kind(code, Text(one["zh"], one["en"]), bool(one["mail"])) for code, one in entries.items()}


def kind_of(code: str) -> Kind:
    """Return a kind; `other` for one that the catalog does not list."""
    return kinds().get(code, kinds()["other"])


def deliver(*, people: Iterable[Person], kind: str, text: Text, url: str, once: str, at: datetime) -> None:
    """Tell each person once: registered with `notices`."""
    told = {person.pk: person for person in people if person.is_active}
    chosen = dict(
        NotificationChoice.objects.filter(person__in=told, kind=kind_of(kind).code).values_list("person", "by_mail")
    )
    rows = [
        Notification(
            person=person, kind=kind, text_zh=text.zh[:300], text_en=text.en[:300], url=url[:300], at=at,
            once=once[:128], to_mail=bool(person.email) and chosen.get(person.pk, kind_of(kind).mail),
        )
        for person in told.values()
    ]  # fmt: skip
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_AT_ONCE)


def unread(person: Person) -> int:
    """Return how many notifications a person has not read, up to 100."""
    return len(Notification.objects.filter(person=person, read_at=None).values_list("pk")[:100])


def read_all(*, person: Person, at: datetime) -> int:
    """Mark all as read; return how many."""
    return Notification.objects.filter(person=person, read_at=None).update(read_at=at)


def choose(*, person: Person, by_mail: Mapping[str, bool]) -> None:
    """Keep for which kinds a person wants mail."""
    for code in kinds():
        if code in by_mail:
            NotificationChoice.objects.update_or_create(person=person, kind=code, defaults={"by_mail": by_mail[code]})


def wanted_by_mail(person: Person) -> dict[str, bool]:
    """Return for each kind whether a person gets it by mail."""
    chosen = dict(NotificationChoice.objects.filter(person=person).values_list("kind", "by_mail"))
    return {code: chosen.get(code, kind.mail) for code, kind in kinds().items()}


@every("overview.mail", minutes=1)
def send_mail(at: datetime) -> None:
    """Mail what waits, each message claimed before it is sent: one that is cut short is lost rather than sent twice.

    A message that the server refuses stops no other; it is tried again unless it was refused for good. A server that
    does not answer gets the rest at the next tick.
    """
    Notification.objects.filter(to_mail=True, at__lt=at - _TOO_OLD).update(to_mail=False)
    waiting = list(Notification.objects.filter(to_mail=True).select_related("person").order_by("at", "pk")[:_AT_ONCE])
    if not waiting:
        return
    connection = get_connection()
    try:
        connection.open()
        for one in waiting:
            if Notification.objects.filter(pk=one.pk, to_mail=True).update(to_mail=False, mailed_at=at):
                _send(connection, one)
    except (SMTPException, OSError):
        log.exception("mail could not be sent; it waits for the next try")
    finally:
        connection.close()


def _send(connection: Any, one: Notification) -> None:
    """Send a message that was claimed; one that did not go is no longer called mailed."""
    try:
        connection.send_messages([_message(one)])
    except (SMTPRecipientsRefused, SMTPDataError) as error:
        codes = _codes(error)
        again = any(code < _FOR_GOOD for code in codes)
        log.warning("mail of notification %s was refused (%s)%s", one.pk, codes, "; tried again" if again else "")
        Notification.objects.filter(pk=one.pk).update(to_mail=again, mailed_at=None)
    except (SMTPException, OSError):
        Notification.objects.filter(pk=one.pk).update(to_mail=True, mailed_at=None)
        raise


def _codes(error: SMTPRecipientsRefused | SMTPDataError) -> list[int]:
    if isinstance(error, SMTPDataError):
        return [error.smtp_code]
    return [code for code, _text in error.recipients.values()]


def _message(one: Notification) -> EmailMessage:
    english = one.person.language.startswith("en")
    text, head = one.text_en if english else one.text_zh, kind_of(one.kind).label
    subject = " ".join(f"[{head.en if english else head.zh}] {text}".split())
    # by way of the notification, which counts as read then
    link = f"\n\n{settings.PUBLIC_URL}{reverse('notification', args=[one.pk])}" if settings.PUBLIC_URL else ""
    return EmailMessage(subject[:150], text + link, to=[one.person.email])
