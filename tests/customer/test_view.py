"""The sections of one customer: the same rows and results as reading everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jicha.cli.bill import explain_bills
from jicha.customer import SECTIONS, CustomerView, Reader, UnknownCustomer
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.warehouse.store import Warehouse

from .conftest import AS_OF

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Store = Callable[[Path, Rows], None]


@pytest.fixture(scope="module")
def reader(city_data: Path) -> Reader:
    return Reader(city_data)


def chosen(reader: Reader) -> list[str]:
    """Some of each kind: with transformers, with sub-meters, with part of many months, residents."""
    high = sorted({row["customer_id"] for row in reader.all_rows("customer_transformer")})[:6]
    subs = [row["customer_id"] for row in reader.all_rows("metering_point") if row["parent_point_id"]][:4]
    rest = sorted(row["customer_id"] for row in reader.all_rows("customer"))[::60]
    return list(dict.fromkeys(c for c in [*high, *subs, *rest] if c))


def test_bills_are_those_of_bill_explain(reader: Reader, city_data: Path) -> None:
    compared = 0
    for customer in chosen(reader):
        for item in CustomerView(reader, customer, AS_OF).bills(periods=2):
            bill = item.explanation.bill
            _, others = explain_bills(city_data, customer, bill.period, point=bill.point_id, as_of=AS_OF)
            [other] = [o for o in others if o.bill.bill_id == bill.bill_id]
            assert item.explanation.made.reasons == other.made.reasons
            assert item.explanation.differences == other.differences
            assert [a.name for a in (item.explanation.cause.alterations if item.explanation.cause else ())] == [
                a.name for a in (other.cause.alterations if other.cause else ())
            ]
            compared += 1
    assert compared > 20


def test_area_days_are_those_of_the_model(reader: Reader, city_data: Path) -> None:
    snapshot = Warehouse(city_data).snapshot()
    with Session(StoredTables(snapshot), as_of=AS_OF, p0=date(2026, 9, 1)) as session:
        session.require(["area_daily_loss"])
        whole = {
            (area, day): (supplied, sold, loss, customers)
            for area, day, supplied, sold, loss, customers in session.connection.execute(
                "SELECT area_id, day, supplied_kwh, sold_kwh, loss_kwh, customers FROM area_daily_loss"
            ).fetchall()
        }
    seen = set()
    for customer in chosen(reader):
        loss = CustomerView(reader, customer, AS_OF).area()
        if loss.area is None or loss.area["area_id"] in seen:
            continue
        seen.add(loss.area["area_id"])
        assert loss.days
        for day in loss.days:
            expected = whole[loss.area["area_id"], day["day"]]
            assert (day["supplied_kwh"], day["sold_kwh"], day["loss_kwh"], day["customers"]) == expected
    assert seen


def test_every_section_of_many_customers_opens(reader: Reader) -> None:
    for customer in chosen(reader):
        view = CustomerView(reader, customer, AS_OF)
        for section in SECTIONS:
            getattr(view, section)()


def test_payments_and_readings_are_complete(reader: Reader) -> None:
    for customer in chosen(reader)[:8]:
        view = CustomerView(reader, customer, AS_OF)
        with duckdb.connect() as connection:
            paid = reader.relation("payment")
            sql = f"SELECT COUNT(*), SUM(yuan) FROM ({paid}) WHERE customer_id = ? AND received_at < ?"
            [expected] = connection.execute(sql, [customer, AS_OF + timedelta(days=1)]).fetchall()
        rows = view.payments().tables["payment"]
        assert (len(rows), sum((r["yuan"] for r in rows), Decimal(0))) == (expected[0], expected[1] or 0)
        assert [r["received_at"] for r in rows] == sorted((r["received_at"] for r in rows), reverse=True)


def test_adjustments_and_spells_of_transformers_are_there(tmp_path: Path, store: Store) -> None:
    """What the rules of refunds and of suspended capacity stand on."""
    point = {"point_id": "P1", "customer_id": "C1", "purpose": "settlement", "mode": "hv_hv", "status": "active"}
    rows: Rows = {
        "customer": [CUSTOMER],
        "adjustment": [
            {
                "adjustment_id": name,
                "customer_id": who,
                "yuan": Decimal(-5),
                "requested_at": f"2026-{month}-01 08:00:00",
            }
            for name, who, month in (("T1", "C1", "08"), ("T2", "C1", "09"), ("T3", "C2", "09"), ("T4", "C1", "11"))
        ],
        "customer_transformer": [{"transformer_id": "B1", "customer_id": "C1", "capacity_kva": 100.0}],
        "transformer_status": [
            {"transformer_id": of, "from_on": day, "status": "suspended"}
            for of, day in (("B1", date(2026, 2, 1)), ("B1", date(2026, 6, 1)), ("B2", date(2026, 7, 1)))
        ],
        "metering_point": [point],
        "metering_point_history": [{"point_id": "P1", "effective_from": date(2020, n, 1)} for n in (3, 5)],
        "area_membership": [{"point_id": "P1", "area_id": f"A{n}", "from_on": date(2020 + n, 1, 1)} for n in (1, 2)],
        "reading_segment": [
            {"point_id": "P1", "meter_id": "M1", "register": "total", "from_at": "2026-09-10 00:00:00"}
        ],
    }
    store(tmp_path, rows)
    view = CustomerView(Reader(tmp_path), "C1", AS_OF)
    assert [row["adjustment_id"] for row in view.payments().tables["adjustment"]] == ["T2", "T1"]  # T4 arose later
    ran = view.files().tables["transformer_status"]
    assert [(row["transformer_id"], row["from_on"].month) for row in ran] == [("B1", 6), ("B1", 2)]
    assert [row["area_id"] for row in view.metering().tables["area_membership"]] == ["A2", "A1"]
    changes = view.metering().tables["metering_point_history"]
    assert [row["effective_from"].month for row in changes] == [5, 3]
    assert len(view.readings().tables["reading_segment"]) == 1


def test_a_customer_of_another_unit_is_as_unknown_as_none(reader: Reader) -> None:
    row = reader.all_rows("customer")[0]
    assert CustomerView(reader, row["customer_id"], AS_OF, orgs={row["org_id"]}).customer == row
    with pytest.raises(UnknownCustomer) as foreign:
        CustomerView(reader, row["customer_id"], AS_OF, orgs={"elsewhere"})
    with pytest.raises(UnknownCustomer) as nobody:
        CustomerView(reader, "no one", AS_OF)
    assert foreign.value.text.zh.replace(row["customer_id"], "X") == nobody.value.text.zh.replace("no one", "X")


CUSTOMER = {"customer_id": "C1", "org_id": "S", "status": "active", "usage_class": "residential", "name": "王一"}


def test_what_was_not_delivered_is_said(tmp_path: Path, store: Store) -> None:
    store(tmp_path, {"customer": [CUSTOMER], "ticket": []})
    view = CustomerView(Reader(tmp_path), "C1", AS_OF)
    assert view.files().missing == ("power_source", "contract", "customer_transformer", "self_generator")
    assert view.tickets().is_empty and view.tickets().missing == ("ticket",)
    assert view.daily().days == () and view.bills() == ()
    assert view.area().area is None and view.area().missing == ("area", "daily_energy")


def test_what_arose_later_is_not_seen(tmp_path: Path, store: Store) -> None:
    tickets = [
        {"ticket_id": name, "kind": "complaint", "customer_id": "C1", "created_at": at}
        for name, at in (("T1", "2026-10-15 23:59:00"), ("T2", "2026-10-16 00:00:00"))
    ]
    store(tmp_path, {"customer": [CUSTOMER], "ticket": tickets})
    view = CustomerView(Reader(tmp_path), "C1", AS_OF)
    assert [row["ticket_id"] for row in view.tickets().tables["ticket"]] == ["T1"]


def test_a_day_on_which_one_of_two_points_lacks_is_unknown(tmp_path: Path, store: Store) -> None:
    points = [{"point_id": p, "customer_id": "C1", "purpose": "settlement", "parent_point_id": up}
              for p, up in (("P1", None), ("P2", None), ("P3", "P1"))]  # fmt: skip
    days = [{"point_id": p, "day": date(2026, 10, d), "energy_kwh": 2.0} for p in ("P1", "P2", "P3") for d in (1, 2, 3)]
    days = [d for d in days if (d["point_id"], d["day"]) != ("P2", date(2026, 10, 2))]
    store(tmp_path, {"customer": [CUSTOMER], "metering_point": points, "daily_energy": days})
    curve = CustomerView(Reader(tmp_path), "C1", AS_OF).daily()
    assert [day.energy_kwh for day in curve.days] == [4.0, None, 4.0]  # the sub-meter is in its main meter
