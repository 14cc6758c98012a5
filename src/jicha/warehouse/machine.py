"""Errors of the machine in words: disk full, folder that may not be written, memory at its end, files that are gone."""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError, TableNotFoundError

from jicha.errors import JichaError, MachineFailure
from jicha.language import Text
from jicha.stopping import raise_if_asked

# Arrow raises OSError, ValueError and MemoryError of its own kind; Delta's errors share no base with its TableNotFound
ERRORS = (OSError, MemoryError, duckdb.Error, DeltaError, TableNotFoundError, pa.ArrowException)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_CROWDED = {errno.EMFILE, errno.ENFILE}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
# DuckDB and Delta pass the operating system's words on, not its number
_FULL_WORDS = re.compile(r"no space left|disk quota|max_temp_directory_size|offload data block", re.I)
_TOO_LARGE_WORDS = re.compile(r"file too large|os error 27\b", re.I)
_CROWDED_WORDS = re.compile(r"too many open files", re.I)
_CLOSED_WORDS = re.compile(r"read-only file ?system|readonlyfilesystem|permission denied|operation not permitted", re.I)
_UNCHANGED = Text("数据未改动", "the data are as before")


def is_full(error: BaseException) -> bool:
    """Say whether an error means that no more can be written: a disk, its quota or the size of a file is at its end."""
    return getattr(error, "errno", None) in _FULL or _FULL_WORDS.search(str(error)) is not None or _is_too_large(error)


def is_crowded(error: BaseException) -> bool:
    """Say whether an error means that a process may not open more files."""
    return getattr(error, "errno", None) in _CROWDED or _CROWDED_WORDS.search(str(error)) is not None


def _is_too_large(error: BaseException) -> bool:
    return getattr(error, "errno", None) == errno.EFBIG or _TOO_LARGE_WORDS.search(str(error)) is not None


def is_closed(error: BaseException) -> bool:
    """Say whether an error means that something may not be written (or read)."""
    return getattr(error, "errno", None) in _CLOSED or _CLOSED_WORDS.search(str(error)) is not None


def first_line(error: BaseException) -> str:
    """Return what an error says first; libraries add stack traces and advice that does not apply here."""
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__


def failure_of(
    error: BaseException,
    *,
    doing: Text,
    place: Path,
    memory: str = "",
    unchanged: Text = _UNCHANGED,
    used: int | None = None,
) -> MachineFailure:
    """Return an error of the machine in words.

    doing: what failed. place: the folder or file that is written to. memory: the engine's limit, where there is one.
    unchanged: what is left of what was done. used: size of the working files so far, which are removed. [bytes]
    """
    if _is_too_large(error):
        return MachineFailure(
            zh=f"{doing.zh}失败：写到 {place} 的文件超过了允许的大小（进程的限制 ulimit -f，或该文件系统的限制）。"
            f"{unchanged.zh}；请放宽限制或换一个目录后重试。",
            en=f"{doing.en} failed: a file written to {place} is larger than allowed (the limit of the process, "
            f"ulimit -f, or of that file system); {unchanged.en}; raise the limit or use another folder, and try again",
        )
    if is_crowded(error):
        return MachineFailure(
            zh=f"{doing.zh}失败：同时打开的文件超过了进程的上限。{unchanged.zh}；"
            "请放宽限制（例如 ulimit -n 1024）后重试。",
            en=f"{doing.en} failed: more files are open than the process may have; {unchanged.en}; raise the limit "
            "(ulimit -n 1024, for example) and try again",
        )
    if is_full(error):
        space = _space(place, used)
        return MachineFailure(
            zh=f"{doing.zh}失败：{place} 所在的磁盘已满{space.zh}。{unchanged.zh}；请腾出空间后重试。",
            en=f"{doing.en} failed: the disk of {place} is full{space.en}; {unchanged.en}; free some space and try "
            "again",
        )
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        limit = Text(f"（内存上限 {memory}）", f" (the limit is {memory})") if memory else Text("", "")
        more = Text("用 --memory 给出更大的上限，或", "give a larger limit with --memory, or ")
        return MachineFailure(
            zh=f"{doing.zh}失败：内存不够{limit.zh}。{unchanged.zh}；请{more.zh if memory else ''}关闭其他程序后重试。",
            en=f"{doing.en} failed: not enough memory{limit.en}; {unchanged.en}; {more.en if memory else ''}close "
            "other programs, and try again",
        )
    if is_closed(error):
        found = getattr(error, "filename", None)
        where = found if isinstance(found, str) else str(place)
        why = (error.strerror if isinstance(error, OSError) and error.strerror else "") or first_line(error)
        return MachineFailure(
            zh=f"{doing.zh}失败：没有 {where} 的写权限，或它在只读磁盘上（{why}）。{unchanged.zh}；"
            "请改用有写权限的用户或目录。",
            en=f"{doing.en} failed: {where} may not be written, or is on a read-only disk ({why}); {unchanged.en}; use "
            "an account or a folder with permission to write",
        )
    return MachineFailure(
        zh=f"{doing.zh}失败：{first_line(error)}。{unchanged.zh}；请检查 {place} 的文件和磁盘后重试。",
        en=f"{doing.en} failed: {first_line(error)}; {unchanged.en}; check the files and the disk of {place} and try "
        "again",
    )


def _space(place: Path, used: int | None) -> Text:
    """Return what is free where `place` is and what the working files took, as an addition to a sentence."""
    if used is None:  # what is free now says nothing of when it failed
        return Text("", "")
    for folder in (place, *place.parents):
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(folder).free
            return Text(
                f"（剩余 {free / 1e6:,.1f} MB，临时文件已占 {used / 1e6:,.1f} MB）",
                f" ({free / 1e6:,.1f} MB left, the working files took {used / 1e6:,.1f} MB)",
            )
    return Text("", "")


@contextlib.contextmanager
def in_words(*, doing: Text, place: Path, memory: str = "", unchanged: Text = _UNCHANGED) -> Iterator[None]:
    """Turn errors of the machine into a MachineFailure; an interrupt and errors that are already in words pass."""
    try:
        yield
    except (JichaError, duckdb.InterruptException):
        raise
    except ERRORS as error:
        raise_if_asked(error)
        raise failure_of(error, doing=doing, place=place, memory=memory, unchanged=unchanged) from error
