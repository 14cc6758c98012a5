/*---
name: sub_meter_quantity
zh: 总分表电量
en: Quantity of a main meter and its sub-meters
note: >-
  Active points with an active metered child that is not for generation, and the three periods up to P0 that can be compared: the
  main point and every child have a total reading with a quantity. period is null for a main point without any such period.
  tariff_code: of the main point.
tables: [metering_point, reading]
columns:
  point_id: string
  tariff_code: string
  sub_meters: int
  period: date
  main_kwh: decimal(18,2)
  sub_kwh: decimal(18,2)
---*/
WITH pointing AS (
    -- few: whether the point above is in use is asked of it alone
    SELECT
        p.point_id,
        p.parent_point_id AS main_id
    FROM metering_point AS p
    WHERE
        p.parent_point_id IS NOT NULL
        AND p.parent_point_id <> p.point_id
        AND (p.status IS NULL OR p.status = 'active')
        AND (p.allocation IS NULL OR p.allocation = 'metered')
        AND p.purpose <> 'generation'
    UNION ALL
    -- no point: it spreads the keys, see `still_point`
    SELECT
        CAST('' AS VARCHAR) AS point_id,
        CAST('' AS VARCHAR) AS main_id
),

child AS (
    SELECT
        c.main_id,
        c.point_id,
        m.tariff_code
    FROM pointing AS c
    INNER JOIN metering_point AS m ON c.main_id = m.point_id
    WHERE m.status IS NULL OR m.status = 'active'
),

main AS (
    SELECT
        c.main_id,
        MAX(c.tariff_code) AS tariff_code,
        COUNT(*) AS children
    FROM child AS c
    GROUP BY c.main_id
),

-- main points and children together, so that the readings are met once
member AS (
    SELECT
        c.main_id,
        c.point_id,
        0 AS is_main
    FROM child AS c
    UNION ALL
    SELECT
        m.main_id,
        m.main_id AS point_id,
        1 AS is_main
    FROM main AS m
    UNION ALL
    -- no point, as above
    SELECT
        CAST('' AS VARCHAR) AS main_id,
        CAST('' AS VARCHAR) AS point_id,
        0 AS is_main
),

summed AS (
    SELECT
        b.main_id,
        r.period,
        SUM(CASE WHEN b.is_main = 0 AND r.quantity IS NOT NULL THEN 1 ELSE 0 END) AS children_read,
        SUM(CASE WHEN b.is_main = 0 THEN r.quantity END) AS sub_kwh,
        SUM(CASE WHEN b.is_main = 1 THEN r.quantity END) AS main_kwh
    FROM reading AS r
    INNER JOIN member AS b ON r.point_id = b.point_id
    WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -2)
    GROUP BY b.main_id, r.period
),

compared AS (
    SELECT
        m.main_id,
        s.period,
        s.main_kwh,
        s.sub_kwh
    FROM main AS m
    INNER JOIN summed AS s ON m.main_id = s.main_id AND m.children = s.children_read
    WHERE s.main_kwh IS NOT NULL
)

SELECT
    m.main_id AS point_id,
    m.tariff_code,
    CAST(m.children AS INTEGER) AS sub_meters,
    c.period,
    CAST(c.main_kwh AS DECIMAL(18, 2)) AS main_kwh,
    CAST(c.sub_kwh AS DECIMAL(18, 2)) AS sub_kwh
FROM main AS m
LEFT JOIN compared AS c ON m.main_id = c.main_id
