/*---
name: bill_cycle_bill
zh: 长周期用户的账单
en: Bill of a longer cycle
note: >-
  Contract, section 7: the bills of the years of bill_year_use of points billed in longer cycles than a month, or several times in one in
  that year.
tables: [bill]
columns:
  point_id: string
  period: date
  billed_kwh: decimal(14,2)
  cycle_months: int
  opened_on: date
---*/
WITH asked AS (
    SELECT
        u.point_id,
        u.use_year,
        p.cycle_months,
        p.opened_on
    FROM bill_year_use AS u
    INNER JOIN bill_point AS p ON u.point_id = p.point_id
    WHERE p.cycle_months > 1 OR u.is_several
)

SELECT
    b.point_id,
    b.period,
    b.billed_kwh,
    a.cycle_months,
    a.opened_on
FROM bill AS b
INNER JOIN asked AS a ON b.point_id = a.point_id AND YEAR(b.period) = a.use_year
WHERE b.period <= $use_until AND b.period >= $use_from
