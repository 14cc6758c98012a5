"""What price supervision says: one comparison, its outcome, and how many customers and kWh stand behind it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from jicha.catalog.files import catalog_path, read_yaml
from jicha.language import Language
from jicha.prices.read import code_label

_CODES = frozenset({"row", "whole", "higher", "lower", "first", "second", "province"})  # values that are codes


class Outcome(StrEnum):
    """What a comparison came to; `unchecked` is never clean."""

    CONTRADICTION = "contradiction"
    DOUBTFUL = "doubtful"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Statement:
    """One thing that does not agree, or could not be checked.

    place: list or table. code: tariff code or row of the list. customers, kwh: of the last twelve months, None where
    no bills were given. values: what the sentence of the kind needs.
    """

    kind: str
    outcome: Outcome
    place: str
    code: str | None = None
    edition: date | None = None
    band: str | None = None
    expected: Decimal | str | None = None
    found: Decimal | str | None = None
    unit: str | None = None
    customers: int | None = None
    kwh: Decimal | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def difference(self) -> Decimal | None:
        """Found less expected, where both are numbers."""
        if isinstance(self.expected, Decimal) and isinstance(self.found, Decimal):
            return self.found - self.expected
        return None

    def sentence(self, language: Language) -> str:
        """Return the statement in words; codes among its values are said by their labels."""
        shown = {name: _said(name, value, language) for name, value in self.values.items()}
        return str(kinds()[self.kind]["sentence"][language.value]).format(**shown)

    def title(self, language: Language) -> str:
        """Return the name of the kind."""
        return str(kinds()[self.kind][language.value])


def _said(name: str, value: Any, language: Language) -> Any:
    if isinstance(value, tuple):
        return ("、" if language is Language.ZH else ", ").join(code_label(str(item), language) for item in value)
    return code_label(value, language) if name in _CODES and isinstance(value, str) else value


@functools.cache
def _content() -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_yaml(catalog_path("tariffs", "statements.yaml"))
    return found


def kinds() -> Mapping[str, Any]:
    """Return the kinds of statements: name → {zh, en, sentence}."""
    found: Mapping[str, Any] = _content()["kinds"]
    return found


def page_word(name: str, language: Language, **values: Any) -> str:
    """Return a word of the page."""
    return str(_content()["words"][name][language.value]).format(**values)


@dataclass
class Supervision:
    """All statements, and how many comparisons of each kind were made."""

    statements: list[Statement] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)
    scope: list[str] = field(default_factory=list)  # lists and data that were looked at

    def of(self, outcome: Outcome) -> list[Statement]:
        """Return the statements of one outcome."""
        return [item for item in self.statements if item.outcome is outcome]

    def compare(
        self, kind: str, expected: Decimal, found: Decimal, *, tolerance: Decimal = Decimal(0),
        outcome: Outcome = Outcome.CONTRADICTION, **where: Any,
    ) -> None:  # fmt: skip
        """Compare two numbers; more than the tolerance apart becomes a statement."""
        self.compared[kind] += 1
        if abs(found - expected) > tolerance:
            self.statements.append(Statement(kind, outcome, expected=expected, found=found, **where))

    def expect(self, kind: str, holds: bool, *, outcome: Outcome = Outcome.CONTRADICTION, **where: Any) -> None:
        """Note a condition; one that does not hold becomes a statement."""
        self.compared[kind] += 1
        if not holds:
            self.statements.append(Statement(kind, outcome, **where))

    def unchecked(self, kind: str, **where: Any) -> None:
        """Note what could not be checked."""
        self.statements.append(Statement(kind, Outcome.UNCHECKED, **where))
