"""Fixtures: the evidence gate of the visit is another part's and stays open here."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from jicha_web.cases import gates


@pytest.fixture(autouse=True)
def visit_gate_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gates._gates, "visit_complete", lambda case, by: [])


@pytest.fixture(autouse=True)
def files_here(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
