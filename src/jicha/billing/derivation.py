"""How a recomputed bill came about: priced lines and the steps before them, as data; words are made when shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jicha.billing.columns import BillColumns

REASONS = (
    "not_regular", "several_bills", "point_unknown", "customer_unknown", "beyond_measure",
    "period_unclear", "change_order", "reading_missing", "index_backwards", "bands_exceed_total", "allocation_missing",
    "children_exceed_main",
    "transformer_data", "loss_row_missing", "tariff_unknown", "tariff_expired", "price_missing", "component_missing",
    "customer_price_missing", "tier_history", "capacity_missing", "demand_missing", "contract_demand_missing",
    "reactive_missing", "pf_row_missing",
)  # fmt: skip
COMPONENTS = ("energy", "tier", "basic", "pf", "adjusted", "other")


class UnableToRecalculate(ValueError):
    """A part of a bill cannot be computed; `reasons` are of REASONS."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = frozenset(reasons)


@dataclass(frozen=True)
class Step:
    """A step of the derivation: its name (a sentence of `billing/explain.yaml`) and the numbers in it."""

    name: str
    values: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A charge line: quantity × price = amount.

    kind: energy, tier, basic, pf, adjusted, other (the column of the bill it counts in). band: time band, tier number
    or basis (capacity, demand). unit: of the quantity; the price is yuan per unit (pf: per cent). source: edition of
    the price or document of the table. outside_yuan: part that the power-factor base leaves out, at outside_price a
    unit. component: of the price, where each is a line. note: how the price came about where it is not the edition's.
    """

    kind: str
    band: str
    since: date
    until: date
    quantity: Decimal
    unit: str
    price: Decimal
    amount_yuan: Decimal
    source: str
    outside_yuan: Decimal = Decimal(0)
    outside_price: Decimal = Decimal(0)
    component: str = ""
    note: Step | None = None
    parts: Mapping[str, Decimal] = field(default_factory=dict)  # component of the price → yuan of the line
    is_catalogue: bool | None = None  # priced at the catalogue of selling prices; None: the tariff does not say


@dataclass(frozen=True, kw_only=True)
class RecomputedBill(BillColumns):
    """A bill as it should be; `reasons` not empty: it could not be judged and the amounts are None."""

    reasons: tuple[str, ...] = ()
    energy_diff_yuan: Decimal | None = None
    tier_diff_yuan: Decimal | None = None
    basic_diff_yuan: Decimal | None = None
    pf_diff_yuan: Decimal | None = None
    total_diff_yuan: Decimal | None = None
    lines: tuple[Line, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def reason(self) -> str | None:
        """The reasons as the model `recomputed_bill` writes them."""
        return ",".join(self.reasons) or None
