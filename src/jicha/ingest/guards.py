"""What surrounds a load: its folders, and errors of the machine in words."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
from deltalake.exceptions import DeltaError

from jicha.errors import BadInput, MachineFailure
from jicha.ingest.scratch import Scratch


@contextlib.contextmanager
def data_folder(data: Path, *, check: bool) -> Iterator[None]:
    """Make the data folder where it is missing; a check removes it again."""
    missing = not data.exists()
    if data.exists() and not data.is_dir():
        raise BadInput(zh=f"{data} 不是目录。请给出数据目录。", en=f"{data} is no folder; give the data folder")
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            zh=f"无法建立数据目录 {data}：{error.strerror}。请检查路径和权限。",
            en=f"cannot make the data folder {data}: {error.strerror}; check path and permissions",
        ) from error
    try:
        yield
    finally:
        if missing and check:
            shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def scratch_folder(folder: Path, memory: str) -> Iterator[Scratch]:
    """Work in a folder that is removed at the end, whatever happens."""
    scratch = Scratch(folder, memory)
    try:
        yield scratch
    finally:
        scratch.close()
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()


@contextlib.contextmanager
def machine_failures(data: Path, memory: str) -> Iterator[None]:
    """Say what to do when the disk is full, memory runs out or a stored file cannot be read."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise MachineFailure(
            zh=f"内存上限 {memory} 不够（{_first_line(error)}）。数据未改动；请用 --memory 给出更大的上限，"
            f"或检查 {data / 'tmp'} 所在磁盘的空间。",
            en=f"the memory limit {memory} is not enough ({_first_line(error)}); the data are as before; give a larger "
            f"one with --memory, or check the free space of the disk of {data / 'tmp'}",
        ) from error
    except (duckdb.Error, DeltaError, OSError) as error:
        problem = _first_line(error)
        full = (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "No space left" in str(error)
        if full:
            raise MachineFailure(
                zh=f"{data} 所在的磁盘已满。数据未改动；请腾出空间后重试。",
                en=f"the disk of {data} is full; the data are as before; free some space and try again",
            ) from error
        raise MachineFailure(
            zh=f"导入失败：{problem}。数据未改动；请检查 {data} 的文件和写权限后重试。",
            en=f"the load failed: {problem}; the data are as before; "
            f"check files and permissions of {data} and try again",
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:500] if str(error) else type(error).__name__
