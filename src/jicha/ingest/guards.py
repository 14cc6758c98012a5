"""What surrounds a load: its folders, and errors of the machine in words."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from jicha.errors import BadInput, MachineFailure
from jicha.ingest.scratch import Scratch
from jicha.language import Text
from jicha.warehouse.machine import ERRORS, failure_of, in_words, is_full

_LOAD = Text("导入", "the load")


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
    except ERRORS as error:
        if is_full(error):  # said before the working files are gone: what was left and what was needed
            raise full_disk(error, folder) from error
        raise
    finally:
        scratch.close()
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()


def full_disk(error: Exception, folder: Path) -> MachineFailure:
    """Return the error for a full disk, with what was left and what a load's working folder took."""
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return failure_of(error, doing=_LOAD, place=folder.parent.parent, used=used)


@contextlib.contextmanager
def machine_failures(data: Path, memory: str) -> Iterator[None]:
    """Say what to do when the disk is full, memory runs out or a stored file cannot be read."""
    with in_words(doing=_LOAD, place=data, memory=memory):
        yield
