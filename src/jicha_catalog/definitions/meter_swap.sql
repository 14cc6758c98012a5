/*---
name: meter_swap
zh: 近两期换表
en: Meter swap of the last two periods
note: >-
  Metered settlement points whose old meter was taken down between the first day of the month before P0 and the last day of P0 and
  whose new one was put up within 3 days of it (of several the nearest, then the smallest meter_id). last_index: of the last
  total reading up to the removal, by the old meter or without one. The change reading is the first total reading from the
  installation on that is not that row; its period is the period. Of two swaps that share a change reading the later one.
tables: [meter, reading, metering_point, customer]
columns:
  point_id: string
  period: date
  old_meter_id: string
  new_meter_id: string
  removed_on: date
  removed_index: decimal(14,2)
  installed_index: decimal(14,2)
  index_digits: int
  last_index: decimal(14,2)
  last_multiplier: decimal(18,6)
  current_index: decimal(14,2)
  quantity: decimal(14,2)
  multiplier: decimal(18,6)
---*/
WITH pair AS (
    SELECT
        p.point_id,
        p.multiplier,
        a.meter_id AS old_meter_id,
        a.removed_on,
        a.removed_index,
        CAST(a.index_digits AS INTEGER) AS index_digits,
        b.meter_id AS new_meter_id,
        b.installed_on,
        b.installed_index
    FROM meter AS a
    INNER JOIN metered_point AS p ON a.point_id = p.point_id
    INNER JOIN meter AS b
        ON
            a.point_id = b.point_id
            AND a.meter_id <> b.meter_id
            AND ABS(DATE_DIFF('day', a.removed_on, b.installed_on)) <= 3
    WHERE a.removed_on >= months_later($p0, -1) AND a.removed_on < months_later($p0, 1)
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY a.meter_id ORDER BY ABS(DATE_DIFF('day', a.removed_on, b.installed_on)), b.meter_id
        ) = 1
),

swapped AS (
    SELECT p.point_id
    FROM pair AS p
    UNION ALL
    -- no point: it spreads the keys, see `still_point`
    SELECT CAST('' AS VARCHAR) AS point_id
),

total_reading AS (
    SELECT
        r.point_id,
        r.period,
        r.meter_id,
        CAST(r.read_at AS DATE) AS read_on,
        r.read_at,
        r.current_index,
        r.quantity,
        multiplier_exact(r.multiplier) AS multiplier
    FROM reading AS r
    WHERE
        r.register = 'total'
        AND r.read_at IS NOT NULL
        AND r.period >= months_later($p0, -24)
        AND r.point_id IN (SELECT s.point_id FROM swapped AS s)
),

before AS (
    SELECT
        p.old_meter_id,
        r.period,
        r.current_index,
        r.multiplier
    FROM pair AS p
    INNER JOIN total_reading AS r ON p.point_id = r.point_id AND p.removed_on >= r.read_on
    WHERE r.meter_id IS NULL OR r.meter_id = p.old_meter_id
    QUALIFY ROW_NUMBER() OVER (PARTITION BY p.old_meter_id ORDER BY r.read_at DESC, r.period DESC) = 1
),

changed AS (
    SELECT
        p.old_meter_id,
        r.period,
        r.current_index,
        r.quantity
    FROM pair AS p
    INNER JOIN total_reading AS r ON p.point_id = r.point_id AND p.installed_on <= r.read_on
    LEFT JOIN before AS e ON p.old_meter_id = e.old_meter_id
    WHERE e.period IS NULL OR r.period <> e.period
    QUALIFY ROW_NUMBER() OVER (PARTITION BY p.old_meter_id ORDER BY r.read_at, r.period) = 1
)

SELECT
    p.point_id,
    c.period,
    p.old_meter_id,
    p.new_meter_id,
    p.removed_on,
    p.removed_index,
    p.installed_index,
    p.index_digits,
    e.current_index AS last_index,
    CAST(e.multiplier AS DECIMAL(18, 6)) AS last_multiplier,
    c.current_index,
    c.quantity,
    p.multiplier
FROM pair AS p
INNER JOIN changed AS c ON p.old_meter_id = c.old_meter_id
LEFT JOIN before AS e ON p.old_meter_id = e.old_meter_id
QUALIFY
    ROW_NUMBER() OVER (PARTITION BY p.point_id, c.period ORDER BY p.removed_on DESC, p.old_meter_id ASC) = 1
