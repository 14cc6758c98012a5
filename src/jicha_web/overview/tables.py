"""Figures by unit, specialty, rule and person: one table each, every count a link to its list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from jicha_web.cases.listing import Asker
from jicha_web.core import Text, precision, rules
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import SEGMENT
from jicha_web.organisation.tree import units_in_sight
from jicha_web.overview import links
from jicha_web.overview.figures import (
    Amounts,
    by_finding,
    cases_url,
    findings_to_handle,
    grouped,
    period_query,
)
from jicha_web.overview.periods import Period
from jicha_web.pages.tags import percent, words


@dataclass(frozen=True)
class Cell:
    """One value of a table: a count with its list, yuan, or a text."""

    count: int | None = None
    yuan: Decimal | None = None
    text: str = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Row:
    """One line: what it is of, where that leads, its cells."""

    label: str
    cells: Sequence[Cell]
    url: str = ""


@dataclass(frozen=True)
class Table:
    """A table. `charted`: the columns that the chart beside it draws."""

    heads: Sequence[str]
    rows: Sequence[Row]
    charted: Sequence[int] = ()
    total: Amounts | None = None  # of all its cases, when they are all in its lines
    note: str = ""

    def lines(self) -> list[tuple[Row, list[tuple[str, Cell]]]]:
        """Return the rows, each cell with its head."""
        return [(row, list(zip(self.heads, row.cells, strict=True))) for row in self.rows]


@dataclass(frozen=True)
class Dimension:
    """A way to look at the figures."""

    code: str
    label: Text
    noun: Text  # heads its column
    table: Callable[[Asker, Period, Organisation | None], Table]


def _amounts_heads() -> list[str]:
    return [
        _("Cases opened"), _("Still open"), _("Late"), _("Closed cases"), _("Suspected (yuan)"), _("Confirmed (yuan)"),
        _("Collected (yuan)"),
    ]  # fmt: skip


def amounts_cells(amounts: Amounts, **query: object) -> list[Cell]:
    """Return counts, each with its list, and yuan of some cases."""
    return [
        Cell(amounts.cases, url=cases_url(**query)),
        Cell(amounts.open, url=cases_url(**query, state="open")),
        Cell(amounts.late, url=cases_url(**query, due="late"), tone="bad" if amounts.late else ""),
        Cell(amounts.closed, url=cases_url(**query, state="closed")),
        Cell(yuan=amounts.found_yuan),
        Cell(yuan=amounts.confirmed_yuan),
        Cell(yuan=amounts.collected_yuan),
    ]


def by_unit(asker: Asker, period: Period, unit: Organisation | None) -> Table:
    """The units below the chosen one (else the topmost that have several below them), with all below each."""
    found = grouped(asker, period, "organisation_id", **({"unit": unit.pk} if unit else {}))
    units = {one.path: one for one in units_in_sight()}
    if unit is not None:
        shown = [path for path in units if path.startswith(unit.path) and len(path) <= len(unit.path) + SEGMENT]
    else:
        shortest = min((len(path) for path in units), default=0)
        shown = [path for path in units if len(path) <= shortest + SEGMENT]
    amounts = {one.path: found.get(one.pk, Amounts()) for one in units.values()}
    rows = []
    for path in shown:
        total = sum((a for p, a in amounts.items() if p.startswith(path)), Amounts())
        one = units[path]
        deeper = any(p.startswith(path) and p != path for p in units)
        here = urlencode({"period": period.code, "unit": one.pk})
        rows.append(Row(
            "　" * ((len(path) - len(shown[0])) // SEGMENT) + one.name,
            amounts_cells(total, **period_query(period), unit=one.pk),
            f"{reverse('overview_by', args=['unit'])}?{here}" if deeper else "",
        ))  # fmt: skip
    return Table(_amounts_heads(), rows, (1, 2), sum(found.values(), Amounts()))


def by_person(asker: Asker, period: Period, unit: Organisation | None) -> Table:
    """Those who have cases, the most open ones first."""
    query = {"unit": unit.pk} if unit else {}
    found = grouped(asker, period, "assignee_id", **query)
    names = Person.objects.filter(pk__in=[pk for pk in found if pk]).select_related("organisation").in_bulk()
    rows = []
    for pk, amounts in sorted(found.items(), key=lambda item: (-item[1].late, -item[1].open, item[0] or 0))[:200]:
        label = f"{names[pk].name} · {names[pk].organisation.name}" if pk else _("Nobody yet")
        rows.append(Row(label, amounts_cells(amounts, **period_query(period), assignee=pk or "none", **query)))
    return Table(_amounts_heads(), rows, (1, 2), sum(found.values(), Amounts()))


def _by_finding(
    period: Period, unit: Organisation | None, field: str, label: Callable[[str], str],
    extra: Callable[[str], Iterable[Cell]],
) -> list[Row]:  # fmt: skip
    cases, findings = by_finding(period, field, unit), findings_to_handle(field, unit)
    within = {"unit": unit.pk} if unit else {}
    rows = []
    for code in sorted({*cases, *findings}):
        n, is_open, closed = cases.get(code, (0, 0, 0))
        count, yuan = findings.get(code, (0, Decimal(0)))
        query = {**period_query(period), field: code, **within}
        rows.append(Row(label(code), [
            Cell(count, url=links.findings(**{field: code}, **within)), Cell(yuan=yuan),
            Cell(n, url=cases_url(**query)),
            Cell(is_open, url=cases_url(**query, state="open")), Cell(closed, url=cases_url(**query, state="closed")),
            *extra(code),
        ]))  # fmt: skip
    return rows


def _finding_heads() -> list[str]:
    return [
        _("Findings to handle"), _("Estimated (yuan)"), _("Cases opened"), _("Still open"), _("Closed cases"),
    ]  # fmt: skip


def by_specialty(asker: Asker, period: Period, unit: Organisation | None) -> Table:
    """The specialties."""
    del asker
    rows = _by_finding(period, unit, "specialty", lambda code: words(rules.word("specialty", code)), lambda _code: ())
    return Table(_finding_heads(), rows, (0, 2))


def by_rule(asker: Asker, period: Period, unit: Organisation | None) -> Table:
    """The rules, with how often they were right."""
    del asker
    known = precision.precisions(settings.DATA)
    book = rules.rule_book(settings.DATA)

    def extra(code: str) -> list[Cell]:
        one = known.get(code, precision.Precision())
        low, high = one.interval
        share = _("%(share)s (%(low)s–%(high)s, of %(n)s)") % {
            "share": percent(one.share), "low": percent(low), "high": percent(high), "n": one.closed
        }  # fmt: skip
        return [Cell(text=share if one.closed else _("no closed case yet")), Cell(yuan=one.yuan_per_visit)]

    def label(code: str) -> str:
        rule = book.rules.get(code)
        return f"{code} {words(rule.name)}" if rule else code

    rows = _by_finding(period, unit, "rule", label, extra)
    heads = [*_finding_heads(), _("Precision (95% interval)"), _("Yuan per visit")]
    note = _("Precision counts the findings of all closed cases of the installation, not of the period only.")
    return Table(heads, sorted(rows, key=lambda row: -(row.cells[0].count or 0)), (), note=note)


DIMENSIONS = {
    one.code: one
    for one in (
        Dimension("unit", Text("按单位", "By unit"), Text("单位", "Unit"), by_unit),
        Dimension("specialty", Text("按专业", "By specialty"), Text("专业", "Specialty"), by_specialty),
        Dimension("rule", Text("按规则", "By rule"), Text("规则", "Rule"), by_rule),
        Dimension("person", Text("按人员", "By person"), Text("责任人", "Responsible"), by_person),
    )
}
