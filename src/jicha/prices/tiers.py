"""Residential tiers as published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Household:
    """What more persons in a household add; None: not known. `per`: once per `household`, or per further `person`."""

    from_persons: int | None
    add_kwh_month: Decimal
    per: str
    bands: str | None  # `first` or `all` limits
    verified: bool


@dataclass(frozen=True)
class TierTable:
    """Limits in kWh (None inside a row of limits: not known), adders in yuan/kWh on the first price."""

    cycle: str | None  # `month` or `year`
    cycle_verified: bool
    month: tuple[Decimal | None, ...] | None
    year: tuple[Decimal | None, ...] | None
    seasons: Mapping[str, tuple[Decimal | None, ...]]
    limits_verified: bool
    add: tuple[Decimal, ...]
    household: Household | None
    free_kwh_month: Decimal | None
    free_yuan_month: Decimal | None

    @property
    def verified(self) -> bool:
        """Whether cycle and limits were read in a text."""
        return self.cycle_verified and self.limits_verified and (self.household is None or self.household.verified)

    @property
    def limits(self) -> tuple[Decimal | None, ...] | None:
        """The limits of the cycle that is billed; None where the list does not give them for it."""
        return {"month": self.month, "year": self.year}.get(self.cycle or "")
