"""The data-quality page, and the section of it in the report: what its templates show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from jicha.catalog.schema import schema
from jicha.language import Language
from jicha.quality.coverage import Month, latest_months, months_of
from jicha.quality.figures import Quality
from jicha.quality.judge import Judged, Problem
from jicha.quality.settings import Settings, settings
from jicha.quality.view import column_share, null_share
from jicha.quality.words import WORDS, describe, percent, say
from jicha.report.render import asset, environment

_STEP, _HEIGHT = 7, 20  # px of a spark's bar


def spark(values: Sequence[float | None], shown: Sequence[str], *, from_zero: bool = True) -> Markup:
    """Return a small bar chart of a trend, oldest first; empty for a single version.

    shown: the values in words, for the tooltip. from_zero: else the bars start below the least value, so that small
    changes of large numbers are seen.
    """
    known = [value for value in values if value is not None]
    if len(values) < 2 or not known:
        return Markup("")
    most, least = max(known), min(known)
    ground = 0.0 if from_zero or least <= 0 else max(0.0, least - (most - least or most))
    bars = []
    for place, value in enumerate(values):
        if value is None:
            continue
        height = (value - ground) / (most - ground) * (_HEIGHT - 2) if most > ground else 0
        last = ' class="now"' if place == len(values) - 1 else ""
        bars.append(
            f'<rect{last} x="{place * _STEP}" y="{_HEIGHT - max(height, 1):.1f}" width="{_STEP - 2}" '
            f'height="{max(height, 1):.1f}"/>'
        )
    width = len(values) * _STEP - 2
    return Markup(
        '<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        "<title>{title}</title>{bars}</svg>"
    ).format(width=width, height=_HEIGHT, title=" → ".join(shown), bars=Markup("".join(bars)))


@dataclass(frozen=True)
class Cell:
    """One month of a table in the coverage."""

    state: str
    title: str


@dataclass(frozen=True)
class CoverageLine:
    """One table in the coverage."""

    name: str
    label: str
    cells: list[Cell | None]
    missing: str
    level: str | None


@dataclass(frozen=True)
class ProblemLine:
    """One problem in words."""

    level: str
    table: str
    table_label: str
    column: str | None
    column_label: str
    text: str
    share: float
    percent: str
    trend: Markup


@dataclass(frozen=True)
class ColumnLine:
    """One column of a table."""

    name: str
    label: str
    type: str
    nulls: int
    share: float
    percent: str
    distinct: int
    range: str
    rejected: str
    lost: str
    level: str | None
    problems: str
    trend: Markup


@dataclass(frozen=True)
class TableLine:
    """One table."""

    name: str
    label: str
    rows: int
    change: str
    null_percent: str
    rejected: int
    lost: int
    missing: str
    level: str | None
    problems: list[str]
    trend: Markup
    columns: list[ColumnLine]


class View:
    """A judged version in one language."""

    def __init__(self, judged: Judged, language: Language) -> None:
        self.judged = judged
        self.quality = judged.quality
        self.language = language
        self.settings: Settings = settings()
        self.words = {name: text.to(language) for name, text in WORDS.items()}
        self.bad = sum(1 for p in judged.problems if p.level == "bad")
        self.watch = sum(1 for p in judged.problems if p.level == "watch")

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return say(name, self.language, **values)

    @property
    def versions(self) -> str:
        """The versions of the trend in words."""
        trend = self.judged.trend
        if len(trend) < 2:
            return self.say("one_version")
        return self.say("versions", first=trend[0].version, last=trend[-1].version)

    @property
    def lead(self) -> str:
        """The state of the data in a sentence or two."""
        text = self.say(
            "lead", version=self.quality.version, tables=len(self.quality.tables), rows=f"{self.quality.rows:,}"
        )
        gap = " " if self.language is Language.EN else ""
        name = "lead_bad" if self.bad else "lead_watch" if self.watch else "lead_good"
        return text + gap + self.say(name, bad=self.bad, watch=self.watch)

    @property
    def empty(self) -> int:
        """Tables loaded without rows."""
        return sum(1 for table in self.quality.tables.values() if not table.rows)

    @property
    def all_tables(self) -> int:
        """Tables of the data model."""
        return len(schema().tables)

    @property
    def gaps(self) -> tuple[str, int]:
        """Periods missing (months, then days), and in how many tables."""
        problems = [p for p in self.judged.problems if p.kind == "gap"]
        parts = []
        for grain, word in (("month", "months"), ("day", "days")):
            count = sum(int(p.values["periods"]) for p in problems if p.values["grain"] == grain)
            if count:
                parts.append(f"{count:,} {self.say(word)}")
        return " + ".join(parts), len(problems)

    def total_spark(self, name: str) -> Markup:
        """Return the trend of a total: rows, lost, rejected."""
        values = [int(getattr(quality, name)) for quality in self.judged.trend]
        return spark(values, [f"{value:,}" for value in values], from_zero=name != "rows")

    def _spark(self, problem: Problem) -> Markup:
        if problem.column is None or problem.kind.startswith("too_"):
            return Markup("")
        values = [column_share(q, problem.table, problem.column, problem.kind) for q in self.judged.trend]
        return spark(values, [self._percent(value) for value in values])

    @staticmethod
    def _percent(value: float | None) -> str:
        return "—" if value is None else percent(value)

    def line(self, problem: Problem) -> ProblemLine:
        """Return a problem in words."""
        table = schema()[problem.table]
        column = table.columns.get(problem.column or "")
        return ProblemLine(
            level=problem.level,
            table=problem.table,
            table_label=table.label(self.language),
            column=problem.column,
            column_label=self.upper(column.label(self.language)) if column else "",
            text=describe(problem, self.language),
            share=problem.share,
            percent=percent(problem.share) if problem.share else "",
            trend=self._spark(problem),
        )

    def upper(self, text: str) -> str:
        """Return a label with its first letter in upper case."""
        return text[:1].upper() + text[1:]

    @property
    def table_problems(self) -> list[ProblemLine]:
        """What is wrong with whole tables."""
        return [self.line(problem) for problem in self.judged.tables()]

    def worst(self, most: int | None = None) -> list[ProblemLine]:
        """Return the worst columns."""
        return [self.line(problem) for problem in self.judged.columns()[:most]]

    @property
    def months(self) -> list[str]:
        """The months of the coverage."""
        last = max((covered.last for covered in self.judged.coverage.values()), default=None)
        if last is None:
            return []
        made = date.fromisoformat(self.quality.created_at[:10]) if self.quality.created_at else last
        return latest_months(min(last, made), self.settings.shown_months)  # a date gone astray shifts nothing

    def _cell(self, month: Month | None) -> Cell | None:
        if month is None:
            return None
        title = self.say("cell", month=month.month, rows=f"{month.rows:,}", state=self.words[f"state_{month.state}"])
        if month.missing_days and month.state == "partial":
            title += self.say("cell_days", days=month.missing_days)
        return Cell(month.state, title)

    @property
    def coverage(self) -> list[CoverageLine]:
        """The tables that have a time, with their months."""
        lines = []
        for name, covered in self.judged.coverage.items():
            periods = self.quality.tables[name].periods
            if periods is None:
                continue
            cells = [self._cell(month) for month in months_of(periods, covered, self.months)]
            lines.append(
                CoverageLine(name, schema()[name].label(self.language), cells, self._missing(name), self._level(name))
            )
        return lines

    def _level(self, name: str) -> str | None:
        return next((p.level for p in self.judged.of(name) if p.kind in {"gap", "thin"}), None)

    def _missing(self, name: str) -> str:
        covered = self.judged.coverage.get(name)
        if covered is None or covered.sparse or not covered.missing:
            return ""
        return f"{covered.missing:,} {self.say('days' if covered.grain == 'day' else 'months')}"

    @property
    def tables(self) -> list[TableLine]:
        """All tables, with their columns."""
        return [self._table(name) for name in self.quality.tables]

    def _table(self, name: str) -> TableLine:
        figures = self.quality.tables[name]
        trend: list[Quality] = list(self.judged.trend)
        rows = [q.tables[name].rows if name in q.tables else None for q in trend]
        before = rows[-2] if len(rows) > 1 else None
        moved = len(set(rows)) > 1
        change = "" if before is None or before == figures.rows else f"{figures.rows - before:+,}"
        delivery = self.quality.deliveries.get(name)
        share = null_share(figures, name, self.settings)
        return TableLine(
            name=name,
            label=schema()[name].label(self.language),
            rows=figures.rows,
            change=change,
            null_percent=self._percent(share),
            rejected=delivery.rejected if delivery else 0,
            lost=sum(lost.rows for lost in figures.lost.values() if lost),
            missing=self._missing(name),
            level=self.judged.level(name),
            problems=[describe(p, self.language) for p in self.judged.of(name) if p.column is None],
            trend=spark(rows, ["—" if n is None else f"{n:,}" for n in rows], from_zero=False) if moved else Markup(""),
            columns=self.columns(name),
        )

    def columns(self, name: str) -> list[ColumnLine]:
        """Return the columns of a table."""
        table, figures = schema()[name], self.quality.tables[name]
        delivery = self.quality.deliveries.get(name)
        lines = []
        for key, column in table.columns.items():
            found = figures.columns[key]
            share = found.nulls / figures.rows if figures.rows else 0.0
            lost = figures.lost.get(key)
            counts = {code: delivery.count(code, key) if delivery else 0 for code in ("code", "type", "required")}
            words = {"code": "codes", "type": "types", "required": "nulls"}
            problems = self.judged.of(name, key)
            shares = [column_share(q, name, key, "nulls") for q in self.judged.trend]
            lines.append(ColumnLine(
                name=key,
                label=column.label(self.language),
                type=column.type,
                nulls=found.nulls,
                share=share,
                percent=self._percent(share if figures.rows else None),
                distinct=found.distinct,
                range=self.range(name, key),
                rejected=", ".join(f"{self.words[words[code]]} {n:,}" for code, n in counts.items() if n),
                lost="" if column.ref is None else self.words["unchecked"] if lost is None else f"{lost.rows:,}",
                level=problems[0].level if problems else None,
                problems="; ".join(describe(p, self.language) for p in problems),
                trend=spark(shares, [self._percent(s) for s in shares]) if len(set(shares)) > 1 else Markup(""),
            ))  # fmt: skip
        return lines

    def range(self, table: str, name: str) -> str:
        """Return the values of a column in words: of text its lengths, of personal data nothing else."""
        column, found = schema()[table].columns[name], self.quality.tables[table].columns[name]
        if found.codes is not None:
            comma = "，" if self.language is Language.ZH else ", "
            most = sorted(found.codes.items(), key=lambda item: -item[1])
            text = comma.join(f"{column.value_label(code, self.language)} {n:,}" for code, n in most[:6])
            return text + (self.words["and_more"] if len(most) > 6 else "")
        if found.low is None:
            return self.words["personal"] if column.personal and column.type != "string" else ""
        if column.type == "string":
            text = self.say("length", low=found.low, high=found.high)
            return f"{text} · {self.words['personal']}" if column.personal else text
        dated = column.type in {"date", "timestamp"}
        low, high = (str(v).replace("T", " ") if dated else _number(v) for v in (found.low, found.high))
        return low if low == high else f"{low}{self.words['to'] if dated else ' … '}{high}"


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e15 else str(value)
    text = str(value)
    whole, dot, cents = text.partition(".")
    if whole.lstrip("-").isdigit():
        return f"{int(whole):,}{dot}{cents}" if not whole.startswith("-0") else text
    return text


def quality_page(judged: Judged, language: Language, *, data: str, utility: str = "", table: str | None = None) -> str:
    """Return the data-quality page: one file, no script, no request. table: open its columns."""
    view = View(judged, language)
    facts: list[tuple[str, Any]] = [
        (view.words["folder"], data),
        (view.words["version"], judged.quality.version),
        (view.words["loaded_at"], judged.quality.created_at.replace("T", " ") + " UTC"),
        (view.words["load"], judged.quality.load_id),
        (view.words["measured"], view.say("seconds", seconds=judged.quality.seconds)),
    ]
    return (
        environment()
        .get_template("quality_page.html")
        .render(
            lang=language.value,
            v=view,
            q=view.words,
            facts=facts,
            utility=utility,
            chosen=table,
            css=Markup(asset("report.css") + asset("quality.css")),
        )
    )
