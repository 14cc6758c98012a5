"""Expressions of mapping files: scalar SQL over the source's columns, nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from jicha.errors import BadInput
from jicha.ingest.names import normal

_FORBIDDEN = (
    exp.Query,
    exp.AggFunc,
    exp.Window,
    exp.Star,
    exp.Placeholder,
    exp.Parameter,
    exp.Command,
    exp.DDL,
    exp.DML,
    exp.Lambda,
    exp.UDTF,
)
_ALLOWED_UNKNOWN = {  # functions that sqlglot has no class for and that only look at their arguments
    "ltrim", "rtrim", "strpos", "printf", "format", "regexp_full_match", "regexp_extract", "left", "right",
    "lpad", "rpad", "nullif", "strip_accents", "reverse", "repeat", "md5", "try_strptime", "strftime", "strptime",
    "nfc_normalize", "translate", "contains", "starts_with", "ends_with", "suffix", "prefix", "instr", "trunc",
}  # fmt: skip


def parse_expression(text: str, place: str) -> exp.Expression:
    """Parse and check an expression; BadInput names `place` and what is not allowed."""
    try:
        tree = sqlglot.parse_one(f"SELECT {text}", dialect="duckdb")
    except SqlglotError as error:
        raise _refused(text, place, str(error).splitlines()[0]) from error
    if (
        not isinstance(tree, exp.Select)
        or len(tree.expressions) != 1
        or tree.args.get("from_")
        or tree.args.get("from")
    ):
        raise _refused(text, place, "one scalar expression")
    expression: exp.Expression = tree.expressions[0]
    if isinstance(expression, exp.Alias):
        raise _refused(text, place, "AS")
    clauses = {key for key, value in tree.args.items() if value and key not in {"expressions", "kind", "hint"}}
    if clauses:
        raise _refused(text, place, ", ".join(sorted(clauses)))
    for node in expression.walk():
        if isinstance(node, _FORBIDDEN):
            raise _refused(text, place, node.sql(dialect="duckdb"))
        if isinstance(node, exp.Anonymous) and node.name.lower() not in _ALLOWED_UNKNOWN:
            raise _refused(text, place, node.name)
        if isinstance(node, exp.Column) and node.table:
            raise _refused(text, place, node.sql(dialect="duckdb"))
    return expression


def _refused(text: str, place: str, problem: str) -> BadInput:
    return BadInput(
        zh=f"{place}：表达式“{text}”不可用（{problem}）。只能写一个不含子查询、聚合、窗口和读文件的标量 SQL 表达式。",
        en=f"{place}: the expression “{text}” cannot be used ({problem}); write one scalar SQL expression without "
        "subquery, aggregate, window or reading of files",
    )


def bound_expression(expression: exp.Expression, header: Sequence[str], place: str) -> str:
    """Return the SQL with source columns replaced by their positions; BadInput names one the source lacks."""
    positions = {normal(cell): index for index, cell in reversed(list(enumerate(header)))}
    tree = expression.copy()

    def replace(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column):
            return node
        position = positions.get(normal(node.name))
        if position is None:
            raise BadInput(
                zh=f"{place}：表达式中的列“{node.name}”在来源中不存在。来源的列：{'、'.join(header)}。",
                en=f"{place}: the source has no column “{node.name}” that the expression names; it has: "
                f"{', '.join(header)}",
            )
        return exp.column(f"c{position}")

    return str(tree.transform(replace).sql(dialect="duckdb"))
