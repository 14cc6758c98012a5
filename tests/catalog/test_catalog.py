"""The catalog as a whole: every offender is listed."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import pytest
import yaml

from jicha.catalog.files import catalog_path, regulations, specialties
from jicha.catalog.parameters import sql_type
from jicha.catalog.relations import planned_models, relations, transitive
from jicha.catalog.rules import load_rules
from jicha.catalog.runinputs import list_columns
from jicha.catalog.schema import schema
from jicha.engine.check import check_relation, check_rule, empty_session
from jicha.language import Language
from jicha.screening.cases import read_cases

SOURCE = Path(catalog_path()).parent


def test_schema_is_sound() -> None:
    offenders = []
    for table in schema().tables.values():
        offenders += [f"{table.name}.key {name}" for name in table.key if not table.columns[name].required]
        for column, target, there in table.references:
            if target not in schema() or there not in schema()[target].columns:
                offenders.append(f"{table.name}.{column.name} refers to {column.ref}")
        for name in (table.arose, table.partition):
            if name and table.columns[name].type not in {"date", "timestamp"}:
                offenders.append(f"{table.name}: {name} is no date")
        offenders += [f"{table.name}.{c.name}" for c in table.columns.values() if (c.type == "enum") != bool(c.labels)]
        for column in table.columns.values():
            sql_type("string" if column.type == "enum" else column.type)
    labels = [t.zh for t in schema().tables.values()]
    offenders += [f"label {a} twice" for a, b in itertools.pairwise(sorted(labels)) if a == b]
    assert offenders == []


def test_relations_are_portable_and_typed() -> None:
    with empty_session() as empty:
        assert {name: problems for name, r in relations().items() if (problems := check_relation(r, empty))} == {}


def test_models_have_the_columns_that_rules_expect() -> None:
    built = {name: list(r.columns) for name, r in relations().items() if r.kind == "model"}
    assert {name: columns for name, columns in built.items() if planned_models().get(name) != columns} == {}


def test_relations_make_no_circle() -> None:
    ordered = transitive(relations(), relations())
    assert sorted(ordered) == sorted(relations())
    for name in ordered:
        assert all(ordered.index(read) < ordered.index(name) for read in relations()[name].reads & set(ordered))


def test_rules_are_sound() -> None:
    found = load_rules()
    assert found.problems == {}
    with empty_session() as empty:
        assert {code: problems for code, rule in found.rules.items() if (problems := check_rule(rule, empty))} == {}


def test_every_rule_has_basis_remedy_and_enough_cases() -> None:
    offenders = []
    for rule in load_rules().rules.values():
        kinds = {case["kind"] for case in read_cases(rule)}
        if not {"hit", "near_miss"} <= kinds:
            offenders.append(f"{rule.code}: cases only of {sorted(kinds)}")
        if not rule.basis or any(entry["regulation"] not in regulations() for entry in rule.basis):
            offenders.append(f"{rule.code}: basis")
        if len([case for case in read_cases(rule) if case["kind"] == "near_miss"]) < len(rule.near_miss):
            offenders.append(f"{rule.code}: fewer near-miss cases than near misses named")
    assert offenders == []


def test_what_inspectors_read_names_no_column() -> None:
    """Name, remedy, estimate and near misses stand on the page of a finding; decisions are for authors of rules."""
    offenders = [
        f"{rule.code}: {text}"
        for rule in load_rules().rules.values()
        for entry in (rule.name, rule.remedy, rule.amount or {}, *rule.near_miss)
        for text in dict(entry).values()
        if re.search(r"[a-z]_[a-z]", text)
    ]
    assert offenders == []


def test_group_cf_is_complete() -> None:
    assert [code for code in load_rules().rules if code.startswith("CF")] == [f"CF{n:03d}" for n in range(1, 16)]


def _strings(path: Path) -> set[str]:
    if path.suffix == ".py":
        tree = ast.parse(path.read_text(encoding="utf-8"))
        return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(key)
                walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, str):
            found.add(node)

    walk(yaml.safe_load(path.read_text(encoding="utf-8")))
    return found


def test_nothing_retypes_the_schema() -> None:
    """No other file carries a table's labels, or declares types for its columns."""
    offenders = []
    files = [*(SOURCE / "jicha").rglob("*.py"), *(SOURCE / "jicha_catalog").rglob("*.yaml")]
    for path in files:
        if path.name == "schema.yaml" or path.name.endswith(".cases.yaml") or "mappings" in path.parts:
            continue
        strings = _strings(path)
        for table in schema().tables.values():
            labels = {column.zh for column in table.columns.values()}
            if len(labels) >= 4 and len(labels & strings) >= 4:
                offenders.append(f"{path.name} repeats labels of {table.name}: {sorted(labels & strings)}")
    for path in files:
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                offenders += _typed_columns(node, path)
    assert offenders == []


def _typed_columns(node: ast.AST, path: Path) -> list[str]:
    if not isinstance(node, ast.Dict):
        return []
    pairs = {
        (key.value, value.value.lower())
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and isinstance(value.value, str)
    }
    found = []
    for table in schema().tables.values():
        declared = {(c.name, kind) for c in table.columns.values() for kind in (c.type, c.sql_type.lower())}
        if len({name for name, _ in pairs & declared}) >= 3:
            found.append(f"{path.name}:{node.lineno} declares types of {table.name}")
    return found


def test_specialty_folders_and_run_lists() -> None:
    assert len({entry["folder"] for entry in specialties().values()}) == 9
    assert not {f"run_{name}" for name in list_columns()} & set(schema().tables)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("contract_capacity_kva", "contract capacity (kVA)"), ("customer_id", "customer ID"), ("kwh", "kWh"),
        ("max_current_a_a", "max current a (A)"), ("min_voltage_a_v", "min voltage a (V)"),
        ("pf_yuan", "power factor (yuan)"),
        ("standard_yuan_per_kva", "standard yuan per kVA"), ("free_kwh_per_month", "free kWh per month"),
        ("opened_on", "opened on"),
    ],
)  # fmt: skip
def test_an_english_label_writes_the_unit_as_people_do(name: str, label: str) -> None:
    assert schema().column_by_name[name].label(Language.EN) == label
