"""The portability linter: which SQL a rule, definition or model may use so that every engine gives the same rows.

Each check is a measured difference between DuckDB and Spark or a way to read what a rule may not read; functions are
an allow-list, so that what is not known to agree is refused. See docs/explanation/portable-sql.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import expressions as exp

from jicha.catalog.files import catalog_path
from jicha.catalog.relations import parse_select
from jicha.language import Text

# Measured to agree on DuckDB and Spark (decision 0003); a new one is added here with its comparison.
_FUNCTIONS = frozenset(
    """
    abs acos asin atan atan2 case cast ceil ceiling coalesce concat concat_ws contains cos count date_diff
    date_trunc datediff day degrees dense_rank exists exp first_value floor greatest hour if ifnull in is_nan
    lag last_day last_value lead least left length lower lpad ltrim make_date max median min minute mod month not ntile
    nullif or pi position pow power radians rank regexp_extract regexp_matches regexp_replace replace reverse
    right round row_number rpad rtrim sign sin sqrt starts_with strftime string_agg strptime substr substring
    sum tan text_key text_nfkc to_days to_months to_years translate trim trunc try_cast try_strptime upper year
    """.split()  # noqa: SIM905
)
# The name under which sqlglot knows a function, where it is not the one written.
_WRITTEN = {
    "str_position": "position",
    "str_to_time": "strptime",
    "time_to_str": "strftime",
    "regexp_like": "regexp_matches",
    "group_concat": "string_agg",
    "date_from_parts": "make_date",
    "timestamp_trunc": "date_trunc",
    "pad": "lpad",
}
_CLOCK = frozenset(
    ("now", "current_date", "current_timestamp", "today", "random", "uuid", "get_current_timestamp", "localtimestamp")
)


@dataclass(frozen=True)
class Offence:
    """One thing that the linter refuses: a stable name, the SQL at fault, and what to write instead."""

    check: str
    sql: str
    instead: Text

    @property
    def text(self) -> Text:
        """The offence in one line."""
        return Text(f"{self.check}：{self.sql} → {self.instead.zh}", f"{self.check}: {self.sql} → {self.instead.en}")


_NAME_THE_COLUMNS = Text("写出列名", "name the columns")
_NAME_THE_KEYS = Text("写出分组的列名", "name the group keys")
_KNOWN_RELATION = Text("使用标准表、定义或模型", "a table of the schema, a definition or a model")


def _code(sql: str) -> Text:
    """Return SQL to write instead, which is the same in both languages."""
    return Text(sql, sql)


def macro_names() -> frozenset[str]:
    """Names of the catalog's macros."""
    names: set[str] = set()
    for path in sorted(catalog_path("macros").glob("*.sql")):
        names.update(re.findall(r"CREATE\s+MACRO\s+(\w+)", path.read_text(encoding="utf-8"), re.IGNORECASE))
    return frozenset(names)


def _short(node: exp.Expr) -> str:
    text = node.sql(dialect="duckdb")
    return text if len(text) <= 80 else text[:77] + "…"


def _function_name(node: exp.Func) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    return str(node.sql_name()).lower()


def _stars(tree: exp.Expr) -> Iterator[Offence]:
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            yield Offence("star", _short(star.parent or star), _NAME_THE_COLUMNS)
    for node in tree.find_all(exp.Columns):
        yield Offence("star", _short(node), _NAME_THE_COLUMNS)


def _grouping(tree: exp.Expr) -> Iterator[Offence]:
    for group in tree.find_all(exp.Group):
        if group.args.get("all"):
            yield Offence("group_by_all", "GROUP BY ALL", _NAME_THE_KEYS)
        for key in group.expressions:
            if isinstance(key, exp.Literal):
                yield Offence("group_by_number", _short(group), _NAME_THE_KEYS)
    for order in tree.find_all(exp.Order):
        if re.match(r"\s*ORDER BY ALL\b", order.sql(dialect="duckdb")):
            yield Offence("order_by_all", "ORDER BY ALL", _NAME_THE_COLUMNS)


def _joins(tree: exp.Expr) -> Iterator[Offence]:
    for join in tree.find_all(exp.Join):
        if join.args.get("using"):
            yield Offence("using", _short(join), _code("JOIN … ON a.x = b.x"))
        if str(join.args.get("method") or "").upper() in {"NATURAL", "ASOF", "POSITIONAL"}:
            yield Offence("join", _short(join), _code("JOIN … ON"))
    for kind in (exp.Pivot, exp.Unnest):
        for node in tree.find_all(kind):
            yield Offence("pivot", _short(node), Text("写成派生模型", "a derived model"))


