"""Lists of cases as workbooks: written with the columns to fill in, read back cell by cell."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter
from django.utils import timezone
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped, unused-ignore]

from jicha_web.cases import titles
from jicha_web.cases.models import Case
from jicha_web.cases.spreadsheet import UnreadableWorkbook, opened, rows_of, text_of
from jicha_web.core import Language, Text
from jicha_web.field.demands import ReplyField, evidence
from jicha_web.field.errors import UnableToVisit

LIMITS = {"summary": 5000, "other_problems": 5000, "order_number": 64, "order_result": 5000, "inspector": 100}
NUMBER = Text("工单号", "Case number")
GIVEN = (  # columns that say which case it is
    (NUMBER, 18), (Text("标题", "Title"), 28), (Text("户号", "Customer number"), 14), (Text("户名", "Name"), 16),
    (Text("用电地址", "Address"), 24), (Text("单位", "Unit"), 16), (Text("期限", "Deadline"), 16),
    (Text("疑点说明", "What is suspected"), 44),
)  # fmt: skip
_SHEET = Text("核查清单", "Cases to check")
_HELP = Text("填写说明", "How to fill it in")
_REQUIRED = {
    "always": Text("必填", "required"),
    "when_true": Text("属实时必填", "required when true"),
    "never": Text("选填", "optional"),
}
_EXPECTED = {
    "summary": Text("文字，最多 5000 字", "text, at most 5000 characters"),
    "other_problems": Text("文字；没有请填“无”", 'text; "none" if there are none'),
    "order_number": Text("营销系统整改工单编号，最多 64 字符", "number in the marketing system, at most 64 characters"),
    "order_started_on": Text("日期，如 2026-10-15，不晚于今天", "a day such as 2026-10-15, not in the future"),
    "order_result": Text("文字，最多 5000 字", "text, at most 5000 characters"),
    "inspector": Text("核查人姓名", "name of the inspector"),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell: where, what was found, what is expected."""

    sheet: str
    cell: str
    column: Text
    value: str
    what: Text
    expected: Text


@dataclass(frozen=True)
class Line:
    """One line of a list as it was read; `cells` by code of the reply field, `number` of the case."""

    sheet: str
    row: int
    number: str
    number_cell: str
    cells: Mapping[str, Any]
    places: Mapping[str, str]  # code → cell
    is_empty: bool  # nothing was filled in here; what a cell merged downwards says is not


def expected_of(code: str) -> Text:
    """Say what a column takes."""
    if code == "verdict":
        words = evidence().verdicts.values()
        return Text("、".join(w.zh for w in words), ", ".join(w.en for w in words))
    return _EXPECTED[code]


# --- out


