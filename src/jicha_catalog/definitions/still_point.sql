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
WITH idle AS (
    -- days of use are left out here, and whoever has one leaves in the end: the index, dear to read, is read of 15 days only
    SELECT
        d.point_id,
        MIN(d.index_kwh) AS low_index,
        MAX(d.index_kwh) AS high_index
    FROM daily_energy AS d
    WHERE d.day >= $as_of - 15 AND d.day < $as_of AND COALESCE(kwh(d.energy_kwh), 0) = 0
    GROUP BY d.point_id
    HAVING COUNT(kwh(d.energy_kwh)) > 0
),

suspect AS (
    SELECT
        i.point_id,
        i.low_index,
        i.high_index
    FROM idle AS i
    UNION ALL
    -- No point: it spreads the keys. DuckDB filters a scan by the first four characters of the keys looked for where these lie
    -- close together, which passes every point of a utility that numbers alike, else by their hashes.
    SELECT
        CAST('' AS VARCHAR) AS point_id,
        CAST(NULL AS DECIMAL(14, 2)) AS low_index,
        CAST(NULL AS DECIMAL(14, 2)) AS high_index
),

told AS (
    SELECT
        s.point_id,
        MIN(s.low_index) AS low_index,
        MAX(s.high_index) AS high_index,
        SUM(CASE WHEN d.day >= $as_of - 30 AND d.energy_kwh IS NOT NULL THEN 1 ELSE 0 END) AS month_days,
        SUM(CASE WHEN d.day <= $as_of - 16 THEN kwh(d.energy_kwh) END) AS kwh_before,
        SUM(CASE WHEN d.day <= $as_of - 16 AND d.energy_kwh IS NOT NULL THEN 1 ELSE 0 END) AS days_before,
        MAX(CASE WHEN kwh(d.energy_kwh) <> 0 THEN d.day END) AS last_used_on
    FROM suspect AS s
    INNER JOIN daily_energy AS d ON s.point_id = d.point_id
    WHERE d.day >= $as_of - 105 AND d.day < $as_of
    GROUP BY s.point_id
)

SELECT
    t.point_id,
    t.low_index,
    t.high_index,
    CAST(t.month_days AS INTEGER) AS month_days,
    CAST(t.kwh_before AS DECIMAL(24, 4)) AS kwh_before,
    CAST(t.days_before AS INTEGER) AS days_before,
    CAST(t.last_used_on AS DATE) AS last_used_on
FROM told AS t
WHERE t.last_used_on IS NULL OR t.last_used_on < $as_of - 15
