"""Keeping a few processes running: one that dies is started again, all stop together, none outlives its parent."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jicha.errors import MachineFailure
from jicha.processes import end_with_parent

_TRIES = 5  # deaths within _WINDOW_SECONDS after which it is given up
_WINDOW_SECONDS = 60.0
_PAUSE_SECONDS = 0.5


def _die_with_parent(parent: int) -> None:
    """A server without its parent would hold the port."""
    end_with_parent(signal.SIGTERM, parent)


@dataclass
class Child:
    """One process to keep running. `label` is what messages call it."""

    label: str
    command: Sequence[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=_TRIES))

    def start(self) -> None:
        """Start it in a process group of its own: Ctrl-C reaches the parent only, which stops all in order."""
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            start_new_session=True,
            preexec_fn=functools.partial(_die_with_parent, os.getpid()),  # noqa: PLW1509 (no thread runs in the parent)
        )

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to it, if it runs."""
        if self.process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill(self) -> None:
        """End it and what it started, at once."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def keep_running(
    children: Sequence[Child],
    *,
    ready: Callable[[], bool],
    on_ready: Callable[[], None],
    on_death: Callable[[str], None],
) -> None:
    """Run until interrupted (KeyboardInterrupt is passed on after all have stopped).

    ready: asked until it says yes for the first time; then on_ready is called once.
    on_death: told which child died and is started again. Five deaths within a minute: all is stopped, MachineFailure.
    """
    told = False
    try:
        for child in children:
            child.start()
        while True:
            for child in children:
                if not child.running:
                    _again(child, on_death)
            if not told and ready():
                told = True
                on_ready()
            time.sleep(_PAUSE_SECONDS if told else _PAUSE_SECONDS / 5)
    finally:
        stop(children)


def _again(child: Child, on_death: Callable[[str], None]) -> None:
    now = time.monotonic()
    child.deaths.append(now)
    code = child.process.returncode if child.process is not None else None
    if len(child.deaths) == _TRIES and now - child.deaths[0] < _WINDOW_SECONDS:
        raise MachineFailure(
            zh=f"{child.label} 一分钟内退出 {_TRIES} 次（退出码 {code}），已全部停止。原因见上方输出。",
            en=f"{child.label} ended {_TRIES} times within a minute (exit code {code}); everything is stopped. "
            "See the output above.",
        )
    on_death(child.label)
    time.sleep(_PAUSE_SECONDS)
    child.start()


def stop(children: Sequence[Child], *, patience_seconds: float = 15.0) -> None:
    """Ask all to end; what has not ended after a while is told again, then killed."""
    for patience, number in ((patience_seconds, signal.SIGTERM), (3.0, signal.SIGTERM)):
        for child in children:
            child.signal(number)
        last = time.monotonic() + patience
        while any(child.running for child in children) and time.monotonic() < last:
            time.sleep(0.05)
    for child in children:
        child.kill()
