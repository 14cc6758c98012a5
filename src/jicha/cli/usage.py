"""What the command line itself says, in the interface language: help, and calls that it cannot read.

typer writes English whatever the language is, in frames, and shows a library's words for a wrong value. Here a wrong
call is one message like every other; help has both languages side by side, as the helps of commands and options have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import typer
from typer import rich_utils

from jicha.errors import BadInput
from jicha.language import Text

# the base of all errors of a call; typer exports it under no name of its own
CALL_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
_HELP_WAS_SHOWN = "NoArgsIsHelpError"
_SHOWN_DAY = date(2026, 10, 15)

_TITLES = {
    "ARGUMENTS_PANEL_TITLE": "参数 Arguments",
    "OPTIONS_PANEL_TITLE": "选项 Options",
    "COMMANDS_PANEL_TITLE": "命令 Commands",
    "REQUIRED_LONG_STRING": "[必填 required]",
    "DEFAULT_STRING": "[缺省 default: {}]",
    "ENVVAR_STRING": "[环境变量 env var: {}]",
}
_USAGE = (("Usage: ", "用法 Usage: "), ("[OPTIONS]", "[选项]"), ("COMMAND [ARGS]...", "命令 [参数]..."))


def command(app: typer.Typer) -> Any:
    """Return the command of an application, whose help and usage are in both languages."""
    for name, title in _TITLES.items():
        if hasattr(rich_utils, name):  # a title that a later typer does not have stays in English
            setattr(rich_utils, name, title)
    found = typer.main.get_command(app)
    _both_languages(found)
    return found


def _both_languages(given: Any) -> None:
    option = given.get_help_option(typer.Context(given))
    if option is not None:
        option.help = "显示本说明 show this message"
    shown: Callable[..., str] = given.get_usage

    def get_usage(*context: Any) -> str:
        text = re.sub(r"\{([^{}]+?)(?:\.\.\.)?\}", r"\1", shown(*context))
        for english, both in _USAGE:
            text = text.replace(english, both)
        return text

    given.get_usage = get_usage
    for child in getattr(given, "commands", {}).values():
        _both_languages(child)


# what the library says -> the same in both languages; the English of typer where it needs no mending
_SAID: tuple[tuple[str, str, str], ...] = (
    (r"Missing (?:argument|parameter) (?P<a>.+?)\.?", "缺少参数 {a}", "the argument {a} is missing"),
    (r"Missing option (?P<a>.+?)\.?", "缺少选项 {a}", "the option {a} is missing"),
    (r"Missing command\.", "缺少命令", "a command is missing"),
    (
        r"No such command (?P<a>.+?)[.]? Did you mean (?P<b>.+)\?",
        "没有命令 {a}；相近的有 {b}",
        "there is no command {a}; like it: {b}",
    ),
    (r"No such command (?P<a>.+?)\.?", "没有命令 {a}", "there is no command {a}"),
    (
        r"No such option: (?P<a>\S+?)\.? (?:\(Possible options: |Did you mean )(?P<b>.+?)[)?]",
        "没有选项 {a}；相近的有 {b}",
        "there is no option {a}; like it: {b}",
    ),
    (r"No such option: (?P<a>\S+?)\.?", "没有选项 {a}", "there is no option {a}"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<a>.+)\)", "多余的参数：{a}", "arguments too many: {a}"),
    (r"Option (?P<a>.+) does not take a value\.", "选项 {a} 不带值", "the option {a} takes no value"),
    (r"Option (?P<a>.+) requires .*argument.*", "选项 {a} 后缺少值", "the option {a} needs a value"),
    (
        r"Invalid value for '(?P<a>[^']+)'(?: \(env var: [^)]*\))?: (?:Value error, )?(?P<b>.*)",
        "{a} 的值不能用：{b}",
        "the value of {a} cannot be used: {b}",
    ),
)
_VALUES: tuple[tuple[str, str, str], ...] = (
    (r"'(?P<a>.*)' is not one of (?P<b>.+?)\.?", "“{a}”不在可选值之内：{b}", "“{a}” is none of {b}"),
    (r"Input should be a valid integer.*", "应为整数", "a whole number is expected"),
    (r"Input should be a valid number.*", "应为数字", "a number is expected"),
    (r"Input should be greater than or equal to (?P<a>.+)", "不得小于 {a}", "it must be at least {a}"),
    (r"Input should be less than or equal to (?P<a>.+)", "不得大于 {a}", "it must be at most {a}"),
    (r"'(?P<a>.*)' does not match the formats? (?P<b>.+?)\.?", "“{a}”应写作 {b}", "“{a}” should be written {b}"),
    (r"(?i:file|path|directory) '(?P<a>.*)' does not exist\.", "“{a}”不存在", "“{a}” does not exist"),
    (r"(?i:file|path) '(?P<a>.*)' is a directory\.", "“{a}”是文件夹", "“{a}” is a folder"),
)


def in_words(error: Exception) -> BadInput | None:
    """Return a call that cannot be read as an error like every other; None where help was shown in its place."""
    if type(error).__name__ == _HELP_WAS_SHOWN:
        return None
    message = " ".join(str(getattr(error, "format_message", error.__str__)()).split())
    said = _translated(_SAID, message) or Text(message, message)
    context = getattr(error, "ctx", None)
    if context is None:
        return BadInput(zh=f"{said.zh}。", en=said.en)
    path = context.command_path
    usage = " ".join(str(context.command.get_usage(context)).partition(": ")[2].split())
    english = usage
    for plain, both in _USAGE:
        english = english.replace(both, plain)
    return BadInput(
        zh=f"{said.zh}。用法：{usage}；说明见 {path} --help。", en=f"{said.en}; usage: {english}; see {path} --help"
    )


def _translated(patterns: tuple[tuple[str, str, str], ...], message: str) -> Text | None:
    """Return a message of the library in both languages; None where it is not known."""
    for pattern, zh, en in patterns:
        found = re.fullmatch(pattern, message)
        if found is not None:
            given = {name: value or "" for name, value in found.groupdict().items()}
            subject = given.get("a", "").strip("'") if patterns is _SAID else given.get("a", "")
            detail = _detail(given.get("b", ""))
            return Text(zh.format(a=subject, b=detail.zh), en.format(a=subject, b=detail.en))
    return None


def _detail(given: str) -> Text:
    """Return what is wrong with a value, what there is to choose from, or how dates are written."""
    known = _translated(_VALUES, given)
    if known is not None:
        return known
    words = [word.strip("'") for word in given.split(", ")] if given.startswith(("'", "-")) else [given]
    if given.startswith("'%"):
        day = datetime(_SHOWN_DAY.year, _SHOWN_DAY.month, _SHOWN_DAY.day)  # noqa: DTZ001 - an example, no instant
        words = [day.strftime(word) for word in words]
    return Text("、".join(words), ", ".join(words))
