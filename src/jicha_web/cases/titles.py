"""Titles and descriptions of cases in the language of the page.

A case opened from findings is named by its most urgent rule, in Chinese as the unit's papers are. Stored is that text;
a page in English puts the same parts together from the rule's English name. What a person typed stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import get_language

from jicha_web.core import Text, rules

_MANY = re.compile(r"(?P<name>.+)等(?P<count>\d+)项")
_MORE = re.compile(r"另有(?P<count>\d+)项疑点")
_english: dict[int, dict[str, str]] = {}  # by the rules as they were read: Chinese → English names


def made_title(name: str, count: int) -> str:
    """Return the title of a case of `count` findings, the most urgent of a rule named so in Chinese."""
    return name if count == 1 else f"{name}等{count}项"


def made_description(reasons: Iterable[str], more: int) -> str:
    """Return reasons, a line each, and how many more there are."""
    return "\n".join([*reasons, *([f"另有{more}项疑点"] if more > 0 else [])])


def title_of(title: str) -> Text:
    """Return a title in both languages; what is not made of a rule's name is the same in both."""
    match = _MANY.fullmatch(title)
    name, count = (match["name"], int(match["count"])) if match else (title, 1)
    english = _names().get(name)
    if english is None:
        return Text(title, title)
    return Text(title, english if count == 1 else f"{english} and {count - 1} more")


def shown(title: str) -> str:
    """Return a title in the language of the page."""
    return title_of(title).en if in_english() else title


def described(description: str, reasons: Iterable[tuple[str, str, str]]) -> str:
    """Return a description in the language of the page; reasons: rule, reason in Chinese, in English."""
    if not in_english():
        return description
    known = {f"{rule} {zh}": f"{rule} {en}" for rule, zh, en in reasons}
    lines = []
    for line in description.split("\n"):
        more = _MORE.fullmatch(line.strip())
        lines.append(f"and {more['count']} more findings" if more else known.get(line.strip(), line))
    return "\n".join(lines)


def own_words(description: str, reasons: Iterable[tuple[str, str, str]]) -> str:
    """Return the lines of a description that do not repeat a finding's reason, which the page tells beside.

    reasons: rule, reason in Chinese, in English, as `described` takes them. A reason that a later run told otherwise
    than the description still stands: the description is what the case was dispatched with.
    """
    made = {f"{rule} {zh}" for rule, zh, _en in reasons}
    lines = [line for line in description.split("\n") if line.strip() not in made and not _MORE.fullmatch(line.strip())]
    return "\n".join(lines).strip()


def in_english() -> bool:
    """Whether the page is in English."""
    return (get_language() or "").startswith("en")


def _names() -> dict[str, str]:
    book = rules.rule_book(settings.DATA)
    if id(book) not in _english:
        _english.clear()
        _english[id(book)] = {rule.name["zh"]: rule.name["en"] for rule in book.rules.values()}
    return _english[id(book)]
