"""Deadlines are work days; a year without a calendar says so; later ones are asked and approved; all are told once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from jicha_web import notices
from jicha_web.cases import deadlines, extensions, returning, telling
from jicha_web.cases.models import Case, Dispatch
from jicha_web.cases.moves import UnableToMove, move
from jicha_web.core.calendar import Calendar
from jicha_web.history.read import entries_of
from tests.web.cases.building import add_party, case_in, given_for, make_case
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units", "open_gates")
THURSDAY = date(2026, 10, 15)


def test_work_days() -> None:
    national = Calendar(frozenset({date(2026, 10, d) for d in range(1, 8)}), frozenset({date(2026, 10, 10)}))
    wednesday = date(2026, 9, 30)
    assert national.after(wednesday, 1) == (date(2026, 10, 8), True)
    assert national.after(wednesday, 3) == (date(2026, 10, 10), True)  # a Saturday that is worked
    assert national.after(wednesday, 4) == (date(2026, 10, 12), True)
    assert national.after(wednesday, 0) == (wednesday, True)
    assert national.between(wednesday, date(2026, 10, 8)) == 1
    assert national.between(date(2026, 10, 8), wednesday) == -1
    assert Calendar().after(THURSDAY, 2) == (date(2026, 10, 19), False)
    assert national.after(date(2026, 12, 31), 1) == (date(2027, 1, 1), False)  # 2027 has no calendar: taken as it falls


def test_the_deadline_of_a_state_goes_by_severity_and_holidays(world: World, a_calendar: Calendar) -> None:
    for severity, day in (("high", date(2026, 10, 18)), ("medium", date(2026, 10, 19)), ("low", date(2026, 10, 20))):
        case = make_case(world, severity=severity)
        move(case=case, event="open", by=world.people["city"], at=NOW)
        assert timezone.localdate(case.due_at) == day
        assert case.due_by_calendar
        assert (timezone.localtime(case.due_at).hour, timezone.localtime(case.due_at).minute) == (23, 59)


def test_a_year_without_calendar_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "present_calendar", Calendar)
    case = make_case(world)
    move(case=case, event="open", by=world.people["city"], at=NOW)
    assert timezone.localdate(case.due_at) == date(2026, 10, 16)  # Friday
    assert not case.due_by_calendar
    body = world.client("city").get(f"/cases/{case.pk}/").content.decode()
    assert 'data-test="no-calendar"' in body


def test_the_station_has_the_days_of_all_its_states(world: World, a_calendar: Calendar) -> None:
    case = case_in(world, "county_pending")
    move(
        case=case, event="assign_station", by=world.people["county_a"], at=NOW, given=given_for(world, "assign_station")
    )
    until = case.due_at
    assert timezone.localdate(until) == date(2026, 10, 22)  # high: 2 + 3 work days
    assert Dispatch.objects.latest("pk").due_at == until
    move(case=case, event="start_check", by=world.people["station_a1"], at=NOW + timedelta(days=2))
    assert case.due_at == until
    move(case=case, event="submit_check", by=world.people["station_a1"], at=NOW)
    move(case=case, event="return_check", by=world.people["county_a"], at=NOW, note="缺表计照片")
    assert timezone.localdate(case.due_at) == date(2026, 10, 20)  # sent back: the days of the check anew


def test_the_dispatcher_may_set_another_day(world: World, a_calendar: Calendar) -> None:
    case = case_in(world, "registered")
    given = given_for(world, "dispatch_station")
    for due_at, code in ((NOW - timedelta(hours=1), "due_past"), (NOW + timedelta(days=90), "due_far")):
        with pytest.raises(UnableToMove) as refused:
            move(
                case=case, event="dispatch_station", by=world.people["city"], at=NOW, given={**given, "due_at": due_at}
            )
        assert [r.code for r in refused.value.reasons] == [code]
    wished = deadlines.end_of(date(2026, 10, 30))
    move(case=case, event="dispatch_station", by=world.people["city"], at=NOW, given={**given, "due_at": wished})
    assert case.due_at == wished


def test_a_later_deadline_is_asked_by_one_and_approved_by_another(world: World, a_calendar: Calendar) -> None:
    case = case_in(world, "checking")
    station, until = world.people["station_a1"], deadlines.end_of(date(2026, 11, 2))
    extension = extensions.ask(case=case, by=station, at=NOW, until=until, reason="客户外出")
    with pytest.raises(UnableToMove) as refused:
        extensions.ask(case=case, by=station, at=NOW, until=until, reason="再次")
    assert [r.code for r in refused.value.reasons] == ["asked"]
    for username in ("station_a1", "county_a", "manager"):
        with pytest.raises(UnableToMove) as refused:
            extensions.decide(extension=extension, by=world.people[username], at=NOW, approve=True)
        assert "right" in {r.code for r in refused.value.reasons}
    extensions.decide(extension=extension, by=world.people["reviewer"], at=NOW, approve=True)
    case = Case.objects.get(pk=case.pk)
    assert case.due_at == until
    assert [e.verb for e in entries_of(case)][-2:] == ["extension_asked", "extended"]
    with pytest.raises(UnableToMove):
        extensions.decide(extension=extension, by=world.people["reviewer"], at=NOW, approve=True)


def test_a_return_does_not_take_back_an_approved_day(world: World, a_calendar: Calendar) -> None:
    """The later of the approved day and the days of the state; for the work that it was approved for only."""
    case = case_in(world, "rectifying")
    approved = deadlines.end_of(date(2026, 11, 20))
    one = extensions.ask(case=case, by=world.people["station_a1"], at=NOW, until=approved, reason="变压器待更换")
    extensions.decide(extension=one, by=world.people["reviewer_a"], at=NOW, approve=True)
    move(case=case, event="submit_rectification", by=world.people["station_a1"], at=NOW)
    assert case.due_at is not None and case.due_at < approved
    move(case=case, event="return_rectification", by=world.people["county_a"], at=NOW, note="缺更换照片")
    assert (case.due_at, case.due_by_calendar) == (approved, True)
    late = NOW + timedelta(days=30)  # the days of the state reach further than the approved day by now
    move(case=case, event="submit_rectification", by=world.people["station_a1"], at=late)
    move(case=case, event="return_rectification", by=world.people["county_a"], at=late, note="仍缺")
    assert timezone.localdate(case.due_at) == date(2026, 11, 27)


def test_a_day_approved_for_the_check_counts_for_the_check_only(world: World, a_calendar: Calendar) -> None:
    case, approved = case_in(world, "station_pending"), deadlines.end_of(date(2026, 11, 20))
    one = extensions.ask(case=case, by=world.people["station_a1"], at=NOW, until=approved, reason="客户外出")
    extensions.decide(extension=one, by=world.people["reviewer_a"], at=NOW, approve=True)
    for event, username in (
        ("start_check", "station_a1"),
        ("submit_check", "station_a1"),
        ("return_check", "county_a"),
    ):
        move(case=case, event=event, by=world.people[username], at=NOW, note="补拍铭牌")
    assert case.due_at == approved  # asked for before it began: the same work
    for event, username, changes in (
        ("submit_check", "station_a1", None), ("submit_assessment", "county_a", {"outcome": "metering_fault"}),
        ("approve", "reviewer", None), ("submit_rectification", "station_a1", None),
        ("return_rectification", "county_a", None),
    ):  # fmt: skip
        move(case=case, event=event, by=world.people[username], at=NOW, note="见分析", changes=changes)
    assert timezone.localdate(case.due_at) == date(2026, 10, 29)  # other work: its own days


def test_who_asks_does_not_approve_and_refusing_wants_a_reason(world: World, a_calendar: Calendar) -> None:
    case = case_in(world, "county_pending")
    city = world.people["city"]  # may dispatch, so ask; may approve by right
    extension = extensions.ask(case=case, by=city, at=NOW, until=deadlines.end_of(date(2026, 10, 28)), reason="等数据")
    with pytest.raises(UnableToMove) as refused:
        extensions.decide(extension=extension, by=city, at=NOW, approve=True)
    assert [r.code for r in refused.value.reasons] == ["four_eyes"]
    with pytest.raises(UnableToMove) as refused:
        extensions.decide(extension=extension, by=world.people["reviewer_a"], at=NOW, approve=False)
    assert [r.code for r in refused.value.reasons] == ["no_note"]
    before = case.due_at
    extensions.decide(extension=extension, by=world.people["reviewer_a"], at=NOW, approve=False, note="时间足够")
    assert Case.objects.get(pk=case.pk).due_at == before


@pytest.mark.parametrize(
    ("username", "state", "until", "code"),
    [
        ("station_a2", "checking", date(2026, 11, 2), "no_ask"),
        ("station_a1", "checking", date(2026, 10, 16), "not_later"),
        ("station_a1", "checking", date(2027, 3, 1), "too_late"),
        ("city", "city_review", date(2026, 11, 2), "no_ask"),
    ],
)
def test_what_cannot_be_asked(
    world: World, a_calendar: Calendar, username: str, state: str, until: date, code: str
) -> None:
    case = case_in(world, state)
    with pytest.raises(UnableToMove) as refused:
        extensions.ask(case=case, by=world.people[username], at=NOW, until=deadlines.end_of(until), reason="x")
    assert [r.code for r in refused.value.reasons] == [code]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, set[str]]]:
    found: list[tuple[str, set[str]]] = []

    def deliver(*, people: Any, kind: str, text: Any, url: str, once: str, at: datetime) -> None:
        found.append((kind, {p.username for p in people}))

    monkeypatch.setattr(notices, "_deliver", [deliver])
    return found


@pytest.mark.usefixtures("a_calendar")
def test_those_who_act_next_are_told(world: World, told: list[tuple[str, set[str]]]) -> None:
    case = case_in(world, "registered")
    told.clear()
    move(case=case, event="dispatch_county", by=world.people["city"], at=NOW, given=given_for(world, "dispatch_county"))
    assert told == [("case_arrived", {"county_a"})]
    move(
        case=case, event="assign_station", by=world.people["county_a"], at=NOW, given=given_for(world, "assign_station")
    )
    assert told[-1] == ("case_arrived", {"station_a1"})


@pytest.mark.usefixtures("a_calendar")
def test_who_approves_a_later_deadline_is_told_and_who_asked_of_the_answer(
    world: World, told: list[tuple[str, set[str]]]
) -> None:
    case, until = case_in(world, "checking"), deadlines.end_of(date(2026, 11, 2))
    for answer, asker in ((False, "station_a1"), (True, "county_a")):
        told.clear()
        one = extensions.ask(case=case, by=world.people[asker], at=NOW, until=until, reason="客户外出")
        assert told == [("extension_asked", {"reviewer_a"})]  # the county's own; the city's only where it has none
        extensions.decide(extension=one, by=world.people["reviewer_a"], at=NOW, approve=answer, note="看过")
        assert told[1:] == [("extension_decided", {asker, "station_a1"})]
    add_party(case, staff_id="S-reviewer_a", unit=None)
    told.clear()
    extensions.ask(case=case, by=world.people["station_a1"], at=NOW, until=until + timedelta(days=3), reason="仍外出")
    assert told == [("extension_asked", {"reviewer", "city"})]


@pytest.mark.usefixtures("a_calendar")
def test_why_a_case_was_sent_back_stands_where_the_next_step_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    monkeypatch.setattr(notices, "_deliver", [lambda **given: texts.append(given["text"].zh)])
    case = case_in(world, "assessing")
    assert returning.last_return(case) is None
    move(case=case, event="return_check", by=world.people["county_a"], at=NOW, note="请补拍变压器铭牌")
    assert texts[-1].startswith("退回补充核查：")
    extensions.ask(
        case=case, by=world.people["county_a"], at=NOW, until=deadlines.end_of(date(2026, 11, 2)), reason="等"
    )
    phone = world.client("station_a1")
    for page in (f"/cases/{case.pk}/", f"/cases/{case.pk}/visit/"):
        before_history = phone.get(page).content.decode().split('data-test="section-history"')[0]
        assert "退回补充核查" in before_history and "请补拍变压器铭牌" in before_history
    move(case=case, event="submit_check", by=world.people["station_a1"], at=NOW)
    assert returning.last_return(case) is None  # it has moved on
    assert (
        "请补拍变压器铭牌"
        not in phone.get(f"/cases/{case.pk}/").content.decode().split('data-test="section-history"')[0]
    )


@pytest.mark.usefixtures("a_calendar")
def test_reminders_before_and_escalation_after_each_once(world: World, told: list[tuple[str, set[str]]]) -> None:
    case = case_in(world, "station_pending")
    assert timezone.localdate(case.due_at) == date(2026, 10, 22)
    told.clear()

    def on(day: int) -> list[tuple[str, set[str]]]:
        told.clear()
        at = datetime(2026, 10, day, 2, 0, tzinfo=UTC)
        telling.tell_deadlines(at)
        telling.tell_deadlines(at + timedelta(minutes=30))
        return list(told)

    assert on(19) == []
    assert on(20) == [("case_due", {"station_a1"})]  # two work days before
    assert on(21) == []
    assert on(22) == [("case_due", {"station_a1"})]  # on the day
    assert on(23) == [("case_late", {"station_a1", "county_a"})]
    assert on(26) == []
    assert on(27) == [("case_late", {"station_a1", "county_a", "city"})]  # three work days late
    assert on(29) == [("case_late", {"station_a1", "county_a", "city", "manager"})]
    assert on(31) == []
    assert Case.objects.get(pk=case.pk).version == case.version  # telling is no change of the case


@pytest.mark.usefixtures("a_calendar")
def test_how_late_a_case_is_is_said_by_the_day_it_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the worker stood still for a week the notice said 5 work days; the case was 9 late."""
    texts: list[str] = []
    case_in(world, "station_pending")  # due on the 22nd
    monkeypatch.setattr(notices, "_deliver", [lambda **given: texts.append(given["text"].zh)])
    telling.tell_deadlines(datetime(2026, 11, 4, 2, 0, tzinfo=UTC))
    assert [text.split("：")[0] for text in texts] == ["已逾期9个工作日"]


@pytest.mark.usefixtures("a_calendar")
def test_a_party_is_not_told(world: World, told: list[tuple[str, set[str]]]) -> None:
    case = case_in(world, "registered")
    add_party(case, staff_id="S-county_a", unit=None)
    told.clear()
    move(case=case, event="dispatch_county", by=world.people["city"], at=NOW, given=given_for(world, "dispatch_county"))
    assert told == [("case_arrived", set())]
