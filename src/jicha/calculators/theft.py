"""What an inspector claims for stolen electricity: energy, back-payment and penalty.

Quantity, in this order of preference: proven; capacity of the private equipment × time; capacity of the meter's rated
current × time; or, where an instrument transformer or the wiring was tampered with, recorded energy × correction rate.
Money: energy × price of the class in the time; penalty at most (2024) or exactly (1996) three times the back-payment.
Source: supply rules, articles on theft (numbers in the facts, not verified).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from jicha.calculators.corrections import Corrected, Recorded, correction_rate, recorded_energy, same_direction
from jicha.calculators.exact import Term, largest, term, total
from jicha.calculators.inputs import Count, Number, Part, Ratio, RuleInputs, about
from jicha.calculators.periods import LongSpan, days_of
from jicha.calculators.pricing import Prices, band_energies, band_price
from jicha.calculators.problems import exactly_one, needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.calculators.voltages import PHASES, VoltageBetween
from jicha.errors import BadInput
from jicha.language import Text

Load = Literal["power", "lighting"]
_LOAD = {"power": Text("电力", "power"), "lighting": Text("照明", "lighting")}


class TheftMoney(RuleInputs, Prices):
    """How the stolen energy becomes money. Bands, if any, hold the stolen energy of each."""

    funds_yuan_per_kwh: Annotated[
        Number, about("电价之外的基金及附加", "funds and surcharges on top of the price", "yuan/kWh", ge=0)
    ] = Decimal(0)
    funds_in_penalty_base: Annotated[bool, about("违约使用电费基数含基金", "funds are in the base of the penalty")] = (
        True
    )
    penalty_multiple: Annotated[
        Number | None,
        about(
            "违约使用电费倍数，缺省按版本",
            "penalty multiple, default by edition",
            "times",
            fact="theft.penalty_multiple",
            ge=0,
        ),
    ] = None
    penalty_base: Annotated[
        Literal["rounded", "unrounded"],
        about("倍数乘在已舍入或未舍入的补交电费上", "the multiple is applied to the rounded or unrounded back-payment"),
    ] = "rounded"
    tampering_times: Annotated[
        Count, about("另收擅自改动计量装置的次数", "times of tampering charged besides", "count", ge=0, le=100)
    ] = 0
    customer: Annotated[
        Literal["residential", "other"], about("用户类别（改动装置金额用）", "kind of customer (for tampering)")
    ] = "other"


class TheftTime(LongSpan):
    """How long, and how many hours a day."""

    load: Annotated[Load, about("负荷类别：电力 12h、照明 6h", "kind of load: power 12 h, lighting 6 h")] = "power"
    hours_per_day: Annotated[
        Number | None, about("每日小时，缺省按 load", "hours per day, default by load", "h/day", ge=0, le=24)
    ] = None
    metered_kwh: Annotated[Number, about("期间计量电量", "energy metered in the time", "kWh", ge=0)] = Decimal(0)
    subtract_metered: Annotated[bool, about("扣减期间计量电量", "subtract the energy metered")] = False


class Device(Part):
    """Equipment of one kind, by its rated capacity, or by voltage and current (a breaker or fuse)."""

    capacity_kw: Annotated[
        Number | None, about("每台额定容量，kVA 视同 kW", "rated capacity of each, kVA as kW", "kW", ge=0)
    ] = None
    voltage_v: Annotated[
        Number | None,
        about(
            "电压（代替容量），单相为相电压，三相按 voltage_between",
            "voltage (instead of the capacity), one phase: to neutral, three phases: by voltage_between",
            "V",
            gt=0,
        ),
    ] = None
    current_a: Annotated[
        Number | None,
        about(
            "额定电流或开关整定电流（配合电压）", "rated current or setting of the breaker (with voltage)", "A", gt=0
        ),
    ] = None
    phases: Annotated[Literal[1, 3], about("单相或三相", "single or three phases")] = 1
    voltage_between: VoltageBetween = "lines"
    count: Annotated[Count, about("台数", "how many", "count", ge=1, le=100000)] = 1
    load: Annotated[Load | None, about("负荷类别，缺省用顶层 load", "kind of load, default the common one")] = None
    hours_per_day: Annotated[
        Number | None,
        about(
            "每日小时，缺省用顶层的或按 load", "hours per day, default the common ones or by load", "h/day", ge=0, le=24
        ),
    ] = None


class TheftEquipment(TheftMoney, TheftTime):
    """First capacity basis: private equipment."""

    capacity_kw: Annotated[
        Number | None, about("私接设备额定容量，kVA 视同 kW", "rated capacity of the equipment, kVA as kW", "kW", ge=0)
    ] = None
    devices: Annotated[list[Device] | None, about("多种设备", "several kinds of equipment", min_length=1)] = None


class TheftMeter(TheftMoney, TheftTime):
    """Second capacity basis: the meter's rated current, or the limiter's setting."""

    phases: Annotated[Literal[1, 3], about("单相或三相", "single or three phases")] = 1
    voltage_v: Annotated[
        Number,
        about("单相为相电压，三相按 voltage_between", "phase voltage; three phases: by voltage_between", "V", gt=0),
    ]
    voltage_between: VoltageBetween = "lines"
    current_a: Annotated[
        Number, about("标定电流或限流器整定值", "rated current of the meter or setting of the limiter", "A", gt=0)
    ]
    ct: Annotated[Ratio, about("电流互感器变比", "ratio of the current transformer")] = Fraction(1)
    pt: Annotated[Ratio, about("电压互感器变比", "ratio of the voltage transformer")] = Fraction(1)


class TheftProven(TheftMoney):
    """The stolen energy is known."""

    stolen_kwh: Annotated[Number | None, about("查实的窃电量", "proven stolen energy", "kWh", ge=0)] = None


class TheftCorrection(TheftMoney, Recorded, Corrected):
    """The stolen energy follows from what the tampered device recorded."""


def _days(sheet: Sheet, given: TheftTime) -> Term:
    days = days_of(sheet, given)
    if days is None:
        days = sheet.fact("theft.unknown_days")
        sheet.warn("unknown_time_days", days=days.numbers)
    return days


def _hours(sheet: Sheet, given: TheftTime, device: Device | None = None) -> Term:
    """Return the hours a day: the device's own, else the common ones, else those of its kind of load."""
    if device is not None and device.hours_per_day is not None:
        return sheet.given("hours_per_day", device)
    own = None if device is None else device.load
    if own is None and given.hours_per_day is not None:
        return sheet.given("hours_per_day", given)
    load = own or given.load
    hours = sheet.fact(f"theft.hours_{load}")
    sheet.warn("assumed_hours", kind=_LOAD[load], hours=hours.numbers)
    return hours


