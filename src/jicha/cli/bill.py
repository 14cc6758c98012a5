"""`jicha bill explain`: one customer's bills of a month, recomputed and explained."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from jicha.billing.derivation import Line
from jicha.billing.explain import Explanation, explain
from jicha.billing.facts import Facts
from jicha.billing.gather import Gatherer
from jicha.billing.words import LineView, cause_text, view, word
from jicha.catalog.billing import read_settings
from jicha.catalog.mask import mask
from jicha.cli.bill_recompute import recompute_command
from jicha.cli.common import (
    DataArgument,
    LangOption,
    existing_folder,
    loaded,
    messages,
    now,
    output,
)
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.errors import BadInput
from jicha.findings.export import written_aside
from jicha.language import Language
from jicha.report.bill import Subject, build_bill_page, write_bill_workbook
from jicha.screening.inputs import latest_complete_period

_BAR = 40  # characters of the longest bar


class Format(StrEnum):
    """How an explanation is shown."""

    TERMINAL = "terminal"
    HTML = "html"
    XLSX = "xlsx"
    JSON = "json"


def explain_command(
    data: DataArgument,
    customer: Annotated[str, typer.Argument(help="用户编号 customer_id", metavar="CUSTOMER", show_default=False)],
    period: Annotated[
        str, typer.Argument(help="电费年月 billing month, 2026-09", metavar="PERIOD", show_default=False)
    ],
    *,
    point: Annotated[str | None, typer.Option("--point", help="只看该计量点 only this metering point")] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="输出形式，缺省按 --out 的后缀 how it is shown, default by --out")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="输出文件 file; html, xlsx", metavar="FILE")] = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="数据截止日期 what arose later is not seen")
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="运行输入文件夹 folder with billing.yaml", callback=existing_folder)
    ] = None,
    lang: LangOption = Language.ZH,
) -> None:
    """解释账单：逐行重算，指出差额及其原因 Recompute a bill line by line and name the cause of a difference."""
    month = _month(period)
    form = _format_of(out) if form is None else form
    if form is Format.TERMINAL and out is not None:
        raise BadInput(
            zh=f"无法写入 {out.name}：终端输出没有文件形式。请加 --format html、xlsx 或 json，或用这三种后缀。",
            en=f"nothing to write to {out.name}: the terminal form is no file; add --format html, xlsx or json, or use "
            "one of these endings",
        )
    if form in {Format.HTML, Format.XLSX} and out is None:
        raise BadInput(
            zh=f"--format {form.value} 需要 --out 文件名。", en=f"--format {form.value} needs --out with a file name"
        )
    day = as_of.date() if as_of else now().date()
    subject, found = explain_bills(data, customer, month, point=point, as_of=day, inputs=inputs)
    if form is Format.JSON:
        content = json.dumps(_record(subject, found, lang), ensure_ascii=False, indent=2, default=str)
        _write(out, content + "\n") if out else typer.echo(content)
    elif form is Format.HTML and out is not None:
        _write(out, build_bill_page(subject, found, lang))
    elif form is Format.XLSX and out is not None:
        with written_aside(out) as aside:
            write_bill_workbook(subject, found, aside, lang)
    else:
        for item in found:
            _print(subject, item, lang)
    if out is not None:
        messages.print(str(out), markup=False)


def _format_of(out: Path | None) -> Format:
    """The form that a file's ending asks for; the terminal where there is none."""
    ending = "" if out is None else out.suffix.lower().lstrip(".")
    return Format(ending) if ending in {form.value for form in Format} else Format.TERMINAL


def _write(path: Path, text: str) -> None:
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def _month(text: str) -> date:
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01").replace(day=1)
    except ValueError:
        raise BadInput(
            zh=f"电费年月 {text!r} 不合要求，应写作 2026-09。", en=f"{text!r} is no billing month; write 2026-09"
        ) from None


