"""Every accepted form of every type, and every way to be wrong."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jicha.catalog.schema import schema

from .bench import Bench, row

NUMBERS: dict[str, Decimal | None] = {
    "1234.5": Decimal("1234.50"), "1,234,567.89": Decimal("1234567.89"), "+7": Decimal("7.00"),
    "-0.5": Decimal("-0.50"),
    "￥1,200.00": Decimal("1200.00"), "¥ 12": Decimal("12.00"), "１２３．４": Decimal("123.40"),
    "１，２３４": Decimal("1234.00"),
    "1.5e3": Decimal("1500.00"), "1.2345E2": None, ".5": Decimal("0.50"), "5.": Decimal("5.00"),
    "12.3400": Decimal("12.34"),
    " 3 ": Decimal("3.00"), "\u30004\u3000": Decimal("4.00"), "−2": Decimal("-2.00"), "-": None, "—": None,
    "NULL": None,
    "null": None, "N/A": None, "无": None, "\\N": None, "空": None, "": None, "   ": None,
}  # fmt: skip
DAYS = {
    "2026-01-05": 5, "2026/1/5": 5, "2026.1.5": 5, "20260105": 5, "2026年1月5日": 5, "2026-01-05 13:45:30": 5,
    "2026-01-05T13:45:30": 5, "46027": 5, "46027.75": 5, "２０２６－０１－０５": 5,
    "20260105134530": 5, "2026/1/5 8:00": 5,
}  # fmt: skip
TIMES = {
    "2026-01-05 13:45:30": "13:45:30", "2026-01-05T13:45:30": "13:45:30", "2026-01-05 13:45": "13:45:00",
    "2026-01-05 13:45:30.250": "13:45:30.250000", "20260105134530": "13:45:30", "2026年1月5日 13时45分30秒": "13:45:30",
    "2026年1月5日13时45分": "13:45:00", "2026/1/5 13:45": "13:45:00", "2026-01-05": "00:00:00", "46027.5": "12:00:00",
    "2026-01-05T13:45:30+08:00": "13:45:30", "20260105": "00:00:00", "202601051345": "13:45:00",
}  # fmt: skip
PERIODS = ["2026-03-01", "202603", "2026-03", "2026/3", "2026年3月", "2026.03", "20260301", "２０２６年０３月"]
BOOLS = {
    "是": True, "否": False, "true": True, "FALSE": False, "1": True, "0": False, "Y": True, "n": False, "yes": True,
    "t": True, "f": False, "√": True, "×": False, "有": True, "无": False, "-": None,
}  # fmt: skip
WRONG: dict[str, dict[str, str]] = {  # table.column -> value -> code
    "bill.total_yuan": dict.fromkeys(
        ["abc", "12.345", "1,23", "1e30", "1e-5", "nan", "inf", "12%", "1 234", "1_000", "12345678901234567.00", "--5"],
        "type",
    ),
    "bill.days": dict.fromkeys(["12.5", "3000000000", "x"], "type"),
    "bill.power_factor": dict.fromkeys(["nan", "inf", "1e999", "x"], "type"),
    "bill.issued_on": dict.fromkeys(["2026-02-30", "202601", "0026-01-05", "1月5日", "infinity", "2026-13-01"], "type"),
    "bill.period": {"2026-13": "type", "": "required", "无": "required", "26-01": "type"},
    "bill.kind": {"普通": "code", "NORMALS": "code"},
    "bill.customer_id": {"": "required", "NULL": "required", "  ": "required", "3.30E+12": "type", "#N/A": "type"},
    "customer.id_number": dict.fromkeys(["6.10101E+17", "6e+17", "#REF!", "#DIV/0!", "=A1&B1"], "type"),
    "payment.received_at": dict.fromkeys(
        ["2026-02-30 10:00:00", "2026-01-05 25:00:00", "13:45", "2026-01-05 13:45Z"], "type"
    ),
    "customer.is_temporary": {"也许": "type", "2": "type"},
}


def load_values(bench: Bench, table: str, column: str, values: list[Any]) -> None:
    bench.rows(f"{table}.csv", table, [row(table, i, **{column: value}) for i, value in enumerate(values)])
    bench.load()


def stored(bench: Bench, table: str, column: str) -> list[Any]:
    """The values of a column in the order of the rows' numbers."""
    key = next(name for name in schema()[table].key if name.endswith("_id"))
    found = {int(identity[1:]): value for identity, value in bench.table(table, f"{key}, {column}")}
    return [found[number] for number in sorted(found)]


