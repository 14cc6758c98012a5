"""Fixtures of the tests of cases."""

from __future__ import annotations

import pytest

from jicha_web.cases import deadlines
from jicha_web.core.calendar import Calendar
from jicha_web.organisation import middleware
from tests.web.cases.building import open_gates
from tests.web.cases.stands import data
from tests.web.conftest import NOW

__all__ = ["data", "open_gates"]


@pytest.fixture
def acts_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests act at the instant of the tests' world."""
    monkeypatch.setattr(middleware, "now", lambda: NOW)


@pytest.fixture
def a_calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    """2026 has a calendar: 16 October is a holiday, Sunday 18 October is worked."""
    from datetime import date

    known = Calendar(frozenset({date(2026, 10, 16)}), frozenset({date(2026, 10, 18)}))
    monkeypatch.setattr(deadlines, "present_calendar", lambda: known)
    return known
