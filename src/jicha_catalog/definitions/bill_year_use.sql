/*---
name: bill_year_use
zh: 年度逐月累计电量
en: Use of a year, month by month
note: >-
  Contract, section 7: per point and calendar year of the periods that the run recomputes in all its passes the kWh of all bills before each month. whole_until: the
  last month before which every month from January or the opening has a bill with kWh. is_several: some month has more than one bill
  (or more than 15 in the year); such a month's count is not told here.
tables: [bill]
columns:
  point_id: string
  use_year: int
  before_2: decimal(17,2)
  before_3: decimal(17,2)
  before_4: decimal(17,2)
  before_5: decimal(17,2)
  before_6: decimal(17,2)
  before_7: decimal(17,2)
  before_8: decimal(17,2)
  before_9: decimal(17,2)
  before_10: decimal(17,2)
  before_11: decimal(17,2)
  before_12: decimal(17,2)
  whole_until: int
  is_several: bool
---*/
-- a hexadecimal digit for each month: the number of its bills, and of those with kWh
WITH dated AS (
    SELECT
        b.point_id,
        YEAR(b.period) AS use_year,
        MONTH(b.period) AS month_no,
        b.billed_kwh,
        CASE MONTH(b.period)
            WHEN 1 THEN 1
            WHEN 2 THEN 16
            WHEN 3 THEN 256
            WHEN 4 THEN 4096
            WHEN 5 THEN 65536
            WHEN 6 THEN 1048576
            WHEN 7 THEN 16777216
            WHEN 8 THEN 268435456
            WHEN 9 THEN 4294967296
            WHEN 10 THEN 68719476736
            WHEN 11 THEN 1099511627776
            ELSE 17592186044416
        END AS digit
    FROM bill AS b
    WHERE b.period <= $use_until AND b.period >= $use_from
),

used AS (
    SELECT
        d.point_id,
        d.use_year,
        COALESCE(SUM(CASE WHEN d.month_no = 1 THEN d.billed_kwh END), 0) AS month_1,
        COALESCE(SUM(CASE WHEN d.month_no = 2 THEN d.billed_kwh END), 0) AS month_2,
        COALESCE(SUM(CASE WHEN d.month_no = 3 THEN d.billed_kwh END), 0) AS month_3,
        COALESCE(SUM(CASE WHEN d.month_no = 4 THEN d.billed_kwh END), 0) AS month_4,
        COALESCE(SUM(CASE WHEN d.month_no = 5 THEN d.billed_kwh END), 0) AS month_5,
        COALESCE(SUM(CASE WHEN d.month_no = 6 THEN d.billed_kwh END), 0) AS month_6,
        COALESCE(SUM(CASE WHEN d.month_no = 7 THEN d.billed_kwh END), 0) AS month_7,
        COALESCE(SUM(CASE WHEN d.month_no = 8 THEN d.billed_kwh END), 0) AS month_8,
        COALESCE(SUM(CASE WHEN d.month_no = 9 THEN d.billed_kwh END), 0) AS month_9,
        COALESCE(SUM(CASE WHEN d.month_no = 10 THEN d.billed_kwh END), 0) AS month_10,
        COALESCE(SUM(CASE WHEN d.month_no = 11 THEN d.billed_kwh END), 0) AS month_11,
        COUNT(*) AS bills,
        CAST(SUM(d.digit) AS BIGINT) AS flags,
        CAST(SUM(CASE WHEN d.billed_kwh IS NOT NULL THEN d.digit ELSE 0 END) AS BIGINT) AS kwh_flags
    FROM dated AS d
    GROUP BY d.point_id, d.use_year
),

summed AS (
    SELECT
        u.point_id,
        u.use_year,
        u.bills,
        u.flags,
        u.kwh_flags,
        u.month_1 AS before_2,
        u.month_1 + u.month_2 AS before_3,
        u.month_1 + u.month_2 + u.month_3 AS before_4,
        u.month_1 + u.month_2 + u.month_3 + u.month_4 AS before_5,
        u.month_1 + u.month_2 + u.month_3 + u.month_4 + u.month_5 AS before_6,
        u.month_1 + u.month_2 + u.month_3 + u.month_4 + u.month_5 + u.month_6 AS before_7,
        u.month_1 + u.month_2 + u.month_3 + u.month_4 + u.month_5 + u.month_6 + u.month_7 AS before_8,
        u.month_1 + u.month_2 + u.month_3 + u.month_4 + u.month_5 + u.month_6 + u.month_7 + u.month_8 AS before_9,
        u.month_1 + u.month_2 + u.month_3 + u.month_4 + u.month_5 + u.month_6
        + u.month_7 + u.month_8 + u.month_9 AS before_10,
        u.month_1 + u.month_2 + u.month_3 + u.month_4 + u.month_5 + u.month_6
        + u.month_7 + u.month_8 + u.month_9 + u.month_10 AS before_11,
        u.month_1 + u.month_2 + u.month_3 + u.month_4 + u.month_5 + u.month_6
        + u.month_7 + u.month_8 + u.month_9 + u.month_10 + u.month_11 AS before_12
    FROM used AS u
),

