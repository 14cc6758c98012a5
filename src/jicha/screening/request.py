"""What is asked of a screening run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """What is asked of a run."""

    data: Path
    as_of: date
    rules: Sequence[str] = ()
    org: str | None = None
    inputs: Path | None = None
    memory: str = "4GB"
    threads: int | None = None
    wait_seconds: float = 600
    data_version: int | None = None
