"""On an English page nothing is Chinese but data: what people typed, what sources deliver, how laws are called."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import Client

from jicha_web.core import rules
from jicha_web.organisation.models import Person
from tests.web.conftest import World
from tests.web.walk.addresses import pages
from tests.web.walk.test_walk import Findings, ask, full

__all__ = ["full"]
pytestmark = pytest.mark.django_db
_CHINESE = re.compile(r"[\u3400-\u9fff][\u3000-\u303f\u3400-\u9fff\uff00-\uffef]*")
_UNSEEN = re.compile(r"<(script|style|template)\b.*?</\1>|<!--.*?-->", re.S)
_SPOKEN = re.compile(r'\b(?:title|aria-label|placeholder|alt|data-label|data-confirm|value)="([^"]*)"')
_TAG = re.compile(r"<[^>]*>")
# a column that has an English one beside it is no data: the page chose the wrong one
_IN_BOTH = re.compile(r"_zh$")
# said in Chinese everywhere, and why
CHINESE = {
    "中文": "the switch to Chinese, in the language of who looks for it",
    "简体中文": "the name of the language, as its readers call it",
    "稽查": "the name of the product, in the title of its API",
    "暂停": "an example of what to look for in regulations, which are in Chinese",
}


def test_an_english_page_is_english(full: World) -> None:
    wrong, data = Findings(), _data()
    for name in ("city", "admin", "author"):
        client = full.client(name)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        _walk(client, full.people[name], data, wrong)
    wrong.tell()


def test_what_is_no_data_is_found(full: World) -> None:
    client = full.client("city")  # in Chinese: every page is full of it
    wrong = Findings()
    _walk(client, full.people["city"], _data(), wrong)
    assert len(wrong) > 40


def _walk(client: Client, who: Person, data: str, wrong: Findings) -> None:
    for page in pages():
        answer = ask(client, "get", page.path)
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        if strange := sorted(set(_strange(answer.text_seen, data))):
            wrong.add(who.username, "get", page.path, " | ".join(strange[:5]))


def _strange(page: str, data: str) -> Iterator[str]:
    seen = _UNSEEN.sub(" ", page)
    texts = [*_TAG.sub("\n", seen).split("\n"), *_SPOKEN.findall(seen)]
    for text in texts:
        for run in _CHINESE.findall(html.unescape(text)):
            if run not in data and run not in CHINESE:
                yield run


def _data() -> str:
    """Return all Chinese that the database holds and that the catalog calls by its Chinese name: one long text."""
    found: list[str] = []
    for model in apps.get_models():
        columns = [
            f.attname for f in model._meta.concrete_fields
            if isinstance(f, models.CharField | models.TextField | models.JSONField) and not _IN_BOTH.search(f.attname)
        ]  # fmt: skip
        for row in model._base_manager.values_list(*columns) if columns else ():
            found += [text for value in row for text in _texts(value)]
    for rule in rules.rule_book(settings.DATA).rules.values():
        found += [text.en for _short, text in rules.basis_of(rule)]  # laws and standards have no English name
        found += [one["en"] for one in rule.near_miss if isinstance(one, dict)]  # and terms of the trade
    return "\n".join(found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
