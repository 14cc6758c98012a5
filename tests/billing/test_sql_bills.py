"""The derived model of recomputed bills: size, absent tables, periods."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jicha.billing.many import open_session, periods_with_bills, recompute_periods, summary_of
from jicha.catalog.schema import schema
from jicha.engine.session import Session
from jicha.engine.source import GivenTables
from jicha.errors import BadInput
from tests.billing.compare import ParquetTables
from tests.billing.random_bills import AS_OF, P0, PERIODS, random_city
from tests.billing.random_prices import prices, settings
from tests.models.rows import Row, computed, customer, point

TARIFF: Row = {"tariff_code": "T", "effective_from": "2010-01-01", "parts": 1, "energy_price": "0.558800"}


def bill(bill_id: str = "B1", **columns: object) -> Row:
    base = {
        "bill_id": bill_id,
        "customer_id": "C1",
        "point_id": "M1",
        "period": "2026-09-01",
        "issued_on": "2026-10-02",
    }
    return {**base, **columns}


def reading(previous: str, current: str, register: str = "total", **columns: object) -> Row:
    return {"point_id": "M1", "period": "2026-09-01", "register": register, "previous_index": previous,
            "current_index": current, **columns}  # fmt: skip


def one(rows: dict[str, list[Row]]) -> Row:
    """The recomputed bill of tables that have one."""
    (found,) = computed("recomputed_bill", rows)
    return found


def test_a_bill_needs_no_more_than_point_reading_price() -> None:
    found = one(
        {
            "customer": [customer("C1")],
            "metering_point": [point("M1", "C1", tariff_code="T")],
            "tariff": [TARIFF],
            "reading": [reading("100", "350.5")],
            "bill": [bill(energy_yuan="139.00", total_yuan="139.00")],
        }
    )
    assert found["reason"] is None
    assert (found["metered_kwh"], found["energy_yuan"]) == (Decimal("250.50"), Decimal("139.98"))
    assert found["total_diff_yuan"] == Decimal("-0.98")
    assert found["days"] == 30


def test_a_reactive_register_is_shown_of_a_point_with_one_rate() -> None:
    found = one(
        {
            "customer": [customer("C1")],
            "metering_point": [point("M1", "C1", tariff_code="T")],
            "tariff": [TARIFF],
            "reading": [reading("100", "350.5"), reading("10", "30", "reactive"), reading("5", "6.5", "reactive_lead")],
            "bill": [bill(energy_yuan="139.98", total_yuan="139.98", adjusted_kwh="10", adjusted_yuan="5.00")],
        }
    )
    assert (found["reason"], found["reactive_kvarh"], found["tip_kwh"]) == (None, Decimal("21.50"), None)
    assert (found["billed_kwh"], found["energy_yuan"]) == (Decimal("260.50"), Decimal("139.98"))
    assert (found["total_yuan"], found["total_diff_yuan"]) == (Decimal("144.98"), Decimal("-5.00"))


def test_without_a_reading_a_bill_is_not_judged() -> None:
    found = one(
        {
            "customer": [customer("C1")],
            "metering_point": [point("M1", "C1", tariff_code="T")],
            "tariff": [TARIFF],
            "bill": [bill(total_yuan="139.00")],
        }
    )
    assert (found["reason"], found["energy_yuan"], found["total_diff_yuan"]) == ("reading_missing", None, None)


@pytest.mark.parametrize("long_way", [False, True])
def test_five_hundred_gigawatthours_a_month(long_way: bool) -> None:
    """Products of quantity, multiplier and price stay exact and do not overflow."""
    two_part = {"parts": 2, "capacity_price": "23.5000", "demand_price": "38.0000", "energy_price": "0.999999"}
    file: Row = {"tariff_code": "T", "multiplier": 5_000_000.0}
    if long_way:
        file |= {"basic_charge_mode": "contract_demand", "contract_demand_kw": 900_000.0, "pf_standard": 0.9,
                 "loss_method": "agreed_share", "loss_value": 0.5}  # fmt: skip
    found = one(
        {
            "customer": [customer("C1", usage_class="large_industrial", contract_capacity_kva=1_000_000.0)],
            "metering_point": [point("M1", "C1", **file)],
            "tariff": [{**TARIFF, **two_part}],
            "reading": [
                reading("100", "200"),
                reading("10", "40", "reactive"),
                {**reading("0", "0", "demand"), "quantity": "1000000"},
            ],
            "bill": [bill(total_yuan="500000000")],
        }
    )
    assert found["reason"] is None
    if not long_way:
        assert found["energy_yuan"] == Decimal("499999500.00")
        return
    assert found["loss_kwh"] == 2_500_000
    assert found["energy_yuan"] == Decimal("502499497.50")
    assert found["billed_demand_kw"] == Decimal("1010000.00")  # 900 000 + 2 × (1 000 000 − 945 000)
    assert found["basic_yuan"] == Decimal("38380000.00")


@pytest.mark.parametrize(
    ("bills_at_once", "left_out", "passes"),
    [(1, (), [1, 1, 1]), (10**6, (), [3]), (10**6, (PERIODS[1],), [1, 1])],
    ids=["one by one", "together", "one between them left out"],
)
def test_periods_in_passes_are_the_periods_together(
    tmp_path: Path, bills_at_once: int, left_out: tuple[date, ...], passes: list[int]
) -> None:
    tables, _ = random_city(range(120))
    settings(tmp_path)
    source = ParquetTables(schema(), {**prices(), **tables}, tmp_path)
    with open_session(source, as_of=AS_OF, run_folder=tmp_path) as session:
        chosen = periods_with_bills(session, first=PERIODS[0])
        assert chosen == list(PERIODS)
        found, sums, sizes = [], [], []
        wanted = [period for period in chosen if period not in left_out]
        for some in recompute_periods(session, wanted, bills_at_once=bills_at_once):
            sums += [summary_of(session, period) for period in some]
            found += session.relation("recomputed_bill").to_pylist()
            sizes.append(len(some))
    assert sizes == passes
    with Session(source, as_of=AS_OF, p0=P0, billing=session.billing) as together:
        all_at_once = together.relation("recomputed_bill").to_pylist()
    expected = [row for row in all_at_once if row["period"] not in left_out]
    assert sorted(found, key=lambda row: row["bill_id"]) == sorted(expected, key=lambda row: row["bill_id"])
    assert [item.period for item in sums] == wanted
    assert sum(item.bills for item in sums) == len(found)
    assert sum(item.judged for item in sums) == sum(row["reason"] is None for row in found)
    under = sum(-row["energy_diff_yuan"] for row in found if (row["energy_diff_yuan"] or 0) < 0)
    assert sum(item.components["energy"].under_yuan for item in sums) == under


def test_periods_without_bills_are_named(tmp_path: Path) -> None:
    source = GivenTables(schema(), {"bill": [bill()], "organization": []})
    with (
        open_session(source, as_of=AS_OF, run_folder=None) as session,
        pytest.raises(BadInput, match="loaded are 2026-09"),
    ):
        periods_with_bills(session, last=date(2025, 1, 1))
