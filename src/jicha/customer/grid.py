"""What one data version knows of a piece of the grid, an area or a feeder: its loss, what moved it, what is missing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar

from jicha.customer.curve import summed
from jicha.customer.narrow import NarrowTables
from jicha.customer.reader import Reader
from jicha.engine.session import Session
from jicha.errors import BadInput
from jicha.screening.inputs import latest_complete_period, read_settle_day

DAYS_SHOWN = 90
MONTHS_SHOWN = 12
RECENT_DAYS, BASE_DAYS = 7, 28  # compared, as the loss is by LL004: the last week with the four weeks before
LEAST_RECENT, LEAST_BASE = 3, 10  # fewer collected days and a member is not compared
GAP_DAYS = 30
MOST_MEMBERS = 15
Row = Mapping[str, Any]


class UnknownGrid(BadInput):
    """There is no such area or feeder, or none in the units of who asks: the two are not told apart."""

    def __init__(self, kind: str, number: str) -> None:
        zh, en = {"area": ("台区", "area"), "feeder": ("线路", "feeder")}[kind]
        super().__init__(zh=f"没有{zh} {number}，请核对编号。", en=f"there is no {en} {number}; check the number")


@dataclass(frozen=True)
class Loss:
    """Loss of one day or month. energies: kWh; loss_pct: % of what came in; None where it cannot be told."""

    on: date
    supplied_kwh: Any
    sold_kwh: Any
    loss_kwh: Any
    loss_pct: float | None
    in_kwh: Any = None  # supplied and generated: what the percentage is of
    customers: int | None = None
    collected: int | None = None
    days: int | None = None  # of a month: those counted. Area: whose loss is known; feeder: all its supply meters read

    @property
    def generated_kwh(self) -> Any:
        """What its generation points fed in; None where that is not part of the loss, as of a feeder."""
        return None if self.in_kwh is None else self.in_kwh - self.supplied_kwh

    @property
    def exported_kwh(self) -> Any:
        """What went back into the feeder: of what came in, neither sold nor lost; None as above."""
        return None if self.in_kwh is None else self.in_kwh - self.sold_kwh - self.loss_kwh


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Mean energy of the base days and of the recent ones. [kWh a day]"""

    before_kwh: float
    recent_kwh: float

    @property
    def change_kwh(self) -> float:
        """Recent less before."""
        return self.recent_kwh - self.before_kwh


@dataclass(frozen=True, kw_only=True)
class Change(Compared):
    """How the mean energy of a member changed. kind: customer or area; of a supply meter: area or feeder."""

    kind: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Changes(Compared):
    """The members whose energy changed most, and what all compared ones did together.

    supplied: of the supply meter; None where too few days were collected. not_compared: members with too few.
    """

    top: tuple[Change, ...]
    supplied: Change | None
    members: int
    not_compared: int


@dataclass(frozen=True)
class Gap:
    """A point that was not collected on some of the last GAP_DAYS days, or has no reading of the period."""

    point_id: str
    customer_id: str | None
    area_id: str | None
    days_missing: int
    latest: date | None
    lacks_reading: bool


