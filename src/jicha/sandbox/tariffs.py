"""Prices of the sandbox: three editions of a tariff list, residential tiers, the power-factor and loss tables."""
# ruff: noqa: E501 -- the price list reads as a table

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.calendar import Calendar, add_months
from jicha.sandbox.equipment import LOSSES
from jicha.sandbox.frame import Frame

BANDS = ["tip", "peak", "flat", "valley", "deep_valley"]
# code, name, usage class, lowest and highest voltage, parts, flat price, time bands, surcharge, capacity, demand price
_LIST = [
    ("JM01", "居民生活（一户一表）", "residential", 220, 380, 1, 0.5380, "", 0.0277, 0, 0),
    ("JM02", "居民生活（峰谷）", "residential", 220, 380, 1, 0.5380, "home", 0.0277, 0, 0),
    ("JM04", "居民生活（月阶梯）", "residential", 220, 380, 1, 0.5380, "", 0.0277, 0, 0),
    ("JM03", "居民合表（学校、养老）不满1千伏", "residential", 220, 380, 1, 0.5580, "", 0.0277, 0, 0),
    ("JM13", "居民合表（学校、养老）1-10千伏", "residential", 10_000, 20_000, 1, 0.5380, "", 0.0277, 0, 0),
    ("GS01", "一般工商业单一制 不满1千伏", "general_industrial_commercial", 220, 380, 1, 0.7357, "", 0.0452, 0, 0),
    ("GS02", "一般工商业单一制 不满1千伏（分时）", "general_industrial_commercial", 220, 380, 1, 0.7357, "time", 0.0452, 0, 0),
    ("GS10", "一般工商业单一制 1-10千伏（不分时）", "general_industrial_commercial", 10_000, 20_000, 1, 0.7157, "", 0.0452, 0, 0),
    ("GS11", "一般工商业单一制 1-10千伏（分时）", "general_industrial_commercial", 10_000, 20_000, 1, 0.7157, "time", 0.0452, 0, 0),
    ("GS12", "一般工商业两部制 1-10千伏", "general_industrial_commercial", 10_000, 20_000, 2, 0.6519, "time", 0.0452, 26.3, 42.0),
    ("DG10", "工商业 1-10千伏（免基本电费）", "large_industrial", 10_000, 20_000, 1, 0.6519, "deep", 0.0452, 0, 0),
    ("DG11", "工商业两部制 1-10千伏", "large_industrial", 10_000, 20_000, 2, 0.6519, "time", 0.0452, 26.3, 42.0),
    ("DG35", "工商业两部制 35千伏", "large_industrial", 35_000, 35_000, 2, 0.6321, "deep", 0.0452, 26.3, 42.0),
    ("DG110", "工商业两部制 110千伏", "large_industrial", 110_000, 110_000, 2, 0.6140, "deep", 0.0452, 24.4, 39.0),
    ("NY01", "农业生产 不满1千伏", "agricultural", 220, 380, 1, 0.5090, "", 0.0, 0, 0),
    ("NY11", "农业生产 1-10千伏", "agricultural", 10_000, 20_000, 1, 0.4990, "", 0.0, 0, 0),
    ("FJ01", "非居民照明及其他 不满1千伏", "non_residential_other", 220, 380, 1, 0.7357, "", 0.0452, 0, 0),
    ("FJ11", "非居民照明及其他 1-10千伏", "non_residential_other", 10_000, 20_000, 1, 0.7157, "", 0.0452, 0, 0),
    ("LD01", "路灯照明", "street_lighting", 220, None, 1, 0.6857, "", 0.0452, 0, 0),
    ("CD01", "充电设施 不满1千伏（分时）", "ev_charging", 220, 380, 1, 0.7157, "deep", 0.0452, 0, 0),
    ("CD11", "充电设施 1-10千伏（分时）", "ev_charging", 10_000, 20_000, 1, 0.6519, "deep", 0.0452, 0, 0),
    ("CD12", "充电设施两部制 1-10千伏", "ev_charging", 10_000, 20_000, 2, 0.6519, "deep", 0.0452, 26.3, 42.0),
    ("DS11", "趸售 10千伏", "resale", 10_000, 20_000, 1, 0.4500, "", 0.0, 0, 0),
    ("DS35", "趸售 35千伏及以上", "resale", 35_000, None, 1, 0.4300, "", 0.0, 0, 0),
    ("GS90", "临时基建用电（2021年停用）", "general_industrial_commercial", 220, 20_000, 1, 0.8412, "", 0.0452, 0, 0),
]  # fmt: skip
EXPIRED = "GS90"  # a code that no longer holds
_FACTORS = {
    "home": (1.0, 1.056, 1.0, 0.535, None), "time": (1.56, 1.28, 1.0, 0.70, None),
    "deep": (1.56, 1.28, 1.0, 0.70, 0.58),
}  # fmt: skip
_MOVES = [0.0, -0.0153, 0.0098]  # yuan/kWh added to business prices per edition
_TIERS = {
    "JM01": ("year", (2760, 4800), 1200), "JM02": ("year", (2760, 4800), 1200), "JM04": ("month", (230, 400), 100),
}  # fmt: skip
TIER_ADD = (0.0, 0.05, 0.30)
# the parts of business prices that are the same in all bands; what remains is the purchase
_FIXED_PARTS = {"grid_loss": 13_643, "system_operation": 82_273, "government_funds": 45_200}  # millionths of a yuan
_DELIVERY = {220: 210_300, 10_000: 190_300, 35_000: 171_200, 110_000: 153_600}


@dataclass(frozen=True)
class Prices:
    """The price list as delivered, and the day on which its latest edition begins."""

    tariff: Frame
    tiers: Frame
    components: Frame
    losses: Frame
    changes: Array  # first days of the editions after the first


