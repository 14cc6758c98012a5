"""One small city for all tests of the whole path: built, loaded and screened once a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from jicha.ingest.load import load
from jicha.sandbox import build_city
from jicha.screening.request import Request
from jicha.screening.run import RunResult, screen

AS_OF = date(2026, 10, 15)
NOW = datetime(2026, 10, 16, 8)


@dataclass(frozen=True)
class City:
    """The folders of the city and its first run."""

    source: Path
    data: Path
    run: RunResult

    def screen(self, *rules: str) -> RunResult:
        """Screen it once more."""
        request = Request(self.data, AS_OF, rules=rules, inputs=self.source / "run")
        return screen(request, now=NOW, user="tester")


def make(folder: Path, seed: int, as_of: date) -> City:
    """Build, load and screen a city of 4,000 customers with the full history: some faults need two years to show."""
    build_city(folder / "source", customers=4000, months=24, days=90, seed=seed, as_of=as_of)
    result = load(folder / "data", [folder / "source"], now=NOW, user="tester")
    assert sum(table.rejected for table in result.tables.values()) == 0
    run = screen(Request(folder / "data", as_of, inputs=folder / "source" / "run"), now=NOW, user="tester")
    return City(folder / "source", folder / "data", run)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city that most tests share."""
    return make(tmp_path_factory.mktemp("city"), 7, AS_OF)