@dataclass
class GridView(ABC):
    """An area or a feeder on one day.

    orgs: units whose grid may be seen; None: all. UnknownGrid when it lies elsewhere.
    """

    reader: Reader
    id: str
    as_of: date
    orgs: Collection[str] | None = None
    row: Row = field(init=False)
    kind: ClassVar[str]

    def __post_init__(self) -> None:
        found = self.reader.rows(self.kind, f"{self.kind}_id", [self.id])
        if not found or not self._in_sight(found[0]):
            raise UnknownGrid(self.kind, self.id)
        self.row = found[0]

    def _in_sight(self, row: Row) -> bool:
        return self.orgs is None or row["org_id"] in self.orgs

    # -- what a kind says of itself

    @property
    @abstractmethod
    def supply_points(self) -> list[str]:
        """The points at which it is supplied."""

    @property
    @abstractmethod
    def member_points(self) -> dict[str, tuple[str, str]]:
        """Point → (kind, id) of the member whose energy it counts, members in sight only."""

    @property
    @abstractmethod
    def customer_ids(self) -> list[str]:
        """The customers that it supplies, in sight."""

    # -- sections

    def missing(self) -> tuple[str, ...]:
        """Return the tables without which there is no loss: not delivered, or empty."""
        return tuple(name for name in (self.kind, "metering_point", "daily_energy") if not self.reader.delivered(name))

    def changes(self) -> Changes:
        """Return which members' daily energy changed most between the base and the recent days."""
        first = self.as_of - timedelta(days=RECENT_DAYS + BASE_DAYS)
        rows = self._daily([*self.member_points, *self.supply_points], first)
        by_member: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            if member := self.member_points.get(row["point_id"]):
                by_member.setdefault(member, []).append(row)
        found = [self._change(*member, by_member[member]) for member in sorted(by_member)]
        known = [change for change in found if change is not None]
        members = len(set(self.member_points.values()))
        top = sorted(known, key=lambda change: (-abs(change.change_kwh), change.id))[:MOST_MEMBERS]
        supply = [row for row in rows if row["point_id"] in self.supply_points]
        return Changes(
            top=tuple(top),
            supplied=self._change(self.kind, self.id, supply),
            members=members,
            not_compared=members - len(known),
            before_kwh=sum(change.before_kwh for change in known),
            recent_kwh=sum(change.recent_kwh for change in known),
        )

    def gaps(self) -> tuple[Gap, ...]:
        """Return the points that were not collected or not read, the supply meter's first, then the longest gaps."""
        points = [*self.supply_points, *self.member_points]
        if not points:
            return ()
        first = self.as_of - timedelta(days=GAP_DAYS)
        days: dict[str, set[date]] = {}
        delivered: set[date] = set()
        for row in self._daily(points, first):
            delivered.add(row["day"])
            if row["energy_kwh"] is not None:
                days.setdefault(row["point_id"], set()).add(row["day"])
        period = latest_complete_period(self.as_of, read_settle_day(self.reader.data / "run"))
        columns = ("point_id", "register", "current_index")
        rows = self.reader.rows(
            "reading", "point_id", points, columns=columns, as_of=self.as_of, since=("period", period)
        )
        read = {r["point_id"] for r in rows if r["register"] == "total" and r["current_index"] is not None}
        files = {row["point_id"]: row for row in self.reader.rows("metering_point", "point_id", points)}
        gaps = []
        for point in points:
            row, known = files.get(point, {}), days.get(point, set())
            missing, customer = len(delivered - known), row.get("customer_id")
            lacks = bool(read) and customer is not None and point not in read  # without any the table is not delivered
            if missing or lacks:
                latest = max(known, default=None)
                gaps.append(Gap(point, customer, row.get("area_id"), missing, latest, lacks))
        return tuple(
            sorted(gaps, key=lambda gap: (gap.point_id not in self.supply_points, -gap.days_missing, gap.point_id))
        )

    # -- parts

    def _daily(self, points: Collection[str], first: date) -> list[dict[str, Any]]:
        rows = self.reader.rows(
            "daily_energy", "point_id", points, columns=("point_id", "day", "energy_kwh", "reverse_kwh"),
            since=("day", first),
        )  # fmt: skip
        return [row for row in rows if row["day"] < self.as_of]

    def _change(self, kind: str, number: str, rows: Sequence[Row]) -> Change | None:
        border = self.as_of - timedelta(days=RECENT_DAYS)
        known = {day: value for day, value in summed(rows, "energy_kwh").items() if value is not None}
        recent = [value for day, value in known.items() if day >= border]
        before = [value for day, value in known.items() if day < border]
        if len(recent) < LEAST_RECENT or len(before) < LEAST_BASE:
            return None
        return Change(kind=kind, id=number, before_kwh=sum(before) / len(before), recent_kwh=sum(recent) / len(recent))


