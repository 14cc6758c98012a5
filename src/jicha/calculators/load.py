"""Load factor, mean price, and which way to pay for capacity is cheaper.

load factor = mean load / peak load = energy / (peak × hours). Mean price = charges / energy.
"""

from __future__ import annotations

from typing import Annotated

from jicha.calculators.exact import Term, total
from jicha.calculators.inputs import Inputs, Number, about
from jicha.calculators.problems import needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput


class LoadFactor(Inputs):
    """Two of energy, peak load and load factor, and the time; the third follows."""

    energy_kwh: Annotated[Number | None, about("电量", "energy", "kWh", ge=0)] = None
    peak_kw: Annotated[Number | None, about("最大负荷（需量）", "peak load", "kW", gt=0)] = None
    load_factor_percent: Annotated[Number | None, about("负荷率", "load factor", "%", gt=0, le=100)] = None
    hours: Annotated[Number | None, about("计费期小时数", "hours of the period", "hours", gt=0)] = None
    days: Annotated[
        Number | None, about("计费期天数，代替小时数", "days of the period, instead of hours", "days", gt=0)
    ] = None
    hours_used: Annotated[
        Number | None,
        about("均匀用电的小时数，代替最大负荷", "hours of even use, instead of the peak load", "hours", gt=0),
    ] = None


def hours_of(sheet: Sheet, given: LoadFactor) -> Term:
    """Return the hours of the period."""
    if (given.hours is None) == (given.days is None):
        raise needed(sheet.calculator, "hours", "days")
    return (
        sheet.given("hours")
        if given.days is None
        else sheet.figure("hours", "计费期小时数", "hours of the period", "hours", sheet.given("days") * 24)
    )


@calculator(
    "load_factor",
    group="load",
    zh="负荷率",
    en="load factor",
    example={"energy_kwh": 54000, "peak_kw": 150, "days": 30},
)
def load_factor(sheet: Sheet, given: LoadFactor) -> None:
    """负荷率 = 电量 ÷ (最大负荷 × 小时)。Load factor = energy ÷ (peak × hours)."""
    hours = hours_of(sheet, given)
    energy = None if given.energy_kwh is None else sheet.given("energy_kwh")
    peak = None if given.peak_kw is None else sheet.given("peak_kw")
    if given.hours_used is not None:
        if peak is not None or energy is None:
            raise needed(sheet.calculator, "energy_kwh + hours_used")
        peak = sheet.figure("peak_kw", "最大负荷", "peak load", "kW", energy / sheet.given("hours_used"))
    if given.load_factor_percent is not None:
        if (energy is None) == (peak is None):
            raise needed(sheet.calculator, "load_factor_percent + peak_kw", "load_factor_percent + energy_kwh")
        factor = sheet.given("load_factor_percent") / 100
        if peak is None:
            assert energy is not None
            peak = sheet.figure("peak_kw", "最大负荷", "peak load", "kW", energy / hours / factor)
        else:
            energy = sheet.energy("energy_kwh", "电量", "energy", peak * hours * factor)
    if energy is None and peak is None:
        raise needed(sheet.calculator, "energy_kwh", "peak_kw")
    if peak is not None:
        most = sheet.energy("max_kwh", "满负荷电量", "energy at full load", peak * hours)
    if energy is None:
        return
    mean = sheet.figure("average_kw", "平均负荷", "mean load", "kW", energy / hours)
    if peak is None:
        return
    if mean.value > peak.value:
        sheet.warn("overload")
    sheet.percent("load_factor_percent", "负荷率", "load factor", energy / most)


