"""What a price list holds: values with unit, places and document; hours and tiers stand in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jicha.language import Language, Text
from jicha.prices.hours import Timetable
from jicha.prices.tiers import TierTable


@dataclass(frozen=True)
class Document:
    """Where values are from. `verified` False: from memory, not read in a text."""

    title: str
    number: str | None
    published_on: date | None
    source: str
    verified: bool


@dataclass(frozen=True)
class Value:
    """One published value: amount in `unit`, with as many decimals as the list gives (`places`)."""

    amount: Decimal
    unit: str
    places: int
    document: Document

    @property
    def verified(self) -> bool:
        """Whether the value was read in a text."""
        return self.document.verified


@dataclass(frozen=True)
class Row:
    """One row of a list: what it is for (structure, voltage, usage, …) and its values by column."""

    labels: Mapping[str, str]
    values: Mapping[str, Value]

    @property
    def name(self) -> str:
        """Name of the row inside its list: `two_part/10kv`."""
        return "/".join(self.labels.values())


@dataclass(frozen=True)
class Rule:
    """One dated rule of the national timeline; `since` None where the source gives no day."""

    since: date | None
    text: Text
    document: Document
    values: Mapping[str, Decimal]


@dataclass(frozen=True)
class PriceList:
    """One dated list of one province. Days are inclusive; None is open, or for the first day: not known."""

    name: str  # `agency/hubei-2026-01`
    kind: str
    province: str
    title: Text
    effective_from: date | None
    effective_to: date | None
    documents: Mapping[str, Document]
    common: Mapping[str, Value]  # for all rows
    parts: Mapping[str, Mapping[str, Value]]  # common column → what it is made of
    rows: tuple[Row, ...]
    tiers: TierTable | None
    timetable: Timetable | None
    rules: tuple[Rule, ...]
    notes: tuple[Text, ...]

    @property
    def verified(self) -> bool:
        """Whether every document behind a value was read."""
        used = {value.document for row in self.rows for value in row.values.values()}
        used |= {value.document for value in self.common.values()} | {rule.document for rule in self.rules}
        checked = self.tiers is None or self.tiers.verified
        return checked and all(document.verified for document in used or set(self.documents.values()))

    def value(self, row: Row, column: str) -> Value | None:
        """Return a row's value, or the common one; None: not published."""
        return row.values.get(column) or self.common.get(column)

    def holds_on(self, day: date) -> bool:
        """Whether the list is in force on a day; a list without a first day never says so."""
        return self.effective_from is not None and (
            self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)
        )

    def label(self, language: Language) -> str:
        """Title of the list."""
        return self.title.to(language)
