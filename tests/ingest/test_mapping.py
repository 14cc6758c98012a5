"""Mapping files: columns, codes, units, formats, constants, expressions; and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jicha.catalog.schema import schema
from jicha.errors import BadInput
from jicha.ingest.mapping import read_mapping
from jicha.ingest.units import column_unit, conversion

from .bench import Bench

MAPPING = """
name: 老营销系统
date_formats: ["%d/%m/%Y"]
ignore: ["*.log"]
tables:
  customer:
    files: ["YH_DA*"]
    columns:
      customer_id: YHBH
      usage_class: {column: YDLB, codes: {100: residential, "200": large_industrial}, default: non_residential_other}
      status: {constant: active}
      org_id: {constant: 3701}
      opened_on: {column: LHRQ}
      contract_capacity_kva: {column: HTRL, unit: MVA}
      name: {expression: "concat(YHM, '（', BZ, '）')"}
    where: "ZT <> '9'"
  bill:
    files: ["YH_ZD!账单*"]
    columns:
      bill_id: ID
      customer_id: YHBH
      point_id: YHBH
      period: NY
      billed_kwh: {column: DL, unit: 万kWh}
      total_yuan: {column: DF, round: true}
  contract:
    files: ["YH_DA*"]
    columns:
      contract_id: {expression: "'H' || YHBH"}
      customer_id: YHBH
"""


def mapped(bench: Bench, text: str = MAPPING) -> Path:
    path = bench.source.parent / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_codes_units_formats_constants_expressions(bench: Bench) -> None:
    rows = ["1|甲|a|100|05/01/2026|0.5|1", "2|乙|b|300|31/12/2025|2|1", "3|丙|c|200||1|9"]
    bench.write("YH_DA_01.txt", "\n".join(["YHBH|YHM|BZ|YDLB|LHRQ|HTRL|ZT", *rows]), "gb18030")
    bench.write("x.log", "x")
    result = bench.load(mapping=mapped(bench))
    assert bench.table("customer", "customer_id, name, org_id, usage_class, opened_on, contract_capacity_kva") == [
        ("1", "甲（a）", "3701", "residential", date(2026, 1, 5), 500.0),
        ("2", "乙（b）", "3701", "non_residential_other", date(2025, 12, 31), 2000.0),
    ]
    assert len(bench.table("contract")) == 3  # a file may feed several tables
    assert [file["filtered"] for file in result.files] == [1, 0]
    assert result.files[0]["columns"]["contract_capacity_kva"] == "column HTRL, unit MVA"


def test_sheets_units_and_rounding(bench: Bench) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(bench.source / "YH_ZD.xlsx")) as book:
        sheet = book.add_worksheet("账单1月")
        for index, cells in enumerate([["ID", "YHBH", "NY", "DL", "DF"], [1, 2, 202601, 1.23456, 12.345]]):
            sheet.write_row(index, 0, cells)
    bench.load(mapping=mapped(bench))
    assert bench.table("bill", "billed_kwh, total_yuan, period") == [
        (Decimal("12345.60"), Decimal("12.35"), date(2026, 1, 1))
    ]


def test_a_unit_in_the_header_is_converted(bench: Bench) -> None:
    bench.write("bill.csv", "应收编号,用户编号,计量点编号,电费年月,结算电量(万kWh)\n1,2,3,202601,1.5\n")
    bench.load()
    assert bench.table("bill", "billed_kwh") == [(Decimal("15000.00"),)]


def test_every_unit_of_a_column_converts_to_itself() -> None:
    for table in schema().tables.values():
        for column in table.columns.values():
            unit = column_unit(column)
            if unit is not None and conversion(unit, unit) is not None:
                assert conversion(unit, unit) == 1
    assert conversion("MVA", "kVA") == 1000
    assert conversion("万元", "元") == 10_000
    assert conversion("kWh", "元") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tables: {nothing: {}}", "unknown key nothing"),
        ("table: {}", "unknown key table"),
        ("tables: {customer: {columns: {nome: X}}}", "unknown key nome"),
        ("tables: {customer: {columns: {name: {column: A, constant: B}}}}", "exactly one of"),
        ("tables: {customer: {columns: {status: {column: A, codes: {1: ok}}}}}", "has no code “ok”"),
        ("tables: {bill: {columns: {billed_kwh: {column: A, unit: 元}}}}", "does not convert to “kwh”"),
        ("tables: {customer: {columns: {name: {expression: '(select 1)'}}}}", "cannot be used"),
        ("tables: {customer: {columns: {name: {expression: 'max(A)'}}}}", "cannot be used"),
        ("tables: {customer: {columns: {name: {expression: 'row_number() over ()'}}}}", "cannot be used"),
        ("tables: {customer: {columns: {name: {expression: \"read_text('/etc/passwd')\"}}}}", "cannot be used"),
        ("tables: {customer: {columns: {name: {expression: 'getenv(A)'}}}}", "cannot be used"),
        ("tables: {customer: {columns: {name: {expression: 'A from t'}}}}", "cannot be used"),
        ("tables: {customer: {columns: {name: {expression: 'A +'}}}}", "cannot be used"),
        ("encoding: klingon", "unknown encoding"),
        ("tables: [", "YAML syntax error"),
    ],
)
def test_what_is_refused_names_file_and_key(bench: Bench, text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_mapping(mapped(bench, text), schema())
    assert words in caught.value.text.en
    assert "mapping.yaml" in caught.value.text.zh


def test_a_missing_source_column_names_file_and_key(bench: Bench) -> None:
    bench.write("YH_DA.csv", "YHBH,YHM,YDLB,LHRQ,HTRL,ZT\n1,甲,100,,1,1\n")
    with pytest.raises(BadInput) as caught:
        bench.load(mapping=mapped(bench))
    assert "tables.customer.columns.name" in caught.value.text.en
    assert "“BZ”" in caught.value.text.zh
    assert "YH_DA.csv" in caught.value.text.zh
    bench.write("YH_DA.csv", "YHBH,YHM,BZ,LHRQ,HTRL,ZT\n1,甲,,,1,1\n")
    with pytest.raises(BadInput) as caught:
        bench.load(mapping=mapped(bench))
    assert "没有列“YDLB”" in caught.value.text.zh
    assert "YH_DA.csv" in caught.value.text.zh
    assert "请改映射文件中的列名" in caught.value.text.zh


def test_a_file_that_fits_no_entry_is_told_what_the_mapping_asks_for(bench: Bench) -> None:
    bench.write("KH_DA.csv", "KHBH,KHM\n1,甲\n")
    with pytest.raises(BadInput) as caught:
        bench.load(mapping=mapped(bench))
    assert "KH_DA.csv" in caught.value.text.zh
    assert "YH_DA_*" in caught.value.text.zh or "YH_DA*" in caught.value.text.zh
    assert "mend `files`" in caught.value.text.en
