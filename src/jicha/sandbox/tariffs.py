"""Prices of the sandbox: three editions of a tariff list, residential tiers, the power-factor and loss tables."""
# ruff: noqa: E501 -- the price list reads as a table

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from jicha.sandbox.arrays import NULL, Array, text
from jicha.sandbox.calendar import Calendar, add_months
from jicha.sandbox.equipment import LOSSES
from jicha.sandbox.frame import Frame

BANDS = ["tip", "peak", "flat", "valley"]
# code, name, usage class, lowest and highest voltage, parts, flat price, time bands, surcharge, capacity, demand price
_LIST = [
    ("JM01", "居民生活（一户一表）", "residential", 220, 380, 1, 0.5380, "", 0.0277, 0, 0),
    ("JM02", "居民生活（峰谷）", "residential", 220, 380, 1, 0.5380, "home", 0.0277, 0, 0),
    ("JM03", "居民合表（学校、养老）不满1千伏", "residential", 220, 380, 1, 0.5580, "", 0.0277, 0, 0),
    ("JM13", "居民合表（学校、养老）1-10千伏", "residential", 10_000, 20_000, 1, 0.5380, "", 0.0277, 0, 0),
    ("GS01", "一般工商业单一制 不满1千伏", "general_industrial_commercial", 220, 380, 1, 0.7357, "", 0.0452, 0, 0),
    ("GS02", "一般工商业单一制 不满1千伏（分时）", "general_industrial_commercial", 220, 380, 1, 0.7357, "time", 0.0452, 0, 0),
    ("GS11", "一般工商业单一制 1-10千伏（分时）", "general_industrial_commercial", 10_000, 20_000, 1, 0.7157, "time", 0.0452, 0, 0),
    ("DG11", "工商业两部制 1-10千伏", "large_industrial", 10_000, 20_000, 2, 0.6519, "time", 0.0452, 26.3, 42.0),
    ("DG35", "工商业两部制 35千伏", "large_industrial", 35_000, 35_000, 2, 0.6321, "time", 0.0452, 26.3, 42.0),
    ("DG110", "工商业两部制 110千伏", "large_industrial", 110_000, 110_000, 2, 0.6140, "time", 0.0452, 24.4, 39.0),
    ("NY01", "农业生产 不满1千伏", "agricultural", 220, 380, 1, 0.5090, "", 0.0, 0, 0),
    ("NY11", "农业生产 1-10千伏", "agricultural", 10_000, 20_000, 1, 0.4990, "", 0.0, 0, 0),
    ("FJ01", "非居民照明及其他 不满1千伏", "non_residential_other", 220, 380, 1, 0.7357, "", 0.0452, 0, 0),
    ("FJ11", "非居民照明及其他 1-10千伏", "non_residential_other", 10_000, 20_000, 1, 0.7157, "", 0.0452, 0, 0),
    ("LD01", "路灯照明", "street_lighting", 220, 380, 1, 0.6857, "", 0.0452, 0, 0),
    ("CD01", "充电设施 不满1千伏（分时）", "ev_charging", 220, 380, 1, 0.7157, "time", 0.0452, 0, 0),
    ("CD11", "充电设施 1-10千伏（分时）", "ev_charging", 10_000, 20_000, 1, 0.6519, "time", 0.0452, 0, 0),
    ("DS11", "趸售 10千伏", "resale", 10_000, 20_000, 1, 0.4500, "", 0.0, 0, 0),
]  # fmt: skip
_FACTORS = {"home": (1.0, 1.056, 1.0, 0.535), "time": (1.56, 1.28, 1.0, 0.70)}
_MOVES = [0.0, -0.0153, 0.0098]  # yuan/kWh added to business prices per edition
TIER_UPPER = (2760, 4800)
TIER_ADD = (0.05, 0.30)


@dataclass(frozen=True)
class Prices:
    """Prices per edition and tariff in integers: millionths of a yuan per kWh, ten-thousandths per kVA or kW."""

    codes: Array
    starts: Array  # first day of every edition
    bands: Array  # [edition, code, band], bands as in BANDS
    surcharge: Array  # [code]
    capacity: Array
    demand: Array
    tariff: Frame
    tiers: Frame


def build_prices(calendar: Calendar) -> Prices:
    """Build the list in three editions: one from long before, two changes within the covered months."""
    starts = [date(2023, 6, 1), add_months(calendar.p0, -15), add_months(calendar.p0, -4)]
    starts[0] = min(starts[0], add_months(calendar.start.replace(day=1), -12))
    bands = np.zeros((len(starts), len(_LIST), len(BANDS)), dtype=np.int64)
    tariff = Frame("tariff")
    for number, start in enumerate(starts):
        for row, (code, name, usage, low, high, parts, price, timing, surcharge, cap, dem) in enumerate(_LIST):
            fixed = usage in ("residential", "agricultural", "resale")
            flat = round((price + (0 if fixed else _MOVES[number])) * 1e6)
            bands[number, row] = [round(flat * f) for f in _FACTORS.get(timing, (1, 1, 1, 1))]
            if fixed and number:
                continue
            last = np.datetime64("NaT") if fixed or number == 2 else np.datetime64(starts[number + 1]) - 1
            tip, peak, flat_units, valley = bands[number, row].tolist() if timing else (NULL, NULL, flat, NULL)
            tariff.append(
                tariff_code=code, name=name, usage_class=usage, voltage_min_v=low, voltage_max_v=high, parts=parts,
                effective_from=np.datetime64(date(2012, 7, 1) if fixed else start), effective_to=last,
                energy_price=flat_units, tip_price=tip, peak_price=peak, valley_price=valley,
                surcharge_price=round(surcharge * 1e6), capacity_price=round(cap * 1e4) if cap else NULL,
                demand_price=round(dem * 1e4) if dem else NULL,
                demand_discount_kwh_per_kva=260.0 if dem else None, demand_discount_factor=0.9 if dem else None,
            )  # fmt: skip
    tiers = Frame("tariff_tier")
    for code in ("JM01", "JM02"):
        for tier, (upper, add) in enumerate([(TIER_UPPER[0], 0.0), (TIER_UPPER[1], TIER_ADD[0]), (None, TIER_ADD[1])]):
            tiers.append(
                tariff_code=code, effective_from=np.datetime64("2012-07-01"), tier=tier + 1,
                upper_kwh=NULL if upper is None else upper * 100, cycle="year", price_add=round(add * 1e6),
                extra_person_kwh=1200_00, base_household=4,
            )  # fmt: skip
    column = list(zip(*_LIST, strict=True))
    return Prices(
        codes=text(column[0]),
        starts=np.array(starts, dtype="datetime64[D]"),
        bands=bands,
        surcharge=np.round(np.array(column[8]) * 1e6).astype(np.int64),
        capacity=np.round(np.array(column[9]) * 1e4).astype(np.int64),
        demand=np.round(np.array(column[10]) * 1e4).astype(np.int64),
        tariff=tariff,
        tiers=tiers,
    )


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
