"""Published bills and exercises, to their printed decimals, through the public functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from jicha.billing.facts import PriceBook
from jicha.billing.metered import multiplier_of
from jicha.billing.numbers import r
from jicha.billing.power_factor import adjustment_pct, adjustment_yuan, power_factor, power_factor_of_powers
from tests.billing.harness import bills, book, compared, filled, read_cases

BILLS = [case for name in ("basic.yaml", "energy.yaml", "combined.yaml") for case in read_cases(name)]
D = Decimal


@pytest.mark.parametrize("case", BILLS, ids=[case["id"] for case in BILLS])
def test_bill(case: dict[str, Any], tmp_path: Path) -> None:
    tables = filled(case["given"], case["period"])
    made = bills(tables, case["period"], book(case.get("settings"), tmp_path))
    wrong = {
        str(terms): (str(found), str(wanted))
        for expected, terms in case["expect"]
        for found, wanted in [compared(made, expected, terms)]
        if found != wanted
    }
    assert not wrong


def _adjusted(base: str, standard: str, factor: str) -> Decimal:
    pct, _ = adjustment_pct(standard=D(standard), factor=D(factor), prices=PriceBook({}))
    return D(base) * (1 + pct / 100)


def _pair(values: list[int]) -> tuple[Decimal, Decimal]:
    return D(values[0]), D(values[1])


FUNCTIONS: Mapping[str, Callable[..., Decimal | None]] = {
    "pct": lambda standard, factor: adjustment_pct(standard=D(standard), factor=D(factor), prices=PriceBook({}))[0],
    "factor": lambda active, reactive: power_factor(active_kwh=D(active), reactive_kvarh=D(reactive)),
    "factor_of_powers": lambda kw, kva: power_factor_of_powers(active_kw=D(kw), apparent_kva=D(kva)),
    "adjustment": lambda base, pct: adjustment_yuan(base_yuan=D(base), pct=D(pct)),
    "adjusted": _adjusted,
    "rounded": lambda value: r(D(value), 2),
    "capacitor": lambda kvar, ratio, hours, price, before: (
        D(before) + D(kvar) * D(ratio) * D(hours) * D(price) / 10_000
    ),
    "multiplier": lambda pt, ct: multiplier_of(pt=_pair(pt), ct=_pair(ct)),
}
FORMULAS = read_cases("formulas.yaml")


@pytest.mark.parametrize("case", FORMULAS, ids=[f"{case['id']}-{case['function']}" for case in FORMULAS])
def test_formula(case: dict[str, Any]) -> None:
    found = FUNCTIONS[case["function"]](**case["inputs"])
    wanted = D(case["expect"])
    assert found is not None
    assert found.quantize(D(1).scaleb(int(wanted.as_tuple().exponent)), ROUND_HALF_UP) == wanted
