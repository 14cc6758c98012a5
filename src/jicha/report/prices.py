"""Price supervision as one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from jicha.language import Language
from jicha.prices.describe import statement_record
from jicha.prices.statements import Outcome, Supervision, kinds, page_word
from jicha.report.render import asset, environment

_WORDS = ("title", "kind", "what", "place", "code", "edition", "band", "expected", "found", "difference", "unit",
          "customers", "kwh", "checks", "compared", "result", "scope", "as_of", "none", "footer", "contradictions",
          "doubtfuls", "uncheckeds", "contradiction", "doubtful", "unchecked")  # fmt: skip

_SHOWN = 12  # codes named per reason; the workbook has them all


def build_prices_page(found: Supervision, scope: str, as_of: date, language: Language) -> str:
    """Return one self-contained page of what does not agree, what is doubtful and what could not be checked."""
    records = {outcome.value: [statement_record(item, language) for item in found.of(outcome)] for outcome in Outcome}
    counts = {name: len(items) for name, items in records.items()}
    words = {name: page_word(name, language) for name in _WORDS}
    lead = page_word(
        "lead", language, compared=f"{sum(found.compared.values()):,}", contradictions=counts["contradiction"],
        doubtful=counts["doubtful"], unchecked=counts["unchecked"],
    )  # fmt: skip
    return (
        environment()
        .get_template("prices.html")
        .render(
            lang=language.value,
            w=words,
            lead=lead,
            facts=[(words["scope"], scope), (words["as_of"], as_of.isoformat())],
            sections=[
                ("contradiction", words["contradictions"], records["contradiction"]),
                ("doubtful", words["doubtfuls"], records["doubtful"]),
            ],
            unchecked=_grouped(records["unchecked"]),
            unchecked_count=counts["unchecked"],
            checks=_checks(found, language),
            css=Markup(asset("report.css") + asset("bill.css") + asset("prices.css")),
        )
    )


def _grouped(records: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], list[str], int]]:
    """Join what could not be checked for the same reason: (first record, what it concerns, how many more)."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for record in records:
        groups.setdefault((record["kind"], record["place_label"], record["what"]), []).append(record)
    found = []
    for items in groups.values():
        names = dict.fromkeys(
            " ".join(str(part) for part in (item["code_label"], item["edition"], item["band"]) if part)
            for item in items
        )
        shown = [name for name in names if name]
        found.append((items[0], shown[:_SHOWN], max(len(shown) - _SHOWN, 0)))
    return found


def _checks(found: Supervision, language: Language) -> list[tuple[str, int, int]]:
    """Return (check, comparisons, of them off) by label; several kinds share a label."""
    made: Counter[str] = Counter()
    off: Counter[str] = Counter()
    labels: dict[str, dict[str, Any]] = dict(kinds().items())
    for name, count in found.compared.items():
        made[labels[name][language.value]] += count
    for item in found.statements:
        if item.outcome is not Outcome.UNCHECKED:
            off[item.title(language)] += 1
    return [(label, count, off[label]) for label, count in made.most_common()]
