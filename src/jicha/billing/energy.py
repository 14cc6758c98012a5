"""Section 6: energy lines by price segment and band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jicha.billing.derivation import Line, Step, UnableToRecalculate
from jicha.billing.facts import BANDS, Assumptions, Customer, Edition
from jicha.billing.numbers import ZERO, r, total
from jicha.catalog.billing import BillingSettings

_CATALOGUE = frozenset({"residential", "agricultural"})
_MARKET = frozenset({"market_retail", "fallback"})


def market_mode(customer: Customer) -> str:
    """Return how a customer buys: as filed, else catalogue prices for residents and farms, agency for others."""
    if customer.market_mode is not None:
        return customer.market_mode
    return "catalogue" if customer.usage_class in _CATALOGUE else "agency"


def component_price(edition: Edition, component: str, band: str) -> Decimal | None:
    """Return a component's price in a band: the band's own, else that of all bands."""
    for place in (band, "all"):
        if (component, place) in edition.components:
            return edition.components[component, place][0]
    return None


def price_of(
    *, edition: Edition, band: str, is_time_of_use: bool, customer: Customer, settings: BillingSettings
) -> Decimal:  # fmt: skip
    """Return what a kWh in a band costs. [yuan/kWh, 6 places]"""
    return price_with_note(
        edition=edition, band=band, is_time_of_use=is_time_of_use, customer=customer, settings=settings
    )[0]


def price_with_note(
    *, edition: Edition, band: str, is_time_of_use: bool, customer: Customer, settings: BillingSettings
) -> tuple[Decimal, Step | None]:  # fmt: skip
    """Return what a kWh in a band costs, and how that follows from the published price where it is another.

    Market customers pay their own purchase price in place of the published one; 1.5-times agency customers pay a share
    of it on top. UnableToRecalculate: the price or a part of it is not known; unknown is never 0.
    """
    price = edition.band_price(band)
    if price is None:
        raise UnableToRecalculate("price_missing")
    mode = market_mode(customer)
    published, note = price, None
    if mode in _MARKET or mode == "agency_1_5":
        purchase = component_price(edition, "purchase", band)
        if mode in _MARKET:
            own = customer.prices.get(band, customer.prices.get("all"))
            if own is None or purchase is None:
                unknown = {"customer_price_missing": own, "component_missing": purchase}
                raise UnableToRecalculate(*(name for name, value in unknown.items() if value is None))
            price = price - purchase + own
            note = Step("price_market", {"published": published, "purchase": purchase, "own": own, "price": price})
        else:
            if purchase is None:
                raise UnableToRecalculate("component_missing")
            share = settings.agency_extra_share
            price = r(price + share * purchase, 6)
            note = Step("price_extra", {"published": published, "share": share, "purchase": purchase, "price": price})
    if is_time_of_use and settings.tou_price_places is not None:
        formed, price = price, r(price, settings.tou_price_places)
        if note is None and price != formed:
            note = Step("price_rounded", {"published": formed, "places": settings.tou_price_places, "price": price})
        elif note is not None:
            note = Step(note.name, {**note.values, "price": price})
    return price, note


def outside_price(edition: Edition, band: str) -> Decimal:
    """Return the part of a price that the power-factor base leaves out. [yuan/kWh]"""
    if not edition.components:
        return edition.surcharge_price or ZERO
    outside = ZERO
    for component in dict.fromkeys(name for name, _ in edition.components):
        for place in (band, "all"):
            if (component, place) in edition.components:
                price, inside = edition.components[component, place]
                if inside is False or (inside is None and component == "government_funds"):
                    outside += price
                break
    return outside


@dataclass(frozen=True)
class Part:
    """The energy of one price segment: bands of a time-of-use segment, else all under flat. [kWh]"""

    first: date
    last: date
    edition: Edition
    is_time_of_use: bool
    bands: Mapping[str, Decimal]


def energy_lines(
    *, part: Part, customer: Customer, settings: BillingSettings, assumptions: Assumptions
) -> tuple[Line, ...]:
    """Return the charge lines of a price segment; bands without energy have none.

    UnableToRecalculate: with all reasons for which a band or component has no price.
    """
    if settings.energy_line_basis == "component" and part.edition.components:
        return _component_lines(part, customer, settings, assumptions)
    lines = []
    reasons: set[str] = set()
    for band in BANDS:
        quantity = part.bands.get(band, ZERO)
        if quantity == 0:
            continue
        try:
            price, note = price_with_note(
                edition=part.edition, band=band, is_time_of_use=part.is_time_of_use, customer=customer,
                settings=settings,
            )  # fmt: skip
        except UnableToRecalculate as error:
            reasons |= error.reasons
            continue
        left_out = ZERO if assumptions.pf_base_surcharge else outside_price(part.edition, band)
        line = _line(
            part=part, band=band, quantity=quantity, price=price, outside=r(quantity * left_out, 2),
            parts=_parts(part.edition, band, quantity, note), assumptions=assumptions,
        )  # fmt: skip
        lines.append(replace(line, outside_price=left_out, note=note))
    if reasons:
        raise UnableToRecalculate(*reasons)
    return tuple(lines)


def _line(
    *, part: Part, band: str, quantity: Decimal, price: Decimal, outside: Decimal | bool, parts: Mapping[str, Decimal],
    assumptions: Assumptions,
) -> Line:  # fmt: skip
    """Make a line; outside: yuan outside the power-factor base, or whether the whole line is."""
    amount = r(quantity * price, assumptions.line_places)
    if isinstance(outside, bool):
        outside = amount if outside else ZERO
    return Line(
        kind="energy",
        band=band if part.is_time_of_use else "all",
        since=part.first,
        until=part.last,
        quantity=quantity,
        unit="kWh",
        price=price,
        amount_yuan=amount,
        source=source_of(part.edition),
        outside_yuan=outside,
        parts=parts,
        is_catalogue=None if part.edition.usage_class is None else part.edition.usage_class in _CATALOGUE,
    )


def _component_lines(
    part: Part, customer: Customer, settings: BillingSettings, assumptions: Assumptions
) -> tuple[Line, ...]:
    """Price each component by itself: one of all bands on the whole energy, others band by band."""
    edition = part.edition
    mode = market_mode(customer)
    quantities = {band: part.bands[band] for band in BANDS if part.bands.get(band, ZERO) != 0}
    if any(edition.band_price(band) is None for band in quantities):
        raise UnableToRecalculate("price_missing")
    lines = []
    for component in dict.fromkeys(name for name, _ in edition.components):
        own = {place: quantities[place] for place in quantities if (component, place) in edition.components}
        rest = total(quantity for band, quantity in quantities.items() if band not in own)
        if rest != 0 and (component, "all") in edition.components:
            own["all"] = rest
        for place, quantity in own.items():
            price, inside = edition.components[component, place]
            note = None
            if component == "purchase":
                price, note = _purchase(price, place, mode, customer, settings)
            left_out = inside is False or (inside is None and component == "government_funds")
            line = _line(
                part=part, band=place, quantity=quantity, price=price, parts={component: r(quantity * price, 2)},
                outside=left_out and not assumptions.pf_base_surcharge, assumptions=assumptions,
            )  # fmt: skip
            left = price if line.outside_yuan else ZERO
            lines.append(replace(line, component=component, outside_price=left, note=note))
    if mode not in {"catalogue", "agency"} and not any("purchase" in line.parts for line in lines):
        raise UnableToRecalculate("component_missing")
    return tuple(lines)


def _purchase(
    price: Decimal, band: str, mode: str, customer: Customer, settings: BillingSettings
) -> tuple[Decimal, Step | None]:
    """Return what the customer pays for the purchase component, and how where it is not the published price."""
    if mode in _MARKET:
        own = customer.prices.get(band, customer.prices.get("all"))
        if own is None:
            raise UnableToRecalculate("customer_price_missing")
        return own, Step("purchase_own", {"published": price, "own": own})
    if mode == "agency_1_5":
        share = settings.agency_extra_share
        dearer = r(price * (1 + share), 6)
        return dearer, Step("purchase_extra", {"published": price, "share": 1 + share, "price": dearer})
    return price, None


def source_of(edition: Edition) -> str:
    """Return how an edition is cited: code, first day, name."""
    return f"{edition.tariff_code} {edition.effective_from.isoformat()}" + (f" {edition.name}" if edition.name else "")


def _parts(edition: Edition, band: str, quantity: Decimal, note: Step | None) -> dict[str, Decimal]:
    """Return what the components of a price make of a line; purchase at what the customer pays for it. [yuan]"""
    if edition.components:
        found = {}
        shown = {} if note is None else note.values
        for component in dict.fromkeys(name for name, _ in edition.components):
            price = component_price(edition, component, band)
            if price is not None and component == "purchase":
                share = shown.get("share", ZERO)
                price = shown.get("own", price * (1 + share))  # type: ignore[assignment, operator]
            if price is not None:
                found[component] = r(quantity * price, 2)
        return found
    if edition.surcharge_price:
        return {"surcharge": r(quantity * edition.surcharge_price, 2)}
    return {}
