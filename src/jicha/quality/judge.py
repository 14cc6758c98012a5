"""What is held against the figures: problems of tables, periods and columns, by the thresholds of `quality.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from jicha.catalog.schema import Schema, Table
from jicha.quality.coverage import Coverage, cover
from jicha.quality.figures import ColumnFigures, Quality, TableFigures
from jicha.quality.settings import Limits, Settings

LEVELS = ("bad", "watch")


@dataclass(frozen=True)
class Problem:
    """Something to look at (`watch`) or to mend (`bad`)."""

    level: str
    kind: str  # a key of words.PROBLEMS
    table: str
    column: str | None = None
    share: float = 0.0  # of the rows or lines
    values: Mapping[str, Any] = field(default_factory=dict)  # for the words


@dataclass(frozen=True)
class Judged:
    """One version with what is held against it."""

    quality: Quality
    trend: Sequence[Quality]  # oldest first; the last is `quality`
    problems: Sequence[Problem]  # the gravest first
    coverage: Mapping[str, Coverage]
    absent: Mapping[str, Sequence[str]]  # tables never delivered -> rules that cannot run for it

    def of(self, table: str, column: str | None = None) -> list[Problem]:
        """Return the problems of a table, or of one of its columns."""
        return [p for p in self.problems if p.table == table and column in (None, p.column)]

    def columns(self) -> list[Problem]:
        """Return the problems of columns, the worst of each column, the gravest first."""
        found: dict[tuple[str, str], Problem] = {}
        for problem in self.problems:
            if problem.column:
                found.setdefault((problem.table, problem.column), problem)
        return list(found.values())

    def tables(self) -> list[Problem]:
        """Return the problems of whole tables."""
        return [p for p in self.problems if p.column is None]

    def level(self, table: str) -> str | None:
        """Return the gravest level of a table."""
        return next((problem.level for problem in self.of(table)), None)


@dataclass(frozen=True)
class _State:
    """What judging needs besides the figures."""

    quality: Quality
    settings: Settings
    needed_by: Mapping[str, Sequence[str]]


def judge(
    trend: Sequence[Quality], schema: Schema, settings: Settings, needed_by: Mapping[str, Sequence[str]]
) -> Judged:
    """Judge the last of some versions; needed_by: table -> rules that cannot run without it."""
    quality, before = trend[-1], trend[-2] if len(trend) > 1 else None
    state = _State(quality, settings, needed_by)
    coverage = {}
    found: list[Problem] = []
    for name, figures in quality.tables.items():
        covered = cover(figures.periods, settings)
        if covered:
            coverage[name] = covered
            found += _of_periods(name, covered, settings)
        earlier = before.tables.get(name) if before else None
        found += _of_table(state, schema[name], figures, earlier)
        found += _of_columns(state, schema[name], figures, earlier)
    absent = {name: needed_by.get(name, ()) for name in schema.tables if name not in quality.tables}
    found += [
        Problem("bad" if rules else "watch", "absent", name, share=1.0, values={"rules": len(rules)})
        for name, rules in absent.items()
        if rules or not schema[name].absent_is_empty
    ]
    order = {kind: place for place, kind in enumerate(("absent", "empty", "shrunk"))}

    def rank(problem: Problem) -> tuple[int, int, float, int]:
        rules = int(problem.values.get("rules", 0))
        return LEVELS.index(problem.level), order.get(problem.kind, 9), -problem.share, -rules

    found.sort(key=rank)
    return Judged(quality, trend, found, coverage, absent)


def _of_periods(name: str, covered: Coverage, settings: Settings) -> Iterator[Problem]:
    if covered.sparse:
        return
    if covered.missing:
        share = covered.missing / (covered.missing + 1)
        values = {"periods": covered.missing, "gaps": covered.gaps, "grain": covered.grain}
        yield Problem("bad", "gap", name, share=share, values=values)
    if covered.thin:
        level = settings.limits["period_share"].level(covered.thinnest, below=True) or "watch"
        values = {"periods": len(covered.thin), "first": min(covered.thin), "grain": covered.grain,
                  "lowest": covered.thinnest}  # fmt: skip
        yield Problem(level, "thin", name, share=1 - covered.thinnest, values=values)


def _of_table(state: _State, table: Table, figures: TableFigures, earlier: TableFigures | None) -> Iterator[Problem]:
    limits, name = state.settings.limits, table.name
    if not figures.rows:
        rules = len(state.needed_by.get(name, ()))
        yield Problem("bad" if rules else "watch", "empty", name, share=1.0, values={"rules": rules})
    if earlier and figures.rows < earlier.rows:
        share = 1 - figures.rows / earlier.rows
        level = limits["rows_drop"].level(share)
        if level:
            values = {"before": earlier.rows, "now": figures.rows}
            yield Problem(level, "shrunk", name, share=share, values=values)
    delivery = state.quality.deliveries.get(name)
    if delivery and delivery.rejected:
        share = delivery.rejected / delivery.lines
        level = limits["rejected_share"].level(share)
        if level:
            values = {"lines": delivery.rejected, "of": delivery.lines}
            yield Problem(level, "rejected", name, share=share, values=values)


def _of_columns(state: _State, table: Table, figures: TableFigures, earlier: TableFigures | None) -> Iterator[Problem]:
    limits = state.settings.limits
    delivery = state.quality.deliveries.get(table.name)
    for name, column in table.columns.items():
        place = (table.name, name)
        for code in ("code", "type", "required") if delivery else ():
            count, lines = (delivery.count(code, name), delivery.lines) if delivery else (0, 0)
            yield from _share(place, f"rejected_{code}", limits["rejected_share"], count, lines)
        found = figures.columns.get(name)
        if found is None or not figures.rows:
            continue
        lost = figures.lost.get(name)
        if lost:
            target = (column.ref or "").partition(".")[0]
            about = {"values": lost.values, "target": target}
            yield from (
                replace(p, values={**p.values, **about})
                for p in _share(place, "lost", limits["lost_share"], lost.rows, figures.rows)
            )
        nulls = found.nulls / figures.rows
        past = earlier.columns.get(name) if earlier and earlier.rows else None
        rise = nulls - past.nulls / earlier.rows if past and earlier else 0.0
        level = limits["null_rise"].level(rise)
        if level:
            yield Problem(level, "null_rise", *place, nulls, {"rows": found.nulls, "before": nulls - rise})
        if not state.settings.may_be_empty(*place):
            if nulls == 1:
                yield Problem("watch", "no_value", *place, 1.0, {"rows": found.nulls})
            else:
                yield from _share(place, "nulls", limits["null_share"], found.nulls, figures.rows)
        if column.type not in {"string", "enum", "bool"} and found.low is not None and found.high is not None:
            yield from _range(state, place, found, dated=column.type in {"date", "timestamp"})


def _share(place: tuple[str, str], kind: str, limits: Limits, rows: int, of: int) -> Iterator[Problem]:
    level = limits.level(rows / of) if rows and of else None
    if level:
        yield Problem(level, kind, *place, rows / of, {"rows": rows, "of": of})


def _range(state: _State, place: tuple[str, str], found: ColumnFigures, *, dated: bool) -> Iterator[Problem]:
    plausible = state.settings.range(*place)
    if plausible is None:
        return
    most = plausible.max
    if most == "load":
        made = state.quality.created_at[:10]
        most = date.fromisoformat(made) + timedelta(days=1) if made else None  # UTC; a day ahead in China
    for kind, value, limit, sign in (("low", found.low, plausible.min, 1), ("high", found.high, most, -1)):
        if limit is None or isinstance(limit, date) != dated:
            continue
        if dated:
            wrong = str(value)[:10] < str(limit) if sign > 0 else str(value)[:10] > str(limit)
        else:
            wrong = (float(str(value)) - float(str(limit))) * sign < 0
        if wrong:
            yield Problem("watch", f"too_{kind}", *place, 0.0, {"value": str(value), "limit": str(limit)})
