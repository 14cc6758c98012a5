"""The words of the specification's `definitions`, as plain loops over rows; nothing here knows the SQL."""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]

AROSE = {
    "field_test": "tested_on",
    "reading": "read_at",
    "interval_energy": "started_at",
    "meter_event": "started_at",
    "bill": "issued_on",
    "adjustment": "requested_at",
    "payment": "received_at",
    "service_order": "applied_at",
    "service_step": "started_at",
    "ticket": "created_at",
    "usage_inspection": "inspected_on",
}


def day_of(value: date | datetime | None) -> date | None:
    """A timestamp's date."""
    return value.date() if isinstance(value, datetime) else value


def add_months(day: date, months: int) -> date:
    """The same day of the month n months later, cut to the month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def key_of_text(text: str | None) -> str | None:
    """NFKC, without the classes Z, P and S, letters upper case: name_key and address_key; blank is null."""
    if text is None:
        return None
    normal = unicodedata.normalize("NFKC", text)
    return "".join(c for c in normal if unicodedata.category(c)[0] not in "ZPS").upper() or None


@dataclass
class World:
    """One data set and the run it is screened in."""

    tables: Mapping[str, Sequence[Row]]
    as_of: date
    settle_day: int = 10
    parameters: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    _seen: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        """The rows of a table that arose up to as_of."""
        if table in self._seen:
            return self._seen[table]
        column = AROSE.get(table)
        found = []
        for row in self.tables.get(table, ()):
            arose = day_of(row.get(column)) if column else None
            if arose is None or arose <= self.as_of:
                found.append(row)
        self._seen[table] = found
        return found

    @property
    def p0(self) -> date:
        """First day of the latest period taken as complete."""
        first = self.as_of.replace(day=1)
        return add_months(first, -2 if self.as_of.day < self.settle_day else -1)

    def window(self, months: int) -> set[date]:
        """W(n)."""
        return {add_months(self.p0, -back) for back in range(months)}

    def mature(self) -> dict[str, Row]:
        """Mature customers by id."""
        return {row["customer_id"]: row for row in self.rows("customer") if self._is_mature(row)}

    def _is_mature(self, row: Row) -> bool:
        opened, closed = row.get("opened_on"), row.get("closed_on")
        return (
            row["status"] == "active"
            and (opened is None or add_months(opened, 2) <= self.as_of)
            and (closed is None or closed >= self.as_of)
        )

    def settlement_points(self) -> list[Row]:
        """S: settlement points in use of mature customers."""
        mature = self.mature()
        return [
            row
            for row in self.rows("metering_point")
            if row["purpose"] == "settlement" and active(row) and row.get("customer_id") in mature
        ]

    def orders(self, customer_id: str) -> list[Row]:
        """The customer's orders: status not null and not cancelled."""
        return [
            row
            for row in self.rows("service_order")
            if row["customer_id"] == customer_id and row.get("status") not in {None, "cancelled"}
        ]

    def in_flight(self, customer_id: str, *kinds: str) -> bool:
        """Whether an order of one of the kinds is open."""
        return any(row["kind"] in kinds and row["status"] == "open" for row in self.orders(customer_id))

    def transformers(self, customer_id: str) -> list[Row]:
        """All transformers on file of a customer."""
        return [row for row in self.rows("customer_transformer") if row["customer_id"] == customer_id]

    def tariff_at(self, tariff_code: str | None, day: date) -> Row | None:
        """The tariff row in force: of several the latest."""
        valid = [
            row
            for row in self.rows("tariff")
            if row["tariff_code"] == tariff_code
            and row["effective_from"] <= day
            and (row.get("effective_to") is None or row["effective_to"] >= day)
        ]
        return max(valid, key=lambda row: row["effective_from"], default=None)

    def list_values(self, name: str, column: str) -> list[Any]:
        """One column of a run list."""
        return [row[column] for row in self.lists.get(name, ())]

    def areas_of_customers(self) -> dict[str, str]:
        """The area of each customer: that with the most billed_kwh in W(12), then the smallest area_id.

        An area that was never billed comes after all that were.
        """
        window = self.window(12)
        billed: dict[str, list[Decimal]] = {}
        for bill in self.rows("bill"):
            if bill["period"] in window and bill.get("billed_kwh") is not None:
                billed.setdefault(bill["point_id"], []).append(bill["billed_kwh"])
        sums: dict[str, dict[str, list[Decimal]]] = {}
        for point in self.settlement_points():
            if point.get("area_id") is not None:
                by_area = sums.setdefault(point["customer_id"], {})
                by_area.setdefault(point["area_id"], []).extend(billed.get(point["point_id"], []))
        chosen = {}
        for customer_id, by_area in sums.items():
            billed_areas = {area: sum(kwh) for area, kwh in by_area.items() if kwh}
            most = max(billed_areas.values(), default=None)
            chosen[customer_id] = min(area for area in by_area if billed_areas.get(area) == most)
        return chosen


def active(point: Row) -> bool:
    """An active point: status null or active."""
    return point.get("status") in {None, "active"}


def high_voltage(customer: Row) -> bool:
    """Supplied at 1 kV or more; unknown is not."""
    return customer.get("voltage_v") is not None and customer["voltage_v"] >= 1000


def low_voltage(customer: Row) -> bool:
    """Supplied below 1 kV; unknown is not."""
    return customer.get("voltage_v") is not None and customer["voltage_v"] < 1000


def exact(value: float | None) -> Decimal:
    """The decimal a number was written as; null is 0."""
    return Decimal(str(value or 0))


def capacity(transformers: Sequence[Row], customer: Row) -> Decimal:
    """Sum of the capacities, of one interlock group only the greatest, plus the direct motors."""
    total = exact(customer.get("direct_motor_kva"))
    groups: dict[str, Decimal] = {}
    for row in transformers:
        group, kva = row.get("interlock_group"), exact(row["capacity_kva"])
        if group is None:
            total += kva
        else:
            groups[group] = max(groups.get(group, kva), kva)
    return total + sum(groups.values(), Decimal(0))


def days(count: int) -> timedelta:
    """A number of days."""
    return timedelta(days=count)
