"""Lists that come back: looked through cell by cell first, taken in on confirmation, whole or the good lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jicha_web.cases import moves
from jicha_web.cases.models import Case
from jicha_web.cases.moves import UnableToMove
from jicha_web.cases.spreadsheet import day_of, text_of
from jicha_web.core import Language, Text, rules
from jicha_web.field.demands import evidence
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.list_sheet import LIMITS, NUMBER, Line, Problem, expected_of, read, write
from jicha_web.field.models import ListReply, Visit
from jicha_web.field.storage import kept_only_if_done, path_of, store
from jicha_web.field.visits import qualification
from jicha_web.history import record as history
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import may, require

TO_CHECK = ("station_pending", "checking")


@dataclass(frozen=True)
class Reply:
    """One good line: the case and what was found."""

    line: Line
    case: Case
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Looked:
    """A list as it was looked through. empty: lines in which nothing was filled in."""

    replies: tuple[Reply, ...]
    problems: tuple[Problem, ...]
    empty: int

    @property
    def wrong_lines(self) -> int:
        """How many lines have something wrong."""
        return len({(p.sheet, p.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for p in self.problems})


def to_list(*, by: Person, at: datetime) -> Any:
    """Return the cases that a person may put on a list: their own to check, or with `export` all in sight."""
    day = timezone.localdate(at)
    found = Case.objects.filter(state__in=TO_CHECK, severity__in=evidence().list_severities)
    if not may(by, "export", day):
        require(by, "case_check", day)
        found = found.filter(assignee=by)
    return found.select_related("organisation", "assignee").order_by("due_at", "pk")


def export(*, by: Person, at: datetime, language: Language, reason: str = "") -> bytes:
    """Return the workbook of the cases to check; with a reason names and addresses unmasked, each look recorded."""
    most = evidence().list_rows
    cases = list(to_list(by=by, at=at)[:most])
    if not cases:
        raise UnableToVisit(Text("没有待核查的工单", "no case waits to be checked"))
    if not reason.strip():
        return write(((case, _masked(case)) for case in cases), language)
    day = timezone.localdate(at)
    with transaction.atomic():
        for case in cases:
            require(by, "personal_unmask", day, case.organisation)
            history.record(case, verb="personal_seen", by=by, at=at, note=reason.strip(), data={"list": True})
    shown = ((c, {"name": c.customer_name or c.subject_name, "address": c.address}) for c in cases)
    return write(shown, language)


def _masked(case: Case) -> dict[str, str]:
    return {
        "name": rules.mask_value("customer_name", case.customer_name) if case.customer_name else case.subject_name,
        "address": rules.mask_value("address", case.address) if case.address else "",
    }


def look(content: bytes, *, by: Person, at: datetime) -> Looked:
    """Look through a list; nothing is stored. Raises UnableToVisit when the file as a whole cannot be used."""
    lines = list(read(content))
    filled = [line for line in lines if not line.is_empty]
    numbers = [line.number for line in filled]
    cases = {c.number: c for c in Case.objects.filter(number__in=numbers).select_related("organisation")}
    drafts = set(
        Visit._base_manager.filter(case__in=cases.values(), state="draft").values_list("case_id", flat=True)
    )  # fmt: skip
    replies, problems = [], []
    for line in filled:
        case = cases.get(line.number)
        against = _against_case(line, case, by, drafts, numbers)
        values, wrong = _values(line, timezone.localdate(at))
        if against is not None:
            what, expected = against
            wrong = [Problem(line.sheet, line.number_cell, NUMBER, line.number, what, expected), *wrong]
        problems += wrong
        if case is not None and not wrong:
            replies.append(Reply(line, case, values))
    return Looked(tuple(replies), tuple(problems), len(lines) - len(filled))


def _against_case(
    line: Line, case: Case | None, by: Person, drafts: set[int], numbers: list[str]
) -> tuple[Text, Text] | None:
    """Return why a line cannot be taken in for its case, and what is expected."""
    expected = Text("指派给您、处于待核查或核查中的工单号", "a case that is yours to check")
    what = None
    if case is None:
        what = Text("没有这个工单，或不在您的单位范围内", "there is no such case in your units")
    elif numbers.count(line.number) > 1:
        what, expected = (
            Text("同一工单出现多次", "the case is there more than once"),
            Text("每个工单一行", "one line per case"),
        )
    elif case.state not in TO_CHECK:
        what = Text("工单不在核查环节", "the case is not being checked")
    elif case.assignee_id != by.pk:
        what = Text("工单未指派给您", "the case is not given to you")
    elif case.severity not in evidence().list_severities:
        what = Text("该级别的工单须现场核查取证", "a case of this severity has to be checked on site")
        expected = Text("在现场核查页面办理", "use the page of the check on site")
    elif case.pk in drafts:
        what = Text("该工单有未提交的现场核查", "a check on site was begun and not handed in")
        expected = Text("先提交该次核查", "hand that in")
    return None if what is None else (what, expected)


def _values(line: Line, today: date) -> tuple[dict[str, Any], list[Problem]]:
    """Return the values of a line and what is wrong with its cells."""
    values: dict[str, Any] = {}
    wrong: list[Problem] = []
    labels = {f.code: f.label for f in evidence().list_fields}

    def tell(code: str, what: Text) -> None:
        shown = text_of(line.cells[code])[:100]
        wrong.append(Problem(line.sheet, line.places[code], labels[code], shown, what, expected_of(code)))

    for one in evidence().list_fields:
        text = text_of(line.cells[one.code])
        if not text:
            values[one.code] = None if one.code == "order_started_on" else ""
        elif one.code == "verdict":
            values["verdict"] = evidence().verdict_words.get(text.lower(), "")
            if not values["verdict"]:
                tell("verdict", Text("不是可选的值", "not one of the choices"))
        elif one.code == "order_started_on":
            values[one.code] = day = day_of(line.cells[one.code])
            if day is None:
                tell(one.code, Text("不是日期", "not a day"))
            elif day > today:
                tell(one.code, Text("日期晚于今天", "the day lies in the future"))
        else:
            values[one.code] = text
            if len(text) > LIMITS[one.code]:
                tell(one.code, Text("内容过长", "too long"))
    for one in evidence().list_fields:
        needed = one.required == "always" or (one.required == "when_true" and values.get("verdict") == "true")
        if needed and not text_of(line.cells[one.code]):
            tell(one.code, Text("未填写", "not filled in"))
    return values, wrong


def too_large() -> UnableToVisit:
    """Return what is said of a file above what is taken."""
    size = settings.MAX_UPLOAD_BYTES // 1024 // 1024
    return UnableToVisit(Text(f"文件超过 {size} MB", f"the file is above {size} MB"))


def keep(*, name: str, content: bytes, by: Person, at: datetime) -> tuple[ListReply, Looked]:
    """Keep a list as it was sent, with what was seen in it; nothing of it is taken in yet."""
    require(by, "case_check", timezone.localdate(at))
    if len(content) > settings.MAX_UPLOAD_BYTES:
        raise too_large()
    looked = look(content, by=by, at=at)
    with kept_only_if_done() as stored, transaction.atomic():
        stored.append(store("lists", "xlsx", content))
        reply = ListReply(
            organisation=by.organisation, by=by, at=at, name=PurePath(name).name[:200] or "list.xlsx", file=stored[0],
            sha256=hashlib.sha256(content).hexdigest(), good=len(looked.replies), wrong=looked.wrong_lines,
        )  # fmt: skip
        history.create(reply, verb="list_kept", by=by, at=at)
    return reply, looked


def content_of(reply: ListReply) -> bytes:
    """Return the bytes of a kept list; UnableToVisit when they are no longer those that were sent."""
    try:
        content = path_of(reply.file).read_bytes()
    except OSError as error:
        raise UnableToVisit(Text("存储的文件已丢失，请重新上传", "the stored file is gone: send it again")) from error
    if hashlib.sha256(content).hexdigest() != reply.sha256:
        raise UnableToVisit(Text("存储的文件已被改动，请重新上传", "the stored file was changed: send it again"))
    return content


def drop(*, reply: ListReply, by: Person, at: datetime) -> None:
    """Take nothing of a list in."""
    _require_own(reply, by)
    history.record(reply, verb="list_dropped", by=by, at=at, changes={"state": "dropped"})


def _require_own(reply: ListReply, by: Person) -> None:
    if reply.by_id != by.pk or reply.state != "seen":
        raise UnableToVisit(Text("清单已处理", "the list is dealt with already"))


def take(*, reply: ListReply, by: Person, at: datetime, good_only: bool) -> Looked:
    """Take a list in: all its lines or none; with `good_only` the good lines. One transaction for the whole list.

    Returns what was seen when it was taken in: `replies` are in, `problems` are not.
    """
    _require_own(reply, by)
    require(by, "case_check", timezone.localdate(at))
    against = qualification(by, timezone.localdate(at))
    if against is not None and against.refuses:
        raise UnableToVisit(against.text)
    looked = look(content_of(reply), by=by, at=at)
    if looked.problems and not good_only:
        raise UnableToVisit(
            Text("清单中还有错误，不能全部导入", "there are errors in the list: it cannot be taken in as a whole")
        )
    if not looked.replies:
        raise UnableToVisit(Text("没有可导入的行", "there is no line that can be taken in"))
    with transaction.atomic():
        taken, refused = _take_all(looked.replies, by, at, good_only=good_only)
        numbers = [one.case.number for one in taken]
        changes = {"state": "taken", "good": len(taken), "wrong": looked.wrong_lines + len(refused), "taken": numbers}
        history.record(reply, verb="list_taken", by=by, at=at, changes=changes)
    return Looked(tuple(taken), (*looked.problems, *refused), looked.empty)


def _take_all(
    replies: Iterable[Reply], by: Person, at: datetime, *, good_only: bool
) -> tuple[list[Reply], list[Problem]]:
    taken, refused = [], []
    for one in replies:
        try:
            with transaction.atomic():
                _take(one, by, at)
            taken.append(one)
        except (UnableToMove, ChangedMeanwhile) as error:
            text = (
                Text(error.words(), error.words()) if isinstance(error, UnableToMove) else Text(str(error), str(error))
            )
            if not good_only:
                zh, en = f"{one.case.number}：{text.zh}", f"{one.case.number}: {text.en}"
                raise UnableToVisit(Text(zh, en)) from error
            refused.append(
                Problem(one.line.sheet, one.line.number_cell, NUMBER, one.line.number, text, Text("–", "–"))
            )  # fmt: skip
    return taken, refused


def _take(one: Reply, by: Person, at: datetime) -> None:
    case = Case._base_manager.select_related("organisation").get(pk=one.case.pk)
    if case.state == "station_pending":
        moves.move(case=case, event="start_check", by=by, at=at)
    visit = Visit(case=case, client_uuid=uuid4(), person=by, mode="list", started_at=at, **one.values)
    history.create(visit, verb="visit_listed", by=by, at=at, data={"cell": f"{one.line.sheet}!{one.line.number_cell}"})
    moves.move(case=case, event="submit_check", by=by, at=at, data={"visit": visit.pk})
