"""What everybody really uses, day by day: seasons, weather, shifts, holidays, absences, sun."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jicha.sandbox.arrays import Array, Rng, month_of
from jicha.sandbox.district import (
    CHARGING,
    FARM,
    HOME,
    LIGHTS,
    OFFICE,
    PLANT,
    RESALE,
    SCHOOL,
    SHOP,
    WORKS,
    District,
)  # fmt: skip
from jicha.sandbox.edits import stretch


@dataclass(frozen=True)
class _Habit:
    """How a kind of customer follows the weather and the week."""

    heat: float  # added per 8 °C above 25 °C
    cold: float  # added per 10 °C below 8 °C
    day_off: float  # factor on days off
    feast: float  # share that stops at the heart of Spring Festival
    noise: float


_HABITS = {
    HOME: _Habit(0.95, 0.55, 1.12, -0.15, 0.22), SHOP: _Habit(0.8, 0.3, 0.95, 0.6, 0.15),
    FARM: _Habit(0.3, 0.1, 1.0, 0.3, 0.35), OFFICE: _Habit(0.8, 0.5, 0.45, 0.5, 0.12),
    LIGHTS: _Habit(0.0, 0.0, 1.0, 0.0, 0.02), CHARGING: _Habit(0.25, 0.2, 1.1, 0.1, 0.2),
    SCHOOL: _Habit(0.5, 0.5, 0.35, 0.7, 0.12), WORKS: _Habit(0.6, 0.25, 0.8, 0.6, 0.12),
    PLANT: _Habit(0.1, 0.05, 0.75, 0.9, 0.08), RESALE: _Habit(0.6, 0.3, 1.0, 0.2, 0.08),
}  # fmt: skip
_PER_KVA = {
    SHOP: 0.9, FARM: 0.8, OFFICE: 1.2, LIGHTS: 3.5, CHARGING: 3.0, SCHOOL: 1.5, WORKS: 3.0, RESALE: 7.0,
}  # fmt: skip
_MONTHLY = {
    FARM: np.array([0.15, 0.2, 0.5, 1.0, 1.5, 1.7, 1.9, 1.8, 1.2, 0.7, 0.4, 0.2]),  # irrigation
    LIGHTS: np.array([1.25, 1.15, 1.0, 0.9, 0.82, 0.78, 0.8, 0.87, 0.97, 1.08, 1.2, 1.28]),  # length of the night
    SCHOOL: np.array([0.7, 0.5, 1, 1, 1, 1, 0.35, 0.3, 1, 1, 1, 1]),
}
_SHIFT_HOURS = np.array([0, 9, 16, 22])


def simulate(district: District) -> Array:
    """Return kWh drawn per customer and day, float32; and set mean load and shifts of the district."""
    rng, calendar = district.rng("load"), district.calendar
    size, days = district.size, len(calendar.span)
    _mean_load(district, rng)
    mean_temp = calendar.temperature[0]
    hot, cold = np.clip(mean_temp - 25, 0, None) / 8, np.clip(8 - mean_temp, 0, None) / 10
    month = month_of(calendar.span)
    drawn = np.empty((size, days), dtype=np.float32)
    for kind, habit in _HABITS.items():
        rows = np.flatnonzero(district.kind == kind)
        if not len(rows):
            continue
        common = (1 + habit.heat * hot + habit.cold * cold) * (1 - habit.feast * calendar.long_holiday)
        common = common * np.where(calendar.day_off, habit.day_off, 1.0) * _season(kind, month)
        level = (rng.standard_normal((len(rows), days), dtype=np.float32) * np.float32(habit.noise)).clip(-3, 3)
        np.exp(level, out=level)
        level *= district.daily_kwh[rows, None].astype(np.float32)
        level *= common.astype(np.float32)[None, :]
        drawn[rows] = level
    _shut_plants(district, drawn)
    _absences(district, rng, drawn)
    stretch(drawn, lambda position: position, district.edits.load, calendar.span[0])
    _switch(district, drawn)
    return drawn


def _mean_load(district: District, rng: Rng) -> None:
    size, kinds = district.size, district.kind
    operating = np.where(district.billed_kva > 0, district.billed_kva, 8.0)
    mean = np.zeros(size)
    home = kinds == HOME
    mean[home] = rng.lognormal(1.62, 0.62, int(home.sum())).clip(0.6, 45)
    empty = home & (rng.random(size) < 0.04)
    mean[empty] = rng.uniform(0.02, 0.15, int(empty.sum()))
    for kind, per_kva in _PER_KVA.items():
        at = kinds == kind
        mean[at] = operating[at] * per_kva * rng.lognormal(0, 0.45, int(at.sum())).clip(0.25, 2.2)
    plant = kinds == PLANT
    district.shifts = np.where(plant, rng.choice([1, 2, 3], size, p=[0.35, 0.35, 0.30]), 1)
    load = rng.uniform(0.35, 0.75, size)
    mean[plant] = (operating * _SHIFT_HOURS[district.shifts] * load)[plant]
    district.daily_kwh = mean


def _season(kind: int, month: Array) -> Array:
    return np.asarray(_MONTHLY.get(kind, np.ones(12))[month - 1])


def _shut_plants(district: District, drawn: Array) -> None:
    """Works with one or two shifts rest on days off; with three they run through."""
    plants = np.flatnonzero((district.kind == PLANT) & (district.shifts < 3))
    off = np.flatnonzero(district.calendar.day_off)
    if len(plants):
        drawn[np.ix_(plants, off)] *= np.where(district.shifts[plants] == 1, 0.25, 0.6)[:, None].astype(np.float32)


def _absences(district: District, rng: Rng, drawn: Array) -> None:
    homes = np.flatnonzero((district.kind == HOME) & (rng.random(district.size) < 0.45))
    start = rng.integers(0, drawn.shape[1], len(homes))
    length = rng.integers(4, 25, len(homes))
    for home, first, many in zip(homes.tolist(), start.tolist(), length.tolist(), strict=True):
        drawn[home, first : first + many] *= 0.1


def _switch(district: District, drawn: Array) -> None:
    """No load before connection, after disconnection, and while everything is suspended."""
    span = district.calendar.span
    first = np.clip((district.connected - span[0]).astype(np.int64), 0, len(span))
    for at in np.flatnonzero(first > 0).tolist():
        drawn[at, : first[at]] = 0
    for until, extra in ((district.disconnected, 1), (district.idle_from, 0)):
        for at in np.flatnonzero(~np.isnat(until)).tolist():
            drawn[at, max(int((until[at] - span[0]).astype(np.int64)) + extra, 0) :] = 0


def sun(district: District, owner: Array) -> Array:
    """Return kWh fed into the grid per photovoltaic plant and day."""
    rng = district.rng("sun")
    generators = district.tables["self_generator"]
    own = generators["kind"] == "photovoltaic"
    full = generators["customer_id"][own & (generators["feed_in"] == "full")]
    share = np.where(np.isin(district.customer_ids[owner], full), 1.0, 0.6)
    light = district.calendar.irradiance * 0.82
    scatter = rng.uniform(0.93, 1.07, (len(owner), len(light)))
    made = district.sun_kw[owner, None] * share[:, None] * light[None, :] * scatter
    span = district.calendar.span
    made[span[None, :] < district.connected[owner, None]] = 0
    made[span[None, :] > district.disconnected[owner, None]] = 0
    return np.asarray(made.astype(np.float32))
