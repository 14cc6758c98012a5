/*---
name: still_point
zh: 近15日零电量的计量点
en: Point without energy in the last 15 days
note: >-
  Points whose daily energies of the 15 days before the screening date are all 0 (at least one is known). low_index, high_index: of
  those days. month_days: days of the last 30 with an energy. kwh_before, days_before: energy and days with one from the 105th to
  the 16th day before. last_used_on: the last of the 105 days with an energy that is not 0.
tables: [daily_energy]
columns:
  point_id: string
  low_index: decimal(14,2)
  high_index: decimal(14,2)
  month_days: int
  kwh_before: decimal(24,4)
  days_before: int
  last_used_on: date
---*/
WITH still AS (
    SELECT
        d.point_id,
        MIN(d.index_kwh) AS low_index,
        MAX(d.index_kwh) AS high_index
    FROM daily_energy AS d
    WHERE d.day >= $as_of - 15 AND d.day < $as_of
    GROUP BY d.point_id
    HAVING MAX(ABS(kwh(d.energy_kwh))) = 0
)

SELECT
    s.point_id,
    s.low_index,
    s.high_index,
    CAST(SUM(CASE WHEN d.day >= $as_of - 30 THEN 1 ELSE 0 END) AS INTEGER) AS month_days,
    CAST(SUM(CASE WHEN d.day <= $as_of - 16 THEN kwh(d.energy_kwh) END) AS DECIMAL(24, 4)) AS kwh_before,
    CAST(SUM(CASE WHEN d.day <= $as_of - 16 THEN 1 ELSE 0 END) AS INTEGER) AS days_before,
    CAST(MAX(CASE WHEN kwh(d.energy_kwh) <> 0 THEN d.day END) AS DATE) AS last_used_on
FROM still AS s
INNER JOIN daily_energy AS d ON s.point_id = d.point_id
WHERE d.day >= $as_of - 105 AND d.day < $as_of AND d.energy_kwh IS NOT NULL
GROUP BY s.point_id, s.low_index, s.high_index
