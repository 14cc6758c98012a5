"""The application on PostgreSQL: the tests of what differs between databases run once more on a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.ingest.postgres import PASSWORD, running_postgres

ROOT = Path(__file__).parents[3]
# what depends on the database: locks and comparing versions, triggers, bulk writes, JSON, searching, every page
PARTS = [
    "tests/web/history", "tests/web/organisation", "tests/web/library", "tests/web/api/test_api.py", "tests/web/runs",
    "tests/web/cases", "tests/web/findings", "tests/web/proof", "tests/web/walk", "tests/web/races",
]  # fmt: skip


@pytest.mark.slow
def test_the_tests_pass_on_postgresql(tmp_path: Path) -> None:
    parts = [part for part in PARTS if (ROOT / part).exists()]
    with running_postgres() as server:
        url = f"postgresql://jicha:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/postgres"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JICHA_", "PYTEST_"))}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *parts, "-q", "-x", "-m", "not slow and not browser",
             "-p", "no:cacheprovider", "--create-db"],
            cwd=ROOT, env={**kept, "JICHA_DATABASE_URL": url}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    (tmp_path / "output.txt").write_text(done.stdout + done.stderr)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert " passed" in done.stdout or "100%" in done.stdout
