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

head AS (
    SELECT
        e.point_id,
        e.period,
        p.cycle_months,
        CASE WHEN YEAR(p.opened_on) = YEAR(e.period) THEN MONTH(p.opened_on) ELSE 1 END AS first_month
    FROM bill_energy AS e
    INNER JOIN yearly AS y ON e.tariff_code = y.tariff_code AND e.period = y.period
    INNER JOIN bill_point AS p ON e.point_id = p.point_id
    WHERE e.billed_kwh IS NOT NULL AND MONTH(e.period) > 1
),

-- one pass over the bills of the years: a column for each month, null where nothing was billed
month AS (
    SELECT
        b.point_id,
        YEAR(b.period) AS year_no,
        SUM(CASE WHEN MONTH(b.period) = 1 THEN b.billed_kwh END) AS kwh_1,
        SUM(CASE WHEN MONTH(b.period) = 2 THEN b.billed_kwh END) AS kwh_2,
        SUM(CASE WHEN MONTH(b.period) = 3 THEN b.billed_kwh END) AS kwh_3,
        SUM(CASE WHEN MONTH(b.period) = 4 THEN b.billed_kwh END) AS kwh_4,
        SUM(CASE WHEN MONTH(b.period) = 5 THEN b.billed_kwh END) AS kwh_5,
        SUM(CASE WHEN MONTH(b.period) = 6 THEN b.billed_kwh END) AS kwh_6,
        SUM(CASE WHEN MONTH(b.period) = 7 THEN b.billed_kwh END) AS kwh_7,
        SUM(CASE WHEN MONTH(b.period) = 8 THEN b.billed_kwh END) AS kwh_8,
        SUM(CASE WHEN MONTH(b.period) = 9 THEN b.billed_kwh END) AS kwh_9,
        SUM(CASE WHEN MONTH(b.period) = 10 THEN b.billed_kwh END) AS kwh_10,
        SUM(CASE WHEN MONTH(b.period) = 11 THEN b.billed_kwh END) AS kwh_11
    FROM bill AS b
    WHERE b.period < $p0 AND b.period >= CAST(DATE_TRUNC('year', months_later($p0, 1 - $recompute_months)) AS DATE)
    GROUP BY b.point_id, YEAR(b.period)
),

monthly AS (
    SELECT
        h.point_id,
        h.period,
        CASE WHEN MONTH(h.period) > 1 THEN COALESCE(y.kwh_1, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 2 THEN COALESCE(y.kwh_2, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 3 THEN COALESCE(y.kwh_3, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 4 THEN COALESCE(y.kwh_4, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 5 THEN COALESCE(y.kwh_5, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 6 THEN COALESCE(y.kwh_6, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 7 THEN COALESCE(y.kwh_7, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 8 THEN COALESCE(y.kwh_8, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 9 THEN COALESCE(y.kwh_9, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 10 THEN COALESCE(y.kwh_10, 0) ELSE 0 END
            + CASE WHEN MONTH(h.period) > 11 THEN COALESCE(y.kwh_11, 0) ELSE 0 END AS used_kwh,
        CASE WHEN MONTH(h.period) > 1 AND h.first_month <= 1 AND y.kwh_1 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 2 AND h.first_month <= 2 AND y.kwh_2 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 3 AND h.first_month <= 3 AND y.kwh_3 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 4 AND h.first_month <= 4 AND y.kwh_4 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 5 AND h.first_month <= 5 AND y.kwh_5 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 6 AND h.first_month <= 6 AND y.kwh_6 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 7 AND h.first_month <= 7 AND y.kwh_7 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 8 AND h.first_month <= 8 AND y.kwh_8 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 9 AND h.first_month <= 9 AND y.kwh_9 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 10 AND h.first_month <= 10 AND y.kwh_10 IS NULL THEN 1 ELSE 0 END
            + CASE WHEN MONTH(h.period) > 11 AND h.first_month <= 11 AND y.kwh_11 IS NULL THEN 1 ELSE 0 END AS lacking
    FROM head AS h
    LEFT JOIN month AS y ON h.point_id = y.point_id AND YEAR(h.period) = y.year_no
    WHERE h.cycle_months = 1
),

-- of a longer cycle some month in each
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
    FROM head AS h
    LEFT JOIN bill AS b
        ON h.point_id = b.point_id AND b.period < h.period AND YEAR(b.period) = YEAR(h.period) AND b.period < $p0
        AND b.period >= CAST(DATE_TRUNC('year', months_later($p0, 1 - $recompute_months)) AS DATE)
    WHERE h.cycle_months > 1
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
