"""One checklist per case: the points of all its findings' rules, then what every visit covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from jicha_web import core
from jicha_web.cases.models import Case, ChecklistItem
from jicha_web.core import Text
from jicha_web.core.rules import Rule, rule_book
from jicha_web.findings.models import Finding


@dataclass(frozen=True)
class Point:
    """One thing to check."""

    code: str
    section: str
    text: Text
    required: bool
    rule: str = ""


@cache
def sections() -> dict[str, Text]:
    """Return the sections of checklists, in their order."""
    return {code: Text(s["zh"], s["en"]) for code, s in core.application_file("checklists")["sections"].items()}


def comprehensive(subject: str) -> Iterator[Point]:
    """Yield what every visit of a case about such a subject covers."""
    for item in core.application_file("checklists")["items"]:
        if subject in item["for"]:
            yield Point(item["code"], item["section"], Text(item["zh"], item["en"]), item["required"])


def _text(value: Any) -> Text:
    return Text(str(value["zh"]), str(value["en"])) if isinstance(value, Mapping) else Text(str(value), str(value))


def _fill(pattern: dict[str, str], zh: dict[str, str], en: dict[str, str]) -> Text:
    return Text(pattern["zh"].format(**zh), pattern["en"].format(**en))


def of_finding(finding: Finding, rule: Rule | None) -> Iterator[Point]:
    """Yield the points of a finding: whether it is so, what its rule says to check, what has to be ruled out."""
    patterns = core.application_file("checklists")["finding"]
    code = finding.rule
    names = _text(rule.name) if rule else Text("", "")
    yield Point(
        f"{code}:{finding.pk}", "finding",
        _fill(
            patterns["check"],
            {"code": code, "name": names.zh, "reason": finding.reason_zh},
            {"code": code, "name": names.en, "reason": finding.reason_en},
        ),
        True, code,
    )  # fmt: skip
    if rule is None:
        return
    points = [("remedy", 0, _text(rule.remedy)), *(("near_miss", n, _text(t)) for n, t in enumerate(rule.near_miss, 1))]
    for kind, number, text in points:
        filled = _fill(patterns[kind], {"code": code, "text": text.zh}, {"code": code, "text": text.en})
        yield Point(f"{code}:{kind}{number or ''}", "finding", filled, False, code)


def extend(case: Case, findings: Iterable[Finding]) -> int:
    """Add to a checklist what is not on it yet; what was answered stays. Return how many points were added."""
    known = rule_book(settings.DATA).rules
    points: list[Point] = []
    for finding in findings:
        points += of_finding(finding, known.get(finding.rule))
    points += comprehensive(case.subject)
    there = list(ChecklistItem.objects.filter(case=case).order_by("pk"))
    have = {item.code for item in there}
    added = []
    for point in points:
        if point.code in have:
            continue
        have.add(point.code)
        added.append(
            ChecklistItem(
                case=case, order=0, code=point.code, section=point.section, rule=point.rule, text_zh=point.text.zh,
                text_en=point.text.en, required=point.required,
            )
        )  # fmt: skip
    moved = [item for item in _renumber([*there, *added]) if item.pk is not None]
    ChecklistItem.objects.bulk_update(moved, ["order"])
    ChecklistItem.objects.bulk_create(added)
    return len(added)


def _renumber(items: Iterable[ChecklistItem]) -> list[ChecklistItem]:
    """Put points in order: by section as the catalog orders them, a rule's points together. Return those that moved."""
    order = {section: place for place, section in enumerate(sections())}
    moved = []
    for place, item in enumerate(sorted(items, key=lambda i: (order.get(i.section, 99), i.rule)), 1):
        if item.order != place:
            item.order = place
            moved.append(item)
    return moved
