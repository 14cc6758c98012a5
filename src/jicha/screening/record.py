"""The immutable record of a run: enough to repeat it and to report it years later."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jicha.catalog.files import regulations
from jicha.catalog.rules import Rule
from jicha.errors import BadInput
from jicha.language import Text
from jicha.screening.history import Situation
from jicha.screening.inputs import RunInputs
from jicha.screening.plan import RulePlan
from jicha.screening.request import Request
from jicha.warehouse.checksums import crc32
from jicha.warehouse.manifest import Manifest


@dataclass(frozen=True)
class RuleReport:
    """How one rule fared in a run."""

    rule: Rule
    plan: RulePlan
    outcome: str
    missing: tuple[str, ...]
    detail: Text  # why it failed; empty where it did not
    seconds: float
    findings: int
    not_judged: int
    not_judged_for: Mapping[str, int]  # what lacked → of how many subjects; which ones stands in not_judged.parquet

    def content(self) -> dict[str, Any]:
        """Return what the record keeps of the rule: its words, so that later changes do not rewrite history."""
        rule = self.rule
        return {
            "name": rule.name,
            "group": rule.group,
            "subject": rule.subject,
            "class": rule.rule_class,
            "severity": rule.severity,
            "status": rule.status,
            "proof": rule.proof,
            "basis": [{**entry, "title": regulations()[entry["regulation"]]["title"]} for entry in rule.basis],
            "remedy": rule.remedy,
            "amount": rule.amount,
            "reason": rule.reason,
            "evidence": rule.evidence,
            "personal": sorted(rule.personal),
            "own": rule.own,
            "fingerprint": rule.fingerprint,
            "parameters": self.plan.sets[0][1],
            "parameters_by_organization": dict(self.plan.sets[1:]),
            "outcome": self.outcome,
            "missing": list(self.missing),
            "detail": self.detail._asdict() if any(self.detail) else None,
            "seconds": round(self.seconds, 3),
            "findings": self.findings,
            "not_judged": self.not_judged,
            "not_judged_for": dict(sorted(self.not_judged_for.items(), key=lambda item: (-item[1], item[0]))),
        }


def record(
    *, run_id: str, request: Request, inputs: RunInputs, manifest: Manifest, p0: date, now: datetime, user: str,
    digest: str, reports: Mapping[str, RuleReport], situations: Mapping[str, Situation], states: Mapping[str, int],
    model_seconds: Mapping[str, float], seconds: float, problems: Mapping[Path, BadInput], files: Sequence[Path],
) -> dict[str, Any]:  # fmt: skip
    """Return the content of run.json."""
    return {
        "run_id": run_id,
        "as_of": request.as_of,
        "p0": p0,
        "settle_day": inputs.settle_day,
        "created_at": now,
        "user": user,
        "org": request.org,
        "rules_asked": list(request.rules),
        "data_version": manifest.version,
        "manifest_fingerprint": manifest.fingerprint,
        "inputs_fingerprint": inputs.fingerprint,
        "lists": {name: len(rows) for name, (_, rows) in inputs.lists.items()},
        "unused_input_files": list(inputs.unused_files),
        "data_digest": digest,
        "jicha_version": version("jicha"),
        "checksums": {path.name: crc32(path) for path in files},
        "states": dict(sorted(states.items())),
        "seconds": round(seconds, 3),
        "model_seconds": {name: round(value, 3) for name, value in model_seconds.items()},
        "rules": {code: report.content() for code, report in reports.items()},
        "rule_files_with_errors": [
            {"file": path.name, "zh": problem.text.zh, "en": problem.text.en} for path, problem in problems.items()
        ],
        "ledger": {code: asdict(situation) for code, situation in sorted(situations.items())},
    }


def write_record(path: Path, content: Mapping[str, Any]) -> None:
    """Write the record to disk before the folder is renamed into place."""
    with path.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1, default=_text)
        file.flush()
        os.fsync(file.fileno())


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
