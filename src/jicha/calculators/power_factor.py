"""Power factor, its adjustment by the table of 1983, and what is due when reactive energy was read too low.

The table and the definition of the factor are those of the billing engine (`jicha.billing`, `jicha.catalog.billing`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from jicha.calculators.exact import Term, decimal_text, root, term, total
from jicha.calculators.inputs import Inputs, Number, Places, about
from jicha.calculators.problems import needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.catalog.billing import power_factor_table
from jicha.errors import BadInput
from jicha.language import Text

STANDARD = about("功率因数标准：0.90、0.85、0.80", "standard: 0.90, 0.85 or 0.80", "factor", gt=0, lt=1)


FACTOR_WAYS = ("power_factor", "active_kwh", "kw", "tan_phi")


class Factor(Inputs):
    """Where the power factor comes from."""

    active_kwh: Annotated[Number | None, about("有功电量（含损耗）", "active energy (with losses)", "kWh", ge=0)] = None
    reactive_kvarh: Annotated[
        Number | None, about("无功电量（含损耗）", "reactive energy (with losses)", "kvarh", ge=0)
    ] = None
    reactive_reverse_kvarh: Annotated[
        Number,
        about(
            "反向无功电量，按绝对值相加",
            "reverse reactive energy, its amount is added",
            "kvarh",
            negative=("有的表反向示数带负号，正负同义", "some meters show it with a minus; the sign does not matter"),
        ),
    ] = Decimal(0)
    kw: Annotated[Number | None, about("有功功率，代替电量", "active power, instead of energies", "kW", ge=0)] = None
    kva: Annotated[Number | None, about("视在功率", "apparent power", "kVA", gt=0)] = None
    kvar: Annotated[Number | None, about("无功功率", "reactive power", "kvar", ge=0)] = None
    power_factor: Annotated[
        Number | None, about("功率因数，已知时直接给", "power factor, where known", "factor", ge=0, le=1)
    ] = None
    tan_phi: Annotated[Number | None, about("无功与有功之比 tanφ", "reactive over active, tanφ", "factor", ge=0)] = None
    active_loss_kwh: Annotated[Number, about("另加的有功变损、线损", "active losses on top", "kWh", ge=0)] = Decimal(0)
    reactive_loss_kvarh: Annotated[Number, about("另加的无功变损、线损", "reactive losses on top", "kvarh", ge=0)] = (
        Decimal(0)
    )
    factor_places: Annotated[Places, about("功率因数小数位，四舍五入", "decimals of the factor, half up")] = 2


def _ratio(sheet: Sheet, active: Term, reactive: Term) -> Term:
    if active.value == 0 and reactive.value == 0:
        raise BadInput(
            zh=f"{sheet.calculator}：有功、无功都为 0，没有功率因数，该月不作力率调整；请核对电量。",
            en=f"{sheet.calculator}: active and reactive energy are 0: there is no power factor and nothing is "
            "adjusted in that month; check the energies",
        )
    return active / root(active * active + reactive * reactive)


def factor_of(sheet: Sheet, given: Factor, *, extra: Term | None = None, name: str = "power_factor") -> Term:
    """Add and return the rounded power factor; `extra` is reactive energy on top of what was given."""
    ways = [n for n in FACTOR_WAYS if getattr(given, n) is not None]
    if len(ways) > 1:
        raise only_one(sheet.calculator, *ways)
    if ways != ["active_kwh"] and (given.active_loss_kwh or given.reactive_loss_kvarh):
        raise needed(sheet.calculator, "active_kwh + reactive_kvarh (for active_loss_kwh / reactive_loss_kvarh)")
    if ways == ["power_factor"]:
        raw = sheet.given("power_factor", given)
    elif ways == ["active_kwh"] and given.reactive_kvarh is not None:
        reactive = sheet.given("reactive_kvarh", given)
        if extra is not None and reactive.value + extra.value < 0:
            raise BadInput(
                zh=f"{sheet.calculator}：missed_kvarh 为 {extra.numbers}，多抄不能超过已抄的 reactive_kvarh "
                f"{reactive.numbers}；请核对。",
                en=f"{sheet.calculator}: missed_kvarh is {extra.numbers}: no more can have been read too high than the "
                f"reactive_kvarh {reactive.numbers}; check it",
            )
        if given.reactive_reverse_kvarh:
            reverse = Text("反向无功绝对值", "amount of the reverse energy")
            reactive = reactive + term(abs(given.reactive_reverse_kvarh), reverse)
        active = sheet.given("active_kwh", given)
        if given.active_loss_kwh:
            active = active + sheet.given("active_loss_kwh", given)
        if given.reactive_loss_kvarh:
            reactive = reactive + sheet.given("reactive_loss_kvarh", given)
        reactive = reactive if extra is None else reactive + extra
        raw = _ratio(sheet, active, reactive)
    elif ways == ["tan_phi"]:
        tangent = sheet.given("tan_phi", given)
        raw = 1 / root(1 + tangent * tangent)
    elif ways == ["kw"] and (given.kva is None) != (given.kvar is None):
        active = sheet.given("kw", given)
        raw = (
            active / sheet.given("kva", given)
            if given.kvar is None
            else _ratio(sheet, active, sheet.given("kvar", given))
        )
    else:
        raise needed(
            sheet.calculator, "active_kwh + reactive_kvarh", "kw + kva", "kw + kvar", "tan_phi", "power_factor"
        )
    if raw.value > 1:
        raise BadInput(
            zh=f"{sheet.calculator}：功率因数大于 1，请核对有功 kw 与视在功率 kva。",
            en=f"{sheet.calculator}: the power factor is above 1; check kw (active) and kva (apparent)",
        )
    return sheet.rounded(name, "功率因数", "power factor", "factor", raw, places=given.factor_places)


def table_percent(sheet: Sheet, standard: Decimal, factor: Term, *, name: str = "adjustment_percent") -> Term:
    """Add and return the adjustment of the table of 1983 in percent; positive is a surcharge."""
    sheet.cite("settlement.power_factor_table")
    table = power_factor_table()
    if (standard, Decimal("1.00")) not in table:
        known = ", ".join(sorted({f"{row:.2f}" for row, _ in table}))
        raise BadInput(
            zh=f"{sheet.calculator}：调整表没有标准 {standard}，应为 {known}，或直接给 adjustment_percent。",
            en=f"{sheet.calculator}: the table has no standard {standard}; use {known}, or give adjustment_percent",
        )
    found = table[standard, Decimal(decimal_text(factor.value, 2))]
    words = Text(
        f"查表（标准 {standard}，功率因数 {factor.numbers}）", f"table, standard {standard} at {factor.numbers}"
    )
    return sheet.figure(name, "调整率", "adjustment", "%", term(found, words), show=2)


_REFUND_MONTH = ("退费冲减的基数", "what a refund takes off the base")


class Adjustment(Factor):
    """A power factor against its standard, and the money it adjusts."""

    standard: Annotated[Number | None, STANDARD] = None
    adjustment_percent: Annotated[
        Number | None,
        about("调整率，代替查表", "adjustment, instead of the table", "%", gt=-100, negative=("减收", "a reduction")),
    ] = None
    energy_yuan: Annotated[
        Number | None,
        about(
            "参与调整的电度电费（不含基金）",
            "energy charge in the base (without funds)",
            "yuan",
            negative=_REFUND_MONTH,
        ),
    ] = None
    basic_yuan: Annotated[Number | None, about("基本电费", "basic charge", "yuan", negative=_REFUND_MONTH)] = None


@calculator(
    "power_factor",
    group="bill",
    zh="功率因数与力调电费",
    en="power factor and its adjustment",
    example={
        "active_kwh": 52000,
        "reactive_kvarh": 31000,
        "standard": "0.90",
        "energy_yuan": "33898.07",
        "basic_yuan": "8284.50",
    },
)
def power_factor(sheet: Sheet, given: Adjustment) -> None:
    """功率因数 = 有功 ÷ √(有功² + 无功²)，取两位；力调电费 = 基数 × 调整率。

    Factor = active ÷ √(active² + reactive²) to two decimals; adjustment = base × percentage.
    """
    known = given.adjustment_percent is not None and all(getattr(given, name) is None for name in FACTOR_WAYS)
    factor = None if known else factor_of(sheet, given)
    if given.adjustment_percent is not None:
        percent = sheet.given("adjustment_percent")
    elif given.standard is not None and factor is not None:
        percent = table_percent(sheet, given.standard, factor)
    else:
        return
    parts = [sheet.given(n) for n in ("energy_yuan", "basic_yuan") if getattr(given, n) is not None]
    if not parts:
        return
    base = sheet.money("base_yuan", "力调基数", "base of the adjustment", total(parts))
    adjust = sheet.money("pf_yuan", "力调电费", "adjustment", base * percent / 100)
    sheet.money("adjusted_yuan", "调整后电费", "charges with the adjustment", base + adjust)


class MissedReactive(Factor):
    """A bill whose reactive energy was read too low, or that was adjusted by the wrong standard."""

    standard: Annotated[Number, STANDARD]
    missed_kvarh: Annotated[
        Number,
        about(
            "少抄无功电量，多抄为负",
            "reactive energy read too low, negative: too high",
            "kvarh",
            negative=("多抄，应退", "read too high, to refund"),
        ),
    ] = Decimal(0)
    billed_standard: Annotated[
        Number | None,
        about("原计费所用标准，缺省同 standard", "standard billed with, default the right one", "factor", gt=0, lt=1),
    ] = None
    billed_yuan: Annotated[
        Number, about("已计电费（含力调、不含基金附加）", "billed with the adjustment, without funds", "yuan", ge=0)
    ]


@calculator(
    "power_factor_missed",
    group="bill",
    zh="力调追补（少抄无功、标准执行错）",
    en="adjustment due: reactive energy missed, or wrong standard",
    example={
        "active_kwh": 52000,
        "reactive_kvarh": 22000,
        "missed_kvarh": 9000,
        "standard": "0.90",
        "billed_yuan": 36000,
    },
)
def power_factor_missed(sheet: Sheet, given: MissedReactive) -> None:
    """调整前电费 = 已计 ÷ (1 + 原调整率)；应计 = 调整前 × (1 + 新调整率)。

    Before adjustment = billed ÷ (1 + old percentage); due = before × (1 + new percentage).
    """
    if given.missed_kvarh and given.active_kwh is None:
        raise needed(sheet.calculator, "active_kwh + reactive_kvarh")
    if not given.missed_kvarh and given.billed_standard is None:
        raise needed(sheet.calculator, "missed_kvarh", "billed_standard")
    old = table_percent(
        sheet,
        given.billed_standard or given.standard,
        factor_of(sheet, given, name="old_power_factor"),
        name="old_adjustment_percent",
    )
    extra = sheet.given("missed_kvarh")
    new = table_percent(sheet, given.standard, factor_of(sheet, given, extra=extra if given.missed_kvarh else None))
    billed = sheet.given("billed_yuan")
    before = sheet.figure("before_yuan", "调整前电费", "charges before adjustment", "yuan", billed / (1 + old / 100))
    due = sheet.money("correct_fee_yuan", "应计电费", "charges due", before * (1 + new / 100))
    sheet.money("back_fee_yuan", "追补电费", "amount to claim or refund", due - billed)


class Compensation(Inputs):
    """A load, its power factor and the one wanted."""

    active_kw: Annotated[Number | None, about("有功功率（平均）", "active power (mean)", "kW", gt=0)] = None
    active_kwh: Annotated[
        Number | None, about("有功电量，代替功率", "active energy, instead of power", "kWh", gt=0)
    ] = None
    hours: Annotated[Number | None, about("用电小时（电量用）", "hours of use (with active_kwh)", "hours", gt=0)] = None
    power_factor: Annotated[Number, about("补偿前功率因数", "power factor before", "factor", gt=0, le=1)]
    target_power_factor: Annotated[Number, about("补偿后功率因数", "power factor wanted", "factor", gt=0, le=1)]


def _tangent(sheet: Sheet, field: str) -> Term:
    factor = sheet.given(field)
    return root(1 - factor * factor) / factor


@calculator(
    "reactive_compensation",
    group="load",
    zh="无功补偿容量与降损",
    en="reactive compensation and what it saves in losses",
    example={"active_kw": 400, "power_factor": "0.75", "target_power_factor": "0.95"},
)
def reactive_compensation(sheet: Sheet, given: Compensation) -> None:
    """补偿容量 Qc = P(tanφ1 − tanφ2)；线路损耗下降 = 1 − (cosφ1 ÷ cosφ2)²。

    Qc = P (tanφ1 − tanφ2); the losses of the line fall by 1 − (cosφ1 ÷ cosφ2)².
    """
    if given.active_kw is not None:
        if given.active_kwh is not None:
            raise only_one(sheet.calculator, "active_kw", "active_kwh")
        power = sheet.given("active_kw")
    elif given.active_kwh is not None and given.hours is not None:
        mean = sheet.given("active_kwh") / sheet.given("hours")
        power = sheet.figure("active_kw", "平均有功功率", "mean active power", "kW", mean)
    else:
        raise needed(sheet.calculator, "active_kw", "active_kwh + hours")
    if given.target_power_factor < given.power_factor:
        raise BadInput(
            zh=f"{sheet.calculator}：补偿后功率因数 target_power_factor（{given.target_power_factor}）低于补偿前"
            f"（{given.power_factor}），无需补偿；请核对两个数是否写反。",
            en=f"{sheet.calculator}: the power factor wanted ({given.target_power_factor}) is below the one before "
            f"({given.power_factor}), so nothing is to be compensated; check whether the two are exchanged",
        )
    difference = _tangent(sheet, "power_factor") - _tangent(sheet, "target_power_factor")
    sheet.figure("kvar", "补偿容量", "capacity of the capacitors", "kvar", power * difference)
    before, after = sheet.given("power_factor"), sheet.given("target_power_factor")
    sheet.figure("before_kva", "补偿前视在功率", "apparent power before", "kVA", power / before)
    sheet.figure("after_kva", "补偿后视在功率", "apparent power after", "kVA", power / after)
    quotient = before / after
    sheet.percent("loss_reduction_percent", "线路损耗下降", "losses of the line fall by", 1 - quotient * quotient)
