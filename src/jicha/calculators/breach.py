"""What an inspector claims for breach of contract (违约用电): back-payment and penalty of each act.

Source: supply rules, article on breach of contract; multiples and amounts are facts by edition (2024: ceilings).
"""

from __future__ import annotations

from typing import Annotated, Literal

from jicha.calculators.exact import Term, total
from jicha.calculators.inputs import MOST_MONTHS, Count, Number, Part, RuleInputs, about
from jicha.calculators.periods import (
    MOST_PRICES,
    DayBasis,
    LaterPrice,
    LongSpan,
    Span,
    bounds,
    charged_months,
    days_of,
    price_stretches,
)
from jicha.calculators.problems import needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text

_KINDS = {"power": Text("动力", "power"), "lighting": Text("照明、商业", "lighting and shop")}


class DearerLoad(Part):
    """Equipment used at a dearer class than it was billed at; its energy, or capacity and time."""

    name: Annotated[
        str,
        about(
            "名称，用于结果项名", "name, used in the names of results", min_length=1, max_length=40, pattern=r"^\w+$"
        ),
    ]
    kwh: Annotated[Number | None, about("电量，已知时直接给", "energy where it is known", "kWh", ge=0)] = None
    kwh_per_month: Annotated[
        Number | None, about("月电量，乘以月数", "energy per month, times the months", "kWh/month", ge=0)
    ] = None
    capacity_kw: Annotated[Number | None, about("设备容量", "capacity of the equipment", "kW", ge=0)] = None
    load: Annotated[
        Literal["power", "lighting"], about("动力 12h、照明和商业 6h", "power 12 h, lighting and shops 6 h")
    ] = "power"
    hours_per_day: Annotated[
        Number | None, about("每日小时，缺省按 load", "hours per day, default by load", "h/day", ge=0, le=24)
    ] = None
    due_price_yuan_per_kwh: Annotated[Number, about("应执行电价", "price due", "yuan/kWh", ge=0)]


class ClassChange(RuleInputs, LongSpan):
    """Dearer use on a cheaper price, or change of class without approval."""

    loads: Annotated[list[DearerLoad], about("各项用电", "the loads", min_length=1, max_length=20)]
    billed_price_yuan_per_kwh: Annotated[Number, about("已执行电价", "price billed", "yuan/kWh", ge=0)]
    unknown_months: Annotated[
        Number | None,
        about(
            "起止不明的月数，缺省按版本",
            "months where the time is unknown, default by edition",
            "months",
            ge=0,
            fact="breach.class_unknown_months",
        ),
    ] = None
    penalty_multiple: Annotated[
        Number | None,
        about(
            "违约使用电费倍数，缺省按版本",
            "penalty multiple, default by edition",
            "times",
            ge=0,
            fact="breach.class_multiple",
        ),
    ] = None
    rounding: Annotated[
        Literal["each", "sum"], about("差额逐项舍入或合计后舍入", "differences rounded each or as a sum")
    ] = "each"
    penalty_base: Annotated[
        Literal["rounded", "unrounded"],
        about("倍数乘在已舍入或未舍入的差额上", "the multiple is applied to the rounded or unrounded difference"),
    ] = "unrounded"


@calculator(
    "breach_class_change",
    group="breach",
    zh="高价低接、擅自改类",
    en="dearer use on a cheaper price, change of class",
    example={
        "loads": [{"name": "shop", "capacity_kw": 4, "load": "lighting", "due_price_yuan_per_kwh": "0.735686"}],
        "billed_price_yuan_per_kwh": "0.558",
    },
)
def breach_class_change(sheet: Sheet, given: ClassChange) -> None:
    """差额 = 电量 × (应执行电价 − 已执行电价)；起止不明按 3 个月。Difference = energy × (price due − price billed)."""
    days: Term | None = None
    if any(load.kwh is None for load in given.loads):
        days = _days_or_months(sheet, given)
    differences = []
    for load in given.loads:
        energy = _energy(sheet, given, load, days)
        _refuse_cheaper(sheet, given, load)
        due = sheet.given("due_price_yuan_per_kwh", load)
        amount = energy * (due - sheet.given("billed_price_yuan_per_kwh"))
        if given.rounding == "each" and len(given.loads) > 1:
            amount = sheet.money(
                f"{load.name}_diff_yuan", f"{load.name} 差额电费", f"difference of {load.name}", amount
            )
        differences.append(amount)
    back = sheet.money("diff_yuan", "补交差额电费", "price difference", total(differences))
    base = back
    if given.penalty_base == "unrounded":
        base = total([d.before_rounding() for d in differences]).named(Text("未舍入差额", "unrounded difference"))
    penalty = sheet.money(
        "penalty_yuan", "违约使用电费", "penalty", base * sheet.fact("breach.class_multiple", "penalty_multiple")
    )
    sheet.money("total_yuan", "合计", "total", back + penalty)


