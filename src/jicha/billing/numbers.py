"""Rounding: half up, away from zero; what stems from a quotient passes through 6 places first (section 0)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from functools import cache

ZERO = Decimal(0)
_CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP)
_FLOOR = Context(prec=60, rounding=ROUND_FLOOR)


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def r(value: Decimal, places: int) -> Decimal:
    """Round an exact value half up to so many places."""
    return value.quantize(_unit(places), context=_CONTEXT)


def rq(value: Decimal, places: int) -> Decimal:
    """Round a value that a quotient or square root is part of: to 6 places, then half up to `places`."""
    return r(r(value, 6), places)


def floor2(value: Decimal) -> Decimal:
    """Cut to 2 places downwards, after the 6 places of a quotient."""
    return r(value, 6).quantize(_unit(2), context=_FLOOR)


def over(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Divide with far more digits than any rounding looks at."""
    return _CONTEXT.divide(dividend, divisor)


def root(value: Decimal) -> Decimal:
    """Return the square root with far more digits than any rounding looks at."""
    return _CONTEXT.sqrt(value)


def total(values: Iterable[Decimal]) -> Decimal:
    """Sum decimals; 0 for none."""
    return sum(values, ZERO)


def shares_by_days(quantity: Decimal, days: list[int]) -> list[Decimal]:
    """Split a quantity over runs of days at 2 places, so that the parts sum to it (section 3)."""
    whole = sum(days)
    parts, before, passed = [], ZERO, 0
    for count in days:
        passed += count
        now = quantity if passed == whole else rq(over(quantity * passed, Decimal(whole)), 2)
        parts.append(now - before)
        before = now
    return parts
