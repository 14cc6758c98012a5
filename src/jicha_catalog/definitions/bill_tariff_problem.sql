/*---
name: bill_tariff_problem
zh: 账单电价码失效或不存在
en: Bill with an expired or unknown tariff
note: >-
  Regular bills of P0 with billed energy (or an unknown one: billed_kwh is null) whose tariff code (without blanks around it) is empty, has no row, or none in force on
  any day of the month. What TC003 reports and TC011 leaves out are
  those with energy.
tables: [bill, tariff]
columns:
  bill_id: string
  tariff_code: string
  problem: string
  last_effective_to: date
  billed_kwh: decimal(14,2)
---*/
WITH billed AS (
    SELECT
        r.bill_id,
        filled(b.tariff_code) AS tariff_code,
        b.billed_kwh
    FROM regular_bill AS r
    INNER JOIN bill AS b ON r.bill_id = b.bill_id
    WHERE r.period = $p0 AND b.period = $p0 AND (b.billed_kwh > 0 OR b.billed_kwh IS NULL)
),

edition AS (
    SELECT
        filled(t.tariff_code) AS tariff_code,
        MAX(t.effective_to) AS last_effective_to,
        SUM(
            CASE
                WHEN
                    t.effective_from < months_later($p0, 1) AND (t.effective_to IS NULL OR t.effective_to >= $p0)
                    THEN 1
                ELSE 0
            END
        ) AS in_force_rows
    FROM tariff AS t
    GROUP BY filled(t.tariff_code)
)

SELECT
    b.bill_id,
    b.tariff_code,
    CAST(
        CASE
            WHEN b.tariff_code IS NULL THEN 'empty'
            WHEN e.tariff_code IS NULL THEN 'unknown'
            ELSE 'expired'
        END AS VARCHAR
    ) AS problem,
    e.last_effective_to,
    b.billed_kwh
FROM billed AS b
LEFT JOIN edition AS e ON b.tariff_code = e.tariff_code
WHERE e.in_force_rows IS NULL OR e.in_force_rows = 0
