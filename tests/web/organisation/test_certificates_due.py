"""A certificate that runs out is told to who holds it and to who keeps the files, once before and once after."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from jicha_web.organisation.certificates_due import tell_ending
from jicha_web.organisation.models import Qualification
from jicha_web.overview.models import Notification
from tests.web.conftest import World

UNTIL = date(2026, 12, 31)


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(8)))


@pytest.fixture
def certificate(world: World, all_units: None) -> Qualification:
    holder = world.people["station_a1"]
    return Qualification.objects.create(
        person=holder, organisation=holder.organisation, kind="safety", number="1", valid_until=UNTIL
    )


def told() -> list[tuple[str, str]]:
    rows = Notification.objects.filter(kind="certificate_ends").order_by("pk")
    return [(row.person.username, row.text_zh) for row in rows]


def test_it_is_told_once_before_and_once_after(world: World, certificate: Qualification) -> None:
    holder = certificate.person.username
    tell_ending(at(UNTIL - timedelta(days=61)))
    assert told() == []
    for days in (60, 59, 0):
        tell_ending(at(UNTIL - timedelta(days=days)))
    before = told()
    assert {who for who, _text in before} == {holder, "admin"} and len(before) == 2
    assert all("将于2026-12-31到期" in text for _who, text in before)
    for days in (1, 2):
        tell_ending(at(UNTIL + timedelta(days=days)))
    after = told()[2:]
    assert {who for who, _text in after} == {holder, "admin"} and len(after) == 2
    assert all("已于2026-12-31到期" in text for _who, text in after)


def test_one_that_was_renewed_or_is_old_history_is_not_told(world: World, certificate: Qualification) -> None:
    tell_ending(at(UNTIL + timedelta(days=61)))
    assert told() == []
    certificate.pk = None
    certificate.valid_until = date(2029, 12, 31)
    certificate.save(force_insert=True)
    tell_ending(at(UNTIL + timedelta(days=1)))
    assert told() == []
    world.people["station_a1"].__class__.objects.filter(username="station_a1").update(is_active=False)
    tell_ending(at(date(2029, 12, 30)))
    assert told() == []