def _by_capacity(sheet: Sheet, given: TheftTime, capacity: Term) -> Term:
    return _less_metered(sheet, given, capacity * _days(sheet, given) * _hours(sheet, given))


def _less_metered(sheet: Sheet, given: TheftTime, used: Term) -> Term:
    if not given.subtract_metered:
        if given.metered_kwh:
            sheet.warn("metered_not_subtracted")
        return sheet.energy("stolen_kwh", "窃电量", "stolen energy", used)
    sheet.warn("metered_subtracted")
    used = sheet.energy("used_kwh", "按容量推算电量", "energy by capacity", used)
    left = used - sheet.given("metered_kwh", given)
    if left.value < 0:
        sheet.warn("nothing_stolen")
    return sheet.energy("stolen_kwh", "窃电量", "stolen energy", largest(left, term(0)))


def charge(sheet: Sheet, given: TheftMoney, stolen: Term) -> None:
    """Add back-payment, penalty and total for a stolen energy."""
    energy_fee = _energy_fee(sheet, given, stolen)
    back, base = energy_fee, energy_fee
    if given.funds_yuan_per_kwh:
        funds = sheet.money("funds_yuan", "基金及附加", "funds", stolen * sheet.given("funds_yuan_per_kwh", given))
        back = sheet.money("back_fee_yuan", "补交电费", "back-payment", energy_fee + funds)
        base = energy_fee.before_rounding() if given.penalty_base == "unrounded" else energy_fee
        if given.funds_in_penalty_base:
            base = base + (funds.before_rounding() if given.penalty_base == "unrounded" else funds)
    elif given.penalty_base == "unrounded":
        base = base.before_rounding()
    multiple = sheet.fact("theft.penalty_multiple", "penalty_multiple")
    penalty = sheet.money("penalty_yuan", "违约使用电费", "penalty", base * multiple)
    parts = [back, penalty]
    if given.tampering_times:
        each = sheet.fact(
            "breach.device_residential_yuan" if given.customer == "residential" else "breach.device_other_yuan"
        )
        tampering = each * sheet.given("tampering_times", given)
        parts.append(sheet.money("tampering_yuan", "改动装置违约使用电费", "penalty for tampering", tampering))
        sheet.warn("theft_and_tampering")
    sheet.money("total_yuan", "合计", "total", total(parts))


