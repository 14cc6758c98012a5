"""A city of several parts: what offices and readers do finds its part, and what finds none is named."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from jicha.errors import MachineFailure
from jicha.sandbox import CitySummary, build_city, city, workers
from jicha.sandbox.calendar import Calendar, reported_days
from jicha.sandbox.faults.customer_files.identity import shared_phone
from jicha.sandbox.faults.placed import Placed
from jicha.sandbox.faults.reading_billing_collection.readers import _BY_MEDIAN, _PLANS, _has_the_median
from jicha.sandbox.faults.registry import REGISTRY
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT
from jicha.sandbox.layout import build_layout
from jicha.sandbox.metering import refit
from jicha.sandbox.part import build_files
from jicha.sandbox.people import phones

from .city_reader import contents

AS_OF = date(2026, 10, 15)


def _built(folder: Path, customers: int) -> tuple[CitySummary, list[dict[str, str]]]:
    summary = build_city(folder, customers=customers, months=8, days=80, seed=1, as_of=AS_OF)
    return summary, pq.read_table(folder / "truth.parquet").to_pylist()


def test_offices_act_in_the_part_of_their_county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city, "DISTRICT_SIZE", 3000)  # as a million customers: no part holds all counties
    _, truths = _built(tmp_path / "city", 15_000)
    notes = {truth["note"] for truth in truths if truth["rule"] == "RC012"}
    assert {"25次，远超中位数", "20次，同事各6次", "21次", "采集故障后一小时内批量更正"} <= notes


def test_parts_side_by_side_give_the_same_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city, "DISTRICT_SIZE", 300)
    told: dict[int, list[int]] = {1: [], 2: []}
    for count, seen in told.items():
        build_city(
            tmp_path / str(count) / "city", customers=900, months=2, days=5, workers=count,
            progress=lambda done, _total, seen=seen: seen.append(done),  # type: ignore[misc]
        )  # fmt: skip
    one, two = (contents(tmp_path / str(count) / "city") for count in (1, 2))
    assert "reading_003.parquet" in one
    assert one == two
    assert [seen == sorted(seen) and seen[-1] for seen in told.values()] == [18, 18]


def _die(*_given: object) -> None:
    os._exit(9)  # as one that the system kills for want of memory


def test_a_killed_worker_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city, "DISTRICT_SIZE", 300)
    with monkeypatch.context() as patch:
        patch.setattr(workers, "_build", _die)
        with pytest.raises(MachineFailure, match="was killed"):
            build_city(tmp_path / "city", customers=900, months=2, days=5, workers=2)
    build_city(tmp_path / "city", customers=300, months=2, days=5, force=True)  # what is left can be built over


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


@pytest.mark.parametrize(("customers", "possible"), [(20_000, True), (100_000, False), (1_000_000, False)])
def test_the_median_of_a_county_is_an_offices_where_it_outnumbers_the_stations(customers: int, possible: bool) -> None:
    """Billers of stations edit indexes too: with many stations, or some in other parts, the median is theirs."""
    calendar = Calendar(AS_OF, 1, reported_days(AS_OF, 1), 1)
    parts = city._districts(customers, build_layout(customers, AS_OF, 1), calendar)
    people = len(_PLANS[_BY_MEDIAN])
    assert {_has_the_median(one, county, people) for one in parts for county in one.offices} == {possible}


def _scene() -> Scene:
    """The last part of a city of a million before anything is planted."""
    calendar = Calendar(AS_OF, 24, reported_days(AS_OF, 90), 1)
    district = city._districts(1_000_000, build_layout(1_000_000, AS_OF, 1), calendar)[-1]
    build_files(district)
    return Scene(district, district.rng("faults"), Placed())


def test_what_is_planted_in_a_million_meets_nothing_by_chance() -> None:
    """Shared telephones are nobody else's; an account that closed was opened before, however young it was."""
    scene = _scene()
    everybody = set(phones(0, 1_000_000).tolist())
    assert len(everybody) == 1_000_000
    assert {shared_phone(scene, np.array([at])) for at in range(2000)} == set(
        phones(scene.district.first, 2000).tolist()
    )
    customer = scene.district.customer
    young = np.flatnonzero((customer["opened_on"] > scene.ago(899)) & (customer["status"] == "active"))[:40]
    assert len(young) == 40
    for at in young:
        scene.close(np.array([at]), scene.ago(900))
    assert (customer["opened_on"][young] < customer["closed_on"][young]).all()
    contract = scene.frame("contract")
    mine = np.isin(contract["customer_id"], scene.district.customer_ids[young])
    assert (contract["signed_on"][mine] < scene.ago(900)).all()


def test_an_allocated_point_is_not_refitted() -> None:
    scene = _scene()
    point = scene.frame("metering_point")
    allocated = np.flatnonzero((point["allocation"] == "quantity") & (point["purpose"] == "settlement"))
    refit(scene.district, allocated, 1000.0, 10_000)
    assert len(allocated)
    assert np.isnan(point["multiplier"][allocated].astype(float)).all()


def test_a_tamper_event_to_be_found_is_not_settled_by_an_inspection_of_everyday_work() -> None:
    """Whoever it is planted on may have been inspected within 30 days after it, by chance."""
    scene = _scene()
    inspections, meters = scene.frame("usage_inspection"), scene.frame("meter")
    owner = dict(
        zip(scene.frame("metering_point")["point_id"], scene.frame("metering_point")["customer_id"], strict=True)
    )
    for number, item in enumerate(item for item in REGISTRY if (item.rule, item.kind) == ("MT018", HIT)):
        at = scene.take(item.pool, item.group)
        assert at is not None
        for days in range(5, 200, 25):
            inspections.append(
                inspection_id=f"T{number}-{days}", customer_id=scene.district.customer_ids[at[0]], kind="periodic",
                inspected_on=scene.ago(days), staff_id=inspections["staff_id"][0], result="normal",
            )  # fmt: skip
        item.plant(scene, at)
    point_of = dict(zip(meters["meter_id"], meters["point_id"], strict=True))
    events = scene.frame("meter_event")
    assert len(events.rows()) > 10
    for meter, started in zip(events["meter_id"], events["started_at"].astype("datetime64[D]"), strict=True):
        on = inspections["inspected_on"][inspections.rows(customer_id=owner[point_of[meter]])]
        assert not ((on >= started) & (on <= started + 30)).any()
