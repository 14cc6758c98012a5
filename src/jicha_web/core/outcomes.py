"""Outcomes of closed cases, written for the core: DATA/run/outcomes.csv, one line per finding that a case settled."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

from filelock import FileLock

_WAIT_SECONDS = 600.0  # for another writer


@dataclass(frozen=True)
class Outcome:
    """What became of one finding. outcome: confirmed, unfounded, data_error; yuan: what its case confirmed."""

    rule: str
    rule_version: str
    key: str
    outcome: str
    case: str
    case_outcome: str
    confirmed_yuan: str
    closed_on: date


def write(data: Path, outcomes: Callable[[], Iterable[Outcome]]) -> int:
    """Write all outcomes, in place of those there; a reader sees the old file or the new one. Returns how many.

    outcomes: asked for once nobody else writes: what a writer had read before another came to its end would put the
    older state in the place of the newer.
    """
    folder = data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    target, new = folder / "outcomes.csv", folder / ".outcomes.csv.new"
    count = 0
    with FileLock(folder / ".outcomes.lock", timeout=_WAIT_SECONDS):
        with new.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(field.name for field in fields(Outcome))
            for one in outcomes():
                writer.writerow(astuple(one))
                count += 1
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
    return count
