"""Telling inspectors and those who keep their files that a certificate runs out, and that it has run out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from jicha_web import notices
from jicha_web.core import Text
from jicha_web.jobs.schedule import every
from jicha_web.organisation.models import Qualification
from jicha_web.organisation.registers import label_of, validity, warn_until
from jicha_web.organisation.rights import people_with

_FORGOTTEN_DAYS = 60  # one that ran out longer ago is old history: nobody is told when it is entered


@every("certificates_due", minutes=60)
def tell_ending(at: datetime) -> None:
    """Tell once when a certificate comes into its last days, and once when it has run out."""
    today = timezone.localdate(at)
    newest: dict[tuple[int, str], Qualification] = {}
    rows = Qualification.objects.filter(valid_until__isnull=False, person__is_active=True)
    for row in rows.select_related("person__organisation").order_by("valid_until", "pk"):
        newest[row.person_id, row.kind] = row  # one of the kind that holds longer replaces it
    for row in newest.values():
        if row.valid_until is not None and row.valid_until <= warn_until(today):
            _tell(row, row.valid_until, today, at)


def _tell(row: Qualification, until: date, today: date, at: datetime) -> None:
    left = validity(until, today)
    if left.days is None or left.days < -_FORGOTTEN_DAYS:
        return
    label = label_of(row.kind)
    if left.code == "expired":
        text = Text(
            f"{row.person.name}的{label.zh}已于{until}到期", f"{row.person.name}: {label.en} ran out on {until}"
        )
    else:
        text = Text(
            f"{row.person.name}的{label.zh}将于{until}到期", f"{row.person.name}: {label.en} runs out on {until}"
        )
    told: dict[str, Any] = {"kind": "certificate_ends", "text": text, "at": at}
    once = f"certificate-{row.pk}-{until:%Y%m%d}-{left.code}"
    notices.notify(people=[row.person], url=reverse("profile"), once=once, **told)
    keepers = [one for one in people_with("people_edit", row.person.organisation, today) if one.pk != row.person_id]
    notices.notify(people=keepers, url=reverse("person", args=[row.person_id]), once=once, **told)
