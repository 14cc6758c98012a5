"""Checks of a meter on site: by timing its pulses or revolutions (瓦秒法), and without load (潜动).

energy shown = N / C × CT × PT; mean power = energy / t. error = (shown − true) / true.
N pulses or revolutions in t seconds, C their number per kWh. Kh (Wh per revolution) is 1000 / C.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from jicha.calculators.exact import Term, term
from jicha.calculators.inputs import Count, Inputs, Number, Ratio, about
from jicha.calculators.problems import exactly_one, needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.calculators.voltages import PHASES, VoltageBetween

SHORT_TEST_S = 10
"""A measurement by hand shorter than this is worth a warning: half a second of reaction is 5 % of it."""


class Pulses(Inputs):
    """What was counted on the meter, and its constant."""

    constant_per_kwh: Annotated[
        Number | None, about("常数：每 kWh 的脉冲数或转数", "constant: pulses or revolutions per kWh", "imp/kWh", gt=0)
    ] = None
    kh_wh_per_rev: Annotated[
        Number | None, about("Kh：每转（脉冲）的 Wh", "Kh: Wh per revolution or pulse", "Wh", gt=0)
    ] = None
    pulses: Annotated[Number | None, about("测得脉冲数或转数", "pulses or revolutions counted", "count", ge=0)] = None
    seconds: Annotated[Number | None, about("用时（秒）", "time", "s", gt=0)] = None
    minutes: Annotated[
        Number | None, about("用时（分），代替 seconds", "time in minutes, instead of seconds", "min", gt=0)
    ] = None
    hours: Annotated[
        Number | None, about("用时（小时），代替 seconds", "time in hours, instead of seconds", "hours", gt=0)
    ] = None
    ct: Annotated[Ratio, about("电流互感器变比", "ratio of the current transformer")] = Fraction(1)
    pt: Annotated[Ratio, about("电压互感器变比", "ratio of the voltage transformer")] = Fraction(1)


class Timing(Pulses):
    """The meter against a known load: kW, or voltage, current and power factor."""

    actual_kw: Annotated[Number | None, about("实际负荷（一次侧）", "true load (primary side)", "kW", gt=0)] = None
    actual_kwh: Annotated[
        Number | None, about("期间实际电量（标准表）", "true energy in the time (reference meter)", "kWh", gt=0)
    ] = None
    voltage_v: Annotated[
        Number | None,
        about(
            "电压，单相为相电压，三相按 voltage_between",
            "voltage, one phase: to neutral, three phases: by voltage_between",
            "V",
            gt=0,
        ),
    ] = None
    current_a: Annotated[Number | None, about("一次电流", "primary current", "A", gt=0)] = None
    power_factor: Annotated[Number, about("功率因数", "power factor", "factor", gt=0, le=1)] = Decimal(1)
    phases: Annotated[Literal[1, 3], about("相数", "phases")] = 1
    voltage_between: VoltageBetween = "lines"
    limit_percent: Annotated[Number | None, about("允许误差绝对值", "permitted error", "%", ge=0, le=100)] = None


def _constant(sheet: Sheet, given: Pulses) -> Term:
    if (given.constant_per_kwh is None) == (given.kh_wh_per_rev is None):
        raise exactly_one(sheet.calculator, given, "constant_per_kwh", "kh_wh_per_rev")
    if given.constant_per_kwh is not None:
        return sheet.given("constant_per_kwh")
    return sheet.figure("constant_per_kwh", "常数", "constant", "imp/kWh", 1000 / sheet.given("kh_wh_per_rev"))


def _seconds(sheet: Sheet, given: Pulses) -> Term:
    ways = [n for n in ("seconds", "minutes", "hours") if getattr(given, n) is not None]
    if not ways:
        raise needed(sheet.calculator, "seconds", "minutes", "hours")
    if len(ways) > 1:
        raise only_one(sheet.calculator, *ways)
    if ways == ["seconds"]:
        return sheet.given("seconds")
    factor = 60 if ways == ["minutes"] else 3600
    return sheet.figure("seconds", "用时", "time", "s", sheet.given(ways[0]) * factor)


def _shown(sheet: Sheet, given: Pulses) -> tuple[Term, Term, Term]:
    """Return energy shown [kWh], mean power shown [kW] and the seconds; adds both and the power in W."""
    if given.pulses is None:
        raise needed(sheet.calculator, "pulses")
    constant, seconds = _constant(sheet, given), _seconds(sheet, given)
    if seconds.value < SHORT_TEST_S:
        sheet.warn("test_not_valid", seconds=seconds.numbers, limit=SHORT_TEST_S)
    energy = sheet.given("pulses") / constant
    if given.ct != 1 or given.pt != 1:
        energy = energy * sheet.given("ct") * sheet.given("pt")
    energy = sheet.figure("kwh", "表计电量", "energy shown", "kWh", energy)
    power = sheet.figure("meter_kw", "表计功率", "power shown", "kW", energy * 3600 / seconds)
    sheet.figure("w", "表计功率（瓦）", "power shown in watts", "W", power * 1000)
    return energy, power, seconds


def _true_power(sheet: Sheet, given: Timing) -> Term | None:
    product = given.voltage_v is not None or given.current_a is not None
    if sum((given.actual_kw is not None, given.actual_kwh is not None, product)) > 1:
        raise only_one(sheet.calculator, "actual_kw", "actual_kwh", "voltage_v + current_a")
    if given.actual_kw is not None:
        return sheet.given("actual_kw")
    if not product:
        return None
    if given.voltage_v is None or given.current_a is None:
        raise needed(sheet.calculator, "voltage_v + current_a")
    power = sheet.given("voltage_v") * sheet.given("current_a") * sheet.given("power_factor")
    if given.phases == 3:
        power = PHASES[given.voltage_between] * power
    return sheet.figure("actual_kw", "实际功率", "true power", "kW", power / 1000)


def _has_gap(given: Timing) -> bool:
    """Return whether exactly one of constant, pulses and time is left open, to follow from the true load."""
    known = (
        given.constant_per_kwh is not None or given.kh_wh_per_rev is not None,
        given.pulses is not None,
        any(getattr(given, n) is not None for n in ("seconds", "minutes", "hours")),
    )
    has_load = any(getattr(given, n) is not None for n in ("actual_kw", "actual_kwh", "voltage_v"))
    return sum(known) == 2 and has_load


def _fill_gap(sheet: Sheet, given: Timing) -> None:
    """Add what a meter without error would have: its constant, pulses in the time, or time for the pulses."""
    ratio = sheet.given("ct") * sheet.given("pt")
    if given.pulses is not None and (given.constant_per_kwh is not None or given.kh_wh_per_rev is not None):
        if given.actual_kwh is not None:
            raise needed(sheet.calculator, "actual_kw", "voltage_v + current_a")
        power = _true_power(sheet, given)
        assert power is not None
        energy = sheet.figure(
            "kwh", "表计电量", "energy shown", "kWh", sheet.given("pulses") / _constant(sheet, given) * ratio
        )
        sheet.figure(
            "expected_seconds", "按实际功率应需时间", "time the true power would need", "s", energy * 3600 / power
        )
        return
    if given.actual_kwh is not None:
        energy = sheet.given("actual_kwh")
    else:
        power = _true_power(sheet, given)
        assert power is not None
        shown = power * _seconds(sheet, given) / 3600
        energy = sheet.figure("actual_kwh", "实际电量", "true energy", "kWh", shown)
    if given.pulses is None:
        pulses = energy * _constant(sheet, given) / ratio
        sheet.figure("expected_pulses", "应有脉冲数或转数", "pulses or revolutions to be expected", "count", pulses)
    else:
        constant = sheet.given("pulses") * ratio / energy
        sheet.figure("constant_per_kwh", "常数", "constant", "imp/kWh", constant)


@calculator(
    "meter_timing",
    group="check",
    zh="瓦秒法测误差、测功率",
    en="meter check by timing pulses or revolutions",
    example={"constant_per_kwh": 1200, "pulses": 10, "seconds": 31, "actual_kw": 1},
)
def meter_timing(sheet: Sheet, given: Timing) -> None:
    """表计功率 = N×3600×CT×PT ÷ (C×t)；误差 = (表计 − 实际) ÷ 实际。

    Power shown = N×3600×CT×PT ÷ (C×t); error = (shown − true) ÷ true. Without one of constant, pulses and time,
    what a meter without error would have is given: C, N or t of the true load. Pulses alone give the energy.
    """
    timed = any(getattr(given, n) is not None for n in ("seconds", "minutes", "hours"))
    true_load = any(getattr(given, n) is not None for n in ("actual_kw", "actual_kwh", "voltage_v", "current_a"))
    if given.pulses is not None and not timed and not true_load:
        ratio = sheet.given("ct") * sheet.given("pt")
        sheet.figure("kwh", "表计电量", "energy shown", "kWh", sheet.given("pulses") / _constant(sheet, given) * ratio)
        return
    if _has_gap(given):
        _fill_gap(sheet, given)
        return
    energy, power, seconds = _shown(sheet, given)
    if given.actual_kwh is not None:
        true_energy = sheet.given("actual_kwh")
        share = (energy - true_energy) / true_energy
    else:
        true = _true_power(sheet, given)
        if true is None:
            return
        sheet.figure("actual_kwh", "实际电量", "true energy", "kWh", true * seconds / 3600)
        sheet.figure(
            "expected_seconds", "按实际功率应需时间", "time the true power would need", "s", energy * 3600 / true
        )
        share = (power - true) / true
    error = sheet.percent("error_percent", "误差", "error", share)
    if given.limit_percent is not None:
        within = abs(error.value) <= given.limit_percent
        sheet.figure(
            "within_limit", "在允许误差内（1 是，0 否）", "within the limit (1 yes, 0 no)", "", _flag(within), show=0
        )


def _flag(value: bool) -> Term:
    return term(int(value))


class Creep(Inputs):
    """Pulses without load, and the test time the class asks for."""

    constant_per_kwh: Annotated[Number, about("常数：每 kWh 的脉冲数", "constant: pulses per kWh", "imp/kWh", gt=0)]
    pulses: Annotated[Number, about("无负荷时测得脉冲数或转数", "pulses or revolutions without load", "count", ge=0)]
    minutes: Annotated[Number, about("试验时间", "time of the test", "min", gt=0)]
    meter_class: Annotated[
        Literal["0.2S", "0.5S", "1", "2"] | None,
        about("准确度等级，给出则算最短试验时间", "class, to find the least time of the test"),
    ] = None
    voltage_v: Annotated[Number | None, about("额定电压", "reference voltage", "V", gt=0)] = None
    max_current_a: Annotated[Number | None, about("最大电流", "maximum current", "A", gt=0)] = None
    elements: Annotated[Count, about("测量元件数", "measuring elements", "count", ge=1, le=3)] = 1
    ct: Annotated[Ratio, about("电流互感器变比", "ratio of the current transformer")] = Fraction(1)
    pt: Annotated[Ratio, about("电压互感器变比", "ratio of the voltage transformer")] = Fraction(1)


@calculator(
    "meter_creep",
    group="check",
    zh="潜动检查",
    en="creep of a meter without load",
    example={
        "constant_per_kwh": 1200,
        "pulses": 2,
        "minutes": 40,
        "meter_class": "2",
        "voltage_v": 220,
        "max_current_a": 60,
    },
)
def meter_creep(sheet: Sheet, given: Creep) -> None:
    """潜动功率 = 脉冲 ÷ 常数 ÷ 时间；最短试验时间 Δt = k×10⁶ ÷ (C·m·Un·Imax) 分钟，其间至多 1 个脉冲。

    Creeping power and the least time of the test, at most one pulse in it.
    """
    energy = sheet.given("pulses") / sheet.given("constant_per_kwh") * sheet.given("ct") * sheet.given("pt")
    energy = sheet.figure("kwh", "潜动电量", "energy shown without load", "kWh", energy)
    power = sheet.figure("w", "潜动功率", "creeping power", "W", energy * 1000 * 60 / sheet.given("minutes"))
    sheet.figure("kwh_per_30_days", "每 30 天多计电量", "energy in 30 days", "kWh", power * 24 * 30 / 1000)
    if given.meter_class is None:
        return
    if given.voltage_v is None or given.max_current_a is None:
        raise needed(sheet.calculator, "voltage_v + max_current_a")
    key = f"metering.creep_constant_class_{given.meter_class.lower().replace('.', '')}"
    apparent = sheet.given("elements") * sheet.given("voltage_v") * sheet.given("max_current_a")
    least = sheet.fact(key) * 1_000_000 / (sheet.given("constant_per_kwh") * apparent)
    sheet.figure("least_test_minutes", "最短试验时间", "least time of the test", "min", least)
    # a creeping meter gives more than one pulse within the least time
    within = sheet.given("pulses") * least / sheet.given("minutes")
    found = sheet.figure("pulses_in_test", "最短试验时间内的脉冲数", "pulses within that time", "count", within)
    sheet.figure("creeps", "潜动（1 是，0 否）", "creeps (1 yes, 0 no)", "", _flag(found.value > 1), show=0)
