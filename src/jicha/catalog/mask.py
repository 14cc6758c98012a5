"""Masking of personal data: enough stays to recognise a known person, too little to find an unknown one."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping

from jicha.catalog.schema import schema

# Names that a rule gives to copies of the schema's personal columns; a rule that forgets to list them leaks nothing.
_COPIES = re.compile(
    r"(?:.*_)?(?:phone|id_number|address)|(?:customer|user|holder|owner|person|payer)_name|(?:name|address)_key"
)
_ADMINISTRATIVE = re.compile(r"^[^\d\W]{2,14}?(?:自治区|区|县|旗|市|省|镇|乡)")
_CJK = re.compile(r"[\u3400-\u9fff（）()]+")


def is_personal(column: str, rule_personal: Collection[str] = ()) -> bool:
    """Whether the values of a column are masked: marked in the schema, listed by the rule, or plainly a copy of one."""
    return column in rule_personal or _is_named_so(column)


@functools.cache
def _is_named_so(column: str) -> bool:
    return column in schema().personal_columns or bool(_COPIES.fullmatch(column))


def _name(value: str) -> str:
    if len(value) >= 7 and _CJK.fullmatch(value):  # an organisation: 临江恒达纺织有限公司
        return f"{value[:2]}****{value[-2:]}"
    if len(value) in {5, 6} and _CJK.fullmatch(value):
        return f"{value[:2]}****"
    return value[0] + "*" * min(len(value) - 1, 3)


def _phone(value: str) -> str:
    if len(value) >= 11:
        return f"{value[:3]}****{value[-4:]}"
    return f"{value[0]}****{value[-2:]}" if len(value) >= 7 else f"{value[0]}***"


def _id_number(value: str) -> str:
    if len(value) >= 15:
        return f"{value[:6]}{'*' * min(len(value) - 10, 12)}{value[-4:]}"
    return f"{value[:2]}****{value[-2:]}" if len(value) >= 8 else f"{value[0]}***"


def _address(value: str) -> str:
    part = _ADMINISTRATIVE.match(value)
    if part and part.end() * 2 <= len(value):
        return f"{part[0]}***"
    return f"{value[: min(3, max(1, len(value) // 3))]}***"


_MASKS = {"name": _name, "phone": _phone, "id_number": _id_number, "address": _address}


def mask(column: str, value: str) -> str:
    """Mask one personal value by the kind its column's name tells; never the value itself, always the same."""
    text = value.strip()
    if len(text) < 2:
        return "*" if text else ""
    kind = next((kind for kind in _MASKS if column == kind or column.endswith(f"_{kind}")), "")
    masked = _MASKS[kind](text) if kind else text[0] + "*" * min(len(text) - 1, 8)
    if masked in {value, text}:  # it held asterisks where the mask puts them
        masked = next(m for m in (f"{text[0]}***", f"{text[0]}*****") if m not in {value, text})
    return masked


def masked_values(values: Mapping[str, object], rule_personal: Collection[str] = ()) -> dict[str, object]:
    """Return the values of a finding with the personal ones masked; nulls stay null, lists are masked item by item."""

    def hide(column: str, value: object) -> object:
        if value is None:
            return None
        if isinstance(value, list | tuple):
            return [hide(column, item) for item in value]
        return mask(column, str(value))

    return {
        column: hide(column, value) if is_personal(column, rule_personal) else value for column, value in values.items()
    }
