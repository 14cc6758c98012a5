"""List mode: out with the columns to fill in, back by cell, taken in whole or not at all."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped, unused-ignore]

from jicha_web.cases.models import Case
from jicha_web.core import Language
from jicha_web.field import list_replies
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.models import ListReply, Visit
from jicha_web.field.storage import path_of
from jicha_web.history import record as history
from jicha_web.history.models import Entry
from jicha_web.history.read import check
from jicha_web.organisation.models import Qualification
from tests.web.cases.building import case_in
from tests.web.conftest import NOW, World
from tests.web.field.conftest import begin

GOOD = {
    "是否属实": "属实", "核查情况": "倍率录错", "其他问题（没有请填“无”）": "无", "整改工单号": "ZG-1",
    "整改发起日期": date(2026, 10, 14), "整改结果": "已发起换表", "核查人": "赵六",
}  # fmt: skip


def filled(content: bytes, answers: dict[str, dict[str, Any]]) -> bytes:
    """Fill a list in as people do: by the heads of the columns, the case by its number."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    heads = {str(c.value).rstrip("* "): c.column for c in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        for head, value in answers.get(str(row[0].value), {}).items():
            sheet.cell(row=row[0].row, column=heads[head], value=value)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def out(world: World, username: str = "station_a1") -> bytes:
    return list_replies.export(by=world.people[username], at=NOW, language=Language.ZH)


@pytest.fixture
def cases(world: World, all_units: None) -> list[Case]:
    return [case_in(world, "station_pending", address="云岭路1号") for _ in range(3)]


def test_a_list_filled_in_as_people_do_is_taken(world: World, cases: list[Case]) -> None:
    """One name merged down the column, days typed by hand, yes for true; the third case is left for another day."""
    plain = {**GOOD, "核查人": None}
    content = filled(out(world), {
        cases[0].number: plain | {"核查人": "赵六", "是否属实": "是", "整改发起日期": "2026年9月3日"},
        cases[1].number: plain | {"是否属实": "否", "整改工单号": None, "整改发起日期": "2026/9/3", "整改结果": None},
    })  # fmt: skip
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    column = next(c.column_letter for c in sheet[1] if str(c.value).startswith("核查人"))
    order = [str(row[0].value) for row in sheet.iter_rows(min_row=2)]
    assert order[:2] == [c.number for c in cases[:2]]
    sheet.merge_cells(f"{column}2:{column}4")
    made = io.BytesIO()
    book.save(made)
    looked = list_replies.look(made.getvalue(), by=world.people["station_a1"], at=NOW)
    assert (looked.problems, looked.empty) == ((), 1)
    assert [(r.values["verdict"], r.values["inspector"], r.values["order_started_on"]) for r in looked.replies] == [
        ("true", "赵六", date(2026, 9, 3)), ("untrue", "赵六", date(2026, 9, 3)),
    ]  # fmt: skip


def kept(world: World, content: bytes) -> ListReply:
    return list_replies.keep(name="回填.xlsx", content=content, by=world.people["station_a1"], at=NOW)[0]


def test_the_list_has_the_columns_to_fill_in(world: World, cases: list[Case]) -> None:
    book = load_workbook(io.BytesIO(out(world)))
    sheet = book.worksheets[0]
    heads = [str(c.value) for c in sheet[1]]
    assert {h.rstrip("* ") for h in heads} >= set(GOOD)
    assert {str(r[0].value) for r in sheet.iter_rows(min_row=2)} == {c.number for c in cases}
    assert "张三" not in str([[c.value for c in r] for r in sheet.iter_rows()])
    validations = {v.type for v in sheet.data_validations.dataValidation}
    assert validations == {"list", "date", "textLength"}
    choices = next(v for v in sheet.data_validations.dataValidation if v.type == "list")
    assert choices.formula1 == '"属实,不属实,无法判断"'
    assert sheet.protection.sheet
    reply_cell = sheet.cell(row=2, column=len(heads))
    assert reply_cell.protection.locked is False


