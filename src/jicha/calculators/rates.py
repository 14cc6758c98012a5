"""Indicators: recovery of charges, reading and billing errors, revenue against natural growth."""

from __future__ import annotations

from typing import Annotated

from jicha.calculators.exact import Term
from jicha.calculators.inputs import Inputs, Number, Sum, about
from jicha.calculators.problems import needed
from jicha.calculators.registry import calculator
from jicha.calculators.sheet import Sheet
from jicha.errors import BadInput
from jicha.language import Text


def _rate(sheet: Sheet, name: str, zh: str, en: str, share: Term) -> None:
    if sheet.percent(name, zh, en, share).value > 100:
        sheet.warn("above_hundred", what=Text(zh, en))


def _refuse_part(sheet: Sheet, part: str, whole: str) -> None:
    """Refuse a part that is greater than what it is a part of."""
    found, of = sheet.given(part), sheet.given(whole)
    if found.value > of.value:
        raise BadInput(
            zh=f"{sheet.calculator}：{part}（{found.numbers}）是 {whole}（{of.numbers}）的一部分，不能更大；请核对。",
            en=f"{sheet.calculator}: {part} ({found.numbers}) is a part of {whole} ({of.numbers}) and cannot exceed "
            "it; check both",
        )


class Recovery(Inputs):
    """Receivable and received, in one unit of money; of them what belongs to earlier years."""

    receivable: Annotated[
        Number, about("累计应收（含以前年度结转）", "receivable (with what earlier years left)", "yuan", gt=0)
    ]
    received: Annotated[
        Number, about("累计实收（含收回以前年度）", "received (with what earlier years paid)", "yuan", ge=0)
    ]
    receivable_previous: Annotated[
        Number | None, about("其中以前年度应收", "of it receivable of earlier years", "yuan", ge=0)
    ] = None
    received_previous: Annotated[
        Number | None, about("其中收回以前年度", "of it received for earlier years", "yuan", ge=0)
    ] = None
    remitted: Annotated[
        Number | None, about("已上缴电费，给出则算上缴率", "remitted, gives the remittance rate", "yuan", ge=0)
    ] = None
    current_receivable: Annotated[Number | None, about("当期应收", "receivable issued in the period", "yuan", gt=0)] = (
        None
    )
    current_received: Annotated[
        Number | None, about("当期电费截止日实收", "received for it by the cut-off", "yuan", ge=0)
    ] = None


@calculator(
    "collection_rate",
    group="rate",
    zh="电费回收率",
    en="recovery of charges",
    example={"receivable": 1200000, "received": 1150000, "receivable_previous": 90000, "received_previous": 60000},
)
def collection_rate(sheet: Sheet, given: Recovery) -> None:
    """回收率 = 实收 ÷ 应收；本年 = 全部 − 以前年度。Received ÷ receivable; this year = all − earlier years."""
    _rate(
        sheet, "total_percent", "累计回收率", "recovery in total", sheet.given("received") / sheet.given("receivable")
    )
    if (given.receivable_previous is None) != (given.received_previous is None):
        raise needed(sheet.calculator, "receivable_previous + received_previous")
    if given.receivable_previous is not None:
        _refuse_part(sheet, "receivable_previous", "receivable")
        _refuse_part(sheet, "received_previous", "received")
        due, paid = sheet.given("receivable_previous"), sheet.given("received_previous")
        this_year = sheet.given("received") - paid, sheet.given("receivable") - due
        if this_year[1].value > 0:
            _rate(sheet, "this_year_percent", "本年度回收率", "recovery of this year", this_year[0] / this_year[1])
        if due.value > 0:
            _rate(sheet, "previous_percent", "以前年度回收率", "recovery of earlier years", paid / due)
    if (given.current_receivable is None) != (given.current_received is None):
        raise needed(sheet.calculator, "current_receivable + current_received")
    if given.current_receivable is not None:
        share = sheet.given("current_received") / sheet.given("current_receivable")
        _rate(sheet, "current_percent", "当期回收率", "recovery of the period", share)
    if given.remitted is not None:
        share = sheet.given("remitted") / sheet.given("received")
        _rate(sheet, "remitted_percent", "电费上缴率", "remittance rate", share)


