"""Price supervision as a section of the report and a sheet of its workbook: counts, the first by name, the rest."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jicha.findings.export import SHEET_ROWS, Book
from jicha.language import Language
from jicha.prices.describe import statement_record
from jicha.prices.statements import Outcome, Statement, Supervision, page_word
from jicha.report.words import words

_DATES = frozenset({"edition_gap", "edition_overlap", "edition_backwards", "lists_gap", "lists_overlap"})
_UNDEFINED = frozenset({"code_undefined", "point_code_undefined"})
_FIRST, _FIRST_OPEN = 8, 6  # lines of the section; the full page has them all
_ORDER = (Outcome.CONTRADICTION, Outcome.DOUBTFUL, Outcome.UNCHECKED)
_COLUMNS = {
    "outcome": 10, "kind": 16, "place": 24, "code": 22, "edition": 12, "band": 10, "expected": 14, "found": 14,
    "difference": 14, "unit": 12, "customers": 10, "kwh": 18, "what": 70,
}  # fmt: skip


def _gravity(item: Statement) -> tuple[int, int, Decimal, str, str]:
    """What comes first: contradictions, then those with the most customers and kWh behind them."""
    return _ORDER.index(item.outcome), -(item.customers or 0), -(item.kwh or Decimal(0)), item.kind, item.code or ""


@dataclass(frozen=True)
class Figure:
    """One count above the list."""

    label: str
    count: int
    note: str
    is_alarm: bool


class PriceSection:
    """What the report says of the prices; `folder` and `as_of` are those of the command that makes the full page."""

    def __init__(self, found: Supervision, language: Language, *, folder: str, as_of: date) -> None:
        self._found = found
        self._language = language
        self._words = words(language)
        self.title = page_word("title", language)
        self.lead = page_word(
            "lead", language, compared=f"{sum(found.compared.values()):,}",
            contradictions=f"{len(found.of(Outcome.CONTRADICTION)):,}", doubtful=f"{len(found.of(Outcome.DOUBTFUL)):,}",
            unchecked=f"{len(found.of(Outcome.UNCHECKED)):,}",
        )  # fmt: skip
        self._ordered = sorted(found.statements, key=_gravity)
        self._off = [item for item in self._ordered if item.outcome is not Outcome.UNCHECKED]
        options = "" if language is Language.ZH else " --lang en"
        self.command = (
            f"jicha prices check {shlex.quote(folder)} --as-of {as_of} --html prices.html --xlsx prices.xlsx{options}"
        )

    @property
    def contradictions(self) -> int:
        """How many contradict themselves."""
        return len(self._found.of(Outcome.CONTRADICTION))

    @property
    def off(self) -> int:
        """How many contradict themselves or are doubtful."""
        return len(self._off)

    @property
    def figures(self) -> list[Figure]:
        """The counts; gaps, overlaps and undefined codes are among the contradictions."""
        text, found = self._words, self._found
        wrong = found.of(Outcome.CONTRADICTION)
        dates = sum(item.kind in _DATES for item in found.statements)
        codes = sorted({item.code for item in found.statements if item.kind in _UNDEFINED and item.code})
        named = ("、" if self._language is Language.ZH else ", ").join(codes[:3]) + (" …" if len(codes) > 3 else "")
        return [
            Figure(text["prices_contradictions"], len(wrong), self._most_touched(wrong), bool(wrong)),
            Figure(text["prices_dates"], dates, "", bool(dates)),
            Figure(text["prices_codes"], len(codes), named, bool(codes)),
            Figure(text["prices_doubtful"], len(found.of(Outcome.DOUBTFUL)), "", False),
            Figure(text["prices_unchecked"], len(found.of(Outcome.UNCHECKED)), text["prices_unchecked_note"], False),
        ]

    def _most_touched(self, wrong: list[Statement]) -> str:
        """Say what stands behind the widest contradiction; those of several may be the same customers."""
        most = max((item for item in wrong if item.customers), key=lambda item: item.customers or 0, default=None)
        if most is None:
            return ""
        return self._words["prices_widest"].format(customers=f"{most.customers:,}", kwh=f"{most.kwh or 0:,.0f}")

    @property
    def first(self) -> list[dict[str, Any]]:
        """The gravest of what contradicts itself or is doubtful, in words."""
        return [statement_record(item, self._language) for item in self._off[:_FIRST]]

    @property
    def note(self) -> str:
        """How many of all the first ones are; empty where they are all."""
        if len(self._off) <= _FIRST:
            return ""
        return self._words["prices_first"].format(shown=_FIRST, all=f"{len(self._off):,}")

    @property
    def unchecked(self) -> list[tuple[str, str, int]]:
        """What could not be checked, joined by its reason: (check, sentence, how often), the most frequent first."""
        reasons = Counter(
            (item.title(self._language), item.sentence(self._language)) for item in self._found.of(Outcome.UNCHECKED)
        )
        return [(title, sentence, count) for (title, sentence), count in reasons.most_common(_FIRST_OPEN)]

    def overview(self) -> list[list[object]]:
        """Return the lines of the workbook's overview: label, number, note."""
        return [[self.title, None, self.lead], *(["　" + item.label, item.count, item.note] for item in self.figures)]

    def add_sheet(self, book: Book) -> None:
        """Add a sheet of all statements, the gravest first, and the command that makes the full page."""
        heads = [page_word(name, self._language) for name in _COLUMNS]
        sheet = book.table(self.title, heads, list(_COLUMNS.values()))
        last = 0
        for last, item in enumerate(self._ordered[: SHEET_ROWS - 3], start=1):
            record = statement_record(item, self._language)
            record |= {
                "outcome": page_word(record["outcome"], self._language),
                "place": record["place_label"],
                "code": record["code_label"],
            }
            for column, name in enumerate(_COLUMNS):
                value = record[name]
                exact = isinstance(value, Decimal) and name != "kwh"  # prices have more places than money
                book.cell(sheet, last, column, float(value) if exact else value)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
        book.cell(sheet, last + 2, 0, self._words["prices_full"])
        book.cell(sheet, last + 2, len(_COLUMNS) - 1, self.command)
