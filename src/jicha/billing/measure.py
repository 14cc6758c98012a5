"""Values that no meter, contract or price of a customer can be: whose bills are not recomputed (section 0).

The same bounds, and why they are so, stand in the catalogue's `macros/measure.sql` for the bill in SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from jicha.billing.facts import BillRow, Customer, Facts, Point, PriceBook, Reading
from jicha.billing.interval import interval_of

MOST_KWH = Decimal(800_000_000)  # of a register in a period, a tier's limit, an agreed quantity
MOST_LOST = Decimal(400_000_000)  # kWh or kvarh that a family of transformers loses in a period
_MOST_ADJUSTED = Decimal(100_000_000)  # kWh
_MOST_SIZE = Decimal(10_000_000)  # multiplier, kVA, kW, figures of transformers
MOST_SHARE = Decimal(10_000)  # shares and standards, kWh per kVA or person, persons
_MOST_PCT = Decimal(50)  # of the energy, as a loss; reached is not beyond
_MOST_PRICE = Decimal(5)  # yuan per kWh
_MOST_SIZE_PRICE = Decimal(1000)  # yuan per kVA or kW a month
_MOST_YUAN = Decimal(10_000_000_000)
GREATEST = Decimal("99999999999999.9999")  # stands for a double that has no number of 18 digits, 4 of them decimals


def is_beyond(value: Decimal | int | None, most: Decimal) -> bool:
    """Whether a known value reaches a bound, to either side."""
    return value is not None and not -most < value < most


def _any(values: Iterable[Decimal | int | None], most: Decimal) -> bool:
    return any(is_beyond(value, most) for value in values)


def _is_lossy(value: Decimal | None) -> bool:
    return value is not None and abs(value) > _MOST_PCT


def customers_beyond(facts: Facts) -> frozenset[str]:
    """Return the customers with a value beyond measure, and those whose meters stand before or behind theirs."""
    codes = _tariffs_beyond(facts.prices)
    found = {name for name, customer in facts.customers.items() if _is_customer_beyond(customer)}
    known = [point for point in facts.points.values() if point.customer_id in facts.customers]
    for point in known:
        if point.customer_id not in found and _is_point_beyond(facts, point, codes):
            found.add(str(point.customer_id))
    owners = {point.point_id: str(point.customer_id) for point in known}
    found |= {owners[bill.point_id] for bill in facts.bills if bill.point_id in owners and _is_bill_beyond(bill)}
    links = [
        (owners[point.point_id], owners[point.parent_point_id]) for point in known if point.parent_point_id in owners
    ]
    grown = bool(found)
    while grown:
        more = {name for link in links if found & set(link) for name in link} - found
        found |= more
        grown = bool(more)
    return frozenset(found)


def without(facts: Facts, customers: Collection[str]) -> Facts:
    """Return the facts without the points of some customers."""
    if not customers:
        return facts
    points = {name: point for name, point in facts.points.items() if point.customer_id not in customers}
    return replace(facts, points=points)


def _tariffs_beyond(prices: PriceBook) -> frozenset[str]:
    found = set()
    for code, editions in prices.editions.items():
        for item in editions:
            by_kwh = (
                item.energy_price, item.tip_price, item.peak_price, item.valley_price, item.deep_valley_price,
                item.surcharge_price, *(price for price, _ in item.components.values()),
            )  # fmt: skip
            if (
                _any(by_kwh, _MOST_PRICE)
                or _any((item.capacity_price, item.demand_price), _MOST_SIZE_PRICE)
                or _any((item.demand_discount_factor, item.demand_discount_kwh_per_kva), MOST_SHARE)
            ):
                found.add(code)
    for code, dated in prices.tiers.items():
        tiers = [tier for _, items in dated for tier in items]
        if (
            _any((tier.price_add for tier in tiers), _MOST_PRICE)
            or _any((tier.upper_kwh for tier in tiers), MOST_KWH)
            or _any((figure for tier in tiers for figure in (tier.extra_person_kwh, tier.base_household)), MOST_SHARE)
        ):
            found.add(code)
    return frozenset(found)


def _is_customer_beyond(customer: Customer) -> bool:
    sizes: list[Decimal | None] = [
        customer.contract_capacity_kva, customer.operating_capacity_kva, customer.direct_motor_kva
    ]  # fmt: skip
    for item in customer.transformers:
        sizes += [
            item.capacity_kva, item.no_load_loss_kw, item.load_loss_kw, item.no_load_current_pct, item.impedance_pct
        ]  # fmt: skip
    return (
        _any(sizes, _MOST_SIZE)
        or is_beyond(customer.household_size, MOST_SHARE)
        or _any(customer.prices.values(), _MOST_PRICE)
    )


def _is_bill_beyond(bill: BillRow) -> bool:
    amounts = (
        bill.adjusted_yuan, bill.other_yuan, bill.energy_yuan, bill.tier_yuan, bill.basic_yuan, bill.pf_yuan,
        bill.total_yuan,
    )  # fmt: skip
    return is_beyond(bill.adjusted_kwh, _MOST_ADJUSTED) or _any(amounts, _MOST_YUAN)


def _is_point_beyond(facts: Facts, point: Point, codes: Collection[str]) -> bool:
    files = (point.today, *point.history)
    for file in files:
        if (
            file.tariff_code in codes
            or _any((file.multiplier, file.contract_demand_kw), _MOST_SIZE)
            or is_beyond(file.pf_standard, MOST_SHARE)
            or is_beyond(file.allocation_value, MOST_SHARE if file.allocation == "ratio" else MOST_KWH)
        ):
            return True
    if _is_lossy(point.line_loss_pct) or is_beyond(point.loss_value, MOST_KWH):
        return True
    factor = max(abs(Decimal(1) if file.multiplier is None else file.multiplier) for file in files)
    return any(
        _counts_beyond(item, factor) for (name, _), item in facts.readings.items() if name == point.point_id
    ) or any(
        is_beyond(own, _MOST_SIZE) or _goes_beyond(start, end, max(factor, abs(own or Decimal(0))))
        for own, start, end in _pieces(facts, point)
    )


def _counts_beyond(reading: Reading, factor: Decimal) -> bool:
    """Whether a register counted too much, by the greatest multiplier that file or reading name."""
    if is_beyond(reading.multiplier, _MOST_SIZE):
        return True
    factor = max(factor, abs(reading.multiplier or Decimal(0)))
    if reading.register == "demand":
        index = reading.current_index
        return is_beyond(reading.quantity, _MOST_SIZE) or (index is not None and abs(index) * factor >= _MOST_SIZE)
    return is_beyond(reading.quantity, MOST_KWH) or _goes_beyond(reading.previous_index, reading.current_index, factor)


def _goes_beyond(start: Decimal | None, end: Decimal | None, factor: Decimal) -> bool:
    return start is not None and end is not None and abs(end - start) * factor >= MOST_KWH


def _pieces(facts: Facts, point: Point) -> Iterator[tuple[Decimal | None, Decimal | None, Decimal | None]]:
    """Yield multiplier, first and last index of the reading segments that begin in the uncut interval."""
    customer = facts.customers[str(point.customer_id)]
    days = interval_of(
        period=facts.period, months=point.reading_cycle_months or 1, reading_day=customer.reading_day, opened_on=None,
        closed_on=None,
    )  # fmt: skip
    for (name, _), pieces in facts.segments.items():
        if name == point.point_id:
            for piece in pieces:
                if days.first <= piece.from_on <= days.last:
                    yield piece.multiplier, piece.from_index, piece.to_index
