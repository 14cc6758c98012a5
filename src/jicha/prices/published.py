"""Shipped lists held against themselves: parts and totals, ratios, loss fees, dates, hours, tiers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from jicha.prices.hours import Timetable
from jicha.prices.model import PriceList, Row
from jicha.prices.shipped import lists_of, series_problems, shipped_lists
from jicha.prices.statements import Outcome, Supervision

_PARTS = ("purchase", "grid_loss", "transmission_distribution", "system_operation", "government_funds")
_BANDS = ("tip", "peak", "valley", "deep_valley")
_UNIT = Decimal("0.000001")
USUAL_DEMAND_OVER_CAPACITY = Decimal("1.6")
_RATIO_SPAN = Decimal("0.16")  # 10 % of the usual ratio
_EXTRA_SHARE = Decimal("0.5")  # what a 1.5-fold price adds to the purchase price


def rounded(value: Decimal) -> Decimal:
    """Round half up to the six places of a price."""
    return value.quantize(_UNIT, rounding=ROUND_HALF_UP)


def supervise_lists(lists: Iterable[PriceList] | None = None) -> Supervision:
    """Check lists against themselves and each other; by default all that are shipped."""
    found = Supervision()
    known = list(shipped_lists().values() if lists is None else lists)
    for item in known:
        found.scope.append(item.name)
        _parts(found, item)
        _rows(found, item, known)
        _loss_fee(found, item, known)
        _tiers(found, item)
        _hours(found, item)
        if not item.verified:
            found.unchecked("unverified", place=item.name, values={"list": item.name})
    for earlier, later, which, days in series_problems(known):
        values = {"earlier": earlier.name, "later": later.name, "days": days}
        found.expect(f"lists_{which}", False, place=later.name, edition=later.effective_from, values=values)
    found.compared["lists_gap"] += max(len(known) - 1, 0)
    return found


def _parts(found: Supervision, item: PriceList) -> None:
    for whole, parts in item.parts.items():
        total = sum((value.amount for value in parts.values()), Decimal(0))
        found.compare(
            "parts_of_component", total, item.common[whole].amount, place=item.name, code=whole,
            edition=item.effective_from, unit=item.common[whole].unit,
            values={"whole": whole, "sum": total, "published": item.common[whole].amount, "count": len(parts)},
        )  # fmt: skip


def _rows(found: Supervision, item: PriceList, known: list[PriceList]) -> None:
    extras: dict[str, Decimal] = {}
    missing: dict[str, None] = {}
    for row in item.rows:
        amounts = {column: value.amount for column, value in {**item.common, **row.values}.items()}
        total = None
        if "flat" in amounts:
            if all(part in amounts for part in _PARTS):
                total = sum((amounts[part] for part in _PARTS), Decimal(0))
                found.compare(
                    "sum_of_parts", total, amounts["flat"], place=item.name, code=row.name, band="flat",
                    edition=item.effective_from, unit="yuan_per_kwh",
                    values={"row": row.name, "sum": total, "published": amounts["flat"]},
                )  # fmt: skip
            else:
                missing |= {part: None for part in _PARTS if part not in amounts}
        if "flat_extra" in amounts:
            extras[row.name] = amounts["flat_extra"] - amounts["flat"]
        _bands(found, item, row, total, known)
        basic_prices(found, amounts.get("capacity"), amounts.get("demand"), place=item.name, code=row.name,
                     edition=item.effective_from)  # fmt: skip
    if missing:
        found.unchecked("sum_of_parts_unknown", place=item.name, edition=item.effective_from,
                        values={"missing": tuple(missing)})  # fmt: skip
    _extra(found, item, extras)
    _voltages(found, item)


def _bands(found: Supervision, item: PriceList, row: Row, total: Decimal | None, known: list[PriceList]) -> None:
    published = {band: row.values[band].amount for band in _BANDS if band in row.values}
    if item.kind != "agency" or not published:
        return
    where: dict[str, Any] = {"place": item.name, "code": row.name, "edition": item.effective_from}
    timetable = _timetable(item, known)
    base = None if timetable is None else _base(item, row, timetable)
    if timetable is None or base is None or total is None:
        found.unchecked("ratio_unknown", values={"row": row.name}, **where)
        return
    ratios = _ratios(timetable, row.labels["structure"], item.effective_from)
    for band, price in published.items():
        if band not in ratios:
            found.unchecked("ratio_unknown", band=band, values={"row": row.name}, **where)
            continue
        solved = ((price - total) / base + 1).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)
        found.compare(
            "band_ratio", rounded(total + base * (ratios[band] - 1)), price, tolerance=_UNIT, band=band,
            unit="yuan_per_kwh", values={"ratio": ratios[band].normalize(), "solved": solved, "band": band}, **where,
        )  # fmt: skip


def _timetable(item: PriceList, known: list[PriceList]) -> Timetable | None:
    """The hours that hold on a list's first day; of those without a first day, the ones not yet ended."""
    day = item.effective_from or date.min
    tables = [
        found for found in lists_of("time_of_use", item.province, known) if (found.effective_to or date.max) >= day
    ]
    held = [found for found in tables if (found.effective_from or date.min) <= day]
    return held[-1].timetable if held else None


