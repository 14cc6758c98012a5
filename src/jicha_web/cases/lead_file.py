"""Leads from a file: XLSX or CSV, one a line; what is wrong is told by cell."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped, unused-ignore]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped, unused-ignore]

from jicha_web.cases.leads import problems
from jicha_web.core import BadInput, Text

MOST_ROWS = 5000
MOST_BYTES_UNPACKED = 200 * 1024 * 1024
COLUMNS: Mapping[str, str] = {
    "source": "线索来源", "received_on": "收到日期", "text": "线索内容", "customer_id": "户号", "customer_name": "户名",
    "address": "用电地址", "external_id": "来源编号", "reporter_name": "举报人", "reporter_phone": "举报人电话",
    "wishes_reply": "要求回复",
}  # fmt: skip
SOURCE_WORDS = {
    "群众举报": "public_report",
    "在线监测": "monitoring",
    "电费核查": "bill_checking",
    "其他部门": "other_department",
}
_YES = {"是", "yes", "y", "1", "true"}


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell. `cell` as a spreadsheet names it: B4."""

    cell: str
    column: Text
    value: str
    text: Text


@dataclass(frozen=True)
class Parsed:
    """The leads of a file, and what is wrong with the lines that are none."""

    leads: tuple[dict[str, Any], ...]
    problems: tuple[CellProblem, ...]


def heading(name: str) -> Text:
    """Return how a column may be named in the first line: by its Chinese label or by its name."""
    return Text(COLUMNS.get(name, name), name)


def _unreadable(zh: str, en: str) -> BadInput:
    return BadInput(zh=f"文件无法读取：{zh}", en=f"the file cannot be read: {en}")


def _xlsx_rows(content: bytes) -> Iterator[Sequence[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_BYTES_UNPACKED:
                raise _unreadable("解压后过大", "too large when unpacked")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        yield from sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=64)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError) as error:
        raise _unreadable("不是XLSX工作簿", "it is no XLSX workbook") from error


def _csv_rows(content: bytes) -> Iterator[Sequence[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _unreadable("编码应为UTF-8或GB18030", "expected UTF-8 or GB18030 text")
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise _unreadable(f"CSV格式有误（{error}）", f"wrong CSV ({error})") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a number that a spreadsheet made of a customer's number
    return str(value).strip()


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(_text(value).replace("/", "-").replace(".", "-"))
    except ValueError:
        return None


def _places(header: Sequence[Any]) -> dict[str, int]:
    """Return where each column stands, by its name or its Chinese label."""
    found = {_text(cell).lower(): place for place, cell in reversed(list(enumerate(header)))}
    places = {}
    for name, label in COLUMNS.items():
        place = found.get(name, found.get(label))
        if place is not None:
            places[name] = place
    absent = [n for n in ("source", "received_on", "text") if n not in places]
    if absent:
        zh = "、".join(COLUMNS[n] for n in absent)
        raise _unreadable(f"首行缺少列：{zh}", f"the first line lacks the columns {', '.join(absent)}")
    return places


def parse(*, name: str, content: bytes, at: datetime) -> Parsed:
    """Return the leads of a file; nothing is stored. BadInput when the file as a whole cannot be used."""
    rows = _xlsx_rows(content) if name.lower().endswith(".xlsx") else _csv_rows(content)
    places = _places(next(rows, ()))
    leads: list[dict[str, Any]] = []
    wrong: list[CellProblem] = []
    for number, row in enumerate(rows, 2):
        if number > MOST_ROWS + 1:
            raise _unreadable(f"超过{MOST_ROWS}行，请分批导入", f"more than {MOST_ROWS} lines: split it")
        cells = {n: row[p] if p < len(row) else None for n, p in places.items()}
        if not any(_text(value) for value in cells.values()):
            continue
        lead = {n: _text(value) for n, value in cells.items()}
        given: dict[str, Any] = lead | {
            "source": SOURCE_WORDS.get(lead["source"], lead["source"]), "received_on": _day(cells["received_on"]),
            "wishes_reply": lead.get("wishes_reply", "").lower() in _YES,
        }  # fmt: skip
        found = problems(given, at)
        for column, text in found.items():
            cell = f"{get_column_letter(places[column] + 1)}{number}" if column in places else str(number)
            wrong.append(CellProblem(cell, heading(column), lead.get(column, ""), text))
        if not found:
            leads.append(given)
    return Parsed(tuple(leads), tuple(wrong))


def template_rows() -> list[list[str]]:
    """Return the header and one example of a file of leads."""
    example = ["群众举报", "2026-10-15", "反映该户夜间绕表用电", "", "", "", "12398-0001", "", "", "是"]
    return [list(COLUMNS.values()), example]
