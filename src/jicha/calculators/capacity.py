"""The basic charge of a month by days: capacity with changes, interlocked transformers, or demand.

The capacity of each day and the divisor of each day come from the billing engine (`jicha.billing.basic`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from jicha.billing.basic import BasicCharge as EngineCharge
from jicha.billing.basic import Day, basic_charge, billed_demand, days_between, kva_on
from jicha.billing.derivation import Step as EngineStep
from jicha.billing.facts import Assumptions, Edition, Transformer
from jicha.billing.interval import Interval, interval_of
from jicha.calculators.exact import Term, largest, term, total
from jicha.calculators.inputs import CalendarDay, Count, Inputs, Number, Part, Ratio, Sum, about
from jicha.calculators.periods import MOST_PRICES, LaterPrice, price_stretches
from jicha.calculators.problems import needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Basis, Sheet
from jicha.catalog.billing import BillingSettings, SettingsBook, declared_settings
from jicha.errors import BadInput
from jicha.language import Text

Status = Literal["running", "hot_standby", "cold_standby", "suspended"]


class Change(Part):
    """A new status from a day on."""

    since: Annotated[CalendarDay, about("起始日（当日按新状态）", "first day of the new status", "date")]
    status: Annotated[Status, about("状态", "status")]


class Unit(Part):
    """One transformer."""

    kva: Annotated[Number, about("容量", "capacity", "kVA", gt=0)]
    status: Annotated[Status, about("期初状态", "status at the beginning")] = "running"
    changes: Annotated[tuple[Change, ...], about("期内变更", "changes within the period", max_length=62)] = ()
    installed_on: Annotated[CalendarDay | None, about("投运首日", "first day in place", "date")] = None
    removed_on: Annotated[CalendarDay | None, about("在位末日", "last day in place", "date")] = None
    interlock_group: Annotated[
        str | None,
        about("一次侧连锁互为备用的组名，组内只计最大", "group interlocked on the primary side, greatest counts"),
    ] = None


class BasicCharge(Inputs):
    """A month's charge. Transformers for capacity; contract and actual demand for the demand modes."""

    mode: Annotated[Literal["capacity", "contract_demand", "actual_demand"], about("计费方式", "what is charged")] = (
        "capacity"
    )
    period: Annotated[CalendarDay, about("电费月份，任一日", "billing month, any day of it", "date")]
    reading_day: Annotated[
        Count | None,
        about("抄表例日，结算期为上月该日至本月前一日", "reading day: from that day of the month before", ge=1, le=31),
    ] = None
    price_yuan_per_month: Annotated[
        Number, about("容（需）量电价，每 kVA（kW）每月", "price per kVA or kW and month", "yuan/kVA·month", ge=0)
    ]
    later_prices: Annotated[
        tuple[LaterPrice, ...],
        about("期内换价后的单价", "prices in force later in the period", max_length=MOST_PRICES),
    ] = ()
    transformers: Annotated[tuple[Unit, ...], about("变压器", "transformers", max_length=100)] = ()
    direct_motor_kva: Annotated[Number, about("直配高压电动机容量", "direct high-voltage motors", "kVA", ge=0)] = (
        Decimal(0)
    )
    contract_demand_kw: Annotated[Number | None, about("合同最大需量", "contract demand", "kW", ge=0)] = None
    actual_demand_kw: Annotated[
        Sum | None,
        about("实际最大需量（多路为列表，相加）", "measured demand (several feeders: a list, summed)", "kW", ge=0),
    ] = None
    demand_reading: Annotated[
        Sum | None,
        about(
            "需量表示数，乘变比，代替 actual_demand_kw（多路为列表，相加）",
            "reading of the demand register, times ct and pt, instead of actual_demand_kw (several: a list, summed)",
            "kW",
            ge=0,
        ),
    ] = None
    ct: Annotated[Ratio, about("电流互感器变比（需量示数用）", "ratio of the current transformer (for readings)")] = (
        Fraction(1)
    )
    pt: Annotated[Ratio, about("电压互感器变比（需量示数用）", "ratio of the voltage transformer (for readings)")] = (
        Fraction(1)
    )
    demand_floor_share: Annotated[
        Number | None,
        about(
            "合同需量不低于合同容量的比例（如 0.4）",
            "least contract demand as a share of contract_kva (0.4)",
            "factor",
            ge=0,
            le=1,
        ),
    ] = None
    opened_on: Annotated[
        CalendarDay | None, about("结算期内新装首日", "first day of supply within the period", "date")
    ] = None
    closed_on: Annotated[
        CalendarDay | None, about("结算期内终止末日", "last day of supply within the period", "date")
    ] = None
    day_basis: Annotated[
        Literal["thirty", "calendar"] | None,
        about("按日折算，缺省按月份所依规定", "days of a month, default by the rules of the month"),
    ] = None
    suspended_share: Annotated[
        Number | None,
        about(
            "新装两年内暂停容量仍计的比例（旧规则 0.5）",
            "share still charged on suspended new capacity (old rule 0.5)",
            "factor",
            ge=0,
            le=1,
        ),
    ] = None
    demand_over_ratio: Annotated[
        Number | None,
        about("超合同需量的倍数界限，缺省 1.05", "limit over the contract demand, default 1.05", "factor", ge=1),
    ] = None
    demand_over_multiple: Annotated[
        Number | None, about("超出部分计费倍数，缺省 2", "multiple of the excess, default 2", "times", ge=0)
    ] = None
    demand_over_base: Annotated[
        Literal["contract", "allowed"] | None,
        about(
            "超限时的基础：合同值或允许值，缺省按月份所依规定",
            "base above the limit, default by the rules of the month",
        ),
    ] = None
    demand_over_start: Annotated[
        Literal["contract", "allowed"] | None,
        about("加倍部分的起点：合同值或允许值，缺省按月份所依规定", "where the excess starts, default by the month"),
    ] = None
    month_kwh: Annotated[
        Number | None, about("当月电量（需量优惠用）", "energy of the month (for the demand discount)", "kWh", ge=0)
    ] = None
    contract_kva: Annotated[
        Number | None, about("合同容量（需量优惠用）", "contract capacity (for the discount)", "kVA", gt=0)
    ] = None
    discount_kwh_per_kva: Annotated[
        Number, about("每 kVA 电量达到即优惠", "energy per kVA that earns the discount", "kWh", ge=0)
    ] = Decimal(260)
    discount_factor: Annotated[
        Number, about("优惠后需量电价比例", "demand price with the discount", "factor", ge=0, le=1)
    ] = Decimal("0.9")


