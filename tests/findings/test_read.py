from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jicha.errors import BadInput, MachineFailure
from jicha.findings.organisations import Organisations
from jicha.findings.read import COLUMNS, Filter, Ledger
from jicha.findings.run import read_run, run_ids
from jicha.language import Language

NAME, PHONE = "欧阳清风", "13912340077"


@pytest.fixture
def ledger(tmp_path: Path, folders: ModuleType) -> Iterator[Ledger]:
    make = folders.finding
    rows = [
        make("CF001", {"missing_fields": "address"}, customer_id="A", org_id="S0"),
        make(
            "CF002", {"phone": PHONE, "problem": "shared", "accounts": 12}, customer_id="A", org_id="S0", state="open"
        ),
        make(
            "CF007",
            {"name": NAME, "closed_on": date(2026, 3, 1), "billed_months": 2},
            customer_id="B",
            org_id="S1",
            amount_yuan=Decimal("1200.50"),
            state="recurred",
        ),
        make(
            "TC006",
            {"billed_kwh": Decimal("10.00"), "operating_capacity_kva": 630},
            customer_id="B",
            org_id="S4",
            period=date(2026, 9, 1),
            amount_yuan=Decimal("9000000000000.01"),
        ),
        make(
            "CF004",
            {"voltage_v": 380, "contract_capacity_kva": 300, "min_kva": None},
            customer_id="C",
            org_id="C1",
            state="cleared",
        ),
        make(
            "CF004",
            {"voltage_v": 380, "contract_capacity_kva": 300, "min_kva": None},
            customer_id="D",
            org_id=None,
            whitelisted_until=date(2026, 12, 31),
        ),
        make(
            "CF004", {"voltage_v": 380}, customer_id="E", org_id="S0", state="unjudged", missing="contract_capacity_kva"
        ),
    ]
    tables = folders.write_run(tmp_path, rows, [("A", "张三", "S0"), ("B", NAME, "S1")])
    with Ledger(read_run(tmp_path), tables) as opened:
        yield opened


def keys(ledger: Ledger, wanted: Filter, **more: Any) -> list[tuple[str, str]]:
    rows = ledger.rows(wanted, language=Language.ZH, **more)
    return [(row["rule"], json.loads(row["key"])["customer_id"]) for row in rows]


def test_by_default_the_suspected_are_shown_gravest_and_dearest_first(ledger: Ledger) -> None:
    assert keys(ledger, Filter()) == [("TC006", "B"), ("CF007", "B"), ("CF001", "A"), ("CF002", "A")]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(rules=("CF001",)), {("CF001", "A")}),
        (Filter(specialties=("TC",)), {("TC006", "B")}),
        (Filter(severities=("low",)), {("CF001", "A"), ("CF002", "A")}),
        (Filter(states=("cleared", "unjudged")), {("CF004", "C"), ("CF004", "E")}),
        (Filter(org="C1"), {("CF001", "A"), ("CF002", "A")}),
        (Filter(org="云岭供电公司"), {("CF007", "B"), ("TC006", "B")}),
        (Filter(org="C1", states=()), {("CF001", "A"), ("CF002", "A"), ("CF004", "C"), ("CF004", "E")}),
        (Filter(customer="B"), {("CF007", "B"), ("TC006", "B")}),
        (Filter(period=date(2026, 9, 1)), {("TC006", "B")}),
        (Filter(min_yuan=Decimal("1200.51")), {("TC006", "B")}),
        (Filter(text="缺少"), {("CF001", "A")}),
        (Filter(rules=("CF004",), whitelisted=True), {("CF004", "D")}),
        (Filter(text="'; DROP TABLE x --"), set()),
    ],
)
def test_filters(ledger: Ledger, wanted: Filter, expected: set[tuple[str, str]]) -> None:
    assert set(keys(ledger, wanted)) == expected
    assert ledger.totals(wanted).findings == len(expected)


def test_the_whole_ledger_without_whitelisted(ledger: Ledger) -> None:
    assert ledger.totals(Filter(states=())).findings == 6


def test_totals_are_exact(ledger: Ledger) -> None:
    totals = ledger.totals(Filter())
    assert (totals.customers, totals.with_amount, totals.amount_yuan) == (2, 2, Decimal("9000000001200.51"))


def test_sort_and_limit(ledger: Ledger) -> None:
    assert keys(ledger, Filter(), sort="-rule", limit=1) == [("TC006", "B")]
    assert keys(ledger, Filter(), sort="amount_yuan", limit=1) == [("CF007", "B")]


@pytest.mark.parametrize(
    "wanted", [Filter(rules=("XX999",)), Filter(severities=("grave",)), Filter(states=("gone",)), Filter(org="无此所")]
)
def test_unknown_values_are_named(ledger: Ledger, wanted: Filter) -> None:
    with pytest.raises(BadInput):
        ledger.totals(wanted)
    with pytest.raises(BadInput, match="cannot sort by evidence"):
        keys(ledger, Filter(), sort="evidence")


