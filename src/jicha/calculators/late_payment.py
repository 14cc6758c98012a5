"""Penalty for late payment (电费违约金): per mille per day, by customer and by whether the debt is carried over a year.

A day counts at the rate of a carried-over debt when its calendar year is later than the year the debt was billed in; so
the days are split at 1 January. Source: supply rules on late payment (facts).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from jicha.calculators.exact import Term, smallest, term, total
from jicha.calculators.inputs import MOST_DAYS, CalendarDay, Count, Number, Part, RuleInputs, about
from jicha.calculators.problems import needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text


class Payment(Part):
    """A payment that reduces the debt from the day after it."""

    paid_on: Annotated[CalendarDay, about("付款日", "day of payment", "date")]
    amount_yuan: Annotated[Number, about("付款额", "amount paid", "yuan", gt=0)]


class LateBill(Part):
    """One unpaid bill: either its dates, or its days already counted."""

    name: Annotated[
        str,
        about(
            "名称，用于结果项名", "name, used in the names of results", min_length=1, max_length=40, pattern=r"^\w+$"
        ),
    ]
    amount_yuan: Annotated[Number, about("欠费金额", "debt", "yuan", ge=0)]
    due_on: Annotated[CalendarDay | None, about("交费期限最后一日", "last day of the time for payment", "date")] = None
    billed_year: Annotated[
        Count | None,
        about("电费所属年，缺省为 due_on 的年", "year the debt belongs to, default that of due_on", ge=1990, le=2200),
    ] = None
    paid_on: Annotated[
        CalendarDay | None,
        about("交清日，缺省用顶层 paid_on", "day it was settled, default the common paid_on", "date"),
    ] = None
    payments: Annotated[
        list[Payment] | None, about("部分付款，最后一次前的", "part payments before the last", max_length=60)
    ] = None
    days_same_year: Annotated[
        Number | None, about("当年逾期天数", "days late in the year of the debt", "days", ge=0, le=366)
    ] = None
    days_later_years: Annotated[
        Number | None, about("跨年后逾期天数", "days late after the turn of the year", "days", ge=0, le=MOST_DAYS)
    ] = None


class LatePayment(RuleInputs):
    """Unpaid bills and when they were settled."""

    customer: Annotated[Literal["residential", "other"], about("用户类别", "kind of customer")]
    bills: Annotated[list[LateBill], about("各笔欠费", "the debts", min_length=1, max_length=400)]
    paid_on: Annotated[CalendarDay | None, about("交清日", "day they were settled", "date")] = None
    count_payment_day: Annotated[bool, about("交清日计入", "the day of payment counts")] = True
    residential_per_mille: Annotated[
        Number | None,
        about(
            "居民日率", "daily rate, residential", "per mille/day", ge=0, fact="settlement.late_residential_per_mille"
        ),
    ] = None
    same_year_per_mille: Annotated[
        Number | None,
        about(
            "当年欠费日率",
            "daily rate, debt of the same year",
            "per mille/day",
            ge=0,
            fact="settlement.late_same_year_per_mille",
        ),
    ] = None
    later_year_per_mille: Annotated[
        Number | None,
        about(
            "跨年欠费日率",
            "daily rate, debt carried over",
            "per mille/day",
            ge=0,
            fact="settlement.late_later_year_per_mille",
        ),
    ] = None
    rounding: Annotated[
        Literal["bill", "sum", "part"],
        about("逐笔、合计或每段（当年、跨年）舍入", "rounded per bill, as a sum, or per part (same year, later years)"),
    ] = "bill"
    minimum_yuan: Annotated[
        Number | None,
        about(
            "起收额，缺省按版本（1996 为 1 元）",
            "least amount, default by edition (1 yuan in 1996)",
            "yuan",
            ge=0,
            fact="settlement.late_minimum_yuan",
        ),
    ] = None
    cap_share: Annotated[
        Number | None,
        about("上限占欠费的倍数，如 1；null 不设", "cap as a multiple of the debt, e.g. 1; null: none", "factor", ge=0),
    ] = None


_SAME, _LATER = Text("当年逾期天数", "days in the year of the debt"), Text("跨年逾期天数", "days in later years")


@calculator(
    "late_payment",
    group="settlement",
    zh="电费违约金",
    en="penalty for late payment",
    example={
        "customer": "other",
        "paid_on": "2027-01-20",
        "bills": [{"name": "dec", "amount_yuan": "1520.40", "due_on": "2026-12-20"}],
    },
)
def late_payment(sheet: Sheet, given: LatePayment) -> None:
    """违约金 = Σ 欠费 × 天数 × 日率；1 月 1 日起按跨年率。

    Penalty = Σ debt × days × rate, from 1 January at the later rate.
    """
    rates = _rates(sheet, given)
    names = [bill.name for bill in given.bills]
    if len(set(names)) != len(names):
        raise BadInput(
            zh=f"{sheet.calculator}：bills 的 name 重复，请改为各不相同。",
            en=f"{sheet.calculator}: names of bills are repeated; make them differ",
        )
    penalties: list[Term] = []
    for bill in given.bills:
        parts = _parts(sheet, given, bill)
        shares = [_share(sheet, bill, parts, late=late, rate=rates[late]) for late in (False, True)]
        if given.rounding != "part":
            shares = [share.before_rounding() for share in shares]
        penalties.append(_bill(sheet, given, bill, shares))
    if given.rounding == "sum":
        penalties = [p.before_rounding() for p in penalties]
    _finish(sheet, total(penalties))
    if all(bill.payments is None for bill in given.bills):
        debts = total([sheet.given("amount_yuan", bill) for bill in given.bills])
        penalty = sheet.values["total_yuan"].value
        payable = debts + term(penalty, Text("违约金合计", "penalty in total"))
        sheet.money("payable_yuan", "应交欠费和违约金", "debts and penalty to be paid", payable)


def _rates(sheet: Sheet, given: LatePayment) -> tuple[Term, Term]:
    if given.customer == "residential":
        rate = sheet.fact("settlement.late_residential_per_mille", "residential_per_mille")
        return rate, rate
    same = sheet.fact("settlement.late_same_year_per_mille", "same_year_per_mille")
    return same, sheet.fact("settlement.late_later_year_per_mille", "later_year_per_mille")


_Parts = list[tuple[Term, Term, bool]]


def _parts(sheet: Sheet, given: LatePayment, bill: LateBill) -> _Parts:
    """Return debt, days and whether the days lie in a later year than the debt."""
    counted = bill.days_same_year is not None or bill.days_later_years is not None
    if counted:
        if bill.due_on is not None or bill.payments is not None:
            raise only_one(sheet.calculator, f"bills.{bill.name}.due_on", "days_same_year / days_later_years")
        debt = sheet.given("amount_yuan", bill)
        return [
            (debt, sheet.given(n, bill), late)
            for n, late in (("days_same_year", False), ("days_later_years", True))
            if getattr(bill, n)
        ]
    if bill.due_on is None:
        raise needed(sheet.calculator, f"bills.{bill.name}.due_on", f"bills.{bill.name}.days_same_year")
    last = bill.paid_on or given.paid_on
    if last is None:
        raise needed(sheet.calculator, "paid_on", f"bills.{bill.name}.paid_on")
    return _dated(sheet, given, bill, bill.due_on, last)


def _dated(sheet: Sheet, given: LatePayment, bill: LateBill, due_on: date, last: date) -> _Parts:
    year = bill.billed_year or due_on.year
    if year > due_on.year:
        raise BadInput(
            zh=f"{sheet.calculator}：{bill.name} 的 billed_year {year} 晚于交费期限 {due_on} 所在年；请核对。",
            en=f"{sheet.calculator}: billed_year {year} of {bill.name} is after the year of due_on {due_on}; "
            "check both",
        )
    if last <= due_on:
        sheet.warn("not_late", name=bill.name, paid=last, due=due_on)
    paid = sorted(bill.payments or [], key=lambda p: p.paid_on)
    debt, first, found = sheet.given("amount_yuan", bill), due_on + timedelta(days=1), []
    for payment in [*paid, None]:
        until = last if payment is None else min(payment.paid_on, last)
        end = until if given.count_payment_day else until - timedelta(days=1)
        for late, days in _split(first, end, year):
            found.append((debt, term(days, _LATER if late else _SAME), late))
        first = max(first, end + timedelta(days=1))
        if payment is None or payment.paid_on > last:
            break
        left = debt.value - term(payment.amount_yuan).value
        if left < 0:
            sheet.warn("billed_over_paid")
        debt = term(max(left, 0 * left), Text("剩余欠费", "debt left"))
    return found


def _split(first: date, end: date, year: int) -> list[tuple[bool, int]]:
    """Return the days first..end of the debt's year (and before) and those of later years."""
    turn = date(year, 12, 31)
    same = max(0, (min(end, turn) - first).days + 1)
    every = max(0, (end - first).days + 1)
    return [(late, days) for late, days in ((False, same), (True, every - same)) if days]