def _days_or_months(sheet: Sheet, given: ClassChange) -> Term:
    days = days_of(sheet, given)
    if days is not None:
        return days
    months = sheet.fact("breach.class_unknown_months", "unknown_months")
    sheet.warn("unknown_time_months", months=months.numbers)
    return sheet.figure("days", "天数", "days", "days", months * sheet.given("days_per_month"))


def _refuse_cheaper(sheet: Sheet, given: ClassChange, load: DearerLoad) -> None:
    """Refuse a price due below the one billed: no dearer use, and a negative penalty would come of it."""
    if load.due_price_yuan_per_kwh < given.billed_price_yuan_per_kwh:
        raise BadInput(
            zh=f"{sheet.calculator}：{load.name} 的应执行电价 {load.due_price_yuan_per_kwh} 低于已执行电价 "
            f"{given.billed_price_yuan_per_kwh}，不是高价低接；多收的退费请用 bill_refund，否则请核对两个电价。",
            en=f"{sheet.calculator}: the price due of {load.name}, {load.due_price_yuan_per_kwh}, is below the price "
            f"billed, {given.billed_price_yuan_per_kwh}: no dearer use; for a refund use bill_refund, else check both",
        )


_ENERGY_WAYS = ("kwh", "kwh_per_month", "capacity_kw")


def _energy(sheet: Sheet, given: ClassChange, load: DearerLoad, days: Term | None) -> Term:
    name, label = f"{load.name}_kwh", (f"{load.name} 电量", f"energy of {load.name}")
    ways = [way for way in _ENERGY_WAYS if getattr(load, way) is not None]
    if len(ways) > 1:
        raise only_one(sheet.calculator, *(f"loads.{way}" for way in ways))
    if load.kwh is not None:
        return sheet.energy(name, *label, sheet.given("kwh", load))
    if not ways or days is None:
        raise needed(sheet.calculator, *(f"loads.{way}" for way in _ENERGY_WAYS))
    if load.kwh_per_month is not None:
        months = days / sheet.given("days_per_month", given)
        return sheet.energy(name, *label, sheet.given("kwh_per_month", load) * months)
    if load.hours_per_day is not None:
        hours = sheet.given("hours_per_day", load)
    else:
        hours = sheet.fact(f"breach.hours_{load.load}")
        sheet.warn("assumed_hours", kind=_KINDS[load.load], hours=hours.numbers)
    return sheet.energy(name, *label, sheet.given("capacity_kw", load) * hours * days)


class CapacityCharge(RuleInputs, Span):
    """A capacity or demand charge for a stretch of time: dates, or months, or days."""

    tariff: Annotated[Literal["two_part", "other"], about("两部制或其他", "two-part tariff or other")]
    price_yuan_per_month: Annotated[
        Number | None,
        about("容（需）量电价，每 kVA（kW）每月", "capacity or demand price per kVA or kW", "yuan/kVA·month", ge=0),
    ] = None
    later_prices: Annotated[
        tuple[LaterPrice, ...],
        about(
            "期内换价后的单价（须给起止日）", "prices in force later in the time (with dates)", max_length=MOST_PRICES
        ),
    ] = ()
    months: Annotated[
        Number | None, about("月数，代替日期", "months, instead of dates", "months", ge=0, le=MOST_MONTHS)
    ] = None
    day_basis: Annotated[
        DayBasis | None,
        about(
            "按日折算：thirty 为 1/30，calendar 为当月日历天数；缺省 1996 版 thirty、2024 版 calendar",
            "a day is 1/30 (thirty) or 1/days of its month (calendar); default thirty in 1996, calendar in 2024",
        ),
    ] = None
    whole_months: Annotated[
        bool, about("整月计 1 个月（thirty 时）", "a whole calendar month counts 1 (with thirty)")
    ] = True
    count_by: Annotated[
        Literal["days", "months"], about("按天或按月（不足一月按一月）", "by days, or by started months")
    ] = "days"
    penalty_base: Annotated[
        Literal["rounded", "unrounded"],
        about("倍数乘在已舍入或未舍入的补交额上", "the multiple is applied to the rounded or unrounded back-payment"),
    ] = "unrounded"


