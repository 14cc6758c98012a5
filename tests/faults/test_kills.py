"""Loads and screenings stopped at random moments: nothing half done is seen, the next one ends as if undisturbed."""

from __future__ import annotations

import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from jicha.warehouse import Warehouse

from .desk import Desk

KILLS = 20
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def stop(desk: Desk, number: int, longest: float, *command: object) -> None:
    """Start a command and stop it at a random moment; one that is told to stop says that the data are as before."""
    moments = random.Random(number)
    process = desk.start(*command)
    time.sleep(moments.uniform(0.2, 1.0) * longest)
    process.send_signal(SIGNALS[number % 3])
    text, _ = process.communicate(timeout=120)
    if "import" not in text:  # before the command line is loaded, Python says it in its own way
        assert "Traceback" not in text, text


@pytest.mark.slow
def test_a_load_killed_twenty_times(desk: Desk, tmp_path: Path) -> None:
    undisturbed = Desk(tmp_path / "undisturbed", desk.source, desk.second)
    shutil.copytree(desk.data, undisturbed.data)
    started = time.monotonic()
    assert undisturbed.load().code == 0
    longest = time.monotonic() - started
    for number in range(KILLS):
        version, before = Warehouse(desk.data).manifest().version, desk.tables()
        stop(desk, number, longest, "load", desk.data, desk.second)
        if Warehouse(desk.data).manifest().version == version:
            assert desk.tables() == before
        else:  # it had come to its end
            assert desk.tables() == undisturbed.tables()
    assert desk.load().code == 0
    assert desk.tables() == undisturbed.tables()
    manifest = Warehouse(desk.data).manifest()
    assert {path.name for path in (desk.data / "loads").iterdir()} == set(manifest.loads)
    assert not (desk.data / "tmp").exists()
    assert desk.unnamed_files() == set()
    assert desk.run("status", desk.data).code == 0


def test_what_a_killed_load_left_is_swept_and_old_versions_stay(desk: Desk) -> None:
    first = desk.tables()
    dying = "import os, jicha.ingest.commit as c; c.Writer.commit = lambda *_: os._exit(137)"
    assert desk.run("load", desk.data, desk.second, before=dying).code == 137
    assert desk.tables() == first
    assert desk.unnamed_files()
    assert desk.load().code == 0
    assert desk.unnamed_files() == set()
    assert Warehouse(desk.data).snapshot(1).rows("bill") == first["bill"][0]
    assert not list((desk.data / "tables").glob("*/_unfinished"))


@pytest.mark.slow
def test_a_screening_killed_twenty_times(desk: Desk, tmp_path: Path) -> None:
    command = ("screen", desk.data, "--as-of", "2026-10-15", "--inputs", desk.source / "run")
    (first,) = desk.runs()
    started = time.monotonic()
    assert desk.screen().code == 0
    longest = time.monotonic() - started
    tables = desk.tables()
    for number in range(KILLS):
        stop(desk, number, longest, *command)
        for run in desk.runs():
            assert desk.findings(run) == desk.findings(first)  # the same situation: the same states
    assert desk.tables() == tables
    known = desk.runs()
    assert desk.screen().code == 0
    (last,) = desk.runs() - known
    assert desk.findings(last) == desk.findings(first)
    assert not list((desk.data / "runs").glob(".tmp-*"))
