"""Standard output and error that can be written to, whatever the machine gives: all that is said is said in Unicode."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path


def make_usable() -> None:
    """See to it that writing fails neither on a closed stream nor on a character that the encoding lacks.

    ASCII (`LANG=C`) becomes UTF-8; of other encodings a character that is missing is written as \\uXXXX, and so are
    bytes of a file name that are no UTF-8.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller (`>&-`)
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for the whole process
        elif isinstance(stream, io.TextIOWrapper):
            is_ascii = stream.encoding.lower().replace("-", "") in {"ascii", "usascii", "ansi_x3.41968", "646"}
            with contextlib.suppress(io.UnsupportedOperation, ValueError):
                if is_ascii:
                    stream.reconfigure(encoding="utf-8", errors="surrogateescape")
                else:
                    stream.reconfigure(errors="backslashreplace")
