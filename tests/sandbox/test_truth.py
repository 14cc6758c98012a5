"""What was planted, and that it is recorded well."""

from __future__ import annotations

import ast
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import jicha.sandbox
from jicha.cli import application
from jicha.sandbox import build_city
from jicha.sandbox.faults.registry import REGISTRY
from jicha.sandbox.people import credit_check, id_number

from .city_reader import read_city

RULES = [f"CF{number:03d}" for number in range(1, 16)]  # the others need months and days, and have tests of their own
Truth = list[dict[str, str]]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, dict[str, list[dict[str, Any]]], Path]:
    folder = tmp_path_factory.mktemp("truth") / "city"
    build_city(folder, customers=2000, months=2, days=8, seed=7)
    truth = pq.read_table(folder / "truth.parquet").to_pylist()
    return [row for row in truth if row["rule"] in RULES], read_city(folder), folder


def test_every_rule_has_hits_and_near_misses(city: tuple[Truth, Any, Path]) -> None:
    counts = Counter((row["rule"], row["kind"]) for row in city[0] if row["rule"].startswith("CF"))
    assert {rule for rule, _ in counts} == set(RULES)
    few = {at: count for at, count in counts.items() if count < 3}
    assert not few, few


def test_every_variant_is_planted_often_enough_at_full_size() -> None:
    weights: dict[tuple[str, str], float] = defaultdict(float)
    for item in REGISTRY:
        if item.rule in RULES:
            weights[item.rule, item.kind] += item.count(20_000) * (item.group if item.kind == "hit" else 1)
    few = {at: weight for at, weight in weights.items() if weight < 15}
    assert not few, few


def test_keys_are_well_formed_unique_and_exist(city: tuple[Truth, Any, Path]) -> None:
    truth, tables, _ = city
    known = {
        "customer_id": {row["customer_id"] for row in tables["customer"]},
        "transformer_id": {row["transformer_id"] for row in tables["customer_transformer"]},
        "area_id": {row["area_id"] for row in tables["area"]},
    }
    kinds: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in truth:
        key = json.loads(row["key"])
        assert row["key"] == json.dumps(key, ensure_ascii=False, sort_keys=True)
        assert all(value in known.get(name, {value}) for name, value in key.items()), row
        assert row["kind"] in ("hit", "near_miss")
        assert row["note"]
        kinds[row["rule"], row["key"]].add(row["kind"])
    both = [at for at, found in kinds.items() if len(found) > 1]
    assert not both, both


def test_a_customer_bears_one_fault(city: tuple[Truth, Any, Path]) -> None:
    hits = defaultdict(set)
    for row in city[0]:
        if row["kind"] == "hit":
            hits[row["key"]].add(row["rule"])
    allowed = [{"CF006", "CF007"}, {"MT004", "MT009"}]
    assert not [at for at, rules in hits.items() if len(rules) > 1 and rules not in allowed]


def test_telephones_on_the_list_are_used(city: tuple[Truth, Any, Path]) -> None:
    _, tables, folder = city
    listed = (folder / "run" / "shared_phones.csv").read_text(encoding="utf-8").split()[1:]
    counts = Counter(row["phone"] for row in tables["customer"])
    assert listed
    assert all(counts[phone] == 16 for phone in listed)


def test_identity_numbers_outside_the_plants_pass_their_check(city: tuple[Truth, Any, Path]) -> None:
    truth, tables, _ = city
    planted = {json.loads(row["key"]).get("customer_id") for row in truth if row["rule"] == "CF003"}
    for row in tables["customer"]:
        number = row["id_number"]
        if row["customer_id"] in planted or number is None or len(number) != 18:
            continue
        if number[:17].isdigit():
            assert number == id_number(number[:6], number[6:14], int(number[14:17]))
        else:
            assert number[17] == credit_check(number[:17])


def test_known_check_digits() -> None:
    assert id_number("110105", "19491231", 2) == "11010519491231002X"  # the example of GB 11643
    assert credit_check("91350100M000100Y4") == "3"  # the example of GB 32100


def test_the_sandbox_shares_no_code_with_rules_and_billing() -> None:
    allowed = ("jicha.sandbox", "jicha.catalog.schema", "jicha.catalog.files", "jicha.errors", "jicha.language",
               "jicha.processes")  # fmt: skip
    for path in Path(jicha.sandbox.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            wrong = [n for n in names if n.startswith("jicha") and not n.startswith(allowed)]
            assert not wrong, (path.name, wrong)


def test_the_command_says_what_was_built_and_what_comes_next(tmp_path: Path) -> None:
    arguments = ["sandbox", str(tmp_path / "c"), "--customers", "300", "--months", "2", "--days", "5"]
    done = CliRunner().invoke(application(), arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "jicha load DATA" in done.output
    assert "CF004" in done.output
    told = CliRunner().invoke(application(), [*arguments, "--force", "--json"], catch_exceptions=False)
    assert json.loads(told.stdout)["customers"] == 300
