"""From source files to findings: what was planted is found, what only looks like it is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from typer.testing import CliRunner

from jicha.catalog.rules import load_rules
from jicha.cli import application
from tests.city.truth import found, truth

if TYPE_CHECKING:
    from tests.city.conftest import City

pytestmark = pytest.mark.slow


def test_every_planted_fault_is_found(city: City) -> None:
    assert sorted(truth(city.source)["hit"] - set(found(city.run))) == []


def test_no_near_miss_is_reported(city: City) -> None:
    assert sorted(truth(city.source)["near_miss"] & set(found(city.run))) == []


def test_every_rule_of_the_catalog_is_planted(city: City) -> None:
    planted = {rule for rule, _ in truth(city.source)["hit"]}
    assert sorted(set(load_rules().rules) - planted) == []
    assert {rule["outcome"] for rule in city.run.content["rules"].values()} == {"done"}


def test_what_was_not_planted_is_rare(city: City) -> None:
    background = set(found(city.run)) - truth(city.source)["hit"]
    assert len(background) <= 30, sorted(background)[:20]


def test_a_second_screen_changes_no_state(city: City) -> None:
    assert found(city.screen()) == found(city.run)


def test_two_halves_give_the_same_findings(city: City) -> None:
    codes = sorted(load_rules().rules)
    city.screen(*codes[::2])
    assert found(city.screen(*codes[1::2])) == found(city.run)


def test_commands_over_the_city(city: City, tmp_path: Path) -> None:
    """Each command a user would try next gives its answer and exit code 0."""
    runner = CliRunner()
    data = str(city.data)
    for arguments in (
        ["status", data, "--json"],
        ["findings", data, "--json", "--limit", "3"],
        ["findings", data, "--lang", "en", "--rule", "CF003"],
        ["rules", "--json"],
        ["rules", "show", "CF004", "--lang", "en"],
        ["export", "findings", data, "--out", str(tmp_path / "f.parquet")],
        ["export", "findings", data, "--out", str(tmp_path / "f.xlsx")],
        ["export", "tables", data, "--out", str(tmp_path / "tables")],
        ["report", data, "--out", str(tmp_path / "r.html")],
        ["report", data, "--out", str(tmp_path / "r.xlsx"), "--lang", "en"],
        ["rejects", data, "--out", str(tmp_path / "rejects.csv")],
    ):
        result = runner.invoke(application(), arguments)
        assert result.exit_code == 0, (arguments, result.output, result.exception)
    with duckdb.connect() as connection:
        exported = connection.execute("SELECT rule, key FROM read_parquet(?)", [str(tmp_path / "f.parquet")]).fetchall()
        customers = str(tmp_path / "tables" / "customer.parquet")
        phones = connection.execute(
            "SELECT phone FROM read_parquet(?) WHERE length(phone) >= 11", [customers]
        ).fetchall()
    assert set(exported) == set(found(city.run))
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert [phone for (phone,) in phones if phone in page] == []
