/*---
name: tariff_at_period
zh: 各期首日执行的电价
en: Tariff in force at the beginning of a period
note: >-
  Per tariff code and period of W(3) the row in force on the first day of the period; with several the one that began last.
tables: [tariff]
columns:
  tariff_code: string
  period: date
  effective_from: date
  parts: int
  capacity_price: decimal(12,4)
  demand_price: decimal(12,4)
  demand_discount_kwh_per_kva: decimal(18,4)
  demand_discount_factor: decimal(18,6)
---*/
WITH dated AS (
    SELECT CAST($p0 AS DATE) AS period
    UNION ALL
    SELECT months_later($p0, -1) AS period
    UNION ALL
    SELECT months_later($p0, -2) AS period
)

SELECT
    t.tariff_code,
    d.period,
    t.effective_from,
    CAST(t.parts AS INTEGER) AS parts,
    t.capacity_price,
    t.demand_price,
    CAST(kva(t.demand_discount_kwh_per_kva) AS DECIMAL(18, 4)) AS demand_discount_kwh_per_kva,
    CAST(multiplier_exact(t.demand_discount_factor) AS DECIMAL(18, 6)) AS demand_discount_factor
FROM tariff AS t
INNER JOIN dated AS d ON in_force(t.effective_from, t.effective_to, d.period)
QUALIFY ROW_NUMBER() OVER (PARTITION BY t.tariff_code, d.period ORDER BY t.effective_from DESC) = 1
