"""`jicha rules` and `jicha status` tell which status the utility gives a rule, and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jicha.catalog.rules import load_rules
from jicha.cli import application

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]
CODE = "CF004"


def said(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(application(), [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    folder = tmp_path / "data"
    store(folder, {"organization": [{"org_id": "C", "name": "临江供电公司", "level": "city"}]})
    (folder / "run").mkdir()
    (folder / "run" / "parameters.yaml").write_text(f"status: {{{CODE}: shadow}}\n", encoding="utf-8")
    return folder


def test_the_list_and_the_rule_tell_a_status_of_the_utility(data: Path) -> None:
    shipped = load_rules().rules[CODE].status
    assert shipped == "active"
    place = str(data / "run" / "parameters.yaml")
    listed = {rule["code"]: rule for rule in json.loads(said("rules", "--data", data, "--json"))["rules"]}
    mine = {k: listed[CODE][k] for k in ("status", "status_shipped", "status_from")}
    assert mine == {"status": "shadow", "status_shipped": "active", "status_from": place}
    other = next(rule for code, rule in listed.items() if code != CODE)
    assert other["status"] == other["status_shipped"] and other["status_from"] is None
    text = said("rules", "--data", data, "--lang", "en")
    assert f"{place} gives another status: {CODE}" in text and "(shipped:" in text
    assert place in said("rules", "show", CODE, "--data", data, "--lang", "zh").replace("\n", "")
    assert "改变了状态" not in said("rules", "--lang", "zh")


def test_the_status_of_a_folder_counts_with_it(data: Path) -> None:
    rules = {rule["code"]: rule for rule in json.loads(said("status", data, "--json"))["rules"]}
    assert rules[CODE]["status"] == "shadow"
    assert rules[CODE]["status_from"] == str(data / "run" / "parameters.yaml")
    assert f"改变了状态：{CODE}" in said("status", data, "--lang", "zh").replace("\n", "")
    (data / "run" / "parameters.yaml").write_text(f"status: {{{CODE}: retired}}\n", encoding="utf-8")
    rules = {rule["code"]: rule for rule in json.loads(said("status", data, "--json"))["rules"]}
    assert (rules[CODE]["outcome"], rules[CODE]["lacks"]) == ("not_active", ["retired"])
    shown = " ".join(said("status", data, "--lang", "zh").split())
    assert "停用" in shown and "retired" not in shown


def test_wrong_run_inputs_do_not_hide_the_rest(data: Path) -> None:
    (data / "run" / "parameters.yaml").write_text("status: {CF004: nonsense}\n", encoding="utf-8")
    content = json.loads(said("status", data, "--json", code=1))
    assert "nonsense" in content["run_inputs"]
    assert content["tables"]["organization"]["rows"] == 1
