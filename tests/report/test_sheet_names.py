"""Names and sizes of worksheets: what a spreadsheet would refuse, or lose without a word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from jicha.errors import BadInput
from jicha.language import Language
from jicha.prices.diff import Difference, Touched
from jicha.report import prices_workbook
from jicha.report.bill import sheet_name


def test_points_with_any_number_get_a_sheet_each(tmp_path: Path) -> None:
    points = ["33/001", "33:001", "P1", "p1", "8" * 40 + "1", "8" * 40 + "2", "'quoted'", "[]", ""]
    names: list[str] = []
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        for point in points:
            names.append(sheet_name(point, names))
            book.add_worksheet(names[-1])  # raises on what a spreadsheet does not take
    assert names[:4] == ["33_001", "33_001 2", "P1", "p1 2"]
    assert max(map(len, names)) <= 31


def test_no_row_is_left_out_of_a_full_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point = Touched(customer_id="C1", name="", point_id="P1", tariff_code="T", kwh=Decimal(1), monthly_yuan=Decimal(1))
    found = Difference(str(date(2026, 1, 1)), str(date(2026, 2, 1)), (), (point,) * 3)
    monkeypatch.setattr(prices_workbook, "SHEET_ROWS", 2)
    with pytest.raises(BadInput, match="more than 2 rows"):
        prices_workbook.write_difference_workbook(found, tmp_path / "d.xlsx", Language.ZH)
