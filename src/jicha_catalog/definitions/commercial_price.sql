/*---
name: commercial_price
zh: 一般工商业380V电价
en: Price of general commerce at 380 V
note: >-
  One row: the energy price in force at the screening date of the tariff for general industry and commerce that applies at
  380 V; of several a single-part one, then the smallest tariff code. No row where no such tariff was delivered.
tables: []
columns:
  tariff_code: string
  energy_price: decimal(10,6)
---*/
SELECT
    t.tariff_code,
    t.energy_price
FROM tariff_at_as_of AS t
WHERE
    t.usage_class = 'general_industrial_commercial'
    AND NOT is_outside_level(380, t.voltage_min_v, t.voltage_max_v)
    AND t.energy_price IS NOT NULL
QUALIFY ROW_NUMBER() OVER (ORDER BY CASE WHEN t.parts = 2 THEN 1 ELSE 0 END, t.tariff_code) = 1
