"""The planted faults of reading, billing, collection and line loss: how many there are, and what they leave alone."""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from jicha.sandbox import build_city
from jicha.sandbox.faults.registry import REGISTRY

from .city_reader import read_city

P0 = date(2026, 9, 1)
CUSTOMER_RULES = [f"RC{number:03d}" for number in (1, 2, 3, 4, 5, 9, 10, 11, 13, 14, 15, 16, 17, 18, 21)]
OTHER_RULES = ["RC006", "RC007", "RC008", "RC012", "LL004", "LL005"]  # of people, areas and lines
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rows, dict[str, Rows]]:
    folder: Path = tmp_path_factory.mktemp("readings") / "city"
    build_city(folder, customers=6000, months=16, days=90, seed=4)
    return pq.read_table(folder / "truth.parquet").to_pylist(), read_city(folder)


def _keys(truth: Rows, rule: str, kind: str = "") -> list[dict[str, str]]:
    return [json.loads(row["key"]) for row in truth if row["rule"] == rule and row["kind"] in (kind or row["kind"])]


def test_a_city_of_twenty_thousand_gets_enough_of_each() -> None:
    weights: dict[tuple[str, str], float] = defaultdict(float)
    for item in REGISTRY:
        weights[item.rule, item.kind] += item.count(20_000)
    few = {(rule, kind): weights[rule, kind] for rule in CUSTOMER_RULES for kind in ("hit", "near_miss")
           if weights[rule, kind] < 15}  # fmt: skip
    assert not few, few


def test_a_smaller_city_gets_some_of_each(city: tuple[Rows, dict[str, Rows]]) -> None:
    counts = Counter((row["rule"], row["kind"]) for row in city[0])
    few = {(rule, kind): counts[rule, kind] for rule in CUSTOMER_RULES for kind in ("hit", "near_miss")
           if counts[rule, kind] < 5}  # fmt: skip
    assert not few, few
    assert not [rule for rule in OTHER_RULES if not counts[rule, "hit"]]
    assert not [rule for rule in OTHER_RULES if not counts[rule, "near_miss"]]


def test_keys_name_what_is_there_once(city: tuple[Rows, dict[str, Rows]]) -> None:
    truth, tables = city
    known = {
        "point_id": {row["point_id"] for row in tables["metering_point"]},
        "customer_id": {row["customer_id"] for row in tables["customer"]},
        "area_id": {row["area_id"] for row in tables["area"]},
        "feeder_id": {row["feeder_id"] for row in tables["feeder"]},
        "reader_id": {row["staff_id"] for row in tables["staff"]},
        "index_changed_by": {row["staff_id"] for row in tables["staff"]},
        "register": {row["register"] for row in tables["reading"]},
        "period": {f"2026-{month:02d}-01" for month in range(1, 10)},
    }
    seen: Counter[tuple[str, str]] = Counter()
    for row in truth:
        if row["rule"] in CUSTOMER_RULES + OTHER_RULES:
            key = json.loads(row["key"])
            assert row["key"] == json.dumps(key, ensure_ascii=False, sort_keys=True)
            assert all(value in known[name] for name, value in key.items()), row
            seen[row["rule"], row["key"]] += 1
    assert not [at for at, count in seen.items() if count > 1]


def test_indexes_continue_and_give_the_quantity_outside_their_plants(city: tuple[Rows, dict[str, Rows]]) -> None:
    truth, tables = city
    planted = {json.loads(row["key"]).get("point_id") for row in truth}
    changed = {row["point_id"] for row in tables["reading_segment"]}
    by_point: dict[str, Rows] = defaultdict(list)
    for row in tables["reading"]:
        if row["register"] == "total" and row["point_id"] not in planted | changed:
            by_point[row["point_id"]].append(row)
    assert len(by_point) > 3000
    for rows in by_point.values():
        rows.sort(key=lambda row: row["period"])
        for before, after in itertools.pairwise(rows):
            assert after["previous_index"] == before["current_index"]
            difference = after["current_index"] - after["previous_index"]
            assert difference < 0 or difference * Decimal(str(after["multiplier"])) == after["quantity"]


