"""Accounts and use: AC009 to AC013, UI007 to UI009, and the refunds that AC014 looks at."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL
from jicha.sandbox.audit.evidence import Evidence
from jicha.sandbox.edits import from_arrow
from jicha.sandbox.people import SYSTEM_ACCOUNT

_RANK = {None: 0, "none": 0, "station": 1, "county": 2, "city": 3, "province": 4}
_LIMITS = (1000, 10_000, 100_000)


def judge(e: Evidence) -> None:
    """Judge payments, adjustments and what was used."""
    for rule in (_ac009, _adjustments, _ui007, _ui008, _ui009):
        rule(e)


def _day(moment: Any) -> Any:
    return moment.astype("datetime64[D]")


def _ac009(e: Evidence) -> None:
    frame = from_arrow("payment", e.payment)
    bill_row = {str(b): r for r, b in enumerate(e.bills["bill_id"].tolist())}
    paid: dict[int, list[int]] = defaultdict(list)
    ids = frame["bill_id"].tolist()
    penal = frame["received_at"].astype("datetime64[D]") >= e.as_of - 90
    recent = {ids[row] for row in np.flatnonzero(penal).tolist()}
    for row, number in enumerate(ids):
        if number in recent and number in bill_row:
            paid[bill_row[number]].append(row)
    reversed_ = frame["reversed_at"] if "reversed_at" in frame.columns else np.full(len(ids), np.datetime64("NaT", "s"))
    for bill, rows in paid.items():
        valid = [r for r in rows if np.isnat(reversed_[r]) or _day(reversed_[r]) > e.as_of]
        valid = [r for r in valid if _day(frame["received_at"][r]) <= e.as_of]
        due = e.bills["due_on"][bill]
        position = int(e.district.position(e.bills["customer_id"][bill : bill + 1])[0])
        if not valid or not e.regular[bill] or e.customer["payment_mode"][position] == "prepaid":
            continue
        if int(e.bills["total_yuan"][bill]) - sum(int(frame["yuan"][r]) for r in valid) > 1:
            continue
        last = max(_day(frame["received_at"][r]) for r in valid)
        if not (e.as_of - 90 <= last < e.as_of and last > due + 3):
            continue
        home = e.customer["usage_class"][position] == "residential"
        year = e.bills["period"][bill].astype("datetime64[Y]")
        expected, principal = 0.0, 0
        for row in valid:
            day = _day(frame["received_at"][row])
            if day <= due:
                continue
            days = np.arange(due + 1, day + 1)
            rates = np.where(days.astype("datetime64[Y]") == year, 2, 3)
            principal += int(frame["yuan"][row])
            expected += int(frame["yuan"][row]) * (len(days) if home else int(rates.sum())) / 1000
        expected = min(expected, principal) / 100
        got = sum(int(frame["penalty_yuan"][r]) for r in valid if frame["penalty_yuan"][r] != NULL) / 100
        if expected >= 1 and (got == 0 or abs(got - expected) > max(1.0, 0.1 * expected)):
            e.report("AC009", bill_id=e.bills["bill_id"][bill])


def _adjustments(e: Evidence) -> None:
    frame = e.district.tables["adjustment"]
    frame.settle()
    rows = [{n: frame.columns[n][r] for n in frame.columns} for r in range(len(frame))]
    year = [r for r in rows if e.as_of - 365 <= _day(r["requested_at"]) < e.as_of]
    for row in year:
        yuan = row["yuan"] / 100 if row["yuan"] != NULL else 0.0
        _ac010(e, row, yuan)
        kwh = 0 if row["kwh"] == NULL else row["kwh"]
        same = row["requested_by"] is not None and row["requested_by"] == row["approved_by"]
        batch = row["reason"] == "policy" and row["requested_by"] == SYSTEM_ACCOUNT
        if same and not batch and (yuan or kwh):
            e.report("AC011", adjustment_id=row["adjustment_id"])
        _ac012(e, row, yuan)
    refunds = [r for r in year if r["yuan"] != NULL and r["yuan"] < 0 and r["reason"] not in ("policy", None)]
    _ac013(e, refunds)
    e.whole.refunds += [r for r in refunds if r["requested_by"] is not None]
    e.whole.approvers |= {r["approved_by"] for r in year if r["approved_by"] is not None}


def _ac010(e: Evidence, row: dict[str, Any], yuan: float) -> None:
    if yuan >= 0:
        return
    required = 1 + sum(-yuan >= limit for limit in _LIMITS)
    if row["reason"] == "policy":
        required = min(required, 2)
    open_ = row["approved_by"] is None or np.isnat(row["approved_at"])
    late = (e.as_of - _day(row["requested_at"])).astype(int) > 30
    if _RANK[row["approval_level"]] < required or (open_ and late):
        e.report("AC010", adjustment_id=row["adjustment_id"])


def _ac012(e: Evidence, row: dict[str, Any], yuan: float) -> None:
    if abs(yuan) < 500 or row["reason"] == "policy" or row["reason"] is None:
        return
    asked, approved = row["requested_at"], row["approved_at"]
    hour = int((asked - _day(asked)).astype("timedelta64[h]").astype(int))
    night = hour >= 22 or hour < 6
    six = _day(asked) + (1 if hour >= 6 else 0)
    wrong = row["has_evidence"] is not True
    if not np.isnat(approved):
        wrong |= bool(approved < asked)
        wrong |= (approved - asked) < np.timedelta64(120, "s") and abs(yuan) >= 5000
        wrong |= night and bool(approved < six.astype("datetime64[s]") + np.timedelta64(6 * 3600, "s"))
    wrong |= bool(row["period"] > asked.astype("datetime64[M]").astype("datetime64[D]"))
    if wrong:
        e.report("AC012", adjustment_id=row["adjustment_id"])


def _ac013(e: Evidence, refunds: list[dict[str, Any]]) -> None:
    by_customer: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in refunds:
        by_customer[row["customer_id"]].append(row)
    for customer, rows in by_customer.items():
        if _split(rows) or (len(rows) >= 3 and sum(-r["yuan"] for r in rows) >= 200_000):
            e.report("AC013", customer_id=customer)


def _split(rows: list[dict[str, Any]]) -> bool:
    for limit in _LIMITS:
        for clerk in {r["requested_by"] for r in rows}:
            fit = sorted(
                (_day(r["requested_at"]), -r["yuan"] / 100) for r in rows
                if r["requested_by"] == clerk and clerk is not None and limit * 0.5 < -r["yuan"] / 100 <= limit
            )  # fmt: skip
            for place, (first, _) in enumerate(fit):
                window = [y for d, y in fit[place:] if (d - first).astype(int) < 30]
                if len(window) >= 2 and sum(window) > limit:
                    return True
    return False


def _ui007(e: Evidence) -> None:
    c = e.customer
    whole, partly = [], []
    for position in range(e.district.size):
        units = [u for u in e.transformers.get(position, []) if u["status"] != "removed"]
        idle = bool(units) and all(u["status"] in ("suspended", "cold_standby") for u in units)
        if c["status"][position] == "suspended" or (c["status"][position] == "active" and idle):
            whole.append(position)
        elif c["status"][position] == "active" and any(u["status"] == "suspended" for u in units):
            partly.append(position)
    points = {p: [q for q in e.files.of_customer.get(p, []) if e.metered[q]] for p in (*whole, *partly)}
    days = e.days_of(e.daily, [q for p in whole for q in points[p]], ["energy_kwh"])
    for position in whole:
        ends = _ends(e, position)
        sums: dict[Any, float] = defaultdict(float)
        for q in points[position]:
            for day, kwh in zip(*(days[q][n] for n in ("day", "energy_kwh")), strict=True) if q in days else ():
                if e.as_of - 30 <= day < e.as_of and not np.isnan(kwh) and _rests_on(e, position, day, ends):
                    sums[day] += kwh
        if sum(sums.values()) > 30 and sum(v > 1 for v in sums.values()) >= 3:
            e.report("UI007", customer_id=e.customer_id(position))
    _ui007_partly(e, partly, points)


def _ui007_partly(e: Evidence, partly: list[int], points: dict[int, list[int]]) -> None:
    """Some transformers rest: more than what runs can carry."""
    electrical = e.days_of(e.electrical, [q for p in partly for q in points[p]], ["max_demand_kw"])
    for position in partly:
        running = [u for u in e.transformers[position] if u["status"] in ("running", "hot_standby")]
        capacity = e.capacity(running, position)
        orders = [o for o in e.orders.get(position, []) if o["kind"] in ("suspend", "reduce_capacity")]
        ends = _ends(e, position)
        over: set[Any] = set()
        for q in points[position]:
            for day, kw in (
                zip(*(electrical[q][n] for n in ("day", "max_demand_kw")), strict=True) if q in electrical else ()
            ):
                inside = e.as_of - 30 <= day < e.as_of and day not in ends
                if inside and kw > 1.1 * capacity and any(e.effective(o, day) for o in orders):
                    over.add(day)
        if capacity > 0 and len(over) >= 3:
            e.over_running.add(position)
            e.report("UI007", customer_id=e.customer_id(position))


def _ends(e: Evidence, position: int) -> set[Any]:
    """First and last days of suspensions."""
    return {o[n] for o in e.orders.get(position, []) if o["kind"] in ("suspend", "reduce_capacity")
            for n in ("effective_from", "effective_to") if not np.isnat(o[n])}  # fmt: skip


def _rests_on(e: Evidence, position: int, day: Any, ends: set[Any]) -> bool:
    """Whether a fully suspended customer should use nothing on a day: not before, nor when it is sealed or resumed."""
    orders = e.orders.get(position, [])
    begins = [o["effective_from"] for o in orders if o["kind"] in ("suspend", "reduce_capacity")]
    resumed = [o["effective_from"] for o in orders if o["kind"] in ("resume", "resume_capacity")]
    before = bool(begins) and not any(begin < day for begin in begins)
    after = any(again - 1 <= day and not any(again <= begin < day for begin in begins) for again in resumed)
    return not before and not after and day not in ends


def _ui008(e: Evidence) -> None:
    closed = np.flatnonzero(e.customer["status"] == "closed").tolist()
    points = {p: e.files.of_customer.get(p, []) for p in closed}
    days = e.days_of(e.daily, [q for p in closed for q in points[p]], ["energy_kwh"])
    for position in closed:
        end = e.customer["closed_on"][position]
        total = 0.0
        for q in points[position]:
            if q in days:
                inside = (days[q]["day"] > end + 3) & (days[q]["day"] >= e.as_of - 90) & (days[q]["day"] < e.as_of)
                total += float(np.nansum(days[q]["energy_kwh"][inside]))
        if total > 10:
            e.report("UI008", customer_id=e.customer_id(position))


def _ui009(e: Evidence) -> None:
    c = e.customer
    wanted = e.mature & (c["usage_class"] != "residential") & (c["contract_capacity_kva"] >= 30)
    points: dict[int, list[int]] = {}
    for position in np.flatnonzero(wanted).tolist():
        mains = [q for q in e.of(position) if not e.has_parent[q]]
        if not mains or e.fact("basic_charge_mode")[mains[0]] not in (None, "none", "capacity"):
            continue
        if any(o["kind"] == "increase_capacity" and o["in_flight"] for o in e.orders.get(position, [])):
            continue
        if position not in e.over_running:
            points[position] = mains
    days = e.days_of(e.electrical, [q for mains in points.values() for q in mains], ["max_demand_kw", "power_factor"])
    for position, mains in points.items():
        operating = c["operating_capacity_kva"][position]
        limit = 1.1 * float(c["contract_capacity_kva"][position] if np.isnan(operating) else operating)
        sums: dict[Any, float] = defaultdict(float)
        for q in mains:
            if q not in days:
                continue
            rows = days[q]
            inside = (rows["day"] >= e.as_of - 60) & (rows["day"] < e.as_of) & ~np.isnan(rows["max_demand_kw"])
            factor = np.maximum(np.where(np.isnan(rows["power_factor"]), 0.9, rows["power_factor"]), 0.8)
            for day, kva in zip(rows["day"][inside], (rows["max_demand_kw"] / factor)[inside], strict=True):
                sums[day] += kva
        if sum(v > limit + 1e-9 for v in sums.values()) >= 3:
            e.report("UI009", customer_id=e.customer_id(position))
