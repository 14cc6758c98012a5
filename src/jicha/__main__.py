"""Start of the command line, `jicha` and `python -m jicha`: as little as possible before Ctrl-C is understood."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130


def _stop_at_once(*_: object) -> None:
    """End while the libraries are still being read: nothing was begun, and an import would turn this into a trace."""
    english = os.environ.get("JICHA_LANG") == "en" or "--lang=en" in sys.argv or _follows(sys.argv, "--lang", "en")
    said = "interrupted; the data are as before." if english else "已中断，数据未改动。"
    os.write(2, f"{said}\n".encode())
    os._exit(INTERRUPTED)


def _follows(words: list[str], option: str, value: str) -> bool:
    return option in words[:-1] and words[words.index(option) + 1] == value


def main() -> None:
    """Run the command line."""
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else the caller wants it ignored
    if is_heard:
        signal.signal(signal.SIGINT, _stop_at_once)
    from jicha import cli  # noqa: PLC0415 - takes a quarter of a second, in which somebody may press Ctrl-C

    command = cli.prepared()
    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main(command=command)


if __name__ == "__main__":
    main()
