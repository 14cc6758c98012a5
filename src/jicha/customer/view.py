"""One customer: its sections, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from jicha.customer.bills import BillBeside, bills_beside
from jicha.customer.curve import LOOK_BACK_DAYS, Curve, curve_of
from jicha.customer.narrow import NarrowTables
from jicha.customer.reader import Reader, UnknownCustomer
from jicha.engine.session import Session
from jicha.screening.inputs import latest_complete_period, read_settle_day

DAYS_SHOWN = 90
PERIODS_SHOWN = 12
MOST_ROWS = 200  # of a table of a section
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
        """Return the customer's file with power sources, contracts, transformers and own generation."""
        names = ("power_source", "contract", "customer_transformer", "self_generator")
        first = _First(self)
        tables: dict[str, tuple[Mapping[str, Any], ...]] = {"customer": (self.customer,)}
        tables |= {name: first.rows(name, "customer_id", [self.customer_id]) for name in names}
        return Section(tables, self._missing(*names), first.of)

    def metering(self) -> Section:
        """Return points, meters, instrument transformers, and what the collection system says of the meters."""
        ids, first = self.point_ids, _First(self)
        tables: dict[str, tuple[Mapping[str, Any], ...]] = {"metering_point": tuple(self.points)}
        for name in ("meter", "instrument_transformer", "ami_meter", "metering_point_history", "field_test"):
            tables[name] = first.rows(name, "point_id", ids, order="point_id")
        meters = [row["meter_id"] for row in tables["meter"]]
        tables["meter_event"] = first.rows(
            "meter_event", "meter_id", meters, since=("started_at", self._days_ago(400)), order="started_at DESC"
        )
        return Section(tables, self._missing("metering_point", "meter", "instrument_transformer"), first.of)

    def readings(self) -> Section:
        """Return the readings of the last periods, newest first."""
        rows = self.reader.rows(
            "reading", "point_id", self.point_ids, as_of=self.as_of, since=("period", self._periods_ago()),
            order="period DESC, point_id, register",
        )  # fmt: skip
        return Section({"reading": tuple(rows)}, self._missing("reading"))

    def daily(self) -> Curve:
        """Return the daily energy of its settlement points together, beside the normal band."""
        first = self._days_ago(DAYS_SHOWN)
        rows = self.reader.rows(
            "daily_energy", "point_id", self.settlement_ids, columns=("point_id", "day", "energy_kwh", "reverse_kwh"),
            since=("day", first - timedelta(days=LOOK_BACK_DAYS)),
        )  # fmt: skip
        seen = [row for row in rows if row["day"] <= self.as_of]
        return curve_of(_summed(seen, "energy_kwh"), _summed(seen, "reverse_kwh"), shown_from=first)

    def bills(self, periods: int = PERIODS_SHOWN) -> tuple[BillBeside, ...]:
        """Return the bills of the last periods beside their recomputation, newest first."""
        return bills_beside(self.reader, self.customer_id, data=self.reader.data, as_of=self.as_of, periods=periods)

    def payments(self) -> Section:
        """Return payments and month-end balances, newest first."""
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
        return AreaLoss(found[0], tuple(self._area_days(found[0])), missing)

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

    def _area_days(self, area: Mapping[str, Any]) -> list[dict[str, Any]]:
        members = self.reader.rows("metering_point", "area_id", [area["area_id"]])
        moved = self.reader.rows("area_membership", "area_id", [area["area_id"]])
        points = {row["point_id"] for row in (*members, *moved)} | {area["master_point_id"]} - {None}
        owners = {row["customer_id"] for row in members if row["customer_id"]}
        late = points - {row["point_id"] for row in members}
        owners |= {
            row["customer_id"] for row in self.reader.rows("metering_point", "point_id", late) if row["customer_id"]
        }
        first = self._days_ago(DAYS_SHOWN)
        filters: dict[str, tuple[str, Collection[str]]] = {
            "area": ("area_id", [area["area_id"]]),
            "metering_point": ("point_id", points),
            "area_membership": ("point_id", points),
            "customer": ("customer_id", owners),
            "daily_energy": ("point_id", points),
        }
        source = NarrowTables(self.reader, filters, since={"daily_energy": first})
        p0 = latest_complete_period(self.as_of, read_settle_day(self.reader.data / "run"))
        with Session(source, as_of=self.as_of, p0=p0, memory="512MB", threads=2) as session:
            session.require(["area_daily_loss"])
            names = ("day", "supplied_kwh", "sold_kwh", "generated_kwh", "loss_kwh", "loss_pct", "customers",
                     "collected_customers")  # fmt: skip
            found = session.connection.execute(
                f"SELECT {', '.join(names)} FROM area_daily_loss WHERE area_id = $1 AND day >= $2 ORDER BY day",
                [area["area_id"], first],
            ).fetchall()
        return [dict(zip(names, row, strict=True)) for row in found]

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

    def _periods_ago(self) -> date:
        months = self.as_of.year * 12 + self.as_of.month - 1 - PERIODS_SHOWN
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


def _summed(rows: Sequence[Mapping[str, Any]], column: str) -> dict[date, float | None]:
    """Return the sum over points by day; None where a point has no value between its first and last day."""
    by_point: dict[str, dict[date, float | None]] = {}
    for row in rows:
        by_point.setdefault(row["point_id"], {})[row["day"]] = row[column]
    sums: dict[date, float | None] = {}
    for days in by_point.values():
        day, last = min(days), max(days)
        while day <= last:
            before, value = sums.get(day, 0.0), days.get(day)
            sums[day] = None if before is None or value is None else before + value
            day += timedelta(days=1)
    return sums
