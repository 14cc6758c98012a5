/*---
name: bill_case
zh: 逐段复算的计量点账期
en: Point and period on the long way
note: >-
  Contract, sections 1, 2 and 5: the points whose quantities such bills need, with interval and what belongs to the file of all days:
  those with a regular bill of the period (the first by bill_id), and active sub-points without one (bill_id null). days below 1: none with power is left.
  case_no stands for point_id and period in all that is made of this relation, parent_no for those of the parent where it takes part, customer_no stands for customer and period.
columns:
  case_no: int
  parent_no: int
  customer_no: int
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
  market_mode: string
---*/
WITH regular AS (
    SELECT
        s.bill_id,
        s.point_id,
        s.period,
        s.adjusted_kwh,
        s.adjusted_yuan
    FROM bill_status AS s
    WHERE s.regular_no = 1 AND NOT s.is_beyond
),

member AS (
    SELECT
        r.bill_id,
        r.point_id,
        r.period,
        r.adjusted_kwh,
        r.adjusted_yuan
    FROM regular AS r
    UNION ALL
    SELECT
        r.bill_id,
        s.point_id,
        b.period,
        r.adjusted_kwh,
        r.adjusted_yuan
    FROM bill_sub_point AS s
    CROSS JOIN bill_period AS b
    INNER JOIN bill_point AS p ON s.point_id = p.point_id
    LEFT JOIN regular AS r ON s.point_id = r.point_id AND b.period = r.period
    LEFT JOIN bill_beyond AS x ON p.customer_id = x.customer_id AND b.period = x.period
    WHERE r.bill_id IS NULL AND x.customer_id IS NULL
),

-- dense numbers in place of keys of text: in the order of point_id, which decides between members of a group
asked AS (
    SELECT m.point_id
    FROM member AS m
    GROUP BY m.point_id
),

numbered AS (
    SELECT
        ROW_NUMBER() OVER (ORDER BY a.point_id) AS point_no,
        p.point_id,
        p.customer_id,
        p.org_id,
        p.opened_on,
        p.closed_on,
        p.cycle_months,
        p.reading_day,
        p.parent_point_id,
        p.loss_method,
        p.loss_value,
        p.line_loss_pct,
        p.transformer_id,
        p.demand_group,
        p.pf_group,
        p.market_mode
    FROM asked AS a
    INNER JOIN bill_point AS p ON a.point_id = p.point_id
),

party AS (
    SELECT
        n.customer_id,
        MIN(n.point_no) AS first_no
    FROM numbered AS n
    GROUP BY n.customer_id
),

parent AS (
    SELECT
        m.point_no,
        m.point_id
    FROM numbered AS n
    INNER JOIN numbered AS m ON n.parent_point_id = m.point_id
    GROUP BY m.point_no, m.point_id
),

-- periods in which a parent takes part
present AS (
    SELECT
        m.point_id,
        m.period,
        dated_number(p.point_no, m.period, $p0, $recompute_months) AS case_no
    FROM parent AS p
    INNER JOIN member AS m ON p.point_id = m.point_id
),

placed AS (
    SELECT
        m.period,
        m.bill_id,
        m.adjusted_kwh,
        m.adjusted_yuan,
        n.point_no,
        y.first_no,
        n.point_id,
        n.customer_id,
        n.org_id,
        n.opened_on,
        n.closed_on,
        n.cycle_months,
        n.reading_day,
        n.parent_point_id,
        n.loss_method,
        n.loss_value,
        n.line_loss_pct,
        n.transformer_id,
        n.demand_group,
        n.pf_group,
        n.market_mode,
        interval_first(m.period, n.cycle_months, n.reading_day) AS first_day,
        interval_last(m.period, n.reading_day) AS last_day
    FROM member AS m
    INNER JOIN numbered AS n ON m.point_id = n.point_id
    INNER JOIN party AS y ON n.customer_id = y.customer_id
)

SELECT
    CAST(dated_number(u.point_no, u.period, $p0, $recompute_months) AS INTEGER) AS case_no,
    CAST(b.case_no AS INTEGER) AS parent_no,
    CAST(dated_number(u.first_no, u.period, $p0, $recompute_months) AS INTEGER) AS customer_no,
    u.point_id,
    u.period,
    u.bill_id,
    u.customer_id,
    u.org_id,
    u.cycle_months,
    u.reading_day,
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
    u.loss_value,
    u.line_loss_pct,
    u.transformer_id,
    u.demand_group,
    u.pf_group,
    u.market_mode
FROM placed AS u
LEFT JOIN present AS b ON u.parent_point_id = b.point_id AND u.period = b.period
