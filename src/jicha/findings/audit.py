"""Who saw personal data, when and why: an append-only log whose lines are chained by hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from jicha.errors import BadInput

_FIRST = "0" * 64


def audit_path(data: Path) -> Path:
    """Return the log's place in a data folder."""
    return data / "audit" / "unmask.jsonl"


def check_reason(reason: str) -> str:
    """Return the reason given for seeing personal data, trimmed; BadInput when it says nothing."""
    text = " ".join(reason.split())
    if len(text) < 4:
        raise BadInput(
            zh="--unmask 需要写明理由（至少 4 个字），它会被记录。例如：--unmask 现场核查联系客户",
            en="--unmask needs a reason (4 characters or more), which is recorded; e.g. --unmask 'call before visit'",
        )
    return text


def _lines(path: Path) -> list[bytes]:
    return [line for line in path.read_bytes().split(b"\n") if line] if path.exists() else []


def record_unmask(
    data: Path,
    *,
    at: datetime,
    user: str,
    command: str,
    reason: str,
    run_id: str,
    filters: Mapping[str, Any],
    rows: int,
) -> None:
    """Append one line before anything is shown; each holds the SHA-256 of the line before it."""
    path = audit_path(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        earlier = _lines(path)
        entry = {
            "at": at.isoformat(),
            "user": user,
            "command": command,
            "reason": check_reason(reason),
            "run_id": run_id,
            "filters": dict(filters),
            "rows": rows,
            "previous": hashlib.sha256(earlier[-1]).hexdigest() if earlier else _FIRST,
        }
        with path.open("ab") as file:
            file.write(json.dumps(entry, ensure_ascii=False, default=str).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def broken_line(data: Path) -> int | None:
    """Return the number of the first line that does not follow from the one before it; None when the log is whole."""
    previous = _FIRST
    for number, line in enumerate(_lines(audit_path(data)), start=1):
        try:
            linked = json.loads(line).get("previous")
        except ValueError:
            return number
        if linked != previous:
            return number
        previous = hashlib.sha256(line).hexdigest()
    return None
