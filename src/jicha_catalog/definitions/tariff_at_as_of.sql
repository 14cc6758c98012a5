/*---
name: tariff_at_as_of
zh: 筛查日执行的电价
en: Tariff in force at the screening date
note: Per tariff code the row in force at the screening date; with several the one that began last.
tables: [tariff]
columns:
  tariff_code: string
  effective_from: date
  usage_class: string
  parts: int
  voltage_min_v: int
  voltage_max_v: int
  energy_price: decimal(10,6)
  capacity_price: decimal(12,4)
  demand_price: decimal(12,4)
---*/
SELECT
    t.tariff_code,
    t.effective_from,
    t.usage_class,
    CAST(t.parts AS INTEGER) AS parts,
    CAST(t.voltage_min_v AS INTEGER) AS voltage_min_v,
    CAST(t.voltage_max_v AS INTEGER) AS voltage_max_v,
    t.energy_price,
    t.capacity_price,
    t.demand_price
FROM tariff AS t
WHERE in_force(t.effective_from, t.effective_to, $as_of)
QUALIFY ROW_NUMBER() OVER (PARTITION BY t.tariff_code ORDER BY t.effective_from DESC) = 1
