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
SELECT
    m.customer_id,
    CAST(COUNT(m.billed_kwh) AS INTEGER) AS periods,
    CAST(SUM(CASE WHEN m.billed_kwh > 0 THEN 1 ELSE 0 END) AS INTEGER) AS used_periods,
    CAST(SUM(m.billed_kwh) AS DECIMAL(18, 2)) AS billed_kwh,
    CAST(
        ROUND(CAST(SUM(m.billed_kwh) AS DOUBLE) / NULLIF(CAST(COUNT(m.billed_kwh) AS DOUBLE), 0), 6) AS DECIMAL(18, 6)
    ) AS mean_kwh,
    CAST(MIN(m.billed_kwh) AS DECIMAL(18, 2)) AS least_kwh,
    TRY_CAST(
        variation_of(
            COUNT(m.billed_kwh), SUM(m.billed_kwh), SUM(CAST(m.billed_kwh AS DOUBLE) * CAST(m.billed_kwh AS DOUBLE))
        ) AS DECIMAL(18, 6)
    ) AS variation
FROM billed_month AS m
WHERE m.period <= $p0 AND m.period >= months_later($p0, -11) AND m.billed_kwh IS NOT NULL
GROUP BY m.customer_id
