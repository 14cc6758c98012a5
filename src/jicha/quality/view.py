"""A data folder's quality, measured and judged: what terminal, page and workbook show."""

from __future__ import annotations

from jicha.catalog.rules import load_rules
from jicha.catalog.schema import schema
from jicha.errors import JichaError
from jicha.quality.figures import Quality, TableFigures
from jicha.quality.judge import Judged, judge
from jicha.quality.settings import Settings
from jicha.quality.store import Book

_RUNNING = ("active", "shadow")


def judged(book: Book, version: int | None = None) -> Judged:
    """Return the quality of a version with its trend and what is held against it."""
    needed: dict[str, list[str]] = {}
    for rule in load_rules(book.data / "rules").rules.values():
        if rule.status in _RUNNING:
            for table in rule.needed_tables:
                if not schema()[table].absent_is_empty:
                    needed.setdefault(table, []).append(rule.code)
    return judge(book.trend(version), schema(), book.settings, needed)


def null_share(table: TableFigures | None, name: str, settings: Settings) -> float | None:
    """Return the share of nulls in the columns of a table that are usually filled; None where it has no rows."""
    if table is None or not table.rows:
        return None
    nulls = [column.nulls for key, column in table.columns.items() if not settings.may_be_empty(name, key)]
    return sum(nulls) / (table.rows * len(nulls)) if nulls else None


def column_share(quality: Quality, table: str, column: str, kind: str) -> float | None:
    """Return what a problem of a column is about, in one version: nulls, references to nowhere, rejected values."""
    figures, delivery = quality.tables.get(table), quality.deliveries.get(table)
    if kind.startswith("rejected_"):
        count = delivery.count(kind.removeprefix("rejected_"), column) if delivery else 0
        return count / delivery.lines if delivery and delivery.lines else None
    if figures is None or not figures.rows or column not in figures.columns:
        return None
    if kind == "lost":
        lost = figures.lost.get(column)
        return lost.rows / figures.rows if lost else None
    return figures.columns[column].nulls / figures.rows


def measure_after_load(book: Book, accepted: int) -> bool:
    """Measure the current version at the end of a load where that is cheap beside it; say whether it was done.

    The load is committed: a failure here is none of the load, and `jicha quality` measures later and says why.
    """
    try:
        if book.rows_to_read() > accepted * book.settings.rows_read_per_row_accepted:
            return False
        book.of()
        return not book.unwritten
    except JichaError:
        return False
