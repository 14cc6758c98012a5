"""A bill of any country from its tariff as data, through the generic mechanism of the billing engine."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from jicha.billing.generic_compute import GenericTariff, Item, Operand, compute
from jicha.billing.generic_data import read_tariff
from jicha.calculators.exact import Term, plain_text, term
from jicha.calculators.inputs import Count, Inputs, NumberOrList, Part, about
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text

ItemName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\W\d]\w*$")]


def _text(given: object) -> object:
    return given if isinstance(given, str) else str(given) if isinstance(given, (int, Decimal)) else given


_NAME_OR_NUMBER = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]})
NameOrNumber = Annotated[str, BeforeValidator(_text), _NAME_OR_NUMBER]
"""The name of a quantity or an earlier item, or a number."""
Limited = tuple[NameOrNumber | None, NameOrNumber]
Rounded = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "array"}, {"type": "object"}]})]


class TariffItem(Part):
    """One item of a tariff."""

    name: Annotated[ItemName, about("名称，后面的项目用它", "name, by which later items refer to it")]
    kind: Annotated[
        Literal[
            "sum", "difference", "product", "max", "min", "mean", "mean_of_largest", "hypotenuse", "quotient",
            "fixed", "rate", "share", "blocks", "table", "choose",
        ],
        about(
            "算法：和、差、积、最大、最小、平均、最大若干个平均、平方和开方、商、定额、单价、比例、分档、查表、选择",
            "what it is: sum, difference, product, max, min, mean, mean of the largest, hypotenuse, quotient, "
            "fixed amount, rate, share, blocks, table, choice",
        ),
    ]  # fmt: skip
    of: Annotated[
        tuple[NameOrNumber, ...],
        about("由哪些数量、项目或数字算得", "from which quantities, items or numbers", max_length=200),
    ] = ()
    amount: Annotated[NameOrNumber | None, about("定额（fixed），减免为负", "amount (fixed), a credit is negative")] = (
        None
    )
    rate: Annotated[
        NameOrNumber | None,
        about("单价或比例（rate、share），折扣为负", "price or share (rate, share), a discount is negative"),
    ] = None
    blocks: Annotated[
        list[Limited] | None,
        about("各档 [累计上限或 null, 单价]", "blocks [cumulative limit or null, price]", max_length=100),
    ] = None
    rows: Annotated[
        list[Limited] | None,
        about(
            "表的各行 [上限或 null, 值]，取首个不超过的",
            "rows [limit or null, value], the first not exceeded",
            max_length=400,
        ),
    ] = None
    test: Annotated[
        Literal["<", "<=", ">", ">=", "=="] | None,
        about(
            "选择的条件：of[0] 与 of[1] 比较，成立取 of[2]，否则 of[3]",
            "choice: of[0] against of[1]; of[2] where it holds, else of[3]",
        ),
    ] = None
    count: Annotated[Count | None, about("取最大的几个", "how many of the largest", "count", ge=1, le=400)] = None
    rounding: Annotated[
        Rounded,
        about(
            "取位：小数位，或 [小数位, half_up/half_even/down/up]，或 {step, mode}",
            "rounding: decimals, or [decimals, half_up/half_even/down/up], or {step, mode}",
        ),
    ] = None
    block_rounding: Annotated[Rounded, about("每档取位", "rounding of each block")] = None
    is_charge: Annotated[bool, about("计入总额", "counts in the total")] = False


class TariffBill(Inputs):
    """Quantities and the tariff that prices them."""

    quantities: Annotated[
        dict[ItemName, NumberOrList],
        about(
            "数量：名称 → 不小于 0 的数或列表（如前 11 个月需量）",
            "quantities: name → number from 0, or list of such (demands of months)",
            remedy=(
                "数量写正数；送出的电量另设一项，用 difference 相减；减免、折扣写在项目的 amount、rate",
                "write quantities as positive; export is one of its own, taken off by `difference`; credits and "
                "discounts belong into amount or rate of an item",
            ),
            max_length=200,
            default_factory=dict,
        ),
    ]
    items: Annotated[
        list[TariffItem],
        about("电价项目，按计算次序", "items of the tariff, as computed", min_length=1, max_length=400),
    ]
    total_rounding: Annotated[Rounded, about("总额取位", "rounding of the total")] = None
    currency: Annotated[str, about("货币", "currency", max_length=12)] = ""


_NAME = re.compile(r"[^\W\d]\w*(?:\.\d+)?(?![\w(])")
_SIGNS = {"sum": " + ", "difference": " − ", "product": " × ", "quotient": " ÷ "}


def _tariff(sheet: Sheet, given: TariffBill) -> GenericTariff:
    if any(item.name == "total" for item in given.items):
        raise BadInput(
            zh=f"{sheet.calculator}：total 是总额的名称，项目请改名。",
            en=f"{sheet.calculator}: `total` is the name of the whole bill; give the item another name",
        )
    entries = [item.model_dump(exclude_none=True, exclude_unset=True) for item in given.items]
    return read_tariff({"items": entries, "total_rounding": given.total_rounding}, "items")


def _formula(item: Item) -> str:
    """Return an item in words: its operands with the sign of its kind, or the kind as a function."""
    names = [_word(operand) for operand in item.of]
    if item.kind in _SIGNS:
        return _SIGNS[item.kind].join(names)
    if item.kind == "fixed":
        return _word(item.amount)
    if item.kind in {"rate", "share"}:
        base = " + ".join(names)
        return f"{base if len(names) == 1 else f'({base})'} × {_word(item.rate)}"
    if item.kind == "choose":
        return f"{names[0]} {item.test} {names[1]} ? {names[2]} : {names[3]}"
    if item.kind in {"blocks", "table"}:
        pairs = item.blocks if item.kind == "blocks" else item.rows
        return f"{item.kind}({names[0]}; {', '.join(f'{_word(u)}: {_word(v)}' for u, v in pairs)})"
    inner = f"{item.count} × {', '.join(names)}" if item.kind == "mean_of_largest" else ", ".join(names)
    return f"{item.kind}({inner})"


def _word(operand: Operand | None) -> str:
    if operand is None:
        return "∞"
    return operand if isinstance(operand, str) else plain_text(Fraction(operand))


def _shown(value: Decimal, words: str, known: dict[str, Decimal]) -> Term:
    """Return a value with its formula in words, and the same formula with the known numbers put in."""
    numbers = _NAME.sub(lambda m: plain_text(Fraction(known[m[0]])) if m[0] in known else m[0], words)
    return Term(Fraction(value), Text(words, words), numbers)


@calculator(
    "tariff_bill",
    group="bill",
    zh="按电价数据计费（任何国家）",
    en="bill of any country from its tariff as data",
    has_form=False,
    example={
        "currency": "USD",
        "quantities": {"kwh": 900, "kw": 12, "kw_before": [15, 11, 18]},
        "items": [
            {"name": "service", "kind": "fixed", "amount": "9.50", "is_charge": True},
            {"name": "energy", "kind": "blocks", "of": ["kwh"], "blocks": [[500, "0.11"], [None, "0.09"]],
             "rounding": 2, "is_charge": True},
            {"name": "ratchet", "kind": "max", "of": ["kw_before"]},
            {"name": "ratchet_kw", "kind": "product", "of": ["ratchet", "0.8"]},
            {"name": "billed_kw", "kind": "max", "of": ["kw", "ratchet_kw"]},
            {"name": "demand", "kind": "rate", "of": ["billed_kw"], "rate": "6.25", "rounding": 2, "is_charge": True},
            {"name": "tax", "kind": "share", "of": ["service", "energy", "demand"], "rate": "0.05", "rounding": 2,
             "is_charge": True},
        ],
    },
)  # fmt: skip
def tariff_bill(sheet: Sheet, given: TariffBill) -> None:
    """逐项计算电价项目，计费项之和为总额；各项结果按名称给出。

    The items one by one, each by its name; the total is the sum of those that are charges.
    """
    tariff = _tariff(sheet, given)
    bill = compute(tariff, dict(given.quantities))
    known = {name: value for name, value in given.quantities.items() if isinstance(value, Decimal)}
    for item in tariff.items:
        for number in range(1, len(item.blocks) + 1):
            part = f"{item.name}.{number}"
            label = f"{item.name} {number}"
            sheet.figure(part, label, label, given.currency, term(bill.values[part], Text(part, part)))
        unit = given.currency if item.is_charge else ""
        value = bill.values[item.name]
        sheet.figure(item.name, item.name, item.name, unit, _shown(value, _formula(item), known))
        known[item.name] = value
    charges = " + ".join(item.name for item in tariff.items if item.is_charge) or "0"
    places = given.amount_places
    sheet.figure("total", "总额", "total", given.currency, _shown(bill.total, charges, known), show=max(places, 6))