def _energy_fee(sheet: Sheet, given: TheftMoney, stolen: Term) -> Term:
    name = "energy_fee_yuan" if given.funds_yuan_per_kwh else "back_fee_yuan"
    if given.bands is not None:
        fees = [
            sheet.money(
                f"{band.name}_fee_yuan",
                f"{band.name} 电费",
                f"charge of {band.name}",
                kwh * band_price(sheet, given, band),
            )
            for band, kwh in band_energies(sheet, given, stolen)
        ]
        return sheet.money(name, "补交电费", "back-payment", total(fees))
    if given.price_yuan_per_kwh is None:
        raise needed(sheet.calculator, "price_yuan_per_kwh", "bands")
    return sheet.money(name, "补交电费", "back-payment", stolen * sheet.given("price_yuan_per_kwh", given))


@calculator(
    "theft_equipment",
    group="theft",
    zh="窃电：按私接设备容量",
    en="theft by capacity of the private equipment",
    example={"capacity_kw": 4, "load": "lighting", "price_yuan_per_kwh": "0.558"},
)
def theft_equipment(sheet: Sheet, given: TheftEquipment) -> None:
    """窃电量 = 设备容量 × 天数 × 每日小时；时间不明 180 天。

    Energy = capacity × days × hours per day; unknown time 180 days.
    """
    sheet.cite("theft.quantity_equipment")
    if (given.capacity_kw is None) == (given.devices is None):
        raise exactly_one(sheet.calculator, given, "capacity_kw", "devices")
    if given.devices is None:
        charge(sheet, given, _by_capacity(sheet, given, sheet.given("capacity_kw", given)))
        return
    each = [_device_kw(sheet, device) * sheet.given("count", device) for device in given.devices]
    capacity = sheet.figure("capacity_kw", "私接设备总容量", "capacity of the equipment", "kW", total(each))
    if all(device.load is None and device.hours_per_day is None for device in given.devices):
        charge(sheet, given, _by_capacity(sheet, given, capacity))
        return
    hours = [kw * _hours(sheet, given, device) for kw, device in zip(each, given.devices, strict=True)]
    daily = sheet.figure("daily_kwh", "每日电量", "energy of a day", "kWh", total(hours))
    charge(sheet, given, _less_metered(sheet, given, daily * _days(sheet, given)))


