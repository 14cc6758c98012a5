/*---
name: complete_day
zh: 台区完整日
en: Complete day of an area
note: >-
  Days of an area within the 40 days up to the screening date, with at least 30 kWh in (supplied plus generated), with customers of whom at most 2 % (at least one) were not
  collected, and without a load transfer; exempt areas are left out.
tables: [area_daily_loss]
columns:
  area_id: string
  day: date
  in_kwh: decimal(18,4)
  sold_kwh: decimal(18,4)
  loss_kwh: decimal(18,4)
  loss_pct: double
---*/
SELECT
    d.area_id,
    d.day,
    CAST(d.supplied_kwh + d.generated_kwh AS DECIMAL(18, 4)) AS in_kwh,
    d.sold_kwh,
    d.loss_kwh,
    d.loss_pct
FROM area_daily_loss AS d
LEFT JOIN run_exempt_areas AS x ON d.area_id = x.area_id
LEFT JOIN run_transfers AS t ON d.area_id = t.area_id AND d.day = t.day
WHERE
    d.day >= $as_of - 40
    AND x.area_id IS NULL
    AND t.area_id IS NULL
    AND d.supplied_kwh + d.generated_kwh >= 30
    AND d.customers > 0
    AND d.collected_customers >= d.customers - greater_of(
        CAST(1 AS DECIMAL(12, 2)), CAST(0.02 AS DECIMAL(3, 2)) * CAST(d.customers AS DECIMAL(10, 0))
    )
