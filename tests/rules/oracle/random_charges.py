"""Small random data sets, seeded: bills, payments, refunds and suspensions on and around the limits of their rules."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.rules.oracle.random_data import CLASSES, Dice, Row, Tables
from tests.rules.oracle.terms import World, add_months

AS_OF = (
    date(2026, 10, 15), date(2026, 7, 20), date(2026, 1, 5), date(2026, 1, 31), date(2025, 12, 31), date(2026, 3, 1),
    date(2024, 10, 9), date(2026, 8, 10),
)  # fmt: skip
TABLES = (
    "organization", "staff", "customer", "customer_transformer", "transformer_status", "metering_point", "daily_energy",
    "daily_electrical", "reading", "tariff", "pf_adjustment", "bill", "payment", "adjustment", "service_order",
)  # fmt: skip
REASONS = ("wrong_reading", "other", "meter_fault", "wrong_tariff", "theft")
TARIFF_CLASSES = (None, "residential", "agricultural", "large_industrial", "general_industrial_commercial",
                  "non_residential_other", "ev_charging")  # fmt: skip


def money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


class Charges:
    """Builds one data set."""

    def __init__(self, seed: int) -> None:
        dice = self.dice = Dice(seed)
        self.as_of: date = dice.one(AS_OF)
        self.settle_day: int = dice.one((10, 10, 1, 28))
        self.p0 = World({}, self.as_of, self.settle_day).p0
        self.tables: Tables = {name: [] for name in TABLES}
        self.number = 0
        self.codes = ("T0", "T1", "T2", "T3", "T4", "T5")

    def add(self, table: str, **row: Any) -> Row:
        self.tables[table].append(row)
        return row

    def next_id(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number:04d}"

    def build(self) -> World:
        dice = self.dice
        self.offices()
        self.prices()
        customers = [self.customer(f"C{n:02d}") for n in range(dice.number(8, 16))]
        for row in customers:
            self.late_payments(row)
        for n in range(dice.number(3, 8)):
            self.refunds(f"R{n}")
        if dice.chance(0.6):
            self.clerks()
        return World(self.tables, self.as_of, self.settle_day)

    def day(self, *offsets: int, null: float = 0.0) -> date | None:
        return self.dice.day(self.as_of, offsets, null=null)

    def on(self, day: date) -> datetime:
        return datetime.combine(day, self.dice.one((time(0, 0), time(9, 30), time(23, 59, 59))))

    def offices(self) -> None:
        dice = self.dice
        self.add("organization", org_id="X", name="市", level="city", parent_id=None)
        for unit, level, parent in (
            ("A", "county", "X"), ("A1", "station", "A"), ("B", "county", "X"), ("B1", "station", "B"),
            ("S", "station", dice.one(("X", None, "Z"))), ("S2", "station", "S"),
        ):  # fmt: skip
            self.add("organization", org_id=unit, name=unit, level=level, parent_id=parent)
        for n in range(14):
            self.add(
                "staff", staff_id=f"E{n:02d}", org_id=dice.one(("A", "A1", "A1", "B1", "S", "S2")),
                post=dice.one(("biller", "biller", "biller", "accountant"), null=0.1),
            )  # fmt: skip

    def prices(self) -> None:
        dice = self.dice
        for code in self.codes[:-1]:
            cut = dice.one((date(2025, 1, 1), self.p0, self.p0 + timedelta(days=1), self.as_of))
            h = dice.one((260.0, 260.0, 100.0), null=0.3)
            for start, end in (
                (date(2015, 1, 1), cut - timedelta(days=1)),
                (cut, dice.day(self.as_of, (0, 90), null=0.8)),
            ):
                if dice.chance(0.9):
                    self.add(
                        "tariff", tariff_code=code, effective_from=start, effective_to=end,
                        usage_class=dice.one(TARIFF_CLASSES), parts=dice.one((1, 2, 2), null=0.1),
                        energy_price=money(dice.one(("0.500000", "0.812345"), null=0.1)),
                        capacity_price=money(dice.one(("23.0000", "30.1250"), null=0.15)),
                        demand_price=money(dice.one(("38.0000", "40.0000"), null=0.1)),
                        demand_discount_kwh_per_kva=h,
                        demand_discount_factor=dice.one((0.9, 0.9, 0.99), null=0.1) if h or dice.chance(0.1) else None,
                    )  # fmt: skip
        if dice.chance(0.9):
            for standard in (0.9, 0.85, 0.8)[: dice.one((3, 3, 3, 2, 1))]:
                self.add("pf_adjustment", pf_standard=standard, power_factor=0.9, adjustment_pct=0.0)

    def customer(self, customer_id: str) -> Row:
        dice = self.dice
        row = self.add(
            "customer", customer_id=customer_id, org_id="A1",
            status=dice.one(("active",) * 8 + ("suspended", "suspended", "closed")), usage_class=dice.one(CLASSES),
            industry_code=dice.one(
                ("0610", "4690", "4710", "0510", "C3011", "7620", "76", "99", "9910", "3", "E4790", "A0512"), null=0.15,
            ),
            voltage_v=dice.one((10000, 10000, 10000, 380, 999, 1000), null=0.1),
            contract_capacity_kva=dice.one(
                (99.9, 100.0, 100.5, 160.0, 160.5, 315.0, 500.0, 630.0, 3199.9, 3200.0, 29.5, 30.0), null=0.1,
            ),
            operating_capacity_kva=dice.one((100.0, 315.0, 500.0), null=0.4),
            direct_motor_kva=dice.one((0.0, 50.0, 0.5), null=0.8), payment_mode=dice.one(
                ("postpaid", "prepaid", "installment"), null=0.4,
            ),
            opened_on=dice.day(self.as_of, (-4000, -4000, -61), null=0.2),
            closed_on=dice.day(self.as_of, (0, 10), null=0.95),
        )  # fmt: skip
        self.units(row)
        points = [self.point(row, n) for n in range(dice.one((1, 1, 1, 2, 3)))]
        self.orders(row)
        self.period_bills(row, points)
        self.daily(row, points)
        return row

    def units(self, customer: Row) -> None:
        dice = self.dice
        before, after = self.p0 - timedelta(days=1), add_months(self.p0, 1)
        last = after - timedelta(days=1)
        states = dice.one(
            (
                ("running", "running", "hot_standby"), ("suspended", "suspended", "cold_standby", "removed"),
                ("running", "suspended"), ("running", "suspended", "cold_standby", "removed", "hot_standby"),
            )
        )  # fmt: skip
        for _ in range(dice.one((0, 1, 1, 2, 2, 3))):
            unit = self.add(
                "customer_transformer", transformer_id=self.next_id("T"), customer_id=customer["customer_id"],
                capacity_kva=dice.one((100.0, 315.0, 400.0, 50.5, 0.0)), status=dice.one(states),
                installed_on=dice.one((self.p0, self.p0 - timedelta(days=1), date(2010, 1, 1), None, None)),
                interlock_group=dice.one(("G", "G", "H"), null=0.6),
            )  # fmt: skip
            if dice.chance(0.2):
                self.add(
                    "transformer_status", transformer_id=unit["transformer_id"],
                    from_on=dice.one((self.p0, before, last, after, date(2020, 1, 1))),
                    until_on=dice.one((None, None, last, after, self.p0, before)),
                    status=dice.one(("running", "suspended", "hot_standby", "cold_standby")),
                )  # fmt: skip

    def point(self, customer: Row, n: int) -> Row:
        dice = self.dice
        customer_id = customer["customer_id"]
        return self.add(
            "metering_point", point_id=f"{customer_id}-P{n}", customer_id=customer_id,
            purpose=dice.one(("settlement",) * 9 + ("generation",)),
            status=dice.one(("active",) * 7 + ("closed",), null=0.3),
            allocation=dice.one(("metered", "ratio"), null=0.8),
            parent_point_id=f"{customer_id}-P0" if n and dice.chance(0.4) else None,
            tariff_code=dice.one(self.codes, null=0.1), pf_standard=dice.one((0.9, 0.85, 0.8, 0.95), null=0.15),
            basic_charge_mode=dice.one(
                ("capacity",) * 5 + ("none", "actual_demand", "contract_demand", "contract_demand"), null=0.1,
            ),
            contract_demand_kw=dice.one((100.0, 200.0), null=0.15), multiplier=dice.one((1.0, 10.0), null=0.1),
            demand_group=dice.one(("D1", "D1", "D2"), null=0.6),
        )  # fmt: skip

    def orders(self, customer: Row) -> None:
        """Suspensions of about the days of a limit, in one or two spans, resumed or not, around the new year and P0."""
        dice = self.dice
        first = self.p0 - timedelta(days=1)
        for _ in range(dice.one((0, 0, 1, 1, 2, 3))):
            anchor = dice.one(
                (
                    self.as_of, self.as_of - timedelta(days=dice.one((5, 15, 29, 30, 183, 184, 185, 364, 365, 366))),
                    date(self.p0.year, 1, 1), date(self.p0.year - 1, dice.one((1, 3, 6)), 1), self.p0, first,
                )
            )  # fmt: skip
            start = None if dice.chance(0.06) else anchor + timedelta(days=dice.one((-1, 0, 0, 1)))
            length = dice.one((1, 13, 14, 15, 16, 30, 90, 92, 94, 182, 183, 184, 185, 186, 250))
            end = None if start is None or dice.chance(0.25) else start + timedelta(days=length - 1)
            if start is not None and dice.chance(0.1):
                end = dice.one((self.p0, first, add_months(self.p0, 1)))
            self.order(customer, dice.one(("suspend", "suspend", "suspend", "reduce_capacity")), start, end)
            if start is not None and dice.chance(0.35):
                back = start + timedelta(days=dice.one((0, 1, 14, 15, 16, length - 1, length, 184, 185)))
                self.order(customer, "resume", back, None)
        if dice.chance(0.1):
            kind = dice.one(("increase_capacity", "close_account", "new_hv", "resume_capacity", "change_class"))
            self.order(customer, kind, dice.one((None, self.p0, first, self.as_of)), None)

    def order(self, customer: Row, kind: str, start: date | None, end: date | None) -> None:
        dice = self.dice
        applied = self.as_of if start is None else start + timedelta(days=dice.one((-300, -5, -1, 0, 0, 1, 3)))
        if applied > self.as_of and dice.chance(0.8):
            applied = self.as_of
        self.add(
            "service_order", order_id=self.next_id("O"), customer_id=customer["customer_id"], kind=kind,
            applied_at=self.on(applied), effective_from=start, effective_to=end,
            status=dice.one(("archived", "archived", "archived", "archived", "open", "cancelled"), null=0.06),
            capacity_before_kva=dice.one((100.0, 315.0, 500.0), null=0.15), capacity_after_kva=0.0,
        )  # fmt: skip

    def period_bills(self, customer: Row, points: list[Row]) -> None:
        dice = self.dice
        periods = {self.p0, *(add_months(self.p0, -n) for n in range(-1, 24) if dice.chance(0.35))}
        units = self.tables["customer_transformer"]
        running = sum(
            t["capacity_kva"] for t in units if t["customer_id"] == customer["customer_id"] and t["status"] == "running"
        )
        contract = customer["contract_capacity_kva"] or 315.0
        for period in sorted(periods):
            whole = dice.one((contract, contract, running, running, running * 0.99, 0.0)) + dice.one(
                (0.0, 0.0, -0.5, -0.51, -0.49, -1.0, -1.01, -100.0)
            )
            for n, point in enumerate(points):
                if not dice.chance(0.85):
                    continue
                demand = dice.one(
                    ("100.00", "200.00", "98.99", "99.00", "0.00", "120.00", "110.00", "109.00"), null=0.15
                )
                price = dice.one(("38", "40", "34.2", "36", "37.62", "37.61", "38.38", "38.39"))
                self.add(
                    "bill", bill_id=self.next_id("B"), customer_id=customer["customer_id"], point_id=point["point_id"],
                    period=period, kind=dice.one(("normal", "part", "supplementary", "reversal"), null=0.6),
                    billed_capacity_kva=None if dice.chance(0.12) else Decimal(f"{whole if n == 0 else 0.0:.2f}"),
                    billed_demand_kw=money(demand), billed_kwh=self.kwh(contract),
                    basic_yuan=None if demand is None or dice.chance(0.1) else
                    (Decimal(demand) * Decimal(price)).quantize(Decimal("0.01")),
                    total_yuan=money(dice.one(("100.00", "-100.00"), null=0.1)),
                    issued_on=min(
                        add_months(period, 1) + timedelta(days=2), self.as_of + timedelta(days=dice.one((0, 1))),
                    ),
                )  # fmt: skip

    def kwh(self, contract: float) -> Decimal | None:
        dice = self.dice
        each = dice.one((260.0, 259.99, 100.0, 99.9, 0.0, 300.0))
        return None if dice.chance(0.1) else Decimal(f"{each * contract:.2f}")

    def daily(self, customer: Row, points: list[Row]) -> None:
        """Thirty days and more of which a few are used; energies near the limits of a day and of the sum."""
        dice = self.dice
        units = [t for t in self.tables["customer_transformer"] if t["customer_id"] == customer["customer_id"]]
        running = sum(t["capacity_kva"] for t in units if t["status"] in {"running", "hot_standby"})
        running += customer["direct_motor_kva"] or 0.0
        stopped = [t for t in units if t["status"] in {"suspended", "cold_standby"}]
        if not stopped and customer["status"] != "suspended" and dice.chance(0.9):
            self.demands(customer, points)
            return
        share, used = dice.one((0.03, 0.1, 0.5)), dice.one((10.0, 10.01, 15.0, 1.0, 1.01, 40.0))
        peak = running * dice.one((1.1, 1.1, 1.2, 1.0)) + dice.one((0.0, 0.1, -0.1))
        for point in points:
            for back in range(-1, 33):
                day = self.as_of - timedelta(days=back)
                busy = dice.chance(share)
                if dice.chance(0.9):
                    energy = used if busy else dice.one((0.0, 0.5, 1.0))
                    self.add(
                        "daily_energy", point_id=point["point_id"], day=day,
                        energy_kwh=None if dice.chance(0.08) else energy,
                    )  # fmt: skip
                if dice.chance(0.9):
                    self.add(
                        "daily_electrical", point_id=point["point_id"], day=day,
                        max_demand_kw=None if dice.chance(0.08) else round(peak if busy else running * 0.5, 4),
                        power_factor=dice.one((0.95, 0.8, 0.7, 1.0), null=0.2),
                    )  # fmt: skip

    def demands(self, customer: Row, points: list[Row]) -> None:
        """Demands near those billed and agreed of a demand customer, near the capacity of others."""
        dice = self.dice
        agreed = any(p["basic_charge_mode"] in {"actual_demand", "contract_demand"} for p in points)
        limit = (customer["operating_capacity_kva"] or customer["contract_capacity_kva"] or 100.0) * 0.9
        whole = dice.one((1.1, 1.2, 1.0)) * limit + dice.one((0.0, 0.0, 0.01, 1.0, -0.01))
        by_register, gaps = dice.chance(0.5), dice.one((0, 4, 5, 6, 7))
        for n, point in enumerate(points):
            kw = whole if n == 0 else 0.0
            if agreed:
                kw = dice.one((100.0, 101.0, 101.01, 105.0, 105.01, 110.0, 200.0, 202.02, 202.03, 210.0, 215.0))
            if by_register:
                for period in (self.p0, add_months(self.p0, -1)):
                    quantity = None if dice.chance(0.2) else Decimal(f"{kw:.2f}")
                    if dice.chance(0.85):
                        self.add(
                            "reading", point_id=point["point_id"], period=period, quantity=quantity,
                            register=dice.one(("demand", "demand", "demand", "total")),
                            multiplier=dice.one((1.0, 10.0), null=0.2),
                            current_index=dice.one((Decimal("12.00"), Decimal("34.65")), null=0.2),
                        )  # fmt: skip
            if not by_register or (agreed and dice.chance(0.3)):
                day, peaks, left = self.p0, dice.one((2, 3, 4)), gaps
                while day <= self.as_of:
                    if left and dice.chance(0.5):
                        left -= 1
                    else:
                        peaks, busy = (peaks - 1, True) if peaks and dice.chance(0.2) else (peaks, False)
                        self.add(
                            "daily_electrical", point_id=point["point_id"], day=day,
                            max_demand_kw=None if dice.chance(0.01) else kw if busy else kw / 2,
                            power_factor=dice.one((0.9, 0.9, 0.8, 0.7, 1.0), null=0.4),
                        )  # fmt: skip
                    day += timedelta(days=1)

    def late_payments(self, customer: Row) -> None:
        dice = self.dice
        customer_id = customer["customer_id"] if dice.chance(0.97) else "GONE"
        for _ in range(dice.one((0, 1, 2, 3))):
            due = self.day(-93, -91, -60, -30, -10, -4, -3, -300, -600, -700, null=0.05)
            total = dice.one(("100.00", "500.00", "1000.00", "33.33", "-100.00"), null=0.04)
            bill_id, point_id = self.next_id("L"), self.next_id("Q")
            period = add_months((due or self.as_of).replace(day=1), dice.one((-1, -1, -1, 0, 1, -12)))
            for kind in ("normal", "reversal"):
                if kind == "normal" or dice.chance(0.12):
                    self.add(
                        "bill", bill_id=bill_id if kind == "normal" else f"{bill_id}-R", customer_id=customer_id,
                        point_id=point_id, period=period, due_on=due,
                        kind=kind if kind == "reversal" else dice.one(("normal", "part", "supplementary"), null=0.5),
                        total_yuan=None if total is None else Decimal(total) * (1 if kind == "normal" else -1),
                        issued_on=self.day(-700, -95, 0, null=0.03) if dice.chance(0.2) else date(2023, 1, 1),
                    )  # fmt: skip
            if total is None:
                continue
            parts = dice.one(((1,), (1,), (1,), (2, 2), (4, 4, 2)))
            for n, part in enumerate(parts):
                received = self.day(-91, -90, -89, -60, -30, -1, 0) if due is None or dice.chance(0.5) else None
                if received is None and due is not None:
                    received = due + timedelta(days=dice.one((-1, 0, 1, 3, 4, 5, 30, 90)))
                assert received is not None
                yuan = (Decimal(total) / part).quantize(Decimal("0.01")) + Decimal(
                    dice.one(("0", "0", "0", "-0.01", "-0.02"))
                )
                self.add(
                    "payment", payment_id=f"{bill_id}-{n}", customer_id=customer_id, bill_id=bill_id, yuan=yuan,
                    received_at=self.on(received), penalty_yuan=self.penalty(yuan, due, received),
                    reversed_at=dice.moment(self.as_of, (-1, 0, 0, 1), null=0.92),
                )  # fmt: skip

    def penalty(self, yuan: Decimal, due: date | None, received: date) -> Decimal | None:
        """What may be due, or about a tenth or a yuan beside it."""
        dice = self.dice
        if due is None or dice.chance(0.3):
            return money(dice.one(("0.00", "5.00"), null=0.6))
        right = yuan * max(0, (received - due).days) * Decimal(dice.one(("0.001", "0.002", "0.002", "0.003")))
        beside = right * Decimal(dice.one(("1", "1", "1.1", "0.9", "1.11"))) + Decimal(
            dice.one(("0", "0", "1", "-1", "1.01"))
        )
        return beside.quantize(Decimal("0.01"))

    def refunds(self, customer_id: str) -> None:
        dice = self.dice
        start = self.day(-366, -365, -364, -200, -40, -30, -29, -1)
        assert start is not None
        clerks = [f"E{dice.number(0, 13):02d}" for _ in range(2)]
        limit = dice.one((1000, 1000, 10000, 100000))
        for _ in range(dice.one((1, 2, 2, 3, 4))):
            share = dice.one(("1", "1", "0.5", "0.51", "0.6", "0.75", "0.2", "1.001", "0.501", "0.667"))
            yuan = -limit * Decimal(share) + Decimal(dice.one(("0.00", "0.00", "0.01", "-0.01")))
            requested = start + timedelta(days=dice.one((0, 0, 1, 15, 28, 29, 29, 30, 31, 60)))
            self.adjustment(customer_id, dice.one((clerks[0],) * 4 + (clerks[1],), null=0.05), yuan, requested)

    def adjustment(
        self, customer_id: str, clerk: str | None, yuan: Decimal, requested: date, by: str | None = None
    ) -> None:
        dice = self.dice
        self.add(
            "adjustment", adjustment_id=self.next_id("A"), customer_id=customer_id, requested_by=clerk,
            yuan=dice.one((yuan, yuan, yuan, yuan, yuan, yuan, -yuan), null=0.04),
            reason=dice.one(REASONS * 3 + ("policy",), null=0.05),
            requested_at=None if dice.chance(0.02) else self.on(requested),
            approved_by=by or dice.one(tuple(f"E{n:02d}" for n in range(6)), null=0.1),
            approved_at=dice.moment(self.as_of, (-366, -365, -30, -1, 0), null=0.1),
        )  # fmt: skip

    def clerks(self) -> None:
        """One clerk with many refunds, others with few; mostly one approver, mostly one customer, or neither."""
        dice = self.dice
        clerk = dice.one((*(f"E{n:02d}" for n in range(14)), "GONE"))
        approver = dice.one(("E00", "E07", "E13", clerk))
        same, one = dice.one((0.5, 0.9, 0.95, 1.0)), dice.one((0.05, 0.3, 0.35))
        for n in range(dice.one((9, 11, 12, 14, 22, 24, 26, 30))):
            self.adjustment(
                "Z0" if dice.chance(one) else f"Z{n + 1}", clerk, Decimal(dice.one(("-10.00", "-20.00", "-10.01"))),
                self.as_of - timedelta(days=dice.number(1, 364)), approver if dice.chance(same) else None,
            )  # fmt: skip
        for n in range(14):
            for _ in range(dice.one((0, 1, 2, 3, 3))):
                other = f"E{n:02d}"
                if other != clerk:
                    self.adjustment(f"Y{n}", other, Decimal("-5.00"), self.as_of - timedelta(days=dice.number(1, 200)))


def random_charges(seed: int) -> World:
    """The data set of a seed."""
    return Charges(seed).build()
