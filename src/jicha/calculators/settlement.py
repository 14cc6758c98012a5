"""Unmetered temporary supply, and compensation for an outage."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from jicha.calculators.exact import Term, term, total
from jicha.calculators.inputs import MOST_DAYS, Number, Part, RuleInputs, about
from jicha.calculators.periods import Span, days_of
from jicha.calculators.pricing import Name
from jicha.calculators.problems import needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.language import Text


class UnmeteredLoad(Part):
    """Equipment without a meter."""

    name: Annotated[Name, about("名称，用于结果项名", "name, used in the names of results")]
    capacity_kw: Annotated[Number, about("容量，kVA 视同 kW", "capacity, kVA as kW", "kW", ge=0)]
    factor: Annotated[Number, about("需用系数", "demand factor", "factor", ge=0)] = Decimal(1)
    hours_per_day: Annotated[Number, about("每日小时", "hours per day", "h/day", ge=0, le=24)]


class Fund(Part):
    """A fund or surcharge per kWh."""

    name: Annotated[Name, about("名称，用于结果项名", "name, used in the names of results")]
    price_yuan_per_kwh: Annotated[Number, about("单价", "price", "yuan/kWh", ge=0)]


class TemporarySupply(RuleInputs, Span):
    """Loads and time; with an agreed term, what of it is charged at an early end."""

    loads: Annotated[list[UnmeteredLoad], about("各项设备", "the equipment", min_length=1, max_length=50)]
    price_yuan_per_kwh: Annotated[Number, about("电价", "price", "yuan/kWh", ge=0)]
    funds: Annotated[tuple[Fund, ...], about("基金及附加，各自舍入", "funds, each rounded", max_length=20)] = ()
    rent_yuan_per_month: Annotated[Number | None, about("设备租金", "rent of equipment", "yuan/month", ge=0)] = None
    month_basis_days: Annotated[Number, about("租金折算天数", "days of a month for the rent", "days", gt=0, le=31)] = (
        Decimal(30)
    )
    agreed_days: Annotated[Number | None, about("约定使用期限", "agreed term", "days", gt=0, le=MOST_DAYS)] = None
    prepaid_yuan: Annotated[
        Number | None,
        about("预交电费，给出则算应退（负为应补）", "prepaid, gives the refund (negative: still to pay)", "yuan", ge=0),
    ] = None
    term_share: Annotated[
        Number | None,
        about(
            "达到约定期限的此比例即按全部期限计，缺省 0.5",
            "share of the term from which all of it is charged",
            "factor",
            ge=0,
            le=1,
            fact="settlement.temporary_term_share",
        ),
    ] = None
    early_refund_share: Annotated[
        Number | None,
        about(
            "不足该比例时可退预收电费的比例，缺省 0.5",
            "share of the prepaid charge refunded below it",
            "factor",
            ge=0,
            le=1,
            fact="settlement.temporary_early_refund",
        ),
    ] = None


def _charged_days(sheet: Sheet, given: TemporarySupply) -> tuple[Term, Term]:
    """Return the days charged, and the share of their charge that is kept."""
    used = days_of(sheet, given)
    whole = term(1, Text("全部", "all"))
    if given.agreed_days is None:
        if used is None:
            raise needed(sheet.calculator, "days", "start_on + end_on", "agreed_days")
        return used, whole
    agreed = sheet.given("agreed_days")
    if used is None or used.value >= agreed.value:
        return agreed if used is None else used, whole
    share = sheet.fact("settlement.temporary_term_share", "term_share")
    said = {"used": used.numbers, "agreed": agreed.numbers, "share": share.numbers}
    if used.value >= agreed.value * share.value:
        sheet.warn("agreed_term", **said)
        return agreed, whole
    refund = sheet.fact("settlement.temporary_early_refund", "early_refund_share")
    sheet.warn("early_end", **said, refund=refund.numbers)
    return agreed, sheet.figure("kept_share", "实收占预收的比例", "share of the charge kept", "factor", 1 - refund)


@calculator(
    "temporary_supply",
    group="settlement",
    zh="无表临时用电",
    en="temporary supply without a meter",
    example={
        "loads": [{"name": "mixer", "capacity_kw": "7.5", "factor": "0.7", "hours_per_day": 8}],
        "start_on": "2026-09-01",
        "end_on": "2026-09-15",
        "price_yuan_per_kwh": "0.735686",
        "funds": [{"name": "reservoir", "price_yuan_per_kwh": "0.0062"}],
    },
)
def temporary_supply(sheet: Sheet, given: TemporarySupply) -> None:
    """电量 = Σ 容量 × 系数 × 小时 × 天数；电费、各基金分别舍入后相加。

    Energy = Σ capacity × factor × hours × days; charge and funds rounded each.
    """
    days, kept = _charged_days(sheet, given)
    energies = []
    for load in given.loads:
        product = (
            sheet.given("capacity_kw", load) * sheet.given("factor", load) * sheet.given("hours_per_day", load) * days
        )
        energies.append(sheet.energy(f"{load.name}_kwh", f"{load.name} 电量", f"energy of {load.name}", product))
    energy = sheet.energy("total_kwh", "总电量", "energy in total", total(energies))
    parts = [sheet.money("energy_yuan", "电度电费", "energy charge", energy * sheet.given("price_yuan_per_kwh"))]
    for fund in given.funds:
        amount = energy * sheet.given("price_yuan_per_kwh", fund)
        parts.append(sheet.money(f"{fund.name}_yuan", fund.name, fund.name, amount))
    amount = total(parts)
    if kept.value != 1:
        amount = sheet.money("full_term_yuan", "全部期限电费", "charge of the whole term", amount) * kept
    payable = sheet.money("total_yuan", "应交电费", "charge", amount)
    if given.prepaid_yuan is not None:
        sheet.money(
            "refund_yuan",
            "应退电费（负为应补）",
            "refund (negative: still to pay)",
            sheet.given("prepaid_yuan") - payable,
        )
    if given.rent_yuan_per_month is not None:
        used = days_of(sheet, given) or days
        rent = sheet.given("rent_yuan_per_month") * used / sheet.given("month_basis_days")
        sheet.money("rent_yuan", "租金", "rent", rent)


class Outage(RuleInputs):
    """The customer's normal use, how long it was cut off, and the price."""

    tariff: Annotated[Literal["single", "two_part"], about("单一制或两部制", "single-part or two-part tariff")]
    outage_hours: Annotated[Number, about("停电小时", "hours cut off", "hours", ge=0)]
    hourly_kwh: Annotated[
        Number | None, about("停电前每小时平均用电量", "mean energy per hour before", "kWh", ge=0)
    ] = None
    normal_kwh: Annotated[
        Number | None,
        about("停电前正常用电期电量，代替每小时电量", "energy of a normal period, instead of per hour", "kWh", ge=0),
    ] = None
    normal_hours: Annotated[Number | None, about("该正常期的小时数", "hours of that period", "hours", gt=0)] = None
    normal_days: Annotated[
        Number | None,
        about("该正常期的天数，代替小时数", "days of that period, instead of hours", "days", gt=0, le=MOST_DAYS),
    ] = None
    price_yuan_per_kwh: Annotated[
        Number,
        about(
            "电度电价（1996）或同类用户平均电价（2024）",
            "energy price (1996) or mean price of same-class customers (2024)",
            "yuan/kWh",
            ge=0,
        ),
    ]
    multiple: Annotated[
        Number | None, about("倍数，缺省按版本和制式", "multiple, default by edition and tariff", "times", ge=0)
    ] = None


