"""Definitions: each word of the rules over hand-made rows."""

from __future__ import annotations

import itertools
import random
import statistics
from datetime import date
from decimal import Decimal

import pytest

from jicha.screening.inputs import latest_complete_period
from tests.models.rows import Row, computed, customer, only, point


@pytest.mark.parametrize(
    ("as_of", "settle_day", "p0"),
    [
        (date(2026, 10, 15), 10, date(2026, 9, 1)),
        (date(2026, 10, 10), 10, date(2026, 9, 1)),
        (date(2026, 10, 9), 10, date(2026, 8, 1)),
        (date(2026, 1, 9), 10, date(2025, 11, 1)),
        (date(2026, 1, 31), 10, date(2025, 12, 1)),
        (date(2026, 2, 1), 1, date(2026, 1, 1)),
        (date(2026, 3, 27), 28, date(2026, 1, 1)),
    ],
)
def test_latest_complete_period(as_of: date, settle_day: int, p0: date) -> None:
    assert latest_complete_period(as_of, settle_day) == p0


def test_mature_customer() -> None:
    rows = [
        customer("old"),
        customer("unknown_opening", opened_on=None),
        customer("two_months", opened_on="2026-08-15"),
        customer("a_day_less", opened_on="2026-08-16"),
        customer("closing_today", closed_on="2026-10-15"),
        customer("closed_yesterday", closed_on="2026-10-14"),
        customer("suspended", status="suspended"),
        customer("closed", status="closed"),
    ]
    found = computed("mature_customer", {"customer": rows})
    assert only(found, "customer_id") == [("closing_today",), ("old",), ("two_months",), ("unknown_opening",)]


def test_mature_at_the_end_of_a_short_month() -> None:
    rows = [
        customer("a", opened_on="2025-12-29"),
        customer("b", opened_on="2025-12-31"),
        customer("c", opened_on="2026-01-01"),
    ]
    found = computed("mature_customer", {"customer": rows}, as_of=date(2026, 2, 28))
    assert only(found, "customer_id") == [("a",), ("b",)]


def test_capacities_of_a_mature_customer_are_exact() -> None:
    rows = [
        customer("a", contract_capacity_kva=0.1 + 0.2),
        customer("b", contract_capacity_kva=1e18, direct_motor_kva=5),
    ]
    found = computed("mature_customer", {"customer": rows})
    assert only(found, "contract_capacity_kva", "direct_motor_kva") == [(Decimal("0.3"), 0), (None, 5)]


def test_settlement_point() -> None:
    points = [
        point("in_use", "C1", allocation=None),
        point("no_status", "C1", status=None, allocation="metered"),
        point("allocated", "C1", allocation="ratio"),
        point("closed", "C1", status="closed"),
        point("generation", "C1", purpose="generation"),
        point("of_suspended", "C2"),
        point("of_nobody", None),
    ]
    rows = {"customer": [customer("C1"), customer("C2", status="suspended")], "metering_point": points}
    found = computed("settlement_point", rows)
    assert only(found, "point_id", "is_metered") == [("allocated", False), ("in_use", True), ("no_status", True)]


def test_known_order() -> None:
    def order(order_id: str, status: str | None, **columns: str) -> Row:
        return {"order_id": order_id, "customer_id": "C1", "kind": "suspend", "status": status,
                "applied_at": "2026-10-15 23:00:00", **columns}  # fmt: skip

    orders = [
        order("a_open", "open"),
        order("b_archived", "archived", archived_at="2026-10-15 18:00:00"),
        order("c_cancelled", "cancelled"),
        order("d_without_status", None),
        order("e_of_tomorrow", "open", applied_at="2026-10-16 00:00:00"),
    ]
    found = computed("known_order", {"service_order": orders})
    assert only(found, "order_id", "is_in_flight", "is_finished", "applied_on", "archived_on") == [
        ("a_open", True, False, date(2026, 10, 15), None),
        ("b_archived", False, True, date(2026, 10, 15), date(2026, 10, 15)),
    ]


def transformer(transformer_id: str, kva: float, status: str = "running", **columns: object) -> Row:
    return {"transformer_id": transformer_id, "customer_id": "C1", "capacity_kva": kva, "status": status, **columns}


