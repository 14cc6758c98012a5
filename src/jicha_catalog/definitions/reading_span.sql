/*---
name: reading_span
zh: 两次抄表之间的采集电量
en: What was collected between two readings
note: >-
  The total reading of P0 and the one a reading cycle before it, neither of them estimated, without a meter change in the period:
  from_on to read_on (exclusive) are their days. collected_days: daily rows with an energy in that span, usable_days: those whose
  energy is a number; collected_kwh: their sum. Both null where there is no daily row.
tables: [reading, metering_point, customer, daily_energy]
columns:
  point_id: string
  quantity: decimal(14,2)
  method: string
  earlier_method: string
  from_on: date
  read_on: date
  collected_days: int
  usable_days: int
  collected_kwh: decimal(24,4)
---*/
WITH span AS (
    SELECT
        r.point_id,
        r.quantity,
        r.method,
        r.read_on,
        b.method AS earlier_method,
        b.read_on AS from_on
    FROM recent_reading AS r
    INNER JOIN recent_reading AS b ON r.point_id = b.point_id AND b.back = 1
    LEFT JOIN meter_change AS c ON r.point_id = c.point_id AND c.period = $p0
    WHERE
        r.back = 0
        AND (r.method IS NULL OR r.method <> 'estimated')
        AND (b.method IS NULL OR b.method <> 'estimated')
        AND c.point_id IS NULL
),

collected AS (
    SELECT
        e.point_id,
        COUNT(e.energy_kwh) AS collected_days,
        COUNT(kwh(e.energy_kwh)) AS usable_days,
        SUM(kwh(e.energy_kwh)) AS collected_kwh
    FROM daily_energy AS e
    INNER JOIN span AS s ON e.point_id = s.point_id AND e.day >= s.from_on AND e.day < s.read_on
    WHERE e.day < $as_of AND e.day >= months_later($p0, -13)
    GROUP BY e.point_id
)

SELECT
    s.point_id,
    s.quantity,
    s.method,
    s.earlier_method,
    s.from_on,
    s.read_on,
    CAST(c.collected_days AS INTEGER) AS collected_days,
    CAST(c.usable_days AS INTEGER) AS usable_days,
    CAST(c.collected_kwh AS DECIMAL(24, 4)) AS collected_kwh
FROM span AS s
LEFT JOIN collected AS c ON s.point_id = c.point_id
