"""Lengths of time: days between dates, and how many months a capacity charge runs."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
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


def charged_months(first: date, last: date, *, basis: DayBasis, whole_months: bool, started_months: bool) -> Term:
    """Return how many months of a monthly charge the days first..last make.

    basis thirty: each day 1/30, and with `whole_months` a whole calendar month counts 1 whatever its length (supply
    rules of 1996); calendar: each day 1 / days of its month (2024). started_months: every month touched counts whole.
    """
    result: Term | None = None
    for month, days, length in months(first, last):
        name = f"{month:%Y-%m}"
        whole = started_months or (days == length and (whole_months or basis == "calendar"))
        if whole:
            share = term(1, Text(f"{name} 整月", f"whole {name}"))
        else:
            divisor = 30 if basis == "thirty" else length
            share = Term(
                Fraction(days, divisor), Text(f"{name} 天数 ÷ {divisor}", f"days of {name} ÷ {divisor}"),
                f"{days} ÷ {divisor}", strength=2,
            )  # fmt: skip
        result = share if result is None else result + share
    return result if result is not None else term(0)
