"""A stop asked for from outside, Ctrl-C or SIGTERM: remembered, because a library may swallow what the signal raises.

A signal that arrives while DuckDB reads a Python object or runs a Python function comes back as an error of the
statement, or is lost and the next statement fails. Whoever goes on after an error must ask here first.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_asked: list[int] = []  # numbers of the signals that came; no lock, which a signal could find taken


def _remember(number: int, frame: FrameType | None) -> None:
    _asked.append(number)
    signal.default_int_handler(number, frame)


@contextlib.contextmanager
def listening() -> Iterator[None]:
    """Hear a stop in this process: KeyboardInterrupt as for Ctrl-C, and remembered. In the main thread only.

    Ctrl-C stays ignored where the caller of the program wants it ignored.
    """
    _asked.clear()
    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, _remember)}
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        before[signal.SIGINT] = signal.signal(signal.SIGINT, _remember)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _asked.clear()


def was_asked() -> bool:
    """Say whether a stop was asked for."""
    return bool(_asked)


def raise_if_asked(error: BaseException | None = None) -> None:
    """Raise KeyboardInterrupt where a stop was asked for; error: what came of the first one instead."""
    if _asked:
        raise KeyboardInterrupt from error
