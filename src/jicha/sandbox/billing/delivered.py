"""Quantities as the delivered readings give them: what a bill should be made of, whatever was issued."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jicha.sandbox.arrays import NULL, Array, half_up
from jicha.sandbox.billing.files import FLAT
from jicha.sandbox.billing.quantities import Quantities
from jicha.sandbox.billing.settle import Books
from jicha.sandbox.edits import from_arrow
from jicha.sandbox.frame import Frame

_REGISTERS = ("total", "tip", "peak", "valley", "deep_valley", "reactive", "reactive_lead", "demand")
_BAND = {"tip": 0, "peak": 1, "valley": 3, "deep_valley": 4}
Reasons = dict[tuple[int, int], set[str]]


def read_quantities(books: Books, reading: Any, segments: Frame, live: Array) -> tuple[Quantities, Reasons]:
    """Return quantities of the bills that are live [point, period], and why some cannot be known."""
    files = books.files
    reasons: Reasons = {}
    shape = (*files.first.shape, len(_REGISTERS))
    known, amount = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.int64)
    backwards = np.zeros(shape, dtype=bool)
    rows = _rows(books, reading)
    place = rows["point"], rows["period"], rows["register"]
    amount[place], backwards[place], known[place] = rows["amount"], rows["backwards"], rows["known"]
    seen = np.zeros(shape, dtype=bool)
    seen[place] = True
    _from_segments(books, segments, amount, known, seen, backwards)
    for point, period in zip(*np.nonzero(live & backwards.any(axis=2)), strict=True):
        _note(reasons, point, period, "index_backwards")
    measured = ~np.isin(files.facts.today["allocation"].astype(str), ["ratio", "quantity"])
    for point, period in zip(*np.nonzero(live & measured[:, None] & ~known[:, :, 0]), strict=True):
        _note(reasons, point, period, "reading_missing")
    amount = np.where(known, amount, 0)
    _children(books, live, known, amount, reasons)
    bands = np.zeros((*files.first.shape, 5), dtype=np.int64)
    timed = (files.facts.today["is_time_of_use"] == True)[:, None]  # noqa: E712
    for point, dated in files.facts.dated.items():
        timed[point] = (dated["is_time_of_use"] == True).any()  # noqa: E712
    for name, band in _BAND.items():
        bands[:, :, band] = np.where(timed, amount[:, :, _REGISTERS.index(name)], 0)
    total = amount[:, :, 0]
    flat = total - bands.sum(axis=2)
    least = -np.rint(0.05 * np.nan_to_num(files.facts.today["multiplier"].astype(float), nan=1.0) * 100).astype(
        np.int64
    )
    for point, period in zip(*np.nonzero(live & (flat < 0)), strict=True):
        if flat[point, period] >= least[point]:
            bands[point, period, 1] += flat[point, period]
            flat[point, period] = 0
        else:
            _note(reasons, point, period, "bands_exceed_total")
    bands[:, :, FLAT] = flat
    reactive = amount[:, :, 5] + np.abs(amount[:, :, 6])
    with_reactive = seen[:, :, 5] | seen[:, :, 6]
    found = Quantities(live, total, bands, reactive, amount[:, :, 7], with_reactive, seen[:, :, 7])
    return found, reasons


def _children(books: Books, live: Array, known: Array, amount: Array, reasons: Reasons) -> None:
    """A closed child without a bill takes nothing; an active one without a reading leaves its main unknown."""
    files = books.files
    status = files.district.tables["metering_point"]["status"][files.row]
    fixed = np.isin(files.facts.today["allocation"].astype(str), ["ratio", "quantity"])
    for child in np.flatnonzero((files.parent >= 0) & ~fixed).tolist():
        if status[child] == "closed":
            amount[child, ~live[child]] = 0
            continue
        for period in np.flatnonzero(live[files.parent[child]] & ~known[child, :, 0]).tolist():
            _note(reasons, child, period, "reading_missing")
            _note(reasons, int(files.parent[child]), period, "reading_missing")


def _note(reasons: Reasons, point: int, period: int, reason: str) -> None:
    reasons.setdefault((int(point), int(period)), set()).add(reason)


def _rows(books: Books, reading: Any) -> dict[str, Array]:
    files, district = books.files, books.files.district
    order = np.argsort(files.point_id.astype(str))
    names = pa.array(files.point_id[order], type=pa.string())
    point = pc.index_in(reading["point_id"], value_set=names)
    register = pc.index_in(reading["register"], value_set=pa.array(_REGISTERS))
    kept = reading.append_column("p", point).append_column("r", register)
    kept = kept.filter(pc.and_(pc.is_valid(kept["p"]), pc.is_valid(kept["r"])))
    place = order[kept["p"].to_numpy()]
    which = kept["r"].to_numpy()
    frame = from_arrow("reading", kept.drop_columns(["p", "r"]))
    period = np.searchsorted(district.calendar.periods, frame["period"])
    meter = district.tables["meter"]
    digits = _digits(kept["meter_id"], meter, frame["point_id"])
    previous, current, quantity = frame["previous_index"], frame["current_index"], frame["quantity"]
    shown = (previous != NULL) & (current != NULL) & (frame["method"] != "estimated")
    step = np.where(shown, current - previous, 0)
    whole = np.power(10.0, np.nan_to_num(digits, nan=0) + 2).astype(np.int64)
    over = (step < 0) & ~np.isnan(digits) & (previous >= 0.9 * whole) & (current <= 0.1 * whole)
    step = np.where(over, step + whole, step)
    file = _multipliers(books, place, period)
    factor = np.where(np.isnan(file), np.where(np.isnan(frame["multiplier"]), 1.0, frame["multiplier"]), file)
    by_index = half_up(step * np.rint(factor * 1e4).astype(np.int64), 10**4)
    amount = np.where(shown, by_index, np.where(quantity == NULL, 0, quantity))
    is_demand = which == _REGISTERS.index("demand")
    by_dial = np.where(
        current == NULL,
        0,
        half_up(np.where(current == NULL, 0, current) * np.rint(factor * 1e4).astype(np.int64), 10**4),
    )
    amount = np.where(is_demand, np.where(quantity == NULL, by_dial, quantity), amount)
    known = shown | (quantity != NULL) | (is_demand & (current != NULL))
    return {"point": place, "period": period, "register": which, "amount": amount,
            "backwards": shown & (step < 0) & ~is_demand, "known": known}  # fmt: skip


def _digits(meter_ids: Any, meter: Frame, points: Array) -> Array:
    """Digits of the meter that a reading names; of the meter in place today where it names none that is known."""
    at = pc.index_in(meter_ids, value_set=pa.array(meter["meter_id"], type=pa.string())).to_numpy(zero_copy_only=False)
    found = np.where(np.isnan(at), np.nan, meter["index_digits"][np.nan_to_num(at).astype(np.int64)])
    if np.isnan(at).any():
        current = {p: d for p, d, s in zip(meter["point_id"], meter["index_digits"], meter["status"], strict=True)
                   if s == "installed"}  # fmt: skip
        for row in np.flatnonzero(np.isnan(at)).tolist():
            found[row] = current.get(points[row], np.nan)
    return found


def _multipliers(books: Books, place: Array, period: Array) -> Array:
    """The file's multiplier on the first day of each bill."""
    files = books.files
    found = files.facts.today["multiplier"].astype(float)[place]
    for point, dated in files.facts.dated.items():
        mine = np.flatnonzero(place == point)
        found[mine] = dated["multiplier"].astype(float)[np.clip(files.first[point, period[mine]], 0, files.days - 1)]
    return found


