/*---
name: reading_correction
zh: 疑似回补冲减的抄表
en: Reading of P0 that looks like a correction
note: >-
  Metered settlement points whose total quantity of P0 is negative (not by a roll-over); or 0 with an index that did not move,
  after an estimated or manual period, while the collected energy of the month exceeds 30 kWh; or more than 3 times the median
  of W(12) plus 200 kWh after two estimated periods. For zero_after_reading the rule still compares previous_kwh with the median.
tables: [reading, metering_point, customer, daily_energy]
columns:
  point_id: string
  problem: string
  quantity: decimal(14,2)
  previous_kwh: decimal(14,2)
  median_kwh: decimal(18,3)
  collected_kwh: decimal(18,4)
---*/
WITH followed AS (
    SELECT
        r.point_id,
        r.quantity,
        r.previous_index,
        r.current_index,
        b.quantity AS previous_kwh,
        b.method AS previous_method,
        c.method AS earlier_method
    FROM recent_reading AS r
    LEFT JOIN recent_reading AS b ON r.point_id = b.point_id AND b.back = 1
    LEFT JOIN recent_reading AS c ON r.point_id = c.point_id AND c.back = 2
    WHERE r.back = 0
),

candidate AS (
    SELECT
        f.point_id,
        f.quantity,
        f.previous_index,
        f.current_index,
        f.previous_kwh,
        CASE
            WHEN f.quantity < 0 THEN 'negative'
            WHEN f.quantity = 0 THEN 'zero_after_reading'
            ELSE 'catch_up'
        END AS problem
    FROM followed AS f
    WHERE
        f.quantity < 0
        OR (
            f.quantity = 0
            AND f.current_index = f.previous_index
            AND f.previous_method IN ('estimated', 'manual')
        )
        OR (f.quantity > 0 AND f.previous_method = 'estimated' AND f.earlier_method = 'estimated')
),

-- the meter's digits, for quantities below 0 only
rolled AS (
    SELECT c.point_id
    FROM candidate AS c
    INNER JOIN reading AS r ON c.point_id = r.point_id
    LEFT JOIN meter AS t ON r.meter_id = t.meter_id
    LEFT JOIN current_meter AS m ON c.point_id = m.point_id
    WHERE
        r.period = $p0
        AND r.register = 'total'
        AND c.problem = 'negative'
        AND is_rolled_over(
            c.previous_index,
            c.current_index,
            CASE WHEN t.meter_id IS NULL THEN m.index_digits ELSE CAST(t.index_digits AS INTEGER) END
        )
),

idle AS (
    SELECT c.point_id
    FROM candidate AS c
    WHERE c.problem = 'zero_after_reading'
    UNION ALL
    -- no point: it spreads the keys, see `still_point`
    SELECT CAST('' AS VARCHAR) AS point_id
),

collected AS (
    SELECT
        i.point_id,
        SUM(kwh(e.energy_kwh)) AS collected_kwh
    FROM daily_energy AS e
    INNER JOIN idle AS i ON e.point_id = i.point_id
    WHERE e.day >= $p0 AND e.day < months_later($p0, 1)
    GROUP BY i.point_id
)

SELECT
    c.point_id,
    CAST(c.problem AS VARCHAR) AS problem,
    c.quantity,
    c.previous_kwh,
    m.median_kwh,
    CAST(d.collected_kwh AS DECIMAL(18, 4)) AS collected_kwh
FROM candidate AS c
LEFT JOIN median_quantity AS m ON c.point_id = m.point_id
LEFT JOIN collected AS d ON c.point_id = d.point_id
LEFT JOIN rolled AS o ON c.point_id = o.point_id
WHERE
    (c.problem = 'negative' AND o.point_id IS NULL)
    OR (c.problem = 'zero_after_reading' AND d.collected_kwh > 30)
    OR (c.problem = 'catch_up' AND c.quantity > 3 * m.median_kwh + 200)
