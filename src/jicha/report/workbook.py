"""The report as a workbook: overview, by unit, by rule, findings, rules not run; with the labels people read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jicha.catalog.files import specialties, vocabulary
from jicha.findings.export import SHEET_ROWS, Book, column_word, run_facts
from jicha.findings.read import Filter, Ledger
from jicha.language import Language
from jicha.quality.judge import Judged
from jicha.report.facts import Facts, count_facts
from jicha.report.page import evidence_lines, heading, lacked_labels, missing_labels
from jicha.report.price_section import PriceSection
from jicha.report.quality_workbook import add_quality_sheets
from jicha.report.words import words

_COLUMNS = {
    "severity": 10, "rule": 10, "rule_name": 30, "reason": 60, "customer_id": 16, "customer_name": 22, "org_path": 36,
    "period": 11, "specialty": 14, "class": 9, "state": 10, "amount_yuan": 15, "energy_kwh": 16, "evidence": 50,
    "missing": 20, "basis": 44, "remedy": 40, "first_seen_on": 12, "last_hit_on": 12, "judged_on": 12, "subject": 12,
    "subject_id": 18, "key": 30,
}  # fmt: skip
_LABELLED = {"severity": "severity", "specialty": "specialty", "class": "class", "state": "finding_state",
             "subject": "subject"}  # fmt: skip
_STATES = ("new", "open", "recurred", "cleared", "unjudged", "expired", "withdrawn")


class _Workbook:
    def __init__(self, ledger: Ledger, facts: Facts, path: Path, language: Language) -> None:
        self.ledger = ledger
        self.facts = facts
        self.language = language
        self.text = words(language)
        self.book = Book(path)
        self.labels = {
            kind: {code: entry[language.value] for code, entry in entries.items()}
            for kind, entries in {**vocabulary(), "specialty": specialties()}.items()
        }

    def fill(self, sheet: Any, rows: Iterator[list[object]], first: int = 1) -> int:
        line = first - 1
        for line, row in enumerate(rows, start=first):
            for column, value in enumerate(row):
                self.book.cell(sheet, line, column, value)
        return line

    def overview(self, prices: PriceSection | None) -> None:
        facts, text = self.facts, self.text
        sheet = self.book.sheet(text["sheet_overview"], [30, 24, 60])
        self.book.cell(sheet, 0, 0, text["title"], self.book.title)
        money = (
            text["yuan_note"].format(
                with_amount=facts.totals.with_amount, without=facts.totals.findings - facts.totals.with_amount
            )
            if facts.totals.with_amount
            else text["yuan_none"]
        )
        rows: list[list[object]] = [
            *([label, value] for label, value in run_facts(self.ledger, self.language)),
            [],
            [text["suspects"], facts.totals.findings, text["suspects_note"]],
            *([f"　{label}", facts.tally.severities.get(code, 0)] for code, label in self.labels["severity"].items()),
            [text["yuan_at_stake"], facts.totals.amount_yuan, money],
            [text["customers"], facts.totals.customers, text["customers_note"].format(several=facts.several)],
            *([label, facts.states.get(code, 0)] for code, label in self.labels["finding_state"].items()),
            [text["rules_run"], len(facts.rules)],
            [text["not_run_title"], len(facts.not_run), text["not_run_intro"] if facts.not_run else None],
            *(prices.overview() if prices else ()),
            [],
            *([self.labels["specialty"][code], s.count] for code, s in facts.specialties.items() if s.count),
            [],
            [text["footer"]],
        ]  # fmt: skip
        self.fill(sheet, iter(rows), first=2)

    def units(self) -> None:
        text, severities = self.text, self.labels["severity"]
        heads = [
            column_word("org_id", self.language), text["unit"], text["suspected"], *severities.values(),
            text["per_thousand"], text["column_amount_yuan"],
        ]  # fmt: skip
        sheet = self.book.table(text["sheet_units"], heads, [14, 34, 12, 10, 10, 10, 12, 20])
        self.fill(
            sheet,
            (
                [
                    line.unit.org_id,
                    "　" * line.depth + line.unit.name,
                    line.tally.count,
                    *(line.tally.severities.get(code, 0) for code in severities),
                    None if line.per_thousand is None else round(line.per_thousand, 2),
                    line.tally.amount_yuan,
                ]
                for line in self.facts.units
            ),
        )

    def rules(self) -> None:
        text, states = self.text, self.labels["finding_state"]
        heads = [
            text["rule"], column_word("rule_name", self.language), text["severity"], text["suspected"],
            *(states[code] for code in _STATES), text["customers"], text["column_amount_yuan"],
            text["seconds"], text["basis"], text["remedy"],
        ]  # fmt: skip
        sheet = self.book.table(text["sheet_rules"], heads, [10, 34, 10, *[10] * 9, 18, 10, 60, 50])
        self.fill(
            sheet,
            (
                [
                    line.rule.code,
                    line.rule.name[self.language.value],
                    self.labels["severity"][line.rule.severity],
                    line.suspected,
                    *(line.states.get(code, 0) for code in _STATES),
                    line.customers,
                    line.amount_yuan if line.rule.amount else text["no_estimate"],
                    line.rule.seconds,
                    "\n".join(line.rule.basis_lines(self.language)),
                    line.rule.remedy[self.language.value],
                ]
                for line in self.facts.rules
            ),
        )

    def _finding(self, row: dict[str, Any]) -> list[object]:
        rule = self.ledger.run.rules.get(row["rule"])
        shown = dict(row)
        for column, kind in _LABELLED.items():
            shown[column] = self.labels[kind].get(row[column], row[column])
        if rule is not None:
            parts = []
            for column, text in evidence_lines(rule, row["evidence"], self.language):
                label, unit = heading(column, rule, self.language)
                parts.append(f"{label}: {text}{f' {unit}' if unit else ''}")
            shown["evidence"] = "; ".join(parts)
        shown["missing"] = missing_labels(row["missing"], rule, self.language)
        shown["period"] = row["period"].isoformat()[:7] if row["period"] else None
        return [shown[column] for column in _COLUMNS]

    def findings(self, wanted: Filter, *, unmasked: bool) -> int:
        heads = [column_word(column, self.language) for column in _COLUMNS]
        rows = self.ledger.rows(wanted, language=self.language, unmasked=unmasked, limit=SHEET_ROWS)
        sheet = self.book.table(self.text["sheet_findings"], heads, list(_COLUMNS.values()))
        last = self.fill(sheet, (self._finding(row) for row in rows))
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
        return last

    def not_run(self) -> None:
        text = self.text
        sheet = self.book.table(
            text["sheet_not_run"], [text["rule"], column_word("rule_name", self.language), text["why"], text["lacks"]],
            [10, 36, 30, 60],
        )  # fmt: skip
        last = self.fill(
            sheet,
            (
                [
                    rule.code,
                    rule.name[self.language.value],
                    self.labels["rule_outcome"].get(rule.outcome, rule.outcome),
                    lacked_labels(rule, self.language) or rule.detail[self.language.value],
                ]
                for rule in self.facts.not_run
            ),
        )
        self.book.cell(sheet, last + 2, 0, text["not_run_intro"] if self.facts.not_run else text["all_run"])
        if self.facts.lacking:
            self.book.cell(sheet, last + 4, 0, text["lacking_title"], self.book.title)
            lacking = (
                [line.rule.code, line.rule.name[self.language.value], line.subjects,
                 missing_labels(line.missing, line.rule, self.language)]
                for line in self.facts.lacking
            )  # fmt: skip
            self.fill(sheet, lacking, first=last + 5)


def write_workbook(
    ledger: Ledger,
    wanted: Filter,
    path: Path,
    *,
    language: Language,
    unmasked: bool = False,
    quality: Judged | None = None,
    prices: PriceSection | None = None,
) -> int:
    """Write the workbook, with sheets of prices and data quality where known; return the number of findings in it."""
    workbook = _Workbook(ledger, count_facts(ledger, wanted, unmasked=unmasked), path, language)
    workbook.overview(prices)
    workbook.units()
    workbook.rules()
    rows = workbook.findings(wanted, unmasked=unmasked)
    workbook.not_run()
    if prices:
        prices.add_sheet(workbook.book)
    if quality:
        add_quality_sheets(quality, workbook.book, language)
    workbook.book.close()
    return rows
