"""The report's section and sheets of the data quality say the numbers that `jicha quality --json` says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from jicha.catalog.schema import schema
from jicha.cli import application
from jicha.language import Language
from jicha.quality.words import say

Store = Callable[..., None]
MONTHS = (("2026-01", 30), ("2026-02", 30), ("2026-04", 10), ("2026-05", 30))


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    """Two loads and a run: customers without phone and of no unit, a month of bills missing."""
    folder = tmp_path / "data"
    customers = [
        {"customer_id": f"C{n}", "name": "某户", "phone": None if n % 3 else "13912340077", "status": "active",
         "org_id": "S1" if n % 4 else "S9", "usage_class": "residential", "opened_on": "2015-01-01"}
        for n in range(1, 24)
    ]  # fmt: skip
    bills = [
        {"bill_id": f"{month}-{n}", "customer_id": "C1", "point_id": "P", "period": f"{month}-01", "days": 30}
        for month, count in MONTHS
        for n in range(count)
    ]
    store(folder, {"organization": [{"org_id": "S1", "name": "河滨供电所", "level": "station"}], "customer": []})
    store(folder, {"customer": customers, "bill": bills})
    run("screen", str(folder), "--as-of", "2026-06-20")
    return folder


def run(*arguments: str) -> str:
    result = CliRunner().invoke(application(), list(arguments))
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result.stdout


def told(data: Path, language: Language) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(run("quality", str(data), "--json", "--lang", language.value))
    return content


def number(text: str) -> int:
    return int(re.sub(r"[^0-9].*", "", text.replace(",", "").strip(), flags=re.DOTALL) or 0)


@pytest.mark.parametrize("language", list(Language))
def test_figures_of_the_page_are_those_told(data: Path, tmp_path: Path, language: Language) -> None:
    page = tmp_path / "r.html"
    run("report", str(data), "--out", str(page), "--lang", language.value)
    html = page.read_text(encoding="utf-8")
    section = html.partition('class="figures quality-figures"')[2].partition('class="columns"')[0]
    shown = [number(text) for text in re.findall(r'<p class="big[^"]*">(.*?)</p>', section, re.DOTALL)]
    content = told(data, language)
    latest = content["trend"][-1]
    gaps = sum(gap["periods"] for found in content["periods_missing"].values() for gap in found)
    assert shown == [len(content["tables"]), latest["rows"], gaps, latest["rejected"], latest["lost"]]
    assert shown[1] == 1 + 23 + sum(count for _, count in MONTHS) and shown[2] == 1 and shown[4] > 0
    whole = [
        problem["text"] for problem in content["problems"] if problem["column"] is None and problem["table"] == "bill"
    ]
    assert whole and all(text in html for text in whole)


@pytest.mark.parametrize("language", list(Language))
def test_sheets_of_the_workbook_are_those_told(data: Path, tmp_path: Path, language: Language) -> None:
    path = tmp_path / "r.xlsx"
    run("report", str(data), "--out", str(path), "--lang", language.value)
    content = told(data, language)
    book = CalamineWorkbook.from_path(str(path))
    tables = {row[0]: row for row in book.get_sheet_by_name(say("sheet_tables", language)).to_python()[1:]}
    assert set(tables) == set(schema().tables)
    for name, table in content["tables"].items():
        lost = sum(item["rows"] for item in table["lost"].values() if item)
        assert (tables[name][2], tables[name][6]) == (table["rows"], lost), name
        share = content["trend"][-1]["tables"][name]["null_share"]
        assert tables[name][4] == ("" if share is None else pytest.approx(share, abs=1e-6)), name
    problems = book.get_sheet_by_name(say("sheet_problems", language)).to_python()[1:]
    assert [(row[1], row[3] or None, row[5]) for row in problems] == [
        (problem["table"], problem["column"], problem["text"]) for problem in content["problems"]
    ]


def test_a_report_of_an_earlier_run_shows_the_quality_of_its_own_version(
    data: Path, store: Store, tmp_path: Path
) -> None:
    before = told(data, Language.EN)["trend"][-1]["rows"]
    store(data, {"customer": [{"customer_id": "C1", "status": "active"}]})
    page = tmp_path / "r.html"
    run("report", str(data), "--out", str(page))
    assert told(data, Language.EN)["trend"][-1]["rows"] != before
    section = page.read_text(encoding="utf-8").partition('class="figures quality-figures"')[2]
    shown = [number(text) for text in re.findall(r'<p class="big[^"]*">(.*?)</p>', section, re.DOTALL)]
    assert shown[1] == before
