"""What a bill as issued and a bill as recomputed both say, under the same names: the columns that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class BillColumns:
    """Columns of the table `bill` and of the model `recomputed_bill`; None: not delivered, or not to be computed."""

    bill_id: str
    customer_id: str
    point_id: str
    period: date
    days: int | None = None
    tariff_code: str | None = None
    metered_kwh: Decimal | None = None
    loss_kwh: Decimal | None = None
    adjusted_kwh: Decimal | None = None
    billed_kwh: Decimal | None = None
    tip_kwh: Decimal | None = None
    peak_kwh: Decimal | None = None
    flat_kwh: Decimal | None = None
    valley_kwh: Decimal | None = None
    deep_valley_kwh: Decimal | None = None
    reactive_kvarh: Decimal | None = None
    billed_demand_kw: Decimal | None = None
    billed_capacity_kva: Decimal | None = None
    power_factor: Decimal | None = None
    pf_standard: Decimal | None = None
    energy_yuan: Decimal | None = None
    tier_yuan: Decimal | None = None
    basic_yuan: Decimal | None = None
    pf_yuan: Decimal | None = None
    adjusted_yuan: Decimal | None = None
    other_yuan: Decimal | None = None
    total_yuan: Decimal | None = None
