"""Derived models over rows small enough to work out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.models.rows import AS_OF, Row, computed, customer, only, point

# ---------------------------------------------------------------------------------------- customer_monthly


def bill(bill_id: str, kwh: float | None, total: float | None, **columns: object) -> Row:
    base = {
        "bill_id": bill_id,
        "customer_id": "C1",
        "point_id": "M1",
        "period": "2026-09-01",
        "issued_on": "2026-10-02",
    }
    return {**base, "billed_kwh": kwh, "total_yuan": total, **columns}


def reading(point_id: str, register: str, quantity: float | None, period: str = "2026-09-01") -> Row:
    return {"point_id": point_id, "period": period, "register": register, "quantity": quantity}


def test_customer_month_sums_bills_of_every_kind() -> None:
    rows = {
        "metering_point": [point("M1", "C1"), point("M2", "C1")],
        "bill": [
            bill("B1", 1000, 600),
            bill("B2", 200, 120, point_id="M2", kind="supplementary"),
            bill("B3", -100, -60, kind="reversal"),
            bill("B4", None, None),
            bill("B5", 500, 300, period="2026-08-01"),
        ],
        "reading": [reading("M1", "demand", 3), reading("M2", "demand", 2), reading("M1", "total", 900)],
    }
    found = only(
        computed("customer_monthly", rows),
        "period", "billed_kwh", "total_yuan", "max_demand_kw", "load_factor", "avg_price",
    )  # fmt: skip
    assert found == [
        (date(2026, 8, 1), Decimal("500"), Decimal("300"), None, None, 0.6),
        (date(2026, 9, 1), Decimal("1100"), Decimal("660"), Decimal("5"), 0.305555555556, 0.6),  # 1100 / (5 × 720)
    ]


def test_demand_falls_back_to_the_greatest_daily_maximum() -> None:
    def electrical(point_id: str, day: str, demand: float | None) -> Row:
        return {"point_id": point_id, "day": day, "max_demand_kw": demand}

    rows = {
        "metering_point": [
            point("M1", "C1"),
            point("M2", "C1", status="closed"),
            point("M3", "C2"),
            point("G1", "C1", purpose="generation"),
        ],
        "bill": [
            bill("B1", 7200, 1),
            bill("B2", 7200, 1, customer_id="C2", point_id="M3"),
            bill("B3", 7440, 1, period="2026-08-01"),
            bill("B4", 10, 1, period="2026-10-01", issued_on="2026-10-10"),
        ],
        "reading": [
            reading("M1", "demand", None),  # not read: falls back
            reading("M3", "demand", 20),
            reading("M2", "demand", 16, "2026-08-01"),  # a point that is closed now was metered then
            reading("G1", "demand", 999),
        ],
        "daily_electrical": [
            electrical("M1", "2026-09-01", 8),
            electrical("M1", "2026-09-30", 10),
            electrical("M2", "2026-09-15", 9),
            electrical("M1", "2026-10-01", 30),
            electrical("M1", "2026-10-15", 40),
            electrical("M1", "2026-10-16", 90),  # after the screening date
            electrical("M3", "2026-09-02", 500),  # its register was read
            electrical("G1", "2026-09-02", 700),
            electrical("M1", "2026-08-31", 99),
        ],
    }
    found = only(computed("customer_monthly", rows), "customer_id", "period", "max_demand_kw", "load_factor")
    assert found == [
        ("C1", date(2026, 8, 1), Decimal("16"), 0.625),  # 7440 / (16 × 744)
        ("C1", date(2026, 9, 1), Decimal("10"), 1.0),
        ("C1", date(2026, 10, 1), Decimal("40"), 0.000336021505),
        ("C2", date(2026, 9, 1), Decimal("20"), 0.5),
    ]


def test_no_ratio_where_its_divisor_is_nothing() -> None:
    rows = {
        "metering_point": [point("M1", "C1"), point("M2", "C2")],
        "bill": [bill("B1", 0, 30), bill("B2", None, None, customer_id="C2", point_id="M2")],
        "reading": [reading("M1", "demand", 0), reading("M2", "demand", 4)],
    }
    found = only(computed("customer_monthly", rows), "billed_kwh", "max_demand_kw", "load_factor", "avg_price")
    assert found == [(Decimal("0"), Decimal("0"), None, None), (None, Decimal("4"), None, None)]


# --------------------------------------------------------------------------------------------- arrears_age


def owed(bill_id: str, days: int, total: float, **columns: object) -> Row:
    due = AS_OF - timedelta(days=days)
    issued = due - timedelta(days=15)
    base = {"bill_id": bill_id, "customer_id": "C1", "point_id": "M1", "period": "2026-08-01"}
    return {**base, "total_yuan": total, "due_on": due.isoformat(), "issued_on": issued.isoformat(), **columns}


def paid(payment_id: str, bill_id: str | None, yuan: float, **columns: object) -> Row:
    base = {"payment_id": payment_id, "customer_id": "C1", "received_at": "2026-10-01 10:00:00"}
    return {**base, "bill_id": bill_id, "yuan": yuan, **columns}


BUCKETS = ("d1_30_yuan", "d31_90_yuan", "d91_180_yuan", "d181_365_yuan", "over_365_yuan", "total_yuan")


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(1, 0), (30, 0), (31, 1), (90, 1), (91, 2), (180, 2), (181, 3), (365, 3), (366, 4), (4000, 4)],
)
def test_age_of_arrears(days: int, bucket: int) -> None:
    rows = {"bill": [owed("B1", days, 100.05)]}
    expected = [Decimal(0)] * 5 + [Decimal("100.05")]
    expected[bucket] = Decimal("100.05")
    assert only(computed("arrears_age", rows), *BUCKETS) == [tuple(expected)]


def test_due_today_and_without_due_day_is_not_overdue() -> None:
    rows = {"bill": [owed("B1", 0, 100), owed("B2", -1, 100), owed("B3", 5, 100, due_on=None)]}
    assert computed("arrears_age", rows) == []


def test_outstanding_is_the_total_less_valid_payments() -> None:
    rows = {
        "bill": [
            owed("B1", 10, 100),
            owed("B2", 10, 100, customer_id="C2"),
            owed("B3", 10, 100, customer_id="C3"),
            owed("B4", 10, 100, customer_id="C4"),
            owed("B5", 10, 100, customer_id="C5"),
        ],
        "payment": [
            paid("P1", "B1", 30, penalty_yuan=70),  # the penalty repays nothing
            paid("P2", "B1", 20, received_at="2026-10-15 23:00:00"),
            paid("P3", "B1", 50, received_at="2026-10-16 00:00:00"),
            paid("P4", "B2", 99.99),  # one cent is not overdue
            paid("P5", "B3", 99.98),
            paid("P6", "B4", 100, reversed_at="2026-10-15 12:00:00"),
            paid("P7", "B5", 100, reversed_at="2026-10-16 12:00:00"),
            paid("P8", None, 500),
        ],
    }
    found = only(computed("arrears_age", rows), "customer_id", "as_of", "total_yuan")
    assert found == [("C1", AS_OF, Decimal("50")), ("C3", AS_OF, Decimal("0.02")), ("C4", AS_OF, Decimal("100"))]


def test_a_repayment_beyond_the_bill_is_outstanding() -> None:
    rows = {"bill": [owed("B1", 10, 0)], "payment": [paid("P1", "B1", -50)]}
    assert only(computed("arrears_age", rows), "total_yuan") == [(Decimal("50"),)]


def test_arrears_of_several_bills_add_up() -> None:
    ages = ((5, 20), (40, 50), (100, 120), (200, 300), (400, 500))
    bills = [
        owed(f"B{age}", age, yuan)
        for number, pair in enumerate(ages)
        for age, yuan in zip(pair, (1, 10 + number), strict=True)
    ]
    assert only(computed("arrears_age", {"bill": bills}), *BUCKETS) == [(11, 12, 13, 14, 15, 65)]


def test_a_cent_is_no_arrears_beside_a_greater_bill() -> None:
    rows = {"bill": [owed("B1", 5, 100), owed("B2", 5, 0.01), owed("B3", 5, 7)], "payment": [paid("P1", "B3", 6.99)]}
    assert only(computed("arrears_age", rows), "total_yuan") == [(100,)]


def test_a_bill_owes_from_its_day_of_issue() -> None:
    rows = {"bill": [owed("B1", 1, 5, issued_on="2026-10-15"), owed("B2", 1, 7, issued_on=None)]}
    assert only(computed("arrears_age", rows), "total_yuan") == [(5,)]


def test_other_bills_stay_when_one_is_cancelled() -> None:
    rows = {
        "bill": [
            owed("B1", 100, 100),
            owed("R1", 100, -100, kind="reversal", issued_on="2026-10-01"),
            owed("B2", 100, 30),
            owed("B3", 100, 100),
        ]
    }
    assert only(computed("arrears_age", rows), *BUCKETS) == [(0, 0, 130, 0, 0, 130)]


def test_a_cancelled_bill_owes_nothing() -> None:
    rows = {"bill": [owed("B1", 100, 100), owed("R1", 100, -100, kind="reversal", issued_on="2026-10-14")]}
    assert computed("arrears_age", rows) == []


def test_a_part_reversal_counts_from_its_day_of_issue() -> None:
    bills = [
        owed("B1", 100, 100),
        owed("R1", 100, -40, kind="reversal", issued_on="2026-10-05", due_on=None),
        owed("R2", 100, -1, kind="reversal", issued_on="2026-10-15"),  # issued today: not due yet
    ]
    found = only(computed("arrears_age", {"bill": bills}), *BUCKETS)
    assert found == [(Decimal(-40), 0, Decimal(100), 0, 0, Decimal(60))]


def test_a_reversal_alone_is_no_arrears() -> None:
    assert computed("arrears_age", {"bill": [owed("R1", 100, -40, kind="reversal")]}) == []


# ----------------------------------------------------------------------------------------- area_daily_loss


def energy(point_id: str, day: str, kwh: float | None, reverse: float | None = None) -> Row:
    return {"point_id": point_id, "day": day, "energy_kwh": kwh, "reverse_kwh": reverse}


LOSS = (
    "area_id", "day", "supplied_kwh", "sold_kwh", "generated_kwh", "exported_kwh", "loss_kwh", "loss_pct", "customers",
    "collected_customers",
)  # fmt: skip
D1, D2, D3 = "2026-10-01", "2026-10-02", "2026-10-03"


def area(area_id: str, master: str | None, feeder: str | None = None) -> Row:
    return {"area_id": area_id, "org_id": "S1", "master_point_id": master, "feeder_id": feeder}


def test_loss_of_an_area() -> None:
    rows = {
        "area": [area("A1", "MA")],
        "customer": [customer("C1"), customer("C2"), customer("C3", status="suspended"), customer("PV")],
        "metering_point": [
            point("MA", None, purpose="area_supply", area_id="A1"),
            point("M1", "C1", area_id="A1"),
            point("M2", "C2", area_id="A1"),
            point("M3", "C3", area_id="A1"),
            point("S2", "C2", area_id="A1", parent_point_id="M2"),
            point("Q1", "C1", area_id="A1", allocation="ratio"),
            point("G1", "PV", area_id="A1", purpose="generation"),
        ],
        "daily_energy": [
            energy("MA", D1, 100.5, 10), energy("M1", D1, 40), energy("M2", D1, 30.25), energy("M3", D1, 2),
            energy("S2", D1, 9), energy("Q1", D1, 9), energy("G1", D1, 19.5, 7),
            energy("MA", D2, 50), energy("M1", D2, None), energy("M2", D2, 45),
            energy("M1", D3, 1), energy("MA", D3, None, 3),
        ],
    }  # fmt: skip
    found = computed("area_daily_loss", rows)
    # supplied + generated − exported − sold: 100.5 + 19.5 − 10 − 72.25 = 37.75 of 120
    assert only(found, *LOSS) == [
        (
            "A1",
            date(2026, 10, 1),
            Decimal("100.5"),
            Decimal("72.25"),
            Decimal("19.5"),
            Decimal("10"),
            Decimal("37.75"),
            31.458333333333,
            2,
            2,
        ),
        ("A1", date(2026, 10, 2), Decimal("50"), Decimal("45"), 0, 0, Decimal("5"), 10.0, 2, 1),
        ("A1", date(2026, 10, 3), None, Decimal("1"), 0, Decimal("3"), None, None, 2, 1),
    ]
    assert {row["technical_loss_kwh"] for row in found} == {None}


def test_the_screening_day_itself_counts_and_generation_adds_up() -> None:
    today = AS_OF.isoformat()
    rows = {
        "area": [area("A1", "MA")],
        "customer": [customer("PV")],
        "metering_point": [point(g, "PV", purpose="generation", area_id="A1") for g in ("G1", "G2")],
        "daily_energy": [energy("MA", today, 10), energy("G1", today, 3), energy("G2", today, 4)],
    }
    assert only(computed("area_daily_loss", rows), "day", "generated_kwh", "loss_kwh") == [(AS_OF, 7, 17)]


def test_no_percentage_of_nothing() -> None:
    rows = {
        "area": [area("A1", "MA")],
        "customer": [customer("C1")],
        "metering_point": [point("M1", "C1", area_id="A1")],
        "daily_energy": [energy("MA", D1, 0), energy("M1", D1, 5)],
    }
    assert only(computed("area_daily_loss", rows), "supplied_kwh", "loss_kwh", "loss_pct") == [(0, -5, None)]


def test_a_point_belongs_to_its_area_of_the_day() -> None:
    rows: dict[str, list[Row]] = {
        "area": [area("A1", "MA1"), area("A2", "MA2")],
        "customer": [customer("C1"), customer("PV")],
        "metering_point": [point("M1", "C1", area_id="A1"), point("G1", "PV", purpose="generation", area_id="A1")],
        "area_membership": [
            {"point_id": "M1", "area_id": "A2", "from_on": D2, "until_on": D2},
            {"point_id": "G1", "area_id": "A2", "from_on": D3, "until_on": None},
        ],
        "daily_energy": [energy(p, d, k) for p, k in (("M1", 7), ("G1", 2)) for d in (D1, D2, D3)],
    }
    found = only(computed("area_daily_loss", rows), "area_id", "day", "sold_kwh", "generated_kwh", "customers")
    assert found == [
        ("A1", date(2026, 10, 1), 7, 2, 1),
        ("A1", date(2026, 10, 2), 0, 2, 0),
        ("A1", date(2026, 10, 3), 7, 0, 1),
        ("A2", date(2026, 10, 2), 7, 0, 1),
        ("A2", date(2026, 10, 3), 0, 2, 0),
    ]


def test_only_customers_supplied_that_day_count() -> None:
    rows = {
        "area": [area("A1", None)],
        "customer": [
            customer("new", opened_on=D2),
            customer("gone", status="closed", closed_on=D2),
            customer("lost", status="closed", closed_on=None),
            customer("ends_soon", closed_on=D1),
        ],
        "metering_point": [point(f"M_{c}", c, area_id="A1") for c in ("new", "gone", "lost", "ends_soon")],
        "daily_energy": [
            energy(f"M_{c}", d, k)
            for c, k in (("new", 1), ("gone", 10), ("lost", 100), ("ends_soon", 1000))
            for d in (D1, D2, D3)
        ],
    }
    found = only(computed("area_daily_loss", rows), "day", "sold_kwh", "customers", "collected_customers")
    assert found == [
        (date(2026, 10, 1), 1010, 2, 2),
        (date(2026, 10, 2), 1011, 3, 3),
        (date(2026, 10, 3), 1001, 2, 2),
    ]


def test_days_nobody_was_collected_still_stand_there() -> None:
    rows = {
        "area": [area("A1", "MA1"), area("A2", "MA2")],
        "customer": [customer("C1"), customer("C2")],
        "metering_point": [point("M1", "C1", area_id="A1"), point("M2", "C2", area_id="A2")],
        "daily_energy": [energy("M1", D1, 1), energy("M1", D3, 1), energy("M1", "2026-10-16", 1)],
    }
    found = only(computed("area_daily_loss", rows), "area_id", "day", "customers", "collected_customers")
    assert found == [
        ("A1", date(2026, 10, 1), 1, 1), ("A1", date(2026, 10, 3), 1, 1),
        ("A2", date(2026, 10, 1), 1, 0), ("A2", date(2026, 10, 3), 1, 0),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------- feeder_monthly_loss


def test_loss_of_a_feeder() -> None:
    rows = {
        "feeder": [{"feeder_id": "F1"}, {"feeder_id": "F2"}],
        "area": [area("A1", "MA1", "F1"), area("A2", "MA2", "F1"), area("A3", "MA3", None)],
        "customer": [
            customer("HV", voltage_v=10000),
            customer("HV_new", voltage_v=1000, opened_on="2026-09-15"),
            customer("LV", voltage_v=999),
            customer("HV_closed", voltage_v=10000, status="closed", closed_on="2026-09-01"),
        ],
        "metering_point": [
            point("F1S", None, purpose="feeder_supply", feeder_id="F1"),
            point("F1T", None, purpose="feeder_supply", feeder_id="F1", status=None),
            point("H1", "HV", feeder_id="F1"),
            point("H2", "HV", feeder_id="F1", area_id="A1"),
            point("H3", "HV", feeder_id="F1", parent_point_id="H1"),
            point("H4", "HV_new", feeder_id="F1"),
            point("H5", "LV", feeder_id="F1"),
            point("H6", "HV_closed", feeder_id="F1"),
            point("H7", "HV", feeder_id="F2"),
            point("H8", "HV", feeder_id=None),
        ],
        "daily_energy": [
            *(energy("F1S", d, 1000) for d in ("2026-09-01", "2026-09-30", "2026-08-31")),
            energy("F1T", "2026-09-10", 500),
            energy("MA1", "2026-09-10", 300),
            energy("MA2", "2026-09-10", 200, 50),
            energy("MA3", "2026-09-10", 7777),
            energy("H1", "2026-09-10", 1500.5),
            *(energy(p, "2026-09-10", 7777) for p in ("H2", "H3", "H5", "H8")),
            energy("H4", "2026-09-14", 7777),
            energy("H4", "2026-09-15", 100),
            energy("H6", "2026-09-01", 10),
            energy("H6", "2026-09-02", 7777),
            energy("H7", "2026-09-10", 60),
            energy("H7", "2026-10-16", 7777),
            energy("H7", "2026-10-15", 5),
        ],
    }
    found = computed("feeder_monthly_loss", rows)
    # September: 2500 supplied; 300 + 200 + 1500.5 + 100 + 10 = 2110.5 sold
    assert only(found, "feeder_id", "period", "supplied_kwh", "sold_kwh", "loss_kwh", "loss_pct") == [
        ("F1", date(2026, 8, 1), Decimal("1000"), 0, Decimal("1000"), 100.0),
        ("F1", date(2026, 9, 1), Decimal("2500"), Decimal("2110.5"), Decimal("389.5"), 15.58),
        ("F2", date(2026, 9, 1), None, Decimal("60"), None, None),
        ("F2", date(2026, 10, 1), None, Decimal("5"), None, None),
    ]


def test_a_feeder_that_supplied_nothing_has_no_percentage() -> None:
    rows = {
        "metering_point": [point("F1S", None, purpose="feeder_supply", feeder_id="F1")],
        "daily_energy": [energy("F1S", D1, 0)],
    }
    assert only(computed("feeder_monthly_loss", rows), "loss_kwh", "loss_pct") == [(0, None)]
