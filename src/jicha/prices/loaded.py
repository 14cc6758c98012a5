"""A utility's loaded prices held against themselves: dates, codes, components, bands, tiers, power-factor table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from jicha.catalog.billing import power_factor_table
from jicha.prices.against_lists import supervise_against
from jicha.prices.published import basic_prices
from jicha.prices.statements import Outcome, Statement, Supervision
from jicha.prices.tables import BAND_COLUMNS, WINDOW_MONTHS, LoadedTariff, PriceTables

_WINDOW = f"b.period > months_later($1, -{WINDOW_MONTHS}) AND b.period <= $1"
_BAND_ORDER = ("tip", "peak", "flat", "valley", "deep_valley")  # a dearer band comes first
_ONE = timedelta(days=1)
_PF_PLACES = Decimal("0.0001")  # what a double of the table is read to


def supervise_tables(tables: PriceTables, *, province: str | None = None) -> Supervision:
    """Check the loaded price tables.

    province: whose shipped lists the prices are compared with; without one that is a statement of its own.
    """
    found = Supervision()
    for code, editions in tables.tariffs.items():
        _dates(found, tables, code, editions)
        for item in editions:
            _prices(found, tables, item)
    for code, since in tables.orphans:
        found.expect("component_orphan", False, **_where(tables, "tariff_component", code, since))
    _codes(found, tables)
    _bands_used(found, tables)
    _tiers(found, tables)
    _power_factor(found, tables)
    _customer_prices(found, tables)
    supervise_against(found, tables, province=province)
    return found


def _where(tables: PriceTables, place: str, code: str, since: date | None) -> dict[str, Any]:
    used = tables.use(code, since)
    return {"place": place, "code": code, "edition": since, "customers": used.customers, "kwh": used.kwh}


def _dates(found: Supervision, tables: PriceTables, code: str, editions: list[LoadedTariff]) -> None:
    for item in editions:
        until = item.effective_to
        values = {"since": item.effective_from, "until": until}
        found.expect("edition_backwards", until is None or until >= item.effective_from, values=values,
                     **_where(tables, "tariff", code, item.effective_from))  # fmt: skip
    for number, later in enumerate(editions[1:], start=1):
        where = _where(tables, "tariff", code, later.effective_from)
        for kind in ("edition_overlap", "edition_gap", "edition_again"):
            found.compared[kind] += 1
        for earlier in editions[:number]:  # one that is open-ended is replaced: the usual way to deliver editions
            if earlier.effective_to is not None and earlier.effective_to >= later.effective_from:
                last = min(earlier.effective_to, later.effective_to or date.max)
                _dated(found, "edition_overlap", earlier, later.effective_from, last, where)
        _between(found, editions[:number], later, where)


def _between(found: Supervision, before: Sequence[LoadedTariff], later: LoadedTariff, where: Mapping[str, Any]) -> None:
    """State the days between an edition's end and the next one: an older one that still runs is billed, or none."""
    last = before[-1]
    if last.effective_to is None or last.effective_to >= later.effective_from - _ONE:
        return
    first = last.effective_to + _ONE
    for older in reversed(before[:-1]):
        until = min(older.effective_to or date.max, later.effective_from - _ONE)
        if until >= first:
            _dated(found, "edition_again", older, first, until, where)
            first = until + _ONE
    if first < later.effective_from:
        _dated(found, "edition_gap", last, first, later.effective_from - _ONE, where)


def _dated(  # noqa: PLR0917
    found: Supervision, kind: str, earlier: LoadedTariff, first: date, last: date, where: Mapping[str, Any]
) -> None:  # fmt: skip
    """State what is wrong from one day to another, both included."""
    outcome = Outcome.DOUBTFUL if kind == "edition_again" else Outcome.CONTRADICTION
    values = {"since": earlier.effective_from, "later": where["edition"], "first": first, "last": last,
              "days": (last - first).days + 1}  # fmt: skip
    found.statements.append(Statement(kind, outcome, values=values, **where))


def _prices(found: Supervision, tables: PriceTables, item: LoadedTariff) -> None:
    code, since = item.tariff_code, item.effective_from
    where = _where(tables, "tariff", code, since)
    if item.energy_price is None:
        found.expect("energy_price_unknown", False, **where)
    known = [(band, price) for band in _BAND_ORDER if (price := item.price(band)) is not None]
    for (higher, dear), (lower, cheap) in pairwise(known):
        found.expect("band_order", dear >= cheap, outcome=Outcome.DOUBTFUL, band=higher, expected=cheap, found=dear,
                     unit="yuan_per_kwh", values={"higher": higher, "lower": lower}, **where)  # fmt: skip
    for band, price in known:
        found.expect("price_negative", price >= 0, outcome=Outcome.DOUBTFUL, band=band, found=price,
                     unit="yuan_per_kwh", **where)  # fmt: skip
    _surcharge(found, item, known, where)
    if item.parts == 2:  # the bill needs one of them; which, the file of each point says
        found.expect("basic_price_unknown", item.capacity_price is not None or item.demand_price is not None, **where)
    basic_prices(found, item.capacity_price, item.demand_price, **where)
    _components(found, item, where)


