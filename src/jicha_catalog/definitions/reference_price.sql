/*---
name: reference_price
zh: 参考电价
en: Reference price of a point
note: >-
  Per point the yuan per kWh of its bills of W(12): total over billed energy of the periods whose bills of every kind sum to
  more than 0 kWh. Where there are none, or next to no energy makes it no price, the energy price of its tariff at the screening
  date. Points with neither are absent.
  Price to ten places, so that a product with an energy is right to the cent.
tables: []
columns:
  point_id: string
  price: decimal(18,10)
  is_tariff_price: bool
---*/
WITH summed AS (
    SELECT
        b.point_id,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.total_yuan) AS total_yuan,
        MAX(CASE WHEN b.billed_kwh > 0 AND b.total_yuan IS NOT NULL THEN 0 ELSE 1 END) AS is_mixed
    FROM bill AS b
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY b.point_id
),

-- only where a bill has no energy do the periods have to be told apart
period_of_mixed AS (
    SELECT
        b.point_id,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.total_yuan) AS total_yuan
    FROM bill AS b
    INNER JOIN summed AS s ON b.point_id = s.point_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11) AND s.is_mixed = 1
    GROUP BY b.point_id, b.period
    HAVING SUM(b.billed_kwh) > 0 AND SUM(b.total_yuan) IS NOT NULL
),

billed AS (
    SELECT
        s.point_id,
        s.billed_kwh,
        s.total_yuan
    FROM summed AS s
    WHERE s.is_mixed = 0
    UNION ALL
    SELECT
        m.point_id,
        SUM(m.billed_kwh) AS billed_kwh,
        SUM(m.total_yuan) AS total_yuan
    FROM period_of_mixed AS m
    GROUP BY m.point_id
)

SELECT
    p.point_id,
    CAST(
        COALESCE(
            average_price(b.total_yuan, b.billed_kwh),
            t.energy_price
        ) AS DECIMAL(18, 10)
    ) AS price,
    CAST(b.point_id IS NULL AS BOOLEAN) AS is_tariff_price
FROM metering_point AS p
LEFT JOIN billed AS b ON p.point_id = b.point_id
LEFT JOIN tariff_at_as_of AS t ON p.tariff_code = t.tariff_code
WHERE b.point_id IS NOT NULL OR t.energy_price IS NOT NULL
