"""The tutorial runs as written, and both languages give the same commands; links in the docs lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"


def blocks(name: str) -> list[tuple[str, str]]:
    text = (TUTORIAL / name).read_text(encoding="utf-8")
    return re.findall(r"^```(sh|python)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_both_languages_give_the_same_commands() -> None:
    assert blocks("first-city.md") == blocks("first-city.zh-CN.md")
    assert len(blocks("first-city.md")) == 5


@pytest.mark.slow
def test_the_tutorial_runs(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    output = ""
    for kind, text in blocks("first-city.md"):
        command = ["bash", "-euc", text] if kind == "sh" else [sys.executable, "-c", text]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        output = done.stdout
    assert "CF012" in output and "已消除" in output
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_links_lead_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []


def test_the_mapping_of_the_how_to_works(tmp_path: Path) -> None:
    from datetime import datetime

    import duckdb

    from jicha.ingest.load import load
    from jicha.warehouse.store import Warehouse

    text = (ROOT / "docs" / "how-to" / "map-your-files.md").read_text(encoding="utf-8")
    found = dict(
        reversed(re.findall(r"^```(csv|yaml)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    )  # of each kind the first
    source, mapping = tmp_path / "YH_DA_202610.csv", tmp_path / "marketing.yaml"
    source.write_text(found["csv"], encoding="gb18030")
    mapping.write_text(found["yaml"], encoding="utf-8")
    result = load(tmp_path / "data", [source], mapping=mapping, now=datetime(2026, 10, 16))
    assert (result.tables["customer"].accepted, result.tables["customer"].rejected) == (3, 0)
    relation = Warehouse(tmp_path / "data").snapshot().relation_sql("customer")
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT customer_id, name, usage_class, opened_on::VARCHAR, contract_capacity_kva, voltage_v "
            f"FROM ({relation}) ORDER BY customer_id"
        ).fetchall()
    assert rows == [
        ("0012", "云溪纺织厂（城东）", "large_industrial", "2016-05-03", 500.0, 380),
        ("0013", "王小明", "residential", "2009-11-17", None, 380),
        ("0014", "东街路灯（市政）", "street_lighting", "2020-02-01", None, 380),
    ]


def test_the_growing_folder_of_the_how_to_works(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "map-your-files.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^jicha load .*--changed$", text, re.MULTILINE)
    (tmp_path / "deliveries").mkdir()
    file = tmp_path / "deliveries" / "线路.csv"
    from jicha.catalog.schema import schema

    columns = [column for column in schema()["feeder"].columns.values() if column.required]
    cells = [next(iter(c.labels), "1") if c.labels else "2026-01-01" if c.type == "date" else "1" for c in columns]
    file.write_text(",".join(c.zh for c in columns) + "\n" + ",".join(cells) + "\n", encoding="utf-8")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    said = []
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-euc", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)
    assert "没有新内容" not in said[0] and "没有新内容" in said[1]