def _division(tree: exp.Expr) -> Iterator[Offence]:
    def is_double(node: exp.Expr | None) -> bool:
        node = node.unnest() if node is not None else None
        if isinstance(node, exp.Cast):
            return bool(node.is_type("double"))
        if isinstance(node, exp.Mul | exp.Add | exp.Sub | exp.Div):
            return is_double(node.left) or is_double(node.right)
        return isinstance(node, exp.Radians | exp.Sqrt | exp.Cos | exp.Sin | exp.Asin)

    for node in tree.find_all(exp.Div):
        right = node.right.unnest()
        safe = (isinstance(right, exp.Nullif) and is_double(right.this)) or (
            isinstance(right, exp.Literal) and right.is_number and float(right.this) != 0
        )
        if not (is_double(node.left) and safe):
            yield Offence("division", _short(node), _code("CAST(a AS DOUBLE) / NULLIF(CAST(b AS DOUBLE), 0)"))
    for floor_division in tree.find_all(exp.IntDiv):
        instead = _code("FLOOR(CAST(a AS DOUBLE) / NULLIF(CAST(b AS DOUBLE), 0))")
        yield Offence("division", _short(floor_division), instead)


def _functions(tree: exp.Expr, macros: Collection[str]) -> Iterator[Offence]:
    for node in tree.find_all(exp.Func):
        if isinstance(node, exp.And | exp.Or | exp.Case | exp.Cast | exp.If | exp.Window):
            continue
        name = _function_name(node)
        name = _WRITTEN.get(name, name)
        if name in _CLOCK:
            yield Offence("clock", _short(node), Text("用 $as_of，规则不读时钟", "$as_of; nothing reads the clock"))
        elif name not in _FUNCTIONS and name not in macros:
            zh = f"{name} 不在已核实各引擎结果一致的函数之列"
            en = f"{name} is not among the functions known to agree on every engine"
            yield Offence("function", _short(node), Text(zh, en))


def _dates(tree: exp.Expr) -> Iterator[Offence]:
    for node in tree.find_all(exp.DateDiff):
        unit = node.args.get("unit")
        if unit is None or str(unit.name).lower() != "day":
            zh = "对日期用 date_diff('day', a, b)，月数用（年*12+月）"
            en = "date_diff('day', a, b) on DATEs, months as (year*12+month)"
            yield Offence("date_diff", _short(node), Text(zh, en))
    for interval in tree.find_all(exp.Interval):
        # sqlglot reads to_months(n) as INTERVAL n MONTH; a literal INTERVAL has a literal string inside
        written = interval.sql(dialect="duckdb")
        if re.match(r"INTERVAL\s+'", written):
            yield Offence(
                "interval", written, Text("to_months(n)、to_days(n) 或 d + 1", "to_months(n), to_days(n), or d + 1")
            )
    for truncated in tree.find_all(exp.DateTrunc, exp.TimestampTrunc):
        parent = truncated.parent
        if not (isinstance(parent, exp.Cast) and parent.is_type("date")):
            yield Offence("date_trunc", _short(truncated), _code("CAST(date_trunc('month', d) AS DATE)"))


def _medians(tree: exp.Expr) -> Iterator[Offence]:
    for node in tree.find_all(exp.Median):
        if not (isinstance(node.this, exp.Cast) and node.this.is_type("double")):
            zh = "median(CAST(x AS DOUBLE))：对定点小数求中位数会被截到原有位数"
            en = "median(CAST(x AS DOUBLE)): of a decimal it is cut to its scale"
            yield Offence("median", _short(node), Text(zh, en))


def _windows(tree: exp.Expr) -> Iterator[Offence]:
    for window in tree.find_all(exp.WindowSpec):
        if window.find(exp.Interval):
            instead = Text("ROWS，或对整数日序号用 RANGE", "ROWS, or RANGE over an integer day number")
            yield Offence("range_interval", _short(window), instead)


def _text(tree: exp.Expr) -> Iterator[Offence]:
    for node in tree.find_all(exp.RegexpReplace):
        modifiers = node.args.get("modifiers")
        if modifiers is None or "g" not in str(modifiers.name):
            yield Offence("regexp_replace", _short(node), _code("regexp_replace(s, pattern, replacement, 'g')"))
    for text in tree.find_all(exp.Literal):
        if text.is_string and re.search(r"\\[pP]\{", text.this):
            instead = Text(
                "写出字符范围，或在定义中用 text_key(s)", "an explicit range, or text_key(s) in a definition"
            )
            yield Offence("unicode_class", _short(text), instead)
    for joined in tree.find_all(exp.GroupConcat):
        if not joined.find(exp.Order) and not (joined.parent and joined.parent.find(exp.Order)):
            yield Offence("unordered_text", _short(joined), _code("string_agg(x, ',' ORDER BY …)"))


def _is_known(node: exp.Expr) -> bool:
    """Whether a value is not null by accident: a literal, a parameter, COALESCE, or made of these."""
    if isinstance(node, exp.Literal | exp.Boolean | exp.Parameter | exp.Placeholder | exp.Coalesce | exp.Count):
        return True
    if isinstance(node, exp.Cast | exp.Neg | exp.Paren | exp.Abs | exp.Round):
        return _is_known(node.this)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return _is_known(node.left) and _is_known(node.right)
    if isinstance(node, exp.Greatest | exp.Least):
        return all(_is_known(value) for value in (node.this, *node.expressions))
    return False


