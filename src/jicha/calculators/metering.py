"""Refund and recovery for metering errors: wiring and transformers, multiplier, limits, voltage drop, no record.

Positive: to claim from the customer; negative: to refund. Source: supply rules on refund and recovery (facts).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from jicha.calculators.corrections import Corrected, Recorded, correction_rate, recorded_energy, same_direction
from jicha.calculators.exact import Term, largest, term, total
from jicha.calculators.inputs import MOST_DAYS, MOST_MONTHS, Number, Part, Ratio, RuleInputs, about
from jicha.calculators.pricing import Prices, band_energies, band_price, signed
from jicha.calculators.problems import exactly_one, needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text


def settle(sheet: Sheet, given: Prices, rate: Term, recorded: Term | None) -> None:
    """Add energy and, where prices are given, the amount: rate × recorded, by band where there are bands."""
    if given.bands is None:
        if recorded is None:
            return
        back = sheet.energy("back_kwh", "退补电量", "energy to claim or refund", rate * recorded)
        signed(sheet, back)
        if given.price_yuan_per_kwh is not None:
            price = sheet.given("price_yuan_per_kwh", given)
            sheet.money("back_fee_yuan", "退补电费", "amount to claim or refund", back * price)
        return
    energies, fees = [], []
    for band, kwh in band_energies(sheet, given, recorded):
        back = sheet.energy(f"{band.name}_back_kwh", f"{band.name} 退补电量", f"energy of {band.name}", rate * kwh)
        energies.append(back)
        if band.price_yuan_per_kwh is not None or band.price_ratio is not None:
            fee = back * band_price(sheet, given, band)
            fees.append(sheet.money(f"{band.name}_fee_yuan", f"{band.name} 退补电费", f"amount of {band.name}", fee))
    signed(sheet, sheet.energy("back_kwh", "退补电量", "energy to claim or refund", total(energies)))
    if fees and len(fees) < len(energies):
        raise needed(sheet.calculator, "bands.price_yuan_per_kwh / bands.price_ratio")
    if fees:
        sheet.money("back_fee_yuan", "退补电费", "amount to claim or refund", total(fees))


class MeteringCorrection(RuleInputs, Prices, Recorded, Corrected):
    """Wrong wiring, lost voltage or current, transformer of another ratio or failed, blown fuse."""

    meter_error_percent: Annotated[
        Number | None,
        about(
            "电能表本身误差，快为正，一并更正",
            "error of the meter itself, fast positive, corrected as well",
            "%",
            gt=-100,
            negative=("表慢，少计", "slow: too little recorded"),
        ),
    ] = None
    meter_error_formula: Annotated[
        Literal["true", "simple"],
        about("true：÷ (1+γ)；simple：× (1−γ)", "true: ÷ (1+γ); simple: × (1−γ)"),
    ] = "true"


@calculator(
    "metering_correction",
    group="metering",
    zh="接线错误、失压失流、互感器差错退补",
    en="wrong wiring, lost phases, transformer errors",
    example={
        "recorded_kwh": 9000,
        "price_yuan_per_kwh": "0.651886",
        "correction": {"kind": "wiring", "system": "3p3w", "fault": "voltage_a_lost", "power_factor": "0.9"},
    },
)
def metering_correction(sheet: Sheet, given: MeteringCorrection) -> None:
    """更正率 = (正确 − 错误) ÷ 错误；退补电量 = 更正率 × 抄见电量。

    Rate = (right − wrong) ÷ wrong; energy = rate × recorded.
    """
    sheet.cite("metering.wiring")
    sheet.warn("until_settled_normal")
    recorded, rate = recorded_energy(sheet, given), correction_rate(sheet, given)
    same_direction(sheet, recorded, rate)
    if given.meter_error_percent is not None:
        error = sheet.given("meter_error_percent") / 100
        factor = (1 + rate) / (1 + error) if given.meter_error_formula == "true" else (1 + rate) * (1 - error)
        rate = sheet.figure(
            "whole_correction_rate", "计及表误差的更正率", "rate with the meter's error", "factor", factor - 1
        )
    settle(sheet, given, rate, recorded)
    if recorded is not None:
        sheet.energy("right_kwh", "正确电量", "right energy", recorded * (1 + rate))


class Ratios(Part):
    """A multiplier, as a number or as the product of the ratios of its transformers."""

    multiplier: Annotated[Ratio | None, about("倍率", "multiplier")] = None
    ct: Annotated[Ratio | None, about("电流互感器变比", "ratio of the current transformer")] = None
    pt: Annotated[Ratio | None, about("电压互感器变比", "ratio of the voltage transformer")] = None
    summation_ct: Annotated[
        Ratio | None, about("合成电流互感器变比，如 (5+5)/5", "ratio of the summation transformer, e.g. (5+5)/5")
    ] = None
    nameplate_ct: Annotated[
        Ratio | None,
        about("电能表铭牌已计入的电流变比", "current ratio that the nameplate of the meter already counts"),
    ] = None
    nameplate_pt: Annotated[
        Ratio | None,
        about("电能表铭牌已计入的电压变比", "voltage ratio that the nameplate of the meter already counts"),
    ] = None
    nameplate_multiplier: Annotated[
        Ratio | None, about("电能表铭牌倍率", "multiplier on the nameplate of the meter")
    ] = None


class WrongMultiplier(RuleInputs, Prices):
    """Billed with another multiplier than the true one."""

    right: Annotated[Ratios, about("实际倍率", "the true multiplier")]
    billed: Annotated[Ratios | None, about("计费所用倍率", "the multiplier billed with")] = None
    billed_kwh: Annotated[
        Number | None, about("按错误倍率已计电量", "energy billed with the wrong multiplier", "kWh", ge=0)
    ] = None
    reading_difference: Annotated[
        Number | None,
        about("示数差，代替已计电量", "difference of readings, instead of the energy billed", "kWh", ge=0),
    ] = None


def _multiplier(sheet: Sheet, given: Ratios) -> Term:
    ratios = [n for n in ("ct", "pt", "summation_ct") if getattr(given, n) is not None]
    plate = [n for n in ("nameplate_ct", "nameplate_pt", "nameplate_multiplier") if getattr(given, n) is not None]
    if given.multiplier is not None:
        if ratios or plate:
            raise only_one(sheet.calculator, "multiplier", *ratios, *plate)
        return sheet.given("multiplier", given)
    if not ratios:
        raise needed(sheet.calculator, "multiplier", "ct", "pt", "summation_ct")
    product = sheet.given(ratios[0], given)
    for name in ratios[1:]:
        product = product * sheet.given(name, given)
    for name in ("nameplate_ct", "nameplate_pt"):
        if getattr(given, name) is not None:
            product = product / sheet.given(name, given)
    if given.nameplate_multiplier is not None:
        product = product * sheet.given("nameplate_multiplier", given)
    return product


@calculator(
    "metering_multiplier",
    group="metering",
    zh="倍率差错退补",
    en="wrong multiplier",
    example={"right": {"ct": "150/5"}, "billed": {"ct": "200/5"}, "billed_kwh": 8000, "price_yuan_per_kwh": "0.735686"},
)
def metering_multiplier(sheet: Sheet, given: WrongMultiplier) -> None:
    """退补系数 = 实际倍率 ÷ 计费倍率 − 1；退补电量 = 已计电量 × 系数。

    Factor = true ÷ billed − 1; energy = billed × factor.
    """
    sheet.cite("metering.multiplier")
    right = sheet.figure("multiplier", "实际倍率", "true multiplier", "factor", _multiplier(sheet, given.right))
    if given.billed is None:
        return
    billed = sheet.figure(
        "billed_multiplier", "计费倍率", "multiplier billed with", "factor", _multiplier(sheet, given.billed)
    )
    quotient = sheet.figure("correct_to_billed", "正确与已计之比", "right over billed", "factor", right / billed)
    factor = sheet.figure("back_factor", "退补系数", "factor to claim or refund", "factor", quotient - 1)
    if given.billed_kwh is not None and given.reading_difference is not None:
        raise only_one(sheet.calculator, "billed_kwh", "reading_difference")
    energy = None if given.billed_kwh is None else sheet.given("billed_kwh")
    if given.reading_difference is not None:
        difference = sheet.given("reading_difference")
        energy = sheet.energy("billed_kwh", "已计电量", "energy billed", difference * billed)
        sheet.energy("right_kwh", "正确电量", "right energy", difference * right)
    sheet.warn("until_settled_normal")
    settle(sheet, given, factor, energy)


_RAN_BACKWARDS = (
    "表计倒走是接线错误，请用 metering_correction",
    "a meter that ran backwards was wired wrong: use metering_correction",
)


class LimitsExceeded(RuleInputs, Prices, Recorded):
    """A meter or instrument transformer out of its limits, refunded on the base of zero error.

    The recorded energy is that since the last check or installation.
    """

    recorded_kwh: Annotated[
        Number | None,
        about("误差期间抄见电量", "energy recorded in the time of the error", "kWh", ge=0, remedy=_RAN_BACKWARDS),
    ] = None
    reading_difference: Annotated[
        Number | None,
        about(
            "示数差（止 − 起），代替抄见电量",
            "difference of readings, instead of recorded_kwh",
            "kWh",
            ge=0,
            remedy=_RAN_BACKWARDS,
        ),
    ] = None
    error_percent: Annotated[
        Number,
        about(
            "误差，快为正、慢为负",
            "error, fast positive, slow negative",
            "%",
            gt=-100,
            negative=("表慢，少计", "slow: too little recorded"),
        ),
    ]
    transformer_error_percent: Annotated[
        Number,
        about(
            "互感器合成误差，同号规则",
            "composite error of the instrument transformers, same sign rule",
            "%",
            gt=-100,
            negative=("少计", "too little recorded"),
        ),
    ] = Decimal(0)
    limit_percent: Annotated[
        Number | None,
        about("允许误差绝对值，不超过则不退补", "permitted error, nothing is refunded within it", "%", ge=0, le=100),
    ] = None
    time_share: Annotated[
        Number | None,
        about(
            "时间占比，缺省 0.5；2024 版能确定发生时间的取 1",
            "share of the time, default 0.5; 1 where the start is known (2024)",
            "factor",
            ge=0,
            le=1,
            fact="metering.limits_time_share",
        ),
    ] = None
    error_start_known: Annotated[
        bool,
        about(
            "误差发生时间已确定（recorded_kwh 为其后电量）", "the start of the error is known (recorded_kwh since then)"
        ),
    ] = False
    formula: Annotated[
        Literal["true", "simple"],
        about("true：表计 ÷ (1+ε)；simple：表计 × ε", "true: recorded ÷ (1+ε); simple: recorded × ε"),
    ] = "true"


@calculator(
    "metering_limits",
    group="metering",
    zh="电能表、互感器超差退补",
    en="meter or instrument transformer beyond its limits",
    example={"recorded_kwh": 12000, "error_percent": -5, "limit_percent": 2, "price_yuan_per_kwh": "0.558"},
)
def metering_limits(sheet: Sheet, given: LimitsExceeded) -> None:
    """正确电量 = 抄见电量 ÷ (1 + 误差)，以零误差为基准，取一半时间。

    Right energy = recorded ÷ (1 + error), half of the time.
    """
    sheet.cite("metering.limits_zero_error")
    sheet.warn("until_settled_metered")
    error = sheet.given("error_percent")
    if given.transformer_error_percent:
        combined = error + sheet.given("transformer_error_percent")
        error = sheet.figure("combined_error_percent", "综合误差", "combined error", "%", combined)
    if error.value <= -100:
        raise BadInput(
            zh=f"{sheet.calculator}：误差须大于 -100%；表计停走请用 metering_normal_month。",
            en=f"{sheet.calculator}: the error must be above -100 %; for a stopped meter use metering_normal_month",
        )
    zero = given.limit_percent is not None and abs(error.value) <= given.limit_percent
    if zero:
        sheet.warn("within_limit", error=error.numbers, limit=given.limit_percent)
    share = error / 100
    rate = -share if given.formula == "simple" else 1 / (1 + share) - 1
    if zero:
        rate = term(0, Text("不退补", "nothing"))
    rate = sheet.figure("correction_rate", "更正率", "correction rate", "factor", rate)
    if given.error_start_known and given.time_share is None and sheet.edition == "2024":
        part = term(1, Text("全部时间", "the whole time"))
        sheet.cite("metering.limits_time_share")
    else:
        part = sheet.fact("metering.limits_time_share", "time_share")
        sheet.warn("half_time", share=part.numbers)
    settle(sheet, given, rate * part, recorded_energy(sheet, given))


class VoltageDrop(RuleInputs, Prices):
    """Voltage drop of the secondary leads beyond what is permitted."""

    recorded_kwh: Annotated[
        Number,
        about("投运或负荷增加起至更正的抄见电量", "energy recorded from commissioning or load growth", "kWh", ge=0),
    ]
    drop_percent: Annotated[Number, about("实测电压降", "measured voltage drop", "%", ge=0, lt=100)]
    permitted_percent: Annotated[
        Number | None, about("允许电压降", "permitted drop", "%", ge=0, lt=100, fact="metering.permitted_drop_percent")
    ] = None


@calculator(
    "metering_voltage_drop",
    group="metering",
    zh="二次回路电压降超差补收",
    en="voltage drop of the secondary leads",
    example={"recorded_kwh": 500000, "drop_percent": "0.9", "price_yuan_per_kwh": "0.651886"},
)
def metering_voltage_drop(sheet: Sheet, given: VoltageDrop) -> None:
    """补收电量 = 抄见电量 × (实测 − 允许)。Energy = recorded × (measured − permitted drop)."""
    sheet.cite("metering.voltage_drop")
    permitted = sheet.fact("metering.permitted_drop_percent", "permitted_percent")
    excess = sheet.figure(
        "excess_percent", "超出允许值", "excess", "%", largest(sheet.given("drop_percent") - permitted, term(0))
    )
    settle(sheet, given, excess / 100, sheet.given("recorded_kwh"))


Energy = Annotated[Number, Field(ge=0)]


class NormalMonth(RuleInputs, Prices):
    """Energy that nothing recorded, by the customer's normal month."""

    normal_month_kwh: Annotated[
        Number | None,
        about(
            "正常月电量（或上年同期、考核表）",
            "energy of a normal month (or last year's, or the check meter)",
            "kWh",
            ge=0,
        ),
    ] = None
    normal_months_kwh: Annotated[
        list[Energy] | None,
        about(
            "各正常月电量，取平均", "energies of normal months, their mean is taken", "kWh", min_length=1, max_length=60
        ),
    ] = None
    months: Annotated[Number | None, about("故障月数", "months of the fault", "months", ge=0, le=MOST_MONTHS)] = None
    days: Annotated[
        Number | None, about("故障天数，代替月数", "days of the fault, instead of months", "days", ge=0, le=MOST_DAYS)
    ] = None
    days_per_month: Annotated[Number, about("正常月的天数", "days of the normal month", "days", gt=0, le=31)] = Decimal(
        30
    )
    recorded_kwh: Annotated[
        Number, about("故障期间已抄见电量", "energy recorded in the time of the fault", "kWh", ge=0)
    ] = Decimal(0)


