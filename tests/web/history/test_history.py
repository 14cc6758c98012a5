"""History: every change tells, and what was changed behind its back is found."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from jicha_web.history import record as history
from jicha_web.history.models import Entry
from jicha_web.history.read import check, entries_of, in_words, seal
from jicha_web.organisation.models import Membership, Person
from tests.web.conftest import NOW, World


def test_a_change_tells_before_and_after(world: World) -> None:
    person = world.people["county_a"]
    history.create(
        tool := Membership(person=person, role="manager", organisation=world.units["A"]),
        verb="granted",
        by=None,
        at=NOW,
    )
    history.record(tool, verb="revoked", by=person, at=NOW, changes={"until": NOW.date()}, note="moved on")
    entries = entries_of(tool)
    assert [e.verb for e in entries] == ["granted", "revoked"]
    assert entries[1].data == {"until": [None, "2026-10-15"]}
    assert list(check()) == []


def test_the_second_of_two_at_once_is_told(world: World) -> None:
    one = Membership.objects.get(person=world.people["county_a"])
    other = Membership.objects.get(pk=one.pk)
    history.record(one, verb="revoked", by=None, at=NOW, changes={"is_active": False})
    with pytest.raises(history.ChangedMeanwhile):
        history.record(other, verb="revoked", by=None, at=NOW, changes={"until": NOW.date()})
    assert Membership.objects.get(pk=one.pk).until is None


def test_the_database_refuses_to_change_history(world: World) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.update(note="nothing happened")
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.all().delete()


def _forge(sql: str) -> None:
    """What someone does who owns the database: without the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for event in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS history_entry_no_{event}")
        else:
            cursor.execute("ALTER TABLE history_entry DISABLE TRIGGER history_entry_append_only")
        cursor.execute(sql)


def test_what_the_owner_of_the_database_changes_is_found(world: World) -> None:
    member = Membership.objects.get(person=world.people["county_a"])
    history.record(member, verb="changed", by=None, at=NOW, changes={"until": NOW.date()})
    seal(NOW)
    assert list(check()) == []
    _forge(f"UPDATE organisation_membership SET role = 'administrator' WHERE id = {member.pk}")
    assert {(d.kind, d.object_id) for d in check()} == {("state", member.pk)}
    _forge(f"UPDATE organisation_membership SET role = 'county_specialist' WHERE id = {member.pk}")
    assert list(check()) == []
    row = Entry.objects.get(object_type="membership", object_id=member.pk, number=1)
    _forge(f"UPDATE history_entry SET note = 'x' WHERE id = {row.pk}")
    assert {d.kind for d in check()} == {"entry"}


def test_a_chain_cut_off_with_its_object_is_found_by_the_seal(world: World) -> None:
    member = Membership.objects.get(person=world.people["county_a"])
    seal(NOW)
    _forge(f"DELETE FROM history_entry WHERE object_type = 'membership' AND object_id = {member.pk}")
    _forge(f"DELETE FROM organisation_membership WHERE id = {member.pk}")
    assert {d.kind for d in check()} == {"seal"}


def test_sealing_twice_adds_nothing(world: World) -> None:
    assert seal(NOW) is not None
    assert seal(NOW) is None
    assert Person.objects.count() == 14


def test_a_row_that_nobody_made_by_the_application_is_found(world: World) -> None:
    """Whoever owns the database adds a role, and the count of its history says that there is none."""
    person, unit = world.people["county_a"], world.units["C"]
    forged = Membership.objects.create(person=person, role="administrator", organisation=unit, version=0)
    assert [(d.kind, d.object_type, d.object_id) for d in check()] == [("unrecorded", "membership", forged.pk)]
    assert "没有任何历史记录" in in_words(next(check("membership"))).zh
