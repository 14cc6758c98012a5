"""Section 8: the charge for capacity or demand, day by day."""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from jicha.billing.derivation import Line, Step, UnableToRecalculate
from jicha.billing.energy import source_of
from jicha.billing.facts import RUNNING, Assumptions, Customer, Edition, Transformer
from jicha.billing.interval import Interval
from jicha.billing.losses import status_on
from jicha.billing.numbers import ZERO, over, r, rq, total
from jicha.catalog.billing import BillingSettings

_ONE = timedelta(days=1)
_THIRTY = 30
_STANDBY = RUNNING | {"cold_standby"}
DEMAND_MODES = frozenset({"contract_demand", "actual_demand"})
MODES = DEMAND_MODES | {"capacity"}


def kva_on(day: date, *, transformers: Sequence[Transformer], settings: BillingSettings) -> Decimal:
    """Return the chargeable capacity of a group's transformers on one day. [kVA]

    Running and hot standby count in full; of transformers that are interlocked the greatest, whichever runs; newly
    installed ones that are suspended with the share that the settings of their time say.
    """
    whole = ZERO
    greatest: dict[str, Decimal] = {}
    live_groups: set[str] = set()
    for item in transformers:
        status = status_on(item, day)
        group = item.interlock_group
        if group is not None and status in _STANDBY:
            greatest[group] = max(greatest.get(group, ZERO), item.capacity_kva)
            if status in RUNNING:
                live_groups.add(group)
        elif status in RUNNING:
            whole += item.capacity_kva
        elif status == "suspended" and settings.suspended_charge_share and item.installed_on is not None:
            months = (day.year - item.installed_on.year) * 12 + day.month - item.installed_on.month
            if months - (day.day < item.installed_on.day) < settings.suspended_charge_months:
                whole += item.capacity_kva * settings.suspended_charge_share
    return whole + total(greatest[group] for group in live_groups)


def billed_demand(*, mode: str, actual_kw: Decimal, contract_kw: Decimal | None, settings: BillingSettings) -> Decimal:
    """Return the demand that is charged. [kW]

    actual_demand: what was measured. contract_demand: the contract value up to `demand_over_ratio` of it; above, the
    excess counts `demand_over_multiple` times.
    """
    if mode == "actual_demand":
        return actual_kw
    if contract_kw is None:
        raise UnableToRecalculate("contract_demand_missing")
    allowed = contract_kw * settings.demand_over_ratio
    if actual_kw <= allowed:
        return contract_kw
    base = contract_kw if settings.demand_over_base == "contract" else allowed
    start = allowed if settings.demand_over_start == "allowed" else contract_kw
    return base + settings.demand_over_multiple * (actual_kw - start)


@dataclass(frozen=True)
class Day:
    """One day of a group's charge: the basis (capacity, contract_demand, actual_demand), its size and the prices."""

    on: date
    mode: str
    size: Decimal  # kVA or kW
    edition: Edition


@dataclass(frozen=True)
class BasicCharge:
    """The charge of a group."""

    amount_yuan: Decimal
    billed_capacity_kva: Decimal | None
    billed_demand_kw: Decimal | None
    lines: tuple[Line, ...]
    steps: tuple[Step, ...]


def _divisors(days: Sequence[Day], interval: Interval, settings: BillingSettings) -> list[int]:
    """Return B(d) of each day: by the calendar, or thirty unless its billing month is whole and unchanged."""
    if settings.basic_day_basis == "calendar":
        return [calendar.monthrange(day.on.year, day.on.month)[1] for day in days]
    first = interval.starts[0]
    ends = [*interval.starts[1:], first + _ONE * interval.uncut_days]
    lengths = [(end - start).days for start, end in zip(interval.starts, ends, strict=True)]
    number = [bisect_right(interval.starts, day.on) - 1 for day in days]
    sizes: list[list[Decimal]] = [[] for _ in lengths]
    for month, day in zip(number, days, strict=True):
        sizes[month].append(day.size)
    whole = [len(s) == length and len(set(s)) == 1 for s, length in zip(sizes, lengths, strict=True)]
    return [lengths[month] if whole[month] else _THIRTY for month in number]


def basic_charge(
    *, days: Sequence[Day], interval: Interval, settings: BillingSettings, discount: bool, assumptions: Assumptions
) -> BasicCharge:  # fmt: skip
    """Charge a group: per edition and basis price × Σ size / days of the month.

    discount: the month's use per kVA reached the edition's threshold, so demand costs the discounted price.
    UnableToRecalculate: a price is not known.
    """
    divisors = _divisors(days, interval, settings)
    lines, steps = [], []
    amount = ZERO
    kva: Decimal | None = None
    numbered = list(zip(days, divisors, strict=True))

    def place(item: tuple[Day, int]) -> tuple[int, bool]:
        return id(item[0].edition), item[0].mode == "capacity"

    for _, run in groupby(numbered, key=place):
        members = list(run)
        first = members[0][0]
        by_capacity = first.mode == "capacity"
        price = first.edition.capacity_price if by_capacity else first.edition.demand_price
        if price is None:
            raise UnableToRecalculate("price_missing")
        factor = first.edition.demand_discount_factor
        if not by_capacity and discount and factor is not None:
            steps.append(Step("demand_discount", {"price": price, "factor": factor, "discounted": price * factor}))
            price *= factor
        months = total(over(total(d.size for d, _ in part), Decimal(by)) for by, part in _by_divisor(members))
        if by_capacity:
            kva = (kva or ZERO) + months
        yuan = rq(months * price, assumptions.line_places)
        amount += yuan
        for by, part in _by_divisor(members):
            for size, stretch in groupby((d for d, _ in part), key=_size):
                run_days = [d.on for d in stretch]
                part_of = rq(over(size * len(run_days), Decimal(by)), 6)
                steps.append(
                    Step(
                        "capacity_days" if by_capacity else "demand_days",
                        {
                            "size": size,
                            "since": run_days[0],
                            "until": run_days[-1],
                            "days": len(run_days),
                            "by": by,
                            "part": part_of,
                        },
                    )
                )
        lines.append(
            Line(
                kind="basic", band="capacity" if by_capacity else "demand", since=first.on, until=members[-1][0].on,
                quantity=rq(months, 6), unit="kVA" if by_capacity else "kW", price=price, amount_yuan=yuan,
                source=source_of(first.edition),
            )
        )  # fmt: skip
    last = days[-1]
    demand = None if last.mode == "capacity" else r(last.size, 2)
    return BasicCharge(amount, None if kva is None else rq(kva, 2), demand, tuple(lines), tuple(steps))


def _size(day: Day) -> Decimal:
    return day.size


def _by_divisor(members: Sequence[tuple[Day, int]]) -> list[tuple[int, list[tuple[Day, int]]]]:
    return [(by, list(part)) for by, part in groupby(members, key=lambda item: item[1])]


def days_between(first: date, last: date) -> list[date]:
    """Return the days from one to another, both included."""
    return [first + _ONE * number for number in range((last - first).days + 1)]


def fixed_capacity(customer: Customer) -> Decimal:
    """Return the capacity of a customer without transformer rows: operating, else contract. [kVA]"""
    for value in (customer.operating_capacity_kva, customer.contract_capacity_kva):
        if value is not None:
            return value
    raise UnableToRecalculate("capacity_missing")
