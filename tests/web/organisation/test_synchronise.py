"""Units and staff are taken over from the data: added, moved, kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from jicha_web.core import people as door
from jicha_web.history.models import Entry
from jicha_web.organisation.models import Organisation, Person, Qualification
from jicha_web.organisation.synchronise import synchronise
from tests.web.conftest import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_units")]

UNITS = [
    door.Unit("C", "市公司", "city", "", 30.0, 120.0),
    door.Unit("A", "甲县", "county", "C", None, None),
    door.Unit("A1", "甲一所", "station", "A", None, None),
    door.Unit("B", "乙县", "county", "C", None, None),
]
STAFF = [
    door.Employee("S1", "张三", "A1", "inspector", date(2027, 1, 31)),
    door.Employee("S2", "李四", "A1", "cashier", None),
]


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    held: dict[str, Any] = {"units": list(UNITS), "staff": list(STAFF)}
    monkeypatch.setattr(door, "units", lambda data: held["units"])
    monkeypatch.setattr(door, "employees", lambda data: held["staff"])
    return held


def test_a_tree_with_its_people(db: None, data: dict[str, Any]) -> None:
    summary = synchronise(by=None, at=NOW)
    assert (summary.units_added, summary.people_added, summary.problems) == (4, 2, [])
    paths = dict(Organisation.objects.values_list("code", "path"))
    assert paths["A1"].startswith(paths["A"])
    assert paths["A"].startswith(paths["C"])
    assert not paths["B"].startswith(paths["A"])
    person = Person.objects.get(staff_id="S1")
    assert not person.has_usable_password()
    assert Entry.objects.filter(object_type="person", object_id=person.pk, verb="synchronised").count() == 1
    assert Qualification.objects.get(person=person).valid_until == date(2027, 1, 31)


def test_a_second_time_changes_nothing(db: None, data: dict[str, Any]) -> None:
    synchronise(by=None, at=NOW)
    entries = Entry.objects.count()
    again = synchronise(by=None, at=NOW)
    assert {k: v for k, v in again.values().items() if v} == {}
    assert Entry.objects.count() == entries


def test_a_unit_that_moves_takes_its_subtree_along(db: None, data: dict[str, Any]) -> None:
    synchronise(by=None, at=NOW)
    data["units"] = [
        door.Unit("B", "乙县", "county", "", None, None),  # now a root of its own, above what it lay in
        door.Unit("C", "市公司", "city", "B", 30.0, 120.0),
        *[u for u in UNITS if u.org_id in {"A", "A1"}],
    ]
    synchronise(by=None, at=NOW)
    units = {unit.code: unit for unit in Organisation.objects.all()}
    assert units["C"].path.startswith(units["B"].path)
    assert units["A1"].path.startswith(units["A"].path)
    assert units["A"].path.startswith(units["C"].path)
    assert len({unit.path for unit in units.values()}) == 4


def test_what_hangs_on_nothing_or_in_a_loop_is_named(db: None, data: dict[str, Any]) -> None:
    data["units"] = [
        door.Unit("X", "甲", "county", "nowhere", None, None),
        door.Unit("Y", "乙", "county", "Z", None, None),
        door.Unit("Z", "丙", "county", "Y", None, None),
    ]
    data["staff"] = [door.Employee("S9", "王五", "nowhere", "", None)]
    summary = synchronise(by=None, at=NOW)
    assert ("parent", "X") in summary.problems
    assert any(kind == "loop" for kind, _id in summary.problems)
    assert ("unit", "S9") in summary.problems
    assert Organisation.objects.count() == 3


def test_what_the_data_lose_stays(db: None, data: dict[str, Any]) -> None:
    synchronise(by=None, at=NOW)
    data["units"], data["staff"] = UNITS[:3], STAFF[:1]
    summary = synchronise(by=None, at=NOW)
    assert (summary.units_gone, summary.people_gone) == (1, 1)
    assert not Organisation.objects.get(code="B").is_active
    assert Person.objects.get(staff_id="S2").is_active


def test_only_administrators(world: World, data: dict[str, Any]) -> None:
    with pytest.raises(PermissionDenied):
        synchronise(by=world.people["city"], at=NOW)
    synchronise(by=world.people["admin"], at=NOW)