def test_decimals(bench: Bench) -> None:
    good = {text: value for text, value in NUMBERS.items() if text != "1.2345E2"}
    load_values(bench, "bill", "total_yuan", [*good, "1.2345E2"])
    assert stored(bench, "bill", "total_yuan") == [*good.values(), Decimal("123.45")]


def test_whole_numbers_and_doubles(bench: Bench) -> None:
    load_values(bench, "bill", "days", ["12", "12.0", "1,234", "３０", "-", "1.2e1"])
    assert stored(bench, "bill", "days") == [12, 12, 1234, 30, None, 12]
    load_values(bench, "customer", "direct_motor_kva", ["1.5", "1e-3", "1,000.5", "无"])
    assert stored(bench, "customer", "direct_motor_kva") == [1.5, 0.001, 1000.5, None]


def test_days(bench: Bench) -> None:
    load_values(bench, "bill", "issued_on", [*DAYS, "-", "9999-12-31"])
    expected = [date(2026, 1, day) for day in DAYS.values()]
    assert stored(bench, "bill", "issued_on") == [*expected, None, date(9999, 12, 31)]


def test_times(bench: Bench) -> None:
    load_values(bench, "payment", "posted_at", [*TIMES, "-"])
    expected = [datetime.fromisoformat(f"2026-01-05 {time}") for time in TIMES.values()]
    assert stored(bench, "payment", "posted_at") == [*expected, None]


def test_periods_are_first_days_and_others_are_cut_and_listed(bench: Bench) -> None:
    load_values(bench, "bill", "period", [*PERIODS, "2026-03-17", "46082"])
    assert set(stored(bench, "bill", "period")) == {date(2026, 3, 1)}
    assert bench.record("warnings", "kind, value, rows, line", -1)[:1] == [("period", "2026-03-01", 1, 10)]


def test_bools(bench: Bench) -> None:
    load_values(bench, "customer", "is_temporary", list(BOOLS))
    assert stored(bench, "customer", "is_temporary") == list(BOOLS.values())


def test_codes_and_labels_of_every_enum(bench: Bench) -> None:
    for table in schema().tables.values():
        for column in table.columns.values():
            if not column.labels or column.name in table.key or "_id" not in table.key[0]:
                continue
            words = {
                code: [code, code.upper(), label["zh"], label["en"], f" {label['zh']} "]
                for code, label in column.labels.items()
            }
            values = [word for group in words.values() for word in group]
            load_values(bench, table.name, column.name, values)
            expected = [code for code, group in words.items() for _ in group]
            assert stored(bench, table.name, column.name) == expected, (table.name, column.name)
            bench.clear()
            break


def test_text(bench: Bench) -> None:
    values = ["  甲\u3000", "\tB1", "ＡＢ", "NULL", "无", "-", "a b", "\\N"]
    load_values(bench, "customer", "industry_code", values)
    assert stored(bench, "customer", "industry_code") == ["甲", "B1", "ＡＢ", None, None, None, "a b", None]
    load_values(bench, "customer", "name", values)
    # what stands in place of a person's data is itself a finding
    assert stored(bench, "customer", "name") == ["甲", "B1", "ＡＢ", None, "无", "-", "a b", None]


def test_what_keeps_digits_in_a_spreadsheet_is_taken_off(bench: Bench) -> None:
    values = ['="0012"', "'0012", "\t0012", '="ab c"', "'tis", '=" 7 "', "'", "C++"]
    load_values(bench, "customer", "industry_code", values)
    assert stored(bench, "customer", "industry_code") == ["0012", "0012", "0012", "ab c", "'tis", "7", "'", "C++"]
    load_values(bench, "bill", "total_yuan", ['="1,234.50"', "'12"])
    assert stored(bench, "bill", "total_yuan") == [Decimal("1234.50"), Decimal("12.00")]


