"""Codes, instants and long values of history entries in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from jicha_web.history.models import Entry
from jicha_web.history.telling import Names, changes_of, noted
from jicha_web.pages.tags import note_of

NOBODY: Names = {}


@pytest.mark.parametrize(
    ("kind", "data", "before", "after"),
    [
        ("rectification", {"state": ["asked", "done"]}, "已提出", "已完成"),
        ("assessment", {"state": ["draft", "submitted"]}, "草稿", "待审批"),
        ("visit", {"state": ["draft", "submitted"]}, "草稿", "已提交"),
        ("visit", {"verdict": "true"}, None, "属实"),
        ("case", {"outcome": "file_error"}, None, "档案差错"),
        ("case", {"state": ["checking", "assessing"]}, "核查中", "待定性"),
        ("case", {"state_since": "2026-10-15T12:41:20.342147+00:00"}, None, "2026-10-15 20:41"),
        ("visit", {"answers": {str(n): ["ok", ""] for n in range(18)}}, None, "18 项"),
        ("visit", {"reading": "3521.68"}, None, "3521.68"),
        ("nothing_known", {"state": "odd_code"}, None, "odd_code"),
        ("case", {"source": "public_report"}, None, "群众举报"),  # of the lead that joined it
        ("case", {"source": "lead"}, None, "线索"),
        ("case", {"until": "2026-10-30T15:59:59+00:00"}, None, "2026-10-30 23:59"),
        ("token", {"until": "2026-10-30"}, None, "2026-10-30"),
    ],
)
def test_values_are_told_in_words(kind: str, data: dict[str, Any], before: str | None, after: str) -> None:
    with override("zh-hans"):
        ((_label, shown_before, shown_after),) = changes_of(Entry(object_type=kind, data=data), NOBODY)
    assert (shown_before, shown_after) == (before, after)


def test_words_follow_the_language() -> None:
    with override("en"):
        ((_label, _before, after),) = changes_of(Entry(object_type="case", data={"outcome": "file_error"}), NOBODY)
    assert after is not None
    assert after.isascii()


@pytest.mark.parametrize(
    ("by", "note", "language", "shown"),
    [
        (None, "数据中疑点仍在 / still found", "zh-hans", "数据中疑点仍在"),
        (None, "数据中疑点仍在 / still found", "en", "still found"),
        (7, "已核实 / OK", "zh-hans", "已核实 / OK"),  # a person's words stay
        (None, "A / B", "zh-hans", "A / B"),
        (None, "", "zh-hans", ""),
    ],
)
def test_what_the_system_noted_is_told_in_one_language(by: int | None, note: str, language: str, shown: str) -> None:
    with override(language):
        assert note_of(Entry(by_id=by, note=note)) == shown


@pytest.mark.parametrize(("language", "shown"), [("zh-hans", "退回县公司"), ("en", "Return to the county")])
def test_a_visit_given_up_says_for_which_move(language: str, shown: str) -> None:
    with override(language):
        assert noted(Entry(verb="visit_abandoned", note="return_to_dispatcher")) == shown
        assert noted(Entry(verb="visit_abandoned", note="open the door")) == "open the door"
