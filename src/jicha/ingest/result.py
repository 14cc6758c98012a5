"""What a load did, for the command line and for load.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class TableResult:
    """What a load did to one table; all counts are rows, except `rejected` (lines) and `warnings` (values)."""

    files: int = 0
    accepted: int = 0
    rejected: int = 0
    warnings: int = 0
    new: int = 0
    updated: int = 0
    removed: int = 0
    rows: int = 0  # of the table afterwards


@dataclass
class LoadResult:
    """What a load did."""

    load_id: str  # empty where there was nothing to load
    version: int  # data-set version afterwards
    check: bool
    tables: dict[str, TableResult] = field(default_factory=dict)
    unrecognised: list[dict[str, str | None]] = field(default_factory=list)  # file, sheet, reason_zh, reason_en
    files: list[dict[str, Any]] = field(default_factory=list)  # per file or sheet and table: its lines and columns
    deliveries: list[dict[str, Any]] = field(default_factory=list)  # per file: read, skipped or unrecognised
    problems: list[dict[str, Any]] = field(default_factory=list)  # of a check: what rejects.parquet would hold, counted
    seconds: float = 0.0

    @property
    def accepted(self) -> int:
        """Rows accepted over all tables."""
        return sum(table.accepted for table in self.tables.values())

    @property
    def rejected(self) -> int:
        """Lines rejected over all tables."""
        return sum(table.rejected for table in self.tables.values())

    @property
    def warnings(self) -> int:
        """Warnings over all tables."""
        return sum(table.warnings for table in self.tables.values())

    def lines_apart(self, kind: str) -> tuple[int, str]:
        """Return how many lines were read as no record, and the first file that has some; kind: totals or filtered."""
        found = [file for file in self.files if file[kind]]
        return sum(file[kind] for file in found), found[0]["file"] if found else ""

    @property
    def nothing_new(self) -> bool:
        """Whether no file had to be read, so that there is no new version."""
        return not self.load_id

    @property
    def exit_code(self) -> int:
        """0 when everything was accepted, 1 when lines were rejected or files not recognised."""
        return 1 if self.rejected or self.unrecognised else 0

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return asdict(self) | {
            "accepted": self.accepted,
            "rejected": self.rejected,
            "warnings": self.warnings,
            "nothing_new": self.nothing_new,
            "exit_code": self.exit_code,
        }
