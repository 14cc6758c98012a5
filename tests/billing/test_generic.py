"""Foreign bills through the generic tariff; its laws and its errors."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicha.billing.generic import block_parts, compute, read_tariff
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


def one(**fields: Any) -> dict[str, Any]:
    return {"items": [{"name": "x", **fields}]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (one(kind="guess"), "needs name and kind"),
        (one(kind="fixed", price=1), "needs name and kind"),
        (one(kind="fixed", amount=1, rounding=[2, "bankers"]), "unknown rounding"),
        (one(kind="fixed", amount=1, rounding=[2, ["up"]]), "unknown rounding"),
        (one(kind="fixed", amount=1, rounding=[99, "up"]), "decimals must be"),
        (one(kind="fixed", amount=1, rounding={"step": 0}), "step: above 0"),
        (one(kind="fixed", amount="1e999"), "must be a number"),
        (one(kind="fixed"), "fixed needs `amount`"),
        (one(kind="rate", of=["kwh", "kw"], rate=1), "takes 1 in `of`, has 2"),
        (one(kind="rate", of="kwh", rate=1), "`of` must be a list"),
        (one(kind="quotient", of=["kwh"]), "takes 2"),
        (one(kind="sum"), "at least one"),
        (one(kind="choose", of=[1, 2, 3, 4], test="!="), "test must be one of"),
        (one(kind="mean_of_largest", of=["kw"], count=0), "count must be"),
        (one(kind="blocks", of=["kwh"], blocks=[[1, 2, 3]]), "limit or null"),
        ({"items": [*one(kind="fixed", amount=1)["items"], *one(kind="fixed", amount=2)["items"]]}, "repeated"),
        ({"items": []}, "no items"),
    ],
)
def test_wrong_data_is_named(content: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_tariff(content, "tariff")
    assert caught.value.text.zh != caught.value.text.en


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"name": "x", "kind": "rate", "of": ["kvah"], "rate": 1}, "kvah is neither given"),
        ({"name": "kwh", "kind": "fixed", "amount": 1}, "name is that of a quantity"),
        ({"name": "x", "kind": "blocks", "of": ["kwh"], "blocks": [[50, 1], [99, 2]]}, "do not hold 100"),
        ({"name": "x", "kind": "blocks", "of": [-5], "blocks": [[None, 1]]}, "do not hold -5"),
        ({"name": "x", "kind": "blocks", "of": ["kwh"], "blocks": [[80, 1], [50, 2], [None, 3]]}, "must rise"),
        ({"name": "x", "kind": "table", "of": ["kwh"], "rows": [[50, 1]]}, "above the last row"),
        ({"name": "x", "kind": "quotient", "of": ["kwh", 0]}, "divisor is 0"),
        ({"name": "x", "kind": "rate", "of": ["past"], "rate": 1}, "one number is needed"),
        ({"name": "x", "kind": "mean_of_largest", "of": ["past"], "count": 4}, "4 are needed"),
    ],
)
def test_what_cannot_be_computed_is_refused(item: dict[str, Any], words: str) -> None:
    """Above all: energy that no block prices is not billed as nothing."""
    with pytest.raises(BadInput, match=words):
        compute(read_tariff({"items": [item]}, "tariff"), {"kwh": D(100), "past": [D(1), D(2), D(3)]})


@given(st.decimals(-(10**6), 10**6, places=4), st.sampled_from(["0.05", "0.25", "5"]))
def test_a_rounding_to_steps_is_the_nearest_multiple(value: Decimal, step: str) -> None:
    item = {"name": "x", "kind": "sum", "of": [str(value)], "rounding": {"step": step}}
    found = compute(read_tariff({"items": [item]}, "tariff"), {}).values["x"]
    assert found % D(step) == 0
    assert abs(found - value) * 2 <= D(step)
