/*---
name: fallen_index
zh: 变小的示数
en: Index that fell
note: >-
  Registers of active energy of metered settlement points whose index of P0 lies more than 0.01 below the one before, without
  roll-over and not estimated (how it was read may be unknown). earlier_method: how the latest reading of the twelve months
  before was read; null when there is none or it is unknown. multiplier: of the reading, else of the file.
tables: [reading, metering_point, customer, meter]
columns:
  point_id: string
  register: string
  previous_index: decimal(14,2)
  current_index: decimal(14,2)
  multiplier: decimal(18,6)
  method: string
  earlier_method: string
---*/
WITH fallen AS (
    SELECT
        r.point_id,
        r.register,
        r.previous_index,
        r.current_index,
        COALESCE(multiplier_exact(r.multiplier), p.multiplier) AS multiplier,
        r.method
    FROM reading AS r
    INNER JOIN metered_point AS p ON r.point_id = p.point_id
    LEFT JOIN meter AS t ON r.meter_id = t.meter_id
    LEFT JOIN current_meter AS m ON r.point_id = m.point_id
    WHERE
        r.period = $p0
        AND r.register IN ('total', 'tip', 'peak', 'flat', 'valley', 'deep_valley')
        AND r.current_index < r.previous_index - CAST(0.01 AS DECIMAL(3, 2))
        AND (r.method IS NULL OR r.method <> 'estimated')
        AND NOT COALESCE(
            is_rolled_over(
                r.previous_index,
                r.current_index,
                CASE WHEN t.meter_id IS NULL THEN m.index_digits ELSE CAST(t.index_digits AS INTEGER) END
            ),
            FALSE
        )
),

earlier AS (
    SELECT
        f.point_id,
        f.register,
        r.method
    FROM fallen AS f
    INNER JOIN reading AS r ON f.point_id = r.point_id AND f.register = r.register
    WHERE r.period < $p0 AND r.period >= months_later($p0, -12)
    QUALIFY ROW_NUMBER() OVER (PARTITION BY f.point_id, f.register ORDER BY r.period DESC) = 1
)

SELECT
    f.point_id,
    f.register,
    f.previous_index,
    f.current_index,
    CAST(f.multiplier AS DECIMAL(18, 6)) AS multiplier,
    f.method,
    e.method AS earlier_method
FROM fallen AS f
LEFT JOIN earlier AS e ON f.point_id = e.point_id AND f.register = e.register
