"""One writer at a time: a lock on the data folder that the operating system releases when its holder dies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from jicha.addresses import without_password
from jicha.errors import Busy, MachineFailure
from jicha.language import Text


@dataclass(frozen=True)
class Holder:
    """Who holds the lock; unknown fields are empty when the holder has not yet said who it is."""

    pid: int = 0
    host: str = ""
    command: str = ""
    since: str = ""

    @property
    def text(self) -> Text:
        """The holder in words."""
        if not self.pid:
            return Text("另一个进程", "another process")
        return Text(
            f"进程 {self.pid}（主机 {self.host}，自 {self.since} 起，命令 {self.command}）",
            f"process {self.pid} (host {self.host}, since {self.since}, command {self.command})",
        )


def _holder(path: Path) -> Holder:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Holder()


def _acquire(lock: FileLock, data: Path, timeout: float) -> bool:
    try:
        lock.acquire(timeout=timeout, poll_interval=0.05)
        return True
    except Timeout:
        return False
    except OSError as error:
        raise MachineFailure(
            zh=f"无法在数据目录 {data} 中建立锁文件：{error.strerror}。请检查目录的写权限。",
            en=f"cannot create the lock file in {data}: {error.strerror}; check that the folder may be written",
        ) from error


@contextlib.contextmanager
def locked(data: Path, *, wait_seconds: float, on_wait: Callable[[Text], None] | None = None) -> Iterator[None]:
    """Hold the data folder's lock.

    wait_seconds: how long to wait for another holder; then Busy names it. [s]
    on_wait: called once with who is waited for.
    """
    lock = FileLock(str(data / ".lock"), thread_local=False)
    who = data / ".lock.json"
    if not _acquire(lock, data, 0):
        if on_wait is not None and wait_seconds > 0:
            on_wait(_holder(who).text)
        if not _acquire(lock, data, max(wait_seconds, 0)):
            holder = _holder(who).text
            raise Busy(
                zh=f"数据目录 {data} 正被{holder.zh}使用。请等它结束后重试，或加长 --wait 秒数。数据未改动。",
                en=f"the data folder {data} is in use by {holder.en}; try again when it has ended, or give a longer "
                "--wait; nothing was changed",
            )
    try:
        with contextlib.suppress(OSError):
            command = " ".join([Path(sys.argv[0]).name, *map(without_password, sys.argv[1:])])
            since = time.strftime("%Y-%m-%d %H:%M:%S")
            holder_now = {"pid": os.getpid(), "host": socket.gethostname(), "command": command, "since": since}
            who.write_text(json.dumps(holder_now), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            who.unlink(missing_ok=True)
        lock.release()
