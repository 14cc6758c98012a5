"""A value that came broken concerns whom it belongs to, and stops nobody else's bill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jicha.catalog.schema import schema
from jicha.engine.session import Session
from tests.billing.compare import Comparison, ParquetTables, compare_session
from tests.billing.random_bills import AS_OF, P0, PERIODS, random_city
from tests.billing.random_prices import Tables, prices, settings
from tests.models.rows import computed, customer, point

_READ = (
    "reading", "reading_segment", "metering_point", "metering_point_history", "customer", "customer_transformer",
    "bill", "customer_price", "meter",
)  # fmt: skip
_PRICES = ("tariff", "tariff_component", "tariff_tier", "transformer_loss", "pf_adjustment")
_DOUBLES = (1e18, -1e18, 1e13, -1e13, 1e9, -1e9, 1e6, 1e-4, -1e-4, 0.0)


def _numeric(table: str) -> list[str]:
    return [
        name
        for name, column in schema()[table].columns.items()
        if column.type in {"double", "int"} or column.type.startswith("decimal")
    ]


def _extreme(random: Random, kind: str) -> Any:
    if kind == "double":
        return random.choice(_DOUBLES)
    if kind == "int":
        return random.choice((2**31 - 1, -(2**31), 99_999, 0, -1))
    precision, scale = (int(part) for part in kind.removeprefix("decimal(").removesuffix(")").split(","))
    most = Decimal(10**precision - 1).scaleb(-scale)
    return random.choice((most, -most, most / 1000, -most / 1000, Decimal(0))).quantize(Decimal(1).scaleb(-scale))


def _broken(tables: Tables, chosen: Mapping[str, int], random: Random) -> None:
    """Put extremes into so many rows of each table, a column each."""
    for table, count in chosen.items():
        columns = [name for name in _numeric(table) if name not in {"tier", "parts", "reading_cycle_months"}]
        rows = tables.get(table) or []
        for row in random.sample(rows, min(count, len(rows))):
            name = random.choice(columns)
            row[name] = _extreme(random, schema()[table].columns[name].type)


def _compared(tables: Tables, folder: Path) -> Comparison:
    book = settings(folder)
    with Session(ParquetTables(schema(), tables, folder), as_of=AS_OF, p0=P0, billing=book, memory="3GB") as session:
        return compare_session(session, book, PERIODS)


@pytest.mark.parametrize("seed", range(3))
def test_extremes_of_customers_raise_nothing_and_both_ways_agree(seed: int, tmp_path: Path) -> None:
    tables, _ = random_city(range(1000 * seed, 1000 * seed + 250))
    _broken(tables, dict.fromkeys(_READ, 12), Random(seed))
    found = _compared({**prices(), **tables}, tmp_path)
    assert [str(item) for item in found.different[:5]] == []
    assert found.reasons["beyond_measure"] > 20
    assert found.judged > found.bills / 4


@pytest.mark.parametrize("seed", range(3))
def test_extremes_of_prices_raise_nothing_and_both_ways_agree(seed: int, tmp_path: Path) -> None:
    tables, _ = random_city(range(1000 * seed, 1000 * seed + 120))
    book = {table: [dict(row) for row in rows] for table, rows in prices().items()}
    _broken(book, dict.fromkeys(_PRICES, 3), Random(seed))
    found = _compared({**book, **tables}, tmp_path)
    assert [str(item) for item in found.different[:5]] == []
    assert found.bills > found.judged > 0


def test_a_broken_register_stops_its_customer_only(tmp_path: Path) -> None:
    tables, _ = random_city(range(40))
    points = Counter(row["customer_id"] for row in tables["metering_point"])
    bills = Counter(row["point_id"] for row in tables["bill"] if row["period"] == P0)
    alone = {
        row["point_id"]
        for row in tables["metering_point"]
        if points[row["customer_id"]] == 1 and bills[row["point_id"]] == 1
    }
    spoilt = next(
        row
        for row in tables["reading"]
        if row["register"] == "total" and row["period"] == P0 and row["point_id"] in alone
    )
    spoilt |= {"previous_index": Decimal(0), "current_index": Decimal("99999999.99"), "multiplier": 1000.0}
    found = _compared({**prices(), **tables}, tmp_path)
    assert found.different == []
    assert found.reasons["beyond_measure"] == 1


@pytest.mark.parametrize(
    ("index", "reason"), [("799999.99", None), ("800000.00", "beyond_measure"), ("99999999999.99", "beyond_measure")]
)
def test_a_register_of_eight_hundred_gigawatthours_is_beyond_measure(index: str, reason: str | None) -> None:
    (found,) = computed(
        "recomputed_bill",
        {
            "customer": [customer("C1")],
            "metering_point": [point("M1", "C1", tariff_code="T", multiplier=1000.0)],
            "tariff": [{"tariff_code": "T", "effective_from": "2010-01-01", "parts": 1, "energy_price": "4.999999"}],
            "reading": [
                {"point_id": "M1", "period": "2026-09-01", "register": "total", "previous_index": "0",
                 "current_index": index}
            ],
            "bill": [{"bill_id": "B1", "customer_id": "C1", "point_id": "M1", "period": "2026-09-01"}],
        },
    )  # fmt: skip
    assert found["reason"] == reason
    assert (found["energy_yuan"] is None) == (reason is not None)
