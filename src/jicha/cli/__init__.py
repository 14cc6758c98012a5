"""The command line: one module per command, each with a `register(app)`."""

from __future__ import annotations

import functools
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import typer

from jicha import stopping
from jicha.cli import usage
from jicha.cli.common import messages
from jicha.errors import BadInput, Interrupted, JichaError, MachineFailure
from jicha.language import Language, Text
from jicha.warehouse.machine import ERRORS, failure_of, first_line, is_full


def application() -> typer.Typer:
    """Build the command line from the modules of this package that have a `register`."""
    app = typer.Typer(
        name="jicha",
        help="电力营销稽查平台 inspection of an electricity utility's marketing side",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        register = getattr(importlib.import_module(f"{__name__}.{module}"), "register", None)
        if register is not None:
            register(app)
    return app


def _language(arguments: list[str]) -> Language:
    """Find the language before the command line is parsed: errors of parsing itself need one too."""
    for index, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in {item.value for item in Language}:
            return Language(value)
    return Language.EN if os.environ.get("JICHA_LANG") == "en" else Language.ZH


@functools.cache
def prepared() -> Any:
    """Return the command line, its modules read and its help in both languages; called with arguments it runs."""
    return usage.command(application())


def main(arguments: list[str] | None = None, *, command: Any = None) -> None:
    """Run the command line; errors become one clear message and an exit code.

    command: what `prepared` returned, where that was called before.
    """
    given = sys.argv[1:] if arguments is None else arguments
    language = _language(given)
    sys.unraisablehook = functools.partial(_unraisable, sys.unraisablehook)
    with stopping.listening():  # a stop from outside cleans up as Ctrl-C does
        _run(given, command, language)


def _run(given: list[str], command: Any, language: Language) -> None:
    try:
        # read within: a stop while the modules are read is answered like any other
        code = (command or prepared())(given, prog_name="jicha", standalone_mode=False)
        sys.exit(code or 0)  # the code of an exit that a command asked for
    except usage.CALL_ERROR as error:
        said = usage.in_words(error)
        if said is not None:
            _say(said, language)
        sys.exit(BadInput.exit_code)
    except JichaError as error:
        if stopping.was_asked() and not isinstance(error, Interrupted):  # an error that the stop left behind
            _stop(language)
        _say(error, language)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, RuntimeError, SystemExit) as error:
        if not _interrupted(error):
            raise
        _stop(language)
    except ERRORS as error:  # what no command put into words itself
        if stopping.was_asked():
            _stop(language)
        failure = failure_of(error, doing=Text("命令", "the command"), place=_place(given))
        _say(failure, language)
        sys.exit(failure.exit_code)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of a library in Rust: where the machine gives it no thread
            raise
        _say(_stopped_library(error), language)
        sys.exit(MachineFailure.exit_code)


def _stop(language: Language) -> NoReturn:
    messages.print(
        "已中断，数据未改动。" if language is Language.ZH else "interrupted; the data are as before.", style="yellow"
    )
    sys.exit(INTERRUPTED)


def _stopped_library(error: BaseException) -> MachineFailure:
    said = first_line(error)
    return MachineFailure(
        zh=f"读写数据表的程序库停止了（{said}）。数据未改动；多为进程的限制过小（ulimit -v、ulimit -u），请放宽后重试；"
        "要限制内存请用 --memory 或控制组。",
        en=f"the library that reads and writes tables stopped ({said}); the data are as before; most often a limit of "
        "the process is too small (ulimit -v, ulimit -u): raise it and try again; to limit memory use --memory or a "
        "control group",
    )


def _unraisable(otherwise: Callable[[Any], object], found: Any) -> None:
    """Say nothing of a half-written archive that finds the disk full once more when it is let go."""
    if not is_full(found.exc_value):
        otherwise(found)


def _say(error: JichaError, language: Language) -> None:
    prefix = "错误：" if language is Language.ZH else "error: "
    messages.print(prefix + error.to(language), style="red", markup=False)


def _place(arguments: list[str]) -> Path:
    """Return the folder that a command is about: the first argument that is one."""
    return next((Path(argument) for argument in arguments if Path(argument).is_dir()), Path())


INTERRUPTED = 130


def _interrupted(error: BaseException) -> bool:
    """Ctrl-C comes as itself, as typer's exit code, or as DuckDB's RuntimeError in the middle of a statement."""
    if isinstance(error, SystemExit):
        return error.code == INTERRUPTED
    return isinstance(error, KeyboardInterrupt) or "Query interrupted" in str(error)
