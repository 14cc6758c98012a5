"""Issuing bills: the first account of a district, what clerks got wrong in it, the bill table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jicha.sandbox.arrays import NULL, Array, month_of, number_text, take, year_of
from jicha.sandbox.billing.editions import read_editions
from jicha.sandbox.billing.energy import Market
from jicha.sandbox.billing.files import FLAT, read_files
from jicha.sandbox.billing.losses import read_windings
from jicha.sandbox.billing.parts import connected, cut_books, cut_quantities
from jicha.sandbox.billing.quantities import Quantities, empty_quantities
from jicha.sandbox.billing.settle import Account, Books, allowance, settle
from jicha.sandbox.billing.tiers import read_ladders, tiered
from jicha.sandbox.district import FIRST_CUSTOMER, District
from jicha.sandbox.edits import from_arrow
from jicha.sandbox.frame import Frame, arrow_table
from jicha.sandbox.readings import Months
from jicha.sandbox.registers import Registers
from jicha.sandbox.tariffs import Prices

Change = Callable[[Books, Quantities], tuple[Books, Quantities]]
_BAND_NAMES = ("tip", "peak", "valley", "deep_valley")


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


def open_books(district: District, prices: Prices, *, physical: bool) -> Books:
    """Read files and prices; see read_files for `physical`."""
    files = read_files(district, prices, physical=physical)
    editions = read_editions(prices.tariff, prices.components, files.day0, files.days)
    mode = district.customer["market_mode"]
    odd = np.isin(mode.astype(str), ["agency_1_5", "market_retail", "fallback"])
    found = np.full(district.size, None, dtype=object)
    found[odd] = mode[odd]
    market = Market(found, _customer_prices(district))
    return Books(files, editions, read_windings(files, prices.losses), market, read_ladders(prices.tiers))


def _customer_prices(district: District) -> dict[tuple[int, int], Array]:
    frame = district.tables.get("customer_price")
    found: dict[tuple[int, int], Array] = {}
    if frame is None or not len(frame):
        return found
    names = {"tip": 0, "peak": 1, "flat": 2, "valley": 3, "deep_valley": 4}
    owner = district.position(frame["customer_id"])
    period = np.searchsorted(district.calendar.periods, frame["period"])
    for row in np.argsort(frame["time_band"] != "all", kind="stable").tolist():
        prices = found.setdefault((int(owner[row]), int(period[row])), np.full(5, NULL))
        band = frame["time_band"][row]
        prices[slice(None) if band == "all" else names[band]] = frame["price"][row]
    return found


def counted(books: Books, registers: Registers, months: Months) -> Quantities:
    """Bring what the meters counted into the order of the points."""
    files = books.files
    shape = files.first.shape
    place = np.full(int(files.row.max(initial=0)) + 1, -1)
    place[files.row] = np.arange(files.size)
    keep = np.flatnonzero(registers.settles & (registers.point < len(place)))
    keep = keep[place[registers.point[keep]] >= 0]
    at = place[registers.point[keep]]
    factor = months.factor[keep]
    found = empty_quantities((shape[0], shape[1]))
    found.live[at] = months.live[keep]
    found.total[at] = np.rint(months.total[keep] * factor)
    found.bands[at] = np.rint(months.bands[keep] * factor[:, :, None])
    found.bands[at, :, FLAT] = found.total[at] - (found.bands[at].sum(axis=2) - found.bands[at, :, FLAT])
    assessed = ~np.isnan(files.district.tables["metering_point"]["pf_standard"][registers.point[keep]])
    found.reactive[at] = np.where(assessed[:, None], np.rint(months.reactive[keep] * factor), 0)
    found.has_reactive[at] = months.live[keep] & assessed[:, None]
    mode = files.facts.today["basic_charge_mode"][at]
    found.demand[at] = np.rint(months.demand[keep] * factor)
    found.has_demand[at] = months.live[keep] & ((mode != None) & (mode != "none"))[:, None]  # noqa: E711
    kind = files.facts.today["allocation"]
    for child in np.flatnonzero((files.parent >= 0) & np.isin(kind.astype(str), ["ratio", "quantity"])).tolist():
        found.live[child] = found.live[files.parent[child]] & (files.span[child] > 0)
    return found


def issue(district: District, books: Books, quantities: Quantities) -> tuple[Bills, Account]:
    """Issue the bills of a district, with what faults alter in them."""
    account = settle(books, quantities)
    for position, backs, change in district.edits.issued:
        _alter(books, quantities, account, position, backs, change)
    other = allowance(books, account)
    table, number, point, period = _table(district, books, quantities, account, other)
    total = account.total + other
    calendar = district.calendar
    issued = (calendar.periods + calendar.month_days + 2)[period]
    bills = Bills(table, number, books.files.owner[point], period, total[point, period], issued, issued + 22)
    return _edited(district, bills), account


def _alter(
    books: Books, quantities: Quantities, account: Account, position: int, backs: tuple[int, ...], change: Change
) -> None:  # fmt: skip
    """Settle one customer again with something wrong, and put some periods of that into the account."""
    points = connected(books.files, np.array([position]))
    wrong = settle(*change(cut_books(books, points), cut_quantities(quantities, points)))
    periods = [books.files.first.shape[1] - 1 - back for back in backs]
    own = np.flatnonzero(books.files.owner[points] == position)
    rows, columns = np.ix_(points[own], periods)
    local, again = np.ix_(own, periods)
    for whole, part in (
        (account, wrong), (account.losses, wrong.losses), (account.basic, wrong.basic), (account.factors, wrong.factors)
    ):  # fmt: skip
        for name, values in vars(whole).items():
            if isinstance(values, np.ndarray) and values.ndim > 1:
                values[rows, columns] = getattr(part, name)[local, again]


def _table(
    district: District, books: Books, quantities: Quantities, account: Account, other: Array
) -> tuple[Any, Array, Array, Array]:  # fmt: skip
    files, calendar = books.files, district.calendar
    m, p = np.nonzero(account.live.T)
    yyyymm = year_of(calendar.periods) * 100 + month_of(calendar.periods)
    number = yyyymm[m] * 10**9 + (district.first * 2 + p + 1)
    issued = (calendar.periods + calendar.month_days + 2)[m]
    today = files.facts.today
    kind = today["allocation"]
    timed = today["is_time_of_use"] == True  # noqa: E712
    bands = account.bands + account.lost
    has_bands = timed[p]
    ladder = tiered(files, books.ladders)
    standard = account.factors.standard[p, m]
    assessed = ~np.isnan(standard)
    basic = account.basic.cents[p, m]
    total = (account.total + other)[p, m]
    metered = np.where(np.isin(kind.astype(str), ["ratio", "quantity"])[:, None], account.own, quantities.total)
    deep = np.asarray(account.bands[:, :, 4].any(axis=1))[p]
    codes = np.repeat(today["tariff_code"][:, None], len(calendar.periods), axis=1)
    for point, dated in files.facts.dated.items():
        codes[point] = dated["tariff_code"][np.clip(files.last[point], 0, files.days - 1)]

    def band(index: int, shown: Array) -> Array:
        return np.where(shown, bands[p, m, index], NULL)

    values = {f"{name}_kwh": band(index, has_bands & (deep | (name != "deep_valley")))
              for name, index in zip(_BAND_NAMES, (0, 1, 3, 4), strict=True)}  # fmt: skip
    percent = account.factors.percent[p, m]
    table = arrow_table(
        "bill",
        bill_id=number_text(number),
        customer_id=number_text(FIRST_CUSTOMER + district.first + files.owner[p]),
        point_id=take(files.point_id, p),
        period=calendar.periods[m],
        days=files.span[p, m].astype(float),
        kind=take(np.array(["normal"], dtype=object), np.zeros(len(p), dtype=np.int64)),
        tariff_code=pa.array(codes[p, m], type=pa.string(), from_pandas=True),
        metered_kwh=metered[p, m],
        loss_kwh=np.where(
            account.losses.bears[p] | (account.losses.active[p, m] != 0), account.losses.active[p, m], NULL
        ),
        billed_kwh=account.billed[p, m],
        flat_kwh=band(FLAT, has_bands),
        **values,
        tier_used_before_kwh=np.where(ladder[p], account.used_before[p, m], NULL),
        reactive_kvarh=np.where(assessed, (quantities.reactive + account.losses.reactive)[p, m], NULL),
        billed_demand_kw=account.basic.kw[p, m],
        billed_capacity_kva=account.basic.kva[p, m],
        power_factor=np.where(assessed & (percent >= 0), percent / 100, np.nan),
        pf_standard=standard,
        energy_yuan=account.energy[p, m],
        tier_yuan=np.where(ladder[p], account.tier[p, m], NULL),
        basic_yuan=np.where(basic != 0, basic, NULL),
        pf_yuan=np.where(assessed, account.factors.cents[p, m], NULL),
        other_yuan=np.where(other[p, m] != 0, other[p, m], NULL),
        total_yuan=total,
        issued_on=issued,
        due_on=issued + 22,
    )
    return table, number, p, m


def _edited(district: District, bills: Bills) -> Bills:
    """Return the bills with what faults change in them."""
    table = district.edits.apply("bill", bills.table)
    if table is bills.table:
        return bills
    names = ["customer_id", "period", "total_yuan", "issued_on", "due_on"]
    frame: Frame = from_arrow("bill", table.select(names))
    return Bills(
        table=table,
        number=table["bill_id"].cast(pa.int64()).to_numpy(),
        customer=table["customer_id"].cast(pa.int64()).to_numpy() - FIRST_CUSTOMER - district.first,
        period=np.searchsorted(district.calendar.periods, frame["period"]),
        total=frame["total_yuan"],
        issued=frame["issued_on"],
        due=frame["due_on"],
    )
