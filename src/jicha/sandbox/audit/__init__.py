"""A second reading of the rules whose faults follow from others: what the delivered tables of a district give away."""

from __future__ import annotations

import dataclasses
import json

import numpy as np

from jicha.sandbox.audit import charges, conduct, prices
from jicha.sandbox.audit.evidence import Evidence
from jicha.sandbox.audit.whole import FOLLOWS, Whole
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of

__all__ = ["RULES", "Evidence", "Whole", "audit"]

RULES = (
    *(f"TC{n:03d}" for n in range(1, 26)), *(f"AC{n:03d}" for n in range(9, 15)), "UI007", "UI008", "UI009",
    "BX021", "BX022", "BX023",
)  # fmt: skip


def audit(evidence: Evidence, truths: list[Truth]) -> list[Truth]:
    """Return the truth of a district: what was planted, and what follows from it under the audited rules.

    TC015 and AC014 wait for the other districts: see Whole.judge.

    A planted hit or near miss that the delivered tables do not bear out is a mistake of the sandbox; it stays in
    the truth, so that tests see it.
    """
    prices.judge(evidence)
    charges.judge(evidence)
    conduct.judge(evidence)
    truths = _with_bills(evidence, truths)
    known = {(t.rule, t.key) for t in truths if t.kind == HIT}
    follows = [Truth(rule, key_of(**dict(key)), HIT, FOLLOWS) for rule, key in sorted(evidence.found)]
    return [*truths, *(t for t in follows if (t.rule, t.key) not in known)]


def _with_bills(evidence: Evidence, truths: list[Truth]) -> list[Truth]:
    """Replace points and periods of planted bills by the numbers of the bills."""
    point, period = evidence.bill_places
    periods = {str(day): place for place, day in enumerate(evidence.district.calendar.periods.tolist())}
    at = {name: place for place, name in enumerate(evidence.files.point_id.tolist())}
    found = []
    for truth in truths:
        key = json.loads(truth.key)
        if "bill_of" not in key:
            found.append(truth)
            continue
        rows = np.flatnonzero((point == at.get(key["bill_of"], -2)) & (period == periods[key["period"]]))
        if len(rows):
            number = min(str(evidence.bills["bill_id"][row]) for row in rows.tolist())
            found.append(dataclasses.replace(truth, key=key_of(bill_id=number)))
    return found


def contradictions(evidence: Evidence, truths: list[Truth]) -> list[Truth]:
    """Planted hits that are not there and near misses that are hits, of a city of one part."""
    whole, layout = evidence.whole, evidence.district.layout
    found = {(rule, key_of(**dict(key))) for rule, key in evidence.found} | whole.found(layout)
    truths = whole.judge(layout, truths)
    wrong = [t for t in truths if t.rule in RULES and ((t.rule, t.key) in found) == (t.kind == NEAR_MISS)]
    return [t for t in wrong if not (t.kind == HIT and (t.rule, t.key) in found)]