def _settings(given: BasicCharge, first: date) -> BillingSettings:
    found = SettingsBook({}, {}).row(org=None, day=first)
    names = {
        "basic_day_basis": given.day_basis,
        "suspended_charge_share": given.suspended_share,
        "demand_over_ratio": given.demand_over_ratio,
        "demand_over_multiple": given.demand_over_multiple,
        "demand_over_base": given.demand_over_base,
        "demand_over_start": given.demand_over_start,
    }
    changes: dict[str, Any] = {name: value for name, value in names.items() if value is not None}
    return replace(found, **changes)


def _cite(sheet: Sheet, given: BasicCharge, day: date) -> None:
    """Put the settings that the charge stands on among its bases, with the documents they are from."""
    demand = ["demand_over_ratio", "demand_over_multiple", "demand_over_base"]
    for name in ["basic_day_basis", *(demand if given.mode == "contract_demand" else [])]:
        setting, value = declared_settings()[name], SettingsBook({}, {}).value(name, org=None, day=day)
        sheet.basis[name] = Basis(
            fact=f"billing.{name}",
            label=Text(setting.zh, setting.en),
            regulation=value.document,
            edition=None,
            article=None,
            verified=value.verified,
            bound="default",
            source=str(value.value),
        )


_LONG_AGO = date(1950, 1, 1)


def _transformer(number: int, unit: Unit, since: date) -> Transformer:
    """Return a unit as the engine knows it; `since`: when one without a day of installation was put in place."""
    if unit.removed_on is not None and unit.installed_on is not None and unit.removed_on < unit.installed_on:
        raise BadInput(
            zh=f"basic_charge：transformers.{number}.removed_on 早于 installed_on；请核对日期，换装的两台分开列。",
            en=f"basic_charge: transformers.{number}.removed_on is before installed_on; check the dates, "
            "and list two units where one replaced the other",
        )
    edges = sorted(unit.changes, key=lambda change: change.since)
    history = tuple((change.since, None, change.status) for change in edges)
    return Transformer(
        transformer_id=str(number),
        capacity_kva=unit.kva,
        status=unit.status,
        installed_on=unit.installed_on or since,
        removed_on=unit.removed_on,
        interlock_group=unit.interlock_group,
        history=((date.min, None, unit.status), *history) if history else (),
    )


