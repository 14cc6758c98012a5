"""Losses of customers' own transformers and lines, added up over the days on which each transformer had voltage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.billing.files import Files
from jicha.sandbox.billing.quantities import Note, Quantities
from jicha.sandbox.equipment import SERIES, exact_loss_data
from jicha.sandbox.frame import Frame

_ON = ("running", "hot_standby")
_SHAPE = 1.2  # copper losses of a load that is not constant
_ASSUMED = 0.8  # power factor where no reactive register is


@dataclass
class Windings:
    """Transformers of a district: when they had voltage, what they lose."""

    name: Array
    owner: Array
    capacity: Array
    interlock: Array
    on: Array  # [transformer, day] True while it runs or stands by hot
    figures: Array  # [transformer] no-load kW, load kW, no-load current %, impedance %; NaN where nobody knows
    series: Array
    dated: Array  # [transformer] has rows of its own in transformer_status
    of_customer: dict[int, list[int]]
    table: dict[tuple[str, float], list[tuple[float, float, float]]]


def read_windings(files: Files, table: Frame) -> Windings:
    """Lay out the transformers of the district over the axis of days."""
    frame, status = files.district.tables["customer_transformer"], files.district.tables["transformer_status"]
    size = len(frame)
    owner = files.district.position(frame["customer_id"]) if size else np.zeros(0, dtype=np.int64)
    place = {name: row for row, name in enumerate(frame["transformer_id"].tolist())}
    rows: dict[int, list[int]] = {}
    for row, name in enumerate(status["transformer_id"].tolist() if len(status) else []):
        if name in place:
            rows.setdefault(place[name], []).append(row)
    on = np.repeat(np.isin(frame["status"], _ON)[:, None], files.days, axis=1)
    for one, mine in rows.items():
        on[one] = False
        for row in mine:
            if status["status"][row] in _ON:
                until = status["until_on"][row]
                end = files.days if np.isnat(until) else int(files.number(until)) + 1
                on[one, max(int(files.number(status["from_on"][row])), 0) : max(end, 0)] = True
    axis = files.day0 + np.arange(files.days)
    installed, removed = frame["installed_on"], frame["removed_on"]
    on &= np.isnat(installed)[:, None] | (axis[None, :] >= installed[:, None])
    on &= np.isnat(removed)[:, None] | (axis[None, :] <= removed[:, None])
    columns = ("no_load_loss_kw", "load_loss_kw", "no_load_current_pct", "impedance_pct")
    figures = np.stack([frame[name].astype(float) for name in columns], axis=1)
    figures = figures.reshape(size, 4)
    model = [str(m) if m is not None else "" for m in frame["model"].tolist()]
    series = np.array([m.split("-")[0] for m in model], dtype=object)
    for row in np.flatnonzero(np.isnan(figures).any(axis=1)).tolist():
        shipped = (
            exact_loss_data(float(frame["capacity_kva"][row]), str(series[row])) if series[row] in SERIES else None
        )
        if shipped is not None:
            figures[row] = np.where(np.isnan(figures[row]), shipped, figures[row])
    of_customer: dict[int, list[int]] = {}
    for row, position in enumerate(owner.tolist()):
        of_customer.setdefault(position, []).append(row)
    lines: dict[tuple[str, float], list[tuple[float, float, float]]] = {}
    for row in range(len(table)):
        key = (str(table["model_series"][row]), float(table["capacity_kva"][row]))
        lines.setdefault(key, []).append(
            tuple(float(table[n][row]) for n in ("monthly_kwh_from", "active_kwh", "reactive_kvarh"))  # type: ignore[arg-type]
        )  # fmt: skip
    return Windings(
        frame["transformer_id"], owner, frame["capacity_kva"].astype(float), frame["interlock_group"], on, figures,
        series, np.array([row in rows for row in range(size)], dtype=bool), of_customer, lines,
    )  # fmt: skip


@dataclass
class Losses:
    """Losses per point and period in hundredths."""

    active: Array
    reactive: Array
    bears: Array  # [point]


def lose(files: Files, windings: Windings, quantities: Quantities, note: Note, lenient: bool) -> Losses:
    """Compute transformer and line losses of mains; `lenient` bills by the nearest figures where the file has none."""
    shape = quantities.total.shape
    found = Losses(np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64), np.zeros(files.size, dtype=bool))
    method, mode = files.loss_method, files.facts.today["mode"]
    bearing = ((method != None) & (method != "none")) | ((method == None) & (mode == "hv_supply_lv_metering"))  # noqa: E711
    families: dict[tuple[int, str | None], list[int]] = {}
    for point in np.flatnonzero(bearing & (files.parent < 0)).tolist():
        found.bears[point] = True
        families.setdefault((int(files.owner[point]), files.transformer[point]), []).append(point)
    for (customer, named), found_mains in families.items():
        mains = sorted(found_mains, key=lambda point: str(files.point_id[point]))
        own = windings.of_customer.get(customer, [])
        units = [u for u in own if named is None or windings.name[u] == named]
        _family(files, windings, quantities, found, mains, units, note, lenient)
    for point in np.flatnonzero((files.line_loss > 0) & (files.parent < 0)).tolist():
        carried = quantities.total[point] + found.active[point]
        found.active[point] += (
            np.rint(np.floor(carried * files.line_loss[point] / 1e8 + 0.5 + 1e-9)).astype(np.int64) * 100
        )
    _children(files, quantities, found)
    return found


def _round(values: Array) -> Array:
    """Whole kWh in hundredths: half up after six places."""
    return np.asarray(np.floor(np.rint(values * 1e6) / 1e6 + 0.5).astype(np.int64) * 100)


def _family(
    files: Files, windings: Windings, quantities: Quantities, found: Losses, mains: list[int], units: list[int],
    note: Note, lenient: bool,
) -> None:  # fmt: skip
    head = mains[0]
    live = np.asarray(quantities.live[mains].any(axis=0) & (files.span[head] > 0))
    active = quantities.total[mains].sum(axis=0) / 100.0
    reactive = quantities.reactive[mains].sum(axis=0) / 100.0
    with_reactive = np.asarray(quantities.has_reactive[mains].any(axis=0))
    method = files.loss_method[head] or "formula"
    known = not np.isnan(windings.figures[units]).any()
    if method in ("formula", "table") and not units:
        for point in mains:
            _note_all(note, point, live, "transformer_data")
        if lenient:
            _lenient(files, found, mains, active, live)
        return
    if method == "formula" and not known:
        if files.loss_method[head] is None and all((str(windings.series[u]), windings.capacity[u]) in windings.table
                                                   for u in units):  # fmt: skip
            method = "table"
        else:
            for point in mains:
                _note_all(note, point, live, "transformer_data")
    run = np.zeros((len(units), windings.on.shape[1] + 1))
    np.cumsum(windings.on[units], axis=1, out=run[:, 1:])
    first, last = np.clip(files.first[head], 0, files.days - 1), np.clip(files.last[head], -1, files.days - 1)
    days = np.where(live[None, :], run[:, last + 1] - run[:, np.minimum(first, last + 1)], 0.0)
    if method == "formula":
        both = _formula(windings, units, days, active, reactive, with_reactive)
    elif method == "table":
        both = _by_table(windings, units, days, active, mains, note)
    else:
        value = float(files.loss_value[head])
        share = _round(active * value / 100) if method == "agreed_share" else _round(
            value * files.cycle[head] * files.span[head] / np.maximum(files.uncut[head], 1)
        )  # fmt: skip
        both = np.where(live, share, 0), np.zeros_like(share)
    _give(quantities, found.active, mains, both[0])
    _give(quantities, found.reactive, mains, both[1])


def _note_all(note: Note, point: int, live: Array, reason: str) -> None:
    for period in np.flatnonzero(live).tolist():
        note(point, period, reason)


def _lenient(files: Files, found: Losses, mains: list[int], active: Array, live: Array) -> None:
    """What the billing clerk charged without a transformer on file: the figures of what really stands there."""
    iron, copper, _, _, kva = files.district.windings[int(files.owner[mains[0]])]
    hours = np.maximum(files.span[mains[0]] * 24.0, 1)
    loss = iron * hours + _SHAPE * copper * (active / _ASSUMED) ** 2 / (max(kva, 1.0) ** 2 * hours)
    found.active[mains[0]] = np.where(live, _round(loss), 0)


def _formula(
    windings: Windings, units: list[int], days: Array, active: Array, reactive: Array, with_reactive: Array
) -> tuple[Array, Array]:  # fmt: skip
    whole = days.max(axis=0) if len(units) else np.zeros(days.shape[1])
    on, span = whole > 0, np.maximum(whole, 1.0)
    capacity, figures = windings.capacity[units][:, None], np.nan_to_num(windings.figures[units])
    iron, copper, idle, impedance = (figures[:, k, None] for k in range(4))
    power = (capacity * days).sum(axis=0) / span
    hours = 24.0 * span
    square = np.where(with_reactive, active**2 + reactive**2, (active / _ASSUMED) ** 2)
    no_load = (iron * 24 * days).sum(axis=0)
    load = (copper * days).sum(axis=0) / span
    idling = (idle * capacity * 24 * days).sum(axis=0) / 100
    weight = np.maximum((capacity * days).sum(axis=0), 1e-9)
    short = (impedance * capacity * days).sum(axis=0) / weight
    safe = np.maximum(power, 1e-9)
    lost = no_load + _SHAPE * load * square / (safe**2 * hours)
    lagging = idling + _SHAPE * short * square / (100 * safe * hours)
    return np.where(on, _round(lost), 0), np.where(on & with_reactive, _round(lagging), 0)


def _by_table(
    windings: Windings, units: list[int], days: Array, active: Array, mains: list[int], note: Note
) -> tuple[Array, Array]:  # fmt: skip
    weight = windings.capacity[units][:, None] * days
    whole = np.maximum(weight.sum(axis=0), 1e-9)
    lost, lagging = np.zeros(days.shape[1]), np.zeros(days.shape[1])
    for place, unit in enumerate(units):
        rows = windings.table.get((str(windings.series[unit]), float(windings.capacity[unit])))
        for period in np.flatnonzero(days[place] > 0).tolist():
            energy = round(active[period] * weight[place, period] / whole[period] * 30 / days[place, period], 6)
            fitting = [row for row in rows or [] if row[0] <= energy]
            if not fitting:
                for point in mains:
                    note(point, period, "loss_row_missing")
                continue
            lost[period] += max(fitting)[1] * days[place, period] / 30
            lagging[period] += max(fitting)[2] * days[place, period] / 30
    return _round(lost), _round(lagging)


def _give(quantities: Quantities, into: Array, mains: list[int], loss: Array) -> None:
    """Share a family's loss by metered energy, whole kWh; the remainder to the greatest, then the smallest point."""
    if len(mains) == 1:
        into[mains[0]] = loss
        return
    total = quantities.total[mains]
    whole = total.sum(axis=0)
    parts = _round(loss / 100 * total / np.maximum(whole, 1))
    parts[:, whole == 0] = 0
    greatest = np.argmax(total, axis=0)
    parts[greatest, np.arange(parts.shape[1])] += loss - parts.sum(axis=0)
    into[mains] = parts


def _children(files: Files, quantities: Quantities, found: Losses) -> None:
    """Metered and ratio children of the same customer bear their part of the main's loss."""
    kind = files.facts.today["allocation"]
    own = found.active.copy()
    for child in np.flatnonzero(files.parent >= 0).tolist():
        main = int(files.parent[child])
        if files.owner[child] != files.owner[main] or kind[child] == "quantity":
            continue
        part = _round(own[main] / 100 * quantities.total[child] / np.maximum(quantities.total[main], 1))
        found.active[child] = np.where(quantities.total[main] > 0, part, 0)
        found.active[main] -= found.active[child]
