/*---
name: billed_month
zh: 客户月度账单合计
en: Bills of a customer by month
note: >-
  One row per customer and period with a bill of any kind; sums over all bills, reversals included. avg_price: yuan per billed
  kWh, null where the energy is null or 0. The part of the model customer_monthly that needs bills only.
tables: [bill]
stored: false
columns:
  customer_id: string
  period: date
  billed_kwh: decimal(18,2)
  total_yuan: decimal(18,2)
  avg_price: double
---*/
WITH summed AS (
    SELECT
        b.customer_id,
        b.period,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.total_yuan) AS total_yuan
    FROM bill AS b
    GROUP BY b.customer_id, b.period
)

SELECT
    s.customer_id,
    s.period,
    CAST(s.billed_kwh AS DECIMAL(18, 2)) AS billed_kwh,
    CAST(s.total_yuan AS DECIMAL(18, 2)) AS total_yuan,
    CAST(ROUND(CAST(s.total_yuan AS DOUBLE) / NULLIF(CAST(s.billed_kwh AS DOUBLE), 0), 12) AS DOUBLE) AS avg_price
FROM summed AS s