def _sizes(
    sheet: Sheet, given: BasicCharge, interval: Interval, settings: BillingSettings
) -> list[tuple[date, Decimal]]:
    """Return the capacity or demand charged on each day of the period."""
    days = days_between(interval.first, interval.last)
    if given.mode != "capacity":
        return [(day, _demand(sheet, given, settings)) for day in days[:1]] * len(days)
    if not given.transformers and not given.direct_motor_kva:
        raise needed(sheet.calculator, "transformers", "direct_motor_kva")
    # a share that is given is meant for units that are new; the dated rule only for those that are known to be
    since = _LONG_AGO if given.suspended_share is None else interval.first
    units = [_transformer(n, unit, since) for n, unit in enumerate(given.transformers)]
    if settings.suspended_charge_share and given.suspended_share is None and _may_be_new(given):
        sheet.warn("suspended_may_be_new", share=settings.suspended_charge_share)
    if not given.direct_motor_kva and not any(_is_in_place(unit, interval) for unit in units):
        raise BadInput(
            zh=f"{sheet.calculator}：结算期 {interval.first} 至 {interval.last} 没有一台变压器在位；"
            "请核对 period 和 installed_on、removed_on。",
            en=f"{sheet.calculator}: no transformer is in place from {interval.first} to {interval.last}; "
            "check period, installed_on and removed_on",
        )
    return [(day, kva_on(day, transformers=units, settings=settings) + given.direct_motor_kva) for day in days]


def _is_in_place(unit: Transformer, interval: Interval) -> bool:
    first, last = unit.installed_on or interval.first, unit.removed_on or interval.last
    return first <= interval.last and last >= interval.first


def _may_be_new(given: BasicCharge) -> bool:
    """Return whether a unit is suspended whose day of installation is not given."""
    return any(
        unit.installed_on is None and "suspended" in {unit.status, *(change.status for change in unit.changes)}
        for unit in given.transformers
    )


def _demand(sheet: Sheet, given: BasicCharge, settings: BillingSettings) -> Decimal:
    actual = _actual_demand(sheet, given)
    if given.mode == "actual_demand":
        return _decimal(actual)
    if given.contract_demand_kw is None:
        raise needed(sheet.calculator, "contract_demand_kw")
    contract = _contract(sheet, given)
    limit = term(settings.demand_over_ratio, Text("允许倍数", "permitted ratio"))
    allowed = sheet.figure("allowed_kw", "不加倍的最大需量", "demand before the excess", "kW", contract * limit)
    if actual.value > allowed.value:
        sheet.figure("excess_kw", "超出需量", "excess", "kW", actual - allowed)
    return billed_demand(mode=given.mode, actual_kw=_decimal(actual), contract_kw=_decimal(contract), settings=settings)


def _actual_demand(sheet: Sheet, given: BasicCharge) -> Term:
    """Return the measured demand [kW]: given as such, or the reading of the register × ct × pt."""
    if given.demand_reading is None:
        if given.ct != 1 or given.pt != 1:
            raise needed(sheet.calculator, "demand_reading (for ct / pt)")
        if given.actual_demand_kw is None:
            raise needed(sheet.calculator, "actual_demand_kw", "demand_reading + ct + pt")
        return sheet.given("actual_demand_kw")
    if given.actual_demand_kw is not None:
        raise only_one(sheet.calculator, "actual_demand_kw", "demand_reading")
    demand = sheet.given("demand_reading") * sheet.given("ct") * sheet.given("pt")
    return sheet.figure("actual_demand_kw", "实际最大需量", "measured demand", "kW", demand)


def _contract(sheet: Sheet, given: BasicCharge) -> Term:
    """Return the contract demand, not below its least share of the capacity."""
    contract = sheet.given("contract_demand_kw")
    if given.demand_floor_share is None:
        return contract
    if given.contract_kva is None:
        raise needed(sheet.calculator, "contract_kva (for demand_floor_share)")
    floor = sheet.given("contract_kva") * sheet.given("demand_floor_share")
    return sheet.figure("contract_kw", "计费合同需量", "contract demand charged", "kW", largest(contract, floor))


def _decimal(number: Term) -> Decimal:
    return Decimal(number.value.numerator) / Decimal(number.value.denominator)


def _is_discounted(sheet: Sheet, given: BasicCharge) -> bool:
    if given.month_kwh is None:
        return False
    if given.contract_kva is None:
        raise needed(sheet.calculator, "month_kwh + contract_kva")
    use = sheet.given("month_kwh") / sheet.given("contract_kva")
    found = sheet.figure("kwh_per_kva", "每 kVA 电量", "energy per kVA", "kWh", use)
    return given.mode != "capacity" and found.value >= sheet.given("discount_kwh_per_kva").value


