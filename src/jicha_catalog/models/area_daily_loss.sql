/*---
name: area_daily_loss
zh: 台区日线损
en: Daily loss of an area
note: >-
  One row per area and day (up to the screening date) on which any of its points has a daily row or a customer is supplied,
  over the days for which daily energy was delivered at all. supplied and exported: energy and reverse energy of the area's
  master point. generated: energy of its generation points. sold: energy of the points that count as sold (supplied_point).
  customers: those points whose customer is not suspended; collected_customers: of these, those with an energy that day. A point
  is in its area of that day. loss_kwh = supplied + generated - exported - sold, null without supplied; loss_pct in % of
  supplied + generated. technical_loss_kwh comes with the loss analysis and is null until then.
tables: [area, metering_point, customer, daily_energy]
stored: false # rules read the last weeks of it, through complete_day
columns:
  area_id: string
  day: date
  supplied_kwh: decimal(18,4)
  sold_kwh: decimal(18,4)
  generated_kwh: decimal(18,4)
  exported_kwh: decimal(18,4)
  loss_kwh: decimal(18,4)
  loss_pct: double
  customers: int
  collected_customers: int
  technical_loss_kwh: decimal(18,4)
---*/
WITH metered AS (
    SELECT
        a.master_point_id AS point_id,
        a.area_id,
        'supply' AS part,
        DATE '1900-01-01' AS from_on,
        DATE '9999-12-31' AS until_on
    FROM area AS a
    WHERE a.master_point_id IS NOT NULL
    UNION ALL
    SELECT
        p.point_id,
        m.area_id,
        'generation' AS part,
        m.from_on,
        m.until_on
    FROM metering_point AS p
    INNER JOIN point_area AS m ON p.point_id = m.point_id
    WHERE p.purpose = 'generation'
    UNION ALL
    SELECT
        s.point_id,
        m.area_id,
        CASE WHEN s.is_suspended THEN 'suspended' ELSE 'sale' END AS part,
        greater_of(s.from_on, m.from_on) AS from_on,
        lesser_of(s.until_on, m.until_on) AS until_on
    FROM supplied_point AS s
    INNER JOIN point_area AS m ON s.point_id = m.point_id
    WHERE s.from_on <= m.until_on AND m.from_on <= s.until_on
),

delivered_day AS (
    SELECT e.day
    FROM daily_energy AS e
    WHERE e.day <= $as_of
    GROUP BY e.day
),

delivered_span AS (
    SELECT
        MIN(d.day) AS first_day,
        MAX(d.day) AS last_day
    FROM delivered_day AS d
),

-- who should be collected: spans of the same days are counted once for all points, then laid over the days
span AS (
    SELECT
        r.area_id,
        greater_of(r.from_on, d.first_day) AS from_on,
        lesser_of(r.until_on, d.last_day) AS until_on,
        COUNT(*) AS points
    FROM metered AS r
    CROSS JOIN delivered_span AS d
    WHERE r.part = 'sale'
    GROUP BY r.area_id, greater_of(r.from_on, d.first_day), lesser_of(r.until_on, d.last_day)
),

energy AS (
    SELECT
        r.area_id,
        e.day,
        SUM(CASE WHEN r.part = 'supply' THEN kwh(e.energy_kwh) END) AS supplied_kwh,
        SUM(CASE WHEN r.part IN ('sale', 'suspended') THEN kwh(e.energy_kwh) END) AS sold_kwh,
        SUM(CASE WHEN r.part = 'generation' THEN kwh(e.energy_kwh) END) AS generated_kwh,
        SUM(CASE WHEN r.part = 'supply' THEN kwh(e.reverse_kwh) END) AS exported_kwh,
        SUM(CASE WHEN r.part = 'sale' AND kwh(e.energy_kwh) IS NOT NULL THEN 1 ELSE 0 END) AS collected_customers
    FROM daily_energy AS e
    INNER JOIN metered AS r ON e.point_id = r.point_id AND e.day >= r.from_on AND e.day <= r.until_on
    WHERE e.day <= $as_of
    GROUP BY r.area_id, e.day
),

both_sides AS (
    SELECT
        e.area_id,
        e.day,
        e.supplied_kwh,
        e.sold_kwh,
        e.generated_kwh,
        e.exported_kwh,
        0 AS customers,
        e.collected_customers
    FROM energy AS e
    UNION ALL
    SELECT
        s.area_id,
        d.day,
        CAST(NULL AS DECIMAL(38, 4)) AS supplied_kwh,
        CAST(NULL AS DECIMAL(38, 4)) AS sold_kwh,
        CAST(NULL AS DECIMAL(38, 4)) AS generated_kwh,
        CAST(NULL AS DECIMAL(38, 4)) AS exported_kwh,
        s.points AS customers,
        0 AS collected_customers
    FROM span AS s
    INNER JOIN delivered_day AS d ON s.from_on <= d.day AND s.until_on >= d.day
),

summed AS (
    SELECT
        b.area_id,
        b.day,
        CAST(SUM(b.supplied_kwh) AS DECIMAL(18, 4)) AS supplied_kwh,
        CAST(COALESCE(SUM(b.sold_kwh), 0) AS DECIMAL(18, 4)) AS sold_kwh,
        CAST(COALESCE(SUM(b.generated_kwh), 0) AS DECIMAL(18, 4)) AS generated_kwh,
        CAST(COALESCE(SUM(b.exported_kwh), 0) AS DECIMAL(18, 4)) AS exported_kwh,
        CAST(SUM(b.customers) AS INTEGER) AS customers,
        CAST(SUM(b.collected_customers) AS INTEGER) AS collected_customers
    FROM both_sides AS b
    GROUP BY b.area_id, b.day
)

SELECT
    s.area_id,
    s.day,
    s.supplied_kwh,
    s.sold_kwh,
    s.generated_kwh,
    s.exported_kwh,
    CAST(s.supplied_kwh + s.generated_kwh - s.exported_kwh - s.sold_kwh AS DECIMAL(18, 4)) AS loss_kwh,
    CAST(
        ROUND(
            CAST(s.supplied_kwh + s.generated_kwh - s.exported_kwh - s.sold_kwh AS DOUBLE) * 100
            / NULLIF(CAST(s.supplied_kwh + s.generated_kwh AS DOUBLE), 0), 12
        ) AS DOUBLE
    ) AS loss_pct,
    s.customers,
    s.collected_customers,
    CAST(NULL AS DECIMAL(18, 4)) AS technical_loss_kwh
FROM summed AS s
