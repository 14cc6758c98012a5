"""Fixtures of the tests of cases."""

from __future__ import annotations

from tests.web.cases.building import open_gates

__all__ = ["open_gates"]
