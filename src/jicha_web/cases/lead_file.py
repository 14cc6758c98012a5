"""Leads from a file: XLSX or CSV, one a line; what is wrong is told by cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl.utils import get_column_letter  # type: ignore[import-untyped, unused-ignore]

from jicha_web.cases.codes import labels
from jicha_web.cases.leads import problems
from jicha_web.cases.spreadsheet import UnreadableWorkbook, day_of, opened, rows_of, text_of
from jicha_web.core import BadInput, Text

MOST_ROWS = 5000
_NEEDED = ("source", "received_on", "text")
COLUMNS: Mapping[str, Text] = {
    "source": Text("线索来源", "Source"), "received_on": Text("收到日期", "Received on"),
    "text": Text("线索内容", "What is reported"), "customer_id": Text("户号", "Customer number"),
    "customer_name": Text("户名", "Customer name"), "address": Text("用电地址", "Address of use"),
    "external_id": Text("来源编号", "Number at the source"), "reporter_name": Text("举报人", "Reported by"),
    "reporter_phone": Text("举报人电话", "Phone of the reporter"), "wishes_reply": Text("要求回复", "Wishes a reply"),
}  # fmt: skip
SOURCES: Mapping[str, Text] = labels("lead_sources")
_SOURCE_OF = {word.lower(): code for code, text in SOURCES.items() for word in (text.zh, text.en)}
_YES = {"是", "要", "需要", "要求", "yes", "y", "1", "true"}
_NO = {"", "否", "不", "无", "不要", "不需要", "no", "n", "0", "false"}
_HEAD_WITHIN = 10  # rows in which the head stands, below a title


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
    """Return how a column is named in the first line; by its name in the API it is found as well."""
    return COLUMNS.get(name, _same(name))


def _unreadable(zh: str, en: str) -> BadInput:
    return BadInput(zh=f"文件无法读取：{zh}", en=f"the file cannot be read: {en}")


def _xlsx_rows(content: bytes) -> Iterator[Sequence[Any]]:
    try:
        with opened(content) as book:
            for _own, row in rows_of(book.worksheets[0], most_rows=MOST_ROWS + _HEAD_WITHIN + 1, most_columns=64):
                yield row
    except UnreadableWorkbook as error:
        raise _unreadable(error.text.zh, error.text.en) from error


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


def _places(header: Sequence[Any]) -> dict[str, int]:
    """Return where each column stands, by its name or its label in either language."""
    found = {text_of(cell).lower(): place for place, cell in reversed(list(enumerate(header)))}
    places = {}
    for name, label in COLUMNS.items():
        spelt = [word for word in (name, label.zh.lower(), label.en.lower()) if word in found]
        if spelt:
            places[name] = found[spelt[0]]
    return places


def _head(rows: Iterator[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    """Return the row of the head, counted from 1, and its columns; BadInput names those that no row has."""
    first: dict[str, int] = {}
    for at, row in zip(range(1, _HEAD_WITHIN + 1), rows, strict=False):
        places = _places(row)
        if all(name in places for name in _NEEDED):
            return at, places
        first = max(first, places, key=len)
    absent = [COLUMNS[name] for name in _NEEDED if name not in first]
    zh, en = "、".join(label.zh for label in absent), ", ".join(label.en for label in absent)
    raise _unreadable(f"表头缺少列：{zh}", f"the head lacks the columns {en}")


def parse(*, name: str, content: bytes, at: datetime) -> Parsed:
    """Return the leads of a file; nothing is stored. BadInput when the file as a whole cannot be used."""
    rows = _xlsx_rows(content) if name.lower().endswith(".xlsx") else _csv_rows(content)
    head, places = _head(rows)
    leads: list[dict[str, Any]] = []
    wrong: list[CellProblem] = []
    for number, row in enumerate(rows, head + 1):
        if number > MOST_ROWS + head:
            raise _unreadable(f"超过{MOST_ROWS}行，请分批导入", f"more than {MOST_ROWS} lines: split it")
        cells = {n: row[p] if p < len(row) else None for n, p in places.items()}
        if not any(text_of(value) for value in cells.values()):
            continue
        lead = {n: text_of(value) for n, value in cells.items()}
        given: dict[str, Any] = lead | {
            "line": number,
            "source": _SOURCE_OF.get(lead["source"].lower(), lead["source"]),
            "received_on": day_of(cells["received_on"]),
            "wishes_reply": lead.get("wishes_reply", "").lower() in _YES,
        }  # fmt: skip
        found = problems(given, at)
        if lead.get("wishes_reply", "").lower() not in _YES | _NO:
            found["wishes_reply"] = Text("请填“是”或“否”", "say yes or no")
        for column, text in found.items():
            cell = f"{get_column_letter(places[column] + 1)}{number}" if column in places else str(number)
            wrong.append(CellProblem(cell, heading(column), lead.get(column, ""), text))
        if not found:
            leads.append(given)
    return Parsed(tuple(leads), tuple(wrong))


def template_rows() -> list[list[Text]]:
    """Return the header and one example of a file of leads; it comes back in either language."""
    report, yes = Text("反映该户夜间绕表用电", "Is said to use power past the meter at night"), Text("是", "yes")
    given = {"source": SOURCES["public_report"], "received_on": _same("2026-10-15"), "text": report,
             "external_id": _same("12398-0001"), "wishes_reply": yes}  # fmt: skip
    return [list(COLUMNS.values()), [given.get(name, _same("")) for name in COLUMNS]]


def _same(value: str) -> Text:
    return Text(value, value)
