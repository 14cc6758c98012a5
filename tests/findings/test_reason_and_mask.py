from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicha.catalog.mask import is_personal, mask, masked_values
from jicha.catalog.reason import TemplateError, placeholders, render_reason, show_value
from jicha.catalog.schema import schema
from jicha.language import Language

TEMPLATE = "供电电压{voltage_v}V，合同容量{contract_capacity_kva}kVA[，低于下限{min_kva}kVA]"
PROBLEM = {
    "problem": {
        "zh": "问题",
        "en": "Problem",
        "codes": {"below": {"zh": "低", "en": "low"}, "odd": {"zh": "怪", "en": "odd"}},
    }
}


def test_a_segment_goes_when_a_value_in_it_is_null() -> None:
    values = {"voltage_v": 10000, "contract_capacity_kva": 29.99, "min_kva": 30}
    assert render_reason(TEMPLATE, values, {}, Language.ZH) == "供电电压10000V，合同容量29.99kVA，低于下限30kVA"
    assert render_reason(TEMPLATE, values | {"min_kva": None}, {}, Language.ZH) == "供电电压10000V，合同容量29.99kVA"


def test_a_null_outside_a_segment_reads_as_a_dash() -> None:
    assert render_reason("{voltage_v}V", {}, {}, Language.ZH) == "—V"


@pytest.mark.parametrize(
    ("column", "value", "zh", "en"),
    [
        ("x", Decimal("12.500"), "12.5", "12.5"),
        ("x", "770912.10", "770912.1", "770912.1"),  # a decimal read back from the evidence
        ("x", 1e-7, "0.0000001", "0.0000001"),
        ("x", 1e21, "1000000000000000000000", "1000000000000000000000"),
        ("x", 0.1 + 0.2, "0.3", "0.3"),
        ("x", Decimal("-0.00"), "0", "0"),
        ("x", float("nan"), "—", "—"),
        ("x", True, "是", "yes"),
        ("opened_on", date(2026, 1, 5), "2026-01-05", "2026-01-05"),
        ("received_at", datetime.fromisoformat("2026-01-05T08:30"), "2026-01-05 08:30", "2026-01-05 08:30"),
        ("period", "2026-09-01", "2026-09", "2026-09"),
        ("period", date(2026, 9, 1), "2026-09", "2026-09"),
        ("usage_class", "residential", "居民生活", "Residential"),
        ("problem", "below,odd", "低、怪", "low, odd"),
        ("problem", "unheard", "unheard", "unheard"),
        ("customer_id", "0012", "0012", "0012"),
        ("x", [1, None], "1、—", "1, —"),
    ],
)
def test_values_read_as_people_write_them(column: str, value: object, zh: str, en: str) -> None:
    assert show_value(column, value, PROBLEM, Language.ZH) == zh
    assert show_value(column, value, PROBLEM, Language.EN) == en


def test_codes_that_are_column_names_take_the_schemas_labels() -> None:
    columns = {"fields": {"zh": "字段", "en": "Fields", "codes": "schema"}}
    assert show_value("fields", "name,voltage_v", columns, Language.ZH) == "用户名称、供电电压(V)"
    assert show_value("fields", "name,voltage_v", columns, Language.EN) == "name, voltage (V)"


@pytest.mark.parametrize("template", ["[a", "a]", "[a[b]]"])
def test_unbalanced_brackets_are_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        render_reason(template, {}, {}, Language.ZH)


def test_placeholders_are_listed_once() -> None:
    assert placeholders("{a}[{b}{a}]") == ("a", "b")


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("name", "张三", "张*"),
        ("name", "临江恒达纺织有限公司", "临江****公司"),
        ("phone", "13812345678", "138****5678"),
        ("id_number", "420106199001011234", "420106********1234"),
        ("address", "临江市城东区滨河路100号", "临江市***"),
        ("note", "abc", "a**"),
        ("phone", "", ""),
    ],
)
def test_masks(column: str, value: str, expected: str) -> None:
    assert mask(column, value) == expected


@given(
    column=st.sampled_from(["name", "phone", "id_number", "address", "customer_name", "contact_phone", "note"]),
    value=st.one_of(
        st.text(max_size=40), st.from_regex(r"\A[0-9*]{1,20}\Z"), st.text("张三李四省市区*0123456789", max_size=30)
    ),
)
def test_a_mask_never_shows_the_value(column: str, value: str) -> None:
    masked = mask(column, value)
    assert masked == mask(column, value)
    text = value.strip()
    if text:
        assert "*" in masked
    if len(text) > 1:
        assert masked != value
        assert "*" in text or text not in masked
    shown = [character for character in masked if character != "*"]
    assert len(shown) <= max(10, len(text) // 2 + 1)


def test_personal_is_what_the_schema_or_the_rule_says_and_plain_copies() -> None:
    assert {"name", "id_number", "phone", "address"} <= schema().personal_columns
    assert is_personal("contact_phone") and is_personal("customer_name") and is_personal("memo", {"memo"})
    assert not is_personal("org_name") and not is_personal("phones") and not is_personal("accounts")


def test_masking_values_leaves_nulls_and_the_rest() -> None:
    values = {"phone": ["13812345678", None], "name": None, "voltage_v": 220, "memo": 5512345}
    assert masked_values(values, {"memo"}) == {
        "phone": ["138****5678", None],
        "name": None,
        "voltage_v": 220,
        "memo": "5******",
    }