def test_capacity_counts_the_greatest_of_an_interlock_group() -> None:
    rows = {
        "customer": [customer("C1", direct_motor_kva=100), customer("C2")],
        "customer_transformer": [
            transformer("T1", 630, interlock_group="G1"),
            transformer("T2", 400, interlock_group=" G1 "),
            transformer("T3", 250, "cold_standby", interlock_group="G2"),
            transformer("T4", 200, interlock_group="G2"),
            transformer("T5", 50.5),
            transformer("T6", 50.5, interlock_group=" "),
            transformer("T7", 999, "removed"),
            transformer("T8", 315, customer_id="C2", interlock_group="G1"),
            transformer("T9", 10, customer_id="stranger"),
        ],
    }
    installed = only(computed("installed_capacity", rows), "customer_id", "transformers", "capacity_kva")
    assert installed == [
        ("C1", 6, Decimal("1081")),
        ("C2", 1, Decimal("315")),
        ("stranger", 1, 10),
    ]  # 630 + 250 + 50.5 + 50.5 + 100
    running = only(computed("running_capacity", rows), "customer_id", "transformers", "capacity_kva")
    assert running == [
        ("C1", 5, Decimal("1031")),
        ("C2", 1, Decimal("315")),
        ("stranger", 1, 10),
    ]  # 630 + 200 + 50.5 + 50.5 + 100


def test_installed_capacity_looks_at_days_and_running_capacity_at_status() -> None:
    rows = {
        "customer": [customer("C1")],
        "customer_transformer": [
            transformer("T1", 100, "hot_standby", installed_on="2026-10-15"),
            transformer("T2", 200, installed_on="2026-10-16"),
            transformer("T3", 400, "suspended", removed_on="2026-10-15"),
            transformer("T4", 800, "cold_standby", removed_on="2026-10-14"),
        ],
    }
    assert only(computed("installed_capacity", rows), "capacity_kva") == [(500,)]
    assert only(computed("running_capacity", rows), "transformers", "capacity_kva") == [(2, 300)]


def test_without_a_transformer_there_is_no_capacity() -> None:
    rows = {
        "customer": [customer("C1", direct_motor_kva=100)],
        "customer_transformer": [transformer("T1", 400, "removed")],
    }
    assert computed("installed_capacity", rows) == []
    assert computed("running_capacity", rows) == []


def test_all_transformers_at_rest_run_nothing() -> None:
    rows = {"customer": [customer("C1")], "customer_transformer": [transformer("T1", 400, "suspended")]}
    assert only(computed("running_capacity", rows), "transformers", "capacity_kva") == [(0, 0)]


def test_tariff_in_force() -> None:
    def tariff(start: str, end: str | None, price: int, code: str = "T1") -> Row:
        return {"tariff_code": code, "effective_from": start, "effective_to": end, "capacity_price": price}

    tariffs = [
        tariff("2020-01-01", None, 1),
        tariff("2026-01-01", "2026-10-15", 2),
        tariff("2026-02-01", "2026-10-14", 3),
        tariff("2026-10-16", None, 4),
        tariff("2026-10-15", None, 5, "T2"),
        tariff("2026-10-16", None, 6, "T3"),
    ]
    found = computed("tariff_at_as_of", {"tariff": tariffs})
    assert only(found, "tariff_code", "capacity_price") == [("T1", 2), ("T2", 5)]


def test_area_of_a_customer() -> None:
    def bill(bill_id: str, point_id: str, period: str, kwh: float) -> Row:
        return {"bill_id": bill_id, "customer_id": "C", "point_id": point_id, "period": period, "billed_kwh": kwh}

    rows = {
        "customer": [customer(f"C{i}") for i in range(1, 6)],
        "metering_point": [
            point("M1", "C1", area_id="A1"),
            point("M2", "C2", area_id="A2"),
            point("M3", "C2", area_id="A1"),
            point("M4", "C3", area_id="A1"),
            point("M5", "C3", area_id="A2"),
            point("M6", "C3", area_id="A2"),
            point("M7", "C4", area_id="A2"),
            point("M8", "C4", area_id="A1"),
            point("M9", "C5", area_id=None),
        ],
        "bill": [
            bill("B1", "M4", "2026-09-01", 100),
            bill("B2", "M5", "2025-10-01", 60),
            bill("B3", "M6", "2026-09-01", 60),
            bill("B4", "M7", "2026-09-01", 10),
            bill("B5", "M8", "2025-09-01", 99),  # a month too old
            bill("B6", "M8", "2026-10-01", 99),  # not complete yet
        ],
    }
    found = only(computed("customer_area", rows), "customer_id", "area_id")
    assert found == [("C1", "A1"), ("C2", "A1"), ("C3", "A2"), ("C4", "A2")]


