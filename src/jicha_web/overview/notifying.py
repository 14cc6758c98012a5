"""Delivering notifications: in the app at once, by mail a little later from the schedule."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from smtplib import SMTPException

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import translation

from jicha_web import core
from jicha_web.core import Text
from jicha_web.jobs.schedule import every
from jicha_web.organisation.models import Person
from jicha_web.overview.models import Notification, NotificationChoice

log = logging.getLogger(__name__)
_TOO_OLD = timedelta(days=2)  # mail that could not be sent for so long is not sent any more
_AT_ONCE = 200


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
    """Mail what waits. Claimed before it is sent: mail that fails in between is lost rather than sent twice."""
    Notification.objects.filter(to_mail=True, at__lt=at - _TOO_OLD).update(to_mail=False)
    waiting = Notification.objects.filter(to_mail=True).select_related("person").order_by("at", "pk")[:_AT_ONCE]
    messages, claimed = [], []
    for one in waiting:
        with transaction.atomic():
            if not Notification.objects.filter(pk=one.pk, to_mail=True).update(to_mail=False, mailed_at=at):
                continue
        claimed.append(one.pk)
        with translation.override(one.person.language):
            english = one.person.language.startswith("en")
            text = one.text_en if english else one.text_zh
            head = kind_of(one.kind).label
            messages.append(
                EmailMessage(f"[{head.en if english else head.zh}] {text}"[:150].replace("\n", " "), text,
                             to=[one.person.email])
            )  # fmt: skip
    if not messages:
        return
    try:
        get_connection().send_messages(messages)
    except (SMTPException, OSError):
        log.exception("mail could not be sent; it waits for the next try")
        Notification.objects.filter(pk__in=claimed).update(to_mail=True, mailed_at=None)
