"""What is planted is found, and nothing else, whatever the day of the screening and the seed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from jicha.catalog.rules import load_rules
from tests.city.conftest import make
from tests.city.truth import found, truth

pytestmark = pytest.mark.slow

# Until the ninth P0 is the month before last; months end, begin and count differently around February and New Year.
CITIES = [
    (3, date(2026, 6, 1)),
    (4, date(2026, 6, 9)),
    (5, date(2026, 6, 10)),
    (15, date(2026, 2, 28)),  # P0 is January: the year's tiers have just begun
    (16, date(2024, 2, 29)),  # a day of the basic charge was a thirtieth of the month
    (18, date(2026, 3, 31)),
    (13, date(2025, 12, 31)),
    (14, date(2026, 1, 1)),
]


@pytest.mark.parametrize(("seed", "as_of"), CITIES, ids=[f"{seed}-{as_of}" for seed, as_of in CITIES])
def test_the_city_is_true(seed: int, as_of: date, tmp_path: Path) -> None:
    city = make(tmp_path, seed, as_of)
    planted, reported = truth(city.source), set(found(city.run))
    missed, false_alarms = planted["hit"] - reported, reported - planted["hit"]
    assert (sorted(missed), sorted(false_alarms)) == ([], [])
    assert {rule["outcome"] for rule in city.run.content["rules"].values()} == {"done"}
    assert sorted(set(load_rules().rules) - {rule for rule, _ in planted["hit"]}) == []
    shutil.rmtree(tmp_path)  # ten cities are more than a gigabyte
