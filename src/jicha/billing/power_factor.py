"""Section 9: the power factor and what it adds or takes."""

from __future__ import annotations

from decimal import Decimal

from jicha.billing.derivation import UnableToRecalculate
from jicha.billing.facts import PriceBook
from jicha.billing.numbers import ZERO, over, r, root, rq
from jicha.catalog.billing import power_factor_document, power_factor_table

PLACES = 2


def power_factor(*, active_kwh: Decimal, reactive_kvarh: Decimal) -> Decimal | None:
    """Return the mean power factor of a period, 2 places half up: Ap / √(Ap² + Aq²).

    active_kwh, reactive_kvarh: with losses; reactive is the sum of both directions' amounts. None: nothing flowed.
    """
    if active_kwh <= 0:
        return ZERO if reactive_kvarh > 0 else None
    return rq(over(active_kwh, root(active_kwh**2 + reactive_kvarh**2)), PLACES)


def power_factor_of_powers(*, active_kw: Decimal, apparent_kva: Decimal) -> Decimal:
    """Return the power factor of a measured active and apparent power, 2 places half up."""
    return rq(over(active_kw, apparent_kva), PLACES)


def adjustment_pct(*, standard: Decimal, factor: Decimal, prices: PriceBook) -> tuple[Decimal, str]:
    """Return the adjustment in per cent of the base (positive is a surcharge), and the table it is from.

    A delivered table that has the standard takes precedence over the shipped one of 1983.
    """
    standard, factor = r(standard, 2), r(factor, PLACES)
    if any(own == standard for own, _ in prices.pf_table):
        found, document = prices.pf_table.get((standard, factor)), "pf_adjustment"
    else:
        found, document = power_factor_table().get((standard, factor)), power_factor_document()
    if found is None:
        raise UnableToRecalculate("pf_row_missing")
    return found, document


def adjustment_yuan(*, base_yuan: Decimal, pct: Decimal) -> Decimal:
    """Return the adjustment of a base, half up to the cent."""
    return rq(over(base_yuan * pct, Decimal(100)), 2)
