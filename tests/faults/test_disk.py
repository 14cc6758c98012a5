"""Full disks and folders that may not be written: one sentence, exit code 1, the data as before."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from .desk import Desk


def fill(disk: Path, left: int) -> None:
    """Fill a disk but for some bytes."""
    (disk / "fill").unlink(missing_ok=True)
    with (disk / "fill").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - left)


@pytest.mark.parametrize("left", [4_000, *(pytest.param(more, marks=pytest.mark.slow) for more in (40_000, 250_000))])
def test_a_full_disk(desk: Desk, small_disk: Path, left: int) -> None:
    shutil.move(desk.data, small_disk / "data")
    desk = replace(desk, data=small_disk / "data", is_apart=True)  # files half written would be missed here later
    before, runs = desk.tables(), desk.runs()
    fill(small_disk, left)
    said = desk.load(source=desk.source)
    assert said.code == 1 and said.text.count("\n") == 1, said.text
    assert f"{desk.data} 所在的磁盘已满（剩余 0.0 MB" in said.text and "数据未改动；请腾出空间后重试" in said.text
    said = desk.load("--lang", "en", source=desk.source)
    assert said.code == 1 and "is full" in said.text and "free some space" in said.text
    if left < 100_000:
        said = desk.screen()
        assert said.code == 1 and "磁盘已满。没有留下任何运行记录" in said.text, said.text
        for command in (["report"], ["quality"], ["export", "findings"], ["rejects"]):
            said = desk.run(*command, desk.data, "--out", small_disk / "out.xlsx")
            assert (said.code == 1 and "磁盘已满" in said.text) or (small_disk / "out.xlsx").exists(), said.text
            (small_disk / "out.xlsx").unlink(missing_ok=True)
    assert (desk.tables(), desk.runs()) == (before, runs)
    (small_disk / "fill").unlink()
    assert desk.load().code == 0
    assert desk.unnamed_files() == set()


@pytest.fixture
def read_only(desk: Desk) -> Iterator[Desk]:
    """The desk with a data folder on a read-only disk."""
    made = subprocess.run(["mount", "--bind", desk.data, desk.data], check=False, capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"mounting a folder read-only needs root: {made.stderr.strip()}")
    subprocess.run(["mount", "-o", "remount,ro,bind", desk.data], check=True)
    yield desk
    subprocess.run(["umount", desk.data], check=True)


def test_a_read_only_data_folder(read_only: Desk, tmp_path: Path) -> None:
    data = read_only.data
    for command in (["status", data], ["findings", data], ["quality", data], ["rejects", data]):
        assert read_only.run(*command).code == 0
    assert read_only.run("export", "findings", data, "--out", tmp_path / "out.csv").code == 0
    assert read_only.run("report", data, "--out", tmp_path / "out.html").code == 0
    for said in (read_only.load(), read_only.screen()):
        assert said.code == 1 and "无法在数据目录" in said.text and "请检查目录的写权限" in said.text
    said = read_only.run("findings", data, "--unmask", "现场核查客户")  # nothing personal without a record of it
    assert said.code == 1 and "没有" in said.text and "写权限" in said.text
    said = read_only.run("report", data, "--out", data / "out.html", "--lang", "en")
    assert said.code == 1 and "may not be written" in said.text and "nothing was replaced" in said.text


def test_a_read_only_source(desk: Desk) -> None:
    source = desk.data.parent / "delivery"
    shutil.copytree(desk.second, source)
    for path in [*source.iterdir(), source]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert desk.load(source=source).code == 0