class AreaView(GridView):
    """An area: a public transformer and the customers behind it."""

    kind = "area"

    @cached_property
    def feeder(self) -> Row | None:
        """The feeder that supplies it."""
        found = self.reader.rows("feeder", "feeder_id", [self.row["feeder_id"]]) if self.row["feeder_id"] else []
        return found[0] if found else None

    @cached_property
    def manager(self) -> Row | None:
        """Its area manager (台区经理)."""
        found = self.reader.rows("staff", "staff_id", [self.row["manager_id"]]) if self.row["manager_id"] else []
        return found[0] if found else None

    @property
    def supply_points(self) -> list[str]:
        """Its master point."""
        return [point] if (point := self.row["master_point_id"]) else []

    @cached_property
    def _points(self) -> list[dict[str, Any]]:
        found = self.reader.rows("metering_point", "area_id", [self.id], order="point_id")
        return [p for p in found if p["customer_id"] and p["status"] != "closed"]

    @cached_property
    def _seen(self) -> set[str]:
        owners = self.reader.rows("customer", "customer_id", sorted({p["customer_id"] for p in self._points}))
        return {row["customer_id"] for row in owners if self._in_sight(row) and row["status"] != "closed"}

    @cached_property
    def member_points(self) -> dict[str, tuple[str, str]]:
        """Settlement points without a parent, by their customer: sub-meters are in what their main meter says."""
        return {
            p["point_id"]: ("customer", p["customer_id"])
            for p in self._points
            if p["purpose"] == "settlement" and not p["parent_point_id"] and p["customer_id"] in self._seen
            and p["allocation"] in (None, "metered")
        }  # fmt: skip

    @property
    def customer_ids(self) -> list[str]:
        """Its customers, in sight, not closed."""
        return sorted(self._seen)

    def days(self) -> tuple[Loss, ...]:
        """Return the loss by day, from the first day of the month DAYS_SHOWN days ago, as `area_daily_loss` has it."""
        first = (self.as_of - timedelta(days=DAYS_SHOWN)).replace(day=1)
        rows = area_days(self.reader, self.row, as_of=self.as_of, first=first)
        return tuple(
            Loss(
                r["day"], r["supplied_kwh"], r["sold_kwh"], r["loss_kwh"], r["loss_pct"],
                None if r["supplied_kwh"] is None else r["supplied_kwh"] + r["generated_kwh"], r["customers"],
                r["collected_customers"],
            )
            for r in rows
        )  # fmt: skip

    @staticmethod
    def months(days: Sequence[Loss]) -> tuple[Loss, ...]:
        """Return the months of some days, each over its days whose loss is known."""
        found: dict[date, list[Loss]] = {}
        for day in days:
            if day.loss_kwh is not None:
                found.setdefault(day.on.replace(day=1), []).append(day)
        made = []
        for month, of in sorted(found.items()):
            names = ("supplied_kwh", "sold_kwh", "loss_kwh", "in_kwh")
            supplied, sold, loss, incoming = (sum(getattr(day, name) for day in of) for name in names)
            share = float(loss / incoming * 100) if incoming else None
            made.append(Loss(month, supplied, sold, loss, share, incoming, days=len(of)))
        return tuple(made)


# days of each month on which all supply meters of a feeder were read that were read in that month at all
_SUPPLY_DAYS = """
WITH read AS (
    SELECT e.day, month_of(e.day) AS period, COUNT(DISTINCT e.point_id) AS points
    FROM daily_energy AS e INNER JOIN metering_point AS p ON e.point_id = p.point_id
    WHERE p.feeder_id = $1 AND p.purpose = 'feeder_supply' AND kwh(e.energy_kwh) IS NOT NULL
    GROUP BY e.day
),
met AS (
    SELECT month_of(e.day) AS period, COUNT(DISTINCT e.point_id) AS points
    FROM daily_energy AS e INNER JOIN metering_point AS p ON e.point_id = p.point_id
    WHERE p.feeder_id = $1 AND p.purpose = 'feeder_supply' AND kwh(e.energy_kwh) IS NOT NULL
    GROUP BY ALL
)
SELECT read.period, COUNT(*) FROM read INNER JOIN met ON read.period = met.period AND read.points = met.points
GROUP BY read.period
"""


