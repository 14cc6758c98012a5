/*---
name: reading_multiplier_mismatch
zh: 抄表倍率与档案倍率不一致
en: Reading with another multiplier than the file
note: >-
  Metered settlement points whose total reading of P0 carries another multiplier (by more than 0.1 %) than the point's file, where
  neither a meter change in or after the period, nor a later file of the point, nor an order that changes the metering explains it.
tables: [reading, metering_point, customer, service_order]
columns:
  point_id: string
  multiplier: decimal(18,6)
  reading_multiplier: decimal(18,6)
  quantity: decimal(14,2)
---*/
WITH differing AS (
    SELECT
        p.point_id,
        p.customer_id,
        p.multiplier,
        multiplier_exact(r.multiplier) AS reading_multiplier,
        r.quantity,
        -- a reading without a time counts as one at the end of the period
        COALESCE(CAST(r.read_at AS DATE), months_later($p0, 1) - 1) AS read_on,
        COALESCE(r.read_at, CAST(months_later($p0, 1) AS TIMESTAMP)) AS read_at
    FROM reading AS r
    INNER JOIN metered_point AS p ON r.point_id = p.point_id
    WHERE
        r.register = 'total'
        AND r.period = $p0
        AND ABS(CAST(multiplier_exact(r.multiplier) AS DECIMAL(20, 6)) - p.multiplier)
        > CAST(p.multiplier AS DECIMAL(20, 6)) * CAST(0.001 AS DECIMAL(4, 3))
)

SELECT
    d.point_id,
    d.multiplier,
    CAST(d.reading_multiplier AS DECIMAL(18, 6)) AS reading_multiplier,
    d.quantity
FROM differing AS d
WHERE
    NOT EXISTS (
        SELECT x.point_id
        FROM meter_change AS x
        WHERE x.point_id = d.point_id AND x.period = $p0
    )
    AND NOT EXISTS (
        SELECT t.meter_id
        FROM meter AS t
        WHERE t.point_id = d.point_id AND (t.installed_on > d.read_on OR t.removed_on > d.read_on)
    )
    AND NOT EXISTS (
        SELECT h.point_id
        FROM metering_point_history AS h
        WHERE h.point_id = d.point_id AND h.effective_from > $p0
    )
    AND NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE
            o.customer_id = d.customer_id
            AND o.kind IN ('increase_capacity', 'reduce_capacity', 'meter_fault')
            AND o.archived_at > d.read_at
    )
