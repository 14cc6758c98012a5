/*---
name: bill_month_number
zh: 抄表周期内月序
en: Number of a billing month in a reading cycle
note: 1 to the longest reading cycle of any point, at most 36.
columns:
  number: int
---*/
WITH RECURSIVE counted AS (
    SELECT 1 AS number
    UNION ALL
    SELECT c.number + 1 AS number
    FROM counted AS c
    WHERE c.number < 36
)

SELECT CAST(c.number AS INTEGER) AS number
FROM counted AS c
WHERE
    c.number <= (
        SELECT MAX(p.cycle_months) AS cycle_months
        FROM bill_point AS p
    )
