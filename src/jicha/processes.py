"""What processes of ours agree on with the system."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent(by: signal.Signals, parent: int) -> None:
    """Ask Linux to send this process a signal when its parent is killed; elsewhere it does nothing.

    parent: its process number, as it is known from before. A parent that was killed before this could be asked sends
    nothing any more: then the signal is sent here and now.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)
            if os.getppid() != parent:
                os.kill(os.getpid(), by)
