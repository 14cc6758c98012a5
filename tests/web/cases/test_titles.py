"""Titles of cases in the language of the page: put together from a rule's name; what a person typed stays."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils.translation import override

from jicha_web.cases import titles
from jicha_web.cases.models import Case
from jicha_web.cases.opening import open_from_findings
from jicha_web.core import rules
from jicha_web.findings.models import Finding
from jicha_web.organisation.scope import EVERYTHING, scoped
from tests.web.cases.stands import finding
from tests.web.conftest import NOW, World
from tests.web.small_data import data

__all__ = ["data"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data")]


@pytest.mark.parametrize("count", [1, 2, 14])
def test_every_rule_names_its_cases_in_both_languages(count: int) -> None:
    for rule in rules.rule_book(settings.DATA).rules.values():
        stored = titles.made_title(rule.name["zh"], count)
        english = titles.title_of(stored).en
        assert english.startswith(rule.name["en"]) and english.isascii() == rule.name["en"].isascii(), rule.code
        assert english.endswith(f" and {count - 1} more") == (count > 1)
        with override("zh-hans"):
            assert titles.shown(stored) == stored


def test_what_a_person_typed_stays() -> None:
    with override("en"):
        assert titles.shown("群众举报：门卫室私接等3项") == "群众举报：门卫室私接等3项"
        assert titles.described("现场看到的\nTC001 别的", [("TC001", "原因", "reason")]) == "现场看到的\nTC001 别的"


def test_a_description_is_told_in_the_language_of_the_page() -> None:
    stored = titles.made_description(["TC001 原因", "补充一句"], 2)
    with override("en"):
        told = titles.described(stored, [("TC001", "原因", "the reason")])
    assert told == "TC001 the reason\n补充一句\nand 2 more findings"
    with override("zh-hans"):
        assert titles.described(stored, []) == stored


def test_pages_follow_the_language(world: World) -> None:
    with scoped(EVERYTHING):
        row = finding(world, "MT004")
        [case] = open_from_findings(findings=[row], by=world.people["city"], at=NOW)
        name = rules.rule_book(settings.DATA).rules[row.rule].name
        assert Case.objects.get(pk=case.pk).title == name["zh"]
        assert Finding.objects.get(pk=row.pk).case_id == case.pk
    browser = world.client("city")
    for address in ("/cases/", f"/cases/{case.pk}/", f"/findings/{row.pk}/"):
        assert name["zh"] in browser.get(address).content.decode(), address
    browser.post("/i18n/setlang/", {"language": "en", "next": "/"})
    for address in ("/cases/", f"/cases/{case.pk}/", f"/findings/{row.pk}/"):
        page = browser.get(address).content.decode().split('id="describe"')[0]
        assert name["en"] in page and name["zh"] not in page, address
