"""A whole bill of one point: energy by band, losses, allocated parts, basic charge, power factor and funds.

The order is that of the supply rules: readings × multiplier, losses and parts of fixed quantity or share at the band
that carries them, charges, adjustment of basic and energy charge (without funds and allocated parts), funds.
A bill from delivered data is recomputed by the billing engine (`jicha bill explain`); this is the sum on one sheet.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from jicha.calculators.exact import Term, root, term, total
from jicha.calculators.inputs import Inputs, Number, Part, Ratio, about
from jicha.calculators.power_factor import STANDARD, table_percent
from jicha.calculators.pricing import Name, Prices, band_price
from jicha.calculators.problems import needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text


class AllocatedPart(Part):
    """Energy of another class behind the same meter, of an agreed quantity or share."""

    name: Annotated[Name, about("名称，用于结果项名", "name, used in the names of results")]
    kwh: Annotated[Number | None, about("定量", "agreed energy", "kWh", ge=0)] = None
    share_percent: Annotated[
        Number | None, about("定比，占总电量（含损耗）", "agreed share of the total with losses", "%", ge=0, le=100)
    ] = None
    price_yuan_per_kwh: Annotated[Number, about("电价", "price", "yuan/kWh", ge=0)]


class BillFund(Part):
    """A fund or surcharge per kWh, outside the base of the power-factor adjustment."""

    name: Annotated[Name, about("名称，用于结果项名", "name, used in the names of results")]
    price_yuan_per_kwh: Annotated[Number, about("单价", "price", "yuan/kWh", ge=0)]


class WholeBill(Inputs, Prices):
    """Energies of a month, file and prices."""

    active_kwh: Annotated[
        Number | None,
        about(
            "有功总电量；给 multiplier 时为示数差",
            "active energy; differences of readings with a multiplier",
            "kWh",
            ge=0,
        ),
    ] = None
    reactive_kvarh: Annotated[
        Number | None, about("无功电量（正反向绝对值之和）", "reactive energy (sum of both directions)", "kvarh", ge=0)
    ] = None
    multiplier: Annotated[
        Ratio, about("倍率，乘有功、无功和各时段电量", "multiplier of active, reactive and band energies")
    ] = Fraction(1)
    active_loss_kwh: Annotated[Number, about("有功变损、线损", "active losses", "kWh", ge=0)] = Decimal(0)
    reactive_loss_kvarh: Annotated[Number, about("无功变损、线损", "reactive losses", "kvarh", ge=0)] = Decimal(0)
    rest_band: Annotated[
        Name | None,
        about(
            "承担损耗和定量定比的时段，缺省为取其余的时段或 flat",
            "band that bears losses and allocated parts, default the rest or flat",
        ),
    ] = None
    allocated: Annotated[
        tuple[AllocatedPart, ...],
        about("定量、定比用电（不参加力调）", "parts of fixed quantity or share (not adjusted)", max_length=20),
    ] = ()
    basic_quantity: Annotated[
        Number | None, about("计费容量（kVA）或需量（kW）", "capacity (kVA) or demand (kW) charged", "kVA", ge=0)
    ] = None
    basic_price: Annotated[
        Number | None, about("容（需）量电价", "price per kVA or kW and month", "yuan/kVA·month", ge=0)
    ] = None
    basic_yuan: Annotated[Number | None, about("基本电费，已知时直接给", "basic charge, where known", "yuan", ge=0)] = (
        None
    )
    standard: Annotated[Number | None, STANDARD] = None
    adjustment_percent: Annotated[
        Number | None,
        about("调整率，代替查表", "adjustment, instead of the table", "%", gt=-100, negative=("减收", "a reduction")),
    ] = None
    funds: Annotated[
        tuple[BillFund, ...],
        about("基金及附加，按全部电量，各自舍入", "funds on all energy, each rounded", max_length=20),
    ] = ()
    other_yuan: Annotated[
        Number | None, about("其他费用", "other charges", "yuan", negative=("退费、减免", "refunded or waived"))
    ] = None


_Energies = dict[str, Term]
_OWN_NAMES = frozenset({"active", "total", "own", "energy", "basic", "base", "pf", "average"})
"""Names that results of the bill itself begin with."""


def _metered(sheet: Sheet, name: str, label: Text, value: Decimal) -> Term:
    """Add a metered energy: the value, times the multiplier where there is one."""
    energy = term(value, label)
    multiplier = sheet.given("multiplier")
    if multiplier.value != 1:
        energy = energy * multiplier
    return sheet.energy(name, *label, energy, "kvarh" if name.endswith("kvarh") else "kWh")


def _check_names(sheet: Sheet, given: WholeBill) -> None:
    """Refuse names that would give two results one name."""
    names = [band.name for band in given.bands or []]
    names += [part.name for part in given.allocated] + [fund.name for fund in given.funds]
    doubled = sorted({name for name in names if names.count(name) > 1} | (set(names) & _OWN_NAMES))
    if doubled:
        raise BadInput(
            zh=f"{sheet.calculator}：bands、allocated、funds 的 name 重复或已有他用：{'、'.join(doubled)}；请改名。",
            en=f"{sheet.calculator}: names in bands, allocated and funds are repeated or taken: "
            f"{', '.join(doubled)}; change them",
        )


def _bands(sheet: Sheet, given: WholeBill) -> tuple[Term, _Energies, str | None]:
    """Return the metered energy, that of each band, and which band is the rest of the others."""
    bands = given.bands or []
    if any(band.share_percent is not None for band in bands):
        raise BadInput(
            zh=f"{sheet.calculator}：bands 的电量用 kwh 给出（一个时段可取其余），不用 share_percent。",
            en=f"{sheet.calculator}: the energy of bands is given by kwh (one may be the rest), not by share_percent",
        )
    open_bands = [band.name for band in bands if band.kwh is None]
    if len(open_bands) > 1 or (given.active_kwh is None and (open_bands or not bands)):
        raise needed(sheet.calculator, "active_kwh", "bands.kwh")
    known = {
        b.name: _metered(
            sheet, f"{b.name}_metered_kwh", Text(f"{b.name} 抄见电量", f"metered energy of {b.name}"), b.kwh
        )
        for b in bands
        if b.kwh is not None
    }
    if given.active_kwh is None:
        return sheet.energy("active_kwh", "抄见有功", "metered active energy", total(list(known.values()))), known, None
    active = _metered(sheet, "active_kwh", Text("抄见有功", "metered active energy"), given.active_kwh)
    if not bands:
        return active, {}, None
    left = active
    for energy in known.values():
        left = left - energy
    if left.value < 0 or (not open_bands and left.value != 0):
        raise BadInput(
            zh=f"{sheet.calculator}：bands 各时段 kwh 之和与 active_kwh 不符；请更正，或让一个时段不给 kwh（取其余）。",
            en=f"{sheet.calculator}: kwh of the bands do not sum to active_kwh; correct them, "
            "or leave kwh out of one (the rest)",
        )
    return active, known | dict.fromkeys(open_bands, left), open_bands[0] if open_bands else None


def _allocated(sheet: Sheet, given: WholeBill, whole: Term) -> list[tuple[AllocatedPart, Term]]:
    found = []
    for part in given.allocated:
        label = (f"{part.name} 电量", f"energy of {part.name}")
        if (part.kwh is None) == (part.share_percent is None):
            raise needed(sheet.calculator, f"allocated.{part.name}.kwh", f"allocated.{part.name}.share_percent")
        energy = sheet.given("kwh", part) if part.kwh is not None else whole * sheet.given("share_percent", part) / 100
        found.append((part, sheet.energy(f"{part.name}_kwh", *label, energy)))
    return found


def _rest_band(sheet: Sheet, given: WholeBill, names: list[str], open_band: str | None) -> str:
    chosen = given.rest_band or open_band or "flat"
    if chosen not in names:
        raise BadInput(
            zh=f"{sheet.calculator}：损耗和定量定比须由一个时段承担，没有时段 {chosen}"
            f"（现有 {'、'.join(names)}）；请给 rest_band。",
            en=f"{sheet.calculator}: losses and allocated parts need a band that bears them; there is no {chosen} "
            f"(bands: {', '.join(names)}); give rest_band",
        )
    return chosen


def _without(sheet: Sheet, energy: Term, parts: list[Term], what: str) -> Term:
    """Return an energy less the allocated parts; a negative rest is refused."""
    for part in parts:
        energy = energy - part
    if energy.value < 0:
        raise BadInput(
            zh=f"{sheet.calculator}：扣除定量定比后 {what} 电量为负；请核对 allocated 或 rest_band。",
            en=f"{sheet.calculator}: without the allocated parts the energy of {what} is negative; "
            "check `allocated` or rest_band",
        )
    return energy


def _single_charge(sheet: Sheet, given: WholeBill, whole: Term, parts: list[Term]) -> Term:
    """Add the charge of a point without bands."""
    if given.price_yuan_per_kwh is None:
        raise needed(sheet.calculator, "price_yuan_per_kwh", "bands")
    energy = whole
    if parts:
        rest = _without(sheet, whole, parts, "active_kwh")
        energy = sheet.energy("own_kwh", "其余电量", "energy without allocated parts", rest)
    return sheet.money("energy_yuan", "电度电费", "energy charge", energy * sheet.given("price_yuan_per_kwh"))


def _band_charges(sheet: Sheet, given: WholeBill, bands: _Energies, parts: list[Term], bearer: str | None) -> Term:
    """Add the charge of each band; the bearer has the losses on top and the allocated parts taken off."""
    fees = []
    for band in given.bands or []:
        energy = bands[band.name]
        if band.name == bearer:
            if given.active_loss_kwh:
                energy = energy + sheet.given("active_loss_kwh")
            energy = _without(sheet, energy, parts, band.name)
        energy = sheet.energy(f"{band.name}_kwh", f"{band.name} 计费电量", f"energy billed of {band.name}", energy)
        fee = energy * band_price(sheet, given, band)
        fees.append(sheet.money(f"{band.name}_yuan", f"{band.name} 电费", f"charge of {band.name}", fee))
    return sheet.money("energy_yuan", "电度电费", "energy charge", total(fees))


def _basic(sheet: Sheet, given: WholeBill) -> Term | None:
    if given.basic_yuan is not None:
        if given.basic_quantity is not None:
            raise only_one(sheet.calculator, "basic_yuan", "basic_quantity")
        return sheet.money("basic_yuan", "基本电费", "basic charge", sheet.given("basic_yuan"))
    if given.basic_quantity is None and given.basic_price is None:
        return None
    if given.basic_quantity is None or given.basic_price is None:
        raise needed(sheet.calculator, "basic_quantity + basic_price")
    charge = sheet.given("basic_quantity") * sheet.given("basic_price")
    return sheet.money("basic_yuan", "基本电费", "basic charge", charge)


def _adjustment(sheet: Sheet, given: WholeBill, whole: Term, base: Term) -> Term | None:
    """Add power factor and adjustment; None where neither standard nor percentage was given."""
    factor = None
    if given.reactive_kvarh is not None:
        reactive = _metered(sheet, "reactive_kvarh", Text("抄见无功", "metered reactive energy"), given.reactive_kvarh)
        if given.reactive_loss_kvarh:
            reactive = reactive + sheet.given("reactive_loss_kvarh")
        ratio = whole / root(whole * whole + reactive * reactive)
        factor = sheet.rounded("power_factor", "功率因数", "power factor", "factor", ratio, places=2)
    if given.adjustment_percent is not None:
        percent = sheet.given("adjustment_percent")
    elif given.standard is None:
        return None
    elif factor is None:
        raise needed(sheet.calculator, "reactive_kvarh", "adjustment_percent")
    else:
        percent = table_percent(sheet, given.standard, factor)
    return sheet.money("pf_yuan", "力调电费", "power-factor adjustment", base * percent / 100)


@calculator(
    "whole_bill",
    group="bill",
    zh="综合账单（两部制、分时、力调、定量定比、变损、基金）",
    en="whole bill: two-part, bands, power factor, allocated parts, losses, funds",
    example={
        "multiplier": 1000,
        "active_kwh": "120.5",
        "reactive_kvarh": "41.2",
        "price_yuan_per_kwh": "0.606686",
        "bands": [
            {"name": "peak", "kwh": 36, "price_ratio": "1.5"},
            {"name": "valley", "kwh": 48, "price_ratio": "0.45"},
            {"name": "flat", "price_ratio": 1},
        ],
        "allocated": [{"name": "office", "kwh": 1500, "price_yuan_per_kwh": "0.670486"}],
        "basic_quantity": 630,
        "basic_price": "26.3",
        "standard": "0.90",
        "funds": [{"name": "funds", "price_yuan_per_kwh": "0.0452"}],
    },
)
def whole_bill(sheet: Sheet, given: WholeBill) -> None:
    """电费 = 电度电费 + 基本电费 + 力调电费 + 定量定比电费 + 基金；力调基数为电度与基本电费，不含基金和定量定比。

    Energy + basic charge + adjustment + allocated parts + funds; the base of the adjustment is energy and basic charge.
    """
    _check_names(sheet, given)
    active, bands, open_band = _bands(sheet, given)
    whole = active
    if given.active_loss_kwh:
        with_loss = active + sheet.given("active_loss_kwh")
        whole = sheet.energy("total_kwh", "含损耗总电量", "energy in total with losses", with_loss)
    allocated = _allocated(sheet, given, whole)
    parts_kwh = [kwh for _, kwh in allocated]
    if bands:
        bears = bool(allocated or given.active_loss_kwh)
        bearer = _rest_band(sheet, given, list(bands), open_band) if bears else None
        energy = _band_charges(sheet, given, bands, parts_kwh, bearer)
    else:
        energy = _single_charge(sheet, given, whole, parts_kwh)
    basic = _basic(sheet, given)
    base = sheet.money("base_yuan", "力调基数", "base of the adjustment", energy if basic is None else energy + basic)
    adjustment = _adjustment(sheet, given, whole, base)
    parts = [base] if adjustment is None else [base, adjustment]
    for part, kwh in allocated:
        fee = kwh * sheet.given("price_yuan_per_kwh", part)
        parts.append(sheet.money(f"{part.name}_yuan", f"{part.name} 电费", f"charge of {part.name}", fee))
    for fund in given.funds:
        fee = whole * sheet.given("price_yuan_per_kwh", fund)
        parts.append(sheet.money(f"{fund.name}_yuan", fund.name, fund.name, fee))
    if given.other_yuan is not None:
        parts.append(sheet.given("other_yuan"))
    amount = sheet.money("total_yuan", "应交电费", "bill in total", total(parts))
    if whole.value:
        sheet.figure("average_yuan_per_kwh", "平均电价", "mean price", "yuan/kWh", amount / whole)
