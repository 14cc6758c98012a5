"""`jicha calc`: what an inspector claims, refunds or checks, with formula, numbers, clause and edition."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from jicha.calculators import Calculator, Result, calculators, find
from jicha.calculators.limits import limits
from jicha.calculators.registry import GROUPS, decode
from jicha.calculators.sheet import unit_in
from jicha.cli.common import JsonOption, LangOption, messages, output, print_json
from jicha.errors import BadInput
from jicha.language import Language, Text

HEADS = {
    "name": Text("名称", "name"),
    "what": Text("计算", "what it calculates"),
    "step": Text("步骤", "step"),
    "formula": Text("公式", "formula"),
    "numbers": Text("代入", "numbers"),
    "result": Text("结果", "result"),
    "field": Text("输入项", "field"),
    "unit": Text("单位", "unit"),
    "default": Text("缺省", "default"),
    "meaning": Text("说明", "meaning"),
    "takes": Text("取值", "takes"),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("calc")(calc_command)


def calc_command(
    name: Annotated[str | None, typer.Argument(help="计算器名 calculator", metavar="NAME", show_default=False)] = None,
    listing: Annotated[bool, typer.Option("--list", help="列出全部计算器 list all; --json: with schemas")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="输入项 the inputs of NAME")] = False,
    example: Annotated[bool, typer.Option("--example", help="可直接使用的输入例子 an input that runs")] = False,
    given: Annotated[
        Path | None,
        typer.Option("--input", help="输入文件，缺省标准输入 input file, default standard input", metavar="FILE"),
    ] = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """计算器：窃电、违约用电、计量差错、违约金、退补、瓦秒法、线损等 Calculators, JSON in."""
    if listing:
        _list(lang, as_json=as_json)
        return
    if name is None:
        raise BadInput(
            zh="请给出计算器名，如 jicha calc late_payment < input.json；全部见 jicha calc --list。",
            en="name a calculator, e.g. `jicha calc late_payment < input.json`; see `jicha calc --list`",
        )
    chosen = find(name)
    if example:
        print_json(chosen.example)
    elif schema:
        _schema(chosen, lang, as_json=as_json)
    else:
        result = chosen.from_json(_read(chosen, given))
        if as_json:
            print_json(result.to_json())
        else:
            _show(chosen, result, lang)


def _read(chosen: Calculator[Any], given: Path | None) -> Any:
    if given is not None:
        try:
            return decode(given.read_text(encoding="utf-8-sig"), str(given))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                zh=f"无法读取 {given}：{error}。应为 UTF-8 的 JSON 文件。",
                en=f"cannot read {given}: {error}; expected a JSON file in UTF-8",
            ) from error
    if sys.stdin.isatty():
        raise BadInput(
            zh=f"请从标准输入或 --input 给出 JSON，例如：jicha calc {chosen.name} --example | jicha calc {chosen.name}",
            en=f"give JSON on standard input or by --input, e.g. `jicha calc {chosen.name} --example | "
            f"jicha calc {chosen.name}`",
        )
    return decode(sys.stdin.read(), "stdin")


def _list(lang: Language, *, as_json: bool) -> None:
    known = calculators()
    if as_json:
        print_json([item.to_json() for item in known.values()])
        return
    table = Table(HEADS["name"].to(lang), HEADS["what"].to(lang), box=None)
    group = ""
    for item in known.values():
        if item.group != group:
            group = item.group
            table.add_row(f"[bold]{GROUPS[group].to(lang)}[/bold]", "")
        table.add_row(item.name, item.title.to(lang))
    output.print(table)


def _schema(chosen: Calculator[Any], lang: Language, *, as_json: bool) -> None:
    content = chosen.schema()
    if as_json:
        print_json(content)
        return
    output.print(f"[bold]{chosen.name}[/bold] {escape(chosen.title.to(lang))}")
    output.print(chosen.note, markup=False)
    for title, part in [("", content), *content.get("$defs", {}).items()]:
        if "properties" not in part:
            continue
        heads = [HEADS[key].to(lang) for key in ("field", "unit", "default", "meaning", "takes")]
        table = Table(*heads, title=title or None, title_justify="left", box=None)
        for field, item in part["properties"].items():
            required = field in part.get("required", [])
            default = item.get("default_by_edition", item.get("default"))
            shown = "*" if required else "" if default is None else json.dumps(default, ensure_ascii=False)
            meaning = item.get(lang.value, item.get("const", ""))
            takes = limits(item).to(lang)
            options = item.get("enum") or item.get("items", {}).get("$ref", "").rsplit("/", 1)[-1]
            table.add_row(field, item.get("unit", ""), shown, escape(f"{meaning} {options or ''}".strip()), takes)
        output.print(table)


def _show(chosen: Calculator[Any], result: Result, lang: Language) -> None:
    edition = f"  {result.edition}" if result.edition else ""
    output.print(f"[bold]{escape(chosen.title.to(lang))}[/bold]{edition}")
    table = Table(*(HEADS[key].to(lang) for key in ("step", "formula", "numbers")), box=None)
    table.add_column(HEADS["result"].to(lang), justify="right")
    for step in result.steps:
        shown = f"{step.result} {unit_in(step.unit, lang)}".strip()
        table.add_row(*(escape(text) for text in (step.label.to(lang), step.formula.to(lang), step.numbers, shown)))
    output.print(table)
    unverified = False
    cited = dict.fromkeys((b.regulation, b.article, b.verified) for b in result.basis)
    numbered = {regulation for regulation, article, _ in cited if article}
    for regulation, article, verified in cited:
        if article is None and regulation in numbered:
            continue
        mark = "" if verified or not article else "*"
        unverified = unverified or bool(mark)
        output.print(f"§ {regulation} {article or ''}{mark}", markup=False, style="dim")
    for caution in result.warnings:
        messages.print(f"! {caution.text.to(lang)}", style="yellow", markup=False)
    if unverified:
        note = "带 * 的条款号尚未与官方文本核对，不得印在给用户的文书上。"
        english = "articles marked * were not compared with the official text and must not be printed for customers."
        messages.print(f"! {Text(note, english).to(lang)}", style="yellow", markup=False)
