"""Facts of bills read from the tables of an engine session, for one customer or for very many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from jicha.billing.facts import (
    BillRow,
    Customer,
    Edition,
    Facts,
    Order,
    Point,
    PointFile,
    PriceBook,
    Reading,
    ReadingSegment,
    Tier,
    Transformer,
)
from jicha.billing.interval import months_later
from jicha.billing.measure import GREATEST, MOST_SHARE, is_beyond
from jicha.catalog.billing import SettingsBook
from jicha.catalog.schema import schema
from jicha.engine.session import Session

_TABLES = (
    "customer", "metering_point", "metering_point_history", "customer_transformer", "transformer_status", "meter",
    "reading", "reading_segment", "tariff", "tariff_component", "customer_price", "tariff_tier", "pf_adjustment",
    "transformer_loss", "bill", "service_order", "cancelled_bill", "current_meter",
)  # fmt: skip
_FILE_COLUMNS = tuple(item.name for item in fields(PointFile) if item.name not in {"since", "until"})
_PRICE_COLUMNS = tuple(item.name for item in fields(Edition) if item.name != "components")
_POINT_COLUMNS = tuple(item.name for item in fields(Point) if item.name not in {"today", "history"})
_TRANSFORMER_COLUMNS = tuple(item.name for item in fields(Transformer) if item.name != "history")
_CUSTOMER_COLUMNS = tuple(i.name for i in fields(Customer) if i.name not in {"transformers", "orders", "prices"})
_BILL_COLUMNS = tuple(item.name for item in fields(BillRow) if item.name != "is_cancelled")
_READING_COLUMNS = tuple(item.name for item in fields(Reading))

Row = dict[str, Any]


def _column(table: str, name: str) -> str:
    kind = schema()[table].columns[name].type
    return f"{_exact(name)} AS {name}" if kind == "double" else name


def _exact(name: str) -> str:
    """Read a double at 4 places; one that has no such number comes as the greatest, which is beyond measure."""
    return f"CASE WHEN {name} IS NOT NULL THEN COALESCE(TRY_CAST({name} AS DECIMAL(18, 4)), {GREATEST}) END"


class Gatherer:
    """Reads facts from a session; prices are read once, the rest for the customers asked for."""

    def __init__(self, session: Session, settings: SettingsBook) -> None:
        self._session = session
        self._settings = settings
        session.require(_TABLES)
        self.prices = self._price_book()

    def gather(self, customer_ids: Collection[str], periods: Collection[date]) -> Iterator[Facts]:
        """Yield the facts of every period in which the customers have bills.

        Customers that share a meter (main and sub-points) come together, so that each bill appears once.
        """
        if not customer_ids or not periods:
            return
        wanted = sorted(set(periods))
        bills, points = self._connected(set(customer_ids), wanted)
        groups = _groups(points, bills)
        customers = {row["customer_id"] for row in bills} | {p.customer_id for p in points.values() if p.customer_id}
        by_customer = self._customers(sorted(customers))
        prices = self._customer_prices(sorted(customers), wanted)
        names = sorted(points)
        readings = self._readings(names, wanted)
        segments = self._segments(names, wanted)
        years = self._year_bills(names, wanted)
        read = {item.meter_id for rows in readings.values() for item in rows if item.meter_id}
        read |= {item.meter_id for registers in segments.values() for pieces in registers.values() for item in pieces}
        digits, current = self._meters(names, read)
        cancelled = self._cancelled([row["bill_id"] for row in bills])
        found: dict[tuple[int, date], list[BillRow]] = defaultdict(list)
        for row in bills:
            made = BillRow(**row, is_cancelled=row["bill_id"] in cancelled)
            found[groups.of_bill(row), row["period"]].append(made)
        for (group, period), made_rows in sorted(found.items(), key=lambda item: (item[0][1], item[0][0])):
            members = {name: points[name] for name in groups.points(group)}
            owners = {p.customer_id for p in members.values()} | {bill.customer_id for bill in made_rows}
            start, end = months_later(period, -13), months_later(period, 1)
            yield Facts(
                period=period,
                as_of=self._session.as_of,
                customers={
                    name: _with_prices(by_customer[name], prices.get((name, period)))
                    for name in sorted(owner for owner in owners if owner in by_customer)
                },
                points=members,
                bills=tuple(sorted(made_rows, key=lambda bill: bill.bill_id)),
                readings={
                    (name, reading.register): reading
                    for name in members
                    for reading in readings.get((name, period), ())
                },
                segments={
                    (name, register): tuple(p for p in pieces if start <= p.from_on < end)
                    for name in members
                    for register, pieces in segments.get(name, {}).items()
                },
                meter_digits=digits,
                current_meter=current,
                year_bills={name: years.get((name, period.year), ()) for name in members},
                prices=self.prices,
                settings=self._settings,
            )

    # -- reading tables ----------------------------------------------------------------------------------------

    def _rows(self, table: str, columns: Sequence[str], where: str = "", values: Sequence[Any] = ()) -> list[Row]:
        selected = ", ".join(_column(table, name) for name in columns)
        sql = f"SELECT {selected} FROM {table}" + (f" WHERE {where}" if where else "")
        found = self._session.connection.execute(sql, list(values)).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in found]

    def _select(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._session.connection.execute(sql, list(values)).fetchall()

    def _price_book(self) -> PriceBook:
        parts: dict[tuple[str, date], dict[tuple[str, str], tuple[Decimal, bool | None]]] = defaultdict(dict)
        columns = ("tariff_code", "effective_from", "component", "time_band", "price", "in_pf_base")
        for row in self._rows("tariff_component", columns):
            key = row["tariff_code"], row["effective_from"]
            parts[key][row["component"], row["time_band"]] = row["price"], row["in_pf_base"]
        editions: dict[str, list[Edition]] = defaultdict(list)
        for row in self._rows("tariff", _PRICE_COLUMNS):
            found = parts.get((row["tariff_code"], row["effective_from"]), {})
            editions[row["tariff_code"]].append(Edition(**row, components=found))
        tiers: dict[str, dict[date, list[Tier]]] = defaultdict(lambda: defaultdict(list))
        for row in self._rows("tariff_tier", ("tariff_code", "effective_from", *(f.name for f in fields(Tier)))):
            code, since = row.pop("tariff_code"), row.pop("effective_from")
            tiers[code][since].append(Tier(**row))
        losses: dict[tuple[str, Decimal], list[tuple[Decimal, Decimal | None, Decimal | None]]] = defaultdict(list)
        figures = ("model_series", "capacity_kva", "monthly_kwh_from", "active_kwh", "reactive_kvarh")
        for row in self._rows("transformer_loss", figures):
            series = str(row["model_series"]).strip().upper()
            losses[series, row["capacity_kva"]].append(
                (row["monthly_kwh_from"], row["active_kwh"], row["reactive_kvarh"])
            )
        factors = [
            row
            for row in self._rows("pf_adjustment", ("pf_standard", "power_factor", "adjustment_pct"))
            if not is_beyond(row["adjustment_pct"], MOST_SHARE)
        ]
        return PriceBook(
            editions={code: tuple(sorted(items, key=lambda e: e.effective_from)) for code, items in editions.items()},
            tiers={
                code: tuple(
                    (since, tuple(sorted(items, key=lambda t: t.tier))) for since, items in sorted(dated.items())
                )
                for code, dated in tiers.items()
            },
            pf_table={
                (round(row["pf_standard"], 2), round(row["power_factor"], 2)): row["adjustment_pct"] for row in factors
            },
            loss_table={key: tuple(sorted(rows, key=lambda row: row[0])) for key, rows in losses.items()},
        )

    def _connected(self, customers: set[str], periods: Sequence[date]) -> tuple[list[Row], dict[str, Point]]:
        """Return the bills and settlement points of customers and of all who share a meter with them."""
        known: set[str] = set()
        points: dict[str, Row] = {}
        bills: dict[str, Row] = {}
        todo = set(customers)
        columns = (*_POINT_COLUMNS, *_FILE_COLUMNS)
        linked = (
            "purpose = 'settlement' AND (customer_id IN (SELECT unnest($1)) OR point_id IN (SELECT unnest($2))"
            " OR parent_point_id IN (SELECT unnest($2)))"
        )
        while todo:
            known |= todo
            names = sorted(todo)
            billed = self._bills("customer_id", names, periods)
            bills |= billed
            near = {row["point_id"] for row in billed.values()} - set(points)
            touched = set(near)
            while True:
                found = self._rows("metering_point", columns, linked, (names, sorted(near)))
                new = [row for row in found if row["point_id"] not in points]
                points |= {row["point_id"]: row for row in new}
                near = {row["point_id"] for row in new}
                touched |= near
                near |= {row["parent_point_id"] for row in new if row["parent_point_id"]} - set(points)
                names = []
                if not near:
                    break
            # whoever else is billed for these points, on file or not: of several bills of one point none is judged
            bills |= self._bills("point_id", sorted(touched), periods)
            todo = {row["customer_id"] for row in points.values() if row["customer_id"]}
            todo = (todo | {row["customer_id"] for row in bills.values()}) - known
        return list(bills.values()), self._with_history(points)

    def _bills(self, column: str, names: Sequence[str], periods: Sequence[date]) -> dict[str, Row]:
        where = f"{column} IN (SELECT unnest($1)) AND period IN (SELECT unnest($2))"
        return {row["bill_id"]: row for row in self._rows("bill", _BILL_COLUMNS, where, (names, list(periods)))}

    def _with_history(self, points: Mapping[str, Row]) -> dict[str, Point]:
        histories: dict[str, list[PointFile]] = defaultdict(list)
        columns = ("point_id", "effective_from", "effective_to", *_FILE_COLUMNS)
        where = "point_id IN (SELECT unnest($1)) ORDER BY effective_from"
        for row in self._rows("metering_point_history", columns, where, (sorted(points),)):
            name, since, until = row.pop("point_id"), row.pop("effective_from"), row.pop("effective_to")
            histories[name].append(PointFile(since=since, until=until, **row))
        return {
            name: Point(
                **{column: row[column] for column in _POINT_COLUMNS},
                today=PointFile(**{column: row[column] for column in _FILE_COLUMNS}),
                history=tuple(histories.get(name, ())),
            )
            for name, row in points.items()
        }

    def _customers(self, names: Sequence[str]) -> dict[str, Customer]:
        among = "customer_id IN (SELECT unnest($1))"
        states: dict[str, list[tuple[date, date | None, str]]] = defaultdict(list)
        sql = (
            "SELECT s.transformer_id, s.from_on, s.until_on, s.status FROM transformer_status AS s"
            " INNER JOIN customer_transformer AS t ON s.transformer_id = t.transformer_id"
            f" WHERE t.{among} ORDER BY s.from_on"
        )
        for name, since, until, status in self._select(sql, (names,)):
            states[name].append((since, until, status))
        transformers: dict[str, list[Transformer]] = defaultdict(list)
        where = f"{among} ORDER BY transformer_id"
        for row in self._rows("customer_transformer", ("customer_id", *_TRANSFORMER_COLUMNS), where, (names,)):
            owner = row.pop("customer_id")
            transformers[owner].append(Transformer(**row, history=tuple(states.get(row["transformer_id"], ()))))
        orders: dict[str, list[Order]] = defaultdict(list)
        sql = (
            "SELECT customer_id, order_id, kind, COALESCE(effective_from, CAST(archived_at AS DATE)), effective_to"
            f" FROM service_order WHERE {among} AND (status = 'archived' OR"
            " (status IS NULL OR status = 'open') AND CAST(applied_at AS DATE) <= $2) ORDER BY order_id"
        )
        for owner, order, kind, since, until in self._select(sql, (names, self._session.as_of)):
            orders[owner].append(Order(order_id=order, kind=kind, effective_from=since, effective_to=until))
        return {
            row["customer_id"]: Customer(
                **row,
                transformers=tuple(transformers.get(row["customer_id"], ())),
                orders=tuple(orders.get(row["customer_id"], ())),
            )
            for row in self._rows("customer", _CUSTOMER_COLUMNS, among, (names,))
        }

    def _customer_prices(
        self, names: Sequence[str], periods: Sequence[date]
    ) -> dict[tuple[str, date], dict[str, Decimal]]:
        found: dict[tuple[str, date], dict[str, Decimal]] = defaultdict(dict)
        where = "customer_id IN (SELECT unnest($1)) AND period IN (SELECT unnest($2))"
        columns = ("customer_id", "period", "time_band", "price")
        for row in self._rows("customer_price", columns, where, (names, list(periods))):
            found[row["customer_id"], row["period"]][row["time_band"]] = row["price"]
        return found

    def _readings(self, names: Sequence[str], periods: Sequence[date]) -> dict[tuple[str, date], list[Reading]]:
        found: dict[tuple[str, date], list[Reading]] = defaultdict(list)
        where = "point_id IN (SELECT unnest($1)) AND period IN (SELECT unnest($2))"
        columns = ("point_id", "period", *_READING_COLUMNS)
        for row in self._rows("reading", columns, where, (names, list(periods))):
            key = row.pop("point_id"), row.pop("period")
            found[key].append(Reading(**row))
        return found

    def _segments(self, names: Sequence[str], periods: Sequence[date]) -> dict[str, dict[str, list[ReadingSegment]]]:
        found: dict[str, dict[str, list[ReadingSegment]]] = defaultdict(lambda: defaultdict(list))
        sql = (
            "SELECT point_id, register, meter_id, CAST(from_at AS DATE), from_index, to_index,"
            f" {_exact('multiplier')} FROM reading_segment"
            " WHERE point_id IN (SELECT unnest($1)) AND from_at >= $2 AND from_at < $3"
            " ORDER BY point_id, register, from_at, meter_id"
        )
        span = months_later(periods[0], -13), months_later(periods[-1], 1)
        for point, register, meter, day, start, end, factor in self._select(sql, (names, *span)):
            piece = ReadingSegment(
                register=register, meter_id=meter, from_on=day, from_index=start, to_index=end, multiplier=factor
            )
            found[point][register].append(piece)
        return found

    def _year_bills(
        self, names: Sequence[str], periods: Sequence[date]
    ) -> dict[tuple[str, int], tuple[tuple[date, Decimal | None], ...]]:
        sql = (
            "SELECT point_id, period, billed_kwh FROM bill WHERE point_id IN (SELECT unnest($1))"
            " AND period >= $2 AND period < $3 ORDER BY point_id, period, bill_id"
        )
        found: dict[tuple[str, int], list[tuple[date, Decimal | None]]] = defaultdict(list)
        for point, period, kwh in self._select(sql, (names, date(periods[0].year, 1, 1), periods[-1])):
            found[point, period.year].append((period, kwh))
        return {key: tuple(rows) for key, rows in found.items()}

    def _meters(self, names: Sequence[str], read: Collection[str]) -> tuple[dict[str, int | None], dict[str, str]]:
        digits = (
            "SELECT meter_id, index_digits FROM meter"
            " WHERE point_id IN (SELECT unnest($1)) OR meter_id IN (SELECT unnest($2))"
        )
        current = "SELECT point_id, meter_id FROM current_meter WHERE point_id IN (SELECT unnest($1))"
        return dict(self._select(digits, (names, sorted(read)))), dict(self._select(current, (names,)))

    def _cancelled(self, bills: Sequence[str]) -> set[str]:
        sql = "SELECT bill_id FROM cancelled_bill WHERE bill_id IN (SELECT unnest($1))"
        return {name for (name,) in self._select(sql, (bills,))}


def _with_prices(customer: Customer, prices: Mapping[str, Decimal] | None) -> Customer:
    if not prices:
        return customer
    return Customer(**{**{item.name: getattr(customer, item.name) for item in fields(Customer)}, "prices": prices})


class _Groups:
    """Points and customers that belong together, by number."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._points: dict[int, list[str]] = defaultdict(list)

    def _top(self, name: str) -> str:
        while self._above.setdefault(name, name) != name:
            self._above[name] = self._above[self._above[name]]
            name = self._above[name]
        return name

    def join(self, one: str, other: str) -> None:
        self._above[self._top(one)] = self._top(other)

    def number(self, name: str) -> int:
        return self._numbers.setdefault(self._top(name), len(self._numbers))

    def add(self, point: str) -> None:
        self._points[self.number(f"p:{point}")].append(point)

    def of_bill(self, row: Row) -> int:
        return self.number(f"c:{row['customer_id']}")

    def points(self, number: int) -> list[str]:
        return self._points.get(number, [])


def _groups(points: Mapping[str, Point], bills: Iterable[Row]) -> _Groups:
    groups = _Groups()
    for point in points.values():
        if point.customer_id is not None:
            groups.join(f"p:{point.point_id}", f"c:{point.customer_id}")
        if point.parent_point_id in points:
            groups.join(f"p:{point.point_id}", f"p:{point.parent_point_id}")
    for row in bills:
        groups.join(f"p:{row['point_id']}", f"c:{row['customer_id']}")
    for name in sorted(points):
        groups.add(name)
    return groups


def gather(
    session: Session, customer_ids: Collection[str], periods: Collection[date], *, settings: SettingsBook
) -> Iterator[Facts]:
    """Yield the facts of the bills of customers and periods; see `Gatherer.gather`."""
    return Gatherer(session, settings).gather(customer_ids, periods)


def in_batches(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield a sequence in slices."""
    for start in range(0, len(names), size):
        yield names[start : start + size]
