"""Parameters: what a person types is read by the declared type, never by how it looks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jicha.catalog.parameters import Parameter
from jicha.errors import BadInput


def parameter(type_: str, **values: Any) -> Parameter:
    return Parameter(name="p", type=type_, default=None, **values)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("int", "010", 10), ("int", "+7", 7), ("int", " -3 ", -3),
        ("decimal(8,3)", "0.125", Decimal("0.125")), ("decimal(18,2)", "1.50", Decimal("1.5")),
        ("double", "0.5", Decimal("0.5")),
        ("string", "no", "no"), ("string", "1:30", "1:30"), ("string", "010", "010"), ("string", "1e3", "1e3"),
        ("string", "2026-01-05", "2026-01-05"), ("time", "12:30:00", "12:30:00"), ("string", "~", "~"),
        ("bool", "no", False), ("bool", "True", True), ("bool", "是", True),
        ("date", "2026-01-05", date(2026, 1, 5)),
    ],
)  # fmt: skip
def test_a_typed_value_is_of_its_type(type_: str, text: str, value: object) -> None:
    read = parameter(type_).read(text, "X")
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("int", "1e3", "an integer"), ("int", "1:30", "an integer"), ("int", "no", "an integer"),
        ("int", "0x1F", "an integer"), ("int", "1_000", "an integer"), ("int", "1.5", "an integer"),
        ("int", "9223372036854775808", "an integer"), ("int", "１２", "an integer"),
        ("decimal(8,3)", "1e3", "a number such as 12.5"), ("decimal(8,3)", ".inf", "a number"),
        ("decimal(8,3)", "0.1255", "3 after the point"), ("decimal(8,3)", "123456", "at most 5 digits before"),
        ("bool", "0", "true / false"), ("date", "5.1.2026", "YYYY-MM-DD"),
    ],
)  # fmt: skip
def test_what_is_none_of_its_type_is_refused_with_what_was_expected(type_: str, text: str, expected: str) -> None:
    with pytest.raises(BadInput, match="parameter p is") as told:
        parameter(type_).read(text, "X")
    assert expected in told.value.text.en and repr(text) in told.value.text.en


def test_bounds_hold_for_what_is_typed() -> None:
    with pytest.raises(BadInput, match="0 … 9"):
        parameter("int", min=Decimal(0), max=Decimal(9)).read("10", "X")
    with pytest.raises(BadInput, match="day / night"):
        parameter("enum", values=("day", "night")).read("no", "X")


def test_a_typed_table_names_the_row_and_the_column_type() -> None:
    table = parameter("table", columns={"code": "string", "least": "int", "kwh": "decimal(14,2)"})
    assert table.read("no, 010, \n\n1:30，2，0.50", "X") == [["no", 10, None], ["1:30", 2, Decimal("0.50")]]
    with pytest.raises(BadInput, match="X 2: parameter p is '1e3'; expected an integer"):
        table.read("a,1,2\nb,1e3,2", "X")
    with pytest.raises(BadInput, match=r"X 1: .* a row of 3: code, least, kwh"):
        table.read("a,1", "X")


def test_a_text_that_yaml_took_for_a_truth_value_is_refused() -> None:
    with pytest.raises(BadInput, match="a text in quotes"):
        parameter("string").check(False, "X")
