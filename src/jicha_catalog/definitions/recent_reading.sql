/*---
name: recent_reading
zh: 近四次总示数抄表
en: Total readings of the last four reading cycles
note: >-
  The total readings of metered settlement points of P0 and of the three periods one, two and three reading cycles before it;
  back counts the cycles (0 is P0). Periods without a reading are absent; nothing older than 36 months is looked at.
tables: [reading, metering_point, customer]
columns:
  point_id: string
  back: int
  period: date
  previous_index: decimal(14,2)
  current_index: decimal(14,2)
  quantity: decimal(14,2)
  read_on: date
  method: string
---*/
WITH rarely_read AS (
    -- few points are read less often than every month: their periods are named, so that only those are looked at
    SELECT
        p.point_id,
        n.back,
        CAST(months_later($p0, -n.back * p.reading_cycle) AS DATE) AS period
    FROM metered_point AS p
    INNER JOIN (VALUES (0), (1), (2), (3)) AS n (back) ON n.back * p.reading_cycle <= 36
    WHERE p.reading_cycle > 1
)

SELECT
    r.point_id,
    CAST(month_number($p0) - month_number(r.period) AS INTEGER) AS back,
    r.period,
    r.previous_index,
    r.current_index,
    r.quantity,
    CAST(r.read_at AS DATE) AS read_on,
    r.method
FROM reading AS r
INNER JOIN metered_point AS p ON r.point_id = p.point_id
WHERE
    r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -3) AND p.reading_cycle <= 1
UNION ALL
SELECT
    r.point_id,
    CAST(p.back AS INTEGER) AS back,
    r.period,
    r.previous_index,
    r.current_index,
    r.quantity,
    CAST(r.read_at AS DATE) AS read_on,
    r.method
FROM reading AS r
INNER JOIN rarely_read AS p ON r.point_id = p.point_id AND r.period = p.period
WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -36)
