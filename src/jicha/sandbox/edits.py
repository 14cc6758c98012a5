"""Changes that faults make to what comes after the customer files: load, meters, readings, daily data."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jicha.catalog.schema import Column, schema
from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.frame import Frame

Edit = Callable[[Frame], None]  # changes the rows of one point


@dataclass(frozen=True)
class Stretch:
    """A factor on the energy of a customer from one day to another, both included."""

    position: int
    first: Any
    last: Any
    factor: float


@dataclass
class Edits:
    """What faults want changed later; nothing is kept that was not asked for."""

    load: list[Stretch] = field(default_factory=list)  # on what is really drawn
    metered: list[Stretch] = field(default_factory=list)  # on what settlement meters count of it
    run: list[Callable[[Any], None]] = field(default_factory=list)  # on Registers, before months are cut from them
    months: list[Callable[[Any, Any], None]] = field(default_factory=list)  # on Registers and Months, before readings
    lost: list[tuple[int, Any, Any]] = field(default_factory=list)  # customer, first and last day without an index
    kept: list[tuple[int, Any, Any]] = field(default_factory=list)  # the same, where the collection has not failed
    areas: list[Callable[[Any], None]] = field(default_factory=list)  # on Flows, before feeders are summed from them
    feeders: list[Callable[[Any], None]] = field(default_factory=list)  # on Flows, at last
    paying: list[Callable[[Any, Any], None]] = field(default_factory=list)  # on Bills and Paying, before payments
    _rows: dict[str, dict[str, list[Edit]]] = field(default_factory=dict)

    def rows(self, table: str, point_id: str, edit: Edit) -> None:
        """Change the rows of a point in a large table once it is built: reading, daily data, bill."""
        self._rows.setdefault(table, {}).setdefault(point_id, []).append(edit)

    def touched(self, table: str) -> list[str]:
        """Points whose rows of a large table will be changed."""
        return list(self._rows.get(table, {}))

    def apply(self, table: str, content: Any) -> Any:
        """Return a large table with the changes that were asked for; rows of changed points come last."""
        wanted = self._rows.get(table)
        if not wanted:
            return content
        touched = pc.is_in(content["point_id"], value_set=pa.array(list(wanted), type=pa.string()))
        parts = content.filter(touched).sort_by("point_id")
        frame = from_arrow(table, parts)
        ids = frame["point_id"]
        if not len(ids):
            return content
        edges = np.append(np.flatnonzero(np.append(True, ids[1:] != ids[:-1])), len(ids))
        changed = []
        for begin, end in itertools.pairwise(edges.tolist()):
            one = Frame(table, **{name: values[begin:end] for name, values in frame.columns.items()})
            for edit in wanted[ids[begin]]:
                edit(one)
            changed.append(one)
        kept = content.filter(pc.invert(touched))
        return pa.concat_tables([kept, *_joined(changed)], promote_options="default")


def _joined(frames: list[Frame]) -> list[Any]:
    """Return frames of one table as Arrow, those with the same columns together."""
    groups: dict[tuple[str, ...], list[Frame]] = {}
    for frame in frames:
        frame.settle()
        groups.setdefault(tuple(frame.columns), []).append(frame)
    found = []
    for names, parts in groups.items():
        columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in names}
        found.append(Frame(parts[0].table.name, **columns).to_arrow())
    return found


def stretch(energy: Array, rows_of: Callable[[int], Any], stretches: list[Stretch], first_day: Any) -> None:
    """Multiply days of rows of energy by factors."""
    for item in stretches:
        begin = max(int((np.datetime64(item.first, "D") - first_day).astype(np.int64)), 0)
        end = int((np.datetime64(item.last, "D") - first_day).astype(np.int64)) + 1
        if end > begin:
            energy[rows_of(item.position), begin:end] *= np.float32(item.factor)


def from_arrow(table: str, content: Any) -> Frame:
    """Return rows of a large table as a frame."""
    columns = schema()[table].columns
    return Frame(table, **{name: _numpy(columns[name], content[name]) for name in content.column_names})


def _numpy(column: Column, values: Any) -> Array:
    values = values.combine_chunks()
    if column.decimal:
        if not len(values):
            return np.zeros(0, dtype=np.int64)
        words = np.frombuffer(values.buffers()[1], dtype=np.int64).reshape(-1, 2)
        units = words[values.offset : values.offset + len(values), 0].copy()
        units[values.is_null().to_numpy(zero_copy_only=False)] = NULL
        return units
    if column.type in ("int", "double"):
        return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False))
    if column.type == "date":
        return np.asarray(values.to_numpy(zero_copy_only=False).astype("datetime64[D]"))
    if column.type == "timestamp":
        return np.asarray(values.to_numpy(zero_copy_only=False).astype("datetime64[s]"))
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=object)
