"""Random customers with bills that use every feature of the contract, each from its own seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.billing.random_prices import ORGS, Tables

AS_OF = date(2026, 10, 15)
PERIODS = (date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1))
P0 = PERIODS[-1]
_BANDS = ("tip", "peak", "valley", "deep_valley")
_ORDERS = ("change_class", "increase_capacity", "suspend", "resume", "reduce_capacity", "change_demand", "relocate")


def _two(value: float) -> Decimal:
    return Decimal(round(value * 100)) / 100


class _Customer:
    """Rows of one customer, made from one seed."""

    def __init__(self, seed: int, used: Counter[str]) -> None:
        self.random = Random(seed)
        self.name = f"C{seed:07d}"
        self.used = used
        self.rows: Tables = {}
        self.bills = 0

    def add(self, table: str, **columns: Any) -> dict[str, Any]:
        self.rows.setdefault(table, []).append(columns)
        return columns

    def maybe(self, share: float, feature: str) -> bool:
        """Whether a feature is used; counted by name."""
        found = self.random.random() < share
        if found and feature:
            self.used[feature] += 1
        return found

    # -- the parts of a customer -------------------------------------------------------------------------------

    def make(self) -> Tables:
        kind = self.random.choices(["home", "shop", "factory", "odd"], [4, 4, 6, 0.3])[0]
        self.used[f"customer: {kind}"] += 1
        reading_day = self.random.choice([1, 5, 15, 28, 31]) if self.maybe(0.2, "reading day") else None
        opened = date(2015, 3, 1)
        if self.maybe(0.08, "opened in the year"):
            opened = date(2026, 1, 1) + timedelta(days=self.random.randrange(0, 268))
        closed = date(2026, 7, 10) + timedelta(days=self.random.randrange(90)) if self.maybe(0.05, "closed") else None
        self.customer = self.add(
            "customer", customer_id=self.name, org_id=self.random.choice(ORGS), status="active",
            usage_class={"home": "residential", "shop": "general_industrial_commercial"}.get(kind, "large_industrial"),
            voltage_v=10000 if kind == "factory" else 220, reading_day=reading_day,
            opened_on=None if self.maybe(0.05, "") else opened, closed_on=closed,
        )  # fmt: skip
        getattr(self, f"_{kind}")()
        if self.maybe(0.08, "order"):
            day = date(2026, 6, 20) + timedelta(days=self.random.randrange(130))
            self.add(
                "service_order", order_id=f"O{self.name}", customer_id=self.name, kind=self.random.choice(_ORDERS),
                applied_at=datetime(2026, 11, 1) if self.maybe(0.25, "order of later") else datetime(2026, 6, 1),
                status=self.random.choice(["open", "archived", "cancelled", None]),
                effective_from=None if self.maybe(0.2, "") else day, archived_at=datetime(2026, 9, 3, 12),
                effective_to=day + timedelta(days=self.random.randrange(1, 60)) if self.maybe(0.5, "") else None,
            )  # fmt: skip
        return self.rows

    def _home(self) -> None:
        if self.maybe(0.3, "household"):
            self.customer |= {
                "household_size": self.random.randrange(3, 9),
                "household_size_from": date(2026, 8, 1) if self.maybe(0.2, "") else None,
                "household_size_until": date(2026, 8, 31) if self.maybe(0.3, "") else None,
            }
        if self.maybe(0.05, "free allowance"):
            self.customer["free_kwh_per_month"] = Decimal(15)
        cycle = 2 if self.maybe(0.2, "two-month cycle") else self.random.choice([None, 1])
        code = self.random.choice(["RESM", "RESM", "RESY", "RESY", "RESX", "FLAT"])
        self._point("A", code, timed=code == "RESY" and self.maybe(0.5, "home with bands"), cycle=cycle, scale=250)

    def _shop(self) -> None:
        code = self.random.choice(
            ["FLAT", "TOU", "TOU", "MONTHLY", "MONTHLY", "MIDDLE", "MIDDLE", "SHORT", "AGENCY", "AGENCY", "BARE"]
            + (["NOTIP", "GAP", "NOPRICE", "NOWHERE"] if self.maybe(0.2, "") else [])
        )
        self._market(code)
        self._point("A", code, timed=self.maybe(0.6, ""), cycle=2 if self.maybe(0.1, "two-month cycle") else 1,
        scale=4000,
                    line_loss_pct=2.5 if self.maybe(0.05, "line loss") else None)  # fmt: skip
        if self.maybe(0.1, "second point"):
            self._point("B", self.random.choice(["FLAT", "TOU"]), timed=False, cycle=None, scale=800)

    def _market(self, code: str) -> None:
        if code not in {"AGENCY", "AGENCY2"} and not self.maybe(0.05, ""):
            return
        mode = self.random.choice([None, None, "agency", "agency_1_5", "market_retail", "fallback", "catalogue"])
        self.customer["market_mode"] = mode
        if mode is not None:
            self.used[f"market: {mode}"] += 1
        if mode in {"market_retail", "fallback"}:
            for period in PERIODS:
                for band in ("all", "peak", "flat"):
                    if self.maybe(0.9, ""):
                        price = Decimal(self.random.randrange(200000, 700000)).scaleb(-6)
                        self.add("customer_price", customer_id=self.name, period=period, time_band=band, price=price)

    def _odd(self) -> None:
        self._point("A", "FLAT", timed=False, cycle=None, scale=100, purpose="generation")
        self.used["point that does not settle"] += 1
        if self.maybe(0.5, "bill of an unknown point"):
            self._bill(f"{self.name}Z", PERIODS[1], Decimal(100))
        if self.maybe(0.7, "unknown point of several customers"):
            self._bill(f"Z{int(self.name[1:]) // 200}", PERIODS[self.random.randrange(2)], Decimal(100))
        if self.maybe(0.5, "bill of another customer's name"):
            self._point("B", "TOU", timed=True, cycle=None, scale=500, payer=self.random.choice(["C0000000", "NOBODY"]))

    def _factory(self) -> None:
        random = self.random
        kva = [
            random.choice([100.0, 200.0, 315.0, 400.0, 630.0])
            for _ in range(random.choice([0, 1, 1, 1, 1, 1, 2, 2, 3]))
        ]
        self.customer |= {
            "contract_capacity_kva": sum(kva) or (500.0 if self.maybe(0.8, "") else None),
            "operating_capacity_kva": 400.0 if self.maybe(0.7, "") else None,
            "direct_motor_kva": 80.0 if self.maybe(0.2, "direct motors") else None,
        }
        if self.maybe(0.05, "charging station"):
            self.customer["usage_class"] = "ev_charging"
        code = random.choice(
            ["IND", "IND", "IND", "INDC", "INDC", "AGENCY2", "AGENCY2", "TOU"]
            + (["INDN"] if self.maybe(0.2, "") else [])
        )
        self._market(code)
        names = [self._transformer(number, size) for number, size in enumerate(kva)]
        mains = random.choice([1, 1, 1, 2, 3])
        mode = random.choice(["capacity", "contract_demand", "actual_demand", "none", None])
        standard = random.choice([0.9, 0.85, 0.8, *([0.88] if self.maybe(0.05, "") else []), None])
        method = random.choice([None, "none", "formula", "table", "agreed_share", "agreed_kwh"])
        self.used[f"loss: {method}"] += 1
        self.used[f"basic: {mode}"] += 1
        for number in range(mains):
            same = number == 0 or self.maybe(0.6, "")
            self._point(
                "ABC"[number], code if same else random.choice(["IND", "TOU"]), timed=self.maybe(0.7, ""), cycle=None,
                scale=60000,
                mode=random.choice([None, "hv_supply_hv_metering", "hv_supply_lv_metering", "hv_supply_lv_metering"]),
                loss_method=method if same else random.choice([None, "formula", "agreed_share"]),
                loss_value=random.choice([1.5, 300.0, 0.0, *([None] if self.maybe(0.1, "") else [])]),
                line_loss_pct=1.2 if self.maybe(0.1, "line loss") else None,
                transformer_id=random.choice(names) if names and self.maybe(0.3, "named transformer") else None,
                basic_charge_mode=mode if same else None, pf_standard=standard if same else None, reactive=True,
                contract_demand_kw=random.choice([100.0, 150.5, 250.25, *([None] if self.maybe(0.3, "") else [])]),
                demand_group=random.choice([None, None, "D1"]),
                pf_group=random.choice([None, None, "P1"]), children=0.25,
            )  # fmt: skip

    def _transformer(self, number: int, kva: float) -> str:
        name = f"T{number}{self.name}"
        self.used["transformer"] += 1
        figures = self.random.random() < 0.85
        self.add(
            "customer_transformer", transformer_id=name, customer_id=self.name, capacity_kva=kva,
            model=self.random.choice(["S11-400/10", "S9-315", "S9-315/10", "s11-M-200", "S9-100/10", "S13-M-400",
            "SZ9-315/10", None]),
            status=self.random.choice(["running"] * 5 + ["hot_standby", "cold_standby", "suspended", "removed"]),
            installed_on=date(2024, 8, 20) if self.maybe(0.3, "newly installed") else None,
            removed_on=date(2026, 8, 25) if self.maybe(0.05, "removed in a period") else None,
            no_load_loss_kw=0.57 if figures else None, load_loss_kw=4.3 if figures else None,
            no_load_current_pct=1.1 if figures or self.maybe(0.5, "") else None, impedance_pct=4.0 if figures else None,
            interlock_group="I" if self.maybe(0.25, "interlocked") else None,
        )  # fmt: skip
        if self.maybe(0.35, "transformer history"):
            day = date(2026, 6, 1)
            while day < date(2026, 10, 1):
                until = day + timedelta(days=self.random.randrange(5, 70))
                self.add(
                    "transformer_status", transformer_id=name, from_on=day,
                    until_on=None if self.maybe(0.1, "") else until + timedelta(days=self.random.choice([0, 0, 0, 3,
                    -2])),
                    status=self.random.choice(["running", "running", "suspended", "cold_standby", "hot_standby"]),
                )  # fmt: skip
                day = until + timedelta(days=1)
        return name

    # -- points, readings, bills -------------------------------------------------------------------------------

    def _point(
        self, suffix: str, code: str, *, timed: bool, cycle: int | None, scale: float, parent: str | None = None,
        children: float = 0, reactive: bool = False, payer: str | None = None, owner: str | None = None, **columns: Any,
    ) -> None:  # fmt: skip
        name = f"{self.name}{suffix}"
        multiplier = self.random.choice([None, 1.0, 40.0, 120.0, 0.5])
        row = {
            "purpose": "settlement", "status": None if self.maybe(0.1, "") else "active", "tariff_code": code,
            "is_time_of_use": timed or (None if self.maybe(0.3, "") else False), "multiplier": multiplier,
            "reading_cycle_months": cycle, "parent_point_id": parent, **columns,
        }  # fmt: skip
        self.add("metering_point", point_id=name, customer_id=owner or self.name, **row)
        timed = timed or self._history(name, row)
        self.add(
            "meter",
            meter_id=f"M{name}",
            point_id=name,
            status="installed",
            index_digits=self.random.choice([5, 6, None]),
        )
        metered = row.get("allocation") in {None, "metered"}
        for period in PERIODS:
            if cycle == 2 and period.month % 2 == 0:
                continue
            if metered and not self.maybe(0.004, "no reading"):
                kwh = self._readings(name, period, row, timed=timed, reactive=reactive, scale=scale)
            else:
                kwh = Decimal(100)
            if not self.maybe(0.04, "no bill"):
                self._bill(name, period, kwh, payer=payer or owner)
        if code in {"RESY", "RESX"}:
            self._earlier(name, cycle or 1)
        if self.random.random() < children:
            for number in range(self.random.choice([1, 1, 2, 3])):
                self._child(f"{suffix}{number}", name, code, scale)

    def _child(self, suffix: str, parent: str, code: str, scale: float, deeper: float = 0.3) -> None:
        allocation = self.random.choice([None, "metered", "ratio", "quantity"])
        self.used[f"child: {allocation}"] += 1
        owner = f"{self.name}T" if self.maybe(0.15, "child of another customer") else self.name
        if owner != self.name and all(row["customer_id"] != owner for row in self.rows["customer"]):
            self.add("customer", customer_id=owner, org_id=self.random.choice(ORGS), usage_class="large_industrial")
        value = {"ratio": self.random.choice([5.0, 12.5, 30.0]), "quantity": self.random.choice([300.0, 300.0, 5000.0])}
        self._point(
            suffix, self.random.choice([code, "FLAT", "TOU"]), timed=self.maybe(0.4, ""), cycle=None,
            scale=scale * self.random.choice([0.02, 0.05, 0.1, 0.3]), parent=parent, allocation=allocation,
            allocation_value=None if self.maybe(0.04, "allocation without value") else value.get(allocation or ""),
            pf_standard=0.85 if self.maybe(0.2, "child with a standard") else None, owner=owner,
        )  # fmt: skip
        if self.maybe(deeper, f"child of a child: {allocation}"):
            for number in range(self.random.choice([1, 2])):
                self._child(f"{suffix}{number}", f"{self.name}{suffix}", code, scale / 10, deeper / 2)

    def _history(self, name: str, row: dict[str, Any]) -> bool:
        """Give a point a history; whether any of it has time of use."""
        if not self.maybe(0.2, "file history"):
            return False
        day, timed = self.random.choice([date(2015, 1, 1), date(2026, 7, 12)]), False
        while day < date(2026, 10, 1):
            until = max(day, date(2026, 6, 25)) + timedelta(days=self.random.randrange(3, 60))
            old = {key: row.get(key) for key in ("tariff_code", "is_time_of_use", "pf_standard", "basic_charge_mode",
                                                 "contract_demand_kw", "multiplier", "mode", "allocation",
                                                 "allocation_value")}  # fmt: skip
            if self.maybe(0.5, ""):
                old |= {"tariff_code": self.random.choice(["TOU", "FLAT", "MIDDLE", "IND", row["tariff_code"]])}
            if self.maybe(0.3, ""):
                old |= {"is_time_of_use": not row["is_time_of_use"], "multiplier": None}
            if self.maybe(0.2, ""):
                old |= {"pf_standard": 0.9, "contract_demand_kw": 120.0}
            if self.maybe(0.2, ""):
                old |= {"basic_charge_mode": self.random.choice(["capacity", "contract_demand", "actual_demand"])}
            timed = timed or bool(old["is_time_of_use"])
            open_ended = self.maybe(0.1, "")
            self.add("metering_point_history", point_id=name, effective_from=day,
                     effective_to=None if open_ended else until, **old)  # fmt: skip
            day = until + timedelta(days=1 if self.maybe(0.8, "") else 9)
        return timed

    def _readings(
        self, name: str, period: date, row: dict[str, Any], *, timed: bool, reactive: bool, scale: float
    ) -> Decimal:  # fmt: skip
        factor = Decimal(str(row["multiplier"] or 1))
        start = _two(self.random.random() * (99999 if self.maybe(0.02, "") else 9999))
        used = _two(self.random.random() * scale / float(factor))
        if self.maybe(0.03, "roll-over"):
            start, used = Decimal("99950.25"), Decimal("100.50")
            self.rows["meter"][-1]["index_digits"] = 5
        shares = [self.random.random() for _ in range(5)]
        registers = {"total": used}
        self.reading_multiplier = self.random.choice([None, float(factor), 20.0])
        if timed:
            registers |= {
                band: _two(float(used) * share / sum(shares)) for band, share in zip(_BANDS, shares, strict=False)
            }
            if self.maybe(0.03, "bands about the total"):
                registers["peak"] += used - sum(registers[band] for band in _BANDS) + self.random.choice(
                    [Decimal("0.01"), Decimal("0.05"), Decimal("0.06")]
                )  # fmt: skip
            if self.maybe(0.1, "band without a row"):
                del registers[self.random.choice(_BANDS)]
        if reactive and not self.maybe(0.05, "no reactive register"):
            registers["reactive"] = _two(float(used) * self.random.choice([0.1, 0.45, 0.6, 0.9]))
            if self.maybe(0.2, "leading reactive"):
                registers["reactive_lead"] = _two(float(used) * 0.1)
        for register, difference in registers.items():
            self._reading(name, period, register, start, difference, factor)
        if row.get("basic_charge_mode") and not self.maybe(0.05, "no demand register"):
            kw = _two(self.random.random() * 300)
            self.add("reading", point_id=name, period=period, register="demand", current_index=_two(float(kw) / 10),
            multiplier=4.0,
                     quantity=None if self.maybe(0.2, "") else kw)  # fmt: skip
        if self.maybe(0.1, "reading segments"):
            self._segments(name, period, registers, start)
        return _two(float(used * factor))

    def _reading(
        self, name: str, period: date, register: str, start: Decimal, difference: Decimal, factor: Decimal
    ) -> None:  # fmt: skip
        end: Decimal | None = start + difference
        if end is not None and end >= 100000:
            end -= 100000
        if self.maybe(0.002, "index fell") and end is not None:
            end = max(Decimal(0), start - 7)
        self.add(
            "reading", point_id=name, period=period, register=register,
            meter_id=f"M{name}" if self.maybe(0.8, "") else None,
            previous_index=start, current_index=None if self.maybe(0.004, "index lacks") else end,
            multiplier=self.reading_multiplier,
            quantity=None if self.maybe(0.3, "") else _two(float(difference * factor)),
            method="estimated" if self.maybe(0.03, "estimated") else "remote",
        )  # fmt: skip

    def _segments(self, name: str, period: date, registers: dict[str, Decimal], start: Decimal) -> None:
        first = date(period.year, period.month, 1)
        cuts = (
            [date(2026, 8, 11), date(2026, 8, 15), date(2026, 8, 20)]
            if period.month == 8
            else [first + timedelta(days=9)]
        )
        cuts = [first, *self.random.sample(cuts, self.random.randrange(1, len(cuts) + 1))]
        cuts.sort()
        factors = {day: self.random.choice([None, None, 30.0]) for day in cuts}
        for register, whole in registers.items():
            if self.maybe(0.15, "register without segments"):
                continue
            at = start
            for number, day in enumerate(cuts):
                part = _two(float(whole) / len(cuts)) if number < len(cuts) - 1 else whole - (at - start)
                self.add(
                    "reading_segment", point_id=name, meter_id=f"M{name}", register=register,
                    from_at=datetime(day.year, day.month, day.day, self.random.choice([0, 9])),
                    to_at=datetime(2026, 10, 1), from_index=at, to_index=None if self.maybe(0.02, "") else at + part,
                    multiplier=factors[day], reason="meter_change",
                )  # fmt: skip
                at += part

    def _bill(self, point: str, period: date, kwh: Decimal, payer: str | None = None) -> None:
        self.bills += 1
        adjusted = self.maybe(0.08, "adjusted kWh")
        row: dict[str, Any] = {
            "customer_id": payer or self.name, "point_id": point, "period": period,
            "kind": self.random.choice([None, "normal", "normal", "part"]),
            "billed_kwh": None if self.maybe(0.02, "") else kwh,
            "adjusted_kwh": _two(self.random.random() * 200 - 60) if adjusted else None,
            "adjusted_yuan": Decimal("12.30") if adjusted and self.maybe(0.4, "adjusted yuan") else None,
            "other_yuan": Decimal("-8.38") if self.maybe(0.05, "other yuan") else None,
            "tier_used_before_kwh": Decimal(1500) if self.maybe(0.5, "") else None,
            "energy_yuan": _two(float(kwh) * 0.56),
            "basic_yuan": self.random.choice([None, None, Decimal(0), Decimal("920.00")]),
            "total_yuan": _two(float(kwh) * 0.6), "issued_on": date(2026, 10, 2),
        }  # fmt: skip
        self.add("bill", bill_id=f"B{self.name}{self.bills:02d}", **row)
        extra = self.random.random()
        if extra < 0.02:
            self.used["several bills"] += 1
            self.bills += 1
            self.add("bill", bill_id=f"B{self.name}{self.bills:02d}", **row)
        elif extra < 0.05:
            self.used["reversal"] += 1
            self.bills += 1
            self.add(
                "bill",
                bill_id=f"B{self.name}{self.bills:02d}",
                **{**row, "kind": "reversal", "total_yuan": -row["total_yuan"]},
            )
            if self.maybe(0.7, "billed again"):
                self.bills += 1
                self.add("bill", bill_id=f"B{self.name}{self.bills:02d}", **row)
        elif extra < 0.06:
            self.used["supplementary bill"] += 1
            self.bills += 1
            self.add("bill", bill_id=f"B{self.name}{self.bills:02d}", **{**row, "kind": "supplementary"})

    def _earlier(self, name: str, cycle: int) -> None:
        for month in range(1, 7):
            if cycle == 2 and month % 2 == 0:
                continue
            if not self.maybe(0.01, "month without a bill"):
                self._bill(name, date(2026, month, 1), _two(self.random.random() * 700))


def random_city(seeds: Iterable[int]) -> tuple[Tables, Counter[str]]:
    """Return the tables of the customers of some seeds, and how often each feature was used."""
    tables: Tables = {}
    used: Counter[str] = Counter()
    for seed in seeds:
        for table, rows in _Customer(seed, used).make().items():
            tables.setdefault(table, []).extend(rows)
    return tables, used