def _hourly(sheet: Sheet, given: Outage) -> Term:
    if given.hourly_kwh is not None:
        if given.normal_kwh is not None:
            raise only_one(sheet.calculator, "hourly_kwh", "normal_kwh")
        return sheet.given("hourly_kwh")
    if given.normal_kwh is None or (given.normal_hours is None) == (given.normal_days is None):
        raise needed(sheet.calculator, "hourly_kwh", "normal_kwh + normal_hours", "normal_kwh + normal_days")
    hours = sheet.given("normal_days") * 24 if given.normal_hours is None else sheet.given("normal_hours")
    return sheet.figure(
        "hourly_kwh", "每小时平均用电量", "mean energy per hour", "kWh", sheet.given("normal_kwh") / hours
    )


@calculator(
    "outage_compensation",
    group="settlement",
    zh="停电赔偿",
    en="compensation for an outage",
    example={
        "tariff": "single",
        "outage_hours": 6,
        "normal_kwh": 14400,
        "normal_days": 30,
        "price_yuan_per_kwh": "0.735686",
    },
)
def outage_compensation(sheet: Sheet, given: Outage) -> None:
    """赔偿 = 每小时平均用电量 × 停电小时 × 电价 × 倍数。

    Compensation = mean energy per hour × hours × price × multiple.
    """
    possible = sheet.energy(
        "possible_kwh",
        "停电时间可能用电量",
        "energy possible in the outage",
        _hourly(sheet, given) * sheet.given("outage_hours"),
    )
    multiple = sheet.fact(f"settlement.outage_{given.tariff}_multiple", "multiple")
    sheet.money(
        "compensation_yuan", "赔偿金额", "compensation", possible * sheet.given("price_yuan_per_kwh") * multiple
    )
