"""Load factor, mean price, and which way to pay for capacity is cheaper.

load factor = mean load / peak load = energy / (peak × hours). Mean price = charges / energy.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from jicha.calculators.exact import Term, term, total
from jicha.calculators.inputs import MOST_DAYS, Inputs, Number, Part, about
from jicha.calculators.pricing import Name
from jicha.calculators.problems import exactly_one, needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text

Load = Annotated[Number, Field(ge=0)]


class LoadFactor(Inputs):
    """Two of energy, peak load and load factor, and the time; the third follows."""

    energy_kwh: Annotated[Number | None, about("电量", "energy", "kWh", ge=0)] = None
    peak_kw: Annotated[Number | None, about("最大负荷（需量）", "peak load", "kW", gt=0)] = None
    load_factor_percent: Annotated[Number | None, about("负荷率", "load factor", "%", gt=0, le=100)] = None
    hours: Annotated[Number | None, about("计费期小时数", "hours of the period", "hours", gt=0)] = None
    days: Annotated[
        Number | None,
        about("计费期天数，代替小时数", "days of the period, instead of hours", "days", gt=0, le=MOST_DAYS),
    ] = None
    hours_used: Annotated[
        Number | None,
        about("均匀用电的小时数，代替最大负荷", "hours of even use, instead of the peak load", "hours", gt=0),
    ] = None
    loads_kw: Annotated[
        list[Load] | None,
        about(
            "等时段的负荷列表，代替电量和最大负荷",
            "loads of equal intervals, instead of energy and peak",
            "kW",
            min_length=1,
            max_length=9000,
        ),
    ] = None
    installed_kw: Annotated[
        Number | None, about("用电设备总容量，给出则算需用系数", "installed load, gives the demand factor", "kW", gt=0)
    ] = None


def hours_of(sheet: Sheet, given: LoadFactor) -> Term:
    """Return the hours of the period."""
    if (given.hours is None) == (given.days is None):
        raise exactly_one(sheet.calculator, given, "hours", "days")
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
    """负荷率 = 电量 ÷ (最大负荷 × 小时)；利用小时 = 电量 ÷ 最大负荷。

    Load factor = energy ÷ (peak × hours); hours of use = energy ÷ peak.
    """
    if given.loads_kw is not None:
        _from_loads(sheet, given, given.loads_kw)
        return
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
        _demand_factor(sheet, given, peak)
        most = sheet.energy("max_kwh", "满负荷电量", "energy at full load", peak * hours)
    if energy is None:
        return
    mean = sheet.figure("average_kw", "平均负荷", "mean load", "kW", energy / hours)
    if peak is None:
        return
    if mean.value > peak.value:
        sheet.warn("overload")
    sheet.figure("peak_hours", "最大负荷利用小时", "hours of use of the peak load", "hours", energy / peak)
    sheet.percent("load_factor_percent", "负荷率", "load factor", energy / most)


def _demand_factor(sheet: Sheet, given: LoadFactor, peak: Term) -> None:
    if given.installed_kw is not None:
        share = peak / sheet.given("installed_kw")
        sheet.percent("demand_factor_percent", "需用系数", "demand factor", share)


def _from_loads(sheet: Sheet, given: LoadFactor, loads: list[Decimal]) -> None:
    """Add mean, peak and load factor of loads in equal intervals; with the time also the energy."""
    if any(getattr(given, n) is not None for n in ("energy_kwh", "peak_kw", "load_factor_percent", "hours_used")):
        raise only_one(sheet.calculator, "loads_kw", "energy_kwh / peak_kw / load_factor_percent / hours_used")
    mean = total([term(load) for load in loads]) / len(loads)
    mean = sheet.figure("average_kw", "平均负荷", "mean load", "kW", mean)
    peak = sheet.figure("peak_kw", "最大负荷", "peak load", "kW", term(max(loads), Text("最大值", "greatest")))
    _demand_factor(sheet, given, peak)
    if given.hours is not None or given.days is not None:
        sheet.energy("energy_kwh", "电量", "energy", mean * hours_of(sheet, given))
    sheet.percent("load_factor_percent", "负荷率", "load factor", mean / peak)


class PricedEnergy(Part):
    """Energy of one class or month at its price."""

    name: Annotated[Name, about("名称，用于结果项名", "name, used in the names of results")]
    energy_kwh: Annotated[Number, about("电量", "energy", "kWh", ge=0)]
    price_yuan_per_kwh: Annotated[Number | None, about("电价", "price", "yuan/kWh", ge=0)] = None
    total_yuan: Annotated[Number | None, about("电费，代替电价", "charge, instead of the price", "yuan", ge=0)] = None


class AveragePrice(Inputs):
    """Charges of a period over its energy; the energy may follow from peak load and load factor, or from classes."""

    classes: Annotated[
        list[PricedEnergy] | None,
        about("各类用电（加权平均）", "classes of use (weighted mean)", min_length=1, max_length=60),
    ] = None
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
    other_yuan: Annotated[
        Number | None, about("其他费用", "other charges", "yuan", negative=("退费、减免", "refunded or waived"))
    ] = None
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
    if given.classes is not None:
        _weighted(sheet, given, given.classes)
        return
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


def _weighted(sheet: Sheet, given: AveragePrice, classes: list[PricedEnergy]) -> None:
    """Add the charges and the mean price of several classes."""
    own = set(AveragePrice.model_fields) - set(Inputs.model_fields) - {"classes", "other_yuan"}
    doubled = sorted(n for n in own if getattr(given, n) is not None)
    if doubled:
        raise only_one(sheet.calculator, "classes", *doubled)
    energies, charges = [], []
    for part in classes:
        if (part.price_yuan_per_kwh is None) == (part.total_yuan is None):
            raise needed(sheet.calculator, f"classes.{part.name}.price_yuan_per_kwh", f"classes.{part.name}.total_yuan")
        energy = sheet.given("energy_kwh", part, Text(f"{part.name} 电量", f"energy of {part.name}"))
        if part.price_yuan_per_kwh is None:
            charge = sheet.given("total_yuan", part, Text(f"{part.name} 电费", f"charge of {part.name}"))
        else:
            product = energy * sheet.given("price_yuan_per_kwh", part)
            charge = sheet.money(f"{part.name}_yuan", f"{part.name} 电费", f"charge of {part.name}", product)
        energies.append(energy)
        charges.append(charge)
    if given.other_yuan is not None:
        charges.append(sheet.given("other_yuan"))
    whole = sheet.money("total_yuan", "总费用", "charges in total", total(charges))
    energy = sheet.energy("energy_kwh", "总电量", "energy in total", total(energies))
    sheet.figure("average_yuan_per_kwh", "平均电价", "mean price", "yuan/kWh", whole / energy)


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
