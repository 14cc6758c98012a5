"""Bills as they should have been, given what was delivered: the measure of every billing fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array, month_of
from jicha.sandbox.billing.delivered import Reasons, read_quantities
from jicha.sandbox.billing.parts import connected, cut_books, cut_known, cut_quantities
from jicha.sandbox.billing.settle import Account, Books, Known, settle
from jicha.sandbox.billing.tiers import tiered
from jicha.sandbox.edits import from_arrow
from jicha.sandbox.frame import Frame

_FILE_ORDERS = {"change_class", "change_price_strategy", "change_voltage", "change_demand", "transfer_ownership",
                "split_account", "merge_account", "increase_capacity", "reduce_capacity",
                "resume_capacity"}  # fmt: skip
_CAPACITY_ORDERS = {"suspend", "resume", "reduce_capacity", "resume_capacity", "increase_capacity", "new_hv"}


@dataclass
class Recomputed:
    """What was issued and what is right per point and period, and why a bill cannot be judged."""

    books: Books
    rows: Array  # [point, period] row of the one regular bill in `bills`, -1: none
    bills: Frame
    account: Account
    reasons: Reasons

    def shown(self, name: str) -> Array:
        """A column of the issued bills per point and period, null as 0."""
        values = self.bills[name] if name in self.bills.columns else np.full(len(self.bills), NULL)
        values = np.append(np.where(values == NULL, 0, values), 0)
        return np.asarray(values[self.rows])


def recompute(books: Books, reading: Any, segments: Frame, table: Any) -> Recomputed:
    """Recompute the bills of a district from its delivered tables."""
    files = books.files
    bills = from_arrow("bill", table)
    rows, known, reasons = _issued(books, bills)
    live = rows >= 0
    quantities, unread = read_quantities(books, reading, segments, live)
    for place, found in unread.items():
        reasons.setdefault(place, set()).update(found)
    for point, period in zip(*np.nonzero(live & (files.span == 0)), strict=True):
        reasons.setdefault((int(point), int(period)), set()).add("period_unclear")
    account = settle(books, quantities, known)
    for place, found in account.reasons.items():
        reasons.setdefault(place, set()).update(found)
    _orders(books, account, live, reasons)
    _catching(books, reasons)
    return Recomputed(books, rows, bills, account, reasons)


def _issued(books: Books, bills: Frame) -> tuple[Array, Known, Reasons]:
    files, calendar = books.files, books.files.district.calendar
    at = {name: place for place, name in enumerate(files.point_id.tolist())}
    point = np.array([at.get(name, -1) for name in bills["point_id"].tolist()], dtype=np.int64)
    period = np.searchsorted(calendar.periods, bills["period"])
    regular = regular_rows(bills, point, period)
    reasons: Reasons = {}
    rows = np.full(files.first.shape, -1, dtype=np.int64)
    first = np.flatnonzero(regular & (point >= 0))
    count = np.zeros(files.first.shape, dtype=np.int64)
    np.add.at(count, (point[first], period[first]), 1)
    rows[point[first], period[first]] = first
    for p, m in zip(*np.nonzero(count > 1), strict=True):
        reasons[int(p), int(m)] = {"several_bills"}
    billed = bills["billed_kwh"]
    sums, there = np.zeros(files.first.shape, dtype=np.int64), np.zeros(files.first.shape, dtype=bool)
    ok = point >= 0
    np.add.at(sums, (point[ok], period[ok]), np.where(billed[ok] == NULL, 0, billed[ok]))
    there[point[ok], period[ok]] = True

    def column(name: str) -> Array:
        values = bills[name] if name in bills.columns else np.full(len(bills), NULL)
        return np.asarray(np.append(values, NULL)[rows])

    adjusted, yuan = column("adjusted_kwh"), column("adjusted_yuan")
    priced = np.where((adjusted != NULL) & ((yuan == NULL) | (yuan == 0)), adjusted, 0)
    basic = column("basic_yuan")
    used = _used_before(books, sums, there, column("tier_used_before_kwh"))
    return rows, Known(np.where(adjusted == NULL, 0, adjusted), priced, used, (basic != NULL) & (basic != 0)), reasons


def regular_rows(bills: Frame, point: Array, period: Array) -> Array:
    """Mask of the regular bills: normal or part, and not cancelled by a reversal."""
    kind = bills["kind"]
    regular = np.array([k in (None, "normal", "part") for k in kind.tolist()], dtype=bool)
    total = bills["total_yuan"]
    taken: set[int] = set()
    for row in np.flatnonzero(kind == "reversal").tolist():
        same = np.flatnonzero(
            (point == point[row]) & (period == period[row]) & (total == -total[row]) & (kind != "reversal")
        )
        for other in sorted(same.tolist(), key=lambda r: str(bills["bill_id"][r])):
            if other not in taken:
                taken.add(other)
                regular[other] = False
                break
    return regular


def _used_before(books: Books, sums: Array, there: Array, stated: Array) -> Array:
    """Energy billed earlier in the year where every month has a bill, else what the bill says; monthly tiers: none."""
    files, periods = books.files, books.files.district.calendar.periods
    months = month_of(periods)
    points = np.flatnonzero(tiered(files, books.ladders))
    codes = files.facts.today["tariff_code"].astype(str)
    found = stated.copy()
    for_month = np.array([not books.ladders[c].yearly for c in codes[points]], dtype=bool)
    found[points[for_month]] = 0
    yearly = points[~for_month]
    cycle = files.cycle[yearly]
    opened = files.district.customer["opened_on"][files.owner[yearly]]
    dated = ~np.isnat(opened)
    own = (opened.astype("datetime64[M]") - periods[0].astype("datetime64[M]")).astype(np.int64)
    energy, bills = _up_to(sums[yearly]), _up_to(there[yearly])  # of the periods before each
    each = np.arange(len(yearly))
    for number in range(len(periods)):
        begin = number - months[number] + 1
        since = np.where(dated & (own > begin) & (own <= number), own, begin)
        first = np.maximum(since, 0)
        total = energy[each, number] - energy[each, first]
        whole = bills[each, number] - bills[each, first] == number - first
        for k in np.flatnonzero(cycle > 1).tolist():
            last, span = number - int(cycle[k]), int(cycle[k])
            ends = range(last, int(first[k]) - 1, -span)
            whole[k] = all(bills[k, end + 1] > bills[k, max(end - span + 1, 0)] for end in ends)
        early = since < 0  # the year began before the data
        whole, total = np.where(early, months[number] == 1, whole), np.where(early, 0, total)
        found[yearly[whole], number] = total[whole]
    return found


def _up_to(values: Array) -> Array:
    """Sums over the periods before each, and over all: one column more than there are periods."""
    return np.concatenate(
        [np.zeros((len(values), 1), dtype=np.int64), np.cumsum(values, axis=1, dtype=np.int64)], axis=1
    )


def _orders(books: Books, account: Account, live: Array, reasons: Reasons) -> None:
    """Bills that an order makes doubtful where no history tells what held before."""
    files, district = books.files, books.files.district
    frame = district.tables["service_order"]
    today = np.datetime64(district.calendar.as_of)
    with_history = set(books.windings.owner[books.windings.dated].tolist())
    for row in range(len(frame)):
        kind, status = frame["kind"][row], frame["status"][row]
        if kind not in _FILE_ORDERS | _CAPACITY_ORDERS or status not in ("open", "archived"):
            continue
        position = int(district.position(frame["customer_id"][row : row + 1])[0])
        day = _day(frame, "effective_from", row)
        if np.isnat(day):
            day = frame["archived_at"][row].astype("datetime64[D]")
        if np.isnat(day) or day > today:
            continue
        for point in files.of_customer.get(position, []):
            of_file = kind in _FILE_ORDERS and not files.has_history[point]
            bears = account.losses.bears[point] or files.facts.today["basic_charge_mode"][point] == "capacity"
            of_capacity = kind in _CAPACITY_ORDERS and position not in with_history and bears
            if not of_file and not of_capacity:
                continue
            number = int(files.number(day))
            doubtful = live[point] & (files.first[point] < number)
            until = _day(frame, "effective_to", row)
            if of_capacity and kind in ("suspend", "reduce_capacity") and not np.isnat(until) and until < today:
                doubtful |= live[point] & (files.first[point] <= int(files.number(until)))
            for period in np.flatnonzero(doubtful).tolist():
                reasons.setdefault((point, period), set()).add("change_order")


def _day(frame: Frame, name: str, row: int) -> Any:
    return frame[name][row] if name in frame.columns else np.datetime64("NaT", "D")


def _catching(books: Books, reasons: Reasons) -> None:
    """A quantity that others of the customer need makes their bills doubtful too."""
    files = books.files
    needed = {"reading_missing", "index_backwards", "transformer_data", "loss_row_missing", "allocation_missing"}
    for (point, period), found in list(reasons.items()):
        if found & needed:
            family = [*files.of_customer[int(files.owner[point])], *np.flatnonzero(files.parent == point).tolist()]
            if files.parent[point] >= 0:
                family.append(int(files.parent[point]))
            for other in family:
                if other != point:
                    reasons.setdefault((other, period), set()).update(found & needed)


__all__ = ["Recomputed", "connected", "cut_books", "cut_known", "cut_quantities", "recompute", "regular_rows"]
