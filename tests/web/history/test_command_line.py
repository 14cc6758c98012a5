"""`jicha check-history`: exit code and lines, on a data folder of its own, in processes as a person starts them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]
UNITS = [{"org_id": "C", "name": "临江供电公司", "level": "city"}]


def run(data: Path, *arguments: str) -> tuple[int, str]:
    given = {"JICHA_DATA": str(data), "DJANGO_SETTINGS_MODULE": "jicha_web.settings", "JICHA_SECRET_KEY": "k" * 60}
    kept = {name: value for name, value in os.environ.items() if name != "JICHA_DATABASE_URL"}
    command = [sys.executable, "-c", "import sys; from jicha.cli import main; main(sys.argv[1:])"]
    if arguments[0] == "manage":
        command, arguments = [sys.executable, "-m", "jicha_web.manage"], arguments[1:]
    done = subprocess.run([*command, *arguments], env=kept | given, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_folder_without_the_application_is_no_answer(tmp_path: Path, store: Store) -> None:
    code, said = run(tmp_path, "check-history", str(tmp_path), "--lang", "en")
    assert code == 2 and "is no data folder" in said
    store(tmp_path / "data", {"organization": UNITS})
    code, said = run(tmp_path / "data", "check-history", str(tmp_path / "data"))
    assert code == 2 and "还没有应用的数据库" in said


@pytest.mark.slow
def test_each_broken_place_is_a_line_and_the_exit_code_says_so(tmp_path: Path, store: Store) -> None:
    data = tmp_path / "data"
    store(data, {"organization": UNITS})
    assert run(data, "manage", "prepare")[0] == 0
    code, said = run(data, "manage", "account", "boss", "--name", "王主任", "--role", "administrator", "--unit", "C")
    assert code == 0, said
    code, said = run(data, "check-history", str(data))
    assert code == 0 and "完整" in said
    with sqlite3.connect(data / "app" / "jicha.sqlite3") as database:
        database.execute("UPDATE organisation_membership SET role = 'city_specialist'")
        database.execute("UPDATE organisation_person SET must_change_password = 0")
    code, said = run(data, "check-history", str(data), "--lang", "en")
    assert code == 1
    assert "Role held membership:1  the database does not hold what the last history row left" in said
    assert "Person person:1  the database does not hold" in said
    assert "2 things are damaged" in said
    assert run(data, "check-history", str(data), "--kind", "case")[0] == 0
    assert run(data, "check-history", str(data), "--kind", "nothing")[0] == 2