def explain_bills(
    data: Path, customer: str, period: date, *, point: str | None, as_of: date, inputs: Path | None = None
) -> tuple[Subject, list[Explanation]]:
    """Explain the bills of a customer and month in a data folder.

    as_of: rows that arose later are not seen. inputs: folder with billing.yaml; by default that of the data folder.
    BadInput names the nearest customers, months or points where there is no such one.
    """
    snapshot = loaded(data)
    with Session(StoredTables(snapshot), as_of=as_of, p0=latest_complete_period(as_of, 10)) as session:
        session.require(["organization", "customer", "bill", "bill_line"])
        parents = dict(session.connection.execute("SELECT org_id, parent_id FROM organization").fetchall())
        name = _customer_name(session, customer)
        _check_period(session, customer, period)
        gatherer = Gatherer(session, read_settings(inputs or data / "run", parents))
        all_facts = list(gatherer.gather([customer], [period]))
        rows = [
            (facts, bill)
            for facts in all_facts
            for bill in facts.bills
            if bill.customer_id == customer and point in {None, bill.point_id}
        ]
        if not rows:
            raise _no_point(point, all_facts, customer)
        explanations = [explain(facts, bill.bill_id, _delivered(session, bill.bill_id)) for facts, bill in rows]
    return Subject(customer, mask("name", name) if name else "", period, snapshot.manifest.version), explanations


def _customer_name(session: Session, customer: str) -> str | None:
    found = session.connection.execute("SELECT name FROM customer WHERE customer_id = $1", [customer]).fetchone()
    if found is not None:
        return None if found[0] is None else str(found[0])
    known = [name for (name,) in session.connection.execute("SELECT customer_id FROM customer").fetchall()]
    close = difflib.get_close_matches(customer, known, n=3, cutoff=0.5)
    raise BadInput(
        zh=f"没有用户 {customer}" + (f"，相近的有 {'、'.join(close)}。" if close else "，请核对用户编号。"),
        en=f"there is no customer {customer}" + (f"; near: {', '.join(close)}" if close else "; check the customer_id"),
    )


def _check_period(session: Session, customer: str, period: date) -> None:
    sql = "SELECT DISTINCT period FROM bill WHERE customer_id = $1"
    known = [row[0] for row in session.connection.execute(sql, [customer]).fetchall()]
    if period in known:
        return
    near = sorted(known, key=lambda day: abs((day - period).days))[:3]
    shown = "、".join(f"{day:%Y-%m}" for day in sorted(near))
    raise BadInput(
        zh=f"用户 {customer} 没有 {period:%Y-%m} 的账单"
        + (f"，最近的有 {shown}。" if near else "，也没有其他月份的账单。"),
        en=f"customer {customer} has no bill of {period:%Y-%m}; "
        + (f"nearest: {shown.replace('、', ', ')}" if near else "nor of any other month"),
    )


def _no_point(point: str | None, all_facts: Sequence[Facts], customer: str) -> BadInput:
    known = sorted({bill.point_id for facts in all_facts for bill in facts.bills if bill.customer_id == customer})
    return BadInput(
        zh=f"当期没有计量点 {point} 的账单，有账单的是 {'、'.join(known)}。",
        en=f"point {point} has no bill in the month; those that have: {', '.join(known)}",
    )


def _delivered(session: Session, bill_id: str) -> list[Mapping[str, object]]:
    columns = ("component", "time_band", "quantity", "price", "yuan")
    sql = f"SELECT {', '.join(columns)} FROM bill_line WHERE bill_id = $1 ORDER BY component, time_band"
    rows = session.connection.execute(sql, [bill_id]).fetchall()
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _record(subject: Subject, found: Sequence[Explanation], language: Language) -> dict[str, Any]:
    return {
        "customer_id": subject.customer_id,
        "period": subject.period.isoformat(),
        "data_version": subject.version,
        "bills": [_bill_record(item, language) for item in found],
    }


def _bill_record(item: Explanation, language: Language) -> dict[str, Any]:
    shown = view(item, language)
    made = {name: value for name, value in vars(item.made).items() if name not in {"lines", "steps"}}
    return {
        "headline": shown.headline,
        "verdict": shown.verdict,
        "billed": vars(item.bill),
        "recomputed": made,
        "components": [vars(component) for component in shown.components],
        "cause": None
        if item.cause is None
        else {
            "names": [a.name for a in item.cause.alterations],
            "text": cause_text(item.cause, language),
            "left_yuan": item.cause.left_yuan,
        },
        "lines": [_line_record(line, text) for line, text in zip(item.made.lines, shown.lines, strict=True)],
        "steps": [{"name": step.name, "text": text, **step.values}
                  for step, text in zip(item.made.steps, shown.steps, strict=True)],
        "composition": [{"label": label, "yuan": yuan} for label, yuan in shown.composition],
        "delivered": [dict(row) for row in item.delivered],
    }  # fmt: skip


