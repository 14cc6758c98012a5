"""What a process took, and what machine it ran on: shared by the benches."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CLI = "import sys; from jicha.cli import main; main(sys.argv[1:])"


@dataclass(frozen=True)
class Taken:
    """seconds: wall. cpu_seconds: user and system. peak_mb: resident memory of all its processes together.

    read_mb: read by calls of its first process, cached or not.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    read_mb: float


def run(*arguments: str) -> tuple[Taken, str]:
    """Run a command of jicha in a process of its own; return what it took and its output. Raises when it fails."""
    return run_python("-c", CLI, *arguments)


def run_python(*arguments: str) -> tuple[Taken, str]:
    """Run Python in a process of its own; the bytes of /proc/PID/io outlive it until it is waited for."""
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        together = _Together(child.pid)
        output = child.stdout.read()
        peak_kb = together.stopped()
        while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT) is None:
            pass
        read = _read_bytes(child.pid)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(arguments[:4])} …: exit code {child.returncode}")
    seconds = time.perf_counter() - started
    return Taken(seconds, used.ru_utime + used.ru_stime, max(used.ru_maxrss, peak_kb) / 1024, read / 1e6), output


class _Together:
    """The greatest memory of a process with those that it started, looked at twice a second."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak_kb, self._end = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stopped(self) -> int:
        """Return the peak [kB]; 0 where the process never had another beside it: the system knows that one's better."""
        self._end.set()
        self._thread.join()
        return self._peak_kb

    def _look(self) -> None:
        while not self._end.wait(0.5):
            tree = _tree(self._pid)
            if len(tree) > 1:
                self._peak_kb = max(self._peak_kb, sum(_resident_kb(pid) for pid in tree))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:  # it grows while it is walked
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in listed.read_text(encoding="utf-8").split()]
    return found


def _resident_kb(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def _read_bytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/io").read_text(encoding="utf-8").splitlines()
    except OSError:
        return float("nan")
    return float(next(line.split()[1] for line in lines if line.startswith("rchar")))


def cpu_seconds() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def machine() -> dict[str, Any]:
    """Cores, memory and processor; no name of the machine."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory_gb, 1),
        "processor": model,
        "python": platform.python_version(),
    }


def as_json(value: object) -> str:
    """Return a result as a line of JSON."""
    return json.dumps(value, ensure_ascii=False, default=asdict)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, the first column left, the others right."""
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join(["---"] + ["---:"] * (len(header) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