def test_texts_of_a_customer() -> None:
    rows = [
        customer(
            "a",
            name="Ａbc（杭州）有限公司",
            address="幸福路 1-2号，3幢",
            id_number=" 1101 05x",
            phone="+86 138 1234 5678",
        ),
        customer("b", name="张伟", address="无号码的路口", id_number=None, phone=None),
        customer("c", name="…", address=" ", id_number="\u3000", phone="-"),
    ]
    rows[1]["address"] = "某某村路口"
    found = computed("customer_text", {"customer": rows})
    columns = ("name_key", "address_key", "site_key", "id_key", "phone_digits")
    assert only(found, *columns) == [
        ("ABC杭州有限公司", "幸福路12号3幢", "幸福路12号", "110105X", "13812345678"),
        ("张伟", "某某村路口", "某某村路口", None, None),
        (None, None, None, None, ""),
    ]


def test_valid_payment() -> None:
    def payment(payment_id: str, **columns: object) -> Row:
        return {
            "payment_id": payment_id,
            "customer_id": "C1",
            "yuan": 1,
            "received_at": "2026-10-01 10:00:00",
            **columns,
        }

    payments = [
        payment("a"),
        payment("b", reversed_at="2026-10-15 00:00:00"),
        payment("c", reversed_at="2026-10-16 00:00:00", penalty_yuan=0.5),
    ]
    found = computed("valid_payment", {"payment": payments})
    assert only(found, "payment_id", "penalty_yuan") == [("a", 0), ("c", Decimal("0.5"))]


def bill(bill_id: str, total: float | None, kind: str | None = None, **columns: object) -> Row:
    base = {
        "bill_id": bill_id,
        "customer_id": "C1",
        "point_id": "M1",
        "period": "2026-08-01",
        "issued_on": "2026-09-02",
    }
    return {**base, "total_yuan": total, "kind": kind, **columns}


def test_a_reversal_cancels_one_bill_of_its_negated_amount() -> None:
    bills = [
        bill("B2", 100, "normal"),
        bill("B1", 100, "part"),
        bill("B3", 100),
        bill("B4", 40, "supplementary"),
        bill("R1", -100, "reversal"),
        bill("R2", -100, "reversal"),
        bill("R3", -40, "reversal"),
        bill("R4", -70, "reversal"),
        bill("R5", None, "reversal"),
        bill("B5", 70, period="2026-07-01"),
        bill("B6", 70, point_id="M2"),
        bill("B7", None),
    ]
    cancelled = only(computed("cancelled_bill", {"bill": bills}), "bill_id", "reversal_id")
    assert cancelled == [("B1", "R1"), ("B2", "R2"), ("B4", "R3")]
    assert only(computed("regular_bill", {"bill": bills}), "bill_id") == [("B3",), ("B5",), ("B6",), ("B7",)]


def test_a_reversal_stays_with_its_point_and_period() -> None:
    def pair(number: int, point_id: str, period: str, total: float) -> list[Row]:
        where = {"point_id": point_id, "period": period}
        return [bill(f"B{number}", total, **where), bill(f"R{number}", -total, "reversal", **where)]

    bills = [
        *pair(1, "M1", "2026-08-01", 100),
        *pair(2, "M2", "2026-08-01", 100),
        *pair(3, "M1", "2026-07-01", 100),
        *pair(4, "M1", "2026-08-01", 90),
        *pair(5, "M1", "2026-08-01", 100),
    ]
    cancelled = only(computed("cancelled_bill", {"bill": bills}), "bill_id", "reversal_id")
    assert cancelled == [("B1", "R1"), ("B2", "R2"), ("B3", "R3"), ("B4", "R4"), ("B5", "R5")]


def test_a_refund_is_no_reversal() -> None:
    bills = [bill("B1", 100), bill("B2", -100, "supplementary"), bill("B3", -100)]
    assert computed("cancelled_bill", {"bill": bills}) == []


def test_a_reversal_of_a_reversal_cancels_none() -> None:
    bills = [bill("R1", -100, "reversal"), bill("R2", 100, "reversal")]
    assert computed("cancelled_bill", {"bill": bills}) == []


def test_regular_are_normal_and_part_bills() -> None:
    kinds = ("normal", "part", None, "supplementary", "reversal")
    bills = [bill(f"B{number}", number, kind) for number, kind in enumerate(kinds)]
    assert only(computed("regular_bill", {"bill": bills}), "bill_id") == [("B0",), ("B1",), ("B2",)]


