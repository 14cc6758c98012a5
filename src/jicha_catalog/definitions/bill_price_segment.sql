/*---
name: bill_price_segment
zh: 电价分段
en: Run of days with equal file and price edition
note: >-
  Contract, section 2: the file segments cut where the edition in force changes; missing says why no edition covers the days.
columns:
  case_no: int
  segment_no: int
  file_no: int
  from_day: date
  until_day: date
  days: int
  passed_days: int
  whole_days: int
  segments: int
  tariff_code: string
  effective_from: date
  is_time_of_use: bool
  missing: string
---*/
WITH changed AS (
    SELECT
        f.case_no,
        f.file_no,
        e.from_on AS day
    FROM bill_file_segment AS f
    INNER JOIN
        bill_edition AS e
        ON f.tariff_code = e.tariff_code AND f.from_day < e.from_on AND f.until_day >= e.from_on
    UNION
    SELECT
        f.case_no,
        f.file_no,
        e.until_on + 1 AS day
    FROM bill_file_segment AS f
    INNER JOIN bill_edition AS e
        ON f.tariff_code = e.tariff_code AND f.from_day <= e.until_on AND f.until_day > e.until_on
),

-- bills of several segments; the others have the one of their file
several AS (
    SELECT c.case_no
    FROM changed AS c
    UNION
    SELECT f.case_no
    FROM bill_file_segment AS f
    WHERE f.segments > 1
),

edge AS (
    SELECT
        f.case_no,
        f.file_no,
        f.from_day AS day
    FROM bill_file_segment AS f
    INNER JOIN several AS s ON f.case_no = s.case_no
    UNION
    SELECT
        c.case_no,
        c.file_no,
        c.day
    FROM changed AS c
),

part AS (
    SELECT
        e.case_no,
        e.file_no,
        e.day AS from_day,
        COALESCE(
            LEAD(e.day) OVER (PARTITION BY e.case_no, e.file_no ORDER BY e.day) - 1, f.until_day
        ) AS until_day,
        f.whole_days,
        f.tariff_code,
        f.is_time_of_use
    FROM edge AS e
    INNER JOIN bill_file_segment AS f ON e.case_no = f.case_no AND e.file_no = f.file_no
),

piece AS (
    SELECT
        p.case_no,
        p.file_no,
        p.from_day,
        p.until_day,
        p.whole_days,
        p.tariff_code,
        p.is_time_of_use,
        ROW_NUMBER() OVER (PARTITION BY p.case_no ORDER BY p.from_day) AS segment_no,
        COUNT(*) OVER (PARTITION BY p.case_no) AS segments,
        SUM(DATE_DIFF('day', p.from_day, p.until_day) + 1) OVER (
            PARTITION BY p.case_no ORDER BY p.from_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS passed_days
    FROM part AS p
    UNION ALL
    SELECT
        f.case_no,
        f.file_no,
        f.from_day,
        f.until_day,
        f.whole_days,
        f.tariff_code,
        f.is_time_of_use,
        1 AS segment_no,
        1 AS segments,
        f.whole_days AS passed_days
    FROM bill_file_segment AS f
    LEFT JOIN several AS s ON f.case_no = s.case_no
    WHERE s.case_no IS NULL
),

known AS (
    SELECT e.tariff_code
    FROM bill_edition AS e
    GROUP BY e.tariff_code
)

SELECT
    p.case_no,
    CAST(p.segment_no AS INTEGER) AS segment_no,
    p.file_no,
    CAST(p.from_day AS DATE) AS from_day,
    CAST(p.until_day AS DATE) AS until_day,
    CAST(DATE_DIFF('day', p.from_day, p.until_day) + 1 AS INTEGER) AS days,
    CAST(p.passed_days AS INTEGER) AS passed_days,
    p.whole_days,
    CAST(p.segments AS INTEGER) AS segments,
    p.tariff_code,
    e.effective_from,
    CAST(COALESCE(p.is_time_of_use, FALSE) AS BOOLEAN) AS is_time_of_use,
    CAST(
        CASE
            WHEN e.effective_from IS NULL AND k.tariff_code IS NULL THEN 'tariff_unknown'
            WHEN e.effective_from IS NULL THEN 'tariff_expired'
        END AS VARCHAR
    ) AS missing
FROM piece AS p
LEFT JOIN bill_edition AS e ON p.tariff_code = e.tariff_code AND p.from_day >= e.from_on AND p.from_day <= e.until_on
LEFT JOIN known AS k ON p.tariff_code = k.tariff_code
