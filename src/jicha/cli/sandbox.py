"""`jicha sandbox`: write an invented city as source files to try everything on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from jicha.cli.common import JsonOption, LangOption, output, print_json, progress
from jicha.errors import Interrupted
from jicha.language import Language, Text
from jicha.sandbox import CitySummary, build_city


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("sandbox")
    def sandbox(
        folder: Annotated[Path, typer.Argument(help="写入的空目录 empty folder to write to", metavar="FOLDER")],
        customers: Annotated[int, typer.Option(help="客户数 customers")] = 20_000,
        months: Annotated[int, typer.Option(help="账单月数 months of bills")] = 24,
        days: Annotated[int, typer.Option(help="日数据天数 days of daily readings")] = 90,
        seed: Annotated[int, typer.Option(help="随机种子 random seed")] = 1,
        as_of: Annotated[
            datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="稽查日 screening date")
        ] = datetime(2026, 10, 15),  # noqa: DTZ001
        workers: Annotated[
            int,
            typer.Option(help="并行进程数，0为自动，每个约2GB processes, 0: automatic; about 2 GB each"),
        ] = 0,
        force: Annotated[bool, typer.Option("--force", help="覆盖已有沙盘 replace an earlier sandbox")] = False,
        language: LangOption = Language.ZH,
        as_json: JsonOption = False,
    ) -> None:
        """生成一座虚构城市的源文件（含埋设的问题）。Write an invented city as source files, with planted faults."""
        with progress(enabled=not as_json) as bar, _unfinished(folder):
            task = bar.add_task(Text("生成沙盘城市", "building the city").to(language), total=None)
            summary = build_city(
                folder, customers=customers, months=months, days=days, seed=seed, as_of=as_of.date(), force=force,
                workers=workers,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
        if as_json:
            print_json(asdict(summary))
        else:
            _print(summary, as_of.date().isoformat(), language)


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[None]:
    """Say of a city that was interrupted what is in its folder."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            zh=f"已中断：{folder} 中的城市不完整，请勿装入。重新生成请加 --force。",
            en=f"interrupted: the city in {folder} is not complete, do not load it; build it again with --force",
        ) from None


def _print(summary: CitySummary, as_of: str, language: Language) -> None:
    count = f"{summary.customers:,}"
    table = Table(title=Text(f"虚构城市：{count} 户", f"invented city: {count} customers").to(language))
    table.add_column(Text("规则", "rule").to(language))
    table.add_column(Text("埋设问题", "planted").to(language), justify="right")
    table.add_column(Text("近似正常", "near misses").to(language), justify="right")
    for rule, (hits, near) in summary.planted.items():
        table.add_row(rule, str(hits), str(near))
    output.print(table)
    _print_unplanted(summary, language)
    rows = sum(summary.rows.values())
    zh = f"{rows:,} 行，{len(summary.rows)} 张表，{summary.files} 个文件，{summary.size_mb} MB，{summary.seconds} 秒。"
    en = f"{rows:,} rows, {len(summary.rows)} tables, {summary.files} files, {summary.size_mb} MB, {summary.seconds} s."
    output.print(Text(zh, en).to(language))
    output.print(Text(f"账期截至 {summary.p0:%Y-%m}。下一步：", f"Billed to {summary.p0:%Y-%m}. Next:").to(language))
    output.print(f"  jicha load DATA {summary.folder}", markup=False)
    output.print(f"  jicha screen DATA --as-of {as_of} --inputs {summary.folder}/run", markup=False)


def _print_unplanted(summary: CitySummary, language: Language) -> None:
    """Say for how many variants no customers fit, and for which rules none was left."""
    count = sum(len(notes) for notes in summary.unplanted.values())
    if not count:
        return
    zh = f"{count} 种情形没有合适的客户，未埋设（--json 的 unplanted 逐一列出；城市越大越少）。"
    en = f"{count} variants found no customers that fit (unplanted of --json names them; a larger city has fewer)."
    bare = [rule for rule in summary.unplanted if not summary.planted.get(rule, (0, 0))[0]]
    if bare:
        zh += f"其中没有埋设任何问题的规则：{'、'.join(bare)}。"
        en += f" No problem at all was planted for {', '.join(bare)}."
    output.print(Text(zh, en).to(language), markup=False)
