"""How bills are paid: habits, counters and their cash days; balances and the two ledgers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array, half_up, number_text, or_none, take, text
from jicha.sandbox.billing import Bills
from jicha.sandbox.district import FIRST_CUSTOMER, HOME, District
from jicha.sandbox.frame import Frame, arrow_table
from jicha.sandbox.layout import COUNTIES, county_ids

METHODS = text(["mobile", "bank_withholding", "cash", "pos", "agency", "bank_transfer", "cheque"])
_HOME_SHARES = [0.62, 0.14, 0.11, 0.04, 0.09, 0.0, 0.0]
_FIRM_SHARES = [0.30, 0.25, 0.03, 0.05, 0.02, 0.33, 0.02]
_DAY = np.timedelta64(86_400, "s")
_OLD_DEBT = 90  # days overdue


@dataclass
class Paying:
    """How every bill is paid."""

    moment: Array
    method: Array  # position in METHODS
    amount: Array  # cents, the bill's total unless only a part is paid
    paid: Array  # False: not at all
    charged: Array  # part of the penalty due that is charged, 1: all of it


def build_payments(district: District, bills: Bills) -> tuple[Any, Paying]:
    """Return the payment table, and how every bill was paid."""
    rng, calendar, layout = district.rng("payments"), district.calendar, district.layout
    size = len(bills.total)
    home = district.kind == HOME
    habit = np.where(home, rng.choice(7, district.size, p=_HOME_SHARES), rng.choice(7, district.size, p=_FIRM_SHARES))
    pace = rng.gamma(2.2, 2.6, district.size)  # days a customer usually takes
    debtor = rng.random(district.size) < 0.004
    late = rng.random(size) < np.where(rng.random(district.size) < 0.05, 0.25, 0.01)[bills.customer]
    lag = np.where(
        late, rng.integers(23, 80, size), np.clip(pace[bills.customer] + rng.normal(0, 1.2, size), 0.4, 21.5)
    )
    moment = bills.issued.astype("datetime64[s]") + np.floor(lag).astype(np.int64) * _DAY
    moment += rng.integers(8 * 3600, 20 * 3600, size).astype("timedelta64[s]")
    method = habit[bills.customer]
    counter = np.isin(method, [2, 3, 4, 6])
    moment[counter] = moment[counter].astype("datetime64[D]").astype("datetime64[s]") + rng.integers(
        8 * 3600 + 1800, 17 * 3600, int(counter.sum())
    ).astype("timedelta64[s]")
    unpaid = debtor[bills.customer] & (bills.period >= len(calendar.periods) - 4)
    unpaid &= bills.due > np.datetime64(calendar.as_of) - _OLD_DEBT  # older debts are planted, not ordinary
    end = np.datetime64(calendar.as_of, "s") + _DAY
    paying = Paying(moment, method, bills.total.copy(), (bills.total > 0) & ~unpaid, np.ones(size))
    for change in district.edits.paying:
        change(bills, paying)
    moment, method = paying.moment, paying.method
    paying.paid &= moment < end
    at = np.flatnonzero(paying.paid)
    when, how, who = moment[at], method[at], bills.customer[at]
    order = np.lexsort((at, when))
    at, when, how, who = at[order], when[order], how[order], who[order]
    overdue = np.clip((when.astype("datetime64[D]") - bills.due[at]).astype(np.int64), 0, None)
    penalty = half_up(paying.amount[at] * _daily_rates(district, bills, at, overdue), 1000)
    penalty = np.rint(penalty * paying.charged[at]).astype(np.int64)
    station = district.station[who]
    halls = text(layout.outlets_of[s][0] for s in layout.stations)
    agents = text(layout.outlets_of[s][2] for s in layout.stations)
    online = layout.online_outlets[rng.integers(0, len(layout.online_outlets), len(at))]
    outlet = np.where(how == 4, agents[station], or_none(np.isin(how, [2, 3, 6]), halls[station]))
    outlet = np.where(how == 0, online, outlet)
    cashier = or_none(np.isin(how, [2, 3, 6]), layout.pick_staff(rng, station, "cashier"))
    cash = np.isin(how, [2, 6])
    remitted = when.astype("datetime64[D]").astype("datetime64[s]") + _DAY + np.timedelta64(9 * 3600, "s")
    posted = np.where(np.isin(how, [1, 5]), when + np.timedelta64(7200, "s"), when + np.timedelta64(60, "s"))
    reference = 10**13 + (bills.number[at] % 10**9) * 10_000 + rng.integers(0, 10_000, len(at))
    with_bank = np.isin(how, [0, 1, 3, 5])
    numbers = number_text(reference).to_numpy(zero_copy_only=False)
    table = arrow_table(
        "payment",
        payment_id=number_text(bills.number[at] * 10 + 1),
        customer_id=number_text(FIRST_CUSTOMER + district.first + who),
        bill_id=number_text(bills.number[at]),
        yuan=paying.amount[at],
        penalty_yuan=np.where(penalty > 0, penalty, NULL),
        method=take(METHODS, how),
        outlet_id=outlet,
        cashier_id=cashier,
        received_at=when,
        posted_at=posted,
        remitted_at=np.where(cash & (remitted < end), remitted, np.datetime64("NaT", "s")),
        bank_reference=or_none(with_bank, numbers),
    )
    return table, paying


def _daily_rates(district: District, bills: Bills, at: Array, overdue: Array) -> Array:
    """Sum of the daily thousandths of late payments: 1 for homes; others 2 in the year of the bill, 3 in later ones."""
    home = district.customer["usage_class"][bills.customer[at]] == "residential"
    later = (district.calendar.periods[bills.period[at]].astype("datetime64[Y]") + 1).astype("datetime64[D]")
    last = bills.due[at] + overdue
    after = np.clip((last - np.maximum(later, bills.due[at] + 1)).astype(np.int64) + 1, 0, overdue)
    return np.asarray(np.where(home, overdue, 2 * overdue + after))


def build_accounts(district: District, bills: Bills, paying: Paying) -> Any:
    """Balances of every customer at the end of the last three periods."""
    calendar = district.calendar
    parts_customer, parts_period, parts_cents = [], [], []
    known = np.unique(bills.customer)
    for number in range(max(len(calendar.periods) - 3, 0), len(calendar.periods)):
        end = calendar.periods[number] + calendar.month_days[number]
        settled = paying.paid & (paying.moment < end.astype("datetime64[s]"))
        left = np.where(settled, bills.total - paying.amount, bills.total)
        open_ = (bills.issued < end) & (left > 0)
        cents = np.bincount(bills.customer[open_], weights=left[open_], minlength=district.size)
        parts_customer.append(known)
        parts_period.append(np.full(len(known), number))
        parts_cents.append(np.rint(cents[known]).astype(np.int64))
    cents = np.concatenate(parts_cents)
    return arrow_table(
        "customer_account",
        customer_id=number_text(FIRST_CUSTOMER + district.first + np.concatenate(parts_customer)),
        period=calendar.periods[np.concatenate(parts_period)],
        receivable_yuan=cents,
        advance_yuan=np.zeros_like(cents),
    )


def monthly_sums(district: District, bills: Bills, paying: Paying) -> Array:
    """Cents billed and received per county and calendar month: what the ledgers book."""
    calendar = district.calendar
    county = district.layout.station_county[district.station[bills.customer]]
    months = len(calendar.periods)
    sums = np.zeros((2, len(COUNTIES), months), dtype=np.int64)
    first = calendar.periods[0].astype("datetime64[M]")
    paid = np.where(paying.paid, paying.moment, np.datetime64("NaT", "s")).astype("datetime64[D]")
    for which, day, cents in ((0, bills.issued, bills.total), (1, paid, paying.amount)):
        month = (day.astype("datetime64[M]") - first).astype(np.int64)
        inside = ~np.isnat(day) & (month >= 0) & (month < months)
        np.add.at(sums[which], (county[inside], month[inside]), cents[inside])
    return sums


def build_ledger(sums: Array, periods: Array) -> Frame:
    """Both systems' ledgers, which agree: receivables, cash at bank, revenue."""
    frame = Frame("ledger")
    balance = np.cumsum(sums[0] - sums[1], axis=1)
    for county, org_id in enumerate(county_ids()):
        for number, period in enumerate(periods):
            billed, received = int(sums[0, county, number]), int(sums[1, county, number])
            opening = int(balance[county, number] - billed + received)
            rows = [
                ("receivable", "asset", opening, billed, received, opening + billed - received),
                ("bank_in_transit", "asset", 0, received, received, 0),
                ("revenue", "income", 0, billed, billed, 0),
            ]
            for system in ("marketing", "finance"):
                for kind in ("general", "subsidiary"):
                    for account, side, before, debit, credit, after in rows:
                        frame.append(
                            org_id=org_id, period=period, system=system, account=account, kind=kind, side=side,
                            opening_yuan=before, debit_yuan=debit, credit_yuan=credit, closing_yuan=after,
                        )  # fmt: skip
    return frame
