"""The weekly and monthly report of a unit's subtree: its figures, and the same as PDF, Word and workbook.

Counted by the conditions of the lists, as the overview is. What was opened and closed lies within the days of the
report; what is open and late is as it stands when the report is made, and the report says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import xlsxwriter
from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from jicha_web import core, notices
from jicha_web.cases.listing import Asker, masked_name
from jicha_web.cases.models import OUTCOMES
from jicha_web.cases.workflow import workflow
from jicha_web.core import Text, rules
from jicha_web.documents.pdf import render_pdf
from jicha_web.documents.word import render_docx
from jicha_web.findings.models import Finding
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import Running, enqueue, work
from jicha_web.organisation.models import Membership, Organisation, Person
from jicha_web.organisation.rights import require
from jicha_web.organisation.roles import roles_with
from jicha_web.organisation.scope import Scope, scoped
from jicha_web.overview.figures import cases_of, counts
from jicha_web.overview.models import Report
from jicha_web.overview.periods import Period, before, last_month, last_week
from jicha_web.pages.tags import words

WORK = "overview.report"
FORMS = ("pdf", "docx", "xlsx")
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Counted:
    """What happened in a span of days."""

    opened: int
    recurred: int  # of those opened: the same rule and subject again within months of a confirmed case
    closed: int
    confirmed_cases: int
    found: Decimal
    confirmed: Decimal
    collected: Decimal
    new_findings: int


def counted(asker: Asker, period: Period) -> Counted:
    """Count a span of days within the scope in force. Confirmed and collected: of the cases closed in it."""
    first, last = period.first.isoformat(), period.last.isoformat()
    opened = cases_of(asker, opened_from=first, opened_to=last).aggregate(
        n=Count("pk"), again=Count("pk", filter=Q(recurrence_of__isnull=False)), found=Sum("amount_yuan")
    )  # fmt: skip
    closed = cases_of(asker, state="closed", closed_from=first, closed_to=last).aggregate(
        n=Count("pk"), true=Count("pk", filter=~Q(outcome__in=["unfounded", "data_error", ""])),
        confirmed=Sum("confirmed_yuan"), collected=Sum("collected_yuan"),
    )  # fmt: skip
    new = Finding.objects.filter(first_seen_on__gte=period.first, first_seen_on__lte=period.last).count()
    yuan = [Decimal(str(v or 0)).quantize(_CENT) for v in (opened["found"], closed["confirmed"], closed["collected"])]
    return Counted(opened["n"], opened["again"], closed["n"], closed["true"], yuan[0], yuan[1], yuan[2], new)


def _change(now: int, then: int) -> str:
    return _("before: %(n)s") % {"n": f"{then:,}"} + (f" ({now - then:+,})" if now != then else "")


def contents(*, unit: Organisation, period: Period, asker: Asker, made_on: date, weekly: bool) -> dict[str, Any]:
    """Return the report as plain values, in the language in force; within a scope of the unit's subtree."""
    now, then = counted(asker, period), counted(asker, before(period))
    stand = cases_of(asker, state="open").aggregate(**counts(asker))
    titles = {
        True: _("Weekly inspection report"),
        False: _("Monthly inspection report"),
    }
    figures = [
        (_("Cases opened"), f"{now.opened:,}", _change(now.opened, then.opened)),
        (_("of them recurrences"), f"{now.recurred:,}", _change(now.recurred, then.recurred)),
        (_("Closed cases"), f"{now.closed:,}", _change(now.closed, then.closed)),
        (_("of them confirmed"), f"{now.confirmed_cases:,}", _change(now.confirmed_cases, then.confirmed_cases)),
        (_("New findings"), f"{now.new_findings:,}", _change(now.new_findings, then.new_findings)),
        (_("Suspected (yuan)"), f"{now.found:,.2f}", ""),
        (_("Confirmed (yuan)"), f"{now.confirmed:,.2f}", _("before: %(n)s") % {"n": f"{then.confirmed:,.2f}"}),
        (_("Collected (yuan)"), f"{now.collected:,.2f}", _("before: %(n)s") % {"n": f"{then.collected:,.2f}"}),
        (_("Open now, late"), f"{stand['open']:,} / {stand['late']:,}", ""),
    ]
    return {
        "language": "en" if (translation.get_language() or "").startswith("en") else "zh",
        "title": titles[weekly], "unit": unit.name, "period": f"{period.first} – {period.last}",
        "made_on": made_on.isoformat(), "labels": {"made_on": _("Made on")},
        "figures": [{"label": label, "value": value, "note": note} for label, value, note in figures],
        "sections": [
            _by_unit(unit, asker, period), _by_outcome(asker, period), _by_specialty(asker, period), _latest(asker)
        ],
        "note": _("Open and late cases are as of the day the report was made. Suspected yuan are of the cases opened, "
                  "confirmed and collected yuan of the cases closed in these days. A case with findings of several "
                  "specialties counts in each of them."),
    }  # fmt: skip


