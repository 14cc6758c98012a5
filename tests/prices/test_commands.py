"""The commands, the page and the workbooks; the how-to runs as written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from jicha.cli import main
from jicha.ingest.load import load
from jicha.language import Language
from jicha.prices.published import supervise_lists
from jicha.prices.shipped import find_list, shipped_lists
from jicha.report.prices import build_prices_page
from tests.prices.test_loaded import good

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "prices.md"
Store = Callable[[Path, Any], None]


def run(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    store(tmp_path / "data", good())
    return tmp_path / "data"


def test_lists_are_shown_with_unit_and_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("prices", "list", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == len(shipped_lists())
    assert run("prices", "show", "agency/hubei-2026-01", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    value = shown["rows"][0]["values"]["flat"]
    assert (value["amount"], value["unit"], value["places"], value["verified"]) == ("0.735686", "yuan_per_kwh", 6, True)
    for name in shipped_lists():
        for language in Language:
            assert run("prices", "show", name, "--lang", language.value) == 0
    text = capsys.readouterr().out
    assert "0.4883*" in text and "23:00-07:00" in text and "20:30-22:30" in text
    assert run("prices", "show", "agency/hubei-2026-02", "--lang", "en") == 2
    assert "near: agency/hubei-2026-01" in capsys.readouterr().err


def test_check_writes_page_and_workbook_and_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, book = tmp_path / "p.html", tmp_path / "p.xlsx"
    assert run("prices", "check", "--as-of", "2026-10-15", "--html", str(page), "--xlsx", str(book), "--json") == 1
    found = json.loads(capsys.readouterr().out)["statements"]
    assert sum(item["outcome"] == "contradiction" for item in found) == 11
    assert "0.077973" in page.read_text(encoding="utf-8")
    rows = CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
    assert len(rows) == len(found) + 1 and rows[1][0] == "矛盾"
    assert run("prices", "check", "--province", "atlantis", "--lang", "en") == 2
    assert "no province atlantis" in capsys.readouterr().err


def test_check_of_data_and_what_makes_it_fail(data: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("prices", "check", str(data), "--as-of", "2026-10-15", "--province", "hubei")
    assert run(*arguments) == 0
    assert "矛盾 0 项" in capsys.readouterr().out
    rows = good()
    rows["bill"][0]["tariff_code"] = "T9"
    store(data, rows)
    assert run(*arguments, "--lang", "en") == 1
    text = capsys.readouterr().out
    assert "1 contradictions" in text and "T9" in text


def test_difference_of_data_masks_names(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = tmp_path / "d.xlsx"
    days = ("--from", "2026-05-01", "--to", "2026-09-01", "--as-of", "2026-10-15")
    assert run("prices", "diff", str(data), *days, "--xlsx", str(book), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["customers"], found["months"], found["monthly_yuan"]) == (2, 1, "0.00")
    assert (found["first_period"], found["last_period"]) == ("2025-10-01", "2026-09-01")
    sheets = CalamineWorkbook.from_path(str(book))
    rows = sheets.get_sheet_by_index(1).to_python()
    assert {row[1] for row in rows[1:]} == {"临江****公司", "王**"}
    assert "王小明" not in str([sheets.get_sheet_by_index(n).to_python() for n in (0, 1)])
    assert run("prices", "diff", str(data), "--lang", "en") == 2
    assert "give DATA with --from and --to" in capsys.readouterr().err


def test_the_headline_of_a_difference_names_its_window_and_the_months_with_bills(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ("--from", "2026-05-01", "--to", "2026-09-01")
    for as_of, since, until in (("2026-10-15", "2025-10", "2026-09"), ("2027-02-20", "2026-02", "2027-01")):
        assert run("prices", "diff", str(data), *days, "--as-of", as_of) == 0
        text = "".join(capsys.readouterr().out.split("\n")[:3])  # the headline, however wide the terminal
        assert f"按 {since} 至 {until} 十二个月的电量（其中 1 个月有账单" in text.replace("\n", "")


def test_the_page_escapes_and_speaks_both_languages() -> None:
    found = supervise_lists([find_list("agency/hubei-2026-01")])
    chinese, english = (
        build_prices_page(found, "<b>scope</b>", date(2026, 10, 15), language)
        for language in (Language.ZH, Language.EN)
    )
    assert "价格监管" in chinese and "Price supervision" in english and "分项合计" not in english
    assert "&lt;b&gt;scope" in chinese and "<b>scope" not in chinese


def test_canonical_files_load_without_rejects(tmp_path: Path) -> None:
    folder = tmp_path / "tariffs"
    arguments = ("prices", "canonical", "hubei", "agency/hubei-2026-01", "--out", str(folder), "--accept-unverified")
    assert run(*arguments) == 0
    result = load(tmp_path / "data", [folder], now=datetime(2026, 10, 16))
    accepted = {name: (table.accepted, table.rejected) for name, table in result.tables.items()}
    assert accepted == {"tariff": (7, 0), "tariff_component": (35, 0), "pf_adjustment": (303, 0)}
    assert run("prices", "canonical", "sichuan", "agency/hubei-2026-01", "--out", str(folder)) == 2
    assert run("prices", "canonical", "beijing", "agency/beijing-2024-02", "--out", str(folder)) == 1


@pytest.mark.slow  # a process for every command of the page
def test_the_how_to_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    output = ""
    for kind, text in blocks:
        command = ["bash", "-euc", text] if kind == "sh" else [sys.executable, "-c", text]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        output += done.stdout
    assert len(blocks) == 5
    assert all(part in output for part in ("0.735686", "tip\ntip", "contradictions found", "21.87", "tariff.csv (3)"))
    assert (tmp_path / "prices.html").stat().st_size > 10_000
