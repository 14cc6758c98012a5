from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

import jicha.cli.findings as cli
import jicha.cli.report as report_cli
from jicha.catalog.schema import schema
from jicha.findings.audit import audit_path, broken_line
from jicha.findings.read import Filter, Ledger
from jicha.findings.run import read_run
from jicha.language import Language
from jicha.report.page import build_page
from jicha.report.words import WORDS, words

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
NAME, PHONE, ADDRESS = "欧阳清风", "13912340077", "临江市城东区滨河路217号"


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "action", "srcset", "poster", "data"}:
                self.links.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


@pytest.fixture
def data(tmp_path: Path, folders: ModuleType) -> Path:
    make = folders.finding
    rows = [
        make(
            "CF007",
            {"name": NAME, "closed_on": date(2026, 3, 1), "billed_months": 2},
            customer_id="A",
            org_id="S0",
            amount_yuan=Decimal("1234567.89"),
            energy_kwh=Decimal("10.00"),
        ),
        make(
            "CF002", {"phone": PHONE, "problem": "shared", "accounts": 12}, customer_id="A", org_id="S0", state="open"
        ),
        make(
            "UI003", {"address": ADDRESS, "usage_class": "residential"}, customer_id="B", org_id="S1", state="recurred"
        ),
        make("CF001", {"missing_fields": "address,voltage_v", "note": HOSTILE}, customer_id=HOSTILE, org_id="S2"),
        make(
            "CF004", {"voltage_v": 380}, customer_id="C", org_id="S3", state="unjudged", missing="contract_capacity_kva"
        ),
    ]
    rows[3] |= {"reason_zh": HOSTILE, "reason_en": HOSTILE}
    folders.write_run(tmp_path, rows, [("A", NAME, "S0"), ("B", "张三", "S1"), (HOSTILE, HOSTILE, "S2")])
    return tmp_path


def page(data: Path, folders: ModuleType, language: Language = Language.ZH, **more: Any) -> str:
    with Ledger(read_run(data), folders.Tables(data)) as ledger:
        return build_page(ledger, Filter(states=()), language=language, **more).html


def embedded(html: str) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert match is not None
    content: dict[str, Any] = json.loads(match[1])
    return content


@pytest.mark.parametrize("language", list(Language))
def test_the_page_asks_nothing_of_the_outside(data: Path, folders: ModuleType, language: Language) -> None:
    html = page(data, folders, language)
    reader = Reader()
    reader.feed(html)
    assert [link for link in reader.links if not link.startswith(("#", "data:"))] == []
    assert "http://" not in html and "https://" not in html and "url(" not in html and "@import" not in html
    assert "default-src 'none'" in html


def test_only_its_own_script_may_run(data: Path, folders: ModuleType) -> None:
    html = page(data, folders)
    script = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html


def test_text_of_the_data_is_never_markup(data: Path, folders: ModuleType) -> None:
    for unmask in (None, "现场核查"):
        html = page(data, folders, unmask_reason=unmask)
        reader = Reader()
        reader.feed(html)
        assert reader.tags.count("script") == 2 and "img" not in reader.tags and reader.handlers == []
        assert HOSTILE not in html
        assert HOSTILE in str(embedded(html)["rows"])


@pytest.mark.parametrize("language", list(Language))
def test_personal_values_are_masked_in_the_whole_file(data: Path, folders: ModuleType, language: Language) -> None:
    masked, shown = page(data, folders, language), page(data, folders, language, unmask_reason="现场核查客户")
    for value in (NAME, PHONE, ADDRESS, "张三"):
        assert value not in masked
        assert value in shown
    assert "现场核查客户" in shown


def test_an_unverified_article_is_not_in_the_page(data: Path, folders: ModuleType) -> None:
    html = page(data, folders)
    assert "第九条" not in html and "供电电压等级的确定" not in html
    assert "条款待核实" in html and "第九十二条" in html


def test_what_was_not_run_is_said_with_why(data: Path, folders: ModuleType) -> None:
    html = page(data, folders)
    assert "4 条规则未运行。未运行不等于没有问题。" in html
    assert "未运行：缺表" in html and schema()["bill"].zh in html


def test_what_could_not_be_judged_is_said_with_what_it_lacks(data: Path, folders: ModuleType) -> None:
    html = page(data, folders)
    assert "1 个对象未能判定" in html and "未能判定的对象" in html and "<td>合同容量(kVA)</td>" in html
    with Ledger(read_run(data), folders.Tables(data)) as ledger:
        assert build_page(ledger, Filter(states=(), org="C2"), language=Language.ZH).html.count("未能判定的对象") == 0


