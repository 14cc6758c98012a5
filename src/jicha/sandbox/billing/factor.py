"""The power factor of customers and what it adds to, or takes from, their bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array, half_up
from jicha.sandbox.billing.energy import Lines
from jicha.sandbox.billing.files import Files
from jicha.sandbox.billing.quantities import Note, Quantities
from jicha.sandbox.tariffs import pf_adjustments

_STANDARDS = {0.90: 0, 0.85: 1, 0.80: 2}


@dataclass
class Factors:
    """Per point and period: factor in per cent (-1: none), standard (NaN: none), adjustment in cents."""

    percent: Array
    standard: Array
    cents: Array


def assess(
    files: Files, quantities: Quantities, active_loss: Array, reactive_loss: Array, lines: Lines, basic: Array,
    note: Note,
) -> Factors:  # fmt: skip
    """Assess every group of mains with a standard, and children with a standard of their own with it.

    `active_loss` [point, period] is the loss of mains before any of it goes to children.
    """
    shape = quantities.total.shape
    found = Factors(np.full(shape, -1), np.full(shape, np.nan), np.zeros(shape, dtype=np.int64))
    energy, outside = lines.by_bill(lines.cents, shape), lines.by_bill(lines.outside, shape)
    table = pf_adjustments()[0]
    standard = files.facts.today["pf_standard"].astype(float)
    ever = ~np.isnan(standard)
    for point, dated in files.facts.dated.items():
        ever[point] |= ~np.isnan(dated["pf_standard"].astype(float)).all()
    groups: dict[tuple[int, Any], list[int]] = {}
    for point in np.flatnonzero(ever & (files.parent < 0)).tolist():
        groups.setdefault((int(files.owner[point]), files.pf_group[point]), []).append(point)
    under: dict[int, list[int]] = {}
    for point in np.flatnonzero(ever & (files.parent >= 0)).tolist():
        under.setdefault(int(files.parent[point]), []).append(point)
    for group in groups.values():
        live = quantities.live[group]
        percent = _percent(quantities, active_loss, reactive_loss, group)
        silent = ~(quantities.has_reactive[group] & live).any(axis=0) & live.any(axis=0)
        members = [*group, *(child for main in group for child in under.get(main, []))]
        for period in np.flatnonzero(silent).tolist():
            for point in members:
                note(point, period, "reactive_missing")
        for point in members:
            if point in files.facts.dated:
                _by_segments(files, quantities, lines, basic, table, percent, found, point)
                continue
            place = _STANDARDS.get(float(standard[point]))
            if place is None:
                continue
            rate = np.where(percent >= 0, table[place, np.clip(percent, 0, 100)], 0)
            base = energy[point] - outside[point] + basic[point]
            found.cents[point] = np.where(quantities.live[point], half_up(base * rate, 10**4), 0)
            found.percent[point], found.standard[point] = percent, standard[point]
    return found


def _percent(quantities: Quantities, active_loss: Array, reactive_loss: Array, group: list[int]) -> Array:
    active = (quantities.total[group] + active_loss[group]).sum(axis=0).astype(float)
    reactive = (quantities.reactive[group] + reactive_loss[group]).sum(axis=0).astype(float)
    root = np.sqrt(np.maximum(active**2 + reactive**2, 1e-12))
    ratio = np.rint(np.clip(active, 0, None) / root * 1e6).astype(np.int64)
    percent = half_up(ratio, 10**4)
    return np.where((active <= 0) & (reactive <= 0), -1, np.where(active <= 0, 0, percent))


def _by_segments(
    files: Files, quantities: Quantities, lines: Lines, basic: Array, table: Array, percent: Array, found: Factors,
    point: int,
) -> None:  # fmt: skip
    """Adjust each file segment with its own standard; the basic charge goes by days, the last segment has the rest."""
    dated, version = files.facts.dated[point], files.facts.version[point]
    for period in np.flatnonzero(quantities.live[point] & (files.span[point] > 0)).tolist():
        mine = np.flatnonzero((lines.point == point) & (lines.period == period))
        days = np.arange(files.first[point, period], files.last[point, period] + 1)
        numbers = np.unique(version[days])
        left, passed = int(basic[point, period]), 0
        for number in numbers.tolist():
            inside = days[version[days] == number]
            passed += len(inside)
            upto = int(half_up(np.array([int(basic[point, period]) * passed]), len(days))[0])
            part = upto - (int(basic[point, period]) - left)
            if number == numbers[-1]:
                part = left
            left -= part
            standard = float(dated["pf_standard"][inside[0]]) if dated["pf_standard"][inside[0]] is not None else np.nan
            found.standard[point, period] = standard
            found.percent[point, period] = -1 if np.isnan(standard) else percent[period]
            place = _STANDARDS.get(standard)
            if place is None or percent[period] < 0:
                continue
            those = mine[lines.version[mine] == number]
            base = int(lines.cents[those].sum() - lines.outside[those].sum()) + part
            rate = int(table[place, percent[period]])
            found.cents[point, period] += int(half_up(np.array([base * rate]), 10**4)[0])
