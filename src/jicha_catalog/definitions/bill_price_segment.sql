/*---
name: bill_price_segment
zh: 电价分段
en: Run of days with equal file and price edition
note: >-
  Contract, section 2: the file segments cut where the edition in force changes; missing says why no edition covers the days.
columns:
  point_id: string
  period: date
  segment_no: int
  file_no: int
  from_day: date
  until_day: date
  days: int
  tariff_code: string
  effective_from: date
  is_time_of_use: bool
  missing: string
---*/
WITH edge AS (
    SELECT
        f.point_id,
        f.period,
        f.file_no,
        f.from_day AS day
    FROM bill_file_segment AS f
    UNION
    SELECT
        f.point_id,
        f.period,
        f.file_no,
        e.from_on AS day
    FROM bill_file_segment AS f
    INNER JOIN
        bill_edition AS e
        ON f.tariff_code = e.tariff_code AND f.from_day < e.from_on AND f.until_day >= e.from_on
    UNION
    SELECT
        f.point_id,
        f.period,
        f.file_no,
        e.until_on + 1 AS day
    FROM bill_file_segment AS f
    INNER JOIN bill_edition AS e
        ON f.tariff_code = e.tariff_code AND f.from_day <= e.until_on AND f.until_day > e.until_on
),

piece AS (
    SELECT
        e.point_id,
        e.period,
        e.file_no,
        e.day AS from_day,
        COALESCE(
            LEAD(e.day) OVER (PARTITION BY e.point_id, e.period, e.file_no ORDER BY e.day) - 1, f.until_day
        ) AS until_day,
        f.tariff_code,
        f.is_time_of_use
    FROM edge AS e
    INNER JOIN bill_file_segment AS f ON e.point_id = f.point_id AND e.period = f.period AND e.file_no = f.file_no
),

known AS (
    SELECT e.tariff_code
    FROM bill_edition AS e
    GROUP BY e.tariff_code
)

SELECT
    p.point_id,
    p.period,
    CAST(ROW_NUMBER() OVER (PARTITION BY p.point_id, p.period ORDER BY p.from_day) AS INTEGER) AS segment_no,
    p.file_no,
    CAST(p.from_day AS DATE) AS from_day,
    CAST(p.until_day AS DATE) AS until_day,
    CAST(DATE_DIFF('day', p.from_day, p.until_day) + 1 AS INTEGER) AS days,
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
