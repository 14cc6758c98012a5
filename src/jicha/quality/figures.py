"""The figures of one data-set version, and their form as JSON. They hold no personal value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1  # of the file; another one is measured anew


@dataclass(frozen=True)
class ColumnFigures:
    """One column. low and high: of text its least and greatest length, of numbers and dates the values; else None."""

    nulls: int
    distinct: int  # approximately
    low: str | int | float | None = None
    high: str | int | float | None = None
    codes: Mapping[str, int] | None = None  # rows by code, of enums and booleans


@dataclass(frozen=True)
class Lost:
    """References to nowhere of one column."""

    rows: int
    values: int  # different ones, approximately


@dataclass(frozen=True)
class Periods:
    """Rows by month (its first day) or by day."""

    column: str
    grain: str  # month, day
    rows: Mapping[str, int]  # ISO date -> rows, ascending


@dataclass(frozen=True)
class TableFigures:
    """One table. The keys name what was measured: equal keys, equal figures."""

    rows: int
    scan_key: str
    lost_key: str
    columns: Mapping[str, ColumnFigures]
    lost: Mapping[str, Lost | None]  # by column; None where the table referred to was never delivered
    periods: Periods | None = None


@dataclass(frozen=True)
class Delivery:
    """What the last load that brought a table accepted and rejected."""

    load_id: str
    accepted: int  # rows
    rejected: int  # lines
    errors: Mapping[str, Mapping[str, int]]  # column ("" for a line) -> code -> errors

    @property
    def lines(self) -> int:
        """Lines delivered."""
        return self.accepted + self.rejected

    def count(self, code: str, column: str | None = None) -> int:
        """Return the errors of a code, in one column or all."""
        return sum(codes.get(code, 0) for name, codes in self.errors.items() if column in (None, name))


@dataclass(frozen=True)
class Quality:
    """One data-set version."""

    version: int
    created_at: str  # ISO time in UTC of its load
    load_id: str
    tables: Mapping[str, TableFigures] = field(default_factory=dict)
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    seconds: float = 0.0  # that measuring took

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    @property
    def lost(self) -> int:
        """References to nowhere of all tables, rows."""
        return sum(lost.rows for table in self.tables.values() for lost in table.lost.values() if lost)

    @property
    def rejected(self) -> int:
        """Lines that the load of this version rejected."""
        return sum(item.rejected for item in self.deliveries.values() if item.load_id == self.load_id)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"format": FORMAT} | asdict(self)


def from_json(content: Mapping[str, Any]) -> Quality:
    """Read it back; KeyError or TypeError where it is none."""
    if content["format"] != FORMAT:
        raise KeyError("format")
    return Quality(
        version=content["version"],
        created_at=content["created_at"],
        load_id=content["load_id"],
        tables={name: _table(table) for name, table in content["tables"].items()},
        deliveries={name: Delivery(**delivery) for name, delivery in content["deliveries"].items()},
        seconds=content["seconds"],
    )


def _table(content: Mapping[str, Any]) -> TableFigures:
    periods = content["periods"]
    return TableFigures(
        rows=content["rows"],
        scan_key=content["scan_key"],
        lost_key=content["lost_key"],
        columns={name: ColumnFigures(**column) for name, column in content["columns"].items()},
        lost={name: Lost(**lost) if lost else None for name, lost in content["lost"].items()},
        periods=Periods(**periods) if periods else None,
    )
