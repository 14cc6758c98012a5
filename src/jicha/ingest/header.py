"""Finding the header among the first rows of a file or sheet."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

ROWS = 30  # within which the header is looked for
DELIMITERS = (",", "\t", ";", "|")

Score = Callable[[Sequence[str]], int]  # how many cells of a row are known column names


@dataclass(frozen=True)
class Header:
    """A header row that was found."""

    cells: tuple[str, ...]
    lines: int  # physical lines (or sheet rows) up to and including it
    matches: int


def best_row(rows: Sequence[tuple[int, Sequence[str]]], score: Score) -> Header | None:
    """Return the row that matches most columns; of several the lowest, since merged two-row headers repeat.

    rows: (number of its last physical line, cells).
    """
    found: Header | None = None
    for line, cells in rows[:ROWS]:
        matches = score(cells)
        if matches and (found is None or matches >= found.matches):
            found = Header(tuple(cell.strip() for cell in cells), line, matches)
    return found


def csv_rows(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Return (last physical line, fields) of the first rows; a quote that never closes counts as text."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    try:
        rows = [(reader.line_num, row) for row in islice(reader, ROWS)]
    except csv.Error:  # a field longer than the csv module takes: no header of ours
        return []
    if rows and rows[-1][0] >= len(lines) > ROWS:  # something swallowed all that was read
        rows = [(number, line.split(delimiter)) for number, line in enumerate(lines[:ROWS], 1)]
    return rows


def csv_header(lines: Sequence[str], score: Score, delimiter: str | None = None) -> tuple[Header, str] | None:
    """Return the header and the delimiter under which it matches most columns; None when nothing matches."""
    best: tuple[Header, str] | None = None
    for candidate in [delimiter] if delimiter else DELIMITERS:
        found = best_row(csv_rows(lines, candidate), score)
        if found is not None and (best is None or found.matches > best[0].matches):
            best = (found, candidate)
    return best
