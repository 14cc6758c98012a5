"""Refund or claim for bills made with a wrong quantity or price: what was due less what was billed, line by line."""

from __future__ import annotations

from typing import Annotated, Literal

from jicha.calculators.exact import Term, total
from jicha.calculators.inputs import Inputs, Number, Part, about
from jicha.calculators.pricing import Name, signed
from jicha.calculators.problems import needed
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet

_SWAPPED = (
    "数量写正数：要冲减的写在已计，应计写 0，结果即为应退",
    "write the quantity as positive: what is to be taken back is billed, 0 is due; the result is the refund",
)
_WHOLE_PRICE = (
    "单价写正数；改正的是会为负的构成（偏差电费、系统运行费折价）时，写改正前后的全价",
    "write a price as positive; where a part that may be negative was wrong, give the whole price before and after",
)


class WrongLine(Part):
    """One line of a bill: quantity and price as billed and as due; what is left out was right."""

    name: Annotated[Name, about("名称，用于结果项名", "name, used in the names of results")]
    billed_quantity: Annotated[
        Number, about("已计数量（kWh、kVA、kW）", "quantity billed (kWh, kVA, kW)", ge=0, remedy=_SWAPPED)
    ]
    billed_price: Annotated[Number, about("已计单价", "price billed", "yuan", ge=0, remedy=_WHOLE_PRICE)]
    due_quantity: Annotated[
        Number | None, about("应计数量，缺省同已计", "quantity due, default as billed", ge=0, remedy=_SWAPPED)
    ] = None
    due_price: Annotated[
        Number | None, about("应计单价，缺省同已计", "price due, default as billed", "yuan", ge=0, remedy=_WHOLE_PRICE)
    ] = None


class BillRefund(Inputs):
    """Lines that were billed wrong."""

    lines: Annotated[list[WrongLine], about("各行", "the lines", min_length=1, max_length=400)]
    rounding: Annotated[
        Literal["amounts", "difference"],
        about("应计、已计各自舍入后相减，或差额舍入", "amounts due and billed rounded each, or their difference"),
    ] = "amounts"


@calculator(
    "bill_refund",
    group="settlement",
    zh="电费退补（数量、单价更正）",
    en="refund or claim for wrong quantities and prices",
    example={"lines": [{"name": "june", "billed_quantity": 3200, "billed_price": "0.735686", "due_price": "0.558"}]},
)
def bill_refund(sheet: Sheet, given: BillRefund) -> None:
    """退补 = 应计 − 已计，负数应退。Due less billed; negative is refunded."""
    differences = []
    for line in given.lines:
        if line.due_quantity is None and line.due_price is None:
            raise needed(sheet.calculator, f"lines.{line.name}.due_quantity", f"lines.{line.name}.due_price")
        differences.append(_difference(sheet, given, line))
    signed(sheet, sheet.money("back_fee_yuan", "退补电费", "amount to claim or refund", total(differences)))


def _difference(sheet: Sheet, given: BillRefund, line: WrongLine) -> Term:
    billed = sheet.given("billed_quantity", line) * sheet.given("billed_price", line)
    due = sheet.given("billed_quantity" if line.due_quantity is None else "due_quantity", line) * sheet.given(
        "billed_price" if line.due_price is None else "due_price", line
    )
    if given.rounding == "amounts":
        due = sheet.money(f"{line.name}_due_yuan", f"{line.name} 应计", f"{line.name} due", due)
        billed = sheet.money(f"{line.name}_billed_yuan", f"{line.name} 已计", f"{line.name} billed", billed)
    return sheet.money(f"{line.name}_diff_yuan", f"{line.name} 差额", f"{line.name} difference", due - billed)