def _share(sheet: Sheet, bill: LateBill, parts: _Parts, *, late: bool, rate: Term) -> Term:
    products = [debt * days * rate / 1000 for debt, days, is_late in parts if is_late is late]
    amount = total(products) if products else term(0)
    zh, en = ("跨年部分", "later years") if late else ("当年部分", "same year")
    name = f"{bill.name}_{'later_years' if late else 'same_year'}_yuan"
    return sheet.money(name, f"{bill.name} {zh}", f"{bill.name}, {en}", amount)


def _bill(sheet: Sheet, given: LatePayment, bill: LateBill, shares: list[Term]) -> Term:
    penalty = sheet.money(f"{bill.name}_yuan", f"{bill.name} 违约金", f"penalty of {bill.name}", shares[0] + shares[1])
    debt = sheet.given("amount_yuan", bill)
    if given.cap_share is not None:
        cap = debt * sheet.given("cap_share")
        if penalty.value > cap.value:
            sheet.warn("capped", share=given.cap_share)
            return sheet.money(
                f"{bill.name}_yuan", f"{bill.name} 违约金", f"penalty of {bill.name}", smallest(penalty, cap)
            )
    elif penalty.value > debt.value > 0:
        sheet.warn("above_principal")
    return penalty


def _finish(sheet: Sheet, amount: Term) -> None:
    least = sheet.fact("settlement.late_minimum_yuan", "minimum_yuan")
    if 0 < amount.value < least.value:
        sheet.warn("minimum_raised", minimum=least.numbers)
        amount = least
    sheet.money("total_yuan", "违约金合计", "penalty in total", amount)
