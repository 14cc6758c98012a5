"""Explained bills: the planted cause is the one that is named; pages, workbook, JSON and errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from jicha.billing.explain import Explanation, explain
from jicha.billing.recompute import recompute
from jicha.billing.words import cause_text, view
from jicha.cli import application
from jicha.language import Language
from tests.billing.harness import filled, gathered

D = Decimal
PERIOD = date(2026, 3, 1)
AMOUNTS = ("energy", "tier", "basic", "pf")

FACTORY: dict[str, list[dict[str, Any]]] = {
    "customer": [{"name": "临江恒达纺织有限公司", "contract_capacity_kva": 800.0}],
    "metering_point": [
        {"multiplier": 100.0, "is_time_of_use": True, "basic_charge_mode": "capacity", "pf_standard": 0.9,
         "loss_method": "formula"}
    ],
    "customer_transformer": [
        {"transformer_id": "T1", "capacity_kva": 500.0, "model": "S9-500/10"},
        {"transformer_id": "T2", "capacity_kva": 315.0, "model": "S9-315/10", "status": "suspended"},
    ],
    "transformer_status": [
        {"transformer_id": "T2", "from_on": date(2020, 1, 1), "until_on": date(2026, 3, 10), "status": "running"},
        {"transformer_id": "T2", "from_on": date(2026, 3, 11), "status": "suspended"},
    ],
    "tariff": [
        {"parts": 2, "effective_from": date(2020, 1, 1), "effective_to": date(2025, 12, 31), "energy_price": D("0.61"),
         "peak_price": D("0.98"), "valley_price": D("0.31"), "surcharge_price": D("0.04"), "capacity_price": D("25")},
        {"parts": 2, "effective_from": date(2026, 1, 1), "energy_price": D("0.65"), "peak_price": D("1.02"),
         "valley_price": D("0.33"), "surcharge_price": D("0.0452"), "capacity_price": D("26.3")},
    ],
    "reading": [
        {"previous_index": D("100"), "current_index": D("700"), "multiplier": 80.0},
        {"register": "peak", "previous_index": D("10"), "current_index": D("210"), "multiplier": 80.0},
        {"register": "valley", "previous_index": D("10"), "current_index": D("160"), "multiplier": 80.0},
        {"register": "reactive", "previous_index": D("0"), "current_index": D("300"), "multiplier": 80.0},
    ],
}  # fmt: skip


def billed(given: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows with a bill of exactly what they come to."""
    tables = filled(given, PERIOD)
    (facts,) = gathered(tables, PERIOD)
    (made,) = recompute(facts)
    assert not made.reasons, made.reason
    row = tables["bill"][0] | {f"{name}_yuan": getattr(made, f"{name}_yuan") for name in AMOUNTS}
    tables["bill"] = [row | {"total_yuan": made.total_yuan, "metered_kwh": made.metered_kwh}]
    return tables


def explained(truth: dict[str, list[dict[str, Any]]], wrong: dict[str, list[dict[str, Any]]]) -> Explanation:
    """Explain a bill that was computed from the wrong rows, against the true ones."""
    tables = filled(truth, PERIOD)
    tables["bill"] = billed(wrong)["bill"]
    (facts,) = gathered(tables, PERIOD)
    return explain(facts, "BP1")


