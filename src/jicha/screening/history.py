"""Earlier runs: which ledger a run is compared with.

Runs are ordered by screening date, then by their number: a screening of an earlier day is compared with what
was known before that day, and disturbs nothing later. A run that repeats a situation (same data, day, inputs, rule and
parameters) is compared with what that situation was compared with, so that screening twice changes no state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from jicha.errors import MachineFailure
from jicha.warehouse.checksums import crc32
from jicha.warehouse.machine import first_line


@dataclass(frozen=True)
class Situation:
    """Of one rule in one run: what it was judged on, and the ledger it was compared with."""

    digest: str
    baseline: str | None  # run id
    judged_in: str | None  # run id of the run that judged it; None when it never ran


@dataclass(frozen=True)
class EarlierRun:
    """What a later run needs of an earlier one."""

    run_id: str
    as_of: date
    created_at: str
    data_digest: str  # data, day and inputs, without the rules
    situations: Mapping[str, Situation]
    folder: Path
    checksum: int | None = None  # CRC-32 of its findings; None of early runs
    _checked: set[str] = field(default_factory=set, compare=False)

    def rows(self, rule: str) -> list[dict[str, Any]]:
        """Return the ledger rows of one rule."""
        path = self.folder / "findings.parquet"
        try:
            if not self._checked and self.checksum is not None and crc32(path) != self.checksum:
                raise OSError("another checksum")
            self._checked.add(path.name)
            with duckdb.connect() as connection:
                chosen = connection.sql(
                    "SELECT * FROM read_parquet($path) WHERE rule = $rule", params={"path": str(path), "rule": rule}
                )
                rows: list[dict[str, Any]] = chosen.to_arrow_table().to_pylist()
                return rows
        except (duckdb.Error, OSError) as error:
            raise MachineFailure(
                zh=f"运行 {self.run_id} 的问题清单 {path} 缺失或损坏（{first_line(error)}），各问题的状态要与它比对。"
                f"请从备份恢复；无法恢复时，把 {self.folder} 移出 runs，将与更早的运行比对。没有留下新的运行记录。",
                en=f"the findings {path} of run {self.run_id}, with which states are compared, are missing or damaged "
                f"({first_line(error)}); restore them from a backup; if that cannot be done, move {self.folder} out of "
                "runs to compare with the run before it; no new run was recorded",
            ) from error

    def rule_codes(self) -> list[str]:
        """Return the rules that its ledger knows."""
        return sorted(self.situations)


def _read(path: Path) -> EarlierRun:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return EarlierRun(
            run_id=content["run_id"],
            as_of=date.fromisoformat(content["as_of"]),
            created_at=content["created_at"],
            data_digest=content["data_digest"],
            situations={code: Situation(**entry) for code, entry in content["ledger"].items()},
            folder=path.parent,
            checksum=(content.get("checksums") or {}).get("findings.parquet"),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MachineFailure(
            zh=f"运行记录 {path} 缺失或损坏（{first_line(error)}）。请从备份恢复；无法恢复时，把文件夹 {path.parent} "
            "移出 runs 后重试，各问题的状态将与更早的运行比对。",
            en=f"the run record {path} is missing or damaged ({first_line(error)}); restore it from a backup; if that "
            f"cannot be done, move the folder {path.parent} out of runs and try again: states are then compared with "
            "the run before it",
        ) from error


def order_of(as_of: date, run_id: str, created_at: object) -> tuple[date, int, str, str]:
    """Return the place of a run among all: by date, then number; a clock may be set back."""
    number = run_id.rpartition("-")[2]
    return as_of, int(number) if number.isdecimal() else 0, str(created_at), run_id


def earlier_runs(data: Path, as_of: date) -> list[EarlierRun]:
    """Return the runs up to a screening date, oldest first."""
    folders = [path for path in sorted((data / "runs").glob("[!.]*")) if path.is_dir()]
    runs = [_read(folder / "run.json") for folder in folders]  # a run is published whole: one without record is damaged
    return sorted((r for r in runs if r.as_of <= as_of), key=lambda r: order_of(r.as_of, r.run_id, r.created_at))


def baseline_of(latest: EarlierRun | None, rule: str, digest: str) -> str | None:
    """Return the id of the run whose ledger a rule is compared with; None when there is none."""
    if latest is None:
        return None
    known = latest.situations.get(rule)
    if known is not None and known.digest == digest:
        return known.baseline
    return latest.run_id
