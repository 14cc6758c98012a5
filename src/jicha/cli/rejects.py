"""`jicha rejects`: what was not accepted, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from jicha.catalog.schema import schema
from jicha.cli.common import DataArgument, JsonOption, LangOption, messages, output, print_json
from jicha.ingest.problems import may_be_shown
from jicha.ingest.rejects import export_rejects, find_rejects
from jicha.language import Language, Text


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rejects")(rejects_command)


def rejects_command(
    data: DataArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="写入文件 write to .csv, .xlsx, .parquet", metavar="FILE")
    ] = None,
    load: Annotated[
        str | None, typer.Option("--load", help="导入编号，默认最近一次；all 为全部 load id, latest by default, or all")
    ] = None,
    table: Annotated[str | None, typer.Option("--table", help="只看一张表 one table only")] = None,
    warnings: Annotated[
        bool, typer.Option("--warnings", help="改看警告：已导入但应核对的值 values that were loaded but need a look")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", help="显示条数 how many to show", min=1)] = 20,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """被拒绝的行及原因，可导出改正后重新导入 Rejected lines and why; export them to mend and load again."""
    rejects = find_rejects(data, load, table, warnings=warnings)
    if out is not None:
        rows = export_rejects(rejects, out)
        if as_json:
            print_json({"out": out, "rows": rows})
        else:
            messages.print(
                Text(f"已写入 {out}：{rows:,} 条。", f"wrote {out}: {rows:,} entries.").to(lang), markup=False
            )
        return
    count = rejects.count()
    first = rejects.first(limit)
    if warnings:
        _show_warnings(first, count, data, lang, as_json=as_json)
        return
    if as_json:
        groups = [
            dict(zip(("table", "file", "code", "column", "errors"), group, strict=True))
            for group in rejects.by_reason()
        ]
        print_json({"errors": count, "groups": groups, "first": first})
        return
    if not count:
        output.print(Text("没有被拒绝的行。", "No line was rejected.").to(lang))
        return
    heads = [
        Text("表", "table"), Text("文件", "file"), Text("行", "line"), Text("列", "column"), Text("值", "value"),
        Text("类别", "code"), Text("原因", "reason"),
    ]  # fmt: skip
    shown = Table(title=Text(f"被拒绝：{count:,} 条错误", f"rejected: {count:,} errors").to(lang))
    for head in heads:
        shown.add_column(head.to(lang), overflow="fold")
    for item in first:
        place = f"{item['file']}!{item['sheet']}" if item["sheet"] else item["file"]
        shows = may_be_shown(schema(), item["table"], item["column"], item["code"])
        value = str(item["value"])[:60] if shows or not item["value"] else "…"
        reason = item["reason"] if lang is Language.ZH else item["reason_en"]
        cells = [item["table"], place, str(item["line"]), item["column"] or "", value, item["code"], reason]
        shown.add_row(*(escape(cell) for cell in cells))
    output.print(shown)
    if count > limit:
        more = Text(
            f"只显示前 {limit} 条；全部导出：jicha rejects {data} --out 文件.xlsx",
            f"the first {limit}; all of them: jicha rejects {data} --out FILE.xlsx",
        )
        output.print(more.to(lang), markup=False)


def _show_warnings(first: Sequence[dict[str, Any]], count: int, data: Path, lang: Language, *, as_json: bool) -> None:
    if as_json:
        print_json({"warnings": count, "first": first})
        return
    if not count:
        output.print(Text("没有警告。", "No warnings.").to(lang))
        return
    heads = [
        Text("表", "table"), Text("文件", "file"), Text("首行", "first line"), Text("列", "column"),
        Text("值", "value"), Text("行数", "rows"), Text("原因", "reason"),
    ]  # fmt: skip
    shown = Table(title=Text(f"警告：{count:,} 条，行已导入", f"warnings: {count:,}; the rows were loaded").to(lang))
    for head in heads:
        shown.add_column(head.to(lang), overflow="fold")
    for item in first:
        place = f"{item['file']}!{item['sheet']}" if item["sheet"] else item["file"]
        reason = item["reason"] if lang is Language.ZH else item["reason_en"]
        value = str(item["value"])[:60] if may_be_shown(schema(), item["table"], item["column"], item["kind"]) else "…"
        cells = [item["table"], place, str(item["line"]), item["column"] or "", value, f"{item['rows']:,}", reason]
        shown.add_row(*(escape(cell) for cell in cells))
    output.print(shown)
    if count > len(first):
        more = Text(
            f"只显示前 {len(first)} 条；全部导出：jicha rejects {data} --warnings --out 文件.xlsx",
            f"the first {len(first)}; all of them: jicha rejects {data} --warnings --out FILE.xlsx",
        )
        output.print(more.to(lang), markup=False)
