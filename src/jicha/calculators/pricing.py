"""Energy at a price, or by time-of-use band each at its own."""

from __future__ import annotations

import functools
import operator
from typing import Annotated

from pydantic import Field

from jicha.calculators.exact import Term
from jicha.calculators.inputs import Number, Part, about
from jicha.calculators.problems import needed, only_one
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text

Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^\w+$")]


class Band(Part):
    """One time-of-use band: its energy or share (one may leave it out: the rest), its price or ratio to the base."""

    name: Annotated[Name, about("时段名，如 peak", "name of the band, e.g. peak")]
    kwh: Annotated[
        Number | None, about("该时段电量，缺省为其余", "energy of the band, default the rest", "kWh", ge=0)
    ] = None
    share_percent: Annotated[
        Number | None,
        about("占总电量的百分数，代替 kwh", "percent of the total energy, instead of kwh", "%", ge=0, le=100),
    ] = None
    price_yuan_per_kwh: Annotated[Number | None, about("该时段电价", "price of the band", "yuan/kWh", ge=0)] = None
    price_ratio: Annotated[
        Number | None, about("与 price_yuan_per_kwh（平段）之比", "ratio to the base price", "factor", ge=0)
    ] = None


class Prices(Part):
    """One price, or bands."""

    price_yuan_per_kwh: Annotated[
        Number | None, about("电价（有时段比例时为平段价）", "price (base of the ratios of bands)", "yuan/kWh", ge=0)
    ] = None
    bands: Annotated[list[Band] | None, about("分时段", "time-of-use bands", min_length=1, max_length=12)] = None


def band_price(sheet: Sheet, given: Prices, band: Band) -> Term:
    """Return the price of a band; its own, or base price × ratio."""
    name = Text(f"{band.name} 电价", f"price of {band.name}")
    if (band.price_yuan_per_kwh is None) == (band.price_ratio is None):
        raise needed(sheet.calculator, f"bands.{band.name}.price_yuan_per_kwh", f"bands.{band.name}.price_ratio")
    if band.price_yuan_per_kwh is not None:
        return sheet.given("price_yuan_per_kwh", band, name)
    if given.price_yuan_per_kwh is None:
        raise needed(sheet.calculator, "price_yuan_per_kwh (for price_ratio)")
    return sheet.given("price_yuan_per_kwh", given) * sheet.given("price_ratio", band, Text("时段系数", "band ratio"))


def _is_known(band: Band) -> bool:
    return band.kwh is not None or band.share_percent is not None


def _known(sheet: Sheet, band: Band, whole: Term | None) -> Term:
    """Return the energy of a band that was given, or its share of the whole, rounded as an energy."""
    label = Text(f"{band.name} 电量", f"energy of {band.name}")
    if band.share_percent is None:
        return sheet.given("kwh", band, label)
    if band.kwh is not None:
        raise only_one(sheet.calculator, f"bands.{band.name}.kwh", f"bands.{band.name}.share_percent")
    if whole is None:
        raise needed(sheet.calculator, "total_kwh / kwh / recorded_kwh (for bands.share_percent)")
    share = sheet.given("share_percent", band, Text(f"{band.name} 占比", f"share of {band.name}"))
    return sheet.energy(f"{band.name}_kwh", *label, whole * share / 100)


def band_energies(sheet: Sheet, given: Prices, whole: Term | None) -> list[tuple[Band, Term]]:
    """Return the bands with their energy; at most one may be the rest of `whole`, which they must sum to."""
    bands = given.bands or []
    names = [band.name for band in bands]
    if len(set(names)) != len(names):
        raise BadInput(
            zh=f"{sheet.calculator}：bands 的 name 重复：{', '.join(names)}，请改为各不相同。",
            en=f"{sheet.calculator}: names of bands are repeated: {', '.join(names)}; make them differ",
        )
    known = [_known(sheet, b, whole) for b in bands if _is_known(b)]
    if len(known) < len(bands) - 1 or (len(known) < len(bands) and whole is None):
        raise BadInput(
            zh=f"{sheet.calculator}：bands 中最多一个时段可以不给 kwh 或 share_percent，"
            "且须给出总电量（total_kwh、kwh 或 recorded_kwh）。",
            en=f"{sheet.calculator}: at most one of bands may leave out kwh and share_percent, and the total "
            "energy (total_kwh, kwh or recorded_kwh) must be given then",
        )
    exact = sum(t.before_rounding().value for t in known)  # shares are rounded as energies, their sum is not judged
    if whole is not None and len(known) == len(bands) and exact != whole.value:
        raise BadInput(
            zh=f"{sheet.calculator}：bands 各时段 kwh 之和与总电量不符；请更正，或让一个时段不给 kwh（取其余）。",
            en=f"{sheet.calculator}: the bands do not sum to the total energy; correct them, or leave kwh out of one",
        )
    found, rest = iter(known), whole
    result = []
    for band in bands:
        if _is_known(band):
            result.append((band, next(found)))
        elif rest is not None:
            left = functools.reduce(operator.sub, known, rest)
            if left.value < 0 <= rest.value:
                raise BadInput(
                    zh=f"{sheet.calculator}：bands 已给的 kwh 之和大于总电量，其余时段 {band.name} 成为负数；请更正。",
                    en=f"{sheet.calculator}: kwh of the bands come to more than the total energy, "
                    f"the rest for {band.name} is negative; correct them",
                )
            result.append((band, sheet.energy(f"{band.name}_kwh", f"{band.name} 电量", f"energy of {band.name}", left)))
    return result


def priced(
    sheet: Sheet, given: Prices, energy: Term, *, prefix: str = "fee", zh: str = "电费", en: str = "charge"
) -> Term | None:
    """Return the charge of an energy at the one price; None where no price was given."""
    if given.bands is not None:
        raise only_one(sheet.calculator, "bands", "price_yuan_per_kwh")
    if given.price_yuan_per_kwh is None:
        return None
    return sheet.money(f"{prefix}_yuan", zh, en, energy * sheet.given("price_yuan_per_kwh", given))


def signed(sheet: Sheet, amount: Term) -> None:
    """Say that a negative amount goes back to the customer."""
    if amount.value < 0:
        sheet.warn("refund")
