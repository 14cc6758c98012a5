"""Small random data sets, seeded: values on and around every threshold of CF001 to CF015 and of the four models."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.rules.oracle.persons import gb11643_digit, gb32100_character
from tests.rules.oracle.terms import World, add_months, capacity

Row = dict[str, Any]
Tables = dict[str, list[Row]]

AS_OF = (
    date(2026, 10, 15), date(2026, 10, 9), date(2026, 10, 10), date(2026, 4, 30), date(2026, 3, 1),
    date(2024, 2, 29), date(2025, 2, 28), date(2025, 12, 31), date(2026, 1, 5),
)  # fmt: skip

CLASSES = (
    "residential", "large_industrial", "general_industrial_commercial", "agricultural", "non_residential_other",
    "street_lighting", "ev_charging", "resale",
)  # fmt: skip
VOLTAGES = (220, 380, 999, 1000, 6000, 10000, 10000, 10000, 20000, 35000, 66000, 110000, 220000, None)
KVA = (
    None, -5.0, 0.0, 5.0, 8.0, 15.5, 16.0, 16.5, 29.5, 30.0, 50.0, 249.5, 250.0, 250.5, 315.0, 400.0, 500.0, 505.0,
    505.5, 630.0, 1000.0, 1010.0, 1010.5, 2999.5, 3000.0, 7999.5, 8000.0, 40000.0, 40000.5, 49999.5, 50000.0, 60000.0,
    60000.5, 200000.0, 200000.5,
)  # fmt: skip
DIVISIONS = (
    "01", "05", "06", "12", "13", "14", "49", "50", "52", "53", "60", "61", "62", "63", "65", "66", "75", "76", "77",
    "78", "79", "83", "84", "85", "86", "98", "99", "00",
)  # fmt: skip
ORDER_KINDS = (
    "new_lv_residential", "new_lv_other", "new_hv", "increase_capacity", "reduce_capacity", "resume_capacity",
    "suspend", "resume", "temporary", "change_voltage", "close_account", "change_class", "meter_fault",
)  # fmt: skip
NAMES = (
    "张三", "张 三", "张·三", "（张三）", "ＡＢＣ公司", "abc公司", "ABC 公司", "李四", "王五", "赵六", "孙七", "--",
    "ｶﾞ", "ガ", "①", "1", None,
)  # fmt: skip
STREETS = (
    "幸福路１号", "幸福路1号", "幸福路 1号", "幸福路2号", "幸福路3号", "幸福路4号", "幸福路5号", "幸福路6号", "Ａ栋",
    "a栋", "和平里9号院1-101", "和平里9号院1101", "。", None,
)  # fmt: skip
PHONES = (
    None, "13912345678", "139 1234 5678", "+8613912345678", "+86 139-1234-5678", "8613912345678", "12912345678",
    "13000000000", "19912345678", "10012345678", "1391234567", "139123456789", "6512345", "65123456", "651234567",
    "0106512345", "010-65123456", "0755-65123456", "07556512345", "075565123456", "0755651234567", "11111111",
    "1111111", "00000000000", "abc", "138****1234", "１３９１２３４５６７８", "65123456 13912345678", "95598", "0",
    "10-65123456", "01065123", "0000000", "6512345转8", "139+8612345678", "13912345678,", "(0755)6512345",
    "＋８６139-1234-5678",
)  # fmt: skip
MODELS = (
    None, "S11-400/10", "S11-M400/10", "S11-M-400/10", "S11-M.RL-400/10", "S11M-315/10", "SCB10-500/10", "S11-401/10",
    "S11-401.5/10", "S9-630/10", "S11", "S11-400", "S11/10-400", "400/10", "SZ11-8000/35", "S11-/10", "-400/10",
    "S11-400/10-0.4",
    "S11-4M00/10", "S11-M·400/10", "X-250/10", "S11-400/10/0.4", "S9-M", "S11-１００/10", "S11- 400/10", "S11-400 /10",
)  # fmt: skip


class Dice:
    """One seeded source of choices."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def one(self, values: Sequence[Any], *, null: float = 0.0) -> Any:
        """One of the values; with the probability `null` none."""
        return None if self.chance(null) else self.random.choice(values)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def day(self, as_of: date, offsets: Sequence[int], *, null: float = 0.0) -> date | None:
        """A day at one of the offsets from as_of, or one day beside it."""
        return None if self.chance(null) else as_of + timedelta(days=self.one(offsets) + self.one((-1, 0, 0, 1)))

    def moment(self, as_of: date, offsets: Sequence[int], *, null: float = 0.0) -> datetime | None:
        """A timestamp on such a day: its first or last second, or noon."""
        day = self.day(as_of, offsets, null=null)
        at = self.one((time(0, 0), time(12, 0), time(23, 59, 59)))
        return None if day is None else datetime.combine(day, at)

    def kwh(self) -> Decimal | None:
        text = self.one(("0.00", "-10.00", "0.01", "100.00", "250.55"), null=0.15)
        return None if text is None else Decimal(text)