def test_rows_have_names_paths_and_what_the_rule_says(ledger: Ledger) -> None:
    [row] = ledger.rows(Filter(rules=("CF007",)), language=Language.EN)
    assert tuple(row) == COLUMNS
    assert (row["org_name"], row["org_path"]) == ("白塔供电所", "临江供电公司 / 云岭供电公司 / 白塔供电所")
    assert row["remedy"] == "Verify the closing, stop billing and refund."
    assert row["amount_yuan"] == Decimal("1200.50")


def test_an_article_is_shown_only_when_verified(ledger: Ledger) -> None:
    rows = {row["rule"]: row["basis"] for row in ledger.rows(Filter(), language=Language.ZH)}
    assert "第九十二条" in rows["CF001"]
    assert "第九条" not in rows["CF002"] and "条款待核实" in rows["CF002"]


@pytest.mark.parametrize("language", list(Language))
def test_personal_values_are_masked_everywhere_unless_asked(ledger: Ledger, language: Language) -> None:
    masked = str(list(ledger.rows(Filter(states=()), language=language)))
    shown = list(ledger.rows(Filter(states=()), language=language, unmasked=True))
    for value in (NAME, PHONE, "张三"):
        assert value not in masked
        assert value in str(shown)
    [reason] = [row["reason"] for row in shown if row["rule"] == "CF007"]
    assert reason.startswith(NAME) and "1200.5" in reason


def test_names_are_searched_only_when_they_are_shown(ledger: Ledger) -> None:
    assert ledger.totals(Filter(text="欧阳清")).findings == 0
    assert ledger.totals(Filter(text="欧阳清"), unmasked=True).findings == 2


def test_a_personal_key_is_searched_only_when_it_is_shown(tmp_path: Path, folders: ModuleType) -> None:
    """Letter by letter, a search that hits the unmasked key tells the whole of what the mask hides."""
    shared = folders.finding("CF002", {"phone": PHONE, "problem": "shared", "accounts": 12}, customer_id=None)
    shared |= {"key": json.dumps({"phone": PHONE}), "subject_id": PHONE}
    plain = folders.finding("CF001", {"missing_fields": "address"}, customer_id="77123", org_id="S0")
    tables = folders.write_run(tmp_path, [shared, plain], [])
    with Ledger(read_run(tmp_path), tables) as opened:
        for part in ("1391", "23400", PHONE):
            assert opened.totals(Filter(text=part)).findings == 0
            assert list(opened.rows(Filter(text=part), language=Language.ZH)) == []
            assert opened.totals(Filter(text=part), unmasked=True).findings == 1
        assert opened.totals(Filter(text="771")).findings == 1  # keys without anything personal are searched


def test_without_tables_names_are_empty(ledger: Ledger) -> None:
    with Ledger(ledger.run, None) as bare:
        [row] = bare.rows(Filter(rules=("CF007",)), language=Language.ZH)
        assert row["org_name"] is None and row["customer_name"] is None


def test_the_latest_run_is_that_of_the_latest_screening_date(tmp_path: Path, folders: ModuleType) -> None:
    folders.write_run(tmp_path, [], run_id="B", as_of=date(2026, 9, 15), created_at="2026-11-01T00:00:00")
    folders.write_run(tmp_path, [], run_id="A", as_of=date(2026, 10, 15), created_at="2026-10-16T00:00:00")
    assert run_ids(tmp_path) == ["B", "A"]
    assert read_run(tmp_path).run_id == "A"
    assert read_run(tmp_path, "B").as_of == date(2026, 9, 15)
    for wrong in ("C", "../runs/A"):
        with pytest.raises(BadInput, match="no run"):
            read_run(tmp_path, wrong)


def test_clear_messages_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read_run(tmp_path / "nothing")
    with pytest.raises(BadInput, match="screen first"):
        read_run(tmp_path)
    (tmp_path / "runs" / "X").mkdir(parents=True)
    (tmp_path / "runs" / "X" / "run.json").write_text("{")
    with pytest.raises(MachineFailure, match="cannot be read"):
        read_run(tmp_path)


def test_a_broken_tree_is_read_as_far_as_it_goes() -> None:
    tree = Organisations([("a", "甲", "city", "b"), ("b", "乙", "city", "a"), ("c", "丙", "station", "nowhere")])
    assert [unit.path for unit in tree] == [("a", "b"), ("b", "a"), ("c",)]
    assert tree.top is None
    with pytest.raises(BadInput):
        tree.find("丁")


def test_the_top_is_the_lowest_unit_above_all_others() -> None:
    tree = Organisations(
        [
            ("p", "省", "province", None),
            ("c", "市", "city", "p"),
            ("x", "县", "county", "c"),
            ("y", "县", "county", "c"),
        ]
    )
    assert tree.top is not None and tree.top.org_id == "c"
    with pytest.raises(BadInput, match="县（x）"):
        tree.find("县")
