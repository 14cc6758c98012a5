"""What was metered per point and period; what belongs to points behind others; which band bears it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from jicha.sandbox.arrays import Array, half_up
from jicha.sandbox.billing.files import BANDS, FLAT, Files

_FROM = (FLAT, 1, 0, 3, 4)  # where untimed children are taken from: flat, peak, tip, valley, deep valley
Note = Callable[[int, int, str], None]  # point, period, reason


@dataclass
class Quantities:
    """Metered per point and period in hundredths of kWh, kvarh and kW; the flat band is what the others leave."""

    live: Array  # [point, period] billed at all
    total: Array
    bands: Array  # [point, period, band], tip, peak, flat, valley, deep valley; all flat without time bands
    reactive: Array
    demand: Array
    has_reactive: Array  # [point, period] a reactive register was read
    has_demand: Array
    cuts: dict[tuple[int, int], list[tuple[int, int, Array]]] = field(default_factory=dict)

    def copy(self) -> Quantities:
        """Return quantities that may be changed."""
        return Quantities(
            self.live.copy(), self.total.copy(), self.bands.copy(), self.reactive.copy(), self.demand.copy(),
            self.has_reactive.copy(), self.has_demand.copy(), dict(self.cuts),
        )  # fmt: skip


def empty_quantities(shape: tuple[int, int]) -> Quantities:
    """Return quantities of nothing for so many points and periods."""
    no, zero = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.int64)
    bands = np.zeros((*shape, BANDS), dtype=np.int64)
    return Quantities(no.copy(), zero.copy(), bands, zero.copy(), zero.copy(), no.copy(), no.copy())


def allocated(files: Files, quantities: Quantities, note: Note) -> tuple[Array, Array]:
    """Return own energy [point, period] and its bands once mains have given their children what is theirs."""
    own, bands = quantities.total.copy(), quantities.bands.copy()
    kind = files.facts.today["allocation"]
    for main in np.unique(files.parent[files.parent >= 0]).tolist():
        children = np.flatnonzero(files.parent == main)
        children = children[np.argsort(files.point_id[children].astype(str), kind="stable")].tolist()
        metered = [child for child in children if kind[child] in (None, "metered")]
        for child in [c for c in children if kind[c] == "ratio"]:
            _ratio(files, quantities, own, bands, main, child, note)
        left = quantities.total[main] - own[metered + [c for c in children if kind[c] == "ratio"]].sum(axis=0)
        for child in [c for c in children if kind[c] == "quantity"]:
            left = left - _fixed(files, own, bands, child, left, note)
    for main in np.unique(files.parent[files.parent >= 0]).tolist():
        _deduct(files, own, bands, main, np.flatnonzero(files.parent == main).tolist(), note)
    return own, bands


def _value(files: Files, child: int, note: Note) -> float:
    value = float(files.facts.today["allocation_value"][child])
    if not value > 0:
        for period in range(files.first.shape[1]):
            note(child, period, "allocation_missing")
            note(int(files.parent[child]), period, "allocation_missing")
        return 0.0
    return value


def _ratio(
    files: Files, quantities: Quantities, own: Array, bands: Array, main: int, child: int, note: Note
) -> None:  # fmt: skip
    share = round(_value(files, child, note) * 1e4)  # ten-thousandths of a per cent
    own[child] = half_up(quantities.total[main] * share, 100 * 100 * 10_000) * 100
    bands[child] = 0
    bands[child][:, FLAT] = own[child]
    if files.facts.today["is_time_of_use"][child] is True:
        whole = np.maximum(quantities.total[main], 1)
        for band in (0, 1, 3, 4):
            bands[child][:, band] = _floor_share(own[child], quantities.bands[main][:, band], whole)
        bands[child][:, FLAT] = own[child] - bands[child][:, (0, 1, 3, 4)].sum(axis=1)


def _fixed(files: Files, own: Array, bands: Array, child: int, left: Array, note: Note) -> Array:
    value = round(_value(files, child, note) * 1e4)
    days, uncut = files.span[child], np.maximum(files.uncut[child], 1)
    wanted = half_up(value * int(files.cycle[child]) * days, uncut * 10_000) * 100
    own[child] = np.clip(np.minimum(wanted, left), 0, None)
    bands[child] = 0
    bands[child][:, FLAT] = own[child]
    return np.asarray(own[child])


def _deduct(files: Files, own: Array, bands: Array, main: int, children: list[int], note: Note) -> None:
    kind, timed = files.facts.today["allocation"], files.facts.today["is_time_of_use"]
    for child in children:
        own[main] -= own[child]
        if kind[child] in (None, "metered") and timed[child] is True and timed[main] is True:
            bands[main] -= bands[child]
            continue
        rest = own[child].copy()
        if kind[child] == "ratio" and timed[child] is True:  # what it has came from the main's bands
            taken = np.minimum(bands[child], np.maximum(bands[main], 0))
            bands[main] -= taken
            rest -= taken.sum(axis=1)
        for band in _FROM:
            taken = np.minimum(rest, np.maximum(bands[main][:, band], 0))
            bands[main][:, band] -= taken
            rest -= taken
        bands[main][:, FLAT] -= rest
    for period in np.flatnonzero(own[main] < 0).tolist():
        note(main, period, "children_exceed_main")
        for child in children:
            if kind[child] in ("ratio", "quantity"):
                note(child, period, "children_exceed_main")


def _floor_share(quantity: Array, part: Array, whole: Array) -> Array:
    """Hundredths of a share, cut off; the quotient is first rounded to six places, as all are."""
    share = np.clip(part / whole, 0, 1)  # beyond it, the bill is not judged
    return np.asarray(np.floor(np.rint(quantity * share * 1e4) / 1e4).astype(np.int64))


def spread(loss: Array, bands: Array, total: Array) -> Array:
    """Spread losses [point, period] over bands by their metered share, whole hundredths, the rest flat."""
    found = np.zeros((*loss.shape, BANDS), dtype=np.int64)
    whole = np.maximum(total, 1)
    for band in range(BANDS):
        if band != FLAT:
            found[..., band] = _floor_share(loss, np.clip(bands[..., band], 0, None), whole)
    found[..., FLAT] = loss - found.sum(axis=-1)
    return found
