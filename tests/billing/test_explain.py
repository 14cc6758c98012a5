"""Explained bills: the planted cause is the one that is named; pages, workbook, JSON and errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
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


SHARED: dict[str, list[dict[str, Any]]] = {
    "metering_point": [
        {"point_id": "P1", "multiplier": 100.0, "loss_method": "formula"},
        {"point_id": "P2", "parent_point_id": "P1", "allocation": "ratio", "allocation_value": 10.0},
    ],
    "customer_transformer": [{"transformer_id": "T1", "capacity_kva": 315.0, "model": "S9-315/10"}],
    "tariff": [{"energy_price": D("0.65")}],
    "reading": [{"previous_index": D("100"), "current_index": D("700")}],
}


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


QUANTITIES = ("metered_kwh", "loss_kwh", "billed_kwh", "reactive_kvarh", "billed_capacity_kva", "billed_demand_kw")
HOME: dict[str, list[dict[str, Any]]] = {
    "customer": [{"usage_class": "residential"}],
    "metering_point": [{"mode": "lv_supply_lv_metering"}],
    "tariff": [{"energy_price": D("0.538")}],
    "tariff_tier": [
        {"tier": 1, "upper_kwh": D("2760"), "cycle": "year", "price_add": D("0")},
        {"tier": 2, "upper_kwh": D("4800"), "cycle": "year", "price_add": D("0.05")},
        {"tier": 3, "cycle": "year", "price_add": D("0.3")},
    ],
    "reading": [{"previous_index": D("0"), "current_index": D("300")}],
    "bill": [{"bill_id": "BP1", "tier_used_before_kwh": D("0")}],
}  # fmt: skip


def as_issued(wrong: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the bill that wrong rows give, with the quantities that it says."""
    tables = filled(wrong, PERIOD)
    (facts,) = gathered(tables, PERIOD)
    (made,) = recompute(facts)
    assert not made.reasons, made.reason
    values = {f"{name}_yuan": getattr(made, f"{name}_yuan") for name in (*AMOUNTS, "total")}
    return tables["bill"][0] | values | {name: getattr(made, name) for name in QUANTITIES}


def explained_as_issued(truth: dict[str, list[dict[str, Any]]], bill: dict[str, Any]) -> Explanation:
    tables = filled(truth, PERIOD)
    tables["bill"] = [bill]
    (facts,) = gathered(tables, PERIOD)
    return explain(facts, "BP1")


