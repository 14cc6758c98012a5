"""An area and a feeder all round: their loss is the models', what moved them is counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jicha.customer import AreaView, FeederView, Reader, UnknownGrid
from jicha.customer.grid import GAP_DAYS, grid_of_meter, grid_of_point
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.warehouse.store import Warehouse

from .conftest import AS_OF

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]


@pytest.fixture(scope="module")
def reader(city_data: Path) -> Reader:
    return Reader(city_data)


@pytest.fixture(scope="module")
def models(city_data: Path) -> Mapping[str, list[tuple[Any, ...]]]:
    """The models of the whole store, not narrowed."""
    with Session(StoredTables(Warehouse(city_data).snapshot()), as_of=AS_OF, p0=date(2026, 9, 1)) as session:
        session.require(["area_daily_loss", "feeder_monthly_loss"])
        areas = (
            "SELECT area_id, day, supplied_kwh, sold_kwh, generated_kwh, loss_kwh, loss_pct "
            "FROM area_daily_loss ORDER BY ALL"
        )
        feeders = (
            "SELECT feeder_id, period, supplied_kwh, sold_kwh, loss_kwh, loss_pct FROM feeder_monthly_loss ORDER BY ALL"
        )
        return {
            name: session.connection.execute(sql).fetchall() for name, sql in (("area", areas), ("feeder", feeders))
        }


def test_the_loss_of_areas_is_that_of_the_model(reader: Reader, models: Mapping[str, list[tuple[Any, ...]]]) -> None:
    compared = 0
    for area in [row["area_id"] for row in reader.all_rows("area")][:6]:
        days = AreaView(reader, area, AS_OF).days()
        expected = [row[1:] for row in models["area"] if row[0] == area]
        assert [(d.on, d.supplied_kwh, d.sold_kwh, d.loss_kwh, d.loss_pct) for d in days] == [
            (on, supplied, sold, loss, pct) for on, supplied, sold, _made, loss, pct in expected
        ]
        for month in AreaView.months(days):
            of = [row for row in expected if row[0].replace(day=1) == month.on and row[4] is not None]
            incoming = sum(row[1] + row[3] for row in of)
            assert month.loss_kwh == sum(row[4] for row in of)
            assert month.loss_pct == pytest.approx(float(month.loss_kwh) * 100 / float(incoming)) if incoming else True
            compared += 1
    assert compared > 6


def test_the_loss_of_feeders_is_that_of_the_model(reader: Reader, models: Mapping[str, list[tuple[Any, ...]]]) -> None:
    feeders = [row["feeder_id"] for row in reader.all_rows("feeder")]
    known = {row[0] for row in models["feeder"]}
    assert known & set(feeders)
    for feeder in feeders:
        months = FeederView(reader, feeder, AS_OF).months()
        assert [(m.on, m.supplied_kwh, m.sold_kwh, m.loss_kwh, m.loss_pct) for m in months] == [
            row[1:] for row in models["feeder"] if row[0] == feeder
        ]


def small(store: Store, folder: Path, energies: Mapping[str, Callable[[int], float | None]]) -> Reader:
    """Store area T1 (S1) of feeder F1 with customers 1 to 3; energies: point → kWh by days before AS_OF."""
    points = [
        {"point_id": "M", "area_id": "T1", "purpose": "area_supply", "status": "active"},
        {"point_id": "F", "feeder_id": "F1", "purpose": "feeder_supply", "status": "active"},
        {"point_id": "F2", "feeder_id": "F1", "purpose": "feeder_supply", "status": "closed"},
        *({"point_id": f"P{n}", "customer_id": f"{n}", "area_id": "T1", "purpose": "settlement", "status": "active"}
          for n in (1, 2, 3)),
        {"point_id": "P1a", "customer_id": "1", "area_id": "T1", "purpose": "settlement", "status": "active",
         "parent_point_id": "P1"},
        {"point_id": "P4", "customer_id": "4", "feeder_id": "F1", "purpose": "settlement", "status": "active"},
    ]  # fmt: skip
    store(
        folder,
        {
            "feeder": [{"feeder_id": "F1", "name": "一线", "org_id": "S1"}],
            "area": [{"area_id": "T1", "name": "一台区", "org_id": "S1", "feeder_id": "F1", "master_point_id": "M"},
                     {"area_id": "T2", "name": "他台区", "org_id": "S2", "feeder_id": "F1", "master_point_id": "M2"}],
            "customer": [{"customer_id": n, "org_id": "S2" if n == "3" else "S1", "status": "active"} for n in "1234"],
            "metering_point": points,
            "meter": [{"meter_id": "D1", "point_id": "P4", "status": "installed"}],
            "reading": [{"point_id": point, "period": date(2026, 9, 1), "register": "total", "current_index": 1}
                        for point in ("P1", "P3", "P4")],
            "daily_energy": [
                {"point_id": point, "day": AS_OF - timedelta(days=back), "energy_kwh": of(back)}
                for point, of in energies.items() for back in range(1, 36)
            ],
        },
    )  # fmt: skip
    return Reader(folder)


def test_the_months_of_a_feeder_say_how_many_days_they_hold(tmp_path: Path, store: Store) -> None:
    reader = small(store, tmp_path, {
        "F": lambda back: None if back in {2, 3} else 100.0, "F2": lambda back: 10.0 if back > 5 else None,
        "M": lambda back: 90.0,
    })  # fmt: skip
    first = AS_OF.replace(day=1)
    days = [AS_OF - timedelta(days=back) for back in range(1, 36) if back > 5]  # both supply meters were read
    expected = {
        month: len([d for d in days if d.replace(day=1) == month]) for month in {d.replace(day=1) for d in days}
    }
    found = {month.on: month.days for month in FeederView(reader, "F1", AS_OF).months()}
    assert found == expected and 0 < expected[first] < AS_OF.day - 1


def test_what_moved_an_area_by_hand(tmp_path: Path, store: Store) -> None:
    reader = small(store, tmp_path, {
        "M": lambda back: 100.0, "P1": lambda back: 10.0 if back <= 7 else 40.0, "P1a": lambda back: 500.0 / back,
        "P2": lambda back: None if back <= 5 else 20.0, "P3": lambda back: 30.0 if back <= 7 else 5.0,
    })  # fmt: skip
    found = AreaView(reader, "T1", AS_OF).changes()
    assert [(c.id, c.before_kwh, c.recent_kwh) for c in found.top] == [("1", 40.0, 10.0), ("3", 5.0, 30.0)]
    assert (found.members, found.not_compared, found.change_kwh) == (3, 1, -5.0)
    assert found.supplied is not None and (found.supplied.before_kwh, found.supplied.change_kwh) == (100.0, 0.0)
    own = AreaView(reader, "T1", AS_OF, orgs={"S1"})
    assert [c.id for c in own.changes().top] == ["1"] and own.customer_ids == ["1", "2"]  # 3 is of another unit


def test_what_was_not_collected_or_read_is_named(tmp_path: Path, store: Store) -> None:
    reader = small(store, tmp_path, {
        "M": lambda back: None if back == 2 else 100.0, "P1": lambda back: 1.0, "P3": lambda back: 1.0,
        "P2": lambda back: None if back < 5 else 1.0,
    })  # fmt: skip
    gaps = AreaView(reader, "T1", AS_OF).gaps()
    assert [(g.point_id, g.days_missing, g.lacks_reading) for g in gaps] == [("M", 1, False), ("P2", 4, True)]
    assert gaps[1].latest == AS_OF - timedelta(days=5)
    feeder = {g.point_id: g.days_missing for g in FeederView(reader, "F1", AS_OF).gaps()}
    assert feeder["F"] == feeder["P4"] == GAP_DAYS and feeder["M"] == 1


def test_the_members_of_a_feeder_are_its_areas_and_whom_it_supplies_directly(tmp_path: Path, store: Store) -> None:
    reader = small(store, tmp_path, {"M": lambda back: 2.0 if back <= 7 else 1.0, "P4": lambda back: 5.0})
    view = FeederView(reader, "F1", AS_OF)
    assert view.member_points == {"M": ("area", "T1"), "M2": ("area", "T2"), "P4": ("customer", "4")}
    assert [(c.kind, c.id, c.change_kwh) for c in view.changes().top] == [("area", "T1", 1.0), ("customer", "4", 0.0)]
    assert list(FeederView(reader, "F1", AS_OF, orgs={"S1"}).member_points) == ["M", "P4"]


def test_one_of_another_unit_is_as_unknown_as_none(tmp_path: Path, store: Store) -> None:
    reader = small(store, tmp_path, {"M": lambda back: 1.0})
    for view, number in ((AreaView, "T1"), (AreaView, "T9"), (FeederView, "F1"), (FeederView, "F9")):
        with pytest.raises(UnknownGrid):
            view(reader, number, AS_OF, orgs={"S2"})


def test_where_a_point_or_meter_belongs(tmp_path: Path, store: Store) -> None:
    reader = small(store, tmp_path, {"M": lambda back: 1.0})
    assert grid_of_point(reader, "M") == grid_of_point(reader, "P1") == ("area", "T1")
    assert grid_of_point(reader, "P4") == grid_of_meter(reader, "D1") == ("feeder", "F1")
    assert grid_of_point(reader, "none") is None and grid_of_meter(reader, "none") is None
