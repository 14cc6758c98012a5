"""`jicha export`: tables and findings as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jicha.cli import export_findings
from jicha.cli.common import (
    DataArgument,
    JsonOption,
    LangOption,
    MemoryOption,
    messages,
    print_json,
    progress,
)
from jicha.language import Language, Text
from jicha.warehouse import Warehouse
from jicha.warehouse.export import export_tables

export = typer.Typer(
    name="export", help="导出数据表和问题清单 export tables and findings", no_args_is_help=True, add_completion=False
)
export.command("findings")(export_findings.findings_command)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(export)


@export.command("tables")
def tables_command(
    data: DataArgument,
    out: Annotated[Path, typer.Option("--out", help="写入的目录 folder to write to", metavar="FOLDER")],
    table: Annotated[list[str] | None, typer.Option("--table", help="只导出这些表 only these tables")] = None,
    version: Annotated[int | None, typer.Option("--version", help="数据版本 data-set version")] = None,
    memory: MemoryOption = "4GB",
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """导出已接受的数据，每张表一个 Parquet 文件 Export the accepted data, one Parquet file per table."""
    with progress(enabled=not as_json) as bar:
        task = bar.add_task("", total=None)
        rows = export_tables(
            Warehouse(data), out, tables=table or (), version=version, memory=memory,
            watch=lambda name, done, total: bar.update(task, description=name, completed=done, total=total),
        )  # fmt: skip
    if as_json:
        print_json({"out": out, "tables": rows})
        return
    total = sum(rows.values())
    text = Text(
        f"已导出 {len(rows)} 张表、{total:,} 行到 {out}。", f"exported {len(rows)} tables, {total:,} rows to {out}."
    )
    messages.print(text.to(lang), markup=False)