def test_digits_that_a_double_lost_are_no_identifier(bench: Bench) -> None:
    held, lost = float(1 << 53), float(610101199001011234)
    rows = {name: pa.array([value, value]) for name, value in row("customer", 1).items()}
    rows |= {"customer_id": pa.array(["A", "B"]), "id_number": pa.array([held, lost], pa.float64())}
    rows |= {"contract_capacity_kva": pa.array([held, lost], pa.float64())}
    pq.write_table(pa.table(rows), bench.source / "customer.parquet")
    bench.load()
    assert bench.table("customer", "customer_id, id_number, contract_capacity_kva") == [("A", str(1 << 53), held)]
    assert [(line, name, code) for line, name, code, _ in bench.errors()] == [(2, "id_number", "type")]


@pytest.mark.parametrize("place", WRONG)
def test_wrong_values(bench: Bench, place: str) -> None:
    table, _, column = place.partition(".")
    load_values(bench, table, column, list(WRONG[place]))
    assert bench.table(table) == []
    expected = [(i + 2, column, code, value) for i, (value, code) in enumerate(WRONG[place].items())]
    assert [(line, name, code, value.strip()) for line, name, code, value in bench.errors()] == [
        (line, name, code, value.strip()) for line, name, code, value in expected
    ]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("total_yuan", "12.345", ("最多 2 位小数", "at most 2 decimals")),
        ("total_yuan", "x", ("应为数字", "a number such as")),
        ("total_yuan", "1e30", ("超出范围", "out of range")),
        ("days", "1.5", ("应为整数", "a whole number")),
        ("issued_on", "2026-02-30", ("应为存在的日期", "an existing day")),
        ("period", "x", ("应为年月", "a month such as")),
        ("kind", "x", ("normal（正常）", "allowed are normal, part")),
        ("customer_id", "", ("必填", "is required")),
        ("customer_id", "3.3E+12", ("末尾几位可能已丢失", "may have lost its last digits")),
        ("point_id", "#N/A", ("没有结果的公式", "a formula without a value")),
    ],
)
def test_reasons_name_the_column_and_what_is_expected(
    bench: Bench, column: str, value: str, words: tuple[str, str]
) -> None:
    load_values(bench, "bill", column, [value])
    ((zh, en),) = bench.record("rejects", "reason, reason_en")
    label = schema()["bill"].columns[column].zh
    assert words[0] in zh
    assert words[1] in en
    assert f"“{label}”" in zh
    assert f"“{label}”" in en


def test_typed_parquet(bench: Bench) -> None:
    rows = {
        "bill_id": pa.array([1, 2, 3, 4, 5], pa.int64()),
        "customer_id": pa.array(["C1"] * 5),
        "point_id": pa.array([7.0] * 5, pa.float64()),
        "period": pa.array([date(2026, 1, 1)] * 4 + [date(2026, 1, 9)]),
        "days": pa.array([30.0, 30.5, None, 31.0, 31.0], pa.float64()),
        "total_yuan": pa.array([0.1 + 0.2, 1.0, 12.345, float("nan"), 1e10], pa.float64()),
        "billed_kwh": pa.array([Decimal("1.500")] * 4 + [Decimal("1.505")], pa.decimal128(10, 3)),
        "issued_on": pa.array([datetime(2026, 1, 5, 13)] * 5, pa.timestamp("us")),
        "power_factor": pa.array([0.9] * 5, pa.float32()),
    }
    pq.write_table(pa.table(rows), bench.source / "bill_202601.parquet")
    bench.load()
    assert bench.table("bill", "bill_id, point_id, days, total_yuan, issued_on, power_factor") == [
        ("1", "7", 30, Decimal("0.30"), date(2026, 1, 5), 0.9)
    ]
    assert [(line, name, code) for line, name, code, _ in bench.errors()] == [
        (2, "days", "type"),
        (3, "total_yuan", "type"),
        (4, "total_yuan", "type"),
        (5, "billed_kwh", "type"),
    ]
