"""The planted faults of metering: how many there are, and that the rest of the city is in order."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from jicha.sandbox import build_city
from jicha.sandbox.faults.registry import REGISTRY

from .city_reader import read_city

AS_OF = date(2026, 10, 15)
RULES = [f"MT{number:03d}" for number in range(1, 24)]
Rows = list[dict[str, Any]]
City = tuple[Rows, dict[str, Rows]]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder: Path = tmp_path_factory.mktemp("metering") / "city"
    build_city(folder, customers=4000, months=20, days=90, seed=6, as_of=AS_OF)
    return pq.read_table(folder / "truth.parquet").to_pylist(), read_city(folder)


@pytest.fixture(scope="module")
def planted(city: City) -> set[str]:
    """Every value that stands in a key: customers, points, meters."""
    truth, tables = city
    values = {value for row in truth for value in json.loads(row["key"]).values()}
    owner = {row["point_id"]: row["customer_id"] for row in tables["metering_point"]}
    place = {row["meter_id"]: row["point_id"] for row in [*tables["ami_meter"], *tables["meter"]]}
    values |= {place[value] for value in values if value in place}
    other = {"test_id": "field_test", "adjustment_id": "adjustment"}
    for name, table in other.items():
        customers = {row[name]: row.get("customer_id") or owner[row["point_id"]] for row in tables[table]}
        values |= {customers[value] for value in values if value in customers}
    return values | {owner[value] for value in values if value in owner}


def test_a_city_of_twenty_thousand_gets_enough_of_each() -> None:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for item in REGISTRY:
        counts[item.rule, item.kind] += item.count(20_000)
    few = {(rule, kind): counts[rule, kind] for rule in RULES for kind in ("hit", "near_miss")
           if counts[rule, kind] < 16}  # fmt: skip
    assert not few, few


def test_a_smaller_city_gets_some_of_each(city: City) -> None:
    counts = Counter((row["rule"], row["kind"]) for row in city[0])
    few = {
        (rule, kind): counts[rule, kind] for rule in RULES for kind in ("hit", "near_miss") if counts[rule, kind] < 3
    }  # high-voltage customers are few in it
    assert not few, few


def test_keys_name_what_is_there_once(city: City) -> None:
    truth, tables = city
    meters = {row["meter_id"] for name in ("meter", "ami_meter", "reading") for row in tables[name]}
    known = {
        "point_id": {row["point_id"] for row in tables["metering_point"]},
        "meter_id": meters,
        "test_id": {row["test_id"] for row in tables["field_test"]},
        "adjustment_id": {row["adjustment_id"] for row in tables["adjustment"]},
        "kind": {row["kind"] for row in tables["meter_event"]},
        "period": {"2026-07-01", "2026-08-01", "2026-09-01"},
    }
    seen: Counter[tuple[str, str]] = Counter()
    for row in truth:
        if row["rule"] in RULES:
            key = json.loads(row["key"])
            assert row["key"] == json.dumps(key, ensure_ascii=False, sort_keys=True)
            assert all(value in known[name] for name, value in key.items()), row
            seen[row["rule"], row["key"]] += 1
    assert not [at for at, count in seen.items() if count > 1]


def test_files_of_meters_agree_outside_the_plants(city: City, planted: set[str]) -> None:
    tables = city[1]
    ami = {row["meter_id"]: row for row in tables["ami_meter"]}
    ratings: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in tables["instrument_transformer"]:
        ratings[row["point_id"]][row["kind"]].append(row["primary_rating"] / (row["secondary_rating"] or 1)
                                                     if row["primary_rating"] else 0.0)  # fmt: skip
    current: dict[str, Rows] = defaultdict(list)
    for row in tables["meter"]:
        if row["status"] == "installed" and row["removed_on"] is None:
            current[row["point_id"]].append(row)
    compared = 0
    for point in tables["metering_point"]:
        meters = current[point["point_id"]]
        if point["point_id"] in planted or point["customer_id"] in planted or point["status"] != "active" or not meters:
            continue
        (meter,) = meters
        other = ami[meter["meter_id"]]
        assert (other["point_id"], other["customer_id"], other["multiplier"]) == (
            point["point_id"], point["customer_id"], point["multiplier"],
        )  # fmt: skip
        if point["multiplier"] > 1:
            own = ratings[point["point_id"]]
            assert len(own["current"]) == 3
            assert len(set(own["current"])) == 1
            voltage = own["voltage"][0] if own["voltage"] else 1.0
            assert own["current"][0] * voltage == pytest.approx(point["multiplier"], rel=1e-9)
            assert bool(own["voltage"]) == (point["mode"] == "hv_supply_hv_metering")
        compared += 1
    assert compared > 2000


def test_nothing_is_overdue_outside_the_plants(city: City, planted: set[str]) -> None:
    tables = city[1]
    active = {row["point_id"]: row for row in tables["metering_point"] if row["status"] == "active"}
    tested: dict[str, date] = {}
    for row in tables["field_test"]:
        tested[row["point_id"]] = max(row["tested_on"], tested.get(row["point_id"], date.min))
    for row in tables["meter"]:
        point = active.get(row["point_id"])
        if (
            row["status"] != "installed"
            or point is None
            or row["point_id"] in planted
            or point["customer_id"] in planted
        ):
            continue
        if row["verification_months"]:
            assert row["verified_on"] + timedelta(days=30.4 * row["verification_months"]) > AS_OF, row
        if point["purpose"] == "settlement" and point["mode"] != "lv_supply_lv_metering":
            last = tested.get(row["point_id"]) or row["installed_on"]
            assert last is not None
            assert last > AS_OF - timedelta(days=730), row


def test_meters_that_stopped_counted_nothing(city: City) -> None:
    truth, tables = city
    hits = {json.loads(r["key"])["point_id"] for r in truth if r["rule"] == "MT019" and r["kind"] == "hit"}
    since = AS_OF - timedelta(days=15)
    days = [row for row in tables["daily_energy"] if row["point_id"] in hits and row["day"] >= since]
    assert len(days) == 15 * len(hits)
    assert all(row["energy_kwh"] in (0, None) for row in days)


def test_exchanged_meters_have_a_successor(city: City) -> None:
    truth, tables = city
    changed: dict[str, Rows] = defaultdict(list)
    for row in tables["meter"]:
        changed[row["point_id"]].append(row)
    for entry in truth:
        if entry["rule"] == "MT021":
            old, new = sorted(
                changed[json.loads(entry["key"])["point_id"]], key=lambda row: row["status"] == "installed"
            )
            assert old["removed_on"] <= new["installed_on"] <= old["removed_on"] + timedelta(days=4)
