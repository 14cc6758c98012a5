"""Earlier runs: which ledger a run is compared with.

Runs are ordered by screening date, then by when they were made: a screening of an earlier day is compared with what
was known before that day, and disturbs nothing later. A run that repeats a situation (same data, day, inputs, rule and
parameters) is compared with what that situation was compared with, so that screening twice changes no state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from jicha.errors import BadInput


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

    def rows(self, rule: str) -> list[dict[str, Any]]:
        """Return the ledger rows of one rule."""
        path = self.folder / "findings.parquet"
        try:
            with duckdb.connect() as connection:
                chosen = connection.sql(
                    "SELECT * FROM read_parquet($path) WHERE rule = $rule", params={"path": str(path), "rule": rule}
                )
                rows: list[dict[str, Any]] = chosen.to_arrow_table().to_pylist()
                return rows
        except duckdb.Error as error:
            raise BadInput(
                zh=f"运行 {self.run_id} 的问题清单 {path} 无法读取：{error}。请从备份恢复该文件。",
                en=f"the findings {path} of run {self.run_id} cannot be read: {error}; restore the file",
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
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            zh=f"运行记录 {path} 无法读取：{error}。请从备份恢复，或将该文件夹移出 runs 后重试。",
            en=f"the run record {path} cannot be read: {error}; restore it, or move its folder out of runs",
        ) from error


def earlier_runs(data: Path, as_of: date) -> list[EarlierRun]:
    """Return the runs up to a screening date, oldest first."""
    runs = [_read(path) for path in sorted((data / "runs").glob("[!.]*/run.json"))]
    return sorted((r for r in runs if r.as_of <= as_of), key=lambda r: (r.as_of, r.created_at, r.run_id))


def baseline_of(latest: EarlierRun | None, rule: str, digest: str) -> str | None:
    """Return the id of the run whose ledger a rule is compared with; None when there is none."""
    if latest is None:
        return None
    known = latest.situations.get(rule)
    if known is not None and known.digest == digest:
        return known.baseline
    return latest.run_id
