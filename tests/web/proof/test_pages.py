"""Proof on the case page, and publishing."""

from __future__ import annotations

from datetime import date

import pytest

from jicha_web.library.models import TypicalCase
from jicha_web.proof.verification import after_import
from tests.web.assess.building import make_run, waiting_case
from tests.web.conftest import World
from tests.web.proof.test_recurrence import closed_case
from tests.web.proof.test_verification import LATER, say

pytestmark = pytest.mark.usefixtures("all_units")


def test_the_verdict_and_its_reason_stand_on_the_page(world: World) -> None:
    case = waiting_case(world, "MT003")
    run = make_run(date(2026, 11, 24))
    say(case, "expired", run)
    after_import(run, LATER)
    page = world.client("county_a").get(f"/cases/{case.pk}/").text
    assert 'data-verdict="unjudged"' in page
    assert "已过判定窗口" in page
    assert 'data-test="overdue"' not in page
    for number in (1, 2):
        run = make_run(date(2026, 11, 24 + number))
        say(case, "expired", run)
        after_import(run, LATER)
    page = world.client("city").get(f"/cases/{case.pk}/").text
    assert 'data-test="overdue"' in page
    assert 'data-test="step-close_by_hand"' in page


def test_publishing_asks_for_the_word_of_the_reader(world: World) -> None:
    case = closed_case(world)
    city = world.client("city")
    assert 'data-test="publish"' in city.get(f"/cases/{case.pk}/").text
    form = {"title": "倍率错误", "story_zh": "现场倍率与档案不符", "lesson": "安装后核对"}
    city.post(f"/cases/{case.pk}/publish/", form)
    assert not TypicalCase.objects.exists()
    page = city.post(f"/cases/{case.pk}/publish/", {**form, "story_zh": "户号3300000001", "read": "on"})
    assert "编号" in page.text
    assert not TypicalCase.objects.exists()
    page = city.post(f"/cases/{case.pk}/publish/", {**form, "read": "on"}, follow=True)
    assert 'data-test="lesson"' in page.text
    assert TypicalCase.objects.get().title == "倍率错误"


@pytest.mark.parametrize(("username", "status"), [("county_a", 403), ("county_b", 403), ("auditor", 403)])
def test_publishing_is_the_citys(world: World, username: str, status: int) -> None:
    case = closed_case(world)
    assert world.client(username).get(f"/cases/{case.pk}/publish/").status_code == status
