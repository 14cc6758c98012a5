"""What stands in for the data: findings of a run, customers, staff, a calendar."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jicha_web.core import subjects
from jicha_web.findings.models import Finding
from jicha_web.runs.models import Run
from tests.web.conftest import NOW, World

CUSTOMERS = {
    "3300000001": subjects.Customer("3300000001", "张三", "云岭县桃源路1号", "A1", 29.10, 119.10),
    "3300000002": subjects.Customer("3300000002", "云岭恒达纺织有限公司", "云岭县石桥路2号", "A2", 29.20, 119.20),
    "3300000003": subjects.Customer("3300000003", "王五", "清河县河西路3号", "B1", None, None),
}
STAFF = {
    "SG1": subjects.Staff("SG1", "赵六", "A1"),
    "SG2": subjects.Staff("SG2", "钱七", "A"),
    "SG9": subjects.Staff("SG9", "孙八", "C"),
    "S-station_a1": subjects.Staff("S-station_a1", "station_a1先生", "A1"),
}
AREAS_OF = {"3300000001": ("TQ1",)}
AREAS = {"TQ1": subjects.Area("TQ1", "桃源公变", "A1", "SG-TQ1", 29.11, 119.11)}


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The data know three customers, four members of staff and an area."""

    def of(known: Mapping[str, Any]) -> Any:
        def read(_data: object, ids: Collection[str]) -> dict[str, Any]:
            return {i: known[i] for i in ids if i in known}

        return read

    monkeypatch.setattr(subjects, "customers", of(CUSTOMERS))
    monkeypatch.setattr(subjects, "staff", of(STAFF))
    monkeypatch.setattr(subjects, "areas", of(AREAS))
    monkeypatch.setattr(subjects, "areas_of", lambda _data, customer: AREAS_OF.get(customer, ()))


def a_run() -> Run:
    return Run.objects.get_or_create(
        run_id="20261015-001", defaults={"as_of": NOW.date(), "asked_at": NOW, "state": "done"}
    )[0]


def finding(
    world: World, rule: str = "MT004", customer: str = "3300000001", unit: str = "A1", **fields: Any
) -> Finding:
    key = json.dumps({"n": f"{rule}-{customer}-{fields.get('subject_id', '')}-{Finding._base_manager.count()}"})
    severity = fields.get("severity", "high")
    values: dict[str, Any] = {
        "rule": rule, "key": key, "key_hash": hashlib.md5(key.encode()).hexdigest(), "rule_version": "v1",
        "subject": "customer", "subject_id": customer, "customer_id": customer, "organisation": world.units[unit],
        "specialty": rule[:2], "severity": severity, "severity_rank": {"high": 3, "medium": 2, "low": 1}[severity],
        "kind": "quantity", "state": "new", "amount_yuan": Decimal("1200.00"), "reason_zh": f"{rule}原因",
        "reason_en": f"reason of {rule}", "evidence": {}, "first_seen_on": date(2026, 10, 1),
        "last_hit_on": date(2026, 10, 15), "run": a_run(), "priority": 10.0, **fields,
    }  # fmt: skip
    return Finding._base_manager.create(**values)
