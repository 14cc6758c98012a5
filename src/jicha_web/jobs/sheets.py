"""All rows of a list as a workbook, written in the background: what a part registers, one work and one button do.

    sheets.register(Sheet("leads", _("Leads"), ("case_view",), heads, rows))
    {% sheet_button "leads" %}

`rows` is called within the scope of who asked and gives the lines of the filter in the order of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from jicha_web.jobs.work import Running, work
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import may, scope_of
from jicha_web.organisation.scope import NOTHING, Scope, scoped

_BATCH = 1000
_CELL = 32_767
SHEET_ROWS = 1_000_000  # Excel ends at 1,048,576


@dataclass(frozen=True)
class Lines:
    """What a list gives: how many, and the cells of each."""

    total: int
    cells: Iterable[list[Any]]


@dataclass(frozen=True)
class Sheet:
    """A list that can be exported. actions: rights of which one is needed beside `export`; heads: in the language.

    own: rights of which one is enough without `export`, for a list that has one of its own.
    """

    name: str
    title: Any  # lazy text
    actions: tuple[str, ...]
    heads: Callable[[], list[str]]
    rows: Callable[[QueryDict, Person, datetime], Lines]
    own: tuple[str, ...] = ()


_sheets: dict[str, Sheet] = {}


def no_formula(cell: str) -> str:
    """Return a cell of a CSV file that no spreadsheet takes for a formula; workbooks say of each cell what it is."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def register(sheet: Sheet) -> None:
    """Add a list; called by its app's `ready`."""
    _sheets[sheet.name] = sheet


def sheet_of(name: str) -> Sheet | None:
    """Return a list by its name."""
    return _sheets.get(name)


def may_export(sheet: Sheet, holds: Callable[[str], bool]) -> bool:
    """Whether someone who holds some rights may see a list and take it out."""
    return any(map(holds, sheet.own)) or (holds("export") and any(map(holds, sheet.actions)))


def _sight(sheet: Sheet, by: Person, day: date) -> Scope:
    """Return the units whose rows someone may take out of a list."""
    with_export = scope_of(by, day, "export").within(scope_of(by, day, *sheet.actions))
    own = scope_of(by, day, *sheet.own) if sheet.own else NOTHING
    return Scope((*with_export.paths, *own.paths))


@work("export_list")
def export_list(job: Running, *, name: str, query: str, **_later: Any) -> None:
    """Write all rows that an address asks for to NAME.xlsx; personal values masked as on the page."""
    assert job.by is not None
    sheet = _sheets[name]
    by, day = job.by, timezone.localdate(job.at)
    if not may_export(sheet, lambda action: may(by, action, day)):
        raise PermissionDenied("export")
    with scoped(_sight(sheet, by, day)):
        _write(job, sheet, query)


def _write(job: Running, sheet: Sheet, query: str) -> None:
    assert job.by is not None
    name, lines = sheet.name, sheet.rows(QueryDict(query), job.by, job.at)
    path = job.folder / f"{name}.xlsx"
    write_book(path, str(sheet.title), sheet.heads(), lines, job)
    job.progress(lines.total, lines.total, gettext("%(name)s, rows: %(n)d") % {"name": sheet.title, "n": lines.total})
    job.result(rows=lines.total)
    job.result_file(path.name, path)


def write_book(path: Path, title: str, heads: list[str], lines: Lines, job: Running) -> None:
    """Write lines as a workbook, on as many sheets as they need, telling how far it is."""
    book = xlsxwriter.Workbook(
        str(path),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )  # fmt: skip
    writer = _Writer(book, title, heads)
    for number, cells in enumerate(lines.cells):
        if number % _BATCH == 0:
            job.progress(number, lines.total, gettext("Writing the workbook"))
        writer.row(cells)
    book.close()


class _Writer:
    """Sheets of one list; a new one when one is full."""

    def __init__(self, book: Any, title: str, heads: list[str]) -> None:
        self._book, self._title, self._heads = book, title, heads
        self._bold = book.add_format({"bold": True, "bg_color": "#E8EEF6", "bottom": 1})
        self._money = book.add_format({"num_format": "#,##0.00"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._count = 0
        self._new_sheet()

    def _new_sheet(self) -> None:
        self._count += 1
        self._sheet = self._book.add_worksheet(self._title if self._count == 1 else f"{self._title} {self._count}")
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._heads) - 1, 18)
        self._sheet.write_row(0, 0, self._heads, self._bold)
        self._line = 0

    def row(self, cells: list[Any]) -> None:
        if self._line == SHEET_ROWS:
            self._new_sheet()
        self._line += 1
        for column, value in enumerate(cells):
            self._cell(column, value)

    def _cell(self, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            local = timezone.localtime(value).replace(tzinfo=None)
            self._sheet.write_datetime(self._line, column, local, self._instant)
        elif isinstance(value, date):
            self._sheet.write_datetime(self._line, column, value, self._day)
        elif isinstance(value, Decimal):
            self._sheet.write_number(self._line, column, float(value), self._money)
        elif isinstance(value, int | float):
            self._sheet.write_number(self._line, column, value)
        else:
            text = str(value)
            self._sheet.write_string(self._line, column, text if len(text) <= _CELL else text[: _CELL - 1] + "…")
