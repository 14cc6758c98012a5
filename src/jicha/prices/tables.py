"""The price tables of a data-set version as objects, and how many customers and kWh use each edition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeGuard

from jicha.engine.bind import rows_sql
from jicha.engine.session import Session

BAND_COLUMNS = {"tip": "tip_price", "peak": "peak_price", "valley": "valley_price", "deep_valley": "deep_valley_price"}
_COLUMNS = (
    "tariff_code", "name", "usage_class", "voltage_min_v", "voltage_max_v", "parts", "effective_from", "effective_to",
    "energy_price", *BAND_COLUMNS.values(), "surcharge_price", "capacity_price", "demand_price",
)  # fmt: skip
_TABLES = ("tariff", "tariff_component", "tariff_tier", "pf_adjustment", "customer_price", "bill", "customer",
           "metering_point")  # fmt: skip
WINDOW_MONTHS = 12
_USE = f"""
    SELECT tariff_code, effective_from, COUNT(DISTINCT customer_id), SUM(billed_kwh)
    FROM (
        SELECT DISTINCT e.tariff_code, e.effective_from, b.bill_id, b.customer_id, b.billed_kwh
        FROM price_edition AS e
        INNER JOIN bill AS b ON e.tariff_code = b.tariff_code AND b.period > months_later($1, -{WINDOW_MONTHS})
            AND b.period <= $1 AND months_later(b.period, 1) > e.since
            AND (e.until IS NULL OR b.period <= e.until)
    ) GROUP BY 1, 2
"""


def is_ending(until: date | None) -> TypeGuard[date]:
    """Whether a last day is one: null and the last day of the calendar mean that there is none."""
    return until is not None and until != date.max


@dataclass(frozen=True)
class Use:
    """What stands behind a price: customers and kWh of the bills of the last twelve months."""

    customers: int = 0
    kwh: Decimal = Decimal(0)


@dataclass(frozen=True)
class LoadedTariff:
    """One row of `tariff` with its components."""

    tariff_code: str
    name: str | None
    usage_class: str | None
    voltage_min_v: int | None
    voltage_max_v: int | None
    parts: int | None
    effective_from: date
    effective_to: date | None
    energy_price: Decimal | None
    tip_price: Decimal | None
    peak_price: Decimal | None
    valley_price: Decimal | None
    deep_valley_price: Decimal | None
    surcharge_price: Decimal | None
    capacity_price: Decimal | None
    demand_price: Decimal | None
    components: Mapping[tuple[str, str], Decimal]  # (component, band) → yuan/kWh
    outside_base: frozenset[tuple[str, str]] = frozenset()  # those that the power-factor adjustment leaves out

    def price(self, band: str) -> Decimal | None:
        """Return the price of a band; flat is the energy price."""
        found: Decimal | None = getattr(self, BAND_COLUMNS.get(band, "energy_price"))
        return found

    def prices(self) -> dict[str, Decimal]:
        """Return every price there is: bands, surcharge, capacity, demand, components."""
        named = {"flat": self.energy_price, "surcharge": self.surcharge_price, "capacity": self.capacity_price,
                 "demand": self.demand_price}  # fmt: skip
        named |= {band: self.price(band) for band in BAND_COLUMNS}
        parts = {f"{component}/{band}": price for (component, band), price in self.components.items()}
        return {name: price for name, price in {**named, **parts}.items() if price is not None}


class PriceTables:
    """Price tables of a session; its bills are counted up to `p0`, twelve months back."""

    def __init__(self, session: Session, *, p0: date) -> None:
        self.session = session
        self.p0 = p0
        session.require(_TABLES)
        self.orphans: list[tuple[str, date]] = []
        self.tariffs = self._tariffs()
        self._uses: dict[tuple[str, date], Use] | None = None

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT."""
        return self.session.connection.execute(sql, list(values)).fetchall()

    def _tariffs(self) -> dict[str, list[LoadedTariff]]:
        parts: dict[tuple[str, date], dict[tuple[str, str], Decimal]] = defaultdict(dict)
        outside: dict[tuple[str, date], set[tuple[str, str]]] = defaultdict(set)
        sql = "SELECT tariff_code, effective_from, component, time_band, price, in_pf_base FROM tariff_component"
        for code, since, component, band, price, in_base in self.rows(sql):
            parts[code, since][component, band] = price
            if in_base is False or (in_base is None and component == "government_funds"):
                outside[code, since].add((component, band))
        found: dict[str, list[LoadedTariff]] = defaultdict(list)
        keys = set()
        for row in self.rows(f"SELECT {', '.join(_COLUMNS)} FROM tariff ORDER BY tariff_code, effective_from"):
            values = dict(zip(_COLUMNS, row, strict=True))
            key = values["tariff_code"], values["effective_from"]
            keys.add(key)
            found[key[0]].append(
                LoadedTariff(**values, components=parts.get(key, {}), outside_base=frozenset(outside.get(key, ())))
            )
        self.orphans = sorted(set(parts) - keys)
        return dict(found)

    def edition(self, code: str, day: date) -> LoadedTariff | None:
        """Return the edition in force on a day; of several the one that began last."""
        held = [
            item
            for item in self.tariffs.get(code, ())
            if item.effective_from <= day and (item.effective_to is None or day <= item.effective_to)
        ]
        return held[-1] if held else None

    def make_editions(self) -> None:
        """Make the relation `price_edition`: the days on which each edition is billed, by runs of days.

        As for a bill, the edition of a day is the one that covers it and began last: one that ends gives way to an
        older one that still runs, which then has a second run.
        """
        rows = []
        for code, editions in self.tariffs.items():
            starts = {item.effective_from for item in editions}
            ends = {item.effective_to + timedelta(days=1) for item in editions if is_ending(item.effective_to)}
            edges = sorted(starts | ends)
            for day, following in zip(edges, [*edges[1:], None], strict=True):
                item = self.edition(code, day)
                if item is not None:
                    until = None if following is None else following - timedelta(days=1)
                    rows.append((code, item.effective_from, day, until))
        columns = {"tariff_code": "string"} | dict.fromkeys(("effective_from", "since", "until"), "date")
        self.session.connection.execute(f"CREATE OR REPLACE TABLE price_edition AS {rows_sql(rows, columns)}")

    def use(self, code: str, since: date | None = None) -> Use:
        """Return what uses a code's edition: bills of the months in which it was in force for a day at least."""
        if self._uses is None:
            self.make_editions()
            self._uses = {
                (name, start): Use(customers, kwh or Decimal(0))
                for name, start, customers, kwh in self.rows(_USE, (self.p0,))
            }
        if since is not None:
            return self._uses.get((code, since), Use())
        sql = (
            "SELECT COUNT(DISTINCT customer_id), SUM(billed_kwh) FROM bill WHERE tariff_code = $2"
            f" AND period > months_later($1, -{WINDOW_MONTHS}) AND period <= $1"
        )
        customers, kwh = self.rows(sql, (self.p0, code))[0]
        return Use(customers, kwh or Decimal(0))
