"""Leads: entered by hand and by file, once; merged with what is known; who reported them is kept apart."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped, unused-ignore]
from pytest_django import DjangoCaptureOnCommitCallbacks

from jicha_web.cases import lead_file, lead_job, leads, opening
from jicha_web.cases.models import Case, Lead, Reporter
from jicha_web.cases.spreadsheet import day_of
from jicha_web.core import BadInput
from jicha_web.field import list_sheet
from jicha_web.field.errors import UnableToVisit
from jicha_web.history.read import check, entries_of
from jicha_web.jobs import work
from jicha_web.jobs.many import AT_ONCE
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import run_job
from tests.web.cases.building import make_case
from tests.web.cases.stands import finding
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units", "data", "acts_then")


def given(**fields: Any) -> dict[str, Any]:
    return {"source": "public_report", "received_on": NOW.date(), "text": "夜间绕表用电", **fields}


def test_a_customer_of_the_data_brings_name_and_unit(world: World) -> None:
    entered = leads.enter(by=world.people["city"], at=NOW, given=given(customer_id="3300000001", customer_name="别名"))
    lead = entered.lead
    assert (lead.customer_name, lead.organisation, lead.state, entered.case) == ("张三", world.units["A1"], "new", None)
    assert list(check()) == []


def test_a_lead_joins_the_case_of_its_customer(world: World) -> None:
    case = make_case(world, state="county_pending", unit="A")
    entered = leads.enter(by=world.people["city"], at=NOW, given=given(customer_id="3300000001"))
    assert entered.case == case
    assert entered.lead.state == "in_case"
    assert [e.verb for e in entries_of(Case.objects.get(pk=case.pk))] == ["proposed", "lead_joined"]


def test_a_lead_joins_the_findings_of_its_customer(world: World) -> None:
    found = finding(world)
    entered = leads.enter(by=world.people["county_a"], at=NOW, given=given(customer_id="3300000001"))
    case = entered.case
    assert case is not None
    assert (case.source, case.state) == ("lead", "proposed")
    found.refresh_from_db()
    assert (found.handling, found.case_id) == ("in_case", case.pk)
    assert "夜间绕表用电" in case.description
    assert Case.objects.count() == 1


def test_a_checked_case_is_not_joined(world: World) -> None:
    make_case(world, state="assessing")
    assert leads.enter(by=world.people["city"], at=NOW, given=given(customer_id="3300000001")).case is None


def test_a_lead_sent_twice_at_the_same_moment_is_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = leads.enter(by=world.people["city"], at=NOW, given=given(external_id="12398-7"))
    right, asked = leads._known, []

    def too_early(*given: Any) -> leads.Entered | None:
        asked.append(given)
        return None if len(asked) == 1 else right(*given)

    monkeypatch.setattr(leads, "_known", too_early)
    again = leads.enter(by=world.people["city"], at=NOW, given=given(external_id="12398-7", reporter_name="王五"))
    assert (again.lead, again.new) == (first.lead, False)
    assert Lead.objects.count() == 1 and len(asked) == 2


def test_the_same_outside_number_is_entered_once(world: World) -> None:
    first = leads.enter(by=world.people["city"], at=NOW, given=given(external_id="12398-1"))
    again = leads.enter(by=world.people["city"], at=NOW, given=given(external_id="12398-1", text="另一说法"))
    assert (again.lead, again.new, Lead.objects.count()) == (first.lead, False, 1)
    other = leads.enter(by=world.people["city"], at=NOW, given=given(external_id="12398-1", source="monitoring"))
    assert other.new


def test_who_may_enter(world: World) -> None:
    for username in ("station_a1", "reviewer", "auditor", "manager", "county_b"):
        with pytest.raises(PermissionDenied):
            leads.enter(by=world.people[username], at=NOW, given=given(customer_id="3300000001"))
    assert not Lead.objects.exists()


def test_what_is_wrong_is_told_by_field(world: World) -> None:
    with pytest.raises(leads.WrongLead) as wrong:
        leads.enter(by=world.people["city"], at=NOW, given={
            "source": "rumour", "received_on": NOW.date() + timedelta(days=2), "text": " ", "reporter_phone": "1" * 40,
        })  # fmt: skip
    assert set(wrong.value.texts) == {"source", "received_on", "text", "reporter_phone"}
    assert not Lead.objects.exists()


def test_who_reported_it_is_seen_by_few_and_each_look_is_recorded(world: World) -> None:
    lead = leads.enter(
        by=world.people["county_a"], at=NOW, given=given(reporter_name="举报甲", reporter_phone="13800001234")
    ).lead
    assert "举报甲" not in str([e.data for e in entries_of(lead)])
    with pytest.raises(PermissionDenied):
        leads.see_reporter(lead=lead, by=world.people["county_a"], at=NOW, reason="核实")
    with pytest.raises(leads.WrongLead):
        leads.see_reporter(lead=lead, by=world.people["city"], at=NOW, reason=" ")
    reporter = leads.see_reporter(lead=lead, by=world.people["city"], at=NOW, reason="电话核实情况")
    assert reporter is not None
    assert reporter.name == "举报甲"
    assert [(e.verb, e.note) for e in entries_of(lead)][-1] == ("reporter_seen", "电话核实情况")
    url = reverse("lead", args=[lead.pk])
    for username in ("city", "county_a"):
        assert "举报甲" not in world.client(username).get(url).content.decode()
    assert world.client("county_a").post(f"{url}reporter/", {"reason": "x"}).status_code == 403
    body = world.client("city").post(f"{url}reporter/", {"reason": "再次核实"}).content.decode()
    assert "举报甲" in body
    assert len(entries_of(lead)) == 3
    assert Reporter.objects.count() == 1


def test_made_a_case_completed_dismissed(world: World) -> None:
    city = world.people["city"]
    lead = leads.enter(by=city, at=NOW, given=given()).lead
    with pytest.raises(opening.UnableToOpen):
        leads.open_from_lead(lead=lead, by=city, at=NOW, title="绕表")
    with pytest.raises(opening.UnableToOpen):
        leads.complete(lead=lead, by=city, at=NOW, customer_id="0000")
    leads.complete(lead=lead, by=city, at=NOW, customer_id="3300000002")
    assert lead.organisation == world.units["A2"]
    case = leads.open_from_lead(lead=lead, by=city, at=NOW, title="绕表用电")
    assert (case.source, case.customer_name, lead.state) == ("lead", "云岭恒达纺织有限公司", "in_case")
    other = leads.enter(by=city, at=NOW, given=given(text="无从查起")).lead
    with pytest.raises(leads.WrongLead):
        leads.dismiss(lead=other, by=city, at=NOW, reason="")
    leads.dismiss(lead=other, by=city, at=NOW, reason="无具体对象")
    with pytest.raises(opening.UnableToOpen):
        leads.dismiss(lead=other, by=city, at=NOW, reason="再次")
    assert list(check()) == []


HEADER = ["线索来源", "收到日期", "线索内容", "户号", "来源编号", "举报人", "要求回复"]


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADER, *rows]:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


GOOD = ["群众举报", date(2026, 10, 14), "私接线路", 3300000001, "W-1", "举报乙", "是"]


def test_a_file_is_read_and_wrong_cells_are_named() -> None:
    content = workbook(
        GOOD,
        ["传闻", "2026-13-40", "", "3300000002", "W-2", "", ""],
        [None] * 7,
        ["bill_checking", "2026/10/15", "电费核查发现", "", "", "", ""],
    )
    parsed = lead_file.parse(name="线索.XLSX", content=content, at=NOW)
    assert [(p.cell, p.column.zh) for p in parsed.problems] == [
        ("A3", "线索来源"), ("C3", "线索内容"), ("B3", "收到日期"),
    ]  # fmt: skip
    assert parsed.problems[0].value == "传闻"
    assert [lead["customer_id"] for lead in parsed.leads] == ["3300000001", ""]
    assert parsed.leads[0]["wishes_reply"] is True
    assert parsed.leads[1]["received_on"] == date(2026, 10, 15)


def test_a_title_above_the_head_and_cells_merged_downwards_are_read() -> None:
    book = load_workbook(io.BytesIO(workbook(GOOD, [None, None, "夜间用电异常", "3300000002", "W-2", "", "否"])))
    sheet = book.worksheets[0]
    sheet.insert_rows(1)
    sheet["A1"] = "十月线索汇总"
    sheet.merge_cells("A1:G1")
    sheet.merge_cells("A3:A4")
    sheet.merge_cells("B3:B4")
    made = io.BytesIO()
    book.save(made)
    parsed = lead_file.parse(name="a.xlsx", content=made.getvalue(), at=NOW)
    assert parsed.problems == ()
    assert [(lead["line"], lead["source"], lead["received_on"]) for lead in parsed.leads] == [
        (3, "public_report", date(2026, 10, 14)), (4, "public_report", date(2026, 10, 14)),
    ]  # fmt: skip


@pytest.mark.parametrize(("said", "wishes"), [("要", True), ("不需要", False), ("", False), ("请电话联系", None)])
def test_whether_a_reply_is_wished_for_is_understood_or_asked(said: str, wishes: bool | None) -> None:
    """An answer that was not known counted as no: who reported it waited in vain."""
    parsed = lead_file.parse(name="a.xlsx", content=workbook([*GOOD[:6], said]), at=NOW)
    if wishes is None:
        assert [(p.cell, p.value) for p in parsed.problems] == [("G2", "请电话联系")]
    else:
        assert [lead["wishes_reply"] for lead in parsed.leads] == [wishes]


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-10-15", date(2026, 10, 15)), ("2026/9/3", date(2026, 9, 3)), ("2026.9.3", date(2026, 9, 3)),
        ("2026年9月3日", date(2026, 9, 3)), ("２０２６－９－３", date(2026, 9, 3)), ("20260903", date(2026, 9, 3)),
        (20260903, date(2026, 9, 3)), ("2026-09-03 08:30", date(2026, 9, 3)), (46268, date(2026, 9, 3)),
        (46268.5, date(2026, 9, 3)), ("2026-13-40", None), ("9月3日", None), ("46268", None), (True, None), (7, None),
        ("2026-W36-4", None), (None, None),
    ],
)  # fmt: skip
def test_a_day_is_read_however_people_write_it(value: object, day: date | None) -> None:
    assert day_of(value) == day


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_in_either_encoding(encoding: str) -> None:
    text = "source,received_on,text\nmonitoring,2026-10-01,电量突降\n"
    parsed = lead_file.parse(name="a.csv", content=text.encode(encoding), at=NOW)
    assert parsed.leads[0]["text"] == "电量突降"
    assert parsed.problems == ()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"no workbook"), ("a.csv", b"\xff\xfe\x00\xd8"), ("a.csv", "户号\n1\n".encode()), ("a.xlsx", b""),
     ("a.csv", b"")],
)  # fmt: skip
def test_a_file_that_cannot_be_used(name: str, content: bytes) -> None:
    with pytest.raises(BadInput):
        lead_file.parse(name=name, content=content, at=NOW)


def test_a_file_with_too_many_lines() -> None:
    text = "source,received_on,text\n" + "monitoring,2026-10-01,x\n" * (lead_file.MOST_ROWS + 1)
    with pytest.raises(BadInput):
        lead_file.parse(name="a.csv", content=text.encode(), at=NOW)


def test_nothing_is_entered_while_a_cell_is_wrong_unless_asked_for(world: World) -> None:
    client, url = world.client("city"), reverse("lead_import")
    wrong = workbook(GOOD, ["传闻", "2026-10-14", "x", "", "", "", ""])

    def send(content: bytes, **more: str) -> str:
        file = SimpleUploadedFile("leads.xlsx", content)
        return client.post(url, {"file": file, **more}).content.decode()

    assert "A3" in send(wrong)
    assert not Lead.objects.exists()
    assert 'data-test="entered"' in send(wrong, good_only="1")
    assert Lead.objects.count() == 1
    again = send(workbook(GOOD, ["群众举报", "2026-10-14", "另一条", "", "", "", ""]))  # the same number again
    assert Lead.objects.count() == 2
    assert "已登记线索 1 条" in again and "1 条此前已登记" in again
    assert client.post(url).status_code == 200


def test_a_long_file_is_entered_in_the_background(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """A browser would wait minutes for 5,000 and give up; who it was entered for would not know how far it came."""
    lines = [f"群众举报,2026-10-14,夜间用电{n},,N-{n},李四\n" for n in range(AT_ONCE + 1)]
    lines[7] = "群众举报,2026-10-14,别县客户,3300000003,N-7,李四\n"  # of a unit where this person enters nothing
    text = "source,received_on,text,customer_id,external_id,reporter_name\n" + "".join(lines)

    def send(text: str, **more: str) -> Any:
        with django_capture_on_commit_callbacks():
            file = SimpleUploadedFile("leads.csv", text.encode())
            return world.client("county_a").post(reverse("lead_import"), {"file": file, **more})

    wrong = text + "传闻,2026-10-14,x,,,\n"
    assert "A203" in send(wrong).content.decode() and not Job.objects.exists()  # told before anything is asked for
    answer = send(wrong, good_only="1")
    job = Job.objects.get(kind="enter_leads")
    assert answer.headers["Location"] == reverse("job", args=[job.pk])
    assert not Lead.objects.exists() and "李四" not in str(job.arguments)
    run_job.func(job_id=job.pk, at=NOW.isoformat(), language="zh-hans")
    job.refresh_from_db()
    told = job.result["many"]
    assert (job.state, told["done"], told["refused"], Lead.objects.count()) == ("done", AT_ONCE, 2, AT_ONCE)
    assert [label for label, _why in told["why"]] == ["A203", "3300000003"]
    results = (settings.MEDIA_ROOT / job.result_file).read_text(encoding="utf-8-sig")
    assert results.count("\n") == AT_ONCE + 3 and "第2行" in results and "李四" not in results
    assert [path.name for path in (settings.MEDIA_ROOT / job.result_file).parent.iterdir()] == ["results.csv"]
    send(text)  # the same numbers again
    run_job.func(job_id=Job.objects.latest("pk").pk, at=NOW.isoformat(), language="zh-hans")
    assert Lead.objects.count() == AT_ONCE


def test_a_file_whose_job_was_killed_is_sent_again_and_nothing_is_doubled(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines of most files carry no number of their own; what tells them is all that they say."""
    lines = [f"群众举报,2026-10-14,夜间用电{n},,李四\n" for n in range(AT_ONCE + 1)]
    lines[5] = lines[4]  # the same words, the same day, of the same person: one lead
    text = "source,received_on,text,customer_id,reporter_name\n" + "".join(lines)

    def send() -> Job:
        with django_capture_on_commit_callbacks():
            file = SimpleUploadedFile("leads.csv", text.encode())
            world.client("county_a").post(reverse("lead_import"), {"file": file})
        return Job.objects.latest("pk")

    class Killed(BaseException):
        pass

    right, killed = leads.enter, send()

    def until_killed(**given: Any) -> leads.Entered:
        if Lead.objects.count() == 20:
            raise Killed
        return right(**given)

    upload = settings.MEDIA_ROOT / "jobs" / str(killed.pk) / "upload"
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(leads, "enter", until_killed)
        patch.setattr(type(upload), "unlink", lambda *_a, **_k: None)  # whoever is killed tidies nothing
        run_job.func(job_id=killed.pk, at=NOW.isoformat(), language="zh-hans")
    assert Lead.objects.count() == 20 and upload.is_file()
    lead_job.forget_uploads(NOW)
    assert upload.is_file()  # as far as anyone knows the job is at work
    work.give_up_dead(timezone.now() + timedelta(hours=1))
    lead_job.forget_uploads(NOW)
    assert not upload.exists()

    again = send()
    run_job.func(job_id=again.pk, at=NOW.isoformat(), language="zh-hans")
    assert Lead.objects.count() == Reporter.objects.count() == AT_ONCE
    send()
    run_job.func(job_id=Job.objects.latest("pk").pk, at=NOW.isoformat(), language="zh-hans")
    assert Lead.objects.count() == AT_ONCE
    assert list(check()) == []


