"""Loaded prices held against the shipped lists of their province."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from jicha.prices.model import PriceList, Row
from jicha.prices.read import words
from jicha.prices.shipped import lists_of
from jicha.prices.statements import Outcome, Supervision
from jicha.prices.tables import LoadedTariff, PriceTables

FAR_SHARE = Decimal("0.3")  # of the list's price: what a month's list and another's do not usually differ by
_CATALOGUE = frozenset({"residential", "agricultural", "resale"})  # usage classes outside these lists


def supervise_against(found: Supervision, tables: PriceTables, *, province: str | None) -> None:
    """Compare transmission prices, and the size of energy prices, with the province's shipped lists."""
    if province is None:
        found.unchecked("province_unknown", place="tariff")
        return
    agency, delivery = lists_of("agency", province), lists_of("transmission", province)
    if not agency:
        found.unchecked("range_unknown", place="tariff", values={"province": province})
    for code, editions in tables.tariffs.items():
        for item in editions:
            if item.usage_class in _CATALOGUE:
                continue
            used = tables.use(code, item.effective_from)
            where = {"place": "tariff", "code": code, "edition": item.effective_from, "customers": used.customers,
                     "kwh": used.kwh}  # fmt: skip
            _delivery(found, item, delivery, province, where)
            if agency:
                _size(found, item, agency[-1], where)


def _row(item: LoadedTariff, prices: PriceList) -> Row | None:
    """The row of a list for a tariff's structure and voltage."""
    structure = {1: "single", 2: "two_part"}.get(item.parts or 0)
    volts = item.voltage_min_v
    for row in prices.rows:
        bounds = words()["voltages"][row.labels["voltage"]]
        if row.labels["structure"] == structure and volts is not None and bounds["min_v"] <= max(volts, 220):
            most = bounds["max_v"]
            if most is None or volts <= most:
                return row
    return None


def _delivery(
    found: Supervision, item: LoadedTariff, lists: list[PriceList], province: str, where: dict[str, Any]
) -> None:
    loaded = {band: price for (part, band), price in item.components.items() if part == "transmission_distribution"}
    if not loaded:
        return
    held = [prices for prices in lists if _covers(prices, item)]
    row = _row(item, held[-1]) if held else None
    value = row.values.get("transmission_distribution") if row else None
    if row is None or value is None:
        found.unchecked("delivery_unknown", values={"province": province}, **where)
        return
    for band, price in loaded.items():
        found.compare(
            "delivery_differs", value.amount, price, band=band, unit=value.unit,
            values={"list": held[-1].name, "row": row.name}, **where,
        )  # fmt: skip


def _covers(prices: PriceList, item: LoadedTariff) -> bool:
    """Whether a list is in force for all days of an edition, or from its first day on where both are open."""
    since, until = prices.effective_from, prices.effective_to
    if since is None or since > item.effective_from:
        return False
    return until is None or (item.effective_to or date.max) <= until


def _size(found: Supervision, item: LoadedTariff, prices: PriceList, where: dict[str, Any]) -> None:
    row = _row(item, prices)
    if row is None or "flat" not in row.values or item.energy_price is None:
        return
    expected = row.values["flat"].amount
    values = {"list": prices.name, "row": row.name, "pct": int(FAR_SHARE * 100)}
    found.compare(
        "price_far", expected, item.energy_price, tolerance=expected * FAR_SHARE, outcome=Outcome.DOUBTFUL, band="flat",
        unit="yuan_per_kwh", values=values, **where,
    )  # fmt: skip
