"""The report's section and sheet of the prices say what `jicha prices check` says, the gravest first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from jicha.cli import application
from jicha.language import Language

AS_OF = ("--as-of", "2026-06-20")
GAP = "2026-03-01"


@pytest.fixture
def data(tmp_path: Path, store: Callable[..., None]) -> Path:
    """Editions with a gap of 28 days, an overlap of 17, and bills of a code that nobody defined."""
    folder = tmp_path / "data"
    price = {"parts": 1, "energy_price": "0.5588"}
    store(folder, {
        "organization": [{"org_id": "S1", "name": "河滨供电所", "level": "station"}],
        "customer": [{"customer_id": "C1", "name": "某户", "status": "active", "org_id": "S1"}],
        "metering_point": [{"point_id": "P1", "customer_id": "C1", "purpose": "settlement", "status": "active",
                            "tariff_code": "GAP"}],
        "tariff": [
            {"tariff_code": "GAP", "effective_from": "2025-01-01", "effective_to": "2026-01-31", **price},
            {"tariff_code": "GAP", "effective_from": GAP, **price},
            {"tariff_code": "TWICE", "effective_from": "2025-01-01", "effective_to": "2026-01-17", **price},
            {"tariff_code": "TWICE", "effective_from": "2026-01-01", **price},
        ],
        "bill": [{"bill_id": "B1", "customer_id": "C1", "point_id": "P1", "period": "2026-05-01", "days": 31,
                  "tariff_code": "<NOWHERE>", "billed_kwh": "1200"}],
    })  # fmt: skip
    run("screen", str(folder), *AS_OF)
    return folder


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(application(), list(arguments))
    assert result.exit_code == code, (arguments, result.output, result.exception)
    return result.stdout


def told(data: Path, language: Language) -> dict[str, Any]:
    """What the command of the section says; it ends with 1 where prices contradict themselves."""
    content: dict[str, Any] = json.loads(
        run("prices", "check", str(data), *AS_OF, "--json", "--lang", language.value, code=1)
    )
    return content


def section(html: str) -> str:
    return html.partition('<section id="prices"')[2].partition("</section>")[0]


@pytest.mark.parametrize("language", list(Language))
def test_the_section_counts_what_the_command_counts(data: Path, tmp_path: Path, language: Language) -> None:
    page = tmp_path / "r.html"
    run("report", str(data), "--out", str(page), "--lang", language.value)
    shown = section(page.read_text(encoding="utf-8"))
    statements = told(data, language)["statements"]
    outcomes = [item["outcome"] for item in statements]
    big = [int(text.replace(",", "")) for text in re.findall(r'<p class="big[^"]*">([\d,]+)</p>', shown)]
    assert big == [
        outcomes.count("contradiction"),
        2,  # the gap and the overlap
        1,  # the code of the bill
        outcomes.count("doubtful"),
        outcomes.count("unchecked"),
    ]
    wrong = [item["what"] for item in statements if item["outcome"] == "contradiction"]
    assert 3 <= len(wrong) <= 8
    assert [what for what in wrong if what not in unescape(shown)] == []
    assert "<NOWHERE>" not in shown and "&lt;NOWHERE&gt;" in shown
    assert shown.index("NOWHERE") < shown.index(f">{'TWICE'}<"), "with customers behind it first"
    widest = {
        Language.ZH: "最广的一项涉及 1 户，近 12 个月 1,200 kWh",
        Language.EN: "the widest: 1 customers, 1,200 kWh in 12 months",
    }
    assert widest[language] in shown, "the figure of one statement is not told as that of all"
    assert "jicha prices check data --as-of 2026-06-20" in shown


@pytest.mark.parametrize("language", list(Language))
def test_the_sheet_holds_every_statement(data: Path, tmp_path: Path, language: Language) -> None:
    path = tmp_path / "r.xlsx"
    run("report", str(data), "--out", str(path), "--lang", language.value)
    book = CalamineWorkbook.from_path(str(path))
    name = {Language.ZH: "价格监管", Language.EN: "Price supervision"}[language]
    rows = book.get_sheet_by_name(name).to_python()
    statements = told(data, language)["statements"]
    assert sorted(str(row[-1]) for row in rows[1 : 1 + len(statements)]) == sorted(item["what"] for item in statements)
    assert str(rows[-1][-1]).startswith("jicha prices check data")
    overview = book.get_sheet_by_index(0).to_python()
    (at,) = [number for number, row in enumerate(overview) if row[0] == name]
    assert overview[at + 1][1] == len([item for item in statements if item["outcome"] == "contradiction"])


def test_prices_that_agree_say_so(tmp_path: Path, store: Callable[..., None]) -> None:
    folder = tmp_path / "data"
    price = {"parts": 1, "energy_price": "0.5588", "effective_from": "2025-01-01"}
    store(folder, {
        "organization": [{"org_id": "S1", "name": "河滨供电所", "level": "station"}],
        "tariff": [{"tariff_code": "T", **price}],
    })  # fmt: skip
    run("screen", str(folder), *AS_OF)
    run("report", str(folder), "--out", str(tmp_path / "r.html"))
    shown = section((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert "没有矛盾或存疑的价格" in shown
    assert "不等于没有问题" in shown