def test_a_finding_holds_what_its_reader_needs(data: Path, folders: ModuleType) -> None:
    content = embedded(page(data, folders))
    rows = {row[0]: row for row in content["rows"]}
    assert rows["CF007"][8] == "1234567.89" and rows["CF007"][10].startswith("欧***于2026-03-01销户")
    assert content["rules"]["UI003"]["columns"][0] == ["用电地址", ""]
    assert content["rules"]["CF004"]["columns"][0] == ["供电电压", "V"]
    assert rows["CF004"][12] == "合同容量(kVA)"
    assert [row[7] for row in content["rows"]][-1] == "unjudged"
    english = embedded(page(data, folders, Language.EN))
    assert english["rules"]["CF004"]["columns"][0] == ["Voltage", "V"]


def test_at_most_so_many_findings_are_embedded_and_the_page_says_so(data: Path, folders: ModuleType) -> None:
    html = page(data, folders, most=2)
    assert [row[0] for row in embedded(html)["rows"]] == ["CF007", "UI003"]
    assert "本页只含 2 条（共 5 条" in html and "--state all" in html
    assert "本页只含" not in page(data, folders)


def test_a_run_without_findings_is_a_page(tmp_path: Path, folders: ModuleType) -> None:
    folders.write_run(tmp_path, [])
    html = page(tmp_path, folders)
    assert "没有发现疑似问题" in html
    with Ledger(read_run(tmp_path), None) as bare:
        assert build_page(bare, Filter(states=()), language=Language.EN).findings == 0


def test_all_words_exist_in_both_languages() -> None:
    assert set(words(Language.ZH)) == set(words(Language.EN))
    for text in WORDS.values():
        assert text.zh.strip() and text.en.strip()
        assert set(re.findall(r"\{(\w+)\}", text.zh)) == set(re.findall(r"\{(\w+)\}", text.en))


def test_every_word_the_template_or_script_names_exists() -> None:
    folder = Path(__file__).parents[2] / "src" / "jicha" / "report"
    template = (folder / "templates" / "report.html").read_text()
    script = (folder / "assets" / "report.js").read_text()
    named = set(re.findall(r"\bt\.(\w+)", template)) | set(re.findall(r"\bwords\.(\w+)", script))
    assert named <= set(WORDS)
    assert not re.search(r"[\u4e00-\u9fff]", template + script)


# ---- the commands


@pytest.fixture
def run(data: Path, folders: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    class Warehouse:
        def __init__(self, folder: Path) -> None:
            self.folder = folder

        def snapshot(self, _version: int) -> Any:
            return folders.Tables(self.folder)

    monkeypatch.setattr(cli, "Warehouse", Warehouse)
    app = typer.Typer()
    cli.register(app)
    report_cli.register(app)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_list(run: Any, data: Path) -> None:
    result = run("findings", data)
    assert result.exit_code == 0, result.output
    assert "CF007" in result.stdout and "1,234,567.89" in result.stdout
    assert NAME not in result.output and PHONE not in result.output
    found = json.loads(run("findings", data, "--json", "--state", "all", "--lang", "en").stdout)
    assert found["total"] == 5 and found["findings"][0]["amount_yuan"] == "1234567.89"
    assert found["findings"][0]["evidence"]["name"] == "欧***"
    assert found["rules_not_run"]["MT002"] == "table_missing"


def test_unmasking_is_recorded_before_it_is_shown(run: Any, data: Path) -> None:
    assert run("findings", data, "--unmask", "x").exit_code == 1  # BadInput, turned into exit code 2 by main
    assert not audit_path(data).exists()
    assert NAME in run("findings", data, "--unmask", "电话核实", "--rule", "cf007", "--user", "陈敏").stdout
    assert run("report", data, "--out", data / "r.html", "--unmask", "存档复核").exit_code == 0
    entries = [json.loads(line) for line in audit_path(data).read_text().splitlines()]
    assert [entries[0][name] for name in ("command", "rows", "user")] == ["findings", 1, "陈敏"]
    assert entries[1]["command"] == "report r.html" and entries[1]["rows"] == 5
    assert broken_line(data) is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook(run: Any, data: Path, language: str) -> None:
    out = data / "r.xlsx"
    result = run("report", data, "--out", out, "--lang", language, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["rows"] == 5
    book = CalamineWorkbook.from_path(str(out))
    text = words(Language(language))
    sheets = [
        text[name] for name in ("sheet_overview", "sheet_units", "sheet_rules", "sheet_findings", "sheet_not_run")
    ]
    assert book.sheet_names == sheets
    everything = str([book.get_sheet_by_name(name).to_python() for name in sheets])
    for value in (NAME, PHONE, ADDRESS, "第九条"):
        assert value not in everything
    head, first = book.get_sheet_by_name(text["sheet_findings"]).to_python()[:2]
    assert dict(zip(head, first, strict=True))[text["column_amount_yuan"]] == 1234567.89


def test_the_report_of_one_unit(run: Any, data: Path) -> None:
    result = run("report", data, "--out", data / "r.html", "--org", "C1", "--json")
    assert json.loads(result.stdout)["rows"] == 3  # S0 and S3 stand below C1
    assert "城东供电公司" in (data / "r.html").read_text()
