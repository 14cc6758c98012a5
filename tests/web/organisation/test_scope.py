"""Scope through reverse relations, and without any."""

from __future__ import annotations

import pytest

from jicha_web.organisation import registers
from jicha_web.organisation.models import Qualification
from jicha_web.organisation.scope import EVERYTHING, NOTHING, Scope, ScopeMissing, scoped
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db


def test_reverse_relations_are_scoped_too(world: World) -> None:
    person = world.people["station_a1"]
    with scoped(EVERYTHING):
        registers.add_qualification(
            person=person, kind="safety", number="", valid_from=None, valid_until=None, by=world.people["admin"], at=NOW
        )
        assert person.qualifications.count() == 1
    with scoped(Scope((world.units["A"].path,))):
        assert person.qualifications.count() == 1
    with scoped(Scope((world.units["B"].path,))):
        assert person.qualifications.count() == 0
    with scoped(NOTHING):
        assert person.qualifications.count() == 0


def test_without_scope_nothing_is_read(world: World) -> None:
    with pytest.raises(ScopeMissing):
        Qualification.objects.count()
    with pytest.raises(ScopeMissing):
        world.people["station_a1"].qualifications.count()
