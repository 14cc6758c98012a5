"""A run's findings become rows: once, in chunks, with people's handling kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection

from jicha.screening.request import Request
from jicha.screening.run import screen
from jicha_web import core, notices
from jicha_web.core import Text, screening
from jicha_web.findings import handling, intake, proving
from jicha_web.findings.models import Finding
from jicha_web.history import read as history_read
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs import events, importing
from jicha_web.runs.models import Run
from tests.web.conftest import World
from tests.web.small_data import CUSTOMERS, DAY, RULE, customer, screen_it

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]


def nothing(_done: int, _total: int, _text: Text) -> None:
    """Nobody watches."""


def bring_in(world: World, run_id: str, progress: importing.Progress = nothing) -> Run:
    run = importing.adopt(run_id, at=world.now)
    importing.import_run(run, at=world.now, progress=progress)
    return Run.objects.get(pk=run.pk)


def states() -> dict[str, tuple[str, str]]:
    with scoped(EVERYTHING):
        return {f.customer_id: (f.state, f.handling) for f in Finding.objects.all()}


def test_findings_are_rows(world: World, data: Path, all_units: None) -> None:
    run = bring_in(world, screen_it(data).run_id)
    assert (run.state, run.period, run.counts) == ("done", date(2026, 9, 1), {"new": 4})
    assert run.rules["ZZ001"]["findings"] == 4 and run.rules["ZZ001"]["not_judged"] == 1
    found = Finding.objects.get(customer_id="20031")
    assert found.organisation == world.units["B1"]
    assert found.amount_yuan == 500 and found.stands == 1
    assert found.version == 0 and found.priority > 0
    assert "王***" not in found.reason_zh and "王**（138****5678）" in found.reason_zh
    assert found.evidence["phone"] == "13812345678"


def test_an_unknown_unit_is_named_and_its_findings_lie_with_the_root(
    world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(notices, "_deliver", [lambda **what: told.append(what["text"].en)])
    run = bring_in(world, screen_it(data).run_id)
    assert Finding.objects.get(customer_id="1004").organisation == world.units["C"]
    assert [note["en"] for note in run.notices] == [told[0]]
    assert "unit X9 is not known: its 1 findings lie with 临江供电公司" in told[0]


def test_findings_of_an_unknown_unit_lie_with_the_city_whose_data_they_are(
    world: World, data: Path, all_units: None
) -> None:
    """Not with the province above it, where nobody of the city would ever see them."""
    province = Organisation.objects.create(code="P", name="省电力公司", level="province", path="0000")
    Organisation.objects.filter(pk=world.units["C"].pk).update(parent=province)
    run = bring_in(world, screen_it(data).run_id)
    assert Finding.objects.get(customer_id="1004").organisation == world.units["C"]
    assert "临江供电公司" in run.notices[0]["zh"]


def test_people_keep_what_they_said_and_what_did_not_change_is_not_written(
    world: World, data: Path, all_units: None, store: Store
) -> None:
    bring_in(world, screen_it(data).run_id)
    dismissed = Finding.objects.get(customer_id="1001")
    city = world.people["city"]
    handling.dismiss(finding=dismissed, reason="现场核实无误", by=city, at=world.now)
    before = {f.pk: f.run_id for f in Finding.objects.all()}
    same = bring_in(world, screen_it(data).run_id)
    assert {f.pk: f.run_id for f in Finding.objects.all()} == before  # the second run said the same
    assert same.state == "done"
    store(data, {"customer": [customer("1001", "A1", address="东街1号"), *CUSTOMERS[1:]]})
    bring_in(world, screen_it(data, DAY + timedelta(days=1)).run_id)
    assert states()["1001"] == ("cleared", "dismissed")
    assert Finding.objects.get(customer_id="1001").stands == 0
    assert states()["1002"] == ("open", "open")
    assert list(history_read.check()) == []  # an import overwrites nothing that history proves


OTHER = (
    RULE.replace("ZZ001", "ZZ002")
    .replace("无地址客户", "无电话客户")
    .replace("c.address IS NULL", "c.phone IS NOT NULL")
)


def test_a_run_says_nothing_of_rules_and_units_that_it_does_not_cover(
    world: World, data: Path, all_units: None, store: Store
) -> None:
    """A run of one rule on new data, or of one county, leaves the lists of all others as they are."""
    (data / "rules" / "ZZ002_phone.sql").write_text(OTHER, encoding="utf-8")

    def screened(day: int, rules: tuple[str, ...], org: str | None = None) -> str:
        request = Request(data, DAY + timedelta(days=day), rules=rules, org=org)
        return screen(request, now=datetime(2026, 10, 16 + day, 8), user="tester").run_id

    def told() -> dict[tuple[str, str], tuple[str, int]]:
        return {(f.rule, f.customer_id): (f.state, f.stands) for f in Finding._base_manager.all()}

    bring_in(world, screened(0, ("ZZ001", "ZZ002")))
    first = told()
    assert {state for state, _stands in first.values()} == {"new"}
    store(data, {"customer": [customer("1001", "A1", address="东街1号"), *CUSTOMERS[1:]]})
    bring_in(world, screened(1, ("ZZ001",)))
    second = told()
    assert second["ZZ001", "1001"] == ("cleared", 0) and second["ZZ001", "1002"] == ("open", 1)
    assert {key: said for key, said in second.items() if key[0] == "ZZ002"} == {
        key: said for key, said in first.items() if key[0] == "ZZ002"
    }
    store(data, {"customer": [customer("1001", "A1"), *CUSTOMERS[1:]]})
    bring_in(world, screened(2, ("ZZ001", "ZZ002"), "A"))
    third = told()
    assert third["ZZ001", "1001"] == ("recurred", 1) and third["ZZ002", "1002"] == ("open", 1)
    assert third["ZZ001", "20031"] == ("open", 1) and third["ZZ002", "20031"] == ("new", 1)
    assert list(proving.damage(None)) == []
    Finding._base_manager.filter(rule="ZZ002", customer_id="20031").update(state="cleared")
    assert [(one.kind, one.what) for one in proving.damage(None)] == [("said", "state")]


def test_the_start_takes_in_what_a_partial_newest_run_leaves_out(
    world: World, data: Path, all_units: None, store: Store
) -> None:
    """Runs of the command line while the application was not there: an old one, a whole one, one of a county."""
    for day, org in ((0, None), (1, None), (2, "A")):
        request = Request(data, DAY + timedelta(days=day), rules=("ZZ001",), org=org)
        store(data, {"customer": [*CUSTOMERS, customer(f"3{day}", "A1")]})  # the data change every day
        screen(request, now=datetime(2026, 10, 16 + day, 8), user="tester")
    run = importing.import_latest(at=world.now, progress=nothing)
    assert run is not None and run.as_of == DAY + timedelta(days=2)
    assert {one.as_of for one in Run.objects.filter(imported_at__isnull=False)} == {
        DAY + timedelta(days=1), DAY + timedelta(days=2)
    }  # fmt: skip
    assert states()["20031"] == ("open", "open") and states()["1001"][0] == "open"
    before = Run.objects.count()
    assert importing.import_latest(at=world.now, progress=nothing) == run and Run.objects.count() == before


def test_a_killed_import_goes_on_and_doubles_nothing(
    world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "CHUNK", 1)
    seen: list[int] = []

    class Killed(BaseException):
        pass

    def die(done: int, _total: int, _text: Text) -> None:
        seen.append(done)
        if done == 2:
            raise Killed

    run_id = screen_it(data).run_id
    with pytest.raises(Killed):
        bring_in(world, run_id, die)
    left = Run.objects.get(run_id=run_id)
    assert (left.state, left.imported_rows, left.imported_at, Finding.objects.count()) == ("importing", 2, None, 2)
    seen.clear()
    done = bring_in(world, run_id, lambda done, _total, _text: seen.append(done))
    assert (seen, done.state, Finding.objects.count()) == ([3, 4], "done", 4)


@pytest.mark.parametrize("asked_again", [True, False])
def test_a_run_left_in_the_middle_begins_anew_where_an_older_one_wrote_meanwhile(
    world: World, data: Path, all_units: None, store: Store, monkeypatch: pytest.MonkeyPatch, asked_again: bool
) -> None:
    monkeypatch.setattr(intake, "CHUNK", 1)
    older = screen_it(data).run_id
    bring_in(world, older)
    store(data, {"customer": [customer("1001", "A1", address="东街1号"), *CUSTOMERS[1:]]})
    newer = screen_it(data, DAY + timedelta(days=1)).run_id

    def die(done: int, _total: int, _text: Text) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(world, newer, die)
    assert ("open", "open") in states().values()
    if asked_again:
        importing.again(Run.objects.get(run_id=older))
    bring_in(world, older)  # the newest whose findings are in: all of them are to be its own
    assert states() == dict.fromkeys(("1001", "1002", "1004", "20031"), ("new", "open"))
    assert list(history_read.check()) == []
    bring_in(world, newer)
    assert {one: state for one, (state, _handling) in states().items()} == {
        "1001": "cleared", "1002": "open", "1004": "open", "20031": "open",
    }  # fmt: skip
    assert list(history_read.check()) == []


def test_a_run_taken_in_a_second_time_writes_what_is_not_as_it_said(world: World, data: Path, all_units: None) -> None:
    run_id = screen_it(data).run_id
    run = bring_in(world, run_id)
    before = {f.pk: (f.said_hash, f.priority, f.organisation_id) for f in Finding.objects.all()}
    city = Organisation.objects.get(code="C")
    Finding.objects.filter(customer_id="1001").update(organisation=city, said_hash="", state="cleared")
    importing.again(run)
    bring_in(world, run_id)
    assert {f.pk: (f.said_hash, f.priority, f.organisation_id) for f in Finding.objects.all()} == before
    assert states()["1001"] == ("new", "open")


def _indexes() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, Finding._meta.db_table))


@pytest.mark.django_db(transaction=True)
def test_the_indexes_of_lists_come_after_the_first_rows(
    world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "CHUNK", 1)
    lists = {index.name for index in Finding._meta.indexes}
    left: list[set[str]] = []

    def look(done: int, _total: int, _text: Text) -> None:
        left.append(lists & _indexes())
        if done == 2:
            raise KeyboardInterrupt

    run_id = screen_it(data).run_id
    with pytest.raises(KeyboardInterrupt):
        bring_in(world, run_id, look)
    assert left == [set(), set()]  # rows without indexes, and without them nobody can be left
    assert lists <= _indexes()
    with connection.cursor() as cursor:  # as a kill leaves it, which ends in no order
        cursor.execute("DROP INDEX finding_amount")
    bring_in(world, run_id)
    assert lists <= _indexes() and Finding.objects.count() == 4


def _references() -> dict[str, str]:
    """Return column → name of the reference that the database checks."""
    with connection.cursor() as cursor:
        known = connection.introspection.get_constraints(cursor, Finding._meta.db_table)
    return {found["columns"][0]: name for name, found in known.items() if found["foreign_key"]}


@pytest.mark.django_db(transaction=True)
def test_units_and_runs_of_a_large_ledger_are_checked_once(
    world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL checks each row by itself; what a kill leaves is mended by the next import."""
    monkeypatch.setattr(intake, "CHUNK", 1)
    monkeypatch.setattr(intake, "LARGE", 1)
    before, left = _references(), list[set[str]]()
    assert set(before) == {"organisation_id", "run_id", "case_id"}

    def look(done: int, _total: int, _text: Text) -> None:
        left.append(set(_references()))
        if done == 2:
            raise KeyboardInterrupt

    run_id = screen_it(data).run_id
    with pytest.raises(KeyboardInterrupt):
        bring_in(world, run_id, look)
    once = connection.vendor == "postgresql"
    assert left == [{"case_id"} if once else set(before)] * 2
    assert _references() == before  # by the same names, as migrations know them
    if once:
        with connection.cursor() as cursor:  # as a kill leaves it, which ends in no order
            cursor.execute(f'ALTER TABLE findings_finding DROP CONSTRAINT "{before["run_id"]}"')
    monkeypatch.setattr(intake, "LARGE", 100)
    bring_in(world, run_id)
    assert _references() == before and Finding.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_unit_that_went_while_a_large_ledger_came_in_is_found(
    world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither database leaves a finding with a unit that is not there, though none looks at each row."""
    monkeypatch.setattr(intake, "CHUNK", 1)
    monkeypatch.setattr(intake, "LARGE", 1)

    def place(unit: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE findings_finding SET organisation_id = %s", [unit])

    def go(done: int, _total: int, _text: Text) -> None:
        if done == 2:
            place(unit + 1000)

    before, run_id, unit = _references(), screen_it(data).run_id, Organisation.objects.latest("pk").pk
    for watch in (go, nothing):  # not the second time either, when nothing is left to write
        with pytest.raises(IntegrityError):
            bring_in(world, run_id, watch)
    place(unit)
    bring_in(world, run_id)
    assert _references() == before and Finding.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_an_import_leaves_the_connection_as_it_was(
    world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LARGE", 1)
    if connection.vendor != "sqlite":
        pytest.skip("settings of SQLite")

    def settings() -> list[Any]:
        names = ("cache_size", "temp_store", "mmap_size", "wal_autocheckpoint", "foreign_keys")
        with connection.cursor() as cursor:
            return [cursor.execute(f"PRAGMA {name}").fetchone() for name in names]

    before = settings()
    bring_in(world, screen_it(data).run_id)
    assert settings() == before


@pytest.mark.django_db(transaction=True)
def test_the_run_of_another_day_is_written_without_the_indexes_of_lists(
    world: World, data: Path, all_units: None, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LARGE", 1)
    lists = {index.name for index in Finding._meta.indexes}
    left: list[set[str]] = []

    def watched(*_told: object) -> None:
        left.append(lists & _indexes())

    bring_in(world, screen_it(data).run_id)
    bring_in(world, screen_it(data).run_id, watched)
    assert left == [lists]  # of the same day: nothing to write
    store(data, {"customer": [customer("1001", "A1", address="东街1号"), *CUSTOMERS[1:]]})
    bring_in(world, screen_it(data, DAY + timedelta(days=1)).run_id, watched)
    assert left[1:] == [{"finding_case"}] and lists <= _indexes()
    assert states()["1001"] == ("cleared", "open") and states()["1002"] == ("open", "open")
    day = set(Finding.objects.filter(stands=1).values_list("last_hit_on", flat=True))
    assert day == {DAY + timedelta(days=1)}


def test_what_does_not_stand_keeps_its_place(world: World, data: Path, all_units: None, store: Store) -> None:
    bring_in(world, screen_it(data).run_id)
    store(data, {"customer": [customer("1001", "A1", address="东街1号"), *CUSTOMERS[1:]]})
    bring_in(world, screen_it(data, DAY + timedelta(days=1)).run_id)
    before = {f.customer_id: f.priority for f in Finding.objects.all()}
    bring_in(world, screen_it(data, DAY + timedelta(days=200)).run_id)
    after = {f.customer_id: f.priority for f in Finding.objects.all()}
    assert after["1001"] == before["1001"]
    assert after["1002"] > before["1002"]


def test_an_earlier_day_changes_nothing(world: World, data: Path, all_units: None) -> None:
    later = screen_it(data, DAY).run_id
    earlier = screen_it(data, DAY - timedelta(days=30)).run_id
    bring_in(world, later)
    run = bring_in(world, earlier)
    assert (run.state, run.imported_at) == ("done", None)
    assert {f.run.run_id for f in Finding.objects.select_related("run")} == {later}
    assert "kept to compare" in run.notices[0]["en"]


def test_runs_compared_tell_what_the_later_one_does_not_hold(
    world: World, data: Path, store: Store, all_units: None
) -> None:
    """A run of an earlier day carries nothing over: what only the other holds is a column, not a line of dashes."""
    a = bring_in(world, screen_it(data, DAY).run_id)
    store(data, {"customer": [one for one in CUSTOMERS if one["customer_id"] != "1001"]})
    b = bring_in(world, screen_it(data, DAY - timedelta(days=30)).run_id)
    page = world.client("city").get("/runs/compare/", {"a": a.pk, "b": b.pk}).content.decode()
    assert 'data-label="后一次筛查中没有">1<' in page
    assert re.search(r'href="/rules/ZZ001/">ZZ001 [^<]+<', page)


def test_who_waits_is_called_and_one_that_fails_holds_up_no_other(
    world: World, data: Path, all_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str | None] = []

    def fails(run: Run, at: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(events, "_listeners", [fails, lambda run, at: called.append(run.run_id)])
    run = bring_in(world, screen_it(data).run_id)
    assert called == [run.run_id] and run.state == "done"
    assert any("broken" in note["en"] for note in run.notices)


def test_what_a_case_settled_is_open_again_when_it_recurs(
    world: World, data: Path, all_units: None, store: Store
) -> None:
    bring_in(world, screen_it(data).run_id)
    Finding.objects.filter(customer_id="1001").update(handling="settled")
    store(data, {"customer": [customer("1001", "A1", address="东街1号"), *CUSTOMERS[1:]]})
    bring_in(world, screen_it(data, DAY + timedelta(days=1)).run_id)
    assert states()["1001"] == ("cleared", "settled")
    store(data, {"customer": CUSTOMERS})
    bring_in(world, screen_it(data, DAY + timedelta(days=2)).run_id)
    assert states()["1001"] == ("recurred", "open")
    found = Finding.objects.get(customer_id="1001")
    assert [entry.verb for entry in history_read.entries_of(found)] == ["recurred"]


def test_without_units_nothing_is_imported(data: Path, db: None, all_units: None) -> None:
    with pytest.raises(core.BadInput, match="there are no units yet"):
        intake.Intake(1, screening.read_run(data, screen_it(data).run_id))


def test_a_foreign_unit_sees_no_finding(world: World, data: Path) -> None:
    bring_in(world, screen_it(data).run_id)
    from jicha_web.organisation.rights import scope_of

    with scoped(scope_of(world.people["county_b"], DAY)):
        assert {f.customer_id for f in Finding.objects.all()} == {"20031"}


def test_an_import_that_failed_lets_the_next_one_in(world: World, data: Path, all_units: None) -> None:
    def fail(_done: int, _total: int, _text: Text) -> None:
        raise OSError("disk full")

    run_id = screen_it(data).run_id
    with pytest.raises(OSError, match="disk full") as held:
        bring_in(world, run_id, fail)
    assert held.value.__traceback__ is not None  # whoever keeps the error keeps no lock
    assert bring_in(world, run_id).state == "done"
