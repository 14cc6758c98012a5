"""Section 7: what the upper tiers of a residential tariff add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jicha.billing.derivation import Line, Step, UnableToRecalculate
from jicha.billing.facts import Assumptions, Customer, Facts, Tier
from jicha.billing.interval import Interval, months_later
from jicha.billing.numbers import ZERO, over, r, rq, total
from jicha.catalog.billing import BillingSettings

_YEAR_MONTHS = 12


@dataclass(frozen=True)
class TierShare:
    """The kWh of a bill in one tier: above `low` up to `high` (None: open) of the cycle's use."""

    tier: Tier
    low: Decimal
    high: Decimal | None
    kwh: Decimal


def extra_persons(customer: Customer, tier: Tier, period: date) -> int:
    """Return how many persons beyond the basis count in a period."""
    size, base = customer.household_size, tier.base_household
    if size is None or base is None or size <= base:
        return 0
    since, until = customer.household_size_from, customer.household_size_until
    counts = (since is None or since <= period) and (until is None or until >= period)
    return size - base if counts else 0


def limits(
    *, tiers: Sequence[Tier], customer: Customer, period: date, months: int, settings: BillingSettings
) -> list[Decimal | None]:  # fmt: skip
    """Return the upper limit of each tier within its cycle for one bill; None is open. [kWh]

    months: of the bill. A monthly cycle counts so many; in the year of opening a yearly one counts the months left.
    """
    found: list[Decimal | None] = []
    for tier in tiers:
        if tier.upper_kwh is None:
            found.append(None)
            continue
        limit = tier.upper_kwh + extra_persons(customer, tier, period) * (tier.extra_person_kwh or ZERO)
        opened = _opening_month(tier, customer, period, settings)
        if tier.cycle != "year":
            limit *= months
        elif opened is not None:
            limit = over(limit * (_YEAR_MONTHS + 1 - opened), Decimal(_YEAR_MONTHS))
        found.append(rq(limit, 2))
    return found


def _opening_month(tier: Tier, customer: Customer, period: date, settings: BillingSettings) -> int | None:
    """Return the month of opening where it cuts a yearly limit."""
    opened = customer.opened_on
    cuts = tier.cycle == "year" and settings.tier_first_year == "months"
    return opened.month if cuts and opened is not None and opened.year == period.year else None


def _limit_steps(  # noqa: PLR0917
    tiers: Sequence[Tier], uppers: Sequence[Decimal | None], customer: Customer, period: date, months: int,
    settings: BillingSettings,
) -> list[Step]:  # fmt: skip
    """Tell the limits that are not those of the tariff: extra persons, months, the year of opening."""
    found = []
    for tier, limit in zip(tiers, uppers, strict=True):
        if limit is not None and limit != tier.upper_kwh:
            values = {
                "n": tier.tier, "upper": tier.upper_kwh, "persons": extra_persons(customer, tier, period),
                "each": tier.extra_person_kwh or ZERO, "times": _times(tier, customer, period, months, settings),
                "limit": limit,
            }  # fmt: skip
            found.append(Step("tier_limit", values))
    return found


def _times(tier: Tier, customer: Customer, period: date, months: int, settings: BillingSettings) -> str:
    """Say by what a limit is multiplied."""
    opened = _opening_month(tier, customer, period, settings)
    if opened is not None:
        return f"{_YEAR_MONTHS + 1 - opened} ÷ {_YEAR_MONTHS}"
    return "1" if tier.cycle == "year" else str(months)


def tier_shares(
    *, tiers: Sequence[Tier], uppers: Sequence[Decimal | None], used_kwh: Decimal, billed_kwh: Decimal
) -> list[TierShare]:  # fmt: skip
    """Share the kWh of a bill over the tiers, counted from the cycle's use before; a negative bill is all tier 1."""
    shares = []
    low = ZERO
    top = used_kwh + billed_kwh
    for number, (tier, high) in enumerate(zip(tiers, uppers, strict=True)):
        if billed_kwh < 0:
            kwh = billed_kwh if number == 0 else ZERO
        else:
            kwh = max(ZERO, (top if high is None else min(top, high)) - max(used_kwh, low))
        shares.append(TierShare(tier, low, high, kwh))
        if high is not None:
            low = high
    return shares


