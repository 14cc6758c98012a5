"""A utility's own price tables: one row at fault, one statement; what agrees is silent."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jicha.catalog.billing import power_factor_table
from jicha.catalog.schema import schema
from jicha.engine.session import Session
from jicha.engine.source import GivenTables
from jicha.language import Language
from jicha.prices.diff import Difference, diff_editions
from jicha.prices.loaded import supervise_tables
from jicha.prices.statements import Outcome, Statement, Supervision
from jicha.prices.tables import PriceTables

AS_OF, P0 = date(2026, 10, 15), date(2026, 9, 1)
Rows = dict[str, list[dict[str, Any]]]


def tariff(since: date, until: date | None, price: str, **more: Any) -> dict[str, Any]:
    base = {
        "tariff_code": "T1", "name": "两部制", "usage_class": "large_industrial", "voltage_min_v": 10000,
        "voltage_max_v": 20000, "parts": 2, "effective_from": since, "effective_to": until, "energy_price": price,
        "tip_price": "1.2", "peak_price": "0.9", "valley_price": "0.4", "surcharge_price": "0.0452",
        "capacity_price": "26.3", "demand_price": "42.0",
    }  # fmt: skip
    return base | more


def parts(since: date, purchase: str) -> list[dict[str, Any]]:
    fixed = {"transmission_distribution": "0.1263", "government_funds": "0.0452"}
    rows = [{"component": name, "time_band": "all", "price": price} for name, price in fixed.items()]
    rows.append({"component": "purchase", "time_band": "all", "price": purchase})
    return [{"tariff_code": "T1", "effective_from": since, **row} for row in rows]


def good() -> Rows:
    """Two editions without fault, and bills of two customers, one of whom buys on the market."""
    old, new = date(2026, 1, 1), date(2026, 8, 1)
    bill = {"tariff_code": "T1", "period": date(2026, 9, 1), "billed_kwh": "1000", "tip_kwh": "100", "peak_kwh": "200",
            "flat_kwh": "300", "valley_kwh": "400", "billed_capacity_kva": "500"}  # fmt: skip
    return {
        "tariff": [tariff(old, date(2026, 7, 31), "0.60"), tariff(new, None, "0.65", peak_price="0.95")],
        "tariff_component": [*parts(old, "0.4285"), *parts(new, "0.4785")],
        "tariff_tier": [
            {"tariff_code": "T1", "effective_from": old, "tier": 1, "upper_kwh": 100, "cycle": "year", "price_add": 0},
            {"tariff_code": "T1", "effective_from": old, "tier": 2, "upper_kwh": None, "cycle": "year",
             "price_add": "0.05"},
        ],
        "pf_adjustment": [
            {"pf_standard": float(standard), "power_factor": float(factor), "adjustment_pct": float(pct)}
            for (standard, factor), pct in power_factor_table().items()
        ],
        "customer": [
            {"customer_id": "C1", "name": "临江恒达纺织有限公司", "status": "active"},
            {"customer_id": "C2", "name": "王小明", "status": "active", "market_mode": "market_retail"},
        ],
        "metering_point": [
            {"point_id": f"P{n}", "customer_id": f"C{n}", "tariff_code": "T1", "status": "active",
             "purpose": "settlement", "is_time_of_use": True}
            for n in (1, 2)
        ],
        "bill": [{"bill_id": f"B{n}", "customer_id": f"C{n}", "point_id": f"P{n}", **bill} for n in (1, 2)],
        "customer_price": [{"customer_id": "C2", "period": date(2026, 9, 1), "time_band": "all", "price": "0.4"}],
    }  # fmt: skip


def supervised(rows: Rows, province: str | None = None) -> Supervision:
    with Session(GivenTables(schema(), rows), as_of=AS_OF, p0=P0) as session:
        return supervise_tables(PriceTables(session, p0=P0), province=province)


def off(rows: Rows, province: str | None = None) -> list[Statement]:
    return [item for item in supervised(rows, province).statements if item.outcome is not Outcome.UNCHECKED]


def test_what_agrees_is_silent() -> None:
    found = supervised(good())
    assert [item for item in found.statements if item.outcome is not Outcome.UNCHECKED] == []
    assert {item.kind for item in found.statements} == {"component_band_absent", "province_unknown"}
    assert found.compared["component_sum"] == 2 and found.compared["pf_row_differs"] == 303


def edit(table: str, row: int, **values: Any) -> tuple[str, int, dict[str, Any]]:
    return table, row, values


@pytest.mark.parametrize(
    ("change", "kind", "difference"),
    [
        (edit("tariff", 0, effective_to=date(2026, 8, 10)), "edition_overlap", None),
        (edit("tariff", 0, effective_to=date(2026, 7, 20)), "edition_gap", None),
        (edit("tariff", 1, effective_to=date(2026, 7, 1)), "edition_backwards", None),
        (edit("tariff", 1, energy_price=None), "energy_price_unknown", None),
        (edit("tariff", 1, valley_price="0.70"), "band_order", Decimal("-0.050000")),
        (edit("tariff", 1, valley_price=None), "band_price_missing", None),
        (edit("tariff", 1, demand_price="26.3"), "demand_over_capacity", Decimal("-0.600")),
        (edit("tariff_component", 5, price="0.4787"), "component_sum", Decimal("-0.000200")),
        (edit("tariff_component", 5, effective_from=date(2026, 8, 2)), "component_orphan", None),
        (edit("bill", 0, tariff_code="T9"), "code_undefined", None),
        (edit("metering_point", 0, tariff_code="T9"), "point_code_undefined", None),
        (edit("tariff", 1, effective_to=date(2026, 8, 31)), "code_expired", None),
        (edit("tariff", 1, effective_to=date(2026, 10, 1)), "point_code_expired", None),
        (edit("tariff", 1, energy_price="-0.65"), "price_negative", None),
        (edit("tariff", 1, surcharge_price="0.45"), "surcharge_above_price", Decimal("0.050000")),
        (edit("tariff", 1, surcharge_price="0.0450"), "surcharge_differs", Decimal("-0.000200")),
        (edit("tariff_component", 3, in_pf_base=False), "surcharge_differs", Decimal("-0.126300")),
        (edit("tariff", 1, capacity_price=None, demand_price=None), "basic_price_unknown", None),
        (edit("tariff_tier", 1, tariff_code="T8"), "tier_orphan", None),
        (edit("tariff_tier", 1, tier=3), "tier_gap", None),
        (edit("tariff_tier", 1, upper_kwh="90"), "tier_limits", None),
        (edit("tariff_tier", 1, cycle="month"), "tier_cycle", None),
        (edit("tariff_tier", 1, price_add=None), "tier_adds", None),
        (edit("pf_adjustment", 0, adjustment_pct=-0.7), "pf_row_differs", Decimal("0.0500")),
        (edit("pf_adjustment", 0, power_factor=1.01), "pf_row_missing", None),
        (edit("customer_price", 0, period=date(2026, 8, 1)), "customer_price_missing", None),
    ],
)
def test_one_fault_is_one_kind_of_statement(
    change: tuple[str, int, dict[str, Any]], kind: str, difference: Decimal | None
) -> None:
    rows = good()
    table, row, values = change
    rows[table][row] |= values
    found = [item for item in off(rows) if item.kind == kind]
    assert found, [item.kind for item in off(rows)]
    assert found[0].difference == difference
    assert all(found[0].sentence(language) for language in Language)


def test_a_statement_says_who_uses_the_price() -> None:
    rows = good()
    rows["tariff_component"][5]["price"] = "0.4787"
    (found,) = off(rows)
    assert (found.code, found.edition, found.customers, found.kwh) == ("T1", date(2026, 8, 1), 2, Decimal(2000))
    rows = good()
    rows["tariff_component"][2]["price"] = "0.4287"  # the edition that no bill of the window uses
    (found,) = off(rows)
    assert (found.edition, found.customers, found.kwh) == (date(2026, 1, 1), 0, Decimal(0))
    rows = good()
    rows["tariff"].append(tariff(date(2026, 10, 1), None, "0.70"))  # begins after the last bill
    rows["tariff"][1]["effective_to"] = date(2026, 9, 30)
    rows["tariff_component"] += parts(date(2026, 10, 1), "0.5287")
    (found,) = off(rows)
    assert (found.edition, found.customers, found.kwh) == (date(2026, 10, 1), 0, Decimal(0))


def test_an_open_edition_that_the_next_one_ends_is_no_overlap() -> None:
    rows = good()
    rows["tariff"][0]["effective_to"] = None
    assert off(rows) == []


def test_an_older_edition_that_has_not_ended_is_billed_again_and_no_gap() -> None:
    """As for a bill: a day's edition is the one that covers it and began last."""
    rows = good()
    for until, said in ((None, {"edition_again"}), (date(2026, 12, 31), {"edition_again", "edition_overlap"})):
        rows["tariff"] = [
            tariff(date(2026, 1, 1), until, "0.60"),
            tariff(date(2026, 6, 5), date(2026, 6, 10), "0.62"),
            tariff(date(2026, 10, 1), None, "0.65", peak_price="0.95"),
        ]
        rows["tariff_component"] = [
            *parts(date(2026, 1, 1), "0.4285"), *parts(date(2026, 6, 5), "0.4485"), *parts(date(2026, 10, 1), "0.4785"),
        ]  # fmt: skip
        rows["bill"] = [
            {**row, "bill_id": f"{row['bill_id']}-{month}", "period": date(2026, month, 1)}
            for row in good()["bill"] for month in (6, 9)
        ]  # fmt: skip
        rows["customer_price"] = [
            {"customer_id": "C2", "period": date(2026, month, 1), "time_band": "all", "price": "0.4"}
            for month in (6, 9)
        ]
        found = off(rows)
        assert {item.kind for item in found} == said
        again = next(item for item in found if item.kind == "edition_again")
        assert again.outcome is Outcome.DOUBTFUL and again.values["days"] == 112  # 11 June to 30 September
        overlaps = {item.values["days"] for item in found if item.kind == "edition_overlap"}
        assert overlaps == (set() if until is None else {6, 92})  # 5 to 10 June, 1 October to 31 December
        with Session(GivenTables(schema(), rows), as_of=AS_OF, p0=P0) as session:
            tables = PriceTables(session, p0=P0)
            assert tables.use("T1", date(2026, 1, 1)).kwh == Decimal(4000)  # June counts once, before and after
            assert tables.use("T1", date(2026, 6, 5)).kwh == Decimal(2000)


