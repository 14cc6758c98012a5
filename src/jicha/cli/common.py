"""What every command shares: language, JSON, the console, exit codes.

Exit codes: 0 done, 1 some part failed, 2 bad input, 130 interrupted. Tables and JSON go to standard output,
progress and messages to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from jicha.language import Language

DataArgument = Annotated[Path, typer.Argument(help="数据目录 data folder", metavar="DATA", show_default=False)]
LangOption = Annotated[
    Language, typer.Option("--lang", help="界面语言 interface language", envvar="JICHA_LANG", case_sensitive=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON print JSON")]
UserOption = Annotated[str, typer.Option("--user", help="操作人 who does it", envvar="JICHA_USER", show_default=False)]

messages = Console(stderr=True, highlight=False, soft_wrap=True)
output = Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def now() -> datetime:
    """Return the wall clock in UTC without zone: the only place of the core's callers that reads it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


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
