/*---
name: current_meter
zh: 当前电能表
en: Current meter
note: >-
  Per point the meter in place at the screening date with status installed; with several the one installed last (unknown last),
  then the greatest meter_id.
tables: [meter]
columns:
  point_id: string
  meter_id: string
  phases: int
  rated_voltage_v: decimal(18,4)
  max_current_a: decimal(18,4)
  accuracy_class: string
  index_digits: int
  installed_on: date
  verified_on: date
  verification_months: int
---*/
SELECT
    m.point_id,
    m.meter_id,
    CAST(t.phases AS INTEGER) AS phases,
    CAST(volts(t.rated_voltage_v) AS DECIMAL(18, 4)) AS rated_voltage_v,
    CAST(amperes(t.max_current_a) AS DECIMAL(18, 4)) AS max_current_a,
    t.accuracy_class,
    CAST(t.index_digits AS INTEGER) AS index_digits,
    m.installed_on,
    t.verified_on,
    CAST(t.verification_months AS INTEGER) AS verification_months
FROM meter_in_place_today AS m
INNER JOIN meter AS t ON m.meter_id = t.meter_id
WHERE m.status = 'installed'
QUALIFY
    ROW_NUMBER() OVER (PARTITION BY m.point_id ORDER BY m.installed_on DESC NULLS LAST, m.meter_id DESC) = 1