class AveragePrice(Inputs):
    """Charges of a period over its energy; the energy may follow from peak load and load factor."""

    energy_kwh: Annotated[Number | None, about("电量", "energy", "kWh", gt=0)] = None
    total_yuan: Annotated[
        Number | None, about("总费用，已知时直接给", "charges in total, where known", "yuan", ge=0)
    ] = None
    energy_price_yuan_per_kwh: Annotated[Number | None, about("电度电价", "energy price", "yuan/kWh", ge=0)] = None
    capacity_kva: Annotated[Number | None, about("计费容量", "capacity charged", "kVA", ge=0)] = None
    demand_kw: Annotated[Number | None, about("最大需量", "maximum demand", "kW", ge=0)] = None
    power_factor: Annotated[
        Number | None,
        about("功率因数，给出则需量按 kVA 计", "power factor, demand is charged in kVA then", "factor", gt=0, le=1),
    ] = None
    capacity_price: Annotated[
        Number | None,
        about("容（需）量单价（整个计费期）", "price per kVA or kW (of the whole period)", "yuan/kVA", ge=0),
    ] = None
    other_yuan: Annotated[Number | None, about("其他费用", "other charges", "yuan")] = None
    load_factor_percent: Annotated[
        Number | None,
        about(
            "负荷率，与需量、小时数推出电量", "load factor, gives the energy with demand and hours", "%", gt=0, le=100
        ),
    ] = None
    hours: Annotated[Number | None, about("计费期小时数", "hours of the period", "hours", gt=0)] = None
    reduce_by_yuan_per_kwh: Annotated[
        Number | None, about("平均电价要降低多少", "by how much the mean price is to fall", "yuan/kWh", gt=0)
    ] = None
    target_price_yuan_per_kwh: Annotated[
        Number | None, about("目标平均电价，代替降低值", "mean price wanted, instead of the fall", "yuan/kWh", gt=0)
    ] = None


def _energy(sheet: Sheet, given: AveragePrice) -> Term:
    if given.energy_kwh is not None:
        return sheet.given("energy_kwh")
    if given.demand_kw is None or given.load_factor_percent is None or given.hours is None:
        raise needed(sheet.calculator, "energy_kwh", "demand_kw + load_factor_percent + hours")
    product = sheet.given("demand_kw") * sheet.given("hours") * sheet.given("load_factor_percent") / 100
    return sheet.energy("energy_kwh", "电量", "energy", product)


def _fixed(sheet: Sheet, given: AveragePrice) -> Term | None:
    """Return the charge for capacity or demand."""
    if given.capacity_price is None:
        return None
    if given.capacity_kva is not None:
        if given.demand_kw is not None and given.load_factor_percent is None:
            raise only_one(sheet.calculator, "capacity_kva", "demand_kw")
        quantity = sheet.given("capacity_kva")
    elif given.demand_kw is not None:
        quantity = sheet.given("demand_kw")
        if given.power_factor is not None:
            quantity = sheet.figure(
                "demand_kva", "视在需量", "apparent demand", "kVA", quantity / sheet.given("power_factor")
            )
    else:
        raise needed(sheet.calculator, "capacity_kva", "demand_kw")
    return sheet.money(
        "capacity_yuan", "容（需）量电费", "capacity or demand charge", quantity * sheet.given("capacity_price")
    )


@calculator(
    "average_price",
    group="load",
    zh="平均电价、两部制电费",
    en="mean price, two-part charges",
    example={
        "energy_kwh": 90000,
        "capacity_kva": 500,
        "capacity_price": "26.3",
        "energy_price_yuan_per_kwh": "0.651886",
        "reduce_by_yuan_per_kwh": "0.02",
    },
)
def average_price(sheet: Sheet, given: AveragePrice) -> None:
    """平均电价 = 总费用 ÷ 电量；降到目标所需电量 = 固定费用 ÷ (目标 − 电度电价)。

    Mean price = charges ÷ energy; energy for a target = fixed charges ÷ (target − energy price).
    """
    energy = _energy(sheet, given)
    if given.total_yuan is not None:
        charges, fixed = sheet.given("total_yuan"), None
    else:
        parts = []
        fixed = _fixed(sheet, given)
        if fixed is not None:
            parts.append(fixed)
        if given.energy_price_yuan_per_kwh is not None:
            parts.append(
                sheet.money(
                    "energy_yuan", "电度电费", "energy charge", energy * sheet.given("energy_price_yuan_per_kwh")
                )
            )
        if given.other_yuan is not None:
            parts.append(sheet.given("other_yuan"))
        if not parts:
            raise needed(sheet.calculator, "total_yuan", "energy_price_yuan_per_kwh", "capacity_price")
        charges = sheet.money("total_yuan", "总费用", "charges in total", total(parts))
    mean = sheet.figure("average_yuan_per_kwh", "平均电价", "mean price", "yuan/kWh", charges / energy)
    _target(sheet, given, mean, fixed)


