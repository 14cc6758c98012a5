/*---
name: bill_tariff_problem
zh: 账单电价码失效或不存在
en: Bill with an expired or unknown tariff
note: >-
  Regular bills of W(3) with billed energy whose tariff code (without blanks around it) is empty, has no row, or none in force
  on any day of the period's month.
tables: [bill, tariff]
columns:
  bill_id: string
  period: date
  tariff_code: string
  problem: string
  last_effective_to: date
---*/
WITH billed AS (
    SELECT
        r.bill_id,
        r.period,
        filled(b.tariff_code) AS tariff_code
    FROM regular_bill AS r
    INNER JOIN bill AS b ON r.bill_id = b.bill_id
    WHERE r.period <= $p0 AND r.period >= months_later($p0, -2) AND b.billed_kwh > 0
),

used AS (
    SELECT
        b.tariff_code,
        b.period
    FROM billed AS b
    GROUP BY b.tariff_code, b.period
),

edition AS (
    SELECT
        u.tariff_code,
        u.period,
        MAX(t.effective_to) AS last_effective_to,
        SUM(
            CASE
                WHEN
                    t.effective_from < months_later(u.period, 1)
                    AND (t.effective_to IS NULL OR t.effective_to >= u.period)
                    THEN 1
                ELSE 0
            END
        ) AS in_force_rows
    FROM used AS u
    INNER JOIN tariff AS t ON u.tariff_code = filled(t.tariff_code)
    GROUP BY u.tariff_code, u.period
)

SELECT
    b.bill_id,
    b.period,
    b.tariff_code,
    CAST(
        CASE
            WHEN b.tariff_code IS NULL THEN 'empty'
            WHEN e.tariff_code IS NULL THEN 'unknown'
            ELSE 'expired'
        END AS VARCHAR
    ) AS problem,
    e.last_effective_to
FROM billed AS b
LEFT JOIN edition AS e ON b.tariff_code = e.tariff_code AND b.period = e.period
WHERE e.in_force_rows IS NULL OR e.in_force_rows = 0
