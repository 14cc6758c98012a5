"""Workbooks as people make them: a title above the header, merged, an empty first column, a row of totals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from jicha.catalog.schema import Column, schema
from jicha.language import Language

_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 -- a fixed stamp: the same city gives the same file


def write_workbook(path: Path, sheets: Mapping[str, Any], *, title: str, indent: int = 1) -> None:
    """Write Arrow tables to the sheets of one workbook; keys are canonical table names."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": False, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": title, "author": "云溪供电公司营销部", "created": _CREATED})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14, "align": "center"}),
        "header": book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "total": book.add_format({"bold": True, "num_format": "#,##0.00", "top": 1}),
    }
    for name, table in sheets.items():
        _sheet(book.add_worksheet(schema()[name].zh), formats, name, table, indent)
    book.close()


def _sheet(sheet: Any, formats: Mapping[str, Any], name: str, table: Any, indent: int) -> None:
    columns = [schema()[name].columns[c] for c in table.column_names]
    last = indent + len(columns) - 1
    sheet.merge_range(0, indent, 0, max(last, indent + 1), f"云溪供电公司{schema()[name].zh}明细表", formats["title"])
    sheet.write(1, indent, "制表单位：营销部")
    for offset, column in enumerate(columns):
        sheet.write_string(2, indent + offset, column.zh, formats["header"])
        values = table.column(offset).to_pylist()
        _fill(sheet, formats, indent + offset, column, values)
    summed = [c for c in columns if c.name.endswith("_yuan") and c.decimal]
    if summed:
        below = 3 + table.num_rows
        sheet.write_string(below, indent, "合计", formats["total"])
        for offset, column in enumerate(columns):
            if column in summed:
                total = sum(float(v) for v in table.column(offset).to_pylist() if v is not None)
                sheet.write_number(below, indent + offset, round(total, 2), formats["total"])
    sheet.freeze_panes(3, 0)
    sheet.set_column(indent, last, 14)


def _fill(sheet: Any, formats: Mapping[str, Any], at: int, column: Column, values: list[Any]) -> None:
    labels = {code: column.value_label(code, Language.ZH) for code in column.labels}
    for row, value in enumerate(values, start=3):
        if value is None:
            continue
        if column.decimal:
            sheet.write_number(row, at, float(value), formats["money"] if column.name.endswith("_yuan") else None)
        elif column.type == "date":
            sheet.write_datetime(row, at, datetime(value.year, value.month, value.day), formats["date"])  # noqa: DTZ001
        elif column.type == "timestamp":
            sheet.write_string(row, at, value.strftime("%Y-%m-%d %H:%M:%S"))
        elif column.type == "bool":
            sheet.write_string(row, at, "是" if value else "否")
        elif isinstance(value, int | float):
            sheet.write_number(row, at, value)
        else:
            sheet.write_string(row, at, labels.get(value, value))
