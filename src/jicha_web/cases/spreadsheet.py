"""Workbooks that people send: opened within bounds, their cells as texts and days; knows no tables."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped, unused-ignore]
from openpyxl.utils import range_boundaries  # type: ignore[import-untyped, unused-ignore]
from openpyxl.xml.constants import SHEET_MAIN_NS  # type: ignore[import-untyped, unused-ignore]
from openpyxl.xml.functions import iterparse  # type: ignore[import-untyped, unused-ignore]

from jicha_web.core import Text

# far above the longest list that is taken; a sheet of empty cells is read to its end, in the thread of the request
MOST_BYTES_UNPACKED = 64 * 1024 * 1024
# what openpyxl raises on a package that is none or is damaged; XML that does not parse is a SyntaxError
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError, IndexError, TypeError, AttributeError,
    SyntaxError, NotImplementedError,
)  # fmt: skip


class UnreadableWorkbook(Exception):
    """The bytes are no workbook that can be read; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """Yield a workbook for reading row by row; UnreadableWorkbook also when a sheet turns out to be damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_BYTES_UNPACKED:
                raise UnreadableWorkbook(Text("解压后过大", "too large when unpacked"))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()
    except _DAMAGED as error:
        raise UnreadableWorkbook(
            Text("不是 XLSX 工作簿，或已损坏", "it is no XLSX workbook, or a damaged one")
        ) from error


def text_of(value: Any) -> str:
    """Return a cell as text; a number that a spreadsheet made of a text is the text again."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


# as people write a day: 2026-10-15, 2026/9/3, 2026.9.3, 2026年9月3日, 20260903, with the time behind it or not
_DAY = re.compile(
    r"(?:(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{4})(\d{2})(\d{2}))(?:[T\s]+\d{1,2}:\d{2}(?::\d{2})?)?"
)
_COUNTED_FROM = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050  # 2000-01-01 and 2099-12-31 as a spreadsheet counts days


def day_of(value: Any) -> date | None:
    """Return the day that a cell holds, however it is written or counted; None when it holds none.

    A day whose cell lost its format comes as the number of days that the spreadsheet counts.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and _FIRST_SERIAL <= value <= _LAST_SERIAL:
        return _COUNTED_FROM + timedelta(days=int(value))
    written = _DAY.fullmatch(unicodedata.normalize("NFKC", text_of(value)))
    if written is None:
        return None
    try:
        return date(*(int(part) for part in written.groups() if part))
    except ValueError:
        return None


def rows_of(sheet: Any, *, most_rows: int, most_columns: int) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yield the rows of a sheet as they stand, and as they read: cells merged downwards hold what the uppermost says.

    A row with nothing of its own stays without; cells merged sideways are one value of the first column.
    """
    starting = _merged_downwards(sheet)
    held: dict[int, tuple[int, Any]] = {}
    rows = sheet.iter_rows(values_only=True, max_row=most_rows, max_col=most_columns)
    for at, row in enumerate(rows, 1):
        own = list(row)
        read = own + [None] * (most_columns - len(own)) if held or at in starting else own
        if any(text_of(value) for value in own):
            for column in [c for c, (bottom, _value) in held.items() if bottom < at]:
                del held[column]
            for column, (_bottom, value) in held.items():
                read[column - 1] = value
        held |= {c: (bottom, read[c - 1]) for c, bottom in starting.get(at, ()) if c <= most_columns}
        yield own, read


def _merged_downwards(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """Return the areas of more than one row by their first row: (column, last row), counted from 1."""
    found: dict[int, list[tuple[int, int]]] = {}
    with sheet._get_source() as source:  # a sheet that is read row by row has no list of them
        for _event, element in iterparse(source):
            if element.tag == f"{{{SHEET_MAIN_NS}}}mergeCell":
                left, top, _right, bottom = range_boundaries(element.get("ref"))
                if bottom > top:
                    found.setdefault(top, []).append((left, bottom))
            if element.tag == f"{{{SHEET_MAIN_NS}}}row":
                element.clear()
    return found
