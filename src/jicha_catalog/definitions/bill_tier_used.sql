/*---
name: bill_tier_used
zh: 年阶梯已用电量
en: Use of the year before a bill
note: >-
  Contract, section 7: per point and period after January, for tariffs with a yearly tier, the kWh billed in earlier periods of the
  year; is_whole: every month (of a longer cycle: every cycle) from January or the opening has a bill with kWh.
columns:
  point_id: string
  period: date
  used_kwh: decimal(18,2)
  is_whole: bool
---*/
WITH yearly AS (
    SELECT
        t.tariff_code,
        t.period
    FROM bill_tier_limit AS t
    WHERE t.is_cycle_yearly
    GROUP BY t.tariff_code, t.period
),

-- of several bills of a point and period (never plain) one row
billed AS (
    SELECT
        e.point_id,
        e.period,
        e.tariff_code
    FROM bill_energy AS e
    WHERE e.is_plain AND e.billed_kwh IS NOT NULL AND MONTH(e.period) > 1
    UNION ALL
    SELECT
        e.point_id,
        e.period,
        e.tariff_code
    FROM bill_energy AS e
    WHERE NOT e.is_plain AND e.billed_kwh IS NOT NULL AND MONTH(e.period) > 1
    GROUP BY e.point_id, e.period, e.tariff_code
),

head AS (
    SELECT
        b.point_id,
        b.period,
        p.cycle_months,
        CASE WHEN YEAR(p.opened_on) = YEAR(b.period) THEN MONTH(p.opened_on) ELSE 1 END AS first_month
    FROM billed AS b
    INNER JOIN yearly AS y ON b.tariff_code = y.tariff_code AND b.period = y.period
    INNER JOIN bill_point AS p ON b.point_id = p.point_id
),

-- one pass over the bills of the years: kWh before each month, and flags with a hexadecimal digit for each month, the number
-- of its bills with kWh
earlier AS (
    SELECT
        b.point_id,
        YEAR(b.period) AS use_year,
        SUM(CASE WHEN MONTH(b.period) < 2 THEN b.billed_kwh END) AS before_2,
        SUM(CASE WHEN MONTH(b.period) < 3 THEN b.billed_kwh END) AS before_3,
        SUM(CASE WHEN MONTH(b.period) < 4 THEN b.billed_kwh END) AS before_4,
        SUM(CASE WHEN MONTH(b.period) < 5 THEN b.billed_kwh END) AS before_5,
        SUM(CASE WHEN MONTH(b.period) < 6 THEN b.billed_kwh END) AS before_6,
        SUM(CASE WHEN MONTH(b.period) < 7 THEN b.billed_kwh END) AS before_7,
        SUM(CASE WHEN MONTH(b.period) < 8 THEN b.billed_kwh END) AS before_8,
        SUM(CASE WHEN MONTH(b.period) < 9 THEN b.billed_kwh END) AS before_9,
        SUM(CASE WHEN MONTH(b.period) < 10 THEN b.billed_kwh END) AS before_10,
        SUM(CASE WHEN MONTH(b.period) < 11 THEN b.billed_kwh END) AS before_11,
        SUM(CASE WHEN MONTH(b.period) < 12 THEN b.billed_kwh END) AS before_12,
        COUNT(b.billed_kwh) AS bills,
        CAST(
            SUM(
                CASE CASE WHEN b.billed_kwh IS NOT NULL THEN MONTH(b.period) END
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
                    ELSE 0
                END
            ) AS BIGINT
        ) AS flags
    FROM bill AS b
    WHERE b.period < $p0 AND b.period >= CAST(DATE_TRUNC('year', months_later($p0, 1 - $recompute_months)) AS DATE)
    GROUP BY b.point_id, YEAR(b.period)
),