class ExtraCapacity(CapacityCharge):
    """Capacity added beyond the contract."""

    added_kva: Annotated[Number, about("私增容量，kW 视同 kVA", "capacity added, kW as kVA", "kVA", ge=0)]
    penalty_multiple: Annotated[
        Number | None,
        about(
            "违约使用电费倍数，缺省按版本",
            "penalty multiple, default by edition",
            "times",
            ge=0,
            fact="breach.extra_multiple",
        ),
    ] = None
    penalty_yuan_per_kva: Annotated[
        Number | None,
        about(
            "非两部制每千瓦金额，缺省按版本",
            "amount per kW without two-part tariff, default by edition",
            "yuan/kW",
            ge=0,
            fact="breach.extra_yuan_per_kw",
        ),
    ] = None


class SealedEquipment(CapacityCharge):
    """Suspended, reduced or sealed equipment put to use."""

    used_kva: Annotated[Number, about("启用的封存容量，kW 视同 kVA", "capacity put to use, kW as kVA", "kVA", ge=0)]
    times: Annotated[Count, about("次数", "times", "count", ge=1, le=1000)] = 1
    was_extra_capacity: Annotated[bool, about("该设备原属私增容量", "the equipment was itself extra capacity")] = False
    penalty_multiple: Annotated[
        Number | None,
        about(
            "违约使用电费倍数，缺省按版本",
            "penalty multiple, default by edition",
            "times",
            ge=0,
            fact="breach.sealed_multiple",
        ),
    ] = None
    penalty_yuan_per_kva: Annotated[
        Number | None,
        about(
            "非两部制每千瓦每次金额，缺省按版本",
            "amount per kW and time without two-part tariff, default by edition",
            "yuan/kW",
            ge=0,
            fact="breach.sealed_yuan_per_kw",
        ),
    ] = None


def _charge(sheet: Sheet, given: CapacityCharge, capacity: Term) -> Term:
    """Return capacity × months × price, summed over the prices; days alone count 1/30.

    Thirty only: calendar needs to know the months.
    """
    basis: DayBasis = given.day_basis or ("thirty" if sheet.edition == "1996" else "calendar")
    if sheet.edition == "2024":
        by_days = given.count_by == "days" and given.months is None
        by = Text("天", "days") if by_days else Text("月", "months")
        sheet.warn("month_or_day", count_by=by)
    dates = bounds(sheet.calculator, given)
    if sum(x is not None for x in (dates, given.months, given.days)) > 1:
        raise only_one(sheet.calculator, "start_on + end_on", "months", "days")
    if given.later_prices and dates is None:
        raise needed(sheet.calculator, "start_on + end_on (for later_prices)")
    price = sheet.given("price_yuan_per_month")
    if given.months is not None:
        return capacity * sheet.given("months") * price
    if given.days is not None:
        if basis != "thirty" or given.count_by == "months":
            raise BadInput(
                zh=f"{sheet.calculator}：只给 days 时须令 day_basis 为 thirty；按日历天数请给 start_on 和 end_on。",
                en=f"{sheet.calculator}: `days` alone needs day_basis thirty; "
                "for calendar days give start_on and end_on",
            )
        return capacity * (sheet.given("days") / 30) * price
    if dates is None:
        raise needed(sheet.calculator, "start_on + end_on", "months", "days")
    prices = [price, *(sheet.given("price_yuan_per_month", later) for later in given.later_prices)]
    parts = []
    for number, stretch in enumerate(price_stretches(sheet.calculator, *dates, given.later_prices), start=1):
        months = charged_months(
            *dates, basis=basis, whole_months=given.whole_months, started_months=given.count_by == "months",
            stretch=stretch,
        )  # fmt: skip
        name, zh, en = "months", "计费月数", "months charged"
        if given.later_prices:
            name, zh, en = f"months_{number}", f"第 {number} 段计费月数", f"months charged, part {number}"
        parts.append(capacity * sheet.figure(name, zh, en, "months", months) * prices[number - 1])
    return total(parts)


def _two_part(sheet: Sheet, given: CapacityCharge, capacity: Term, multiple: str) -> tuple[Term, Term, Term]:
    """Return the charge to pay back, the penalty, and the base that multiples of the charge apply to."""
    if given.price_yuan_per_month is None:
        raise needed(sheet.calculator, "price_yuan_per_month")
    charge = _charge(sheet, given, capacity)
    back = sheet.money("back_basic_yuan", "补交容（需）量电费", "capacity charge to pay back", charge)
    base = back.before_rounding() if given.penalty_base == "unrounded" else back
    penalty = sheet.money("penalty_yuan", "违约使用电费", "penalty", base * sheet.fact(multiple, "penalty_multiple"))
    return back, penalty, base


