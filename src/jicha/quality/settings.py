"""The thresholds of `quality.yaml`."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from jicha.catalog.files import catalog_path, read_yaml


@dataclass(frozen=True)
class Limits:
    """From where on something is to be looked at, and to be mended."""

    watch: float
    bad: float

    def level(self, share: float, *, below: bool = False) -> str | None:
        """Return `bad`, `watch` or None; above the limits, or below them."""
        if below:
            return "bad" if share < self.bad else "watch" if share < self.watch else None
        return "bad" if share > self.bad else "watch" if share > self.watch else None


@dataclass(frozen=True)
class Range:
    """Plausible values of some columns; `load` is the day of the load."""

    columns: Sequence[str]
    min: float | date | None = None
    max: float | date | str | None = None


@dataclass(frozen=True)
class Settings:
    """What `quality.yaml` says."""

    trend_versions: int
    shown_months: int
    worst_columns: int
    rows_read_per_row_accepted: float
    by_day: frozenset[str]
    limits: Mapping[str, Limits]
    least_rows_per_period: float
    empty_by_nature: Sequence[str]
    ranges: Sequence[Range]

    def may_be_empty(self, table: str, column: str) -> bool:
        """Whether nulls of a column are no fault."""
        return any(_fits(pattern, table, column) for pattern in self.empty_by_nature)

    def range(self, table: str, column: str) -> Range | None:
        """Return the plausible values of a column."""
        return next((item for item in self.ranges if any(_fits(p, table, column) for p in item.columns)), None)


def _fits(pattern: str, table: str, column: str) -> bool:
    return fnmatchcase(f"{table}.{column}" if "." in pattern else column, pattern)


def read_settings(content: Mapping[str, Any]) -> Settings:
    """Return settings from the content of the file."""
    return Settings(
        trend_versions=content["trend_versions"],
        shown_months=content["shown_months"],
        worst_columns=content["worst_columns"],
        rows_read_per_row_accepted=content["rows_read_per_row_accepted"],
        by_day=frozenset(content["by_day"]),
        limits={name: Limits(**limits) for name, limits in content["thresholds"].items()},
        least_rows_per_period=content["least_rows_per_period"],
        empty_by_nature=tuple(content["empty_by_nature"]),
        ranges=tuple(Range(**item) for item in content["ranges"]),
    )


@functools.cache
def settings() -> Settings:
    """Return the settings of the shipped catalog."""
    return read_settings(read_yaml(catalog_path("quality.yaml")))