-- a digit holds no more than 15: beyond that the months are counted one by one, as for longer cycles
monthly AS (
    SELECT
        h.point_id,
        h.period,
        COALESCE(
            CASE MONTH(h.period)
                WHEN 2 THEN u.before_2
                WHEN 3 THEN u.before_3
                WHEN 4 THEN u.before_4
                WHEN 5 THEN u.before_5
                WHEN 6 THEN u.before_6
                WHEN 7 THEN u.before_7
                WHEN 8 THEN u.before_8
                WHEN 9 THEN u.before_9
                WHEN 10 THEN u.before_10
                WHEN 11 THEN u.before_11
                WHEN 12 THEN u.before_12
            END,
            0
        ) AS used_kwh,
        CASE
            WHEN u.flags IS NULL THEN MONTH(h.period) - h.first_month
            ELSE
                CASE WHEN MONTH(h.period) > 1 AND h.first_month <= 1 AND MOD(u.flags, 16) < 1 THEN 1 ELSE 0 END
                + CASE WHEN MONTH(h.period) > 2 AND h.first_month <= 2 AND MOD(u.flags, 256) < 16 THEN 1 ELSE 0 END
                + CASE WHEN MONTH(h.period) > 3 AND h.first_month <= 3 AND MOD(u.flags, 4096) < 256 THEN 1 ELSE 0 END
                + CASE WHEN MONTH(h.period) > 4 AND h.first_month <= 4 AND MOD(u.flags, 65536) < 4096 THEN 1 ELSE 0 END
                + CASE
                    WHEN MONTH(h.period) > 5 AND h.first_month <= 5 AND MOD(u.flags, 1048576) < 65536 THEN 1 ELSE 0
                END
                + CASE
                    WHEN MONTH(h.period) > 6 AND h.first_month <= 6 AND MOD(u.flags, 16777216) < 1048576 THEN 1 ELSE 0
                END
                + CASE
                    WHEN MONTH(h.period) > 7 AND h.first_month <= 7 AND MOD(u.flags, 268435456) < 16777216 THEN 1 ELSE 0
                END
                + CASE
                    WHEN
                        MONTH(h.period) > 8 AND h.first_month <= 8 AND MOD(u.flags, 4294967296) < 268435456
                        THEN 1
                    ELSE 0
                END
                + CASE
                    WHEN
                        MONTH(h.period) > 9 AND h.first_month <= 9 AND MOD(u.flags, 68719476736) < 4294967296
                        THEN 1
                    ELSE 0
                END
                + CASE
                    WHEN
                        MONTH(h.period) > 10 AND h.first_month <= 10 AND MOD(u.flags, 1099511627776) < 68719476736
                        THEN 1
                    ELSE 0
                END
                + CASE
                    WHEN
                        MONTH(h.period) > 11 AND h.first_month <= 11 AND MOD(u.flags, 17592186044416) < 1099511627776
                        THEN 1
                    ELSE 0
                END
        END AS lacking
    FROM head AS h
    LEFT JOIN earlier AS u ON h.point_id = u.point_id AND YEAR(h.period) = u.use_year
    WHERE h.cycle_months = 1 AND COALESCE(u.bills, 0) <= 15
),

counted AS (
    SELECT
        h.point_id,
        h.period,
        h.cycle_months,
        h.first_month
    FROM head AS h
    LEFT JOIN earlier AS u ON h.point_id = u.point_id AND YEAR(h.period) = u.use_year
    WHERE h.cycle_months > 1 OR u.bills > 15
),

-- of a cycle some month in each
cycled AS (
    SELECT
        h.point_id,
        h.period,
        h.cycle_months,
        h.first_month,
        SUM(b.billed_kwh) AS used_kwh,
        COUNT(
            DISTINCT CASE
                WHEN
                    b.billed_kwh IS NOT NULL
                    AND MONTH(h.period) - MONTH(b.period) >= h.cycle_months
                    AND MONTH(h.period) - MONTH(b.period) - MOD(MONTH(h.period) - MONTH(b.period), h.cycle_months)
                    <= MONTH(h.period) - h.first_month
                    THEN MONTH(h.period) - MONTH(b.period) - MOD(MONTH(h.period) - MONTH(b.period), h.cycle_months)
            END
        ) AS cycles
    FROM counted AS h
    LEFT JOIN bill AS b
        ON
            h.point_id = b.point_id AND h.period > b.period AND YEAR(b.period) = YEAR(h.period) AND b.period < $p0
            AND b.period >= CAST(DATE_TRUNC('year', months_later($p0, 1 - $recompute_months)) AS DATE)
    GROUP BY h.point_id, h.period, h.cycle_months, h.first_month
)

SELECT
    m.point_id,
    m.period,
    CAST(m.used_kwh AS DECIMAL(18, 2)) AS used_kwh,
    CAST(m.lacking = 0 AS BOOLEAN) AS is_whole
FROM monthly AS m
UNION ALL
SELECT
    c.point_id,
    c.period,
    CAST(COALESCE(c.used_kwh, 0) AS DECIMAL(18, 2)) AS used_kwh,
    CAST((c.cycles + 1) * c.cycle_months > MONTH(c.period) - c.first_month AS BOOLEAN) AS is_whole
FROM cycled AS c
