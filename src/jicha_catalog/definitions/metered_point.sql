/*---
name: metered_point
zh: 装表的结算计量点
en: Metered settlement point
note: >-
  Settlement points (S) that are measured by a meter and not allocated, with what the rules of metering and reading ask of the
  point and its customer. reading_cycle: months between two readings, 1 when unknown. Multipliers and capacities are exact.
tables: [metering_point, customer]
columns:
  point_id: string
  customer_id: string
  org_id: string
  area_id: string
  parent_point_id: string
  mode: string
  tariff_code: string
  is_time_of_use: bool
  multiplier: decimal(18,6)
  reading_cycle: int
  usage_class: string
  voltage_v: int
  contract_capacity_kva: decimal(18,4)
  operating_capacity_kva: decimal(18,4)
---*/
SELECT
    s.point_id,
    s.customer_id,
    c.org_id,
    s.area_id,
    s.parent_point_id,
    s.mode,
    s.tariff_code,
    s.is_time_of_use,
    s.multiplier,
    s.reading_cycle,
    c.usage_class,
    c.voltage_v,
    c.contract_capacity_kva,
    c.operating_capacity_kva
FROM settlement_point AS s
INNER JOIN mature_customer AS c ON s.customer_id = c.customer_id
WHERE s.is_metered