def person_id(dice: Dice) -> str:
    """An identity number: right, wrong by one character, of another kind, or spoilt."""
    born = dice.one(("19800229", "19810229", "19991231", "20001301", "19700101", "20240230", "00000101", "19000229"))
    first = f"{dice.one(('110101', '440305'))}{born}{dice.number(0, 3):03d}"
    right = first + gb11643_digit(first)
    credit = f"9{dice.one('1235Y')}{dice.one(('440300', '110000'))}MA5{dice.one('DEFGH')}{dice.number(10000, 10003)}"
    credit = (credit + "0" * 17)[:17]
    credit_right = credit + str(gb32100_character(credit))
    values = [
        right, right, right, right[:17] + dice.one("0123456789Xx"), right.lower(), f"{right[:6]} {right[6:]}",
        f"{right[:6]}\u3000{right[6:]}", "".join(chr(ord(c) + 0xFEE0) for c in right), right[:15], right[:17],
        right[:6] + "********" + right[14:], right[:10] + "＊" * 4 + right[14:], credit_right, credit_right,
        credit + dice.one("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ"), credit_right.lower(),
        credit_right[:9] + "I" + credit_right[10:],
        credit_right[:17], "12345", "X" * 18, "0" * 18, right[:16] + "X" + right[17], "护照" + right[:16],
    ]  # fmt: skip
    return str(dice.one(values))