def _normal_month(sheet: Sheet, given: NormalMonth) -> Term:
    if (given.normal_month_kwh is None) == (given.normal_months_kwh is None):
        raise exactly_one(sheet.calculator, given, "normal_month_kwh", "normal_months_kwh")
    if given.normal_months_kwh is None:
        return sheet.given("normal_month_kwh")
    mean = total([term(kwh) for kwh in given.normal_months_kwh]) / len(given.normal_months_kwh)
    return sheet.figure("normal_month_kwh", "正常月平均电量", "mean energy of a normal month", "kWh", mean)


@calculator(
    "metering_normal_month",
    group="metering",
    zh="按正常月电量退补（停走、熔丝熔断无法推算等）",
    en="by the normal month, where nothing can be derived",
    example={"normal_month_kwh": 2600, "days": 45, "recorded_kwh": 800, "price_yuan_per_kwh": "0.735686"},
)
def metering_normal_month(sheet: Sheet, given: NormalMonth) -> None:
    """退补电量 = 正常月电量 × 时间 − 已抄见电量。Energy = normal month × time − recorded."""
    sheet.cite("metering.normal_month")
    if (given.months is None) == (given.days is None):
        raise exactly_one(sheet.calculator, given, "months", "days")
    time = sheet.given("months") if given.days is None else sheet.given("days") / sheet.given("days_per_month")
    normal = sheet.energy(
        "normal_kwh", "故障期间正常电量", "normal energy in the time", _normal_month(sheet, given) * time
    )
    missing = sheet.figure(
        "missing_kwh", "少计电量", "energy not recorded", "kWh", normal - sheet.given("recorded_kwh")
    )
    settle(sheet, given, term(1), missing)
