"""Outcomes and sources of cases and leads: their codes and words, as application/cases.yaml has them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from jicha_web.core import Text, application_file


@cache
def labels(kind: str) -> Mapping[str, Text]:
    """Return the words of the codes of a kind: outcomes, verdicts, sources, lead_sources."""
    return {code: Text(one["zh"], one["en"]) for code, one in application_file("cases")[kind].items()}


def _in_language(kind: str, code: str) -> str:
    # without a language, as while migrations are made, a text is its msgid: English
    text = labels(kind)[code]
    return text.en if (get_language() or "en").startswith("en") else text.zh


_lazily = lazy(_in_language, str)


def choices(kind: str) -> list[tuple[str, Any]]:
    """Return the codes of a kind for a column or a form, each with its word in the language of the page."""
    return [(code, _lazily(kind, code)) for code in labels(kind)]
