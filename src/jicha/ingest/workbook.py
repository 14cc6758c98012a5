"""Workbooks: sheets as people lay them out, staged for the engine as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from jicha.errors import BadInput
from jicha.ingest.archive import check_archive
from jicha.ingest.formulas import Cells, cells_without_value
from jicha.ingest.guards import full_disk
from jicha.ingest.header import ROWS, Header, best_row
from jicha.ingest.model import Place, Raw
from jicha.ingest.recognise import Candidates, Recogniser
from jicha.ingest.scratch import Scratch
from jicha.warehouse.machine import is_full
from jicha.warehouse.tables import quoted

SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_BATCH = 50_000  # rows
_EXACT_BELOW = 1e15  # of 15 digits a sheet keeps every one


@dataclass(frozen=True)
class OpenSheet:
    """A sheet whose header is known, or not (`header` None)."""

    place: Place
    candidates: Candidates
    header: Header | None
    raw: Raw | None


def cell_text(value: Any) -> str:
    """Return a cell as text: numbers with at most 15 significant digits and no spurious `.0`, times in ISO form.

    A whole number of more digits is written with an exponent: a sheet keeps 15, an identifier has lost the others.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _EXACT_BELOW:
            return str(int(value))
        text = f"{value:.15g}"
        return f"{float(text):f}" if "e" in text and 1e-6 < abs(value) < _EXACT_BELOW else text
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


class _Merged:
    """Merged cells: every cell of a range has the value of its top left one."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self._starts: dict[int, list[tuple[int, int, int]]] = {}  # row -> (last row, first column, last column)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
            self._starts.setdefault(top, []).append((bottom, left, right))
        self._open: list[tuple[int, int, int, Any]] = []

    def fill(self, number: int, row: list[Any]) -> None:
        """Fill one row; rows come in order, numbered from 0."""
        if self._open:
            self._open = [item for item in self._open if item[0] >= number]
        for bottom, left, right in self._starts.get(number, ()):
            if left < len(row):
                self._open.append((bottom, left, right, row[left]))
        for _, left, right, value in self._open:
            for column in range(left, min(right + 1, len(row))):
                row[column] = value


def _rows(sheet: CalamineSheet, without_value: Cells) -> Iterator[list[Any]]:
    """Yield the rows from the sheet's first, with merged cells filled, columns from the first used one.

    without_value: texts of cells whose formula has no value; the library gives them as empty.
    """
    merged = _Merged(sheet)
    offset = sheet.start[1] if sheet.start else 0
    for number, row in enumerate(sheet.iter_rows()):
        cells = [""] * offset + row
        for column, text in without_value.get(number, {}).items():
            if column < len(cells):
                cells[column] = text
        merged.fill(number, cells)
        yield cells


def _size(sheet: CalamineSheet) -> tuple[int, int]:
    """Rows and columns from the sheet's first cell on; calamine's own totals are the last index, one less."""
    return (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)


def open_workbook(
    place: Place,
    recogniser: Recogniser,
    scratch: Scratch,
    advance: Callable[[int, int], None] = lambda _a, _b: None,
) -> list[OpenSheet]:
    """Stage all sheets that have rows; BadInput when the file is no readable workbook.

    advance: told the rows read and to read, as they are.
    """
    check_archive(place)
    try:
        with CalamineWorkbook.from_path(str(place.path)) as book:
            names = [s.name for s in book.sheets_metadata if s.typ is SheetTypeEnum.WorkSheet]
            sheets = [sheet for name in names if (sheet := book.get_sheet_by_name(name)).end is not None]
            without_value = cells_without_value(place.path)
            opened = []
            for sheet in sheets:
                here = Place(place.path, place.file, sheet.name)
                candidates = recogniser.sheet(here, alone=len(sheets) == 1)
                rows = _rows(sheet, without_value.get(sheet.name, {}))
                opened.append(_stage(sheet, rows, here, candidates, scratch=scratch, advance=advance))
            return opened
    except (CalamineError, OSError, ValueError) as error:
        if is_full(error):
            raise full_disk(error, scratch.folder) from error
        zh, en = place.text
        raise BadInput(
            zh=f"{zh}打不开（{error}）：文件不完整、加了密或不是 Excel 文件。请重新导出。",
            en=f"{en} cannot be opened ({error}): it is incomplete, encrypted or no workbook; export it again",
        ) from error


def _stage(
    sheet: CalamineSheet,
    rows: Iterator[list[Any]],
    place: Place,
    candidates: Candidates,
    *,
    scratch: Scratch,
    advance: Callable[[int, int], None],
) -> OpenSheet:
    height, width = _size(sheet)
    head: list[list[str]] = []
    for row in rows:
        head.append([cell_text(cell) for cell in row])
        if len(head) == ROWS:
            break
    header = best_row([(number, row) for number, row in enumerate(head, 1)], candidates.score)
    if header is None:
        return OpenSheet(place, candidates, None, None)
    width = max(width, max((i + 1 for i, cell in enumerate(header.cells) if cell), default=0))
    cells = (*header.cells, *[""] * (width - len(header.cells)))
    target = scratch.path("sheet")
    writer = _Writer(target, width)
    for number, row in enumerate(head[header.lines :], header.lines + 1):
        writer.add(number, row)
    for number, values in enumerate(rows, len(head) + 1):
        writer.add(number, [value if type(value) is str else cell_text(value) for value in values])
        if number % _BATCH == 0:
            advance(number, height)
    writer.close()
    raw = Raw(
        relation=f"SELECT * FROM read_parquet({quoted(str(target))})",
        kinds=["VARCHAR"] * width,
        header=cells,
        records=writer.records,
        lines=height,
        header_lines=header.lines,
        blank=writer.blank,
        record_lines=writer.records,
        encoding=place.path.suffix.removeprefix(".").upper(),
    )
    return OpenSheet(place, candidates, Header(cells, header.lines, header.matches), raw)


class _Writer:
    """Writes rows of text to a Parquet file, column by column in batches."""

    def __init__(self, path: Path, width: int) -> None:
        self.records = self.blank = 0
        self._width = width
        names = [("line_", pa.int64()), *((f"c{i}", pa.string()) for i in range(width))]
        self._schema = pa.schema(names)
        self._writer = pq.ParquetWriter(path, self._schema, compression="snappy")
        self._numbers: list[int] = []
        self._rows: list[list[str]] = []

    def add(self, number: int, row: list[str]) -> None:
        if not any(row) or not any(cell.strip() for cell in row):
            self.blank += 1
            return
        if len(row) < self._width:
            row = row + [""] * (self._width - len(row))
        self._numbers.append(number)
        self._rows.append(row)
        self.records += 1
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        columns = zip(*self._rows, strict=True) if self._rows else [()] * self._width
        arrays = [pa.array(self._numbers, pa.int64())]
        arrays += [pa.array([cell or None for cell in column], pa.string()) for column in columns]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._numbers, self._rows = [], []

    def close(self) -> None:
        self._flush()
        self._writer.close()
