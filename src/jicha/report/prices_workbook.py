"""Price supervision and price differences as workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from jicha.errors import BadInput
from jicha.language import Language
from jicha.prices.describe import change_record, statement_record
from jicha.prices.diff import Difference
from jicha.prices.read import code_label
from jicha.prices.statements import Supervision, page_word
from jicha.warehouse.cells import SHEET_ROWS

_STATEMENT = ("outcome", "kind", "place", "code", "edition", "band", "expected", "found", "difference", "unit",
              "customers", "kwh", "what")  # fmt: skip
_CHANGE = ("code", "name", "price", "unit", "old", "new", "change", "percent", "customers", "points", "kwh", "monthly")
_TOUCHED = ("customer", "name", "point", "code", "kwh", "monthly")
_WIDE = {"what": 70, "name": 26, "place": 24, "kind": 16, "price": 22}


def write_supervision_workbook(found: Supervision, path: Path, language: Language) -> None:
    """Write all statements on one sheet, contradictions first."""
    with xlsxwriter.Workbook(str(path)) as book:
        order = {"contradiction": 0, "doubtful": 1, "unchecked": 2}
        ordered = sorted(found.statements, key=lambda item: order[item.outcome.value])
        records = [statement_record(item, language) for item in ordered]
        rows = [
            {**record, "outcome": page_word(record["outcome"], language), "place": record["place_label"],
             "code": record["code_label"]}
            for record in records
        ]  # fmt: skip
        _sheet(book, page_word("title", language), _STATEMENT, rows, language)


def write_difference_workbook(found: Difference, path: Path, language: Language) -> None:
    """Write the changed prices, and the points touched with masked names."""
    with xlsxwriter.Workbook(str(path)) as book:
        rows = [{**change_record(item, language), "price": code_label(item.price, language)} for item in found.changes]
        _sheet(book, page_word("diff_title", language), _CHANGE, rows, language)
        touched = (
            {"customer": item.customer_id, "name": item.name, "point": item.point_id, "code": item.tariff_code,
             "kwh": item.kwh, "monthly": item.monthly_yuan}
            for item in found.touched
        )  # fmt: skip
        _sheet(book, page_word("customers", language), _TOUCHED, touched, language)


def _sheet(book: Any, title: str, names: Sequence[str], rows: Iterable[dict[str, Any]], language: Language) -> None:
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bg_color": "#E9EFF6", "border": 1})
    for column, name in enumerate(names):
        sheet.write_string(0, column, page_word(name, language), head)
        sheet.set_column(column, column, _WIDE.get(name, 14))
    last = 0
    for last, row in enumerate(rows, start=1):
        if last > SHEET_ROWS:  # the library would leave the rest out without a word
            raise BadInput(
                zh=f"“{title}”超过 {SHEET_ROWS} 行，一张工作表放不下；--json 给出各价格的合计，不含逐点明细。",
                en=f"“{title}” has more than {SHEET_ROWS} rows, too many for a sheet; --json gives the sums of each "
                "price without the points",
            )
        for column, name in enumerate(names):
            value = row[name]
            if isinstance(value, Decimal | int):
                sheet.write_number(last, column, float(value))
            elif value is not None:
                sheet.write_string(last, column, value.isoformat() if isinstance(value, date) else str(value))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(names) - 1)
