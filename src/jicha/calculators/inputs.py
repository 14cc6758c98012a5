"""Typed inputs of the calculators: exact numbers, ratios, and fields that carry label and unit into the JSON schema."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from jicha.calculators.facts import EditionName

Number = Annotated[Decimal, Field(allow_inf_nan=False, ge=-(10**15), le=10**15, decimal_places=12)]
"""A finite decimal; bounded, so that exact arithmetic stays small."""

Places = Annotated[int, Field(ge=0, le=12)]


def about(zh: str, en: str, unit: str = "", *, fact: str = "", **limits: Any) -> Any:
    """Describe one field: label in both languages, unit, the fact that is its default, limits (`ge`, `gt`, …)."""
    extra: dict[str, Any] = {"zh": zh, "en": en}
    if unit:
        extra["unit"] = unit
    if fact:
        extra["fact"] = fact
    return Field(description=f"{zh} · {en}", json_schema_extra=extra, **limits)


_RATIO = re.compile(r"\s*(?P<primary>[0-9.]+|\([0-9.+\s]+\))\s*[/:]\s*(?P<secondary>[0-9.]+)\s*")


def _sum(text: str) -> Fraction:
    return sum((Fraction(part.strip()) for part in text.strip("()").split("+")), Fraction(0))


def _ratio(given: object) -> Fraction:
    """Read "200/5", "(5+5)/5" or a number as an exact ratio above zero."""
    try:
        value = _read_ratio(given)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if not 0 < value <= 10**9:
        raise PydanticCustomError("ratio", "a ratio above 0")
    return value


def _read_ratio(given: object) -> Fraction:
    if isinstance(given, Fraction):
        return given
    if isinstance(given, str) and (found := _RATIO.fullmatch(given)):
        return _sum(found["primary"]) / Fraction(found["secondary"])
    if isinstance(given, (int, float, Decimal, str)) and not isinstance(given, bool):
        text = str(given)
        if len(text) <= 30 and "e" not in text.lower():  # an exponent could make a number of any length
            return Fraction(text)
    raise ValueError(given)


Ratio = Annotated[
    Fraction,
    PlainValidator(_ratio),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "examples": ["200/5", "(5+5)/5"]}]}
    ),
]
"""A transformer ratio: a number, or text such as "200/5", "10000/100", "(5+5)/5"."""


class Part(BaseModel):
    """A nested piece of input; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Inputs(Part):
    """What every calculator takes: to how many places it rounds energies, amounts and shown percentages."""

    kwh_places: Annotated[
        Places | None, about("电量小数位，null 不舍入", "decimals of energies, null: not rounded")
    ] = 2
    amount_places: Annotated[Places, about("金额小数位", "decimals of amounts")] = 2
    percent_places: Annotated[
        Places,
        about("百分数显示小数位（不影响后续计算）", "decimals shown of percentages; later steps use the exact one"),
    ] = 4


class RuleInputs(Inputs):
    """Inputs of a calculation under the supply rules: which edition applies."""

    edition: Annotated[
        EditionName | None,
        about(
            "供电营业规则版本；null 按 in_force_on，再缺省 2024",
            "edition of the supply rules; null: by in_force_on, else 2024",
        ),
    ] = None
    in_force_on: Annotated[
        date | None, about("适用版本所依日期（行为发生日）", "day whose edition applies (day of the act)", "date")
    ] = None