def test_names_in_full_need_the_right_and_a_reason_and_are_recorded(world: World, cases: list[Case]) -> None:
    by = world.people["station_a1"]
    content = list_replies.export(by=by, at=NOW, language=Language.ZH, reason="入户核查")
    text = str([[c.value for c in r] for r in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()])
    assert "张三" in text and "云岭路1号" in text
    assert Entry.objects.filter(verb="personal_seen", note="入户核查").count() == 3
    with pytest.raises(PermissionDenied):
        list_replies.export(by=world.people["manager"], at=NOW, language=Language.ZH, reason="好奇")
    assert Entry.objects.filter(verb="personal_seen").count() == 3


def test_a_formula_in_a_title_stays_text(world: World, all_units: None) -> None:
    case_in(world, "station_pending", title='=HYPERLINK("http://x","y")')
    sheet = load_workbook(io.BytesIO(out(world))).worksheets[0]
    cell = sheet.cell(row=2, column=2)
    assert cell.data_type == "s"


def test_a_whole_list_is_taken_in(world: World, cases: list[Case]) -> None:
    untrue = {**GOOD, "是否属实": "不属实", "整改工单号": None, "整改发起日期": None, "整改结果": None}
    content = filled(out(world), {cases[0].number: GOOD, cases[1].number: untrue})
    reply = kept(world, content)
    assert (reply.good, reply.wrong) == (2, 0)
    done = list_replies.take(reply=reply, by=world.people["station_a1"], at=NOW, good_only=False)
    assert done.empty == 1
    states = [Case.objects.get(pk=c.pk).state for c in cases]
    assert states == ["assessing", "assessing", "station_pending"]
    visit = Visit._base_manager.get(case=cases[0])
    assert (visit.mode, visit.state, visit.verdict, visit.order_number) == ("list", "submitted", "true", "ZG-1")
    assert visit.order_started_on == date(2026, 10, 14)
    assert (visit.inspector, visit.person) == ("赵六", world.people["station_a1"])
    reply.refresh_from_db()
    assert (reply.state, sorted(reply.taken)) == ("taken", sorted([cases[0].number, cases[1].number]))
    assert list(check()) == []
    with pytest.raises(UnableToVisit, match="dealt with"):
        list_replies.take(reply=reply, by=world.people["station_a1"], at=NOW, good_only=False)


def test_what_is_wrong_is_told_by_cell(world: World, cases: list[Case]) -> None:
    wrong = {
        cases[0].number: {**GOOD, "是否属实": "也许", "整改发起日期": "明天"},
        cases[1].number: {**GOOD, "整改工单号": None, "核查人": " ", "整改发起日期": NOW.date() + timedelta(days=1)},
        cases[2].number: GOOD,
    }
    looked = list_replies.look(filled(out(world), wrong), by=world.people["station_a1"], at=NOW)
    rows = {c.number: r for r, c in enumerate(sorted(cases, key=lambda c: c.pk), 2)}
    told = {(p.cell, p.what.en, p.value) for p in looked.problems}
    first, second = rows[cases[0].number], rows[cases[1].number]
    assert told == {
        (f"I{first}", "not one of the choices", "也许"),
        (f"M{first}", "not a day", "明天"),
        (f"L{second}", "not filled in", ""),
        (f"O{second}", "not filled in", ""),
        (f"M{second}", "the day lies in the future", "2026-10-16 00:00:00"),
    }
    assert all(p.sheet == "核查清单" and p.expected.zh and p.column.zh for p in looked.problems)
    assert (len(looked.replies), looked.wrong_lines) == (1, 2)


def test_with_errors_only_the_good_lines_go_in_and_only_when_asked(world: World, cases: list[Case]) -> None:
    content = filled(out(world), {cases[0].number: GOOD, cases[1].number: {**GOOD, "是否属实": "也许"}})
    reply, by = kept(world, content), world.people["station_a1"]
    with pytest.raises(UnableToVisit, match="as a whole"):
        list_replies.take(reply=reply, by=by, at=NOW, good_only=False)
    assert Visit.objects.count() == 0
    done = list_replies.take(reply=reply, by=by, at=NOW, good_only=True)
    assert [r.case.number for r in done.replies] == [cases[0].number]
    assert Case.objects.get(pk=cases[1].pk).state == "station_pending"