@calculator(
    "breach_extra_capacity",
    group="breach",
    zh="私增容量",
    en="capacity added beyond the contract",
    example={
        "tariff": "two_part",
        "added_kva": 100,
        "start_on": "2026-09-06",
        "end_on": "2026-09-25",
        "price_yuan_per_month": "26.3",
    },
)
def breach_extra_capacity(sheet: Sheet, given: ExtraCapacity) -> None:
    """两部制补交容（需）量电费并收 3 倍；其他每千瓦 50 元。

    Two-part: the charge and three times it; others 50 yuan per kW.
    """
    capacity = sheet.given("added_kva")
    if given.tariff == "two_part":
        back, penalty, _ = _two_part(sheet, given, capacity, "breach.extra_multiple")
        sheet.money("total_yuan", "合计", "total", back + penalty)
        return
    sheet.warn("fixed_charge_not_basis")
    each = sheet.fact("breach.extra_yuan_per_kw", "penalty_yuan_per_kva")
    penalty = sheet.money("penalty_yuan", "违约使用电费", "penalty", capacity * each)
    sheet.money("total_yuan", "合计", "total", penalty)


@calculator(
    "breach_sealed_equipment",
    group="breach",
    zh="擅自启用暂停、封存设备",
    en="using suspended or sealed equipment",
    example={
        "tariff": "two_part",
        "used_kva": 315,
        "start_on": "2026-08-11",
        "end_on": "2026-08-30",
        "price_yuan_per_month": "26.3",
    },
)
def breach_sealed_equipment(sheet: Sheet, given: SealedEquipment) -> None:
    """两部制补交容（需）量电费并收 2 倍；其他每千瓦每次 30 元。

    Two-part: the charge and twice it; others 30 yuan per kW and time.
    """
    capacity = sheet.given("used_kva")
    if given.tariff == "two_part":
        back, penalty, base = _two_part(sheet, given, capacity, "breach.sealed_multiple")
        parts = [back, penalty]
    else:
        base = None
        sheet.warn("fixed_charge_not_basis")
        each = sheet.fact("breach.sealed_yuan_per_kw", "penalty_yuan_per_kva")
        parts = [sheet.money("penalty_yuan", "违约使用电费", "penalty", capacity * each * sheet.given("times"))]
    if given.was_extra_capacity:
        # act 2 on top: only its penalty, the capacity charge itself is owed once
        sheet.warn("sealed_and_extra")
        extra = (
            capacity * sheet.fact("breach.extra_yuan_per_kw")
            if base is None
            else base * sheet.fact("breach.extra_multiple")
        )
        parts.append(sheet.money("extra_penalty_yuan", "私增容量违约使用电费", "penalty for extra capacity", extra))
    sheet.money("total_yuan", "合计", "total", total(parts))


class DevicesMoved(RuleInputs):
    """Metering, acquisition, load-management or agreed devices, or supply facilities, moved, altered or operated."""

    customer: Annotated[Literal["residential", "other"], about("用户类别", "kind of customer")]
    times: Annotated[Count, about("次数", "times", "count", ge=1, le=1000)] = 1
    penalty_yuan_per_time: Annotated[
        Number | None,
        about("每次金额，缺省按版本和用户类别", "amount per time, default by edition and customer", "yuan/time", ge=0),
    ] = None


@calculator(
    "breach_devices_moved",
    group="breach",
    zh="擅自迁移、改动、操作计量和供电装置",
    en="devices moved, altered or operated",
    example={"customer": "other", "times": 1},
)
def breach_devices_moved(sheet: Sheet, given: DevicesMoved) -> None:
    """居民每次 500 元，其他每次 5000 元。500 yuan per time residential, 5,000 others."""
    key = "breach.device_residential_yuan" if given.customer == "residential" else "breach.device_other_yuan"
    each = sheet.fact(key, "penalty_yuan_per_time")
    sheet.money("penalty_yuan", "违约使用电费", "penalty", each * sheet.given("times"))


class ForeignSource(RuleInputs):
    """A source brought in, supplied out, or a standby source paralleled without approval."""

    source_kw: Annotated[Number, about("电源容量，kVA 视同 kW", "capacity of the source, kVA as kW", "kW", ge=0)]
    penalty_yuan_per_kw: Annotated[
        Number | None,
        about(
            "每千瓦金额，缺省按版本",
            "amount per kW, default by edition",
            "yuan/kW",
            ge=0,
            fact="breach.source_yuan_per_kw",
        ),
    ] = None


@calculator(
    "breach_foreign_source",
    group="breach",
    zh="擅自引入、供出电源或并网",
    en="source brought in, supplied out or paralleled",
    example={"source_kw": 30},
)
def breach_foreign_source(sheet: Sheet, given: ForeignSource) -> None:
    """每千瓦 500 元。500 yuan per kW of the source."""
    del given
    each = sheet.fact("breach.source_yuan_per_kw", "penalty_yuan_per_kw")
    sheet.money("penalty_yuan", "违约使用电费", "penalty", sheet.given("source_kw") * each)