def _line_record(line: Line, shown: LineView) -> dict[str, Any]:
    """Return a line with its exact numbers, and as it is shown elsewhere under `text`."""
    return {**vars(line), "parts": dict(line.parts), "note": shown.note, "text": vars(shown)}


def _print(subject: Subject, item: Explanation, language: Language) -> None:
    def w(name: str) -> str:
        return word("words", name, language)

    shown = view(item, language)
    output.print()
    output.print(
        f"[bold]{escape(subject.name or subject.customer_id)}[/bold]  {subject.customer_id}  {item.bill.point_id}  "
        f"{subject.period:%Y-%m}"
    )
    output.print(escape(shown.headline), style="green" if not any(item.differences.values()) else "yellow")
    if shown.verdict:
        output.print(escape(shown.verdict))
    if shown.lines:
        table = Table(title=w("lines"), title_justify="left", box=None, pad_edge=False)
        for name in ("line", "span", "quantity", "price", "amount", "source", "clause"):
            number = name in {"quantity", "price", "amount"}
            table.add_column(w(name), justify="right" if number else "left", overflow="fold", no_wrap=number)
        for line in shown.lines:
            table.add_row(
                line.label, line.span, f"{line.quantity} {line.unit}", line.price, f"{line.amount:,.2f}",
                escape(_sourced(line, language)), escape(line.clause),
            )  # fmt: skip
        output.print(table)
    table = Table(title=w("compare"), title_justify="left", box=None, pad_edge=False)
    for name in ("component", "billed", "recomputed", "difference", "cause"):
        table.add_column(w(name), justify="left" if name in {"component", "cause"} else "right")
    for part in (p for p in shown.components if p.name == "total" or p.billed or p.made):
        table.add_row(part.label, _money(part.billed), _money(part.made), _money(part.difference), escape(part.cause))
    output.print(table)
    _print_rest(item, shown.steps, shown.composition, shown.delivered, language)


def _sourced(line: LineView, language: Language) -> str:
    """Return the source of a price, and how the price follows from it where it is another."""
    return f"{line.source}{'；' if language is Language.ZH else '; '}{line.note}" if line.note else line.source


def _print_rest(
    item: Explanation, steps: Sequence[str], composition: Sequence[tuple[str, Decimal]],
    delivered: Sequence[Sequence[str]], language: Language,
) -> None:  # fmt: skip
    if steps:
        output.print(f"[italic]{word('words', 'how', language)}[/italic]")
        for number, step in enumerate(steps, start=1):
            output.print(f"  {number}. {escape(step)}", soft_wrap=True)
    if composition:
        output.print(f"[italic]{word('words', 'composition', language)}[/italic]")
        most = max(abs(yuan) for _, yuan in composition) or Decimal(1)
        table = Table(box=None, show_header=False, pad_edge=False)
        for label, yuan in composition:
            bar = ("█" if yuan >= 0 else "░") * max(1, round(abs(yuan) / most * _BAR))
            table.add_row(f"  {label}", bar, f"{yuan:,.2f}")
        output.print(table)
    if delivered:
        table = Table(title=word("words", "delivered", language), title_justify="left", box=None, pad_edge=False)
        for name in ("component", "span", "quantity", "price", "amount"):
            table.add_column("" if name == "span" else word("words", name, language))
        for row in delivered:
            table.add_row(*row)
        output.print(table)
    if item.made.reasons:
        output.print(escape(item.made.reason or ""), style="dim")


def _money(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:,.2f}"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    bill = typer.Typer(help="账单重算与解释 bills recomputed and explained", no_args_is_help=True)
    bill.command("explain")(explain_command)
    bill.command("recompute")(recompute_command)

    @bill.callback()
    def _group() -> None:
        """账单重算与解释 Bills recomputed and explained."""

    app.add_typer(bill, name="bill")
