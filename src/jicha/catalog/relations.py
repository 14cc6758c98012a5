"""Definitions and derived models: relations written once, computed once a run, read by many rules."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import expressions as exp

from jicha.catalog.files import catalog_path, read_yaml
from jicha.catalog.sqlfile import read_sql_file
from jicha.errors import BadInput


@functools.lru_cache(maxsize=1024)
def parse_select(sql: str) -> exp.Query:
    """Parse one SELECT of DuckDB's dialect. The result is shared: copy it before changing it."""
    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise BadInput(zh=f"SQL 语法错误：{error}", en=f"SQL syntax error: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise BadInput(zh="应恰好是一条 SELECT 语句。", en="expected exactly one SELECT statement")
    return statements[0]


def names_read(sql: str) -> frozenset[str]:
    """Names of the relations that a SELECT reads, its own common table expressions left out."""
    tree = parse_select(sql)
    own = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    return frozenset(table.name.lower() for table in tree.find_all(exp.Table) if table.name) - own


@dataclass(frozen=True)
class Relation:
    """A definition (a word of the rules) or a derived model, as one SELECT."""

    name: str
    kind: str  # definition or model
    zh: str
    en: str
    columns: Mapping[str, str]  # name -> catalog type, in the order of the SELECT
    sql: str
    path: Path
    note: Any = None
    tables: tuple[str, ...] = ()  # canonical tables without which it means nothing
    stored: bool = True  # false: read once and as it comes, so not worth keeping

    @functools.cached_property
    def reads(self) -> frozenset[str]:
        """Names of the relations it reads."""
        return names_read(self.sql)


def read_relation(path: Path, kind: str) -> Relation:
    """Read a file of `definitions/` or `models/`."""
    file = read_sql_file(path)
    try:
        relation = Relation(
            name=file.front["name"],
            kind=kind,
            zh=file.front["zh"],
            en=file.front["en"],
            columns=dict(file.front["columns"]),
            sql=file.sql,
            path=path,
            note=file.front.get("note"),
            tables=tuple(file.front.get("tables") or ()),
            stored=bool(file.front.get("stored", True)),
        )
    except KeyError as error:
        raise BadInput(zh=f"{path}：缺少字段 {error}。", en=f"{path}: the front matter lacks {error}") from error
    if relation.name != path.stem:
        raise BadInput(
            zh=f"{path}：文件名应为 {relation.name}.sql。", en=f"{path}: the file should be named {relation.name}.sql"
        )
    return relation


@functools.cache
def relations() -> Mapping[str, Relation]:
    """Return the shipped definitions and models by name."""
    found: dict[str, Relation] = {}
    for folder, kind in (("definitions", "definition"), ("models", "model")):
        for path in sorted(catalog_path(folder).glob("*.sql")):
            relation = read_relation(path, kind)
            if relation.name in found:
                raise BadInput(zh=f"{path}：名称重复。", en=f"{path}: the name is taken by {found[relation.name].path}")
            found[relation.name] = relation
    return found


@functools.cache
def planned_models() -> Mapping[str, list[str]]:
    """Return the columns of every derived model that rules may name, built or not."""
    content: dict[str, list[str]] = read_yaml(catalog_path("models", "planned.yaml"))
    return content


@functools.cache
def macro_statements() -> tuple[str, ...]:
    """Return the CREATE MACRO statements of the catalog, in file order."""
    statements: list[str] = []
    for path in sorted(catalog_path("macros").glob("*.sql")):
        for statement in sqlglot.parse(path.read_text(encoding="utf-8"), read="duckdb"):
            if statement is not None:
                statements.append(statement.sql(dialect="duckdb", comments=False))
    return tuple(statements)


@functools.cache
def _macros_by_name() -> Mapping[str, str]:
    found = {}
    for statement in macro_statements():
        match = re.match(r"CREATE\s+(?:MACRO|FUNCTION)\s+\"?(\w+)", statement, re.IGNORECASE)
        if match:
            found[match[1].lower()] = statement
    return found


def macros_used(texts: Iterable[str]) -> list[str]:
    """Return the statements of the macros that some SQL calls, and of those that they call."""
    waiting = list(texts)
    used: dict[str, str] = {}
    while waiting:
        words = set(re.findall(r"(\w+)\s*\(", waiting.pop().lower()))
        for name in words & set(_macros_by_name()) - set(used):
            used[name] = _macros_by_name()[name]
            waiting.append(used[name].partition(" AS ")[2])
    return [used[name] for name in sorted(used)]


def transitive(names: Iterable[str], known: Mapping[str, Relation]) -> list[str]:
    """Names of the relations needed for `names`, each after what it reads; BadInput on a cycle."""
    ordered: list[str] = []
    state: dict[str, int] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name not in known or state.get(name) == 2:
            return
        if state.get(name) == 1:
            circle = " → ".join((*trail, name))
            raise BadInput(zh=f"模型循环依赖：{circle}", en=f"models read each other in a circle: {circle}")
        state[name] = 1
        for needed in sorted(known[name].reads):
            visit(needed, (*trail, name))
        state[name] = 2
        ordered.append(name)

    for name in sorted(names):
        visit(name, ())
    return ordered
