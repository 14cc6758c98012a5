"""Fixtures of the tests of cases."""

from __future__ import annotations

import pytest

from jicha_web.organisation import middleware
from tests.web.cases.building import open_gates
from tests.web.conftest import NOW

__all__ = ["open_gates"]


@pytest.fixture
def acts_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests act at the instant of the tests' world."""
    monkeypatch.setattr(middleware, "now", lambda: NOW)
