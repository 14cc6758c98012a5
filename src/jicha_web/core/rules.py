"""Rules as the application shows them: texts, parameters, what the utility changed; words of stored codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from jicha.catalog.files import regulations, specialties, vocabulary
from jicha.catalog.mask import mask, masked_values
from jicha.catalog.parameters import Parameter
from jicha.catalog.reason import column_label, render_reason, show_value
from jicha.catalog.rules import Rule, load_rules
from jicha.language import Language, Text, capital
from jicha.screening.backtest import Backtest, Month, backtest, month_ends
from jicha.screening.compare import NOT_COVERED
from jicha.screening.edit import put_on_whitelist, set_parameter, set_status, take_off_whitelist
from jicha.screening.inputs import in_force, read_inputs
from jicha.screening.preview import Preview, preview, values_in_force

__all__ = [
    "Backtest", "Month", "Parameter", "Preview", "Rule", "RuleBook", "backtest", "evidence_of", "month_ends",
    "parameter_told", "preview", "put_on_whitelist", "reason_of", "reason_pattern", "rule_book", "set_parameter",
    "set_status", "specialties", "take_off_whitelist", "word", "words",
]  # fmt: skip

_COLUMN = re.compile(r"\{(\w+)\}")
_OUTPUTS = {
    "amount_yuan": Text("金额", "amount"),
    "energy_kwh": Text("电量", "energy"),
}  # of every rule: no labels there
_UNIT_AT_END = re.compile(r"\s*\([^()]*\)$")  # the sentence tells the unit itself


@dataclass(frozen=True)
class ParameterTold:
    """A parameter's value as people read it: `text` of a single one, `heads` and `rows` of a table."""

    text: Text
    heads: tuple[Text, ...] = ()
    rows: tuple[tuple[Text, ...], ...] = ()


@dataclass(frozen=True)
class RuleBook:
    """All rules with the status in force, and the values of their parameters by unit."""

    rules: Mapping[str, Rule]
    shipped: Mapping[str, str]  # code → the status it is shipped with
    values: Mapping[str, list[tuple[str | None, dict[str, Any]]]]  # code → (unit or None, values)
    problems: tuple[Text, ...]  # of rule files and inputs that could not be read


_book: dict[Path, tuple[object, RuleBook]] = {}


def _stamp(data: Path) -> object:
    """Return what changes when rules or parameters of the utility change."""
    files = [*sorted((data / "rules").rglob("*.sql")), data / "run" / "parameters.yaml"]
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.is_file())


def rule_book(data: Path) -> RuleBook:
    """Return the rules of a data folder; read again when a file changed."""
    stamp = _stamp(data)
    known = _book.get(data)
    if known is not None and known[0] == stamp:
        return known[1]
    loaded = load_rules(data / "rules")
    inputs = read_inputs(data / "run", loaded.rules)
    made = RuleBook(
        rules=in_force(loaded.rules, inputs),
        shipped={code: rule.status for code, rule in loaded.rules.items()},
        values={code: list(values_in_force(rule, inputs)) for code, rule in loaded.rules.items()},
        problems=tuple(problem.text for problem in loaded.problems.values()),
    )
    _book[data] = (stamp, made)
    return made


def plain(value: Any) -> Any:
    """Return a parameter's value as JSON and YAML hold it."""
    if isinstance(value, Decimal):
        if value == value.to_integral_value():
            return int(value)
        near = float(value)
        return near if Decimal(repr(near)) == value else str(value)  # more digits than a float keeps: as text, exact
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def parameter_told(rule: Rule, parameter: Parameter, value: Any) -> ParameterTold:
    """Return a parameter's value in words: codes by their labels, yes or no, a table with the heads of its columns."""
    labels = {**rule.evidence, **parameter.heads}

    def both(write: Callable[[Language], str]) -> Text:
        return Text(*(write(language) for language in (Language.ZH, Language.EN)))

    def cell(column: str, held: Any) -> Text:
        held = plain(held)
        held = str(held) if held is not None and labels.get(column, {}).get("codes") else held  # 1: a rank, by its name
        return both(lambda language: show_value(column, held, labels, language))

    if not parameter.is_table:
        return ParameterTold(both(lambda language: show_value(parameter.name, plain(value), {}, language)))
    heads = tuple(_head(column, labels) for column in parameter.columns)
    rows = tuple(tuple(cell(*one) for one in zip(parameter.columns, row, strict=True)) for row in value)
    return ParameterTold(Text("", ""), heads, rows)


def words(kind: str) -> dict[str, Text]:
    """Return the labels of all codes of a kind: severity, class, rule_status, finding_state, rule_outcome …"""
    entries = specialties() if kind == "specialty" else vocabulary()[kind]
    return {code: Text(entry["zh"], entry["en"]) for code, entry in entries.items()}


