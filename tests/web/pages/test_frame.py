"""The frame of all pages."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.conftest import World

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
