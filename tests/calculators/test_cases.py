"""Published exercises through the JSON entry of the calculators, to the decimals they are printed with."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from jicha.calculators import find
from jicha.calculators.registry import decode

CASES = [
    case
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def printed(value: Decimal, like: str) -> Decimal:
    return value.quantize(Decimal(like), ROUND_HALF_UP)


def as_typed(case: dict[str, Any]) -> Any:
    """What a user would pipe in: the numbers of the file as JSON text, decoded without binary floats."""
    return decode(json.dumps(case["input"], default=str), case["id"])


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    result = find(case["calculator"]).from_json(as_typed(case))
    found = {name: str(printed(result.values[name].exact, like)) for name, like in case["expect"].items()}
    assert found == case["expect"]
    shown = {name: str(printed(result[name], like)) for name, like in case["expect"].items()}
    assert shown == case["expect"], "the rounded value and the exact one agree at the printed decimals"
    for name, wrong in case.get("published", {}).items():
        assert str(printed(result[name], wrong)) != wrong


def test_ids_are_unique() -> None:
    ids = [case["id"] for case in CASES]
    assert sorted(set(ids)) == sorted(ids)
