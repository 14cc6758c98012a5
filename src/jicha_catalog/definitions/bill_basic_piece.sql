/*---
name: bill_basic_piece
zh: 基本电费分段
en: Run of days of a basic charge
note: >-
  Contract, section 8: the days that a carrier is charged for, cut at price segments, calendar months, billing months and wherever
  what runs may change. run_no: days in a row under one edition and basis are one line. month_no: the billing month of the days.
columns:
  case_no: int
  kind: string
  from_day: date
  until_day: date
  days: int
  run_no: int
  month_no: int
  month_days: int
  mode: string
  tariff_code: string
  effective_from: date
---*/
WITH carrier AS (
    SELECT
        m.carrier_no AS case_no,
        m.kind,
        m.customer_id
    FROM bill_basic_member AS m
    GROUP BY m.carrier_no, m.kind, m.customer_id
),

charged AS (
    SELECT
        c.case_no,
        c.kind,
        c.customer_id,
        s.segment_no,
        s.from_day,
        s.until_day,
        f.basic_charge_mode AS mode,
        s.tariff_code,
        s.effective_from
    FROM carrier AS c
    INNER JOIN bill_price_segment AS s ON c.case_no = s.case_no
    INNER JOIN bill_file_segment AS f ON s.case_no = f.case_no AND s.file_no = f.file_no
    INNER JOIN tariff AS t ON s.tariff_code = t.tariff_code AND s.effective_from = t.effective_from
    WHERE
        t.parts = 2
        AND CASE
            WHEN c.kind = 'capacity' THEN f.basic_charge_mode = 'capacity'
            ELSE f.basic_charge_mode IN ('contract_demand', 'actual_demand')
        END
),

-- a run ends with its edition, or where a day of the carrier is not charged on this basis... the day after is a new run only
-- when the edition differs: charged days are looked at in order, as if they stood next to each other
running AS (
    SELECT
        c.case_no,
        c.kind,
        c.segment_no,
        CASE
            WHEN
                LAG(c.tariff_code) OVER (PARTITION BY c.case_no, c.kind ORDER BY c.segment_no)
                = c.tariff_code
                AND LAG(c.effective_from) OVER (
                    PARTITION BY c.case_no, c.kind ORDER BY c.segment_no
                ) = c.effective_from
                THEN 0
            ELSE 1
        END AS begins
    FROM charged AS c
),

numbered AS (
    SELECT
        r.case_no,
        r.kind,
        r.segment_no,
        SUM(r.begins) OVER (
            PARTITION BY r.case_no, r.kind
            ORDER BY r.segment_no ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run_no
    FROM running AS r
),

-- first days of the billing months of an interval: as many as its cycle has, at most a year and a half
month_start AS (
    SELECT
        c.case_no,
        n.number AS month_no,
        CAST(
            interval_first(c.period, c.cycle_months, c.reading_day) + TO_MONTHS(n.number - 1) AS DATE
        ) AS from_day,
        CAST(interval_first(c.period, c.cycle_months, c.reading_day) + TO_MONTHS(n.number) AS DATE) - 1 AS until_day
    FROM bill_case AS c
    INNER JOIN carrier AS k ON c.case_no = k.case_no
    INNER JOIN bill_month_number AS n ON c.cycle_months >= n.number
    GROUP BY c.case_no, c.period, n.number, c.cycle_months, c.reading_day
),

edge AS (
    SELECT
        c.case_no,
        c.kind,
        c.segment_no,
        c.from_day AS day
    FROM charged AS c
    UNION
    SELECT
        c.case_no,
        c.kind,
        c.segment_no,
        m.from_day AS day
    FROM charged AS c
    INNER JOIN month_start AS m
        ON c.case_no = m.case_no AND c.from_day < m.from_day AND c.until_day >= m.from_day
    UNION
    -- calendar months: the first of the month in which a billing month ends
    SELECT
        c.case_no,
        c.kind,
        c.segment_no,
        month_first(m.until_day) AS day
    FROM charged AS c
    INNER JOIN month_start AS m
        ON
            c.case_no = m.case_no AND month_first(m.until_day) > c.from_day
            AND month_first(m.until_day) <= c.until_day
    UNION
    SELECT
        c.case_no,
        c.kind,
        c.segment_no,
        s.from_on AS day
    FROM charged AS c
    INNER JOIN bill_transformer_state AS s
        ON c.customer_id = s.customer_id AND c.from_day < s.from_on AND c.until_day >= s.from_on
    WHERE c.kind = 'capacity'
    UNION
    SELECT
        c.case_no,
        c.kind,
        c.segment_no,
        s.until_on + 1 AS day
    FROM charged AS c
    INNER JOIN bill_transformer_state AS s
        ON c.customer_id = s.customer_id AND c.from_day <= s.until_on AND c.until_day > s.until_on
    WHERE c.kind = 'capacity'
    UNION
    -- the day from which a suspended transformer is no longer newly installed
    SELECT
        c.case_no,
        c.kind,
        c.segment_no,
        month_anniversary(t.installed_on, x.suspended_charge_months) AS day
    FROM charged AS c
    INNER JOIN bill_case_setting AS x ON c.case_no = x.case_no
    INNER JOIN customer_transformer AS t
        ON
            c.customer_id = t.customer_id
            AND month_anniversary(t.installed_on, x.suspended_charge_months) > c.from_day
            AND month_anniversary(t.installed_on, x.suspended_charge_months) <= c.until_day
    WHERE c.kind = 'capacity'
    UNION
    -- the contract demand of other members
    SELECT
        c.case_no,
        c.kind,
        c.segment_no,
        f.from_day AS day
    FROM charged AS c
    INNER JOIN bill_basic_member AS m ON c.case_no = m.carrier_no AND c.kind = m.kind
    INNER JOIN bill_file_segment AS f
        ON m.case_no = f.case_no AND c.from_day < f.from_day AND c.until_day >= f.from_day
    WHERE c.kind = 'demand'
),

piece AS (
    SELECT
        e.case_no,
        e.kind,
        e.segment_no,
        e.day AS from_day,
        COALESCE(
            LEAD(e.day) OVER (PARTITION BY e.case_no, e.kind, e.segment_no ORDER BY e.day) - 1, c.until_day
        ) AS until_day,
        c.mode,
        c.tariff_code,
        c.effective_from
    FROM edge AS e
    INNER JOIN charged AS c
        ON e.case_no = c.case_no AND e.kind = c.kind AND e.segment_no = c.segment_no
)

SELECT
    p.case_no,
    p.kind,
    CAST(p.from_day AS DATE) AS from_day,
    CAST(p.until_day AS DATE) AS until_day,
    CAST(DATE_DIFF('day', p.from_day, p.until_day) + 1 AS INTEGER) AS days,
    CAST(n.run_no AS INTEGER) AS run_no,
    CAST(m.month_no AS INTEGER) AS month_no,
    CAST(DATE_DIFF('day', m.from_day, m.until_day) + 1 AS INTEGER) AS month_days,
    p.mode,
    p.tariff_code,
    p.effective_from
FROM piece AS p
INNER JOIN numbered AS n
    ON p.case_no = n.case_no AND p.kind = n.kind AND p.segment_no = n.segment_no
INNER JOIN month_start AS m
    ON p.case_no = m.case_no AND p.from_day >= m.from_day AND p.from_day <= m.until_day
