"""Kills, two loads at once, damaged files, full disks: what the user sees, and that the data are as before."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jicha.errors import BadInput, Busy, MachineFailure
from jicha.ingest import commit, load
from jicha.warehouse import Warehouse
from tests.faults.desk import hears_ctrl_c

from .bench import NOW, Bench, csv_text, full_row, row


def start(bench: Bench, *options: str) -> subprocess.Popen[str]:
    code = "import sys; from jicha.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "load", str(bench.data), str(bench.source), "--lang", "en", *options]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=hears_ctrl_c,  # noqa: PLW1509
    )  # fmt: skip


def many(bench: Bench, first: int, rows: int = 3000) -> None:
    for name in ("customer", "bill", "payment"):
        bench.write(f"{name}.csv", csv_text(name, [full_row(name, n) for n in range(first, first + rows)]))


def kill_once(bench: Bench, seconds: float) -> None:
    """Kill a load after some time; the data are as before or, if it had ended, as after."""
    before, version = bench.state(), Warehouse(bench.data).manifest().version
    process = start(bench)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if Warehouse(bench.data).manifest().version == version:
        assert bench.state() == before


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random_moments(bench: Bench, kills: int) -> None:
    many(bench, 0)
    bench.load()
    many(bench, 1500)
    started = time.perf_counter()
    start(bench, "--check").communicate()
    duration = time.perf_counter() - started
    moments = random.Random(kills)
    for _ in range(kills):
        kill_once(bench, moments.uniform(0.3, 1.1) * duration)
    bench.load()
    assert len(bench.table("customer")) == 4500
    assert not (bench.data / "tmp").exists()
    manifest = Warehouse(bench.data).manifest()
    assert sorted(path.name for path in (bench.data / "loads").iterdir()) == sorted(manifest.loads)


@pytest.mark.parametrize("moment", ["table", "records", "commit"])
def test_a_load_that_dies_at_a_step_leaves_the_data_as_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    bench.rows("bill.csv", "bill", [full_row("bill", n) for n in range(20)])
    bench.load()
    state, manifest = bench.state(), Warehouse(bench.data).manifest()
    bench.rows("bill.csv", "bill", [full_row("bill", n) for n in range(10, 30)])
    bench.rows("customer.csv", "customer", [row("customer", 1)])
    step = getattr(commit.Writer, moment)

    def die(self: commit.Writer, *arguments: object) -> object:
        if moment != "commit":
            step(self, *arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(commit.Writer, moment, die)
        bench.load()
    assert (bench.state(), Warehouse(bench.data).manifest()) == (state, manifest)
    bench.load()
    assert len(bench.table("bill")) == 30
    assert len(bench.table("customer")) == 1


def test_two_loads_at_once_wait_or_fail_clearly(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1)])
    bench.data.mkdir()
    with Warehouse(bench.data).lock(wait_seconds=0):
        with pytest.raises(Busy) as caught:
            bench.load()
        process = start(bench, "--wait", "30")
        assert process.stderr is not None
        said = process.stderr.readline()  # it says so before it waits
        assert process.poll() is None
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "waiting for process" in said
    assert "Data-set version 1" in out
    assert "--wait" in caught.value.text.zh
    assert "process " in caught.value.text.en
    assert caught.value.exit_code == 1


def test_a_dead_holder_does_not_block(bench: Bench) -> None:
    many(bench, 0)
    process = start(bench)
    time.sleep(1.5)
    process.kill()
    process.communicate()
    assert bench.load().exit_code == 0


def test_interrupt_changes_nothing(bench: Bench) -> None:
    many(bench, 0, 12_000)
    process = start(bench)
    while not list(bench.data.glob("tmp/*/*")) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "the data are as before" in err
    assert Warehouse(bench.data).manifest().version == 0
    assert not (bench.data / "tmp").exists()


def test_a_full_disk_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1)])

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(commit, "write_table", full)
    with pytest.raises(MachineFailure) as caught:
        bench.load()
    assert "磁盘已满" in caught.value.text.zh
    assert "free some space" in caught.value.text.en
    assert Warehouse(bench.data).manifest().version == 0


def test_memory_limit_is_said(bench: Bench) -> None:
    many(bench, 0, 20_000)
    process = start(bench, "--memory", "8MB")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "--memory" in err


@pytest.mark.parametrize("damage", ["delete", "truncate"])
def test_a_damaged_stored_file_is_named_and_the_table_can_be_replaced(bench: Bench, damage: str) -> None:
    bench.rows("customer.csv", "customer", [row("customer", n) for n in range(5)])
    bench.load()
    (file,) = Warehouse(bench.data).snapshot().files("customer")
    file.unlink() if damage == "delete" else file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(MachineFailure) as caught:
        bench.load()
    assert str(file) in caught.value.text.en
    assert "--replace table" in caught.value.text.zh
    bench.load(replace="table")
    assert len(bench.table("customer")) == 5


def test_a_damaged_manifest_is_named(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1)])
    bench.load()
    good = (bench.data / "manifest.json").read_text()
    (bench.data / "manifest.json").write_text("{")
    with pytest.raises(MachineFailure, match=r"manifest\.json is damaged; copy .*000001\.json"):
        bench.load()
    (bench.data / "manifest.json").write_text(good)
    assert bench.load().version == 2


def test_exit_codes_and_messages_of_the_command(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1), row("customer", 2, voltage_v="x")])
    process = start(bench, "--json")
    out, err = process.communicate()
    assert process.returncode == 1, err
    assert json.loads(out)["rejected"] == 1
    bench.write("area.csv", b"")
    process = start(bench)
    _, err = process.communicate()
    assert process.returncode == 2
    assert "area.csv is empty (0 bytes)" in err


def test_data_folder_names_that_cannot_be_used(bench: Bench, tmp_path: Path) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1)])
    bench.data = tmp_path / "a[1]"
    with pytest.raises(BadInput, match="cannot be used"):
        bench.load()
    bench.data = tmp_path / "file"
    bench.data.write_text("x")
    with pytest.raises(BadInput, match="is no folder"):
        bench.load()


def test_a_first_load_that_is_refused_leaves_no_sign_of_data(bench: Bench) -> None:
    bench.write("什么都不是.csv", "a,b\n1,2\n")
    with pytest.raises(BadInput, match="no file was recognised"):
        bench.load()
    bench.rows("customer.csv", "customer", [row("customer", 1)])
    bench.data.mkdir(exist_ok=True)
    bench.load(check=True)
    assert [path.name for path in bench.data.iterdir() if path.name != ".lock"] == []
    bench.load()
    assert bench.table("customer", "customer_id") == [("C1",)]


def test_names_that_are_not_utf8_are_named(bench: Bench, tmp_path: Path) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1)])
    named = os.fsdecode(os.fsencode(bench.source) + "/\u5ba2\u6237.csv".encode("gbk"))
    (bench.source / "customer.csv").rename(named)
    with pytest.raises(BadInput, match="1 files are not UTF-8"):
        bench.load()
    done = subprocess.run(
        [sys.executable, "-c", "from jicha.cli import main; main()", "load", bench.data, bench.source],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "\\udcbf" in done.stderr.decode()  # the name, as far as it can be written
    with pytest.raises(BadInput, match="is not UTF-8; choose another"):
        load(tmp_path / "d\udcc4", [bench.source], now=NOW)


def test_a_link_back_up_is_not_walked_and_an_ignore_file_is_utf8(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1)])
    (bench.source / "self").symlink_to(bench.source, target_is_directory=True)
    assert [item["file"] for item in bench.load().deliveries] == ["customer.csv"]
    (bench.source / ".jichaignore").write_bytes("\u65e7*".encode("gbk"))
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        bench.load()
