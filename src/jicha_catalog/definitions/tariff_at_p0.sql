/*---
name: tariff_at_p0
zh: P0首日执行的电价
en: Tariff in force at the beginning of P0
note: Per tariff code the row in force on the first day of P0; with several the one that began last.
tables: [tariff]
columns:
  tariff_code: string
  effective_from: date
  parts: int
  capacity_price: decimal(12,4)
  demand_price: decimal(12,4)
  demand_discount_kwh_per_kva: decimal(18,4)
  demand_discount_factor: decimal(18,6)
---*/
SELECT
    t.tariff_code,
    t.effective_from,
    CAST(t.parts AS INTEGER) AS parts,
    t.capacity_price,
    t.demand_price,
    CAST(kva(t.demand_discount_kwh_per_kva) AS DECIMAL(18, 4)) AS demand_discount_kwh_per_kva,
    CAST(multiplier_exact(t.demand_discount_factor) AS DECIMAL(18, 6)) AS demand_discount_factor
FROM tariff AS t
WHERE in_force(t.effective_from, t.effective_to, $p0)
QUALIFY ROW_NUMBER() OVER (PARTITION BY t.tariff_code ORDER BY t.effective_from DESC) = 1
