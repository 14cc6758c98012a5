"""calculations.yaml, read once: sums of results, what is filled in beforehand, what must be calculated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from jicha_web import core
from jicha_web.core import calculations

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Sums:
    """What a calculation adds to an assessment, in yuan; None: it says nothing of it."""

    claim_yuan: Decimal | None = None
    penalty_yuan: Decimal | None = None
    refund_yuan: Decimal | None = None

    @property
    def amount_yuan(self) -> Decimal | None:
        """Claim and penalty less refund; None when there is none of them."""
        if self.claim_yuan is None and self.penalty_yuan is None and self.refund_yuan is None:
            return None
        return (self.claim_yuan or Decimal(0)) + (self.penalty_yuan or Decimal(0)) - (self.refund_yuan or Decimal(0))


@cache
def table() -> dict[str, Any]:
    """Return calculations.yaml; ValueError when it names a calculator that does not exist."""
    content = core.application_file("calculations")
    unknown = sorted(set(content["sums"]) - set(calculations.known()))
    if unknown:
        raise ValueError(f"calculations.yaml names unknown calculators {unknown}")
    return content


def sums_of(calculator: str, result: Mapping[str, Any]) -> Sums:
    """Return the money in a calculator's result (as JSON)."""
    reads: Mapping[str, str] = table()["sums"].get(calculator, {})

    def value(part: str) -> Decimal | None:
        found = result["results"].get(reads.get(part, ""))
        return None if found is None else Decimal(found["value"]).quantize(CENT)

    signed = value("signed")
    if signed is not None:
        return Sums(claim_yuan=signed) if signed >= 0 else Sums(refund_yuan=-signed)
    return Sums(value("claim"), value("penalty"), value("refund"))


def needs_calculation(outcome: str) -> bool:
    """Whether an outcome is not submitted without a calculation."""
    return outcome in table()["calculation_required"]