def in_two_editions(tables: dict[str, list[dict[str, Any]]], **values: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the rows with a price that changes within the month: every charge has two lines."""
    old, new = (row | values for row in tables["tariff"])
    later = new | {"effective_from": date(2026, 3, 16), "energy_price": D("0.66")}
    return {**tables, "tariff": [old, new | {"effective_to": date(2026, 3, 15)}, later]}


@pytest.mark.parametrize(
    ("truth", "wrong", "cause", "value"),
    [
        (FACTORY, changed("metering_point", 0, loss_method="agreed_kwh", loss_value=900.0), "loss_billed", D(900)),
        (in_two_editions(FACTORY), in_two_editions(changed("customer_transformer", 0, capacity_kva=400.0)),
         "basic_size", None),
        (FACTORY, changed("tariff", 1, capacity_price=D("29.3")), "basic_price", D("29.3")),
        (in_two_editions(FACTORY), in_two_editions(FACTORY, capacity_price=D("29.3")), "basic_price", D("29.3")),
    ],
    ids=["losses", "capacity-in-two-lines", "price", "price-in-two-lines"],
)  # fmt: skip
def test_what_the_bill_says_of_itself_is_tried(
    truth: dict[str, list[dict[str, Any]]], wrong: dict[str, list[dict[str, Any]]], cause: str, value: Decimal | None
) -> None:
    plain = {"customer_transformer": [FACTORY["customer_transformer"][0]], "transformer_status": []}
    if cause == "basic_size":  # a charge of one size; losses as they were
        figures = {"no_load_loss_kw": 0.96, "load_loss_kw": 5.1, "no_load_current_pct": 1.4, "impedance_pct": 4.0}
        truth = {**truth, **plain, "metering_point": [FACTORY["metering_point"][0] | {"loss_method": "none"}]}
        wrong = {**wrong, "metering_point": truth["metering_point"], "transformer_status": [],
                 "customer_transformer": [wrong["customer_transformer"][0] | figures]}  # fmt: skip
        value = D(400)
    item = explained_as_issued(truth, as_issued(wrong))
    assert item.is_explained, view(item, Language.EN).verdict
    assert item.cause is not None
    (found,) = item.cause.alterations
    assert found.name == cause
    if value is not None:
        assert value in found.values.values()


def test_energy_that_was_charged_beyond_what_was_read_is_named() -> None:
    bill = as_issued(HOME)
    bill |= {"billed_kwh": D(330), "energy_yuan": D("177.54"), "total_yuan": D("177.54")}
    item = explained_as_issued(HOME, bill)
    assert item.is_explained
    assert item.cause is not None
    assert [(a.name, dict(a.values)) for a in item.cause.alterations] == [
        ("billed_kwh", {"billed": D(330), "kwh": D(300)})
    ]
    assert "330.00 kWh were charged instead of 300" in view(item, Language.EN).verdict.replace("330 ", "330.00 ")


@pytest.mark.parametrize(
    ("tier_yuan", "cause"), [("15.00", "tier_whole"), (None, "tier_none")], ids=["all-in-tier-2", "no-tiers"]
)
def test_wrong_tiers_are_named(tier_yuan: str | None, cause: str) -> None:
    used = D(2700)  # 60 kWh in tier 1, 240 in tier 2
    bill = {"bill_id": "BP1", "customer_id": "C1", "point_id": "P1", "period": PERIOD, "tier_used_before_kwh": used,
            "energy_yuan": D("161.40"), "tier_yuan": None if tier_yuan is None else D(tier_yuan),
            "total_yuan": D("161.40") + D(tier_yuan or 0)}  # fmt: skip
    item = explained_as_issued(HOME, bill)
    assert item.made.tier_yuan == D("12.00")
    assert item.is_explained
    assert item.cause is not None
    assert [a.name for a in item.cause.alterations] == [cause]


def test_no_adjustment_is_not_taken_for_a_standard_that_gives_nothing() -> None:
    bill = as_issued(FACTORY)
    bill |= {"pf_yuan": None, "total_yuan": bill["total_yuan"] - bill["pf_yuan"]}
    item = explained_as_issued(FACTORY, bill)
    assert item.is_explained
    assert item.cause is not None
    assert [a.name for a in item.cause.alterations] == ["no_pf"]


def test_a_cause_that_was_not_carried_on_is_told_by_component() -> None:
    """The charge was made at another price, the adjustment on the right one: each part has its own cause."""
    wrong = as_issued(changed("tariff", 1, capacity_price=D("29.3")))
    right = as_issued(FACTORY)
    bill = wrong | {
        "pf_yuan": right["pf_yuan"],
        "total_yuan": wrong["total_yuan"] - wrong["pf_yuan"] + right["pf_yuan"],
    }
    item = explained_as_issued(FACTORY, bill)
    assert not item.is_explained
    assert item.is_explained_by_part
    assert "相当于每 kVA 29.30 元" in view(item, Language.ZH).verdict
    assert "Each by itself to the cent" in view(item, Language.EN).verdict


def test_chance_is_no_cause() -> None:
    """What leaves more than a twentieth of a difference is not named as the nearest."""
    bill = as_issued(FACTORY)
    bill |= {"energy_yuan": bill["energy_yuan"] + D("5.00"), "total_yuan": bill["total_yuan"] + D("5.00")}
    item = explained_as_issued(FACTORY, bill)
    assert item.cause is None or item.cause.left_yuan <= D("0.25")
    assert view(item, Language.EN).verdict == "No single cause or pair of causes reproduces the bill"
    assert [part.cause for part in view(item, Language.EN).components if part.name == "energy"] != [""]


@pytest.mark.parametrize(("cents", "named"), [("0.03", True), ("0.05", False)])
def test_a_cause_may_leave_a_cent_for_each_line_and_no_more(cents: str, named: bool) -> None:
    """Three energy lines, peak, flat and valley: three cents are their rounding, five are not."""
    bill = as_issued(changed("metering_point", 0, multiplier=80.0))
    bill |= {"energy_yuan": bill["energy_yuan"] + D(cents), "total_yuan": bill["total_yuan"] + D(cents)}
    item = explained_as_issued(FACTORY, bill)
    assert not item.is_explained
    assert item.is_near_enough("energy") is named
    energy = next(part.cause for part in view(item, Language.ZH).components if part.name == "energy")
    assert energy.endswith(f"余 {cents} 元舍入差") is named
    assert ("最接近的是" in energy) is not named


@pytest.mark.parametrize(("name", "cause"), [("BP1", "loss_not_shared"), ("BP2", "loss_not_taken")])
def test_losses_that_main_and_sub_point_did_not_share_are_named(name: str, cause: str) -> None:
    """The main kept all of the loss, or the sub-point was billed without its part."""
    tables = filled(SHARED, PERIOD)
    (facts,) = gathered(tables, PERIOD)
    made = {bill.bill_id: bill for bill in recompute(facts)}
    loss = {bill_id: bill.loss_kwh or D(0) for bill_id, bill in made.items()}
    assert loss["BP1"] > 0
    assert loss["BP2"] > 0
    more = loss["BP2"] if name == "BP1" else -loss["BP2"]
    for row in tables["bill"]:
        own = made[row["bill_id"]]
        row.update({f"{part}_yuan": getattr(own, f"{part}_yuan") for part in (*AMOUNTS, "total")})
        if row["bill_id"] == name:
            yuan = (more * D("0.65")).quantize(D("0.01"))
            row.update(energy_yuan=(own.energy_yuan or D(0)) + yuan, total_yuan=(own.total_yuan or D(0)) + yuan)
    (facts,) = gathered(tables, PERIOD)
    item = explain(facts, name)
    assert item.cause is not None
    assert [a.name for a in item.cause.alterations] == [cause]
    assert item.is_explained or item.is_explained_but_for_cents


def test_two_causes_are_found_together() -> None:
    wrong = changed("metering_point", 0, multiplier=80.0, pf_standard=0.85)
    item = explained(FACTORY, wrong)
    assert item.is_explained
    assert item.cause is not None
    assert {a.name for a in item.cause.alterations} == {"multiplier", "pf_standard"}


@pytest.mark.parametrize("amount", [None, D("0.00")])
def test_a_bill_that_charges_nothing_has_no_invented_cause(amount: Decimal | None) -> None:
    """With no energy and no capacity a one-part tariff of another class gives the billed 0, which proves nothing."""
    farm = {"tariff_code": "AG", "parts": 1, "effective_from": date(2020, 1, 1), "energy_price": D("0.509")}
    bill = dict.fromkeys((*(f"{name}_yuan" for name in (*AMOUNTS, "total")), *QUANTITIES), amount)
    tables = filled({**FACTORY, "tariff": [*FACTORY["tariff"], farm]}, PERIOD)
    tables["bill"] = [tables["bill"][0] | bill]
    (facts,) = gathered(tables, PERIOD)
    item = explain(facts, "BP1")
    assert item.cause is not None
    assert [a.name for a in item.cause.alterations] == ["nothing_billed"]
    assert view(item, Language.EN).verdict == "Cause: nothing was charged: the amounts of the bill are empty or 0"
    assert view(item, Language.ZH).verdict == "原因：账单没有计费，各项费用为空或为 0"


def test_what_nothing_explains_says_so_and_names_the_nearest() -> None:
    bill = as_issued(changed("metering_point", 0, multiplier=80.0))
    bill |= {"energy_yuan": bill["energy_yuan"] + D("123.45"), "total_yuan": bill["total_yuan"] + D("123.45")}
    item = explained_as_issued(FACTORY, bill)
    assert not item.is_explained
    assert "没有单个或两个原因" in view(item, Language.ZH).verdict
    nearest = view(item, Language.EN).verdict
    assert "Nearest: the reading's multiplier instead of the file's, 123.45 yuan left" in nearest


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


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_workbook_json_and_terminal_say_the_same(data: Path, tmp_path: Path, lang: str) -> None:
    call = (str(data), "C1", "2026-03", "--lang", lang)
    (record,) = json.loads(run(*call, "--format", "json").stdout)["bills"]
    page, book = tmp_path / "bill.html", tmp_path / "bill.xlsx"
    assert run(*call, "--out", str(page)).exit_code == 0
    assert run(*call, "--out", str(book)).exit_code == 0
    html = unescape(page.read_text(encoding="utf-8"))
    rows = CalamineWorkbook.from_path(str(book)).get_sheet_by_name("P1").to_python()
    cells = [cell for row in rows for cell in row]
    terminal = "".join(run(*call).stdout.split())
    lines = [line["text"] for line in record["lines"]]
    assert len(lines) >= 5
    said = [record["headline"], record["verdict"], *(step["text"] for step in record["steps"])]
    said += [entry["label"] for entry in record["composition"]] + [part["cause"] for part in record["components"]]
    for text in [*said, *(line[name] for line in lines for name in ("label", "source", "clause"))]:
        assert "".join(text.split()) in terminal, text
        assert text in html, text
        assert any(text in str(cell) for cell in cells), text
    for line in lines:
        for number in (line["quantity"], line["price"], f"{Decimal(line['amount']):,.2f}"):
            assert number in terminal
            assert number in html
        price = float(line["price"].rstrip("%")) / (100 if line["price"].endswith("%") else 1)
        quantity = float(line["quantity"].replace(",", ""))
        row = next(row for row in rows if row[0] == line["label"] and row[2] == quantity)
        assert row[4] == pytest.approx(price, rel=1e-12)
        assert row[5] == float(line["amount"])


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