def word(kind: str, code: str) -> Text:
    """Return the label of a code; the code itself where it has none."""
    return words(kind).get(code, Text(code, code))


def basis_of(rule: Rule) -> list[tuple[str, Text]]:
    """Return the legal basis as (short name, title with article); an article that was not verified has no number."""
    lines = []
    for entry in rule.basis:
        short = str(entry["regulation"])
        title = str(regulations()[short]["title"])
        if entry.get("article") is None:
            lines.append((short, Text(f"《{title}》", title)))
        elif entry.get("verified") is True:
            lines.append((short, Text(f"《{title}》{entry['article']}", f"{title} {entry['article']}")))
        else:
            lines.append((short, Text(f"《{title}》（条款未核实）", f"{title} (article not verified)")))
    return lines


@dataclass(frozen=True)
class EvidenceLine:
    """One value of a finding's evidence. `text` is masked unless it was asked for unmasked."""

    column: str
    label: Text
    text: Text
    is_personal: bool


def evidence_of(rule: Rule | None, evidence: Mapping[str, Any], *, unmasked: bool = False) -> list[EvidenceLine]:
    """Return the evidence with labels, in the order of the rule's columns; personal values masked unless `unmasked`."""
    own = rule.personal if rule else frozenset[str]()
    columns = rule.evidence if rule else {}
    hidden = masked_values(evidence, own)
    lines = []
    for name, value in evidence.items():
        shown = value if unmasked else hidden[name]
        texts = [_evidence_text(name, shown, columns, language) for language in (Language.ZH, Language.EN)]
        lines.append(EvidenceLine(name, _head(name, columns), Text(*texts), hidden[name] != value))
    return lines


def _evidence_text(column: str, value: Any, columns: Mapping[str, Mapping[str, Any]], language: Language) -> str:
    """Write a value of evidence; amounts as on all pages, with both decimals."""
    if column.endswith("_yuan") and value is not None:
        try:
            return f"{Decimal(str(value)):,.2f}"
        except InvalidOperation:
            pass
    return show_value(column, value, columns, language)


def _head(column: str, labels: Mapping[str, Mapping[str, Any]]) -> Text:
    """Return the label of a column where it heads a value: in English it begins with a capital."""
    return Text(column_label(column, labels, Language.ZH), capital(column_label(column, labels, Language.EN)))


def evidence_label(rule: Rule | None, column: str) -> Text:
    """Return what a column of a finding's evidence is called."""
    columns = rule.evidence if rule else {}
    return _head(column, columns)


def key_of(rule: Rule | None, key: str) -> list[EvidenceLine]:
    """Return the parts of a finding's key with labels, personal ones masked."""
    return evidence_of(rule, json.loads(key))


def reason_of(rule: Rule | None, values: Mapping[str, Any]) -> Text:
    """Return the reason sentence with personal values unmasked; empty where the rule is gone."""
    if rule is None:
        return Text("", "")
    made = [render_reason(rule.reason[lang.value], values, rule.evidence, lang) for lang in (Language.ZH, Language.EN)]
    return Text(*made)


def reason_pattern(rule: Rule) -> Text:
    """Return the reason sentence as people read a pattern: each value's name in 〔〕 instead of its column."""

    def named(template: str, language: Language) -> str:
        def label(match: re.Match[str]) -> str:
            if match[1] in _OUTPUTS:
                return f"〔{_OUTPUTS[match[1]].to(language)}〕"
            return f"〔{_UNIT_AT_END.sub('', column_label(match[1], rule.evidence, language))}〕"

        return _COLUMN.sub(label, template).replace("[", "").replace("]", "")

    return Text(named(rule.reason["zh"], Language.ZH), named(rule.reason["en"], Language.EN))


def missing_of(rule: Rule | None, missing: str) -> Text:
    """Return in words what a finding lacked to be judged."""
    own: Mapping[str, Mapping[str, Any]] = rule.evidence if rule else {}
    outcomes = vocabulary()["rule_outcome"]
    special = {
        NOT_COVERED: Text("本次筛查未包括", "not covered by the run"),
        "subject": Text("对象已不在数据中", "the subject is no longer in the data"),
    }
    zh, en = [], []
    for name in filter(None, missing.split(",")):
        if name in special or name in outcomes:
            both = special.get(name) or Text(outcomes[name]["zh"], outcomes[name]["en"])
        else:
            both = Text(column_label(name, own, Language.ZH), column_label(name, own, Language.EN))
        zh.append(both.zh)
        en.append(both.en)
    return Text("、".join(zh), ", ".join(en))


def mask_value(column: str, value: str) -> str:
    """Mask one personal value by the kind that its column's name tells."""
    return mask(column, value)
