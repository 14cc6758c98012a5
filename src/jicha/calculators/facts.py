"""Dated facts of the calculators: multiples, hours, rates and limits by edition, with clause and `verified`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from jicha.catalog.files import catalog_path, read_yaml
from jicha.errors import BadInput
from jicha.language import Text

EditionName = Literal["1996", "2024"]
Bound = Literal["fixed", "ceiling", "default"]


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the supply rules; `effective_to` is the last day, null: still in force."""

    name: EditionName
    title: str
    effective_from: date
    effective_to: date | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One value in one edition. `bound`: fixed by the text, its ceiling, or only what practice takes.

    value: null where the edition has no such value. article: null where the source names none; `verified` says whether
    the number was compared with the official text.
    """

    key: str
    words: Text
    unit: str
    value: Decimal | None
    bound: Bound
    regulation: str
    article: str | None
    verified: bool
    source: str


@functools.cache
def editions() -> dict[str, Edition]:
    """Return the editions by name, oldest first."""
    content = read_yaml(catalog_path("calculators", "editions.yaml"))
    return {name: Edition(name=name, **item) for name, item in content.items()}


def edition_on(day: date) -> EditionName:
    """Return the edition in force on a day; a day before the first is refused by name."""
    for edition in editions().values():
        if edition.effective_from <= day and (edition.effective_to is None or day <= edition.effective_to):
            return edition.name
    first = next(iter(editions().values()))
    raise BadInput(
        zh=f"in_force_on：{day} 早于 {first.title} 的施行日 {first.effective_from}，没有可用的版本。",
        en=f"in_force_on: {day} is before the first edition, in force from {first.effective_from}",
    )


@functools.cache
def _contents() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(catalog_path("calculators", "facts").glob("*.yaml")):
        found |= {f"{path.stem}.{name}": item for name, item in read_yaml(path).items()}
    return found


def fact_names() -> list[str]:
    """Return the names of all facts, `subject.name`."""
    return list(_contents())


@functools.cache
def fact(key: str, edition: EditionName) -> Fact:
    """Return one fact in one edition."""
    item = _contents()[key]
    value = next(row for row in item["values"] if edition in row["editions"])
    return Fact(
        key=key,
        words=Text(item["zh"], item["en"]),
        unit=item["unit"],
        value=None if value["value"] is None else Decimal(str(value["value"])),
        bound=value["bound"],
        regulation=item["regulation"],
        article=value.get("article"),
        verified=bool(value.get("verified", False)),
        source=value["source"],
    )


@functools.cache
def warning_texts() -> dict[str, dict[str, str]]:
    """Return the sentences of the warnings by code."""
    content: dict[str, dict[str, str]] = read_yaml(catalog_path("calculators", "warnings.yaml"))
    return content


@functools.cache
def unit_texts() -> dict[str, dict[str, str]]:
    """Return how a unit is written in both languages; a unit not listed is written as it is."""
    content: dict[str, dict[str, str]] = read_yaml(catalog_path("calculators", "units.yaml"))
    return content


def unit_text(unit: str) -> Text:
    """Return a unit in both languages."""
    item = unit_texts().get(unit)
    return Text(item["zh"], item["en"]) if item else Text(unit, unit)