def test_a_gap_is_counted_from_the_last_day_that_any_edition_covers() -> None:
    rows = good()
    rows["tariff"] = [
        tariff(date(2026, 1, 1), date(2026, 6, 20), "0.60"),
        tariff(date(2026, 6, 1), date(2026, 6, 10), "0.60"),
        tariff(date(2026, 8, 1), None, "0.65", peak_price="0.95"),
    ]
    rows["tariff_component"] = [row for since in (1, 6) for row in parts(date(2026, since, 1), "0.4285")]
    rows["tariff_component"] += parts(date(2026, 8, 1), "0.4785")
    spans = {item.kind: (item.values["first"], item.values["last"], item.values["days"]) for item in off(rows)}
    assert spans == {
        "edition_overlap": (date(2026, 6, 1), date(2026, 6, 10), 10),
        "edition_again": (date(2026, 6, 11), date(2026, 6, 20), 10),
        "edition_gap": (date(2026, 6, 21), date(2026, 7, 31), 41),
    }


def test_prices_are_held_against_the_lists_of_the_province() -> None:
    assert off(good(), "hubei") == []
    rows = good()
    rows["tariff_component"][3]["price"] = "0.1264"
    assert [item.kind for item in off(rows, "hubei")] == ["component_sum", "delivery_differs"]
    rows = good()
    rows["tariff"][1]["energy_price"] = "0.85"
    assert "price_far" in [item.kind for item in off(rows, "hubei")]
    unchecked = {item.kind for item in supervised(good(), "sichuan").statements if item.outcome is Outcome.UNCHECKED}
    assert {"range_unknown", "delivery_unknown"} <= unchecked  # no agency list; none for the edition before August


