"""Ctrl-C and kill during a real screening process: nothing half-written, the next run works."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]
SCREEN = "import sys; from jicha.cli import main; main(sys.argv[1:])"


def command(data: Path) -> list[str]:
    return [sys.executable, "-c", SCREEN, "screen", str(data), "--as-of", "2026-10-15", "--lang", "en"]


def published(data: Path) -> set[str]:
    return {path.name for path in (data / "runs").glob("[!.]*")} if (data / "runs").exists() else set()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_at_any_moment(tmp_path: Path, store: Store, number: signal.Signals) -> None:
    orgs = [{"org_id": "city", "name": "市", "level": "city"}]
    rows = [
        {"customer_id": f"C{n}", "org_id": "city", "status": "active", "usage_class": "residential"} for n in range(500)
    ]
    store(tmp_path, {"organization": orgs, "customer": rows})
    started = time.monotonic()
    subprocess.run(command(tmp_path), check=True, capture_output=True)
    whole = time.monotonic() - started
    for step in range(10):
        before = published(tmp_path)
        process = subprocess.Popen(command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(whole * (0.15 + 0.1 * step))
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
        if number == signal.SIGINT and step >= 6:  # by then the imports are done and a statement may be running
            assert "Traceback" not in output, output
        for run in published(tmp_path) - before:
            assert (tmp_path / "runs" / run / "run.json").exists()
            assert (tmp_path / "runs" / run / "findings.parquet").exists()
    subprocess.run(command(tmp_path), check=True, capture_output=True)
    assert not list((tmp_path / "runs").glob(".tmp-*"))
