"""Scope through reverse relations, and without any."""

from __future__ import annotations

import psycopg
import pytest

from jicha_web.cases.listing import number_end
from jicha_web.organisation import registers
from jicha_web.organisation.models import Qualification
from jicha_web.organisation.scope import EVERYTHING, NOTHING, Scope, ScopeMissing, path_end, scoped
from tests.ingest.postgres import PASSWORD, running_postgres
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


def test_a_subtree_and_a_beginning_of_a_number_are_the_same_in_every_collation() -> None:
    """PostgreSQL compares text by the database's collation; all but C put signs before digits."""
    paths = ["0001", "00010001", "00010002", "000100020003", "00010010", "0002", "00020001"]
    numbers = ["JC2026101500001", "JC2026101599999", "JC2026101600001", "JC20261115"]
    beginnings = ["JC", "JC2026", "JC20261015", "JC2026101599999"]
    with (
        running_postgres() as server,
        psycopg.connect(
            host="127.0.0.1", port=server.port, user="jicha", password=PASSWORD, dbname="postgres"
        ) as connection,
    ):
        for collation in ("C", "en-x-icu", "zh-x-icu"):
            query = (
                f'SELECT one FROM unnest(%s::text[]) AS one WHERE one COLLATE "{collation}" >= %s '
                f'AND one COLLATE "{collation}" <= %s ORDER BY 1'
            )
            for start, end, rows in [
                *((path, path_end(path), paths) for path in paths),
                *((beginning, number_end(beginning), numbers) for beginning in beginnings),
            ]:
                found = [one for (one,) in connection.execute(query.encode(), [rows, start, end])]
                assert found == sorted(one for one in rows if one.startswith(start)), (collation, start)