def test_bill_of_a_point_and_period() -> None:
    july = {"period": "2026-07-01"}
    bills = [
        bill("B2", 10, billed_kwh=100, tariff_code="a", pf_standard=0.8, power_factor=0.7, basic_yuan=1),
        bill("B1", 20, billed_kwh=100, tariff_code="m", pf_standard=0.85, power_factor=0.8),
        bill("B3", 5, billed_kwh=None, tariff_code="z", pf_standard=0.9, power_factor=0.9, basic_yuan=7),
        bill("R1", -20, "reversal", billed_kwh=-100, tariff_code="a", billed_demand_kw=3, billed_capacity_kva=4),
        bill("B4", 1, billed_kwh=50, billed_demand_kw=2, billed_capacity_kva=5),
        bill("J1", 3, billed_kwh=7, tariff_code="j", **july),
        bill("J2", 4, billed_kwh=8, tariff_code="k", **july),
        bill("B9", None, point_id="M2", tariff_code="z", pf_standard=0.9, power_factor=0.95),
        bill("C1", None, point_id="M3", tariff_code="p", billed_kwh=1),
        bill("C2", None, point_id="M3", tariff_code="q", billed_kwh=2),
    ]
    found = computed("point_bill", {"bill": bills})
    codes = ("point_id", "period", "bills", "tariff_code", "pf_standard", "power_factor")
    assert only(found, *codes) == [
        ("M1", date(2026, 7, 1), 2, "k", None, None),
        ("M1", date(2026, 8, 1), 5, "m", 0.85, 0.8),
        ("M2", date(2026, 8, 1), 1, "z", 0.9, 0.95),
        ("M3", date(2026, 8, 1), 2, "q", None, None),
    ]
    sums = ("billed_kwh", "billed_demand_kw", "billed_capacity_kva", "basic_yuan", "total_yuan")
    assert only(found, *sums) == [
        (15, None, None, None, 7),
        (150, 5, 9, 8, 16),
        (None, None, None, None, None),
        (3, None, None, None, None),
    ]


def test_county_of_an_organization() -> None:
    def unit(org_id: str, level: str, parent: str | None) -> Row:
        return {"org_id": org_id, "name": org_id, "level": level, "parent_id": parent}

    units = [
        unit("P", "province", None),
        unit("X", "city", "P"),
        unit("Y", "county", "X"),
        unit("S1", "station", "Y"),
        unit("S2", "station", "X"),
        unit("S3", "station", "P"),
        unit("loop", "station", "loop"),
        unit("team", "station", "S1"),
        unit("Z", "county", "Y"),
        unit("S4", "station", "Z"),
    ]
    found = only(computed("county_of_organization", {"organization": units}), "org_id", "county_id")
    assert found == [
        ("P", "P"), ("S1", "Y"), ("S2", "X"), ("S3", "S3"), ("S4", "Z"), ("X", "X"), ("Y", "Y"), ("Z", "Z"),
        ("loop", "loop"), ("team", "Y"),
    ]  # fmt: skip


def test_area_of_a_point_by_day() -> None:
    def member(point_id: str, area_id: str, start: str, end: str | None) -> Row:
        return {"point_id": point_id, "area_id": area_id, "from_on": start, "until_on": end}

    rows = {
        "metering_point": [
            point("M1", "C1", area_id="A1"),
            point("M2", "C1", area_id="A1"),
            point("M3", "C1", area_id=None),
            point("M4", "C1", area_id="A1"),
        ],
        "area_membership": [
            member("M2", "A2", "2026-03-01", "2026-03-31"),
            member("M3", "A3", "2026-05-01", None),
            member("M4", "A2", "2026-01-01", None),
            member("M4", "A3", "2026-02-10", "2026-02-20"),
            member("M4", "A9", "2026-06-10", "2026-06-01"),  # ends before it begins: never in force
        ],
    }
    always, ever = date(1900, 1, 1), date(9999, 12, 31)
    found = only(computed("point_area", rows), "point_id", "area_id", "from_on", "until_on")
    days = {(p, a, f, u) for p, a, f, u in found}
    assert days >= {
        ("M1", "A1", always, ever),
        ("M2", "A1", always, date(2026, 2, 28)),
        ("M2", "A2", date(2026, 3, 1), date(2026, 3, 31)),
        ("M2", "A1", date(2026, 4, 1), ever),
        ("M3", "A3", date(2026, 5, 1), ever),
        ("M4", "A1", always, date(2025, 12, 31)),
        ("M4", "A2", date(2026, 1, 1), date(2026, 2, 9)),
        ("M4", "A3", date(2026, 2, 10), date(2026, 2, 20)),
    }
    assert not [row for row in found if row[1] == "A9"]
    assert [row for row in found if row[0] == "M3"] == [("M3", "A3", date(2026, 5, 1), ever)]
    for point_id in ("M2", "M4"):  # spans follow each other without gap or overlap
        spans = sorted((f, u) for p, _, f, u in found if p == point_id)
        assert spans[0][0] == always
        assert spans[-1][1] == ever
        assert all((later - earlier).days == 1 for (_, earlier), (later, _) in itertools.pairwise(spans))


