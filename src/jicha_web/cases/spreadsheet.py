"""Workbooks that people send: opened within bounds, their cells as texts and days; knows no tables."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped, unused-ignore]

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


def day_of(value: Any) -> date | None:
    """Return the day that a cell holds, also written 2026/10/15 or 2026.10.15; None when it holds none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(text_of(value).replace("/", "-").replace(".", "-"))
    except ValueError:
        return None
