/*---
name: customer_monthly
zh: 客户月度电量电费
en: Customer by month
note: >-
  One row per customer and period with a bill of any kind; sums over all bills, reversals included. max_demand_kw: the
  demand registers of the period summed over the customer's settlement points (whatever their status today, since points
  that are closed now were metered then); where none was read, the greatest daily maximum of that calendar month at any of them.
  load_factor: billed energy over that demand held for all hours of the month. avg_price: yuan per billed kWh. Both are null
  where their divisor is null or 0.
tables: [bill, metering_point, reading, daily_electrical]
stored: false
columns:
  customer_id: string
  period: date
  billed_kwh: decimal(18,2)
  total_yuan: decimal(18,2)
  load_factor: double
  max_demand_kw: decimal(18,4)
  avg_price: double
---*/
WITH point AS (
    SELECT
        p.point_id,
        p.customer_id
    FROM metering_point AS p
    WHERE p.purpose = 'settlement' AND p.customer_id IS NOT NULL
),

registered AS (
    SELECT
        p.customer_id,
        r.period,
        SUM(CAST(r.quantity AS DECIMAL(18, 4))) AS demand_kw
    FROM reading AS r
    INNER JOIN point AS p ON r.point_id = p.point_id
    WHERE r.register = 'demand' AND r.quantity IS NOT NULL
    GROUP BY p.customer_id, r.period
),

-- first by point and month, so that the many days meet few points
daily_point AS (
    SELECT
        e.point_id,
        month_of(e.day) AS period,
        MAX(kva(e.max_demand_kw)) AS demand_kw
    FROM daily_electrical AS e
    WHERE e.max_demand_kw IS NOT NULL AND e.day <= $as_of
    GROUP BY e.point_id, month_of(e.day)
),

daily AS (
    SELECT
        p.customer_id,
        d.period,
        MAX(d.demand_kw) AS demand_kw
    FROM daily_point AS d
    INNER JOIN point AS p ON d.point_id = p.point_id
    GROUP BY p.customer_id, d.period
),

joined AS (
    SELECT
        b.customer_id,
        b.period,
        b.billed_kwh,
        b.total_yuan,
        b.avg_price,
        COALESCE(r.demand_kw, d.demand_kw) AS demand_kw
    FROM billed_month AS b
    LEFT JOIN registered AS r ON b.customer_id = r.customer_id AND b.period = r.period
    LEFT JOIN daily AS d ON b.customer_id = d.customer_id AND b.period = d.period
)

SELECT
    j.customer_id,
    j.period,
    j.billed_kwh,
    j.total_yuan,
    CAST(
        ROUND(
            CAST(j.billed_kwh AS DOUBLE)
            / NULLIF(CAST(j.demand_kw AS DOUBLE) * CAST(hours_of_month(j.period) AS DOUBLE), 0), 12
        ) AS DOUBLE
    ) AS load_factor,
    CAST(j.demand_kw AS DECIMAL(18, 4)) AS max_demand_kw,
    j.avg_price
FROM joined AS j
