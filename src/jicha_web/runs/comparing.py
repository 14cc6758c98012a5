"""Two runs side by side: what is new, gone or has another amount, by rule and by unit; the findings; the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from jicha_web.core import Text, rules
from jicha_web.core import screening as door
from jicha_web.jobs.sheets import Lines, Sheet, register
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.tree import codes_in_sight
from jicha_web.pages.tags import words
from jicha_web.runs.models import Run

SHEET = "run_changes"
SHOWN = 200  # findings on the page; the workbook has all


def kinds() -> dict[str, Text]:
    """Return the ways a finding can have changed, in the order of the columns."""
    # what the earlier run held and the later one does not, as of a run for a smaller unit or an earlier day
    return {
        **rules.words("finding_state"), "amount": Text("金额变化", "Other amount"),
        "absent": Text("后一次筛查中没有", "Not in the later run"),
    }  # fmt: skip


def _chosen(text: str) -> Run:
    if not text.isdecimal() or len(text) > 9:
        raise Http404
    return get_object_or_404(Run, pk=int(text), state="done", run_id__isnull=False)


def _compared(earlier: Run, later: Run, query: QueryDict, limit: int | None) -> door.Compared:
    return door.compare_runs(
        door.read_run(settings.DATA, earlier.run_id), door.read_run(settings.DATA, later.run_id),
        orgs=codes_in_sight(), rule=query.get("rule", ""), org=query.get("unit", ""), kind=query.get("kind", ""),
        limit=limit,
    )  # fmt: skip


def _table(
    changes: Iterable[door.Change], of: Callable[[door.Change], str], columns: list[str]
) -> list[dict[str, Any]]:  # fmt: skip
    lines: dict[str, dict[str, tuple[int, Decimal]]] = {}
    for change in changes:
        cells = lines.setdefault(of(change), {})
        n, yuan = cells.get(change.kind, (0, Decimal(0)))
        cells[change.kind] = (n + change.findings, yuan + change.amount_yuan)
    return [
        {"code": code, "cells": [(one, *cells.get(one, (0, Decimal(0)))) for one in columns]}
        for code, cells in lines.items()
    ]


def _judged(run: Run) -> set[str]:
    return {code for code, told in run.rules.items() if told["outcome"] == "done"}


def page_values(query: QueryDict) -> dict[str, Any]:
    """Return what the page of a comparison shows; runs and filters as the address names them. Raises Http404."""
    earlier, later = (_chosen(query.get(name, "")) for name in ("a", "b"))
    asked = any(query.get(name) for name in ("rule", "unit", "kind"))
    told = _compared(earlier, later, query, SHOWN + 1 if asked else 0)
    labels, book = kinds(), rules.rule_book(settings.DATA).rules
    units = dict(Organisation.objects.values_list("code", "name"))
    here = {change.kind for change in told.changes}
    columns = [one for one in labels if one in here]
    by_rule = _table(told.changes, lambda c: c.rule, columns)
    for line in by_rule:
        line["name"] = book[line["code"]].name if line["code"] in book else ""
    by_unit = _table(sorted(told.changes, key=lambda c: c.org_id), lambda c: c.org_id, columns)
    for line in by_unit:
        line["name"] = units.get(line["code"], line["code"]) or gettext("Without a known unit")
    rows = list(told.rows[:SHOWN])
    for row in rows:
        row["key_lines"] = rules.key_of(book.get(row["rule"]), row["key"])
        row["unit"] = units.get(row["org_id"], row["org_id"])
    only = [(run, sorted(_judged(run) - _judged(other))) for run, other in ((earlier, later), (later, earlier))]
    return {
        "only": [(run, codes) for run, codes in only if codes],
        "earlier": earlier, "later": later, "kinds": [(one, labels[one]) for one in columns], "labels": labels,
        "by_rule": by_rule, "by_unit": by_unit, "sums": _table(told.changes, lambda _c: "", columns),
        "rows": rows, "more": len(told.rows) > SHOWN, "shown": SHOWN, "states": rules.words("finding_state"),
        "chosen": [query.get("rule", ""), units.get(query.get("unit", ""), query.get("unit", "")),
                   labels.get(query.get("kind", ""), "")],
    }  # fmt: skip


def _heads() -> list[str]:
    return [
        gettext("Rule"), gettext("Rule name"), gettext("Finding"), gettext("Customer"), gettext("Unit"),
        gettext("Change"), gettext("Before"), gettext("After"), gettext("Amount before (yuan)"),
        gettext("Amount after (yuan)"), gettext("Reason"),
    ]  # fmt: skip


def _rows(query: QueryDict, by: Person, at: datetime) -> Lines:
    del by, at
    earlier, later = (_chosen(query.get(name, "")) for name in ("a", "b"))
    told = _compared(earlier, later, query, None)
    labels, book = kinds(), rules.rule_book(settings.DATA).rules
    units = dict(Organisation.objects.values_list("code", "name"))
    reason = "reason_en" if (get_language() or "").startswith("en") else "reason_zh"

    def cells(row: dict[str, Any]) -> list[Any]:
        rule = book.get(row["rule"])
        key = "; ".join(f"{words(line.label)}: {words(line.text)}" for line in rules.key_of(rule, row["key"]))
        return [
            row["rule"], words(rule.name) if rule else "", key, row["customer_id"],
            units.get(row["org_id"], row["org_id"]), *(words(labels[row[n]]) if row[n] else "" for n in
                                                       ("kind", "before", "after")),
            row["amount_before"], row["amount_after"], row[reason],
        ]  # fmt: skip

    return Lines(len(told.rows), map(cells, told.rows))


def register_sheet() -> None:
    """Let the comparison be taken out as a workbook."""
    register(Sheet(SHEET, _("Changes between two runs"), ("finding_view",), _heads, _rows))
