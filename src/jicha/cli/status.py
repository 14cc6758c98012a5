"""`jicha status`: what a data folder holds, and which rules can run on it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from jicha.catalog.files import vocabulary
from jicha.catalog.rules import load_rules
from jicha.catalog.schema import schema
from jicha.cli.common import DataArgument, JsonOption, LangOption, existing_folder, messages, output, print_json
from jicha.cli.damage import damaged_tables, say_damaged
from jicha.cli.rules import Known, known_rules
from jicha.engine.source import StoredTables
from jicha.errors import BadInput
from jicha.ingest.delivered import read_files
from jicha.ingest.rejects import read_load
from jicha.language import Language, Text
from jicha.screening.readiness import lacked, readiness
from jicha.warehouse import Snapshot, Warehouse

_SHOWN = 10  # latest loads
_FILES_SHOWN = 20  # latest files


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status_command)


def status_command(data: DataArgument, lang: LangOption = Language.ZH, as_json: JsonOption = False) -> None:
    """数据目录的状态：表、期间、版本，哪些规则能运行 What the data folder holds and which rules can run."""
    existing_folder(data)
    snapshot = Warehouse(data).snapshot()
    damaged = damaged_tables(snapshot)
    known, wrong = _known(data)
    content = _content(snapshot, known)
    if as_json:
        problems = {"damaged": {name: error.to(lang) for name, error in damaged.items()}}
        print_json(content | problems | {"run_inputs": wrong.to(lang) if wrong else None})
        raise typer.Exit(1 if damaged or wrong else 0)
    if not snapshot.manifest.version:
        output.print(
            Text(
                f"{data} 还没有数据。用 jicha load {data} 来源 导入。",
                f"{data} holds no data yet; load some with jicha load {data} SOURCE",
            ).to(lang),
            markup=False,
        )
        return
    _show_tables(snapshot, data, lang)
    _show_loads(content["loads"], lang)
    _show_files(content["files"], lang)
    _show_rules(content["rules"], lang)
    if told := known.told(lang):
        output.print(told, markup=False)
    if wrong:
        messages.print(wrong.to(lang), style="red", markup=False)
    if damaged:
        say_damaged(damaged, lang)
    if damaged or wrong:
        raise typer.Exit(1)


def _known(data: Path) -> tuple[Known, BadInput | None]:
    """Return the rules with the utility's statuses; what is wrong with the run inputs is told, not the end of it."""
    try:
        return known_rules(data), None
    except BadInput as error:
        found = load_rules(data / "rules")
        return Known(found.rules, tuple(found.problems.values())), error


def _content(snapshot: Snapshot, known: Known) -> dict[str, Any]:
    rules = {code: replace(rule, status=known.status(rule)) for code, rule in known.rules.items()}
    manifest = snapshot.manifest
    return {
        "version": manifest.version,
        "parent": manifest.parent,
        "created_at": manifest.created_at,
        "fingerprint": manifest.fingerprint,
        "tables": {name: vars(manifest.tables[name]) for name in schema().tables if name in manifest.tables},
        "not_delivered": [name for name in schema().tables if name not in manifest.tables],
        "loads": [_load(snapshot.data, load_id) for load_id in manifest.loads],
        "files": [asdict(file) for file in read_files(snapshot.data, manifest.loads)],
        "rules": [
            {
                "code": item.rule.code,
                "name": dict(item.rule.name),
                "outcome": item.outcome,
                "lacks": list(item.lacks),
                "status": item.rule.status,
                "status_shipped": known.rules[item.rule.code].status,
                "status_from": known.place if item.rule.status != known.rules[item.rule.code].status else None,
            }
            for item in readiness(StoredTables(snapshot), rules)
        ],
    }


def _load(data: Path, load_id: str) -> dict[str, Any]:
    found = read_load(data, load_id)
    names = ("created_at", "user", "version", "accepted", "rejected", "warnings", "seconds")
    return {"load_id": load_id} | {name: found.get(name) for name in names}


def _table(title: Text, heads: list[Text], lang: Language) -> Table:
    table = Table(title=title.to(lang))
    for head in heads:
        table.add_column(head.to(lang), overflow="fold")
    return table


