"""Workbooks as people lay them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from .bench import Bench, chinese, row

HEADER = chinese("bill", ["bill_id", "customer_id", "point_id", "period", "total_yuan", "issued_on"])


def write_book(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], *, top: int = 0, left: int = 0) -> None:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for index, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    if value is not None:
                        sheet.write(top + index, left + column, value)


def bill(number: int, **values: Any) -> list[Any]:
    cells: dict[str, Any] = {
        "id": 1000 + number,
        "c": f"C{number}",
        "p": f"P{number}",
        "period": "202601",
        "yuan": 12.5,
        "on": date(2026, 1, 5),
    }
    return list((cells | values).values())


def test_plain_sheet(bench: Bench) -> None:
    write_book(bench.source / "x.xlsx", {"电费账单": [HEADER, bill(1), bill(2, yuan=0.1 + 0.2, on=46027)]})
    bench.load()
    assert bench.table("bill", "bill_id, total_yuan, issued_on") == [
        ("1001", Decimal("12.50"), date(2026, 1, 5)),
        ("1002", Decimal("0.30"), date(2026, 1, 5)),
    ]


def test_long_numbers_lose_digits_and_formulas_without_value_are_not_empty(bench: Bench) -> None:
    path = bench.source / "x.xlsx"
    bills = [bill(number, id=110_000_000_000_000 + number) for number in range(6)]
    bills[1] = bill(1, id=3_300_000_000_000_000_123)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("电费账单 A&B")
        for index, cells in enumerate([HEADER, *bills]):
            for column, value in enumerate(cells):
                sheet.write(index + 2, column + 1, value)
        sheet.write_formula(5, 5, "=1/0", None, "#DIV/0!")
        sheet.write_formula(6, 5, '=IF("a"<"b",1,2)', None, "")  # never computed
        sheet.write_formula(7, 5, "=1+1", None, 2)
    bench.load()
    assert bench.table("bill", "bill_id, total_yuan") == [
        ("110000000000000", Decimal("12.50")),
        ("110000000000004", Decimal("2.00")),
        ("110000000000005", Decimal("12.50")),
    ]
    assert [(line, name, value) for line, name, _, value in bench.errors()] == [
        (5, "bill_id", "3.3e+18"),
        (6, "total_yuan", "#DIV/0!"),
        (7, "total_yuan", '=IF("a"<"b",1,2)'),
    ]


def test_titles_totals_blank_rows_and_leading_columns(bench: Bench) -> None:
    rows = [
        ["2026年1月电费账单"],
        [],
        HEADER,
        bill(1),
        [],
        bill(2, yuan="x"),
        bill(3),
        ["合计", None, None, None, 37.5],
    ]
    write_book(bench.source / "电费账单_城东.xlsx", {"Sheet1": rows}, top=2, left=3)
    result = bench.load()
    file = result.files[0]
    assert {k: file[k] for k in ("lines", "header", "blank", "totals", "accepted", "rejected")} == {
        "lines": 10, "header": 5, "blank": 1, "totals": 1, "accepted": 2, "rejected": 1,
    }  # fmt: skip
    assert bench.record("rejects", "sheet, line, code") == [("Sheet1", 8, "type")]


def test_merged_cells(bench: Bench) -> None:
    path = bench.source / "b.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("电费账单(城东)")
        sheet.merge_range(0, 0, 0, 5, "账单")
        for column, label in enumerate(HEADER):
            if column in {4, 5}:
                sheet.write(2, column, label)
            else:
                sheet.merge_range(1, column, 2, column, label)
        sheet.merge_range(1, 4, 1, 5, "金额")
        for index in range(2):
            for column, value in enumerate(bill(index)):
                if column != 3:
                    sheet.write(3 + index, column, str(value))
        sheet.merge_range(3, 3, 4, 3, "2026年1月")
    result = bench.load()
    assert (result.accepted, result.rejected, result.files[0]["header"]) == (2, 0, 3)
    assert bench.table("bill", "DISTINCT period") == [(date(2026, 1, 1),)]


def test_several_sheets(bench: Bench) -> None:
    organization = [["单位编码", "单位名称", "单位层级"], ["S1", "城东", "供电所"]]
    sheets = {"说明": [["本表由营销系统导出"]], "电费账单": [HEADER, bill(1)], "Sheet3": organization, "空": []}
    write_book(bench.source / "导出.xlsx", sheets)
    result = bench.load()
    assert set(result.tables) == {"bill", "organization"}
    assert [item["sheet"] for item in result.unrecognised] == ["说明"]
    assert result.exit_code == 1


def test_times_and_identifiers(bench: Bench) -> None:
    header = chinese("payment", ["payment_id", "customer_id", "yuan", "received_at"])
    first = [3701000123456, 12.0, 1, datetime(2026, 1, 5, 13, 45, 30)]
    rows: list[list[Any]] = [header, first, [2, "0012", 1.005, 46027.5]]
    write_book(bench.source / "payment.xlsx", {"收费记录": rows})
    bench.load()
    assert bench.table("payment", "payment_id, customer_id, received_at") == [
        ("3701000123456", "12", datetime(2026, 1, 5, 13, 45, 30))
    ]
    assert bench.errors() == [(3, "yuan", "type", "1.005")]


@pytest.mark.parametrize(
    "name", ["customer", "用电客户_202601", "用电客户-2", "ＣＵＳＴＯＭＥＲ（城东）", "Customer 3"]
)
def test_names_of_files(bench: Bench, name: str) -> None:
    bench.rows(f"{name}.csv", "customer", [row("customer", 1)])
    assert list(bench.load().tables) == ["customer"]
