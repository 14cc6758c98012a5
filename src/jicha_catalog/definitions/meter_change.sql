/*---
name: meter_change
zh: 当期换表
en: Meter change in the period
note: >-
  Points with a meter change after the total reading of the latest period before P0 (none or undated: the first day of the month
  before) and up to that of P0 (none or undated: its last day). changed_on: the first change. Readings of the two years up to P0
  are looked at.
tables: [meter, reading]
columns:
  point_id: string
  period: date
  changed_on: date
---*/
WITH changed_point AS (
    SELECT d.point_id
    FROM meter_change_day AS d
    GROUP BY d.point_id
),

recent AS (
    SELECT
        r.point_id,
        r.period,
        CAST(r.read_at AS DATE) AS read_on
    FROM reading AS r
    INNER JOIN changed_point AS c ON r.point_id = c.point_id
    WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -3)
),

-- nearly all were read in the last months; only the rest meets the two years
not_recent AS (
    SELECT c.point_id
    FROM changed_point AS c
    LEFT JOIN recent AS r ON c.point_id = r.point_id AND r.period < $p0
    WHERE r.point_id IS NULL
),

dated AS (
    SELECT
        r.point_id,
        r.period,
        r.read_on
    FROM recent AS r
    UNION ALL
    SELECT
        r.point_id,
        r.period,
        CAST(r.read_at AS DATE) AS read_on
    FROM reading AS r
    INNER JOIN not_recent AS n ON r.point_id = n.point_id
    WHERE r.register = 'total' AND r.period < months_later($p0, -3) AND r.period >= months_later($p0, -24)
),

period_read AS (
    SELECT
        d.point_id,
        d.period,
        MAX(d.read_on) AS read_on
    FROM dated AS d
    GROUP BY d.point_id, d.period
),

earlier AS (
    SELECT
        r.point_id,
        r.read_on
    FROM period_read AS r
    WHERE r.period < $p0
    QUALIFY ROW_NUMBER() OVER (PARTITION BY r.point_id ORDER BY r.period DESC) = 1
)

SELECT
    d.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(MIN(d.changed_on) AS DATE) AS changed_on
FROM meter_change_day AS d
LEFT JOIN period_read AS r ON d.point_id = r.point_id AND r.period = $p0
LEFT JOIN earlier AS e ON d.point_id = e.point_id
WHERE
    d.changed_on > COALESCE(e.read_on, months_later($p0, -1))
    AND d.changed_on <= COALESCE(r.read_on, months_later($p0, 1) - 1)
GROUP BY d.point_id
