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
WITH ranked AS (
    SELECT
        r.point_id,
        r.quantity,
        ROW_NUMBER() OVER (PARTITION BY r.point_id ORDER BY r.quantity, r.period) AS place,
        COUNT(*) OVER (PARTITION BY r.point_id) AS quantities
    FROM reading AS r
    WHERE
        r.register = 'total'
        AND r.quantity IS NOT NULL
        AND r.period <= $p0
        AND r.period >= months_later($p0, -11)
)

SELECT
    k.point_id,
    CAST(MAX(k.quantities) AS INTEGER) AS quantities,
    CAST(
        (MIN(k.quantity) + MAX(k.quantity)) * CAST(0.5 AS DECIMAL(2, 1)) AS DECIMAL(18, 3)
    ) AS median_kwh
FROM ranked AS k
WHERE 2 * k.place BETWEEN k.quantities AND k.quantities + 2
GROUP BY k.point_id
