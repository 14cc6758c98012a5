"""A small loaded city: what one customer has in it is compared with the same read another way."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from jicha.ingest.load import load
from jicha.sandbox import build_city

AS_OF = date(2026, 10, 15)


@pytest.fixture(scope="session")
def city_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("customers")
    build_city(folder / "source", customers=600, months=4, days=45, seed=3, as_of=AS_OF)
    load(folder / "data", [folder / "source"], now=datetime(2026, 10, 16, 8), user="tester")
    return folder / "data"
