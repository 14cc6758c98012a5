"""The SQL of rules of charges, refunds and suspensions against plain Python written from the specification alone.

Each random data set is judged by all of them in one session. A difference names the seed: `random_charges(seed)` makes
the data set again.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jicha.catalog.parameters import Parameter
from jicha.catalog.rules import Rule, load_rules
from jicha.engine.judge import judge
from jicha.engine.session import Session
from jicha.screening.inputs import values_of
from jicha.screening.readiness import outcome_of
from tests.rules.oracle import accounts, demands, suspensions
from tests.rules.oracle.engine import TypedTables, open_session
from tests.rules.oracle.random_charges import random_charges
from tests.rules.oracle.terms import World

ORACLES: dict[str, Callable[[World], set[str] | dict[str, Decimal | None] | None]] = {
    "AC009": accounts.ac009,
    "AC013": accounts.ac013,
    "AC014": accounts.ac014,
    "BX021": suspensions.bx021,
    "BX022": suspensions.bx022,
    "TC001": demands.tc001,
    "TC007": suspensions.tc007,
    "TC008": demands.tc008,
    "TC010": demands.tc010,
    "TC017": suspensions.tc017,
    "UI007": suspensions.ui007,
    "UI009": demands.ui009,
}

# Values that reach the limits in small data sets; most data sets take the defaults.
OVERRIDES: dict[str, list[dict[str, Any]]] = {
    "AC009": [{"grace": 0}, {"cap_at_principal": False}],
    "AC013": [{"count": 2, "min_sum": 1000}, {"count": 4}],
    "AC014": [{"factor": 2.5}],
    "BX021": [{"max_days": 30}, {"max_days": 92}],
    "BX022": [{"min_days": 16}, {"min_days": 91}],
    "TC001": [{"merged": False}],
    "TC008": [{"over_ratio": 1.1}],
    "UI009": [{"over": 1.0}, {"days": 2}],
    "UI007": [{"min_kwh": 45}, {"over": 1.2}],
}


def _plain(parameter: Parameter, value: Any) -> Any:
    """A parameter's value as the oracle reads it: exact."""
    if parameter.is_table:
        return [tuple(row) for row in value]
    return Decimal(str(value)) if isinstance(value, float) else value


def rule_differences(session: Session, world: World, rule: Rule, seed: int) -> tuple[list[str], int]:
    """What the two say differently of one rule, and how many suspects the oracle has."""
    overrides = random.Random(f"{seed} {rule.code}").choice([{}, {}, *OVERRIDES.get(rule.code, [])])
    values = values_of(rule, overrides, "test")
    plain = {name: _plain(rule.parameters[name], value) for name, value in values.items()}
    expected = ORACLES[rule.code](replace(world, parameters=plain))
    ran = outcome_of(rule, TypedTables(world))[0] == "done"
    if expected is None or not ran:
        return ([] if expected is None and not ran else [f"{seed}: {rule.code} ran: {ran}"]), 0
    found = {json.loads(s.key)[rule.key[0]]: s.amount_yuan for s in judge(session, rule, values)}
    where = f"{seed}: {rule.code} {overrides}"
    texts = [f"{where} SQL alone reports {key}" for key in sorted(set(found) - set(expected))]
    texts += [f"{where} oracle alone reports {key}" for key in sorted(set(expected) - set(found))]
    if isinstance(expected, dict):
        texts += [
            f"{where} amount of {key}: SQL {found[key]}, oracle {amount}"
            for key, amount in sorted(expected.items())
            if key in found and found[key] != amount
        ]
    return texts, len(expected)


def differences(seed: int) -> tuple[list[str], Counter[str]]:
    """All differences of one data set, and how many suspects each rule had."""
    world, rules = random_charges(seed), load_rules().rules
    texts: list[str] = []
    counts: Counter[str] = Counter()
    with open_session(world) as session:
        for code in ORACLES:
            found, counts[code] = rule_differences(session, world, rules[code], seed)
            texts += found
    return texts, counts


def compare(first: int, count: int) -> Counter[str]:
    results = [differences(seed) for seed in range(first, first + count)]
    texts = [text for found, _ in results for text in found]
    assert not texts, "\n".join(texts[:40])
    return sum((counts for _, counts in results), Counter())


def test_sql_agrees_with_the_oracle() -> None:
    compare(0, 8)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1240, 40))
def test_sql_agrees_with_the_oracle_at_length(first: int) -> None:
    """Agreement counts only where there is something to find: every rule has suspects in every forty data sets."""
    counts = compare(first, 40)
    assert all(counts[code] for code in ORACLES), counts