def _show_tables(snapshot: Snapshot, data: Path, lang: Language) -> None:
    manifest = snapshot.manifest
    heads = [
        Text("表", "table"), Text("行数", "rows"), Text("最早月份", "first month"), Text("最近月份", "last month"),
        Text("版本", "version"), Text("最近导入", "last load"),
    ]  # fmt: skip
    title = Text(f"{data}：数据版本 {manifest.version}", f"{data}: data-set version {manifest.version}")
    shown = _table(title, heads, lang)
    for name, table in schema().tables.items():
        found = manifest.tables.get(name)
        label = f"{name} {table.zh}" if lang is Language.ZH else name
        if found is None:
            continue
        months = [(month or "")[:7] for month in (found.first_period, found.last_period)]
        shown.add_row(escape(label), f"{found.rows:,}", *months, str(found.delta_version), found.load_id)
    output.print(shown)
    absent = [name for name in schema().tables if name not in manifest.tables]
    if absent:
        text = Text(
            f"未导入的表（{len(absent)}）：{'、'.join(absent)}", f"not loaded ({len(absent)}): {', '.join(absent)}"
        )
        output.print(text.to(lang), markup=False)


def _show_loads(loads: list[dict[str, Any]], lang: Language) -> None:
    heads = [
        Text("导入编号", "load"), Text("时间(UTC)", "time (UTC)"), Text("操作人", "by"), Text("接受", "accepted"),
        Text("拒绝", "rejected"), Text("警告", "warnings"),
    ]  # fmt: skip
    shown = _table(Text(f"导入（最近 {_SHOWN} 次）", f"loads (latest {_SHOWN})"), heads, lang)
    for item in loads[-_SHOWN:]:
        cells = [item[name] for name in ("load_id", "created_at", "user", "accepted", "rejected", "warnings")]
        shown.add_row(*(escape("" if cell is None else str(cell)) for cell in cells))
    output.print(shown)


def _show_files(files: list[dict[str, Any]], lang: Language) -> None:
    """Show the files that were read, as `load --changed` knows them; of many the last."""
    if not files:
        return
    heads = [
        Text("文件", "file"), Text("表", "tables"), Text("接受", "accepted"), Text("拒绝", "rejected"),
        Text("读取时间(UTC)", "read at (UTC)"), Text("导入编号", "load"),
    ]  # fmt: skip
    zh, en = f"已读取的文件（{len(files)}）", f"files that were read ({len(files)})"
    shown = _table(Text(zh, en), heads, lang)
    for item in files[-_FILES_SHOWN:]:
        cells = [item["file"], ", ".join(item["tables"]), *(item[name] for name in ("accepted", "rejected", "read_at"))]
        shown.add_row(*(escape("" if cell is None else str(cell)) for cell in cells), item["load_id"])
    output.print(shown)
    zh, en = (
        "这些文件未改动时 jicha load --changed 不再读取；数据库每次都重新查询。",
        "jicha load --changed leaves these files out while they stay as they are; databases are always asked anew.",
    )
    output.print(Text(zh, en).to(lang), markup=False)
    if len(files) > _FILES_SHOWN:
        zh, en = f"只列出最近 {_FILES_SHOWN} 个，--json 列出全部。", f"The latest {_FILES_SHOWN}; --json lists all."
        output.print(Text(zh, en).to(lang), markup=False)


def _show_rules(rules: list[dict[str, Any]], lang: Language) -> None:
    ready = [item["code"] for item in rules if item["outcome"] == "done"]
    text = Text(f"可以运行的规则：{len(ready)} / {len(rules)}", f"rules that can run: {len(ready)} of {len(rules)}")
    output.print(text.to(lang))
    waiting = [item for item in rules if item["outcome"] != "done"]
    if not waiting:
        return
    words = vocabulary().get("rule_outcome", {})
    heads = [Text("规则", "rule"), Text("名称", "name"), Text("未能运行", "why not"), Text("缺少", "lacks")]
    shown = _table(Text("暂不能运行的规则", "rules that cannot run yet"), heads, lang)
    for item in waiting:
        why = words.get(item["outcome"], {}).get(lang.value, item["outcome"])
        lacks = ("、" if lang is Language.ZH else ", ").join(t.to(lang) for t in lacked(item["outcome"], item["lacks"]))
        shown.add_row(item["code"], escape(item["name"][lang.value]), why, escape(lacks))
    output.print(shown)
