"""The report as one self-contained page: no outside request, no script but its own, data escaped."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from jicha.catalog.files import specialties, vocabulary
from jicha.catalog.reason import column_label, show_value
from jicha.catalog.schema import UNITS, schema
from jicha.findings.export import run_facts
from jicha.findings.read import DEFAULT_SORT, SUSPECTED, Filter, Ledger
from jicha.findings.run import RuleFacts
from jicha.language import Language, capital
from jicha.quality.judge import Judged
from jicha.report.facts import Facts, count_facts
from jicha.report.price_section import PriceSection
from jicha.report.quality import View
from jicha.report.render import asset, environment
from jicha.report.words import words
from jicha.screening.readiness import lacked

MOST_FINDINGS = 5000
_STATIC_FINDINGS = 100  # for readers without scripts


@dataclass(frozen=True)
class Page:
    """A finished page."""

    html: str
    findings: int  # held by it
    total: int  # of the run


def heading(column: str, rule: RuleFacts, language: Language) -> tuple[str, str]:
    """Return label and unit of an evidence column; the unit stands apart, not in the label."""
    label = column_label(column, rule.evidence, language)
    own = rule.evidence.get(column, {}).get("unit")
    last = column.rpartition("_")[2]
    unit = str(own) if own else ("元" if language is Language.ZH else "yuan") if last == "yuan" else UNITS.get(last, "")
    if unit:
        label = re.sub(rf"\s*[（(]{re.escape(unit)}[)）]$", "", label)
        if language is Language.EN and label.lower().endswith(f" {last}"):
            label = label[: -len(last) - 1]
    return (capital(label) if language is Language.EN else label), unit


def evidence_lines(rule: RuleFacts, evidence: str | None, language: Language) -> list[tuple[str, str]]:
    """Return the evidence of one finding: (column, text), nulls as —."""
    values: Mapping[str, Any] = json.loads(evidence) if evidence else {}
    return [(column, show_value(column, value, rule.evidence, language)) for column, value in values.items()]


def lacked_labels(rule: RuleFacts, language: Language) -> str:
    """Return what a rule that was not run lacked: tables, models, or that it is not in use."""
    said = [text.to(language) for text in lacked(rule.outcome, rule.missing)]
    return ("、" if language is Language.ZH else ", ").join(said)


def missing_labels(missing: str | None, rule: RuleFacts | None, language: Language) -> str:
    """Return the labels of the columns, or tables, that a judgement lacked."""
    known = schema()
    labels = []
    for name in (part.strip() for part in (missing or "").split(",") if part.strip()):
        table = known.tables.get(name)
        if table:
            labels.append(table.label(language))
        elif name in known.column_by_name or (rule and name in rule.evidence):
            labels.append(column_label(name, rule.evidence if rule else {}, language))
        else:
            labels.append(name)
    return ("、" if language is Language.ZH else ", ").join(labels)


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


class _List:
    """The findings as the page's script reads them: what repeats stands once."""

    def __init__(self, ledger: Ledger, language: Language) -> None:
        self._ledger = ledger
        self._language = language
        self._columns: dict[str, dict[str, int]] = {}
        self.rows: list[list[Any]] = []

    def add(self, row: dict[str, Any]) -> None:
        rule = self._ledger.run.rules.get(row["rule"])
        columns = self._columns.setdefault(row["rule"], {})
        texts: dict[int, str] = {}
        if rule is not None:
            for column, text in evidence_lines(rule, row["evidence"], self._language):
                texts[columns.setdefault(column, len(columns))] = text
        same = row["subject_id"] in (None, row["customer_id"])
        dates = [row[name].isoformat() if row[name] else None for name in ("first_seen_on", "last_hit_on", "judged_on")]
        self.rows.append([
            row["rule"], row["org_id"], row["customer_id"], row["customer_name"], None if same else row["subject_id"],
            row["period"].isoformat()[:7] if row["period"] else None, row["severity"], row["state"],
            _number(row["amount_yuan"]), _number(row["energy_kwh"]), row["reason"],
            [texts.get(place) for place in range(len(columns))],
            missing_labels(row["missing"], rule, self._language) or None, *dates, row["key"],
        ])  # fmt: skip

    def rules(self) -> dict[str, Any]:
        """Facts of the rules, once each."""
        language = self._language
        labels = vocabulary()
        return {
            code: {
                "name": rule.name[language.value],
                "specialty": rule.group,
                "subject": labels["subject"].get(rule.subject, {}).get(language.value, rule.subject),
                "class": labels["class"].get(rule.rule_class, {}).get(language.value, rule.rule_class),
                "proof": labels["proof"].get(rule.proof, {}).get(language.value, ""),
                "basis": rule.basis_lines(language),
                "remedy": rule.remedy[language.value],
                "amount": rule.amount[language.value] if rule.amount else None,
                "columns": [heading(column, rule, language) for column in self._columns.get(code, {})],
            }
            for code, rule in self._ledger.run.rules.items()
            if rule.ran or code in self._columns
        }


