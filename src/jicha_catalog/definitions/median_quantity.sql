/*---
name: median_quantity
stored: false  # a part of `quantity_of_year`
zh: 月抄见电量中位数
en: Median quantity of W(12)
note: >-
  Per point the median of its total quantities of the twelve periods up to P0, P0 included: the middle one, or the mean of the
  two middle ones; over those that are known.
tables: [reading]
columns:
  point_id: string
  quantities: int
  median_kwh: decimal(18,3)
---*/
SELECT
    q.point_id,
    q.quantities,
    q.median_kwh
FROM quantity_of_year AS q
WHERE q.quantities > 0
