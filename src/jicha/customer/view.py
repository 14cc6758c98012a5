"""One customer: its sections, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from jicha.customer.bills import BillBeside, bills_beside
from jicha.customer.curve import LOOK_BACK_DAYS, Curve, curve_of, summed
from jicha.customer.grid import DAYS_SHOWN, area_days
from jicha.customer.reader import Reader, UnknownCustomer

PERIODS_SHOWN = 12
MOST_ROWS = 200  # of a table of a section
_SPANS = {"metering_point_history": "effective_from", "area_membership": "from_on"}  # what held from a day on
SECTIONS: Mapping[str, tuple[str, ...]] = {  # section → tables without which it has nothing to say
    "files": ("customer",),
    "metering": ("metering_point",),
    "readings": ("reading",),
    "daily": ("daily_energy",),
    "bills": ("bill",),
    "payments": ("payment", "customer_account"),
    "area": ("area", "daily_energy"),
    "orders": ("service_order",),
    "tickets": ("ticket",),
    "inspections": ("usage_inspection",),
}
_DATED = {  # table → (section, what orders it, newest first)
    "service_order": ("orders", "applied_at"),
    "ticket": ("tickets", "created_at"),
    "usage_inspection": ("inspections", "inspected_on"),
    "payment": ("payments", "received_at"),
    "adjustment": ("payments", "requested_at"),
    "customer_account": ("payments", "period"),
}


@dataclass(frozen=True)
class Section:
    """Rows by table, in the order they are shown. `missing`: tables that were not delivered or are empty.

    of: how many rows there are of a table of which only the first MOST_ROWS are here.
    """

    tables: Mapping[str, tuple[Mapping[str, Any], ...]]
    missing: tuple[str, ...] = ()
    of: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: say "no data", never "nothing wrong"."""
        return not any(self.tables.values())


@dataclass(frozen=True)
class AreaLoss:
    """The area of a customer and its loss by day, as the model `area_daily_loss` computes it."""

    area: Mapping[str, Any] | None
    days: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...] = ()


