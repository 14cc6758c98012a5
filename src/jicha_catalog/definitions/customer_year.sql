/*---
name: customer_year
zh: 客户近十二期电量
en: Twelve periods of a customer
note: >-
  Per customer the billed energy of W(12): known periods, those with energy, sum, mean, least and coefficient of variation
  (sample standard deviation over mean, to six places; null for a single period or a mean of 0 or less).
tables: [bill]
columns:
  customer_id: string
  periods: int
  used_periods: int
  billed_kwh: decimal(18,2)
  mean_kwh: decimal(18,6)
  least_kwh: decimal(18,2)
  variation: decimal(18,6)
---*/
-- nearly all customers have one bill a period: those are summed in one step, only the others by period first
WITH summed AS (
    SELECT
        b.customer_id,
        COUNT(*) AS bills,
        SUM(CAST(POW(2, month_number($p0) - month_number(b.period)) AS INTEGER)) AS powers,
        SUM(CASE WHEN b.billed_kwh > 0 THEN 1 ELSE 0 END) AS used_periods,
        SUM(b.billed_kwh) AS billed_kwh,
        MIN(b.billed_kwh) AS least_kwh,
        SUM(CAST(b.billed_kwh AS DOUBLE) * CAST(b.billed_kwh AS DOUBLE)) AS squares
    FROM bill AS b
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11) AND b.billed_kwh IS NOT NULL
    GROUP BY b.customer_id
),

several AS (
    SELECT s.customer_id
    FROM summed AS s
    WHERE NOT are_different_powers(s.bills, s.powers)
),

by_period AS (
    SELECT
        b.customer_id,
        b.period,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN several AS s ON b.customer_id = s.customer_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11) AND b.billed_kwh IS NOT NULL
    GROUP BY b.customer_id, b.period
),

year_of_customer AS (
    SELECT
        s.customer_id,
        s.bills AS periods,
        s.used_periods,
        s.billed_kwh,
        s.least_kwh,
        s.squares
    FROM summed AS s
    WHERE are_different_powers(s.bills, s.powers)
    UNION ALL
    SELECT
        p.customer_id,
        COUNT(*) AS periods,
        SUM(CASE WHEN p.billed_kwh > 0 THEN 1 ELSE 0 END) AS used_periods,
        SUM(p.billed_kwh) AS billed_kwh,
        MIN(p.billed_kwh) AS least_kwh,
        SUM(CAST(p.billed_kwh AS DOUBLE) * CAST(p.billed_kwh AS DOUBLE)) AS squares
    FROM by_period AS p
    GROUP BY p.customer_id
)

SELECT
    y.customer_id,
    CAST(y.periods AS INTEGER) AS periods,
    CAST(y.used_periods AS INTEGER) AS used_periods,
    CAST(y.billed_kwh AS DECIMAL(18, 2)) AS billed_kwh,
    CAST(
        ROUND(CAST(y.billed_kwh AS DOUBLE) / NULLIF(CAST(y.periods AS DOUBLE), 0), 6) AS DECIMAL(18, 6)
    ) AS mean_kwh,
    CAST(y.least_kwh AS DECIMAL(18, 2)) AS least_kwh,
    TRY_CAST(variation_of(y.periods, y.billed_kwh, y.squares) AS DECIMAL(18, 6)) AS variation
FROM year_of_customer AS y
