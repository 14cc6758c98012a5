"""Sign-ins are limited by person and machine, also behind a reverse proxy."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory

from jicha_web.organisation.addresses import client_address
from tests.web.conftest import World


@pytest.mark.parametrize(
    ("behind", "forwarded", "expected"),
    [
        (False, "203.0.113.9", "10.0.0.1"),  # nobody in front: anybody may write the header
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # what stands before the last came with the request
        (True, "203.0.113.9:49152", "203.0.113.9"),
        (True, "2001:db8::7", "2001:db8::7"),
        (True, "unknown", "10.0.0.1"),
        (True, "", "10.0.0.1"),
    ],
)
def test_the_address_is_the_proxys_word(settings: LazySettings, behind: bool, forwarded: str, expected: str) -> None:
    settings.BEHIND_PROXY = behind
    asked = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(asked) == expected


@pytest.mark.django_db
def test_guessing_from_one_machine_shuts_out_no_colleague_at_another(world: World, settings: LazySettings) -> None:
    settings.AXES_ENABLED = settings.BEHIND_PROXY = True
    world.people["city"].set_password("right-horse-42")
    world.people["city"].save()

    def sign_in(password: str, machine: str) -> int:
        given = {"username": "city", "password": password}
        return Client(headers={"x-forwarded-for": machine}).post("/login/", given).status_code

    guesses = [sign_in(f"guess-{n}", "203.0.113.9") for n in range(6)]
    assert guesses[-1] == 429
    assert sign_in("right-horse-42", "203.0.113.9") == 429
    assert sign_in("right-horse-42", "203.0.113.10") == 302