opened AS (
    SELECT
        p.point_id,
        YEAR(p.opened_on) AS use_year,
        MONTH(p.opened_on) AS first_month
    FROM bill_point AS p
    WHERE p.opened_on IS NOT NULL
)

SELECT
    u.point_id,
    CAST(u.use_year AS INTEGER) AS use_year,
    CAST(u.before_2 AS DECIMAL(17, 2)) AS before_2,
    CAST(u.before_3 AS DECIMAL(17, 2)) AS before_3,
    CAST(u.before_4 AS DECIMAL(17, 2)) AS before_4,
    CAST(u.before_5 AS DECIMAL(17, 2)) AS before_5,
    CAST(u.before_6 AS DECIMAL(17, 2)) AS before_6,
    CAST(u.before_7 AS DECIMAL(17, 2)) AS before_7,
    CAST(u.before_8 AS DECIMAL(17, 2)) AS before_8,
    CAST(u.before_9 AS DECIMAL(17, 2)) AS before_9,
    CAST(u.before_10 AS DECIMAL(17, 2)) AS before_10,
    CAST(u.before_11 AS DECIMAL(17, 2)) AS before_11,
    CAST(u.before_12 AS DECIMAL(17, 2)) AS before_12,
    CAST(
        CASE
            WHEN COALESCE(p.first_month, 1) <= 1 AND MOD(u.kwh_flags, 16) < 1 THEN 1
            WHEN COALESCE(p.first_month, 1) <= 2 AND MOD(u.kwh_flags, 256) < 16 THEN 2
            WHEN COALESCE(p.first_month, 1) <= 3 AND MOD(u.kwh_flags, 4096) < 256 THEN 3
            WHEN COALESCE(p.first_month, 1) <= 4 AND MOD(u.kwh_flags, 65536) < 4096 THEN 4
            WHEN COALESCE(p.first_month, 1) <= 5 AND MOD(u.kwh_flags, 1048576) < 65536 THEN 5
            WHEN COALESCE(p.first_month, 1) <= 6 AND MOD(u.kwh_flags, 16777216) < 1048576 THEN 6
            WHEN COALESCE(p.first_month, 1) <= 7 AND MOD(u.kwh_flags, 268435456) < 16777216 THEN 7
            WHEN COALESCE(p.first_month, 1) <= 8 AND MOD(u.kwh_flags, 4294967296) < 268435456 THEN 8
            WHEN COALESCE(p.first_month, 1) <= 9 AND MOD(u.kwh_flags, 68719476736) < 4294967296 THEN 9
            WHEN COALESCE(p.first_month, 1) <= 10 AND MOD(u.kwh_flags, 1099511627776) < 68719476736 THEN 10
            WHEN COALESCE(p.first_month, 1) <= 11 AND MOD(u.kwh_flags, 17592186044416) < 1099511627776 THEN 11
            ELSE 12
        END AS INTEGER
    ) AS whole_until,
    CAST(
        u.bills > 15
        OR MOD(u.flags, 16) >= 2
        OR MOD(u.flags, 256) >= 32
        OR MOD(u.flags, 4096) >= 512
        OR MOD(u.flags, 65536) >= 8192
        OR MOD(u.flags, 1048576) >= 131072
        OR MOD(u.flags, 16777216) >= 2097152
        OR MOD(u.flags, 268435456) >= 33554432
        OR MOD(u.flags, 4294967296) >= 536870912
        OR MOD(u.flags, 68719476736) >= 8589934592
        OR MOD(u.flags, 1099511627776) >= 137438953472
        OR MOD(u.flags, 17592186044416) >= 2199023255552
        OR MOD(u.flags, 281474976710656) >= 35184372088832 AS BOOLEAN
    ) AS is_several
FROM summed AS u
LEFT JOIN opened AS p ON u.point_id = p.point_id AND u.use_year = p.use_year