def _base(item: PriceList, row: Row, timetable: Timetable) -> Decimal | None:
    """What the ratios apply to; None where it is not published."""
    known = {column: value.amount for column, value in {**item.common, **row.values}.items()}
    if "all_but_funds" in timetable.floats:
        return known["flat"] - known["government_funds"] if {"flat", "government_funds"} <= set(known) else None
    if not timetable.floats or not set(timetable.floats) <= set(known):
        return None
    return sum((known[column] for column in timetable.floats), Decimal(0))


def _ratios(timetable: Timetable, structure: str, day: date | None) -> dict[str, Decimal]:
    month = day.month if day else 1
    values: dict[str, Decimal] = {}
    for ratio in timetable.ratios:
        if ratio.applies in {"all", structure} and month in ratio.months:
            values |= {name: Decimal(multiple) for name, multiple in ratio.values}
    if "tip" not in values and {"tip_over_peak", "peak"} <= set(values):
        values["tip"] = values["tip_over_peak"] * values["peak"]
    if "deep_valley" not in values and {"deep_over_valley", "valley"} <= set(values):
        values["deep_valley"] = values["deep_over_valley"] * values["valley"]
    return values


def basic_prices(
    found: Supervision, capacity: Decimal | None, demand: Decimal | None, *, place: str, code: str,
    edition: date | None, customers: int | None = None, kwh: Decimal | None = None,
) -> None:  # fmt: skip
    """Hold demand against capacity price; the sentence gives the load at which both cost the same."""
    if capacity and demand:
        ratio = (demand / capacity).quantize(Decimal("0.001"))
        values = {"ratio": ratio, "usual": USUAL_DEMAND_OVER_CAPACITY, "load": break_even(capacity, demand)}
        found.compare(
            "demand_over_capacity", USUAL_DEMAND_OVER_CAPACITY, ratio, tolerance=_RATIO_SPAN, outcome=Outcome.DOUBTFUL,
            place=place, code=code, edition=edition, unit="ratio", customers=customers, kwh=kwh, values=values,
        )  # fmt: skip


