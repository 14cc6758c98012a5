"""Money of a case: billed back, penalty, collected, refunded, each with the number it has in the marketing system."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from jicha_web.assess.models import Money
from jicha_web.cases import moves
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.history import record as history
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import may

STATES = frozenset({"rectifying", "county_review", "city_review", "awaiting_proof", "closed"})
OF_COLLECTOR = frozenset({"collected", "refunded"})
_BILLING = ("case_rectify", "case_assess", "case_collect")


class UnableToBook(Exception):
    """An amount cannot be booked; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def may_book(case: Case, kind: str, by: Person, at: datetime) -> bool:
    """Whether a person has the right to book a kind of amount for a case."""
    actions = ("case_collect",) if kind in OF_COLLECTOR else _BILLING
    return any(may(by, action, timezone.localdate(at), case.organisation) for action in actions)


def _require(case: Case, kind: str, by: Person, at: datetime) -> None:
    if not may_book(case, kind, by, at):
        raise moves.UnableToMove([Missing("right", Text("您没有登记此类金额的权限", "you have no right to book this"))])
    # 回避 holds for every amount; that it is another than who assessed and approved, for what was collected
    moves.require_part(case=case, part="collect" if kind in OF_COLLECTOR else "", by=by)


@transaction.atomic
def book(
    *, case: Case, kind: str, amount_yuan: Decimal, booked_on: date, reference: str, by: Person, at: datetime
) -> Money:
    """Book an amount. What was collected or refunded is booked by someone who neither assessed nor approved."""
    moves.lock(case)
    if kind not in dict(Money.KINDS):
        raise UnableToBook(Text("请选择金额类别", "choose a kind of amount"))
    if case.state not in STATES or (case.closed_at is not None and case.confirmed_yuan is None):
        raise UnableToBook(Text("定性批准后才能登记金额", "amounts are booked once the assessment is approved"))
    _require(case, kind, by, at)
    if amount_yuan <= 0:
        raise UnableToBook(Text("金额应大于零", "the amount must be above zero"))
    if not reference.strip():
        raise UnableToBook(Text("请填写营销系统中的凭证号", "give the number it has in the marketing system"))
    if booked_on > timezone.localdate(at):
        raise UnableToBook(Text("记账日期不能晚于今天", "the day lies in the future"))
    twice = Money._base_manager.filter(kind=kind, reference=reference.strip(), case=case, cancelled=False)
    if twice.exists():
        raise UnableToBook(Text("该凭证号已登记", "this number is booked already"))
    made = Money(
        case=case, kind=kind, amount_yuan=amount_yuan, booked_on=booked_on, reference=reference.strip(), by=by, at=at
    )
    history.create(made, verb="booked", by=by, at=at)
    if kind in OF_COLLECTOR:
        moves.take_part(case=case, part="collect", by=by, at=at)
        _total(case, by, at)
    return made


@transaction.atomic
def cancel(*, money: Money, reason: str, by: Person, at: datetime) -> None:
    """Take an amount back that was booked wrongly; the row stays."""
    moves.lock(money.case)
    if money.cancelled:
        raise UnableToBook(Text("该笔金额已作废", "this amount is cancelled already"))
    _require(money.case, money.kind, by, at)
    if not reason.strip():
        raise UnableToBook(Text("请填写作废原因", "give the reason"))
    changes = {"cancelled": True, "cancel_reason": reason.strip()}
    history.record(money, verb="booking_cancelled", by=by, at=at, note=reason.strip(), changes=changes)
    if money.kind in OF_COLLECTOR:
        _total(money.case, by, at)


def totals(case: Case) -> dict[str, Decimal]:
    """Return the sums of a case by kind."""
    rows = Money._base_manager.filter(case=case, cancelled=False).values_list("kind").annotate(total=Sum("amount_yuan"))
    return dict(rows)


def open_yuan(case: Case, sums: dict[str, Decimal]) -> Decimal | None:
    """Return what is confirmed and not settled: above zero still to collect, below still to give back.

    sums: of the case by kind (`totals`). None while nothing is confirmed, and where no calculation says an amount: what
    is booked then was worked out elsewhere. [yuan]
    """
    if not case.confirmed_yuan:
        return None
    return case.confirmed_yuan - sums.get("collected", Decimal(0)) + sums.get("refunded", Decimal(0))


def _total(case: Case, by: Person, at: datetime) -> None:
    sums = totals(case)
    collected = sums.get("collected", Decimal(0)) - sums.get("refunded", Decimal(0))
    if case.collected_yuan != collected:
        history.record(case, verb="amount_collected", by=by, at=at, changes={"collected_yuan": collected})
