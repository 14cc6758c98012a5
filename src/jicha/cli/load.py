"""`jicha load`: source files into the data folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from jicha.catalog.schema import schema
from jicha.cli.common import (
    DataArgument,
    JsonOption,
    LangOption,
    MemoryOption,
    UserOption,
    messages,
    now,
    operating_user,
    output,
    print_json,
    progress,
)
from jicha.errors import JichaError
from jicha.ingest import LoadResult, Replace, load
from jicha.language import Language, Text
from jicha.quality.store import Book
from jicha.quality.view import measure_after_load
from jicha.stopping import was_asked
from jicha.warehouse.machine import ERRORS

_SKIPPED_SHOWN = 20  # files that were left out
_APART = {  # lines that are no record, and how that is said
    "totals": Text(
        "另有合计行 {count} 行不作为记录（如 {file}）；若是真实记录，请改其首个单元格的“合计”“SUM”等字样。",
        "{count} lines of totals are no records (as in {file}); if one is, its first cell must not read like “total”.",
    ),
    "filtered": Text(
        "按映射的条件略过 {count} 行（如 {file}）。",
        "{count} lines left out by the condition of the mapping (as in {file}).",
    ),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("load")(load_command)


def load_command(
    data: DataArgument,
    sources: Annotated[
        list[str], typer.Argument(help="文件、目录或数据库地址 files, folders, database URLs", metavar="SOURCE...")
    ],
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping", help="映射文件或自带映射名 mapping file (YAML) or shipped one's name", metavar="FILE"
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="只检查，不写入 check only, change nothing")] = False,
    replace: Annotated[
        Replace, typer.Option("--replace", help="替换涉及的月份或整张表 replace the months in it or whole tables")
    ] = Replace.NONE,
    changed: Annotated[
        bool,
        typer.Option("--changed", help="只读新文件和改动过的文件 read only files that are new or changed since a load"),
    ] = False,
    wait: Annotated[float, typer.Option("--wait", help="等待其他导入的秒数 seconds to wait for another load")] = 600,
    memory: MemoryOption = "4GB",
    lang: LangOption = Language.ZH,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """导入：识别、校验、合并来源文件 Load source files: recognise, check, merge."""
    with progress(enabled=not as_json) as bar:
        task = bar.add_task("", total=None)

        def watch(text: Text, done: int, total: int) -> None:
            bar.update(task, description=escape(text.to(lang)), completed=done, total=total or None)

        def waiting(who: Text) -> None:
            message = Text(
                f"数据目录正被{who.zh}使用，等待其结束……", f"waiting for {who.en}, which uses the data folder …"
            )
            messages.print(message.to(lang), style="yellow", markup=False)

        result = load(
            data, sources, mapping=mapping, check=check, replace=replace, changed=changed, now=now(),
            user=user or operating_user(), watch=watch, wait_seconds=wait, on_wait=waiting, memory=memory,
        )  # fmt: skip
        if not check and not result.nothing_new:
            watch(Text("统计数据质量", "measuring the data quality"), 0, 0)
            try:
                measure_after_load(Book(data, memory=memory), result.accepted)
            except (KeyboardInterrupt, RuntimeError, JichaError, *ERRORS):
                if not was_asked():  # else the load is done; `jicha quality` measures it later
                    raise
    if as_json:
        print_json(result.to_json())
    else:
        if changed:
            _show_files(result, lang)
        _show(result, data, lang)
    raise typer.Exit(result.exit_code)


def _show_files(result: LoadResult, lang: Language) -> None:
    """Say of each file whether it was read, and where it was not, which load did; of many left out the last."""
    words = {
        "read": Text("读取", "read"),
        "skipped": Text("跳过", "left out"),
        "unrecognised": Text("未识别", "not recognised"),
    }
    skipped = [item for item in result.deliveries if item["outcome"] == "skipped"]
    unshown = {item["file"] for item in skipped[:-_SKIPPED_SHOWN]}
    table = Table(title=Text("文件", "files").to(lang))
    for head in (
        Text("文件", "file"),
        Text("处理", "what became of it"),
        Text("表", "tables"),
        Text("导入编号", "load"),
    ):
        table.add_column(head.to(lang), overflow="fold")
    for item in result.deliveries:
        if item["outcome"] == "skipped" and item["file"] in unshown:
            continue
        what = words[item["outcome"]].to(lang)
        if item.get("same_as") not in {None, item["file"]}:
            what += Text(f"（内容同 {item['same_as']}）", f" (same content as {item['same_as']})").to(lang)
        load_id = item["load_id"] or ""
        table.add_row(escape(item["file"]), escape(what), ", ".join(item["tables"]), load_id)
    output.print(table)
    if unshown:
        zh, en = (
            f"另有 {len(unshown)} 个文件已跳过（--json 列出全部）。",
            f"{len(unshown)} more left out (--json lists all).",
        )
        output.print(Text(zh, en).to(lang))


def _show(result: LoadResult, data: Path, lang: Language) -> None:
    def say(zh: str, en: str) -> str:
        return Text(zh, en).to(lang)

    if result.nothing_new:
        zh, en = (
            f"没有新内容，数据仍是版本 {result.version}。",
            f"Nothing new; the data are still version {result.version}.",
        )
        output.print(say(zh, en))
        for item in result.unrecognised:
            _show_unrecognised(item, lang)
        return
    heads = [
        ("表", "table"), ("文件", "files"), ("接受", "accepted"), ("拒绝", "rejected"), ("警告", "warnings"),
        ("新增", "new"), ("更新", "updated"), ("移除", "removed"), ("现有行数", "rows now"),
    ]  # fmt: skip
    table = Table(title=say("导入结果", "load"))
    for index, (zh, en) in enumerate(heads):
        table.add_column(say(zh, en), justify="right" if index else "left", no_wrap=True)
    for name, found in result.tables.items():
        counts = [found.files, found.accepted, found.rejected, found.warnings, found.new, found.updated, found.removed]
        numbers = [f"{count:,}" for count in [*counts, found.rows]]
        numbers[2] = f"[red]{numbers[2]}[/red]" if found.rejected else numbers[2]
        numbers[3] = f"[yellow]{numbers[3]}[/yellow]" if found.warnings else numbers[3]
        label = schema()[name].label(lang)
        table.add_row(escape(f"{name} {label}" if lang is Language.ZH else name), *numbers)
    output.print(table)
    lines = result.accepted + result.rejected
    speed = f"{lines / result.seconds:,.0f}" if result.seconds else "-"
    output.print(
        say(
            f"共接受 {result.accepted:,} 行，拒绝 {result.rejected:,} 行，"
            f"用时 {result.seconds:.1f} 秒（{speed} 行/秒）。",
            f"{result.accepted:,} rows accepted, {result.rejected:,} rejected "
            f"in {result.seconds:.1f} s ({speed} rows/s).",
        )
    )
    for kind, sentence in _APART.items():
        count, file = result.lines_apart(kind)
        if count:
            output.print(sentence.to(lang).format(count=f"{count:,}", file=file), markup=False)
    for item in result.unrecognised:
        _show_unrecognised(item, lang)
    if result.check:
        if result.problems:
            output.print(_problems(result.problems, lang))
        output.print(say("仅检查，数据未改动。", "Checked only; nothing was changed."))
        return
    output.print(
        say(
            f"数据版本 {result.version}，导入编号 {result.load_id}。",
            f"Data-set version {result.version}, load {result.load_id}.",
        )
    )
    if result.rejected:
        output.print(
            say(
                f"查看被拒绝的行：jicha rejects {data} --load {result.load_id} [--out 文件.xlsx]",
                f"See the rejected lines: jicha rejects {data} --load {result.load_id} [--out FILE.xlsx]",
            ),
            markup=False,
        )
    if result.warnings:
        command = f"jicha rejects {data} --warnings --load {result.load_id}"
        output.print(say(f"查看警告：{command}", f"See the warnings: {command}"), markup=False)


def _problems(problems: Sequence[dict[str, Any]], lang: Language) -> Table:
    heads = [
        ("级别", "kind"), ("表", "table"), ("文件", "file"), ("列", "column"), ("次数", "times"),
        ("首行", "first line"), ("值", "value"), ("原因", "reason"),
    ]  # fmt: skip
    kinds = {"reject": Text("拒绝", "rejected"), "warning": Text("警告", "warning")}
    table = Table(title=Text("须看的问题", "what to look at").to(lang))
    for zh, en in heads:
        table.add_column(Text(zh, en).to(lang), overflow="fold")
    for item in problems:
        place = f"{item['file']}!{item['sheet']}" if item["sheet"] else item["file"]
        value = "…" if item["value"] is None else str(item["value"])[:60]
        reason = item["reason"] if lang is Language.ZH else item["reason_en"]
        cells = [kinds[item["kind"]].to(lang), item["table"], place, item["column"] or "", f"{item['errors']:,}"]
        table.add_row(*(escape(cell) for cell in [*cells, str(item["line"]), value, reason]))
    return table


def _show_unrecognised(item: dict[str, Any], lang: Language) -> None:
    place = f"{item['file']}!{item['sheet']}" if item["sheet"] else item["file"]
    reason = item["reason"] if lang is Language.ZH else item["reason_en"]
    text = Text(f"未识别：{place}（{reason}）", f"not recognised: {place} ({reason})")
    messages.print(text.to(lang), style="yellow", markup=False)
