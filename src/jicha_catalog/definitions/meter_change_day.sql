/*---
name: meter_change_day
zh: 换表日
en: Day of a meter change
note: >-
  Days of the last 25 months up to the screening date on which a meter of the point (any status) was installed or removed, or a
  reading was split for a change of meter or of the file.
tables: [meter]
columns:
  point_id: string
  changed_on: date
---*/
SELECT
    t.point_id,
    t.installed_on AS changed_on
FROM meter AS t
WHERE t.point_id IS NOT NULL AND t.installed_on > months_later($p0, -25) AND t.installed_on <= $as_of
UNION
SELECT
    t.point_id,
    t.removed_on AS changed_on
FROM meter AS t
WHERE t.point_id IS NOT NULL AND t.removed_on > months_later($p0, -25) AND t.removed_on <= $as_of
UNION
SELECT
    g.point_id,
    CAST(g.from_at AS DATE) AS changed_on
FROM reading_segment AS g
WHERE
    g.reason IN ('meter_change', 'file_change')
    AND CAST(g.from_at AS DATE) > months_later($p0, -25)
    AND CAST(g.from_at AS DATE) <= $as_of