class FeederView(GridView):
    """A feeder: a medium-voltage line, its areas, and the customers it supplies directly."""

    kind = "feeder"

    @cached_property
    def areas(self) -> list[dict[str, Any]]:
        """Its areas in sight."""
        return [a for a in self.reader.rows("area", "feeder_id", [self.id], order="area_id") if self._in_sight(a)]

    @cached_property
    def _points(self) -> list[dict[str, Any]]:
        return self.reader.rows("metering_point", "feeder_id", [self.id], order="point_id")

    @property
    def supply_points(self) -> list[str]:
        """Its supply meters at the substation."""
        return [p["point_id"] for p in self._points if p["purpose"] == "feeder_supply"]

    @cached_property
    def _direct(self) -> list[dict[str, Any]]:
        points = [p for p in self._points if p["customer_id"] and not p["area_id"] and p["status"] != "closed"]
        owners = self.reader.rows("customer", "customer_id", sorted({p["customer_id"] for p in points}))
        seen = {row["customer_id"] for row in owners if self._in_sight(row) and row["status"] != "closed"}
        return [p for p in points if p["customer_id"] in seen]

    @cached_property
    def member_points(self) -> dict[str, tuple[str, str]]:
        """The master points of its areas, and the settlement points of the customers that it supplies directly."""
        found = {a["master_point_id"]: ("area", a["area_id"]) for a in self.areas if a["master_point_id"]}
        return found | {
            p["point_id"]: ("customer", p["customer_id"])
            for p in self._direct
            if p["purpose"] == "settlement" and not p["parent_point_id"] and p["allocation"] in (None, "metered")
        }

    @property
    def customer_ids(self) -> list[str]:
        """The customers that it supplies directly; those of its areas are the areas'."""
        return sorted({p["customer_id"] for p in self._direct})

    def months(self) -> tuple[Loss, ...]:
        """Return the loss by month of the last MONTHS_SHOWN months, as `feeder_monthly_loss` has it."""
        if self.missing():
            return ()
        number = self.as_of.year * 12 + self.as_of.month - 1 - MONTHS_SHOWN
        first = date(number // 12, number % 12 + 1, 1)
        masters = [
            a["master_point_id"] for a in self.reader.rows("area", "feeder_id", [self.id]) if a["master_point_id"]
        ]
        points = {p["point_id"] for p in self._points} | set(masters)
        filters: dict[str, tuple[str, Collection[str]]] = {
            "feeder": ("feeder_id", [self.id]),
            "area": ("feeder_id", [self.id]),
            "metering_point": ("point_id", points),
            "customer": ("customer_id", {p["customer_id"] for p in self._points if p["customer_id"]}),
            "daily_energy": ("point_id", points),
        }
        source = NarrowTables(self.reader, filters, since={"daily_energy": first})
        p0 = latest_complete_period(self.as_of, read_settle_day(self.reader.data / "run"))
        with Session(source, as_of=self.as_of, p0=p0, memory="512MB", threads=2) as session:
            session.require(["feeder_monthly_loss"])
            found = session.connection.execute(
                "SELECT period, supplied_kwh, sold_kwh, loss_kwh, loss_pct FROM feeder_monthly_loss "
                "WHERE feeder_id = $1 AND period >= $2 ORDER BY period",
                [self.id, first],
            ).fetchall()
            days = dict(session.connection.execute(_SUPPLY_DAYS, [self.id]).fetchall())
        return tuple(replace(Loss(*row), days=days.get(row[0], 0)) for row in found)


def area_days(reader: Reader, area: Row, *, as_of: date, first: date) -> list[dict[str, Any]]:
    """Return the rows of the model `area_daily_loss` of one area from a day on; none without daily energy."""
    if not reader.delivered("daily_energy"):
        return []
    members = reader.rows("metering_point", "area_id", [area["area_id"]])
    moved = reader.rows("area_membership", "area_id", [area["area_id"]])
    points = {row["point_id"] for row in (*members, *moved)} | {area["master_point_id"]} - {None}
    owners = {row["customer_id"] for row in members if row["customer_id"]}
    late = points - {row["point_id"] for row in members}
    owners |= {row["customer_id"] for row in reader.rows("metering_point", "point_id", late) if row["customer_id"]}
    filters: dict[str, tuple[str, Collection[str]]] = {
        "area": ("area_id", [area["area_id"]]),
        "metering_point": ("point_id", points),
        "area_membership": ("point_id", points),
        "customer": ("customer_id", owners),
        "daily_energy": ("point_id", points),
    }
    source = NarrowTables(reader, filters, since={"daily_energy": first})
    p0 = latest_complete_period(as_of, read_settle_day(reader.data / "run"))
    with Session(source, as_of=as_of, p0=p0, memory="512MB", threads=2) as session:
        session.require(["area_daily_loss"])
        names = ("day", "supplied_kwh", "sold_kwh", "generated_kwh", "loss_kwh", "loss_pct", "customers",
                 "collected_customers")  # fmt: skip
        found = session.connection.execute(
            f"SELECT {', '.join(names)} FROM area_daily_loss WHERE area_id = $1 AND day >= $2 ORDER BY day",
            [area["area_id"], first],
        ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


def grid_of_point(reader: Reader, point_id: str) -> tuple[str, str] | None:
    """Return (kind, id) of the area or feeder that a metering point belongs to or supplies; None: of neither."""
    if masters := reader.rows("area", "master_point_id", [point_id]):
        return "area", masters[0]["area_id"]
    for row in reader.rows("metering_point", "point_id", [point_id]):
        if row["area_id"]:
            return "area", row["area_id"]
        if row["feeder_id"]:
            return "feeder", row["feeder_id"]
    return None


def grid_of_meter(reader: Reader, meter_id: str) -> tuple[str, str] | None:
    """Return the same of the point that a meter hangs at."""
    for row in reader.rows("meter", "meter_id", [meter_id]):
        if row["point_id"]:
            return grid_of_point(reader, row["point_id"])
    return None
