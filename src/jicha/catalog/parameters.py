"""Typed, bounded parameters of rules and the literals they become in SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jicha.errors import BadInput

_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_SQL_TYPES = {
    "int": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "string": "VARCHAR",
    "text": "VARCHAR",
    "enum": "VARCHAR",
    "time": "VARCHAR",
    "timestamp": "TIMESTAMP",
}

Scalar = int | Decimal | bool | str | date | None
Value = Scalar | Sequence[Sequence[Scalar]]


def sql_type(type_: str) -> str:
    """Return the SQL type of a catalog type; BadInput when there is none."""
    if _DECIMAL.fullmatch(type_):
        return type_.upper().replace(" ", "")
    if type_ not in _SQL_TYPES:
        raise BadInput(
            zh=f"未知类型 {type_}，可用：{'、'.join(_SQL_TYPES)}、decimal(p,s)。",
            en=f"unknown type {type_}; use one of {', '.join(_SQL_TYPES)}, decimal(p,s)",
        )
    return _SQL_TYPES[type_]


def text_literal(value: Scalar) -> str:
    """Return a value as an SQL text, to be cast to its type; NULL where there is none."""
    if value is None:
        return "NULL"
    text = "true" if value is True else "false" if value is False else str(value)
    return f"'{text.replace(chr(39), chr(39) * 2)}'"


def literal(value: Scalar, type_: str) -> str:
    """Return a typed SQL literal: the same text binds on every engine."""
    return f"CAST({text_literal(value)} AS {sql_type(type_)})"


@dataclass(frozen=True)
class Parameter:
    """One declared parameter of a rule; a table parameter has columns and its values are rows."""

    name: str
    type: str
    default: Any
    unit: str | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    values: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    verified: bool = True

    @property
    def is_table(self) -> bool:
        """Whether the rule reads it as relation `parameter_<name>`."""
        return self.type == "table"

    def check(self, value: Any, place: str) -> Value:
        """Return the value in its type and bounds; BadInput names the place and what was expected."""
        if not self.is_table:
            return self._scalar(value, self.type, place)
        if not isinstance(value, list):
            raise _wrong(place, self.name, value, f"rows of {', '.join(self.columns)}")
        rows = []
        for row in value:
            if not isinstance(row, list) or len(row) != len(self.columns):
                raise _wrong(place, self.name, row, f"a row of {len(self.columns)}: {', '.join(self.columns)}")
            rows.append(
                [self._scalar(cell, kind, place) for cell, kind in zip(row, self.columns.values(), strict=True)]
            )
        return rows

    def _scalar(self, value: Any, type_: str, place: str) -> Scalar:
        if value is None and self.is_table:
            return None
        if type_ == "bool":
            if isinstance(value, bool):
                return value
            raise _wrong(place, self.name, value, "true / false")
        if type_ == "date":
            if isinstance(value, date):
                return value
            try:
                return date.fromisoformat(str(value))
            except ValueError:
                raise _wrong(place, self.name, value, "YYYY-MM-DD") from None
        if type_ in {"int", "double"} or _DECIMAL.fullmatch(type_):
            return self._number(value, type_, place)
        if self.values and value not in self.values:
            raise _wrong(place, self.name, value, " / ".join(self.values))
        return str(value)

    def _number(self, value: Any, type_: str, place: str) -> Scalar:
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or (type_ == "int" and number != number.to_integral_value()):
            raise _wrong(place, self.name, value, "整数 an integer" if type_ == "int" else "数字 a number")
        if not self.is_table and (
            (self.min is not None and number < self.min) or (self.max is not None and number > self.max)
        ):
            raise _wrong(place, self.name, value, f"{self.min} … {self.max}")
        return int(number) if type_ == "int" else number


def _wrong(place: str, name: str, value: object, expected: str) -> BadInput:
    return BadInput(
        zh=f"{place}：参数 {name} 的值 {value!r} 不合要求，应为 {expected}。",
        en=f"{place}: parameter {name} is {value!r}; expected {expected}",
    )


def read_parameter(content: Mapping[str, Any], place: str) -> Parameter:
    """Read one entry of a rule's `parameters`; the default itself must satisfy type and bounds."""
    try:
        parameter = Parameter(
            name=content["name"],
            type=content["type"],
            default=content["default"],
            unit=content.get("unit"),
            min=None if content.get("min") is None else Decimal(str(content["min"])),
            max=None if content.get("max") is None else Decimal(str(content["max"])),
            values=tuple(content.get("values", ())),
            columns=content.get("columns", {}),
            source=str(content.get("source", "")),
            verified=bool(content.get("verified", True)),
        )
    except (KeyError, TypeError, InvalidOperation) as error:
        raise BadInput(
            zh=f"{place}：参数缺少或写错字段 {error}。", en=f"{place}: a parameter lacks or misspells {error}"
        ) from error
    parameter.check(parameter.default, place)
    return parameter