def _surcharge(
    found: Supervision, item: LoadedTariff, known: Sequence[tuple[str, Decimal]], where: Mapping[str, Any]
) -> None:
    """Hold what the adjustment leaves out against the price that it is part of, and against the components left out."""
    surcharge = item.surcharge_price
    if surcharge is None:
        return
    for band, price in known:
        values = {"surcharge": surcharge, "price": price}
        found.expect("surcharge_above_price", surcharge <= price or price < 0, band=band, expected=price,
                     found=surcharge, unit="yuan_per_kwh", values=values, **where)  # fmt: skip
    if item.components and all(band == "all" for _, band in item.outside_base):
        left_out = sum((item.components[key] for key in item.outside_base), Decimal(0))
        found.compare("surcharge_differs", left_out, surcharge, unit="yuan_per_kwh",
                      values={"sum": left_out, "surcharge": surcharge}, **where)  # fmt: skip


def _components(found: Supervision, item: LoadedTariff, where: Mapping[str, Any]) -> None:
    """Per band: what names the band, else what is for all bands, sums to the price of the band."""
    if not item.components:
        found.unchecked("components_absent", **where)
        return
    names = {component for component, _ in item.components}
    for band in ("flat", *BAND_COLUMNS):
        price = item.price(band)
        if price is None:
            continue
        if band != "flat" and all(given != band for _, given in item.components):
            found.unchecked("component_band_absent", band=band, **where)
            continue
        parts = [item.components.get((name, band), item.components.get((name, "all"))) for name in names]
        total = sum((part for part in parts if part is not None), Decimal(0))
        found.compare("component_sum", total, price, band=band, unit="yuan_per_kwh",
                      values={"sum": total, "price": price}, **where)  # fmt: skip


def _codes(found: Supervision, tables: PriceTables) -> None:
    """Codes that bills and active points use: each is defined and in force."""
    sql = f"""
        SELECT b.tariff_code, COUNT(*), COUNT(DISTINCT b.customer_id), SUM(b.billed_kwh),
            CAST(COUNT(*) FILTER (WHERE e.tariff_code IS NULL) AS BIGINT),
            COUNT(DISTINCT CASE WHEN e.tariff_code IS NULL THEN b.customer_id END),
            SUM(CASE WHEN e.tariff_code IS NULL THEN b.billed_kwh END)
        FROM bill AS b
        LEFT JOIN (
            SELECT DISTINCT b.period, e.tariff_code
            FROM (SELECT DISTINCT period FROM bill) AS b
            INNER JOIN price_edition AS e ON months_later(b.period, 1) > e.since
                AND (e.until IS NULL OR b.period <= e.until)
        ) AS e ON b.tariff_code = e.tariff_code AND b.period = e.period
        WHERE b.tariff_code IS NOT NULL AND {_WINDOW}
        GROUP BY b.tariff_code ORDER BY b.tariff_code
    """
    tables.make_editions()
    for code, bills, customers, kwh, late, late_customers, late_kwh in tables.rows(sql, (tables.p0,)):
        defined = code in tables.tariffs
        found.expect("code_undefined", defined, place="bill", code=code, customers=customers, kwh=kwh or Decimal(0),
                     values={"count": bills})  # fmt: skip
        if defined:
            found.expect("code_expired", late == 0, place="bill", code=code, customers=late_customers,
                         kwh=late_kwh or Decimal(0), values={"count": late})  # fmt: skip
    sql = (
        "SELECT tariff_code, COUNT(*), COUNT(DISTINCT customer_id) FROM metering_point WHERE tariff_code IS NOT NULL"
        " AND status = 'active' AND purpose = 'settlement' GROUP BY 1 ORDER BY 1"
    )
    day = tables.session.as_of
    for code, points, customers in tables.rows(sql):
        where: dict[str, Any] = {
            "place": "metering_point",
            "code": code,
            "customers": customers,
            "kwh": tables.use(code).kwh,
        }
        defined = code in tables.tariffs
        found.expect("point_code_undefined", defined, values={"count": points}, **where)
        if defined:
            found.expect("point_code_expired", tables.edition(code, day) is not None,
                         values={"count": points, "day": day}, **where)  # fmt: skip


