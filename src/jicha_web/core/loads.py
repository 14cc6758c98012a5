"""Loading delivered files into the data folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from jicha.ingest import LoadResult, load
from jicha.language import Text
from jicha.quality.store import Book
from jicha.quality.view import measure_after_load

__all__ = ["LoadResult", "load_files"]


def load_files(
    data: Path, files: Sequence[Path], *, mapping: str, now: datetime, user: str,
    watch: Callable[[Text, int, int], None],
) -> LoadResult:  # fmt: skip
    """Load files and measure the quality of what they brought; an exception of `watch` gives the load up."""
    result = load(
        data, files, mapping=Path(mapping) if mapping else None, now=now.astimezone(UTC).replace(tzinfo=None),
        user=user, watch=watch, wait_seconds=600,
    )  # fmt: skip
    if not result.nothing_new:
        measure_after_load(Book(data), result.accepted)
    return result
