/*---
name: meter_in_place_today
zh: 筛查日在位的电能表
en: Meter in place at the screening date
note: >-
  Meters of a point, installed by the screening date (unknown counts as yes) and not removed before it, neither scrapped nor in
  the store. A meter without status is not known to be in place.
tables: [meter]
columns:
  meter_id: string
  point_id: string
  status: string
  installed_on: date
---*/
SELECT
    t.meter_id,
    t.point_id,
    t.status,
    t.installed_on
FROM meter AS t
WHERE is_in_place(t.point_id, t.status, t.installed_on, t.removed_on, $as_of)
