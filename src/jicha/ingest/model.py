"""What the parts of a load hand to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from jicha.catalog.schema import Column, Table
from jicha.language import Text


@dataclass(frozen=True)
class Place:
    """A file, a sheet of one, or a query of a database."""

    path: Path
    file: str  # as shown: relative to the source folder it was found in; a database's address without password
    sheet: str | None = None  # of a database: the table, or where the query stands in the mapping file
    is_query: bool = False

    @property
    def text(self) -> Text:
        """The place in words."""
        if self.is_query:
            return Text(f"数据库 {self.file} 的 {self.sheet}", f"database {self.file}, {self.sheet}")
        if self.sheet is None:
            return Text(f"文件 {self.file}", f"file {self.file}")
        return Text(f"文件 {self.file} 的工作表“{self.sheet}”", f"file {self.file}, sheet “{self.sheet}”")


@dataclass(frozen=True)
class Binding:
    """Where the values of one canonical column come from; one of source, expression and constant."""

    column: Column
    source: int | None = None  # position of the source column
    expression: str | None = None  # SQL over c0, c1, …
    constant: str | None = None
    codes: Mapping[str, str | None] = field(default_factory=dict)  # source value -> canonical text
    others: tuple[str | None] | None = None  # what values that `codes` lacks become; None: they stay as they are
    formats: tuple[str, ...] = ()  # strptime forms tried first
    factor: Decimal | None = None  # unit of the source in units of the column
    rounded: bool = False
    echo: str = ""  # the decision in words, for load.json


@dataclass(frozen=True)
class Target:
    """A table that a file or sheet feeds, and how."""

    table: Table
    bindings: Mapping[str, Binding]
    unknown: tuple[int, ...] = ()  # positions of source columns that nothing uses
    where: str | None = None  # SQL over c0, c1, …: only these rows are taken


@dataclass
class Raw:
    """The records of a file or sheet, staged for the engine."""

    relation: str  # SELECT line_, c0, c1, …
    kinds: Sequence[str]  # DuckDB types of c0, c1, …
    header: Sequence[str]  # what the source calls them
    records: int  # rows of the relation, counted while staging
    lines: int  # physical lines or sheet rows, counted independently
    header_lines: int = 0
    blank: int = 0
    record_lines: int = 0  # physical lines of the records
    fault_lines: int = 0  # physical lines that are no record; their rejects are written already
    is_text: bool = True  # records may be totals rows
    encoding: str = ""


@dataclass
class Piece:
    """One delivery of one table: a file or sheet, how it is bound, what became of its rows."""

    number: int
    place: Place
    target: Target
    raw: Raw | None = None
    staged: Path | None = None  # Parquet: piece_, line_, class_, canonical columns, u<position> of unknown ones
    accepted: int = 0
    rejected_lines: int = 0
    errors: int = 0
    totals: int = 0
    filtered: int = 0

    def summary(self) -> dict[str, Any]:
        """Return the piece for load.json."""
        raw = self.raw
        return {
            "file": self.place.file,
            "sheet": self.place.sheet,
            "table": self.target.table.name,
            "encoding": raw.encoding if raw else "",
            "lines": raw.lines if raw else 0,
            "header": raw.header_lines if raw else 0,
            "blank": raw.blank if raw else 0,
            "totals": self.totals,
            "filtered": self.filtered,
            "accepted": self.accepted,
            "rejected": self.rejected_lines + (raw.fault_lines if raw else 0),
            "columns": {name: binding.echo for name, binding in self.target.bindings.items()},
            "unknown": [raw.header[i] for i in self.target.unknown] if raw else [],
        }
