"""`jicha rules test`: what it refuses, and that it tests what was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jicha.catalog.rules import load_rules
from jicha.cli import application
from jicha.errors import BadInput
from jicha.screening.cases import run_cases

from .test_rulefile import GOOD, write


def test_a_rule_and_a_group_are_chosen_by_their_names() -> None:
    done = CliRunner().invoke(application(), ["rules", "test", "--rule", "cf012", "--rule", "LL", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rules"] == 3  # CF012 and the two rules of line loss


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--rule", "CF012", "--rule", "CF999"], "CF999"), (["CF012"], "--rule CF012")],
)
def test_what_is_unknown_is_named_and_nothing_is_tested(arguments: list[str], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        CliRunner().invoke(application(), ["rules", "test", *arguments], catch_exceptions=False)


def test_the_reasons_of_cases_name_what_those_of_a_run_name() -> None:
    said = [reason for result in run_cases(load_rules().rules["UI008"]) for reason in result.reasons]
    assert said
    assert [reason for reason in said if "kWh" not in reason or "—" in reason] == []


CASES = """
as_of: 2026-10-15
cases:
  - {name: 无名, kind: hit, given: {customer: [{customer_id: C1}]}, expect: [{customer_id: C2}]}
"""


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (("c.customer_id FROM", "c.* FROM"), ("检查", "写出列名"), ("check", "name the columns")),
        (
            ("", ""),
            ("无名", '缺少 {"customer_id": "C2"}', '多出 {"customer_id": "C1"}'),
            ("is missing", "not expected"),
        ),
        (("c.name IS NULL", "c.nom IS NULL"), ("引擎报错",), ("the engine says",)),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_in_the_language_of_the_interface(
    tmp_path: Path, given: tuple[str, str], zh: tuple[str, ...], en: tuple[str, ...]
) -> None:
    path = write(tmp_path, GOOD.replace(*given, 1))
    path.with_suffix(".cases.yaml").write_text(CASES, encoding="utf-8")
    for language, mine, other in (("zh", zh, en), ("en", en, zh)):
        done = CliRunner().invoke(application(), ["rules", "test", str(tmp_path), "--lang", language])
        assert done.exit_code == 1
        assert all(words in done.output for words in mine), done.output
        assert not any(words in done.output for words in other if words != "无名"), done.output