class City:
    """The data set under construction."""

    def __init__(self, seed: int) -> None:
        self.dice = Dice(seed)
        dice = self.dice
        self.as_of: date = dice.one(AS_OF)
        self.settle_day: int = dice.one((10, 10, 1, 28))
        self.focus = dice.one(("mixed", "mixed", "low", "high"))
        self.p0 = World({}, self.as_of, self.settle_day).p0
        self.far = dice.one((0.03, 0.1, 0.2, 0.4))
        self.feeders = [f"F{n}" for n in range(1, 4)]
        self.areas = [f"A{n}" for n in range(1, dice.one((2, 2, 3, 5, 8)))]
        self.tables: Tables = {
            name: []
            for name in (
                "organization", "feeder", "area", "pms_area", "customer", "power_source", "customer_transformer",
                "metering_point", "area_membership", "meter", "reading", "daily_energy", "daily_electrical", "tariff",
                "transformer_loss", "bill", "payment", "service_order",
            )
        }  # fmt: skip
        self.numbers = [person_id(dice) for _ in range(dice.number(1, 6))]
        self.days = sorted(
            {
                add_months(self.p0, -back).replace(day=1) + timedelta(days=off)
                for back in (0, 1)
                for off in (-1, 0, 13, 14)
            }
            | {self.as_of, self.as_of - timedelta(days=1)}
        )

    def add(self, table: str, **row: Any) -> Row:
        self.tables[table].append(row)
        return row

    def build(self) -> World:
        dice = self.dice
        self.grid()
        for index in range(dice.number(10, 60)):
            self.customer(f"C{index:03d}")
        if dice.chance(0.6):
            self.village()
        self.energies()
        shared = [{"phone": dice.one(PHONES[1:])}] if dice.chance(0.3) else []
        return World(self.tables, self.as_of, self.settle_day, {}, {"shared_phones": shared})

    def grid(self) -> None:
        dice = self.dice
        self.add("organization", org_id="S1", name="所", level="station")
        for feeder in self.feeders:
            self.add("feeder", feeder_id=feeder, voltage_v=10000, org_id="S1")
            for n in range(dice.number(0, 2)):
                self.point(f"{feeder}-{n}", None, purpose="feeder_supply", feeder_id=feeder)
        deliver_pms = dice.chance(0.85)
        for area in self.areas:
            kva = dice.one((None, 200.0, 315.0, 400.0))
            wrong = dice.chance(0.1)
            master = f"{area}-M" if dice.chance(0.85) else None
            self.add(
                "area", area_id=area, org_id="S1", feeder_id=dice.one(self.feeders, null=0.15), capacity_kva=kva,
                master_point_id=master, longitude=None if dice.chance(0.1) else 200.0 if wrong else 113.0,
                latitude=None if dice.chance(0.1) else 0.0 if wrong else 23.0,
            )  # fmt: skip
            if master and dice.chance(0.95):
                self.point(master, None, purpose="area_supply", area_id=area)
            if deliver_pms and dice.chance(0.8):
                other = None if kva is None or dice.chance(0.1) else kva + dice.one((0.0, 0.0, 1.0, -1.0, 1.5, -1.5))
                self.add(
                    "pms_area", area_id=area, capacity_kva=other,
                    status=dice.one(("running", "running", "running", "stopped", "removed"), null=0.1),
                )  # fmt: skip
        for code in ("T1", "T2"):
            for offset in {dice.one((-4000, -900)), dice.one((-400, -1, 0, 1)), dice.one((-30, 30))}:
                start = self.as_of + timedelta(days=offset)
                self.add(
                    "tariff", tariff_code=code, effective_from=start,
                    effective_to=None if dice.chance(0.6) else start + timedelta(days=dice.one((0, 29, 30, 31, 3999))),
                    capacity_price=dice.one((Decimal("23.0000"), Decimal("30.1250"), Decimal("27.3333")), null=0.2),
                )  # fmt: skip
        for series in ("S11", "SCB10", "s9", "X"):
            if dice.chance(0.5):
                self.add("transformer_loss", model_series=series, capacity_kva=400.0, monthly_kwh_from=0.0)

    def customer(self, customer_id: str) -> None:
        dice = self.dice
        voltage = dice.one(VOLTAGES)
        if self.focus != "mixed" and dice.chance(0.85):
            voltage = dice.one((220, 380)) if self.focus == "low" else 10000
        high = voltage is not None and voltage >= 1000
        as_of = self.as_of
        opened: date | None = dice.day(as_of, (-4000, -4000, -4000, -4000, -61, -30, 0, 20), null=0.08)
        if dice.chance(0.15):
            opened = add_months(as_of, -2) + timedelta(days=dice.one((-2, -1, 0, 1, 2, 3)))
        status = dice.one(("active",) * 10 + ("suspended", "closed"))
        closed = dice.day(as_of, (-5000, -400, -35, -30, -30, -10, 0, 20), null=0.2 if status == "closed" else 0.93)
        area = dice.one(self.areas)
        row = self.add(
            "customer", customer_id=customer_id, org_id="S1", status=status,
            usage_class="residential" if self.focus == "low" and dice.chance(0.6) else dice.one(CLASSES),
            name=dice.one(NAMES, null=0.03), address=dice.one(STREETS, null=0.03), phone=dice.one(PHONES),
            id_number=None if dice.chance(0.2) else dice.one(self.numbers) if dice.chance(0.6) else person_id(dice),
            industry_code=self.industry(), voltage_v=voltage, contract_capacity_kva=dice.one(KVA, null=0.1),
            operating_capacity_kva=dice.one(KVA, null=0.1), opened_on=opened, closed_on=closed,
            direct_motor_kva=dice.one((0.0, 50.0, 5.0), null=0.7),
            supply_mode=dice.one(("single", "dual_source", "dual_circuit", "multi_source"), null=0.2),
            is_temporary=dice.one((True, False, False), null=0.6), temporary_until=dice.day(as_of, (0, 90), null=0.85),
            **self.place(),
        )  # fmt: skip
        if dice.chance(0.35):
            row["phone"] = "13912345678"
            row["name"] = dice.one(NAMES[:12])
        self.transformers(row, high=high)
        self.points(row, area, high=high)
        self.orders(row)
        for n in range(dice.one((0, 1, 1, 2, 2, 3)) if high else dice.one((0, 0, 0, 1))):
            self.add(
                "power_source", source_id=f"{customer_id}-Q{n}", customer_id=customer_id,
                role=dice.one(("main", "main", "backup", "security"), null=0.1),
                feeder_id=dice.one(self.feeders[:2], null=0.15),
            )  # fmt: skip
        self.bills(row)

    def village(self) -> None:
        """An area of five, or ten or four, customers of which one fifth, or one more, stand far off."""
        dice = self.dice
        east, north = dice.one(((113.0, 23.0), (73.0, 23.0), (136.0, 23.0), (113.0, 3.0), (113.0, 54.0)))
        self.add("area", area_id="AV", org_id="S1", feeder_id="F1", longitude=east, latitude=north)
        count = dice.one((4, 5, 5, 6, 9, 10, 11))
        far = count // 5 + dice.one((0, 0, 0, 1))
        for n in range(count):
            near = {"longitude": east + dice.one((0.0, 0.01, -0.01)), "latitude": north + dice.one((0.0, 0.01, -0.01))}
            off = {"longitude": dice.one((east, 72.99)), "latitude": north + dice.one((0.0271, 0.05, -0.06))}
            customer_id = f"V{n:02d}"
            self.add(
                "customer", customer_id=customer_id, org_id="S1", status="active", usage_class="residential",
                voltage_v=dice.one((220, 380, 220, 1000)) if dice.chance(0.1) else 220, name=f"村民{n}", address="村",
                **(off if n < far else near),
            )  # fmt: skip
            self.point(f"{customer_id}-P0", customer_id, purpose="settlement", area_id="AV", status="active")

    def industry(self) -> str | None:
        dice = self.dice
        code = f"{dice.one(DIVISIONS)}{dice.one(('', '1', '11'))}"
        return (
            str(dice.one((code,) * 8 + (code[:1], f"C{code}", f"C{code}", code[0] + "A", code[0] + "A01")))
            if dice.chance(0.85)
            else None
        )

    def place(self) -> Row:
        """Beside the areas, which stand at 113 E, 23 N; with the data set's share of far, invalid and unknown ones."""
        dice = self.dice
        if dice.chance(0.06):
            return {"longitude": dice.one((113.0, None)), "latitude": None}
        if not dice.chance(self.far):
            step = dice.one((0.0, 0.01, 0.02, 0.0269))
            return {"longitude": 113.0 + dice.one((0.0, 0.0, 0.01)), "latitude": 23.0 + step}
        if dice.chance(0.5):
            return {"longitude": 113.0, "latitude": 23.0 + dice.one((0.0271, 0.03, 0.05, -0.03))}
        if dice.chance(0.3):  # at an area whose own coordinate is invalid: near and yet invalid
            return {"longitude": 200.0, "latitude": 0.0}
        longitude = dice.one((72.99, 73.0, 136.0, 136.01, 113.0))
        return {"longitude": longitude, "latitude": dice.one((23.0, 2.99, 3.0, 54.0, 54.01))}

    def transformers(self, customer: Row, *, high: bool) -> None:
        dice = self.dice
        count = dice.one((0, 1, 1, 2, 2, 3)) if high else dice.one((0, 0, 0, 0, 1))
        rows = []
        for n in range(count):
            rows.append(
                self.add(
                    "customer_transformer", transformer_id=f"{customer['customer_id']}-T{n}",
                    customer_id=customer["customer_id"], model=dice.one(MODELS[:14] if dice.chance(0.7) else MODELS),
                    capacity_kva=dice.one((400.0, 400.0, 315.0, 500.0, 630.0, 100.0, 0.0, 401.0, 401.5)),
                    status=dice.one(("running",) * 5 + ("hot_standby", "cold_standby", "suspended", "removed")),
                    installed_on=dice.day(self.as_of, (-900, 0, 1), null=0.4),
                    removed_on=dice.day(self.as_of, (-900, -1, 0, 1), null=0.85),
                    no_load_loss_kw=dice.one((0.6, 0.6, 0.0, -0.1), null=0.2),
                    load_loss_kw=dice.one((4.3, 4.3, 0.0, -1.0), null=0.2),
                    interlock_group=dice.one(("G1", "G1", "G2"), null=0.6),
                )
            )  # fmt: skip
        bounds = {220: (16.0,), 380: (250.0,), 10000: (30.0, 40000.0), 35000: (3000.0, 60000.0), 220000: (50000.0,)}
        if customer["voltage_v"] in bounds and dice.chance(0.2):
            customer["contract_capacity_kva"] = dice.one(bounds[customer["voltage_v"]])
        elif rows and dice.chance(0.7):  # capacities near the sums
            world = World(self.tables, self.as_of, self.settle_day)
            total = self.near_sum(world, rows, customer)
            customer["contract_capacity_kva"] = total + dice.one((0.0, 0.0, 5.0, -5.0, 5.5, -5.5, 10.0, 0.5, 100.0))
            running = [t for t in rows if t["status"] in {"running", "hot_standby"}]
            total = self.near_sum(world, running, customer)
            customer["operating_capacity_kva"] = total + dice.one((0.0, 0.0, 5.0, -5.0, 5.5, -5.5, -10.0, 100.0))
            if dice.chance(0.3):
                customer["operating_capacity_kva"] = customer["contract_capacity_kva"]
            elif dice.chance(0.3):  # the contract's error, or nearly
                error = customer["contract_capacity_kva"] - self.near_sum(world, rows, customer)
                customer["operating_capacity_kva"] = round(total + error + dice.one((0.01, 0.009, -0.01)), 4)

    @staticmethod
    def near_sum(world: World, rows: Sequence[Row], customer: Row) -> float:
        return float(capacity([row for row in rows if row["status"] != "removed"], customer))

    def point(self, point_id: str, customer_id: str | None, **columns: Any) -> Row:
        return self.add(
            "metering_point", point_id=point_id, customer_id=customer_id,
            **{"status": self.dice.one(("active", "active", "closed"), null=0.3), **columns},
        )  # fmt: skip

    def points(self, customer: Row, area: str, *, high: bool) -> None:
        dice = self.dice
        customer_id = customer["customer_id"]
        previous = None
        for n in range(dice.one((0, 1, 1, 1, 1, 1, 2, 2, 3))):
            row = self.point(
                f"{customer_id}-P{n}", customer_id,
                purpose=dice.one(("settlement",) * 14 + ("generation",) * 2 + ("area_supply",)),
                area_id=dice.one((area, area, area, dice.one(self.areas)), null=0.4 if high else 0.08),
                feeder_id=dice.one(self.feeders, null=0.4 if high else 0.9),
                parent_point_id=previous if dice.chance(0.15) else None,
                mode=dice.one(("hv_supply_hv_metering", "hv_supply_lv_metering", "lv_supply_lv_metering"), null=0.1),
                allocation=dice.one(("metered", "ratio", "quantity"), null=0.7),
                tariff_code=dice.one(("T1", "T2", "T9"), null=0.1),
                basic_charge_mode=dice.one(("capacity", "capacity", "none", "actual_demand"), null=0.2),
                status=dice.one(("active",) * 6 + ("closed",), null=0.25),
            )  # fmt: skip
            previous = row["point_id"]
            if dice.chance(0.8):
                self.add(
                    "meter", meter_id=f"{row['point_id']}-E", point_id=row["point_id"],
                    status=dice.one(("installed", "installed", "removed", "faulty", "scrapped"), null=0.1),
                    removed_on=dice.day(self.as_of, (-100, 0), null=0.7),
                )  # fmt: skip
            if dice.chance(0.25):
                cut = dice.one(self.days)
                for start, end in ((date(2010, 1, 1), cut - timedelta(days=1)), (cut, None)):
                    if dice.chance(0.7):
                        self.add(
                            "area_membership", point_id=row["point_id"], area_id=dice.one(self.areas), from_on=start,
                            until_on=end,
                        )  # fmt: skip

    def orders(self, customer: Row) -> None:
        dice = self.dice
        bare = not any(p["customer_id"] == customer["customer_id"] for p in self.tables["metering_point"])
        kinds = ("new_lv_residential", "new_lv_other", "new_hv", "temporary", "close_account")
        for n in range(dice.one((0, 1) if bare else (0, 0, 0, 0, 1, 2))):
            self.add(
                "service_order", order_id=f"{customer['customer_id']}-O{n}", customer_id=customer["customer_id"],
                kind=dice.one(kinds if bare else ORDER_KINDS),
                applied_at=dice.moment(self.as_of, (-200, -40, -1, 0, 0, 1)),
                status=dice.one(("open", "open", "archived", "archived", "cancelled"), null=0.1),
                effective_from=dice.day(self.as_of, (-35, -36, 35, 36, 0, -300), null=0.4),
                effective_to=dice.day(self.as_of, (-35, -36, 35, 36, 0, 300), null=0.4),
                archived_at=dice.moment(self.as_of, (-36, -35, -34, -1, 0, 1), null=0.3),
            )  # fmt: skip

    def bills(self, customer: Row) -> None:
        dice = self.dice
        points = [p for p in self.tables["metering_point"] if p["customer_id"] == customer["customer_id"]]
        number = 0
        for point in points:
            for back in (-1, 0, 1, 10, 11, 12):
                period = add_months(self.p0, -back)
                for _ in range(dice.one((0, 0, 1, 1, 2))):
                    bill_id = f"{customer['customer_id']}-B{number}"
                    number += 1
                    total = dice.one(("100.00", "0.01", "0.02", "0.00", "-100.00", "33.33"), null=0.1)
                    self.add(
                        "bill", bill_id=bill_id, customer_id=customer["customer_id"], point_id=point["point_id"],
                        period=period,
                        kind=dice.one(("normal", "normal", "part", "supplementary", "reversal"), null=0.2),
                        billed_kwh=dice.kwh(), total_yuan=None if total is None else Decimal(total),
                        issued_on=dice.day(self.as_of, (-400, -60, -1, 0, 1), null=0.1),
                        due_on=dice.day(self.as_of, (-366, -365, -181, -180, -91, -90, -31, -30, -1, 0, 10), null=0.1),
                    )  # fmt: skip
                    for n in range(dice.one((0, 0, 1, 2))):
                        self.add(
                            "payment", payment_id=f"{bill_id}-{n}", customer_id=customer["customer_id"],
                            bill_id=bill_id if dice.chance(0.9) else None,
                            yuan=Decimal(dice.one(("100.00", "99.99", "0.01", "50.00", "-50.00"))),
                            received_at=dice.moment(self.as_of, (-40, -1, 0, 0, 1)),
                            reversed_at=dice.moment(self.as_of, (-1, 0, 0, 1), null=0.8),
                        )  # fmt: skip
                if dice.chance(0.4):
                    self.add(
                        "reading", point_id=point["point_id"], period=period,
                        register="demand" if dice.chance(0.8) else "total",
                        quantity=dice.one((Decimal("0.00"), Decimal("120.50"), Decimal("80.00")), null=0.2),
                        read_at=dice.moment(self.as_of, (-60, -1, 0, 1), null=0.2),
                    )  # fmt: skip

    def energies(self) -> None:
        dice = self.dice
        for point in self.tables["metering_point"]:
            if dice.chance(0.15):
                continue
            for day in self.days:
                if dice.chance(0.8):
                    self.add(
                        "daily_energy", point_id=point["point_id"], day=day,
                        energy_kwh=dice.one((0.0, 10.0, 25.5, 30.0, 1000.0, -1.0), null=0.12),
                        reverse_kwh=dice.one((0.0, 5.0), null=0.6),
                    )  # fmt: skip
                if dice.chance(0.2):
                    self.add(
                        "daily_electrical", point_id=point["point_id"], day=day,
                        max_demand_kw=dice.one((0.0, 60.25, 140.0), null=0.2),
                    )  # fmt: skip


def random_world(seed: int) -> World:
    """The data set of a seed."""
    return City(seed).build()
