/*---
name: meter_change
zh: 当期换表
en: Meter change in a period
note: >-
  Points and periods with a meter change after the total reading of the latest earlier period (none or undated: the first day of
  the month before) and up to this total reading (none or undated: the last day of the period). For P0, and for the periods of
  W(13) that have a total reading. changed_on: the first change. Readings of the two years up to P0 are looked at.
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

dated AS (
    SELECT
        r.point_id,
        r.period,
        CAST(r.read_at AS DATE) AS read_on
    FROM reading AS r
    INNER JOIN changed_point AS c ON r.point_id = c.point_id
    WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -24)
    UNION ALL
    SELECT
        c.point_id,
        $p0 AS period,
        CAST(NULL AS DATE) AS read_on
    FROM changed_point AS c
),

ordered AS (
    SELECT
        d.point_id,
        d.period,
        MAX(d.read_on) AS read_on,
        LAG(MAX(d.read_on)) OVER (PARTITION BY d.point_id ORDER BY d.period) AS earlier_on
    FROM dated AS d
    GROUP BY d.point_id, d.period
)

SELECT
    o.point_id,
    o.period,
    CAST(MIN(d.changed_on) AS DATE) AS changed_on
FROM ordered AS o
INNER JOIN meter_change_day AS d
    ON
        o.point_id = d.point_id
        AND d.changed_on > COALESCE(o.earlier_on, months_later(o.period, -1))
        AND d.changed_on <= COALESCE(o.read_on, months_later(o.period, 1) - 1)
WHERE o.period >= months_later($p0, -12)
GROUP BY o.point_id, o.period
