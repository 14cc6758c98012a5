"""What a bill is computed from: typed rows, immutable, as the tables of `schema.yaml` deliver them.

Quantities are kWh, kvarh, kW; capacities kVA; prices yuan per kWh, kVA·month or kW·month. Days are inclusive on both
ends; None is "not delivered". What the schema stores as double enters at 4 places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jicha.billing.columns import BillColumns
from jicha.catalog.billing import SettingsBook

BANDS = ("tip", "peak", "flat", "valley", "deep_valley")
RUNNING = frozenset({"running", "hot_standby"})


@dataclass(frozen=True, kw_only=True)
class PointFile:
    """What the file of a point said: today's, or that of a stretch of its history."""

    since: date | None = None
    until: date | None = None
    tariff_code: str | None = None
    is_time_of_use: bool | None = None
    pf_standard: Decimal | None = None
    basic_charge_mode: str | None = None
    contract_demand_kw: Decimal | None = None
    multiplier: Decimal | None = None
    mode: str | None = None
    allocation: str | None = None
    allocation_value: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Point:
    """A settlement point."""

    point_id: str
    customer_id: str | None
    purpose: str = "settlement"
    status: str | None = "active"
    parent_point_id: str | None = None
    reading_cycle_months: int | None = None
    loss_method: str | None = None
    loss_value: Decimal | None = None
    line_loss_pct: Decimal | None = None
    transformer_id: str | None = None
    demand_group: str | None = None
    pf_group: str | None = None
    today: PointFile = PointFile()
    history: tuple[PointFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Transformer:
    """A customer's transformer; `history` holds (first day, last day or None, status)."""

    transformer_id: str
    model: str | None = None
    capacity_kva: Decimal
    status: str = "running"
    installed_on: date | None = None
    removed_on: date | None = None
    no_load_loss_kw: Decimal | None = None
    load_loss_kw: Decimal | None = None
    no_load_current_pct: Decimal | None = None
    impedance_pct: Decimal | None = None
    interlock_group: str | None = None
    history: tuple[tuple[date, date | None, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One register of a point in a period."""

    register: str
    meter_id: str | None = None
    previous_index: Decimal | None = None
    current_index: Decimal | None = None
    multiplier: Decimal | None = None
    quantity: Decimal | None = None
    method: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReadingSegment:
    """A part of a register's period between two index readings; `from_on` is the day of its begin."""

    register: str
    meter_id: str
    from_on: date
    from_index: Decimal | None = None
    to_index: Decimal | None = None
    multiplier: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A tariff's prices while in force. `components`: (component, band) → (price, in the power-factor base or None)."""

    tariff_code: str
    name: str | None = None
    usage_class: str | None = None
    parts: int | None = None
    effective_from: date
    effective_to: date | None = None
    energy_price: Decimal | None = None
    tip_price: Decimal | None = None
    peak_price: Decimal | None = None
    valley_price: Decimal | None = None
    deep_valley_price: Decimal | None = None
    surcharge_price: Decimal | None = None
    capacity_price: Decimal | None = None
    demand_price: Decimal | None = None
    demand_discount_kwh_per_kva: Decimal | None = None
    demand_discount_factor: Decimal | None = None
    components: Mapping[tuple[str, str], tuple[Decimal, bool | None]] = field(default_factory=dict)

    def band_price(self, band: str) -> Decimal | None:
        """Return the published price of a band; flat is the energy price."""
        found: Decimal | None = getattr(self, "energy_price" if band == "flat" else f"{band}_price")
        return found


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One tier of a tariff: its upper limit within the cycle, and what it adds to the price."""

    tier: int
    upper_kwh: Decimal | None
    cycle: str | None
    price_add: Decimal | None
    extra_person_kwh: Decimal | None = None
    base_household: int | None = None


@dataclass(frozen=True)
class PriceBook:
    """All prices: editions by code in order of their begin, tiers by (code, begin), the loss and factor tables."""

    editions: Mapping[str, tuple[Edition, ...]]
    tiers: Mapping[str, tuple[tuple[date, tuple[Tier, ...]], ...]] = field(default_factory=dict)
    pf_table: Mapping[tuple[Decimal, Decimal], Decimal] = field(default_factory=dict)  # as delivered
    loss_table: Mapping[tuple[str, Decimal], tuple[tuple[Decimal, Decimal | None, Decimal | None], ...]] = field(
        default_factory=dict
    )  # (series, kVA) → rows (monthly kWh from, active kWh, reactive kvarh), ascending

    def edition(self, code: str, day: date) -> Edition | None:
        """Return the edition in force on a day; of several the one that began last."""
        for item in reversed(self.editions.get(code, ())):
            if item.effective_from <= day and (item.effective_to is None or item.effective_to >= day):
                return item
        return None

    def tier_edition(self, code: str, day: date) -> tuple[date, tuple[Tier, ...]] | None:
        """Return the tiers that began last on or before a day, with that begin."""
        for since, tiers in reversed(self.tiers.get(code, ())):
            if since <= day:
                return since, tiers
        return None


@dataclass(frozen=True, kw_only=True)
class Order:
    """A change of supply that was not cancelled; `effective_from` falls back on the day it was archived."""

    order_id: str
    kind: str
    effective_from: date | None
    effective_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class BillRow(BillColumns):
    """A bill as issued; `is_cancelled`: a reversal takes it back."""

    kind: str | None = None
    is_cancelled: bool = False
    tier_used_before_kwh: Decimal | None = None

    @property
    def is_regular(self) -> bool:
        """Whether this is the kind of bill that is recomputed."""
        return self.kind in {None, "normal", "part"} and not self.is_cancelled


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A customer with what belongs to the file rather than to a point."""

    customer_id: str
    org_id: str | None = None
    usage_class: str | None = None
    voltage_v: int | None = None
    contract_capacity_kva: Decimal | None = None
    operating_capacity_kva: Decimal | None = None
    direct_motor_kva: Decimal | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    household_size: int | None = None
    household_size_from: date | None = None
    household_size_until: date | None = None
    free_kwh_per_month: Decimal | None = None
    market_mode: str | None = None
    reading_day: int | None = None
    transformers: tuple[Transformer, ...] = ()
    orders: tuple[Order, ...] = ()
    prices: Mapping[str, Decimal] = field(default_factory=dict)  # customer_price of the period by band


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the bills of one period of one customer need, and of the customers that share a meter with it."""

    period: date
    as_of: date
    customers: Mapping[str, Customer]
    points: Mapping[str, Point]  # settlement points; also those of other customers behind or before them
    bills: tuple[BillRow, ...]  # of the period
    readings: Mapping[tuple[str, str], Reading] = field(default_factory=dict)  # (point, register)
    segments: Mapping[tuple[str, str], tuple[ReadingSegment, ...]] = field(default_factory=dict)
    meter_digits: Mapping[str, int | None] = field(default_factory=dict)  # meter → integer digits
    current_meter: Mapping[str, str] = field(default_factory=dict)  # point → meter
    year_bills: Mapping[str, tuple[tuple[date, Decimal | None], ...]] = field(default_factory=dict)  # earlier ones
    prices: PriceBook
    settings: SettingsBook


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What an explanation changes to find the cause of a difference; the defaults are the contract."""

    line_places: int = 2  # 6: lines are not rounded, only their sum
    reading_multiplier: bool = False  # the reading's multiplier before the file's
    used_before_kwh: Mapping[str, Decimal] = field(default_factory=dict)  # point → instead of the year's bills
    metered_as_billed: bool = False  # the bill's own metered kWh and bands
    deducted_kwh: Mapping[str, Decimal] = field(default_factory=dict)  # point → instead of its sub-points' energy
    price_adjusted_kwh: bool | None = None  # None: as section 5 says
    demand_discount: bool | None = None  # None: as the month's use says; else always, never
    extra_kwh: Mapping[str, Decimal] = field(default_factory=dict)  # point → priced on top of metered and lost energy
    losses: Mapping[str, tuple[Decimal, Decimal | None]] = field(default_factory=dict)  # point → kWh, kvarh with losses
    basic_sizes: Mapping[str, Decimal] = field(default_factory=dict)  # point → kVA or kW charged
    basic_prices: Mapping[str, Decimal] = field(default_factory=dict)  # point → price of a kVA or kW
    whole_tiers: Mapping[str, int] = field(default_factory=dict)  # point → tier that all its energy is in
    basic_left_out: bool = False  # the charge counts for the power factor and is not billed
    pf_base_surcharge: bool = False  # the part outside the base is left in