def write(cases: Iterable[tuple[Case, Mapping[str, str]]], language: Language) -> bytes:
    """Return the workbook of some cases, each with the name and address that may be shown."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(made, options)
    sheet = book.add_worksheet(_SHEET.to(language))
    fields = evidence().list_fields
    looks = {
        "head": book.add_format({"bold": True, "bg_color": "#EAF0F4", "border": 1, "text_wrap": True, "valign": "top"}),
        "ask": book.add_format({"bold": True, "bg_color": "#FFF1DC", "border": 1, "text_wrap": True, "valign": "top"}),
        "given": book.add_format({"text_wrap": True, "valign": "top", "font_color": "#4A5869"}),
        "cell": book.add_format({"locked": False, "text_wrap": True, "valign": "top", "num_format": "@"}),
        "day": book.add_format({"locked": False, "valign": "top", "num_format": "yyyy-mm-dd"}),
    }
    for place, (label, width) in enumerate(GIVEN):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, label.to(language), looks["head"])
    for place, one in enumerate(fields, len(GIVEN)):
        sheet.set_column(place, place, 20, looks["day" if one.code == "order_started_on" else "cell"])
        sheet.write_string(0, place, one.label.to(language) + (" *" if one.required != "never" else ""), looks["ask"])
    count = 0
    for count, (case, shown) in enumerate(cases, 1):
        due = "" if case.due_at is None else f"{timezone.localtime(case.due_at):%Y-%m-%d %H:%M}"
        values = [
            case.number, titles.title_of(case.title).to(language), case.customer_id or case.subject_id,
            shown["name"], shown["address"], case.organisation.name, due, case.description[:2000],
        ]  # fmt: skip
        for place, value in enumerate(values):
            sheet.write_string(count, place, value, looks["given"])
        for place, one in enumerate(fields, len(GIVEN)):
            sheet.write_blank(count, place, None, looks["day" if one.code == "order_started_on" else "cell"])
    _validate(sheet, fields, max(count, 1), language)
    sheet.freeze_panes(1, 1)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})
    _explain(book, fields, language)
    book.close()
    return made.getvalue()


def _validate(sheet: Any, fields: Sequence[ReplyField], last: int, language: Language) -> None:
    for place, one in enumerate(fields, len(GIVEN)):
        rule: dict[str, Any] = {
            "input_title": one.label.to(language)[:32], "input_message": expected_of(one.code).to(language)[:255],
            "error_title": one.label.to(language)[:32], "error_message": expected_of(one.code).to(language)[:255],
        }  # fmt: skip
        if one.code == "verdict":
            rule |= {"validate": "list", "source": [w.to(language) for w in evidence().verdicts.values()]}
        elif one.code == "order_started_on":
            rule |= {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1)}
        else:
            rule |= {"validate": "length", "criteria": "<=", "value": LIMITS[one.code]}
        sheet.data_validation(1, place, last, place, rule)


def _explain(book: Any, fields: Sequence[ReplyField], language: Language) -> None:
    sheet = book.add_worksheet(_HELP.to(language))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 2, 44)
    bold = book.add_format({"bold": True})
    for place, head in enumerate((Text("列", "Column"), Text("是否必填", "Required"), Text("要求", "Expected"))):
        sheet.write_string(0, place, head.to(language), bold)
    for row, one in enumerate(fields, 1):
        for place, text in enumerate((one.label, _REQUIRED[one.required], expected_of(one.code))):
            sheet.write_string(row, place, text.to(language))


# --- in


def _unreadable(zh: str, en: str) -> UnableToVisit:
    return UnableToVisit(Text(f"文件无法读取：{zh}", f"the file cannot be read: {en}"))


def read(content: bytes) -> Iterator[Line]:
    """Yield the lines of the sheet that holds the list. Raises UnableToVisit when there is none."""
    try:
        with opened(content) as book:
            yield from _lines(book)
    except UnreadableWorkbook as error:
        raise _unreadable(error.text.zh, error.text.en) from error


def _lines(book: Any) -> Iterator[Line]:
    most = evidence().list_rows
    for sheet in book.worksheets:
        rows = rows_of(sheet, most_rows=most + 12, most_columns=64)
        for at, (row, _read) in enumerate(rows, 1):
            places = _places(row)
            if places is None:
                if at >= 10:  # the head stands at the top, below a title at most
                    break
                continue
            absent = [f for f in evidence().list_fields if f.code not in places]
            if absent:
                zh, en = "、".join(f.label.zh for f in absent), ", ".join(f.label.en for f in absent)
                raise _unreadable(f"“{sheet.title}”缺少列：{zh}", f"“{sheet.title}” lacks the columns {en}")
            for count, (number, (own, cells)) in enumerate(
                ((n, c) for n, c in enumerate(rows, at + 1) if any(map(text_of, c[0])))
            ):
                if count >= most:
                    raise _unreadable(f"超过 {most} 行，请分批回填", f"more than {most} lines: split it")
                yield _line(sheet.title, number, own, cells, places)
            return
    raise _unreadable(
        "找不到“工单号”列，请使用系统导出的清单", "there is no column “Case number”: use the exported list"
    )


def _line(sheet: str, row: int, own: Sequence[Any], cells: Sequence[Any], places: Mapping[str, int]) -> Line:
    def value(code: str) -> Any:
        place = places[code]
        return cells[place] if place < len(cells) else None

    empty = not any(text_of(own[place]) for code, place in places.items() if code != "number" and place < len(own))
    names = {code: f"{get_column_letter(place + 1)}{row}" for code, place in places.items()}
    replies = {code: value(code) for code in places if code != "number"}
    return Line(sheet, row, text_of(value("number")), names["number"], replies, names, empty)


def _places(row: Sequence[Any]) -> dict[str, int] | None:
    """Return where each column stands, by its Chinese or English label; None when this is not the head."""
    found = {text_of(cell).rstrip("* ").lower(): place for place, cell in reversed(list(enumerate(row)))}
    wanted = {"number": NUMBER, **{f.code: f.label for f in evidence().list_fields}}
    places = {}
    for code, label in wanted.items():
        for text in (label.zh, label.en):
            if text.lower() in found:
                places[code] = found[text.lower()]
    return places if "number" in places else None
