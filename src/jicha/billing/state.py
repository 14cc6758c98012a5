"""One point's way through a period: what the sections find out about it, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from jicha.billing.derivation import REASONS, Line, Step
from jicha.billing.facts import BillRow, Customer, Point
from jicha.billing.interval import FileSegment, Interval, PriceSegment
from jicha.billing.metered import Metered, Register
from jicha.billing.numbers import ZERO, total
from jicha.catalog.billing import BillingSettings

METERED = frozenset({None, "metered"})


@dataclass
class State:
    """A settlement point that takes part in the period."""

    point: Point
    customer: Customer
    bill: BillRow | None
    settings: BillingSettings
    interval: Interval
    files: tuple[FileSegment, ...]
    prices: tuple[PriceSegment, ...]
    metered: Metered | None = None  # None: allocated
    gross: Decimal | None = None  # own total before children are taken off [kWh]
    bands: dict[str, Decimal] | None = None  # of the gross total; None: no time of use
    extra: Decimal = ZERO  # energy that an assumption prices on top [kWh]
    taken: Decimal = ZERO  # by children
    taken_bands: dict[str, Decimal] = field(default_factory=dict)
    loss: Decimal = ZERO  # own active loss after the children's shares [kWh]
    loss_before: Decimal = ZERO  # before the children's shares
    loss_reactive: Decimal = ZERO  # [kvarh]
    loss_method: str | None = None
    reasons: set[str] = field(default_factory=set)
    quantity_reasons: set[str] = field(default_factory=set)  # those of them that others who need the quantity share
    steps: list[Step] = field(default_factory=list)
    energy: list[tuple[Line, ...]] = field(default_factory=list)  # per price segment
    own_bands: list[Mapping[str, Decimal]] = field(default_factory=list)  # per price segment, metered and loss
    basic: Decimal | None = None
    basic_lines: tuple[Line, ...] = ()
    billed_capacity_kva: Decimal | None = None
    billed_demand_kw: Decimal | None = None

    def unclear(self, *reasons: str) -> None:
        """Note why the quantity is not known."""
        self.reasons.update(reasons)
        self.quantity_reasons.update(reasons)

    @property
    def is_metered(self) -> bool:
        """Whether the point has registers of its own."""
        return self.files[0].file.allocation in METERED

    @property
    def is_timed(self) -> bool:
        """Whether any of its days is billed by time of use."""
        return any(segment.file.is_time_of_use for segment in self.files)

    @property
    def own(self) -> Decimal:
        """Own metered energy after the children. [kWh]"""
        return (self.gross or ZERO) - self.taken

    @property
    def adjusted(self) -> Decimal:
        """Energy adjusted by hand. [kWh]"""
        return (self.bill.adjusted_kwh if self.bill else None) or ZERO

    @property
    def billed(self) -> Decimal:
        """Metered, lost and adjusted energy. [kWh]"""
        return self.own + self.loss + self.adjusted + self.extra

    @property
    def has_reactive(self) -> bool:
        """Whether a reactive register was read."""
        return self.metered is not None and bool({"reactive", "reactive_lead"} & set(self.metered.registers))

    @property
    def reactive(self) -> Decimal:
        """Reactive energy of both directions, without losses. [kvarh]"""
        if self.metered is None:
            return ZERO
        return self.metered.quantity("reactive") + abs(self.metered.quantity("reactive_lead"))

    @property
    def reactive_registers(self) -> list[Register]:
        """The reactive registers, the leading one by its amount."""
        if self.metered is None:
            return []
        found = [self.metered.registers.get("reactive")]
        lead = self.metered.registers.get("reactive_lead")
        if lead is not None:
            parts = None if lead.parts is None else {day: abs(value) for day, value in lead.parts.items()}
            found.append(Register(abs(lead.quantity), parts))
        return [register for register in found if register is not None]


def in_order(reasons: Iterable[str]) -> tuple[str, ...]:
    """Return reasons in the order of the contract."""
    return tuple(sorted(set(reasons), key=REASONS.index))


def sum_bands(parts: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Add bands up."""
    found: dict[str, Decimal] = {}
    for part in parts:
        for band, quantity in part.items():
            found[band] = found.get(band, ZERO) + quantity
    return found


def whole_of(bands: Mapping[str, Decimal]) -> Decimal:
    """Return the sum of bands."""
    return total(bands.values())
