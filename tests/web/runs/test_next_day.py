"""The run of the next day leaves the same findings on PostgreSQL, where sessions write side by side, as on SQLite."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.postgres import running_postgres

ROOT = Path(__file__).parents[3]


def told(data: Path, url: str = "") -> dict[str, Any]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JICHA_", "PYTEST_", "DJANGO_"))}
    environment = {**kept, "JICHA_DATA": str(data), "JICHA_HTTPS": "0", **({"JICHA_DATABASE_URL": url} if url else {})}
    done = subprocess.run(
        [sys.executable, "-m", "tests.web.runs.next_day"], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_the_next_day_is_the_same_on_both_databases(tmp_path: Path) -> None:
    on_sqlite = told(tmp_path / "sqlite")
    with running_postgres() as server:
        on_postgresql = told(tmp_path / "postgresql", server.url().replace("postgresql+psycopg", "postgresql"))
    assert (on_sqlite.pop("vendor"), on_postgresql.pop("vendor")) == ("sqlite", "postgresql")
    first, second, second_again = on_sqlite["told"]
    assert len(first) == 40 and len(second) == 42 and second == second_again
    changed = sum(one not in first for one in second)
    assert changed > 35  # else the import of a changed ledger was not looked at
    assert on_postgresql == on_sqlite
    assert on_sqlite["damage"] == [] and on_sqlite["missing"] == []
