"""Typical cases: published by `proof.publish` from a closed case, withdrawn here."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from jicha_web.history import record as history
from jicha_web.library.models import TypicalCase
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import require


def of_rules(codes: list[str], limit: int = 5) -> list[TypicalCase]:
    """Return the newest typical cases of some rules, for the pages of rules, findings and cases."""
    wanted = set(codes)
    newest = TypicalCase.objects.filter(withdrawn=False).order_by("-published_at", "-pk")
    return [one for one in newest[:500] if wanted & set(one.rules)][:limit]


def shown(*, words: str = "", specialty: str = "", outcome: str = "") -> QuerySet[TypicalCase]:
    """Return the typical cases that fit, newest first."""
    found = TypicalCase.objects.filter(withdrawn=False)
    for word in words.split()[:8]:
        found = found.filter(
            Q(title__icontains=word) | Q(story_zh__icontains=word) | Q(story_en__icontains=word)
            | Q(lesson__icontains=word) | Q(rules__icontains=word)
        )  # fmt: skip
    if specialty:
        found = found.filter(specialty=specialty)
    if outcome:
        found = found.filter(outcome=outcome)
    return found.order_by("-published_at", "-pk")


def withdraw(*, case: TypicalCase, by: Person, at: datetime, note: str) -> None:
    """Take a typical case back; its history stays."""
    require(by, "library_edit", timezone.localdate(at))
    history.record(case, verb="withdrawn", by=by, at=at, note=note, changes={"withdrawn": True})
