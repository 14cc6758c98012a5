"""One checklist per case: the points of all its findings' rules, then what every visit covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def code_of(finding: Finding) -> str:
    """Return the code of the point that asks whether a finding is so."""
    return f"{finding.rule}:{finding.pk}"


def listed(finding: Finding, rule: Rule | None) -> Text:
    """Return the point that asks whether a finding is so, for a paper that tells its reason elsewhere."""
    names = _text(rule.name) if rule else Text("", "")
    both = ({"code": finding.rule, "name": name} for name in (names.zh, names.en))
    return _fill(core.application_file("checklists")["finding"]["listed"], *both)


def of_finding(finding: Finding, rule: Rule | None) -> Iterator[Point]:
    """Yield the points of a finding: whether it is so, what its rule says to check, what has to be ruled out."""
    patterns = core.application_file("checklists")["finding"]
    code = finding.rule
    names = _text(rule.name) if rule else Text("", "")
    yield Point(
        code_of(finding), "finding",
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


def extend(groups: Sequence[tuple[Case, Sequence[Finding]]]) -> None:
    """Add to the checklists of cases what the findings that come into them call for and is not on them yet.

    What was answered stays.
    """
    known = rule_book(settings.DATA).rules
    there: dict[int, list[ChecklistItem]] = {case.pk: [] for case, _findings in groups}
    for item in ChecklistItem.objects.filter(case__in=list(there)).order_by("pk"):
        there[item.case_id].append(item)
    added: list[ChecklistItem] = []
    moved: list[ChecklistItem] = []
    for case, findings in groups:
        points = [point for finding in findings for point in of_finding(finding, known.get(finding.rule))]
        new = _new_items(case, [*points, *comprehensive(case.subject)], {item.code for item in there[case.pk]})
        added += new
        moved += [item for item in _renumber([*there[case.pk], *new]) if item.pk is not None]
    ChecklistItem.objects.bulk_update(moved, ["order"])
    ChecklistItem.objects.bulk_create(added)


def _new_items(case: Case, points: Iterable[Point], have: set[str]) -> list[ChecklistItem]:
    """Return the points that a checklist has not got yet, each once."""
    new: dict[str, Point] = {}
    for point in points:
        if point.code not in have:
            new.setdefault(point.code, point)
    return [
        ChecklistItem(
            case=case, order=0, code=point.code, section=point.section, rule=point.rule, text_zh=point.text.zh,
            text_en=point.text.en, required=point.required,
        )
        for point in new.values()
    ]  # fmt: skip


def _renumber(items: Iterable[ChecklistItem]) -> list[ChecklistItem]:
    """Put points in order: by section as the catalog orders them, a rule's points together. Return those that moved."""
    order = {section: place for place, section in enumerate(sections())}
    moved = []
    for place, item in enumerate(sorted(items, key=lambda i: (order.get(i.section, 99), i.rule)), 1):
        if item.order != place:
            item.order = place
            moved.append(item)
    return moved