@calculator(
    "basic_charge",
    group="bill",
    zh="基本（容、需量）电费",
    en="basic charge for capacity or demand",
    example={
        "period": "2026-09-01",
        "price_yuan_per_month": "26.3",
        "transformers": [{"kva": 630, "changes": [{"since": "2026-09-11", "status": "suspended"}]}, {"kva": 400}],
    },
)
def basic_charge_of_month(sheet: Sheet, given: BasicCharge) -> None:
    """基本电费 = 单价 × Σ 每日容量（需量）÷ 当月天数（或 30）；合同需量超 105% 部分加倍。

    Charge = price × Σ capacity or demand of each day ÷ days of the month (or 30); above 105 % of the contract twice.
    """
    first_of_month = given.period.replace(day=1)
    day = given.reading_day
    if day is not None and day > 28:
        day = None
    interval = interval_of(
        period=first_of_month, months=1, reading_day=day, opened_on=given.opened_on, closed_on=given.closed_on
    )
    if interval.days <= 0:
        raise BadInput(
            zh=f"{sheet.calculator}：opened_on、closed_on 与结算期 {interval.first} 起无重叠的日子；请核对日期。",
            en=f"{sheet.calculator}: opened_on and closed_on leave no day of the period; check the dates",
        )
    settings = _settings(given, interval.first)
    _cite(sheet, given, interval.first)
    sizes = _sizes(sheet, given, interval, settings)
    discount = _is_discounted(sheet, given)
    editions = _editions(sheet, given, interval)
    charge = basic_charge(
        days=[
            Day(
                on=on, mode=given.mode, size=size, edition=next(e for e in reversed(editions) if e.effective_from <= on)
            )
            for on, (_, size) in zip(days_between(interval.first, interval.last), sizes, strict=True)
        ],
        interval=interval,
        settings=settings,
        discount=discount,
        assumptions=Assumptions(line_places=given.amount_places),
    )
    _charge_lines(sheet, given, charge, discount=discount)


def _editions(sheet: Sheet, given: BasicCharge, interval: Interval) -> list[Edition]:
    """Return the prices of the period as the engine knows them, in order of their days."""
    capacity = given.mode == "capacity"
    stretches = price_stretches(sheet.calculator, interval.first, interval.last, given.later_prices)
    prices = [given.price_yuan_per_month, *(later.price_yuan_per_month for later in given.later_prices)]
    return [
        Edition(
            tariff_code="calc",
            effective_from=first,
            capacity_price=price if capacity else None,
            demand_price=None if capacity else price,
            demand_discount_factor=given.discount_factor,
        )
        for (first, _), price in zip(stretches, prices, strict=True)
    ]


def _charge_lines(sheet: Sheet, given: BasicCharge, charge: EngineCharge, *, discount: bool) -> None:
    """Write quantity × price of each price; with several, each is rounded and the charge is their sum, as on a bill."""
    capacity = given.mode == "capacity"
    unit = "kVA" if capacity else "kW"
    name, label = (
        ("billing_capacity_kva", Text("计费容量", "capacity charged"))
        if capacity
        else ("billing_demand_kw", Text("计费需量", "demand charged"))
    )
    prices = [
        sheet.given("price_yuan_per_month"),
        *(sheet.given("price_yuan_per_month", p) for p in given.later_prices),
    ]
    parts, amounts = [], []
    for number, (line, price) in enumerate(zip(charge.lines, prices, strict=True), start=1):
        months = _months(charge.steps, capacity, since=line.since, until=line.until)
        due = price * sheet.given("discount_factor") if discount else price
        if not given.later_prices:
            billed = sheet.figure(name, *label, unit, months)
            sheet.money("basic_charge_yuan", "基本电费", "basic charge", billed * due)
            return
        span = f"{line.since:%m-%d}–{line.until:%m-%d}"
        billed = sheet.figure(f"{name}_{number}", f"{label.zh} {span}", f"{label.en} {span}", unit, months)
        parts.append(billed)
        amounts.append(sheet.money(f"basic_{number}_yuan", f"基本电费 {span}", f"basic charge {span}", billed * due))
    sheet.figure(name, *label, unit, total(parts))
    sheet.money("basic_charge_yuan", "基本电费", "basic charge", total(amounts))


def _months(steps: Sequence[EngineStep], capacity: bool, *, since: date, until: date) -> Term:
    """Return Σ size × days ÷ divisor over the stretches of equal size at one price, as the engine found them."""
    parts = []
    for step in steps:
        values: Mapping[str, Any] = step.values
        if step.name not in {"capacity_days", "demand_days"} or not since <= values["since"] <= until:
            continue
        kind = Text("容量", "capacity") if capacity else Text("需量", "demand")
        span = f"{values['since']:%m-%d}–{values['until']:%m-%d}"
        days = term(values["days"], Text(f"{span} 天数", f"days {span}"))
        by = term(values["by"], Text("月天数", "days of the month"))
        parts.append(term(values["size"], kind) * days / by)
    return total(parts)
