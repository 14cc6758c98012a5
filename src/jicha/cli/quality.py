"""`jicha quality`: how good the stored data are, per table and column, with the trend over loads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.markup import escape
from rich.table import Table

from jicha.catalog.schema import schema
from jicha.cli.common import (
    DataArgument,
    JsonOption,
    LangOption,
    MemoryOption,
    messages,
    output,
    print_json,
    progress,
)
from jicha.cli.damage import damaged_tables, say_damaged
from jicha.errors import BadInput
from jicha.findings.export import check_format, written_aside
from jicha.language import Language
from jicha.quality.judge import Judged
from jicha.quality.store import Book
from jicha.quality.view import judged, null_share
from jicha.quality.words import describe, say
from jicha.report.quality import View, quality_page
from jicha.report.quality_workbook import write_quality_workbook

_COLOURS = {"bad": "bold red", "watch": "yellow"}
_BARS = "▁▂▃▄▅▆▇█"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("quality")(quality_command)


def quality_command(
    data: DataArgument,
    table: Annotated[str | None, typer.Option("--table", help="只看一张表的各列 the columns of one table")] = None,
    version: Annotated[
        int | None, typer.Option("--version", help="数据版本，默认当前 data-set version, default the current", min=1)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="写入 .html、.xlsx write a page or workbook", metavar="FILE")
    ] = None,
    memory: MemoryOption = "4GB",
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """数据质量：各表各列的空值、未知代码、取值范围、引用、缺失期间与趋势 The quality of the data, with its trend."""
    ending = check_format(out, (".html", ".xlsx")) if out else ""
    if table is not None and table not in schema():
        raise BadInput(
            zh=f"没有表 {table}；表名见 jicha status {data}。",
            en=f"there is no table {table}; see `jicha status {data}`",
        )
    found = _measured(data, version, memory, lang, quiet=as_json)
    damaged = damaged_tables(Book(data).warehouse.snapshot(found.quality.version))
    if damaged:
        say_damaged(damaged, lang)  # the figures are those of when the tables were whole
    if table is not None and table not in found.quality.tables:
        raise BadInput(
            zh=f"数据版本 {found.quality.version} 没有表 {table}：从未导入。",
            en=f"data-set version {found.quality.version} has no table {table}: it was never loaded",
        )
    if out is not None:
        with written_aside(out) as aside:
            if ending == ".html":
                page = quality_page(found, lang, data=str(data), utility=_utility(data, found), table=table)
                aside.write_text(page, encoding="utf-8", newline="\n")
            else:
                write_quality_workbook(found, aside, lang, table=table)
        if as_json:
            print_json({"out": out, "bytes": out.stat().st_size, "version": found.quality.version})
        else:
            messages.print(say("wrote", lang, path=out), markup=False)
        raise typer.Exit(1 if damaged else 0)
    view = View(found, lang)
    if as_json:
        print_json(_json(found, view, table))
    elif table is not None:
        _show_table(view, table)
    else:
        _show(view, data)
    raise typer.Exit(1 if damaged else 0)


def _measured(data: Path, version: int | None, memory: str, lang: Language, *, quiet: bool) -> Judged:
    with progress(enabled=not quiet) as bar:
        task = bar.add_task("", total=None)

        def watch(name: str, done: int, total: int) -> None:
            bar.update(task, description=escape(schema()[name].label(lang)), completed=done, total=total)

        book = Book(data, memory=memory, watch=watch)
        found = judged(book, version)
    if book.unwritten:
        messages.print(say("not_kept", lang, why=book.unwritten), style="yellow", markup=False)
    return found


def _utility(data: Path, found: Judged) -> str:
    """Return the name of the unit at the top, where the data tell it."""
    snapshot = Book(data).warehouse.snapshot(found.quality.version)
    with duckdb.connect() as connection:
        sql = snapshot.relation_sql("organization")
        rows = connection.execute(
            f"SELECT name FROM ({sql}) WHERE parent_id IS NULL ORDER BY org_id LIMIT 2"
        ).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else ""


def _json(found: Judged, view: View, table: str | None) -> dict[str, Any]:
    content = found.quality.to_json()
    if table is not None:
        content["tables"] = {table: content["tables"][table]}
        content["deliveries"] = {name: item for name, item in content["deliveries"].items() if name == table}
    content["periods_missing"] = {
        name: [{"first": gap.first, "last": gap.last, "periods": gap.periods} for gap in covered.gaps]
        for name, covered in found.coverage.items()
        if table in (None, name)
    }
    content["problems"] = [
        {"level": p.level, "kind": p.kind, "table": p.table, "column": p.column, "share": p.share,
         "text": describe(p, view.language)}
        for p in found.problems
        if table in (None, p.table)
    ]  # fmt: skip
    content["not_loaded"] = {name: list(rules) for name, rules in found.absent.items()}
    content["trend"] = [
        {
            "version": q.version, "created_at": q.created_at, "load_id": q.load_id, "rows": q.rows,
            "rejected": q.rejected, "lost": q.lost,
            "tables": {
                name: {"rows": item.rows, "null_share": null_share(item, name, view.settings)}
                for name, item in q.tables.items()
                if table in (None, name)
            },
        }
        for q in found.trend
    ]  # fmt: skip
    return content


def _bars(values: list[int | None]) -> str:
    """Return a trend as characters."""
    known = [value for value in values if value is not None]
    if len(values) < 2 or not known:
        return ""
    most = max(known)
    return "".join(" " if v is None else _BARS[round(v / most * 7) if most else 0] for v in values)


def _grid(title: str, heads: list[tuple[str, str]]) -> Table:
    grid = Table(title=title)
    for head, justify in heads:
        grid.add_column(head, justify="right" if justify == "r" else "left", overflow="fold")
    return grid


def _level(view: View, level: str | None) -> str:
    return f"[{_COLOURS[level]}]{view.words[f'level_{level}']}[/]" if level else ""


def _show(view: View, data: Path) -> None:
    q = view.words
    output.print(view.lead, markup=False)
    grid = _grid(
        f"{q['title']} · {view.versions}",
        [(q["table"], "l"), (q["rows"], "r"), (q["change"], "r"), (q["trend"], "l"), (q["null_share"], "r"),
         (q["rejected"], "r"), (q["lost"], "r"), (q["missing"], "r"), (q["level"], "l")],
    )  # fmt: skip
    for line in view.tables:
        label = f"{line.name} {line.label}" if view.language is Language.ZH else line.name
        rows = [v.tables[line.name].rows if line.name in v.tables else None for v in view.judged.trend]
        grid.add_row(
            escape(label), f"{line.rows:,}", line.change, _bars(rows), line.null_percent, f"{line.rejected:,}",
            f"{line.lost:,}", line.missing, _level(view, line.level),
        )  # fmt: skip
    output.print(grid)
    if view.judged.problems:
        grid = _grid(q["problems"], [(q["level"], "l"), (q["table"], "l"), (q["column"], "l"), (q["problem"], "l"),
                                     (q["share"], "r")])  # fmt: skip
        for problem in view.judged.problems:
            line_ = view.line(problem)
            cells = [line_.table, line_.column or "", line_.text, line_.percent]
            grid.add_row(_level(view, problem.level), *(escape(cell) for cell in cells))
        output.print(grid)
    output.print(say("hint_table", view.language, data=data), markup=False)


def _show_table(view: View, name: str) -> None:
    q = view.words
    figures, covered = view.quality.tables[name], view.judged.coverage.get(name)
    grid = _grid(
        f"{name} {schema()[name].label(view.language)} · {q['version']} {view.quality.version} · "
        f"{q['rows']} {figures.rows:,}",
        [(q["column"], "l"), (q["nulls"], "r"), (q["null_share"], "r"), (q["distinct"], "r"), (q["range"], "l"),
         (q["rejected"], "l"), (q["lost"], "r"), (q["problem"], "l")],
    )  # fmt: skip
    for line in view.columns(name):
        label = f"{line.name} {line.label}" if view.language is Language.ZH else line.name
        problem = f"{_level(view, line.level)} {escape(line.problems)}" if line.level else ""
        grid.add_row(
            escape(label), f"{line.nulls:,}", line.percent, f"{line.distinct:,}", escape(line.range),
            line.rejected, line.lost, problem,
        )  # fmt: skip
    output.print(grid)
    for problem_ in view.judged.of(name):
        if problem_.column is None:
            output.print(f"{_level(view, problem_.level)} {escape(describe(problem_, view.language))}")
    if covered and figures.periods:
        months: dict[str, int] = {}
        for day, rows in figures.periods.rows.items():
            months[day[:7]] = months.get(day[:7], 0) + rows
        shown = list(months.items())[-view.settings.shown_months :]
        output.print("  ".join(f"{month} {rows:,}" for month, rows in shown), markup=False)
