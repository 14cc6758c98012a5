"""The mappings of the real inputs (bench/real), on tiny invented files of the same shape."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.warehouse import Warehouse

from .bench import Bench

REAL = Path(__file__).parents[2] / "bench" / "real"
DAYS = (datetime(2016, 2, 19), datetime(2016, 2, 20))


def parquet(bench: Bench, name: str, **columns: list[object]) -> None:
    table = pa.table(columns)
    floats = [pa.float32() if field.type == pa.float64() else field.type for field in table.schema]
    pq.write_table(
        table.cast(pa.schema(zip(table.column_names, floats, strict=True))), bench.source / f"{name}.parquet"
    )


def test_area_loss(bench: Bench) -> None:
    parquet(bench, "areas", area_id=["S01", "S02", "E01"], transformer_kva=[630.0, 250.5, 100.0],
            ct_ratio_recorded=[160, 80, 40], grid=["urban6", "rural2", "rural1"])  # fmt: skip
    parquet(bench, "customers", customer_id=["A", "B"], area_id=["S01", "S01"], category=["resident", "business"],
            ct_ratio_recorded=[1, 15])  # fmt: skip
    parquet(
        bench, "customer_daily", customer_id=["A", "A", "B", "B"], date=[*DAYS, *DAYS], kwh=[8.406, 1.1, 20.3, None]
    )
    parquet(
        bench, "supply_daily", area_id=["S01", "S01"], date=[*DAYS], forward_kwh=[28.25, 30.0], reverse_kwh=[0.5, 0.0]
    )
    parquet(bench, "pv_daily", area_id=["S01", "S01"], pv_id=["P", "P"], date=[*DAYS], feed_in_kwh=[2.1, 0.0])
    parquet(bench, "truth_area", area_id=["S01"], cause=["normal"])
    result = bench.load(mapping=REAL / "area_loss.yaml")
    assert (result.rejected, result.unrecognised) == (0, [])
    assert bench.table("organization", "org_id, level") == [("E", "station"), ("S", "station")]
    assert bench.table("area", "area_id, org_id, capacity_kva, master_point_id")[1] == ("S01", "S", 630.0, "S01-supply")
    assert bench.table("metering_point", "point_id, area_id, purpose, multiplier") == [
        ("A", "S01", "settlement", 1.0),
        ("B", "S01", "settlement", 15.0),
        ("E01-supply", "E01", "area_supply", 40.0),
        ("P", "S01", "generation", None),
        ("S01-supply", "S01", "area_supply", 160.0),
        ("S02-supply", "S02", "area_supply", 80.0),
    ]
    assert bench.table("customer", "customer_id, usage_class")[1] == ("B", "general_industrial_commercial")
    source = StoredTables(Warehouse(bench.data).snapshot())
    with Session(source, as_of=date(2016, 2, 21), p0=date(2016, 1, 1)) as session:
        session.require(["area_daily_loss"])
        found = session.relation("area_daily_loss").to_pylist()
    rows = {(row["area_id"], row["day"].day): row for row in found}
    first = rows["S01", 19]
    assert [first[f"{name}_kwh"] for name in ("supplied", "sold", "generated", "exported", "loss")] == [
        Decimal("28.25"), Decimal("28.706"), Decimal("2.1"), Decimal("0.5"), Decimal("1.144")
    ]  # fmt: skip
    assert (rows["S01", 20]["customers"], rows["S01", 20]["collected_customers"]) == (2, 1)


def test_edrp(bench: Bench) -> None:
    start = datetime(2009, 3, 1)
    parquet(bench, "daily", date=[start, start], meter_id=["M0001", "M0002"], kwh=[7.514, 3.0])
    parquet(bench, "readings", ts=[start, datetime(2009, 3, 1, 0, 30)], meter_id=["M0001", "M0001"], kwh=[0.086, 0.1])
    result = bench.load(mapping=REAL / "edrp.yaml")
    assert (result.rejected, result.unrecognised) == (0, [])
    assert bench.table("meter", "meter_id, point_id, status") == [
        ("M0001", "M0001", "installed"), ("M0002", "M0002", "installed")
    ]  # fmt: skip
    assert bench.table("daily_energy", "point_id, day, energy_kwh")[0] == ("M0001", date(2009, 3, 1), 7.514)
    assert bench.table("interval_energy", "started_at, minutes, energy_kwh")[1] == (
        datetime(2009, 3, 1, 0, 30), 30, 0.1
    )  # fmt: skip
    assert len(bench.table("organization")) == 1
