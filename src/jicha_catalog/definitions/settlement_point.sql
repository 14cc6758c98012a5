/*---
name: settlement_point
zh: 结算计量点（S点）
en: Settlement point (S)
note: >-
  Points in use that settle the energy sold to a mature customer. is_metered is false for allocated points (定比定量).
  reading_cycle: months between two readings, 1 when unknown. The multiplier is exact.
tables: [metering_point, customer]
columns:
  point_id: string
  customer_id: string
  area_id: string
  feeder_id: string
  parent_point_id: string
  mode: string
  is_metered: bool
  tariff_code: string
  basic_charge_mode: string
  is_time_of_use: bool
  multiplier: decimal(18,6)
  reading_cycle: int
---*/
SELECT
    p.point_id,
    p.customer_id,
    p.area_id,
    p.feeder_id,
    p.parent_point_id,
    p.mode,
    CAST(is_metered_allocation(p.allocation) AS BOOLEAN) AS is_metered,
    p.tariff_code,
    p.basic_charge_mode,
    p.is_time_of_use,
    CAST(multiplier_exact(p.multiplier) AS DECIMAL(18, 6)) AS multiplier,
    CAST(COALESCE(p.reading_cycle_months, 1) AS INTEGER) AS reading_cycle
FROM metering_point AS p
INNER JOIN mature_customer AS c ON p.customer_id = c.customer_id
WHERE is_settling(p.purpose, p.status)
