"""Losses: line loss rate, aggregate technical and commercial loss, transformer losses for operation and for billing."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from jicha.calculators.exact import SQRT3, Term, decimal_text, root, term, total
from jicha.calculators.inputs import MOST_DAYS, Count, Inputs, Number, Places, Sum, about
from jicha.calculators.problems import exactly_one, needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet, label_of
from jicha.catalog.billing import model_series, nameplates
from jicha.errors import BadInput
from jicha.language import Text


class LineLoss(Inputs):
    """Energies of one grid and period, all in one unit."""

    energy_unit: Annotated[Literal["kWh", "MWh", "万kWh"], about("电量单位", "unit of the energies")] = "kWh"
    generation: Annotated[Sum, about("发电量（可为列表）", "generation (or a list)", "energy_unit", ge=0)] = Decimal(0)
    own_use: Annotated[Number | None, about("厂用电量", "own use of the plants", "energy_unit", ge=0)] = None
    own_use_percent: Annotated[
        Number | None, about("厂用电率，代替厂用电量", "own use in percent of generation", "%", ge=0, le=100)
    ] = None
    purchase: Annotated[Sum, about("购入电量（可为列表）", "bought (or a list)", "energy_unit", ge=0)] = Decimal(0)
    export: Annotated[
        Sum, about("输出电量（可为列表）", "passed on to other grids (or a list)", "energy_unit", ge=0)
    ] = Decimal(0)
    supply: Annotated[
        Sum | None,
        about("供电量，已知时直接给（可为列表）", "energy supplied, where known (or a list)", "energy_unit", gt=0),
    ] = None
    sales: Annotated[Sum | None, about("售电量（可为列表）", "energy sold (or a list)", "energy_unit", ge=0)] = None
    loss_percent: Annotated[
        Number | None,
        about(
            "线损率，代替售电量",
            "loss rate, instead of sales",
            "%",
            lt=100,
            negative=("负线损（售电量大于供电量）", "negative loss: more was sold than supplied"),
        ),
    ] = None
    compare_percent: Annotated[
        Number | None,
        about(
            "对比线损率（计划或上期），给出则算少损电量",
            "loss rate to compare with (plan or before), gives the energy saved",
            "%",
            lt=100,
            negative=("负线损", "negative loss"),
        ),
    ] = None
    lossless_sales: Annotated[
        Number | None,
        about(
            "其中无损电量（专线等），另算有损线损率",
            "of it sold without loss, for the rate without it",
            "energy_unit",
            ge=0,
        ),
    ] = None


def _has_no_supply(given: LineLoss) -> bool:
    return given.supply is None and not (given.generation or given.purchase or given.export)


def _supply(sheet: Sheet, given: LineLoss) -> Term:
    parts = given.generation or given.purchase or given.export or given.own_use or given.own_use_percent
    if given.supply is not None:
        if parts:
            raise only_one(sheet.calculator, "supply", "generation / purchase / export")
        return sheet.given("supply")
    if given.own_use is not None and given.own_use_percent is not None:
        raise only_one(sheet.calculator, "own_use", "own_use_percent")
    supply = sheet.given("generation") + sheet.given("purchase") - sheet.given("export")
    if given.own_use is not None:
        supply = supply - sheet.given("own_use")
    elif given.own_use_percent is not None:
        own = sheet.given("generation") * sheet.given("own_use_percent") / 100
        supply = supply - sheet.figure("own_use", "厂用电量", "own use", given.energy_unit, own)
    found = sheet.figure("supply", "供电量", "energy supplied", given.energy_unit, supply)
    if found.value <= 0:
        raise BadInput(
            zh=f"{sheet.calculator}：供电量为 {found.numbers}，应大于 0；"
            "请核对发电 generation、购入 purchase、输出 export。",
            en=f"{sheet.calculator}: the energy supplied is {found.numbers}, it must be above 0; "
            "check generation, purchase and export",
        )
    return found


@calculator(
    "line_loss",
    group="loss",
    zh="线损率",
    en="line loss rate",
    example={
        "energy_unit": "万kWh",
        "generation": 20,
        "own_use_percent": 5,
        "purchase": 3,
        "export": 2,
        "sales": "18.6",
    },
)
def line_loss(sheet: Sheet, given: LineLoss) -> None:
    """供电量 = 发电 − 厂用 + 购入 − 输出；线损率 = (供电 − 售电) ÷ 供电。

    Supplied = generated − own use + bought − passed on; rate = (supplied − sold) ÷ supplied.
    """
    if given.sales is not None and given.loss_percent is not None and _has_no_supply(given):
        share = 1 - sheet.given("loss_percent") / 100
        supply = sheet.figure("supply", "供电量", "energy supplied", given.energy_unit, sheet.given("sales") / share)
        sheet.figure("loss", "线损电量", "energy lost", given.energy_unit, supply - sheet.given("sales"))
        return
    if _has_no_supply(given):
        raise needed(sheet.calculator, "supply", "generation / purchase", "sales + loss_percent")
    supply = _supply(sheet, given)
    if (given.sales is None) == (given.loss_percent is None):
        raise exactly_one(sheet.calculator, given, "sales", "loss_percent")
    if given.sales is None:
        loss = sheet.figure(
            "loss", "线损电量", "energy lost", given.energy_unit, supply * sheet.given("loss_percent") / 100
        )
        sheet.figure("sales", "售电量", "energy sold", given.energy_unit, supply - loss)
        return
    sales = sheet.given("sales")
    loss = sheet.figure("loss", "线损电量", "energy lost", given.energy_unit, supply - sales)
    if loss.value < 0:
        sheet.warn("negative_loss")
    rate = sheet.percent("loss_percent", "线损率", "loss rate", loss / supply)
    if given.compare_percent is not None:
        difference = sheet.given("compare_percent") - rate
        saved = supply * difference / 100
        sheet.figure("saved", "少损电量（负为多损）", "energy saved (negative: lost more)", given.energy_unit, saved)
    if given.lossless_sales is not None:
        lossless = sheet.given("lossless_sales")
        if lossless.value > sales.value or lossless.value >= supply.value:
            raise BadInput(
                zh=f"{sheet.calculator}：无损电量 lossless_sales（{lossless.numbers}）是售电量的一部分，"
                "应不大于售电量且小于供电量；请核对。",
                en=f"{sheet.calculator}: lossless_sales ({lossless.numbers}) is a part of the sales: not above them, "
                "and below the supply; check them",
            )
        sheet.percent(
            "lossy_loss_percent",
            "有损线损率",
            "loss rate without lossless sales",
            loss / (supply - sheet.given("lossless_sales")),
        )


class AtcLoss(Inputs):
    """Energy put in and billed; amounts assessed and realised."""

    input_energy: Annotated[Number, about("输入电量", "energy put in", "kWh", gt=0)]
    billed_energy: Annotated[Number, about("计费电量（同单位）", "energy billed (same unit)", "kWh", ge=0)]
    assessed: Annotated[Number | None, about("应收", "amount assessed", "yuan", gt=0)] = None
    realised: Annotated[Number | None, about("实收", "amount realised", "yuan", ge=0)] = None
    collection_percent: Annotated[
        Number | None, about("回收率，代替应收和实收", "collection efficiency, instead of the amounts", "%", ge=0)
    ] = None


@calculator(
    "atc_loss",
    group="loss",
    zh="技术与商业综合损失（AT&C）",
    en="aggregate technical and commercial loss",
    example={"input_energy": 1000, "billed_energy": 880, "assessed": 6000, "realised": 5700},
)
def atc_loss(sheet: Sheet, given: AtcLoss) -> None:
    """AT&C = 1 − 计费效率 × 回收效率，中间不舍入。

    1 − billing efficiency × collection efficiency, not rounded between.
    """
    billing = sheet.percent(
        "billing_percent", "计费效率", "billing efficiency", sheet.given("billed_energy") / sheet.given("input_energy")
    )
    if billing.value > 100:
        sheet.warn("negative_loss")
    if given.collection_percent is not None:
        collection = sheet.given("collection_percent")
    elif given.assessed is not None and given.realised is not None:
        collection = sheet.percent(
            "collection_percent", "回收效率", "collection efficiency", sheet.given("realised") / sheet.given("assessed")
        )
    else:
        raise needed(sheet.calculator, "assessed + realised", "collection_percent")
    sheet.percent("atc_percent", "AT&C 损失率", "AT&C loss", 1 - billing / 100 * (collection / 100))


class TheoreticalLoss(Inputs):
    """One stretch of line with the mean current of its time."""

    conductors: Annotated[
        Number, about("系数 N：三相四线平衡 3，单相 2", "N: three balanced phases 3, one phase 2", "factor", gt=0)
    ] = Decimal(3)
    form_factor: Annotated[Number, about("负荷形状系数 k", "load-shape factor k", "factor", gt=0)] = Decimal(1)
    mean_current_a: Annotated[Number | None, about("平均电流", "mean current", "A", ge=0)] = None
    power_kw: Annotated[
        Number | None, about("有功功率，代替电流", "active power, instead of the current", "kW", ge=0)
    ] = None
    voltage_kv: Annotated[
        Number | None, about("线电压（单相为相电压）", "voltage between lines (one phase: to neutral)", "kV", gt=0)
    ] = None
    power_factor: Annotated[Number, about("功率因数", "power factor", "factor", gt=0, le=1)] = Decimal(1)
    resistance_ohm: Annotated[Number, about("每相等值电阻", "equivalent resistance of a phase", "Ω", ge=0)]
    hours: Annotated[Number, about("小时数", "hours", "hours", gt=0)]
    meters: Annotated[Count, about("电能表数", "meters", "count", ge=0)] = 0
    kwh_per_meter_month: Annotated[
        Number, about("每表每月自耗", "own use of a meter and month of 30 days", "kWh", ge=0)
    ] = Decimal(1)
    supply_kwh: Annotated[
        Number | None, about("供电量，给出则算损耗率", "energy supplied, for the rate", "kWh", gt=0)
    ] = None


def _current(sheet: Sheet, given: TheoreticalLoss) -> Term:
    """Return the current, or derive it from power, voltage and power factor."""
    if given.mean_current_a is not None:
        if given.power_kw is not None:
            raise only_one(sheet.calculator, "mean_current_a", "power_kw + voltage_kv")
        return sheet.given("mean_current_a")
    if given.power_kw is None or given.voltage_kv is None:
        raise needed(sheet.calculator, "mean_current_a", "power_kw + voltage_kv")
    apparent = sheet.given("voltage_kv") * sheet.given("power_factor")
    if given.conductors == 3:
        apparent = SQRT3 * apparent
    return sheet.figure("mean_current_a", "平均电流", "mean current", "A", sheet.given("power_kw") / apparent)


@calculator(
    "line_loss_theoretical",
    group="loss",
    zh="理论线损",
    en="theoretical line loss",
    example={"form_factor": "1.1", "mean_current_a": 40, "resistance_ohm": "0.12", "hours": 720, "supply_kwh": 18000},
)
def line_loss_theoretical(sheet: Sheet, given: TheoreticalLoss) -> None:
    """ΔA = N·k²·I²·R·T ÷ 1000，另加电能表自耗。

    Energy lost = N k² I² R T ÷ 1000, and the own use of the meters.
    """
    current, shape, hours = _current(sheet, given), sheet.given("form_factor"), sheet.given("hours")
    heat = sheet.given("conductors") * shape * shape * current * current * sheet.given("resistance_ohm") * hours / 1000
    loss = sheet.energy("line_loss_kwh", "线路损耗", "loss of the line", heat)
    if given.meters:
        used = sheet.given("meters") * sheet.given("kwh_per_meter_month") * hours / 720
        meters = sheet.energy("meter_loss_kwh", "电能表自耗", "own use of the meters", used)
        loss = sheet.energy("loss_kwh", "理论线损电量", "theoretical loss", loss + meters)
    if given.supply_kwh is not None:
        sheet.percent("loss_percent", "理论线损率", "theoretical loss rate", loss / sheet.given("supply_kwh"))


class TransformerEconomic(Inputs):
    """Nameplate and load of one transformer."""

    rating_kva: Annotated[Number, about("额定容量", "rating", "kVA", gt=0)]
    no_load_kw: Annotated[Number, about("空载损耗 P0", "no-load loss P0", "kW", ge=0)]
    load_loss_kw: Annotated[Number, about("负载损耗 Pk", "load loss Pk", "kW", ge=0)]
    no_load_current_percent: Annotated[Number | None, about("空载电流 I0", "no-load current I0", "%", ge=0, le=100)] = (
        None
    )
    impedance_percent: Annotated[Number | None, about("短路阻抗 Uk", "impedance Uk", "%", ge=0, le=100)] = None
    load_ratio: Annotated[Number | None, about("负载系数 β", "load ratio β", "factor", ge=0)] = None
    load_kva: Annotated[Number | None, about("负荷，代替负载系数", "load, instead of the ratio", "kVA", ge=0)] = None
    reactive_equivalent: Annotated[Number, about("无功经济当量", "reactive equivalent", "kW/kvar", ge=0)] = Decimal(
        "0.1"
    )
    hours: Annotated[Number, about("小时数", "hours", "hours", ge=0)] = Decimal(8760)
    step_places: Annotated[
        Places | None,
        about(
            "有功、无功损耗先取的小数位，null 不舍入", "decimals of both losses before they are combined, null: exact"
        ),
    ] = None


def _stepped(sheet: Sheet, places: int | None, name: str, label: Text, value: Term) -> Term:
    unit = name.rsplit("_", 1)[-1].replace("kw", "kW")
    if places is None:
        return sheet.figure(name, *label, unit, value)
    return sheet.rounded(name, *label, unit, value, places=places)


@calculator(
    "transformer_economic_loss",
    group="loss",
    zh="变压器综合功率损耗",
    en="transformer losses for economic operation",
    example={
        "rating_kva": 400,
        "no_load_kw": "0.57",
        "load_loss_kw": "4.3",
        "no_load_current_percent": 1,
        "impedance_percent": 4,
        "load_ratio": "0.6",
    },
)
def transformer_economic_loss(sheet: Sheet, given: TransformerEconomic) -> None:
    """ΔP = P0 + β²Pk；ΔQ = I0·S/100 + β²·Uk·S/100；ΔPz = ΔP + k·ΔQ。"""
    sheet.warn("planning_only")
    if (given.load_ratio is None) == (given.load_kva is None):
        raise exactly_one(sheet.calculator, given, "load_ratio", "load_kva")
    rating = sheet.given("rating_kva")
    if given.load_ratio is not None:
        ratio = sheet.given("load_ratio")
    else:
        ratio = sheet.figure("load_ratio", "负载系数", "load ratio", "factor", sheet.given("load_kva") / rating)
    if given.load_loss_kw:
        best = root(sheet.given("no_load_kw") / sheet.given("load_loss_kw"))
        sheet.figure("best_load_ratio", "有功损耗率最低的负载系数", "load ratio of least active loss", "factor", best)
    active = sheet.given("no_load_kw") + ratio * ratio * sheet.given("load_loss_kw")
    active = _stepped(sheet, given.step_places, "dp_kw", Text("有功损耗", "active loss"), active)
    if given.no_load_current_percent is None:
        sheet.energy("active_loss_kwh", "有功损耗电量", "active energy lost", active * sheet.given("hours"))
        return
    magnetising = sheet.figure(
        "q0_kvar", "空载无功", "no-load reactive power", "kvar", sheet.given("no_load_current_percent") * rating / 100
    )
    if given.impedance_percent is None:
        return
    leakage = sheet.figure(
        "qk_kvar",
        "额定负载无功",
        "reactive power at rated load",
        "kvar",
        sheet.given("impedance_percent") * rating / 100,
    )
    reactive = _stepped(
        sheet, given.step_places, "dq_kvar", Text("无功损耗", "reactive loss"), magnetising + ratio * ratio * leakage
    )
    combined = active + sheet.given("reactive_equivalent") * reactive
    combined = sheet.figure("dpz_kw", "综合功率损耗", "combined loss", "kW", combined)
    energy = sheet.energy("loss_kwh", "损耗电量", "energy lost", combined * sheet.given("hours"))
    sheet.figure(
        "loss_wan_kwh", "损耗电量（万kWh）", "energy lost in 10,000 kWh", "万kWh", energy.before_rounding() / 10000
    )


class TransformerBilling(Inputs):
    """Metered energy of a period behind one transformer, and its nameplate."""

    active_kwh: Annotated[Number, about("抄见有功电量", "metered active energy", "kWh", ge=0)]
    reactive_kvarh: Annotated[
        Number | None, about("抄见无功电量，无表为 null", "metered reactive energy, null: no register", "kvarh", ge=0)
    ] = None
    rating_kva: Annotated[Number, about("额定容量", "rating", "kVA", gt=0)]
    model: Annotated[
        str | None,
        about(
            "型号或系列（如 S11），未给出的铭牌值取随附表",
            "model or series (e.g. S11): nameplate figures not given are those of the shipped table",
            min_length=1,
            max_length=40,
        ),
    ] = None
    no_load_kw: Annotated[Number | None, about("空载损耗 P0", "no-load loss P0", "kW", ge=0)] = None
    load_loss_kw: Annotated[Number | None, about("负载损耗 Pk", "load loss Pk", "kW", ge=0)] = None
    no_load_current_percent: Annotated[Number | None, about("空载电流 I0", "no-load current I0", "%", ge=0, le=100)] = (
        None
    )
    impedance_percent: Annotated[Number | None, about("短路阻抗 Uk", "impedance Uk", "%", ge=0, le=100)] = None
    hours: Annotated[Number | None, about("通电小时", "hours energised", "hours", gt=0)] = None
    days: Annotated[
        Number | None, about("通电天数，代替小时", "days energised, instead of hours", "days", gt=0, le=MOST_DAYS)
    ] = None
    form_factor: Annotated[
        Number,
        about(
            "负荷波形修正系数 K（三班 1.2、两班 1.8、一班 3.6）",
            "load-shape factor K (three shifts 1.2, two 1.8, one 3.6)",
            "factor",
            gt=0,
        ),
    ] = Decimal("1.2")
    assumed_power_factor: Annotated[
        Number,
        about("无无功表时的假定功率因数", "power factor assumed without a reactive register", "factor", gt=0, le=1),
    ] = Decimal("0.8")
    loss_places: Annotated[Places, about("损耗电量小数位", "decimals of the losses")] = 0


_PLATE = {
    "no_load_kw": "no_load_loss_kw",
    "load_loss_kw": "load_loss_kw",
    "no_load_current_percent": "no_load_current_pct",
    "impedance_percent": "impedance_pct",
}


def _plate(sheet: Sheet, given: TransformerBilling) -> dict[str, Term | None]:
    """Return the nameplate figures: each as given, else that of the model's series, else None."""
    shipped = None
    if given.model is not None:
        shipped = nameplates().get((model_series(given.model) or "", given.rating_kva))
        if shipped is None:
            series = sorted({known for known, _ in nameplates()})
            raise BadInput(
                zh=f"{sheet.calculator}：随附的铭牌表没有 {given.model}、{given.rating_kva}kVA；"
                f"有 {'、'.join(series)} 系列的标准容量，其他请给出 no_load_kw、load_loss_kw 等铭牌值。",
                en=f"{sheet.calculator}: the shipped nameplates have no {given.model} of {given.rating_kva} kVA; they "
                f"hold the usual ratings of {', '.join(series)}; for others give no_load_kw, load_loss_kw and so on",
            )
    found: dict[str, Term | None] = {}
    taken = []
    for field, figure in _PLATE.items():
        value = None if shipped is None else getattr(shipped, figure)
        if getattr(given, field) is not None:
            found[field] = sheet.given(field)
        elif value is not None:
            found[field] = term(value, label_of(given, field))
            taken.append(f"{label_of(given, field).en} {value}")
        else:
            found[field] = None
    if taken:
        sheet.warn("shipped_nameplate", model=given.model, figures=", ".join(taken))
    return found


