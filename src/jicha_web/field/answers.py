"""The answers of a checklist stand in rows of the case; the visits' history tells each, so it proves them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from jicha_web.cases.models import Case, ChecklistItem
from jicha_web.field.models import Visit
from jicha_web.history.models import Entry
from jicha_web.history.read import BATCH, Damage

Answer = tuple[list[Any], Any, Any]  # [answer, note], by, at
_NONE: Answer = (["", ""], None, None)


def _told(cases: list[int]) -> dict[tuple[int, str], Answer]:
    """Return the latest answer that the history tells, by case and code."""
    visits = dict(Visit._base_manager.filter(case__in=cases).values_list("pk", "case_id"))
    rows = Entry.objects.filter(object_type=Visit.history_type(), object_id__in=visits, verb="answered").order_by("pk")
    return {
        (visits[row.object_id], row.data["code"]): (row.data["answer"][1], row.by_id, row.at)
        for row in rows.only("object_id", "data", "by_id", "at")
    }


def damage(object_id: int | None) -> Iterator[Damage]:
    """Tell of which cases an answer is not the one that was recorded."""
    cases = Case._base_manager.filter(version__gt=0).order_by("pk")
    if object_id is not None:
        cases = cases.filter(pk=object_id)
    batch: list[Case] = []
    for case in cases.only("pk", "version").iterator(chunk_size=BATCH):
        batch.append(case)
        if len(batch) == BATCH:
            yield from _damage_of(batch)
            batch = []
    yield from _damage_of(batch)


def _damage_of(cases: list[Case]) -> Iterator[Damage]:
    versions = {case.pk: case.version for case in cases}
    told = _told(list(versions))
    items = ChecklistItem.objects.filter(case__in=versions).order_by("case_id", "pk").only(
        "case_id", "code", "answer", "note", "answered_by_id", "answered_at"
    )  # fmt: skip
    for pk, of_case in groupby(items.iterator(chunk_size=BATCH), key=lambda i: i.case_id):
        for item in of_case:
            now: Answer = ([item.answer, item.note], item.answered_by_id, item.answered_at)
            if now != told.get((pk, item.code), _NONE):
                yield Damage("answer", Case.history_type(), pk, versions[pk], item.code)
