"""One account of a district: every component of every bill, from files, quantities and prices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jicha.sandbox.arrays import NULL, Array, half_up
from jicha.sandbox.billing.basic import Basic, charge
from jicha.sandbox.billing.editions import Editions
from jicha.sandbox.billing.energy import Market, price_days
from jicha.sandbox.billing.factor import Factors, assess
from jicha.sandbox.billing.files import Files
from jicha.sandbox.billing.losses import Losses, Windings, lose
from jicha.sandbox.billing.quantities import Quantities, allocated, spread
from jicha.sandbox.billing.tiers import Ladder, climb, tiered


@dataclass(frozen=True)
class Books:
    """Everything besides the quantities that bills of a district are made of."""

    files: Files
    editions: Editions
    windings: Windings
    market: Market
    ladders: dict[str, Ladder]


@dataclass(frozen=True)
class Known:
    """What delivered bills say that a recomputation takes from them, [point, period]."""

    adjusted_kwh: Array  # hundredths
    priced_kwh: Array  # the part of it that is priced with the energy
    used_before: Array  # hundredths in the tier cycle, NULL: unknown
    bearer: Array  # the bill that carries the basic charge


@dataclass
class Account:
    """Components per point and period: hundredths, cents."""

    live: Array
    own: Array  # metered energy once children have theirs
    bands: Array
    losses: Losses
    lost: Array  # [point, period, band]
    billed: Array
    used_before: Array
    energy: Array
    tier: Array
    basic: Basic
    factors: Factors
    reasons: dict[tuple[int, int], set[str]] = field(default_factory=dict)

    @property
    def total(self) -> Array:
        """Energy, tiers, basic charge and power factor."""
        return np.asarray(self.energy + self.tier + self.basic.cents + self.factors.cents)


def settle(books: Books, quantities: Quantities, known: Known | None = None) -> Account:
    """Settle all points and periods. Without `known` it is the first account: adjustments none, tiers run on."""
    files = books.files
    reasons: dict[tuple[int, int], set[str]] = {}

    def note(point: int, period: int, reason: str) -> None:
        reasons.setdefault((point, period), set()).add(reason)

    own, bands = allocated(files, quantities, note)
    shares = files.facts.today["allocation"]
    fixed = np.flatnonzero(np.isin(shares.astype(str), ["ratio", "quantity"]))
    metered = quantities.copy()
    metered.total[fixed] = own[fixed]
    losses = lose(files, books.windings, metered, note, known is None)
    mains = _of_mains(files, losses)
    live = quantities.live & (files.span > 0)
    own = np.where(live, np.clip(own, 0, None) if known is None else own, 0)
    bands = np.where(own[..., None] > 0, bands, 0) if known is None else bands
    active = np.where(live, losses.active, 0)
    timed = (files.facts.today["is_time_of_use"] == True)[:, None]  # noqa: E712
    for point in files.facts.dated:
        timed[point] = True
    lost = np.where(timed[..., None], spread(active, bands, own), 0)
    lost[..., 2] = active - lost.sum(axis=2) + lost[..., 2]
    late = np.zeros_like(own) if known is None else known.priced_kwh
    billed = own + active + (late if known is None else known.adjusted_kwh)
    lines = price_days(files, books.editions, books.market, bands, lost, late, live, quantities.cuts)
    for point, period, reason in lines.faults:
        note(point, period, reason)
    energy = lines.by_bill(lines.cents, own.shape)
    used, tier = climb(files, books.ladders, billed, live, None if known is None else known.used_before)
    with_tiers = tiered(files, books.ladders)
    if known is not None:
        for point, period in zip(*np.nonzero(live & with_tiers[:, None] & (known.used_before == NULL)), strict=True):
            note(int(point), int(period), "tier_history")
    bearer = None if known is None else known.bearer
    basic = charge(files, books.editions, books.windings, quantities, billed, note, bearer)
    factors = assess(files, metered, mains, np.where(live, losses.reactive, 0), lines, basic.cents, note)
    return Account(live, own, bands, losses, lost, billed, used, energy, tier, basic, factors, reasons)


def _of_mains(files: Files, losses: Losses) -> Array:
    """Losses as they are before children get theirs."""
    found = losses.active.copy()
    for child in np.flatnonzero(files.parent >= 0).tolist():
        found[files.parent[child]] += found[child]
        found[child] = 0
    return found


def allowance(books: Books, account: Account) -> Array:
    """Cents of free energy per point and period, negative."""
    files = books.files
    free = files.district.customer["free_kwh_per_month"][files.owner]
    granted = np.minimum(
        np.where(free == NULL, 0, free)[:, None] * files.cycle[:, None], np.clip(account.billed, 0, None)
    )
    code = books.editions.code(files.facts.today["tariff_code"])
    edition = books.editions.on[np.maximum(code, 0)[:, None], np.clip(files.first, 0, files.days - 1)]
    price = np.where((code >= 0)[:, None] & (edition >= 0), books.editions.band[edition, 2], 0)
    return np.where(account.live, -half_up(granted * price, 10**6), 0)
