"""`jicha check-history`: is everything the application holds as it was recorded?

The command line imports nothing of the application: it runs the application's own command as a process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from jicha.cli.common import DataArgument, JsonOption, LangOption
from jicha.errors import BadInput
from jicha.language import Language

KindOption = Annotated[
    str | None, typer.Option("--kind", help="只查此类对象，如 case、photo only this kind", show_default=False)
]
IdOption = Annotated[
    int | None,
    typer.Option("--id", help="与 --kind 同用：只查此对象 with --kind: only this object", show_default=False),
]
NoFilesOption = Annotated[bool, typer.Option("--no-files", help="不核对存储文件 leave out the stored files")]
SealOption = Annotated[
    str | None,
    typer.Option("--seal", help="另处抄存的封存摘要，须在其中 a seal noted down elsewhere", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check-history")(check_history_command)


def check_history_command(
    data: DataArgument,
    kind: KindOption = None,
    id_: IdOption = None,
    no_files: NoFilesOption = False,
    seal: SealOption = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """核对应用的历史记录 Check the history: rows, links, objects, files, seals, findings against their runs.

    有异常时逐条列出，退出码为 1。 Names each thing that is not as it was recorded; exit code 1 when there is one.
    """
    if not (data / "manifest.json").is_file():
        raise BadInput(zh=f"{data} 不是数据目录（没有 manifest.json）。", en=f"{data} is no data folder")
    if not os.environ.get("JICHA_DATABASE_URL") and not (data / "app" / "jicha.sqlite3").is_file():
        raise BadInput(
            zh=f"{data} 还没有应用的数据库；用 jicha serve {data} 启动过应用之后才有历史记录。",
            en=f"{data} has no database of the application yet: there is history once jicha serve {data} was started",
        )
    command = [sys.executable, "-m", "jicha_web.manage", "check_history"]
    command += ["--kind", kind] if kind is not None else []
    command += ["--id", str(id_)] if id_ is not None else []
    command += ["--seal", seal] if seal is not None else []
    command += ["--no-files"] if no_files else []
    command += ["--json"] if as_json else []
    done = subprocess.run(command, env=_environment(data, lang), check=False)
    if done.returncode:
        raise typer.Exit(done.returncode if done.returncode > 0 else 1)


def _environment(data: Path, lang: Language) -> dict[str, str]:
    given = {
        "JICHA_DATA": str(data.resolve()),
        "DJANGO_SETTINGS_MODULE": "jicha_web.settings",
        "JICHA_LANG": lang.value,
    }
    return {**os.environ, **given}
