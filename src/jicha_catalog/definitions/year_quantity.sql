/*---
name: year_quantity
stored: false  # a part of `quantity_of_year`
zh: 近12期抄见电量
en: Quantity of twelve periods
note: Per point the quantities of its total readings of W(12) together; null when none of them has one.
tables: []
columns:
  point_id: string
  year_kwh: decimal(18,2)
---*/
SELECT
    q.point_id,
    q.year_kwh
FROM quantity_of_year AS q
