/*---
name: suspended_days_of_year
zh: 年内暂停天数
en: Days of suspension in a calendar year
note: >-
  Customers charged by capacity: the days of the year of P0 and of the year before it, up to the screening date, on which
  a finished or in-flight order of kind suspend held. One row per stretch of days not covered by an earlier order; a day counts once.
tables: [service_order, customer, metering_point]
columns:
  customer_id: string
  year_no: int
  first_day: date
  days: int
  days_so_far: int
---*/
WITH year_of_run AS (
    SELECT YEAR($p0) AS year_no
    UNION ALL
    SELECT YEAR($p0) - 1 AS year_no
),

span AS (
    SELECT
        s.customer_id,
        s.order_id,
        y.year_no,
        greater_known(s.first_day, MAKE_DATE(y.year_no, 1, 1)) AS first_day,
        least_known(COALESCE(s.last_day, $as_of), $as_of, MAKE_DATE(y.year_no, 12, 31)) AS last_day
    FROM suspension AS s
    CROSS JOIN year_of_run AS y
    WHERE
        s.kind = 'suspend'
        AND (s.is_finished OR s.is_in_flight)
        AND EXISTS (
            SELECT p.point_id
            FROM settlement_point AS p
            WHERE p.customer_id = s.customer_id AND p.basic_charge_mode = 'capacity'
        )
),

-- each day once: what lies behind the end of the spans before
counted AS (
    SELECT
        p.customer_id,
        p.order_id,
        p.year_no,
        p.last_day,
        greater_known(
            p.first_day,
            COALESCE(
                MAX(p.last_day) OVER (
                    PARTITION BY p.customer_id, p.year_no
                    ORDER BY p.first_day, p.order_id
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ) + 1,
                p.first_day
            )
        ) AS first_day
    FROM span AS p
    WHERE p.last_day >= p.first_day
)

SELECT
    c.customer_id,
    CAST(c.year_no AS INTEGER) AS year_no,
    CAST(c.first_day AS DATE) AS first_day,
    CAST(DATE_DIFF('day', c.first_day, c.last_day) + 1 AS INTEGER) AS days,
    CAST(
        SUM(DATE_DIFF('day', c.first_day, c.last_day) + 1) OVER (
            PARTITION BY c.customer_id, c.year_no
            ORDER BY c.first_day, c.order_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS INTEGER
    ) AS days_so_far
FROM counted AS c
WHERE c.last_day >= c.first_day
