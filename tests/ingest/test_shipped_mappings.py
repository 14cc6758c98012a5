"""The shipped mappings load their sample exports without a reject, into the right values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jicha.catalog.files import catalog_path
from jicha.errors import BadInput
from jicha.ingest import LoadResult

from .bench import Bench


def loaded(bench: Bench, name: str) -> LoadResult:
    result = bench.load(catalog_path("mappings", name), mapping=Path(name))
    assert (result.rejected, result.unrecognised) == (0, [])
    return result


def test_every_shipped_mapping_is_tested() -> None:
    assert sorted(path.stem for path in catalog_path("mappings").glob("*.yaml")) == ["marketing_pinyin", "sap_isu"]


def test_marketing_pinyin(bench: Bench) -> None:
    result = loaded(bench, "marketing_pinyin")
    assert bench.table("organization", "org_id, level, parent_id") == [
        ("33401", "city", None),
        ("3340101", "station", "33401"),
    ]
    columns = "customer_id, usage_class, voltage_v, contract_capacity_kva, status, opened_on, closed_on, payment_mode"
    assert bench.table("customer", columns) == [
        ("0003300001", "residential", 220, 8.0, "active", date(2015, 3, 1), None, "postpaid"),
        ("0003300002", "large_industrial", 10000, 500.0, "active", date(2012, 6, 15), None, "installment"),
        ("0003300003", "street_lighting", 380, 15.0, "closed", date(2010, 1, 1), date(2026, 3, 31), "postpaid"),
    ]
    assert [file["filtered"] for file in result.files if file["table"] == "customer"] == [1]  # the deleted one
    assert bench.table("metering_point", "point_id, purpose, mode, is_time_of_use, multiplier")[1:] == [
        ("J0002", "settlement", "hv_supply_hv_metering", True, 2000.0),
        ("J0009", "area_supply", None, None, 80.0),
    ]
    assert bench.table("reading", "point_id, register, quantity, read_at, method")[1] == (
        "J0002", "reactive", Decimal("10000.00"), datetime(2026, 10, 1), "remote"
    )  # fmt: skip
    assert bench.table("meter", "meter_id, verified_on")[1] == ("3340000002", date(2021, 4, 20))
    assert bench.table("bill", "period, total_yuan") == [
        (date(2026, 9, 1), Decimal("86.08")),
        (date(2026, 9, 1), Decimal("34170.51")),
    ]


def test_sap_isu(bench: Bench) -> None:
    result = loaded(bench, "sap_isu")
    assert bench.table("customer", "customer_id, name, usage_class, status, opened_on, closed_on") == [
        ("200001", "Erika Beispiel", "residential", "active", date(2018, 4, 1), None),
        ("200002", "Muster Weberei GmbH", "large_industrial", "active", date(2012, 6, 15), None),
        ("200003", "Beispiel Bäckerei", "general_industrial_commercial", "closed", date(2015, 1, 1), date(2026, 6, 30)),
    ]
    assert bench.table("contract", "contract_id, expires_on")[2] == ("100003", date(2026, 6, 30))
    assert bench.table("meter", "meter_id, point_id, installed_on, removed_on, status")[1:] == [
        ("10004712", "30000002", date(2019, 1, 1), None, "installed"),
        ("10004713", "30000003", date(2015, 1, 1), date(2026, 6, 30), "removed"),
    ]
    assert bench.table("reading", "point_id, period, previous_index, current_index, multiplier, read_at, method") == [
        ("30000001", date(2026, 9, 1), Decimal("12345.00"), Decimal("12505.50"), 1.0, datetime(2026, 9, 30), "manual"),
        ("30000002", date(2026, 9, 1), Decimal("880.12"), Decimal("905.62"), 2000.0, datetime(2026, 9, 30), "remote"),
    ]
    assert bench.table("bill", "customer_id, period, billed_kwh, total_yuan, issued_on") == [
        ("200001", date(2026, 9, 1), Decimal("160.50"), Decimal("86.08"), date(2026, 10, 5)),
        ("200002", date(2026, 9, 1), Decimal("51000.00"), Decimal("34170.51"), date(2026, 10, 2)),
        ("200003", date(2026, 6, 1), Decimal("0.00"), Decimal("-12.50"), date(2026, 7, 5)),
    ]
    assert {file["table"]: file["filtered"] for file in result.files if file["filtered"]} == {
        "metering_point": 1,
        "bill": 1,
    }


def test_a_name_that_is_no_mapping(bench: Bench) -> None:
    with pytest.raises(BadInput, match="shipped are marketing_pinyin, sap_isu"):
        bench.load(mapping=Path("nothing"))
