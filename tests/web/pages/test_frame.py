"""The frame of all pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jicha_web.history.record import ChangedMeanwhile
from jicha_web.jobs.models import Job
from jicha_web.organisation import memberships, registers
from jicha_web.organisation.models import Tool
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db


def test_nobody_signed_in_is_sent_to_the_sign_in_page(world: World) -> None:
    response = Client().get("/jobs/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login/?next=/jobs/"


def test_htmx_of_nobody_signed_in_loads_the_sign_in_page_whole(world: World) -> None:
    response = Client().get("/jobs/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith("/login/")


def test_the_frame_names_who_acts(world: World) -> None:
    page = world.client("city").get("/").content.decode()
    assert "临江供电公司" in page
    assert "市公司稽查专责" in page


def test_chinese_unless_switched(world: World) -> None:
    browser = Client(headers={"accept-language": "en-US,en"})
    assert 'lang="zh-CN"' in browser.get("/login/").content.decode()
    browser.post("/i18n/setlang/", {"language": "en", "next": "/login/"})
    page = browser.get("/login/").content.decode()
    assert 'lang="en"' in page
    assert "Sign in" in page


def test_what_does_not_exist_says_so(world: World) -> None:
    response = world.client("city").get("/jobs/4711/")
    assert response.status_code == 404
    assert 'data-test="error"' in response.content.decode()


def test_no_inline_style_or_script(world: World) -> None:
    for address in ("/", "/login/", "/jobs/", "/nowhere/"):
        page = world.client("city").get(address).content.decode()
        assert "style=" not in page
        assert "onclick" not in page
        assert "<script>" not in page


@pytest.mark.parametrize(
    ("server", "allowed"),
    [
        ("", "img-src 'self' data: blob:;"),
        ("http://10.0.0.7:8080/{z}/{x}/{y}.png", "img-src 'self' data: blob: http://10.0.0.7:8080;"),
        ("https://{s}.maps.example.org/{z}/{x}/{y}.png", "img-src 'self' data: blob: https://*.maps.example.org;"),
    ],
)
def test_pictures_come_from_here_and_from_the_tile_server(
    world: World, settings: Any, server: str, allowed: str
) -> None:
    settings.TILE_URL = server
    assert allowed in world.client("city").get("/").headers["Content-Security-Policy"]


def test_pages_stay_in_no_cache(world: World) -> None:
    response = world.client("city").get("/")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "HX-Request" in response.headers["Vary"]


def test_errors_name_what_is_missing(world: World) -> None:
    response = world.client("station_a1").get("/people/")
    assert response.status_code == 403
    assert "维护人员与权限" in response.content.decode()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/people/?unit=²", 200), ("/people/?q=%00", 400), ("/cases/?opened_from=0001-01-01", 200),
        ("/cases/?closed_to=9999-12-31", 200), ("/history/?from=0001-01-01", 200), ("/history/?to=9999-12-31", 200),
        ("/library/cited/%00/", 400), ("/findings/?q=%00", 400), ("/search/?q=%00", 400),
    ],
)  # fmt: skip
def test_odd_addresses_are_answered(world: World, address: str, status: int) -> None:
    memberships.grant(
        person=world.people["city"], role="administrator", organisation=world.units["C"], by=world.people["admin"],
        at=NOW,
    )  # fmt: skip
    assert world.client("city").get(address).status_code == status


def test_what_was_changed_meanwhile_says_so_on_every_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = world.people["admin"]
    with scoped(EVERYTHING):
        made = registers.add_tool(
            organisation=world.units["A1"], kind="钳形表", number="1", calibrated_until=None, by=admin, at=NOW
        )

    def changed(*, tool: Tool, **_given: object) -> None:
        raise ChangedMeanwhile(tool)

    monkeypatch.setattr(registers, "change_tool", changed)
    answer = world.client("admin").post(f"/tools/{made.pk}/", {"state": "repair"})
    assert answer.status_code == 409
    assert "刷新" in answer.content.decode()


def test_a_form_that_is_too_old_says_so(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    response = browser.post("/login/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


def test_asking_first_without_scripts(world: World) -> None:
    browser = world.client("admin")
    asked = browser.post(f"/people/{world.people['city'].pk}/password/", {"x": "1"}).content.decode()
    assert 'data-test="confirm-page"' in asked
    assert '<input type="hidden" name="x" value="1">' in asked


def test_jobs_are_those_of_who_asked(world: World) -> None:
    job = Job.objects.create(kind="x", by=world.people["city"], asked_at=NOW, state="running", done=3, total=10)
    own, other = world.client("city"), world.client("county_a")
    part = own.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'value="3" max="10"' in part
    assert other.get(f"/jobs/{job.pk}/").status_code == 404
    assert other.post(f"/jobs/{job.pk}/cancel/").status_code == 404
    own.post(f"/jobs/{job.pk}/cancel/")
    assert Job.objects.get(pk=job.pk).cancel_asked
    assert own.get(f"/jobs/{job.pk}/file/").status_code == 404


def test_nor_do_answers_of_the_api(world: World) -> None:
    for path in ("/api/v1/me", "/api/v1/cases", "/api/v1/nowhere"):
        assert world.client("city").get(path).headers["Cache-Control"] == "private, no-store", path
