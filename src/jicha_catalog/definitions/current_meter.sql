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
    CAST(m.phases AS INTEGER) AS phases,
    CAST(volts(m.rated_voltage_v) AS DECIMAL(18, 4)) AS rated_voltage_v,
    CAST(amperes(m.max_current_a) AS DECIMAL(18, 4)) AS max_current_a,
    m.accuracy_class,
    CAST(m.index_digits AS INTEGER) AS index_digits,
    m.installed_on,
    m.verified_on,
    CAST(m.verification_months AS INTEGER) AS verification_months
FROM meter AS m
WHERE m.status = 'installed' AND is_in_place(m.point_id, m.status, m.installed_on, m.removed_on, $as_of)
QUALIFY
    ROW_NUMBER() OVER (PARTITION BY m.point_id ORDER BY m.installed_on DESC NULLS LAST, m.meter_id DESC) = 1
