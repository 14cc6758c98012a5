"""The clock of a demonstration: it begins on its day, its days pass, and it never runs back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from jicha_web import settings as web_settings
from jicha_web.jobs import schedule
from jicha_web.operation.demonstration import screen_new_data
from jicha_web.organisation import middleware
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs.models import RunSchedule
from tests.web.conftest import NOW, World

BEGUN = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # 22:00 in China


def test_the_days_of_a_demonstration_pass(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AS_OF, settings.AS_OF_SINCE = "2026-10-15", BEGUN.isoformat()
    told = []
    for hours in (0, 1.99, 2.01, 14, 48):
        monkeypatch.setattr(middleware, "_clock", lambda h=hours: BEGUN + timedelta(hours=h))
        told.append(timezone.localtime(middleware.now()))
    assert [f"{at:%m-%d %H:%M}" for at in told] == [
        "10-15 22:00", "10-15 23:59", "10-16 00:00", "10-16 12:00", "10-17 22:00"
    ]  # fmt: skip


def test_what_was_loaded_before_a_demonstration_began_lies_before_it(settings: LazySettings) -> None:
    settings.AS_OF, settings.AS_OF_SINCE = "2026-10-15", BEGUN.isoformat()
    loaded = middleware.as_told(BEGUN - timedelta(minutes=3))
    assert f"{timezone.localtime(loaded):%Y-%m-%d %H:%M}" == "2026-10-15 21:57"
    settings.AS_OF = settings.AS_OF_SINCE = ""
    assert middleware.as_told(BEGUN) == BEGUN


def test_a_demonstration_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_settings, "STORE", tmp_path / "app")
    monkeypatch.setattr(web_settings, "AS_OF", "2026-10-15")
    began = web_settings._begun()
    assert web_settings._begun() == began  # started again
    monkeypatch.setattr(web_settings, "AS_OF", "2026-12-01")
    assert web_settings._begun() > began  # another day was asked for
    monkeypatch.setattr(web_settings, "AS_OF", "")
    assert web_settings._begun() == ""


@pytest.mark.django_db
def test_what_recurs_goes_on_when_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[datetime] = []
    monkeypatch.setattr(schedule, "_recurring", {"look": (timedelta(minutes=1), done.append)})
    a_day_before = NOW - timedelta(days=1)
    for at in (NOW, NOW - timedelta(seconds=5), a_day_before, a_day_before + timedelta(minutes=1)):
        schedule.tick(at)
    assert done == [NOW, a_day_before, a_day_before + timedelta(minutes=1)]  # five seconds: another machine's clock


@pytest.mark.django_db
def test_new_data_of_a_demonstration_are_screened_by_themselves_once(world: World) -> None:
    with scoped(EVERYTHING):
        for _ in range(2):
            screen_new_data(by=world.people["city"], at=NOW)
    made = RunSchedule.objects.get()
    assert (made.kind, made.is_active, made.organisation) == ("new_data", True, world.people["city"].organisation)
