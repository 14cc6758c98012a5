"""Macros: the scalar words of the rules, against values computed by hand or from a published standard."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.models.rows import value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("months_later(DATE '2026-01-31', 1)", date(2026, 2, 28)),
        ("months_later(DATE '2024-01-31', 1)", date(2024, 2, 29)),
        ("months_later(DATE '2026-08-15', 2)", date(2026, 10, 15)),
        ("months_later(DATE '2026-03-31', -1)", date(2026, 2, 28)),
        ("months_later(DATE '2026-01-15', -11)", date(2025, 2, 15)),
        ("months_later(CAST(NULL AS DATE), 1)", None),
        ("month_of(DATE '2026-10-31')", date(2026, 10, 1)),
        ("hours_of_month(DATE '2026-02-01')", 672),
        ("hours_of_month(DATE '2024-02-01')", 696),
        ("hours_of_month(DATE '2026-12-01')", 744),
        ("in_force(DATE '2026-10-15', DATE '2026-10-15', DATE '2026-10-15')", True),
        ("in_force(DATE '2026-10-16', NULL, DATE '2026-10-15')", False),
        ("in_force(NULL, DATE '2026-10-14', DATE '2026-10-15')", False),
        ("in_force(NULL, NULL, DATE '2026-10-15')", True),
    ],
)
def test_dates(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("filled('  ')", None),
        ("filled('')", None),
        ("filled('\u3000\u00a0\t')", None),
        ("filled(' 幸福路 1号\u3000')", "幸福路 1号"),
        ("phone_digits('+86 138-1234-5678')", "13812345678"),
        ("phone_digits('(＋８６)１３８１２３４５６７８')", "13812345678"),
        ("phone_digits('8613812345678')", "8613812345678"),
        ("phone_digits('不详')", ""),
        ("phone_digits(' ')", None),
        ("is_phone('13812345678')", True),
        ("is_phone('12812345678')", False),
        ("is_phone('02162345678')", True),
        ("is_phone('057162345678')", True),
        ("is_phone('22222222')", False),
        ("is_phone('')", False),
        ("industry_digits(' c3011 ')", "3011"),
        ("industry_digits('99')", "99"),
        ("industry_digits('9')", None),
        ("industry_digits('制造')", None),
    ],
)
def test_text(expression: str, expected: object) -> None:
    assert value(expression) == expected


def test_blank_is_what_filled_leaves_nothing_of() -> None:
    # every character below U+3400 alone, twice, beside a letter and another blank; the short way may let none through
    texts = "(SELECT CHR(CAST(c AS INTEGER)) AS s FROM RANGE(1, 13312) AS r(c))"
    forms = f"(SELECT UNNEST([s, s || s, s || 'A', 'A' || s, s || '\u3000', '\u3000' || s]) AS s FROM {texts})"
    assert value(f"COUNT(*) FROM {forms} WHERE is_blank(s) <> (filled(s) IS NULL)") == 0
    assert value(f"COUNT(*) FROM {forms} WHERE is_blank(s)") > 20
    assert value("is_blank('') AND is_blank(NULL)") is True


def resident_check(digits: str) -> str:
    """GB 11643-1999, section 4.2: sum of the digits times 2^(18 - place), from the left."""
    total = sum(int(digit) * 2 ** (17 - index) for index, digit in enumerate(digits))
    return "10X98765432"[total % 11]


def credit_check(body: str) -> str:
    """GB 32100-2015, section 5: 31 less the sum of values times 3^(place - 1), mod 31."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(letters.index(letter) * 3**index for index, letter in enumerate(body))
    return letters[(31 - total % 31) % 31]


@pytest.mark.parametrize("digits", ["11010519491231002", "53212319871124678", "65432119960229987", "33010619800101999"])
def test_check_digit_of_a_resident_number(digits: str) -> None:
    assert value(f"resident_check_character('{digits}0')") == resident_check(digits)


def test_published_numbers_pass() -> None:
    assert value("resident_check_character('11010519491231002X')") == "X"  # example of GB 11643
    assert value("is_credit_code('91350100M000100Y43')") is True  # example of GB 32100


@pytest.mark.parametrize("body", ["91331283MA27XTJ9K", "92QRTUWYBCDEFGHLN", "12ABCDEFGHJKLMNPQ", "YXWUTRQPNMLKJHGFE"])
def test_check_character_of_a_credit_code(body: str) -> None:
    assert value(f"credit_check_character('{body}0')") == credit_check(body)
    assert value(f"is_credit_code('{body}{credit_check(body)}')") is True
    wrong = "A" if credit_check(body) != "A" else "B"
    assert value(f"is_credit_code('{body}{wrong}')") is False


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("330106198002290000", date(1980, 2, 29)),
        ("330106198102290000", None),
        ("330106198013010000", None),
        ("330106000001010000", None),
        ("330106203001010000", date(2030, 1, 1)),
    ],
)
def test_birth_date(number: str, expected: date | None) -> None:
    assert value(f"birth_date('{number}')") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("kva(CAST(0.1 AS DOUBLE) + CAST(0.2 AS DOUBLE))", Decimal("0.3000")),
        ("kva(CAST(29.99999999 AS DOUBLE))", Decimal("30.0000")),
        ("kva(CAST('nan' AS DOUBLE))", None),
        ("kva(CAST('inf' AS DOUBLE))", None),
        ("kva(CAST(1e300 AS DOUBLE))", None),
        ("is_high_voltage(1000)", True),
        ("is_high_voltage(999)", False),
        ("is_high_voltage(CAST(NULL AS INTEGER))", None),
    ],
)
def test_quantities(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("places", "km"),
    [
        ("0, 0, 0, 90", 6371 * 3.141592653589793 / 2),  # a quarter of the meridian
        ("0, 0, 180, 0", 6371 * 3.141592653589793),  # antipodes
        ("120, 30, 120, 30", 0.0),
        ("120.15, 30.28, 121.47, 31.23", 164.5),  # Hangzhou to Shanghai, about 165 km
    ],
)
def test_great_circle(places: str, km: float) -> None:
    assert value(f"great_circle_km({places})") == pytest.approx(km, rel=0.005, abs=1e-6)


@pytest.mark.parametrize(
    "places", ["NULL, 30, 120, 30", "120, NULL, 120, 30", "120, 30, NULL, 30", "120, 30, 120, NULL"]
)
def test_no_distance_without_a_place(places: str) -> None:
    assert value(f"great_circle_km({places})") is None
