"""The ledger of a run: every (rule, key) ever seen, with its state; written row group by row group."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from jicha.catalog.mask import masked_values
from jicha.catalog.reason import render_reason
from jicha.catalog.rules import Rule
from jicha.engine.judge import Suspect, key_text
from jicha.language import Language

SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("rule", pa.string()),
        ("rule_version", pa.string()),
        ("key", pa.string()),
        ("subject", pa.string()),
        ("subject_id", pa.string()),
        ("customer_id", pa.string()),
        ("org_id", pa.string()),
        ("period", pa.date32()),
        ("specialty", pa.string()),
        ("severity", pa.string()),
        ("class", pa.string()),
        ("state", pa.string()),
        ("amount_yuan", pa.decimal128(18, 2)),
        ("energy_kwh", pa.decimal128(14, 2)),
        ("reason_zh", pa.string()),
        ("reason_en", pa.string()),
        ("evidence", pa.string()),
        ("missing", pa.string()),
        ("whitelisted_until", pa.date32()),
        ("first_seen_on", pa.date32()),
        ("last_hit_on", pa.date32()),
        ("judged_on", pa.date32()),
    ]
)
NOT_JUDGED_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("rule", pa.string()),
        ("key", pa.string()),
        ("subject", pa.string()),
        ("subject_id", pa.string()),
        ("customer_id", pa.string()),
        ("org_id", pa.string()),
        ("missing", pa.string()),
    ]
)


_ENCODER = json.JSONEncoder(ensure_ascii=False)  # json.dumps makes one each time
_AS_THEY_ARE = frozenset((str, int, bool, type(None)))


def _json_value(value: object) -> object:
    if type(value) in _AS_THEY_ARE or isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, list):
        return [_json_value(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def evidence_json(evidence: Mapping[str, Any]) -> str:
    """Return evidence as stored: output column order, decimals as strings, dates in ISO form."""
    return _ENCODER.encode({name: _json_value(value) for name, value in evidence.items()})


def finding_row(
    rule: Rule, suspect: Suspect, *, run_id: str, version: str, state: str, first_seen_on: date, as_of: date
) -> dict[str, Any]:
    """Return the ledger row of a suspect; its reason sentences carry personal values masked."""
    shown = masked_values({**suspect.evidence}, rule.personal)
    shown |= {"amount_yuan": suspect.amount_yuan, "energy_kwh": suspect.energy_kwh}
    shown |= {"customer_id": suspect.customer_id, "org_id": suspect.org_id}
    return {
        "run_id": run_id,
        "rule": rule.code,
        "rule_version": version,
        "key": suspect.key,
        "subject": rule.subject,
        "subject_id": suspect.subject_id,
        "customer_id": suspect.customer_id,
        "org_id": suspect.org_id,
        "period": suspect.period,
        "specialty": rule.group,
        "severity": rule.severity,
        "class": rule.rule_class,
        "state": state,
        "amount_yuan": suspect.amount_yuan,
        "energy_kwh": suspect.energy_kwh,
        "reason_zh": render_reason(rule.reason["zh"], shown, rule.evidence, Language.ZH),
        "reason_en": render_reason(rule.reason["en"], shown, rule.evidence, Language.EN),
        "evidence": evidence_json(suspect.evidence),
        "missing": None,
        "whitelisted_until": None,
        "first_seen_on": first_seen_on,
        "last_hit_on": as_of,
        "judged_on": as_of,
    }


def not_judged_row(rule: Rule, suspect: Suspect, run_id: str) -> dict[str, Any]:
    """Return the record of a subject that could not be judged."""
    return {
        "run_id": run_id,
        "rule": rule.code,
        "key": suspect.key,
        "subject": rule.subject,
        "subject_id": suspect.subject_id,
        "customer_id": suspect.customer_id,
        "org_id": suspect.org_id,
        "missing": None if suspect.missing is None else key_text(suspect.missing),
    }


class RowWriter:
    """A Parquet file that rows are added to, a batch at a time; a context manager."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows; each has the columns of the schema."""
        content = list(rows)
        if content:
            self._writer.write_table(pa.Table.from_pylist(content, schema=self._schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
