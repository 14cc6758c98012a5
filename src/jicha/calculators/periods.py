"""Lengths of time: days between dates, and how many months a capacity charge runs."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from jicha.calculators.exact import Term, term
from jicha.calculators.inputs import MOST_DAYS, MOST_MONTHS, CalendarDay, Number, Part, about
from jicha.calculators.problems import needed, only_one
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text

DayBasis = Literal["thirty", "calendar"]


class Span(Part):
    """A stretch of time: `days`, or first and last day."""

    days: Annotated[Number | None, about("天数", "days", "days", ge=0, le=MOST_DAYS)] = None
    start_on: Annotated[CalendarDay | None, about("起始日", "first day", "date")] = None
    end_on: Annotated[CalendarDay | None, about("终止日", "last day", "date")] = None
    count_start_day: Annotated[bool, about("起始日计入", "the first day counts")] = True
    count_end_day: Annotated[bool, about("终止日计入", "the last day counts")] = True


class LongSpan(Span):
    """A stretch of time that may also be given in months."""

    months: Annotated[
        Number | None, about("月数，代替天数", "months, instead of days", "months", ge=0, le=MOST_MONTHS)
    ] = None
    days_per_month: Annotated[Number, about("每月天数", "days per month", "days", gt=0, le=31)] = Decimal(30)


class LaterPrice(Part):
    """A capacity or demand price of an edition that comes into force within the period."""

    since: Annotated[CalendarDay, about("新价执行首日", "first day of the new price", "date")]
    price_yuan_per_month: Annotated[
        Number, about("容（需）量电价，每 kVA（kW）每月", "price per kVA or kW and month", "yuan/kVA·month", ge=0)
    ]


MOST_PRICES = 24
"""Prices of one period or claim that may follow the first."""


def price_stretches(name: str, first: date, last: date, later: Sequence[LaterPrice]) -> list[tuple[date, date]]:
    """Return first and last day of each price: the first one, then the later ones in their order.

    BadInput: a later price does not come into force after `first` and by `last`, or not after the one before it.
    """
    starts = [first, *(item.since for item in later)]
    for number, item in enumerate(later):
        if not starts[number] < item.since <= last:
            raise BadInput(
                zh=f"{name}：later_prices.{number}.since {item.since} 应晚于 {starts[number]} 且不晚于 {last}；"
                "期初执行的单价填 price_yuan_per_month，其后的按执行日先后列出。",
                en=f"{name}: later_prices.{number}.since {item.since} must be after {starts[number]} and by {last}; "
                "the price in force at the beginning is price_yuan_per_month, later ones follow in order of their days",
            )
    return list(zip(starts, [*(item.since - timedelta(days=1) for item in later), last], strict=True))


def bounds(name: str, given: Span) -> tuple[date, date] | None:
    """Return first and last counted day, or None where no dates were given; half a pair is refused."""
    if given.start_on is None and given.end_on is None:
        return None
    if given.start_on is None or given.end_on is None:
        raise needed(name, "start_on + end_on")
    if given.days is not None:
        raise only_one(name, "days", "start_on + end_on")
    if given.end_on < given.start_on:
        raise BadInput(
            zh=f"{name}：end_on {given.end_on} 早于 start_on {given.start_on}，请核对日期。",
            en=f"{name}: end_on {given.end_on} is before start_on {given.start_on}; check the dates",
        )
    first = given.start_on + timedelta(days=0 if given.count_start_day else 1)
    last = given.end_on - timedelta(days=0 if given.count_end_day else 1)
    return first, last


def days_of(sheet: Sheet, given: Span) -> Term | None:
    """Return the days as a term, None where nothing was given."""
    found = bounds(sheet.calculator, given)
    if isinstance(given, LongSpan) and given.months is not None:
        if found is not None or given.days is not None:
            raise only_one(sheet.calculator, "months", "days", "start_on + end_on")
        months = sheet.given("months", given)
        return sheet.figure("days", "天数", "days", "days", months * sheet.given("days_per_month", given))
    if found is None:
        return None if given.days is None else sheet.given("days", given)
    first, last = found
    return term(max(0, (last - first).days + 1), Text(f"{first} 至 {last} 的天数", f"days {first} to {last}"))


def months(first: date, last: date) -> Iterator[tuple[date, int, int]]:
    """Yield for each calendar month touched: its first day, days inside first..last, days of the month."""
    day = first
    while day <= last:
        length = calendar.monthrange(day.year, day.month)[1]
        end = min(last, day.replace(day=length))
        yield day.replace(day=1), (end - day).days + 1, length
        day = end + timedelta(days=1)


def charged_months(
    first: date, last: date, *, basis: DayBasis, whole_months: bool, started_months: bool,
    stretch: tuple[date, date] | None = None,
) -> Term:  # fmt: skip
    """Return how many months of a monthly charge the days first..last make, or those of them in a stretch.

    basis thirty: each day 1/30, and with `whole_months` a whole calendar month counts 1 whatever its length (supply
    rules of 1996); calendar: each day 1 / days of its month (2024). started_months: every month touched counts whole.
    stretch: first and last day at one price; a month that counts whole is divided by its counted days, so that the
    stretches of a span make what the span makes.
    """
    since, until = stretch or (first, last)
    result: Term | None = None
    for month, days, length in months(first, last):
        begin = max(month, first)
        part = (min(begin + timedelta(days=days - 1), until) - max(begin, since)).days + 1
        if part <= 0:
            continue
        name = f"{month:%Y-%m}"
        whole = started_months or (days == length and (whole_months or basis == "calendar"))
        if whole and part == days:
            share = term(1, Text(f"{name} 整月", f"whole {name}"))
        else:
            divisor = days if whole else (30 if basis == "thirty" else length)
            share = Term(
                Fraction(part, divisor), Text(f"{name} 天数 ÷ {divisor}", f"days of {name} ÷ {divisor}"),
                f"{part} ÷ {divisor}", strength=2,
            )  # fmt: skip
        result = share if result is None else result + share
    return result if result is not None else term(0)
