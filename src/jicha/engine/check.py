"""Checking a rule or relation against the schema and the engine: lint, then what its columns really are."""

from __future__ import annotations

import contextlib
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
from jicha.errors import BadInput, JichaError
from jicha.language import Language, Text
from jicha.stopping import raise_if_asked

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


def in_words(error: Exception) -> Text:
    """Return what a SELECT met: our own words for it, or what the engine said."""
    return error.text if isinstance(error, JichaError) else Text(f"引擎报错：{error}", f"the engine says: {error}")


def check_relation(relation: Relation, session: Session | None = None) -> list[Text]:
    """Return what is wrong with a definition or model. session: an `empty_session` that many checks share."""
    found = [offence.text for offence in lint(relation.sql, known=known_names(), parameters=RUN_PARAMETERS)]
    if found:
        return found
    with contextlib.nullcontext(session) if session else empty_session() as empty:
        try:
            empty.require(relation.reads)
            bound = bind(relation.sql, as_of=_SOME_DAY, p0=_SOME_DAY)
            described = empty.connection.execute(f"DESCRIBE {bound}").fetchall()
        except (duckdb.Error, BadInput) as error:
            raise_if_asked(error)
            return [in_words(error)]
    written = {name: kind for name, kind, *_ in described}
    expected = {name: {"int": "INTEGER"}.get(kind) or sql_type(kind) for name, kind in relation.columns.items()}
    if list(written) != list(expected):
        found.append(
            Text(
                f"列不符：SELECT 给出 {list(written)}，说明块写的是 {list(expected)}",
                f"columns: the SELECT gives {list(written)}, the front matter says {list(expected)}",
            )
        )
    found += [
        Text(
            f"类型不符：{name} 为 {written[name]}，说明块写的是 {kind}",
            f"type: {name} is {written[name]}, the front matter says {kind}",
        )
        for name, kind in expected.items()
        if name in written and written[name] != kind
    ]
    return found


def check_rule(rule: Rule, session: Session | None = None) -> list[Text]:
    """Return what is wrong with a rule: portability, unknown columns, types, labels, placeholders.

    session: an `empty_session` that many checks share.
    """
    scalars = {p.name for p in rule.parameters.values() if not p.is_table} | {"as_of", "p0"}
    known = known_names() | {f"parameter_{p.name}" for p in rule.parameters.values() if p.is_table}
    statements = [rule.sql, *([rule.not_judged_sql] if rule.not_judged_sql else [])]
    found = [offence.text for sql in statements for offence in lint(sql, known=known, parameters=scalars)]
    found += [
        Text(f"参数 {name} 已声明但没有使用", f"parameter {name} is declared and not used")
        for name in unused_parameters(statements, rule.parameters)
    ]
    if not rule.own:  # a rule of the utility runs without words: its parameters go by their names
        found += [problem for parameter in rule.parameters.values() for problem in _unsaid(parameter, rule.evidence)]
    if found:
        return found
    values = {p.name: p.check(p.default, rule.code) for p in rule.parameters.values()}
    described: list[dict[str, str]] = []
    with contextlib.nullcontext(session) if session else empty_session() as empty:
        for sql in statements:
            try:
                bound = empty.bound(sql, reads=rule.reads, parameters=rule.parameters, values=values)
                described.append({n: k for n, k, *_ in empty.connection.execute(f"DESCRIBE {bound}").fetchall()})
            except ModelMissing:
                return []
            except (duckdb.Error, BadInput) as error:
                raise_if_asked(error)
                return [in_words(error)]
    found += _check_columns(rule, described[0])
    if len(described) > 1:
        found += [
            Text(f"not judged 段的 SELECT 缺少列 {name}", f"the not-judged SELECT lacks {name}")
            for name in sorted({*rule.key, "missing"} - set(described[1]))
        ]
    return found


def _unsaid(parameter: Parameter, evidence: Mapping[str, EvidenceLabel]) -> list[Text]:
    """Return what people are not told of a parameter: its label, its unit, where its default is from, its columns."""
    name, found = parameter.name, []
    if parameter.label is None or not all(parameter.label):
        found.append(Text(f"参数 {name} 没有中英文名称", f"parameter {name} has no label in both languages"))
    if parameter.unit and parameter.unit not in vocabulary()["parameter_unit"]:
        zh = f"参数 {name} 的单位 {parameter.unit} 不在词汇表中（parameter_unit）"
        en = f"parameter {name}: its unit {parameter.unit} is not in the vocabulary (parameter_unit)"
        found.append(Text(zh, en))
    if parameter.source.zh == parameter.source.en and (not parameter.source.zh or _WORDS.search(parameter.source.zh)):
        zh, en = f"参数 {name} 的来源只有一种语言", f"parameter {name}: its source is told in one language only"
        found.append(Text(zh, en))
    heads = {**evidence, **parameter.heads}
    return found + [
        Text(f"参数 {name} 的列 {column} 没有名称", f"parameter {name}: its column {column} has no label")
        for column in parameter.columns
        if column_label(column, heads, Language.ZH) == column.replace("_", " ")
    ]


def _check_columns(rule: Rule, columns: dict[str, str]) -> list[Text]:
    found = [
        Text(f"没有返回主键列 {name}", f"key column {name} is not returned") for name in rule.key if name not in columns
    ]
    standard = {"amount_yuan": "DECIMAL(18,2)", "energy_kwh": "DECIMAL(14,2)"}
    found += [
        Text(f"{name} 为 {columns[name]}，应为 {kind}", f"{name} is {columns[name]}; expected {kind}")
        for name, kind in standard.items()
        if name in columns and columns[name] != kind
    ]
    evidence = [name for name in columns if name not in STANDARD_COLUMNS and name not in rule.key]
    types = ", ".join(_FINDING_TYPES)
    found += [
        Text(f"{name} 的类型为 {kind}，应转换为 {types} 之一", f"type of {name} is {kind}; cast it to one of {types}")
        for name, kind in columns.items()
        if not kind.startswith(_FINDING_TYPES)
    ]
    found += [
        Text(
            f"证据列 {name} 没有名称：请在 evidence 下给出",
            f"evidence column {name} has no label: give it one under `evidence`",
        )
        for name in evidence
        if name not in rule.evidence and name not in schema().column_by_name
    ]
    found += [
        Text(f"evidence 中的 {name} 不是返回的列", f"evidence label {name} belongs to no column")
        for name in rule.evidence
        if name not in columns
    ]
    found += [
        Text(f"没有返回个人信息列 {name}", f"personal column {name} is not returned")
        for name in sorted(rule.personal)
        if name not in columns
    ]
    found += [
        Text(f"reason 中的 {{{name}}} 没有返回", f"reason names {{{name}}}, which is not returned")
        for language in ("zh", "en")
        for name in _unknown_placeholders(rule.reason[language], columns)
    ]
    if ("amount_yuan" in columns) != (rule.amount is not None):
        zh = "返回的 amount_yuan 与说明块的 amount 应同时有或同时没有"
        found.append(Text(zh, "amount_yuan and the front matter's `amount` must come together"))
    return found


def _unknown_placeholders(template: str, columns: Collection[str]) -> list[str]:
    return sorted(set(placeholders(template)) - set(columns))
