/*---
name: bill_cycle_use
zh: 长周期用户的年阶梯已用电量
en: Use of the year before a bill of a longer cycle
note: >-
  Contract, section 7: per point and period after January, for points billed in longer cycles than a month, or several times in one
  (bill_year_use), the kWh billed in earlier periods of the year; is_whole: every cycle from January or the opening has a bill with kWh.
columns:
  point_id: string
  period: date
  used_kwh: decimal(17,2)
  is_whole: bool
---*/
WITH counted AS (
    SELECT
        b.point_id,
        b.period,
        b.cycle_months,
        CASE WHEN YEAR(b.opened_on) = YEAR(b.period) THEN MONTH(b.opened_on) ELSE 1 END AS first_month
    FROM bill_cycle_bill AS b
    WHERE MONTH(b.period) > 1 AND b.period <= $p0 AND b.period >= months_later($p0, 1 - $recompute_months)
    GROUP BY b.point_id, b.period, b.cycle_months, b.opened_on
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
    LEFT JOIN bill_cycle_bill AS b
        ON h.point_id = b.point_id AND h.period > b.period AND YEAR(b.period) = YEAR(h.period)
    GROUP BY h.point_id, h.period, h.cycle_months, h.first_month
)

SELECT
    c.point_id,
    c.period,
    CAST(COALESCE(c.used_kwh, 0) AS DECIMAL(17, 2)) AS used_kwh,
    CAST((c.cycles + 1) * c.cycle_months > MONTH(c.period) - c.first_month AS BOOLEAN) AS is_whole
FROM cycled AS c