def used_before(
    *, facts: Facts, point_id: str, opened_on: date | None, interval: Interval, delivered: Decimal | None
) -> tuple[Decimal, str]:  # fmt: skip
    """Return what the year used before a bill, and where that is from: the year's bills, else the bill's own figure.

    UnableToRecalculate: a month of the year has no bill and the bill says nothing.
    """
    period, cycle = facts.period, interval.months
    start = date(period.year, 1, 1)
    if opened_on is not None and opened_on.year == period.year:
        start = date(period.year, opened_on.month, 1)
    billed = facts.year_bills.get(point_id, ())
    earlier = [(month, kwh) for month, kwh in billed if start.year == month.year and month < period]
    have = {month for month, kwh in earlier if kwh is not None}
    end = months_later(period, -cycle)
    is_whole = True
    while end >= start:
        span = {months_later(end, -k) for k in range(cycle)}
        is_whole = is_whole and bool(span & have)
        end = months_later(end, -cycle)
    if is_whole:
        return total(kwh for _, kwh in earlier if kwh is not None), "bills"
    if delivered is None:
        raise UnableToRecalculate("tier_history")
    return delivered, "delivered"


def tier_lines(
    *, facts: Facts, customer: Customer, point_id: str, tariff_code: str, interval: Interval, billed_kwh: Decimal,
    delivered_used: Decimal | None, settings: BillingSettings, assumptions: Assumptions,
) -> tuple[tuple[Line, ...], tuple[Step, ...]] | None:  # fmt: skip
    """Return the lines of the tiers and how they came about; None: the tariff has no tiers."""
    found = facts.prices.tier_edition(tariff_code, facts.period)
    if found is None:
        return None
    since, tiers = found
    used, origin = ZERO, "month"
    if any(tier.cycle == "year" for tier in tiers):
        if point_id in assumptions.used_before_kwh:
            used, origin = assumptions.used_before_kwh[point_id], "assumed"
        else:
            used, origin = used_before(
                facts=facts, point_id=point_id, opened_on=customer.opened_on, interval=interval,
                delivered=delivered_used,
            )  # fmt: skip
    uppers = limits(tiers=tiers, customer=customer, period=facts.period, months=interval.months, settings=settings)
    lines = []
    shares = tier_shares(tiers=tiers, uppers=uppers, used_kwh=used, billed_kwh=billed_kwh)
    whole = assumptions.whole_tiers.get(point_id)
    if whole is not None:
        shares = [replace(share, kwh=billed_kwh if share.tier.tier == whole else ZERO) for share in shares]
    for share in shares:
        add = share.tier.price_add
        if add is None:
            if share.kwh != 0:
                raise UnableToRecalculate("price_missing")
            continue
        if share.kwh == 0:
            continue
        lines.append(
            Line(
                kind="tier",
                band=str(share.tier.tier),
                since=interval.first,
                until=interval.last,
                quantity=share.kwh,
                unit="kWh",
                price=add,
                amount_yuan=r(share.kwh * add, assumptions.line_places),
                source=f"{tariff_code} {since.isoformat()}",
            )
        )
    steps = _limit_steps(tiers, uppers, customer, facts.period, interval.months, settings)
    values = {
        "used": used,
        "billed": billed_kwh,
        "top": used + billed_kwh,
        "limits": " / ".join("∞" if limit is None else str(limit) for limit in uppers),
        "persons": extra_persons(customer, tiers[0], facts.period),
    }
    return tuple(lines), (*steps, Step(f"tier_{origin}", values))
