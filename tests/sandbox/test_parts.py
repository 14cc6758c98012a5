"""A city of several parts: what offices and readers do finds its part, and what finds none is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jicha.sandbox import CitySummary, build_city, city
from jicha.sandbox.calendar import Calendar, reported_days
from jicha.sandbox.faults.reading_billing_collection.readers import _is_whole
from jicha.sandbox.layout import build_layout

AS_OF = date(2026, 10, 15)


def _built(folder: Path, customers: int) -> tuple[CitySummary, list[dict[str, str]]]:
    summary = build_city(folder, customers=customers, months=8, days=80, seed=1, as_of=AS_OF)
    return summary, pq.read_table(folder / "truth.parquet").to_pylist()


def test_offices_act_in_the_part_of_their_county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city, "DISTRICT_SIZE", 3000)  # as a million customers: no part holds all counties
    _, truths = _built(tmp_path / "city", 15_000)
    notes = {truth["note"] for truth in truths if truth["rule"] == "RC012"}
    assert {"25次，远超中位数", "20次，同事各6次", "21次", "采集故障后一小时内批量更正"} <= notes


def test_what_finds_no_place_is_named(tmp_path: Path) -> None:
    summary, truths = _built(tmp_path / "city", 400)
    assert "25次，远超中位数" in summary.unplanted["RC012"]
    planted = {(truth["rule"], truth["note"]) for truth in truths}
    named = {(rule, note) for rule, notes in summary.unplanted.items() for note in notes}
    assert not planted & named


@pytest.mark.parametrize("customers", [300, 20_000, 61_000, 70_000, 1_000_000, 5_000_000])
def test_parts_are_whole_stations_and_offices_act_once(customers: int) -> None:
    calendar = Calendar(AS_OF, 1, reported_days(AS_OF, 1), 1)
    parts = city._districts(customers, build_layout(customers, AS_OF, 1), calendar)
    assert [(one.first + one.size, one.stations[1]) for one in parts[:-1]] == [
        (other.first, other.stations[0]) for other in parts[1:]
    ]
    assert sum(one.size for one in parts) == customers
    assert sorted(office for one in parts for office in one.offices) == [0, 1, 2, 3, 4]
    for one in parts:
        here = set(build_layout(customers, AS_OF, 1).station_county[slice(*one.stations)].tolist())
        assert set(one.offices) <= here


@pytest.mark.parametrize(("customers", "whole"), [(20_000, True), (100_000, True), (1_000_000, False)])
def test_a_county_of_several_parts_is_not_whole(customers: int, whole: bool) -> None:
    parts = city._districts(
        customers, build_layout(customers, AS_OF, 1), Calendar(AS_OF, 1, reported_days(AS_OF, 1), 1)
    )
    assert {_is_whole(one, county) for one in parts for county in one.offices} == {whole}
