/*---
name: quantity_of_year
zh: 近12期抄见电量汇总
en: Quantities of W(12) together
note: >-
  Per point its total readings of the twelve periods up to P0: known quantities, their median (the middle one, or the mean of
  the two middle ones) and their sum; both null where none is known. Grouped once for `median_quantity` and `year_quantity`.
tables: []
columns:
  point_id: string
  quantities: int
  median_kwh: decimal(18,3)
  year_kwh: decimal(18,2)
---*/
SELECT
    r.point_id,
    CAST(COUNT(r.quantity) AS INTEGER) AS quantities,
    -- of two decimals the mean has three
    CAST(ROUND(MEDIAN(CAST(r.quantity AS DOUBLE)), 3) AS DECIMAL(18, 3)) AS median_kwh,
    CAST(SUM(r.quantity) AS DECIMAL(18, 2)) AS year_kwh
FROM reading AS r
WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -11)
GROUP BY r.point_id
