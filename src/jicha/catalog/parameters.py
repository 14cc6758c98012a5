"""Typed, bounded parameters of rules and the literals they become in SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jicha.catalog.files import vocabulary
from jicha.errors import BadInput
from jicha.language import Text

_NOWHERE = Text("", "")
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_TYPED_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_BOOLS = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}
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
    source: Text = _NOWHERE
    verified: bool = True
    label: Text | None = None  # what it is, in people's words; a rule of the utility may leave it out
    heads: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # labels of columns, as those of evidence

    @property
    def title(self) -> Text:
        """What people call it: its label, or its name where it has none."""
        return self.label or Text(self.name, self.name)

    @property
    def unit_text(self) -> Text:
        """Its unit in words; as it is written where the vocabulary does not know it."""
        known = vocabulary()["parameter_unit"].get(self.unit or "")
        return Text(known["zh"], known["en"]) if known else Text(self.unit or "", self.unit or "")

    @property
    def is_table(self) -> bool:
        """Whether the rule reads it as relation `parameter_<name>`."""
        return self.type == "table"

    def check(self, value: Any, place: str) -> Value:
        """Return the value in its type and bounds; BadInput names the place and what was expected."""
        if not self.is_table:
            return self._scalar(value, self.type, place)
        if not isinstance(value, list):
            names = ", ".join(self.columns)
            raise _wrong(place, self.name, value, Text(f"若干行 {names}", f"rows of {names}"))
        rows = []
        for row in value:
            if not isinstance(row, list) or len(row) != len(self.columns):
                raise _wrong(place, self.name, row, self._row())
            rows.append(
                [self._scalar(cell, kind, place) for cell, kind in zip(row, self.columns.values(), strict=True)]
            )
        return rows

    def read(self, text: str, place: str) -> Value:
        """Return the value that a person typed, read by the declared type; BadInput says what was expected.

        text: one value; of a table one row a line, cells by comma, an empty cell has no value. Nothing is guessed from
        how a text looks: `no`, `1:30` and `010` stay what they are where the parameter is a text.
        """
        if not self.is_table:
            return self.check(self._typed(text, self.type, place), place)
        rows = []
        for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
            row, cells = f"{place} {number}", re.split("[,，]", line)
            if len(cells) != len(self.columns):
                raise _wrong(row, self.name, line, self._row())
            kinds = self.columns.values()
            rows.append([self._typed(cell, kind, row) for cell, kind in zip(cells, kinds, strict=True)])
        return self.check(rows, place)

    def _row(self) -> Text:
        names = ", ".join(self.columns)
        return Text(f"一行 {len(self.columns)} 个值：{names}", f"a row of {len(self.columns)}: {names}")

    def _typed(self, text: str, type_: str, place: str) -> Any:
        text = text.strip()
        if not text and self.is_table:
            return None
        if type_ == "bool":
            if text.casefold() not in _BOOLS:
                raise _wrong(place, self.name, text, "true / false")
            return _BOOLS[text.casefold()]
        if _is_number(type_) and not _TYPED_NUMBER.fullmatch(text):
            raise _wrong(place, self.name, text, _expected_number(type_))
        return text

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
        if _is_number(type_):
            return self._number(value, type_, place)
        if isinstance(value, bool):  # an unquoted `no` or `on` of a YAML file
            raise _wrong(place, self.name, value, Text("加引号的文本", "a text in quotes"))
        if self.values and value not in self.values:
            raise _wrong(place, self.name, value, " / ".join(self.values))
        return str(value)

    def _number(self, value: Any, type_: str, place: str) -> Scalar:
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not _fits(number, type_):
            raise _wrong(place, self.name, value, _expected_number(type_))
        if not self.is_table and (
            (self.min is not None and number < self.min) or (self.max is not None and number > self.max)
        ):
            raise _wrong(place, self.name, value, f"{self.min} … {self.max}")
        return int(number) if type_ == "int" else number


def _is_number(type_: str) -> bool:
    return type_ in {"int", "double"} or _DECIMAL.fullmatch(type_) is not None


def _fits(number: Decimal, type_: str) -> bool:
    """Whether a number is one of its type as it stands: SQL would round it, or fail in the middle of a run."""
    if type_ == "int":
        return number == number.to_integral_value() and abs(number) < 2**63
    if found := _DECIMAL.fullmatch(type_):
        digits, places = int(found[1]), int(found[2])
        return abs(number) < Decimal(10) ** (digits - places) and number == round(number, places)
    return True


def _expected_number(type_: str) -> Text:
    if type_ == "int":
        return Text("整数，如 12", "an integer, such as 12")
    if found := _DECIMAL.fullmatch(type_):
        digits, places = int(found[1]), int(found[2])
        return Text(
            f"数字，如 12.5，小数点前最多 {digits - places} 位、后最多 {places} 位",
            f"a number such as 12.5, at most {digits - places} digits before and {places} after the point",
        )
    return Text("数字，如 12.5", "a number, such as 12.5")


def _wrong(place: str, name: str, value: object, expected: str | Text) -> BadInput:
    said = expected if isinstance(expected, Text) else Text(expected, expected)
    return BadInput(
        zh=f"{place}：参数 {name} 的值 {value!r} 不合要求，应为 {said.zh}。",
        en=f"{place}: parameter {name} is {value!r}; expected {said.en}",
    )


def _source(given: Any) -> Text:
    """Return where a default comes from: said in both languages, or by a word of the vocabulary."""
    said = given if isinstance(given, Mapping) else vocabulary()["parameter_source"].get(str(given))
    return Text(str(said["zh"]), str(said["en"])) if said else Text(str(given), str(given))


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
            source=_source(content.get("source", "")),
            verified=bool(content.get("verified", True)),
            label=Text(str(content["label"]["zh"]), str(content["label"]["en"])) if "label" in content else None,
            heads=content.get("heads", {}),
        )
    except (KeyError, TypeError, InvalidOperation) as error:
        raise BadInput(
            zh=f"{place}：参数缺少或写错字段 {error}。", en=f"{place}: a parameter lacks or misspells {error}"
        ) from error
    parameter.check(parameter.default, place)
    return parameter
