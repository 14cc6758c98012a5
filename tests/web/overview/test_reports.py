"""Weekly and monthly reports: their figures, files, scope and schedule."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from openpyxl import load_workbook  # type: ignore[import-untyped, unused-ignore]
from pypdf import PdfReader
from pytest_django import DjangoCaptureOnCommitCallbacks

from jicha_web.cases.listing import Asker
from jicha_web.cases.models import Case
from jicha_web.documents.pdf import render_pdf
from jicha_web.jobs.models import Job
from jicha_web.organisation.scope import EVERYTHING, Scope, scoped
from jicha_web.overview import reporting, reports_due
from jicha_web.overview.models import Notification, Report
from jicha_web.overview.periods import Period, before, last_month, last_week
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db
SEPTEMBER = Period("month_before", date(2026, 9, 1), date(2026, 9, 30))


def test_spans() -> None:
    assert (last_week(date(2026, 10, 15)).first, last_week(date(2026, 10, 15)).last) == (
        date(2026, 10, 5), date(2026, 10, 11),
    )  # fmt: skip
    assert last_month(date(2026, 3, 1)) == Period("month_before", date(2026, 2, 1), date(2026, 2, 28))
    assert before(SEPTEMBER) == Period("month_before", date(2026, 8, 1), date(2026, 8, 31))
    assert before(last_week(date(2026, 10, 15))).first == date(2026, 9, 28)
    assert reporting.period_of("month", date(2026, 12, 31)).last == date(2026, 12, 31)
    assert reporting.period_of("week", date(2026, 10, 11)).first == date(2026, 10, 5)


def test_figures_are_those_of_the_cases(filled: World) -> None:
    unit = filled.units["A"]
    with scoped(EVERYTHING):
        first = Case.objects.order_by("pk")[0]
        for case in [c for c in Case.objects.select_related("organisation") if unit.covers(c.organisation)][::3]:
            Case.objects.filter(pk=case.pk).update(recurrence_of=first)
    with scoped(Scope((unit.path,))):
        found = reporting.counted(Asker(filled.people["county_a"], NOW), SEPTEMBER)
    with scoped(EVERYTHING):
        mine = [c for c in Case.objects.select_related("organisation") if unit.covers(c.organisation)]

    opened = [c for c in mine if SEPTEMBER.first <= _shanghai(c.opened_at) <= SEPTEMBER.last]
    closed = [
        c for c in mine
        if c.state == "closed" and c.closed_at and SEPTEMBER.first <= _shanghai(c.closed_at) <= SEPTEMBER.last
    ]  # fmt: skip
    assert opened
    assert found.opened == len(opened)
    assert 0 < found.recurred == len([c for c in opened if c.recurrence_of_id]) < len(opened)
    assert found.closed == len(closed)
    assert found.found == sum((c.amount_yuan or Decimal(0) for c in opened), Decimal(0))
    assert found.confirmed == sum((c.confirmed_yuan or Decimal(0) for c in closed), Decimal(0))
    assert found.confirmed_cases == len([c for c in closed if c.outcome != "unfounded"])


def _shanghai(at: datetime) -> date:
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo("Asia/Shanghai")).date()


def test_asked_for_by_the_page_in_all_forms(
    filled: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = filled.client("county_a")
    unit = filled.units["A"]
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/reports/new/", {"organisation": unit.pk, "kind": "month", "day": "2026-09-15"})
    job = Job.objects.get()
    assert response.headers["Location"] == f"/jobs/{job.pk}/"
    assert job.state == "done", job.message
    with scoped(EVERYTHING):
        report = Report.objects.get()
    page = client.get(f"/reports/{report.pk}/").content.decode()
    assert "稽查月报" in page and "在各专业中均计一次" in page
    file = client.get(f"/reports/{report.pk}/pdf/")
    pdf = b"".join(file.streaming_content)  # type: ignore[attr-defined]
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages)
    assert "云岭县供电公司" in text
    assert "张三" not in text
    book = load_workbook(Path(settings.MEDIA_ROOT) / report.files["xlsx"])
    assert len(book.sheetnames) == 5
    opened = next(row[1].value for row in book.worksheets[0].iter_rows() if row[0].value == "立案工单")
    with scoped(Scope((unit.path,))):
        assert opened == reporting.counted(Asker(filled.people["county_a"], NOW), SEPTEMBER).opened
    with zipfile.ZipFile(Path(settings.MEDIA_ROOT) / report.files["docx"]) as docx:
        assert "云岭县供电公司" in docx.read("word/document.xml").decode()
    for name, status in (("county_b", 404), ("station_a1", 403), ("manager", 200)):
        assert filled.client(name).get(f"/reports/{report.pk}/").status_code == status
        file = filled.client(name).get(f"/reports/{report.pk}/pdf/")
        assert file.status_code == status
        file.getvalue()  # read to its end, which closes it
    assert client.get(f"/reports/{report.pk}/exe/").status_code == 404


def test_not_for_days_ahead_and_not_for_foreign_units(filled: World) -> None:
    client = filled.client("county_a")
    own, foreign = filled.units["A"].pk, filled.units["B"].pk
    for unit, day in ((own, "2026-11-15"), (foreign, "2026-09-15")):
        assert client.post("/reports/new/", {"organisation": unit, "kind": "month", "day": day}).status_code == 200
    assert not Job.objects.exists()


def test_the_schedule_makes_each_once_and_tells(
    filled: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    early = datetime(2026, 10, 14, 21, 0, tzinfo=UTC)  # 05:00 in Shanghai
    reports_due.make_due(early)
    assert not Job.objects.exists()
    for _again in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            reports_due.make_due(NOW)
    with scoped(EVERYTHING):
        made = list(Report.objects.values_list("organisation__code", "kind", "first_on"))
    assert len(made) == len(set(made)) == 6
    told = Notification.objects.filter(kind="report", person=filled.people["county_a"])
    assert told.count() == 2
    assert not Notification.objects.filter(kind="report", person=filled.people["station_a1"]).exists()


def test_one_that_fails_is_tried_ever_later_then_given_up_told_and_asked_for_again(
    filled: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was asked for every half hour for ever."""
    made, county = render_pdf, filled.units["A"]

    def damaged(kind: str, data: dict[str, Any], **options: Any) -> Any:
        if data["unit"] == county.name:
            raise OSError("the template is damaged")
        return made(kind, data, **options)

    monkeypatch.setattr(reporting, "render_pdf", damaged)

    def tries() -> list[datetime]:
        mine = Job.objects.filter(kind=reporting.WORK, by=None, arguments__unit=county.pk, arguments__span="week")
        return list(mine.order_by("pk").values_list("asked_at", flat=True))

    for half_hours in range(28):
        with django_capture_on_commit_callbacks(execute=True):
            reports_due.make_due(NOW + timedelta(minutes=30 * half_hours))
    assert [(at - NOW) / timedelta(hours=1) for at in tries()] == [0, 0.5, 1.5, 3.5, 7.5]
    assert Job.objects.filter(kind=reporting.WORK, state="done").count() == 4  # those of the others, once each
    told = Notification.objects.filter(kind="report_failed", person=filled.people["county_a"])
    assert told.count() == 2 and "the template is damaged" in told[0].text_zh  # the week's and the month's
    assert Notification.objects.filter(kind="report_failed", person=filled.people["admin"]).count() == 2
    assert not Notification.objects.filter(kind="report_failed", person=filled.people["county_b"]).exists()

    client = filled.client("county_a")
    page = client.get("/reports/").content.decode()
    assert page.count('data-test="given-up-row"') == 2 and "the template is damaged" in page
    assert 'data-test="given-up-row"' not in filled.client("county_b").get("/reports/").content.decode()
    monkeypatch.setattr(reporting, "render_pdf", made)
    asked = {"organisation": county.pk, "kind": "week", "day": last_week(_shanghai(NOW)).first.isoformat()}
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/reports/new/", asked)
    assert client.get("/reports/").content.decode().count('data-test="given-up-row"') == 1


def test_one_that_waits_in_the_queue_is_not_asked_for_again(filled: World) -> None:
    for half_hours in range(3):
        reports_due.make_due(NOW + timedelta(minutes=30 * half_hours))
    assert Job.objects.filter(kind=reporting.WORK).count() == 6
