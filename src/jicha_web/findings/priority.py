"""In which order findings are taken up, and why: the one formula (priority.yaml)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from jicha_web import core
from jicha_web.core import Text, rules


@dataclass(frozen=True)
class Factor:
    """One factor: what it is, the value it stands on in words, and what it multiplies by."""

    name: str
    label: Text
    value: Text
    factor: float


@cache
def _settings() -> dict[str, Any]:
    return core.application_file("priority")


def priority(*, severity: str, amount_yuan: Decimal | float | None, precision: float, age_days: int) -> float:
    """Return the product of all factors, to four decimals. precision: 0 … 1; age_days: since it was first seen."""
    return round(_severity(severity) * _amount(amount_yuan) * precision * _age(age_days), 4)


def factors(
    *, severity: str, amount_yuan: Decimal | None, precision: float, closed: int, age_days: int
) -> list[Factor]:
    """Return the factors with what they stand on. closed: findings of closed cases that the precision comes from."""
    labels = {name: Text(entry["zh"], entry["en"]) for name, entry in _settings()["labels"].items()}
    amount = Text("未估算", "not estimated") if amount_yuan is None else Text(*[f"¥{abs(amount_yuan):,.2f}"] * 2)
    share = f"{precision:.0%}"
    known = (
        Text(f"{share}（已办结 {closed} 件）", f"{share} ({closed} closed)")
        if closed
        else Text(f"{share}（尚无办结工单）", f"{share} (no closed case yet)")
    )
    return [
        Factor("severity", labels["severity"], rules.word("severity", severity), _severity(severity)),
        Factor("amount", labels["amount"], amount, _amount(amount_yuan)),
        Factor("precision", labels["precision"], known, precision),
        Factor("age", labels["age"], Text(f"{age_days} 天", f"{age_days} days"), _age(age_days)),
    ]


@cache  # these are asked for each of a million findings
def _severity(severity: str) -> float:
    return float(_settings()["severity"][severity])


def _amount(amount_yuan: Decimal | float | None) -> float:
    if amount_yuan is None:
        return 1.0
    return 1.0 + math.log10(1.0 + abs(float(amount_yuan)) / _unit_yuan())


@cache
def _unit_yuan() -> float:
    return float(_settings()["amount"]["unit_yuan"])


@cache
def _age(days: int) -> float:
    settings = _settings()["age"]
    share: float = min(max(days, 0), settings["full_days"]) / settings["full_days"]
    return 1.0 + (float(settings["at_most"]) - 1.0) * share
