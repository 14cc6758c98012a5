"""Files of loads that never came to their end: a table is marked while it is written, and swept by the next load.

A run can be repeated years later, so what any committed manifest names is kept, whatever its age. Delta's own vacuum
would not do: it goes by age and by the latest version alone, and knows nothing of manifests.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote

from jicha.errors import JichaError
from jicha.warehouse.manifest import read_manifest

_MARK = "_unfinished"  # Delta leaves names that begin with an underscore alone


def mark(folder: Path) -> None:
    """Say that a table is being written."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def unmark(folder: Path) -> None:
    """Say that what was written is committed; a mark that stays costs a sweep that finds nothing."""
    with contextlib.suppress(OSError):
        (folder / _MARK).unlink(missing_ok=True)


def sweep(data: Path) -> int:
    """Remove the files of unfinished loads that no committed manifest names; return how many.

    Where manifests or log are not all there, nothing is known for certain and nothing is removed. The caller holds the
    lock.
    """
    marked = [path.parent for path in sorted((data / "tables").glob(f"*/{_MARK}"))]
    if not marked:
        return 0
    removed = 0
    try:
        manifests = [read_manifest(data, number) for number in range(1, read_manifest(data).version + 1)]
    except JichaError:
        return 0
    for folder in marked:
        named = [manifest.tables[folder.name] for manifest in manifests if folder.name in manifest.tables]
        if not named:
            removed += sum(path.suffix == ".parquet" for path in folder.rglob("*"))
            shutil.rmtree(folder, ignore_errors=True)
            continue
        kept = _named_files(folder, {table.delta_version for table in named})
        if kept is None:
            continue
        for path in folder.rglob("*.parquet"):
            inside = path.relative_to(folder)
            if inside.parts[0] != "_delta_log" and inside.as_posix() not in kept:
                with contextlib.suppress(OSError):
                    path.unlink()
                    removed += 1
        unmark(folder)
    return removed


def _named_files(folder: Path, versions: Collection[int]) -> set[str] | None:
    """Return the files that some versions of a table consist of; None where the log does not tell it from its start."""
    live: set[str] = set()
    named: set[str] = set()
    try:
        for version in range(max(versions) + 1):
            log = folder / "_delta_log" / f"{version:020d}.json"
            for line in log.read_text(encoding="utf-8").splitlines():
                action = json.loads(line)
                if "remove" in action:
                    live.discard(unquote(action["remove"]["path"]))
                if "add" in action:
                    live.add(unquote(action["add"]["path"]))
            if version in versions:
                named |= live
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return named
