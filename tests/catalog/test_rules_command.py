"""`jicha rules test`: what it refuses, and that it tests what was asked for."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from jicha.catalog.rules import load_rules
from jicha.cli import application
from jicha.errors import BadInput
from jicha.screening.cases import run_cases


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