def test_another_reporter_day_or_unit_makes_another_lead(world: World) -> None:
    def enter(by: str = "county_a", **more: Any) -> bool:
        return leads.enter(by=world.people[by], at=NOW, given=given(**more), of_file=True).new

    assert [enter(), enter(), enter("county_b")] == [True, False, True]  # of no customer: where it was heard counts
    assert [enter(reporter_name="王五"), enter(received_on=NOW.date() - timedelta(days=1))] == [True, True]
    assert [enter(customer_id="3300000001"), enter("city", customer_id="3300000001")] == [True, False]
    by_hand = [leads.enter(by=world.people["county_a"], at=NOW, given=given()).new for _ in range(2)]
    assert by_hand == [True, True]  # people say themselves that it is another one


@pytest.mark.parametrize(
    ("language", "first", "source"), [("zh-hans", "线索来源", "群众举报"), ("en", "Source", "Public report")]
)
def test_the_empty_file_can_be_read_back(world: World, language: str, first: str, source: str) -> None:
    client = world.client("city")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    content = b"".join(client.get(reverse("lead_template")).streaming_content)  # type: ignore[attr-defined]
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert (sheet["A1"].value, sheet["A2"].value) == (first, source)
    of_language = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert language != "en" or all(value.isascii() for value in of_language)
    parsed = lead_file.parse(name="x.xlsx", content=content, at=NOW)
    assert parsed.problems == ()
    (lead,) = parsed.leads
    assert (lead["source"], lead["received_on"].isoformat(), lead["wishes_reply"]) == (
        "public_report",
        "2026-10-15",
        True,
    )
    page = client.get(reverse("lead_import")).content.decode()
    assert first in page


def test_entering_on_the_page(world: World) -> None:
    finding(world)
    client = world.client("county_a")
    answer = client.post(reverse("lead_new"), given(customer_id="3300000001", received_on="2026-10-15"))
    lead = Lead.objects.get()
    assert answer.headers["Location"] == reverse("lead", args=[lead.pk])
    assert lead.case is not None
    body = client.post(reverse("lead_new"), given(customer_id="3300000003", received_on="2026-10-15")).content.decode()
    assert "field-error" in body  # the customer of another county
    assert Lead.objects.count() == 1


def test_a_workbook_whose_sheet_is_damaged_is_told_too() -> None:
    good, held = io.BytesIO(), io.BytesIO()
    Workbook().save(good)
    with zipfile.ZipFile(good) as package, zipfile.ZipFile(held, "w") as made:
        for part in package.infolist():
            whole = package.read(part)
            made.writestr(part.filename, whole[: len(whole) // 2] if "worksheets" in part.filename else whole)
    with pytest.raises(BadInput, match="damaged"):
        lead_file.parse(name="a.xlsx", content=held.getvalue(), at=NOW)
    with pytest.raises(UnableToVisit, match="damaged"):
        list(list_sheet.read(held.getvalue()))
