"""Calls that the command line cannot read are answered like every other error, in the language asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jicha.cli import main, prepared

ENGLISH = (
    "Missing",
    "Usage:",
    "No such",
    "Invalid",
    "unexpected",
    "Input should",
    "Value error",
    "OPTIONS",
    "does not",
)


@pytest.mark.parametrize(
    ("call", "zh", "en"),
    [
        ("load", "缺少参数 DATA", "the argument DATA is missing"),
        ("screen D", "缺少选项 --as-of", "the option --as-of is missing"),
        ("lode", "没有命令 lode；相近的有 load", "there is no command lode; like it: load"),
        (
            "load D x --chekc",
            "没有选项 --chekc；相近的有 --changed、--check",
            "there is no option --chekc; like it: --",
        ),
        ("status D E", "多余的参数：E", "arguments too many: E"),
        ("load D x --check=1", "选项 --check 不带值", "the option --check takes no value"),
        ("load D x --mapping", "选项 --mapping 后缺少值", "the option --mapping needs a value"),
        ("load D x --wait abc", "--wait 的值不能用：应为数字", "the value of --wait cannot be used: a number"),
        ("sandbox D --customers 1.5", "--customers 的值不能用：应为整数", "--customers cannot be used: a whole number"),
        ("findings D --limit -4", "不得小于 0", "it must be at least 0"),
        ("serve D --port 70000", "不得大于 65535", "it must be at most 65535"),
        ("load D x --replace foo", "“foo”不在可选值之内：none、period、table", "“foo” is none of none, period, table"),
        ("screen D --as-of 5.11.", "“5.11.”应写作 2026-10-15", "“5.11.” should be written 2026-10-15"),
        ("rules backtest X D --from 25", "“25”应写作 2026-10、2026-10-15", "should be written 2026-10, 2026-10-15"),
        ("serve D --key nowhere.pem", "“nowhere.pem”不存在", "“nowhere.pem” does not exist"),
    ],
)
def test_a_call_that_cannot_be_read(
    call: str, zh: str, en: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: Any
) -> None:
    for language, expected in (("zh", zh), ("en", en)):
        monkeypatch.setenv("JICHA_LANG", language)
        with pytest.raises(SystemExit) as stopped:
            main(call.split(), command=command)
        assert stopped.value.code == 2
        said = capfd.readouterr().err
        assert expected in said
        if language == "zh":
            assert said.startswith("错误：")
            assert not [word for word in ENGLISH if word in said]


@pytest.fixture(scope="module")
def command() -> Any:
    return prepared()


def test_an_unknown_language_is_named(capfd: pytest.CaptureFixture[str], command: Any) -> None:
    with pytest.raises(SystemExit):
        main(["load", "D", "x", "--lang", "fr"], command=command)
    assert "--lang 的值不能用：“fr”不在可选值之内：zh、en" in capfd.readouterr().err


def test_help_is_in_both_languages(capfd: pytest.CaptureFixture[str], command: Any) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["load", "--help"], command=command)
    assert stopped.value.code == 0
    shown = capfd.readouterr().out
    for words in (
        "用法 Usage: jicha load [选项] DATA SOURCE...",
        "参数 Arguments",
        "选项 Options",
        "显示本说明 show this",
    ):
        assert words in shown
    with pytest.raises(SystemExit) as stopped:
        main(["bill"], command=command)
    assert stopped.value.code == 2
    listed = capfd.readouterr()
    assert "命令 Commands" in listed.out
    assert "错误" not in listed.err


def test_stopped_while_it_starts() -> None:
    """Ctrl-C at eight moments of its first 0.8 s: one sentence, the exit code of an interrupt, never a trace."""
    script = "import os; from jicha.__main__ import main; os.write(1, b'.'); main()"  # as the installed script does
    said = []
    for step in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", script, "rules"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_heard(),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - the runner may ignore it
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.read(1)
        time.sleep(0.05 + 0.1 * step)
        process.send_signal(signal.SIGINT)
        said.append((process.communicate(timeout=60)[1].decode(), process.returncode))
    assert {code for _, code in said} <= {130, 0}, said  # 0: the list was written before
    assert all(text == "已中断，数据未改动。\n" for text, code in said if code == 130), said
    assert said[0][1] == 130


def _heard() -> dict[str, str]:
    source = Path(__file__).parents[2] / "src"
    return {**os.environ, "PYTHONPATH": str(source), "JICHA_LANG": "zh"}