def _from_segments(
    books: Books, segments: Frame, amount: Array, known: Array, seen: Array, backwards: Array
) -> None:  # fmt: skip
    """Where segments of a register lie in an interval they replace its reading."""
    files = books.files
    if not len(segments):
        return
    at = {name: place for place, name in enumerate(files.point_id.tolist())}
    sums: dict[tuple[int, int, int], tuple[int, bool]] = {}
    meter = files.district.tables["meter"]
    digits = dict(zip(meter["meter_id"].tolist(), meter["index_digits"].tolist(), strict=True))
    for row in range(len(segments)):
        point = at.get(segments["point_id"][row])
        if point is None or segments["register"][row] not in _REGISTERS:
            continue
        day = int(files.number(segments["from_at"][row].astype("datetime64[D]")))
        inside = np.flatnonzero((files.first[point] <= day) & (day <= files.last[point]))
        if not len(inside):
            continue
        step = int(segments["to_index"][row]) - int(segments["from_index"][row])
        n = digits.get(segments["meter_id"][row], np.nan)
        if (
            step < 0
            and not np.isnan(n)
            and segments["from_index"][row] >= 0.9 * 10 ** (n + 2)
            and segments["to_index"][row] <= 0.1 * 10 ** (n + 2)
        ):
            step += int(10 ** (n + 2))
        factor = segments["multiplier"][row]
        if np.isnan(factor):
            factor = files.facts.on("multiplier", point, day)
        for period in inside.tolist():
            key = (point, int(period), _REGISTERS.index(segments["register"][row]))
            before, wrong = sums.get(key, (0, False))
            part = int(half_up(np.array([step * round(factor * 1e4)]), 10**4)[0])
            sums[key] = before + part, wrong or step < 0
    for key, (total, wrong) in sums.items():
        amount[key], known[key], seen[key], backwards[key] = total, True, True, wrong
