"""Files below DATA/app/files: names that nobody can guess, never served by path, on the disk before their row is."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


def path_of(stored: str) -> Path:
    """Return where a stored file is."""
    return Path(settings.MEDIA_ROOT) / stored


def store(folder: str, suffix: str, content: bytes) -> str:
    """Write a file and wait for the disk; return its path below DATA/app/files. Nothing stays if it fails."""
    name = uuid.uuid4().hex
    relative = f"{folder}/{name[:2]}/{name}.{suffix}"
    path = path_of(relative)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with kept_only_if_done() as begun:
        begun.append(relative)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return relative


@contextmanager
def kept_only_if_done() -> Iterator[list[str]]:
    """Yield a list for stored paths; when the work fails, the files in it are taken away again."""
    stored: list[str] = []
    try:
        yield stored
    except BaseException:
        for one in stored:
            path_of(one).unlink(missing_ok=True)
        raise
