"""Two who act on one case at the same instant: the second waits, and is judged by what the first left.

What waits is the database's matter, so these run on SQLite and once more on PostgreSQL (tests/web/serve).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from jicha_web.assess import money, papers
from jicha_web.assess.models import Money, Paper
from jicha_web.assess.money import UnableToBook
from jicha_web.cases.models import Case
from jicha_web.cases.opening import UnableToOpen, open_by_hand
from jicha_web.documents import kinds
from jicha_web.field import photos, visits
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.models import Photo, Visit
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.assess.building import approved, assessing_case
from tests.web.cases.building import open_gates
from tests.web.conftest import NOW, World, build_world
from tests.web.field.conftest import Site, begin
from tests.web.field.test_visits import drawn

__all__ = ["open_gates"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("all_units")]
A_WHILE = 1.0  # seconds in which the second would be through, if nothing held it


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")


class Second(threading.Thread):
    """Somebody else, with a connection of their own; `error` is what they were told."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with scoped(EVERYTHING):
                self._act()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[Second]:
    """Let somebody act while the block's transaction is open; when it is committed they may go on."""
    second = Second(act)
    with transaction.atomic():
        yield second
        second.start()
        second.join(A_WHILE)
    second.join(60)
    assert not second.is_alive()


@pytest.mark.parametrize("kind", ["billed", "collected"])
def test_the_same_amount_is_booked_once(world: World, open_gates: None, kind: str) -> None:
    case = approved(world, assessing_case(world))
    again = Case._base_manager.select_related("organisation").get(pk=case.pk)

    def book(one: Case) -> None:
        money.book(
            case=one, kind=kind, amount_yuan=Decimal("100.00"), booked_on=date(2026, 10, 15), reference="SK-1",
            by=world.people["collector_a"], at=NOW,
        )  # fmt: skip

    with meanwhile(lambda: book(again)) as second:
        book(case)
    assert isinstance(second.error, UnableToBook | ChangedMeanwhile), second.error
    assert Money._base_manager.count() == 1


def test_a_paper_asked_for_twice_at_once_is_issued_once(world: World, open_gates: None) -> None:
    case = approved(world, assessing_case(world))
    again = Case._base_manager.select_related("organisation__parent").get(pk=case.pk)
    made: list[Paper] = []

    def issue(one: Case) -> None:
        kind, by = kinds()["rectification_notice"], world.people["county_a"]
        made.append(papers.issue(case=one, kind=kind, written={}, by=by, at=NOW))

    with meanwhile(lambda: issue(again)) as second:
        issue(case)
    assert second.error is None
    assert [one.issued_before for one in made] == [False, True]
    assert Paper._base_manager.count() == 1


def test_two_who_open_a_case_about_the_same_open_one(world: World) -> None:
    given = {"subject": "customer", "subject_id": "3300009999", "title": "举报", "description": "夜间用电"}

    def act() -> None:
        open_by_hand(by=world.people["city"], at=NOW, unit=world.units["A"], given=given)

    with meanwhile(act) as second:
        act()
    assert isinstance(second.error, UnableToOpen), second.error
    assert Case._base_manager.filter(customer_id="3300009999").count() == 1


@pytest.fixture
def site(world: World, own_files: None) -> Site:
    return begin(world)


def test_a_photo_that_was_counted_is_not_taken_away_at_that_instant(site: Site) -> None:
    site.complete()
    photo = Photo._base_manager.select_related("case__organisation", "visit__case__organisation").first()
    assert photo is not None
    with meanwhile(lambda: photos.remove(photo=photo, by=site.inspector, at=NOW, reason="糊")) as second:
        visits.submit(visit=site.visit, by=site.inspector, at=NOW)
    assert isinstance(second.error, UnableToVisit), second.error
    photo.refresh_from_db()
    assert not photo.removed


def test_who_uploads_and_who_signs_do_not_wait_for_each_other(site: Site) -> None:
    """Both lock the case first: one that held the visit and then asked for the case would never be let in."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: nothing to wait for crosswise")
    sign = lambda: visits.sign(visit=site.visit, content=drawn(), by=site.inspector, at=NOW)  # noqa: E731
    second = Second(sign)
    with transaction.atomic():
        Case._base_manager.select_for_update().get(pk=site.case.pk)  # as an upload does first
        second.start()
        second.join(A_WHILE)
        try:
            Visit._base_manager.select_for_update(nowait=True).get(pk=site.visit.pk)  # and then
        except OperationalError:
            pytest.fail("the signature holds the visit while it waits for the case")
    second.join(60)
    assert second.error is None
    assert Photo.objects.filter(kind="signature").count() == 1
