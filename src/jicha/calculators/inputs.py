"""Typed inputs of the calculators: exact numbers, ratios, and fields that carry label and unit into the JSON schema."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from jicha.calculators.facts import EditionName

Number = Annotated[Decimal, Field(allow_inf_nan=False, ge=-(10**15), le=10**15, decimal_places=12)]
"""A finite decimal; bounded, so that exact arithmetic stays small."""


def _number_of_things(given: object) -> object:
    if isinstance(given, bool):
        raise PydanticCustomError("int_type", "a whole number")
    return given


Count = Annotated[int, BeforeValidator(_number_of_things), Field(le=10**9)]
"""A whole number; `true` is none."""


def numbers(given: object) -> list[Decimal] | None:
    """Return a list of finite decimals of ordinary size; None where anything of it is something else."""
    if not isinstance(given, (list, tuple)) or not 0 < len(given) <= MOST_NUMBERS:
        return None
    try:
        found = [Decimal(str(part)) for part in given if not isinstance(part, (bool, list, tuple, dict))]
    except InvalidOperation:
        return None
    is_ordinary = all(part.is_finite() and abs(part) <= 10**15 and _places(part) <= 12 for part in found)
    return found if is_ordinary and len(found) == len(given) else None


def _places(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _summed(given: object) -> object:
    """Return the sum of a list of numbers that are not negative; anything else goes on as it is."""
    if not isinstance(given, (list, tuple)):
        return given
    return sum(_not_negative(given), Decimal(0))


def _number_or_list(given: object) -> Decimal | list[Decimal]:
    found = _not_negative(given if isinstance(given, (list, tuple)) else [given])
    return found if isinstance(given, (list, tuple)) else found[0]


def _not_negative(given: object) -> list[Decimal]:
    """Return a list of numbers; an entry below 0 would lower the sum without a word, so it is named."""
    found = numbers(given)
    if found is None:
        raise PydanticCustomError("number_or_list", "a number or a list of numbers")
    below = next((f"{part:f}" for part in found if part < 0), None)
    if below is not None:
        raise PydanticCustomError("negative_entry", "no number below 0, has {below}", {"below": below})
    return found


_NUMBER_OR_LIST = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string"},
            {"type": "array", "items": {"type": "number", "minimum": 0}},
        ]
    }
)
NumberOrList = Annotated[Decimal | list[Decimal], PlainValidator(_number_or_list), _NUMBER_OR_LIST]
"""A number from 0, or a list of such numbers that stays one (demands of months)."""

Sum = Annotated[
    Number,
    BeforeValidator(_summed),
    _NUMBER_OR_LIST,
]
"""A number, or a list of numbers from 0 that is summed (several gateways, several classes)."""

MOST_DAYS, MOST_MONTHS = 36_600, 1_200
"""Of a length of time that is given as a number: a hundred years."""

MOST_NUMBERS = 1000
"""Entries of a list of numbers."""

Places = Annotated[Count, Field(ge=0, le=12), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 12})]

_FIRST_DAY, _LAST_DAY = date(1950, 1, 1), date(2199, 12, 31)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(given: object) -> date:
    """Read a day as written in JSON; a bare number is none, though it could be seconds since 1970."""
    if isinstance(given, str) and _DAY.fullmatch(given.strip()):
        try:
            given = date.fromisoformat(given.strip())
        except ValueError:
            raise PydanticCustomError("date_missing", "a day of the calendar") from None
    if not isinstance(given, date) or isinstance(given, datetime):
        raise PydanticCustomError("date_type", "a date")
    if not _FIRST_DAY <= given <= _LAST_DAY:
        raise PydanticCustomError("date_range", "a date of these centuries")
    return given


CalendarDay = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A day from 1950 to 2199, given as text such as "2026-03-01"."""


_KEYWORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def about(
    zh: str, en: str, unit: str = "", *, fact: str = "", negative: tuple[str, str] | None = None,
    remedy: tuple[str, str] | None = None, **limits: Any,
) -> Any:  # fmt: skip
    """Describe one field: label in both languages, unit, the fact that is its default, limits (`ge`, `gt`, …).

    negative: what a value below 0 means; a number without it has a lower limit. remedy: what to do where a limit is
    broken. The limits stand in the schema beside the type as well, where a validator would hide them.
    """
    extra: dict[str, Any] = {"zh": zh, "en": en}
    extra |= {_KEYWORDS[name]: limit for name, limit in limits.items() if name in _KEYWORDS}
    for name, words in (("negative", negative), ("remedy", remedy)):
        if words:
            extra[name] = {"zh": words[0], "en": words[1]}
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
        CalendarDay | None,
        about("适用版本所依日期（行为发生日）", "day whose edition applies (day of the act)", "date"),
    ] = None