def test_point_whose_energy_counts_as_sold() -> None:
    rows = {
        "customer": [
            customer("C1"),
            customer("C2", status="suspended", opened_on=None),
            customer("C3", status="closed", closed_on="2026-09-30"),
            customer("C4", status="closed", closed_on=None),
            customer("C5", opened_on="2026-10-10"),
        ],
        "metering_point": [
            point("M1", "C1"),
            point("M2", "C2", status=None),
            point("M3", "C3"),
            point("M4", "C4"),
            point("M5", "C5"),
            point("sub", "C1", parent_point_id="M1"),
            point("allocated", "C1", allocation="quantity"),
            point("closed", "C1", status="closed"),
            point("generation", "C1", purpose="generation"),
            point("stranger", "C9"),
        ],
    }
    found = only(computed("supplied_point", rows), "point_id", "is_suspended", "from_on", "until_on")
    ever = date(9999, 12, 31)
    assert found == [
        ("M1", False, date(2015, 3, 1), ever),
        ("M2", True, date(1900, 1, 1), ever),
        ("M3", False, date(2015, 3, 1), date(2026, 9, 30)),
        ("M5", False, date(2026, 10, 10), ever),
    ]


def test_customer_year_sums_what_meets_in_a_period() -> None:
    """Customers with one bill a period, with several, with gaps: as if every period were summed first."""
    months = [date(2025, 9, 1), *(date(2025 + (9 + k) // 12, (9 + k) % 12 + 1, 1) for k in range(13))]
    chance = random.Random(7)
    bills: list[Row] = []
    for number in range(60):
        for month in chance.sample(months, chance.randint(1, 14)):
            # one in five has several, so that 3 of a month may stand for 3 months; some are unknown, some take back
            for _ in range(chance.choice([1, 1, 1, 1, 3]) if number % 2 else 1):
                kwh = chance.choice([None, "0", "-50.25", *(str(chance.randint(1, 900)) for _ in range(6))])
                bills.append({"customer_id": f"C{number:02}", "period": month, "billed_kwh": kwh})
    # of the earliest month: a sum of powers beyond those of a year
    bills += [{"customer_id": "E", "period": date(2025, 10, 1), "billed_kwh": "5"}] * 4
    bills = [{"bill_id": f"B{place}", "point_id": "P", **bill} for place, bill in enumerate(bills)]
    by_period: dict[str, dict[date, Decimal]] = {}
    for bill in bills:
        if bill["billed_kwh"] is not None and date(2025, 10, 1) <= bill["period"] <= date(2026, 9, 1):
            periods = by_period.setdefault(bill["customer_id"], {})
            periods[bill["period"]] = periods.get(bill["period"], Decimal(0)) + Decimal(bill["billed_kwh"])
    expected = [
        (name, len(year), sum(value > 0 for value in year.values()), sum(year.values()), min(year.values()))
        for name, year in sorted(by_period.items())
    ]
    found = computed("customer_year", {"bill": bills})
    assert only(found, "customer_id", "periods", "used_periods", "billed_kwh", "least_kwh") == expected
    assert ("E", 1, 1, Decimal(20), Decimal(20)) in expected
    for row in found:
        known = [float(value) for value in by_period[row["customer_id"]].values()]
        assert float(row["mean_kwh"]) == pytest.approx(statistics.fmean(known), abs=1e-6)
        varies = len(known) > 1 and sum(known) > 0
        assert (row["variation"] is not None) == varies
        if varies:
            assert float(row["variation"]) == pytest.approx(statistics.stdev(known) / statistics.fmean(known), abs=1e-6)