def test_nothing_is_half_written(world: World, cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    reply = kept(world, filled(out(world), {c.number: GOOD for c in cases}))
    real = list_replies._take
    done: list[str] = []

    def fail_at_last(one: list_replies.Reply, by: Any, at: Any) -> None:
        real(one, by, at)
        done.append(one.case.number)
        if len(done) == 3:
            raise history.ChangedMeanwhile(one.case)

    monkeypatch.setattr(list_replies, "_take", fail_at_last)
    before = Entry.objects.count()
    with pytest.raises(UnableToVisit, match=r"JC\d+: "):
        list_replies.take(reply=reply, by=world.people["station_a1"], at=NOW, good_only=False)
    assert len(done) == 3
    assert (Visit.objects.count(), Entry.objects.count()) == (0, before)
    done.clear()
    looked = list_replies.take(reply=ListReply.objects.get(pk=reply.pk), by=reply.by, at=NOW, good_only=True)
    assert (len(looked.replies), Visit.objects.count()) == (2, 2)


def test_lines_of_others_and_other_states_are_named(world: World, cases: list[Case]) -> None:
    moved = case_in(world, "station_pending")
    content = filled(out(world), {c.number: GOOD for c in [*cases, moved]})
    history.record(cases[0], verb="reassign", by=None, at=NOW, changes={"assignee": world.people["station_a2"]})
    history.record(cases[1], verb="cancel", by=None, at=NOW, changes={"state": "cancelled"})
    history.record(cases[2], verb="cancel", by=None, at=NOW, changes={"number": "JC-X"})
    began = begin(world)
    assert began.visit.state == "draft"
    by = world.people["station_a1"]
    looked = list_replies.look(content, by=by, at=NOW)
    assert {p.what.en for p in looked.problems} == {
        "the case is not given to you", "the case is not being checked", "there is no such case in your units",
    }  # fmt: skip
    assert [r.case.number for r in looked.replies] == [moved.number]
    draft = list_replies.look(filled(out(world), {began.case.number: GOOD}), by=by, at=NOW)
    assert [p.what.en for p in draft.problems] == ["a check on site was begun and not handed in"]


def test_the_same_case_twice_is_named(world: World, cases: list[Case]) -> None:
    book = load_workbook(io.BytesIO(filled(out(world), {c.number: GOOD for c in cases})))
    book.worksheets[0].cell(row=3, column=1, value=book.worksheets[0].cell(row=2, column=1).value)
    made = io.BytesIO()
    book.save(made)
    looked = list_replies.look(made.getvalue(), by=world.people["station_a1"], at=NOW)
    assert [(p.cell, p.what.en) for p in looked.problems] == [
        ("A2", "the case is there more than once"), ("A3", "the case is there more than once"),
    ]  # fmt: skip


def bare(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no workbook", "no XLSX"),
        (b"PK\x03\x04 broken", "no XLSX"),
        (bare([["a", "b"], [1, 2]]), "no column “Case number”"),
        (bare([["工单号", "是否属实"], ["JC1", "属实"]]), "lacks the columns"),
    ],
)
def test_what_is_no_list(world: World, all_units: None, content: bytes, says: str) -> None:
    with pytest.raises(UnableToVisit, match=says):
        list_replies.look(content, by=world.people["station_a1"], at=NOW)


def test_a_few_kilobytes_that_unpack_to_a_hundred_megabytes_are_not_read(world: World, cases: list[Case]) -> None:
    made = io.BytesIO()
    with ZipFile(io.BytesIO(out(world))) as packed, ZipFile(made, "w", ZIP_DEFLATED) as again:
        for name in packed.namelist():
            part = packed.read(name)
            if name.endswith("sheet1.xml"):
                part = part.replace(b"</sheetData>", b'<row r="1"><c r="A1"/></row>' * 4_000_000 + b"</sheetData>")
            again.writestr(name, part)
    with pytest.raises(UnableToVisit, match="too large when unpacked"):
        list_replies.look(made.getvalue(), by=world.people["station_a1"], at=NOW)


