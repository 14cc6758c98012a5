"""Explained bills as a page, and as a workbook with a chart of what they are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from markupsafe import Markup

from jicha.billing.explain import Explanation
from jicha.billing.words import BillView, view, word
from jicha.language import Language
from jicha.report.render import asset, environment

_WORDS = ("title", "customer", "point", "period", "line", "span", "quantity", "price", "amount", "source", "clause",
          "component", "billed", "recomputed", "difference", "cause", "how", "composition", "delivered", "lines",
          "compare", "masked")  # fmt: skip
_CHART_ROWS = 15  # of the sheet that the chart covers
_ROW, _WIDTH, _LABELS, _VALUES = 26, 520, 200, 110  # px of the chart


@dataclass(frozen=True)
class Subject:
    """Whose bills are explained; `name` is masked already."""

    customer_id: str
    name: str
    period: date
    version: int


def _words(language: Language) -> dict[str, str]:
    return {name: word("words", name, language) for name in _WORDS}


def chart(parts: Sequence[tuple[str, Decimal]]) -> Markup:
    """Return the composition as bars; what lowers the bill is drawn in another colour."""
    if not parts:
        return Markup("")
    most = max(abs(yuan) for _, yuan in parts) or Decimal(1)
    room = _WIDTH - _LABELS - _VALUES
    rows = []
    for number, (label, yuan) in enumerate(parts):
        y = number * _ROW
        width = max(float(abs(yuan) / most) * room, 1)
        text = Markup('<text x="0" y="{y}">{label}</text>').format(y=y + 17, label=label)
        kind = Markup(' class="less"') if yuan < 0 else ""
        bar = Markup('<rect{kind} x="{x}" y="{y}" width="{width:.1f}" height="14" rx="2"/>').format(
            kind=kind, x=_LABELS, y=y + 6, width=width
        )
        amount = Markup('<text class="value" x="{x}" y="{y}">{yuan}</text>').format(
            x=_WIDTH, y=y + 17, yuan=f"{yuan:,.2f}"
        )
        rows.append(text + bar + amount)
    return Markup('<svg class="composition" viewBox="0 0 {width} {height}" role="img">{rows}</svg>').format(
        width=_WIDTH, height=len(parts) * _ROW, rows=Markup("").join(rows)
    )


def build_bill_page(subject: Subject, explanations: Sequence[Explanation], language: Language) -> str:
    """Return one self-contained page with the bills of a customer and period."""
    views = [(item.bill.point_id, view(item, language)) for item in explanations]
    words = _words(language)
    facts = [
        (words["customer"], subject.customer_id),
        (words["period"], f"{subject.period:%Y-%m}"),
        (words["point"], ", ".join(point for point, _ in views)),
    ]
    return (
        environment()
        .get_template("bill.html")
        .render(
            lang=language.value,
            w=words,
            customer=subject.customer_id,
            name=subject.name,
            period=f"{subject.period:%Y-%m}",
            facts=facts,
            bills=[(point, item, chart(item.composition)) for point, item in views],
            css=Markup(asset("report.css") + asset("bill.css")),
        )
    )


def sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """Return a name that a spreadsheet takes for a sheet: 31 characters, none of []:*?/\\, no other one's name."""
    plain = re.sub(r"[\[\]:*?/\\]", "_", wanted).strip("'")[:31] or "_"
    lower = {name.lower() for name in taken}
    name, number = plain, 1
    while name.lower() in lower:
        number += 1
        name = f"{plain[: 31 - len(f' {number}')]} {number}"
    return name


def write_bill_workbook(subject: Subject, explanations: Sequence[Explanation], path: Path, language: Language) -> None:
    """Write one sheet per bill: comparison, lines, steps, and a chart of the composition."""
    book = xlsxwriter.Workbook(str(path))
    formats = {
        "head": book.add_format({"bold": True, "bg_color": "#E9EFF6", "border": 1}),
        "bold": book.add_format({"bold": True}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "quantity": book.add_format({"num_format": "#,##0.00####"}),
        "price": book.add_format({"num_format": "0.000000"}),
        "share": book.add_format({"num_format": "0.00%"}),
    }
    names: list[str] = []
    for item in explanations:
        names.append(sheet_name(item.bill.point_id, names))
        sheet = book.add_worksheet(names[-1])
        _sheet(book, sheet, formats, subject, view(item, language), _words(language))
    book.close()


def _sheet(  # noqa: PLR0917
    book: Any, sheet: Any, formats: dict[str, Any], subject: Subject, shown: BillView, words: dict[str, str]
) -> None:  # fmt: skip
    for column, width in enumerate((30, 18, 16, 10, 14, 16, 40, 50)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, f"{words['title']} {subject.customer_id} {subject.period:%Y-%m}", formats["title"])
    sheet.write_string(1, 0, shown.headline)
    sheet.write_string(2, 0, shown.verdict)
    row = 4
    heads = [words[name] for name in ("component", "billed", "recomputed", "difference", "cause")]
    sheet.write_row(row, 0, heads, formats["head"])
    for component in shown.components:
        row += 1
        sheet.write_string(row, 0, component.label)
        for column, value in enumerate((component.billed, component.made, component.difference), start=1):
            if value is not None:
                sheet.write_number(row, column, float(value), formats["money"])
        sheet.write_string(row, 4, component.cause)
    row += 2
    heads = [words[name] for name in ("line", "span", "quantity")] + ["", words["price"], words["amount"]]
    sheet.write_row(row, 0, [*heads, words["source"], words["clause"]], formats["head"])
    for line in shown.lines:
        row += 1
        for column, text in ((0, line.label), (1, line.span), (3, line.unit)):
            sheet.write_string(row, column, text)
        sheet.write_number(row, 2, float(line.quantity.replace(",", "")), formats["quantity"])
        share = line.price.endswith("%")
        price = float(line.price.rstrip("%")) / (100 if share else 1)
        sheet.write_number(row, 4, price, formats["share" if share else "price"])
        sheet.write_number(row, 5, float(line.amount), formats["money"])
        sheet.write_string(row, 6, "; ".join(part for part in (line.source, line.note) if part))
        sheet.write_string(row, 7, line.clause)
    row += 2
    sheet.write_string(row, 0, words["how"], formats["bold"])
    for step in shown.steps:
        row += 1
        sheet.write_string(row, 0, step)
    row += 2
    sheet.write_string(row, 0, words["composition"], formats["bold"])
    first = row + 1
    for label, yuan in shown.composition:
        row += 1
        sheet.write_string(row, 0, label)
        sheet.write_number(row, 1, float(yuan), formats["money"])
    if shown.composition:
        bars = book.add_chart({"type": "bar"})
        name = sheet.get_name()
        bars.add_series({"categories": [name, first, 0, row, 0], "values": [name, first, 1, row, 1]})
        bars.set_legend({"none": True})
        bars.set_title({"name": words["composition"]})
        bars.set_y_axis({"reverse": True})
        sheet.insert_chart(first, 3, bars)
        row = max(row, first + _CHART_ROWS)
    if shown.delivered:
        row += 2
        sheet.write_string(row, 0, words["delivered"], formats["bold"])
        for delivered in shown.delivered:
            row += 1
            for column, text in enumerate(delivered):
                sheet.write_string(row, column, text)
