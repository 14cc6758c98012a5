/*---
name: bill_pf_member
zh: 功率因数考核组成员
en: Member of a power-factor group
note: >-
  Contract, section 9: per bill with a standard and file segment with one the mains that are assessed together on its first day, and
  the days (of the file segment of the smallest of them that covers that day, else its first) over which their energy is taken.
  A sub-point with a standard of its own goes by its main's group.
columns:
  case_no: int
  file_no: int
  member_no: int
  first_no: int
  first_file_no: int
  passed_days: int
  before_days: int
  whole_days: int
  segments: int
---*/
WITH assessed AS (
    SELECT
        f.case_no,
        f.file_no,
        f.from_day,
        COALESCE(c.parent_no, c.case_no) AS main_no
    FROM bill_file_segment AS f
    INNER JOIN bill_case AS c ON f.case_no = c.case_no
    WHERE f.pf_standard IS NOT NULL AND c.bill_id IS NOT NULL
),

grouped AS (
    SELECT
        a.case_no,
        a.file_no,
        a.from_day,
        o.case_no AS member_no,
        MIN(o.case_no) OVER (PARTITION BY a.case_no, a.file_no) AS first_no
    FROM assessed AS a
    INNER JOIN bill_case AS m ON a.main_no = m.case_no
    INNER JOIN bill_case AS o
        ON m.customer_no = o.customer_no AND m.pf_group IS NOT DISTINCT FROM o.pf_group
    INNER JOIN bill_file_segment AS g ON o.case_no = g.case_no AND g.file_no = 1
    LEFT JOIN bill_file_segment AS f
        ON o.case_no = f.case_no AND a.from_day >= f.from_day AND a.from_day <= f.until_day
    WHERE
        o.bill_id IS NOT NULL
        AND o.parent_point_id IS NULL
        AND (
            o.case_no = a.main_no
            OR CASE WHEN f.case_no IS NULL THEN g.pf_standard ELSE f.pf_standard END IS NOT NULL
        )
),

covering AS (
    SELECT
        g.case_no,
        g.file_no,
        g.member_no,
        g.first_no,
        COALESCE(MAX(c.file_no), 1) AS first_file_no
    FROM grouped AS g
    LEFT JOIN bill_file_segment AS c
        ON g.first_no = c.case_no AND g.from_day >= c.from_day AND g.from_day <= c.until_day
    GROUP BY g.case_no, g.file_no, g.member_no, g.first_no
)

SELECT
    v.case_no,
    v.file_no,
    v.member_no,
    v.first_no,
    CAST(v.first_file_no AS INTEGER) AS first_file_no,
    c.passed_days,
    CAST(c.passed_days - c.days AS INTEGER) AS before_days,
    c.whole_days,
    c.segments
FROM covering AS v
INNER JOIN bill_file_segment AS c ON v.first_no = c.case_no AND v.first_file_no = c.file_no
