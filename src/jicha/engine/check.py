"""Checking a rule or relation against the schema and the engine: lint, then what its columns really are."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb

from jicha.catalog.files import vocabulary
from jicha.catalog.lint import lint, unused_parameters
from jicha.catalog.parameters import Parameter, sql_type
from jicha.catalog.reason import EvidenceLabel, column_label, placeholders
from jicha.catalog.relations import Relation, planned_models, relations
from jicha.catalog.rules import STANDARD_COLUMNS, Rule
from jicha.catalog.runinputs import list_columns
from jicha.catalog.schema import schema
from jicha.engine.bind import RUN_PARAMETERS, bind, rows_sql
from jicha.engine.session import ModelMissing, Session
from jicha.engine.shipped import CATALOG_RELATIONS
from jicha.engine.source import GivenTables
from jicha.errors import BadInput
from jicha.language import Language

_FINDING_TYPES = ("VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN", "INTEGER", "BIGINT", "DECIMAL")
_SOME_DAY = date(2026, 10, 15)
_WORDS = re.compile(r"[a-z]{3,}|[\u4e00-\u9fff]")  # the number of a standard (JJG 596) is the same in both languages


def known_names() -> set[str]:
    """Names of everything that a SELECT of the catalog may read."""
    names = {*schema().tables, *relations(), *planned_models(), *CATALOG_RELATIONS}
    return names | {f"run_{name}" for name in list_columns()}


@functools.cache
def _empty_relations() -> Mapping[str, Relation]:
    """Every definition and model with its declared columns and no rows; `check_relation` holds them to these."""
    return {name: replace(known, sql=rows_sql([], known.columns)) for name, known in relations().items()}


def empty_session() -> Session:
    """A session in which every table, list, definition and model exists and has no rows."""
    tables = GivenTables(schema(), {name: [] for name in schema().tables})
    lists: dict[str, tuple[Mapping[str, str], list[list[Any]]]] = {
        name: (columns, []) for name, columns in list_columns().items()
    }
    return Session(tables, as_of=_SOME_DAY, p0=date(2026, 9, 1), lists=lists, known=_empty_relations(), threads=1)


def check_relation(relation: Relation) -> list[str]:
    """Return what is wrong with a definition or model."""
    found = [str(offence) for offence in lint(relation.sql, known=known_names(), parameters=RUN_PARAMETERS)]
    if found:
        return found
    with empty_session() as session:
        try:
            session.require(relation.reads)
            bound = bind(relation.sql, as_of=_SOME_DAY, p0=_SOME_DAY)
            described = session.connection.execute(f"DESCRIBE {bound}").fetchall()
        except (duckdb.Error, BadInput) as error:
            return [str(error)]
    written = {name: kind for name, kind, *_ in described}
    expected = {name: {"int": "INTEGER"}.get(kind) or sql_type(kind) for name, kind in relation.columns.items()}
    if list(written) != list(expected):
        found.append(f"columns: the SELECT gives {list(written)}, the front matter says {list(expected)}")
    found += [
        f"type: {name} is {written[name]}, the front matter says {kind}"
        for name, kind in expected.items()
        if name in written and written[name] != kind
    ]
    return found


def check_rule(rule: Rule) -> list[str]:
    """Return what is wrong with a rule: portability, unknown columns, types, labels, placeholders."""
    scalars = {p.name for p in rule.parameters.values() if not p.is_table} | {"as_of", "p0"}
    known = known_names() | {f"parameter_{p.name}" for p in rule.parameters.values() if p.is_table}
    statements = [rule.sql, *([rule.not_judged_sql] if rule.not_judged_sql else [])]
    found = [str(offence) for sql in statements for offence in lint(sql, known=known, parameters=scalars)]
    found += [f"parameter {name} is declared and not used" for name in unused_parameters(statements, rule.parameters)]
    if not rule.own:  # a rule of the utility runs without words: its parameters go by their names
        found += [problem for parameter in rule.parameters.values() for problem in _unsaid(parameter, rule.evidence)]
    if found:
        return found
    values = {p.name: p.check(p.default, rule.code) for p in rule.parameters.values()}
    described: list[dict[str, str]] = []
    with empty_session() as session:
        for sql in statements:
            try:
                bound = session.bound(sql, reads=rule.reads, parameters=rule.parameters, values=values)
                described.append({n: k for n, k, *_ in session.connection.execute(f"DESCRIBE {bound}").fetchall()})
            except ModelMissing:
                return []
            except (duckdb.Error, BadInput) as error:
                return [str(error)]
    found += _check_columns(rule, described[0])
    if len(described) > 1:
        found += [f"the not-judged SELECT lacks {name}" for name in {*rule.key, "missing"} - set(described[1])]
    return found


def _unsaid(parameter: Parameter, evidence: Mapping[str, EvidenceLabel]) -> list[str]:
    """Return what people are not told of a parameter: its label, its unit, where its default is from, its columns."""
    name, found = parameter.name, []
    if parameter.label is None or not all(parameter.label):
        found.append(f"parameter {name} has no label in both languages")
    if parameter.unit and parameter.unit not in vocabulary()["parameter_unit"]:
        found.append(f"parameter {name}: its unit {parameter.unit} is not in the vocabulary (parameter_unit)")
    if parameter.source.zh == parameter.source.en and (not parameter.source.zh or _WORDS.search(parameter.source.zh)):
        found.append(f"parameter {name}: its source is told in one language only")
    heads = {**evidence, **parameter.heads}
    return found + [
        f"parameter {name}: its column {column} has no label"
        for column in parameter.columns
        if column_label(column, heads, Language.ZH) == column.replace("_", " ")
    ]


def _check_columns(rule: Rule, columns: dict[str, str]) -> list[str]:
    found = [f"key column {name} is not returned" for name in rule.key if name not in columns]
    standard = {"amount_yuan": "DECIMAL(18,2)", "energy_kwh": "DECIMAL(14,2)"}
    found += [
        f"{name} is {columns[name]}; expected {kind}"
        for name, kind in standard.items()
        if name in columns and columns[name] != kind
    ]
    evidence = [name for name in columns if name not in STANDARD_COLUMNS and name not in rule.key]
    found += [
        f"type of {name} is {kind}; cast it to one of {', '.join(_FINDING_TYPES)}"
        for name, kind in columns.items()
        if not kind.startswith(_FINDING_TYPES)
    ]
    found += [
        f"evidence column {name} has no label: give it one under `evidence`"
        for name in evidence
        if name not in rule.evidence and name not in schema().column_by_name
    ]
    found += [f"evidence label {name} belongs to no column" for name in rule.evidence if name not in columns]
    found += [f"personal column {name} is not returned" for name in rule.personal if name not in columns]
    found += [
        f"reason names {{{name}}}, which is not returned"
        for language in ("zh", "en")
        for name in _unknown_placeholders(rule.reason[language], columns)
    ]
    if ("amount_yuan" in columns) != (rule.amount is not None):
        found.append("amount_yuan and the front matter's `amount` must come together")
    return found


def _unknown_placeholders(template: str, columns: Collection[str]) -> list[str]:
    return sorted(set(placeholders(template)) - set(columns))
