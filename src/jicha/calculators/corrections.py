"""How much a faulty metering device recorded of the true energy, and the correction rate that follows.

correction rate = (right − wrong) / wrong; energy to claim (positive) or refund (negative) = rate × recorded energy.
Source: supply rules, refund by the difference rate of right and wrong wiring.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from jicha.calculators.exact import Term, term, total
from jicha.calculators.inputs import Count, Number, Part, Places, Ratio, about
from jicha.calculators.problems import needed, only_one
from jicha.calculators.sheet import Sheet
from jicha.calculators.wiring import Expression, Wiring, expressed_share, shown_share
from jicha.errors import BadInput
from jicha.language import Text


class GivenRate(Part):
    """The correction rate is known."""

    kind: Literal["rate"]
    rate_percent: Annotated[
        Number,
        about(
            "更正率 (正确−错误)/错误",
            "correction rate (right − wrong)/wrong",
            "%",
            negative=("多计应退；低于 −100 为表计倒走", "too much was recorded; below −100: the meter ran backwards"),
        ),
    ]


class GivenFactor(Part):
    """The factor right ÷ wrong is known."""

    kind: Literal["factor"]
    factor: Annotated[
        Number,
        about(
            "更正系数 K = 正确/错误",
            "correction factor K = right/wrong",
            "factor",
            negative=("表计倒走", "the meter ran backwards"),
        ),
    ]


class Powers(Part):
    """Right and wrong power (or energy) are known in one unit."""

    kind: Literal["power"]
    right_power: Annotated[Number, about("正确接线的功率", "power of the right wiring", "kW", gt=0)]
    wrong_power: Annotated[
        Number,
        about(
            "错误接线的功率",
            "power of the wrong wiring",
            "kW",
            negative=("表计倒走", "the meter ran backwards"),
        ),
    ]


class Phases(Part):
    """Four-wire meter with balanced load: some phases lost (voltage or current), some reversed."""

    kind: Literal["phases"]
    phases: Annotated[Count, about("相数", "phases", ge=1, le=3)] = 3
    lost_phases: Annotated[Count, about("失压或失流的相数", "phases without voltage or current", ge=0, le=3)] = 0
    reversed_phases: Annotated[Count, about("电流反接的相数", "phases with reversed current", ge=0, le=3)] = 0


class PhaseState(Part):
    """How one phase is measured."""

    voltage_share: Annotated[Number, about("电压占正常的比例", "voltage over normal", "factor", ge=0)] = Decimal(1)
    current_share: Annotated[
        Number,
        about(
            "电流占正常的比例，反接为 -1",
            "current over normal, reversed: -1",
            "factor",
            negative=("反接", "reversed"),
        ),
    ] = Decimal(1)
    load_share: Annotated[
        Number | None, about("该相占总负荷，缺省均分", "share of the load, default equal", "factor", ge=0, le=1)
    ] = None


class PhaseStates(Part):
    """Each phase by itself: partial loss of voltage or current, unbalanced load."""

    kind: Literal["phase_shares"]
    states: Annotated[list[PhaseState], about("各相", "the phases", min_length=1, max_length=3)]


PhaseShare = Annotated[Number, Field(ge=0, le=1)]


class PhaseRatios(Part):
    """Transformers of single phases (ct: current, pt: voltage) have another ratio than the one billed with."""

    kind: Literal["ct", "pt"]
    nominal: Annotated[Ratio, about("计费所用变比", "ratio billed with")]
    actual: Annotated[list[Ratio], about("各相实际变比", "actual ratio of each phase", min_length=1, max_length=3)]
    load_shares: Annotated[
        list[PhaseShare] | None, about("各相负荷占比，缺省均分", "share of the load per phase, default equal")
    ] = None


OneCorrection = Annotated[
    GivenRate | GivenFactor | Powers | Phases | PhaseStates | PhaseRatios | Wiring | Expression,
    Field(discriminator="kind"),
]


class Stage(Part):
    """A stretch of the time in which one error held; without an error: phases with none lost."""

    correction: Annotated[OneCorrection, about("该阶段的更正方式", "how the error of the stage is known")]
    days: Annotated[
        Number | None, about("该阶段天数（各阶段负荷相同）", "days of the stage (load alike in all)", "days", gt=0)
    ] = None
    recorded_kwh: Annotated[
        Number | None,
        about(
            "该阶段抄见电量，代替天数",
            "energy recorded in the stage, instead of days",
            "kWh",
            negative=("该阶段表计倒走", "the meter ran backwards in the stage"),
        ),
    ] = None


class Stages(Part):
    """The error changed in the time, e.g. one phase lost first, a second one later."""

    kind: Literal["stages"]
    stages: Annotated[list[Stage], about("各阶段", "the stages", min_length=2, max_length=24)]


Correction = Annotated[
    GivenRate | GivenFactor | Powers | Phases | PhaseStates | PhaseRatios | Wiring | Expression | Stages,
    Field(discriminator="kind"),
]


_BACKWARDS = ("接线错误使表计倒走", "the wrong wiring made the meter run backwards")


class Recorded(Part):
    """Energy that the faulty device recorded: itself, or a difference of readings and the transformers."""

    recorded_kwh: Annotated[
        Number | None,
        about(
            "差错期间抄见电量（倒走为负）",
            "energy recorded in the time of the error (negative: ran backwards)",
            "kWh",
            negative=_BACKWARDS,
        ),
    ] = None
    reading_difference: Annotated[
        Number | None,
        about(
            "示数差（止 − 起），代替抄见电量",
            "difference of readings, instead of recorded_kwh",
            "kWh",
            negative=_BACKWARDS,
        ),
    ] = None
    ct: Annotated[Ratio, about("电流互感器变比（示数差用）", "ratio of the current transformer (for readings)")] = (
        Fraction(1)
    )
    pt: Annotated[Ratio, about("电压互感器变比（示数差用）", "ratio of the voltage transformer (for readings)")] = (
        Fraction(1)
    )


def same_direction(sheet: Sheet, recorded: Term | None, rate: Term) -> None:
    """Refuse a recorded energy that ran the other way than the error makes a meter run: true energy is not negative."""
    if recorded is None or recorded.value * (1 + rate.value) >= 0:
        return
    field, how = "recorded_kwh / reading_difference", recorded.numbers
    if recorded.value < 0:
        raise BadInput(
            zh=f"{sheet.calculator}：{field} 为 {how}（倒走），但这种差错下表计正走，正确电量会成为负数；"
            "请核对符号或差错方式。",
            en=f"{sheet.calculator}: {field} is {how} (ran backwards), but with this error the meter runs forwards and "
            "the true energy would be negative; check the sign, or how the error is given",
        )
    raise BadInput(
        zh=f"{sheet.calculator}：这种差错下表计倒走，{field} 应为负数，现为 {how}；请写成 −{how}，或核对差错方式。",
        en=f"{sheet.calculator}: with this error the meter runs backwards, so {field} must be negative, is {how}; "
        f"write −{how}, or check how the error is given",
    )


def recorded_energy(sheet: Sheet, given: Recorded) -> Term | None:
    """Return the recorded energy, None where none was given."""
    how = given.correction if isinstance(given, Corrected) else None
    if isinstance(how, Stages) and how.stages[0].recorded_kwh is not None:
        if given.recorded_kwh is not None or given.reading_difference is not None:
            raise only_one(sheet.calculator, "recorded_kwh / reading_difference", "correction.stages.recorded_kwh")
        return sheet.energy("recorded_kwh", "抄见电量", "energy recorded", total(_stage_energies(sheet, how)))
    if given.reading_difference is None:
        if given.ct != 1 or given.pt != 1:
            raise needed(sheet.calculator, "reading_difference (for ct / pt)")
        return None if given.recorded_kwh is None else sheet.given("recorded_kwh", given)
    if given.recorded_kwh is not None:
        raise only_one(sheet.calculator, "recorded_kwh", "reading_difference")
    product = sheet.given("reading_difference", given) * sheet.given("ct", given) * sheet.given("pt", given)
    return sheet.energy("recorded_kwh", "抄见电量", "energy recorded", product)


class Corrected(Part):
    """What a correction on recorded energy needs."""

    correction: Annotated[Correction, about("更正方式", "how the error is known")]
    rate_percent_places: Annotated[
        Places | None, about("更正率百分数小数位，null 不舍入", "decimals of the rate in percent, null: not rounded")
    ] = None


def correction_rate(sheet: Sheet, given: Corrected) -> Term:
    """Return the correction rate as a share; its steps are added to the sheet."""
    how = given.correction
    rate = sheet.given("rate_percent", how) / 100 if isinstance(how, GivenRate) else _rate_from_share(sheet, how)
    label = ("更正率", "correction rate")
    if given.rate_percent_places is None:
        sheet.percent("correction_rate_percent", "更正率（百分数）", "correction rate in percent", rate)
        return sheet.figure("correction_rate", *label, "factor", rate)
    rounded = sheet.rounded("correction_rate_percent", *label, "%", rate * 100, places=given.rate_percent_places)
    return sheet.figure("correction_rate", *label, "factor", rounded / 100)


def _stage_energies(sheet: Sheet, how: Stages) -> list[Term]:
    return [
        sheet.given("recorded_kwh", stage, Text(f"阶段 {n} 抄见电量", f"recorded in stage {n}"))
        for n, stage in enumerate(how.stages, start=1)
    ]


def _staged_share(sheet: Sheet, how: Stages) -> Term:
    """Return recorded over true energy of the whole time: by days at one load, or by the energies of the stages."""
    by_days = [stage.days is not None for stage in how.stages]
    by_energy = [stage.recorded_kwh is not None for stage in how.stages]
    if not (all(by_days) and not any(by_energy)) and not (all(by_energy) and not any(by_days)):
        raise BadInput(
            zh=f"{sheet.calculator}：correction.stages 各阶段应都给 days，或都给 recorded_kwh，不能混用。",
            en=f"{sheet.calculator}: give days for every one of correction.stages, or recorded_kwh for every one",
        )
    shares = [_stage_share(sheet, n, stage) for n, stage in enumerate(how.stages, start=1)]
    if all(by_days):
        sheet.warn("stages_same_load")
        days = [
            sheet.given("days", stage, Text(f"阶段 {n} 天数", f"days of stage {n}"))
            for n, stage in enumerate(how.stages, start=1)
        ]
        return total([d * share for d, share in zip(days, shares, strict=True)]) / total(days)
    energies = _stage_energies(sheet, how)
    true = []
    for n, (energy, share) in enumerate(zip(energies, shares, strict=True), start=1):
        if share.value == 0 or energy.value * share.value < 0:
            raise BadInput(
                zh=f"{sheet.calculator}：阶段 {n} 的抄见电量 {energy.numbers} 与该阶段的差错方式不符"
                "（不计量的阶段无法由抄见电量推算，请改用 days；倒走的为负）；请核对。",
                en=f"{sheet.calculator}: the energy recorded in stage {n}, {energy.numbers}, does not go with its "
                "error (where the meter recorded nothing, give days instead; backwards is negative); check it",
            )
        label = f"stage{n}_right_kwh", f"阶段 {n} 正确电量", f"right energy of stage {n}"
        true.append(sheet.figure(*label, "kWh", energy / share))
    right = total(true)
    if right.value == 0:
        raise needed(sheet.calculator, "correction.stages.recorded_kwh (not 0)")
    return total(energies) / right


def _stage_share(sheet: Sheet, number: int, stage: Stage) -> Term:
    how = stage.correction
    if isinstance(how, GivenRate):
        share = 1 / (1 + sheet.given("rate_percent", how) / 100)
    elif isinstance(how, GivenFactor):
        share = 1 / sheet.given("factor", how)
    else:
        share = _share(sheet, how)
    label = f"stage{number}_share", f"阶段 {number} 计得比例", f"recorded over true in stage {number}"
    return sheet.figure(*label, "factor", share)


def _whole_share(sheet: Sheet, how: _Shared | Stages) -> Term:
    return _staged_share(sheet, how) if isinstance(how, Stages) else _share(sheet, how)


_Shared = Powers | Phases | PhaseStates | PhaseRatios | Wiring | Expression


def _rate_from_share(sheet: Sheet, how: GivenFactor | _Shared | Stages) -> Term:
    if isinstance(how, GivenFactor):
        factor = sheet.given("factor", how)
    else:
        share = sheet.figure(
            "recorded_share", "计得占正确的比例", "recorded over true", "factor", _whole_share(sheet, how)
        )
        if share.value == 0:
            raise BadInput(
                zh=f"{sheet.calculator}：这种情况下表计不计量，无法由抄见电量推算；"
                "请用 metering_normal_month 按正常月电量计算。",
                en=f"{sheet.calculator}: the meter records nothing then, the recorded energy proves nothing; "
                "use metering_normal_month",
            )
        factor = sheet.figure("correction_factor", "更正系数", "correction factor", "factor", 1 / share)
    if factor.value < 0:
        sheet.warn("meter_reversed")
    return factor - 1


def _share(sheet: Sheet, how: _Shared) -> Term:
    if isinstance(how, Powers):
        return sheet.given("wrong_power", how) / sheet.given("right_power", how)
    if isinstance(how, Wiring):
        sheet.warn("balanced_phases")
        return shown_share(sheet, how)
    if isinstance(how, Expression):
        return expressed_share(sheet, how)
    if isinstance(how, Phases):
        if how.lost_phases + how.reversed_phases > how.phases:
            raise BadInput(
                zh=f"{sheet.calculator}：lost_phases 与 reversed_phases 之和不能超过 phases（{how.phases}）。",
                en=f"{sheet.calculator}: lost_phases and reversed_phases together cannot exceed phases ({how.phases})",
            )
        sheet.warn("balanced_phases")
        phases = sheet.given("phases", how)
        return (phases - sheet.given("lost_phases", how) - 2 * sheet.given("reversed_phases", how)) / phases
    if isinstance(how, PhaseRatios):
        return _ratio_share(sheet, how)
    loads = _loads(sheet, [s.load_share for s in how.states])
    return total(
        [
            load * sheet.given("voltage_share", s) * sheet.given("current_share", s)
            for load, s in zip(loads, how.states, strict=True)
        ]
    )


def _ratio_share(sheet: Sheet, how: PhaseRatios) -> Term:
    given = how.load_shares
    if given is not None and len(given) != len(how.actual):
        raise BadInput(
            zh=f"{sheet.calculator}：load_shares 应有 {len(how.actual)} 项，与 actual 相同。",
            en=f"{sheet.calculator}: load_shares must have {len(how.actual)} entries, as actual has",
        )
    loads = _loads(sheet, [None] * len(how.actual) if given is None else list(given))
    nominal = sheet.given("nominal", how)
    return total(
        [
            load * nominal / term(ratio, Text(f"第 {i} 相变比", f"ratio of phase {i}"))
            for i, (load, ratio) in enumerate(zip(loads, how.actual, strict=True), start=1)
        ]
    )


def _loads(sheet: Sheet, given: list[Decimal | None]) -> list[Term]:
    """Return each phase's share of the load; all or none must be given, and they sum to 1."""
    known = [share for share in given if share is not None]
    if not known:
        sheet.warn("balanced_phases")
        count = len(given)
        share = Term(Fraction(1, count), Text(f"1 ÷ {count}", f"1 ÷ {count}"), f"1 ÷ {count}", strength=2)
        return [share] * count
    if len(known) != len(given) or sum(known) != 1:
        raise BadInput(
            zh=f"{sheet.calculator}：load_share 应逐相给出且合计为 1，现为 {[str(s) for s in given]}。",
            en=f"{sheet.calculator}: load_share must be given for every phase and sum to 1, "
            f"is {[str(s) for s in given]}",
        )
    return [term(share, Text(f"第 {i} 相负荷占比", f"load of phase {i}")) for i, share in enumerate(known, start=1)]
