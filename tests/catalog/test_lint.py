"""Each refusal of the portability linter, and that ordinary rule text passes."""

from __future__ import annotations

import pytest

from jicha.catalog.lint import lint, unused_parameters

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
    ("function", "SELECT CAST(median(b.total_yuan) AS DECIMAL(18, 2)) AS m FROM bill AS b"),
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
    ("pivot", "PIVOT bill ON kind USING sum(days)"),
]


@pytest.mark.parametrize(("check", "sql"), REFUSED)
def test_refused(check: str, sql: str) -> None:
    try:
        found = {offence.check for offence in lint(sql, known=KNOWN, parameters={"as_of", "p0"})}
    except Exception as error:  # a text that is no SELECT at all is refused before it is looked at
        assert check == "pivot", error
        return
    assert check in found


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
