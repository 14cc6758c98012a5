"""The delivered tables of a district, as an auditor lays them out before judging: per customer, point and period."""

from __future__ import annotations

import functools
import itertools
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.audit.whole import Whole
from jicha.sandbox.billing.right import Recomputed, regular_rows
from jicha.sandbox.calendar import add_months
from jicha.sandbox.district import District
from jicha.sandbox.edits import from_arrow
from jicha.sandbox.frame import Frame
from jicha.sandbox.tariffs import Prices

BUSINESS_WORDS = ("公司", "厂", "店", "酒店", "宾馆", "超市", "网吧", "饭店", "养殖", "加工", "合作社", "工程")
Finding = tuple[str, tuple[tuple[str, str], ...]]  # rule, key


@dataclass
class Evidence:
    """What was delivered about a district, and what has been found in it so far."""

    district: District
    prices: Prices
    right: Recomputed
    reading: Any
    daily: Any  # daily_energy
    electrical: Any  # daily_electrical
    payment: Any
    whole: Whole = field(default_factory=Whole)  # what the parts of the city say together
    found: set[Finding] = field(default_factory=set)
    over_running: set[int] = field(default_factory=set)  # customers with load on suspended transformers, UI007 (b)

    def report(self, rule: str, **key: object) -> None:
        """Note a finding."""
        self.found.add((rule, tuple(sorted((name, str(value)) for name, value in key.items()))))

    def has(self, rule: str, **key: object) -> bool:
        """Whether a finding was noted."""
        return (rule, tuple(sorted((name, str(value)) for name, value in key.items()))) in self.found

    # ------------------------------------------------------------------ dates
    @cached_property
    def as_of(self) -> Any:
        """The screening date."""
        return np.datetime64(self.district.calendar.as_of, "D")

    @cached_property
    def last(self) -> int:
        """Place of P0 among the periods."""
        return len(self.district.calendar.periods) - 1

    @cached_property
    def p0(self) -> Any:
        """First day of P0."""
        return self.district.calendar.periods[-1]

    @cached_property
    def p0_end(self) -> Any:
        """Last day of P0."""
        return (self.p0.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1

    def ago(self, months: int) -> Any:
        """The day so many months before as_of."""
        return np.datetime64(add_months(self.district.calendar.as_of, -months), "D")

    # ------------------------------------------------------------------ customers and points
    @cached_property
    def customer(self) -> Frame:
        """The customer file."""
        return self.district.customer

    @cached_property
    def mature(self) -> Array:
        """Mature customers, by position."""
        opened, closed = self.customer["opened_on"], self.customer["closed_on"]
        young = np.zeros(len(opened), dtype=bool)
        for at in np.flatnonzero(opened > self.as_of - 70).tolist():
            young[at] = np.datetime64(add_months(opened[at].item(), 2), "D") > self.as_of
        return np.asarray((self.customer["status"] == "active") & ~young & ~(closed < self.as_of))

    @cached_property
    def files(self) -> Any:
        """Settlement points in billing order."""
        return self.right.books.files

    @cached_property
    def status(self) -> Array:
        """Status of the points."""
        return np.asarray(self.district.tables["metering_point"]["status"][self.files.row])

    @cached_property
    def settles(self) -> Array:
        """S points, by place."""
        return np.asarray(((self.status == None) | (self.status == "active")) & self.mature[self.files.owner])  # noqa: E711

    @cached_property
    def metered(self) -> Array:
        """Points with a meter of their own."""
        kind = self.files.facts.today["allocation"]
        return np.asarray((kind == None) | (kind == "metered"))  # noqa: E711

    @cached_property
    def has_parent(self) -> Array:
        """Points that hang behind another."""
        frame = self.district.tables["metering_point"]
        return np.asarray(frame["parent_point_id"][self.files.row] != None)  # noqa: E711

    def fact(self, name: str) -> Array:
        """Today's file of the points."""
        return np.asarray(self.files.facts.today[name])

    def of(self, customer: int) -> list[int]:
        """S points of a customer."""
        return [p for p in self.files.of_customer.get(customer, []) if self.settles[p]]

    def point_id(self, point: int) -> str:
        """Identifier of a point."""
        return str(self.files.point_id[point])

    def customer_id(self, position: int) -> str:
        """Identifier of a customer."""
        return str(self.district.customer_ids[position])

    # ------------------------------------------------------------------ tariffs
    def edition(self, code: Any, day: Any) -> int:
        """Row of the tariff in force on a day, -1: none."""
        editions = self.right.books.editions
        place = editions.place.get(code, -1)
        return int(editions.on[place, int(self.files.number(day))]) if place >= 0 else -1

    def tariff(self, point: int, day: Any) -> int:
        """Row of the tariff of a point's file on a day."""
        return self.edition(self.fact("tariff_code")[point], day)

    # ------------------------------------------------------------------ bills
    @cached_property
    def bills(self) -> Frame:
        """All bills."""
        return self.right.bills

    @cached_property
    def bill_places(self) -> tuple[Array, Array]:
        """Point and period of every bill row."""
        at = {name: place for place, name in enumerate(self.files.point_id.tolist())}
        point = np.array([at.get(name, -1) for name in self.bills["point_id"].tolist()], dtype=np.int64)
        return point, np.searchsorted(self.district.calendar.periods, self.bills["period"])

    def billed(self, name: str) -> Array:
        """A column of bills summed per point and period, NaN where there is no addend."""
        point, period = self.bill_places
        values = self.bills[name]
        known = (values != NULL) & (point >= 0)
        found = np.zeros(self.files.first.shape)
        there = np.zeros(self.files.first.shape, dtype=bool)
        np.add.at(found, (point[known], period[known]), values[known] / 100.0)
        there[point[known], period[known]] = True
        return np.where(there, found, np.nan)

    @cached_property
    def kwh(self) -> Array:
        """billed_kwh per point and period."""
        return self.billed("billed_kwh")

    @cached_property
    def kwh_of_customer(self) -> Array:
        """billed_kwh per customer and period, NaN where no bill has any."""
        return self.by_customer(self.kwh)

    def by_customer(self, values: Array) -> Array:
        """Sum point values per customer, NaN where there is no addend."""
        found = np.zeros((self.district.size, values.shape[1]))
        there = np.zeros(found.shape, dtype=bool)
        np.add.at(found, self.files.owner, np.nan_to_num(values))
        np.logical_or.at(there, self.files.owner, ~np.isnan(values))
        return np.where(there, found, np.nan)

    @cached_property
    def regular(self) -> Array:
        """Rows of the regular bills."""
        return regular_rows(self.bills, *self.bill_places)

    # ------------------------------------------------------------------ orders
    @cached_property
    def orders(self) -> dict[int, list[dict[str, Any]]]:
        """Orders that count, per customer."""
        frame = self.district.tables["service_order"]
        frame.settle()
        found: dict[int, list[dict[str, Any]]] = {}
        owner = self.district.position(frame["customer_id"])
        names = list(frame.columns)
        for row in range(len(frame)):
            if frame["status"][row] in ("open", "archived"):
                found.setdefault(int(owner[row]), []).append({name: frame.columns[name][row] for name in names})
        for rows in found.values():
            for order in rows:
                for name in ("effective_from", "effective_to"):
                    order.setdefault(name, np.datetime64("NaT", "D"))
                for name in ("capacity_before_kva", "capacity_after_kva"):
                    order.setdefault(name, np.nan)
                order["in_flight"] = (
                    order["status"] == "open" and order["applied_at"].astype("datetime64[D]") <= self.as_of
                )
                order["finished"] = order["status"] == "archived"
        return found

    def effective(self, order: dict[str, Any], day: Any) -> bool:
        """Whether an order is in effect on a day."""
        end = order["effective_to"]
        return bool(order["effective_from"] <= day and (np.isnat(end) or end >= day))

    # ------------------------------------------------------------------ transformers
    @cached_property
    def transformers(self) -> dict[int, list[dict[str, Any]]]:
        """Transformers per customer."""
        frame = self.district.tables["customer_transformer"]
        frame.settle()
        owner = self.district.position(frame["customer_id"])
        found: dict[int, list[dict[str, Any]]] = {}
        for row in range(len(frame)):
            found.setdefault(int(owner[row]), []).append({n: frame.columns[n][row] for n in frame.columns})
        return found

    def capacity(self, units: list[dict[str, Any]], position: int) -> float:
        """Capacity of some transformers of a customer, of interlocked ones the greatest, and of motors."""
        total, locked = 0.0, dict[str, float]()
        for unit in units:
            if unit["interlock_group"] is None:
                total += unit["capacity_kva"]
            else:
                group = unit["interlock_group"]
                locked[group] = max(locked.get(group, 0.0), unit["capacity_kva"])
        motor = self.customer["direct_motor_kva"][position]
        return total + sum(locked.values()) + (0.0 if np.isnan(motor) else float(motor))

    # ------------------------------------------------------------------ readings and daily data
    def register(self, name: str, column: str, scale: float = 100.0) -> Array:
        """A column of the readings of a register per point and period, NaN where null."""
        content = self.reading.filter(pc.equal(self.reading["register"], name))
        frame = from_arrow("reading", content.select(["point_id", "period", column]))
        found = np.full(self.files.first.shape, np.nan)
        order = np.argsort(self.files.point_id.astype(str))
        at = pc.index_in(content["point_id"], value_set=pa.array(self.files.point_id[order], type=pa.string()))
        place = np.nan_to_num(at.to_numpy(zero_copy_only=False), nan=-1).astype(np.int64)
        ok = (place >= 0) & (frame[column] != NULL) if len(frame) else np.zeros(0, dtype=bool)
        period = np.searchsorted(self.district.calendar.periods, frame["period"])
        found[order[place[ok]], period[ok]] = frame[column][ok] / scale
        return found

    @cached_property
    def demand(self) -> Array:
        """Demand register per point and period in kW."""
        return self.register("demand", "quantity")

    def days_of(self, content: Any, points: list[int], columns: list[str]) -> dict[int, dict[str, Array]]:
        """Daily rows of some points, oldest first."""
        names = {self.point_id(p): p for p in points}
        if not names or not content.num_rows:
            return {}
        kept = content.filter(pc.is_in(content["point_id"], value_set=pa.array(list(names), type=pa.string())))
        kept = kept.sort_by([("point_id", "ascending"), ("day", "ascending")])
        ids = kept["point_id"].to_numpy(zero_copy_only=False)
        values = {c: kept[c].to_numpy(zero_copy_only=False) for c in columns}
        values["day"] = kept["day"].to_numpy(zero_copy_only=False).astype("datetime64[D]")
        edges = (
            np.append(np.flatnonzero(np.append(True, ids[1:] != ids[:-1])), len(ids)) if len(ids) else np.zeros(1, int)
        )
        return {
            names[ids[a]]: {n: v[a:b] for n, v in values.items()} for a, b in itertools.pairwise(edges.tolist())
        }  # fmt: skip


def name_key(name: Any) -> str:
    """A name without marks and blanks, in upper case."""
    return _key_of(str(name or ""))


@functools.lru_cache(maxsize=1 << 16)  # several rules ask for the names of the same customers
def _key_of(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name)
    return "".join(c for c in folded if unicodedata.category(c)[0] not in "ZPS").upper()
