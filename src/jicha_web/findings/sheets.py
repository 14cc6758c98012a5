"""Rules and white list as workbooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jicha_web.core import precision, rules
from jicha_web.findings import filters, whitelist
from jicha_web.findings.models import WhitelistEntry
from jicha_web.jobs.rows import in_chunks
from jicha_web.jobs.sheets import Lines, Sheet, register
from jicha_web.organisation.models import Person
from jicha_web.pages.tags import words


def whitelist_entries(query: QueryDict) -> QuerySet[WhitelistEntry]:
    """Return the entries in sight of a state; the newest first."""
    rows = WhitelistEntry.objects.select_related("organisation", "asked_by", "approved_by").order_by("-asked_at", "-pk")
    state = query.get("state", "")
    return rows.filter(state=state) if state in dict(WhitelistEntry.STATES) else rows


def _whitelist_heads() -> list[str]:
    return [
        gettext("Rule"), gettext("Key"), gettext("Unit"), gettext("Until"), gettext("Reason"), gettext("State"),
        gettext("Asked by"), gettext("Asked at"), gettext("Approved by"), gettext("Approved at"),
    ]  # fmt: skip


def _whitelist_rows(query: QueryDict, by: Person, at: datetime) -> Lines:
    del by, at
    rows = whitelist_entries(query)
    cells = (
        [one.rule, "; ".join(f"{words(line.label)}: {words(line.text)}" for line in whitelist.key_words(one)),
         one.organisation.name, one.until, one.reason, one.get_state_display(), one.asked_by.name, one.asked_at,
         one.approved_by.name if one.approved_by else "", one.approved_at]
        for one in in_chunks(rows)
    )  # fmt: skip
    return Lines(rows.count(), cells)


def rule_rows(query: QueryDict) -> list[dict[str, Any]]:
    """Return the rules that an address asks for, with what they found and how often they were right."""
    book = rules.rule_book(settings.DATA)
    known = precision.precisions(settings.DATA)
    counted = filters.in_sight().filter(handling="open", stands=1).values("rule").annotate(n=Count("pk")).order_by()
    found = {row["rule"]: row["n"] for row in counted}
    group, status, text = (query.get(name, "") for name in ("specialty", "status", "q"))
    return [
        {"rule": rule, "found": found.get(code, 0), "precision": known.get(code),
         "changed": rule.status != book.shipped[code] or len(book.values[code]) > 1}
        for code, rule in book.rules.items()
        if group in {"", rule.group} and status in {"", rule.status} and _says(rule, text)
    ]  # fmt: skip


def _says(rule: rules.Rule, text: str) -> bool:
    wanted = text.strip().lower()
    return not wanted or any(wanted in one.lower() for one in (rule.code, rule.name["zh"], rule.name["en"]))


def _rule_heads() -> list[str]:
    return [
        gettext("Rule"), gettext("Rule name"), gettext("Specialty"), gettext("Severity"), gettext("Status"),
        gettext("To handle"), gettext("Precision"), gettext("Confirmed"), gettext("Closed"), gettext("Yuan per visit"),
        gettext("Basis"),
    ]  # fmt: skip


def _rule_rows(query: QueryDict, by: Person, at: datetime) -> Lines:
    del by, at
    made = []
    for row in rule_rows(query):
        rule, known = row["rule"], row["precision"]
        made.append([
            rule.code, words(rule.name), words(rules.word("specialty", rule.group)),
            words(rules.word("severity", rule.severity)), words(rules.word("rule_status", rule.status)), row["found"],
            float(known.share) if known and known.share is not None else None, known.confirmed if known else None,
            known.closed if known else None, known.yuan_per_visit if known else None,
            "\n".join(words(text) for _short, text in rules.basis_of(rule)),
        ])  # fmt: skip
    return Lines(len(made), made)


def register_sheets() -> None:
    """Let both be exported; called once, when the application starts."""
    register(Sheet("rules", _("Rules"), ("finding_view", "rule_change"), _rule_heads, _rule_rows))
    register(Sheet("whitelist", _("White list"), ("finding_view",), _whitelist_heads, _whitelist_rows))
