/*---
name: basic_charge_reported
zh: 基本电费已由其他规则报出
en: Basic charge that other rules report
note: >-
  Customers and periods whose basic charge TC006, TC007, TC008 or TC010 (P0), BX021 (periods after the limit billed too low),
  BX022 (months that such a suspension touches) or BX023 (P0) report, by the default parameters of those rules. What TC012 leaves
  out.
tables: [customer, metering_point, tariff, bill]
columns:
  customer_id: string
  period: date
---*/
WITH limited AS (
    SELECT
        s.customer_id,
        s.year_no,
        MIN(
            CASE WHEN s.days_so_far >= 184 THEN s.first_day + CAST(184 - (s.days_so_far - s.days) - 1 AS INTEGER) END
        ) AS limit_on
    FROM suspended_days_of_year AS s
    GROUP BY s.customer_id, s.year_no
    HAVING MAX(s.days_so_far) > 184
)

SELECT
    x.customer_id,
    CAST($p0 AS DATE) AS period
FROM basic_charge_missing AS x
WHERE x.operating_capacity_kva IS NOT NULL
UNION
SELECT
    x.customer_id,
    CAST($p0 AS DATE) AS period
FROM capacity_under_billed AS x
UNION
SELECT
    d.customer_id,
    CAST($p0 AS DATE) AS period
FROM measured_demand AS d
WHERE
    d.measured_kw IS NOT NULL
    AND is_demand_short(
        d.basic_charge_mode,
        demand_due(d.basic_charge_mode, d.measured_kw, d.contract_kw, CAST(1.05 AS DECIMAL(8, 4))),
        d.billed_kw,
        d.basic_yuan,
        d.demand_price,
        d.factor
    )
UNION
SELECT
    x.customer_id,
    CAST($p0 AS DATE) AS period
FROM demand_discount_wrong AS x
UNION
SELECT
    x.customer_id,
    CAST($p0 AS DATE) AS period
FROM capacity_not_restored AS x
UNION
SELECT
    l.customer_id,
    b.period
FROM limited AS l
INNER JOIN mature_customer AS m ON l.customer_id = m.customer_id
INNER JOIN bill AS b ON l.customer_id = b.customer_id AND l.limit_on < b.period AND l.year_no = YEAR(b.period)
WHERE b.period <= $p0
GROUP BY l.customer_id, b.period, m.contract_capacity_kva
HAVING SUM(b.billed_capacity_kva) < m.contract_capacity_kva - CAST(0.5 AS DECIMAL(2, 1))
UNION
SELECT
    s.customer_id,
    b.period
FROM begun_suspension AS s
INNER JOIN bill AS b ON s.customer_id = b.customer_id
WHERE
    ((s.kind = 'suspend' AND s.days < 15) OR s.is_backdated)
    AND b.period <= $p0
    AND s.effective_from < months_later(b.period, 1)
    AND (s.last_day IS NULL OR s.last_day >= b.period)
