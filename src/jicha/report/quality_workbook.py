"""The data quality as a workbook, and as two sheets of the report's workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from jicha.catalog.schema import schema
from jicha.findings.export import Book
from jicha.language import Language
from jicha.quality.coverage import months_of
from jicha.quality.judge import Judged
from jicha.quality.view import null_share
from jicha.quality.words import describe
from jicha.report.quality import View


class _Sheets:
    def __init__(self, judged: Judged, book: Book, language: Language, tables: Sequence[str]) -> None:
        self.view = View(judged, language)
        self.judged = judged
        self.book = book
        self.tables = tables
        self.q = self.view.words

    def table(self, name: str, heads: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[object]]) -> None:
        sheet = self.book.table(name, [self.q[head] for head in heads], list(widths))
        last = 0
        for last, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                self.book.cell(sheet, last, place, value)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)

    def problems(self, name: str) -> None:
        lines = [self.view.line(problem) for problem in self.judged.problems if problem.table in self.tables]
        rows = (
            [self.q[f"level_{line.level}"], line.table, line.table_label, line.column, line.column_label, line.text,
             round(line.share, 6) if line.share else None]
            for line in lines
        )  # fmt: skip
        heads = ("level", "table", "table_label", "column", "column_label", "problem", "share")
        self.table(name, heads, (10, 22, 18, 24, 22, 60, 12), rows)

    def by_table(self, name: str) -> None:
        rows: list[list[object]] = []
        trend = self.judged.trend
        for key in self.tables:
            figures = self.judged.quality.tables.get(key)
            if figures is None:
                rows.append([key, schema()[key].label(self.view.language), None, None, None, None, None, None,
                             "; ".join(describe(p, self.view.language) for p in self.judged.of(key))])  # fmt: skip
                continue
            before = trend[-2].tables.get(key) if len(trend) > 1 else None
            delivery = self.judged.quality.deliveries.get(key)
            share = null_share(figures, key, self.view.settings)
            covered = self.judged.coverage.get(key)
            rows.append([
                key, schema()[key].label(self.view.language), figures.rows,
                figures.rows - before.rows if before else None,
                None if share is None else round(share, 6), delivery.rejected if delivery else 0,
                sum(lost.rows for lost in figures.lost.values() if lost),
                covered.missing if covered and not covered.sparse else None,
                "; ".join(describe(p, self.view.language) for p in self.judged.of(key) if p.column is None),
            ])  # fmt: skip
        heads = ("table", "table_label", "rows", "change", "null_share", "rejected", "lost", "missing", "problem")
        self.table(name, heads, (24, 20, 14, 12, 10, 10, 10, 12, 60), rows)

    def columns(self, name: str) -> None:
        heads = ("table", "column", "column_label", "nulls", "null_share", "codes", "types", "distinct", "low", "high",
                 "range", "lost", "level", "problem")  # fmt: skip
        rows: list[list[object]] = []
        for key in self.tables:
            if key not in self.judged.quality.tables:
                continue
            delivery = self.judged.quality.deliveries.get(key)
            for line in self.view.columns(key):
                found = self.judged.quality.tables[key].columns[line.name]
                lost = self.judged.quality.tables[key].lost.get(line.name)
                values = line.type not in {"string", "enum", "bool"}
                rows.append([
                    key, line.name, line.label, line.nulls, round(line.share, 6),
                    delivery.count("code", line.name) if delivery else 0,
                    delivery.count("type", line.name) if delivery else 0, line.distinct,
                    found.low if values else None, found.high if values else None, line.range,
                    lost.rows if lost else line.lost or None,
                    self.q[f"level_{line.level}"] if line.level else None, line.problems,
                ])  # fmt: skip
        self.table(name, heads, (22, 24, 22, 12, 10, 10, 10, 14, 14, 14, 40, 10, 10, 50), rows)

    def periods(self, name: str) -> None:
        rows: list[list[object]] = []
        for key, covered in self.judged.coverage.items():
            periods = self.judged.quality.tables[key].periods
            if key not in self.tables or periods is None:
                continue
            present = {day[:7] for day in periods.rows}
            gone = {gap.first.isoformat()[:7] for gap in covered.gaps} | {g.last.isoformat()[:7] for g in covered.gaps}
            shown = sorted(present | gone | set(self.view.months))
            for month in months_of(periods, covered, shown):
                if month is not None:
                    rows.append([key, schema()[key].label(self.view.language), month.month, month.rows,
                                 self.q[f"state_{month.state}"], month.missing_days or None])  # fmt: skip
        heads = ("table", "table_label", "month", "rows", "state", "days")
        self.table(name, heads, (24, 20, 12, 14, 14, 10), rows)

    def trend(self, name: str) -> None:
        rows: list[list[object]] = []
        for quality in self.judged.trend:
            for key in self.tables:
                figures = quality.tables.get(key)
                if figures is None:
                    continue
                delivery = quality.deliveries.get(key)
                mine = delivery is not None and delivery.load_id == quality.load_id
                share = null_share(figures, key, self.view.settings)
                rows.append([
                    quality.version, quality.created_at.replace("T", " "), key, figures.rows,
                    None if share is None else round(share, 6), delivery.rejected if delivery and mine else None,
                    sum(lost.rows for lost in figures.lost.values() if lost),
                ])  # fmt: skip
        heads = ("version", "loaded_at", "table", "rows", "null_share", "rejected", "lost")
        self.table(name, heads, (10, 20, 24, 14, 10, 10, 10), rows)


def write_quality_workbook(judged: Judged, path: Path, language: Language, *, table: str | None = None) -> None:
    """Write the workbook: problems, tables, columns, periods, trend; of one table or all."""
    book = Book(path)
    sheets = _Sheets(judged, book, language, [table] if table else list(schema().tables))
    sheets.problems(sheets.q["problems"])
    sheets.by_table(sheets.q["all_tables"])
    sheets.columns(sheets.q["all_columns"])
    sheets.periods(sheets.q["periods"])
    sheets.trend(sheets.q["trend"])
    book.close()


def add_quality_sheets(judged: Judged, book: Book, language: Language) -> None:
    """Add what a manager needs to the report's workbook: the tables, and what is held against them."""
    sheets = _Sheets(judged, book, language, list(schema().tables))
    sheets.by_table(sheets.q["sheet_tables"])
    sheets.problems(sheets.q["sheet_problems"])
