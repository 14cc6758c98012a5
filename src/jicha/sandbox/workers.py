"""Parts of the city side by side, each in a process of its own; they come back in their order."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from jicha.errors import MachineFailure
from jicha.processes import end_with_parent
from jicha.sandbox.district import District
from jicha.sandbox.part import STEPS, Part, build_part
from jicha.sandbox.tariffs import Prices

_PART_BYTES = 3 << 30  # memory that a part of 20,000 customers with 24 months and 90 days may take (2 GB measured)
_LOOK_SECONDS = 0.5  # how often the progress is told
_counter: Any = None  # in the process of a part: the steps that all parts have done


def default_workers(parts: int) -> int:
    """Return how many parts to build at once: one per core, fewer where there are fewer parts or less memory."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(parts, cores, _memory_bytes() // _PART_BYTES))


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not everywhere known
        return _PART_BYTES


def built(
    folder: Path,
    districts: Sequence[District],
    prices: Prices,
    *,
    workers: int,
    progress: Callable[[int, int], object],
) -> Iterator[Part]:
    """Build the parts and yield them in their order. progress: called with the steps done and those in all.

    Raises MachineFailure when a process was killed from outside.
    """
    total = len(districts) * STEPS
    if min(workers, len(districts)) == 1:
        done = itertools.count()
        for district in districts:
            yield build_part(folder, district, prices, lambda: progress(next(done), total))
    else:
        yield from _side_by_side(folder, districts, prices, min(workers, len(districts)), lambda n: progress(n, total))
    progress(total, total)


def _side_by_side(
    folder: Path, districts: Sequence[District], prices: Prices, workers: int, tell: Callable[[int], object]
) -> Iterator[Part]:
    # a fork of a process with the threads of Arrow and DuckDB could hang
    context = multiprocessing.get_context("spawn")
    steps = context.Value("q", 0)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(steps, os.getpid()))
    waiting = list(reversed(districts))
    at_work: list[Future[Part]] = []  # in their order
    try:
        while waiting or at_work:
            # a finished part waits for those before it: there must not be many of them in memory
            while waiting and len(at_work) < 2 * workers:
                at_work.append(pool.submit(_build, folder, waiting.pop(), prices))
            wait(at_work[:1], timeout=_LOOK_SECONDS)
            tell(steps.value)
            while at_work and at_work[0].done():
                yield at_work.pop(0).result()
    except BrokenProcessPool as error:
        raise MachineFailure(
            zh="生成城市的一个进程被系统终止，多为内存不足（每个进程约2GB）。请释放内存，"
            "或用 --workers 1 加 --force 重新生成。",
            en="a process that builds the city was killed, most often for want of memory (each takes about 2 GB): free "
            "some, or build it again with --workers 1 --force",
        ) from error
    finally:
        if waiting or at_work:  # something stopped the city
            for process in multiprocessing.active_children():
                process.kill()
        pool.shutdown(cancel_futures=True)  # waits until they are gone


def _begin(steps: Any, parent: int) -> None:
    """Set up the process of a part: Ctrl-C is its parent's to answer, and it does not outlive that."""
    global _counter  # noqa: PLW0603 (once per process)
    _counter = steps
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(signal.SIGKILL, parent)


def _build(folder: Path, district: District, prices: Prices) -> Part:
    def step() -> None:
        with _counter.get_lock():
            _counter.value += 1

    return build_part(folder, district, prices, step)
