"""The price of agency purchase (代理购电) from its parts: flat, by band, and for users at 1.5 times the purchase price.

flat = purchase + losses + transmission and distribution + system operation + funds; bands multiply only the parts that
float in the province; 1.5-times users pay the multiple on the purchase price alone. A published list comes first: this
composition checks it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from jicha.calculators.exact import Term, term, total
from jicha.calculators.inputs import Inputs, Number, Part, Places, about
from jicha.calculators.pricing import Name
from jicha.calculators.problems import exactly_one, needed, only_one
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput

Component = Literal["purchase", "loss", "transmission", "system", "funds"]


class BandRatio(Part):
    """One time-of-use band."""

    name: Annotated[Name, about("时段名，如 peak", "name of the band, e.g. peak")]
    ratio: Annotated[Number, about("与平段之比（1 + 上浮）", "ratio to flat (1 + what it floats)", "factor", ge=0)]
    kwh: Annotated[
        Number | None, about("该时段电量，给出则算电费", "energy of the band, gives its charge", "kWh", ge=0)
    ] = None


class AgencyPrice(Inputs):
    """The parts of the price."""

    purchase: Annotated[Number | None, about("代理购电价格", "agency purchase price", "yuan/kWh", ge=0)] = None
    average_purchase: Annotated[
        Number | None,
        about("当月平均购电价格，代替代理购电价格", "mean purchase price of the month, instead", "yuan/kWh", ge=0),
    ] = None
    deviation: Annotated[
        Number,
        about(
            "历史偏差电费折价",
            "deviation of earlier months per kWh",
            "yuan/kWh",
            negative=("前期多收，本月返还", "earlier months took too much, this one gives it back"),
        ),
    ] = Decimal(0)
    loss: Annotated[Number | None, about("上网环节线损费用折价", "losses upstream per kWh", "yuan/kWh", ge=0)] = None
    loss_percent: Annotated[
        Number | None,
        about(
            "线损率，代替线损折价：购电价 × 率 ÷ (1 − 率)",
            "loss rate, instead: purchase × rate ÷ (1 − rate)",
            "%",
            ge=0,
            lt=100,
        ),
    ] = None
    transmission: Annotated[Number, about("输配电价", "transmission and distribution", "yuan/kWh", ge=0)]
    system: Annotated[
        Number,
        about(
            "系统运行费折价",
            "system operation",
            "yuan/kWh",
            negative=("分摊的损益为返还", "the gains shared out exceed the costs"),
        ),
    ] = Decimal(0)
    funds: Annotated[Number, about("政府性基金及附加", "government funds", "yuan/kWh", ge=0)] = Decimal(0)
    purchase_multiple: Annotated[
        Number,
        about(
            "代理购电价格的倍数（1.5 倍用户为 1.5）",
            "multiple of the purchase price (1.5 for such users)",
            "times",
            ge=0,
        ),
    ] = Decimal(1)
    floating: Annotated[tuple[Component, ...], about("参加浮动的组成", "the parts that float", max_length=5)] = (
        "purchase",
    )
    bands: Annotated[tuple[BandRatio, ...], about("分时段", "time-of-use bands", max_length=12)] = ()
    kwh: Annotated[Number | None, about("平段或不分时电量，给出则算电费", "energy at the flat price", "kWh", ge=0)] = (
        None
    )
    price_places: Annotated[Places, about("电价小数位", "decimals of prices")] = 6


def _parts(sheet: Sheet, given: AgencyPrice) -> dict[str, Term]:
    if (given.purchase is None) == (given.average_purchase is None):
        raise exactly_one(sheet.calculator, given, "purchase", "average_purchase")
    if given.purchase is not None:
        if given.deviation:
            raise only_one(sheet.calculator, "purchase", "deviation (with average_purchase)")
        purchase = sheet.given("purchase")
    else:
        formula = sheet.given("average_purchase") + sheet.given("deviation")
        purchase = _price(sheet, given, "purchase", ("代理购电价格", "agency purchase price"), formula)
    if given.loss is not None and given.loss_percent is not None:
        raise only_one(sheet.calculator, "loss", "loss_percent")
    if given.loss_percent is not None:
        rate = sheet.given("loss_percent") / 100
        label = ("线损费用折价", "losses per kWh")
        loss = _price(sheet, given, "loss", label, purchase * rate / (1 - rate))
    else:
        loss = term(0) if given.loss is None else sheet.given("loss")
    rest = {name: sheet.given(name) for name in ("transmission", "system", "funds")}
    return {"purchase": purchase, "loss": loss} | rest


def _price(sheet: Sheet, given: AgencyPrice, name: str, label: tuple[str, str], formula: Term) -> Term:
    return sheet.rounded(name, *label, "yuan/kWh", formula, places=given.price_places)


@calculator(
    "agency_price",
    group="load",
    zh="代理购电价格组成与分时电价",
    en="agency purchase price by its parts and bands",
    example={
        "average_purchase": "0.388090",
        "deviation": "-0.003620",
        "loss": "0.013643",
        "transmission": "0.1263",
        "system": "0.082273",
        "funds": "0.0452",
        "floating": ["purchase", "loss"],
        "bands": [{"name": "sharp", "ratio": 2}, {"name": "valley", "ratio": "0.45"}],
    },
)
def agency_price(sheet: Sheet, given: AgencyPrice) -> None:
    """平段电价 = 代理购电 + 线损折价 + 输配 + 系统运行 + 基金；时段价 = 平段 + 浮动部分 × (比例 − 1)。

    Flat = purchase + losses + transmission + system + funds; a band adds the floating parts × (ratio − 1).
    """
    parts = _parts(sheet, given)
    names = [band.name for band in given.bands]
    if len(set(names)) != len(names) or "flat" in names:
        raise BadInput(
            zh=f"{sheet.calculator}：bands 的 name 应各不相同，且不为 flat（平段由 kwh 给出电量）。",
            en=f"{sheet.calculator}: names of bands must differ and not be flat (its energy is given by kwh)",
        )
    if given.purchase_multiple != 1:
        label = ("倍数后的购电价格", "purchase price with the multiple")
        formula = parts["purchase"] * sheet.given("purchase_multiple")
        parts["purchase"] = _price(sheet, given, "multiplied_purchase", label, formula)
    flat = _price(sheet, given, "flat_price", ("平段电价", "flat price"), total(list(parts.values())))
    fees = []
    if given.kwh is not None:
        fees.append(sheet.money("flat_yuan", "平段电费", "charge at the flat price", sheet.given("kwh") * flat))
    if given.bands and not given.floating:
        raise needed(sheet.calculator, "floating (for bands)")
    floating = total([parts[name] for name in dict.fromkeys(given.floating)]) if given.floating else term(0)
    for band in given.bands:
        formula = flat + floating * (sheet.given("ratio", band) - 1)
        label = (f"{band.name} 电价", f"price of {band.name}")
        price = _price(sheet, given, f"{band.name}_price", label, formula)
        if band.kwh is not None:
            fee = sheet.given("kwh", band) * price
            fees.append(sheet.money(f"{band.name}_yuan", f"{band.name} 电费", f"charge of {band.name}", fee))
    if fees:
        sheet.money("total_yuan", "电度电费", "energy charge", total(fees))
