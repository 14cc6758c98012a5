"""The settings of production: Django's own check finds nothing, and the switch for plain http is an explicit one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = [sys.executable, "-m", "jicha_web.manage"]


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JICHA_", "DJANGO_"))}
    return subprocess.run(
        [*MANAGE, *arguments], env={**kept, "JICHA_DATA": str(folder), **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_check_deploy_is_clean(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING", JICHA_HOSTS="jicha.example.org")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout
    key = tmp_path / "app" / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) > 50


SHOW_HSTS = (
    "from django.conf import settings; from django.http import HttpResponse; from django.test import RequestFactory;"
    "from django.middleware.security import SecurityMiddleware as M;"
    "print(M(lambda r: HttpResponse())(RequestFactory().get('/', secure=True)).get('Strict-Transport-Security'))"
)


@pytest.mark.parametrize(
    ("environment", "header"),
    [
        ({}, "max-age=2592000"),  # this name alone: other machines below it may still speak plain http
        ({"JICHA_HSTS_SUBDOMAINS": "1", "JICHA_HSTS_SECONDS": "31536000"}, "max-age=31536000; includeSubDomains"),
        ({"JICHA_HSTS_SECONDS": "0"}, "None"),
        ({"JICHA_HTTPS": "0", "JICHA_HSTS_SUBDOMAINS": "1"}, "None"),
    ],
)
def test_browsers_are_bound_to_https_for_this_host_alone(
    tmp_path: Path, environment: dict[str, str], header: str
) -> None:
    done = run(tmp_path, "shell", "--verbosity", "0", "-c", SHOW_HSTS, **environment)
    assert done.stdout.strip().splitlines()[-1:] == [header], done.stdout + done.stderr


def test_plain_http_is_found_by_the_check(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING", JICHA_HTTPS="0")
    assert done.returncode != 0
    assert "W012" in done.stderr


def test_no_migration_is_missing(tmp_path: Path) -> None:
    done = run(tmp_path, "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://jicha:geheim@127.0.0.1:1/jicha"
    done = run(tmp_path, "prepare", JICHA_DATABASE_URL=url, JICHA_LANG="en")
    assert done.returncode == 2
    assert "jicha@127.0.0.1:1/jicha cannot be reached" in done.stderr
    assert "JICHA_DATABASE_URL" in done.stderr
    assert "geheim" not in done.stderr + done.stdout
