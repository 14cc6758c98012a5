"""Fixtures of the fault tests: one small city, built once, and a copy of it for every test."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from jicha.ingest.load import load
from jicha.sandbox import build_city
from jicha.screening.request import Request
from jicha.screening.run import screen

from .desk import AS_OF, Desk

NOW = datetime(2026, 10, 16, 8)


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The small city, loaded and screened; never changed itself."""
    folder = tmp_path_factory.mktemp("faults")
    desk = Desk(folder / "data", folder / "source", folder / "second")
    build_city(desk.source, customers=300, months=3, days=5, seed=7, as_of=date.fromisoformat(AS_OF))
    desk.second.mkdir()
    bills = min(desk.source.glob("电费账单_*.csv"))
    text = bills.read_bytes()
    (desk.second / bills.name).write_bytes(text.replace(b",31,", b",30,"))
    load(desk.data, [desk.source], now=NOW, user="tester")
    screen(Request(desk.data, date.fromisoformat(AS_OF), inputs=desk.source / "run"), now=NOW, user="tester")
    return desk


@pytest.fixture
def desk(stored: Desk, tmp_path: Path) -> Desk:
    """A copy of the city that a test may break."""
    shutil.copytree(stored.data, tmp_path / "data")
    return Desk(tmp_path / "data", stored.source, stored.second)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MB that is there as long as the test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], check=False, capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"mounting a small disk needs root: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)