def break_even(capacity: Decimal, demand: Decimal) -> Decimal:
    """Return the demand per kVA, in per cent, at which charging by capacity and by demand cost the same."""
    return (capacity / demand * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _extra(found: Supervision, item: PriceList, extras: dict[str, Decimal]) -> None:
    """All 1.5-fold rows add the same, and that is half of the purchase price."""
    if not extras:
        return
    usual = max(set(extras.values()), key=list(extras.values()).count)
    for row, extra in extras.items():
        found.compare(
            "extra_price", usual, extra, place=item.name, code=row, edition=item.effective_from, unit="yuan_per_kwh",
            values={"row": row, "extra": extra, "usual": usual},
        )  # fmt: skip
    purchase = item.common.get("purchase")
    if purchase is None:
        found.unchecked("extra_purchase_unknown", place=item.name, edition=item.effective_from,
                        values={"extra": usual, "purchase": usual / _EXTRA_SHARE})  # fmt: skip
    else:
        expected = rounded(purchase.amount * _EXTRA_SHARE)
        found.compare("extra_share", expected, usual, tolerance=_UNIT, place=item.name, edition=item.effective_from,
                      unit="yuan_per_kwh", values={"extra": usual, "half": expected})  # fmt: skip


def _voltages(found: Supervision, item: PriceList) -> None:
    """A higher voltage costs no more: rows of a structure stand in order of voltage."""
    column = "flat" if item.kind == "agency" else "transmission_distribution"
    if item.kind not in {"agency", "transmission"} or item.province == "all":
        return
    for structure in ("single", "two_part"):
        prices = [
            (row.name, row.values[column].amount)
            for row in item.rows
            if row.labels["structure"] == structure and column in row.values
        ]
        for (lower, below), (higher, above) in pairwise(prices):
            found.expect(
                "voltage_order", above <= below, outcome=Outcome.DOUBTFUL, place=item.name, code=higher,
                edition=item.effective_from, expected=below, found=above, unit="yuan_per_kwh",
                values={"lower": lower, "higher": higher},
            )  # fmt: skip


def _loss_fee(found: Supervision, item: PriceList, known: list[PriceList]) -> None:
    """The loss fee is about purchase price × rate ÷ (1 − rate); the published fee is billed."""
    if item.kind != "agency":
        return
    where: dict[str, Any] = {"place": item.name, "code": "grid_loss", "edition": item.effective_from}
    purchase, fee = item.common.get("purchase"), item.common.get("grid_loss")
    lists = [found for found in lists_of("transmission", item.province, known) if "loss_rate" in found.common]
    if purchase is None or fee is None or not lists:
        found.unchecked("loss_fee_unknown", **where)
        return
    held = [rates for rates in lists if item.effective_from and rates.holds_on(item.effective_from)]
    rates = (held or lists)[0]
    rate = rates.common["loss_rate"].amount
    expected = rounded(purchase.amount * rate / (100 - rate))
    outcome = Outcome.CONTRADICTION if held else Outcome.DOUBTFUL
    values = {"rate": rate, "list": rates.name, "since": rates.effective_from, "purchase": purchase.amount}
    found.compare("loss_fee" if held else "loss_fee_other_period", expected, fee.amount, tolerance=_UNIT,
                  outcome=outcome, unit="yuan_per_kwh", values=values, **where)  # fmt: skip


def _tiers(found: Supervision, item: PriceList) -> None:
    tiers = item.tiers
    if tiers is None:
        return
    where: dict[str, Any] = {"place": item.name, "edition": item.effective_from}
    for earlier, later in pairwise(tiers.add):
        found.expect("tier_price_order", later > earlier, expected=earlier, found=later, unit="yuan_per_kwh",
                     values={"earlier": earlier, "later": later}, **where)  # fmt: skip
    for number, (month, year) in enumerate(zip(tiers.month or (), tiers.year or (), strict=False), start=1):
        if month is not None and year is not None:
            found.compare("tier_year", month * 12, year, unit="kwh", code=f"{number}",
                          values={"tier": number, "month": month, "year": year}, **where)  # fmt: skip
    first = next((row.values["price"].amount for row in item.rows if "price" in row.values), None)
    if tiers.free_kwh_month is not None and tiers.free_yuan_month is not None and first is not None:
        expected = (tiers.free_kwh_month * first).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        found.compare("free_allowance", expected, tiers.free_yuan_month, **where,
                      values={"kwh": tiers.free_kwh_month, "price": first})  # fmt: skip
    if tiers.limits is None or None in tiers.limits:
        found.unchecked("tier_unknown", **where)


def _hours(found: Supervision, item: PriceList) -> None:
    timetable = item.timetable
    if timetable is None:
        return
    for gap in timetable.unclear:
        found.unchecked("hours_unclear", place=item.name, band=gap.band, edition=item.effective_from,
                        values={"zh": gap.text.zh, "en": gap.text.en})  # fmt: skip
    seen: set[tuple[object, ...]] = set()
    unclear = [(gap.months, gap.halves) for gap in timetable.unclear]
    found.compared["hours_twice"] += 12 * max(len(timetable.groups), 1)
    for clash in timetable.overlaps():
        key = clash.bands, clash.halves, clash.group, clash.days
        settled = any(clash.month in months and set(clash.halves) <= halves for months, halves in unclear)
        if key not in seen and not settled:
            seen.add(key)
            found.expect(
                "hours_twice", False, place=item.name, band=clash.bands[0], edition=item.effective_from,
                values={"month": clash.month, "first": clash.bands[0], "second": clash.bands[1],
                        "hour": f"{clash.halves[0] / 2:g}"},
            )  # fmt: skip
