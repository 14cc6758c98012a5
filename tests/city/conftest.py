"""One small city for all tests of the whole path: built, loaded and screened once a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from jicha.ingest.load import load
from jicha.sandbox import build_city
from jicha.screening.run import Request, RunResult, screen

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


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of 4,000 customers with the full history: some faults need two years to show."""
    folder = tmp_path_factory.mktemp("city")
    build_city(folder / "source", customers=4000, months=24, days=90, seed=7, as_of=AS_OF)
    result = load(folder / "data", [folder / "source"], now=NOW, user="tester")
    assert sum(table.rejected for table in result.tables.values()) == 0
    run = screen(Request(folder / "data", AS_OF, inputs=folder / "source" / "run"), now=NOW, user="tester")
    yield City(folder / "source", folder / "data", run)
