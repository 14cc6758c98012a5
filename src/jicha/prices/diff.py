"""What changes from one price edition to another, and whom it touches: in a utility's tables or between two lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from jicha.catalog.mask import mask
from jicha.engine.bind import rows_sql
from jicha.prices.model import PriceList
from jicha.prices.tables import BAND_COLUMNS, WINDOW_MONTHS, LoadedTariff, PriceTables

_CENT = Decimal("0.01")
_PRICED = (*BAND_COLUMNS, "flat", "capacity", "demand")  # what a quantity of the bill is multiplied by


@dataclass(frozen=True)
class Change:
    """One price that differs. None: absent on that side. The last five are of the last twelve months' bills.

    kwh: of the band where the price is a band's, else of all. monthly_yuan: the change times the quantity billed a
    month; None for parts, which are inside the prices, and where
    a side is absent.
    """

    code: str
    name: str | None
    price: str  # band, capacity, demand, surcharge, or component/band
    unit: str
    old: Decimal | None
    new: Decimal | None
    customers: int | None = None
    points: int | None = None
    kwh: Decimal | None = None
    monthly_yuan: Decimal | None = None

    @property
    def difference(self) -> Decimal | None:
        """New less old."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def percent(self) -> Decimal | None:
        """The difference in per cent of the old price, two places."""
        if self.difference is None or not self.old:
            return None
        return (self.difference / self.old * 100).quantize(_CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Touched:
    """A metering point whose price changes; the name is masked."""

    customer_id: str
    name: str
    point_id: str
    tariff_code: str
    kwh: Decimal
    monthly_yuan: Decimal


@dataclass(frozen=True)
class Difference:
    """Two editions side by side, weighed by the bills of the twelve months to last_period.

    months: how many of the twelve had bills; amounts a month are divided by it. last_period: None without data.
    """

    first: str
    second: str
    changes: tuple[Change, ...]
    touched: tuple[Touched, ...] = ()
    months: int = 0
    last_period: date | None = None

    @property
    def first_period(self) -> date | None:
        """First of the twelve months whose bills are counted."""
        if self.last_period is None:
            return None
        number = self.last_period.year * 12 + self.last_period.month - WINDOW_MONTHS
        return date(number // 12, number % 12 + 1, 1)

    @property
    def codes(self) -> int:
        """Number of codes or rows with a change."""
        return len({change.code for change in self.changes})

    @property
    def customers(self) -> int:
        """Number of customers with a bill on a code whose billed price changes."""
        return len({item.customer_id for item in self.touched})

    @property
    def monthly_yuan(self) -> Decimal:
        """What all changes make a month: the sum over the points."""
        return sum((item.monthly_yuan for item in self.touched), Decimal(0))


def diff_lists(old: PriceList, new: PriceList) -> Difference:
    """Compare two shipped lists row by row."""
    changes = []
    before, after = ({row.name: row for row in item.rows} for item in (old, new))
    for name in [*before, *(name for name in after if name not in before)]:
        rows = before.get(name), after.get(name)
        sides = [dict(row.values) if row else {} for row in rows]
        for column in dict.fromkeys([*sides[0], *sides[1]]):
            values = [side.get(column) for side in sides]
            amounts = [None if value is None else value.amount for value in values]
            if amounts[0] != amounts[1]:
                unit = next(value.unit for value in values if value is not None)
                changes.append(Change(name, None, column, unit, amounts[0], amounts[1]))
    for column in dict.fromkeys([*old.common, *new.common]):
        first, second = old.common.get(column), new.common.get(column)
        if (first and first.amount) != (second and second.amount):
            known = first or second
            changes.append(
                Change("*", None, column, known.unit if known else "", first.amount if first else None,
                       second.amount if second else None)
            )  # fmt: skip
    return Difference(old.name, new.name, tuple(changes))


def diff_editions(tables: PriceTables, *, first: date, second: date) -> Difference:
    """Compare the editions in force on two days, with the customers that the change touches."""
    pairs = {code: (tables.edition(code, first), tables.edition(code, second)) for code in tables.tariffs}
    lines = {code: list(_lines(*pair)) for code, pair in pairs.items()}
    moved = {(code, market): _moves(found, market=market) for code, found in lines.items() for market in (False, True)}
    _make_moves(tables, moved)
    months = _months(tables)
    used = _used(tables)
    changes = []
    for code, found in sorted(lines.items()):
        item = pairs[code][1] or pairs[code][0]
        for price, unit, old, new in found:
            customers, points, kwh, quantities = used.get(code, (0, 0, Decimal(0), {}))
            yuan = None
            if price in _PRICED and old is not None and new is not None and months:
                yuan = _monthly((new - old) * quantities.get(price, Decimal(0)), months)
            name = item.name if item else None
            band = price.rpartition("/")[2]  # a band's price concerns its own energy: change × energy ÷ months = yuan
            energy = quantities.get(band, kwh) if band in {"flat", *BAND_COLUMNS} else kwh
            changes.append(Change(code, name, price, unit, old, new, customers, points, energy, yuan))
    touched = tuple(_touched(tables, months)) if months else ()
    return Difference(first.isoformat(), second.isoformat(), tuple(changes), touched, months, tables.p0)


def _monthly(yuan: Decimal, months: int) -> Decimal:
    return (yuan / months).quantize(_CENT, rounding=ROUND_HALF_UP)


def _lines(
    old: LoadedTariff | None, new: LoadedTariff | None
) -> Iterator[tuple[str, str, Decimal | None, Decimal | None]]:
    before, after = (item.prices() if item else {} for item in (old, new))
    for price in dict.fromkeys([*before, *after]):
        if before.get(price) != after.get(price):
            unit = {"capacity": "yuan_per_kva_month", "demand": "yuan_per_kw_month"}.get(price, "yuan_per_kwh")
            yield price, unit, before.get(price), after.get(price)


def _moves(found: list[tuple[str, str, Decimal | None, Decimal | None]], *, market: bool) -> dict[str, Decimal]:
    """What a unit of each billed quantity costs more, where both prices are known.

    market: of customers with a purchase price of their own, whom the list's purchase price does not concern.
    """
    moves = {price: new - old for price, _, old, new in found if old is not None and new is not None}
    made = {price: moves[price] for price in _PRICED if price in moves}
    if market:
        absent = {price for price, _, old, new in found if old is None or new is None}
        for band in ("flat", *BAND_COLUMNS):
            purchase = moves.get(f"purchase/{band}", moves.get("purchase/all", Decimal(0)))
            if band not in absent:
                made[band] = made.get(band, Decimal(0)) - purchase
    return {price: move for price, move in made.items() if move}


_BILLED = f"""
    SELECT b.customer_id, b.point_id, b.tariff_code, b.period, COALESCE(b.billed_kwh, 0) AS kwh,
        CASE WHEN p.is_time_of_use THEN COALESCE(b.tip_kwh, 0) ELSE 0 END AS tip,
        CASE WHEN p.is_time_of_use THEN COALESCE(b.peak_kwh, 0) ELSE 0 END AS peak,
        CASE WHEN p.is_time_of_use THEN COALESCE(b.valley_kwh, 0) ELSE 0 END AS valley,
        CASE WHEN p.is_time_of_use THEN COALESCE(b.deep_valley_kwh, 0) ELSE 0 END AS deep_valley,
        COALESCE(b.billed_capacity_kva, 0) AS capacity, COALESCE(b.billed_demand_kw, 0) AS demand
    FROM bill AS b
    LEFT JOIN metering_point AS p ON b.point_id = p.point_id
    WHERE b.period > months_later($1, -{WINDOW_MONTHS}) AND b.period <= $1
"""


def _make_moves(tables: PriceTables, moved: Mapping[tuple[str, bool], Mapping[str, Decimal]]) -> None:
    """Make `price_move`: per code the change of each billed price, 0 where it stays."""
    rows = [(*key, *(moves.get(price, Decimal(0)) for price in _PRICED)) for key, moves in moved.items() if moves]
    columns = {"tariff_code": "string", "is_market": "bool"} | {f"move_{price}": "decimal(12,6)" for price in _PRICED}
    connection = tables.session.connection
    connection.execute(f"CREATE OR REPLACE TABLE price_move AS {rows_sql(rows, columns)}")


def _months(tables: PriceTables) -> int:
    sql = f"SELECT COUNT(DISTINCT period) FROM bill WHERE period > months_later($1, -{WINDOW_MONTHS}) AND period <= $1"
    return int(tables.rows(sql, (tables.p0,))[0][0])


def _used(tables: PriceTables) -> dict[str, tuple[int, int, Decimal, dict[str, Decimal]]]:
    """Return code → customers, points, kWh and the quantity of each billed price."""
    sums = ", ".join(f"SUM({price})" for price in _PRICED if price != "flat")
    sql = f"""
        SELECT tariff_code, COUNT(DISTINCT customer_id), COUNT(DISTINCT point_id), SUM(kwh), {sums}
        FROM ({_BILLED}) GROUP BY tariff_code
    """
    found = {}
    names = [price for price in _PRICED if price != "flat"]
    for code, customers, points, kwh, *sums_of in tables.rows(sql, (tables.p0,)):
        quantities = dict(zip(names, sums_of, strict=True))
        quantities["flat"] = kwh - sum((quantities[band] for band in BAND_COLUMNS), Decimal(0))
        found[code] = customers, points, kwh, quantities
    return found


def _touched(tables: PriceTables, months: int) -> Iterator[Touched]:
    terms = " + ".join(f"b.{price} * m.move_{price}" for price in _PRICED if price != "flat")
    bands = " - ".join(f"b.{band}" for band in BAND_COLUMNS)
    sql = f"""
        SELECT b.customer_id, ANY_VALUE(c.name), b.point_id, b.tariff_code, SUM(b.kwh),
            SUM({terms} + (b.kwh - {bands}) * m.move_flat)
        FROM ({_BILLED}) AS b
        LEFT JOIN customer AS c ON b.customer_id = c.customer_id
        INNER JOIN price_move AS m ON b.tariff_code = m.tariff_code
            AND m.is_market = COALESCE(c.market_mode IN ('market_retail', 'fallback'), FALSE)
        GROUP BY b.customer_id, b.point_id, b.tariff_code
        ORDER BY ABS(SUM({terms} + (b.kwh - {bands}) * m.move_flat)) DESC, b.customer_id, b.point_id
    """
    row: tuple[Any, ...]
    for row in tables.rows(sql, (tables.p0,)):
        customer, name, point, code, kwh, yuan = row
        yield Touched(customer, mask("name", name) if name else "", point, code, kwh, _monthly(yuan, months))
