"""Bills of the sandbox: made from its readings and price list, to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jicha.sandbox.arrays import NULL, Array, half_up, month_of, number_text, take, year_of
from jicha.sandbox.district import FIRST_CUSTOMER, District
from jicha.sandbox.edits import from_arrow
from jicha.sandbox.frame import arrow_table
from jicha.sandbox.readings import Months
from jicha.sandbox.registers import Registers
from jicha.sandbox.tariffs import TIER_ADD, TIER_UPPER, Prices, pf_adjustments


@dataclass(frozen=True)
class Bills:
    """Bills as arrays, one entry per bill, ordered by period."""

    table: Any
    number: Array  # digits of the bill_id
    customer: Array  # position in the district
    period: Array  # position in the calendar
    total: Array  # cents
    issued: Array
    due: Array


def build_bills(district: District, registers: Registers, months: Months, prices: Prices) -> Bills:
    """Bill every settlement point and month."""
    calendar = district.calendar
    frame = district.tables["metering_point"]
    keep = np.flatnonzero(registers.settles)
    point, owner = registers.point[keep], registers.owner[keep]
    factor = months.factor[keep]
    live, timed = months.live[keep], months.timed[keep]
    metered = np.rint(months.total[keep] * factor).astype(np.int64)
    bands = np.rint(months.bands[keep] * factor[:, :, None]).astype(np.int64)
    reactive = np.rint(months.reactive[keep] * factor).astype(np.int64)
    days = _days(district, owner, live)
    behind = (frame["loss_method"][point] == "formula") & (district.windings[owner, 4] > 0)
    loss, reactive_loss = _losses(district.windings[owner], metered, reactive, days, behind)
    reactive += reactive_loss
    billed = metered + loss
    bands[timed] += _spread(loss[timed], bands[timed], metered[timed])
    code = np.searchsorted(np.sort(prices.codes), frame["tariff_code"][point].astype(str))
    code = np.argsort(prices.codes)[code]
    edition = np.searchsorted(prices.starts, calendar.periods, side="right") - 1
    price = prices.bands[edition][:, code].transpose(1, 0, 2)  # [point, period, band]
    energy = np.where(
        timed[:, None], half_up(bands * price, 10**6).sum(axis=2), half_up(billed * price[:, :, 2], 10**6)
    )
    tiered = np.isin(frame["tariff_code"][point], ["JM01", "JM02"])
    used, tier = _tiers(district, registers, keep, np.where(live & tiered[:, None], billed, 0), tiered)
    basic, billed_demand, billed_kva = _basic(district, registers, months, keep, prices, code, metered, days)
    standard = frame["pf_standard"][point]
    base = basic + energy - half_up(billed * prices.surcharge[code][:, None], 10**6)
    factor_pct, pf = _power_factor(standard, billed, reactive, base)
    free = district.customer["free_kwh_per_month"][owner]
    allowance = np.minimum(np.where(free == NULL, 0, free)[:, None], billed)
    other = -half_up(allowance * price[:, :, 2], 10**6)
    total = energy + tier + basic + pf + other
    m, p = np.nonzero(live.T)
    yyyymm = year_of(calendar.periods) * 100 + month_of(calendar.periods)
    number = yyyymm[m] * 10**9 + (district.first * 2 + p + 1)
    issued = (calendar.periods + calendar.month_days + 2)[m]
    due = issued + 22
    has_bands = timed[p]
    assessed = ~np.isnan(standard[p])

    def band(index: int) -> Array:
        return np.where(has_bands, bands[p, m, index], NULL)

    table = arrow_table(
        "bill",
        bill_id=number_text(number),
        customer_id=number_text(FIRST_CUSTOMER + district.first + owner[p]),
        point_id=take(frame["point_id"][point], p),
        period=calendar.periods[m],
        days=days[p, m].astype(float),
        kind=take(np.array(["normal"], dtype=object), np.zeros(len(p), dtype=np.int64)),
        tariff_code=take(frame["tariff_code"][point], p),
        metered_kwh=metered[p, m],
        loss_kwh=np.where(behind[p], loss[p, m], NULL),
        billed_kwh=billed[p, m],
        tip_kwh=band(0),
        peak_kwh=band(1),
        flat_kwh=band(2),
        valley_kwh=band(3),
        tier_used_before_kwh=np.where(tiered[p], used[p, m], NULL),
        reactive_kvarh=np.where(assessed, reactive[p, m], NULL),
        billed_demand_kw=billed_demand[p, m],
        billed_capacity_kva=billed_kva[p, m],
        power_factor=np.where(assessed, factor_pct[p, m] / 100, np.nan),
        pf_standard=standard[p],
        energy_yuan=energy[p, m],
        tier_yuan=np.where(tiered[p], tier[p, m], NULL),
        basic_yuan=np.where(basic[p, m] > 0, basic[p, m], NULL),
        pf_yuan=np.where(assessed, pf[p, m], NULL),
        other_yuan=np.where(other[p, m] != 0, other[p, m], NULL),
        total_yuan=total[p, m],
        issued_on=issued,
        due_on=due,
    )
    bills = Bills(table=table, number=number, customer=owner[p], period=m, total=total[p, m], issued=issued, due=due)
    return _edited(district, bills)


def _edited(district: District, bills: Bills) -> Bills:
    """Return the bills with what faults change in them."""
    table = district.edits.apply("bill", bills.table)
    if table is bills.table:
        return bills
    names = ["customer_id", "period", "total_yuan", "issued_on", "due_on"]
    frame = from_arrow("bill", table.select(names))
    return Bills(
        table=table,
        number=table["bill_id"].cast(pa.int64()).to_numpy(),
        customer=table["customer_id"].cast(pa.int64()).to_numpy() - FIRST_CUSTOMER - district.first,
        period=np.searchsorted(district.calendar.periods, frame["period"]),
        total=frame["total_yuan"],
        issued=frame["issued_on"],
        due=frame["due_on"],
    )


def _days(district: District, owner: Array, live: Array) -> Array:
    """Billed days: the whole month, or the part with power."""
    calendar = district.calendar
    ends = calendar.periods + calendar.month_days - 1
    first = np.maximum(calendar.periods[None, :], district.connected[owner][:, None])
    gone = district.disconnected[owner]
    gone = np.where(np.isnat(gone), ends[-1], gone)
    last = np.minimum(ends[None, :], gone[:, None])
    return np.where(live, (last - first).astype(np.int64) + 1, 0)


def _losses(windings: Array, metered: Array, reactive: Array, days: Array, behind: Array) -> tuple[Array, Array]:
    """Transformer losses by formula, whole kWh and kvarh, in hundredths: P0 T + 1.2 Pk (Ap² + Aq²) / (S² T)."""
    hours = np.maximum(days * 24.0, 1)
    iron, copper, idle, load, kva = (windings[:, k, None] for k in range(5))
    square = (metered / 100.0) ** 2 + (reactive / 100.0) ** 2
    stress = 1.2 * square / (np.maximum(kva, 1) ** 2 * hours)
    on = behind[:, None] & (days > 0)
    active = np.where(on, np.floor(iron * hours + copper * stress + 0.5), 0)
    kvarh = np.where(on, np.floor(idle * hours + load * stress + 0.5), 0)
    return active.astype(np.int64) * 100, kvarh.astype(np.int64) * 100


def _spread(loss: Array, bands: Array, metered: Array) -> Array:
    """Spread losses over the bands by their metered share, whole hundredths, the rest flat."""
    share = bands.astype(np.float64) / np.maximum(metered, 1)[:, :, None]
    parts = np.floor(loss[:, :, None] * share).astype(np.int64)
    parts[:, :, 2] += loss - parts.sum(axis=2)
    return parts


def _tiers(district: District, registers: Registers, keep: Array, billed: Array, tiered: Array) -> tuple[Array, Array]:
    """Energy used in the year before each bill, and the surcharge of the upper tiers."""
    calendar = district.calendar
    owner = registers.owner[keep]
    months = month_of(calendar.periods)
    size = np.nan_to_num(district.customer["household_size"][owner], nan=0.0)
    extra = (np.clip(size - 4, 0, None) * 1200_00).astype(np.int64)
    since, until = district.customer["household_size_from"][owner], district.customer["household_size_until"][owner]
    began = district.connected[owner]
    before = np.rint(district.daily_kwh[owner] * 30.4 * (months[0] - 1) * 100).astype(np.int64)
    used = np.where(began < calendar.periods[0].astype("datetime64[Y]"), before, 0)
    taken = np.zeros(billed.shape, dtype=np.int64)
    surcharge = np.zeros(billed.shape, dtype=np.int64)
    for number, period in enumerate(calendar.periods):
        if months[number] == 1:
            used = np.zeros_like(used)
        # a year that began late allows as many twelfths as months remain
        late = year_of(began) == year_of(np.array([period]))[0]
        twelfths = np.where(late, 13 - month_of(began), 12)
        grown = np.where((since <= period) & ~(until < period), extra, 0)
        cost = np.zeros_like(used)
        edges = [(upper * 100 + grown) * twelfths // 12 for upper in TIER_UPPER]
        for low, high, add in ((edges[0], edges[1], TIER_ADD[0]), (edges[1], None, TIER_ADD[1])):
            top = used + billed[:, number]
            inside = np.clip((top if high is None else np.minimum(top, high)) - np.maximum(used, low), 0, None)
            cost += inside * round(add * 1e6)
        taken[:, number] = used
        surcharge[:, number] = half_up(cost, 10**6)
        used = used + billed[:, number]
    return taken, np.where(tiered[:, None], surcharge, 0)


def _basic(  # noqa: PLR0917
    district: District, registers: Registers, months: Months, keep: Array, prices: Prices, code: Array,
    metered: Array, days: Array,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Capacity or demand charge, billed demand and capacity, all in hundredths."""
    frame, calendar = district.tables["metering_point"], district.calendar
    owner = registers.owner[keep]
    mode = frame["basic_charge_mode"][registers.point[keep]]
    first = np.append(True, owner[1:] != owner[:-1])  # of several points the first bears it
    share = days / calendar.month_days[None, :]
    kva = np.where(first, district.billed_kva[owner], 0)[:, None] * np.ones_like(share)
    demand = months.demand[keep] * registers.multiplier[keep].astype(np.int64)[:, None] / 100
    agreed = np.nan_to_num(frame["contract_demand_kw"][registers.point[keep]])[:, None]
    over = np.clip(demand - 1.05 * agreed, 0, None)
    by_contract = (mode == "contract_demand")[:, None]
    by_demand = by_contract | (mode == "actual_demand")[:, None]
    billed = np.where(by_contract, agreed + 2 * over, demand) * (kva > 0)
    intense = metered / 100 >= 260 * np.maximum(kva, 1)
    discount = np.where(intense, 0.9, 1.0)
    by_capacity = (mode == "capacity")[:, None]
    rate_kva, rate_kw = prices.capacity[code][:, None] / 1e4, prices.demand[code][:, None] / 1e4
    yuan = np.where(by_capacity, kva * rate_kva, np.where(by_demand, billed * rate_kw * discount, 0.0)) * share
    cents = np.floor(yuan * 100 + 0.5 + 1e-9).astype(np.int64)
    hundredths = np.where(by_demand, np.rint(billed * 100), NULL).astype(np.int64)
    return cents, hundredths, np.where(by_capacity & (kva > 0), np.rint(kva * 100), NULL).astype(np.int64)


def _power_factor(standard: Array, active: Array, reactive: Array, base: Array) -> tuple[Array, Array]:
    """Power factor in per cent and its adjustment in cents."""
    table = pf_adjustments()[0]
    ratio = active / np.sqrt(np.maximum(active.astype(float) ** 2 + reactive.astype(float) ** 2, 1.0))
    percent = np.where(active > 0, np.floor(ratio * 100 + 0.5 + 1e-9), 100).astype(np.int64)
    row = np.select([standard == 0.90, standard == 0.85, standard == 0.80], [0, 1, 2], 0)
    rate = np.where(np.isnan(standard)[:, None], 0, table[row[:, None], percent])
    return percent, half_up(base * rate, 10**4)
