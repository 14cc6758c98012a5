"""States of findings, the baseline of a run, the inputs of a run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jicha.catalog.rules import load_rules
from jicha.errors import BadInput
from jicha.screening.history import EarlierRun, Situation, baseline_of
from jicha.screening.inputs import latest_complete_period, parameter_sets, read_inputs
from jicha.screening.states import CLOSED, OPEN, Judged, next_state


@pytest.mark.parametrize(
    ("previous", "now", "state"),
    [
        (None, Judged(hit=True), "new"),
        ("new", Judged(hit=True), "open"),
        ("open", Judged(hit=True), "open"),
        ("unjudged", Judged(hit=True), "open"),
        ("withdrawn", Judged(hit=True), "open"),
        ("cleared", Judged(hit=True), "recurred"),
        ("expired", Judged(hit=True), "recurred"),
        ("recurred", Judged(hit=True), "open"),
        ("open", Judged(hit=False), "cleared"),
        ("unjudged", Judged(hit=False), "cleared"),
        ("open", Judged(hit=False, ran=False), "unjudged"),
        ("open", Judged(hit=False, not_judged=True), "unjudged"),
        ("open", Judged(hit=False, subject_present=False), "unjudged"),
        ("open", Judged(hit=False, same_rule=False), "withdrawn"),
        ("open", Judged(hit=False, same_rule=False, ran=False), "unjudged"),
        ("open", Judged(hit=False, left_window=True), "expired"),
        ("cleared", Judged(hit=False, ran=False), "cleared"),
        ("expired", Judged(hit=False, same_rule=False), "expired"),
    ],
)
def test_next_state(previous: str | None, now: Judged, state: str) -> None:
    assert next_state(previous, now) == state


def test_only_a_rule_that_ran_clears() -> None:
    for previous in OPEN:
        assert next_state(previous, Judged(hit=False, ran=False)) == "unjudged"
    assert {"cleared"} <= CLOSED


@pytest.mark.parametrize(
    ("as_of", "settle_day", "p0"),
    [
        (date(2026, 10, 15), 10, date(2026, 9, 1)),
        (date(2026, 10, 10), 10, date(2026, 9, 1)),
        (date(2026, 10, 9), 10, date(2026, 8, 1)),
        (date(2026, 1, 9), 10, date(2025, 11, 1)),
        (date(2026, 1, 31), 1, date(2025, 12, 1)),
        (date(2026, 2, 1), 1, date(2026, 1, 1)),
        (date(2026, 2, 1), 2, date(2025, 12, 1)),
    ],
)
def test_latest_complete_period(as_of: date, settle_day: int, p0: date) -> None:
    assert latest_complete_period(as_of, settle_day) == p0


def run(run_id: str, **situations: Situation) -> EarlierRun:
    return EarlierRun(run_id, date(2026, 10, 15), "", "d", situations, Path())


def test_baseline() -> None:
    assert baseline_of(None, "CF001", "x") is None
    latest = run("r2", CF001=Situation("x", "r1", "r2"))
    assert baseline_of(latest, "CF001", "x") == "r1"  # the same situation again
    assert baseline_of(latest, "CF001", "y") == "r2"  # something changed
    assert baseline_of(latest, "CF002", "x") == "r2"


PARENTS: dict[str, str | None] = {"city": None, "county": "city", "station": "county", "other": "city"}


def test_inputs_default_to_nothing(tmp_path: Path) -> None:
    inputs = read_inputs(tmp_path / "absent", {})
    assert inputs.settle_day == 10
    assert all(not rows for _, rows in inputs.lists.values())


def test_parameters_by_subtree(tmp_path: Path) -> None:
    rules = load_rules().rules
    (tmp_path / "parameters.yaml").write_text(
        "settle_day: 5\n"
        "rules: {CF002: {share_limit: 12}}\n"
        "organizations:\n"
        "  county: {CF002: {share_limit: 20}}\n"
        "  station: {CF002: {distinct_names: 3}}\n",
        encoding="utf-8",
    )
    inputs = read_inputs(tmp_path, rules)
    sets = dict(parameter_sets(rules["CF002"], inputs, PARENTS))
    assert inputs.settle_day == 5
    assert (sets[None]["share_limit"], sets[None]["distinct_names"]) == (12, 6)
    assert (sets["county"]["share_limit"], sets["county"]["distinct_names"]) == (20, 6)
    assert (sets["station"]["share_limit"], sets["station"]["distinct_names"]) == (20, 3)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("parameters.yaml", "settle_day: 40", "expected 1 … 28"),
        ("parameters.yaml", "setle_day: 4", "fields may be"),
        ("parameters.yaml", "rules: {CF002: {limit: 3}}", "no parameter limit"),
        ("parameters.yaml", "rules: {XX002: {limit: 3}}", "no rule XX002"),
        ("parameters.yaml", "rules: {CF002: {share_limit: many}}", "share_limit is 'many'"),
        ("parameters.yaml", "a: [", "line"),
        ("parameters.yaml", "status: {CF002: off}", "expected a rule's code and one of draft, shadow"),
        ("parameters.yaml", "status: {XX002: active}", "status: XX002"),
        ("parameters.yaml", "status: retired", "expected a rule's code"),
        ("holidays.csv", "date\n2026-01-01\n", "column day is missing"),
        ("holidays.csv", "day\n2026-13-01\n", ":2 day"),
        ("hollidays.csv", "day\n2026-01-01\n", "did you mean holidays.csv"),
        ("whitelist.csv", "rule,key,until,reason,by\nCF001,C1,2027-01-01,x,y\n", "JSON object"),
    ],
)
def test_wrong_inputs_name_the_place(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_inputs(tmp_path, load_rules().rules)
    assert message in caught.value.text.en
    assert name in caught.value.text.zh


def test_whitelist_ends(tmp_path: Path) -> None:
    (tmp_path / "whitelist.csv").write_text(
        'rule,key,until,reason,by\nCF001,"{""customer_id"":""C1""}",2026-10-14,x,y\n'
        'CF001,"{""customer_id"":""C2""}",2026-10-15,x,y\nCF001,"{""customer_id"":""C3""}",,x,y\n',
        encoding="utf-8",
    )
    found = read_inputs(tmp_path, {}).whitelist(date(2026, 10, 15))
    assert sorted(key for _, key in found) == ['{"customer_id": "C2"}', '{"customer_id": "C3"}']


@pytest.mark.parametrize("header", ["phone", "联系电话", "shared_phones", "value", " PHONE "])
def test_a_list_of_one_column_by_any_of_its_names(tmp_path: Path, header: str) -> None:
    (tmp_path / "shared_phones.csv").write_text(f"{header},note\n13800000000,x\n\n", encoding="utf-8")
    (tmp_path / "leads.csv").write_text("a\n", encoding="utf-8")
    inputs = read_inputs(tmp_path, {})
    assert inputs.lists["shared_phones"][1] == [["13800000000"]]
    assert inputs.unused_files == ("leads.csv",)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (Judged(hit=False, spoke=True), "cleared"),  # newer data of the subject came, nothing is found in them
        (Judged(hit=False), "expired"),
        (Judged(hit=False, spoke=True, same_rule=False), "expired"),
        (Judged(hit=False, spoke=True, ran=False), "expired"),
    ],
)
def test_what_left_the_window_is_cleared_by_newer_data_only(now: Judged, state: str) -> None:
    assert next_state("expired", now) == state
