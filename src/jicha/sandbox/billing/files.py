"""What the files say about settlement points, per point and per day: the ground that a bill stands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.district import District
from jicha.sandbox.tariffs import Prices

FLAT = 2  # place of the flat band: tip, peak, flat, valley, deep valley
BANDS = 5
_DATED = (
    "tariff_code", "is_time_of_use", "pf_standard", "basic_charge_mode", "contract_demand_kw", "multiplier", "mode",
    "allocation", "allocation_value",
)  # fmt: skip
_AS_TODAY = ("multiplier", "mode")  # null in the history: as today
_BEFORE = 100  # days on the axis before the first period: two-month cycles and odd reading days reach back


@dataclass
class Facts:
    """File facts of the points; [point] today, and for points whose file changed also [day]."""

    today: dict[str, Array]
    dated: dict[int, dict[str, Array]] = field(default_factory=dict)  # point -> fact -> [day]
    version: dict[int, Array] = field(default_factory=dict)  # point -> [day] number of the file segment

    def on(self, name: str, point: int, day: int) -> Any:
        """A fact of a point on a day of the axis."""
        found = self.dated.get(point)
        return self.today[name][point] if found is None else found[name][day]


@dataclass
class Files:
    """Settlement points of a district in the order of the metering_point table, as the files have them."""

    district: District
    prices: Prices
    day0: Any  # first day of the axis
    days: int
    row: Array  # rows of metering_point
    point_id: Array
    owner: Array  # customer position
    parent: Array  # place of the main point, -1: none
    transformer: Array  # transformer_id behind the point or None
    demand_group: Array
    pf_group: Array
    cycle: Array  # months
    reading_day: Array
    loss_method: Array
    loss_value: Array
    line_loss: Array  # per cent, in ten-thousandths
    has_history: Array
    facts: Facts
    first: Array  # [point, period] first and last day of the interval on the axis
    last: Array
    uncut: Array  # days of the interval before it is cut by connection and closing
    span: Array  # days of every bill, 0 where nothing is left
    of_customer: dict[int, list[int]]

    @property
    def size(self) -> int:
        """Number of points."""
        return len(self.row)

    def number(self, day: Any) -> Any:
        """Place of days on the axis."""
        return (day - self.day0).astype(np.int64)


def read_files(district: District, prices: Prices, *, physical: bool) -> Files:
    """Read the files; `physical` cuts intervals where power really began and ended when the file leaves nothing."""
    point, calendar = district.tables["metering_point"], district.calendar
    mine = (point["purpose"] == "settlement") & (point["customer_id"] != None)  # noqa: E711
    row = np.flatnonzero(mine)
    names = point["point_id"][row]
    owner = district.position(point["customer_id"][row])
    at = {name: place for place, name in enumerate(names.tolist())}
    parents = _column(point, "parent_point_id", row)
    today = {name: _column(point, name, row) for name in _DATED}
    reading_day = np.nan_to_num(district.customer["reading_day"][owner], nan=1.0).astype(np.int64)
    reading_day[(reading_day < 2) | (reading_day > 28)] = 1
    cycle = np.nan_to_num(point["reading_cycle_months"][row], nan=1.0).astype(np.int64)
    day0 = calendar.periods[0].astype("datetime64[D]") - _BEFORE
    days = int((calendar.span[-1] - day0).astype(np.int64)) + 40
    of_customer: dict[int, list[int]] = {}
    for place, position in enumerate(owner.tolist()):
        of_customer.setdefault(position, []).append(place)
    line_loss = np.nan_to_num(_column(point, "line_loss_pct", row).astype(float))
    files = Files(
        district=district, prices=prices, day0=day0, days=days, row=row, point_id=names, owner=owner,
        parent=np.array([at.get(name, -1) for name in parents.tolist()], dtype=np.int64),
        transformer=_column(point, "transformer_id", row), demand_group=_column(point, "demand_group", row),
        pf_group=_column(point, "pf_group", row), cycle=cycle, reading_day=reading_day,
        loss_method=_column(point, "loss_method", row), loss_value=_column(point, "loss_value", row).astype(float),
        line_loss=np.rint(line_loss * 1e4).astype(np.int64), has_history=np.zeros(len(row), dtype=bool),
        facts=Facts(today), first=np.zeros(0), last=np.zeros(0), uncut=np.zeros(0), span=np.zeros(0),
        of_customer=of_customer,
    )  # fmt: skip
    _intervals(files, physical=physical)
    _history(files, at)
    return files


def _column(frame: Any, name: str, rows: Array) -> Array:
    if name not in frame.columns:
        return np.full(len(rows), np.nan if name in ("loss_value", "line_loss_pct", "allocation_value") else None)
    return np.asarray(frame[name][rows])


def _intervals(files: Files, *, physical: bool) -> None:
    district = files.district
    month = district.calendar.periods.astype("datetime64[M]")[None, :]
    cycle, day = files.cycle[:, None], files.reading_day[:, None]
    plain = day == 1
    begin = (month - cycle + np.where(plain, 1, 0)).astype("datetime64[D]") + (day - 1)
    end = np.where(plain, (month + 1).astype("datetime64[D]"), month.astype("datetime64[D]") + (day - 1)) - 1
    opened, closed = district.customer["opened_on"][files.owner], district.customer["closed_on"][files.owner]
    files.uncut = (end - begin).astype(np.int64) + 1
    first, last = files.number(_later(begin, opened[:, None])), files.number(_earlier(end, closed[:, None]))
    if physical:
        gone = district.disconnected[files.owner]
        really = files.number(_later(begin, district.connected[files.owner][:, None]))
        until = files.number(_earlier(end, gone[:, None]))
        empty = first > last
        first, last = np.where(empty, really, first), np.where(empty, until, last)
    files.first, files.last = first, last
    files.span = np.clip(last - first + 1, 0, None)


def _later(day: Array, limit: Array) -> Array:
    return np.asarray(np.where(np.isnat(limit), day, np.maximum(day, limit)))


def _earlier(day: Array, limit: Array) -> Array:
    return np.asarray(np.where(np.isnat(limit), day, np.minimum(day, limit)))


def _history(files: Files, at: dict[str, int]) -> None:
    """Lay the history over today's file, for the points where it says something else."""
    history = files.district.tables.get("metering_point_history")
    if history is None or not len(history):
        return
    places = np.array([at.get(name, -1) for name in history["point_id"].tolist()], dtype=np.int64)
    files.has_history[places[places >= 0]] = True
    differs = np.zeros(len(places), dtype=bool)
    columns = {name: history[name] if name in history.columns else _column(history, name, np.arange(len(places)))
               for name in _DATED}  # fmt: skip
    for name in _DATED:
        now = files.facts.today[name][places]
        same = _equal(columns[name], now)
        if name in _AS_TODAY:
            same |= _null(columns[name])
        elif name == "allocation_value":
            same |= _null(columns[name]) & (files.facts.today["allocation"][places] == "metered")
        differs |= ~same
    for place in np.unique(places[differs & (places >= 0)]).tolist():
        rows = np.flatnonzero(places == place)
        dated = {name: np.repeat(files.facts.today[name][place : place + 1], files.days) for name in _DATED}
        for row in rows[np.argsort(history["effective_from"][rows], kind="stable")].tolist():
            begin = max(int(files.number(history["effective_from"][row])), 0)
            until = history["effective_to"][row] if "effective_to" in history.columns else np.datetime64("NaT")
            end = files.days if np.isnat(until) else max(int(files.number(until)) + 1, 0)
            for name in _DATED:
                value = columns[name][row]
                if name not in _AS_TODAY or not _null(np.array([value], dtype=object))[0]:
                    dated[name][begin:end] = value
        files.facts.dated[place] = dated
        changes = np.zeros(files.days, dtype=bool)
        for name in _DATED:
            changes[1:] |= ~_equal(dated[name][1:], dated[name][:-1])
        files.facts.version[place] = np.cumsum(changes)


def _null(values: Array) -> Array:
    if values.dtype == object:
        return np.array([v is None or (isinstance(v, float) and np.isnan(v)) for v in values.tolist()], dtype=bool)
    return np.isnan(values)


def _equal(one: Array, other: Array) -> Array:
    return np.asarray((one == other) | (_null(one) & _null(other)))