@dataclass
class CustomerView:
    """The 360° view of one customer on one day.

    orgs: organisations whose customers may be seen; None: all. UnknownCustomer when it lies elsewhere.
    """

    reader: Reader
    customer_id: str
    as_of: date
    orgs: Collection[str] | None = None
    customer: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        found = self.reader.rows("customer", "customer_id", [self.customer_id])
        if not found or (self.orgs is not None and found[0]["org_id"] not in self.orgs):
            raise UnknownCustomer(self.customer_id)
        self.customer = found[0]

    # -- sections ----------------------------------------------------------------------------------------------

    def files(self) -> Section:
        """Return the customer's file with power sources, contracts, own generation, transformers and when these ran."""
        names = ("power_source", "contract", "customer_transformer", "self_generator")
        first = _First(self)
        tables: dict[str, tuple[Mapping[str, Any], ...]] = {"customer": (self.customer,)}
        tables |= {name: first.rows(name, "customer_id", [self.customer_id]) for name in names}
        transformers = [row["transformer_id"] for row in tables["customer_transformer"]]
        ran = first.rows("transformer_status", "transformer_id", transformers, order="from_on DESC, transformer_id")
        tables["transformer_status"] = ran
        return Section(tables, self._missing(*names), first.of)

    def metering(self) -> Section:
        """Return points, meters, instrument transformers, and what the collection system says of the meters."""
        ids, first = self.point_ids, _First(self)
        tables: dict[str, tuple[Mapping[str, Any], ...]] = {"metering_point": tuple(self.points)}
        for name in ("meter", "instrument_transformer", "ami_meter", *_SPANS, "field_test"):
            order = f"point_id, {_SPANS[name]} DESC" if name in _SPANS else "point_id"
            tables[name] = first.rows(name, "point_id", ids, order=order)
        meters = [row["meter_id"] for row in tables["meter"]]
        tables["meter_event"] = first.rows(
            "meter_event", "meter_id", meters, since=("started_at", self._days_ago(400)), order="started_at DESC"
        )
        return Section(tables, self._missing("metering_point", "meter", "instrument_transformer"), first.of)

    def readings(self) -> Section:
        """Return the readings of the last periods, newest first, and those at which a period was divided."""
        since = ("period", periods_before(self.as_of, PERIODS_SHOWN))
        rows = self.reader.rows(
            "reading", "point_id", self.point_ids, as_of=self.as_of, since=since,
            order="period DESC, point_id, register",
        )  # fmt: skip
        first = _First(self)
        parts = first.rows("reading_segment", "point_id", self.point_ids, order="from_at DESC, point_id, register")
        return Section({"reading": tuple(rows), "reading_segment": parts}, self._missing("reading"), first.of)

    def daily(self) -> Curve:
        """Return the daily energy of its settlement points together, beside the normal band."""
        first = self._days_ago(DAYS_SHOWN)
        rows = self.reader.rows(
            "daily_energy", "point_id", self.settlement_ids, columns=("point_id", "day", "energy_kwh", "reverse_kwh"),
            since=("day", first - timedelta(days=LOOK_BACK_DAYS)),
        )  # fmt: skip
        seen = [row for row in rows if row["day"] <= self.as_of]
        return curve_of(summed(seen, "energy_kwh"), summed(seen, "reverse_kwh"), shown_from=first)

    def bills(self, periods: int = PERIODS_SHOWN) -> tuple[BillBeside, ...]:
        """Return the bills of the last periods beside their recomputation, newest first."""
        return bills_beside(self.reader, self.customer_id, data=self.reader.data, as_of=self.as_of, periods=periods)

    def payments(self) -> Section:
        """Return payments, adjustments and month-end balances, newest first."""
        return self._dated("payments")

    def area(self) -> AreaLoss:
        """Return the area that most of its points belong to, with the loss of the last days."""
        areas = [p["area_id"] for p in self.points if p["area_id"]]
        missing = self._missing("area", "daily_energy")
        if not areas:
            return AreaLoss(None, (), missing)
        area_id = max(sorted(set(areas)), key=areas.count)
        found = self.reader.rows("area", "area_id", [area_id])
        if not found or "daily_energy" in missing:
            return AreaLoss(found[0] if found else None, (), missing)
        days = area_days(self.reader, found[0], as_of=self.as_of, first=self._days_ago(DAYS_SHOWN))
        return AreaLoss(found[0], tuple(days), missing)

    def orders(self) -> Section:
        """Return service orders, newest first."""
        return self._dated("orders")

    def tickets(self) -> Section:
        """Return tickets of the hotline, newest first."""
        return self._dated("tickets")

    def inspections(self) -> Section:
        """Return usage inspections, newest first."""
        return self._dated("inspections")

    # -- parts -------------------------------------------------------------------------------------------------

    @cached_property
    def points(self) -> list[dict[str, Any]]:
        """Its metering points."""
        return self.reader.rows("metering_point", "customer_id", [self.customer_id], order="point_id")

    @property
    def point_ids(self) -> list[str]:
        """Ids of its points."""
        return [row["point_id"] for row in self.points]

    @property
    def settlement_ids(self) -> list[str]:
        """Ids of its settlement points without a parent: sub-meters are in what their main meter says."""
        own = set(self.point_ids)
        return [
            p["point_id"]
            for p in self.points
            if p["purpose"] == "settlement" and p["parent_point_id"] not in own
        ]  # fmt: skip

    def _dated(self, section: str) -> Section:
        tables, first = {}, _First(self)
        for table, (of, column) in _DATED.items():
            if of == section:
                split = table in {"payment", "customer_account"}
                tables[table] = first.rows(
                    table, "customer_id", [self.customer_id], order=f"{column} DESC",
                    since=(column, self._days_ago(400)) if split else None,
                )  # fmt: skip
        return Section(tables, self._missing(*tables), first.of)

    def _missing(self, *tables: str) -> tuple[str, ...]:
        return tuple(table for table in tables if not self.reader.delivered(table))

    def _days_ago(self, days: int) -> date:
        return self.as_of - timedelta(days=days)


def periods_before(day: date, periods: int) -> date:
    """Return the first day of the month so many billing periods before that of a day."""
    months = day.year * 12 + day.month - 1 - periods
    return date(months // 12, months % 12 + 1, 1)


@dataclass
class _First:
    """Reads the first rows of tables, and counts those of which there are more."""

    view: CustomerView
    of: dict[str, int] = field(default_factory=dict)

    def rows(self, table: str, column: str, ids: Collection[str], **wanted: Any) -> tuple[Mapping[str, Any], ...]:
        reader, as_of = self.view.reader, self.view.as_of
        found = reader.rows(table, column, ids, as_of=as_of, limit=MOST_ROWS + 1, **wanted)
        if len(found) > MOST_ROWS:
            self.of[table] = reader.count(table, column, ids, as_of=as_of, since=wanted.get("since"))
        return tuple(found[:MOST_ROWS])
