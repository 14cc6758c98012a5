"""`jicha rules`: list the catalog, show one rule, test rules against their cases."""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from jicha.catalog.files import regulations, specialties, vocabulary
from jicha.catalog.parameters import Parameter
from jicha.catalog.rules import Rule, load_rules, read_rule
from jicha.cli.common import JsonOption, LangOption, messages, output, print_json, progress
from jicha.cli.rules_backtest import backtest_rule
from jicha.errors import BadInput
from jicha.language import Language, Text
from jicha.screening.cases import CaseResult, check_and_run, rule_folder
from jicha.screening.inputs import read_inputs
from jicha.screening.plan import select_rules

_FEW = 3  # rules that are tested sooner than another process starts

rules_app = typer.Typer(
    help="规则目录：列出、查看、测试 the catalog of rules: list, show, test", invoke_without_command=True
)
RulesOption = Annotated[
    Path | None, typer.Option("--data", help="数据目录，含本单位规则 data folder with the utility's own rules")
]


@dataclass(frozen=True)
class Known:
    """The catalog with the utility's own rules and the status that the utility gives each.

    given: rule → its status in `place` (DATA/run/parameters.yaml); the rules themselves hold the shipped one.
    """

    rules: Mapping[str, Rule]
    problems: tuple[BadInput, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    place: str = ""

    def status(self, rule: Rule) -> str:
        """Return the status in force."""
        return self.given.get(rule.code, rule.status)

    def status_words(self, rule: Rule, lang: Language) -> str:
        """Return the status in force in words; where the utility gives another than the shipped one, both."""
        words = {code: label[lang.value] for code, label in vocabulary()["rule_status"].items()}
        now = words[self.status(rule)]
        if self.status(rule) == rule.status:
            return now
        return Text(f"{now}（自带为{words[rule.status]}）", f"{now} (shipped: {words[rule.status]})").to(lang)

    def overridden(self) -> list[Rule]:
        """Return the rules whose status is not the shipped one."""
        return [rule for rule in self.rules.values() if self.status(rule) != rule.status]

    def told(self, lang: Language) -> str:
        """Return the line that says where other statuses come from; empty when there is none."""
        if not (codes := [rule.code for rule in self.overridden()]):
            return ""
        zh, en = (
            f"{self.place} 改变了状态：{'、'.join(codes)}",
            f"{self.place} gives another status: {', '.join(codes)}",
        )
        return Text(zh, en).to(lang)


def known_rules(data: Path | None) -> Known:
    """Read the catalog, and with a data folder its own rules and the statuses of its run inputs; BadInput if wrong."""
    found = load_rules(data / "rules" if data else None)
    problems = tuple(found.problems.values())
    if data is None:
        return Known(found.rules, problems)
    folder = data / "run"
    inputs = read_inputs(folder, found.rules)
    return Known(found.rules, problems, inputs.statuses, str(folder / "parameters.yaml"))


def _facts(rule: Rule, known: Known) -> dict[str, Any]:
    changed = known.status(rule) != rule.status
    return {
        "code": rule.code,
        "name": dict(rule.name),
        "group": rule.group,
        "subject": rule.subject,
        "class": rule.rule_class,
        "severity": rule.severity,
        "status": known.status(rule),
        "status_shipped": rule.status,
        "status_from": known.place if changed else None,
        "frequency": rule.frequency,
        "proof": rule.proof,
        "tables": list(rule.tables),
        "key": list(rule.key),
        "parameters": [_parameter(p) for p in rule.parameters.values()],
        "basis": [_basis(entry) for entry in rule.basis],
        "remedy": dict(rule.remedy),
        "amount": dict(rule.amount) if rule.amount else None,
        "near_miss": list(rule.near_miss),
        "decisions": list(rule.decisions),
        "fingerprint": rule.fingerprint,
        "own": rule.own,
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "label": parameter.title._asdict(),
        "type": parameter.type,
        "default": parameter.default,
        "unit": parameter.unit,
        "min": parameter.min,
        "max": parameter.max,
        "source": parameter.source._asdict(),
        "verified": parameter.verified,
    }


def _basis(entry: Any) -> dict[str, Any]:
    """The number of an article is shown to rule authors with whether it is verified."""
    return {**entry, "title": regulations()[entry["regulation"]]["title"]}


@rules_app.callback()
def list_rules(
    context: typer.Context, data: RulesOption = None, lang: LangOption = Language.ZH, as_json: JsonOption = False
) -> None:
    """列出规则 List the rules."""
    if context.invoked_subcommand is not None:
        return
    found = known_rules(data)
    if as_json:
        facts = [_facts(rule, found) for rule in found.rules.values()]
        print_json({"rules": facts, "problems": [str(p) for p in found.problems]})
        return
    words = vocabulary()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (
        ("编码", "专业", "规则", "严重程度", "主体", "状态"),
        ("Code", "Specialty", "Rule", "Severity", "Subject", "Status"),
    )[lang is Language.EN]:
        table.add_column(heading)
    for rule in found.rules.values():
        table.add_row(
            rule.code,
            specialties()[rule.group][lang.value],
            escape(rule.name[lang.value]),
            words["severity"][rule.severity][lang.value],
            words["subject"][rule.subject][lang.value],
            found.status_words(rule, lang),
        )
    output.print(table)
    if told := found.told(lang):
        output.print(told, markup=False)
    for problem in found.problems:
        messages.print(problem.to(lang), style="red", markup=False)
    if found.problems:
        raise typer.Exit(1)


@rules_app.command("show")
def show_rule(
    code: Annotated[str, typer.Argument(help="规则编码 code, such as CF004")],
    data: RulesOption = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """查看一条规则 Show one rule: what it looks for, parameters, basis, SQL."""
    found = known_rules(data)
    rule = found.rules.get(code.upper())
    if rule is None:
        raise BadInput(
            zh=f"没有规则 {code}；jicha rules 列出全部 {len(found.rules)} 条。",
            en=f"there is no rule {code}; jicha rules lists all {len(found.rules)}",
        )
    if as_json:
        print_json({**_facts(rule, found), "sql": rule.sql, "not_judged_sql": rule.not_judged_sql})
        return
    words, language = vocabulary(), lang.value
    output.print(f"[bold]{rule.code} {escape(rule.name[language])}[/]")
    rows = [
        (Text("专业", "Specialty"), specialties()[rule.group][language]),
        (Text("严重程度", "Severity"), words["severity"][rule.severity][language]),
        (Text("状态", "Status"), _status_line(rule, found, lang)),
        (Text("证明方式", "Proof"), words["proof"][rule.proof][language]),
        (Text("所需表", "Tables"), ", ".join(rule.tables)),
        (Text("主键", "Key"), ", ".join(rule.key)),
        (Text("原因", "Reason"), rule.reason[language]),
        (Text("金额", "Amount"), rule.amount[language] if rule.amount else "—"),
        (Text("处理", "Remedy"), rule.remedy[language]),
    ]
    rows += [(Text("依据", "Basis"), _basis_line(entry, lang)) for entry in rule.basis]
    rows += [(Text("参数", "Parameter"), _parameter_line(p, lang)) for p in rule.parameters.values()]
    rows += [(Text("不应报", "Near miss"), _either(item, lang)) for item in rule.near_miss]
    rows += [(Text("判读约定", "Decision"), _either(item, lang)) for item in rule.decisions]
    grid = Table.grid(padding=(0, 2))
    for label, text in rows:
        grid.add_row(f"[dim]{label.to(lang)}[/]", escape(text))
    output.print(grid)
    output.print(Syntax(rule.sql, "sql", background_color="default"))


def _status_line(rule: Rule, known: Known, lang: Language) -> str:
    words = known.status_words(rule, lang)
    if known.status(rule) == rule.status:
        return words
    return words + Text(f"，见 {known.place}", f", by {known.place}").to(lang)


def _either(item: Any, lang: Language) -> str:
    return str(item[lang.value]) if isinstance(item, dict) else str(item)


def _basis_line(entry: Any, lang: Language) -> str:
    article = entry.get("article") or ""
    doubt = Text("（条款待核实）", " (not verified)").to(lang) if article and not entry.get("verified") else ""
    return f"{regulations()[entry['regulation']]['title']} {article}{doubt}"


def _parameter_line(parameter: Parameter, lang: Language) -> str:
    bounds = f" [{parameter.min} … {parameter.max}]" if parameter.min is not None or parameter.max is not None else ""
    doubt = "" if parameter.verified else Text("（待核实）", " (not verified)").to(lang)
    what = f"{parameter.label.to(lang)} " if parameter.label else ""
    unit = f" {parameter.unit_text.to(lang)}" if parameter.unit else ""
    return f"{what}{parameter.name} = {parameter.default}{unit}{bounds} {parameter.source.to(lang)}{doubt}"


@rules_app.command("test")
def test_rules(
    folder: Annotated[Path | None, typer.Argument(help="规则文件夹，缺省为自带目录 folder of rules")] = None,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="只测这些规则或专业 only these rules or groups")
    ] = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """用用例测试规则 Check each rule and run its cases."""
    rules = list(load_rules().rules.values()) if folder is None else _own_rules(folder)
    if not rules:
        raise BadInput(zh="没有找到规则文件（*.sql）。", en="no rule files (*.sql) found")
    if rule:
        rules = select_rules({r.code: r for r in rules}, rule)
    results: list[CaseResult] = []
    with progress(enabled=not as_json) as bar:
        task = bar.add_task("", total=len(rules))
        for item, found in zip(rules, _tested(rules, own=folder is not None), strict=True):
            bar.update(task, description=item.code, advance=1)
            results += found
    failed = [result for result in results if not result.passed]
    if as_json:
        print_json({
            "rules": len(rules), "cases": len(results), "failed": len(failed),
            "failures": [
                {"rule": f.rule, "case": f.name, "differences": [text.to(lang) for text in f.differences]}
                for f in failed
            ],
        })  # fmt: skip
    else:
        for failure in failed:
            name = Text("检查", "check").to(lang) if failure.kind == "check" else failure.name
            output.print(f"[red]{failure.rule}[/] {escape(name)}")
            for difference in failure.differences:
                output.print(f"    {difference.to(lang)}", markup=False)
        summary = Text(
            f"{len(rules)} 条规则，{len(results)} 个用例，{len(failed)} 个未通过。",
            f"{len(rules)} rules, {len(results)} cases, {len(failed)} failed.",
        )
        messages.print(summary.to(lang), style="red" if failed else "green")
    if failed:
        raise typer.Exit(1)


def _own_rules(folder: Path) -> list[Rule]:
    """Read the rules of a folder; BadInput names every file that is broken."""
    rules, broken = [], []
    for path in sorted(rule_folder(folder).rglob("*.sql")):
        try:
            rules.append(read_rule(path, own=True))
        except BadInput as error:
            broken.append(error.text)
    if broken:
        raise BadInput(zh="\n".join(text.zh for text in broken), en="\n".join(text.en for text in broken))
    return rules


def _tested(rules: Sequence[Rule], *, own: bool) -> Iterator[list[CaseResult]]:
    """Return the results of each rule, in order; many rules are shared out over the processors."""
    run = functools.partial(check_and_run, own=own)
    paths = [rule.path for rule in rules]
    if len(paths) <= _FEW:
        yield from map(run, paths)
        return
    # spawned: a fork would share the locks of the engine's and the progress bar's threads
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(run, paths)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    rules_app.command("backtest")(backtest_rule)
    app.add_typer(rules_app, name="rules")
