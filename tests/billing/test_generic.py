"""Foreign bills through the generic tariff; its laws and its errors."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicha.billing.generic import block_parts, compute
from jicha.billing.generic_data import read_tariff
from jicha.errors import BadInput
from tests.billing.harness import read_cases

CASES = read_cases("generic.yaml")
D = Decimal


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_published_bill(case: dict[str, Any]) -> None:
    tariff = read_tariff(case["tariff"], case["id"])
    bill = compute(tariff, {name: D(str(value)) for name, value in case["given"].items()})
    found = {**bill.values, "total": bill.total}
    wrong = {}
    for name, printed in case["expect"].items():
        wanted = D(printed)
        value = found[name].quantize(D(1).scaleb(int(wanted.as_tuple().exponent)), ROUND_HALF_UP)
        if value != wanted:
            wrong[name] = (str(value), printed)
    assert not wrong


@given(st.decimals(0, 10_000, places=2), st.lists(st.integers(1, 500), min_size=1, max_size=5))
def test_blocks_hold_the_whole_quantity(quantity: Decimal, widths: list[int]) -> None:
    limits = [D(sum(widths[: n + 1])) for n in range(len(widths))]
    parts = block_parts(quantity, [*((limit, D(1)) for limit in limits), (None, D(2))])
    assert sum((part for part, _ in parts), D(0)) == quantity
    assert all(part >= 0 for part, _ in parts)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"items": [{"name": "x", "kind": "guess"}]}, "needs name and kind"),
        ({"items": [{"name": "x", "kind": "fixed", "price": 1}]}, "needs name and kind"),
        ({"items": [{"name": "x", "kind": "fixed", "amount": 1, "rounding": [2, "bankers"]}]}, "unknown rounding"),
    ],
)
def test_wrong_data_is_named(content: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_tariff(content, "tariff")


def test_an_unknown_quantity_is_named() -> None:
    tariff = read_tariff({"items": [{"name": "x", "kind": "rate", "of": ["kvah"], "rate": 1}]}, "tariff")
    with pytest.raises(BadInput, match="kvah is neither given"):
        compute(tariff, {"kwh": D(1)})
