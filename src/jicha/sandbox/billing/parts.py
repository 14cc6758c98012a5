"""Cutting the account of a few customers out of the books, to settle them once more."""

from __future__ import annotations

import dataclasses

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.billing.files import Facts, Files
from jicha.sandbox.billing.quantities import Quantities
from jicha.sandbox.billing.settle import Books, Known

_PER_POINT = (
    "row", "point_id", "owner", "transformer", "demand_group", "pf_group", "cycle", "reading_day", "loss_method",
    "loss_value", "line_loss", "has_history", "first", "last", "uncut", "span",
)  # fmt: skip


def connected(files: Files, customers: Array) -> Array:
    """All points of some customers, and of whoever is supplied through them or supplies them."""
    wanted = np.isin(files.owner, customers)
    for _ in range(3):
        with_parent = np.flatnonzero(files.parent >= 0)
        linked = with_parent[wanted[with_parent] | wanted[files.parent[with_parent]]]
        owners = np.unique(np.concatenate([files.owner[linked], files.owner[files.parent[linked]]]))
        wanted |= np.isin(files.owner, owners)
    return np.flatnonzero(wanted)


def cut_files(files: Files, points: Array) -> Files:
    """Return the files of some points only."""
    place = {int(point): number for number, point in enumerate(points.tolist())}
    facts = Facts(
        {name: values[points].copy() for name, values in files.facts.today.items()},
        {place[p]: dict(dated) for p, dated in files.facts.dated.items() if p in place},
        {place[p]: version for p, version in files.facts.version.items() if p in place},
    )
    of_customer: dict[int, list[int]] = {}
    for number, position in enumerate(files.owner[points].tolist()):
        of_customer.setdefault(position, []).append(number)
    parent = np.array([place.get(int(p), -1) for p in files.parent[points].tolist()], dtype=np.int64)
    values = {name: getattr(files, name)[points].copy() for name in _PER_POINT}
    return dataclasses.replace(files, facts=facts, of_customer=of_customer, parent=parent, **values)


def cut_books(books: Books, points: Array) -> Books:
    """Return the books of some points only."""
    return dataclasses.replace(books, files=cut_files(books.files, points))


def cut_quantities(quantities: Quantities, points: Array) -> Quantities:
    """Return the quantities of some points only."""
    place = {int(point): number for number, point in enumerate(points.tolist())}
    cuts = {(place[p], m): cut for (p, m), cut in quantities.cuts.items() if p in place}
    whole = quantities.copy()
    for name in ("live", "total", "bands", "reactive", "demand", "has_reactive", "has_demand"):
        setattr(whole, name, getattr(whole, name)[points])
    whole.cuts = cuts
    return whole


def cut_known(known: Known, points: Array) -> Known:
    """Return what is known of some points only."""
    return Known(known.adjusted_kwh[points], known.priced_kwh[points], known.used_before[points], known.bearer[points])
