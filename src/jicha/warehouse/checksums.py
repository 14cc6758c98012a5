"""Checksums of the stored files: half of all flipped bits in a Parquet file read as another value, without any error.

One file beside each table, outside Delta's log, whose entries have no place for a sum. CRC-32 finds what disks and
copying do to a file; it is no protection from a person who changes the sum as well. Files that were stored before there
were sums have none and are read as they are.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jicha.warehouse.manifest import replace_file

NAME = "_checksums.json"  # Delta leaves names that begin with an underscore alone
_BLOCK = 4 << 20  # bytes


def crc32(file: Path) -> int:
    """Return the CRC-32 of a file's content."""
    found = 0
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            found = zlib.crc32(block, found)
    return found


def crc32_of(files: Collection[Path]) -> Iterator[int | OSError]:
    """Yield the CRC-32 of each file, or why it cannot be read, in the order given; every core takes files."""
    with ThreadPoolExecutor(max(1, min(os.cpu_count() or 1, len(files)))) as pool:
        try:
            yield from pool.map(_crc32_or_error, files)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # a caller that has seen a wrong sum asks for no more


def _crc32_or_error(file: Path) -> int | OSError:
    try:
        return crc32(file)
    except OSError as error:
        return error


def known_sums(folder: Path) -> Mapping[str, int]:
    """Return the sums of a table's files by their path within it; ValueError or OSError when they cannot be read."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(content, dict) or not all(isinstance(value, int) for value in content.values()):
        raise ValueError("no object of sums")
    return content


def add_sums(folder: Path, files: Collection[Path]) -> None:
    """Add the sums of a table's new files; those of files that are gone are left out. The caller holds the lock."""
    try:
        known = known_sums(folder)
    except ValueError:
        known = {}  # the files are as they were just read and written: sums of what stands there now
    names = {file.relative_to(folder).as_posix(): file for file in files}
    sums = {name: value for name, value in known.items() if name not in names and (folder / name).exists()}
    sums |= {name: known[name] if name in known else crc32(file) for name, file in names.items()}
    if sums != known:
        replace_file(folder / NAME, json.dumps(dict(sorted(sums.items())), indent=0))