def _device_kw(sheet: Sheet, device: Device) -> Term:
    by_current = device.voltage_v is not None and device.current_a is not None
    if device.capacity_kw is not None:
        if device.voltage_v is not None or device.current_a is not None:
            raise only_one(sheet.calculator, "devices.capacity_kw", "devices.voltage_v + devices.current_a")
        return sheet.given("capacity_kw", device)
    if not by_current:
        raise needed(sheet.calculator, "devices.capacity_kw", "devices.voltage_v + devices.current_a")
    product = sheet.given("voltage_v", device) * sheet.given("current_a", device)
    if device.phases == 3:
        product = PHASES[device.voltage_between] * product
    return product / 1000


@calculator(
    "theft_meter",
    group="theft",
    zh="窃电：按电能表标定电流容量",
    en="theft by capacity of the meter's rated current",
    example={
        "phases": 3,
        "voltage_v": 380,
        "current_a": "1.5",
        "ct": "100/5",
        "days": 60,
        "price_yuan_per_kwh": "0.735686",
    },
)
def theft_meter(sheet: Sheet, given: TheftMeter) -> None:
    """容量 = U·I（单相）、√3·U·I（三相线电压）或 3·U·I（三相相电压）× 变比，功率因数取 1。

    Capacity = U·I, √3·U·I (voltage between lines) or 3·U·I (to neutral) × ratio, power factor 1.
    """
    sheet.cite("theft.quantity_meter")
    product = sheet.given("voltage_v", given) * sheet.given("current_a", given)
    if given.phases == 3:
        product = PHASES[given.voltage_between] * product
    product = product * sheet.given("ct", given) * sheet.given("pt", given) / 1000
    capacity = sheet.figure("capacity_kw", "电能表所指容量", "capacity of the meter", "kW", product)
    charge(sheet, given, _by_capacity(sheet, given, capacity))


@calculator(
    "theft_proven",
    group="theft",
    zh="窃电：窃电量已查实",
    en="theft of a proven quantity",
    example={"stolen_kwh": 1200, "price_yuan_per_kwh": "0.558"},
)
def theft_proven(sheet: Sheet, given: TheftProven) -> None:
    """查实的窃电量优先。The proven quantity comes first; without it the bands give the quantity."""
    sheet.cite("theft.quantity_proven")
    if given.stolen_kwh is not None:
        stolen = sheet.given("stolen_kwh", given)
    elif given.bands and all(band.kwh is not None for band in given.bands):
        stolen = total([sheet.given("kwh", b, Text(f"{b.name} 电量", f"energy of {b.name}")) for b in given.bands])
    else:
        raise needed(sheet.calculator, "stolen_kwh", "bands.kwh")
    charge(sheet, given, sheet.energy("stolen_kwh", "窃电量", "stolen energy", stolen))


@calculator(
    "theft_correction",
    group="theft",
    zh="窃电：改动互感器或接线，按更正率",
    en="theft by tampered transformer or wiring",
    example={
        "recorded_kwh": 12000,
        "price_yuan_per_kwh": "0.71",
        "correction": {"kind": "ct", "nominal": "150/5", "actual": ["200/5", "150/5", "150/5"]},
    },
)
def theft_correction(sheet: Sheet, given: TheftCorrection) -> None:
    """追补电量 = 更正率 × 抄见电量。Energy = correction rate × recorded energy."""
    sheet.cite("theft.quantity_proven")
    rate = correction_rate(sheet, given)
    recorded = recorded_energy(sheet, given)
    if recorded is None:
        raise needed(sheet.calculator, "recorded_kwh", "reading_difference")
    same_direction(sheet, recorded, rate)
    stolen = sheet.energy("back_kwh", "追补电量", "energy to claim", rate * recorded)
    if stolen.value < 0:
        raise BadInput(
            zh=f"{sheet.calculator}：按此更正，表计多计（{stolen.numbers} kWh），没有窃电量；"
            "退电量请用 metering_correction，否则请核对 correction。",
            en=f"{sheet.calculator}: by this correction the meter recorded too much ({stolen.numbers} kWh), nothing "
            "was stolen; for a refund use metering_correction, else check `correction`",
        )
    charge(sheet, given, stolen)
