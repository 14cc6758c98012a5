/*---
name: bill_file_segment
zh: 档案分段
en: Run of days with equal file
note: >-
  Contract, section 2: one row per point, period and run of days with the same file facts; today's file where no history row covers
  the day. Of several rows covering a day the one that began last. passed_days: to the end of the run, of whole_days of the segments
  together.
columns:
  case_no: int
  file_no: int
  from_day: date
  until_day: date
  days: int
  passed_days: int
  whole_days: int
  segments: int
  tariff_code: string
  is_time_of_use: bool
  pf_standard: decimal(18,4)
  basic_charge_mode: string
  contract_demand_kw: decimal(18,4)
  multiplier: decimal(18,4)
  mode: string
  allocation: string
  allocation_value: decimal(18,4)
---*/
WITH past AS (
    SELECT
        c.case_no,
        c.first_day,
        c.last_day,
        h.effective_from,
        h.effective_to
    FROM bill_case AS c
    INNER JOIN metering_point_history AS h ON c.point_id = h.point_id
    WHERE c.days > 0 AND h.effective_from <= c.last_day AND (h.effective_to IS NULL OR h.effective_to >= c.first_day)
),

-- the few whose file may change on a day inside; the others have one segment
cut AS (
    SELECT
        p.case_no,
        p.first_day,
        p.last_day
    FROM past AS p
    WHERE p.effective_from > p.first_day OR p.effective_to < p.last_day
    GROUP BY p.case_no, p.first_day, p.last_day
),

edge AS (
    SELECT
        c.case_no,
        c.first_day AS day
    FROM cut AS c
    UNION
    SELECT
        p.case_no,
        p.effective_from AS day
    FROM past AS p
    WHERE p.effective_from > p.first_day
    UNION
    SELECT
        p.case_no,
        p.effective_to + 1 AS day
    FROM past AS p
    WHERE p.effective_to < p.last_day
),

piece AS (
    SELECT
        e.case_no,
        e.day AS from_day,
        COALESCE(LEAD(e.day) OVER (PARTITION BY e.case_no ORDER BY e.day) - 1, c.last_day) AS until_day,
        TRUE AS is_cut
    FROM edge AS e
    INNER JOIN cut AS c ON e.case_no = c.case_no
    UNION ALL
    SELECT
        c.case_no,
        c.first_day AS from_day,
        c.last_day AS until_day,
        FALSE AS is_cut
    FROM bill_case AS c
    LEFT JOIN cut AS x ON c.case_no = x.case_no
    WHERE c.days > 0 AND x.case_no IS NULL
),

covering AS (
    SELECT
        p.case_no,
        p.from_day,
        MAX(h.effective_from) AS effective_from
    FROM piece AS p
    INNER JOIN past AS h
        ON
            p.case_no = h.case_no AND p.from_day >= h.effective_from
            AND (h.effective_to IS NULL OR p.from_day <= h.effective_to)
    GROUP BY p.case_no, p.from_day
),

filed AS (
    SELECT
        p.case_no,
        p.from_day,
        p.until_day,
        p.is_cut,
        CASE WHEN h.point_id IS NULL THEN t.tariff_code ELSE h.tariff_code END AS tariff_code,
        CASE WHEN h.point_id IS NULL THEN t.is_time_of_use ELSE h.is_time_of_use END AS is_time_of_use,
        exact4(CASE WHEN h.point_id IS NULL THEN t.pf_standard ELSE h.pf_standard END) AS pf_standard,
        CASE WHEN h.point_id IS NULL THEN t.basic_charge_mode ELSE h.basic_charge_mode END AS basic_charge_mode,
        exact4(CASE WHEN h.point_id IS NULL THEN t.contract_demand_kw ELSE h.contract_demand_kw END)
            AS contract_demand_kw,
        exact4(COALESCE(h.multiplier, t.multiplier)) AS multiplier,
        COALESCE(h.mode, t.mode) AS mode,
        CASE WHEN h.point_id IS NULL THEN t.allocation ELSE h.allocation END AS allocation,
        exact4(CASE WHEN h.point_id IS NULL THEN t.allocation_value ELSE h.allocation_value END) AS allocation_value
    FROM piece AS p
    INNER JOIN bill_case AS c ON p.case_no = c.case_no
    INNER JOIN metering_point AS t ON c.point_id = t.point_id
    LEFT JOIN covering AS v ON p.case_no = v.case_no AND p.from_day = v.from_day
    LEFT JOIN metering_point_history AS h ON c.point_id = h.point_id AND v.effective_from = h.effective_from
),

