"""The options that choose findings: the same for the list in the terminal and for the export."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, get_type_hints

import typer

from jicha.errors import BadInput
from jicha.findings.read import SUSPECTED, Filter

RunOption = Annotated[
    str | None, typer.Option("--run", help="运行编号，默认最近一次 run, default the latest", metavar="ID")
]
RuleOption = Annotated[list[str] | None, typer.Option("--rule", help="规则编码 rule, e.g. CF004", metavar="CODE")]
SpecialtyOption = Annotated[
    list[str] | None, typer.Option("--specialty", help="专业 specialty, e.g. CF", metavar="CODE")
]
SeverityOption = Annotated[list[str] | None, typer.Option("--severity", help="high, medium, low", metavar="LEVEL")]
StateOption = Annotated[
    list[str] | None,
    typer.Option("--state", help="new, open, recurred (默认 default); unjudged, cleared, expired, withdrawn, all"),
]
OrgOption = Annotated[str | None, typer.Option("--org", help="单位编码或名称，含下级 unit with all below it")]
CustomerOption = Annotated[str | None, typer.Option("--customer", help="用户编号 customer id", metavar="ID")]
SubjectOption = Annotated[str | None, typer.Option("--subject", help="对象编号 subject id", metavar="ID")]
PeriodOption = Annotated[str | None, typer.Option("--period", help="结算月 billing month", metavar="YYYY-MM")]
MinYuanOption = Annotated[str | None, typer.Option("--min-yuan", help="最低估算金额 least amount", metavar="N")]
TextOption = Annotated[str | None, typer.Option("--text", help="疑点、标识中的文字 text in reason or key")]
WhitelistedOption = Annotated[bool, typer.Option("--whitelisted", help="含白名单 include whitelisted ones")]
SortOption = Annotated[str, typer.Option("--sort", help="排序，降序加 - order, - for descending")]
UnmaskOption = Annotated[
    str | None,
    typer.Option("--unmask", help="不脱敏，写明理由，会被记录 show personal data; recorded", metavar="REASON"),
]


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError as error:
        raise BadInput(zh=f"--period {text} 应如 2026-09。", en=f"--period {text} should look like 2026-09") from error


def _yuan(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise BadInput(zh=f"--min-yuan {text} 不是数字。", en=f"--min-yuan {text} is not a number") from error
    if not value.is_finite():
        raise BadInput(zh=f"--min-yuan {text} 不是数字。", en=f"--min-yuan {text} is not a number")
    return value


def make_filter(
    *,
    rule: RuleOption = None,
    specialty: SpecialtyOption = None,
    severity: SeverityOption = None,
    state: StateOption = None,
    org: OrgOption = None,
    customer: CustomerOption = None,
    subject: SubjectOption = None,
    period: PeriodOption = None,
    min_yuan: MinYuanOption = None,
    text: TextOption = None,
    whitelisted: WhitelistedOption = False,
) -> Filter:
    """Turn the options into a filter."""
    states = SUSPECTED if not state else () if "all" in state else tuple(state)
    return Filter(
        rules=tuple(code.upper() for code in rule or ()),
        specialties=tuple(code.upper() for code in specialty or ()),
        severities=tuple(severity or ()),
        states=states,
        org=org,
        customer=customer,
        subject_id=subject,
        period=_month(period) if period else None,
        min_yuan=None if min_yuan is None else _yuan(min_yuan),
        text=text,
        whitelisted=whitelisted,
    )


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `make_filter` in place of its parameter `wanted`, which receives the filter."""
    options = _parameters(make_filter)
    parameters: list[inspect.Parameter] = []
    for parameter in _parameters(command):
        parameters += options if parameter.name == "wanted" else [parameter]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        chosen = {option.name: given.pop(option.name) for option in options}
        command(wanted=make_filter(**chosen), **given)

    signature = inspect.Signature(parameters)
    run.__signature__ = signature  # type: ignore[attr-defined] # what typer reads
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(function, include_extras=True)
    return [p.replace(annotation=hints[p.name]) for p in inspect.signature(function).parameters.values()]
