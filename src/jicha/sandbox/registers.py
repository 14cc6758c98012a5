"""From load to meters: index values, the year's readings, daily freezes of every point."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from jicha.sandbox.arrays import Array, Rng
from jicha.sandbox.district import CHARGING, HOME, PLANT, District
from jicha.sandbox.edits import stretch
from jicha.sandbox.load import simulate, sun

METHODS = ["remote", "manual", "local", "estimated", "none"]
REMOTE, MANUAL, LOCAL, ESTIMATED, UNREAD = range(len(METHODS))
# share of energy in the bands tip, peak, flat, valley, deep valley by shifts
_SHARES = np.array([[0.11, 0.37, 0.38, 0.14, 0], [0.10, 0.34, 0.36, 0.20, 0], [0.08, 0.27, 0.33, 0.32, 0]])
_DEEP = ["DG10", "DG35", "DG110", "CD01", "CD11", "CD12"]  # tariffs with a deep valley


@dataclass
class Registers:
    """Index units (hundredths of a meter's kWh) of settlement and generation points at the edges that matter.

    `edge` holds the running total at the beginning of every period and after the last, `freeze` that at the end of
    every reported day and of the day before the first; both counted from the first simulated day.
    """

    point: Array  # rows of the metering_point table
    owner: Array  # customer positions
    settles: Array  # settlement, else generation
    multiplier: Array
    edge: Array  # [point, period + 1]
    freeze: Array  # [point, day + 1]
    start: Array  # index units at the first simulated day
    exchange: Array  # units run when the meter was exchanged, -1 when it was not
    exchange_day: Array  # position in the span, beyond its end when there was none
    meter: Array  # meter_id today
    old_meter: Array  # meter_id before the exchange
    limit: Array  # units at which the index rolls over
    bands: Array  # [point, band] shares
    hours: Array  # [point] of full use a day
    ceiling_kw: Array  # [point] what the installation can draw
    peak_kw: Array  # [point, period]
    tan_phi: Array  # [point]
    first_period: Array  # first and last billed period of a point
    last_period: Array
    read_at: Array  # [point, period] when the meter was read for a period
    method: Array  # [point, period] REMOTE, MANUAL, LOCAL, ESTIMATED or UNREAD
    area_sold: Array  # [area, day] what customers of an area really drew in the reported days, kWh
    area_made: Array  # [area, day] what was fed in there
    feeder_sold: Array  # [feeder, day] what high-voltage customers drew

    def index(self, units: Array, after_exchange: Array) -> Array:
        """Index on the dial for units run since the first simulated day."""
        base = np.where(after_exchange, -self.exchange, self.start)
        return np.asarray((units + base) % self.limit)


def run_meters(district: District) -> Registers:
    """Let the load of the district run through its meters."""
    rng, calendar = district.rng("registers"), district.calendar
    point = district.tables["metering_point"]
    purpose = point["purpose"]
    metered = (point["allocation"] == "metered") & np.isin(purpose, ["settlement", "generation"])
    owners = np.full(len(point), -1)
    owned = point["customer_id"] != None  # noqa: E711
    owners[owned] = district.position(point["customer_id"][owned])
    abandoned = (point["status"] == "closed") & np.isnat(district.disconnected[owners])
    rows = np.flatnonzero(metered & ~abandoned)
    owner, settles = owners[rows], purpose[rows] == "settlement"
    drawn = simulate(district)
    area_sold, feeder_sold = _by_grid(district, drawn)
    behind = _behind(district, rows)
    many = np.bincount(owner[settles & (behind < 0)], minlength=district.size)
    energy = drawn[owner]
    energy *= (1.0 / np.maximum(many[owner], 1)).astype(np.float32)[:, None]
    energy[~settles] = sun(district, owner[~settles])
    _through_others(energy, owner, behind)
    area_made = np.zeros_like(area_sold)
    fed = np.flatnonzero(~settles & (district.area[owner] >= 0))
    np.add.at(area_made, district.area[owner[fed]], energy[fed, -calendar.days :])
    stretch(energy, lambda at: settles & (owner == at), district.edits.metered, calendar.span[0])
    multiplier = point["multiplier"][rows]
    days = len(calendar.span)
    run = np.zeros((len(rows), days + 1))
    np.cumsum(energy, axis=1, dtype=np.float64, out=run[:, 1:])
    run *= (100.0 / multiplier)[:, None]
    np.rint(run, out=run)
    edges = calendar.period_edges
    edge = run[:, edges].astype(np.int64)
    _other_days(district, owner, settles, run=run, edge=edge)
    freeze = run[:, days - calendar.days :].astype(np.int64)
    start, limit, exchange, exchange_day, meters = _meters(district, rng, rows, owner, multiplier=multiplier, run=run)
    kinds = district.kind[owner]
    bands = _band_shares(district, rng, rows, owner)
    peak = np.stack([energy[:, a:b].max(axis=1) for a, b in itertools.pairwise(edges)], axis=1)
    hours = np.where(kinds == PLANT, np.array([0, 9, 15, 20])[district.shifts[owner]], 11)
    operating = district.billed_kva[owner]
    ceiling = np.where(operating > 0, operating, 10.0) * 0.86  # kVA at a power factor of 0.8 within 1.1 of it
    peak_kw = np.minimum(peak / hours[:, None] * 1.08, ceiling[:, None])
    first_live, last_live = _billed(district, owner)
    punctual = ~np.isin(owner, [*district.read_on, *district.slow])
    read_at, method = _read(district, rng, (exchange < 0) & punctual, edge=edge, run=run)
    for position, day in district.read_on.items():
        mine = settles & (owner == position)
        read_at[mine] = (calendar.periods + (day - 1)).astype("datetime64[s]")[None, :] + np.timedelta64(2400, "s")
    _final(district, owner, last_live, read_at)
    return Registers(
        point=rows,
        owner=owner,
        settles=settles,
        multiplier=multiplier,
        edge=edge,
        freeze=freeze,
        start=start,
        exchange=exchange,
        exchange_day=exchange_day,
        limit=limit,
        meter=meters[0],
        old_meter=meters[1],
        bands=bands,
        hours=hours,
        ceiling_kw=ceiling,
        peak_kw=peak_kw,
        tan_phi=np.tan(np.arccos(rng.beta(14, 1.6, len(rows)).clip(0.72, 0.995))),
        first_period=first_live,
        last_period=last_live,
        read_at=read_at,
        method=method,
        area_sold=area_sold,
        area_made=area_made,
        feeder_sold=feeder_sold,
    )


def _band_shares(district: District, rng: Rng, rows: Array, owner: Array) -> Array:
    """Share of energy per band, by shifts; chargers run at night, homes have peak and valley alone."""
    point, kinds = district.tables["metering_point"], district.kind[owner]
    bands = _SHARES[np.minimum(district.shifts[owner], 3) - 1] * rng.uniform(0.85, 1.15, (len(rows), 5))
    bands[kinds == CHARGING] = [0.08, 0.2, 0.27, 0.45, 0.0]
    bands[kinds == HOME] = [0.0, 0.58, 0.0, 0.42, 0.0]
    deep = np.isin(point["tariff_code"][rows].astype(str), _DEEP)
    bands[deep, 4] = bands[deep, 3] * 0.4
    bands[deep, 3] *= 0.6
    bands /= bands.sum(axis=1, keepdims=True)
    return np.asarray(bands)


def _behind(district: District, rows: Array) -> Array:
    """Place of the meter that a point hangs behind, -1: none."""
    point = district.tables["metering_point"]
    place = {name: at for at, name in enumerate(point["point_id"][rows].tolist())}
    return np.array([place.get(name, -1) for name in point["parent_point_id"][rows].tolist()], dtype=np.int64)


def _through_others(energy: Array, owner: Array, behind: Array) -> None:
    """A customer's own sub-meter counts a fifth of the main; whoever else is supplied through a meter comes on top."""
    for child in np.flatnonzero(behind >= 0).tolist():
        main = behind[child]
        if owner[child] == owner[main]:
            energy[child] = energy[main] * np.float32(0.2)
        else:
            energy[main] += energy[child]


def _other_days(district: District, owner: Array, settles: Array, *, run: Array, edge: Array) -> None:
    """Let months end on the reading day where it is not the first, and every second one only with the next."""
    calendar = district.calendar
    for position, day in district.read_on.items():
        for row in np.flatnonzero(settles & (owner == position)).tolist():
            places = calendar.period_edges - np.append(calendar.month_days[:1], calendar.month_days) + day - 1
            edge[row] = run[row, np.clip(places, 0, run.shape[1] - 1)].astype(np.int64)
    last = len(calendar.periods)
    for position, start in district.slow.items():
        for row in np.flatnonzero(settles & (owner == position)).tolist():
            for number in range(last - 1 - start, 0, -2):
                edge[row, number] = edge[row, number - 1]


def _billed(district: District, owner: Array) -> tuple[Array, Array]:
    """First and last billed period of every point."""
    calendar = district.calendar
    connected = np.maximum(district.connected[owner], calendar.periods[0])
    ended = np.where(np.isnat(district.disconnected[owner]), calendar.span[-1], district.disconnected[owner])
    first = np.searchsorted(calendar.periods, connected, side="right") - 1
    return first, np.searchsorted(calendar.periods, ended, side="right") - 1


def _read(district: District, rng: Rng, plain: Array, *, edge: Array, run: Array) -> tuple[Array, Array]:
    """When and how meters are read: frozen at midnight, a few by hand in the day; those show more by then."""
    calendar = district.calendar
    size = len(plain), len(calendar.periods)
    roll = rng.random(size, dtype=np.float32)
    days = calendar.period_edges[1:]
    moment = np.tile((calendar.span[0] + days).astype("datetime64[s]"), (size[0], 1))
    moment += (5 + 110 * rng.random(size, dtype=np.float32)).astype(np.int64).astype("timedelta64[m]")
    method = np.where(roll > 0.985, np.where(roll > 0.995, LOCAL, MANUAL), REMOTE)
    method[~plain] = REMOTE
    at, period = np.nonzero(method != REMOTE)
    minute = rng.integers(8 * 60, 18 * 60, len(at))
    day = days[period]
    moment[at, period] = (calendar.span[0] + day).astype("datetime64[s]") + minute.astype("timedelta64[m]")
    edge[at, period + 1] += np.rint((run[at, day + 1] - run[at, day]) * minute / 1440).astype(np.int64)
    return moment, method


def _final(district: District, owner: Array, last: Array, moment: Array) -> None:
    """Who leaves is read in the afternoon of the last day."""
    gone = district.disconnected[owner]
    leaving = np.flatnonzero(~np.isnat(gone) & (last >= 0))
    moment[leaving, last[leaving]] = gone[leaving].astype("datetime64[s]") + np.timedelta64(16 * 3600, "s")


def _by_grid(district: District, drawn: Array) -> tuple[Array, Array]:
    last = drawn[:, -district.calendar.days :].astype(np.float64)
    sold = np.zeros((len(district.tables["area"]), last.shape[1]))
    low = np.flatnonzero(district.area >= 0)
    order = low[np.argsort(district.area[low], kind="stable")]
    areas, begins = np.unique(district.area[order], return_index=True)
    sold[areas] = np.add.reduceat(last[order], begins, axis=0)
    feeder = np.zeros((len(district.tables["feeder"]), last.shape[1]))
    high = np.flatnonzero(district.high_voltage)
    np.add.at(feeder, district.feeder[high], last[high])
    return sold, feeder


def _meters(
    district: District, rng: Rng, rows: Array, owner: Array, *, multiplier: Array, run: Array
) -> tuple[Array, Array, Array, Array, tuple[Array, Array]]:
    """Start index, roll-over limit and exchange of the meters; writes removed_index into the meter file."""
    calendar = district.calendar
    points, meter = district.tables["metering_point"]["point_id"], district.tables["meter"]
    first_day = calendar.span[0]
    by_point = {p: i for i, p in enumerate(points[rows].tolist())}
    at = np.array([by_point.get(p, -1) for p in meter["point_id"].tolist()])
    old = np.array([str(m).startswith("DA") for m in meter["meter_id"]])
    at[[str(m).startswith("DX") for m in meter["meter_id"]]] = -1  # on file only
    limit = np.full(len(rows), 10**8)
    begun = district.connected[owner].copy()
    here = at >= 0
    limit[at[here]] = 10 ** (meter["index_digits"][here].astype(np.int64) + 2)
    current = here & ~old
    today, before = np.full(len(rows), None, dtype=object), np.full(len(rows), None, dtype=object)
    today[at[current]] = meter["meter_id"][current]
    begun[at[current]] = meter["installed_on"][current]
    exchange, exchange_day = np.full(len(rows), -1), np.full(len(rows), len(calendar.span) + 1)
    exchanged = here & old
    when = meter["removed_on"][exchanged]
    day = (when - first_day).astype(np.int64)
    exchange_day[at[exchanged]] = day
    before[at[exchanged]] = meter["meter_id"][exchanged]
    exchange[at[exchanged]] = run[at[exchanged], day]
    begun[at[exchanged]] = meter["installed_on"][exchanged]
    age = np.clip((first_day - begun).astype(np.int64), 0, 4000)
    start = np.rint(district.daily_kwh[owner] * age * rng.uniform(0.8, 1.2, len(rows)) / multiplier * 100) % limit
    start = np.where(age > 0, start, 0).astype(np.int64)
    turning = np.flatnonzero((age > 2000) & (rng.random(len(rows)) < 0.003) & (exchange < 0))
    start[turning] = limit[turning] - np.rint(run[turning, -1] * 0.5).astype(np.int64)  # these roll over
    start %= limit
    meter.set(exchanged, removed_index=(start[at[exchanged]] + exchange[at[exchanged]]) % limit[at[exchanged]])
    closed = current & ~np.isnat(meter["removed_on"])
    meter.set(closed, removed_index=(start[at[closed]] + run[at[closed], -1].astype(np.int64)) % limit[at[closed]])
    return start, limit, exchange, exchange_day, (today, before)
