"""Bills of the city: right where nothing is planted, wrong where something is; no near miss is a fault."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jicha.sandbox.part as part_module
from jicha.sandbox import build_city
from jicha.sandbox.audit import RULES, Evidence, audit, contradictions
from jicha.sandbox.faults.registry import REGISTRY
from jicha.sandbox.faults.truth import Truth

Audited = tuple[Evidence, list[Truth]]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """One district and its truth, as the city saw them."""
    seen: list[Audited] = []

    def watch(evidence: Evidence, truths: list[Truth]) -> list[Truth]:
        seen.append((evidence, audit(evidence, truths)))
        return seen[-1][1]

    folder: Path = tmp_path_factory.mktemp("bills") / "city"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_module, "audit", watch)
        build_city(folder, customers=4000, months=24, days=90, seed=7)
    return seen[0]


def test_planted_hits_and_near_misses_are_what_the_tables_show(audited: Audited) -> None:
    evidence, truths = audited
    assert contradictions(evidence, truths) == []


def test_every_audited_rule_is_planted() -> None:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for item in REGISTRY:
        counts[item.rule, item.kind] += item.count(20_000)
    people = {"AC014"}  # planted when everything else is
    few = {(rule, kind): counts[rule, kind] for rule in RULES for kind in ("hit", "near_miss")
           if rule not in people and counts[rule, kind] < (8 if kind == "hit" else 5)}  # fmt: skip
    assert not few, few


def test_bills_without_a_planted_fault_are_right_or_say_why_not(audited: Audited) -> None:
    evidence, truths = audited
    right, files = evidence.right, evidence.files
    planted: set[Any] = {value for truth in truths for value in json.loads(truth.key).values()}
    account = right.account
    parts = {"energy_yuan": account.energy, "tier_yuan": account.tier, "basic_yuan": account.basic.cents,
             "pf_yuan": account.factors.cents}  # fmt: skip
    shown = {name: right.shown(name) for name in parts}
    wrong, judged = set(), 0
    for point, period in zip(*np.nonzero(right.rows >= 0), strict=True):
        owner = evidence.customer_id(int(files.owner[point]))
        if right.reasons.get((int(point), int(period))) or owner in planted or files.point_id[point] in planted:
            continue
        judged += 1
        row = int(right.rows[point, period])
        if evidence.bills["bill_id"][row] in planted:
            continue
        wrong |= {(owner, n) for n, v in parts.items() if shown[n][point, period] != v[point, period]}
    assert judged > 60_000
    touched = _touched(evidence, planted)
    assert not {fault for fault in wrong if fault[0] not in touched}


def _touched(evidence: Evidence, planted: set[Any]) -> set[str]:
    """Customers of planted bills and points, whose other bills and points a plant may change too."""
    bills = zip(evidence.bills["bill_id"], evidence.bills["customer_id"], strict=True)
    points = zip(evidence.files.point_id, evidence.files.owner.tolist(), strict=True)
    return {str(c) for b, c in bills if b in planted} | {evidence.customer_id(o) for p, o in points if p in planted}


def test_few_bills_cannot_be_judged(audited: Audited) -> None:
    evidence, _ = audited
    live = evidence.right.rows >= 0
    without = sum(1 for place, found in evidence.right.reasons.items() if found and live[place])
    assert 0 < without < 0.03 * live.sum()