class ReadingErrors(Inputs):
    """Counts of a reading round, or amounts of a billing period; give what is wanted."""

    should_read: Annotated[Number | None, about("应抄户数", "meters to be read", "count", gt=0)] = None
    read: Annotated[Number | None, about("实抄户数", "meters read", "count", gt=0)] = None
    estimated: Annotated[Number | None, about("估抄户数", "meters estimated", "count", ge=0)] = None
    wrong: Annotated[Number | None, about("差错户数", "wrong readings", "count", ge=0)] = None
    wrong_yuan: Annotated[Sum | None, about("差错金额（可为列表）", "wrong amount (or a list)", "yuan", ge=0)] = None
    receivable_yuan: Annotated[Number | None, about("应收电费总额", "receivable in total", "yuan", gt=0)] = None


@calculator(
    "error_rates",
    group="rate",
    zh="实抄率、估抄率、差错率",
    en="reading, estimate and error rates",
    example={
        "should_read": 5000,
        "read": 4985,
        "estimated": 12,
        "wrong": 3,
        "wrong_yuan": "1250.50",
        "receivable_yuan": 2100000,
    },
)
def error_rates(sheet: Sheet, given: ReadingErrors) -> None:
    """实抄率 = 实抄 ÷ 应抄；差错率 = 差错户数 ÷ 实抄，差错金额 ÷ 应收。

    Read ÷ to be read; wrong ÷ read, wrong amount ÷ receivable.
    """
    if given.read is not None and given.should_read is not None:
        _rate(sheet, "read_percent", "实抄率", "reading rate", sheet.given("read") / sheet.given("should_read"))
    if given.estimated is not None and given.should_read is not None:
        _rate(
            sheet, "estimated_percent", "估抄率", "estimate rate", sheet.given("estimated") / sheet.given("should_read")
        )
    base = "read" if given.read is not None else "should_read"
    if given.wrong is not None and getattr(given, base) is not None:
        _rate(sheet, "wrong_percent", "抄表差错率", "reading error rate", sheet.given("wrong") / sheet.given(base))
        sheet.percent(
            "accuracy_percent", "抄表正确率", "reading accuracy", 1 - sheet.given("wrong") / sheet.given(base)
        )
    if given.wrong_yuan is not None and given.receivable_yuan is not None:
        _rate(
            sheet,
            "wrong_amount_percent",
            "电费差错率",
            "billing error rate",
            sheet.given("wrong_yuan") / sheet.given("receivable_yuan"),
        )
    if not sheet.values:
        raise needed(sheet.calculator, "should_read + read", "read + wrong", "wrong_yuan + receivable_yuan")


class Growth(Inputs):
    """Energy and price before and after a measure, and what would have grown by itself."""

    energy_before_kwh: Annotated[Number, about("措施前电量", "energy before", "kWh", ge=0)]
    price_before: Annotated[Number, about("措施前均价", "mean price before", "yuan/kWh", ge=0)]
    energy_after_kwh: Annotated[Number, about("措施后电量", "energy after", "kWh", ge=0)]
    price_after: Annotated[Number, about("措施后均价", "mean price after", "yuan/kWh", ge=0)]
    growth_percent: Annotated[
        Number, about("自然增长率", "natural growth", "%", gt=-100, negative=("自然下降", "it would have fallen"))
    ]


@calculator(
    "revenue_growth",
    group="rate",
    zh="措施增收（扣除自然增长）",
    en="revenue gained beyond natural growth",
    example={
        "energy_before_kwh": 500000,
        "price_before": "0.6",
        "energy_after_kwh": 580000,
        "price_after": "0.58",
        "growth_percent": 5,
    },
)
def revenue_growth(sheet: Sheet, given: Growth) -> None:
    """增收 = 措施后收入 − 按自然增长的收入。Gain = revenue after − revenue by natural growth."""
    del given
    grown = sheet.given("energy_before_kwh") * (1 + sheet.given("growth_percent") / 100) * sheet.given("price_before")
    without = sheet.money("without_yuan", "无措施收入", "revenue without the measure", grown)
    after = sheet.money(
        "with_yuan",
        "措施后收入",
        "revenue with the measure",
        sheet.given("energy_after_kwh") * sheet.given("price_after"),
    )
    sheet.money("gain_yuan", "增收", "gain", after - without)
