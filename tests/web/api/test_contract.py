"""The API keeps what its OpenAPI document says, whatever is sent: schemathesis, with a fixed seed."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jicha_web.library.catalog import load_catalog
from jicha_web.organisation import middleware
from tests.web.conftest import NOW, build_world
from tests.web.walk.objects import NUMBER, build_objects

SEED = "20261015"
CSRF = "a" * 32


def program() -> str:
    found = shutil.which("schemathesis", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    assert found, "schemathesis belongs to the development tools: make install"
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [None, NUMBER], ids=["any number", "objects that are there"])
def test_schemathesis_finds_nothing(
    live_server: Any, number: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "now", lambda: NOW)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    world = build_world()
    load_catalog(at=NOW)
    build_objects(world)
    client = world.client("city")
    session = client.cookies["sessionid"].value
    schema = tmp_path / "openapi.json"
    schema.write_bytes(client.get("/api/v1/openapi.json").content)
    if number is not None:
        (tmp_path / "schemathesis.toml").write_text(f'[parameters]\n"path.pk" = {number}\n')
    done = subprocess.run(
        [
            program(), "run", str(schema), "--url", live_server.url, "--seed", SEED, "--max-examples", "15",
            "--workers", "1", "--phases", "examples,coverage,fuzzing", "--no-color", "--continue-on-failure",
            # the session is a header of this run, which the check of authentication cannot take away: the walk does
            "--exclude-checks", "ignored_auth,positive_data_acceptance",
            "-H", f"Cookie: sessionid={session}; csrftoken={CSRF}", "-H", f"X-CSRFToken: {CSRF}",
        ],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": ""},
    )  # fmt: skip
    (tmp_path / "report.txt").write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]
