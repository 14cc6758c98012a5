"""Damaged and missing files of a data folder: which, and what to do; what does not need them works on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from jicha.warehouse import Warehouse

from .desk import SOME, Desk

Damage = Callable[[Path], object]
SLOW = pytest.mark.slow  # each screens a city; one of each kind stays among the quick


def flip(path: Path) -> None:
    """Change one bit in the middle of a file: half of the time Parquet reads it as another value."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def no_json(path: Path) -> None:
    path.write_text('{"x')


@pytest.mark.parametrize("damage", [flip, pytest.param(truncate, marks=SLOW), pytest.param(Path.unlink, marks=SLOW)])
def test_a_damaged_table(desk: Desk, damage: Damage, tmp_path: Path) -> None:
    file = desk.file_of("bill")
    damage(file)
    said = desk.screen()
    ran = json.loads(max((desk.data / "runs").glob("*-002/run.json")).read_text())["rules"]
    failed = {code for code, rule in ran.items() if rule["outcome"] == "failed"}
    assert said.code == 1 and said.text.count(str(file)) == 1, said.text  # said once, not once a rule
    assert "--replace table" in said.text and "从备份恢复" in said.text
    assert "CF001" not in failed and {code[:2] for code in failed} >= {"RC"}
    assert all(str(file) in ran[code]["detail"][lang] for code in failed for lang in ("zh", "en"))
    for command in (["load", desk.data, desk.second], ["export", "tables", desk.data, "--out", tmp_path / "out"]):
        said = desk.run(*command)
        assert said.code == 1 and str(file) in said.text and "--replace table" in said.text
    if damage is not flip:  # found without reading the content
        for name in ("status", "quality"):
            said = desk.run(name, desk.data)
            assert said.code == 1 and str(file) in said.text, said.text
    assert desk.run("findings", desk.data).code == 0
    assert desk.load("--replace", "table").code == 0
    assert desk.run("status", desk.data).code == 0
    assert desk.screen(*SOME).code == 0


@pytest.mark.parametrize("what", ["_delta_log", ""])
def test_a_table_without_log_is_built_anew_and_old_versions_do_not_read_the_new_one(desk: Desk, what: str) -> None:
    before = Warehouse(desk.data).manifest()
    shutil.rmtree(desk.data / "tables" / "bill" / what)
    said = desk.run("status", desk.data, "--lang", "en")
    assert said.code == 1 and "table bill is missing or damaged" in said.text and "<unknown>" not in said.text
    assert desk.load("--replace", "table").code == 0
    after = Warehouse(desk.data).manifest()
    assert after.tables["bill"].delta_version == before.tables["bill"].delta_version
    assert after.fingerprint != before.fingerprint
    damage = Warehouse(desk.data).snapshot(before.version).damage("bill")
    assert damage is not None and "built anew" in damage.text.en


def test_names_are_left_out_where_customers_cannot_be_read(desk: Desk, tmp_path: Path) -> None:
    flip(desk.file_of("customer"))
    for command in (["findings"], ["export", "findings"], ["report"]):
        out = [] if command == ["findings"] else ["--out", tmp_path / "out.xlsx"]
        said = desk.run(*command, desk.data, *out)
        assert said.code == 0 and "客户与单位名称为空" in said.text and str(desk.file_of("customer")) in said.text


@pytest.mark.parametrize("damage", [no_json, Path.unlink])
def test_a_damaged_manifest(desk: Desk, damage: Damage) -> None:
    before = desk.tables()
    damage(desk.data / "manifest.json")
    for command in (["status"], ["quality"], ["screen", "--as-of", "2026-10-15"], ["load", desk.second]):
        said = desk.run(command[0], desk.data, *command[1:])
        assert said.code == 1 and "000001.json" in said.text, said.text
    assert desk.run("findings", desk.data).code == 0
    shutil.copy(desk.data / "manifests" / "000001.json", desk.data / "manifest.json")
    assert desk.tables() == before


def test_a_load_never_starts_afresh_over_tables_whose_manifests_are_lost(desk: Desk) -> None:
    shutil.copytree(desk.data / "manifests", desk.data.parent / "backup")
    shutil.copy(desk.data / "manifest.json", desk.data.parent / "backup")
    before = desk.tables()
    shutil.rmtree(desk.data / "manifests")
    (desk.data / "manifest.json").unlink()
    shutil.rmtree(desk.data / "runs")
    shutil.rmtree(desk.data / "quality", ignore_errors=True)
    said = desk.load()
    assert said.code == 1 and "manifests 目录不见了" in said.text
    shutil.copytree(desk.data.parent / "backup", desk.data / "manifests")
    shutil.move(desk.data / "manifests" / "manifest.json", desk.data / "manifest.json")
    assert desk.tables() == before


@pytest.mark.parametrize("name", ["run.json", "findings.parquet", pytest.param("not_judged.parquet", marks=SLOW)])
@pytest.mark.parametrize("damage", [flip, pytest.param(Path.unlink, marks=SLOW)])
def test_a_damaged_run(desk: Desk, name: str, damage: Damage, tmp_path: Path) -> None:
    (run,) = desk.runs()
    path = desk.data / "runs" / run / name
    no_json(path) if name == "run.json" and damage is flip else damage(path)
    for command in (["findings"], ["export", "findings"], ["report"]):
        out = [] if command == ["findings"] else ["--out", tmp_path / "out.xlsx"]
        said = desk.run(*command, desk.data, *out)
        assert said.code == 1 and str(path) in said.text and "从备份恢复" in said.text, said.text
    said = desk.load()
    assert said.code == 0
    said = desk.screen(*SOME)  # other data: states are compared with the damaged run
    if name == "not_judged.parquet":
        assert said.code == 0
        return
    assert said.code == 1 and str(path) in said.text and "移出 runs" in said.text, said.text
    shutil.move(path.parent, desk.data / "moved")
    assert desk.screen(*SOME).code == 0


def test_damaged_inputs_and_records(desk: Desk) -> None:
    (desk.data / "run").mkdir()
    parameters = desk.data / "run" / "parameters.yaml"
    for content, expected in ((b"rules: {CF001: [", "YAML"), (b"\xff\xfe\x00", "UTF-8")):
        parameters.write_bytes(content)
        said = desk.run("screen", desk.data, "--as-of", "2026-10-15")
        assert said.code == 2 and str(parameters) in said.text and expected in said.text
    rejects = min((desk.data / "loads").glob("*/rejects.parquet"))
    rejects.write_bytes(b"PAR1" + b"x" * 200 + b"PAR1")
    said = desk.run("rejects", desk.data)
    assert said.code == 1 and str(rejects) in said.text and "从备份恢复" in said.text
