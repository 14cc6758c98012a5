"""Binding parameters: `$name` becomes a typed literal in the syntax tree, a table parameter a relation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlglot
from sqlglot import expressions as exp

from jicha.catalog.parameters import Parameter, literal, sql_type, text_literal
from jicha.catalog.relations import parse_select

RUN_PARAMETERS = frozenset(("as_of", "p0", "recompute_months"))  # what a definition or model may name
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
    parameters: Mapping[str, Parameter] | None = None, values: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """Return the SELECT with every parameter as a typed literal, in DuckDB's dialect.

    recompute_months: number of periods up to p0 whose bills are recomputed. values: the checked value of every declared
    parameter.
    """
    declared = parameters or {}
    given = values or {}
    tree = parse_select(sql).copy()
    literals = {
        "as_of": literal(as_of, "date"),
        "p0": literal(p0, "date"),
        "recompute_months": literal(recompute_months, "int"),
    }
    literals |= {n: literal(given[n], p.type) for n, p in declared.items() if not p.is_table}
    for node in list(tree.find_all(exp.Parameter, exp.Placeholder)):
        node.replace(sqlglot.parse_one(literals[node.name], read="duckdb"))
    for table in list(tree.find_all(exp.Table)):
        name = table.name.removeprefix("parameter_")
        if table.name.startswith("parameter_") and name in declared and declared[name].is_table:
            body = sqlglot.parse_one(rows_sql(given[name], declared[name].columns), read="duckdb")
            assert isinstance(body, exp.Query)
            table.replace(body.subquery(alias=table.alias or table.name))
    return tree.sql(dialect="duckdb")
