"""`jicha rejects`: what was not accepted, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from jicha.cli.common import DataArgument, JsonOption, LangOption, messages, output, print_json
from jicha.ingest.rejects import export_rejects, find_rejects
from jicha.language import Language, Text

_WHOLE_LINES = {"structure", "encoding"}  # their value is a line, which may hold personal data: only in the file


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
    limit: Annotated[int, typer.Option("--limit", help="显示条数 how many to show", min=1)] = 20,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """被拒绝的行及原因，可导出改正后重新导入 Rejected lines and why; export them to mend and load again."""
    rejects = find_rejects(data, load, table)
    if out is not None:
        rows = export_rejects(rejects, out)
        if as_json:
            print_json({"out": out, "rows": rows})
        else:
            messages.print(
                Text(f"已写入 {out}：{rows:,} 条。", f"wrote {out}: {rows:,} errors.").to(lang), markup=False
            )
        return
    count = rejects.count()
    first = rejects.first(limit)
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
        value = "…" if item["code"] in _WHOLE_LINES else str(item["value"])[:60]
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
