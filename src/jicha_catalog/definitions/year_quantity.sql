/*---
name: year_quantity
zh: 近12期抄见电量
en: Quantity of twelve periods
note: Per point the quantities of its total readings of W(12) together; null when none of them has one.
tables: []
columns:
  point_id: string
  year_kwh: decimal(18,2)
---*/
SELECT
    r.point_id,
    CAST(SUM(r.quantity) AS DECIMAL(18, 2)) AS year_kwh
FROM reading AS r
WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -11)
GROUP BY r.point_id