def script_json(content: object) -> str:
    """Return JSON that is safe inside a script element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def collect(ledger: Ledger, wanted: Filter, language: Language, *, unmasked: bool, most: int) -> dict[str, Any]:
    """Return what the page's script reads: rules, units, findings (suspected first)."""
    content = _List(ledger, language)
    others = tuple(state for state in vocabulary()["finding_state"] if state not in SUSPECTED)
    for states in (SUSPECTED, others):
        left = most - len(content.rows)
        if left > 0:
            part = replace(wanted, states=states)
            for row in ledger.rows(part, language=language, unmasked=unmasked, sort=DEFAULT_SORT, limit=left):
                content.add(row)
    tree = ledger.organisations
    top = tree.top
    skip = len(top.path) if top else 0
    units = {unit.org_id: [unit.name, [tree.name(i) for i in unit.path[skip:]], list(unit.path)] for unit in tree}
    return {"rules": content.rules(), "units": units, "rows": content.rows}


def build_page(
    ledger: Ledger,
    wanted: Filter,
    *,
    language: Language,
    unmask_reason: str | None = None,
    most: int = MOST_FINDINGS,
    quality: Judged | None = None,
    prices: PriceSection | None = None,
) -> Page:
    """Build the page; personal values are masked unless there is a reason (recorded before) to show them.

    quality, prices: of the run's data version; without them the page has no section of it.
    """
    view = View(quality, language) if quality else None
    unmasked = unmask_reason is not None
    facts: Facts = count_facts(ledger, wanted, unmasked=unmasked)
    data = collect(ledger, wanted, language, unmasked=unmasked, most=most)
    text = words(language)
    labels = {
        kind: {code: entry[language.value] for code, entry in vocabulary()[kind].items()}
        for kind in ("severity", "finding_state", "subject", "rule_outcome", "rule_status")
    }
    labels["specialty"] = {code: entry[language.value] for code, entry in specialties().items()}
    script = asset("report.js")
    spoken = {name: t for name, t in text.items() if f"words.{name}" in script or name.startswith("sort_")}
    data |= {"words": spoken, "labels": labels, "lang": language.value, "suspected": SUSPECTED}
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    scope = ledger.organisations.find(wanted.org).name if wanted.org else None
    top = ledger.organisations.top
    html = (
        environment()
        .get_template("report.html")
        .render(
            lang=language.value,
            t=text,
            labels=labels,
            facts=facts,
            rules=ledger.run.rules,
            organisations=ledger.organisations,
            utility=scope or (top.name if top else ""),
            run=ledger.run,
            run_facts=[(label, value) for label, value in run_facts(ledger, language) if value not in ("", None)][1:],
            missing=lambda rule: lacked_labels(rule, language),
            lacks=lambda line: missing_labels(line.missing, line.rule, language),
            unmask_reason=unmask_reason,
            static=data["rows"][:_STATIC_FINDINGS],
            held=len(data["rows"]),
            quality=view,
            q=view.words if view else {},
            prices=prices,
            css=Markup(
                asset("report.css")
                + (asset("quality.css") if view else "")
                + (asset("price_section.css") if prices else "")
            ),
            script=Markup(script),
            digest=digest,
            data=Markup(script_json(data)),
        )
    )
    return Page(html, len(data["rows"]), facts.in_all)
