"""Changing the inputs of runs: whole or not at all, and what others wrote stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jicha.catalog.rules import load_rules
from jicha.errors import BadInput
from jicha.screening.edit import put_on_whitelist, set_parameter, set_status, take_off_whitelist
from jicha.screening.inputs import read_inputs

DAY = date(2026, 10, 15)
KEY = '{"customer_id": "C1"}'


def whitelist(data: Path) -> dict[tuple[str, str], date]:
    return read_inputs(data / "run", {}).whitelist(DAY)


def test_the_white_list_keeps_what_others_wrote(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "whitelist.csv").write_text(
        'rule,key,until,reason,by,note\nCF001,"{""customer_id"":""C9""}",,"by hand, once",x,seen\n', encoding="utf-8"
    )
    put_on_whitelist(tmp_path, rule="CF001", key=KEY, until=date(2027, 1, 1), reason="核实，\n属实", by="王")
    put_on_whitelist(tmp_path, rule="CF001", key='{"customer_id":"C1"}', until=date(2027, 2, 1), reason="再", by="王")
    assert whitelist(tmp_path) == {
        ("CF001", '{"customer_id": "C9"}'): date.max, ("CF001", KEY): date(2027, 2, 1),
    }  # fmt: skip
    assert '"by hand, once",x,seen' in (tmp_path / "run" / "whitelist.csv").read_text(encoding="utf-8")
    take_off_whitelist(tmp_path, rule="CF001", key=KEY)
    take_off_whitelist(tmp_path, rule="CF001", key=KEY)
    assert list(whitelist(tmp_path)) == [("CF001", '{"customer_id": "C9"}')]


def test_one_finding_stands_on_the_white_list_once(tmp_path: Path) -> None:
    """By hand it can be written twice: the last line held, whatever the first said."""
    (tmp_path / "run").mkdir()
    path = tmp_path / "run" / "whitelist.csv"
    twice = 'rule,key,until,reason,by\nCF001,"{""b"": ""1"", ""a"": ""2""}",2027-01-01\nCF002,"{""a"": ""2""}",\n'
    path.write_text(twice + 'CF001,"{""a"":""2"",""b"":""1""}",2026-11-01\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"whitelist.csv:4: the same .* rule CF001 stands at .*whitelist.csv:2 .*2027"):
        whitelist(tmp_path)
    path.write_text(twice + 'CF001,"{""a"":""2"",""b"":""1""}",2027-01-01\n', encoding="utf-8")  # says nothing else
    assert len(whitelist(tmp_path)) == 2


def test_parameters_and_status(tmp_path: Path) -> None:
    rules = load_rules().rules
    set_parameter(tmp_path, rule="CF002", name="share_limit", value=12)
    set_parameter(tmp_path, rule="CF002", name="share_limit", value=20, org="北县")
    set_status(tmp_path, "CF002", "shadow")
    inputs = read_inputs(tmp_path / "run", rules)
    assert inputs.rule_values == {"CF002": {"share_limit": 12}}
    assert inputs.org_values == {"北县": {"CF002": {"share_limit": 20}}}
    assert inputs.statuses == {"CF002": "shadow"}
    set_parameter(tmp_path, rule="CF002", name="share_limit", value=None, org="北县")
    set_status(tmp_path, "CF002", None)
    inputs = read_inputs(tmp_path / "run", rules)
    assert (inputs.org_values, inputs.statuses) == ({}, {})


def test_a_wrong_value_changes_nothing(tmp_path: Path) -> None:
    set_parameter(tmp_path, rule="CF002", name="share_limit", value=12)
    before = (tmp_path / "run" / "parameters.yaml").read_text(encoding="utf-8")
    with pytest.raises(BadInput, match="share_limit"):
        set_parameter(tmp_path, rule="CF002", name="share_limit", value=0)
    with pytest.raises(BadInput, match="no rule ZZ999"):
        set_parameter(tmp_path, rule="ZZ999", name="share_limit", value=3)
    assert (tmp_path / "run" / "parameters.yaml").read_text(encoding="utf-8") == before
