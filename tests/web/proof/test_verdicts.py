"""Each line of the verdicts by itself: what is proof, what is none, and both sides of each term."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from jicha_web.core import Text
from jicha_web.proof.terms import months_later, terms
from jicha_web.proof.verdicts import Facts, judge

DONE = date(2026, 10, 12)
FACTS = Facts(
    proof="state", rule="MT003", state="cleared", judged_on=date(2026, 10, 20), last_hit_on=date(2026, 10, 1),
    opened_on=date(2026, 10, 2), done_on=DONE, as_of=date(2026, 10, 20), rule_ran=True,
)  # fmt: skip


def verdict(**changes: object) -> str:
    return judge(replace(FACTS, **changes), terms()).verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("proof", ["state", "recompute"])
def test_cleared_is_proof(proof: str) -> None:
    assert verdict(proof=proof) == "proved"


def test_cleared_before_the_case_was_opened_is_no_proof() -> None:
    assert verdict(judged_on=date(2026, 10, 1)) == "not_yet"
    assert verdict(judged_on=date(2026, 10, 2)) == "proved"
    assert verdict(judged_on=None) == "not_yet"


@pytest.mark.parametrize("proof", ["state", "recompute"])
@pytest.mark.parametrize("state", ["expired", "unjudged", "withdrawn"])
def test_left_window_unjudged_and_withdrawn_never_prove(proof: str, state: str) -> None:
    assert verdict(proof=proof, state=state) == "unjudged"


@pytest.mark.parametrize("state", ["new", "open", "recurred"])
@pytest.mark.parametrize("proof", ["state", "recompute"])
def test_a_hit_counts_after_the_grace_only(proof: str, state: str) -> None:
    last = DONE + timedelta(days=terms().grace_days[proof])
    assert verdict(proof=proof, state=state, last_hit_on=last, as_of=last) == "not_yet"
    after = last + timedelta(days=1)
    assert verdict(proof=proof, state=state, last_hit_on=after, as_of=after) == "disproved"


def test_a_hit_of_an_earlier_run_says_nothing_when_the_rule_did_not_run() -> None:
    old = {"state": "open", "last_hit_on": date(2026, 11, 1), "as_of": date(2026, 11, 20)}
    assert verdict(**old, rule_ran=False) == "unjudged"
    assert verdict(**old, rule_ran=True) == "disproved"


def test_an_offset_proves_where_amounts_are_recomputed_only() -> None:
    offset = Text("有抵补", "offset")
    still = {"state": "open", "last_hit_on": date(2027, 1, 1), "as_of": date(2027, 1, 1), "offset": offset}
    assert verdict(**still, proof="recompute") == "proved"
    assert verdict(**still, proof="state") == "disproved"


def test_an_offset_proves_what_left_the_window_too() -> None:
    assert verdict(proof="recompute", state="expired", offset=Text("有抵补", "offset")) == "proved"


EVENT = {"proof": "event", "rule": "UI007", "state": "expired", "evidence": True}
END = months_later(DONE, 3)


def test_an_event_is_proved_after_months_without_a_new_one() -> None:
    assert verdict(**EVENT, as_of=END - timedelta(days=1)) == "not_yet"
    assert verdict(**EVENT, as_of=END) == "proved"


def test_an_event_without_evidence_is_never_proved() -> None:
    assert verdict(**{**EVENT, "evidence": False}, as_of=END) == "unjudged"


def test_a_new_event_disproves_at_once() -> None:
    assert verdict(**EVENT, as_of=date(2026, 10, 20), later_events=("{}",)) == "disproved"


def test_an_event_whose_rule_did_not_run_at_the_end_is_unjudged() -> None:
    assert verdict(**EVENT, as_of=END, rule_ran=False) == "unjudged"


def test_a_rule_that_is_gone_proves_nothing() -> None:
    assert verdict(proof="") == "unjudged"


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 1, 31), -12, date(2025, 1, 31)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_end_where_months_end(day: date, months: int, then: date) -> None:
    assert months_later(day, months) == then


@pytest.mark.parametrize("proof", ["state", "recompute"])
def test_a_hit_in_data_of_before_the_rectification_sends_nothing_back(proof: str) -> None:
    """A source that stopped to deliver must not send every case back: the run saw what was there before."""
    fair = DONE + timedelta(days=terms().grace_days[proof])
    today = fair + timedelta(days=30)
    still = {"proof": proof, "state": "open", "last_hit_on": today, "as_of": today}
    assert verdict(**still, delivered_on=fair) == "not_yet"
    assert verdict(**still, delivered_on=fair + timedelta(days=1)) == "disproved"
    why = judge(replace(FACTS, **still, delivered_on=fair), terms()).why  # type: ignore[arg-type]
    assert str(fair) in why.zh
    assert str(fair) in why.en


def test_an_event_is_not_proved_by_data_that_end_before_its_months_are_over() -> None:
    until = months_later(DONE, terms().months_of("RC011"))
    over = {"proof": "event", "rule": "RC011", "state": "expired", "evidence": True, "as_of": until + timedelta(days=9)}
    assert verdict(**over, delivered_on=until - timedelta(days=1)) == "not_yet"
    assert verdict(**over, delivered_on=until) == "proved"
    assert verdict(**over) == "proved"  # nobody knows when the data came
    assert verdict(**over, delivered_on=DONE, later_events=("x",)) == "disproved"


def test_why_a_run_could_not_judge_is_told_in_words() -> None:
    why = judge(replace(FACTS, state="unjudged", missing=Text("综合倍率", "multiplier")), terms()).why
    assert why.zh.endswith("：综合倍率")
    assert why.en.endswith(": multiplier")


@pytest.mark.parametrize("proof", ["state", "recompute", "event"])
def test_what_is_gone_from_the_same_data_is_no_proof(proof: str) -> None:
    """Runs of later months on data that stand still lose sight of a bill or of days of use."""
    gone = {"proof": proof, "delivered_on": date(2026, 10, 1), "evidence": True}
    assert verdict(**gone, data_since=False) == "not_yet"
    assert verdict(**gone, data_since=True) == "proved"
