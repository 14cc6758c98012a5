"""The canonical data model, read from `schema.yaml`; everything that knows a table or column gets it from here."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jicha.catalog.files import catalog_path, read_yaml
from jicha.errors import BadInput
from jicha.language import Language

_SQL_TYPES = {
    "string": "VARCHAR",
    "enum": "VARCHAR",
    "int": "INTEGER",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "double": "DOUBLE",
}

# the last word of a name that carries a unit, as it is written
UNITS = {
    "kva": "kVA", "kw": "kW", "kwh": "kWh", "kvarh": "kvarh", "v": "V", "a": "A", "c": "°C", "pct": "%", "yuan": "yuan",
}  # fmt: skip
_SPELLED = {"id": "ID", "pf": "power factor", "kva": "kVA", "kwh": "kWh"}  # anywhere in a name; a, b and c are phases


def _name_in_words(name: str) -> str:
    """Return the name of a column as people read it: contract_capacity_kva → contract capacity (kVA)."""
    words = name.split("_")
    unit = UNITS.get(words[-1]) if len(words) > 1 and "per" not in words else None
    said = " ".join(_SPELLED.get(word, word) for word in (words[:-1] if unit else words))
    return f"{said} ({unit})" if unit else said


@dataclass(frozen=True)
class Column:
    """One column of a canonical table."""

    name: str
    type: str  # as in schema.yaml: string, int, bool, date, timestamp, double, decimal(p,s), enum
    zh: str
    required: bool = False
    personal: bool = False
    ref: str | None = None  # table.column
    note: str | None = None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # enum code -> {zh, en}

    @property
    def sql_type(self) -> str:
        """The DuckDB type in which the column is stored."""
        return _SQL_TYPES.get(self.type) or self.type.upper().replace(" ", "")

    @property
    def decimal(self) -> tuple[int, int] | None:
        """(precision, scale) of a decimal column, else None."""
        match = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", self.type)
        return (int(match[1]), int(match[2])) if match else None

    def label(self, language: Language) -> str:
        """Label of the column; in English its name in words, its unit in brackets: contract capacity (kVA)."""
        return self.zh if language is Language.ZH else _name_in_words(self.name)

    def value_label(self, code: str, language: Language) -> str:
        """Label of an enum code; the code itself where it is unknown."""
        entry = self.labels.get(code)
        return entry[language.value] if entry else code


@dataclass(frozen=True, eq=False)  # a table is itself: hashable, so that what is derived from it can be cached
class Table:
    """One canonical table."""

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    note: str | None = None
    arose: str | None = None  # the column that dates a row
    partition: str | None = None  # stored split by month of this column
    absent_is_empty: bool = False

    def label(self, language: Language) -> str:
        """Label of the table."""
        return self.zh if language is Language.ZH else self.en

    @property
    def references(self) -> Iterator[tuple[Column, str, str]]:
        """(column, table, column there) of every foreign key."""
        for column in self.columns.values():
            if column.ref:
                table, _, target = column.ref.partition(".")
                yield column, table, target


@dataclass(frozen=True)
class Schema:
    """All canonical tables, in the order of `schema.yaml`."""

    version: int
    tables: Mapping[str, Table]

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]

    def __contains__(self, table: object) -> bool:
        return table in self.tables

    @functools.cached_property
    def column_by_name(self) -> Mapping[str, Column]:
        """The first column of each name: for labels of evidence columns."""
        found: dict[str, Column] = {}
        for table in self.tables.values():
            for column in table.columns.values():
                found.setdefault(column.name, column)
        return found

    @functools.cached_property
    def personal_columns(self) -> frozenset[str]:
        """Names of the columns that are masked unless unmasked with a reason."""
        return frozenset(c.name for t in self.tables.values() for c in t.columns.values() if c.personal)


_TABLE_FIELDS = frozenset({"zh", "en", "key", "columns", "note", "arose", "partition", "absent"})
_COLUMN_FIELDS = frozenset({"type", "zh", "required", "personal", "ref", "note", "labels"})


def _known(content: Mapping[str, Any], fields: frozenset[str], place: str) -> None:
    strange = sorted(str(field) for field in set(content) - fields)
    if strange:
        raise BadInput(
            zh=f"schema.yaml：{place} 有不认识的字段 {strange}（文字含逗号时请加引号）。",
            en=f"schema.yaml: {place} has unknown fields {strange}; quote a text that holds a comma",
        )


def _column(name: str, content: Mapping[str, Any]) -> Column:
    _known(content, _COLUMN_FIELDS, name)
    return Column(
        name=name,
        type=content["type"],
        zh=content["zh"],
        required=bool(content.get("required", False)),
        personal=bool(content.get("personal", False)),
        ref=content.get("ref"),
        note=content.get("note"),
        labels=content.get("labels", {}),
    )


def read_schema(path: Path) -> Schema:
    """Read a schema file."""
    content = read_yaml(path)
    for name, table in content["tables"].items():
        _known(table, _TABLE_FIELDS, name)
    tables = {
        name: Table(
            name=name,
            zh=table["zh"],
            en=table["en"],
            key=tuple(table["key"]),
            columns={key: _column(key, value) for key, value in table["columns"].items()},
            note=table.get("note"),
            arose=table.get("arose"),
            partition=table.get("partition"),
            absent_is_empty=table.get("absent") == "empty",
        )
        for name, table in content["tables"].items()
    }
    return Schema(version=content["version"], tables=tables)


@functools.cache
def schema() -> Schema:
    """Return the schema of the shipped catalog."""
    return read_schema(catalog_path("schema.yaml"))
