"""The SQL of CF001 to CF015 and of four models against plain Python written from the specification alone.

Each random data set is judged by all rules in one session. A difference names the seed: `random_world(seed)` makes the
data set again.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from jicha.catalog.parameters import Parameter
from jicha.catalog.rules import Rule, load_rules
from jicha.engine.judge import judge
from jicha.engine.session import Session
from jicha.screening.inputs import values_of
from jicha.screening.readiness import outcome_of
from tests.rules.oracle import capacities, models, persons, places
from tests.rules.oracle.engine import TypedTables, open_session
from tests.rules.oracle.random_data import random_world
from tests.rules.oracle.terms import World

Keys = set[str]
Amounts = dict[str, Decimal | None]

ORACLES: dict[str, Callable[[World], Keys | Amounts | None]] = {
    "CF001": persons.cf001,
    "CF002": persons.cf002,
    "CF003": persons.cf003,
    "CF004": capacities.cf004,
    "CF005": capacities.cf005,
    "CF006": capacities.cf006,
    "CF007": capacities.cf007,
    "CF008": capacities.cf008,
    "CF009": capacities.cf009,
    "CF010": capacities.cf010,
    "CF011": places.cf011,
    "CF012": places.cf012,
    "CF013": places.cf013,
    "CF014": places.cf014,
    "CF015": places.cf015,
}
MODELS: dict[str, tuple[Callable[[World], models.Rows], tuple[str, ...]]] = {
    "customer_monthly": (
        models.customer_monthly,
        ("customer_id", "period", "billed_kwh", "total_yuan", "load_factor", "max_demand_kw", "avg_price"),
    ),
    "arrears_age": (
        models.arrears_age,
        ("customer_id", "as_of", "d1_30_yuan", "d31_90_yuan", "d91_180_yuan", "d181_365_yuan", "over_365_yuan",
         "total_yuan"),
    ),
    "area_daily_loss": (
        models.area_daily_loss,
        ("area_id", "day", "supplied_kwh", "sold_kwh", "generated_kwh", "exported_kwh", "loss_kwh", "loss_pct",
         "customers", "collected_customers", "technical_loss_kwh"),
    ),
    "feeder_monthly_loss": (
        models.feeder_monthly_loss,
        ("feeder_id", "period", "supplied_kwh", "sold_kwh", "loss_kwh", "loss_pct"),
    ),
}  # fmt: skip

# Values that reach the limits in small data sets; the other data sets take the defaults.
OVERRIDES: dict[str, list[dict[str, Any]]] = {
    "CF002": [{"share_limit": 2, "distinct_names": 2}, {"share_limit": 3, "distinct_names": 1}, {"share_limit": 6}],
    "CF003": [{"many_homes": 2}, {"many_homes": 3}],
    "CF006": [{"abs_tol": 10.0}, {"rel_tol": 0.02}],
    "CF013": [{"grace_days": 10}, {"grace_days": 0}],
    "CF015": [{"max_km": 1.0}, {"max_km": 5.0}],
}


def of_sql(session: Session, rule: Rule, values: dict[str, Any]) -> Amounts:
    """Key value -> amount, as the SQL has it."""
    import json

    return {json.loads(s.key)[rule.key[0]]: s.amount_yuan for s in judge(session, rule, values)}


def _plain_value(parameter: Parameter, value: Any) -> Any:
    if parameter.is_table:
        return [tuple(row) for row in value]
    return Decimal(str(value)) if isinstance(value, float) else value


def rule_differences(session: Session, world: World, rule: Rule, seed: int) -> list[str]:
    """What the two say differently of one rule."""
    dice = random.Random(f"{seed} {rule.code}")
    overrides = dice.choice([{}, {}, *OVERRIDES.get(rule.code, [])])
    values = values_of(rule, overrides, "test")
    plain = {name: _plain_value(rule.parameters[name], value) for name, value in values.items()}
    expected = ORACLES[rule.code](replace(world, parameters=plain))
    if outcome_of(rule, TypedTables(world))[0] != "done":
        return [] if expected is None else [f"{seed}: {rule.code} was not run"]
    found = of_sql(session, rule, values)
    if expected is None:
        return [f"{seed}: {rule.code} was run"]
    texts = [f"{seed}: {rule.code} {overrides} SQL alone reports {key}" for key in sorted(set(found) - set(expected))]
    texts += [
        f"{seed}: {rule.code} {overrides} oracle alone reports {key}" for key in sorted(set(expected) - set(found))
    ]
    if isinstance(expected, dict):
        texts += [
            f"{seed}: {rule.code} amount of {key}: SQL {found[key]}, oracle {expected[key]}"
            for key in sorted(set(found) & set(expected))
            if found[key] != expected[key]
        ]
    return texts


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        if not isinstance(one, int | float | Decimal) or not isinstance(other, int | float | Decimal):
            return False
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def model_differences(session: Session, world: World, name: str, seed: int) -> list[str]:
    """What the two say differently of one model."""
    oracle, columns = MODELS[name]
    expected = oracle(world)
    rows = session.relation(name).to_pylist()
    found = {tuple(_plain(row[c]) for c in columns[:2]): tuple(row[c] for c in columns[2:]) for row in rows}
    texts = [] if len(found) == len(rows) else [f"{seed}: {name} has a key twice"]
    texts += [f"{seed}: {name} SQL alone has {key}: {found[key]}" for key in found if key not in expected]
    texts += [f"{seed}: {name} oracle alone has {key}: {expected[key]}" for key in expected if key not in found]
    for key in expected:
        if key in found:
            texts += [
                f"{seed}: {name} {key} {column}: SQL {one}, oracle {other}"
                for column, one, other in zip(columns[2:], found[key], expected[key], strict=True)
                if not _same(one, other)
            ]
    return texts


def differences(seed: int) -> tuple[list[str], dict[str, int]]:
    """All differences of one data set, and how many findings or rows each rule and model had."""
    world = random_world(seed)
    rules = load_rules().rules
    texts: list[str] = []
    counts: dict[str, int] = {}
    with open_session(world) as session:
        for code in ORACLES:
            texts += rule_differences(session, world, rules[code], seed)
        for name in MODELS:
            texts += model_differences(session, world, name, seed)
            counts[name] = len(MODELS[name][0](world))
    return texts, counts


def compare(first: int, count: int) -> None:
    texts = [text for seed in range(first, first + count) for text in differences(seed)[0]]
    assert not texts, "\n".join(texts[:40])


@pytest.mark.parametrize("first", range(0, 25, 5))
def test_sql_agrees_with_the_oracle(first: int) -> None:
    compare(first, 5)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1300, 25))
def test_sql_agrees_with_the_oracle_at_length(first: int) -> None:
    compare(first, 25)


def test_day_arithmetic_of_the_oracle() -> None:
    from tests.rules.oracle.terms import add_months

    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