def changed(table: str, number: int, **values: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the factory with some values changed in one row of a table."""
    rows = [dict(row) for row in FACTORY[table]]
    rows[number] |= values
    return {**FACTORY, table: rows}


def test_a_right_bill_agrees() -> None:
    item = explained(FACTORY, FACTORY)
    assert item.cause is None
    assert not any(item.differences.values())


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        (changed("tariff", 1, effective_from=date(2026, 4, 1)) | {"tariff": [
            FACTORY["tariff"][0] | {"effective_to": None}, FACTORY["tariff"][1] | {"effective_from": date(2026, 4, 1)}
        ]}, "edition"),
        (changed("metering_point", 0, multiplier=80.0), "multiplier"),
        (changed("metering_point", 0, pf_standard=0.85), "pf_standard"),
        (changed("metering_point", 0, pf_standard=None), "no_pf"),
        (changed("metering_point", 0, basic_charge_mode="none"), "no_basic"),
        (changed("metering_point", 0, is_time_of_use=False), "single_rate"),
        (changed("metering_point", 0, loss_method="none"), "pf_no_losses"),
        (changed("transformer_status", 1, status="hot_standby"), None),
    ],
    ids=["edition", "multiplier", "standard", "no-pf", "no-basic", "single", "losses", "suspension-ignored"],
)  # fmt: skip
def test_the_planted_cause_is_named(wrong: dict[str, list[dict[str, Any]]], cause: str | None) -> None:
    item = explained(FACTORY, wrong)
    assert item.is_explained
    assert item.cause is not None
    if cause is not None:
        assert [a.name for a in item.cause.alterations] == [cause]


def test_two_causes_are_found_together() -> None:
    wrong = changed("metering_point", 0, multiplier=80.0, pf_standard=0.85)
    item = explained(FACTORY, wrong)
    assert item.is_explained
    assert item.cause is not None
    assert {a.name for a in item.cause.alterations} == {"multiplier", "pf_standard"}


def test_what_nothing_explains_says_so_and_names_the_nearest() -> None:
    tables = billed(FACTORY)
    tables["bill"][0]["energy_yuan"] += D("123.45")
    tables["bill"][0]["total_yuan"] += D("123.45")
    (facts,) = gathered(tables, PERIOD)
    item = explain(facts, "BP1")
    assert not item.is_explained
    assert "没有单个或两个原因" in view(item, Language.ZH).verdict
    assert "Nearest" in view(item, Language.EN).verdict


def test_a_bill_that_cannot_be_judged_says_what_to_load() -> None:
    given_rows = {name: rows for name, rows in FACTORY.items() if name != "reading"}
    (facts,) = gathered(filled(given_rows, PERIOD), PERIOD)
    item = explain(facts, "BP1")
    assert item.made.reasons == ("reading_missing", "demand_missing")[:1]
    assert "load reading" in view(item, Language.EN).headline
    assert "请导入 reading" in view(item, Language.ZH).headline


def test_causes_exist_in_both_languages() -> None:
    item = explained(FACTORY, changed("metering_point", 0, multiplier=80.0))
    assert item.cause is not None
    assert cause_text(item.cause, Language.ZH) == "用抄表记录的倍率，而非档案倍率"
    assert cause_text(item.cause, Language.EN) == "the reading's multiplier instead of the file's"


@pytest.fixture
def data(tmp_path: Path, store: Callable[..., None]) -> Path:
    tables = billed(changed("metering_point", 0, multiplier=80.0))
    tables["metering_point"] = filled(FACTORY, PERIOD)["metering_point"]
    store(tmp_path / "data", tables)
    return tmp_path / "data"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(application(), ["bill", "explain", *arguments, "--as-of", "2026-10-15"])


def test_terminal_and_json(data: Path) -> None:
    shown = run(str(data), "C1", "2026-03")
    assert shown.exit_code == 0, shown.output
    found = json.loads(run(str(data), "C1", "2026-03", "--format", "json", "--lang", "en").stdout)
    (record,) = found["bills"]
    assert record["cause"]["names"] == ["multiplier"]
    assert record["cause"]["left_yuan"] == "0.00"
    assert "恒达" not in json.dumps(found, ensure_ascii=False)


def test_page_and_workbook(data: Path, tmp_path: Path) -> None:
    page = tmp_path / "bill.html"
    assert run(str(data), "C1", "2026-03", "--format", "html", "--out", str(page)).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "临江****公司" in text
    assert "恒达" not in text
    assert "http:" not in text
    assert "https:" not in text
    book = tmp_path / "bill.xlsx"
    assert run(str(data), "C1", "2026-03", "--out", str(book)).exit_code == 0  # the ending says the form
    rows = CalamineWorkbook.from_path(str(book)).get_sheet_by_name("P1").to_python()
    assert any("倍率" in str(cell) for row in rows for cell in row)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("C2", "2026-03"), "near: C1"),
        (("C1", "2026-04"), "nearest: 2026-03"),
        (("C1", "March"), "write 2026-09"),
        (("C1", "2026-03", "--point", "P9"), "P1"),
        (("C1", "2026-03", "--format", "html"), "needs --out"),
        (("C1", "2026-03", "--out", "bill.pdf"), "nothing to write to bill.pdf"),
    ],
)
def test_errors_name_the_nearest(data: Path, arguments: tuple[str, ...], words: str) -> None:
    result = run(str(data), *arguments)
    assert words in str(result.exception)
