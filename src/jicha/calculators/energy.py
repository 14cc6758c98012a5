"""Energy from readings, time-of-use charges, and residential tiers.

The shares of the tiers are those of the billing engine (`jicha.billing.tiers`).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from jicha.billing.facts import Tier as EngineTier
from jicha.billing.tiers import tier_shares
from jicha.calculators.exact import Term, term, total
from jicha.calculators.inputs import Count, Inputs, Number, Part, Ratio, about
from jicha.calculators.pricing import Name, Prices, band_energies, band_price
from jicha.calculators.problems import needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text

_SUBTRACT = (
    "分表扣减请写正数并加 subtract: true；表计倒走请用 metering_correction",
    "a sub-meter to take off is written as positive with subtract: true; for a meter that ran backwards use "
    "metering_correction",
)


class Register(Part):
    """One register: two readings, or their difference, and its transformers."""

    name: Annotated[Name, about("名称，用于结果项名", "name, used in the names of results")]
    previous: Annotated[Number | None, about("上次示数", "previous reading", "kWh", ge=0)] = None
    current: Annotated[Number | None, about("本次示数", "present reading", "kWh", ge=0)] = None
    difference: Annotated[
        Number | None, about("示数差，代替两次示数", "difference, instead of readings", "kWh", ge=0, remedy=_SUBTRACT)
    ] = None
    digits: Annotated[
        Count | None,
        about("示数整数位数，本次小于上次时按翻转", "digits before the point, for a roll-over", ge=1, le=10),
    ] = None
    ct: Annotated[Ratio, about("电流互感器变比", "ratio of the current transformer")] = Fraction(1)
    pt: Annotated[Ratio, about("电压互感器变比", "ratio of the voltage transformer")] = Fraction(1)
    multiplier: Annotated[Ratio | None, about("倍率，代替 ct 和 pt", "multiplier, instead of ct and pt")] = None
    subtract: Annotated[bool, about("从合计中扣减（分表）", "taken off the sum (sub-meter)")] = False


class Readings(Inputs):
    """Registers whose energies are summed."""

    registers: Annotated[tuple[Register, ...], about("各表", "the registers", min_length=1, max_length=100)]
    price_yuan_per_kwh: Annotated[Number | None, about("电价", "price", "yuan/kWh", ge=0)] = None


def _difference(sheet: Sheet, register: Register) -> Term:
    if register.difference is not None:
        if register.previous is not None or register.current is not None:
            raise only_one(sheet.calculator, "difference", "previous + current")
        return sheet.given("difference", register)
    if register.previous is None or register.current is None:
        raise needed(sheet.calculator, f"registers.{register.name}.previous + current", "difference")
    found = sheet.given("current", register) - sheet.given("previous", register)
    if found.value >= 0:
        return found
    if register.digits is not None and register.previous >= 10**register.digits:
        raise BadInput(
            zh=f"{sheet.calculator}：{register.name} 的示数 {register.previous} 超出 {register.digits} 位整数的计度器；"
            "请核对 digits 和示数。",
            en=f"{sheet.calculator}: {register.name}: the reading {register.previous} does not fit a register of "
            f"{register.digits} digits; check `digits` and the reading",
        )
    if register.digits is None:
        raise BadInput(
            zh=f"{sheet.calculator}：{register.name} 本次示数 current 小于上次 previous；"
            "表计翻转请给 digits，否则请核对示数。",
            en=f"{sheet.calculator}: {register.name}: current is less than previous; "
            "give `digits` for a roll-over, or check",
        )
    whole = 10**register.digits
    if 2 * (found.value + whole) > whole:
        sheet.warn("rolled_over_far", name=register.name)
    return found + term(whole, Text("翻转", "roll-over"))


@calculator(
    "energy_from_readings",
    group="bill",
    zh="抄表电量（倍率）",
    en="energy from readings and transformer ratios",
    example={
        "registers": [{"name": "total", "previous": "1520.6", "current": "1633.2", "ct": "150/5"}],
        "price_yuan_per_kwh": "0.735686",
    },
)
def energy_from_readings(sheet: Sheet, given: Readings) -> None:
    """电量 = (本次 − 上次) × CT × PT，各表相加。Energy = (present − previous) × CT × PT, summed."""
    parts: list[Term] = []
    for register in given.registers:
        ratio = term(register.ct * register.pt, Text("倍率", "multiplier"))
        if register.multiplier is not None:
            if ratio.value != 1:
                raise only_one(sheet.calculator, f"registers.{register.name}.multiplier", "ct / pt")
            ratio = sheet.given("multiplier", register)
        elif ratio.value != 1:
            product = sheet.given("ct", register) * sheet.given("pt", register)
            name = f"{register.name}_multiplier"
            ratio = sheet.figure(name, f"{register.name} 倍率", f"multiplier of {register.name}", "factor", product)
        energy = _difference(sheet, register)
        if ratio.value != 1:
            energy = energy * ratio
        found = sheet.energy(f"{register.name}_kwh", f"{register.name} 电量", f"energy of {register.name}", energy)
        parts.append(-found if register.subtract else found)
    whole = sheet.energy("kwh", "合计电量", "energy in total", total(parts))
    if whole.value < 0:
        raise BadInput(
            zh=f"{sheet.calculator}：扣减的分表电量大于总表，合计为 {whole.numbers} kWh；"
            "请核对示数、倍率和总分关系（同一抄表日）。",
            en=f"{sheet.calculator}: the meters taken off recorded more than the others, the sum is {whole.numbers} "
            "kWh; check readings, multipliers, and whether they hang behind the main meter and were read on one day",
        )
    if given.price_yuan_per_kwh is not None:
        sheet.money("fee_yuan", "电费", "charge", whole * sheet.given("price_yuan_per_kwh"))


class TimeOfUse(Inputs, Prices):
    """Bands with their energy and price; without time of use all would cost `price_yuan_per_kwh`."""

    total_kwh: Annotated[
        Number | None, about("总电量，一个时段可取其余", "total energy, one band may be the rest", "kWh", ge=0)
    ] = None
    single_price_yuan_per_kwh: Annotated[
        Number | None,
        about(
            "不分时电价，缺省同 price_yuan_per_kwh",
            "price without time of use, default the base price",
            "yuan/kWh",
            ge=0,
        ),
    ] = None


@calculator(
    "tou_charge",
    group="bill",
    zh="分时电费与不分时比较",
    en="time-of-use charge against a single price",
    example={
        "price_yuan_per_kwh": "0.651886",
        "total_kwh": 40000,
        "bands": [
            {"name": "peak", "kwh": 12000, "price_yuan_per_kwh": "0.848961"},
            {"name": "valley", "kwh": 16000, "price_ratio": "0.45"},
            {"name": "flat", "price_ratio": 1},
        ],
    },
)
def tou_charge(sheet: Sheet, given: TimeOfUse) -> None:
    """分时电费 = Σ 时段电量 × 时段电价（各自舍入）；节省 = 不分时 − 分时。

    Σ energy × price of each band; saved = single price − bands.
    """
    if given.bands is None:
        raise needed(sheet.calculator, "bands")
    whole = None if given.total_kwh is None else sheet.given("total_kwh")
    energies, fees = [], []
    for band, kwh in band_energies(sheet, given, whole):
        energies.append(kwh)
        amount = kwh * band_price(sheet, given, band)
        fees.append(sheet.money(f"{band.name}_fee_yuan", f"{band.name} 电费", f"charge of {band.name}", amount))
    fee = sheet.money("tou_fee_yuan", "分时电费", "time-of-use charge", total(fees))
    field = "single_price_yuan_per_kwh" if given.single_price_yuan_per_kwh is not None else "price_yuan_per_kwh"
    if getattr(given, field) is None:
        return
    energy = sheet.energy("total_kwh", "总电量", "energy in total", whole or total(energies))
    single = sheet.money("single_fee_yuan", "不分时电费", "charge at the single price", energy * sheet.given(field))
    saved = sheet.money("saving_yuan", "节省（负为多付）", "saved (negative: more)", single - fee)
    if single.value:
        sheet.percent("saving_percent", "节省比例", "share saved", saved / single)


class Step(Part):
    """One tier: its upper limit per month of the cycle, and its price or what it adds to the base price."""

    upper_kwh: Annotated[Number | None, about("上限，null 为以上", "upper limit, null: open", "kWh", gt=0)] = None
    price_yuan_per_kwh: Annotated[Number | None, about("该档电价", "price of the tier", "yuan/kWh", ge=0)] = None
    add_yuan_per_kwh: Annotated[
        Number | None,
        about(
            "该档加价（基础价另计）",
            "what the tier adds to the base price",
            "yuan/kWh",
            negative=("该档低于基础价", "the tier is below the base price"),
        ),
    ] = None


class Tiered(Inputs, Prices):
    """Energy against tiers; bands or a base price on top where the tiers only add."""

    kwh: Annotated[
        Number | None, about("本期电量；有 bands 时为其和", "energy of the bill; with bands their sum", "kWh", ge=0)
    ] = None
    used_before_kwh: Annotated[Number, about("周期内此前已用电量", "energy used before in the cycle", "kWh", ge=0)] = (
        Decimal(0)
    )
    used_after_kwh: Annotated[
        Number | None, about("周期内累计电量，代替 kwh", "cumulated energy, instead of kwh", "kWh", ge=0)
    ] = None
    tiers: Annotated[tuple[Step, ...], about("各档，由低到高", "the tiers, lowest first", min_length=1, max_length=20)]
    months: Annotated[
        Number,
        about(
            "上限乘以的月数（两月合抄为 2，年上限为 1）",
            "months the limits are multiplied by (two-month cycle 2)",
            "months",
            gt=0,
        ),
    ] = Decimal(1)
    extra_persons: Annotated[Count, about("多于基数的人口", "persons beyond the basis", ge=0, le=100)] = 0
    extra_person_kwh: Annotated[
        Number, about("每人每月（或每年）增加的上限", "what each adds to the limits", "kWh", ge=0)
    ] = Decimal(0)
    free_kwh: Annotated[
        Number, about("免费电量（第一档价）", "free energy (at the price of the first tier)", "kWh", ge=0)
    ] = Decimal(0)
    rounding: Annotated[Literal["each", "sum"], about("逐档舍入或合计后舍入", "rounded per tier, or as a sum")] = "each"


def _tier_energy(sheet: Sheet, given: Tiered) -> Term:
    if given.used_after_kwh is not None:
        if given.kwh is not None or given.bands is not None:
            raise only_one(sheet.calculator, "used_after_kwh", "kwh / bands")
        if given.used_after_kwh < given.used_before_kwh:
            raise BadInput(
                zh=f"{sheet.calculator}：used_after_kwh 小于 used_before_kwh；请核对周期内累计电量。",
                en=f"{sheet.calculator}: used_after_kwh is below used_before_kwh; check the cumulated energies",
            )
        return sheet.energy(
            "kwh", "本期电量", "energy of the bill", sheet.given("used_after_kwh") - sheet.given("used_before_kwh")
        )
    if given.bands is not None:
        whole = None if given.kwh is None else sheet.given("kwh")
        return sheet.energy(
            "kwh", "本期电量", "energy of the bill", total([kwh for _, kwh in band_energies(sheet, given, whole)])
        )
    if given.kwh is None:
        raise needed(sheet.calculator, "kwh", "used_before_kwh + used_after_kwh", "bands")
    return sheet.energy("kwh", "本期电量", "energy of the bill", sheet.given("kwh"))


def _uppers(sheet: Sheet, given: Tiered) -> list[Decimal | None]:
    """Return the limits in the cycle; they must rise, and only the last may be open."""
    uppers: list[Decimal | None] = []
    for tier in given.tiers:
        limit = tier.upper_kwh
        uppers.append(None if limit is None else (limit + given.extra_persons * given.extra_person_kwh) * given.months)
    limits = [u for u in uppers if u is not None]
    if None in uppers[:-1] or limits != sorted(set(limits)):
        raise BadInput(
            zh=f"{sheet.calculator}：tiers 的 upper_kwh 应由低到高，只有最后一档可为 null。",
            en=f"{sheet.calculator}: upper_kwh of the tiers must rise, only the last may be null",
        )
    return uppers


@calculator(
    "tiered_charge",
    group="bill",
    zh="居民阶梯电费",
    en="residential tiers",
    example={
        "used_before_kwh": 2600,
        "kwh": 420,
        "price_yuan_per_kwh": "0.538",
        "tiers": [
            {"upper_kwh": 2760, "add_yuan_per_kwh": 0},
            {"upper_kwh": 4800, "add_yuan_per_kwh": "0.05"},
            {"add_yuan_per_kwh": "0.3"},
        ],
    },
)
def tiered_charge(sheet: Sheet, given: Tiered) -> None:
    """按周期累计电量分档；档价，或基础价（可分时）加各档加价。

    Energy of the cycle by tiers; prices of tiers, or a base price plus what tiers add.
    """
    energy, uppers = _tier_energy(sheet, given), _uppers(sheet, given)
    amounts = _base(sheet, given, energy)
    tiers = [EngineTier(tier=n, upper_kwh=u, cycle=None, price_add=None) for n, u in enumerate(uppers, start=1)]
    billed = Decimal(energy.value.numerator) / Decimal(energy.value.denominator)
    shares = tier_shares(tiers=tiers, uppers=uppers, used_kwh=given.used_before_kwh, billed_kwh=billed)
    if sum((share.kwh for share in shares), Decimal(0)) != billed:
        raise BadInput(
            zh=f"{sheet.calculator}：电量超出最高一档的上限，请补上一档（upper_kwh 为 null）。",
            en=f"{sheet.calculator}: the energy exceeds the highest tier; add one with upper_kwh null",
        )
    for number, (share, step) in enumerate(zip(shares, given.tiers, strict=True), start=1):
        part = sheet.energy(f"tier{number}_kwh", f"第 {number} 档电量", f"energy in tier {number}", term(share.kwh))
        amounts.append(_tier_amount(sheet, given, step, part, number))
    if given.free_kwh:
        amounts.append(_free(sheet, given, energy))
    sheet.money("total_yuan", "电费合计", "charge in total", total([a for a in amounts if a is not None]))


def _base(sheet: Sheet, given: Tiered, energy: Term) -> list[Term | None]:
    """Return the charges at the base price or by band, where tiers only add."""
    if all(step.price_yuan_per_kwh is not None for step in given.tiers):
        return []
    if given.bands is not None:
        found = []
        whole = None if given.kwh is None else sheet.given("kwh")
        for band, kwh in band_energies(sheet, given, whole):
            amount = kwh * band_price(sheet, given, band)
            found.append(
                _amount(
                    sheet, given, f"{band.name}_fee_yuan", Text(f"{band.name} 电费", f"charge of {band.name}"), amount
                )
            )
        return list(found)
    if given.price_yuan_per_kwh is None:
        raise needed(sheet.calculator, "price_yuan_per_kwh", "bands", "tiers.price_yuan_per_kwh")
    amount = energy * sheet.given("price_yuan_per_kwh")
    return [_amount(sheet, given, "base_yuan", Text("基础电费", "charge at the base price"), amount)]


def _amount(sheet: Sheet, given: Tiered, name: str, label: Text, formula: Term) -> Term:
    found = sheet.money(name, *label, formula)
    return found.before_rounding() if given.rounding == "sum" else found


def _tier_amount(sheet: Sheet, given: Tiered, step: Step, part: Term, number: int) -> Term:
    if (step.price_yuan_per_kwh is None) == (step.add_yuan_per_kwh is None):
        raise needed(sheet.calculator, f"tiers.{number - 1}.price_yuan_per_kwh", f"tiers.{number - 1}.add_yuan_per_kwh")
    field = "price_yuan_per_kwh" if step.add_yuan_per_kwh is None else "add_yuan_per_kwh"
    label = Text(f"第 {number} 档电费", f"charge of tier {number}")
    return _amount(sheet, given, f"tier{number}_yuan", label, part * sheet.given(field, step))


def _free(sheet: Sheet, given: Tiered, energy: Term) -> Term:
    first = given.tiers[0]
    if first.price_yuan_per_kwh is not None:
        price = sheet.given("price_yuan_per_kwh", first)
    elif given.price_yuan_per_kwh is not None:
        price = sheet.given("price_yuan_per_kwh")
    else:
        raise needed(sheet.calculator, "price_yuan_per_kwh (for free_kwh)")
    free = sheet.given("free_kwh") if given.free_kwh < energy.value else energy
    return _amount(sheet, given, "free_yuan", Text("免费电量抵扣", "free allowance"), -(free * price))
