"""Residential tiers: how far a customer has come in the tier cycle, and what the energy above its limits costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jicha.sandbox.arrays import NULL, Array, half_up, month_of, year_of
from jicha.sandbox.billing.files import Files
from jicha.sandbox.frame import Frame


@dataclass(frozen=True)
class Ladder:
    """Tiers of one tariff; limits in hundredths of kWh, prices in millionths."""

    limits: list[int]  # all but the last
    adds: list[int]  # one more than limits
    yearly: bool
    per_person: int
    household: int


def read_ladders(tiers: Frame) -> dict[str, Ladder]:
    """Read the tiers of every tariff; the sandbox has one edition of each."""
    found: dict[str, Ladder] = {}
    for code in sorted(set(tiers["tariff_code"].tolist())):
        rows = tiers.rows(tariff_code=code)
        rows = rows[np.argsort(tiers["tier"][rows])]
        found[code] = Ladder(
            [int(u) for u in tiers["upper_kwh"][rows].tolist() if u != NULL],
            [int(a) for a in tiers["price_add"][rows].tolist()],
            tiers["cycle"][rows[0]] == "year",
            int(tiers["extra_person_kwh"][rows[0]]),
            int(tiers["base_household"][rows[0]]),
        )
    return found


def tiered(files: Files, ladders: dict[str, Ladder]) -> Array:
    """Which points have tiers, by today's tariff."""
    return np.isin(files.facts.today["tariff_code"].astype(str), list(ladders))


def climb(
    files: Files, ladders: dict[str, Ladder], billed: Array, live: Array, used: Array | None
) -> tuple[Array, Array]:
    """Return hundredths of kWh used in the cycle before each bill, and the surcharge in cents, [point, period].

    `used` gives the energy before where it is known; without it the bills themselves are added up, from what a
    household would have used in the part of the year that is not simulated.
    """
    taken, cents = np.zeros(billed.shape, dtype=np.int64), np.zeros(billed.shape, dtype=np.int64)
    codes = files.facts.today["tariff_code"].astype(str)
    for code, ladder in ladders.items():
        points = np.flatnonzero(codes == code)
        if len(points):
            known = None if used is None else used[points]
            taken[points], cents[points] = _one(files, ladder, points, billed[points], live[points], known)
    return taken, cents


def _one(
    files: Files, ladder: Ladder, points: Array, billed: Array, live: Array, known: Array | None
) -> tuple[Array, Array]:  # fmt: skip
    district = files.district
    calendar, customer, owner = district.calendar, district.customer, files.owner[points]
    months, years = month_of(calendar.periods), year_of(calendar.periods)
    people = np.nan_to_num(customer["household_size"][owner], nan=0.0)
    more = (np.clip(people - ladder.household, 0, None) * ladder.per_person).astype(np.int64)
    since, until = customer["household_size_from"][owner], customer["household_size_until"][owner]
    opened = customer["opened_on"][owner]
    before = np.rint(district.daily_kwh[owner] * 30.4 * (months[0] - 1) * 100).astype(np.int64)
    used = np.where(opened < calendar.periods[0].astype("datetime64[Y]"), before, 0)
    taken, cents = np.zeros(billed.shape, dtype=np.int64), np.zeros(billed.shape, dtype=np.int64)
    for number, period in enumerate(calendar.periods):
        if months[number] == 1 or not ladder.yearly:
            used = np.zeros_like(used)
        start = used if known is None else np.where(known[:, number] == NULL, 0, known[:, number])
        if not ladder.yearly:
            start = np.zeros_like(used)
        allowed = (np.isnat(since) | (since <= period)) & (np.isnat(until) | (until >= period))
        grown = np.where(allowed, more, 0)
        late = (
            ladder.yearly & ~np.isnat(opened) & (year_of(np.where(np.isnat(opened), period, opened)) == years[number])
        )
        twelfths = np.where(late, 13 - month_of(np.where(np.isnat(opened), period, opened)), 12)
        scale = 1 if ladder.yearly else files.cycle[points]
        top = start + billed[:, number]
        low = np.zeros_like(start)
        for place, add in enumerate(ladder.adds):
            last = place == len(ladder.limits)
            high = (
                None if last else half_up((ladder.limits[place] + grown) * scale * twelfths, np.full(len(points), 12))
            )
            reach = top if high is None else np.minimum(top, high)
            inside = np.clip(reach - np.maximum(start, low), 0, None)
            cents[:, number] += half_up(inside * add, 10**6)
            low = low if high is None else high
        taken[:, number] = start
        used = used + np.where(live[:, number], billed[:, number], 0)
    return taken, np.where(live, cents, 0)
