/*---
name: bill_case
zh: 逐段复算的计量点账期
en: Point and period on the long way
note: >-
  Contract, sections 1, 2 and 5: the points whose quantities such bills need, with interval and what belongs to the file of all days:
  those with a regular bill of the period (the first by bill_id), and active sub-points without one (bill_id null). days below 1: none with power is left.
columns:
  point_id: string
  period: date
  bill_id: string
  customer_id: string
  org_id: string
  cycle_months: int
  reading_day: int
  first_day: date
  last_day: date
  days: int
  uncut_days: int
  parent_point_id: string
  adjusted_kwh: decimal(14,2)
  priced_adjustment_kwh: decimal(14,2)
  loss_method: string
  loss_value: decimal(18,4)
  line_loss_pct: decimal(18,4)
  transformer_id: string
  demand_group: string
  pf_group: string
---*/
WITH regular AS (
    SELECT
        s.bill_id,
        s.point_id,
        s.period,
        s.adjusted_kwh,
        s.adjusted_yuan
    FROM bill_status AS s
    WHERE s.regular_no = 1
),

member AS (
    SELECT
        r.point_id,
        r.period
    FROM regular AS r
    UNION
    SELECT
        p.point_id,
        b.period
    FROM metering_point AS p
    INNER JOIN bill_involved AS i ON p.customer_id = i.customer_id
    INNER JOIN metering_point AS m ON p.parent_point_id = m.point_id
    CROSS JOIN bill_period AS b
    WHERE p.purpose = 'settlement' AND m.purpose = 'settlement' AND (p.status IS NULL OR p.status = 'active')
),

subject AS (
    SELECT
        m.point_id,
        m.period,
        p.customer_id,
        r.bill_id,
        r.adjusted_kwh,
        r.adjusted_yuan
    FROM member AS m
    INNER JOIN metering_point AS p ON m.point_id = p.point_id AND p.purpose = 'settlement'
    LEFT JOIN regular AS r ON m.point_id = r.point_id AND m.period = r.period
),

spanned AS (
    SELECT
        s.point_id,
        s.period,
        s.bill_id,
        s.customer_id,
        s.adjusted_kwh,
        s.adjusted_yuan,
        c.org_id,
        c.opened_on,
        c.closed_on,
        greater_known(COALESCE(p.reading_cycle_months, 1), 1) AS cycle_months,
        CASE WHEN c.reading_day BETWEEN 2 AND 28 THEN c.reading_day ELSE 1 END AS reading_day,
        p.parent_point_id,
        p.loss_method,
        p.loss_value,
        p.line_loss_pct,
        p.transformer_id,
        p.demand_group,
        p.pf_group
    FROM subject AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    INNER JOIN customer AS c ON s.customer_id = c.customer_id
),

uncut AS (
    SELECT
        s.point_id,
        s.period,
        s.bill_id,
        s.customer_id,
        s.adjusted_kwh,
        s.adjusted_yuan,
        s.org_id,
        s.opened_on,
        s.closed_on,
        s.cycle_months,
        s.reading_day,
        s.parent_point_id,
        s.loss_method,
        s.loss_value,
        s.line_loss_pct,
        s.transformer_id,
        s.demand_group,
        s.pf_group,
        interval_first(s.period, s.cycle_months, s.reading_day) AS first_day,
        interval_last(s.period, s.reading_day) AS last_day
    FROM spanned AS s
)

SELECT
    u.point_id,
    u.period,
    u.bill_id,
    u.customer_id,
    u.org_id,
    CAST(u.cycle_months AS INTEGER) AS cycle_months,
    CAST(u.reading_day AS INTEGER) AS reading_day,
    CAST(greater_known(u.first_day, COALESCE(u.opened_on, u.first_day)) AS DATE) AS first_day,
    CAST(lesser_known(u.last_day, COALESCE(u.closed_on, u.last_day)) AS DATE) AS last_day,
    CAST(
        DATE_DIFF(
            'day',
            greater_known(u.first_day, COALESCE(u.opened_on, u.first_day)),
            lesser_known(u.last_day, COALESCE(u.closed_on, u.last_day))
        ) + 1 AS INTEGER
    ) AS days,
    CAST(DATE_DIFF('day', u.first_day, u.last_day) + 1 AS INTEGER) AS uncut_days,
    u.parent_point_id,
    CAST(COALESCE(u.adjusted_kwh, 0) AS DECIMAL(14, 2)) AS adjusted_kwh,
    CAST(
        CASE WHEN COALESCE(u.adjusted_yuan, 0) = 0 THEN COALESCE(u.adjusted_kwh, 0) ELSE 0 END AS DECIMAL(14, 2)
    ) AS priced_adjustment_kwh,
    u.loss_method,
    CAST(exact4(u.loss_value) AS DECIMAL(18, 4)) AS loss_value,
    CAST(exact4(u.line_loss_pct) AS DECIMAL(18, 4)) AS line_loss_pct,
    u.transformer_id,
    u.demand_group,
    u.pf_group
FROM uncut AS u