def _bands_used(found: Supervision, tables: PriceTables) -> None:
    """Bands with energy in bills of time-of-use points whose price is null in the edition of the month's last day."""
    for band, column in BAND_COLUMNS.items():
        sql = f"""
            SELECT t.tariff_code, t.effective_from, COUNT(*), COUNT(DISTINCT b.customer_id), SUM(b.{band}_kwh)
            FROM bill AS b
            INNER JOIN metering_point AS p ON b.point_id = p.point_id AND p.is_time_of_use
            INNER JOIN price_edition AS e ON b.tariff_code = e.tariff_code
                AND e.since < months_later(b.period, 1)
                AND (e.until IS NULL OR e.until >= months_later(b.period, 1) - 1)
            INNER JOIN tariff AS t ON e.tariff_code = t.tariff_code AND e.effective_from = t.effective_from
            WHERE b.{band}_kwh <> 0 AND t.{column} IS NULL AND {_WINDOW}
            GROUP BY 1, 2 ORDER BY 1, 2
        """
        found.compared["band_price_missing"] += sum(len(items) for items in tables.tariffs.values())
        for code, since, bills, customers, kwh in tables.rows(sql, (tables.p0,)):
            found.statements.append(
                Statement("band_price_missing", Outcome.CONTRADICTION, "tariff", code, since, band,
                          customers=customers, kwh=kwh, values={"count": bills})
            )  # fmt: skip


def _tiers(found: Supervision, tables: PriceTables) -> None:
    sql = "SELECT tariff_code, effective_from, tier, upper_kwh, cycle, price_add FROM tariff_tier ORDER BY 1, 2, 3"
    groups: dict[tuple[str, date], list[tuple[Any, ...]]] = defaultdict(list)
    for code, since, *rest in tables.rows(sql):
        groups[code, since].append(tuple(rest))
    for (code, since), rows in groups.items():
        used = tables.use(code)
        where: dict[str, Any] = {
            "place": "tariff_tier",
            "code": code,
            "edition": since,
            "customers": used.customers,
            "kwh": used.kwh,
        }
        numbers, limits, cycles, adds = ([row[column] for row in rows] for column in range(4))
        found.expect("tier_orphan", code in tables.tariffs, **where)
        found.expect("tier_gap", numbers == list(range(1, len(rows) + 1)),
                     values={"numbers": ", ".join(map(str, numbers))}, **where)  # fmt: skip
        inner = limits[:-1]
        good = limits[-1] is None and None not in inner and all(b > a for a, b in pairwise(inner))
        found.expect("tier_limits", good, values={"limits": _listed(limits, "∞")}, **where)
        found.expect("tier_cycle", len(set(cycles)) == 1, values={"cycles": _listed(cycles, "–")}, **where)
        good = None not in adds and all(b > a for a, b in pairwise(adds))
        found.expect("tier_adds", good, values={"adds": _listed(adds, "–")}, **where)


def _listed(values: Sequence[Any], absent: str) -> str:
    return ", ".join(absent if value is None else str(value) for value in values)


def _power_factor(found: Supervision, tables: PriceTables) -> None:
    rows = tables.rows("SELECT pf_standard, power_factor, adjustment_pct FROM pf_adjustment ORDER BY 1 DESC, 2 DESC")
    if not rows:
        found.unchecked("pf_not_loaded", place="pf_adjustment")
        return
    cent = Decimal("0.01")
    shipped = power_factor_table()
    given: dict[Decimal, dict[Decimal, Decimal]] = defaultdict(dict)
    for standard, factor, pct in rows:
        exact = [Decimal(str(value)).quantize(_PF_PLACES) for value in (standard, factor, pct)]
        given[exact[0].quantize(cent)][exact[1].quantize(cent)] = exact[2]
    for standard, table in given.items():
        expected = {factor: pct for (name, factor), pct in shipped.items() if name == standard}
        if not expected:
            found.unchecked("pf_standard_unknown", place="pf_adjustment", values={"standard": standard})
            continue
        absent = [factor for factor in expected if factor not in table]
        values = {"standard": standard, "count": len(absent), "first": absent[0] if absent else ""}
        found.expect("pf_row_missing", not absent, place="pf_adjustment", code=str(standard), values=values)
        for factor, pct in table.items():
            if factor in expected:
                found.compare("pf_row_differs", expected[factor], pct, place="pf_adjustment", code=str(standard),
                              unit="pct", values={"standard": standard, "factor": factor})  # fmt: skip


def _customer_prices(found: Supervision, tables: PriceTables) -> None:
    sql = f"""
        SELECT b.tariff_code, COUNT(*), CAST(COUNT(*) FILTER (WHERE p.customer_id IS NULL) AS BIGINT),
            COUNT(DISTINCT CASE WHEN p.customer_id IS NULL THEN b.customer_id END),
            SUM(CASE WHEN p.customer_id IS NULL THEN b.billed_kwh END)
        FROM bill AS b
        INNER JOIN customer AS c ON b.customer_id = c.customer_id AND c.market_mode IN ('market_retail', 'fallback')
        LEFT JOIN (SELECT DISTINCT customer_id, period FROM customer_price) AS p
            ON b.customer_id = p.customer_id AND b.period = p.period
        WHERE {_WINDOW} GROUP BY 1 ORDER BY 1
    """
    for code, bills, missing, customers, kwh in tables.rows(sql, (tables.p0,)):
        found.compared["customer_price_missing"] += bills
        if missing:
            found.statements.append(
                Statement("customer_price_missing", Outcome.CONTRADICTION, "customer_price", code,
                          customers=customers, kwh=kwh or Decimal(0), values={"count": missing})
            )  # fmt: skip
