/*---
name: feeder_monthly_loss
zh: 线路月线损
en: Monthly loss of a feeder
note: >-
  Daily energy of the calendar month, up to the screening date. supplied: the feeder's supply points. sold: the master points
  of its areas, and of its high-voltage customers the points that count as sold (supplied_point) and have no area. loss is
  null without supplied; loss_pct in % of supplied.
tables: [feeder, area, metering_point, customer, daily_energy]
columns:
  feeder_id: string
  period: date
  supplied_kwh: decimal(18,4)
  sold_kwh: decimal(18,4)
  loss_kwh: decimal(18,4)
  loss_pct: double
---*/
WITH metered AS (
    SELECT
        p.point_id,
        p.feeder_id,
        'supply' AS part,
        DATE '1900-01-01' AS from_on,
        DATE '9999-12-31' AS until_on
    FROM metering_point AS p
    WHERE p.purpose = 'feeder_supply' AND p.feeder_id IS NOT NULL
    UNION ALL
    SELECT
        a.master_point_id AS point_id,
        a.feeder_id,
        'sale' AS part,
        DATE '1900-01-01' AS from_on,
        DATE '9999-12-31' AS until_on
    FROM area AS a
    WHERE a.master_point_id IS NOT NULL AND a.feeder_id IS NOT NULL
    UNION ALL
    SELECT
        s.point_id,
        s.feeder_id,
        'sale' AS part,
        s.from_on,
        s.until_on
    FROM supplied_point AS s
    WHERE is_high_voltage(s.voltage_v) AND s.area_id IS NULL AND s.feeder_id IS NOT NULL
),

summed AS (
    SELECT
        r.feeder_id,
        month_of(e.day) AS period,
        CAST(SUM(CASE WHEN r.part = 'supply' THEN kwh(e.energy_kwh) END) AS DECIMAL(18, 4)) AS supplied_kwh,
        CAST(
            COALESCE(SUM(CASE WHEN r.part = 'sale' THEN kwh(e.energy_kwh) END), 0) AS DECIMAL(18, 4)
        ) AS sold_kwh
    FROM daily_energy AS e
    INNER JOIN metered AS r ON e.point_id = r.point_id AND e.day >= r.from_on AND e.day <= r.until_on
    WHERE e.day <= $as_of
    GROUP BY r.feeder_id, month_of(e.day)
)

SELECT
    s.feeder_id,
    s.period,
    s.supplied_kwh,
    s.sold_kwh,
    CAST(s.supplied_kwh - s.sold_kwh AS DECIMAL(18, 4)) AS loss_kwh,
    CAST(
        ROUND(
            CAST(s.supplied_kwh - s.sold_kwh AS DOUBLE) * 100 / NULLIF(CAST(s.supplied_kwh AS DOUBLE), 0), 12
        ) AS DOUBLE
    ) AS loss_pct
FROM summed AS s
