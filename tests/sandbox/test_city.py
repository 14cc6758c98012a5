"""The invented city: what its files hold, and that they agree with each other."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from jicha.catalog.schema import schema
from jicha.errors import BadInput
from jicha.sandbox import CitySummary, build_city
from jicha.sandbox.people import SYSTEM_ACCOUNT

from .city_reader import contents, key, read_city

AS_OF = date(2026, 10, 15)
City = tuple[Path, CitySummary, dict[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("sandbox") / "city"
    summary = build_city(folder, customers=1500, months=6, days=50, seed=3, as_of=AS_OF)
    return folder, summary, read_city(folder)


def test_same_arguments_give_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        build_city(tmp_path / name / "city", customers=400, months=3, days=10, seed=seed)
    one, two, other = (contents(tmp_path / name / "city") for name in ("one", "two", "other"))
    assert one == two
    assert one["truth.parquet"] != other["truth.parquet"]


def test_every_table_is_there_with_as_many_rows_as_the_summary_says(city: City) -> None:
    _, summary, tables = city
    assert {name: len(rows) for name, rows in tables.items()} == {n: c for n, c in summary.rows.items() if c}
    missing = set(schema().tables) - set(tables)
    assert missing <= {"customer_price", "bill_line"}, missing


def test_rows_keep_the_schema(city: City) -> None:
    tables = city[2]
    faults = []
    for name, rows in tables.items():
        table = schema()[name]
        for column in table.columns.values():
            if column.required:
                faults += [f"{name}.{column.name} missing" for row in rows if row.get(column.name) is None][:1]
            if column.labels:
                wrong = {row.get(column.name) for row in rows} - set(column.labels) - {None}
                faults += [f"{name}.{column.name}: {code}" for code in wrong]
        repeated = [k for k, count in Counter(key(table, row) for row in rows).items() if count > 1]
        faults += [f"{name} key repeated: {k}" for k in repeated[:3]]
    assert not faults, faults


def test_references_lead_somewhere(city: City) -> None:
    tables = city[2]
    lost = []
    for name, rows in tables.items():
        for column, target, target_column in schema()[name].references:
            # the account that books batches is on no list of staff, as in real systems
            there = {row[target_column] for row in tables[target]} | {None, SYSTEM_ACCOUNT}
            wrong = {row.get(column.name) for row in rows} - there
            lost += [f"{name}.{column.name} → {target}: {sorted(map(str, wrong))[:3]}"] if wrong else []
    assert not lost, lost


def test_nothing_but_an_order_of_tomorrow_is_dated_after_the_screening_date(city: City) -> None:
    tables = city[2]
    late = {}
    for name, rows in tables.items():
        arose = schema()[name].arose
        if arose:
            days = [str(row[arose])[:10] for row in rows if row.get(arose) is not None]
            late[name] = sum(day > AS_OF.isoformat() for day in days)
    assert {name for name, count in late.items() if count} <= {"service_order", "service_step"}, late


def test_readings_bills_and_daily_freezes_agree(city: City) -> None:
    tables = city[2]
    total = {(r["point_id"], r["period"]): r for r in tables["reading"] if r["register"] == "total"}
    bands: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for row in tables["reading"]:
        if row["register"] in ("tip", "peak", "flat", "valley", "deep_valley"):
            bands[row["point_id"], row["period"]] += row["quantity"]
    assert all(total[at]["quantity"] == quantity for at, quantity in bands.items())
    changed = {row["point_id"] for row in tables["reading_segment"]}
    for (point, _), row in total.items():
        difference = row["current_index"] - row["previous_index"]
        if point not in changed and difference >= 0:
            assert difference * int(row["multiplier"]) == row["quantity"], row
    linked = {row["point_id"] for row in tables["metering_point"] if row["parent_point_id"]}
    linked |= {row["parent_point_id"] for row in tables["metering_point"] if row["parent_point_id"]}
    wrong = set()
    for bill in tables["bill"]:
        if bill["point_id"] not in linked:
            read = total[bill["point_id"], bill["period"]]["quantity"]
            fits = bill["metered_kwh"] == read and bill["billed_kwh"] == read + (bill["loss_kwh"] or 0)
            wrong |= set() if fits else {bill["point_id"]}
    assert len(wrong) < 25, wrong  # bills made from wrong books are planted
    daily: dict[str, list[float | None]] = defaultdict(list)
    for row in tables["daily_energy"]:
        if row["day"].strftime("%Y-%m") == "2026-09":
            daily[row["point_id"]].append(row["energy_kwh"])
    odd = {row["customer_id"] for row in tables["customer"] if row["reading_day"] != 1}
    daily_of = {row["point_id"] for row in tables["metering_point"]
                if row["customer_id"] not in odd and row["reading_cycle_months"] == 1}  # fmt: skip
    daily = defaultdict(list, {point: rows for point, rows in daily.items() if point in daily_of})
    # who reads by hand comes in the day: the freezes of midnight do not add up to that
    remote = {
        point for (point, period), row in total.items() if period == date(2026, 9, 1) and row["method"] == "remote"
    }
    whole = {p: e for p, e in daily.items() if len(e) == 30 and None not in e and p in remote}
    assert len(whole) > 1000
    for point, energy in whole.items():
        read = float(total[point, date(2026, 9, 1)]["quantity"])
        assert sum(e for e in energy if e is not None) == pytest.approx(read, abs=0.02)


def test_bills_add_up_to_the_cent_and_payments_pay_them(city: City) -> None:
    tables = city[2]
    parts = ("energy_yuan", "tier_yuan", "basic_yuan", "pf_yuan", "adjusted_yuan", "other_yuan")
    totals = {}
    for bill in tables["bill"]:
        assert bill["total_yuan"] == sum((bill.get(part) or Decimal(0) for part in parts), Decimal(0)), bill
        totals[bill["bill_id"]] = bill["total_yuan"]
    assert all(totals[row["bill_id"]] == row["yuan"] for row in tables["payment"])
    assert 0.93 < len(tables["payment"]) / sum(total > 0 for total in totals.values()) < 1


def test_areas_lose_a_little_every_day(city: City) -> None:
    tables = city[2]
    place = {p["point_id"]: (p["area_id"], p["purpose"]) for p in tables["metering_point"] if p["area_id"]}
    flows: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    incomplete = set()
    for row in tables["daily_energy"]:
        if row["point_id"] in place:
            area, purpose = place[row["point_id"]]
            if row["energy_kwh"] is None:
                incomplete.add((area, row["day"]))
            flows[area, row["day"]][purpose] += row["energy_kwh"] or 0
            flows[area, row["day"]]["out"] += row["reverse_kwh"] or 0
    truth = pq.read_table(city[0] / "truth.parquet").to_pylist()
    planted = {json.loads(row["key"])["area_id"] for row in truth if row["rule"] == "LL004"}
    rates = []
    for at, flow in flows.items():
        if at[0] in planted:
            continue
        into = flow["area_supply"] + flow["generation"]
        if at not in incomplete and flow["settlement"]:
            rates.append((into - flow["out"] - flow["settlement"]) / into * 100)
    assert len(rates) > 300
    assert min(rates) > 1
    rates.sort()
    assert 2 < rates[len(rates) // 2] < 6  # areas with a planted customer without a point lose more


def test_transformers_carry_the_operating_capacity_outside_the_plants(city: City) -> None:
    folder, _, tables = city
    planted = {json.loads(k).get("customer_id") for k in pq.read_table(folder / "truth.parquet")["key"].to_pylist()}
    sums: dict[str, float] = defaultdict(float)
    groups: dict[tuple[str, str], float] = {}
    for row in tables["customer_transformer"]:
        if row["status"] in ("running", "hot_standby"):
            group = row.get("interlock_group")
            if group:
                groups[row["customer_id"], group] = max(groups.get((row["customer_id"], group), 0), row["capacity_kva"])
            else:
                sums[row["customer_id"]] += row["capacity_kva"]
    for (customer, _), kva in groups.items():
        sums[customer] += kva
    for row in tables["customer"]:
        if row["customer_id"] in sums and row["customer_id"] not in planted and row["status"] == "active":
            expected = sums[row["customer_id"]] + (row["direct_motor_kva"] or 0)
            assert row["operating_capacity_kva"] == expected, row["customer_id"]


def test_a_city_is_not_written_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(BadInput, match="not empty"):
        build_city(tmp_path, customers=400)
    with pytest.raises(BadInput, match="no sandbox city"):
        build_city(tmp_path, customers=400, force=True)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
    with pytest.raises(BadInput, match="--customers"):
        build_city(tmp_path / "new", customers=10)


def test_force_replaces_an_earlier_city(tmp_path: Path) -> None:
    build_city(tmp_path / "city", customers=300, months=2, days=5)
    (tmp_path / "city" / "用电客户_旧.csv").write_text("old")
    build_city(tmp_path / "city", customers=300, months=2, days=5, force=True)
    assert not (tmp_path / "city" / "用电客户_旧.csv").exists()
