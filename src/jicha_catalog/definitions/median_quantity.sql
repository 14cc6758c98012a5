/*---
name: median_quantity
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
    r.point_id,
    CAST(COUNT(*) AS INTEGER) AS quantities,
    -- of two decimals the mean has three
    CAST(ROUND(MEDIAN(CAST(r.quantity AS DOUBLE)), 3) AS DECIMAL(18, 3)) AS median_kwh
FROM reading AS r
WHERE
    r.register = 'total'
    AND r.quantity IS NOT NULL
    AND r.period <= $p0
    AND r.period >= months_later($p0, -11)
GROUP BY r.point_id
