"""Each refusal of the portability linter, and that ordinary rule text passes."""

from __future__ import annotations

import re

import pytest

from jicha.catalog.lint import lint, lint_macros, unused_parameters
from jicha.catalog.relations import macro_statements, parse_select
from jicha.errors import BadInput

KNOWN = {"customer", "bill"}

REFUSED = [
    ("star", "SELECT c.* FROM customer AS c"),
    ("group_by_all", "SELECT c.org_id FROM customer AS c GROUP BY ALL"),
    ("group_by_number", "SELECT c.org_id FROM customer AS c GROUP BY 1"),
    ("order_by_all", "SELECT c.org_id FROM customer AS c ORDER BY ALL"),
    ("using", "SELECT c.org_id FROM customer AS c JOIN bill AS b USING (customer_id)"),
    ("join", "SELECT c.org_id FROM customer AS c NATURAL JOIN bill AS b"),
    ("division", "SELECT CAST(b.total_yuan / b.billed_kwh AS DECIMAL(12, 6)) AS price FROM bill AS b"),
    ("division", "SELECT CAST(CAST(b.total_yuan AS DOUBLE) / b.billed_kwh AS DECIMAL(12, 6)) AS price FROM bill AS b"),
    ("division", "SELECT CAST(b.days // 7 AS BIGINT) AS weeks FROM bill AS b"),
    ("clock", "SELECT b.bill_id FROM bill AS b WHERE b.due_on < current_date"),
    ("clock", "SELECT b.bill_id FROM bill AS b WHERE b.due_on < CAST(now() AS DATE)"),
    ("median", "SELECT CAST(median(b.total_yuan) AS DECIMAL(18, 2)) AS m FROM bill AS b"),
    ("function", "SELECT CAST(mode(b.total_yuan) AS DECIMAL(18, 2)) AS m FROM bill AS b"),
    ("function", "SELECT CAST(any_value(b.bill_id) AS VARCHAR) AS m FROM bill AS b"),
    ("function", "SELECT CAST(max_by(b.bill_id, b.total_yuan) AS VARCHAR) AS m FROM bill AS b"),
    ("function", "SELECT CAST(isodow(b.due_on) AS BIGINT) AS d FROM bill AS b"),
    ("date_diff", "SELECT CAST(date_diff('month', b.issued_on, b.due_on) AS BIGINT) AS m FROM bill AS b"),
    ("interval", "SELECT b.bill_id FROM bill AS b WHERE b.due_on < $as_of - INTERVAL '1' MONTH"),
    ("date_trunc", "SELECT b.bill_id FROM bill AS b WHERE date_trunc('month', b.issued_on) = $p0"),
    ("regexp_replace", "SELECT CAST(regexp_replace(c.phone, '[^0-9]', '') AS VARCHAR) AS p FROM customer AS c"),
    ("unicode_class", r"SELECT c.name FROM customer AS c WHERE regexp_matches(c.name, '\p{Han}')"),
    ("unordered_text", "SELECT CAST(string_agg(c.name, ',') AS VARCHAR) AS n FROM customer AS c"),
    ("alias", "SELECT CAST(b.days AS BIGINT) + 1 AS n, CAST(n AS BIGINT) AS m FROM bill AS b"),
    ("alias", "SELECT CAST(b.days + 1 AS BIGINT) AS n FROM bill AS b WHERE n > 3"),
    ("uncast", "SELECT b.days + 1 AS n FROM bill AS b"),
    ("uncast", "SELECT SUM(b.total_yuan) AS yuan FROM bill AS b"),
    ("unknown_relation", "SELECT s.x FROM somewhere AS s"),
    ("unknown_relation", "SELECT s.bill_id FROM other.bill AS s"),
    ("table_function", "SELECT s.x FROM read_csv('/etc/passwd') AS s"),
    ("table_function", "SELECT s.x FROM generate_series(1, 3) AS s"),
    ("parameter", "SELECT b.bill_id FROM bill AS b WHERE b.days > $nowhere"),
    (
        "range_interval",
        "SELECT CAST(SUM(b.days) OVER (ORDER BY b.issued_on RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW)"
        " AS BIGINT) AS n FROM bill AS b",
    ),
    ("skipped_null", "SELECT CAST(GREATEST(b.days, 3) AS BIGINT) AS n FROM bill AS b"),
    ("skipped_null", "SELECT CAST(LEAST(COALESCE(b.days, 1), b.days) AS BIGINT) AS n FROM bill AS b"),
    ("skipped_null", "SELECT CAST(GREATEST(COALESCE(b.days, 1) + b.days, 3) AS BIGINT) AS n FROM bill AS b"),
    ("skipped_null", "SELECT CAST(CONCAT('x', b.bill_id) AS VARCHAR) AS n FROM bill AS b"),
    ("pivot", "PIVOT bill ON kind USING sum(days)"),
]