@calculator(
    "transformer_billing_loss",
    group="loss",
    zh="变损电量（公式法）",
    en="transformer losses charged to a customer, by formula",
    example={
        "active_kwh": 30000,
        "reactive_kvarh": 12000,
        "rating_kva": 200,
        "no_load_kw": "0.34",
        "load_loss_kw": "2.6",
        "no_load_current_percent": "1.3",
        "impedance_percent": 4,
        "days": 30,
    },
)
def transformer_billing_loss(sheet: Sheet, given: TransformerBilling) -> None:
    """有功变损 = P0·T + K·Pk·(Ap²+Aq²) ÷ (S²·T)；无功变损 = I0·S·T/100 + K·Uk·(Ap²+Aq²) ÷ (100·S·T)。"""
    if (given.hours is None) == (given.days is None):
        raise exactly_one(sheet.calculator, given, "hours", "days")
    hours = (
        sheet.given("hours")
        if given.days is None
        else sheet.figure("hours", "通电小时", "hours energised", "hours", sheet.given("days") * 24)
    )
    plate = _plate(sheet, given)
    no_load, load_loss = plate["no_load_kw"], plate["load_loss_kw"]
    if no_load is None or load_loss is None:
        raise needed(sheet.calculator, "no_load_kw + load_loss_kw", "model")
    active, rating, shape = sheet.given("active_kwh"), sheet.given("rating_kva"), sheet.given("form_factor")
    if given.reactive_kvarh is None:
        assumed = sheet.given("assumed_power_factor")
        sheet.warn("no_reactive_meter", factor=assumed.numbers)
        apparent = active / assumed
        square = apparent * apparent
    else:
        reactive = sheet.given("reactive_kvarh")
        square = active * active + reactive * reactive
    square = sheet.figure("square", "视在电量平方", "square of the apparent energy", "kVAh²", square)
    load = root(square) / hours
    if load.value > rating.value:
        sheet.warn("beyond_rating", load=decimal_text(load.value, 1), rating=rating.numbers)
    iron = no_load * hours
    copper = shape * load_loss * square / (rating * rating * hours)
    places = given.loss_places
    iron = sheet.figure("iron_kwh", "铁损电量", "iron loss", "kWh", iron)
    copper = sheet.figure("copper_kwh", "铜损电量", "copper loss", "kWh", copper)
    lost = sheet.rounded("active_loss_kwh", "有功变损", "active loss", "kWh", iron + copper, places=places)
    all_active = sheet.figure("active_total_kwh", "含变损有功", "active energy with loss", "kWh", active + lost)
    if given.reactive_kvarh is None:
        return
    current, impedance = plate["no_load_current_percent"], plate["impedance_percent"]
    if current is None or impedance is None:
        sheet.warn("no_reactive_loss")
        return
    idle = current * rating * hours / 100
    loaded = shape * impedance * square / (100 * rating * hours)
    reactive_lost = sheet.rounded(
        "reactive_loss_kvarh", "无功变损", "reactive loss", "kvarh", idle + loaded, places=places
    )
    all_reactive = sheet.figure(
        "reactive_total_kvarh",
        "含变损无功",
        "reactive energy with loss",
        "kvarh",
        total([sheet.given("reactive_kvarh"), reactive_lost]),
    )
    if all_active.value > 0:
        factor = all_active / root(all_active * all_active + all_reactive * all_reactive)
        sheet.rounded("power_factor", "功率因数", "power factor", "factor", factor, places=2)