def build_prices(calendar: Calendar) -> Prices:
    """Build the list in three editions: one from long before, one fifteen months ago, one in the middle of P0."""
    starts = [date(2023, 6, 1), add_months(calendar.p0, -15), calendar.p0 + timedelta(days=15)]
    starts[0] = min(starts[0], add_months(calendar.start.replace(day=1), -12))
    tariff = Frame("tariff")
    for number, start in enumerate(starts):
        for code, name, usage, low, high, parts, price, timing, surcharge, cap, dem in _LIST:
            fixed = usage in ("residential", "agricultural", "resale") or code == EXPIRED
            if fixed and number:
                continue
            flat = round((price + (0 if fixed else _MOVES[number])) * 1e6)
            factors = _FACTORS.get(timing, (None, None, 1.0, None, None))
            bands = [NULL if f is None else round(flat * f) for f in factors]
            last = np.datetime64("NaT") if fixed or number == 2 else np.datetime64(starts[number + 1]) - 1
            tariff.append(
                tariff_code=code, name=name, usage_class=usage, voltage_min_v=low, voltage_max_v=high, parts=parts,
                effective_from=np.datetime64(date(2012, 7, 1) if fixed else start),
                effective_to=np.datetime64("2020-12-31") if code == EXPIRED else last, energy_price=bands[2],
                tip_price=bands[0], peak_price=bands[1], valley_price=bands[3], deep_valley_price=bands[4],
                surcharge_price=round(surcharge * 1e6), capacity_price=round(cap * 1e4) if cap else NULL,
                demand_price=round(dem * 1e4) if dem else NULL,
                demand_discount_kwh_per_kva=260.0 if dem else None, demand_discount_factor=0.9 if dem else None,
            )  # fmt: skip
    tariff.settle()
    changes = np.array(starts[1:], dtype="datetime64[D]")
    return Prices(tariff, _build_tiers(), _build_components(tariff), loss_table(), changes)


def _build_tiers() -> Frame:
    tiers = Frame("tariff_tier")
    for code, (cycle, limits, person) in _TIERS.items():
        for tier, (upper, add) in enumerate(zip((*limits, None), TIER_ADD, strict=True)):
            tiers.append(
                tariff_code=code, effective_from=np.datetime64("2012-07-01"), tier=tier + 1,
                upper_kwh=NULL if upper is None else upper * 100, cycle=cycle, price_add=round(add * 1e6),
                extra_person_kwh=person * 100, base_household=4,
            )  # fmt: skip
    tiers.settle()
    return tiers


def _build_components(tariff: Frame) -> Frame:
    """The parts of the business prices; they sum to the price of every band."""
    frame = Frame("tariff_component")
    business = ~np.isin(tariff["usage_class"], ["residential", "agricultural", "resale"])
    for row in np.flatnonzero(business & (tariff["tariff_code"] != EXPIRED)).tolist():
        parts = {**_FIXED_PARTS, "transmission_distribution": _DELIVERY[int(tariff["voltage_min_v"][row])]}
        prices = {"all": int(tariff["energy_price"][row])}
        for name in ("tip", "peak", "valley", "deep_valley"):
            if tariff[f"{name}_price"][row] != NULL:
                prices[name] = int(tariff[f"{name}_price"][row])
        rows = [(component, "all", price) for component, price in parts.items()]
        rows += [("purchase", band, price - sum(parts.values())) for band, price in prices.items()]
        for component, band, price in rows:
            frame.append(
                tariff_code=tariff["tariff_code"][row], effective_from=tariff["effective_from"][row],
                component=component, time_band=band, price=price, in_pf_base=component != "government_funds",
            )  # fmt: skip
    frame.settle()
    return frame


def pf_adjustments() -> tuple[Array, Frame]:
    """Return the power-factor table: [standard 0.90, 0.85, 0.80][power factor in %] in hundredths of a per cent."""
    table = np.zeros((3, 101), dtype=np.int64)
    rewards = [
        {0.15: range(91, 96)}, {0.10: range(86, 91), 0.15: range(91, 95)}, {0.10: range(81, 91), 0.15: range(91, 93)},
    ]  # fmt: skip
    for row, (standard, slow, medium) in enumerate([(90, 70, 65), (85, 65, 60), (80, 60, 55)]):
        level = 0.0
        for factor in range(standard + 1, 101):
            level -= sum(step for step, at in rewards[row].items() if factor in at)
            table[row, factor] = round(level * 100)
        level = 0.0
        for factor in range(standard - 1, -1, -1):
            level += 0.5 if factor >= slow else 1.0 if factor >= medium else 2.0
            table[row, factor] = round(level * 100)
    standards = np.repeat([0.90, 0.85, 0.80], 101)
    frame = Frame(
        "pf_adjustment",
        pf_standard=standards,
        power_factor=np.tile(np.arange(101) / 100, 3),
        adjustment_pct=table.ravel() / 100,
    )
    return table, frame


def loss_table() -> Frame:
    """The loss table of the older series; newer ones are billed by their own loss data."""
    frame = Frame("transformer_loss")
    for row, series in enumerate(("S7", "S9", "S11")):
        for size, losses in LOSSES.items():
            no_load = losses[max(row - 1, 0)] * (1.25 if series == "S7" else 1.0)
            for step in range(4):
                energy = size * 100.0 * step
                copper = 1.2 * losses[3] * energy**2 / (size**2 * 720.0)
                frame.append(
                    model_series=series,
                    capacity_kva=float(size),
                    monthly_kwh_from=energy,
                    active_kwh=round(no_load * 720 + copper, 0),
                    reactive_kvarh=round(losses[4] / 100 * size * 720 + 3.5 * copper, 0),
                )
    return frame
