"""What every command shares: language, JSON, the console, exit codes.

Exit codes: 0 done, 1 some part failed, 2 bad input, 130 interrupted. Tables and JSON go to standard output,
progress and messages to standard error.
"""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from jicha.cli.streams import make_usable
from jicha.errors import BadInput
from jicha.language import Language
from jicha.warehouse.store import Snapshot, Warehouse

DataArgument = Annotated[Path, typer.Argument(help="数据目录 data folder", metavar="DATA", show_default=False)]
LangOption = Annotated[
    Language, typer.Option("--lang", help="界面语言 interface language", envvar="JICHA_LANG", case_sensitive=False)
]


def _memory(given: str) -> str:
    if not re.fullmatch(r"(?=.*[1-9])\d+(\.\d+)?\s*[KMGT]i?B", given.strip(), re.IGNORECASE):
        raise BadInput(
            zh=f"内存上限“{given}”不合要求，应写作 4GB、800MB。", en=f"“{given}” is no memory limit; write 4GB or 800MB"
        )
    return given.strip()


MemoryOption = Annotated[str, typer.Option("--memory", help="内存上限 memory limit", callback=_memory)]


def existing_folder(given: Path | None) -> Path | None:
    """Check a folder that was named: a wrong name must not mean that it holds nothing."""
    if given is not None and not given.is_dir():
        raise BadInput(zh=f"文件夹 {given} 不存在。请检查路径。", en=f"there is no folder {given}; check the path")
    return given


JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON print JSON")]
UserOption = Annotated[str, typer.Option("--user", help="操作人 who does it", envvar="JICHA_USER", show_default=False)]

make_usable()
messages = Console(stderr=True, highlight=False, soft_wrap=True)
output = Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def now() -> datetime:
    """Return the wall clock in UTC without zone: the only place of the core's callers that reads it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def local_day(at: datetime) -> date:
    """Return the calendar day of an instant (UTC without zone) where this machine is."""
    return at.replace(tzinfo=UTC).astimezone().date()


def loaded(data: Path) -> Snapshot:
    """Return what a data folder holds; BadInput where it holds nothing."""
    snapshot = Warehouse(data).snapshot()
    if not snapshot.manifest.version:
        raise BadInput(
            zh=f"数据目录 {data} 不存在或还没有数据。请检查路径，或先用 jicha load {data} 来源 导入。",
            en=f"the data folder {data} does not exist or holds no data yet; check the path, or load something with "
            f"`jicha load {data} SOURCE`",
        )
    return snapshot


def operating_user() -> str:
    """Return the name of the operating system's user, the default of `--user`."""
    return os.environ.get("JICHA_USER") or os.environ.get("USER") or os.environ.get("LOGNAME") or "unknown"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return str(value)


def print_json(content: Any) -> None:
    """Print a value as JSON to standard output; decimals as strings, dates in ISO form."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2, default=_plain) + "\n")


def progress(*, enabled: bool = True) -> Progress:
    """Return a progress display on standard error; silent where nobody watches."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=messages,
        disable=not enabled or not messages.is_terminal,
        transient=True,
    )
