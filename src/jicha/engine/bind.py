"""Binding parameters: `$name` becomes a typed literal in the syntax tree, a table parameter a relation."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlglot
from sqlglot import expressions as exp

from jicha.catalog.parameters import Parameter, literal, sql_type, text_literal
from jicha.catalog.relations import parse_select

# what a definition or model may name
RUN_PARAMETERS = frozenset(("as_of", "p0", "recompute_months", "use_from", "use_until"))
RECOMPUTE_MONTHS = 3  # W(3): the periods that rules about recomputed bills look at


def rows_sql(rows: Sequence[Sequence[Any]], columns: Mapping[str, str]) -> str:
    """Return a SELECT that yields the rows with typed columns; without rows a typed empty one.

    One list of values: a chain of UNION ALL takes an engine minutes to read from some thousand rows on.
    """
    if not rows:
        empty = ", ".join(f"{literal(None, kind)} AS {name}" for name, kind in columns.items())
        return f"SELECT {empty} WHERE false"
    casts = ", ".join(f"CAST(r.c{i} AS {sql_type(kind)}) AS {name}" for i, (name, kind) in enumerate(columns.items()))
    lines = ", ".join(f"({', '.join(text_literal(cell) for cell in row)})" for row in rows)
    names = ", ".join(f"c{i}" for i in range(len(columns)))
    return f"SELECT {casts} FROM (VALUES {lines}) AS r ({names})"


def bind(
    sql: str, *, as_of: date, p0: date, recompute_months: int = RECOMPUTE_MONTHS,
    span: tuple[date, date] | None = None, parameters: Mapping[str, Parameter] | None = None,
    values: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """Return the SELECT with every parameter as a typed literal, in DuckDB's dialect.

    recompute_months: number of periods up to p0 whose bills are recomputed. span: first and last period of all passes
    of the run; None where it has only this one. values: the checked value of every declared parameter.
    """
    declared = parameters or {}
    given = values or {}
    month = p0.year * 12 + p0.month - recompute_months  # of the first period, counted from January of the year 0
    first, last = span or (date(month // 12, month % 12 + 1, 1), p0)
    literals = {
        "as_of": literal(as_of, "date"),
        "p0": literal(p0, "date"),
        "recompute_months": literal(recompute_months, "int"),
        "use_from": literal(date(first.year, 1, 1), "date"),  # tiers ask what was used since January
        "use_until": literal(last, "date"),
    }
    literals |= {n: literal(given[n], p.type) for n, p in declared.items() if not p.is_table}
    scalars, tables = _named(sql)
    bodies = {
        name: rows_sql(given[name.removeprefix("parameter_")], declared[name.removeprefix("parameter_")].columns)
        for name in tables
        if name.removeprefix("parameter_") in declared and declared[name.removeprefix("parameter_")].is_table
    }
    return _bound(sql, tuple((name, literals[name]) for name in scalars), tuple(bodies.items()))


@functools.lru_cache(maxsize=1024)
def _named(sql: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the parameters that a SELECT writes as $name, and of the relations of table parameters it reads."""
    tree = parse_select(sql)
    scalars = {node.name for node in tree.find_all(exp.Parameter, exp.Placeholder)}
    tables = {table.name for table in tree.find_all(exp.Table) if table.name.startswith("parameter_")}
    return tuple(sorted(scalars)), tuple(sorted(tables))


@functools.lru_cache(maxsize=1024)
def _bound(sql: str, literals: tuple[tuple[str, str], ...], bodies: tuple[tuple[str, str], ...]) -> str:
    """Return the text of a SELECT with its literals; kept, as many sessions of a process bind the same."""
    tree = parse_select(sql).copy()
    by_name, body_of = dict(literals), dict(bodies)
    for node in list(tree.find_all(exp.Parameter, exp.Placeholder)):
        node.replace(sqlglot.parse_one(by_name[node.name], read="duckdb"))
    for table in list(tree.find_all(exp.Table)):
        if table.name in body_of:
            body = sqlglot.parse_one(body_of[table.name], read="duckdb")
            assert isinstance(body, exp.Query)
            table.replace(body.subquery(alias=table.alias or table.name))
    return tree.sql(dialect="duckdb", copy=False)
