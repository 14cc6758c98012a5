/*---
name: frozen_index
zh: 抄表日前后的冻结示数
en: Frozen indexes around a reading
note: >-
  For the total reading of P0 of metered settlement points with a day, an index and a method other than none: the frozen
  (midnight) index of the day of reading and that of the next day. Where the latter is missing it is the former plus the mean
  increment of up to seven days before. Readings within two days of a meter change are left out, and those without either index.
tables: [reading, metering_point, customer, daily_energy]
columns:
  point_id: string
  read_on: date
  previous_index: decimal(14,2)
  current_index: decimal(14,2)
  frozen_before: decimal(14,2)
  frozen_after: decimal(18,4)
  is_extrapolated: bool
---*/
WITH tested AS (
    SELECT
        r.point_id,
        r.read_on,
        r.previous_index,
        r.current_index
    FROM recent_reading AS r
    WHERE
        r.back = 0
        AND r.read_on IS NOT NULL
        AND r.current_index IS NOT NULL
        AND r.method <> 'none'
        AND NOT EXISTS (
            SELECT d.point_id
            FROM meter_change_day AS d
            WHERE
                d.point_id = r.point_id
                AND d.changed_on >= r.read_on - 2
                AND d.changed_on <= r.read_on + 2
        )
),

wanted AS (
    SELECT
        t.point_id,
        t.read_on AS on_day,
        0 AS place
    FROM tested AS t
    UNION ALL
    SELECT
        t.point_id,
        t.read_on + 1 AS on_day,
        1 AS place
    FROM tested AS t
),

found AS (
    SELECT
        w.point_id,
        MAX(CASE WHEN w.place = 0 THEN e.index_kwh END) AS frozen_before,
        MAX(CASE WHEN w.place = 1 THEN e.index_kwh END) AS frozen_after
    FROM daily_energy AS e
    INNER JOIN wanted AS w ON e.point_id = w.point_id AND e.day = w.on_day
    WHERE e.index_kwh IS NOT NULL AND e.day >= months_later($p0, -1) AND e.day <= $as_of
    GROUP BY w.point_id
),

-- the earliest index of the last seven days, only where the next day's is missing
earliest AS (
    SELECT
        t.point_id,
        e.day,
        e.index_kwh
    FROM daily_energy AS e
    INNER JOIN tested AS t ON e.point_id = t.point_id AND e.day >= t.read_on - 7 AND e.day < t.read_on
    INNER JOIN found AS f ON t.point_id = f.point_id
    WHERE
        f.frozen_before IS NOT NULL
        AND f.frozen_after IS NULL
        AND e.index_kwh IS NOT NULL
        AND e.day >= months_later($p0, -2)
        AND e.day <= $as_of
    QUALIFY ROW_NUMBER() OVER (PARTITION BY t.point_id ORDER BY e.day) = 1
)

SELECT
    t.point_id,
    t.read_on,
    t.previous_index,
    t.current_index,
    f.frozen_before,
    CAST(
        COALESCE(
            f.frozen_after,
            f.frozen_before + CAST(
                ROUND(
                    CAST(f.frozen_before - a.index_kwh AS DOUBLE)
                    / NULLIF(CAST(DATE_DIFF('day', a.day, t.read_on) AS DOUBLE), 0), 4
                ) AS DECIMAL(18, 4)
            )
        ) AS DECIMAL(18, 4)
    ) AS frozen_after,
    CAST(f.frozen_after IS NULL AND a.point_id IS NOT NULL AS BOOLEAN) AS is_extrapolated
FROM tested AS t
INNER JOIN found AS f ON t.point_id = f.point_id
LEFT JOIN earliest AS a ON t.point_id = a.point_id