@pytest.mark.parametrize(("check", "sql"), REFUSED)
def test_refused(check: str, sql: str) -> None:
    try:
        offences = lint(sql, known=KNOWN, parameters={"as_of", "p0"})
    except Exception as error:  # a text that is no SELECT at all is refused before it is looked at
        assert check == "pivot", error
        return
    assert check in {offence.check for offence in offences}
    for zh, en in (offence.instead for offence in offences):  # SQL is the same in both languages, words are not
        assert not re.search("[\u4e00-\u9fff]", en)
        assert re.search("[\u4e00-\u9fff]", zh) or (zh == en and re.search(r"CAST|JOIN|\w\(", en)), en


def test_ordinary_rule_text_passes() -> None:
    sql = """
    WITH late AS (
        SELECT b.customer_id, CAST(COUNT(*) AS BIGINT) AS bills, CAST(SUM(b.total_yuan) AS DECIMAL(24, 2)) AS yuan
        FROM bill AS b
        WHERE b.due_on < $as_of AND date_diff('day', b.due_on, $as_of) > $days
        GROUP BY b.customer_id
        HAVING COUNT(*) >= 2
    )
    SELECT
        l.customer_id,
        l.bills,
        CAST(CAST(l.yuan AS DOUBLE) / NULLIF(CAST(l.bills AS DOUBLE), 0) AS DECIMAL(18, 2)) AS mean_yuan,
        CAST(regexp_replace(c.phone, '[^0-9]', '', 'g') AS VARCHAR) AS digits,
        CAST($as_of + to_months(2) AS DATE) AS until_on
    FROM late AS l
    INNER JOIN customer AS c ON l.customer_id = c.customer_id
    WHERE NOT EXISTS (SELECT 1 FROM bill AS x WHERE x.customer_id = c.customer_id AND x.kind = 'reversal')
    QUALIFY ROW_NUMBER() OVER (PARTITION BY c.org_id ORDER BY l.yuan DESC, l.customer_id) <= 3
    """
    assert lint(sql, known=KNOWN, parameters={"as_of", "p0", "days"}) == []


@pytest.mark.parametrize("sql", ["DELETE FROM bill", "SELECT 1; SELECT 2", "COPY bill TO 'x'", "SELEC 1", "ATTACH 'x'"])
def test_only_one_select(sql: str) -> None:
    from jicha.errors import BadInput

    with pytest.raises(BadInput):
        lint(sql, known=KNOWN, parameters=set())


def test_unused_parameters() -> None:
    sql = "SELECT b.bill_id FROM bill AS b INNER JOIN parameter_bounds AS p ON b.days = p.days WHERE b.days > $a"
    assert unused_parameters([sql], ["a", "bounds", "c"]) == ["c"]


KNOWN_VALUES = """
SELECT
    CAST(GREATEST($p0, COALESCE(b.due_on, $p0), CAST('2026-01-01' AS DATE)) AS DATE) AS d,
    CAST(LEAST(-3, 2 * COALESCE(b.days, 1)) AS BIGINT) AS n,
    CAST(CONCAT('x', COALESCE(b.bill_id, '')) AS VARCHAR) AS t,
    CAST(CONCAT_WS(',', b.bill_id, b.kind) AS VARCHAR) AS w,
    CAST(b.bill_id || b.kind AS VARCHAR) AS j
FROM bill AS b
"""


def test_what_cannot_be_null_by_accident_passes() -> None:
    assert lint(KNOWN_VALUES, known=KNOWN, parameters={"as_of", "p0"}) == []


def test_macros_of_the_catalog_hide_no_null() -> None:
    assert lint_macros(macro_statements()) == []
    hidden = lint_macros(["CREATE MACRO more_of(a, b) AS GREATEST(a, b)"])
    assert [offence.check for offence in hidden] == ["skipped_null"]


@pytest.mark.parametrize("end", ["''", "'it''s'", "'' "])
def test_an_empty_text_after_a_parameter_is_read(end: str) -> None:
    sql = f"SELECT b.bill_id FROM bill AS b WHERE b.days > $days AND b.kind <> {end}"
    assert parse_select(sql).sql(dialect="duckdb") == sql.strip()


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("SELECT $days'' FROM bill", "text follows the parameter $days without an operator or comma: $days''"),
        ("SELECT a FROM bill WHERE b > $days ''", "text follows the parameter $days"),
        ("SELECT $days+$more FROM bill", "put blanks around the operator between two parameters: $days+$more"),
    ],
)
def test_what_puzzles_the_parser_of_a_parameter_is_named(sql: str, hint: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_select(sql)
    assert hint in refused.value.text.en and "\x1b" not in refused.value.text.en
    assert "参数" in refused.value.text.zh
