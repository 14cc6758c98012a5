/*---
name: bill_pf_member
zh: 功率因数考核组成员
en: Member of a power-factor group
note: >-
  Contract, section 9: per bill with a standard and file segment with one the mains that are assessed together on its first day, and
  the days (of the file segment of the smallest of them that covers that day, else its first) over which their energy is taken.
  A sub-point with a standard of its own goes by its main's group.
columns:
  point_id: string
  period: date
  file_no: int
  member_id: string
  first_id: string
  first_file_no: int
  passed_days: int
  before_days: int
  whole_days: int
  segments: int
---*/
WITH assessed AS (
    SELECT
        f.point_id,
        f.period,
        f.file_no,
        f.from_day,
        COALESCE(p.point_id, c.point_id) AS main_id
    FROM bill_file_segment AS f
    INNER JOIN bill_case AS c ON f.point_id = c.point_id AND f.period = c.period
    LEFT JOIN bill_case AS p ON c.parent_point_id = p.point_id AND c.period = p.period
    WHERE f.pf_standard IS NOT NULL AND c.bill_id IS NOT NULL
),

grouped AS (
    SELECT
        a.point_id,
        a.period,
        a.file_no,
        a.from_day,
        o.point_id AS member_id,
        MIN(o.point_id) OVER (PARTITION BY a.point_id, a.period, a.file_no) AS first_id
    FROM assessed AS a
    INNER JOIN bill_case AS m ON a.main_id = m.point_id AND a.period = m.period
    INNER JOIN bill_case AS o
        ON m.customer_id = o.customer_id AND m.period = o.period AND m.pf_group IS NOT DISTINCT FROM o.pf_group
    INNER JOIN bill_file_segment AS g ON o.point_id = g.point_id AND o.period = g.period AND g.file_no = 1
    LEFT JOIN bill_file_segment AS f
        ON o.point_id = f.point_id AND o.period = f.period AND a.from_day >= f.from_day AND a.from_day <= f.until_day
    WHERE
        o.bill_id IS NOT NULL
        AND o.parent_point_id IS NULL
        AND (
            o.point_id = a.main_id
            OR CASE WHEN f.point_id IS NULL THEN g.pf_standard ELSE f.pf_standard END IS NOT NULL
        )
),

covering AS (
    SELECT
        g.point_id,
        g.period,
        g.file_no,
        g.member_id,
        g.first_id,
        COALESCE(MAX(c.file_no), 1) AS first_file_no
    FROM grouped AS g
    LEFT JOIN bill_file_segment AS c
        ON g.first_id = c.point_id AND g.period = c.period AND g.from_day >= c.from_day AND g.from_day <= c.until_day
    GROUP BY g.point_id, g.period, g.file_no, g.member_id, g.first_id
)

SELECT
    v.point_id,
    v.period,
    v.file_no,
    v.member_id,
    v.first_id,
    CAST(v.first_file_no AS INTEGER) AS first_file_no,
    c.passed_days,
    CAST(c.passed_days - c.days AS INTEGER) AS before_days,
    c.whole_days,
    c.segments
FROM covering AS v
INNER JOIN bill_file_segment AS c ON v.first_id = c.point_id AND v.period = c.period AND v.first_file_no = c.file_no
