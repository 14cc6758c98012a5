"""The words of outcomes and sources: one place, the same on pages, in papers and in files of leads."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

import jicha_web
from jicha_web.assess.models import Assessment
from jicha_web.cases import lead_file
from jicha_web.cases.codes import labels
from jicha_web.cases.models import Case, Lead
from tests.web.conftest import NOW

SHOWN = {
    "outcomes": [Case._meta.get_field("outcome"), Assessment._meta.get_field("outcome")],
    "sources": [Case._meta.get_field("source")], "lead_sources": [Lead._meta.get_field("source")],
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
def test_pages_show_the_words_of_the_catalog(kind: str) -> None:
    for field in SHOWN[kind]:
        for language in ("zh-hans", "en"):
            with translation.override(language):
                shown = {code: str(label) for code, label in field.choices or ()}
            assert shown == {code: text.en if language == "en" else text.zh for code, text in labels(kind).items()}


def test_a_source_as_the_page_names_it_is_read_from_a_file() -> None:
    """The page said 社会举报 where the file of leads took 群众举报 only."""
    for language in ("zh-hans", "en"):
        with translation.override(language):
            shown = [str(label) for _code, label in Lead.SOURCES]
        lines = "".join(f"{word},2026-10-01,x\n" for word in shown)
        parsed = lead_file.parse(name="a.csv", content=f"source,received_on,text\n{lines}".encode(), at=NOW)
        assert [lead["source"] for lead in parsed.leads] == list(labels("lead_sources"))


def test_no_code_repeats_a_word() -> None:
    words = {text.zh for kind in SHOWN for text in labels(kind).values() if len(text.zh) >= 4}
    folder = Path(jicha_web.__file__).parent
    repeated = [
        (path.name, word)
        for path in folder.rglob("*.py")
        for text in [path.read_text(encoding="utf-8")]
        for word in words
        if f'"{word}"' in text
    ]
    assert repeated == []
