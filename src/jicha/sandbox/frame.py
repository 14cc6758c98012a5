"""A table under construction: numpy columns that faults may change row by row, turned to Arrow by the schema."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from jicha.catalog.schema import Column, Table, schema
from jicha.sandbox.arrays import NULL, Array, decimal_array

_EMPTY: dict[str, Any] = {
    "int": np.nan,
    "double": np.nan,
    "bool": None,
    "date": np.datetime64("NaT", "D"),
    "timestamp": np.datetime64("NaT", "s"),
}
_KIND = {"int": "float64", "double": "float64", "date": "datetime64[D]", "timestamp": "datetime64[s]"}
_ARROW = {
    "string": pa.string(),
    "enum": pa.string(),
    "int": pa.int32(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def _dtype(column: Column) -> Any:
    if column.decimal:
        return np.dtype("int64")
    return np.dtype(_KIND.get(column.type, "object"))


def _empty(column: Column) -> Any:
    return NULL if column.decimal else _EMPTY.get(column.type)


class Frame:
    """Columns of one canonical table; decimals are integers in units of their last digit, with NULL for null."""

    def __init__(self, table: str, **columns: Any) -> None:
        self.table: Table = schema()[table]
        self.columns: dict[str, Array] = {}
        self._appended: list[dict[str, Any]] = []
        size = max((len(v) for v in columns.values() if isinstance(v, np.ndarray)), default=0)
        for name, values in columns.items():
            kind = _dtype(self.table.columns[name])
            if isinstance(values, np.ndarray):
                self.columns[name] = values.astype(kind)
            else:
                filled = np.empty(size, dtype=kind)
                filled[:] = _empty(self.table.columns[name]) if values is None else values
                self.columns[name] = filled

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def __getitem__(self, name: str) -> Array:
        if self._appended:
            self.settle()
        return self.columns[name]

    def set(self, rows: Any, **values: Any) -> None:
        """Change columns of some rows; None empties, a column that was not there is added."""
        self.settle()
        for name, value in values.items():
            column = self.table.columns[name]
            if name not in self.columns:
                self.columns[name] = np.full(len(self), _empty(column), dtype=_dtype(column))
            self.columns[name][rows] = _empty(column) if value is None else value

    def append(self, **values: Any) -> None:
        """Add one row; columns that are not named stay empty."""
        self._appended.append(values)

    def remove(self, rows: Array) -> None:
        """Take rows away, given by a mask or by positions."""
        self.settle()
        keep = np.ones(len(self), dtype=bool)
        keep[rows] = False
        self.columns = {name: values[keep] for name, values in self.columns.items()}

    def rows(self, **equal: Any) -> Array:
        """Positions of the rows whose columns equal the given values."""
        self.settle()
        found = np.ones(len(self), dtype=bool)
        for name, value in equal.items():
            found &= self.columns[name] == value
        return np.flatnonzero(found)

    def extend(self, other: Frame) -> None:
        """Add the rows of another frame of the same table."""
        self.settle()
        other.settle()
        mine, theirs = len(self), len(other)
        for name in {**self.columns, **other.columns}:
            column = self.table.columns[name]
            parts = [
                frame.columns.get(name, np.full(size, _empty(column), dtype=_dtype(column)))
                for frame, size in ((self, mine), (other, theirs))
            ]
            self.columns[name] = np.concatenate(parts)

    def settle(self) -> None:
        """Put appended rows into the columns."""
        if not self._appended:
            return
        added, self._appended = self._appended, []
        names = {**self.columns, **{name: None for row in added for name in row}}
        size = len(self)
        for name in names:
            column = self.table.columns[name]
            more = np.empty(len(added), dtype=_dtype(column))
            for position, row in enumerate(added):
                value = row.get(name)
                more[position] = _empty(column) if value is None else value
            before = self.columns.get(name, np.full(size, _empty(column), dtype=_dtype(column)))
            self.columns[name] = np.concatenate([before, more])

    def to_arrow(self) -> Any:
        """Return the table in Arrow, columns in the order of the schema; columns never filled are left out."""
        self.settle()
        names = [name for name in self.table.columns if name in self.columns]
        arrays = [arrow_column(self.table.columns[name], self.columns[name]) for name in names]
        return pa.table(arrays, names=names)


def arrow_column(column: Column, values: Any) -> Any:
    """Return one column in Arrow; what is Arrow already stays."""
    if not isinstance(values, np.ndarray):
        return values
    decimal = column.decimal
    if decimal:
        return decimal_array(values, *decimal)
    target = _ARROW[column.type]
    if column.type == "int":
        return pa.array(values.astype("float64"), from_pandas=True).cast(target)
    return pa.array(values, type=target, from_pandas=True)


def arrow_table(table: str, **columns: Any) -> Any:
    """Return a large table straight from numpy or Arrow columns."""
    contents = schema()[table].columns
    names = [name for name in contents if name in columns]
    return pa.table([arrow_column(contents[name], columns[name]) for name in names], names=names)
