"""Ctrl-C and kill during a real screening process: nothing half-written, the next run works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jicha.cli import main
from jicha.screening import run
from jicha.screening.request import Request
from jicha.stopping import listening
from tests.faults.desk import hears_ctrl_c

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]
SCREEN = "import sys; from jicha.cli import main; main(sys.argv[1:])"


def command(data: Path) -> list[str]:
    return [sys.executable, "-c", SCREEN, "screen", str(data), "--as-of", "2026-10-15", "--lang", "en"]


def published(data: Path) -> set[str]:
    return {path.name for path in (data / "runs").glob("[!.]*")} if (data / "runs").exists() else set()


def small_city(data: Path, store: Store) -> None:
    orgs = [{"org_id": "city", "name": "市", "level": "city"}]
    rows = [
        {"customer_id": f"C{n}", "org_id": "city", "status": "active", "usage_class": "residential"} for n in range(500)
    ]
    store(data, {"organization": orgs, "customer": rows})


def lost(result: object) -> Callable[..., object]:
    """Return a judge that is told to stop, and the library makes an error of its own of it, or nothing."""

    def judge(*_: object) -> object:
        try:
            os.kill(os.getpid(), signal.SIGTERM)  # Ctrl-C may be ignored where the tests run
            time.sleep(1)
        except KeyboardInterrupt:
            if isinstance(result, Exception):
                raise result from None
        return result

    return judge


@pytest.mark.parametrize("result", [duckdb.InvalidInputException("reading the object failed"), []])
def test_a_stop_that_the_engine_swallows_fails_no_rule(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], result: object
) -> None:
    small_city(tmp_path, store)
    monkeypatch.setattr(run, "judge", lost(result))
    request = Request(tmp_path, date(2026, 10, 15), rules=("CF001",))
    with listening(), pytest.raises(KeyboardInterrupt):
        run.screen(request, now=datetime(2026, 10, 16), user="t")
    with pytest.raises(SystemExit) as ended:
        main(["screen", str(tmp_path), "--as-of", "2026-10-15", "--lang", "en", "--rules", "CF001"])
    assert ended.value.code == 130
    assert "interrupted" in capsys.readouterr().err
    assert published(tmp_path) == set()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_at_any_moment(tmp_path: Path, store: Store, number: signal.Signals) -> None:
    small_city(tmp_path, store)
    started = time.monotonic()
    subprocess.run(command(tmp_path), check=True, capture_output=True)
    whole = time.monotonic() - started
    for step in range(10):
        before = published(tmp_path)
        process = subprocess.Popen(
            command(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=hears_ctrl_c,  # noqa: PLW1509
        )
        time.sleep(whole * (0.15 + 0.1 * step))
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
        if number == signal.SIGINT and step >= 6:  # by then the imports are done and a statement may be running
            assert "Traceback" not in output, output
        for name in published(tmp_path) - before:
            assert (tmp_path / "runs" / name / "run.json").exists()
            assert (tmp_path / "runs" / name / "findings.parquet").exists()
    subprocess.run(command(tmp_path), check=True, capture_output=True)
    assert not list((tmp_path / "runs").glob(".tmp-*"))