def _section(heading: str, columns: Sequence[tuple[str, bool, float]], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    if not rows:
        return {"heading": heading, "text": _("None in these days."), "columns": [], "rows": []}
    heads = [{"label": label, "number": number, "width": width} for label, number, width in columns]
    return {"heading": heading, "text": "", "columns": heads, "rows": [list(row) for row in rows]}


def _by_unit(unit: Organisation, asker: Asker, period: Period) -> dict[str, Any]:
    first, last = period.first.isoformat(), period.last.isoformat()
    opened = dict(
        cases_of(asker, opened_from=first, opened_to=last).values_list("organisation_id").annotate(n=Count("pk"))
    )
    closed = {
        key: rest
        for key, *rest in cases_of(asker, state="closed", closed_from=first, closed_to=last)
        .values_list("organisation_id")
        .annotate(n=Count("pk"), confirmed=Sum("confirmed_yuan"), collected=Sum("collected_yuan"))
    }
    stand: dict[int, Any] = {
        row["organisation_id"]: row
        for row in cases_of(asker, state="open").values("organisation_id").annotate(**counts(asker))
    }
    below = list(Organisation.objects.filter(path__startswith=unit.path, is_active=True).order_by("path"))
    rows = []
    for one in below:
        if one.depth > unit.depth + 1:
            continue
        own = one.pk == unit.pk
        inside = [u.pk for u in below if (u.pk == one.pk if own else u.path.startswith(one.path))]
        values = [
            sum(opened.get(pk, 0) for pk in inside), sum(closed[pk][0] for pk in inside if pk in closed),
            sum(stand[pk]["open"] for pk in inside if pk in stand),
            sum(stand[pk]["late"] for pk in inside if pk in stand),
        ]  # fmt: skip
        yuan = [sum((Decimal(str(closed[pk][i] or 0)) for pk in inside if pk in closed), Decimal(0)) for i in (1, 2)]
        if not any(values) and not own:
            continue
        name = _("%(unit)s itself") % {"unit": one.name} if own and len(below) > 1 else one.name
        rows.append([name, *(f"{v:,}" for v in values), *(f"{v:,.2f}" for v in yuan)])
    columns = [(_("Unit"), False, 2.2), (_("Cases opened"), True, 1.0), (_("Closed cases"), True, 1.0),
               (_("Open now"), True, 1.0), (_("Late now"), True, 1.0), (_("Confirmed (yuan)"), True, 1.6),
               (_("Collected (yuan)"), True, 1.6)]  # fmt: skip
    return _section(_("By unit"), columns, rows)


def _by_outcome(asker: Asker, period: Period) -> dict[str, Any]:
    closed = cases_of(asker, state="closed", closed_from=period.first.isoformat(), closed_to=period.last.isoformat())
    found = {
        key: rest for key, *rest in closed.values_list("outcome").annotate(n=Count("pk"), yuan=Sum("confirmed_yuan"))
    }
    rows = [
        [str(label), f"{found[code][0]:,}", f"{Decimal(str(found[code][1] or 0)):,.2f}"]
        for code, label in [*OUTCOMES, ("", _("without outcome"))]
        if code in found
    ]
    columns = [(_("Outcome"), False, 2.0), (_("Closed cases"), True, 1.0), (_("Confirmed (yuan)"), True, 1.0)]
    return _section(_("Outcomes of the closed cases"), columns, rows)


def _by_specialty(asker: Asker, period: Period) -> dict[str, Any]:
    cases = cases_of(asker, opened_from=period.first.isoformat(), opened_to=period.last.isoformat())
    # the cases are in scope: so are their findings
    found = Finding._base_manager.filter(case__in=cases).order_by().values_list("specialty")
    rows = [
        [words(rules.word("specialty", code)), f"{n:,}"]
        for code, n in found.annotate(n=Count("case", distinct=True)).order_by("-n", "specialty")
    ]
    section = _section(_("By specialty"), [(_("Specialty"), False, 3.0), (_("Cases opened"), True, 1.0)], rows)
    section["bars"] = [{"label": label, "size": float(n.replace(",", "")), "value": n} for label, n in rows]
    return section


def _latest(asker: Asker) -> dict[str, Any]:
    states = workflow().states
    late = cases_of(asker, due="late").select_related("organisation", "assignee").order_by("due_at", "pk")[:15]
    rows = [
        [one.number, one.shown_title, masked_name(one), words(states[one.state].label), one.organisation.name,
         one.assignee.name if one.assignee else "–", timezone.localdate(one.due_at).isoformat() if one.due_at else ""]
        for one in late
    ]  # fmt: skip
    columns = [(_("Number"), False, 1.5), (_("Title"), False, 2.4), (_("Subject"), False, 1.0),
               (_("State"), False, 1.1),
               (_("Unit"), False, 1.5), (_("Responsible"), False, 1.0), (_("Due"), False, 1.1)]  # fmt: skip
    return _section(_("The longest late cases (up to 15)"), columns, rows)


def write_xlsx(path: Path, data: Mapping[str, Any]) -> None:
    """Write the report as a workbook: one sheet for the figures, one for each section."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#EAF0F4", "border": 1})
        number, money = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "#,##0.00"})

        def put(sheet: Any, row: int, column: int, text: str, numeric: bool) -> None:
            plain = text.replace(",", "")
            if numeric and plain.replace(".", "", 1).lstrip("-").isdigit():
                sheet.write_number(row, column, float(plain), money if "." in plain else number)
            else:
                sheet.write_string(row, column, text)

        sheet = book.add_worksheet(_("Figures")[:31])
        sheet.set_column(0, 2, 24)
        sheet.write_row(0, 0, [f"{data['unit']} {data['title']} {data['period']}"], bold)
        for i, one in enumerate(data["figures"], 2):
            sheet.write_string(i, 0, one["label"])
            put(sheet, i, 1, one["value"], True)
            sheet.write_string(i, 2, one["note"])
        sheet.write_string(len(data["figures"]) + 3, 0, data["note"])
        for section in data["sections"]:
            sheet = book.add_worksheet(section["heading"][:31].replace("/", " "))
            sheet.set_column(0, 8, 20)
            sheet.write_row(0, 0, [column["label"] for column in section["columns"]] or [section["text"]], bold)
            for i, row in enumerate(section["rows"], 1):
                for j, cell in enumerate(row):
                    put(sheet, i, j, cell, section["columns"][j]["number"])
            sheet.freeze_panes(1, 1)


def period_of(kind: str, day: date) -> Period:
    """Return the week or month that a day lies in, whole."""
    if kind == "week":
        return last_week(day + timedelta(days=7))
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return last_month(following)


def ask(*, unit: Organisation, kind: str, day: date, by: Person, at: datetime) -> Job:
    """Ask for the report of the week or month that a day lies in; returns the job."""
    today = timezone.localdate(at)
    require(by, "overview_view", today, unit)
    period = period_of(kind, day)
    if period.first > today:
        raise core.BadInput(
            zh="所选日期在今天之后：请选择已开始的周或月。",
            en="the day lies ahead: choose a week or month that has begun",
        )
    return enqueue(WORK, by=by, at=at, organisation=unit, unit=unit.pk, span=kind, day=day.isoformat())


@work(WORK)
def make(job: Running, *, unit: int, span: str, day: str, **_later: Any) -> None:
    """Make a report in all forms; by the schedule only once for the same unit and days."""
    of = Organisation.objects.get(pk=unit)
    kind, period = span, period_of(span, date.fromisoformat(day))
    with scoped(Scope((of.path,))):
        same = Report.objects.filter(organisation=of, kind=kind, first_on=period.first)
        if job.by is None and same.exists():
            return
        made_on = timezone.localdate(job.at)
        # nothing is asked for as a person: the filters used name nobody
        asker = Asker(cast(Person, job.by), job.at)
        data = contents(unit=of, period=period, asker=asker, made_on=made_on, weekly=kind == "week")
        job.progress(1, 4, data["title"])
        folder = Path(settings.MEDIA_ROOT) / "reports" / str(job.job.pk)
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{of.code}-{kind}-{period.first}"
        own = settings.DATA / "templates"
        (folder / f"{stem}.pdf").write_bytes(render_pdf("report", data, own=own, made_on=made_on).content)
        job.progress(2, 4)
        (folder / f"{stem}.docx").write_bytes(render_docx("report", data, own=own).content)
        job.progress(3, 4)
        write_xlsx(folder / f"{stem}.xlsx", data)
        report = Report.objects.create(
            organisation=of, kind=kind, first_on=period.first, last_on=period.last, made_at=job.at, made_by=job.by,
            figures=data,
            files={form: str((folder / f"{stem}.{form}").relative_to(settings.MEDIA_ROOT)) for form in FORMS},
        )  # fmt: skip
    job.result(report=report.pk, url=f"/reports/{report.pk}/")
    if job.by is None:
        _tell(report, job.at)


def _tell(report: Report, at: datetime) -> None:
    day = timezone.localdate(at)
    held = Membership.objects.filter(
        organisation=report.organisation, role__in=roles_with("overview_view"), is_active=True
    ).select_related("person")  # fmt: skip
    kind = {"week": Text("周报", "weekly report"), "month": Text("月报", "monthly report")}[report.kind]
    notices.notify(
        people={m.person for m in held if m.holds_on(day)}, kind="report", at=at, url=f"/reports/{report.pk}/",
        text=Text(f"{report.organisation.name}稽查{kind.zh}已生成（{report.first_on} 至 {report.last_on}）",
                  f"{report.organisation.name}: the {kind.en} is made ({report.first_on} to {report.last_on})"),
        once=f"report-{report.pk}",
    )  # fmt: skip
