"""Evidence of findings as data: with personal values masked by what the schema and the rule call personal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jicha.catalog.mask import mask, masked_values
from jicha.catalog.rules import Rule


def masked_evidence(rule: Rule | None, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return the evidence of a finding with its personal values masked."""
    return dict(masked_values(evidence, rule.personal if rule else frozenset()))


def masked_text(column: str, value: str) -> str:
    """Mask one personal value by the kind that its column's name tells."""
    return mask(column, value)
