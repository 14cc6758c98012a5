"""What people do with findings: with the right, with a reason, once, and recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from jicha_web import notices
from jicha_web.core import rules
from jicha_web.findings import handling, upkeep, whitelist
from jicha_web.findings.handling import UnableToHandle
from jicha_web.findings.models import Finding, WhitelistEntry
from jicha_web.history import read as history
from jicha_web.history import record as recording
from jicha_web.history.record import ChangedMeanwhile
from tests.web.conftest import World
from tests.web.small_data import screen_it

Found = dict[str, Finding]
LATER = date(2026, 11, 1)
pytestmark = pytest.mark.usefixtures("all_units")


def again(finding: Finding) -> Finding:
    return Finding.objects.select_related("organisation").get(pk=finding.pk)


def test_dismiss_and_take_back(world: World, found: Found) -> None:
    one, by = found["1001"], world.people["county_a"]
    handling.dismiss(finding=one, reason=" 现场  核实无误 ", by=by, at=world.now)
    with pytest.raises(UnableToHandle):
        handling.snooze(finding=again(one), until=LATER, reason="再等等看", by=by, at=world.now)
    handling.reopen(finding=again(one), reason="有新的线索", by=by, at=world.now)
    assert again(one).handling == "open"
    assert [(e.verb, e.note, e.by_name) for e in history.entries_of(one)] == [
        ("dismissed", "现场 核实无误", by.name), ("reopened", "有新的线索", by.name),
    ]  # fmt: skip
    assert list(history.check()) == []


@pytest.mark.parametrize(
    ("reason", "until"), [("短", LATER), ("理由充分的", date(2026, 10, 15)), ("理由充分的", date(2028, 1, 1))]
)
def test_a_snooze_needs_a_reason_and_a_day(world: World, found: Found, reason: str, until: date) -> None:
    with pytest.raises(UnableToHandle):
        handling.snooze(finding=found["1001"], until=until, reason=reason, by=world.people["city"], at=world.now)
    assert again(found["1001"]).version == 0


def test_a_snooze_ends_on_its_day(world: World, found: Found) -> None:
    handling.snooze(finding=found["1001"], until=LATER, reason="等下月账单", by=world.people["city"], at=world.now)
    upkeep.wake(world.now + timedelta(days=16))
    assert again(found["1001"]).handling == "snoozed"
    upkeep.wake(world.now + timedelta(days=17))
    assert (again(found["1001"]).handling, again(found["1001"]).snoozed_until) == ("open", None)


VERBS: list[Callable[..., Any]] = [
    lambda f, by, at: handling.dismiss(finding=f, reason="理由充分的", by=by, at=at),
    lambda f, by, at: handling.snooze(finding=f, until=LATER, reason="理由充分的", by=by, at=at),
    lambda f, by, at: handling.reopen(finding=f, reason="理由充分的", by=by, at=at),
    lambda f, by, at: whitelist.ask(finding=f, until=LATER, reason="理由充分的", by=by, at=at),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["county_b", "station_a1", "manager", "auditor", "reviewer", "admin", "author"])
def test_who_may_not_is_refused(world: World, found: Found, verb: Callable[..., Any], who: str) -> None:
    with pytest.raises(PermissionDenied):
        verb(found["1001"], world.people[who], world.now)
    assert again(found["1001"]).version == 0 and not WhitelistEntry.objects.exists()


def test_the_second_of_two_is_told(world: World, found: Found) -> None:
    first, second = again(found["1001"]), again(found["1001"])
    handling.dismiss(finding=first, reason="现场核实无误", by=world.people["city"], at=world.now)
    with pytest.raises(ChangedMeanwhile):
        handling.dismiss(finding=second, reason="现场核实无误", by=world.people["county_a"], at=world.now)


def test_personal_data_are_recorded_before_they_are_seen(world: World, found: Found) -> None:
    with pytest.raises(PermissionDenied):
        handling.unmask(finding=found["1001"], reason="联系客户核实", by=world.people["manager"], at=world.now)
    with pytest.raises(UnableToHandle):
        handling.unmask(finding=found["1001"], reason=" x ", by=world.people["city"], at=world.now)
    handling.unmask(finding=found["1001"], reason="联系客户核实", by=world.people["city"], at=world.now)
    assert [(e.verb, e.note) for e in history.entries_of(found["1001"])] == [("unmasked", "联系客户核实")]


# --- the white list


def ask(world: World, finding: Finding, who: str = "county_a") -> WhitelistEntry:
    return whitelist.ask(finding=finding, until=LATER, reason="已签补充协议", by=world.people[who], at=world.now)


def test_asked_by_one_approved_by_another_and_the_next_run_knows(world: World, found: Found, data: Path) -> None:
    entry = ask(world, found["1001"])
    assert again(found["1001"]).handling == "open" and not (data / "run" / "whitelist.csv").exists()
    whitelist.approve(entry=entry, by=world.people["city"], at=world.now)
    assert again(found["1001"]).handling == "whitelisted"
    rows = (data / "run" / "whitelist.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2 and rows[1].startswith("ZZ001,") and rows[1].endswith(f",{world.people['city'].name}")
    screened = screen_it(data)
    assert screened.content["rules"]["ZZ001"]["outcome"] == "done" and screened.content["lists"]["whitelist"] == 1
    upkeep.end_whitelists(world.now + timedelta(days=30))
    assert again(found["1001"]).handling == "open"
    assert WhitelistEntry.objects.get().state == "ended"
    assert (data / "run" / "whitelist.csv").read_text(encoding="utf-8").count("\n") == 1
    assert list(history.check()) == []


def test_who_may_approve_an_entry_is_told_and_who_asked_of_the_answer(
    world: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, set[str], str]] = []

    def deliver(*, people: Any, kind: str, text: Any, **_more: Any) -> None:
        told.append((kind, {p.username for p in people}, text.zh))

    monkeypatch.setattr(notices, "_deliver", [deliver])
    whitelist.refuse(entry=ask(world, found["1001"]), reason="依据不足，请补充", by=world.people["city"], at=world.now)
    whitelist.approve(entry=ask(world, found["1001"], "city"), by=world.people["reviewer"], at=world.now)
    assert told == [
        ("whitelist_asked", {"city", "reviewer", "reviewer_a"}, "申请列入白名单至2026-11-01：ZZ001 1001"),
        ("whitelist_decided", {"county_a"}, "不同意列入白名单：ZZ001 1001"),
        ("whitelist_asked", {"reviewer", "reviewer_a"}, "申请列入白名单至2026-11-01：ZZ001 1001"),
        ("whitelist_decided", {"city"}, "已列入白名单：ZZ001 1001"),
    ]


def test_four_eyes(world: World, found: Found) -> None:
    own = ask(world, found["1001"], "city")
    with pytest.raises(PermissionDenied, match="four eyes"):
        whitelist.approve(entry=own, by=world.people["city"], at=world.now)
    for who in ("county_a", "county_b", "reviewer_a"):
        if who != "reviewer_a":
            with pytest.raises(PermissionDenied):
                whitelist.approve(entry=own, by=world.people[who], at=world.now)
    whitelist.refuse(entry=own, reason="依据不足，请补充", by=world.people["reviewer_a"], at=world.now)
    with pytest.raises(UnableToHandle):
        whitelist.approve(entry=own, by=world.people["reviewer"], at=world.now)
    assert again(found["1001"]).handling == "open"


def test_the_same_is_asked_once(world: World, found: Found) -> None:
    ask(world, found["1001"])
    with pytest.raises(UnableToHandle):
        ask(world, found["1001"], "city")


def test_two_who_ask_for_the_same_at_once(world: World, found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both looked before either had written: the store itself takes one only, and the other is told."""
    create = recording.create

    def another_first(entry: WhitelistEntry, **told: Any) -> None:
        monkeypatch.setattr(recording, "create", create)
        WhitelistEntry.objects.create(
            organisation=entry.organisation, rule=entry.rule, key=entry.key, until=LATER, reason="先到一步",
            asked_by=world.people["city"], asked_at=world.now,
        )  # fmt: skip
        create(entry, **told)

    monkeypatch.setattr(recording, "create", another_first)
    with pytest.raises(UnableToHandle, match="already"):
        ask(world, found["1001"])
    for _once_more in range(2):  # what is over does not stand in the way
        entry = ask(world, found["1001"])
        whitelist.refuse(entry=entry, reason="依据不足，请补充", by=world.people["reviewer_a"], at=world.now)
    assert {entry.state for entry in WhitelistEntry.objects.all()} == {"refused"}


def test_ended_by_hand_it_is_to_do_again(world: World, found: Found, data: Path) -> None:
    entry = ask(world, found["1001"])
    whitelist.approve(entry=entry, by=world.people["city"], at=world.now)
    with pytest.raises(PermissionDenied):
        whitelist.end(entry=entry, reason="协议已到期了", by=world.people["county_b"], at=world.now)
    whitelist.end(entry=entry, reason="协议已到期了", by=world.people["county_a"], at=world.now)
    assert again(found["1001"]).handling == "open"


def test_evidence_is_masked_and_an_unverified_article_has_no_number(found: Found, data: Path) -> None:
    rule = rules.rule_book(data).rules["ZZ001"]
    shown = {line.column: line.text.zh for line in rules.evidence_of(rule, found["1001"].evidence)}
    assert shown["phone"] == "138****5678" and shown["name"] == "王**"
    [(_short, text)] = rules.basis_of(rule)
    assert "条款未核实" in text.zh and "第九条" not in text.zh and "第九条" not in text.en