def test_frozen_indexes_are_those_of_midnight(city: tuple[Rows, dict[str, Rows]]) -> None:
    tables = city[1]
    shown = {(r["point_id"], r["day"]): r["index_kwh"] for r in tables["daily_energy"] if r["index_kwh"] is not None}
    planted = {json.loads(row["key"]).get("point_id") for row in city[0]}
    compared = 0
    for row in tables["reading"]:
        if row["period"] != P0 or row["register"] != "total" or row["point_id"] in planted or row["read_at"] is None:
            continue
        day = row["read_at"].date()
        before, after = shown.get((row["point_id"], day)), shown.get((row["point_id"], day + timedelta(days=1)))
        if row["method"] == "remote" and before is not None and after is not None and before <= after:
            compared += 1
            assert before <= row["current_index"] <= after, row
        if row["method"] in ("manual", "local") and row["point_id"].startswith("8"):  # settlement
            assert before is None, row
    assert compared > 3000


def test_planted_runs_of_estimates_are_estimated(city: tuple[Rows, dict[str, Rows]]) -> None:
    truth, tables = city
    methods = {(r["point_id"], r["period"]): r["method"] for r in tables["reading"] if r["register"] == "total"}
    for key in _keys(truth, "RC001", "hit"):
        assert methods[key["point_id"], P0] == "estimated"
    for key in _keys(truth, "RC002", "hit"):
        assert methods.get((key["point_id"], P0)) in (None, "none", "remote")


def test_allocated_points_hang_on_a_metered_one(city: tuple[Rows, dict[str, Rows]]) -> None:
    truth, tables = city
    point = {row["point_id"]: row for row in tables["metering_point"]}
    bills = {(row["point_id"], row["period"]): row for row in tables["bill"]}
    for key in _keys(truth, "RC017"):
        own = point[key["point_id"]]
        assert own["allocation"] in ("ratio", "quantity")
        assert own["parent_point_id"] in point
    for key in _keys(truth, "RC017", "near_miss"):
        main = point[key["point_id"]]["parent_point_id"]
        part = bills.get((key["point_id"], P0))
        if point[main]["customer_id"] != point[key["point_id"]]["customer_id"]:
            continue
        if part is not None and part["billed_kwh"]:
            whole = bills[main, P0]
            lost = (whole["loss_kwh"] or 0) + (part["loss_kwh"] or 0)  # each bill shows the share it bears
            assert whole["billed_kwh"] + part["billed_kwh"] == whole["metered_kwh"] + lost


def test_old_arrears_are_what_was_planned(city: tuple[Rows, dict[str, Rows]]) -> None:
    truth, tables = city
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in tables["payment"]:
        paid[row["bill_id"]] += row["yuan"]
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for row in tables["bill"]:
        if row["due_on"] <= date(2026, 10, 15) - timedelta(days=91):
            owed[row["customer_id"]] += row["total_yuan"] - paid[row["bill_id"]]
    for key in _keys(truth, "RC021", "hit"):
        assert owed[key["customer_id"]] >= 500, key
    hits = {key["customer_id"] for key in _keys(truth, "RC021")}
    assert all(yuan <= Decimal("0.01") for customer, yuan in owed.items() if customer not in hits and yuan > 0)


def test_near_misses_of_reading_days_are_read_from_afar(city: tuple[Rows, dict[str, Rows]]) -> None:
    """On site fewer days are allowed: read so by chance, as some are, they would be hits."""
    truth, tables = city
    notes = {"例日在月末前，远程次月1日，偏差5天", "例日6日，远程1日"}
    keys = [json.loads(row["key"]) for row in truth if row["rule"] == "RC014" and row["note"] in notes]
    points = {key["point_id"] for key in keys}
    methods = [
        row["method"] for row in tables["reading"]
        if row["point_id"] in points and row["register"] == "total" and row["period"] == date(2026, 9, 1)
    ]  # fmt: skip
    assert len(methods) == len(points) >= 2
    assert set(methods) == {"remote"}
