"""`jicha rules backtest`: what a rule would have found at each month's end."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import TaskID
from rich.table import Table

from jicha.cli.common import (
    DataArgument,
    JsonOption,
    LangOption,
    MemoryOption,
    existing_folder,
    local_day,
    messages,
    now,
    output,
    print_json,
    progress,
)
from jicha.language import Language, Text
from jicha.screening.backtest import Backtest, backtest

_SHOWN_MONTHS = 12  # without --from


def backtest_rule(
    rule: Annotated[
        str, typer.Argument(help="规则编码，或规则文件 code such as CF004, or a rule file", metavar="RULE")
    ],
    data: DataArgument,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m", "%Y-%m-%d"], help="首月，缺省为 12 个月前 first month"),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m", "%Y-%m-%d"], help="末月，缺省为上月 last month shown")
    ] = None,
    org: Annotated[str | None, typer.Option("--org", help="只看该单位及下级 only this unit's subtree")] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="运行输入文件夹 folder of run inputs", callback=existing_folder)
    ] = None,
    memory: MemoryOption = "4GB",
    threads: Annotated[int | None, typer.Option("--threads", help="线程数 threads")] = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """回测：规则在各月末会发现什么，不改动任何运行 What a rule would have found at each month's end; runs stay."""
    today = local_day(now())
    end = last.date() if last else months_before(today, 1)
    start = first.date() if first else months_before(end, _SHOWN_MONTHS - 1)
    with progress(enabled=not as_json) as bar:
        task: list[TaskID] = []

        def on_month(day: date, done: int, total: int) -> None:
            if not task:
                task.append(bar.add_task("", total=total))
            bar.update(task[0], completed=done, description=day.isoformat())

        found = backtest(
            data, rule, first=start, last=end, today=today, org=org, inputs=inputs, memory=memory, threads=threads,
            on_month=on_month,
        )  # fmt: skip
    if as_json:
        print_json(as_content(found))
    else:
        _show(found, lang)
    if any(month.outcome == "failed" for month in found.months):
        raise typer.Exit(1)


def months_before(day: date, months: int) -> date:
    """Return the first day of the month so many months before that of a day."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def as_content(found: Backtest) -> dict[str, object]:
    """Return a backtest as JSON values; figures of a month that was not judged are null, never 0."""
    months = [
        {
            "as_of": month.as_of, "p0": month.p0, "outcome": month.outcome, "lacks": list(month.lacks),
            "why": None if month.ran else {"zh": month.words.zh, "en": month.words.en},
            "findings": len(month.suspects) if month.ran else None, "gained": month.gained,
            "not_judged": len(month.not_judged) if month.ran else None,
            "amount_yuan": month.amount_yuan if month.with_amount else None, "with_amount": month.with_amount,
            "seconds": round(month.seconds, 2),
        }
        for month in found.months
    ]  # fmt: skip
    return {
        "rule": found.rule.code, "data_version": found.data_version, "months": months, "different": found.different,
        "customers": found.customers,
    }  # fmt: skip


def _show(found: Backtest, lang: Language) -> None:
    output.print(f"[bold]{found.rule.code} {escape(found.rule.name[lang.value])}[/]")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, heading in enumerate(
        (("月末", "结算期", "问题", "比上月新增", "未能判定", "金额（元）", "秒"),
         ("Month end", "Period", "Findings", "New", "Not judged", "Yuan", "Seconds"))[lang is Language.EN]
    ):  # fmt: skip
        table.add_column(heading, justify="right" if number > 1 else "left", no_wrap=True)
    table.add_column("")
    for month in found.months:
        if not month.ran:
            table.add_row(
                str(month.as_of), f"{month.p0:%Y-%m}", *["—"] * 5, f"[yellow]{escape(month.words.to(lang))}[/]"
            )
            continue
        table.add_row(
            str(month.as_of), f"{month.p0:%Y-%m}", f"{len(month.suspects):,}",
            "—" if month.gained is None else f"{month.gained:,}", f"{len(month.not_judged):,}",
            f"{month.amount_yuan:,.2f}" if month.with_amount else "—", f"{month.seconds:.1f}", "",
        )  # fmt: skip
    output.print(table)
    bare = sum(not month.ran for month in found.months)
    said = Text(
        f"共 {found.different:,} 个不同的问题，涉及 {found.customers:,} 户；各月相同的问题只计一次，各月金额不可相加。"
        + (f"{bare} 个月未能判定，不等于没有问题。" if bare else "")
        + f"按数据版本 {found.data_version} 判定：截至各月末已发生的数据，以现在的内容为准。",
        f"{found.different:,} different findings of {found.customers:,} customers: one that stays is counted once, and "
        f"the months' amounts do not add up. "
        + (f"{bare} months could not be judged, which is not clean. " if bare else "")
        + f"Judged on data version {found.data_version}: what had arisen by each month's end, as it reads now.",
    )
    messages.print(said.to(lang), markup=False)