-- the facts as one text: two neighbouring pieces with the same text are one run
told AS (
    SELECT
        f.case_no,
        f.from_day,
        f.until_day,
        f.tariff_code,
        f.is_time_of_use,
        f.pf_standard,
        f.basic_charge_mode,
        f.contract_demand_kw,
        f.multiplier,
        f.mode,
        f.allocation,
        f.allocation_value,
        CONCAT_WS(
            '|',
            COALESCE(f.tariff_code, '-'),
            COALESCE(CAST(f.is_time_of_use AS VARCHAR), '-'),
            COALESCE(CAST(f.pf_standard AS VARCHAR), '-'),
            COALESCE(f.basic_charge_mode, '-'),
            COALESCE(CAST(f.contract_demand_kw AS VARCHAR), '-'),
            COALESCE(CAST(f.multiplier AS VARCHAR), '-'),
            COALESCE(f.mode, '-'),
            COALESCE(f.allocation, '-'),
            COALESCE(CAST(f.allocation_value AS VARCHAR), '-')
        ) AS facts
    FROM filed AS f
    WHERE f.is_cut
),

begun AS (
    SELECT
        t.case_no,
        t.from_day,
        t.until_day,
        t.tariff_code,
        t.is_time_of_use,
        t.pf_standard,
        t.basic_charge_mode,
        t.contract_demand_kw,
        t.multiplier,
        t.mode,
        t.allocation,
        t.allocation_value,
        CASE
            WHEN LAG(t.facts) OVER (PARTITION BY t.case_no ORDER BY t.from_day) = t.facts THEN 0
            ELSE 1
        END AS begins
    FROM told AS t
),

numbered AS (
    SELECT
        b.case_no,
        b.from_day,
        b.until_day,
        b.tariff_code,
        b.is_time_of_use,
        b.pf_standard,
        b.basic_charge_mode,
        b.contract_demand_kw,
        b.multiplier,
        b.mode,
        b.allocation,
        b.allocation_value,
        SUM(b.begins) OVER (
            PARTITION BY b.case_no ORDER BY b.from_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS file_no
    FROM begun AS b
),

run AS (
    SELECT
        n.case_no,
        n.file_no,
        MIN(n.from_day) AS from_day,
        MAX(n.until_day) AS until_day,
        n.tariff_code,
        n.is_time_of_use,
        n.pf_standard,
        n.basic_charge_mode,
        n.contract_demand_kw,
        n.multiplier,
        n.mode,
        n.allocation,
        n.allocation_value
    FROM numbered AS n
    GROUP BY
        n.case_no, n.file_no, n.tariff_code, n.is_time_of_use, n.pf_standard, n.basic_charge_mode,
        n.contract_demand_kw, n.multiplier, n.mode, n.allocation, n.allocation_value
)

SELECT
    r.case_no,
    CAST(r.file_no AS INTEGER) AS file_no,
    CAST(r.from_day AS DATE) AS from_day,
    CAST(r.until_day AS DATE) AS until_day,
    CAST(DATE_DIFF('day', r.from_day, r.until_day) + 1 AS INTEGER) AS days,
    CAST(
        SUM(DATE_DIFF('day', r.from_day, r.until_day) + 1) OVER (
            PARTITION BY r.case_no ORDER BY r.file_no ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS INTEGER
    ) AS passed_days,
    CAST(
        SUM(DATE_DIFF('day', r.from_day, r.until_day) + 1) OVER (PARTITION BY r.case_no) AS INTEGER
    ) AS whole_days,
    CAST(COUNT(*) OVER (PARTITION BY r.case_no) AS INTEGER) AS segments,
    r.tariff_code,
    r.is_time_of_use,
    r.pf_standard,
    r.basic_charge_mode,
    r.contract_demand_kw,
    r.multiplier,
    r.mode,
    r.allocation,
    r.allocation_value
FROM run AS r
UNION ALL
SELECT
    f.case_no,
    CAST(1 AS INTEGER) AS file_no,
    CAST(f.from_day AS DATE) AS from_day,
    CAST(f.until_day AS DATE) AS until_day,
    CAST(DATE_DIFF('day', f.from_day, f.until_day) + 1 AS INTEGER) AS days,
    CAST(DATE_DIFF('day', f.from_day, f.until_day) + 1 AS INTEGER) AS passed_days,
    CAST(DATE_DIFF('day', f.from_day, f.until_day) + 1 AS INTEGER) AS whole_days,
    CAST(1 AS INTEGER) AS segments,
    f.tariff_code,
    f.is_time_of_use,
    f.pf_standard,
    f.basic_charge_mode,
    f.contract_demand_kw,
    f.multiplier,
    f.mode,
    f.allocation,
    f.allocation_value
FROM filed AS f
WHERE NOT f.is_cut