def _skipped_nulls(tree: exp.Expr) -> Iterator[Offence]:
    """GREATEST and LEAST pass over a null as if it were not there; CONCAT does so on DuckDB and is null on Spark."""
    for node in tree.find_all(exp.Greatest, exp.Least):
        if not _is_known(node):
            zh = "greater_of(a, b) 或 lesser_of(a, b)，任一为空时结果为空；或各自 COALESCE(…)"
            en = "greater_of(a, b) or lesser_of(a, b), null when one is; or COALESCE(…) each"
            yield Offence("skipped_null", _short(node), Text(zh, en))
    for joined in tree.find_all(exp.Concat):
        if not isinstance(joined, exp.ConcatWs) and not all(_is_known(value) for value in joined.expressions):
            zh = "a || b，任一为空时结果为空；或各自 COALESCE(…)"
            yield Offence("skipped_null", _short(joined), Text(zh, "a || b, null when one is; or COALESCE(…) each"))


def _alias_reuse(tree: exp.Expr) -> Iterator[Offence]:
    for select in tree.find_all(exp.Select):
        made = {
            item.alias
            for item in select.expressions
            if isinstance(item, exp.Alias) and not (isinstance(item.this, exp.Column) and item.this.name == item.alias)
        }
        places = [select.args.get("where"), select.args.get("having"), select.args.get("group")]
        places += [item.this for item in select.expressions if isinstance(item, exp.Alias)]
        for place in places:
            for column in place.find_all(exp.Column) if place is not None else ():
                if not column.table and column.name in made and column.find_ancestor(exp.Select) is select:
                    zh = "重写该表达式，或用 WITH 子查询"
                    en = "repeat the expression, or use a common table expression"
                    yield Offence("alias", column.name, Text(zh, en))


def _output_casts(tree: exp.Expr) -> Iterator[Offence]:
    selects = [tree] if isinstance(tree, exp.Select) else []
    if isinstance(tree, exp.SetOperation):
        selects = [s for s in (tree.left.unnest(), tree.right.unnest()) if isinstance(s, exp.Select)]
    for select in selects:
        for item in select.expressions:
            value = item.unalias()
            if not isinstance(value, exp.Column | exp.Cast):
                yield Offence("uncast", _short(item), _code("CAST(… AS type) AS name"))


def _tables(tree: exp.Expr, known: Collection[str]) -> Iterator[Offence]:
    own = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            yield Offence("table_function", _short(table), _KNOWN_RELATION)
        elif table.args.get("db") or (table.name.lower() not in own and table.name.lower() not in known):
            yield Offence("unknown_relation", _short(table), _KNOWN_RELATION)


def _parameters(tree: exp.Expr, declared: Collection[str]) -> Iterator[Offence]:
    for node in tree.find_all(exp.Parameter, exp.Placeholder):
        if node.name not in declared:
            names = sorted(declared)
            instead = Text(f"已声明的参数：{'、'.join(names)}", f"declared: {', '.join(names)}")
            yield Offence("parameter", _short(node), instead)


def lint(
    sql: str,
    *,
    known: Collection[str],
    parameters: Collection[str],
    macros: Collection[str] | None = None,
) -> list[Offence]:
    """Return what is wrong with one SELECT; BadInput when it is not one SELECT at all.

    known: names of the relations it may read. parameters: names that may stand as $name.
    """
    tree = parse_select(sql)
    allowed = macro_names() if macros is None else macros
    checks: list[Callable[[exp.Expr], Iterator[Offence]]] = [
        _stars, _grouping, _joins, _division, _dates, _medians, _windows, _text, _skipped_nulls, _alias_reuse,
        _output_casts,
    ]  # fmt: skip
    found = [offence for check in checks for offence in check(tree)]
    found += _functions(tree, allowed)
    found += _tables(tree, {name.lower() for name in known})
    found += _parameters(tree, parameters)
    return found


def lint_macros(statements: Iterable[str]) -> list[Offence]:
    """Return what is wrong with CREATE MACRO statements: what a rule calls must not hide what a rule may not write."""
    found: list[Offence] = []
    for statement in statements:
        tree = sqlglot.parse_one(statement, read="duckdb")
        found += [offence for check in (_text, _skipped_nulls) for offence in check(tree)]
    return found


def unused_parameters(statements: Collection[str], declared: Collection[str]) -> list[str]:
    """Names of declared scalar parameters that no SELECT uses."""
    used: set[str] = set()
    for sql in statements:
        used |= {node.name for node in parse_select(sql).find_all(exp.Parameter, exp.Placeholder)}
        used |= {table.name.removeprefix("parameter_") for table in parse_select(sql).find_all(exp.Table)}
    return sorted(set(declared) - used)
