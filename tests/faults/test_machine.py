"""Little memory, a clock that jumps, two at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jicha.findings.run import read_run
from jicha.sandbox import build_city
from jicha.warehouse import Warehouse

from .desk import PEAK, SOME, Desk

GIGABYTE = 1 << 30


def test_a_memory_limit_that_is_too_small_is_said(desk: Desk) -> None:
    before, (first,) = desk.tables(), desk.runs()
    said = desk.load("--memory", "4MB", source=desk.source)
    assert said.code == 1 and "内存上限 4MB" in said.text and "请用 --memory 给出更大的上限" in said.text
    assert desk.tables() == before
    said = desk.screen("--memory", "4MB")
    assert said.code == 1 and said.text.count("这条规则失败：内存不够（内存上限 4MB）") == 1, said.text
    (second,) = desk.runs() - {first}
    states = {state for _, _, state, *_ in desk.findings(second)}
    assert states <= {"new", "open", "unjudged"}  # what could not be judged is not cleared


_LIMIT = "import resource; resource.setrlimit(resource.{name}, ({most}, {most}))"


def test_limits_of_the_process_are_said(desk: Desk, tmp_path: Path) -> None:
    before, runs = desk.tables(), desk.runs()
    small = _LIMIT.format(name="RLIMIT_FSIZE", most=20_000)
    for said in (desk.load(source=desk.source, before=small), desk.screen(before=small)):
        assert said.code == 1 and "超过了允许的大小（进程的限制 ulimit -f" in said.text, said.text
        assert "数据未改动" in said.text and "磁盘已满" not in said.text
    said = desk.run("report", desk.data, "--out", tmp_path / "r.html", before=small)
    assert said.code == 1 and "超过了允许的大小" in said.text and not (tmp_path / "r.html").exists()
    few = _LIMIT.format(name="RLIMIT_NOFILE", most=24)
    said = desk.load("--lang", "en", source=desk.source, before=few)
    assert said.code == 1 and "more files are open than the process may have; the data are as before" in said.text
    assert (desk.tables(), desk.runs()) == (before, runs)


@pytest.mark.parametrize("environment", [{"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, {}])
def test_streams_that_lack_characters_or_are_closed(desk: Desk, environment: dict[str, str]) -> None:
    said = desk.run("quality", desk.data, **(environment or {"PYTHONIOENCODING": "latin-1"}))
    assert said.code == 0 and ("数据版本 1" if environment else "\\u6570") in said.text
    assert desk.run("status", desk.data, before="import sys; sys.stdout = None", **environment).code == 0


@pytest.mark.slow
def test_a_city_of_twenty_thousand_within_one_gigabyte(desk: Desk) -> None:
    source, data = desk.data.parent / "city", desk.data.parent / "large"
    build_city(source, customers=20_000, months=3, days=30, seed=7)
    commands = (["load", data, source], ["screen", data, "--as-of", "2026-10-15", "--inputs", source / "run"])
    for command in commands:
        said = desk.run(*command, "--memory", "500MB", before=PEAK)
        assert said.code == 0, said.text
        assert int(said.text.rpartition("PEAK ")[2]) * 1024 < GIGABYTE


def clock(instant: str) -> str:
    """Return statements that set the command line's clock."""
    return f"import datetime as d, jicha.cli.common as c; c.now = lambda: d.datetime.fromisoformat({instant!r})"


@pytest.mark.slow
def test_a_clock_that_jumps(desk: Desk) -> None:
    (bills,) = desk.second.iterdir()
    original = bills.read_bytes().replace(b",30,", b",29,")
    changed = desk.data.parent / "changed"
    changed.mkdir()
    for number, instant in enumerate(("2025-10-16T08:00:00", "2036-10-16T08:00:00", "2026-10-16T09:00:00")):
        (changed / bills.name).write_bytes(original.replace(b",29,", f",{20 + number},".encode()))
        before = Warehouse(desk.data).manifest()
        assert desk.run("load", desk.data, changed, before=clock(instant)).code == 0
        after = Warehouse(desk.data).manifest()
        assert after.version == before.version + 1
        assert after.loads[:-1] == before.loads and after.created_at == instant
        assert set(after.tables) == set(before.tables)
        assert desk.screen("--ahead", before=clock(instant)).code == 0
        assert read_run(desk.data).data_version == after.version, instant  # the run that `jicha findings` shows
    assert len(set(Warehouse(desk.data).manifest().loads)) == 4
    for version in range(1, 5):
        assert Warehouse(desk.data).snapshot(version).damage("bill") is None


def test_a_day_ahead_is_screened_only_when_it_is_meant(desk: Desk) -> None:
    """Its run is the newest until that day: what the runs before it find would not be shown."""
    before = desk.runs()
    eve = clock("2026-10-14T04:00:00")  # noon in China, still the 14th from Lisbon to Auckland's midnight
    said = desk.screen(before=eve)
    assert said.code == 2 and "2026-10-15 在今天（2026-10-14）之后" in said.text and "--ahead" in said.text
    assert desk.runs() == before
    assert desk.screen("--ahead", "--rules", "CF001", before=eve).code == 0
    assert desk.screen("--rules", "CF001", before=clock("2026-10-15T04:00:00")).code == 0


def test_two_screens_at_once(desk: Desk) -> None:
    (first,) = desk.runs()
    command = ("screen", desk.data, "--as-of", "2026-10-15", "--inputs", desk.source / "run", *SOME)
    both = [desk.start(*command), desk.start(*command)]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("正被" in text or "等待" in text for text in said) <= 1
    assert len(desk.runs()) == 3
    assert all(desk.findings(run) == desk.findings(first) for run in desk.runs())


def test_a_load_during_a_screen_and_a_screen_that_does_not_wait(desk: Desk) -> None:
    slow = (
        "import time, jicha.screening.run as r; judge = r.judge\n"
        "r.judge = lambda *a, **k: (time.sleep(1), judge(*a, **k))[1]"
    )
    command = ("screen", desk.data, "--as-of", "2026-10-15", "--inputs", desk.source / "run", *SOME)
    screening = desk.start(*command, before=slow)
    while not list((desk.data / "runs").glob(".tmp-*")):
        assert screening.poll() is None
    said = desk.run(*command, "--wait", "0")
    assert said.code == 1 and f"进程 {screening.pid}" in said.text and "--wait" in said.text
    assert desk.load().code == 0
    assert screening.poll() is None, "the load was to come during the screening"
    text, _ = screening.communicate(timeout=300)
    assert screening.returncode == 0, text
    records = [json.loads((desk.data / "runs" / run / "run.json").read_text()) for run in sorted(desk.runs())]
    assert [record["data_version"] for record in records] == [1, 1]  # it saw the version it began with
    assert Warehouse(desk.data).manifest().version == 2
