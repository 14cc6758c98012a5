"""Whether a rule can run on the tables that were delivered; "not run" always says what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jicha.catalog.files import vocabulary
from jicha.catalog.relations import planned_models, relations, transitive
from jicha.catalog.rules import Rule
from jicha.catalog.schema import schema
from jicha.engine.source import TableSource
from jicha.language import Language, Text

RUNNING = ("active", "shadow")


def outcome_of(rule: Rule, source: TableSource) -> tuple[str, tuple[str, ...]]:
    """Return (outcome, what it lacks): done when it can run, else a code of `rule_outcome` in the vocabulary."""
    if rule.status not in RUNNING:
        return "not_active", (rule.status,)
    known = relations()
    read = {*rule.reads, *rule.tables} | {name for r in transitive(rule.reads, known) for name in known[r].reads}
    models = sorted(name for name in read if name in planned_models() and name not in known)
    if models:
        return "model_missing", tuple(models)
    absent = [name for name in rule.needed_tables if not source.has(name) and not schema()[name].absent_is_empty]
    if absent:
        return "table_missing", tuple(absent)
    empty = [name for name in rule.not_empty if source.rows(name) == 0]
    return ("table_empty", tuple(empty)) if empty else ("done", ())


def lacked(outcome: str, names: Iterable[str]) -> list[Text]:
    """Return what a rule lacked to run, in words: its status for `not_active`, else tables and models.

    names: as `outcome_of` gives them and runs keep them; a model that is not there has no label and keeps its name.
    """
    if outcome == "not_active":
        known = vocabulary()["rule_status"]
        return [Text(known[name]["zh"], known[name]["en"]) if name in known else Text(name, name) for name in names]
    tables = schema().tables
    return [
        Text(tables[name].label(Language.ZH), tables[name].label(Language.EN)) if name in tables else Text(name, name)
        for name in names
    ]


@dataclass(frozen=True)
class Readiness:
    """Whether one rule can run, and what it lacks."""

    rule: Rule
    outcome: str
    lacks: tuple[str, ...]


def readiness(source: TableSource, rules: Mapping[str, Rule]) -> list[Readiness]:
    """Return for each rule whether it can run on these tables."""
    return [Readiness(rule, *outcome_of(rule, source)) for rule in rules.values()]
