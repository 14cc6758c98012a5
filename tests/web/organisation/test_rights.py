"""Roles and accounts: granted, taken back, closed; each with its row and its refusals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from jicha_web.history.models import Entry
from jicha_web.organisation import memberships, people
from jicha_web.organisation.models import Membership, Person
from jicha_web.organisation.rights import may
from tests.web.conftest import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_units")]
TODAY = date(2026, 10, 15)


def verbs(kind: str, pk: int) -> list[str]:
    return list(Entry.objects.filter(object_type=kind, object_id=pk).order_by("number").values_list("verb", flat=True))


def test_granted_and_taken_back(world: World) -> None:
    someone, admin = world.people["station_a1"], world.people["admin"]
    assert not may(someone, "case_assess", TODAY, world.units["A"])
    held = memberships.grant(
        person=someone, role="county_specialist", organisation=world.units["A"], by=admin, at=NOW, note="顶岗"
    )
    assert may(someone, "case_assess", TODAY, world.units["A1"])
    assert not may(someone, "case_assess", TODAY, world.units["B1"])
    memberships.revoke(membership=held, by=admin, at=NOW, note="期满")
    assert not may(Person.objects.get(pk=someone.pk), "case_assess", TODAY, world.units["A1"])
    assert verbs("membership", held.pk) == ["granted", "revoked"]


def test_a_role_ends_after_its_last_day(world: World) -> None:
    someone = world.people["station_a1"]
    memberships.grant(
        person=someone, role="reviewer", organisation=world.units["A"], until=TODAY, by=world.people["admin"], at=NOW
    )
    assert may(someone, "case_review", TODAY, world.units["A"])
    assert not may(someone, "case_review", TODAY + timedelta(days=1), world.units["A"])


@pytest.mark.parametrize("by", ["city", "county_a", "manager", "auditor", "reviewer", "station_a1"])
def test_others_grant_nothing(world: World, by: str) -> None:
    with pytest.raises(PermissionDenied):
        memberships.grant(
            person=world.people["station_a2"], role="reviewer", organisation=world.units["A"], by=world.people[by],
            at=NOW,
        )  # fmt: skip
    held = Membership.objects.get(person=world.people["station_a2"])
    with pytest.raises(PermissionDenied):
        memberships.revoke(membership=held, by=world.people[by], at=NOW, note="x")


def test_an_administrator_of_one_county_grants_nothing_in_another(world: World) -> None:
    local = world.people["manager"]
    memberships.grant(
        person=local, role="administrator", organisation=world.units["A"], by=world.people["admin"], at=NOW
    )
    with pytest.raises(PermissionDenied):
        memberships.grant(
            person=world.people["station_b1"], role="reviewer", organisation=world.units["B"], by=local, at=NOW
        )


def test_refusals_say_why(world: World) -> None:
    admin, someone, unit = world.people["admin"], world.people["station_a1"], world.units["A1"]
    with pytest.raises(memberships.UnableToGrant, match="自己"):
        memberships.grant(person=admin, role="reviewer", organisation=unit, by=admin, at=NOW)
    with pytest.raises(memberships.UnableToGrant, match="已"):
        memberships.grant(person=someone, role="station_inspector", organisation=unit, by=admin, at=NOW)
    with pytest.raises(memberships.UnableToGrant, match="没有"):
        memberships.grant(person=someone, role="king", organisation=unit, by=admin, at=NOW)
    with pytest.raises(memberships.UnableToGrant, match="过去"):
        memberships.grant(
            person=someone, role="reviewer", organisation=unit, until=TODAY - timedelta(days=1), by=admin, at=NOW
        )
    with pytest.raises(memberships.UnableToGrant, match="说明"):
        held = Membership.objects.get(person=someone)
        memberships.revoke(membership=held, by=admin, at=NOW, note=" ")


def test_the_last_administrator_stays(world: World) -> None:
    admin = world.people["admin"]
    own = Membership.objects.get(person=admin)
    with pytest.raises(memberships.UnableToGrant, match="最后一名"):
        memberships.revoke(membership=own, by=admin, at=NOW, note="x")
    memberships.grant(
        person=world.people["manager"], role="administrator", organisation=world.units["C"], by=admin, at=NOW
    )
    memberships.revoke(membership=own, by=admin, at=NOW, note="交接")


def test_an_account_from_opening_to_closing(world: World) -> None:
    admin = world.people["admin"]
    made, password = people.open_account(
        username="zhang", name="张三", organisation=world.units["A1"], staff_id="S100", by=admin, at=NOW
    )
    assert made.check_password(password)
    assert made.must_change_password
    with pytest.raises(people.UnableToChangePerson):
        people.open_account(username="zhang", name="张三", organisation=world.units["A1"], by=admin, at=NOW)
    with pytest.raises(people.UnableToChangePerson):
        people.open_account(
            username="zhang2", name="张三", organisation=world.units["A1"], staff_id="S100", by=admin, at=NOW
        )
    with pytest.raises(ValidationError):
        people.change_own_password(person=made, password="12345", at=NOW)
    people.change_own_password(person=made, password="a-long-and-rare-word", at=NOW)
    assert Person.objects.get(pk=made.pk).must_change_password is False
    people.set_active(person=made, active=False, by=admin, at=NOW, note="离职")
    assert verbs("person", made.pk) == ["account_opened", "password_changed", "account_closed"]
    hashes = [e for e in Entry.objects.filter(object_type="person", object_id=made.pk) if "password" in e.data]
    assert hashes == []


def test_nobody_closes_their_own_account(world: World) -> None:
    with pytest.raises(people.UnableToChangePerson):
        people.set_active(person=world.people["admin"], active=False, by=world.people["admin"], at=NOW, note="x")


def test_a_password_is_not_reset_by_someone_with_fewer_rights_than_it_gives(world: World) -> None:
    """Whoever resets a password is told it once, and could act with all that the person may do."""
    local, wide = world.people["manager"], world.people["county_a"]
    memberships.grant(
        person=local, role="administrator", organisation=world.units["A"], by=world.people["admin"], at=NOW
    )
    people.set_password_anew(person=wide, by=local, at=NOW)
    held = memberships.grant(
        person=wide, role="reviewer", organisation=world.units["C"], by=world.people["admin"], at=NOW
    )
    with pytest.raises(PermissionDenied):
        people.set_password_anew(person=wide, by=local, at=NOW)
    assert verbs("person", wide.pk) == ["created", "password_reset"]
    people.set_password_anew(person=wide, by=world.people["admin"], at=NOW)
    memberships.revoke(membership=held, by=world.people["admin"], at=NOW, note="期满")
    people.set_password_anew(person=Person.objects.get(pk=wide.pk), by=local, at=NOW)


def test_a_role_that_ran_out_is_granted_again(world: World) -> None:
    someone, admin, unit = world.people["station_a1"], world.people["admin"], world.units["A"]
    first = memberships.grant(person=someone, role="reviewer", organisation=unit, until=TODAY, by=admin, at=NOW)
    later = NOW + timedelta(days=30)
    again = memberships.grant(person=someone, role="reviewer", organisation=unit, by=admin, at=later, note="延长")
    assert may(Person.objects.get(pk=someone.pk), "case_review", TODAY + timedelta(days=30), unit)
    assert verbs("membership", first.pk) == ["granted", "revoked"]
    assert verbs("membership", again.pk) == ["granted"]
