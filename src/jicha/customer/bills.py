"""A customer's bills beside their recomputation, with the cause of a difference."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jicha.billing.explain import Explanation, explain
from jicha.billing.gather import Gatherer
from jicha.billing.interval import months_later
from jicha.catalog.billing import read_settings
from jicha.customer.narrow import OneCustomer
from jicha.customer.reader import Reader
from jicha.engine.session import Session
from jicha.screening.inputs import latest_complete_period, read_settle_day

_MOST_POINTS = 500  # of customers that share a meter; more are not followed

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class BillBeside:
    """One bill as issued and as recomputed. `explanation` names the cause where they differ."""

    explanation: Explanation

    @property
    def is_judged(self) -> bool:
        """Whether it could be recomputed at all; what could not is never right or wrong."""
        return not self.explanation.made.reasons

    @property
    def differs(self) -> bool:
        """Whether any amount is another than the recomputed one."""
        return self.is_judged and any(self.explanation.differences.values())


def connected(reader: Reader, customer_id: str, since: date) -> tuple[set[str], Rows]:
    """Return the customers that share meters with one (itself too), and the points and bills of all of them."""
    points: dict[str, dict[str, Any]] = {}
    bills: dict[str, dict[str, Any]] = {}
    known: set[str] = set()
    todo = {customer_id}
    while todo and len(points) <= _MOST_POINTS:
        known |= todo
        found = reader.rows("metering_point", "customer_id", todo)
        own = reader.rows("bill", "customer_id", todo, since=("period", since))
        bills |= {row["bill_id"]: row for row in own}
        while found:
            new = {row["point_id"]: row for row in found if row["point_id"] not in points}
            points |= new
            near = {row["parent_point_id"] for row in new.values() if row["parent_point_id"]}
            near |= {row["point_id"] for row in own}
            own = []
            found = reader.rows("metering_point", "point_id", near - set(points)) if near - set(points) else []
            found += reader.rows("metering_point", "parent_point_id", new) if new else []
        owners = {p["customer_id"] for p in points.values() if p["customer_id"] and p["purpose"] == "settlement"}
        todo = owners - known
    return known, {"metering_point": list(points.values()), "bill": list(bills.values())}


def _facts_rows(reader: Reader, customers: Collection[str], rows: Rows, since: date) -> Rows:
    points = [row["point_id"] for row in rows["metering_point"]]
    rows["customer"] = reader.rows("customer", "customer_id", customers)
    for table in ("customer_transformer", "service_order", "customer_price"):
        rows[table] = reader.rows(table, "customer_id", customers)
    transformers = [row["transformer_id"] for row in rows["customer_transformer"]]
    rows["transformer_status"] = reader.rows("transformer_status", "transformer_id", transformers)
    rows["metering_point_history"] = reader.rows("metering_point_history", "point_id", points)
    rows["meter"] = reader.rows("meter", "point_id", points)
    rows["reading"] = reader.rows("reading", "point_id", points, since=("period", since))
    rows["reading_segment"] = reader.rows("reading_segment", "point_id", points)
    codes = {row["tariff_code"] for name in ("metering_point", "metering_point_history", "bill") for row in rows[name]}
    codes |= {row[name] for row in rows["service_order"] for name in ("tariff_before", "tariff_after")}
    for table in ("tariff", "tariff_component", "tariff_tier"):
        rows[table] = reader.rows(table, "tariff_code", codes - {None})
    rows["pf_adjustment"] = reader.all_rows("pf_adjustment")
    sizes = {row["capacity_kva"] for row in rows["customer_transformer"]}
    rows["transformer_loss"] = reader.rows("transformer_loss", "capacity_kva", sizes)
    rows["organization"] = reader.all_rows("organization")
    ids = [row["bill_id"] for row in rows["bill"] if row["customer_id"] in customers]
    rows["bill_line"] = reader.rows("bill_line", "bill_id", ids)
    return rows


def bills_beside(
    reader: Reader, customer_id: str, *, data: Path, as_of: date, periods: int, only: date | None = None
) -> tuple[BillBeside, ...]:
    """Return the bills of a customer's last periods, newest first, each recomputed and explained.

    data: its run folder holds the settings of bills. only: just the bills of this period.
    """
    p0 = latest_complete_period(as_of, read_settle_day(data / "run"))
    first = months_later(only or p0, -(periods + 13))
    customers, rows = connected(reader, customer_id, first)
    rows = _facts_rows(reader, customers, rows, first)
    issued = sorted({r["period"] for r in rows["bill"] if r["customer_id"] == customer_id and _seen(r, as_of)})
    wanted = [only] if only else issued[-periods:]
    if not wanted:
        return ()
    parents = {row["org_id"]: row["parent_id"] for row in rows["organization"]}
    lines = _by_bill(rows["bill_line"])
    found = []
    with Session(OneCustomer(reader, rows), as_of=as_of, p0=p0, memory="512MB", threads=1) as session:
        gatherer = Gatherer(session, read_settings(data / "run", parents))
        for facts in gatherer.gather([customer_id], wanted):
            for bill in facts.bills:
                if bill.customer_id == customer_id:
                    found.append(BillBeside(explain(facts, bill.bill_id, lines.get(bill.bill_id, ()))))
    return tuple(sorted(found, key=lambda b: (b.explanation.bill.period, b.explanation.bill.bill_id), reverse=True))


def _seen(bill: Mapping[str, Any], as_of: date) -> bool:
    return bill["issued_on"] is None or bill["issued_on"] <= as_of


def _by_bill(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda r: (str(r["component"]), str(r["time_band"]))):
        found.setdefault(row["bill_id"], []).append(row)
    return found