def compared(rows: Rows) -> Difference:
    with Session(GivenTables(schema(), rows), as_of=AS_OF, p0=P0) as session:
        return diff_editions(PriceTables(session, p0=P0), first=date(2026, 5, 1), second=date(2026, 9, 1))


def test_two_editions_and_whom_they_touch() -> None:
    found = compared(good())
    assert {change.price: change.difference for change in found.changes} == {
        "flat": Decimal("0.05"), "peak": Decimal("0.05"), "purchase/all": Decimal("0.05"),
    }  # fmt: skip
    flat = next(change for change in found.changes if change.price == "flat")
    # of 1,000 kWh 700 are in other bands; two customers in one month
    assert (flat.percent, flat.customers, flat.points, flat.monthly_yuan) == (Decimal("8.33"), 2, 2, Decimal("30.00"))
    for change in found.changes:
        if change.monthly_yuan is not None:  # a pocket calculator arrives at the printed effect from the printed energy
            assert change.difference is not None and change.kwh is not None
            assert change.monthly_yuan == change.difference * change.kwh / found.months
    energy = {change.price: change.kwh or 0 for change in found.changes}
    assert energy["purchase/all"] > energy["flat"] > 0
    by_customer = {item.customer_id: item for item in found.touched}
    # C1: 300 flat and 200 peak at 0.05. C2 pays price less the list's purchase plus its own: only the rest moves,
    # 0 in flat and peak, −0.05 on the 500 kWh of tip and valley, whose prices stayed while the purchase rose.
    assert by_customer["C1"].monthly_yuan == Decimal("25.00") and by_customer["C1"].name == "临江****公司"
    assert by_customer["C2"].monthly_yuan == Decimal("-25.00") and found.monthly_yuan == Decimal("0.00")


def test_a_code_that_ends_and_one_that_begins() -> None:
    rows = copy.deepcopy(good())
    rows["tariff"][1]["tariff_code"] = "T2"
    rows["tariff_component"] = []
    found = compared(rows)
    sides = {(change.code, change.price): (change.old, change.new) for change in found.changes}
    assert sides["T1", "flat"] == (Decimal("0.60"), None) and sides["T2", "flat"] == (None, Decimal("0.65"))
    assert all(change.monthly_yuan is None for change in found.changes)