def test_too_many_lines(world: World, all_units: None) -> None:
    heads = ["工单号", *GOOD]
    content = bare([heads, *[[f"JC{n}", *["x"] * len(GOOD)] for n in range(501)]])
    with pytest.raises(UnableToVisit, match="more than 500 lines"):
        list_replies.look(content, by=world.people["station_a1"], at=NOW)


def test_a_stored_list_that_was_changed_is_not_taken_in(world: World, cases: list[Case]) -> None:
    reply = kept(world, filled(out(world), {cases[0].number: GOOD}))
    path_of(reply.file).write_bytes(filled(out(world), {c.number: GOOD for c in cases}))
    with pytest.raises(UnableToVisit, match="changed"):
        list_replies.take(reply=reply, by=reply.by, at=NOW, good_only=False)
    assert {(d.kind, d.what) for d in check("listreply", reply.pk)} == {("file", "file")}


def test_a_stored_list_that_is_gone_is_told(world: World, cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)
    reply = kept(world, filled(out(world), {cases[0].number: GOOD}))
    path_of(reply.file).unlink()
    client = world.client("station_a1")
    page = client.post(reverse("field_list_take", args=[reply.pk]), {"confirmed": "1", "what": "good"}, follow=True)
    assert page.status_code == 200
    assert "存储的文件已丢失" in page.content.decode()


def test_an_expired_certificate_refuses_lists_too(world: World, cases: list[Case]) -> None:
    person = world.people["station_a1"]
    ended = Qualification(
        person=person, organisation=person.organisation, kind="usage_inspection",
        valid_until=NOW.date() - timedelta(days=1),
    )  # fmt: skip
    history.create(ended, verb="qualification_added", by=None, at=NOW)
    reply = kept(world, filled(out(world), {cases[0].number: GOOD}))
    with pytest.raises(UnableToVisit, match="ended on"):
        list_replies.take(reply=reply, by=person, at=NOW, good_only=False)


def test_the_pages(world: World, cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)
    client = world.client("station_a1")
    page = client.get(reverse("field_lists"))
    assert b'data-test="list-export"' in page.content
    content = client.post(reverse("field_lists_export")).content
    answers = {cases[0].number: GOOD, cases[1].number: {**GOOD, "是否属实": "也许"}}
    file = SimpleUploadedFile("回填.xlsx", filled(content, answers))
    went = client.post(reverse("field_lists_import"), {"file": file})
    seen = client.get(went.headers["Location"]).content.decode()
    assert "核查清单!I" in seen and seen.count('data-test="good-row"') == 1 and 'value="good"' in seen
    reply = ListReply.objects.get()
    take = reverse("field_list_take", args=[reply.pk])
    assert b"confirmed" in client.post(take, {"what": "good"}).content
    assert Visit.objects.count() == 0
    client.post(take, {"what": "good", "confirmed": "1"})
    assert Case.objects.get(pk=cases[0].pk).state == "assessing"
    assert cases[0].number in client.get(reverse("field_list", args=[reply.pk])).content.decode()
    stranger = world.client("station_a2")
    assert stranger.get(reverse("field_list", args=[reply.pk])).status_code == 404
    assert stranger.post(take, {"confirmed": "1"}).status_code == 404
    assert world.client("reviewer").get(reverse("field_lists")).status_code == 403
    other = client.post(reverse("field_lists_import"), {"file": SimpleUploadedFile("x.xlsx", b"nothing")})
    assert other.headers["Location"] == reverse("field_lists")
    shown = client.get(reverse("case", args=[cases[0].pk]))
    assert shown.status_code == 200 and "ZG-1" in shown.content.decode()
