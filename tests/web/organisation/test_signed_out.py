"""A session that ended while a form was filled in, and addresses that have no page."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.conftest import World

pytestmark = pytest.mark.django_db
FORM = "http://testserver/findings/?rule=CF001"


@pytest.mark.parametrize(
    ("referer", "back"),
    [(FORM, "/findings/%3Frule%3DCF001"), ("http://elsewhere.example/findings/", "/"), (None, "/")],
)
def test_who_signs_in_again_comes_back_to_the_form(world: World, referer: str | None, back: str) -> None:
    headers = {"Referer": referer} if referer else {}
    browser = Client()
    response = browser.post("/findings/bulk/", {"what": "dismiss"}, headers=headers)
    assert response.status_code == 302 and response.headers["Location"] == f"/login/?next={back}"
    browser.force_login(world.people["city"], backend="django.contrib.auth.backends.ModelBackend")
    assert "登录已过期" in browser.get("/findings/").content.decode()
    assert "登录已过期" not in browser.get("/findings/").content.decode()


def test_an_address_without_a_page_says_so(world: World) -> None:
    page = world.client("city").get("/findings/bulk/")
    assert page.status_code == 405 and page.headers["Allow"] == "POST"
    assert 'data-test="error"' in page.content.decode()
    assert world.client("city").put("/findings/bulk/").content == b""
