/*---
name: point_area
zh: 计量点所在台区的时段
en: Area of a point by span of days
note: >-
  The area of every metering point and from which to which day: that of its area_membership row in force (of several the one
  that began last), on days without one that of the point's own file. Spans of a point do not overlap; 1900-01-01 and
  9999-12-31 stand for "always". Spans without area are left out.
tables: [metering_point]
columns:
  point_id: string
  area_id: string
  from_on: date
  until_on: date
---*/
WITH boundary AS (
    SELECT
        m.point_id,
        m.from_on
    FROM area_membership AS m
    UNION
    SELECT
        m.point_id,
        m.until_on + 1 AS from_on
    FROM area_membership AS m
    WHERE m.until_on < DATE '9999-12-31'
    UNION
    SELECT
        m.point_id,
        DATE '1900-01-01' AS from_on
    FROM area_membership AS m
),

span AS (
    SELECT
        b.point_id,
        b.from_on,
        COALESCE(
            LEAD(b.from_on) OVER (PARTITION BY b.point_id ORDER BY b.from_on) - 1, DATE '9999-12-31'
        ) AS until_on
    FROM boundary AS b
),

membership AS (
    SELECT
        s.point_id,
        s.from_on,
        s.until_on,
        m.area_id
    FROM span AS s
    LEFT JOIN area_membership AS m
        ON s.point_id = m.point_id AND s.from_on >= m.from_on AND (m.until_on IS NULL OR s.from_on <= m.until_on)
    QUALIFY
        ROW_NUMBER() OVER (PARTITION BY s.point_id, s.from_on ORDER BY m.from_on DESC NULLS LAST) = 1
)

SELECT
    p.point_id,
    CAST(COALESCE(m.area_id, p.area_id) AS VARCHAR) AS area_id,
    CAST(COALESCE(m.from_on, DATE '1900-01-01') AS DATE) AS from_on,
    CAST(COALESCE(m.until_on, DATE '9999-12-31') AS DATE) AS until_on
FROM metering_point AS p
LEFT JOIN membership AS m ON p.point_id = m.point_id
WHERE COALESCE(m.area_id, p.area_id) IS NOT NULL
