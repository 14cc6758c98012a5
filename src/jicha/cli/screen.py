"""`jicha screen`: judge the rules on the loaded data and record the run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import TaskID
from rich.table import Table

from jicha.catalog.files import vocabulary
from jicha.catalog.rules import Rule
from jicha.cli.common import (
    DataArgument,
    JsonOption,
    LangOption,
    MemoryOption,
    UserOption,
    existing_folder,
    local_day,
    messages,
    now,
    operating_user,
    output,
    print_json,
    progress,
)
from jicha.language import Language, Text
from jicha.screening.readiness import lacked
from jicha.screening.request import Request, refuse_ahead
from jicha.screening.run import RunResult, screen


def screen_command(
    data: DataArgument,
    as_of: Annotated[datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="筛查日期 screening date")],
    rules: Annotated[list[str] | None, typer.Option("--rules", help="规则或专业 rules or groups, CF001,CF")] = None,
    org: Annotated[str | None, typer.Option("--org", help="只筛查该单位及下级 only this unit's subtree")] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="运行输入文件夹 folder of run inputs", callback=existing_folder)
    ] = None,
    memory: MemoryOption = "4GB",
    threads: Annotated[int | None, typer.Option("--threads", help="线程数 threads")] = None,
    wait: Annotated[float, typer.Option("--wait", help="等待其他筛查的秒数 seconds to wait for another run")] = 600,
    ahead: Annotated[
        bool, typer.Option("--ahead", help="允许晚于今天的筛查日期 allow a day ahead: its run is the newest until then")
    ] = False,
    lang: LangOption = Language.ZH,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """筛查：运行规则、形成问题清单和运行记录 Judge the rules and record the run."""
    at = now()
    if not ahead:
        refuse_ahead(
            as_of.date(), today=local_day(at), zh="确需筛查将来的日期（例如演示数据）时加 --ahead。",
            en="; where a day ahead is meant, as with made-up data, add --ahead",
        )  # fmt: skip
    request = Request(
        data=data, as_of=as_of.date(), rules=tuple(rules or ()), org=org, inputs=inputs, memory=memory, threads=threads,
        wait_seconds=wait,
    )  # fmt: skip
    with progress(enabled=not as_json) as bar:
        task: list[TaskID] = []

        def on_rule(rule: Rule, done: int, total: int) -> None:
            if not task:
                task.append(bar.add_task("", total=total))
            bar.update(task[0], completed=done, description=f"{rule.code} {rule.name[lang.value]}")

        result = screen(
            request, now=at, user=user or operating_user(), on_rule=on_rule,
            on_wait=lambda text: messages.print(text.to(lang), style="yellow", markup=False),
        )  # fmt: skip
    if as_json:
        print_json({**result.content, "folder": str(result.folder)})
    else:
        _show(result, data, lang)
    if result.failed or result.content["rule_files_with_errors"]:
        raise typer.Exit(1)


def _show(result: RunResult, data: Path, lang: Language) -> None:
    content: dict[str, Any] = result.content
    words = vocabulary()
    headings = {
        Language.ZH: ("规则", "名称", "结果", "问题", "未能判定", "秒"),
        Language.EN: ("Rule", "Name", "Outcome", "Findings", "Not judged", "Seconds"),
    }[lang]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number > 2 else "left")
    whys = dict.fromkeys(rule["detail"][lang.value] for rule in content["rules"].values() if rule["detail"])
    for code, rule in content["rules"].items():
        ran = rule["outcome"] == "done"
        outcome = words["rule_outcome"][rule["outcome"]][lang.value]
        lacks = ("、" if lang is Language.ZH else ", ").join(
            text.to(lang) for text in lacked(rule["outcome"], rule["missing"])
        )
        if rule["detail"]:
            lacks = f"[{list(whys).index(rule['detail'][lang.value]) + 1}]"
        table.add_row(
            code,
            escape(rule["name"][lang.value]),
            outcome if ran else f"[yellow]{outcome} {escape(lacks)}[/]",
            str(rule["findings"]) if ran else "—",
            str(rule["not_judged"]) if ran else "—",
            f"{rule['seconds']:.2f}",
        )
    output.print(table)
    for number, why in enumerate(whys, 1):
        messages.print(f"[{number}] {why}", style="red", markup=False)
    for problem in content["rule_files_with_errors"]:
        said = problem[lang.value]
        messages.print(said if problem["file"] in said else f"{problem['file']}: {said}", style="red", markup=False)
    if content["unused_input_files"]:
        unused = Text("没有用到的输入文件", "input files that no run reads")
        messages.print(f"{unused.to(lang)}: {', '.join(content['unused_input_files'])}", style="yellow", markup=False)
    states = ", ".join(f"{words['finding_state'][s][lang.value]} {n}" for s, n in content["states"].items()) or "0"
    done = sum(rule["outcome"] == "done" for rule in content["rules"].values())
    summary = Text(
        f"运行 {result.run_id}：筛查日 {content['as_of']}，结算期 P0 {content['p0']:%Y-%m}，"
        f"数据版本 {content['data_version']}；"
        f"{done}/{len(content['rules'])} 条规则已运行；{states}；用时 {content['seconds']:.1f} 秒。\n"
        f"查看：jicha findings {data}    报告：jicha report {data} --out report.html",
        f"run {result.run_id}: as of {content['as_of']}, P0 {content['p0']:%Y-%m}, "
        f"data version {content['data_version']}; "
        f"{done} of {len(content['rules'])} rules ran; {states}; {content['seconds']:.1f} s.\n"
        f"see: jicha findings {data}    report: jicha report {data} --out report.html",
    )
    messages.print(summary.to(lang), markup=False)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("screen")(screen_command)