def _target(sheet: Sheet, given: AveragePrice, mean: Term, fixed: Term | None) -> None:
    """Add the energy at which the mean price falls to the target."""
    if given.reduce_by_yuan_per_kwh is None and given.target_price_yuan_per_kwh is None:
        return
    if fixed is None or given.energy_price_yuan_per_kwh is None:
        raise needed(sheet.calculator, "capacity_price + energy_price_yuan_per_kwh (for a target)")
    if given.target_price_yuan_per_kwh is not None:
        target = sheet.given("target_price_yuan_per_kwh")
    else:
        target = mean - sheet.given("reduce_by_yuan_per_kwh")
    target = sheet.figure("target_yuan_per_kwh", "目标平均电价", "mean price wanted", "yuan/kWh", target)
    margin = target - sheet.given("energy_price_yuan_per_kwh")
    if margin.value <= 0:
        raise BadInput(
            zh=f"{sheet.calculator}：目标平均电价 {target.numbers} 不高于电度电价 energy_price_yuan_per_kwh，"
            "用电再多也达不到；请提高 target_price_yuan_per_kwh 或减小 reduce_by_yuan_per_kwh。",
            en=f"{sheet.calculator}: the target {target.numbers} is not above "
            "energy_price_yuan_per_kwh and can never be reached; raise target_price_yuan_per_kwh "
            "or lower reduce_by_yuan_per_kwh",
        )
    fixed_all = fixed if given.other_yuan is None else fixed + sheet.given("other_yuan")
    sheet.figure("min_kwh", "所需最少电量", "least energy", "kWh", fixed_all / margin)


class DemandOrCapacity(Inputs):
    """Transformer capacity and both prices."""

    capacity_kva: Annotated[Number, about("受电容量", "transformer capacity", "kVA", gt=0)]
    capacity_price: Annotated[Number, about("容量电价", "capacity price", "yuan/kVA·month", gt=0)]
    demand_price: Annotated[Number, about("需量电价", "demand price", "yuan/kW·month", gt=0)]
    demand_kw: Annotated[Number | None, about("最大需量", "maximum demand", "kW", ge=0)] = None


@calculator(
    "demand_or_capacity",
    group="load",
    zh="按容量与按需量计费的平衡点",
    en="break-even of capacity and demand charge",
    example={"capacity_kva": 1000, "capacity_price": "26.3", "demand_price": "42.0", "demand_kw": 580},
)
def demand_or_capacity(sheet: Sheet, given: DemandOrCapacity) -> None:
    """平衡需量 = 容量 × 容量电价 ÷ 需量电价。Break-even demand = capacity × capacity price ÷ demand price."""
    ratio = sheet.given("capacity_price") / sheet.given("demand_price")
    sheet.percent("break_even_percent", "平衡负荷率（需量 ÷ 容量）", "break-even (demand ÷ capacity)", ratio)
    sheet.figure("break_even_kw", "平衡需量", "break-even demand", "kW", sheet.given("capacity_kva") * ratio)
    capacity = sheet.money(
        "capacity_yuan", "容量电费", "capacity charge", sheet.given("capacity_kva") * sheet.given("capacity_price")
    )
    if given.demand_kw is not None:
        demand = sheet.money(
            "demand_yuan", "需量电费", "demand charge", sheet.given("demand_kw") * sheet.given("demand_price")
        )
        sheet.money("saving_yuan", "选需量节省（负为多付）", "saved by demand (negative: more)", capacity - demand)
